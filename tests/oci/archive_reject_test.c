/* SPDX-License-Identifier: Apache-2.0 */
/* archive_reject_test.c: archives that lie, each refused with its error and nothing named; and odd ones that are legal. */
#include "oci/archive.h"
#include "oci/image.h"

#include "fixture.h"

#define LAYOUT "{\"imageLayoutVersion\":\"1.0.0\"}"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

typedef struct {
	GByteArray *tar;
	char layer_sha[KILN_DIGEST_HEX_LENGTH + 1]; /* of layer_bytes */
	GByteArray *layer;
	char *config; /* that has the layer once, and twice */
	char *config_twice;
} World;

static void world_begin(World *world)
{
	KilnDigest digest;
	world->tar = g_byte_array_new();
	world->layer = g_byte_array_new();
	fixture_text(world->layer, "file", "content");
	kiln_tar_append_end(world->layer);
	kiln_hash_bytes(world->layer->data, world->layer->len, &digest);
	kiln_digest_print_hex(&digest, world->layer_sha);
	world->config = g_strdup_printf("{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:%s\"]}}", world->layer_sha);
	world->config_twice = g_strdup_printf("{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:%s\",\"sha256:%s\"]}}",
	                                      world->layer_sha, world->layer_sha);
}

static void world_end(World *world)
{
	g_byte_array_unref(world->tar);
	g_byte_array_unref(world->layer);
	g_free(world->config);
	g_free(world->config_twice);
}

static void add_layer(World *world, const char *path)
{
	fixture_add(world->tar, path, KILN_FILE_REGULAR, world->layer->data, world->layer->len, NULL);
}

static void add_manifest(World *world, const char *config, const char *layers)
{
	g_autofree char *text = g_strdup_printf("[{\"Config\":\"%s\",\"RepoTags\":[\"a:1\"],\"Layers\":[%s]}]", config, layers);
	fixture_text(world->tar, "manifest.json", text);
}

/* A blob under its right name; its digest into @hex when wanted. */
static void add_blob(World *world, const char *text, char hex[KILN_DIGEST_HEX_LENGTH + 1])
{
	KilnDigest digest;
	kiln_hash_bytes(text, strlen(text), &digest);
	kiln_digest_print_hex(&digest, hex);
	g_autofree char *path = g_strdup_printf("blobs/sha256/%s", hex);
	fixture_text(world->tar, path, text);
}

static void add_index(World *world, const char *manifest_hex, gsize size)
{
	g_autofree char *text = g_strdup_printf("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"" KILN_MEDIA_MANIFEST "\",\"digest\":\"sha256:%s\",\"size\":%" G_GSIZE_FORMAT "}]}",
	                                        manifest_hex, size);
	fixture_text(world->tar, "oci-layout", LAYOUT);
	fixture_text(world->tar, "index.json", text);
}

static void empty(World *world) { fixture_text(world->tar, "etc/passwd", "x"); }

static void parent_path(World *world)
{
	add_layer(world, "../layer.tar");
	add_manifest(world, "c.json", "\"layer.tar\"");
}

static void parent_name(World *world)
{
	add_layer(world, "layer.tar");
	fixture_text(world->tar, "c.json", world->config);
	add_manifest(world, "c.json", "\"../layer.tar\"");
}

static void link_outside(World *world)
{
	fixture_add(world->tar, "a/layer.tar", KILN_FILE_SYMLINK, NULL, 0, "../../../etc/passwd");
	fixture_text(world->tar, "c.json", world->config);
	add_manifest(world, "c.json", "\"a/layer.tar\"");
}

static void link_circle(World *world)
{
	fixture_add(world->tar, "a", KILN_FILE_SYMLINK, NULL, 0, "b");
	fixture_add(world->tar, "b", KILN_FILE_SYMLINK, NULL, 0, "a");
	fixture_text(world->tar, "c.json", world->config);
	add_manifest(world, "c.json", "\"a\"");
}

static void layer_missing(World *world)
{
	fixture_text(world->tar, "c.json", world->config);
	add_manifest(world, "c.json", "\"gone/layer.tar\"");
}

static void config_missing(World *world)
{
	add_layer(world, "layer.tar");
	add_manifest(world, "c.json", "\"layer.tar\"");
}

static void config_no_json(World *world)
{
	add_layer(world, "layer.tar");
	fixture_text(world->tar, "c.json", "no {json");
	add_manifest(world, "c.json", "\"layer.tar\"");
}

static void layer_differs(World *world)
{
	fixture_text(world->tar, "layer.tar", "something else");
	fixture_text(world->tar, "c.json", world->config);
	add_manifest(world, "c.json", "\"layer.tar\"");
}

