/* SPDX-License-Identifier: Apache-2.0 */
/* program.h: which programs are shells, package managers or interpreters, by their path in a program directory ("usr/bin/bash"). */
#pragma once
#include <glib.h>

gboolean kiln_program_is_shell(const char *path);
gboolean kiln_program_is_package_manager(const char *path);
/** Programs that run others' code, shells among them. */
gboolean kiln_program_is_interpreter(const char *path);
