/* SPDX-License-Identifier: Apache-2.0 */
/* error.h: the one error domain. Codes say what a caller can do; texts say what, where and what next. */
#pragma once
#include <glib.h>

#define KILN_ERROR (kiln_error_quark())

typedef enum {
	KILN_ERROR_SYNTAX,        /* the input is malformed: mend the input */
	KILN_ERROR_UNSUPPORTED,   /* well-formed, but nothing kiln knows */
	KILN_ERROR_NOT_FOUND,     /* a named thing does not exist */
	KILN_ERROR_EXISTS,        /* a name is taken */
	KILN_ERROR_LIMIT,         /* larger, deeper or longer than kiln accepts */
	KILN_ERROR_IO,            /* the file system or a device failed */
	KILN_ERROR_NETWORK,       /* a server could not be reached or broke off: try again */
	KILN_ERROR_AUTH,          /* credentials are missing or wrong */
	KILN_ERROR_MISMATCH,      /* bytes are not the ones that were promised */
	KILN_ERROR_UNTRUSTED,     /* a signature, key or date does not establish trust */
	KILN_ERROR_UNSATISFIABLE, /* no solution exists for what was asked */
	KILN_ERROR_DENIED,        /* refused for safety, or by policy */
	KILN_ERROR_BUSY,          /* somebody else holds it: wait */
	KILN_ERROR_CANCELLED,     /* the user or a signal stopped it */
	KILN_ERROR_INTERNAL,      /* a bug in kiln or a promise that a library broke */
} KilnError;

GQuark kiln_error_quark(void);

/** Stable lower-case name of a code, "not-found"; "unknown" for a value outside the enum. Borrowed, static. */
const char *kiln_error_name(int code);

/**
 * Set @error and return FALSE, so that a function fails in one statement:
 * `return kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u: ...", path, line);`
 *
 * @error: may be NULL
 */
gboolean kiln_fail(GError **error, KilnError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/**
 * As kiln_fail(), with the code that @saved_errno maps to (ENOENT: not-found, EEXIST: exists,
 * EAGAIN and EWOULDBLOCK: busy, ELOOP and EXDEV: denied, all else: io) and ": <text of the errno>" appended.
 */
gboolean kiln_fail_errno(GError **error, int saved_errno, const char *format, ...) G_GNUC_PRINTF(3, 4);
