/* SPDX-License-Identifier: Apache-2.0 */
/* archive_file.c: the outer tar of an image archive: its members by name, read as a stream as often as needed. */
#include "base/error.h"
#include "base/limits.h"
#include "io/root.h"
#include "oci/archive_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define LINKS_MAX 16 /* followed from one name; docker save needs one */

typedef struct {
	KilnFileType type;
	char *link_target;
} ArchiveMember;

static void member_free(gpointer data)
{
	ArchiveMember *member = data;
	g_free(member->link_target);
	g_free(member);
}

GBytes *archive_read_member(const KilnTarEntry *entry, KilnTarReader *content, guint64 max_bytes, GError **error)
{
	if (entry->size > max_bytes) {
		kiln_fail(error, KILN_ERROR_LIMIT, "%s: %" G_GUINT64_FORMAT " bytes; at most %" G_GUINT64_FORMAT " are accepted", entry->path, entry->size, max_bytes);
		return NULL;
	}
	gsize size = (gsize)entry->size, used = 0;
	g_autofree char *bytes = g_try_malloc(size + 1);
	if (!bytes) {
		kiln_fail(error, KILN_ERROR_LIMIT, "%s does not fit into memory", entry->path);
		return NULL;
	}
	for (gssize got = 1; got > 0; used += (gsize)got) {
		got = kiln_tar_reader_read(content, bytes + used, size + 1 - used, error);
		if (got < 0)
			return NULL;
	}
	return g_bytes_new_take(g_steal_pointer(&bytes), used);
}

void archive_name_error(const ArchiveFile *archive, GError **error)
{
	if (error && *error && !g_str_has_prefix((*error)->message, archive->path))
		g_prefix_error(error, "%s: ", archive->path);
}

static gboolean remember(ArchiveFile *archive, const KilnTarEntry *entry, GError **error)
{
	const ArchiveMember *known = g_hash_table_lookup(archive->members, entry->path);
	if (known && (known->type != KILN_FILE_DIRECTORY || entry->type != KILN_FILE_DIRECTORY))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s is in the archive twice: which of them is meant, nobody knows", entry->path);
	if (known)
		return TRUE;
	archive->names_bytes += strlen(entry->path) + (entry->link_target ? strlen(entry->link_target) : 0);
	if (g_hash_table_size(archive->members) >= KILN_LIMIT_IMAGE_BLOBS || archive->names_bytes > KILN_LIMIT_ARCHIVE_NAMES_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "more members than the %d of an image archive: is it a file system?", KILN_LIMIT_IMAGE_BLOBS);
	ArchiveMember *member = g_new0(ArchiveMember, 1);
	*member = (ArchiveMember){ entry->type, g_strdup(entry->link_target) };
	g_hash_table_insert(archive->members, g_strdup(entry->path), member);
	return TRUE;
}

typedef gboolean (*EntryFunction)(ArchiveFile *archive, const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error);

static gboolean read_through(ArchiveFile *archive, EntryFunction function, gpointer user_data, GError **error)
{
	const KilnTarEntry *entry;
	KilnReader *whole = kiln_reader_new_range(archive->fd, 0, G_MAXUINT64);
	g_autoptr(KilnReader) inflated = kiln_reader_new_inflate(whole, archive->compression, KILN_LIMIT_IMAGE_BYTES, error);
	g_autoptr(KilnTarReader) tar = inflated ? kiln_tar_reader_new(inflated, archive->path, error) : NULL;
	if (!tar)
		return FALSE;
	for (;;) {
		if (!kiln_tar_reader_next(tar, &entry, error))
			return FALSE;
		if (!entry)
			return TRUE;
		if (!function(archive, entry, tar, user_data, error)) {
			archive_name_error(archive, error);
			return FALSE;
		}
	}
}

static gboolean scan(ArchiveFile *archive, const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error)
{
	static const char *const documents[] = { "oci-layout", "index.json", "manifest.json", NULL };
	if (!remember(archive, entry, error))
		return FALSE;
	if (entry->type != KILN_FILE_REGULAR || !g_strv_contains(documents, entry->path))
		return TRUE;
	GBytes *bytes = archive_read_member(entry, content, KILN_LIMIT_LAYOUT_INDEX_BYTES, error);
	if (bytes)
		g_hash_table_insert(archive->documents, g_strdup(entry->path), bytes);
	return bytes != NULL;
}

ArchiveFile *archive_file_open(const char *path, GError **error)
{
	guint8 magic[6];
	struct stat status;
	g_autoptr(ArchiveFile) archive = g_new0(ArchiveFile, 1);
	archive->path = g_strdup(path);
	archive->members = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, member_free);
	archive->documents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
	archive->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (archive->fd < 0 || fstat(archive->fd, &status) < 0) {
		kiln_fail_errno(error, errno, "%s", path);
		return NULL;
	}
	if (!S_ISREG(status.st_mode)) {
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: not a regular file; an archive is read more than once, so store it first", path);
		return NULL;
	}
	g_autoptr(KilnReader) head = kiln_reader_new_range(archive->fd, 0, sizeof magic);
	gssize got = kiln_reader_read(head, magic, sizeof magic, error);
	if (got < 0)
		return NULL;
	archive->compression = kiln_compression_detect(magic, (gsize)got);
	return read_through(archive, scan, NULL, error) ? g_steal_pointer(&archive) : NULL;
}

void archive_file_close(ArchiveFile *archive)
{
	if (!archive)
		return;
	kiln_fd_close(&archive->fd);
	g_hash_table_unref(archive->members);
	g_hash_table_unref(archive->documents);
	g_free(archive->path);
	g_free(archive);
}

typedef struct {
	ArchiveVisit visit;
	gpointer user_data;
} Visitor;

static gboolean pass_on(ArchiveFile *archive, const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error)
{
	const Visitor *visitor = user_data;
	return entry->type != KILN_FILE_REGULAR || visitor->visit(entry, content, visitor->user_data, error);
}

gboolean archive_file_each(ArchiveFile *archive, ArchiveVisit visit, gpointer user_data, GError **error)
{
	Visitor visitor = { visit, user_data };
	return read_through(archive, pass_on, &visitor, error);
}

const char *archive_file_find(const ArchiveFile *archive, const char *name, GError **error)
{
	g_autofree char *path = kiln_path_normalise(name, strlen(name), error);
	for (guint links = 0; path && links <= LINKS_MAX; links++) {
		gpointer key = NULL, value = NULL;
		if (!g_hash_table_lookup_extended(archive->members, path, &key, &value)) {
			kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: \"%s\" is named in it, but is not in it", archive->path, name);
			return NULL;
		}
		const ArchiveMember *member = value;
		if (member->type == KILN_FILE_REGULAR)
			return key;
		if (member->type != KILN_FILE_SYMLINK && member->type != KILN_FILE_HARDLINK) {
			kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" is neither file nor link", archive->path, name);
			return NULL;
		}
		char *next = member->type == KILN_FILE_HARDLINK ? g_strdup(member->link_target) : kiln_path_resolve_link(path, member->link_target);
		g_free(path);
		path = next;
		if (!path)
			kiln_fail(error, KILN_ERROR_DENIED, "%s: \"%s\" is a link that leads out of the archive", archive->path, name);
	}
	if (path)
		kiln_fail(error, KILN_ERROR_DENIED, "%s: \"%s\" leads through more than %d links", archive->path, name, LINKS_MAX);
	else
		g_prefix_error(error, "%s: \"%s\": ", archive->path, name);
	return NULL;
}
