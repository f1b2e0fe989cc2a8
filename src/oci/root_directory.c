/* SPDX-License-Identifier: Apache-2.0 */
/* root_directory.c: a directory as an image of one layer: its canonical tar, made while it is read. Times are left out, so that the digest is that of the content. */
#include "base/error.h"
#include "base/limits.h"
#include "io/file.h"
#include "oci/archive_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define PIECE_BYTES (128 * 1024)

/* What is still to be put into the tar; it is made piece by piece as it is read. */
typedef struct {
	const char *root; /* for messages */
	int root_fd;
	dev_t device;       /* other file systems, such as /proc, are no part of it */
	GPtrArray *waiting; /* paths that were not looked at yet, the next one last */
	GHashTable *first;  /* "device:inode" to the path of a file with more than one link */
	GByteArray *out;    /* made and not yet read */
	gsize taken;        /* of that */
	KilnFd file;        /* regular file whose content is being put; -1: none */
	guint64 left, size; /* of its content */
	char *path;         /* its path */
	gboolean ended;
} Walk;

static char *join(const char *directory, const char *name)
{
	return *directory ? g_strconcat(directory, "/", name, NULL) : g_strdup(name);
}

static gboolean push_children(Walk *walk, const char *path, GError **error)
{
	g_auto(GStrv) names = kiln_directory_list_at(walk->root_fd, *path ? path : ".", error);
	if (!names)
		return FALSE;
	for (guint i = g_strv_length(names); i-- > 0;)
		g_ptr_array_add(walk->waiting, join(path, names[i]));
	return walk->waiting->len <= KILN_LIMIT_TAR_ENTRIES || kiln_fail(error, KILN_ERROR_LIMIT, "%s: more than %d files", walk->root, KILN_LIMIT_TAR_ENTRIES);
}

