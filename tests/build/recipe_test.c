/* SPDX-License-Identifier: Apache-2.0 */
/* recipe_test.c: what a recipe says, how bases and variants merge, every refusal, and JSON that reads back as it was. */
#include "build/recipe.h"

#include "base/error.h"
#include "build/recipe_spec.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *data_path(const char *name)
{
	return g_build_filename(g_getenv("KILN_TEST_DATA"), name, NULL);
}

static KilnRecipe *load(const char *name, const char *variant)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = data_path(name);
	KilnRecipe *recipe = kiln_recipe_load(path, variant, &error);
	if (!recipe)
		fail_msg("%s", error->message);
	return recipe;
}

static void assert_list(char **list, const char *expected)
{
	g_autofree char *joined = g_strjoinv("|", list);
	assert_string_equal(joined, expected);
}

static void test_merge(void **state)
{
	g_autoptr(KilnRecipe) recipe = load("recipe/derived.yaml", NULL);
	assert_string_equal(recipe->name, "derived");
	assert_string_equal(recipe->archive, "debian/trixie");
	assert_string_equal(recipe->user, "app");
	assert_list(recipe->packages, "ca-certificates|nginx");
	assert_list(recipe->entrypoint, "/usr/sbin/nginx|-g|daemon off;");
	assert_list(recipe->environment, "A=base|B=derived|C=derived");
	assert_list(recipe->labels, "owner|web|team|platform");
	assert_int_equal(recipe->users->len, 1);
	assert_int_equal(recipe->files->len, 2);
	const KilnRecipeFile *replaced = recipe->files->pdata[0], *inherited = recipe->files->pdata[1];
	assert_string_equal(replaced->source, "conf/app.conf");
	assert_null(replaced->content);
	assert_int_equal(replaced->mode, 0640);
	assert_string_equal(inherited->source, "shared/other.conf");
	assert_string_equal(inherited->place.key, "files[1]");
	assert_int_equal(inherited->place.line, 11);
	const KilnRecipeWritable *run = recipe->writable->pdata[0], *cache = recipe->writable->pdata[1];
	assert_string_equal(run->path, "/run");
	assert_string_equal(run->kind, "tmpfs");
	assert_int_equal(cache->size_bytes, 67108864);
	assert_int_equal(cache->mode, 0700);
	assert_false(recipe->shell);
}

/* What the base says of a variant comes after all that both files say, and before what this file says of it. */
static void test_variants(void **state)
{
	g_autoptr(KilnRecipe) debug = load("recipe/derived.yaml", "debug");
	assert_string_equal(debug->name, "derived-debug");
	assert_true(debug->shell);
	assert_list(debug->packages, "ca-certificates|nginx|busybox");
	assert_list(debug->entrypoint, "/bin/sh");
	assert_list(debug->environment, "A=base|B=derived|C=debug");
	g_autoptr(KilnRecipe) small = load("recipe/derived.yaml", "small");
	assert_list(small->drop, "/usr/share/doc/**");
	assert_false(small->shell);

	g_auto(GStrv) names = NULL;
	g_autofree char *path = data_path("recipe/derived.yaml");
	g_autoptr(GError) error = NULL;
	assert_true(kiln_recipe_variants(path, &names, NULL));
	assert_list(names, "debug|small");
	assert_null(kiln_recipe_load(path, "debgu", &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_NOT_FOUND));
	assert_non_null(strstr(error->message, "did you mean \"debug\"?"));
}

static void test_everything(void **state)
{
	g_autoptr(KilnRecipe) recipe = load("recipe/everything.yaml", NULL);
	assert_string_equal(recipe->version, "1.26");
	assert_list(recipe->platforms, "linux/amd64|linux/arm64");
	assert_list(recipe->ports, "8080/tcp|53/udp");
	assert_list(recipe->command, "--verbose|true|");
	assert_list(recipe->environment, "PORT=8080|EMPTY=|DEBUG=false|TEXT=a\tb \"c\" \\ \u00e9 \u2028");
	assert_list(recipe->labels, "a|1|b|2");
	assert_int_equal(recipe->healthcheck.interval_ms, 30000);
	assert_int_equal(recipe->healthcheck.start_period_ms, 60000);
	assert_int_equal(((KilnRecipeWritable *)recipe->writable->pdata[1])->mode, 0700);
	static const KilnTestKind kinds[] = { KILN_TEST_RUN, KILN_TEST_PORT, KILN_TEST_FETCH, KILN_TEST_PRESENT, KILN_TEST_ABSENT, KILN_TEST_SIZE,
		                              KILN_TEST_RUN, KILN_TEST_RUN };
	assert_int_equal(recipe->tests->len, G_N_ELEMENTS(kinds));
	for (guint i = 0; i < recipe->tests->len; i++)
		assert_int_equal(((KilnRecipeTest *)recipe->tests->pdata[i])->kind, kinds[i]);
	const KilnRecipeTest *run = recipe->tests->pdata[0], *port = recipe->tests->pdata[1], *fetch = recipe->tests->pdata[2], *size = recipe->tests->pdata[5];
	assert_int_equal(run->timeout_ms, 500);
	assert_int_equal(run->exit_status, 1);
	assert_int_equal(port->timeout_ms, 60000);
	assert_int_equal(fetch->status, 404);
	assert_int_equal(fetch->timeout_ms, 10000);
	assert_int_equal(size->size_bytes, 30000000);
	const KilnRecipeTest *prepared = recipe->tests->pdata[6], *client = recipe->tests->pdata[7];
	assert_true(run->beside && !run->prepare && !run->variant);
	assert_true(prepared->prepare && !prepared->variant);
	assert_true(client->prepare);
	assert_string_equal(client->variant, "client");
}

