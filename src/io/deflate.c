/* SPDX-License-Identifier: Apache-2.0 */
/* deflate.c: one buffer to one gzip member or zstd frame. */
#include "io/deflate.h"

#include "base/error.h"

#include <libdeflate.h>
#include <zstd.h>

#define GZIP_LEVEL 6
#define ZSTD_LEVEL 6

struct KilnDeflater {
	KilnCompression compression;
	struct libdeflate_compressor *gzip;
	ZSTD_CCtx *zstd;
	char *name;
};

KilnDeflater *kiln_deflater_new(KilnCompression compression, int level, GError **error)
{
	g_autoptr(KilnDeflater) deflater = g_new0(KilnDeflater, 1);
	deflater->compression = compression;
	switch (compression) {
	case KILN_COMPRESSION_NONE:
		deflater->name = g_strdup("none");
		break;
	case KILN_COMPRESSION_GZIP:
		level = level ? level : GZIP_LEVEL;
		deflater->gzip = libdeflate_alloc_compressor(level);
		deflater->name = g_strdup_printf("libdeflate %s level %d", LIBDEFLATE_VERSION_STRING, level);
		break;
	case KILN_COMPRESSION_ZSTD:
		level = level ? level : ZSTD_LEVEL;
		deflater->zstd = ZSTD_createCCtx();
		deflater->name = g_strdup_printf("libzstd %s level %d", ZSTD_versionString(), level);
		if (deflater->zstd) {
			ZSTD_CCtx_setParameter(deflater->zstd, ZSTD_c_compressionLevel, level);
			ZSTD_CCtx_setParameter(deflater->zstd, ZSTD_c_checksumFlag, 1);
		}
		break;
	default:
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "layers cannot be written with %s; use gzip or zstd", kiln_compression_name(compression));
		return NULL;
	}
	if ((compression == KILN_COMPRESSION_GZIP && !deflater->gzip) || (compression == KILN_COMPRESSION_ZSTD && !deflater->zstd)) {
		kiln_fail(error, KILN_ERROR_INTERNAL, "%s refuses to start", deflater->name);
		return NULL;
	}
	return g_steal_pointer(&deflater);
}

gboolean kiln_deflater_append(KilnDeflater *deflater, const void *bytes, gsize length, GByteArray *out, GError **error)
{
	if (deflater->compression == KILN_COMPRESSION_NONE) {
		g_byte_array_append(out, bytes, (guint)length);
		return TRUE;
	}
	gsize bound = deflater->gzip ? libdeflate_gzip_compress_bound(deflater->gzip, length) : ZSTD_compressBound(length), made;
	guint before = out->len;
	if (bound > G_MAXUINT - before)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%" G_GSIZE_FORMAT " bytes are too many for one compressed member", length);
	g_byte_array_set_size(out, before + (guint)bound);
	if (deflater->gzip) {
		made = libdeflate_gzip_compress(deflater->gzip, bytes, length, out->data + before, bound);
	} else {
		made = ZSTD_compress2(deflater->zstd, out->data + before, bound, bytes, length);
		made = ZSTD_isError(made) ? 0 : made;
	}
	g_byte_array_set_size(out, before + (guint)made);
	return made > 0 || kiln_fail(error, KILN_ERROR_INTERNAL, "%s failed on %" G_GSIZE_FORMAT " bytes", deflater->name, length);
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
