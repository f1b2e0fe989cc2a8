/* SPDX-License-Identifier: Apache-2.0 */
/* table_test.c: rules that every command of the real table keeps, so that its help is uniform and fits a screen. */
#include "cli/arguments.h"
#include "cli/help.h"
#include "cli/render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_fits(const char *who, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++)
		if (kiln_text_columns(*line) > KILN_HELP_COLUMNS)
			fail_msg("%s: wider than %d columns: %s", who, KILN_HELP_COLUMNS, *line);
}

static void test_overview_fits_one_screen(void **state)
{
	g_autofree char *text = kiln_help_overview(kiln_commands(), FALSE);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	assert_fits("kiln --help", text);
	assert_in_range(g_strv_length(lines) - 1, 5, KILN_HELP_LINES - 1); /* the prompt needs a line, too */
	for (KilnCommandTable command = kiln_commands(); *command; command++)
		assert_non_null(strstr(text, (*command)->summary));
}

static void test_command_help_fits_the_width(void **state)
{
	for (KilnCommandTable command = kiln_commands(); *command; command++) {
		g_autofree char *text = kiln_help_command(*command, kiln_global_options(), FALSE);
		assert_fits((*command)->name, text);
		assert_non_null(strstr(text, "\nexample\n  $ "));
	}
}

static void assert_phrase(const char *who, const char *text)
{
	if (!text || !*text || g_ascii_isupper(*text) || g_str_has_suffix(text, "."))
		fail_msg("%s: \"%s\" must be lower case without a full stop", who, text);
}

/* Only --format may be there twice: a command that writes more formats names them. */
static void check_options(const char *who, const KilnOption *options, const KilnOption *others)
{
	for (const KilnOption *option = options; option && option->name; option++) {
		assert_phrase(option->name, option->help);
		if ((option->kind == KILN_OPTION_FLAG) != (option->value == NULL))
			fail_msg("%s --%s: flags, and only flags, have no placeholder", who, option->name);
		if ((option->complete == KILN_COMPLETE_WORDS) != (option->words != NULL))
			fail_msg("%s --%s: words and KILN_COMPLETE_WORDS go together", who, option->name);
		for (const KilnOption *other = others; other && other->name; other++)
			if (other != option && strcmp(option->name, "format") != 0 && (strcmp(other->name, option->name) == 0 || (option->letter && other->letter == option->letter)))
				fail_msg("%s --%s: its name or letter is taken by --%s", who, option->name, other->name);
	}
}

static void test_options_are_unique(void **state)
{
	check_options("kiln", kiln_global_options(), kiln_global_options());
	for (KilnCommandTable command = kiln_commands(); *command; command++) {
		check_options((*command)->name, (*command)->options, (*command)->options);
		check_options((*command)->name, (*command)->options, kiln_global_options());
	}
}

static void test_commands_are_complete(void **state)
{
	g_autoptr(GHashTable) groups = g_hash_table_new(g_str_hash, g_str_equal);
	const char *group = NULL;
	for (KilnCommandTable command = kiln_commands(); *command; command++) {
		assert_phrase((*command)->name, (*command)->summary);
		assert_non_null((*command)->run);
		g_autofree char *called = g_strconcat("kiln ", (*command)->name, NULL);
		assert_non_null(strstr((*command)->example, called));
		assert_true(g_str_has_suffix((*command)->description, "."));
		assert_ptr_equal(kiln_command_find((*command)->name), *command);
		if ((*command)->options) /* both are keys of kiln.yaml */
			assert_null(kiln_option_find(kiln_global_options(), (*command)->name));
		if (g_strcmp0(group, (*command)->group) != 0 && !g_hash_table_add(groups, (gpointer)(*command)->group))
			fail_msg("%s: commands of the group \"%s\" must stand together", (*command)->name, (*command)->group);
		group = (*command)->group;
	}
}

/* An option of the same name means the same in every command: they share one KILN_* variable. */
static void test_names_mean_one_thing(void **state)
{
	for (KilnCommandTable one = kiln_commands(); *one; one++)
		for (KilnCommandTable other = kiln_commands(); *other; other++)
			for (const KilnOption *option = (*one)->options; option && option->name; option++) {
				const KilnOption *same = kiln_option_find((*other)->options, option->name);
				if (same && (same->kind != option->kind || same->letter != option->letter))
					fail_msg("--%s differs between %s and %s", option->name, (*one)->name, (*other)->name);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overview_fits_one_screen), cmocka_unit_test(test_command_help_fits_the_width),
		cmocka_unit_test(test_options_are_unique),       cmocka_unit_test(test_commands_are_complete),
		cmocka_unit_test(test_names_mean_one_thing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
