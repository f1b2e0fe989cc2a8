/* SPDX-License-Identifier: Apache-2.0 */
/* skip.h: what no service reads, by path: the table and its reasons. */
#pragma once
#include <glib.h>

/**
 * The id of the rule (build/reason.h) that leaves @path out of every package, or NULL when nothing speaks against it.
 *
 * @locales: locales that the recipe asked for, NULL-terminated: their translations stay
 */
const char *kiln_skip_rule(const char *path, const char *const *locales);

/** TRUE for what lies in /run, /tmp, /dev and the like: made while programs run, or by the system that starts them. */
gboolean kiln_skip_is_runtime_directory(const char *path);
/** TRUE for directories so general that a program which names them says nothing about what is in them. */
gboolean kiln_skip_is_general_directory(const char *path);
