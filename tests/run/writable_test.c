/* SPDX-License-Identifier: Apache-2.0 */
/* writable_test.c: what an image may ask to write, and what it may not. */
#include "base/error.h"
#include "base/limits.h"
#include "run/writable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static KilnImageConfig *config_with(const char *label, const char *volume)
{
	KilnImageConfig *config = kiln_image_config_new();
	g_strfreev(config->labels);
	config->labels = g_new0(char *, 3);
	config->labels[0] = label ? g_strdup(KILN_LABEL_WRITABLE) : NULL;
	config->labels[1] = g_strdup(label);
	g_strfreev(config->volumes);
	config->volumes = g_new0(char *, 2);
	config->volumes[0] = g_strdup(volume);
	return config;
}

static void test_paths(void **state)
{
	g_autoptr(KilnImageConfig) config = config_with("[{\"path\":\"/var/lib/x\",\"kind\":\"volume\",\"mode\":\"0700\",\"uid\":7,\"gid\":8},"
	                                                "{\"path\":\"/run/\",\"mode\":511,\"size\":4096},{\"path\":\"/dev/shm\"}]", "/data");
	g_autoptr(GPtrArray) paths = NULL;
	assert_true(kiln_writable_from_config(config, 1000, 1001, &paths, NULL));
	assert_int_equal(paths->len, 4);
	const KilnWritablePath *data = paths->pdata[0], *shm = paths->pdata[1], *run = paths->pdata[2], *lib = paths->pdata[3];
	assert_string_equal(data->path, "/data");
	assert_true(data->is_volume && data->uid == 1000 && data->gid == 1001 && data->mode == 0755 && data->size_bytes == KILN_WRITABLE_DEFAULT_BYTES);
	assert_string_equal(shm->path, "/dev/shm");
	assert_string_equal(run->path, "/run");
	assert_true(!run->is_volume && run->mode == 0777 && run->size_bytes == 4096);
	assert_string_equal(lib->path, "/var/lib/x");
	assert_true(lib->is_volume && lib->mode == 0700 && lib->uid == 7 && lib->gid == 8);
}

/* The label knows more than Volumes, which every engine reads. */
static void test_label_wins(void **state)
{
	g_autoptr(KilnImageConfig) config = config_with("[{\"path\":\"/data\",\"kind\":\"tmpfs\"}]", "/data");
	g_autoptr(GPtrArray) paths = NULL;
	assert_true(kiln_writable_from_config(config, 1, 1, &paths, NULL));
	assert_int_equal(paths->len, 1);
	assert_false(((const KilnWritablePath *)paths->pdata[0])->is_volume);
}

static void test_rejects(void **state)
{
	static const struct {
		const char *label;
		KilnError code;
	} rows[] = {
		{ "[{\"path\":\"/\"}]", KILN_ERROR_DENIED },          { "[{\"path\":\"//\"}]", KILN_ERROR_DENIED },
		{ "[{\"path\":\"/proc\"}]", KILN_ERROR_DENIED },      { "[{\"path\":\"/proc/sys\"}]", KILN_ERROR_DENIED },
		{ "[{\"path\":\"/./sys//x\"}]", KILN_ERROR_DENIED },  { "[{\"path\":\"/dev\"}]", KILN_ERROR_DENIED },
		{ "[{\"path\":\"/dev/pts\"}]", KILN_ERROR_DENIED },   { "[{\"path\":\"/a/../proc\"}]", KILN_ERROR_DENIED },
		{ "[{\"path\":\"run\"}]", KILN_ERROR_SYNTAX },        { "[{\"path\":7}]", KILN_ERROR_SYNTAX },
		{ "[{}]", KILN_ERROR_SYNTAX },                        { "[\"/run\"]", KILN_ERROR_SYNTAX },
		{ "{}", KILN_ERROR_SYNTAX },                          { "[", KILN_ERROR_SYNTAX },
		{ "[{\"path\":\"/x\",\"kind\":\"bind\"}]", KILN_ERROR_SYNTAX }, { "[{\"path\":\"/x\",\"mode\":\"rwx\"}]", KILN_ERROR_SYNTAX },
		{ "[{\"path\":\"/x\",\"mode\":4096}]", KILN_ERROR_SYNTAX },     { "[{\"path\":\"/x\",\"uid\":-1}]", KILN_ERROR_SYNTAX },
		{ "[{\"path\":\"/x\",\"gid\":4294967295}]", KILN_ERROR_SYNTAX }, { "[{\"path\":\"/x\",\"size\":\"1\"}]", KILN_ERROR_SYNTAX },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(KilnImageConfig) config = config_with(rows[i].label, NULL);
		g_autoptr(GPtrArray) paths = NULL;
		g_autoptr(GError) error = NULL;
		if (kiln_writable_from_config(config, 0, 0, &paths, &error) || error->code != (int)rows[i].code)
			fail_msg("%s: %s", rows[i].label, error ? error->message : "was taken");
	}
}

static void test_too_many(void **state)
{
	g_autoptr(GString) label = g_string_new("[");
	for (guint i = 0; i <= KILN_LIMIT_WRITABLE_PATHS; i++)
		g_string_append_printf(label, "%s{\"path\":\"/p%u\"}", i ? "," : "", i);
	g_string_append_c(label, ']');
	g_autoptr(KilnImageConfig) config = config_with(label->str, NULL);
	g_autoptr(GPtrArray) paths = NULL;
	g_autoptr(GError) error = NULL;
	assert_false(kiln_writable_from_config(config, 0, 0, &paths, &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_LIMIT));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_paths), cmocka_unit_test(test_label_wins), cmocka_unit_test(test_rejects),
		                            cmocka_unit_test(test_too_many) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
