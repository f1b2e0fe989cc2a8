/* SPDX-License-Identifier: Apache-2.0 */
/* version_oracle_test.c: the programs whose versions and ranges these are judge the orders and dialects, on generated cases. */
#include "pkg/version.h"
#include "pkg/version_range.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gio/gio.h>

/* KILN_TEST_CASES and KILN_TEST_SEED ask for more or other cases. */
#define CASES 20000 /* of each kind, in one run of the judge */
#define SEED 20250809
#define ABSENT 77 /* what a judge exits with that lacks its library */

typedef struct {
	const char *name;    /* of the order, or of the dialect of ranges */
	gboolean checks;     /* the judge also says what is well-formed */
	/* A version is a beginning and up to six pieces; each is a word of these lists. */
	const char *beginnings, *pieces;
	/* A range is one of these, semicolons between them, where % stands for a version; NULL: versions only. */
	const char *ranges;
} Judge;

#define SEMVER_PIECES ".0 .1 .2 .0 .1 .10 -0 -1 -rc -rc.1 -alpha -beta.2 -beta.11 +b +1 .x - 0 -a.b.c -01 - .-1 .A"

#define NPM_RANGES \
	";*;x;^%;~%;~>%;>%;>=%;<%;<=%;=%;==%;%;%.x;1.x;^1;^0;^0.0;^0.1;~1;~0.1;>1;>=1;<1;<=1;<=1.2;>1.2;>=1.2;<1.2;1.x.x;^1.x;~1.x;1;1.2;0;" \
	"% - %;1 - %;1.2 - 2;0.1 - 0.1;% - 1;% - 1.2;>=% <%;>=% <=%;>% <%;^% !;^% ~%;<0.0.0-0;>=0.0.0;> % < %;^ %;~ %;v%;^v%;1.2.3 -;1.*;^x;" \
	">*;<*;>=*;>x;=1;=1.x;v1;1.2.x - 2.x;* - %;% - *;==1"

