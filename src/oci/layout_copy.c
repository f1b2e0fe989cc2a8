/* SPDX-License-Identifier: Apache-2.0 */
/* layout_copy.c: an image from one layout into another; every byte is verified on its way. */
#include "oci/archive.h"

#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "oci/layout_internal.h"

#define COPY_BYTES (128 * 1024)

typedef struct {
	int fd; /* owned */
	KilnReader *source;
	KilnHash *hash;
	KilnDigest digest;
	guint64 left;
	char *name;
} Blob;

static void blob_free(gpointer state)
{
	Blob *blob = state;
	kiln_reader_free(blob->source);
	kiln_fd_close(&blob->fd);
	kiln_hash_free(blob->hash);
	g_free(blob->name);
	g_free(blob);
}

static gssize blob_read(gpointer state, void *buffer, gsize size, GError **error)
{
	Blob *blob = state;
	KilnDigest actual;
	char shown[KILN_DIGEST_TEXT_MAX];
	gssize got = kiln_reader_read(blob->source, buffer, size, error);
	if (got < 0) {
		g_prefix_error(error, "%s: ", blob->name);
		return -1;
	}
	if (got > 0 && (guint64)got <= blob->left) {
		kiln_hash_update(blob->hash, buffer, (gsize)got);
		blob->left -= (guint64)got;
		return got;
	}
	if (got > 0 || blob->left > 0) {
		kiln_fail(error, KILN_ERROR_MISMATCH, "%s: is %s than its descriptor says: the layout is damaged", blob->name, got > 0 ? "longer" : "shorter");
		return -1;
	}
	kiln_hash_finish(blob->hash, &actual);
	if (kiln_digest_equal(&actual, &blob->digest))
		return 0;
	kiln_fail(error, KILN_ERROR_MISMATCH, "%s: its content is %s: the layout is damaged", blob->name, kiln_digest_print(&actual, shown));
	return -1;
}

KilnReader *layout_blob_reader(const KilnLayout *layout, const KilnDescriptor *descriptor, GError **error)
{
	static const KilnReaderMethods methods = { blob_read, blob_free };
	char digest[KILN_DIGEST_TEXT_MAX];
	int fd = kiln_layout_open_blob(layout, &descriptor->digest, error);
	if (fd < 0)
		return NULL;
	Blob *blob = g_new0(Blob, 1);
	*blob = (Blob){ fd, kiln_reader_new_fd(fd), kiln_hash_new(), descriptor->digest, descriptor->size_bytes,
		        g_strdup_printf("%s: blob %s", layout->path, kiln_digest_print(&descriptor->digest, digest)) };
	return kiln_reader_new_custom(&methods, blob);
}

KilnReader *layout_layer_reader(const KilnLayout *layout, const KilnDescriptor *layer, GError **error)
{
	guint8 magic[6];
	g_auto(KilnFd) fd = kiln_layout_open_blob(layout, &layer->digest, error);
	g_autoptr(KilnReader) head = fd < 0 ? NULL : kiln_reader_new_range(fd, 0, sizeof magic);
	gssize got = head ? kiln_reader_read(head, magic, sizeof magic, error) : -1;
	KilnReader *blob = got < 0 ? NULL : layout_blob_reader(layout, layer, error);
	return blob ? kiln_reader_new_inflate(blob, kiln_compression_detect(magic, (gsize)got), KILN_LIMIT_LAYER_BYTES, error) : NULL;
}

static gboolean copy_blob(const KilnLayout *from, const KilnDescriptor *descriptor, KilnLayout *to, GError **error)
{
	guint64 size;
	if (kiln_layout_has_blob(to, &descriptor->digest, &size) && size == descriptor->size_bytes)
		return TRUE;
	g_autoptr(KilnReader) reader = layout_blob_reader(from, descriptor, error);
	g_autoptr(KilnNewFile) file = reader ? kiln_layout_begin_blob(to, error) : NULL;
	g_autofree guint8 *buffer = g_malloc(COPY_BYTES);
	gssize got = file ? 1 : -1;
	while (got > 0) {
		got = kiln_reader_read(reader, buffer, COPY_BYTES, error);
		if (got > 0 && !kiln_new_file_write(file, buffer, (gsize)got, error))
			return FALSE;
	}
	return got == 0 && kiln_layout_commit_blob(to, file, &descriptor->digest, error);
}

gboolean kiln_layout_copy(const KilnLayout *from, const KilnDescriptor *descriptor, KilnLayout *to, const char *name, GError **error)
{
	g_auto(LayoutReach) reach = { 0 };
	if (!layout_reach(from, descriptor, TRUE, &reach, error))
		return FALSE;
	for (guint i = 0; i < reach.blobs->len; i++)
		if (!copy_blob(from, reach.blobs->pdata[i], to, error))
			return FALSE;
	for (guint i = 0; i < reach.artifacts->len; i++)
		if (!kiln_layout_set(to, NULL, reach.artifacts->pdata[i], error))
			return FALSE;
	return kiln_layout_set(to, name, descriptor, error);
}