static void assert_reads_back(const KilnRecipe *recipe)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) json = kiln_recipe_to_json(recipe, FALSE);
	g_autoptr(KilnRecipe) again = kiln_recipe_from_json(g_bytes_get_data(json, NULL), g_bytes_get_size(json), "again", &error);
	if (!again)
		fail_msg("%s", error->message);
	g_autoptr(GBytes) second = kiln_recipe_to_json(again, FALSE);
	assert_true(g_bytes_equal(json, second));
}

static void test_json(void **state)
{
	static const char *const names[] = { "recipe/everything.yaml", "recipe/derived.yaml" };
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(KilnRecipe) recipe = load(names[i], NULL);
		assert_reads_back(recipe);
	}
	g_autoptr(KilnRecipe) recipe = load("recipe/everything.yaml", NULL);
	g_autoptr(GBytes) whole = kiln_recipe_to_json(recipe, FALSE), digested = kiln_recipe_to_json(recipe, TRUE);
	g_autoptr(json_t) with = kiln_json_parse(g_bytes_get_data(whole, NULL), g_bytes_get_size(whole), "a", NULL);
	g_autoptr(json_t) without = kiln_json_parse(g_bytes_get_data(digested, NULL), g_bytes_get_size(digested), "b", NULL);
	assert_int_equal(json_array_size(json_object_get(with, "tests")), 8);
	assert_null(json_object_get(without, "tests"));
	/* The text survives to the byte: one that YAML would fold, escape or end a line in. */
	assert_string_equal(json_string_value(json_object_get(json_object_get(with, "env"), "TEXT")), "a\tb \"c\" \\ \u00e9 \u2028");
}

/* Random texts wherever any text is allowed. */
static void test_json_of_random_texts(void **state)
{
	static const gunichar alphabet[] = { 'a', ' ', '\n', '\t', '"', '\\', '\'', '#', ':', '-', '{', '&', '*', '!', '%', '@', 0x01, 0x7f, 0x85, 0xe9, 0x2028, 0xfeff, 0x1f600 };
	g_autoptr(GRand) random = g_rand_new_with_seed(7);
	for (guint round = 0; round < 300; round++) {
		g_autoptr(KilnRecipe) recipe = load("recipe/everything.yaml", NULL);
		KilnRecipeFile *file = recipe->files->pdata[0];
		GString *text = g_string_new(NULL);
		for (gint32 i = g_rand_int_range(random, 0, 40); i > 0; i--)
			g_string_append_unichar(text, alphabet[g_rand_int_range(random, 0, G_N_ELEMENTS(alphabet))]);
		g_free(file->content);
		file->content = g_string_free(text, FALSE);
		g_free(recipe->environment[1]);
		recipe->environment[1] = g_strconcat("EMPTY=", file->content, NULL);
		g_free(recipe->command[1]);
		recipe->command[1] = g_strdup(file->content);
		assert_reads_back(recipe);
	}
}