static const Judge judges[] = {
	{ "deb", TRUE, "0 1 2 1:0 0:1 12:0 x1",
	  "0 0 0 1 2 22 3 4 5 9 a A b z Z ~ ~ + + . . ~rc1 +deb12u1 -1 +b1 ubuntu0.1 .dfsg a", NULL },
	{ "rpm", FALSE, "0 1 2 1: 0:1 12:0 a",
	  "0 1 2 10 01 a b A Z ~ ^ . . _ + - -1 -2 .el9 ~rc1 ^git1 ^2024 .fc40 a1 999999999999999999999", NULL },
	{ "semver", TRUE, "0.0.0 1.0.0 1.2.3 1.2 1 10.0.0 v1.0.0 01.0.0", SEMVER_PIECES, NULL },
	{ "npm", TRUE, "0.0.0 0.0.1 0.1.0 0.1.2 1.0.0 1.2.3 1.2 1 2.0.0 v1.0.0 01.0.0", SEMVER_PIECES " 9007199254740990", NPM_RANGES },
	{ "npm-audit", FALSE, "0.0.0 0.0.1 0.1.0 0.1.2 1.0.0 1.2.3 2.0.0 v1.0.0", SEMVER_PIECES, NPM_RANGES },
	{ "go", TRUE, "0.0.0 1.0.0 v1.2.3 v1.2 1 v10.0.0 v0.0.0-20200101000000-abcdef123456 v01.0.0 v2.0.0+incompatible",
	  ".0 .1 .2 .10 -0 -1 -rc -rc.1 -0.20210101000000-0123456789ab +incompatible +b .x - 0 -a.b.c -01 .-1", NULL },
	{ "pep440", TRUE, "0 1 1.0 1.2 1.2.3 2!1 0!1.0 v1 1.0.0 1.10 V2",
	  ".0 .1 a1 a b2 rc1 c1 .dev1 dev .post1 -1 post rev2 r3 +local +1 +a.1 +ubuntu-1 -a.1 .alpha.2 preview3 pre .x ! + - _beta_2 01 .post.dev DEV",
	  ";==%;!=%;<%;<=%;>%;>=%;~=%;===%;==1.*;!=1.*;==1.2.*;!=1.2.*;==1.0.*;~=1.2;~=1.2.3;~=1.0a1;~= %.0;>=%,<%;>=%, !=%;<%,!=%;== %.*;!=0!1.*;"
	  "==2!1.*;=%;%;> %;<1;>1;>1.0;<1.0;<1.0.post1;>1.0.post1;>1.0a1;<1.0a1;>1.0.dev1" },
	{ "maven", FALSE, "0 1 1.0 1.2 r a ga 1-",
	  "0 1 2 10 . - . - .0 -0 a b m rc cr sp ga final release snapshot alpha beta milestone x foo Foo .Final -SNAPSHOT -rc-1 .RC1 -M2 00 1234567890123 _",
	  "[%];[%,];[%,);(%,);(,%];(,%);[%,%];[%,%);(%,%];(%,%);(,%],[%,);(,%),(%,);[%,%],[%,%];%;[ %, % ];(%);[%;[1,2),[3,4];[1,2] , (3,);[,];(,)" },
	{ "gem", TRUE, "0 1 1.0 1.2 1.2.3 2 10 a 01", ".0 .1 .2 .10 .a .b1 .rc1 .pre -1 -rc.1 .0.a .0.0 a . - .A .rc.2 -x-y 0 1",
	  "%;= %;!= %;> %;>= %;< %;<= %;~> %;~>%;>= %, < %;~> %, != %;~> 1;~> 1.2;~> 1.2.3;~> 1.0.a;~> 0;==%;=> %;>= 0;>= 0.a;, %;!=%" },
	{ "packagist", TRUE, "0 1 1.0 v1.2 1.2.3 1.2.3.4 2 dev-main dev-x master 20100102 2010.01.02 2010-01 1.x 1.2.x 1.*",
	  ".0 .1 -dev .1 .2 -RC1 -alpha -beta2 beta a1 b rc3 -patch1 p2 pl -stable @dev @stable +build .x -rc.1.2 x - _ -p1-dev .10 .01",
	  "*;%;=%;==%;!=%;<>%;<%;<=%;>%;>=%;^%;~%;1.*;1.2.*;1.x;v1.x;0.*;x;x.x;v*;%.*;% - %;1.0 - 2.0;1 - 2;% - 2.0.0;>=% <%;>=%,<%;>=%, <%;>= % , < %;"
	  "^%||%;^% || ~%;~1;~1.2;~1.2.3;^0.1;^0.0.3;^1.x-dev;~1.2.x-dev;>=1.0@beta;1.0@dev;@dev;dev-main#abc;~> 1;dev-x as 1.0;!=dev-main;>1.0,<3;"
	  ">=1.0-rc1;<1.0-dev;<=1.0;foo-dev;>1.x-dev" },
};

static gint64 setting(const char *name, gint64 otherwise)
{
	const char *value = g_getenv(name);
	return value ? g_ascii_strtoll(value, NULL, 10) : otherwise;
}

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

/* Some of @words, which have blanks (or semicolons) between them. */
static const char *pick(GRand *random, char **words)
{
	return words[g_rand_int_range(random, 0, (gint32)g_strv_length(words))];
}

static void append_version(GRand *random, char **beginnings, char **pieces, GString *out)
{
	g_string_append(out, pick(random, beginnings));
	for (int left = g_rand_int_range(random, 0, 5); left > 0; left--)
		g_string_append(out, pick(random, pieces));
}

/* Two versions, often with a common beginning. */
static void append_pair(GRand *random, char **beginnings, char **pieces, GString *a, GString *b)
{
	append_version(random, beginnings, pieces, a);
	if (g_rand_int_range(random, 0, 3) == 0) {
		append_version(random, beginnings, pieces, b);
		return;
	}
	g_string_append_len(b, a->str, g_rand_int_range(random, 1, (gint32)a->len + 1));
	for (int left = g_rand_int_range(random, 0, 3); left > 0; left--)
		g_string_append(b, pick(random, pieces));
}

