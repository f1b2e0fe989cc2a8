/* SPDX-License-Identifier: Apache-2.0 */
/* recipe_check.h: what single values of a recipe must look like. Each returns NULL, or what is wrong as a new string. */
#pragma once
#include <glib.h>

char *check_absolute(const char *text);  /* path in the image: absolute, no ".", "..", "//", control character */
char *check_glob(const char *text);      /* the same with * and ? */
char *check_beside(const char *text);    /* path on the building machine */
char *check_name(const char *text);      /* image or variant */
char *check_account(const char *text);   /* user or group name */
char *check_owner(const char *text);     /* "user", "user:group", "0:0" */
char *check_port(const char *text);      /* "8080", "53/udp" */
char *check_platform(const char *text);
char *check_package(const char *text);   /* "nginx", "nginx=1.26.3-3", "libc6:amd64" */
char *check_package_name(const char *text);
char *check_regex(const char *text);
char *check_url(const char *text);       /* http:// address of the started image */
char *check_mirror(const char *text);
char *check_snapshot(const char *text);  /* "20260801T000000Z" */
char *check_signal(const char *text);
char *check_locale(const char *text);
char *check_accept(const char *text);
char *check_word(const char *text);      /* no blanks, no control characters */
