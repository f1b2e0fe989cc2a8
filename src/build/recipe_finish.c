/* SPDX-License-Identifier: Apache-2.0 */
/* recipe_finish.c: what keys of a recipe must fit each other, and the default of every key that was not given. */
#include "base/error.h"
#include "base/text.h"
#include "build/recipe_spec.h"
#include "oci/platform.h"

#include <string.h>

static void default_vector(char ***vector)
{
	if (!*vector)
		*vector = g_new0(char *, 1);
}

static void default_string(char **string, const char *value)
{
	if (!*string)
		*string = g_strdup(value);
}

/* In the unit in which it was given, or is shortest. */
static char *size_name(guint64 bytes)
{
	static const struct {
		const char *name;
		guint64 bytes;
	} units[] = { { "GB", 1000000000 }, { "MB", 1000000 }, { "GiB", 1 << 30 }, { "MiB", 1 << 20 }, { "KiB", 1 << 10 }, { "kB", 1000 }, { "bytes", 1 } };
	gsize i = 0;
	while (bytes % units[i].bytes)
		i++;
	return g_strdup_printf("at most %" G_GUINT64_FORMAT " %s", bytes / units[i].bytes, units[i].name);
}

static void fill_tests(KilnRecipe *recipe)
{
	for (guint i = 0; i < recipe->tests->len; i++) {
		KilnRecipeTest *test = recipe->tests->pdata[i];
		test->kind = test->run ? KILN_TEST_RUN : test->port ? KILN_TEST_PORT : test->url ? KILN_TEST_FETCH
		             : test->path ? KILN_TEST_PRESENT : test->absent ? KILN_TEST_ABSENT : KILN_TEST_SIZE;
		if (!test->name) {
			g_autofree char *command = test->run ? g_strjoinv(" ", test->run) : NULL;
			test->name = test->kind == KILN_TEST_RUN       ? g_strdup_printf("run %s", command)
			             : test->kind == KILN_TEST_PORT    ? g_strdup_printf("listens on %" G_GUINT64_FORMAT, test->port)
			             : test->kind == KILN_TEST_FETCH   ? g_strdup_printf("fetch %s", test->url)
			             : test->kind == KILN_TEST_PRESENT ? g_strdup_printf("%s is there", test->path)
			             : test->kind == KILN_TEST_ABSENT  ? g_strdup_printf("%s is not there", test->absent)
			                                               : size_name(test->size_bytes);
		}
		gboolean started = test->kind == KILN_TEST_RUN || test->kind == KILN_TEST_PORT || test->kind == KILN_TEST_FETCH;
		if (started && !test->timeout_ms)
			test->timeout_ms = 10000;
		if (test->kind == KILN_TEST_FETCH && !test->status)
			test->status = 200;
		default_vector(&test->environment);
	}
}

static gboolean normalise(KilnRecipe *recipe, GError **error)
{
	char ***vectors[] = { &recipe->platforms, &recipe->packages, &recipe->programs, &recipe->exclude, &recipe->entrypoint, &recipe->command,
		              &recipe->environment, &recipe->ports, &recipe->labels, &recipe->annotations, &recipe->keep, &recipe->drop,
		              &recipe->accept, &recipe->locales, &recipe->healthcheck.test };
	for (gsize i = 0; i < G_N_ELEMENTS(vectors); i++)
		default_vector(vectors[i]);
	default_string(&recipe->user, "nonroot");
	default_string(&recipe->compression, "gzip");
	default_string(&recipe->working_directory, "/");
	if (!recipe->platforms[0]) {
		g_free(recipe->platforms);
		recipe->platforms = g_strsplit(kiln_platform_host()->oci, " ", -1);
	}
	for (char **platform = recipe->platforms; *platform; platform++) {
		const KilnPlatform *known = kiln_platform_parse(*platform, error);
		if (!known)
			return FALSE;
		g_free(*platform);
		*platform = g_strdup(known->oci);
	}
	for (char **port = recipe->ports; *port; port++)
		if (!strchr(*port, '/')) {
			char *with = g_strconcat(*port, "/tcp", NULL);
			g_free(*port);
			*port = with;
		}
	for (guint i = 0; i < recipe->writable->len; i++)
		default_string(&((KilnRecipeWritable *)recipe->writable->pdata[i])->kind, "tmpfs");
	fill_tests(recipe);
	return TRUE;
}

