/* SPDX-License-Identifier: Apache-2.0 */
/* named.h: what a text names: the interpreter in its first line, and absolute paths. */
#pragma once
#include <glib.h>

#define KILN_NAMED_SCAN_BYTES (256 * 1024) /* scripts and configuration are searched up to here */
#define KILN_NAMED_PATHS_MAX 512           /* of one text */

/**
 * The interpreter of a "#!" line.
 *
 * @argument: of "/usr/bin/env -S FOO=1 python3 -u" the program that env starts, "python3"; else the first word after the interpreter, or NULL
 * Both are new strings, written only when TRUE is returned. FALSE: no such line, or none that Linux would take.
 * Source: execve(2), "Interpreter scripts"; env(1).
 */
gboolean kiln_named_interpreter(const guint8 *text, gsize length, char **interpreter, char **argument);

/** Absolute paths that stand as words of their own, in order: new strings. At most KILN_NAMED_PATHS_MAX of the first KILN_NAMED_SCAN_BYTES. */
GPtrArray *kiln_named_paths(const guint8 *text, gsize length);
