/* SPDX-License-Identifier: Apache-2.0 */
/* image_reject_test.c: images that lie or attack: each ends in its named error, and nothing outside of the root is touched. */
#include "base/limits.h"
#include "image_fixture.h"

typedef struct {
	const char *name;
	const char *layers[4];
	KilnError code;
	const char *says;
	gboolean unpacking_only; /* it may be listed, not unpacked */
} Case;

static const Case cases[] = {
	{ "climbing path", { "f ../escape x" }, KILN_ERROR_DENIED, "..", FALSE },
	{ "climbing path in the middle", { "d a; f a/../../escape x" }, KILN_ERROR_DENIED, "..", FALSE },
	{ "hard link to outside", { "h a ../../escape" }, KILN_ERROR_DENIED, "..", FALSE },
	{ "hard link to what only the host has", { "h a /etc/passwd" }, KILN_ERROR_SYNTAX, "hard link to \"etc/passwd\"", FALSE },
	{ "hard link through a link to outside", { "l out ../../../../etc; h a out/passwd" }, KILN_ERROR_SYNTAX, "hard link", FALSE },
	{ "hard link to a directory", { "d a; h b a" }, KILN_ERROR_SYNTAX, "that is a directory", FALSE },
	{ "hard link to what was hidden", { "f a x", "f .wh.a; h b a" }, KILN_ERROR_SYNTAX, "no such file", FALSE },
	{ "hard link to itself", { "f a x; h a a" }, KILN_ERROR_SYNTAX, "no such file", FALSE },
	{ "whiteout of ..", { "d a; f a/.wh..." }, KILN_ERROR_DENIED, "whiteout of \"..\"", FALSE },
	{ "whiteout of .", { "d a; f a/.wh.." }, KILN_ERROR_DENIED, "whiteout of \".\"", FALSE },
	{ "whiteout of nothing", { "d a; f a/.wh." }, KILN_ERROR_DENIED, "whiteout of \"\"", FALSE },
	{ "below a whiteout", { "f .wh.a/b x" }, KILN_ERROR_DENIED, "name is that of a whiteout", FALSE },
	{ "links in a circle", { "l a b; l b a; f a/x text" }, KILN_ERROR_DENIED, "circle", FALSE },
	{ "link to itself", { "l a a; f a/x text" }, KILN_ERROR_DENIED, "circle", FALSE },
	{ "below a file of its own layer", { "f a x; f a/b y" }, KILN_ERROR_SYNTAX, "no directory", FALSE },
	{ "the root as a file", { "f . x" }, KILN_ERROR_SYNTAX, "the root is no directory", FALSE },
	{ "device", { "d dev; c dev/null" }, KILN_ERROR_DENIED, "/dev/null is a device", TRUE },
};

/* The scratch directory has "escape" with a secret beside the roots; nobody may have touched it, nor made anything beside it. */
static void assert_untouched(const Scratch *scratch, const char *name)
{
	g_autofree char *seen = scratch_run(scratch, "cat escape; ls -A", NULL);
	if (g_strcmp0(seen, "secret\nescape\nlayout\nroot\n") != 0)
		fail_msg("%s: %s", name, seen);
}

static void assert_refused(const Scratch *scratch, const char *name, const char *title, KilnError code, const char *says, gboolean lists)
{
	g_autoptr(KilnImage) image = fixture_open(scratch, name);
	g_autoptr(GPtrArray) files = NULL;
	g_autoptr(GError) listing = NULL, unpacking = NULL;
	if (kiln_image_read_files(image, &fixture_context, &files, &listing) != lists || (!lists && files))
		fail_msg("%s: listing says %s", title, listing ? listing->message : "nothing");
	g_auto(KilnFd) root = kiln_directory_make_at(scratch->fd, "root", 0755, NULL);
	if (kiln_image_unpack(image, &fixture_context, root, FALSE, &unpacking))
		fail_msg("%s: was unpacked", title);
	if (!g_error_matches(unpacking, KILN_ERROR, (gint)code) || !strstr(unpacking->message, says))
		fail_msg("%s: %s: %s", title, kiln_error_name(unpacking->code), unpacking->message);
	if (!lists)
		assert_int_equal(listing->code, code);
	assert_untouched(scratch, title);
	assert_true(kiln_remove_tree_at(scratch->fd, "root", NULL));
}

static void hostile_layers(void **state)
{
	const Scratch *scratch = *state;
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "layout");
	scratch_write(scratch, "escape", "secret\n", 7);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = g_strdup_printf("case%" G_GSIZE_FORMAT, i);
		fixture_layers(layout, name, "amd64", cases[i].layers, NULL);
		assert_refused(scratch, name, cases[i].name, cases[i].code, cases[i].says, cases[i].unpacking_only);
	}
}

