/* SPDX-License-Identifier: Apache-2.0 */
/* message.c: what kiln says on stderr. */
#include "cli/message.h"

#include "base/error.h"
#include "cli/render.h"

#include <string.h>
#include <unistd.h>

gboolean kiln_message_colour(int fd)
{
	const char *none = g_getenv("NO_COLOR"), *terminal = g_getenv("TERM");
	return isatty(fd) && !(none && *none) && terminal && strcmp(terminal, "dumb") != 0;
}

static void say(const char *word, KilnStyle style, const char *text, gboolean colour)
{
	g_autofree char *printable = kiln_printable(text, TRUE);
	fprintf(stderr, "%s%s%s %s\n", kiln_style(colour, style), word, kiln_style(colour, KILN_STYLE_PLAIN), printable);
}

void kiln_message_error(const GError *error, gboolean colour, gboolean verbose)
{
	const char *kind = error->domain == KILN_ERROR ? kiln_error_name(error->code) : g_quark_to_string(error->domain);
	g_autofree char *word = verbose ? g_strdup_printf("error (%s):", kind) : g_strdup("error:");
	say(word, KILN_STYLE_BAD, error->message, colour);
}

void kiln_message_note(const char *text, gboolean colour)
{
	say("note:", KILN_STYLE_NOTE, text, colour);
}
