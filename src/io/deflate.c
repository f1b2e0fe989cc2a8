/* SPDX-License-Identifier: Apache-2.0 */
/* deflate.c: one buffer to one gzip member or zstd frame. */
#include "io/deflate.h"
#include "base/error.h"
#include "io/gzip_write.h"
#include "io/zstd_write.h"

#include <string.h>

struct KilnDeflater {
	KilnCompression compression;
	const char *name;
	GzipWriter *gzip;
	ZstdWriter *zstd;
};

static void gzip_start(KilnDeflater *deflater)
{
	deflater->gzip = gzip_writer_new();
}

static void zstd_start(KilnDeflater *deflater)
{
	deflater->zstd = zstd_writer_new();
}

static void none_start(KilnDeflater *deflater)
{
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
	guint8 *place = reserve(out, ZSTD_WRITE_BOUND(length), error);
	if (place)
		g_byte_array_set_size(out, used + (guint)zstd_writer_frames(deflater->zstd, bytes, length, place));
	return place != NULL;
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
	const char *name;
	void (*start)(KilnDeflater *deflater);
	gboolean (*append)(KilnDeflater *deflater, const void *bytes, gsize length, GByteArray *out, GError **error);
} rows[] = {
	{ KILN_COMPRESSION_GZIP, GZIP_WRITE_NAME, gzip_start, gzip_append },
	{ KILN_COMPRESSION_ZSTD, ZSTD_WRITE_NAME, zstd_start, zstd_append },
	{ KILN_COMPRESSION_NONE, "none", none_start, none_append },
};

KilnDeflater *kiln_deflater_new(KilnCompression compression, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (rows[i].compression != compression)
			continue;
		KilnDeflater *deflater = g_new0(KilnDeflater, 1);
		deflater->compression = compression;
		deflater->name = rows[i].name;
		rows[i].start(deflater);
		return deflater;
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
	zstd_writer_free(deflater->zstd);
	g_free(deflater);
}