static void layer_damaged(World *world)
{
	fixture_text(world->tar, "layer.tar", "\x1f\x8b\x08garbage");
	fixture_text(world->tar, "c.json", world->config);
	add_manifest(world, "c.json", "\"layer.tar\"");
}

/* A good gzip of 1024 zeros, which is an empty tar. */
static void layer_inflates_differently(World *world)
{
	static const guint8 zeros[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x63\x60\x18\x05\xa3\x60\x14\x8c\x54\x00\x00\x2e\xaf\xb5\xef\x00\x04\x00\x00";
	fixture_add(world->tar, "layer.tar", KILN_FILE_REGULAR, zeros, sizeof zeros - 1, NULL);
	fixture_text(world->tar, "c.json", world->config);
	add_manifest(world, "c.json", "\"layer.tar\"");
}

static void layer_too_many(World *world)
{
	add_layer(world, "layer.tar");
	fixture_text(world->tar, "c.json", world->config);
	add_manifest(world, "c.json", "\"layer.tar\",\"layer.tar\"");
}

static void layer_is_directory(World *world)
{
	fixture_add(world->tar, "layer.tar", KILN_FILE_DIRECTORY, NULL, 0, NULL);
	fixture_text(world->tar, "c.json", world->config);
	add_manifest(world, "c.json", "\"layer.tar\"");
}

static void layer_is_device(World *world)
{
	fixture_add(world->tar, "layer.tar", KILN_FILE_CHARACTER_DEVICE, NULL, 0, NULL);
	fixture_text(world->tar, "c.json", world->config);
	add_manifest(world, "c.json", "\"layer.tar\"");
}

static void twice(World *world)
{
	add_layer(world, "layer.tar");
	fixture_text(world->tar, "c.json", world->config);
	fixture_text(world->tar, "c.json", world->config_twice);
	add_manifest(world, "c.json", "\"layer.tar\"");
}

static void twice_in_disguise(World *world)
{
	add_layer(world, "layer.tar");
	fixture_text(world->tar, "c.json", world->config);
	add_manifest(world, "c.json", "\"layer.tar\"");
	fixture_text(world->tar, "./manifest.json", "[]");
}

static void manifest_no_list(World *world) { fixture_text(world->tar, "manifest.json", "{}"); }

static void manifest_of_numbers(World *world)
{
	fixture_text(world->tar, "c.json", world->config);
	fixture_text(world->tar, "manifest.json", "[{\"Config\":\"c.json\",\"Layers\":[1]}]");
}

static void two_images(World *world)
{
	fixture_text(world->tar, "manifest.json", "[{\"Config\":\"c\",\"RepoTags\":[\"one:1\"],\"Layers\":[]},{\"Config\":\"d\",\"RepoTags\":[\"two:2\"],\"Layers\":[]}]");
}

static void blob_name(World *world)
{
	fixture_text(world->tar, "blobs/sha256/" ZEROS, "not zeros");
	add_index(world, ZEROS, 9);
}

static void blob_no_digest(World *world)
{
	fixture_text(world->tar, "blobs/sha256/hello", "x");
	add_index(world, ZEROS, 9);
}

static void blob_missing(World *world) { add_index(world, ZEROS, 9); }

static void deep_blob_missing(World *world)
{
	char config[KILN_DIGEST_HEX_LENGTH + 1], manifest[KILN_DIGEST_HEX_LENGTH + 1];
	add_blob(world, world->config, config);
	g_autofree char *text = g_strdup_printf("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" KILN_MEDIA_CONFIG "\",\"digest\":\"sha256:%s\",\"size\":%" G_GSIZE_FORMAT "},"
	                                        "\"layers\":[{\"mediaType\":\"" KILN_MEDIA_LAYER "\",\"digest\":\"sha256:" ZEROS "\",\"size\":5}]}", config, strlen(world->config));
	add_blob(world, text, manifest);
	add_index(world, manifest, strlen(text));
}

static void size_lies(World *world)
{
	char config[KILN_DIGEST_HEX_LENGTH + 1], manifest[KILN_DIGEST_HEX_LENGTH + 1];
	add_blob(world, world->config, config);
	g_autofree char *text = g_strdup_printf("{\"schemaVersion\":2,\"config\":{\"mediaType\":\"" KILN_MEDIA_CONFIG "\",\"digest\":\"sha256:%s\",\"size\":7},\"layers\":[]}", config);
	add_blob(world, text, manifest);
	add_index(world, manifest, strlen(text));
}

static void layout_version(World *world)
{
	fixture_text(world->tar, "oci-layout", "{\"imageLayoutVersion\":\"2.0.0\"}");
	fixture_text(world->tar, "index.json", "{\"schemaVersion\":2,\"manifests\":[]}");
}

static void no_index(World *world) { fixture_text(world->tar, "oci-layout", LAYOUT); }

static void nested_too_deep(World *world)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	g_autofree char *text = g_strdup("{\"schemaVersion\":2,\"manifests\":[]}");
	for (guint i = 0; i < 20; i++) {
		add_blob(world, text, hex);
		gsize size = strlen(text);
		g_free(text);
		text = g_strdup_printf("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"" KILN_MEDIA_INDEX "\",\"digest\":\"sha256:%s\",\"size\":%" G_GSIZE_FORMAT "}]}", hex, size);
	}
	fixture_text(world->tar, "oci-layout", LAYOUT);
	fixture_text(world->tar, "index.json", text);
}

