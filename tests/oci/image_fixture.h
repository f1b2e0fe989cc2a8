/* SPDX-License-Identifier: Apache-2.0 */
/* image_fixture.h: images of layers that are written as one line each, and one line for what they come to. */
#pragma once
#include "fixture.h"
#include "oci/image.h"

static const KilnContext fixture_context = { .jobs = 1 };

/*
 * Entries are separated by "; ": "d PATH [MODE]", "f PATH TEXT [MODE]", "l PATH TARGET", "h PATH TARGET", "p PATH", "c PATH" (a device).
 * Their times are different for each entry, so that it is seen which one won.
 */
static inline void fixture_entry(GByteArray *tar, const char *line, guint number)
{
	static const struct {
		char letter;
		KilnFileType type;
	} types[] = { { 'd', KILN_FILE_DIRECTORY }, { 'f', KILN_FILE_REGULAR }, { 'l', KILN_FILE_SYMLINK }, { 'h', KILN_FILE_HARDLINK }, { 'p', KILN_FILE_FIFO }, { 'c', KILN_FILE_CHARACTER_DEVICE } };
	g_auto(GStrv) words = g_strsplit(line, " ", -1);
	guint count = g_strv_length(words);
	KilnTarEntry entry = { .path = words[1], .mtime_s = 1700000000 + number, .uid = number % 3, .gid = number % 2 };
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
		if (types[i].letter == words[0][0])
			entry.type = types[i].type;
	gboolean is_file = entry.type == KILN_FILE_REGULAR, is_link = entry.type == KILN_FILE_SYMLINK || entry.type == KILN_FILE_HARDLINK;
	guint mode_at = is_file ? 3 : 2;
	const char *text = is_file && count > 2 ? words[2] : "";
	entry.mode = !is_link && count > mode_at ? (guint)g_ascii_strtoull(words[mode_at], NULL, 8) : is_link ? 0777 : is_file ? 0644 : 0755;
	entry.link_target = is_link ? words[2] : NULL;
	entry.size = is_file ? strlen(text) : 0;
	kiln_tar_append_header(tar, &entry);
	g_byte_array_append(tar, (const guint8 *)text, (guint)entry.size);
	kiln_tar_append_padding(tar, entry.size);
}

static inline GByteArray *fixture_tar(const char *lines)
{
	static guint number;
	GByteArray *tar = g_byte_array_new();
	g_auto(GStrv) entries = g_strsplit(lines, "; ", -1);
	for (char **entry = entries; *entry; entry++)
		if (**entry)
			fixture_entry(tar, *entry, number++);
	kiln_tar_append_end(tar);
	return tar;
}

/* Add @tar as a layer: plain and gzip in turn, which all judges know. */
static inline void fixture_add_layer(KilnLayout *layout, const GByteArray *tar, KilnManifest *manifest, KilnImageConfig *config)
{
	static const KilnCompression compressions[] = { KILN_COMPRESSION_NONE, KILN_COMPRESSION_GZIP };
	static const char *const types[] = { KILN_MEDIA_LAYER, KILN_MEDIA_LAYER_GZIP };
	guint kind = manifest->items->len % G_N_ELEMENTS(types);
	g_autoptr(GByteArray) packed = g_byte_array_new();
	g_autoptr(KilnDeflater) deflater = kiln_deflater_new(compressions[kind], NULL);
	KilnDescriptor *layer = g_new0(KilnDescriptor, 1);
	config->diff_ids = g_renew(KilnDigest, config->diff_ids, config->diff_id_count + 1);
	kiln_hash_bytes(tar->data, tar->len, &config->diff_ids[config->diff_id_count++]);
	assert_true(kiln_deflater_append(deflater, tar->data, tar->len, packed, NULL));
	assert_true(kiln_layout_put_blob(layout, types[kind], packed->data, packed->len, layer, NULL));
	g_ptr_array_add(manifest->items, layer);
}

/* Name @manifest with @config in the layout. */
static inline void fixture_finish(KilnLayout *layout, const char *name, KilnManifest *manifest, KilnImageConfig *config, KilnDescriptor *out)
{
	g_autoptr(GBytes) text = kiln_image_config_print(config);
	g_auto(KilnDescriptor) made = { 0 };
	manifest->has_config = TRUE;
	assert_true(kiln_layout_put_blob(layout, KILN_MEDIA_CONFIG, g_bytes_get_data(text, NULL), g_bytes_get_size(text), &manifest->config, NULL));
	g_autoptr(GBytes) bytes = kiln_manifest_print(manifest);
	assert_true(kiln_layout_put_blob(layout, KILN_MEDIA_MANIFEST, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &made, NULL));
	if (name)
		assert_true(kiln_layout_set(layout, name, &made, NULL));
	if (out)
		kiln_descriptor_copy(&made, out);
}

/* An image of @layers (ended by NULL), as @name. */
static inline void fixture_layers(KilnLayout *layout, const char *name, const char *architecture, const char *const *layers, KilnDescriptor *out)
{
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	g_autoptr(KilnImageConfig) config = kiln_image_config_new();
	config->os = g_strdup("linux");
	config->architecture = g_strdup(architecture);
	for (; *layers; layers++) {
		g_autoptr(GByteArray) tar = fixture_tar(*layers);
		fixture_add_layer(layout, tar, manifest, config);
	}
	fixture_finish(layout, name, manifest, config, out);
}

/* "oci:SCRATCH/layout:NAME". */
static inline char *fixture_reference(const Scratch *scratch, const char *layout, const char *name)
{
	return g_strdup_printf("oci:%s/%s%s%s", scratch->path, layout, name ? ":" : "", name ? name : "");
}

static inline KilnImage *fixture_open(const Scratch *scratch, const char *name)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *reference = fixture_reference(scratch, "layout", name);
	KilnImage *image = kiln_image_open(reference, NULL, NULL, &error);
	if (!image)
		fail_msg("%s", error->message);
	return image;
}
