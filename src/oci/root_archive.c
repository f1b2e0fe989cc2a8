/* SPDX-License-Identifier: Apache-2.0 */
/* root_archive.c: the tar of a root file system as an image of one layer. */
#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/file.h"
#include "oci/archive_internal.h"
#include "oci/config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What stands at the top of a root file system, and never at that of an image archive. Source: Filesystem Hierarchy Standard 3.0. */
static const char *const tops[] = { "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv",
	                            "sys", "tmp", "usr", "var", NULL };

static int open_file(const char *path, KilnCompression *compression, GError **error)
{
	guint8 magic[6];
	g_auto(KilnFd) fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	gssize got = fd < 0 ? -1 : pread(fd, magic, sizeof magic, 0);
	if (got < 0) {
		kiln_fail_errno(error, errno, "%s", path);
		return -1;
	}
	*compression = kiln_compression_detect(magic, (gsize)got);
	return g_steal_fd(&fd);
}

gboolean kiln_root_archive_is(const char *path)
{
	g_autoptr(GError) ignored = NULL; /* whoever reads it next says it */
	KilnCompression compression = KILN_COMPRESSION_NONE;
	const KilnTarEntry *entry = NULL;
	g_auto(KilnFd) fd = open_file(path, &compression, &ignored);
	g_autoptr(KilnReader) reader = fd < 0 ? NULL : kiln_reader_new_inflate(kiln_reader_new_fd(fd), compression, KILN_LIMIT_LAYER_BYTES, &ignored);
	g_autoptr(KilnTarReader) tar = reader ? kiln_tar_reader_new(reader, path, &ignored) : NULL;
	do
		if (!tar || !kiln_tar_reader_next(tar, &entry, &ignored))
			return FALSE;
	while (entry && !*entry->path);
	g_autofree char *top = entry ? g_strndup(entry->path, strcspn(entry->path, "/")) : NULL;
	return top && g_strv_contains(tops, top);
}

gboolean archive_put_root(KilnLayout *into, const KilnDescriptor *layer, KilnDescriptor *out, GError **error)
{
	g_autoptr(KilnImageConfig) config = kiln_image_config_new();
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	KilnDescriptor *copy = g_new0(KilnDescriptor, 1);
	kiln_descriptor_copy(layer, copy);
	g_ptr_array_add(manifest->items, copy);
	config->os = g_strdup("linux");
	config->architecture = g_strdup("unknown");
	config->diff_ids = g_memdup2(&layer->digest, sizeof layer->digest);
	config->diff_id_count = 1;
	g_autoptr(GBytes) text = kiln_image_config_print(config);
	manifest->has_config = TRUE;
	if (!kiln_layout_put_blob(into, KILN_MEDIA_CONFIG, g_bytes_get_data(text, NULL), g_bytes_get_size(text), &manifest->config, error))
		return FALSE;
	g_autoptr(GBytes) bytes = kiln_manifest_print(manifest);
	return kiln_layout_put_blob(into, KILN_MEDIA_MANIFEST, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), out, error);
}

static const char *media_type(const char *path, KilnCompression compression, GError **error)
{
	static const char *const types[] = {
		[KILN_COMPRESSION_NONE] = KILN_MEDIA_LAYER,    [KILN_COMPRESSION_GZIP] = KILN_MEDIA_LAYER_GZIP, [KILN_COMPRESSION_XZ] = KILN_MEDIA_ROOT_XZ,
		[KILN_COMPRESSION_ZSTD] = KILN_MEDIA_LAYER_ZSTD, [KILN_COMPRESSION_LZMA] = KILN_MEDIA_ROOT_LZMA,
	};
	const char *type = (gsize)compression < G_N_ELEMENTS(types) ? types[compression] : NULL;
	if (!type)
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: compressed with %s; plain, gzip, xz and zstd are known", path, kiln_compression_name(compression));
	return type;
}

gboolean kiln_root_archive_read(const char *path, KilnLayout *into, KilnDescriptor *out, GError **error)
{
	KilnCompression compression = KILN_COMPRESSION_NONE;
	KilnDescriptor layer = { 0 };
	g_auto(KilnFd) fd = open_file(path, &compression, error);
	const char *type = fd < 0 ? NULL : media_type(path, compression, error);
	if (!type)
		return FALSE;
	if (!kiln_hash_fd(fd, &layer.digest, &layer.size_bytes, error)) {
		g_prefix_error(error, "%s: ", path);
		return FALSE;
	}
	layer.media_type = (char *)type; /* only lent to the copy that is made */
	kiln_layout_lend_blob(into, g_steal_fd(&fd), &layer.digest, layer.size_bytes);
	return archive_put_root(into, &layer, out, error);
}