static void cut(World *world)
{
	add_layer(world, "layer.tar");
	g_byte_array_set_size(world->tar, world->tar->len - 700);
}

static const struct {
	const char *name, *tag;
	void (*make)(World *world);
	KilnError code;
	const char *text; /* part of the message */
} rows[] = {
	{ "a file system", NULL, empty, KILN_ERROR_UNSUPPORTED, "neither" },
	{ "path with ..", NULL, parent_path, KILN_ERROR_DENIED, ".." },
	{ "layer named with ..", NULL, parent_name, KILN_ERROR_DENIED, "../layer.tar" },
	{ "symlink out of it", NULL, link_outside, KILN_ERROR_DENIED, "out of the archive" },
	{ "symlinks in a circle", NULL, link_circle, KILN_ERROR_DENIED, "more than" },
	{ "layer missing", NULL, layer_missing, KILN_ERROR_NOT_FOUND, "gone/layer.tar" },
	{ "configuration missing", NULL, config_missing, KILN_ERROR_NOT_FOUND, "c.json" },
	{ "configuration no JSON", NULL, config_no_json, KILN_ERROR_SYNTAX, "c.json:1:" },
	{ "layer of another content", NULL, layer_differs, KILN_ERROR_MISMATCH, "layer.tar" },
	{ "layer damaged", NULL, layer_damaged, KILN_ERROR_SYNTAX, "layer 1: " },
	{ "compressed layer of another content", NULL, layer_inflates_differently, KILN_ERROR_MISMATCH, "layer 1: its diff id is" },
	{ "more layers than promised", NULL, layer_too_many, KILN_ERROR_MISMATCH, "2 layers" },
	{ "layer a directory", NULL, layer_is_directory, KILN_ERROR_SYNTAX, "neither file nor link" },
	{ "layer a device", NULL, layer_is_device, KILN_ERROR_SYNTAX, "neither file nor link" },
	{ "member twice", NULL, twice, KILN_ERROR_SYNTAX, "c.json is in the archive twice" },
	{ "member twice in disguise", NULL, twice_in_disguise, KILN_ERROR_SYNTAX, "manifest.json is in the archive twice" },
	{ "manifest.json no list", NULL, manifest_no_list, KILN_ERROR_SYNTAX, "list" },
	{ "layer a number", NULL, manifest_of_numbers, KILN_ERROR_SYNTAX, "Layers[0]" },
	{ "two images and no name", NULL, two_images, KILN_ERROR_NOT_FOUND, "one:1, two:2" },
	{ "no such name", "ona:1", two_images, KILN_ERROR_NOT_FOUND, "did you mean \"one:1\"" },
	{ "no such number", "@2", two_images, KILN_ERROR_NOT_FOUND, "one:1, two:2" },
	{ "blob of another content", NULL, blob_name, KILN_ERROR_MISMATCH, ZEROS },
	{ "blob that is no digest", NULL, blob_no_digest, KILN_ERROR_SYNTAX, "blobs/sha256/hello" },
	{ "manifest missing", NULL, blob_missing, KILN_ERROR_NOT_FOUND, ZEROS },
	{ "layer's blob missing", NULL, deep_blob_missing, KILN_ERROR_NOT_FOUND, ZEROS },
	{ "size that lies", NULL, size_lies, KILN_ERROR_MISMATCH, "says 7" },
	{ "another layout version", NULL, layout_version, KILN_ERROR_UNSUPPORTED, "2.0.0" },
	{ "layout without index", NULL, no_index, KILN_ERROR_NOT_FOUND, "index.json" },
	{ "nested too deep", NULL, nested_too_deep, KILN_ERROR_LIMIT, "deep" },
	{ "cut off", NULL, cut, KILN_ERROR_SYNTAX, "layer.tar" },
};

