/* SPDX-License-Identifier: Apache-2.0 */
/* fixture.h: small images made by hand, and tars of any shape, for the tests of this folder. */
#pragma once
#include "io/scratch.h"
#include "base/error.h"
#include "crypto/hash.h"
#include "io/deflate.h"
#include "io/tar.h"
#include "oci/config.h"
#include "oci/layout.h"

static inline void fixture_add(GByteArray *tar, const char *path, KilnFileType type, const void *bytes, gsize length, const char *link)
{
	KilnTarEntry entry = { .path = path, .type = type, .mode = type == KILN_FILE_DIRECTORY ? 0755 : 0644, .size = length, .link_target = link };
	kiln_tar_append_header(tar, &entry);
	g_byte_array_append(tar, bytes ? bytes : (const guint8 *)"", (guint)length);
	kiln_tar_append_padding(tar, length);
}

static inline void fixture_text(GByteArray *tar, const char *path, const char *text)
{
	fixture_add(tar, path, KILN_FILE_REGULAR, text, strlen(text), NULL);
}

/* One layer with one file, compressed as asked; *diff_id is of the tar itself. */
static inline void fixture_layer(KilnLayout *layout, KilnCompression compression, const char *path, const char *text, KilnDescriptor *out, KilnDigest *diff_id)
{
	static const char *const types[] = { [KILN_COMPRESSION_NONE] = KILN_MEDIA_LAYER, [KILN_COMPRESSION_GZIP] = KILN_MEDIA_LAYER_GZIP, [KILN_COMPRESSION_ZSTD] = KILN_MEDIA_LAYER_ZSTD };
	g_autoptr(GByteArray) tar = g_byte_array_new(), packed = g_byte_array_new();
	g_autoptr(KilnDeflater) deflater = kiln_deflater_new(compression, NULL);
	fixture_text(tar, path, text);
	kiln_tar_append_end(tar);
	kiln_hash_bytes(tar->data, tar->len, diff_id);
	assert_true(kiln_deflater_append(deflater, tar->data, tar->len, packed, NULL));
	assert_true(kiln_layout_put_blob(layout, types[compression], packed->data, packed->len, out, NULL));
}

/* A manifest over @count layers, the last of which is the first again when @repeat; not named in the layout. */
static inline void fixture_image(KilnLayout *layout, const char *architecture, KilnCompression compression, gboolean repeat, KilnDescriptor *out)
{
	const guint count = repeat ? 3 : 2;
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	g_autoptr(KilnImageConfig) config = kiln_image_config_new();
	config->os = g_strdup("linux");
	config->architecture = g_strdup(architecture);
	config->created = g_strdup("2026-01-02T03:04:05Z");
	config->diff_ids = g_new0(KilnDigest, count);
	config->diff_id_count = count;
	for (guint i = 0; i < count; i++) {
		KilnDescriptor *layer = g_new0(KilnDescriptor, 1);
		fixture_layer(layout, compression, i % 2 ? "etc/second" : "first", architecture, layer, &config->diff_ids[i]);
		g_ptr_array_add(manifest->items, layer);
	}
	g_autoptr(GBytes) text = kiln_image_config_print(config);
	manifest->has_config = TRUE;
	assert_true(kiln_layout_put_blob(layout, KILN_MEDIA_CONFIG, g_bytes_get_data(text, NULL), g_bytes_get_size(text), &manifest->config, NULL));
	g_autoptr(GBytes) bytes = kiln_manifest_print(manifest);
	assert_true(kiln_layout_put_blob(layout, KILN_MEDIA_MANIFEST, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), out, NULL));
	out->os = g_strdup("linux");
	out->architecture = g_strdup(architecture);
}

/* An index over @items (@count of them, copied). */
static inline void fixture_index(KilnLayout *layout, const KilnDescriptor *items, guint count, KilnDescriptor *out)
{
	g_autoptr(KilnManifest) index = kiln_manifest_new(TRUE);
	for (guint i = 0; i < count; i++) {
		KilnDescriptor *copy = g_new0(KilnDescriptor, 1);
		kiln_descriptor_copy(&items[i], copy);
		g_ptr_array_add(index->items, copy);
	}
	g_autoptr(GBytes) bytes = kiln_manifest_print(index);
	assert_true(kiln_layout_put_blob(layout, KILN_MEDIA_INDEX, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), out, NULL));
}

static inline KilnLayout *fixture_layout(const Scratch *scratch, const char *name)
{
	g_autoptr(GError) error = NULL;
	KilnLayout *layout = kiln_layout_open(scratch->fd, name, TRUE, &error);
	assert_null(error);
	return layout;
}

static inline char *fixture_path(const Scratch *scratch, const char *name)
{
	return g_build_filename(scratch->path, name, NULL);
}
