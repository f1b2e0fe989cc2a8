/* SPDX-License-Identifier: Apache-2.0 */
/* error.c: the one error domain. */
#include "base/error.h"

#include <errno.h>

G_DEFINE_QUARK(kiln-error, kiln_error)

static const char *const names[] = {
	[KILN_ERROR_SYNTAX] = "syntax",
	[KILN_ERROR_UNSUPPORTED] = "unsupported",
	[KILN_ERROR_NOT_FOUND] = "not-found",
	[KILN_ERROR_EXISTS] = "exists",
	[KILN_ERROR_LIMIT] = "limit",
	[KILN_ERROR_IO] = "io",
	[KILN_ERROR_NETWORK] = "network",
	[KILN_ERROR_AUTH] = "auth",
	[KILN_ERROR_MISMATCH] = "mismatch",
	[KILN_ERROR_UNTRUSTED] = "untrusted",
	[KILN_ERROR_UNSATISFIABLE] = "unsatisfiable",
	[KILN_ERROR_DENIED] = "denied",
	[KILN_ERROR_BUSY] = "busy",
	[KILN_ERROR_CANCELLED] = "cancelled",
	[KILN_ERROR_INTERNAL] = "internal",
};

const char *kiln_error_name(int code)
{
	if (code < 0 || code >= (int)G_N_ELEMENTS(names))
		return "unknown";
	return names[code];
}

gboolean kiln_fail(GError **error, KilnError code, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autoptr(GError) made = g_error_new_valist(KILN_ERROR, (gint)code, format, arguments);
	va_end(arguments);
	g_propagate_error(error, g_steal_pointer(&made));
	return FALSE;
}

static KilnError code_of_errno(int saved_errno)
{
	switch (saved_errno) {
	case ENOENT:
		return KILN_ERROR_NOT_FOUND;
	case EEXIST:
		return KILN_ERROR_EXISTS;
	case EAGAIN:
		return KILN_ERROR_BUSY;
	case ELOOP:
	case EXDEV:
		return KILN_ERROR_DENIED;
	default:
		return KILN_ERROR_IO;
	}
}

gboolean kiln_fail_errno(GError **error, int saved_errno, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	return kiln_fail(error, code_of_errno(saved_errno), "%s: %s", text, g_strerror(saved_errno));
}
