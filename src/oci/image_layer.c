/* SPDX-License-Identifier: Apache-2.0 */
/* image_layer.c: one layer as a stream of tar entries, judged by its size, its digest and its diff id. */
#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "oci/image.h"

#include <string.h>
#include <sys/stat.h>

#define DRAIN_BYTES (64 * 1024)

/* Source: image-spec 1.1 layer.md and manifest.md; Docker's image manifest v2 schema 2. */
static const struct {
	const char *media_type;
	KilnCompression compression;
} layer_types[] = {
	{ KILN_MEDIA_LAYER, KILN_COMPRESSION_NONE },
	{ KILN_MEDIA_LAYER_GZIP, KILN_COMPRESSION_GZIP },
	{ KILN_MEDIA_LAYER_ZSTD, KILN_COMPRESSION_ZSTD },
	{ "application/vnd.oci.image.layer.nondistributable.v1.tar", KILN_COMPRESSION_NONE },
	{ "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", KILN_COMPRESSION_GZIP },
	{ "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", KILN_COMPRESSION_ZSTD },
	{ "application/vnd.docker.image.rootfs.diff.tar", KILN_COMPRESSION_NONE },
	{ KILN_MEDIA_DOCKER_LAYER, KILN_COMPRESSION_GZIP },
	{ "application/vnd.docker.image.rootfs.foreign.diff.tar", KILN_COMPRESSION_NONE },
	{ "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", KILN_COMPRESSION_GZIP },
	{ KILN_MEDIA_ROOT_XZ, KILN_COMPRESSION_XZ },
	{ KILN_MEDIA_ROOT_LZMA, KILN_COMPRESSION_LZMA },
};

static gboolean find_compression(const char *media_type, KilnCompression *compression, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(layer_types); i++)
		if (strcmp(layer_types[i].media_type, media_type) == 0) {
			*compression = layer_types[i].compression;
			return TRUE;
		}
	return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "its media type %s is not known; tar, plain or compressed with gzip or zstd, is", media_type);
}

/* A reader that hashes what passes. */
typedef struct {
	KilnReader *source; /* owned */
	KilnHash *hash;     /* borrowed */
} Hashing;

static gssize hashing_read(gpointer state, void *buffer, gsize size, GError **error)
{
	Hashing *hashing = state;
	gssize got = kiln_reader_read(hashing->source, buffer, size, error);
	if (got > 0)
		kiln_hash_update(hashing->hash, buffer, (gsize)got);
	return got;
}

static void hashing_free(gpointer state)
{
	Hashing *hashing = state;
	kiln_reader_free(hashing->source);
	g_free(hashing);
}

/* Takes @source. */
static KilnReader *hashing_reader_new(KilnReader *source, KilnHash *hash)
{
	static const KilnReaderMethods methods = { hashing_read, hashing_free };
	Hashing *hashing = g_new(Hashing, 1);
	*hashing = (Hashing){ source, hash };
	return kiln_reader_new_custom(&methods, hashing);
}

static gboolean visit_entries(KilnReader *plain, KilnLayerVisit visit, gpointer user_data, GError **error)
{
	g_autoptr(KilnTarReader) tar = kiln_tar_reader_new(plain, "tar", error);
	const KilnTarEntry *entry = NULL;
	if (!tar)
		return FALSE;
	do {
		if (!kiln_tar_reader_next(tar, &entry, error) || (entry && !visit(entry, tar, user_data, error)))
			return FALSE;
	} while (entry);
	/* What follows the end of the archive belongs to the digests too. */
	g_autofree guint8 *buffer = g_malloc(DRAIN_BYTES);
	gssize got;
	do
		got = kiln_reader_read(plain, buffer, DRAIN_BYTES, error);
	while (got > 0);
	return got == 0;
}

static gboolean check_digest(KilnHash *hash, const KilnDigest *promised, const char *what, GError **error)
{
	KilnDigest actual;
	char shown[2][KILN_DIGEST_TEXT_MAX];
	kiln_hash_finish(hash, &actual);
	return kiln_digest_equal(&actual, promised) || kiln_fail(error, KILN_ERROR_MISMATCH, "its %s is %s, %s was promised", what,
	                                                         kiln_digest_print(&actual, shown[0]), kiln_digest_print(promised, shown[1]));
}

