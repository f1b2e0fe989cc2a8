/* SPDX-License-Identifier: Apache-2.0 */
/* difference_test.c: what two images that are nearly the same are told apart by. */
#include "oci/difference.h"

#include "fixture.h"

typedef void (*MakeTar)(GByteArray *tar);

static void plain(GByteArray *tar)
{
	fixture_text(tar, "a", "text");
	fixture_add(tar, "b", KILN_FILE_DIRECTORY, NULL, 0, NULL);
}

static void other_byte(GByteArray *tar)
{
	fixture_text(tar, "a", "teXt");
	fixture_add(tar, "b", KILN_FILE_DIRECTORY, NULL, 0, NULL);
}

static void longer(GByteArray *tar)
{
	fixture_text(tar, "a", "text and more");
	fixture_add(tar, "b", KILN_FILE_DIRECTORY, NULL, 0, NULL);
}

static void other_type(GByteArray *tar)
{
	fixture_text(tar, "a", "text");
	fixture_text(tar, "b", "");
}

static void less(GByteArray *tar) { fixture_text(tar, "a", "text"); }

static void other_order(GByteArray *tar)
{
	fixture_add(tar, "b", KILN_FILE_DIRECTORY, NULL, 0, NULL);
	fixture_text(tar, "a", "text");
}

static void linked(GByteArray *tar)
{
	fixture_add(tar, "a", KILN_FILE_SYMLINK, NULL, 0, "c");
	fixture_add(tar, "b", KILN_FILE_DIRECTORY, NULL, 0, NULL);
}

static void padded(GByteArray *tar)
{
	plain(tar);
	kiln_tar_append_end(tar);
}

static void with_attribute(GByteArray *tar)
{
	KilnXattr attribute = { "user.note", "x", 1 };
	KilnTarEntry entry = { .path = "a", .type = KILN_FILE_REGULAR, .mode = 0644, .size = 4, .xattrs = &attribute, .xattr_count = 1 };
	kiln_tar_append_header(tar, &entry);
	g_byte_array_append(tar, (const guint8 *)"text", 4);
	kiln_tar_append_padding(tar, 4);
	fixture_add(tar, "b", KILN_FILE_DIRECTORY, NULL, 0, NULL);
}

/* An image of one layer over what @make makes. */
static void make_image(KilnLayout *layout, MakeTar make, KilnDescriptor *out)
{
	g_autoptr(GByteArray) tar = g_byte_array_new();
	g_autoptr(KilnImageConfig) config = kiln_image_config_new();
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	make(tar);
	kiln_tar_append_end(tar);
	config->os = g_strdup("linux");
	config->architecture = g_strdup("amd64");
	config->diff_ids = g_new0(KilnDigest, 1);
	config->diff_id_count = 1;
	kiln_hash_bytes(tar->data, tar->len, &config->diff_ids[0]);
	KilnDescriptor *layer = g_new0(KilnDescriptor, 1);
	assert_true(kiln_layout_put_blob(layout, KILN_MEDIA_LAYER, tar->data, tar->len, layer, NULL));
	g_ptr_array_add(manifest->items, layer);
	g_autoptr(GBytes) text = kiln_image_config_print(config);
	manifest->has_config = TRUE;
	assert_true(kiln_layout_put_blob(layout, KILN_MEDIA_CONFIG, g_bytes_get_data(text, NULL), g_bytes_get_size(text), &manifest->config, NULL));
	g_autoptr(GBytes) bytes = kiln_manifest_print(manifest);
	assert_true(kiln_layout_put_blob(layout, KILN_MEDIA_MANIFEST, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), out, NULL));
}

