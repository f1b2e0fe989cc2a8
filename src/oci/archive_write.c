/* SPDX-License-Identifier: Apache-2.0 */
/* archive_write.c: an image as one tar file, in OCI's layout or in the one that docker load reads; the same image gives the same bytes. */
#include "oci/archive.h"

#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/tar.h"
#include "oci/annotations.h"
#include "oci/config.h"
#include "oci/layout_internal.h"

#include <fcntl.h>
#include <string.h>

#define COPY_BYTES (128 * 1024)

typedef struct {
	KilnNewFile *file;
	GByteArray *block; /* headers and padding on their way */
} Archive;

static void archive_clear(Archive *archive)
{
	kiln_new_file_free(archive->file);
	g_clear_pointer(&archive->block, g_byte_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Archive, archive_clear)

static gboolean flush(Archive *archive, GError **error)
{
	gboolean good = kiln_new_file_write(archive->file, archive->block->data, archive->block->len, error);
	g_byte_array_set_size(archive->block, 0);
	return good;
}

static gboolean put_header(Archive *archive, const char *path, KilnFileType type, guint64 size, GError **error)
{
	KilnTarEntry entry = { .path = path, .type = type, .mode = type == KILN_FILE_DIRECTORY ? 0755 : 0644, .size = size };
	kiln_tar_append_header(archive->block, &entry);
	return flush(archive, error);
}

static gboolean put_padding(Archive *archive, guint64 size, GError **error)
{
	kiln_tar_append_padding(archive->block, size);
	return flush(archive, error);
}

static gboolean put_bytes(Archive *archive, const char *path, const void *bytes, gsize length, GError **error)
{
	return put_header(archive, path, KILN_FILE_REGULAR, length, error) && kiln_new_file_write(archive->file, bytes, length, error) &&
	       put_padding(archive, length, error);
}

static gboolean put_json(Archive *archive, const char *path, const json_t *json, GError **error)
{
	g_autoptr(GBytes) bytes = kiln_json_compact(json);
	return put_bytes(archive, path, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error);
}

/* The rest of @source into the archive; its header, which names @size, is there already. */
static gboolean put_content(Archive *archive, KilnReader *source, guint64 size, GError **error)
{
	g_autofree guint8 *buffer = g_malloc(COPY_BYTES);
	guint64 total = 0;
	for (;;) {
		gssize got = kiln_reader_read(source, buffer, COPY_BYTES, error);
		if (got < 0 || (got > 0 && !kiln_new_file_write(archive->file, buffer, (gsize)got, error)))
			return FALSE;
		if (got == 0)
			break;
		total += (guint64)got;
	}
	if (total != size)
		return kiln_fail(error, KILN_ERROR_MISMATCH, "a blob changed while it was read");
	return put_padding(archive, size, error);
}

static gboolean begin(Archive *archive, const char *path, GError **error)
{
	archive->block = g_byte_array_new();
	archive->file = kiln_new_file_begin(AT_FDCWD, path, error);
	return archive->file != NULL;
}

static gboolean end(Archive *archive, GError **error)
{
	kiln_tar_append_end(archive->block);
	return flush(archive, error) && kiln_new_file_commit(archive->file, TRUE, error);
}

static gint by_digest(gconstpointer a, gconstpointer b)
{
	const KilnDescriptor *first = *(KilnDescriptor *const *)a, *second = *(KilnDescriptor *const *)b;
	return kiln_digest_compare(&first->digest, &second->digest);
}

static void list(KilnManifest *index, const KilnDescriptor *descriptor, const char *tag)
{
	KilnDescriptor *copy = g_new0(KilnDescriptor, 1);
	kiln_descriptor_copy(descriptor, copy);
	g_strfreev(copy->annotations);
	copy->annotations = kiln_annotations_with(descriptor->annotations, LAYOUT_REF_NAME, tag);
	g_ptr_array_add(index->items, copy);
}

static gboolean put_index(Archive *archive, const KilnDescriptor *top, const char *tag, LayoutReach *reach, GError **error)
{
	g_autoptr(KilnManifest) index = kiln_manifest_new(TRUE);
	g_ptr_array_sort(reach->artifacts, by_digest);
	list(index, top, tag);
	for (guint i = 0; i < reach->artifacts->len; i++)
		list(index, reach->artifacts->pdata[i], NULL);
	g_autoptr(GBytes) bytes = kiln_manifest_print(index);
	return put_bytes(archive, "index.json", g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error);
}

static gboolean put_blob(Archive *archive, const KilnLayout *layout, const KilnDescriptor *descriptor, GError **error)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	g_autofree char *path = g_strdup_printf("blobs/sha256/%s", kiln_digest_print_hex(&descriptor->digest, hex));
	g_autoptr(KilnReader) reader = layout_blob_reader(layout, descriptor, error);
	return reader && put_header(archive, path, KILN_FILE_REGULAR, descriptor->size_bytes, error) &&
	       put_content(archive, reader, descriptor->size_bytes, error);
}

