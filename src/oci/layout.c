/* SPDX-License-Identifier: Apache-2.0 */
/* layout.c: an OCI image layout on disk: opening, blobs, artifacts. The index is layout_index.c. */
#include "oci/layout.h"

#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "oci/layout_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LAYOUT_FILE "oci-layout"
#define UNSYNCED_MAX 64 /* open descriptors */

static gboolean check_version(KilnLayout *layout, GError **error)
{
	gsize length;
	g_autoptr(GBytes) bytes = kiln_file_read_at(layout->fd, LAYOUT_FILE, 4096, error);
	const char *text = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	g_autoptr(json_t) json = bytes ? kiln_json_parse(text ? text : "", text ? length : 0, LAYOUT_FILE, error) : NULL;
	if (!json) {
		g_prefix_error(error, "%s: not an OCI image layout: ", layout->path);
		return FALSE;
	}
	const char *version = kiln_json_string_or_null(json, "imageLayoutVersion");
	if (g_strcmp0(version, "1.0.0") == 0)
		return TRUE;
	return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: image layout version \"%s\"; 1.0.0 is known", layout->path, version ? version : "");
}

static gboolean make(KilnLayout *layout, GError **error)
{
	g_auto(KilnFd) blobs = kiln_directory_make_at(layout->fd, "blobs/sha256", 0755, error);
	if (blobs < 0)
		return FALSE;
	if (faccessat(layout->fd, "index.json", F_OK, 0) < 0 && !layout_index_create(layout, error))
		return FALSE;
	return faccessat(layout->fd, LAYOUT_FILE, F_OK, 0) == 0 || kiln_file_write_at(layout->fd, LAYOUT_FILE, LAYOUT_TEXT, strlen(LAYOUT_TEXT), error);
}

static void clear_lent(gpointer data)
{
	kiln_fd_close(&((LentBlob *)data)->fd);
}

static void clear_fd(gpointer data)
{
	kiln_fd_close(data);
}

KilnLayout *kiln_layout_open(int dir_fd, const char *path, gboolean create, GError **error)
{
	g_autoptr(KilnLayout) layout = g_new0(KilnLayout, 1);
	layout->path = g_strdup(path);
	layout->unsynced = g_array_new(FALSE, FALSE, sizeof(KilnFd));
	g_array_set_clear_func(layout->unsynced, clear_fd);
	layout->lent = g_array_new(FALSE, FALSE, sizeof(LentBlob));
	g_array_set_clear_func(layout->lent, clear_lent);
	layout->attached = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_descriptor_free);
	layout->detached = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_descriptor_free);
	layout->fd = create ? kiln_directory_make_at(dir_fd, path, 0755, error) : kiln_directory_open_at(dir_fd, path, error);
	if (layout->fd < 0 || (create && !make(layout, error)) || !check_version(layout, error))
		return NULL;
	return g_steal_pointer(&layout);
}

void kiln_layout_close(KilnLayout *layout)
{
	if (!layout)
		return;
	kiln_fd_close(&layout->fd);
	g_array_unref(layout->unsynced);
	g_array_unref(layout->lent);
	g_ptr_array_unref(layout->attached);
	g_ptr_array_unref(layout->detached);
	g_free(layout->path);
	g_free(layout);
}

static char *blob_path(const KilnDigest *digest)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	return g_strdup_printf("blobs/sha256/%s", kiln_digest_print_hex(digest, hex));
}

static const LentBlob *find_lent(const KilnLayout *layout, const KilnDigest *digest)
{
	for (guint i = 0; i < layout->lent->len; i++)
		if (kiln_digest_equal(&g_array_index(layout->lent, LentBlob, i).digest, digest))
			return &g_array_index(layout->lent, LentBlob, i);
	return NULL;
}

void kiln_layout_lend_blob(KilnLayout *layout, int fd, const KilnDigest *digest, guint64 size_bytes)
{
	LentBlob lent = { *digest, fd, size_bytes };
	g_array_append_val(layout->lent, lent);
}

gboolean kiln_layout_has_blob(const KilnLayout *layout, const KilnDigest *digest, guint64 *size_bytes)
{
	struct stat status;
	const LentBlob *lent = find_lent(layout, digest);
	g_autofree char *path = blob_path(digest);
	if (lent && size_bytes)
		*size_bytes = lent->size_bytes;
	if (lent)
		return TRUE;
	if (fstatat(layout->fd, path, &status, 0) < 0 || !S_ISREG(status.st_mode))
		return FALSE;
	if (size_bytes)
		*size_bytes = (guint64)status.st_size;
	return TRUE;
}

