/* SPDX-License-Identifier: Apache-2.0 */
/* signal_name.c: the signals that an image may name to be stopped with. */
#include "run/signal_name.h"
#include "base/error.h"
#include "base/text.h"

#include <signal.h>
#include <string.h>

gboolean kiln_signal_parse(const char *name, int *number, GError **error)
{
	static const struct {
		const char *name;
		int number;
	} known[] = {
		{ "ABRT", SIGABRT }, { "ALRM", SIGALRM }, { "CONT", SIGCONT }, { "HUP", SIGHUP }, { "INT", SIGINT }, { "KILL", SIGKILL }, { "PIPE", SIGPIPE },
		{ "PWR", SIGPWR }, { "QUIT", SIGQUIT }, { "TERM", SIGTERM }, { "USR1", SIGUSR1 }, { "USR2", SIGUSR2 }, { "WINCH", SIGWINCH },
	};
	guint64 value, offset = 0;
	if (!name || !*name) {
		*number = SIGTERM;
		return TRUE;
	}
	if (kiln_text_to_u64(kiln_text(name), &value) && value > 0 && value <= (guint64)SIGRTMAX) {
		*number = (int)value;
		return TRUE;
	}
	const char *bare = g_ascii_strncasecmp(name, "SIG", 3) == 0 ? name + 3 : name;
	for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
		if (g_ascii_strcasecmp(bare, known[i].name) == 0) {
			*number = known[i].number;
			return TRUE;
		}
	if (g_str_has_prefix(bare, "RTMIN") && (bare[5] == '\0' || (bare[5] == '+' && kiln_text_to_u64(kiln_text(bare + 6), &offset))) &&
	    (guint64)SIGRTMIN + offset <= (guint64)SIGRTMAX) {
		*number = SIGRTMIN + (int)offset;
		return TRUE;
	}
	return kiln_fail(error, KILN_ERROR_SYNTAX, "the image's stop signal \"%.40s\" is no signal; write one as SIGQUIT or 3", name);
}