/* What layers inflate to is not checked before they are read. */
static gboolean read_whole(const char *reference, const char *store, GError **error)
{
	static const KilnContext context = { .jobs = 1 };
	g_autoptr(KilnImage) image = kiln_image_open(reference, store, NULL, error);
	g_autoptr(GPtrArray) files = NULL;
	return image && kiln_image_read_files(image, &context, &files, error);
}

static void is_refused(const Scratch *scratch, guint row)
{
	World world;
	g_auto(KilnDescriptor) found = { 0 };
	g_autoptr(GError) error = NULL;
	g_autofree char *path = fixture_path(scratch, "bad.tar"), *name = g_strdup_printf("into%u", row);
	g_autofree char *store = fixture_path(scratch, "store/images"), *reference = g_strdup_printf("docker-archive:%s", path);
	g_autoptr(KilnLayout) into = fixture_layout(scratch, name);
	const char *name_in_message = path;
	world_begin(&world);
	rows[row].make(&world);
	kiln_tar_append_end(world.tar);
	scratch_write(scratch, "bad.tar", world.tar->data, world.tar->len);
	world_end(&world);
	if (kiln_archive_read(path, rows[row].tag, into, &found, &error)) {
		assert_false(read_whole(reference, store, &error));
		kiln_descriptor_clear(&found);
		found = (KilnDescriptor){ 0 };
		name_in_message = reference;
	}
	if (!g_error_matches(error, KILN_ERROR, (int)rows[row].code) || !strstr(error->message, rows[row].text))
		fail_msg("%s: %s (%s)", rows[row].name, error->message, kiln_error_name(error->code));
	if (!g_str_has_prefix(error->message, name_in_message))
		fail_msg("%s: does not name the file: %s", rows[row].name, error->message);
	assert_null(found.media_type);
}

static void all_are_refused(void **state)
{
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		print_message("# %s\n", rows[i].name);
		is_refused(*state, i);
	}
}

/* docker save before version 25 wrote a symlink for a layer that was there already. */
static void links_inside_are_followed(void **state)
{
	const Scratch *scratch = *state;
	World world;
	g_auto(KilnDescriptor) found = { 0 };
	g_autoptr(GError) error = NULL;
	g_autofree char *path = fixture_path(scratch, "links.tar");
	g_autoptr(KilnLayout) into = fixture_layout(scratch, "into");
	world_begin(&world);
	fixture_add(world.tar, "b/layer.tar", KILN_FILE_SYMLINK, NULL, 0, "../a/layer.tar");
	add_layer(&world, "a/layer.tar");
	fixture_text(world.tar, "c.json", world.config_twice);
	add_manifest(&world, "c.json", "\"a/layer.tar\",\"b/layer.tar\"");
	kiln_tar_append_end(world.tar);
	scratch_write(scratch, "links.tar", world.tar->data, world.tar->len);
	assert_true(kiln_archive_read(path, "a:1", into, &found, &error));
	g_autoptr(GBytes) bytes = kiln_layout_read_blob(into, &found.digest, 1 << 20, &error);
	g_autoptr(KilnManifest) manifest = kiln_manifest_parse(bytes, "manifest", &error);
	assert_int_equal(manifest->items->len, 2);
	for (guint i = 0; i < 2; i++) {
		char hex[KILN_DIGEST_HEX_LENGTH + 1];
		const KilnDescriptor *layer = manifest->items->pdata[i];
		assert_string_equal(kiln_digest_print_hex(&layer->digest, hex), world.layer_sha);
		assert_int_equal(layer->size_bytes, world.layer->len);
	}
	world_end(&world);
}

static void not_a_file(void **state)
{
	const Scratch *scratch = *state;
	g_auto(KilnDescriptor) found = { 0 };
	g_autoptr(GError) error = NULL, missing = NULL;
	g_autofree char *path = fixture_path(scratch, "nothing");
	g_autoptr(KilnLayout) into = fixture_layout(scratch, "into");
	assert_false(kiln_archive_read("/dev/null", NULL, into, &found, &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_UNSUPPORTED));
	assert_false(kiln_archive_read(path, NULL, into, &found, &missing));
	assert_true(g_error_matches(missing, KILN_ERROR, KILN_ERROR_NOT_FOUND));
}

int main(void)
{
	const struct CMUnitTest tests[] = { scratch_test(all_are_refused), scratch_test(links_inside_are_followed), scratch_test(not_a_file) };
	return cmocka_run_group_tests_name("archive_reject", tests, NULL, NULL);
}
