/* SPDX-License-Identifier: Apache-2.0 */
/* context.c: what a run injects into every module. */
#include "base/context.h"
#include "base/error.h"

void kiln_context_progress(const KilnContext *context, const KilnProgress *progress)
{
	if (context->on_progress)
		context->on_progress(progress, context->user_data);
}

void kiln_context_notice(const KilnContext *context, const char *format, ...)
{
	if (!context->on_notice)
		return;
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	context->on_notice(text, context->user_data);
}

gboolean kiln_context_check(const KilnContext *context, GError **error)
{
	if (context->cancellable && g_cancellable_is_cancelled(context->cancellable))
		return kiln_fail(error, KILN_ERROR_CANCELLED, "stopped");
	return TRUE;
}
