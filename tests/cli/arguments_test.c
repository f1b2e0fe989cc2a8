/* SPDX-License-Identifier: Apache-2.0 */
/* arguments_test.c: words of a command line, judged by getopt_long's conventions and by the wording of refusals. */
#include "cli/arguments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const colours[] = { "red", "green", NULL };
static const KilnOption global[] = {
	{ "help", 'h', KILN_OPTION_FLAG, NULL, "help", KILN_COMPLETE_NONE, NULL },
	{ "verbose", 'v', KILN_OPTION_FLAG, NULL, "verbose", KILN_COMPLETE_NONE, NULL },
	{ "jobs", 'j', KILN_OPTION_NUMBER, "N", "jobs", KILN_COMPLETE_NONE, NULL },
	{ 0 },
};
static const KilnOption fire_options[] = {
	{ "output", 'o', KILN_OPTION_STRING, "FILE", "output", KILN_COMPLETE_FILE, NULL },
	{ "env", 'e', KILN_OPTION_LIST, "KEY=VALUE", "env", KILN_COMPLETE_NONE, NULL },
	{ "glaze", 0, KILN_OPTION_STRING, "COLOUR", "glaze", KILN_COMPLETE_WORDS, colours },
	{ "memory", 'm', KILN_OPTION_SIZE, "SIZE", "memory", KILN_COMPLETE_NONE, NULL },
	{ "quick", 'q', KILN_OPTION_FLAG, NULL, "quick", KILN_COMPLETE_NONE, NULL },
	{ 0 },
};
static const KilnCommand fire = { .name = "fire", .arguments = "POT...", .options = fire_options, .arguments_min = 1, .arguments_max = -1 };
static const KilnCommand throw = { .name = "throw", .arguments = "POT", .arguments_min = 1, .arguments_max = 1, .rest = "ARGUMENT..." };
static const KilnCommand clean = { .name = "clean", .arguments = "" };
static const KilnCommand *const commands[] = { &fire, &throw, &clean, NULL };

/* "fire option=value,value ... | argument argument | rest rest", options in the order of the tables. */
static char *describe(const KilnArguments *arguments)
{
	GString *text = g_string_new(arguments->command ? arguments->command->name : "-");
	const KilnOption *lists[] = { global, arguments->command ? arguments->command->options : NULL };
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		for (const KilnOption *option = lists[i]; option && option->name; option++) {
			const GPtrArray *values = g_hash_table_lookup(arguments->values, option->name);
			g_autofree char *joined = values ? g_strjoinv(",", (char **)values->pdata) : NULL;
			if (values)
				g_string_append_printf(text, " %s=%s", option->name, joined);
		}
	g_autofree char *positional = g_strjoinv(" ", arguments->arguments);
	g_autofree char *rest = arguments->rest ? g_strjoinv(" ", arguments->rest) : NULL;
	if (*positional)
		g_string_append_printf(text, " | %s", positional);
	if (rest)
		g_string_append_printf(text, " || %s", rest);
	return g_string_free(text, FALSE);
}

