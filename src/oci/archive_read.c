/* SPDX-License-Identifier: Apache-2.0 */
/* archive_read.c: one file that holds images, of either kind, into a layout. */
#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "oci/archive_internal.h"
#include "oci/layout_internal.h"

#include <string.h>

#define BLOBS "blobs/sha256/"
#define CONTAINERD_NAME "io.containerd.image.name"
#define COPY_BYTES (128 * 1024)

/* A member's bytes, hashed and stored. */
typedef struct {
	KilnReader *content;
	KilnNewFile *file;
	KilnHash *hash;
	guint64 size;
	guint8 head[6]; /* its first bytes, which say what it is */
	gsize head_length;
} Tee;

static gssize tee_read(gpointer state, void *buffer, gsize size, GError **error)
{
	Tee *tee = state;
	gssize got = kiln_reader_read(tee->content, buffer, size, error);
	if (got <= 0)
		return got;
	gsize head = MIN((gsize)got, sizeof tee->head - tee->head_length);
	memcpy(tee->head + tee->head_length, buffer, head);
	tee->head_length += head;
	kiln_hash_update(tee->hash, buffer, (gsize)got);
	tee->size += (guint64)got;
	return kiln_new_file_write(tee->file, buffer, (gsize)got, error) ? got : -1;
}

/* What @hash, file and size of the tee have seen when it is at its end. */
static gboolean drain(Tee *tee, GError **error)
{
	g_autofree guint8 *buffer = g_malloc(COPY_BYTES);
	gssize got;
	do
		got = tee_read(tee, buffer, COPY_BYTES, error);
	while (got > 0);
	return got == 0;
}

static const char *layer_type(const char *name, const guint8 *head, gsize length, GError **error)
{
	KilnCompression compression = kiln_compression_detect(head, length);
	if (compression == KILN_COMPRESSION_NONE)
		return KILN_MEDIA_LAYER;
	if (compression == KILN_COMPRESSION_GZIP)
		return KILN_MEDIA_LAYER_GZIP;
	if (compression == KILN_COMPRESSION_ZSTD)
		return KILN_MEDIA_LAYER_ZSTD;
	kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: a layer compressed with %s; plain, gzip and zstd are known", name, kiln_compression_name(compression));
	return NULL;
}

static gssize member_read(gpointer state, void *buffer, gsize size, GError **error)
{
	return kiln_tar_reader_read(state, buffer, size, error);
}

KilnReader *archive_member_reader(KilnTarReader *content)
{
	static const KilnReaderMethods methods = { member_read, NULL };
	return kiln_reader_new_custom(&methods, content);
}

gboolean archive_store_layer(const char *name, KilnReader *content, const char *media_type, KilnLayout *into, KilnDescriptor *out, GError **error)
{
	g_autoptr(KilnHash) hash = kiln_hash_new();
	g_autoptr(KilnNewFile) file = kiln_layout_begin_blob(into, error);
	Tee tee = { .content = content, .file = file, .hash = hash };
	KilnDescriptor made = { 0 };
	if (!file || !drain(&tee, error))
		return FALSE;
	const char *type = media_type ? media_type : layer_type(name, tee.head, tee.head_length, error);
	if (!type)
		return FALSE;
	made.size_bytes = tee.size;
	kiln_hash_finish(hash, &made.digest);
	if (!kiln_layout_commit_blob(into, file, &made.digest, error))
		return FALSE;
	made.media_type = g_strdup(type);
	*out = made;
	return TRUE;
}

static gboolean store_named_blob(const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error)
{
	KilnLayout *into = user_data;
	KilnDigest wanted, actual;
	char shown[KILN_DIGEST_TEXT_MAX];
	guint64 there = 0;
	if (!g_str_has_prefix(entry->path, BLOBS))
		return TRUE;
	const char *hex = entry->path + strlen(BLOBS);
	if (!kiln_digest_parse_hex(hex, strlen(hex), &wanted, error)) {
		g_prefix_error(error, "%s: ", entry->path);
		return FALSE;
	}
	if (kiln_layout_has_blob(into, &wanted, &there) && there == entry->size)
		return TRUE;
	g_autoptr(KilnHash) hash = kiln_hash_new();
	g_autoptr(KilnNewFile) file = kiln_layout_begin_blob(into, error);
	g_autoptr(KilnReader) member = archive_member_reader(content);
	Tee tee = { .content = member, .file = file, .hash = hash };
	if (!file || !drain(&tee, error))
		return FALSE;
	kiln_hash_finish(hash, &actual);
	if (!kiln_digest_equal(&actual, &wanted))
		return kiln_fail(error, KILN_ERROR_MISMATCH, "%s: its content is %s", entry->path, kiln_digest_print(&actual, shown));
	return kiln_layout_commit_blob(into, file, &wanted, error);
}