/* Each key's own example must be good, or the documentation would teach mistakes. */
static void check_example(const Spec *spec, const char *outer)
{
	g_autofree char *item = outer ? g_strdup_printf("%s: %s", spec->key, spec->example) : NULL;
	g_autofree char *text = NULL;
	const char *rest = "";
	if (!outer)
		text = g_strdup_printf("archive: debian/trixie\n%s: %s\n", strcmp(spec->key, "archive") == 0 ? "version" : spec->key, spec->example);
	else if (strcmp(outer, "healthcheck") == 0)
		text = g_strdup_printf("healthcheck: {%s%s}\n", item, strcmp(spec->key, "test") == 0 ? "" : ", test: [/x]");
	else if (strcmp(outer, "tests") == 0)
		rest = !spec->with || strcmp(spec->with[0], "run") == 0 ? ", run: [/x]" : ", fetch: \"http://127.0.0.1/\"";
	else if (strcmp(outer, "archives") == 0)
		rest = strcmp(spec->key, "id") == 0 ? "" : strcmp(spec->key, "directory") == 0 ? ", id: own, trusted: true"
		       : strcmp(spec->key, "trusted") == 0 ? ", id: own, directory: debs" : ", id: debian/trixie";
	else if (strcmp(outer, "files") == 0)
		rest = strcmp(spec->key, "path") == 0 ? ", content: x" : strcmp(spec->key, "source") == 0 || strcmp(spec->key, "content") == 0 ? ", path: /x" : ", path: /x, content: x";
	else if (strcmp(outer, "links") == 0)
		rest = strcmp(spec->key, "path") == 0 ? ", target: /x" : ", path: /x";
	else if (strcmp(outer, "writable") == 0)
		rest = strcmp(spec->key, "path") == 0 ? "" : ", path: /x";
	else
		rest = strcmp(spec->key, "name") == 0 ? (strcmp(outer, "users") == 0 ? ", uid: 1" : ", gid: 1")
		       : g_str_has_suffix(spec->key, "id") ? ", name: x" : strcmp(outer, "users") == 0 ? ", name: x, uid: 1" : ", name: x, gid: 1";
	if (outer && strcmp(outer, "tests") == 0 && g_strv_contains((const char *const[]){ "run", "port", "fetch", "present", "absent", "size", NULL }, spec->key))
		rest = "";
	if (!text)
		text = g_strdup_printf("%s: [{%s%s}]\n", outer, item, rest);
	gboolean named = !outer && strcmp(spec->key, "name") == 0;
	g_autofree char *whole = g_strconcat(named ? "" : "name: x\nvariants: {client: {}}\n", text, NULL), *path = NULL;
	g_autoptr(GError) error = NULL;
	int fd = g_file_open_tmp("kiln-recipe-XXXXXX", &path, NULL);
	assert_true(fd >= 0 && g_close(fd, NULL) && g_file_set_contents(path, whole, -1, NULL));
	g_autoptr(KilnRecipe) recipe = kiln_recipe_load(path, NULL, &error);
	g_unlink(path);
	if (!recipe)
		fail_msg("%s\n%s", error->message, whole);
	assert_reads_back(recipe);
}

static void test_examples(void **state)
{
	for (const Spec *spec = recipe_type.specs; spec->key; spec++) {
		check_example(spec, NULL);
		for (const Spec *inner = spec->type ? spec->type->specs : NULL; inner && inner->key; inner++)
			check_example(inner, spec->key);
	}
}

static void check_reject(const char *path, const char *name)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(text, "\n", 2);
	g_auto(GStrv) words = g_strsplit(lines[0], " ", 4);
	if (g_strv_length(words) != 4 || strcmp(words[1], "expect:") != 0)
		fail_msg("%s: first line must be \"# expect: CODE MESSAGE\"", name);
	g_autoptr(KilnRecipe) recipe = kiln_recipe_load(path, NULL, &error);
	if (recipe)
		fail_msg("%s: was taken", name);
	g_autofree char *message = g_strdup(error->message);
	if (strcmp(kiln_error_name(error->code), words[2]) != 0 || !strstr(message, words[3]))
		fail_msg("%s: got %s: %s", name, kiln_error_name(error->code), message);
	assert_int_equal(error->domain, KILN_ERROR);
}

static void test_rejects(void **state)
{
	g_autofree char *path = data_path("reject/recipe");
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;
	guint count = 0;
	assert_non_null(directory);
	while ((name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *file = g_build_filename(path, name, NULL);
		check_reject(file, name);
		count++;
	}
	assert_true(count >= 70);
}

static void test_huge(void **state)
{
	g_autofree char *path = NULL;
	g_autoptr(GError) error = NULL;
	int fd = g_file_open_tmp("kiln-recipe-XXXXXX", &path, NULL);
	assert_true(fd >= 0 && ftruncate(fd, 100 * 1000 * 1000) == 0 && g_close(fd, NULL));
	assert_null(kiln_recipe_load(path, NULL, &error));
	g_unlink(path);
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_LIMIT));
	assert_non_null(strstr(error->message, path));
}

static void test_from_chain(void **state)
{
	g_autofree char *directory = g_dir_make_tmp("kiln-recipe-XXXXXX", NULL);
	for (guint i = 0; i < 12; i++) {
		g_autofree char *path = g_strdup_printf("%s/%u.yaml", directory, i);
		g_autofree char *text = g_strdup_printf("name: n%u\nenv: {V%u: x}\n%s%u.yaml\n", i, i, i < 11 ? "from: " : "#", i + 1);
		assert_true(g_file_set_contents(path, text, -1, NULL));
	}
	g_autofree char *short_one = g_build_filename(directory, "4.yaml", NULL), *long_one = g_build_filename(directory, "0.yaml", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnRecipe) recipe = kiln_recipe_load(short_one, NULL, NULL);
	assert_non_null(recipe);
	assert_list(recipe->environment, "V11=x|V10=x|V9=x|V8=x|V7=x|V6=x|V5=x|V4=x");
	assert_null(kiln_recipe_load(long_one, NULL, &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_LIMIT));
	for (guint i = 0; i < 12; i++) {
		g_autofree char *path = g_strdup_printf("%s/%u.yaml", directory, i);
		g_unlink(path);
	}
	g_rmdir(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_merge), cmocka_unit_test(test_variants), cmocka_unit_test(test_everything),
		                            cmocka_unit_test(test_json), cmocka_unit_test(test_json_of_random_texts), cmocka_unit_test(test_examples),
		                            cmocka_unit_test(test_rejects), cmocka_unit_test(test_huge), cmocka_unit_test(test_from_chain) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