/* Of a file that is already in the tar under another name, that name. */
static const char *linked(Walk *walk, const struct stat *status, const char *path)
{
	if (status->st_nlink < 2 || S_ISDIR(status->st_mode))
		return NULL;
	g_autofree char *key = g_strdup_printf("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64)status->st_dev, (guint64)status->st_ino);
	const char *found = g_hash_table_lookup(walk->first, key);
	if (!found)
		g_hash_table_insert(walk->first, g_steal_pointer(&key), g_strdup(path));
	return found;
}

static gboolean type_of(mode_t mode, KilnFileType *type)
{
	static const struct {
		mode_t mode;
		KilnFileType type;
	} types[] = { { S_IFREG, KILN_FILE_REGULAR }, { S_IFDIR, KILN_FILE_DIRECTORY }, { S_IFLNK, KILN_FILE_SYMLINK }, { S_IFCHR, KILN_FILE_CHARACTER_DEVICE },
		      { S_IFBLK, KILN_FILE_BLOCK_DEVICE }, { S_IFIFO, KILN_FILE_FIFO } };
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
		if ((mode & S_IFMT) == types[i].mode) {
			*type = types[i].type;
			return TRUE;
		}
	return FALSE; /* a socket: no tar has one */
}

static gboolean open_content(Walk *walk, const char *path, const struct stat *status, KilnTarEntry *entry, GError **error)
{
	struct stat opened;
	walk->file = openat(walk->root_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (walk->file < 0 || fstat(walk->file, &opened) != 0)
		return kiln_fail_errno(error, errno, "%s/%s", walk->root, path);
	if (!S_ISREG(opened.st_mode) || opened.st_ino != status->st_ino)
		return kiln_fail(error, KILN_ERROR_BUSY, "%s/%s: it is changed while it is read", walk->root, path);
	entry->size = walk->left = walk->size = (guint64)opened.st_size;
	walk->path = g_strdup(path);
	return TRUE;
}

static gboolean put_entry(Walk *walk, const char *path, GError **error)
{
	struct stat status;
	char target[KILN_LIMIT_PATH_BYTES + 1], capability[256];
	KilnXattr xattr = { "security.capability", capability, 0 };
	if (fstatat(walk->root_fd, path, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return kiln_fail_errno(error, errno, "%s/%s", walk->root, path);
	const char *slash = strrchr(path, '/');
	if (g_str_has_prefix(slash ? slash + 1 : path, ".wh."))
		return kiln_fail(error, KILN_ERROR_DENIED, "%s/%s: in a layer this name would hide another file", walk->root, path);
	KilnTarEntry entry = { .path = path, .mode = status.st_mode & 07777, .uid = status.st_uid, .gid = status.st_gid };
	if (!type_of(status.st_mode, &entry.type))
		return TRUE;
	entry.link_target = linked(walk, &status, path);
	if (entry.link_target) {
		entry.type = KILN_FILE_HARDLINK;
	} else if (entry.type == KILN_FILE_SYMLINK) {
		ssize_t length = readlinkat(walk->root_fd, path, target, sizeof target - 1);
		if (length < 0)
			return kiln_fail_errno(error, errno, "%s/%s", walk->root, path);
		target[length] = '\0';
		entry.link_target = target;
	} else if (entry.type == KILN_FILE_REGULAR) {
		if (!open_content(walk, path, &status, &entry, error))
			return FALSE;
		ssize_t length = fgetxattr(walk->file, xattr.name, capability, sizeof capability);
		xattr.length = length > 0 ? (gsize)length : 0;
		entry.xattrs = &xattr;
		entry.xattr_count = length > 0;
	} else if (entry.type == KILN_FILE_CHARACTER_DEVICE || entry.type == KILN_FILE_BLOCK_DEVICE) {
		entry.device_major = major(status.st_rdev);
		entry.device_minor = minor(status.st_rdev);
	}
	kiln_tar_append_header(walk->out, &entry);
	return entry.type != KILN_FILE_DIRECTORY || status.st_dev != walk->device || push_children(walk, path, error);
}

static gboolean put_content(Walk *walk, GError **error)
{
	gsize used = walk->out->len, wanted = (gsize)MIN(walk->left, PIECE_BYTES);
	g_byte_array_set_size(walk->out, (guint)(used + wanted));
	ssize_t got = wanted ? read(walk->file, walk->out->data + used, wanted) : 0;
	if (got < 0)
		return kiln_fail_errno(error, errno, "%s/%s", walk->root, walk->path);
	if (wanted && got == 0)
		return kiln_fail(error, KILN_ERROR_BUSY, "%s/%s: it became shorter while it was read", walk->root, walk->path);
	g_byte_array_set_size(walk->out, (guint)(used + (gsize)got));
	walk->left -= (guint64)got;
	if (walk->left)
		return TRUE;
	kiln_tar_append_padding(walk->out, walk->size);
	kiln_fd_close(&walk->file);
	walk->file = -1;
	g_clear_pointer(&walk->path, g_free);
	return TRUE;
}

/* Make more of the tar. */
static gboolean go_on(Walk *walk, GError **error)
{
	g_byte_array_set_size(walk->out, 0);
	walk->taken = 0;
	while (walk->out->len < PIECE_BYTES && !walk->ended) {
		if (walk->file >= 0) {
			if (!put_content(walk, error))
				return FALSE;
		} else if (walk->waiting->len) {
			g_autofree char *path = g_ptr_array_steal_index(walk->waiting, walk->waiting->len - 1);
			if (!put_entry(walk, path, error))
				return FALSE;
		} else {
			kiln_tar_append_end(walk->out);
			walk->ended = TRUE;
		}
	}
	return TRUE;
}

static gssize walk_read(gpointer state, void *buffer, gsize size, GError **error)
{
	Walk *walk = state;
	while (walk->taken == walk->out->len) {
		if (walk->ended)
			return 0;
		if (!go_on(walk, error))
			return -1;
	}
	gsize length = MIN(size, walk->out->len - walk->taken);
	memcpy(buffer, walk->out->data + walk->taken, length);
	walk->taken += length;
	return (gssize)length;
}

static void walk_free(gpointer state)
{
	Walk *walk = state;
	kiln_fd_close(&walk->file);
	kiln_fd_close(&walk->root_fd);
	g_ptr_array_unref(walk->waiting);
	g_hash_table_unref(walk->first);
	g_byte_array_unref(walk->out);
	g_free(walk->path);
	g_free(walk);
}

static KilnReader *walk_new(const char *path, GError **error)
{
	static const KilnReaderMethods methods = { walk_read, walk_free };
	struct stat status;
	g_auto(KilnFd) fd = kiln_directory_open_at(AT_FDCWD, path, error);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) != 0) {
		kiln_fail_errno(error, errno, "%s", path);
		return NULL;
	}
	Walk *walk = g_new0(Walk, 1);
	*walk = (Walk){ .root = path, .root_fd = g_steal_fd(&fd), .device = status.st_dev, .file = -1 };
	walk->waiting = g_ptr_array_new_with_free_func(g_free);
	walk->first = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	walk->out = g_byte_array_new();
	KilnReader *reader = kiln_reader_new_custom(&methods, walk);
	if (push_children(walk, "", error))
		return reader;
	kiln_reader_free(reader);
	return NULL;
}

gboolean kiln_root_directory_read(const char *path, KilnLayout *into, KilnDescriptor *out, GError **error)
{
	g_auto(KilnDescriptor) layer = { 0 };
	g_autoptr(KilnReader) reader = walk_new(path, error);
	return reader && archive_store_layer(path, reader, KILN_MEDIA_LAYER, into, &layer, error) && archive_put_root(into, &layer, out, error);
}
