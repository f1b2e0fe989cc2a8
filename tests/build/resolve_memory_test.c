/* SPDX-License-Identifier: Apache-2.0 */
/* resolve_memory_test.c: a lock is remembered until the first thing that vouches for it expires; damaged memory is no memory. */
#include "build/resolve_memory.h"
#include "io/scratch.h"
#include "source/memory.h"

#define NOW 1800000000

static KilnStore *open_store(const Scratch *scratch)
{
	g_autofree char *store_path = g_build_filename(scratch->path, "store", NULL), *cache_path = g_build_filename(scratch->path, "cache", NULL);
	KilnStore *store = kiln_store_open(store_path, cache_path, NULL);
	assert_non_null(store);
	return store;
}

static KilnLock *load_lock(void)
{
	g_autofree char *path = g_build_filename(g_getenv("KILN_TEST_DATA"), "lock/nginx.lock", NULL);
	KilnLock *lock = NULL;
	assert_true(kiln_lock_load(AT_FDCWD, path, &lock, NULL));
	return lock;
}

/* An index with signatures that are good until each of @signed_until, ended by 0. */
static KilnSuiteIndex *make_index(gint64 valid_until, const gint64 *signed_until)
{
	KilnSuiteIndex *index = g_new0(KilnSuiteIndex, 1);
	index->files = g_ptr_array_new();
	index->signers = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_signer_free);
	index->valid_until_unix_s = valid_until;
	for (; *signed_until; signed_until++) {
		KilnSigner *signer = g_new0(KilnSigner, 1);
		signer->good_until_unix_s = *signed_until;
		g_ptr_array_add(index->signers, signer);
	}
	return index;
}

static void test_until_the_first_expiry(void **state)
{
	static const struct {
		const char *name;
		gint64 valid_until[2], signed_until[2][3], remembered_until;
	} rows[] = {
		{ "nothing expires", { 0, 0 }, { { G_MAXINT64 }, { G_MAXINT64 } }, G_MAXINT64 },
		{ "Valid-Until of the second suite", { NOW + 900, NOW + 500 }, { { G_MAXINT64 }, { G_MAXINT64 } }, NOW + 500 },
		{ "one good signature is enough", { 0, 0 }, { { NOW + 10, NOW + 700, NOW + 20 }, { G_MAXINT64 } }, NOW + 700 },
		{ "a key before Valid-Until", { NOW + 900, 0 }, { { NOW + 300 }, { G_MAXINT64 } }, NOW + 300 },
		{ "no signature at all", { 0, 0 }, { { G_MAXINT64 }, { 0 } }, 0 },
	};
	g_autoptr(KilnStore) store = open_store(*state);
	g_autoptr(KilnLock) lock = load_lock();
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const KilnDigest key = { { (guint8)i } };
		KilnContext context = { .now_unix_s = MIN(rows[i].remembered_until, NOW + 1000) };
		g_autoptr(GPtrArray) indexes = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_suite_index_free);
		for (gsize suite = 0; suite < 2; suite++) {
			gint64 signed_until[4] = { rows[i].signed_until[suite][0], rows[i].signed_until[suite][1], rows[i].signed_until[suite][2], 0 };
			g_ptr_array_add(indexes, make_index(rows[i].valid_until[suite], signed_until));
		}
		assert_true(resolve_memory_keep(store, &key, lock, indexes, NULL));
		g_autoptr(KilnLock) found = resolve_memory_recall(store, &context, &key);
		if (!found)
			fail_msg("%s: forgotten too early", rows[i].name);
		g_autoptr(json_t) before = kiln_lock_to_json(lock), after = kiln_lock_to_json(found);
		assert_true(json_equal(before, after));
		if (rows[i].remembered_until == G_MAXINT64)
			continue;
		context.now_unix_s = rows[i].remembered_until + 1;
		g_autoptr(KilnLock) late = resolve_memory_recall(store, &context, &key);
		if (late)
			fail_msg("%s: believed too long", rows[i].name);
	}
}

static void test_other_keys_and_damage(void **state)
{
	const Scratch *scratch = *state;
	const KilnDigest key = { { 1 } }, other = { { 2 } };
	g_autoptr(KilnStore) store = open_store(scratch);
	assert_null(kiln_memory_recall(store, "things", &key));
	assert_true(kiln_memory_keep(store, "things", &key, "value", 5, NULL));
	assert_null(kiln_memory_recall(store, "things", &other));
	assert_null(kiln_memory_recall(store, "others", &key));
	g_autoptr(GBytes) whole = kiln_memory_recall(store, "things", &key);
	assert_non_null(whole);
	assert_int_equal(g_bytes_get_size(whole), 5);
	assert_memory_equal(g_bytes_get_data(whole, NULL), "value", 5);
	static const char *const damages[] = { "printf V | dd of=\"$1\" conv=notrunc status=none", "truncate -s 36 \"$1\"", "truncate -s 5 \"$1\"", "truncate -s 0 \"$1\"" };
	for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
		g_autofree char *path = scratch_run(scratch, "printf %s cache/things/*", NULL);
		assert_true(kiln_memory_keep(store, "things", &key, "value", 5, NULL));
		g_autofree char *done = scratch_run(scratch, damages[i], path);
		assert_non_null(done);
		assert_null(kiln_memory_recall(store, "things", &key));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(test_until_the_first_expiry),
		scratch_test(test_other_keys_and_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
