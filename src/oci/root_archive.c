/* SPDX-License-Identifier: Apache-2.0 */
/* root_archive.c: the tar of a root file system as an image of one layer. */
#include "base/error.h"
#include "base/limits.h"
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

/* A reader of the inflated file, or of the file itself where @inflate is FALSE; *fd is the caller's to close after it. */
static KilnReader *open_reader(const char *path, gboolean inflate, KilnCompression *compression, int *fd, GError **error)
{
	guint8 magic[6];
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	gssize got = *fd < 0 ? -1 : pread(*fd, magic, sizeof magic, 0);
	if (got < 0) {
		kiln_fail_errno(error, errno, "%s", path);
		return NULL;
	}
	*compression = kiln_compression_detect(magic, (gsize)got);
	KilnReader *whole = kiln_reader_new_fd(*fd);
	return inflate ? kiln_reader_new_inflate(whole, *compression, KILN_LIMIT_LAYER_BYTES, error) : whole;
}

gboolean kiln_root_archive_is(const char *path)
{
	g_auto(KilnFd) fd = -1;
	g_autoptr(GError) ignored = NULL; /* whoever reads it next says it */
	KilnCompression compression;
	const KilnTarEntry *entry = NULL;
	g_autoptr(KilnReader) reader = open_reader(path, TRUE, &compression, &fd, &ignored);
	g_autoptr(KilnTarReader) tar = reader ? kiln_tar_reader_new(reader, path, &ignored) : NULL;
	do
		if (!tar || !kiln_tar_reader_next(tar, &entry, &ignored))
			return FALSE;
	while (entry && !*entry->path);
	g_autofree char *top = entry ? g_strndup(entry->path, strcspn(entry->path, "/")) : NULL;
	return top && g_strv_contains(tops, top);
}

gboolean archive_put_root(KilnLayout *into, const ArchiveBlob *layer, KilnDescriptor *out, GError **error)
{
	g_autoptr(KilnImageConfig) config = kiln_image_config_new();
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	KilnDescriptor *copy = g_new0(KilnDescriptor, 1);
	kiln_descriptor_copy(&layer->descriptor, copy);
	g_ptr_array_add(manifest->items, copy);
	config->os = g_strdup("linux");
	config->architecture = g_strdup("unknown");
	config->diff_ids = g_memdup2(&layer->diff_id, sizeof layer->diff_id);
	config->diff_id_count = 1;
	g_autoptr(GBytes) text = kiln_image_config_print(config);
	manifest->has_config = TRUE;
	if (!kiln_layout_put_blob(into, KILN_MEDIA_CONFIG, g_bytes_get_data(text, NULL), g_bytes_get_size(text), &manifest->config, error))
		return FALSE;
	g_autoptr(GBytes) bytes = kiln_manifest_print(manifest);
	return kiln_layout_put_blob(into, KILN_MEDIA_MANIFEST, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), out, error);
}

gboolean kiln_root_archive_read(const char *path, KilnLayout *into, KilnDescriptor *out, GError **error)
{
	g_auto(KilnFd) fd = -1, again = -1;
	KilnCompression compression;
	ArchiveBlob layer = { 0 };
	g_autoptr(KilnReader) reader = open_reader(path, FALSE, &compression, &fd, error);
	if (!reader)
		return FALSE;
	/* Layers are plain, gzip or zstd; anything else is stored inflated. */
	gboolean is_layer = compression == KILN_COMPRESSION_NONE || compression == KILN_COMPRESSION_GZIP || compression == KILN_COMPRESSION_ZSTD;
	if (!is_layer) {
		g_clear_pointer(&reader, kiln_reader_free);
		reader = open_reader(path, TRUE, &compression, &again, error);
	}
	if (!reader || !archive_store_layer(path, reader, into, &layer, error))
		return FALSE;
	gboolean ok = archive_put_root(into, &layer, out, error);
	kiln_descriptor_clear(&layer.descriptor);
	return ok;
}
