/* SPDX-License-Identifier: Apache-2.0 */
/* cpe.h: names of programs as NVD gives them. Internal to this module. Source: NIST IR 7695, "Common Platform Enumeration: Naming", 2.3. */
#pragma once
#include <glib.h>

/** The ecosystem under which advisories about programs by their CPE are kept. */
#define CPE_ECOSYSTEM "CPE"

/**
 * "cpe:2.3:a:openssl:openssl:1.1.1:k:..." into "openssl:openssl" and "1.1.1k"; *version becomes NULL for any. FALSE: it names no application.
 */
gboolean cpe_parse(const char *cpe, char **name, char **version);