static void test_good(void **state)
{
	static const struct {
		const char *line, *expected;
	} rows[] = {
		{ "fire pot", "fire | pot" },
		{ "-v fire pot", "fire verbose=true | pot" },
		{ "--jobs 4 fire --output out a b", "fire jobs=4 output=out | a b" },
		{ "fire a --output=out b", "fire output=out | a b" },
		{ "fire -oout -qv a", "fire verbose=true output=out quick=true | a" },
		{ "fire -qo out a", "fire output=out quick=true | a" },
		{ "fire -o a -o b x", "fire output=b | x" },
		{ "fire -e A=1 --env B=2 --env=C=3 x", "fire env=A=1,B=2,C=3 | x" },
		{ "fire --output=a=b x", "fire output=a=b | x" },
		{ "fire -o -- x", "fire output=-- | x" },
		{ "fire --output --quick x", "fire output=--quick | x" },
		{ "fire --quick=false x", "fire quick=false | x" },
		{ "fire --quick=yes x", "fire quick=true | x" },
		{ "fire -- --quick -v", "fire | --quick -v" },
		{ "fire - x", "fire | - x" },
		{ "throw pot -- -v --x a", "throw | pot || -v --x a" },
		{ "throw pot --", "throw | pot || " },
		{ "throw -v pot", "throw verbose=true | pot" },
		{ "fire -m 512M x", "fire memory=536870912 | x" },
		{ "fire -m 10 x", "fire memory=10 | x" },
		{ "fire -m 2GiB x", "fire memory=2147483648 | x" },
		{ "fire -m 64kB x", "fire memory=65536 | x" },
		{ "fire --glaze green x", "fire glaze=green | x" },
		{ "clean", "clean" },
		{ "", "-" },
		{ "-v", "- verbose=true" },
		{ "fire --help", "fire help=true" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(GStrv) words = *rows[i].line ? g_strsplit(rows[i].line, " ", -1) : g_new0(char *, 1);
		g_autoptr(KilnArguments) arguments = NULL;
		g_autoptr(GError) error = NULL;
		if (!kiln_arguments_parse(commands, global, words, &arguments, &error))
			fail_msg("%s: %s", rows[i].line, error->message);
		g_autofree char *described = describe(arguments);
		assert_string_equal(described, rows[i].expected);
	}
}

static void test_bad(void **state)
{
	static const struct {
		const char *line, *message;
	} rows[] = {
		{ "fir pot", "unknown command \"fir\"; did you mean \"fire\"?" },
		{ "pot", "unknown command \"pot\"" },
		{ "--", "kiln: unknown option \"--\"" },
		{ "fire --ouput x", "kiln fire: unknown option \"--ouput\"; did you mean \"--output\"?" },
		{ "fire --verbos", "kiln fire: unknown option \"--verbos\"; did you mean \"--verbose\"?" },
		{ "--output x fire", "kiln: unknown option \"--output\"" },
		{ "fire -x", "kiln fire: unknown option \"-x\"" },
		{ "fire -qx", "kiln fire: unknown option \"-x\"" },
		{ "fire x --output", "--output needs a value: --output FILE" },
		{ "fire x -o", "--output needs a value: --output FILE" },
		{ "fire --output= x", "--output: the value is empty; write FILE" },
		{ "fire --jobs four x", "--jobs: \"four\" is not a whole number" },
		{ "fire --jobs -1 x", "--jobs: \"-1\" is not a whole number" },
		{ "fire --quick=perhaps x", "--quick: \"perhaps\" is neither true nor false" },
		{ "fire --glaze gren x", "--glaze: unknown value \"gren\"; did you mean \"green\"?" },
		{ "fire --glaze white x", "--glaze: unknown value \"white\"; it may be red, green" },
		{ "fire -m 1X x", "--memory: \"1X\" is no size; write bytes, or a number with k, M or G, as in 512M" },
		{ "fire -m M x", "--memory: \"M\" is no size; write bytes, or a number with k, M or G, as in 512M" },
		{ "fire -m 99999999999G x", "--memory: \"99999999999G\" is no size; write bytes, or a number with k, M or G, as in 512M" },
		{ "fire", "kiln fire needs POT..." },
		{ "throw", "kiln throw needs POT" },
		{ "throw a b", "kiln throw: unexpected argument \"b\"; what the program gets stands after \"--\"" },
		{ "clean a", "kiln clean: unexpected argument \"a\"; it takes none" },
		{ "fire -\xf0", "kiln fire: unknown option \"-\xf0\"" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(GStrv) words = g_strsplit(rows[i].line, " ", -1);
		g_autoptr(KilnArguments) arguments = NULL;
		g_autoptr(GError) error = NULL;
		if (kiln_arguments_parse(commands, global, words, &arguments, &error))
			fail_msg("%s: accepted", rows[i].line);
		assert_string_equal(error->message, rows[i].message);
		assert_non_null(arguments);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