static gboolean fail_at(const KilnRecipe *recipe, const KilnRecipePlace *place, GError **error, const char *text)
{
	if (!place || !place->file)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: %s", recipe->file, text);
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s:%u:%u: %s", place->file, place->line, place->column, text);
}

static gboolean fail_at_key(const KilnRecipe *recipe, const char *key, GError **error, const char *text)
{
	return fail_at(recipe, g_hash_table_lookup(recipe->places, key), error, text);
}

static gboolean is_known_archive(const char *id)
{
	return g_strv_contains(kiln_archive_ids(), id);
}

static gboolean check_archive(const KilnRecipe *recipe, GError **error)
{
	gboolean own = FALSE;
	for (guint i = 0; i < recipe->archives->len; i++) {
		const KilnRecipeArchive *archive = recipe->archives->pdata[i];
		own |= g_strcmp0(archive->id, recipe->archive) == 0;
		if (archive->directory && (archive->mirrors || archive->snapshot || archive->suites || archive->components))
			return fail_at(recipe, &archive->place, error, "archives: a \"directory\" has no mirrors, suites, components or snapshot");
		if (archive->directory && !archive->trusted)
			return fail_at(recipe, &archive->place, error, "archives: packages in a \"directory\" carry no signature; say \"trusted: true\" if that is right");
		if (archive->trusted && !archive->directory)
			return fail_at(recipe, &archive->place, error, "archives: \"trusted\" is for a \"directory\"; a mirror needs its keyring");
		if (!archive->directory && !is_known_archive(archive->id) && (!archive->mirrors || !archive->suites || !archive->keyring)) {
			g_autofree char *text = g_strdup_printf("archives: \"%s\" is none that kiln knows, so it needs \"mirrors\", \"suites\" and \"keyring\", or a \"directory\"", archive->id);
			return fail_at(recipe, &archive->place, error, text);
		}
	}
	if (!recipe->archive && recipe->packages && recipe->packages[0] && recipe->archives->len == 0)
		return fail_at_key(recipe, "packages", error, "\"packages\" are asked for, but \"archive\" does not say where they come from, as in archive: debian/trixie");
	if (!recipe->archive || own || is_known_archive(recipe->archive))
		return TRUE;
	g_autofree char *hint = kiln_text_suggest(recipe->archive, kiln_archive_ids(), "known are what \"archives\" describes,");
	g_autofree char *text = g_strdup_printf("unknown archive \"%.60s\"; %s", recipe->archive, hint);
	return fail_at_key(recipe, "archive", error, text);
}

static gboolean check_fit(const KilnRecipe *recipe, GError **error)
{
	const KilnRecipeHealthcheck *healthcheck = &recipe->healthcheck;
	if (!recipe->name)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s:1:1: \"name\" is missing; it is never taken from a base", recipe->file);
	if (recipe->entrypoint && recipe->entrypoint[0] && recipe->entrypoint[0][0] != '/') {
		g_autofree char *text = g_strdup_printf("entrypoint: \"%.200s\" must be the absolute path of a program", recipe->entrypoint[0]);
		return fail_at_key(recipe, "entrypoint", error, text);
	}
	if ((!healthcheck->test || !healthcheck->test[0]) && (healthcheck->test || healthcheck->interval_ms || healthcheck->timeout_ms || healthcheck->start_period_ms || healthcheck->retries))
		return fail_at_key(recipe, "healthcheck", error, "healthcheck: \"test\" is missing");
	for (guint i = 0; i < recipe->writable->len; i++) {
		const KilnRecipeWritable *writable = recipe->writable->pdata[i];
		if (writable->size_bytes && g_strcmp0(writable->kind, "volume") == 0)
			return fail_at(recipe, &writable->place, error, "writable: \"size\" limits a tmpfs; a volume has none");
	}
	for (guint i = 0; i < recipe->tests->len; i++) {
		const KilnRecipeTest *test = recipe->tests->pdata[i];
		if (test->prepare && test->beside)
			return fail_at(recipe, &test->place, error, "tests: \"prepare\" runs before the image is started, \"beside\" after; say one of them");
	}
	return check_archive(recipe, error);
}

gboolean recipe_finish(KilnRecipe *recipe, GError **error)
{
	if (!check_fit(recipe, error))
		return FALSE;
	if (recipe->variant) {
		g_autofree char *name = g_steal_pointer(&recipe->name);
		recipe->name = g_strdup_printf("%s-%s", name, recipe->variant);
	}
	return normalise(recipe, error);
}
