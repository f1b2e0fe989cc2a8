/* SPDX-License-Identifier: Apache-2.0 */
/* deflate.c: one buffer to one gzip member or zstd frame, by libdeflate and libzstd. */
#include "io/deflate.h"
#include "base/error.h"

#include <libdeflate.h>
#include <zstd.h>

#define GZIP_LEVEL_DEFAULT 6
#define GZIP_LEVEL_MAX 12
#define ZSTD_LEVEL_DEFAULT 3
#define ZSTD_LEVEL_MAX 19 /* beyond it a reader needs windows of up to 128 MiB */

struct KilnDeflater {
	KilnCompression compression;
	char *name;
	struct libdeflate_compressor *gzip;
	ZSTD_CCtx *zstd;
};

static gboolean gzip_start(KilnDeflater *deflater, int level, GError **error)
{
	deflater->gzip = libdeflate_alloc_compressor(level);
	deflater->name = g_strdup_printf("libdeflate-" LIBDEFLATE_VERSION_STRING " level %d", level);
	return deflater->gzip || kiln_fail(error, KILN_ERROR_INTERNAL, "libdeflate does not start at level %d", level);
}

static gboolean zstd_start(KilnDeflater *deflater, int level, GError **error)
{
	deflater->zstd = ZSTD_createCCtx();
	deflater->name = g_strdup_printf("libzstd %s level %d", ZSTD_versionString(), level);
	if (deflater->zstd && !ZSTD_isError(ZSTD_CCtx_setParameter(deflater->zstd, ZSTD_c_compressionLevel, level)) &&
	    !ZSTD_isError(ZSTD_CCtx_setParameter(deflater->zstd, ZSTD_c_checksumFlag, 1)) &&
	    !ZSTD_isError(ZSTD_CCtx_setParameter(deflater->zstd, ZSTD_c_contentSizeFlag, 1)))
		return TRUE;
	return kiln_fail(error, KILN_ERROR_INTERNAL, "libzstd does not start at level %d", level);
}

static gboolean none_start(KilnDeflater *deflater, int level, GError **error)
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
	gsize bound = libdeflate_gzip_compress_bound(deflater->gzip, length);
	guint8 *place = reserve(out, bound, error);
	if (!place)
		return FALSE;
	gsize made = libdeflate_gzip_compress(deflater->gzip, bytes, length, place, bound);
	g_byte_array_set_size(out, used + (guint)made);
	return made > 0 || kiln_fail(error, KILN_ERROR_INTERNAL, "libdeflate cannot compress %" G_GSIZE_FORMAT " bytes", length);
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
	int level_default, level_max;
	gboolean (*start)(KilnDeflater *deflater, int level, GError **error);
	gboolean (*append)(KilnDeflater *deflater, const void *bytes, gsize length, GByteArray *out, GError **error);
} rows[] = {
	{ KILN_COMPRESSION_GZIP, GZIP_LEVEL_DEFAULT, GZIP_LEVEL_MAX, gzip_start, gzip_append },
	{ KILN_COMPRESSION_ZSTD, ZSTD_LEVEL_DEFAULT, ZSTD_LEVEL_MAX, zstd_start, zstd_append },
	{ KILN_COMPRESSION_NONE, 0, 0, none_start, none_append },
};

KilnDeflater *kiln_deflater_new(KilnCompression compression, int level, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (rows[i].compression != compression)
			continue;
		if (level < 0 || level > rows[i].level_max) {
			kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s has no level %d; it goes from 1 to %d, and 0 means %d",
			          kiln_compression_name(compression), level, rows[i].level_max, rows[i].level_default);
			return NULL;
		}
		g_autoptr(KilnDeflater) deflater = g_new0(KilnDeflater, 1);
		deflater->compression = compression;
		if (!rows[i].start(deflater, level ? level : rows[i].level_default, error))
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
	if (deflater->gzip)
		libdeflate_free_compressor(deflater->gzip);
	ZSTD_freeCCtx(deflater->zstd);
	g_free(deflater->name);
	g_free(deflater);
}