gboolean kiln_oci_archive_write(const KilnLayout *layout, const KilnDescriptor *descriptor, const char *tag, const char *path, GError **error)
{
	g_auto(LayoutReach) reach = { 0 };
	g_auto(Archive) archive = { 0 };
	if (!layout_reach(layout, descriptor, TRUE, &reach, error) || !begin(&archive, path, error) ||
	    !put_bytes(&archive, "oci-layout", LAYOUT_TEXT, strlen(LAYOUT_TEXT), error) || !put_index(&archive, descriptor, tag, &reach, error) ||
	    !put_header(&archive, "blobs", KILN_FILE_DIRECTORY, 0, error) || !put_header(&archive, "blobs/sha256", KILN_FILE_DIRECTORY, 0, error))
		return FALSE;
	g_ptr_array_sort(reach.blobs, by_digest);
	for (guint i = 0; i < reach.blobs->len; i++)
		if (!put_blob(&archive, layout, reach.blobs->pdata[i], error))
			return FALSE;
	return end(&archive, error);
}

/* Docker's header stands before the content and names its size, so the layer is inflated once to know it. */
static gboolean measure_layer(const KilnLayout *layout, const KilnDescriptor *layer, const KilnDigest *diff_id, guint64 *size, GError **error)
{
	char is[KILN_DIGEST_TEXT_MAX], wanted[KILN_DIGEST_TEXT_MAX], name[KILN_DIGEST_TEXT_MAX];
	KilnDigest actual;
	g_autoptr(KilnReader) reader = layout_layer_reader(layout, layer, error);
	g_autoptr(KilnHash) hash = kiln_hash_new();
	g_autofree guint8 *buffer = g_malloc(COPY_BYTES);
	gssize got = reader ? 1 : -1;
	*size = 0;
	while (got > 0) {
		got = kiln_reader_read(reader, buffer, COPY_BYTES, error);
		if (got > 0) {
			kiln_hash_update(hash, buffer, (gsize)got);
			*size += (guint64)got;
		}
	}
	if (got < 0) {
		g_prefix_error(error, "layer %s: ", kiln_digest_print(&layer->digest, name));
		return FALSE;
	}
	kiln_hash_finish(hash, &actual);
	return kiln_digest_equal(&actual, diff_id) ||
	       kiln_fail(error, KILN_ERROR_MISMATCH, "layer %s inflates to %s; the configuration says %s", kiln_digest_print(&layer->digest, name),
	                 kiln_digest_print(&actual, is), kiln_digest_print(diff_id, wanted));
}

/* @done holds what is in the archive already: an image may have one layer twice. */
static gboolean put_layer(Archive *archive, const KilnLayout *layout, const KilnDescriptor *layer, const KilnDigest *diff_id, GHashTable *done, GError **error)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	guint64 size;
	if (!g_hash_table_add(done, (gpointer)diff_id))
		return TRUE;
	g_autofree char *path = g_strdup_printf("%s.tar", kiln_digest_print_hex(diff_id, hex));
	if (!measure_layer(layout, layer, diff_id, &size, error) || !put_header(archive, path, KILN_FILE_REGULAR, size, error))
		return FALSE;
	g_autoptr(KilnReader) reader = layout_layer_reader(layout, layer, error);
	return reader && put_content(archive, reader, size, error);
}

static gboolean put_docker_manifest(Archive *archive, const KilnDescriptor *config_descriptor, const KilnImageConfig *config, const char *name, GError **error)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	json_t *layers = json_array();
	for (gsize i = 0; i < config->diff_id_count; i++)
		json_array_append_new(layers, json_sprintf("%s.tar", kiln_digest_print_hex(&config->diff_ids[i], hex)));
	json_t *tags = kiln_json_from_strv((const char *[]){ name, NULL });
	g_autoptr(json_t) manifest = json_pack("[{s:o,s:o,s:o}]", "Config", json_sprintf("%s.json", kiln_digest_print_hex(&config_descriptor->digest, hex)),
	                                       "RepoTags", tags, "Layers", layers);
	return put_json(archive, "manifest.json", manifest, error);
}

gboolean kiln_docker_archive_write(const KilnLayout *layout, const KilnDescriptor *descriptor, const char *name, const char *path, GError **error)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	g_auto(Archive) archive = { 0 };
	if (kiln_media_type_is_index(descriptor->media_type))
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: a docker-archive holds one platform; choose one (--platform linux/amd64), or write oci-archive:%s, which holds all", path, path);
	g_autoptr(KilnManifest) manifest = layout_read_manifest(layout, descriptor, error);
	g_autoptr(GBytes) bytes = manifest ? kiln_layout_read_blob(layout, &manifest->config.digest, KILN_LIMIT_IMAGE_CONFIG_BYTES, error) : NULL;
	g_autoptr(KilnImageConfig) config = bytes ? kiln_image_config_parse(bytes, "image configuration", error) : NULL;
	if (!config)
		return FALSE;
	if (config->diff_id_count != manifest->items->len)
		return kiln_fail(error, KILN_ERROR_MISMATCH, "the manifest has %u layers, its configuration %" G_GSIZE_FORMAT, manifest->items->len, config->diff_id_count);
	g_autofree char *config_path = g_strdup_printf("%s.json", kiln_digest_print_hex(&manifest->config.digest, hex));
	if (!begin(&archive, path, error) || !put_docker_manifest(&archive, &manifest->config, config, name, error) ||
	    !put_bytes(&archive, config_path, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), error))
		return FALSE;
	g_autoptr(GHashTable) done = g_hash_table_new(kiln_digest_hash, kiln_digest_key_equal);
	for (guint i = 0; i < manifest->items->len; i++)
		if (!put_layer(&archive, layout, manifest->items->pdata[i], &config->diff_ids[i], done, error))
			return FALSE;
	return end(&archive, error);
}
