/* SPDX-License-Identifier: Apache-2.0 */
/* deflate.c: one buffer to one gzip member or zstd frame. */
#include "io/deflate.h"
#include "base/error.h"
#include "io/gzip_write.h"

#include <zstd.h>

#define ZSTD_LEVEL 3

struct KilnDeflater {
	KilnCompression compression;
	char *name;
	GzipWriter *gzip;
	ZSTD_CCtx *zstd;
};

static gboolean gzip_start(KilnDeflater *deflater, GError **error)
{
	deflater->gzip = gzip_writer_new();
	deflater->name = g_strdup(GZIP_WRITE_NAME);
	return TRUE;
}

static gboolean zstd_start(KilnDeflater *deflater, GError **error)
{
	deflater->zstd = ZSTD_createCCtx();
	deflater->name = g_strdup_printf("libzstd %s level %d", ZSTD_versionString(), ZSTD_LEVEL);
	if (deflater->zstd && !ZSTD_isError(ZSTD_CCtx_setParameter(deflater->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL)) &&
	    !ZSTD_isError(ZSTD_CCtx_setParameter(deflater->zstd, ZSTD_c_checksumFlag, 1)) &&
	    !ZSTD_isError(ZSTD_CCtx_setParameter(deflater->zstd, ZSTD_c_contentSizeFlag, 1)))
		return TRUE;
	return kiln_fail(error, KILN_ERROR_INTERNAL, "libzstd does not start");
}

static gboolean none_start(KilnDeflater *deflater, GError **error)
{
	deflater->name = g_strdup("none");
	return TRUE;
}

/* Make room for @extra bytes at the end of @out; the array counts in 32 bits. */
static guint8 *reserve(GByteArray *out, gsize extra, GError **error)
{
	if (extra > G_MAXUINT - 1024 - out->len) {
		kiln_fail(error, KILN_ERROR_LIMIT, "%" G_GSIZE_FORMAT " bytes are too many for one compressed piece", extra);
		return NULL;
	}
	guint used = out->len;
	g_byte_array_set_size(out, used + (guint)extra);
	return out->data + used;
}

static gboolean gzip_append(KilnDeflater *deflater, const void *bytes, gsize length, GByteArray *out, GError **error)
{
	guint used = out->len;
	guint8 *place = reserve(out, GZIP_WRITE_BOUND(length), error);
	if (place)
		g_byte_array_set_size(out, used + (guint)gzip_writer_member(deflater->gzip, bytes, length, place));
	return place != NULL;
}

static gboolean zstd_append(KilnDeflater *deflater, const void *bytes, gsize length, GByteArray *out, GError **error)
{
	guint used = out->len;
	gsize bound = ZSTD_compressBound(length);
	guint8 *place = reserve(out, bound, error);
	if (!place)
		return FALSE;
	gsize made = ZSTD_compress2(deflater->zstd, place, bound, bytes, length);
	g_byte_array_set_size(out, used + (ZSTD_isError(made) ? 0 : (guint)made));
	return !ZSTD_isError(made) || kiln_fail(error, KILN_ERROR_INTERNAL, "libzstd cannot compress: %s", ZSTD_getErrorName(made));
}

static gboolean none_append(KilnDeflater *deflater, const void *bytes, gsize length, GByteArray *out, GError **error)
{
	guint8 *place = reserve(out, length, error);
	if (place && length > 0)
		memcpy(place, bytes, length);
	return place != NULL;
}

static const struct {
	KilnCompression compression;
	gboolean (*start)(KilnDeflater *deflater, GError **error);
	gboolean (*append)(KilnDeflater *deflater, const void *bytes, gsize length, GByteArray *out, GError **error);
} rows[] = {
	{ KILN_COMPRESSION_GZIP, gzip_start, gzip_append },
	{ KILN_COMPRESSION_ZSTD, zstd_start, zstd_append },
	{ KILN_COMPRESSION_NONE, none_start, none_append },
};

KilnDeflater *kiln_deflater_new(KilnCompression compression, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (rows[i].compression != compression)
			continue;
		g_autoptr(KilnDeflater) deflater = g_new0(KilnDeflater, 1);
		deflater->compression = compression;
		if (!rows[i].start(deflater, error))
			return NULL;
		return g_steal_pointer(&deflater);
	}
	kiln_fail(error, KILN_ERROR_UNSUPPORTED, "kiln does not write %s", kiln_compression_name(compression));
	return NULL;
}

gboolean kiln_deflater_append(KilnDeflater *deflater, const void *bytes, gsize length, GByteArray *out, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].compression == deflater->compression)
			return rows[i].append(deflater, length > 0 ? bytes : "", length, out, error);
	return kiln_fail(error, KILN_ERROR_INTERNAL, "a deflater without a row");
}

const char *kiln_deflater_name(const KilnDeflater *deflater)
{
	return deflater->name;
}

void kiln_deflater_free(KilnDeflater *deflater)
{
	if (!deflater)
		return;
	gzip_writer_free(deflater->gzip);
	ZSTD_freeCCtx(deflater->zstd);
	g_free(deflater->name);
	g_free(deflater);
}