static void append_range(GRand *random, char **ranges, char **beginnings, char **pieces, const char *version, GString *out)
{
	for (const char *at = pick(random, ranges); *at; at++) {
		if (*at != '%') {
			g_string_append_c(out, *at);
			continue;
		}
		g_autoptr(GString) bound = g_string_new(NULL);
		int kind = g_rand_int_range(random, 0, 4);
		g_string_append(bound, kind == 0 ? version : pick(random, beginnings));
		if (kind == 1 || kind == 2)
			g_string_append(bound, pick(random, pieces));
		if (kind == 2)
			g_string_append(bound, pick(random, pieces));
		g_string_append(out, bound->str);
	}
}

/* The answers of the judge to @tasks, or NULL when it is not here. */
static char **ask(const Judge *judge, const GString *tasks)
{
	g_autofree char *program = g_build_filename(g_getenv("KILN_TEST_DATA"), "..", "pkg", "judges", "run", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) process = g_subprocess_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program,
	                                                  judge->name, NULL);
	assert_non_null(process);
	g_autofree char *output = NULL;
	gboolean talked = g_subprocess_communicate_utf8(process, tasks->str, NULL, &output, NULL, &error);
	assert_true(g_subprocess_wait(process, NULL, NULL));
	if (g_subprocess_get_if_exited(process) && g_subprocess_get_exit_status(process) == ABSENT)
		return NULL;
	assert_true(talked);
	assert_true(g_subprocess_get_successful(process));
	return g_strsplit(output, "\n", -1);
}

typedef struct {
	const char *task;
	char *version, *other; /* the other version, or the range; NULL for a check */
} Case;

static void clear_case(gpointer data)
{
	Case *one = data;
	g_free(one->version);
	g_free(one->other);
}

static GArray *new_cases(void)
{
	GArray *cases = g_array_new(FALSE, FALSE, sizeof(Case));
	g_array_set_clear_func(cases, clear_case);
	return cases;
}

static void add(GArray *cases, const char *task, const char *version, const char *other)
{
	Case one = { task, g_strdup(version), g_strdup(other) };
	g_array_append_val(cases, one);
}

static void add_random_cases(GArray *cases, const Judge *judge)
{
	g_autoptr(GRand) random = g_rand_new_with_seed((guint32)setting("KILN_TEST_SEED", SEED));
	g_auto(GStrv) beginnings = g_strsplit(judge->beginnings, " ", -1), pieces = g_strsplit(judge->pieces, " ", -1);
	g_auto(GStrv) ranges = judge->ranges ? g_strsplit(judge->ranges, ";", -1) : NULL;
	for (gint64 left = setting("KILN_TEST_CASES", CASES); left > 0; left--) {
		g_autoptr(GString) a = g_string_new(NULL), b = g_string_new(NULL), range = g_string_new(NULL);
		append_pair(random, beginnings, pieces, a, b);
		if (judge->checks)
			add(cases, "check", a->str, NULL);
		if (kiln_version_order(judge->name))
			add(cases, "order", a->str, b->str);
		if (!ranges)
			continue;
		append_range(random, ranges, beginnings, pieces, a->str, range);
		if (g_rand_int_range(random, 0, 8) == 0 && g_str_has_prefix(judge->name, "npm")) {
			g_string_append(range, "||");
			append_range(random, ranges, beginnings, pieces, a->str, range);
		}
		add(cases, "range", a->str, range->str);
	}
}

static char **read_rows(const char *file)
{
	g_autofree char *path = g_build_filename(g_getenv("KILN_TEST_DATA"), "pkg", file, NULL), *text = NULL;
	return g_file_get_contents(path, &text, NULL, NULL) ? g_strsplit(text, "\n", -1) : g_new0(char *, 1);
}

