/* SPDX-License-Identifier: Apache-2.0 */
/* shell_filter.c: programs that print parts of what they read, as far as what they read is known. */
#include "build/shell.h"

#include "base/text.h"

/* One field of @line; a line without the delimiter is printed whole. Source: cut(1). */
static void append_field(GString *out, const char *line, char delimiter, guint64 number)
{
	const char *start = line;
	if (!strchr(line, delimiter)) {
		g_string_append_printf(out, "%s\n", line);
		return;
	}
	for (guint64 field = 1; start && field < number; field++) {
		start = strchr(start, delimiter);
		start = start ? start + 1 : NULL;
	}
	if (start)
		g_string_append_len(out, start, (gssize)(strchr(start, delimiter) ? strchr(start, delimiter) - start : (gssize)strlen(start)));
	g_string_append_c(out, '\n');
}

KilnOutcome kiln_shell_run_cut(KilnShell *shell, char **fields, guint count)
{
	static const KilnShellOption options[] = { { 'd', "delimiter", TRUE }, { 'f', "fields", TRUE }, { 'b', "bytes", TRUE }, { 'c', "characters", TRUE },
		                                   { 's', "only-delimited", FALSE }, { 0, "complement", FALSE }, { 0, "output-delimiter", TRUE }, { 0, NULL, FALSE } };
	g_auto(KilnShellOptions) given = { 0 };
	guint64 number = 0;
	kiln_shell_options_read(&given, fields, options);
	gboolean understood = shell->input && kiln_shell_is_known(shell->input->str) && given.operands->len == 0 && given.is_set[1];
	for (guint i = 2; i < G_N_ELEMENTS(options) - 1; i++)
		understood = understood && !given.is_set[i];
	const char *delimiter = given.is_set[0] ? given.values[0] : "\t";
	if (!understood || strlen(delimiter) != 1 || !kiln_text_to_u64(kiln_text(given.values[1]), &number) || number == 0) {
		kiln_shell_print_unknown(shell);
		return KILN_OUTCOME_UNKNOWN;
	}
	g_autoptr(GString) out = g_string_new(NULL);
	g_auto(GStrv) lines = g_strsplit(shell->input->str, "\n", -1);
	for (char **line = lines; *line; line++)
		if (line[1] || **line) /* the end of the last line starts no other */
			append_field(out, *line, delimiter[0], number);
	kiln_shell_print(shell, out->str);
	return KILN_OUTCOME_TRUE;
}