/* Everything that @top reaches must have come with the archive, and in the size that is promised. */
static gboolean check_whole(const ArchiveFile *archive, const KilnLayout *into, const KilnDescriptor *top, GError **error)
{
	g_auto(LayoutReach) reach = { 0 };
	char digest[KILN_DIGEST_TEXT_MAX];
	if (!layout_reach(into, top, TRUE, &reach, error)) {
		g_prefix_error(error, "%s: ", archive->path);
		return FALSE;
	}
	for (guint i = 0; i < reach.blobs->len; i++) {
		const KilnDescriptor *blob = reach.blobs->pdata[i];
		guint64 size;
		kiln_digest_print(&blob->digest, digest);
		if (!kiln_layout_has_blob(into, &blob->digest, &size))
			return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: the image needs blob %s, which is not in it", archive->path, digest);
		if (size != blob->size_bytes)
			return kiln_fail(error, KILN_ERROR_MISMATCH, "%s: blob %s has %" G_GUINT64_FORMAT " bytes; its descriptor says %" G_GUINT64_FORMAT, archive->path,
			                 digest, size, blob->size_bytes);
	}
	return TRUE;
}

static KilnManifest *read_index(const ArchiveFile *archive, GError **error)
{
	gsize length;
	GBytes *layout = g_hash_table_lookup(archive->documents, "oci-layout"), *bytes = g_hash_table_lookup(archive->documents, "index.json");
	const char *text = g_bytes_get_data(layout, &length);
	g_autoptr(json_t) json = kiln_json_parse(text ? text : "", length, "oci-layout", error);
	const char *version = json ? kiln_json_string(json, "imageLayoutVersion", "oci-layout", error) : NULL;
	if (version && strcmp(version, "1.0.0") != 0)
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "image layout version \"%.40s\"; 1.0.0 is known", version);
	else if (version && !bytes)
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "an OCI layout without index.json");
	else if (version) {
		g_autoptr(KilnManifest) index = kiln_manifest_parse(bytes, "index.json", error);
		if (index && index->is_index)
			return g_steal_pointer(&index);
		if (index)
			kiln_fail(error, KILN_ERROR_SYNTAX, "index.json is not an image index");
	}
	g_prefix_error(error, "%s: ", archive->path);
	return NULL;
}

/* Docker and containerd give the whole name in an annotation of their own, and the tag alone in OCI's. */
static gboolean find_image(const ArchiveFile *archive, const KilnManifest *index, const char *tag, KilnDescriptor *out, GError **error)
{
	for (guint i = 0; tag && i < index->items->len; i++) {
		const KilnDescriptor *item = index->items->pdata[i];
		if (g_strcmp0(kiln_descriptor_annotation(item, CONTAINERD_NAME), tag) == 0) {
			kiln_descriptor_copy(item, out);
			return TRUE;
		}
	}
	return layout_index_find(index, archive->path, tag, out, error);
}

static gboolean read_oci(ArchiveFile *archive, const char *tag, KilnLayout *into, KilnDescriptor *out, GError **error)
{
	g_autoptr(KilnManifest) index = read_index(archive, error);
	g_auto(KilnDescriptor) found = { 0 };
	if (!index || !find_image(archive, index, tag, &found, error) || !archive_file_each(archive, store_named_blob, into, error))
		return FALSE;
	for (guint i = 0; i < index->items->len; i++) {
		const KilnDescriptor *item = index->items->pdata[i];
		if (!kiln_layout_set(into, kiln_descriptor_annotation(item, LAYOUT_REF_NAME), item, error))
			return FALSE;
	}
	if (!check_whole(archive, into, &found, error))
		return FALSE;
	*out = found;
	found = (KilnDescriptor){ 0 };
	return TRUE;
}

gboolean kiln_archive_read(const char *path, const char *tag, KilnLayout *into, KilnDescriptor *out, GError **error)
{
	g_autoptr(ArchiveFile) archive = archive_file_open(path, error);
	if (!archive)
		return FALSE;
	gboolean oci = g_hash_table_contains(archive->documents, "oci-layout"), docker = g_hash_table_contains(archive->documents, "manifest.json");
	if (!oci && !docker)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: neither an OCI archive (no oci-layout in it) nor one of docker save (no manifest.json)", path);
	if (!oci)
		return docker_archive_read(archive, tag, into, out, error);
	/* docker save since version 25 writes both; what RepoTags calls "alpine:3.20" its index knows by half of that only. */
	g_autoptr(GError) not_found = NULL;
	if (read_oci(archive, tag, into, out, &not_found))
		return TRUE;
	if (docker && tag && g_error_matches(not_found, KILN_ERROR, KILN_ERROR_NOT_FOUND) && docker_archive_read(archive, tag, into, out, NULL))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&not_found));
	return FALSE;
}