/* The rows of the table of this order, and of the table of ranges, which their judge must find right too. */
static void add_table(GArray *cases, const Judge *judge)
{
	g_autofree char *table = g_strdup_printf("version_%s.txt", judge->name);
	g_auto(GStrv) rows = read_rows(table), ranges = read_rows("version_ranges.txt");
	for (guint i = 0; rows[i]; i++) {
		g_auto(GStrv) words = g_strsplit(rows[i], " ", -1);
		if (rows[i][0] != '#' && rows[i][0] != '!' && g_strv_length(words) == 3)
			add(cases, "order", words[0], words[2]);
		else if (rows[i][0] == '!' && judge->checks)
			add(cases, "check", rows[i] + 1, NULL);
	}
	for (guint i = 0; ranges[i] && judge->ranges; i++) {
		g_auto(GStrv) columns = g_strsplit(ranges[i], "\t", -1);
		if (g_strcmp0(columns[0], judge->name) != 0)
			continue;
		g_auto(GStrv) words = g_strsplit(columns[2], " ", -1);
		for (guint j = 0; words[j]; j++)
			if (*words[j] == '+' || *words[j] == '-')
				add(cases, "range", words[j] + 1, columns[1]);
	}
}

/* Every case as a line for the judge. */
static GString *write_tasks(const GArray *cases)
{
	GString *tasks = g_string_new(NULL);
	for (guint i = 0; i < cases->len; i++) {
		const Case *one = &g_array_index(cases, Case, i);
		g_string_append_printf(tasks, "%s\t%s%s%s\n", one->task, one->version, one->other ? "\t" : "", one->other ? one->other : "");
	}
	return tasks;
}

/* What kiln says, in the judge's words; "!" when a version or range is malformed. */
static const char *answer(const Judge *judge, const KilnVersionOrder *order, const Case *one)
{
	static const char *const orders[] = { "-1", "0", "1" };
	KilnText version = kiln_text(one->version), other = kiln_text(one->other);
	if (one->task[0] == 'c')
		return order->check(version, NULL) ? "1" : "0";
	if (one->task[0] == 'o') {
		if (judge->checks && (!order->check(version, NULL) || !order->check(other, NULL)))
			return "!";
		return orders[sign(order->compare(version, other)) + 1];
	}
	gboolean inside;
	g_autoptr(KilnVersionRange) range = kiln_version_range_parse(judge->name, other, NULL);
	if (!range || !kiln_version_range_contains(range, version, &inside, NULL))
		return "!";
	return inside ? "1" : "0";
}

static void test_judge(void **state)
{
	const Judge *judge = *state;
	const char *order_name = strcmp(judge->name, "npm-audit") == 0 ? "npm" : judge->name;
	const KilnVersionOrder *order = kiln_version_order(order_name);
	assert_non_null(order);
	g_autoptr(GArray) cases = new_cases();
	add_table(cases, judge);
	add_random_cases(cases, judge);
	g_autoptr(GString) tasks = write_tasks(cases);
	g_auto(GStrv) answers = ask(judge, tasks);
	if (!answers) {
		print_message("# %s: the judge is not installed, see tests/pkg/judges/run\n", judge->name);
		skip();
	}
	assert_true(g_strv_length(answers) >= cases->len);
	guint wrong = 0, judged = 0;
	for (guint i = 0; i < cases->len; i++) {
		const Case *one = &g_array_index(cases, Case, i);
		const char *mine = answer(judge, order, one);
		if (strcmp(answers[i], "?") == 0)
			continue;
		judged += strcmp(answers[i], "!") != 0;
		if (strcmp(mine, answers[i]) == 0)
			continue;
		wrong++;
		if (wrong <= 20)
			print_message("# %s %s: \"%s\" and \"%s\": %s, the judge says %s\n", judge->name, one->task, one->version,
			              one->other ? one->other : "", mine, answers[i]);
	}
	print_message("# %s: %u cases, %u of them well-formed\n", judge->name, cases->len, judged);
	assert_int_equal(wrong, 0);
	assert_true(judged > cases->len / 4); /* else the generator makes nothing but nonsense */
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN); /* a judge that is not here does not read what it is asked */
	struct CMUnitTest tests[G_N_ELEMENTS(judges)];
	const char *only = g_getenv("KILN_TEST_JUDGE");
	gsize count = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(judges); i++)
		if (!only || strcmp(only, judges[i].name) == 0)
			tests[count++] = (struct CMUnitTest){ judges[i].name, test_judge, NULL, NULL, (void *)&judges[i] };
	return _cmocka_run_group_tests("version_oracle", tests, count, NULL, NULL);
}