/* What leads outside in a careless reader leads inside here. */
static void escapes_stay_inside(void **state)
{
	static const struct {
		const char *layers[3];
		const char *inside;
	} rows[] = {
		{ { "f /escape x" }, "escape" },
		{ { "l up ..; f up/escape x" }, "escape" },
		{ { "l up /; f up/escape x" }, "escape" },
		{ { "d a; l a/up ../../../..", "f a/up/escape x" }, "escape" },
		{ { "l up ..", "l up2 up/up; f up2/escape x" }, "up" },
	};
	const Scratch *scratch = *state;
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "layout");
	scratch_write(scratch, "escape", "secret\n", 7);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *name = g_strdup_printf("case%" G_GSIZE_FORMAT, i);
		g_autoptr(GError) error = NULL;
		fixture_layers(layout, name, "amd64", rows[i].layers, NULL);
		g_autoptr(KilnImage) image = fixture_open(scratch, name);
		g_auto(KilnFd) root = kiln_directory_make_at(scratch->fd, "root", 0755, NULL);
		if (!kiln_image_unpack(image, &fixture_context, root, FALSE, &error))
			fail_msg("%s: %s", name, error->message);
		assert_int_equal(faccessat(root, rows[i].inside, F_OK, AT_SYMLINK_NOFOLLOW), 0);
		assert_untouched(scratch, name);
		assert_true(kiln_remove_tree_at(scratch->fd, "root", NULL));
	}
}

/* Somebody exchanges a directory of the root for a link to the outside while it is unpacked: it is not followed. */
static void a_planted_link_is_not_followed(void **state)
{
	static const char *const layers[] = { "d a; d a/b; f a/b/escape x", NULL };
	const Scratch *scratch = *state;
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "layout");
	g_autoptr(GError) error = NULL;
	g_autofree char *planted = scratch_run(scratch, "echo secret >escape; mkdir root; ln -s ../.. root/a; echo", NULL);
	assert_non_null(planted);
	fixture_layers(layout, "x", "amd64", layers, NULL);
	g_autoptr(KilnImage) image = fixture_open(scratch, "x");
	g_auto(KilnFd) root = kiln_directory_open_at(scratch->fd, "root", NULL);
	assert_false(kiln_image_unpack(image, &fixture_context, root, FALSE, &error));
	assert_int_equal(error->code, KILN_ERROR_DENIED);
	assert_untouched(scratch, "planted");
}

typedef void (*Spoil)(const Scratch *scratch, KilnLayout *layout, KilnManifest *manifest, KilnImageConfig *config);

static char *layer_path(const Scratch *scratch, const KilnManifest *manifest)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	const KilnDescriptor *layer = manifest->items->pdata[0];
	return g_strdup_printf("%s/layout/blobs/sha256/%s", scratch->path, kiln_digest_print_hex(&layer->digest, hex));
}

static void other_bytes(const Scratch *scratch, KilnLayout *layout, KilnManifest *manifest, KilnImageConfig *config)
{
	g_autofree char *path = layer_path(scratch, manifest), *done = scratch_run(scratch, "printf y | dd of=\"$1\" bs=1 seek=600 conv=notrunc 2>/dev/null; echo", path);
	assert_non_null(done);
}

static void shorter(const Scratch *scratch, KilnLayout *layout, KilnManifest *manifest, KilnImageConfig *config)
{
	g_autofree char *path = layer_path(scratch, manifest), *done = scratch_run(scratch, "truncate -s -512 \"$1\"; echo", path);
	assert_non_null(done);
}

static void longer(const Scratch *scratch, KilnLayout *layout, KilnManifest *manifest, KilnImageConfig *config)
{
	g_autofree char *path = layer_path(scratch, manifest), *done = scratch_run(scratch, "echo >>\"$1\"; echo", path);
	assert_non_null(done);
}

static void no_file(const Scratch *scratch, KilnLayout *layout, KilnManifest *manifest, KilnImageConfig *config)
{
	g_autofree char *path = layer_path(scratch, manifest), *done = scratch_run(scratch, "rm \"$1\"; mkdir \"$1\"; echo", path);
	assert_non_null(done);
}

static void gone(const Scratch *scratch, KilnLayout *layout, KilnManifest *manifest, KilnImageConfig *config)
{
	g_autofree char *path = layer_path(scratch, manifest), *done = scratch_run(scratch, "rm \"$1\"; echo", path);
	assert_non_null(done);
}

static void other_diff_id(const Scratch *scratch, KilnLayout *layout, KilnManifest *manifest, KilnImageConfig *config)
{
	config->diff_ids[0].sha256[0] ^= 1;
}

static void other_compression(const Scratch *scratch, KilnLayout *layout, KilnManifest *manifest, KilnImageConfig *config)
{
	KilnDescriptor *layer = manifest->items->pdata[0];
	g_free(layer->media_type);
	layer->media_type = g_strdup(KILN_MEDIA_LAYER_GZIP);
}

static void unknown_type(const Scratch *scratch, KilnLayout *layout, KilnManifest *manifest, KilnImageConfig *config)
{
	KilnDescriptor *layer = manifest->items->pdata[0];
	g_free(layer->media_type);
	layer->media_type = g_strdup("application/vnd.oci.image.layer.v1.tar+encrypted");
}

