/* SPDX-License-Identifier: Apache-2.0 */
/* summary_test.c: the numbers and warnings of a build survive being remembered; damaged memories are refused. */
#include "build/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static KilnBuiltPlatform *make(void)
{
	KilnBuiltPlatform *built = kiln_built_platform_new("linux/arm64");
	static const KilnLeftOut left = { "manual", 3, 5000000000 };
	memset(built->descriptor.digest.sha256, 0xab, sizeof built->descriptor.digest.sha256);
	built->descriptor.size_bytes = 700;
	built->packages_all = 1;
	built->packages_kept = 2;
	built->files_all = 3;
	built->files_kept = 4;
	built->bytes_all = 5;
	built->bytes_kept = 6000000000;
	built->compressed_bytes = 7;
	built->layers = 8;
	built->notices = kiln_notices_new();
	kiln_notice_add(built->notices, "shell:/usr/bin/x", "shell: true", FALSE, "x wants %s", "a shell");
	kiln_notice_add(built->notices, "library:y", NULL, TRUE, "y");
	g_ptr_array_add(built->left_out, g_memdup2(&left, sizeof left));
	return built;
}

static void test_it_comes_back(void **state)
{
	KilnBuiltPlatform *built = make();
	g_autoptr(json_t) json = kiln_built_platform_to_json(built);
	KilnBuiltPlatform *read = kiln_built_platform_from_json(json, "memory", NULL);
	assert_non_null(read);
	g_autoptr(json_t) again = kiln_built_platform_to_json(read);
	assert_true(json_equal(json, again));
	assert_int_equal(read->bytes_kept, 6000000000);
	assert_true(((KilnNotice *)read->notices->pdata[1])->note);
	assert_null(((KilnNotice *)read->notices->pdata[1])->answer);
	kiln_built_platform_free(read);
	kiln_built_platform_free(built);
}

static void test_damaged_memories_are_refused(void **state)
{
	KilnBuiltPlatform *built = make();
	g_autoptr(json_t) json = kiln_built_platform_to_json(built);
	const char *key;
	json_t *value;
	kiln_built_platform_free(built);
	json_object_foreach(json, key, value)
	{
		g_autoptr(json_t) copy = json_deep_copy(json);
		json_t *wrong[] = { NULL, json_integer(-1), json_true(), json_array() };
		for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
			if (wrong[i])
				json_object_set_new(copy, key, wrong[i]);
			else
				json_object_del(copy, key);
			if (i == 3 && json_is_array(value))
				continue; /* an empty list is a list */
			if (kiln_built_platform_from_json(copy, "memory", NULL))
				fail_msg("%s: accepted with wrong value %" G_GSIZE_FORMAT, key, i);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_it_comes_back), cmocka_unit_test(test_damaged_memories_are_refused) };
	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