static gboolean read_stream(int fd, const KilnDescriptor *descriptor, const KilnDigest *diff_id, KilnLayerVisit visit, gpointer user_data, GError **error)
{
	KilnCompression compression = KILN_COMPRESSION_NONE;
	if (!find_compression(descriptor->media_type, &compression, error))
		return FALSE;
	if (compression == KILN_COMPRESSION_NONE && diff_id && !kiln_digest_equal(diff_id, &descriptor->digest))
		return kiln_fail(error, KILN_ERROR_MISMATCH, "it is not compressed, and its diff id is not its digest");
	g_autoptr(KilnHash) packed = kiln_hash_new(), plain = kiln_hash_new();
	KilnReader *blob = hashing_reader_new(kiln_reader_new_range(fd, 0, descriptor->size_bytes), packed);
	KilnReader *inflated = kiln_reader_new_inflate(blob, compression, KILN_LIMIT_LAYER_BYTES, error);
	if (!inflated)
		return FALSE;
	gboolean hashes_plain = diff_id && compression != KILN_COMPRESSION_NONE;
	g_autoptr(KilnReader) reader = hashes_plain ? hashing_reader_new(inflated, plain) : inflated;
	return visit_entries(reader, visit, user_data, error) && check_digest(packed, &descriptor->digest, "digest", error) &&
	       (!hashes_plain || check_digest(plain, diff_id, "diff id", error));
}

/* What is wrong with the content of a damaged blob does not matter: it is not the one that was promised. */
static gboolean is_damaged(int fd, const KilnDescriptor *descriptor, const GError *reason)
{
	KilnDigest actual;
	guint64 size;
	return !g_error_matches(reason, KILN_ERROR, KILN_ERROR_CANCELLED) && kiln_hash_fd(fd, &actual, &size, NULL) &&
	       !kiln_digest_equal(&actual, &descriptor->digest);
}

gboolean kiln_layer_read(int fd, const KilnDescriptor *descriptor, const KilnDigest *diff_id, KilnLayerVisit visit, gpointer user_data, GError **error)
{
	g_autoptr(GError) reason = NULL;
	if (read_stream(fd, descriptor, diff_id, visit, user_data, &reason))
		return TRUE;
	if (is_damaged(fd, descriptor, reason))
		return kiln_fail(error, KILN_ERROR_MISMATCH, "its bytes are not those of its digest (%s)", reason->message);
	g_propagate_error(error, g_steal_pointer(&reason));
	return FALSE;
}

const KilnDigest *kiln_image_diff_id(const KilnImage *image, guint layer)
{
	return image->is_root ? NULL : &image->config->diff_ids[layer];
}

int kiln_image_open_layer(const KilnImage *image, guint layer, GError **error)
{
	struct stat status;
	const KilnDescriptor *descriptor = image->manifest->items->pdata[layer];
	g_auto(KilnFd) fd = kiln_layout_open_blob(image->layout, &descriptor->digest, error);
	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (guint64)status.st_size == descriptor->size_bytes)
		return g_steal_fd(&fd);
	if (fd >= 0)
		kiln_fail(error, KILN_ERROR_MISMATCH, "its blob is no file of the %" G_GUINT64_FORMAT " bytes that were promised", descriptor->size_bytes);
	g_prefix_error(error, "%s: layer %u: ", image->name, layer + 1);
	return -1;
}

gboolean kiln_image_read_layer(const KilnImage *image, guint layer, KilnLayerVisit visit, gpointer user_data, GError **error)
{
	g_auto(KilnFd) fd = kiln_image_open_layer(image, layer, error);
	if (fd < 0)
		return FALSE;
	if (kiln_layer_read(fd, image->manifest->items->pdata[layer], kiln_image_diff_id(image, layer), visit, user_data, error))
		return TRUE;
	g_prefix_error(error, "%s: layer %u: ", image->name, layer + 1);
	return FALSE;
}