static void damaged_layers(void **state)
{
	static const struct {
		Spoil spoil;
		KilnError code;
		const char *says;
	} rows[] = {
		{ other_bytes, KILN_ERROR_MISMATCH, "digest" },      { shorter, KILN_ERROR_MISMATCH, "bytes that were promised" },
		{ longer, KILN_ERROR_MISMATCH, "bytes that were promised" }, { no_file, KILN_ERROR_MISMATCH, "no file" },
		{ gone, KILN_ERROR_NOT_FOUND, "blobs/sha256" },      { other_diff_id, KILN_ERROR_MISMATCH, "diff id" },
		{ other_compression, KILN_ERROR_SYNTAX, "layer 1" }, { unknown_type, KILN_ERROR_UNSUPPORTED, "+encrypted is not known" },
	};
	const Scratch *scratch = *state;
	scratch_write(scratch, "escape", "secret\n", 7);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *title = g_strdup_printf("row %" G_GSIZE_FORMAT, i);
		g_autoptr(KilnLayout) layout = fixture_layout(scratch, "layout");
		g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
		g_autoptr(KilnImageConfig) config = kiln_image_config_new();
		g_autoptr(GByteArray) tar = fixture_tar("f a text");
		fixture_add_layer(layout, tar, manifest, config);
		rows[i].spoil(scratch, layout, manifest, config);
		fixture_finish(layout, "x", manifest, config, NULL);
		assert_refused(scratch, "x", title, rows[i].code, rows[i].says, FALSE);
		assert_true(kiln_remove_tree_at(scratch->fd, "layout", NULL));
	}
}

static void assert_not_opened(const Scratch *scratch, const char *name, KilnError code, const char *says)
{
	g_autofree char *reference = fixture_reference(scratch, "layout", name);
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnImage) image = kiln_image_open(reference, NULL, NULL, &error);
	if (image || !g_error_matches(error, KILN_ERROR, (gint)code) || !strstr(error->message, says))
		fail_msg("%s: %s", name, error ? error->message : "was opened");
}

static void documents_that_lie(void **state)
{
	g_autoptr(KilnLayout) layout = fixture_layout(*state, "layout");
	g_autoptr(GByteArray) tar = fixture_tar("f a text");
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	g_autoptr(KilnImageConfig) config = kiln_image_config_new();
	g_auto(KilnDescriptor) good = { 0 };
	fixture_add_layer(layout, tar, manifest, config);
	fixture_finish(layout, "good", manifest, config, &good);
	KilnDescriptor lying = good;
	lying.size_bytes++;
	assert_true(kiln_layout_set(layout, "size", &lying, NULL));
	assert_not_opened(*state, "size", KILN_ERROR_MISMATCH, "were promised");
	lying = good;
	lying.digest.sha256[0] ^= 1;
	assert_true(kiln_layout_set(layout, "missing", &lying, NULL));
	assert_not_opened(*state, "missing", KILN_ERROR_NOT_FOUND, "blobs/sha256");

	g_autoptr(KilnImageConfig) more = kiln_image_config_new();
	g_autoptr(KilnManifest) twice = kiln_manifest_new(FALSE);
	fixture_add_layer(layout, tar, twice, more);
	more->diff_id_count = 0;
	fixture_finish(layout, "fewer-diff-ids", twice, more, NULL);
	assert_not_opened(*state, "fewer-diff-ids", KILN_ERROR_SYNTAX, "1 layers, but 0 diff ids");
}

static void too_many_layers(void **state)
{
	g_autoptr(KilnLayout) layout = fixture_layout(*state, "layout");
	g_autoptr(GByteArray) tar = fixture_tar("f a text");
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	g_autoptr(KilnImageConfig) config = kiln_image_config_new();
	for (guint i = 0; i <= KILN_LIMIT_LAYERS; i++)
		fixture_add_layer(layout, tar, manifest, config);
	fixture_finish(layout, "many", manifest, config, NULL);
	assert_not_opened(*state, "many", KILN_ERROR_LIMIT, "127");
}

/* Each link leads 200 bytes deeper than the one before: no path becomes longer than the limit. */
static void too_deep(void **state)
{
	g_autoptr(GString) lines = g_string_new("d t0");
	g_autofree char *step = g_strnfill(200, 'x');
	for (guint i = 0; i < 25; i++)
		g_string_append_printf(lines, "; d t%u/%s; l t%u t%u/%s", i, step, i + 1, i, step);
	const char *layers[] = { lines->str, NULL };
	g_autoptr(KilnLayout) layout = fixture_layout(*state, "layout");
	fixture_layers(layout, "deep", "amd64", layers, NULL);
	g_autoptr(KilnImage) image = fixture_open(*state, "deep");
	g_autoptr(GPtrArray) files = NULL;
	g_autoptr(GError) error = NULL;
	assert_false(kiln_image_read_files(image, &fixture_context, &files, &error));
	assert_int_equal(error->code, KILN_ERROR_LIMIT);
	assert_null(files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(hostile_layers), scratch_test(escapes_stay_inside), scratch_test(a_planted_link_is_not_followed), scratch_test(damaged_layers),
		scratch_test(documents_that_lie), scratch_test(too_many_layers), scratch_test(too_deep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