static const struct {
	MakeTar make;
	const char *where; /* NULL: the layer as a whole */
	gint64 offset;
	const char *text;
} rows[] = {
	{ other_byte, "a", 2, "byte 2 is 0x78 in A, 0x58 in B" },
	{ longer, "a", 4, "4 bytes in A, 13 in B; the same as far as the shorter goes" },
	{ other_type, "b", -1, "a directory in A, a file in B" },
	{ less, "b", -1, "a directory in A; in its place B has nothing more" },
	{ other_order, "a", -1, "a file in A; in its place B has /b" },
	{ linked, "a", -1, "a file in A, a symbolic link in B" },
	{ padded, NULL, -1, "the same files in the same order, written in another form of tar" },
	{ with_attribute, "a", -1, "extended attribute user.note is not the same in A and in B" },
};

static void layers_are_told_apart(void **state)
{
	g_auto(KilnDescriptor) first = { 0 };
	g_autoptr(KilnLayout) layout = fixture_layout(*state, "layout");
	make_image(layout, plain, &first);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(KilnDescriptor) second = { 0 };
		g_autoptr(GPtrArray) found = NULL;
		make_image(layout, rows[i].make, &second);
		assert_true(kiln_images_compare(layout, &first, "A", layout, &second, "B", &found, NULL));
		assert_int_equal(found->len, 1);
		const KilnDifference *difference = found->pdata[0];
		assert_string_equal(difference->part, "layer 1");
		assert_string_equal(difference->text, rows[i].text);
		assert_int_equal(difference->offset, rows[i].offset);
		if (rows[i].where)
			assert_string_equal(difference->where, rows[i].where);
		else
			assert_null(difference->where);
	}
}

static void nothing_differs_in_itself(void **state)
{
	g_auto(KilnDescriptor) first = { 0 };
	g_autoptr(KilnLayout) layout = fixture_layout(*state, "layout");
	g_autoptr(GPtrArray) found = NULL;
	make_image(layout, plain, &first);
	assert_true(kiln_images_compare(layout, &first, "A", layout, &first, "B", &found, NULL));
	assert_int_equal(found->len, 0);
}

static void compression_is_told_from_content(void **state)
{
	g_auto(KilnDescriptor) first = { 0 }, second = { 0 };
	g_autoptr(KilnLayout) layout = fixture_layout(*state, "layout");
	g_autoptr(GPtrArray) found = NULL;
	fixture_image(layout, "amd64", KILN_COMPRESSION_GZIP, FALSE, &first);
	fixture_image(layout, "amd64", KILN_COMPRESSION_ZSTD, FALSE, &second);
	assert_true(kiln_images_compare(layout, &first, "A", layout, &second, "B", &found, NULL));
	assert_int_equal(found->len, 2);
	assert_non_null(strstr(((KilnDifference *)found->pdata[1])->text, "compressed differently"));
}

static void documents_are_told_apart(void **state)
{
	static const struct {
		const char *first, *second, *where, *text;
	} documents[] = {
		{ "{\"a\":{\"b\":[1,2]}}", "{\"a\":{\"b\":[1,3]}}", "/a/b/1", "A has 2, B has 3" },
		{ "{\"a\":1}", "{}", "/a", "A has 1, B has nothing" },
		{ "{}", "{\"a\":\"x\"}", "/a", "A has nothing, B has \"x\"" },
		{ "{\"a\":1}", "{ \"a\":1}", NULL, "the same values, written in another way" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(documents); i++) {
		g_autoptr(GPtrArray) found = kiln_differences_new();
		g_autoptr(GBytes) first = g_bytes_new_static(documents[i].first, strlen(documents[i].first)), second = g_bytes_new_static(documents[i].second, strlen(documents[i].second));
		assert_true(kiln_documents_compare("x", first, "A", second, "B", found, NULL));
		assert_int_equal(found->len, 1);
		const KilnDifference *difference = found->pdata[0];
		assert_string_equal(difference->text, documents[i].text);
		if (documents[i].where)
			assert_string_equal(difference->where, documents[i].where);
		else
			assert_null(difference->where);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { scratch_test(layers_are_told_apart), scratch_test(nothing_differs_in_itself), scratch_test(compression_is_told_from_content),
		                            cmocka_unit_test(documents_are_told_apart) };
	return cmocka_run_group_tests_name("difference", tests, NULL, NULL);
}
