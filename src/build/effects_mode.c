/* SPDX-License-Identifier: Apache-2.0 */
/* effects_mode.c: what chmod's symbolic changes make of a mode. */
#include "build/effects_internal.h"

#include <string.h>

/* The bits of "rwxXst" for the classes in @who (0700, 0070, 0007); -1: not understood. */
static gint wanted_bits(const char *letters, gsize length, guint who, guint mode, gboolean is_directory)
{
	guint bits = 0;
	for (gsize i = 0; i < length; i++)
		switch (letters[i]) {
		case 'r': bits |= 0444 & who; break;
		case 'w': bits |= 0222 & who; break;
		case 'x': bits |= 0111 & who; break;
		case 'X': bits |= is_directory || (mode & 0111) ? 0111 & who : 0; break;
		case 's': bits |= (who & 0700 ? 04000 : 0) | (who & 0070 ? 02000 : 0); break;
		case 't': bits |= 01000; break;
		case 'u': bits |= ((mode >> 6) & 7) * 0111 & who; break;
		case 'g': bits |= ((mode >> 3) & 7) * 0111 & who; break;
		case 'o': bits |= (mode & 7) * 0111 & who; break;
		default: return -1;
		}
	return (gint)bits;
}

/* One clause: classes, then operations with their letters. */
static gint change_clause(guint mode, const char *clause, gboolean is_directory)
{
	guint who = 0, kept_back = 0;
	for (; *clause && strchr("ugoa", *clause); clause++)
		who |= *clause == 'u' ? 0700 : *clause == 'g' ? 0070 : *clause == 'o' ? 0007 : 0777;
	if (!*clause)
		return -1;
	if (!who) {
		who = 0777;
		kept_back = 022; /* scripts run with this umask, and it counts where no class is named */
	}
	while (*clause) {
		char operation = *clause++;
		gsize length = strcspn(clause, "+-=");
		gint bits = strchr("+-=", operation) ? wanted_bits(clause, length, who, mode, is_directory) : -1;
		if (bits < 0)
			return -1;
		bits &= ~(gint)kept_back;
		guint special = (who & 0700 ? 04000 : 0) | (who & 0070 ? 02000 : 0) | (who == 0777 ? 01000 : 0);
		if (operation == '=')
			mode &= ~((who & ~kept_back) | (is_directory ? 0 : special));
		mode = operation == '-' ? mode & ~(guint)bits : mode | (guint)bits;
		clause += length;
	}
	return (gint)mode;
}

gint effects_change_mode(guint mode, const char *change, gboolean is_directory)
{
	g_auto(GStrv) clauses = g_strsplit(change, ",", -1);
	gint result = (gint)mode;
	for (char **clause = clauses; *clause && result >= 0; clause++)
		result = change_clause((guint)result, *clause, is_directory);
	return result;
}