int kiln_layout_open_blob(const KilnLayout *layout, const KilnDigest *digest, GError **error)
{
	g_autofree char *path = blob_path(digest);
	const LentBlob *lent = find_lent(layout, digest);
	int fd = lent ? fcntl(lent->fd, F_DUPFD_CLOEXEC, 0) : openat(layout->fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		kiln_fail_errno(error, errno, "%s/%s", layout->path, path);
	return fd;
}

GBytes *kiln_layout_read_blob(const KilnLayout *layout, const KilnDigest *digest, guint64 max_bytes, GError **error)
{
	KilnDigest actual;
	char shown[KILN_DIGEST_TEXT_MAX];
	g_autofree char *path = blob_path(digest);
	g_autoptr(GBytes) bytes = kiln_file_read_at(layout->fd, path, max_bytes, error);
	if (!bytes) {
		g_prefix_error(error, "%s: ", layout->path);
		return NULL;
	}
	kiln_hash_bytes(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &actual);
	if (kiln_digest_equal(&actual, digest))
		return g_steal_pointer(&bytes);
	kiln_fail(error, KILN_ERROR_MISMATCH, "%s/%s: its content is %s: the layout is damaged", layout->path, path, kiln_digest_print(&actual, shown));
	return NULL;
}

gboolean kiln_layout_put_blob(KilnLayout *layout, const char *media_type, const void *bytes, gsize length, KilnDescriptor *out, GError **error)
{
	KilnDescriptor made = { .size_bytes = length };
	guint64 there = 0;
	kiln_hash_bytes(bytes, length, &made.digest);
	if (!kiln_layout_has_blob(layout, &made.digest, &there) || there != length) {
		g_autoptr(KilnNewFile) file = kiln_layout_begin_blob(layout, error);
		if (!file)
			return FALSE;
		if (!kiln_new_file_write(file, bytes, length, error) || !kiln_layout_commit_blob(layout, file, &made.digest, error)) {
			g_prefix_error(error, "%s: ", layout->path);
			return FALSE;
		}
	}
	made.media_type = g_strdup(media_type);
	*out = made;
	return TRUE;
}

KilnNewFile *kiln_layout_begin_blob(KilnLayout *layout, GError **error)
{
	KilnNewFile *file = kiln_new_file_begin(layout->fd, "blobs/sha256/new", error);
	if (!file)
		g_prefix_error(error, "%s: ", layout->path);
	return file;
}

gboolean kiln_layout_commit_blob(KilnLayout *layout, KilnNewFile *file, const KilnDigest *digest, GError **error)
{
	g_autofree char *path = blob_path(digest);
	KilnFd copy = dup(kiln_new_file_fd(file));
	if (copy < 0)
		return kiln_fail_errno(error, errno, "%s/%s", layout->path, path);
	/* Writing begins now; only layout_sync() waits for its end. */
	(void)sync_file_range(copy, 0, 0, SYNC_FILE_RANGE_WRITE);
	g_array_append_val(layout->unsynced, copy);
	return kiln_new_file_commit_as(file, path, FALSE, error) && (layout->unsynced->len < UNSYNCED_MAX || layout_sync(layout, error));
}

gboolean layout_sync(KilnLayout *layout, GError **error)
{
	if (!layout->unsynced->len)
		return TRUE;
	for (guint i = 0; i < layout->unsynced->len; i++)
		if (fsync(g_array_index(layout->unsynced, KilnFd, i)) != 0)
			return kiln_fail_errno(error, errno, "%s: cannot write to the disk", layout->path);
	g_auto(KilnFd) blobs = kiln_directory_open_at(layout->fd, "blobs/sha256", error);
	if (blobs < 0)
		return FALSE;
	if (fsync(blobs) != 0 && errno != EINVAL)
		return kiln_fail_errno(error, errno, "%s: cannot write to the disk", layout->path);
	g_array_set_size(layout->unsynced, 0);
	return TRUE;
}

gboolean kiln_layout_attach(KilnLayout *layout, const KilnDescriptor *subject, const char *artifact_type, const char *media_type, const void *bytes,
                            gsize length, char **annotations, KilnDescriptor *out, GError **error)
{
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	g_autofree KilnDescriptor *item = g_new0(KilnDescriptor, 1);
	g_auto(KilnDescriptor) made = { 0 };
	if (!kiln_layout_put_blob(layout, media_type, bytes, length, item, error))
		return FALSE;
	g_ptr_array_add(manifest->items, g_steal_pointer(&item));
	manifest->has_config = manifest->has_subject = TRUE;
	if (!kiln_layout_put_blob(layout, KILN_MEDIA_EMPTY, "{}", 2, &manifest->config, error))
		return FALSE;
	g_free(manifest->artifact_type);
	manifest->artifact_type = g_strdup(artifact_type);
	manifest->subject.media_type = g_strdup(subject->media_type);
	manifest->subject.digest = subject->digest;
	manifest->subject.size_bytes = subject->size_bytes;
	manifest->annotations = g_strdupv(annotations);
	g_autoptr(GBytes) text = kiln_manifest_print(manifest);
	if (!kiln_layout_put_blob(layout, KILN_MEDIA_MANIFEST, g_bytes_get_data(text, NULL), g_bytes_get_size(text), &made, error))
		return FALSE;
	made.artifact_type = g_strdup(artifact_type);
	made.annotations = g_strdupv(annotations);
	KilnDescriptor *listed = g_new0(KilnDescriptor, 1);
	kiln_descriptor_copy(&made, listed);
	g_ptr_array_add(layout->attached, listed);
	*out = made;
	made = (KilnDescriptor){ 0 };
	return TRUE;
}

GBytes *kiln_layout_read_artifact(const KilnLayout *layout, const KilnDescriptor *artifact, guint64 max_bytes, GError **error)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	g_autoptr(KilnManifest) manifest = layout_read_manifest(layout, artifact, error);
	if (!manifest)
		return NULL;
	if (!manifest->is_index && manifest->items->len == 1)
		return kiln_layout_read_blob(layout, &((KilnDescriptor *)manifest->items->pdata[0])->digest, max_bytes, error);
	kiln_fail(error, KILN_ERROR_SYNTAX, "%s: the artifact %s has not one blob", layout->path, kiln_digest_print(&artifact->digest, digest));
	return NULL;
}
