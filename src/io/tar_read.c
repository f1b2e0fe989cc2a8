/* SPDX-License-Identifier: Apache-2.0 */
/* tar_read.c: hostile tar streams, entry by entry. The only place that knows libarchive. */
#include "base/error.h"
#include "base/limits.h"
#include "io/root.h"
#include "io/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <string.h>

#define INPUT_BYTES (128 * 1024)

/* libarchive converts the UTF-8 names of pax headers to the thread's locale; in this one they stay as they are. */
static locale_t utf8;

struct KilnTarReader {
	struct archive *archive;
	KilnReader *source;
	GError *source_error; /* what the source said; libarchive only knows that it failed */
	char *name;
	guint64 entries;
	guint64 left;     /* of the current file's content */
	gboolean in_hole; /* all of that is zeros */
	KilnTarEntry entry;
	char *path, *link_target;
	GArray *xattrs; /* KilnXattr */
	guint8 input[INPUT_BYTES];
};

static la_ssize_t pull(struct archive *archive, void *user_data, const void **buffer)
{
	KilnTarReader *reader = user_data;
	gssize count = kiln_reader_read(reader->source, reader->input, sizeof reader->input, &reader->source_error);
	*buffer = reader->input;
	if (count < 0)
		archive_set_error(archive, EIO, "source");
	return count;
}

static gboolean failed(KilnTarReader *reader, GError **error)
{
	if (reader->source_error) {
		g_propagate_prefixed_error(error, g_steal_pointer(&reader->source_error), "%s: ", reader->name);
		return FALSE;
	}
	const char *text = reader->archive ? archive_error_string(reader->archive) : NULL;
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: damaged tar%s%s: %s", reader->name, reader->path ? " behind " : "",
	                 reader->path ? reader->path : "", text ? text : "no reason known");
}

gboolean kiln_tar_reader_prepare(GError **error)
{
	static gsize prepared;
	if (g_once_init_enter(&prepared)) {
		utf8 = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);
		g_once_init_leave(&prepared, 1);
	}
	return utf8 != (locale_t)0 || kiln_fail(error, KILN_ERROR_UNSUPPORTED, "the C library has no locale C.UTF-8");
}

KilnTarReader *kiln_tar_reader_new(KilnReader *source, const char *name, GError **error)
{
	g_autoptr(KilnTarReader) reader = g_new0(KilnTarReader, 1);
	reader->source = source;
	reader->name = g_strdup(name);
	reader->xattrs = g_array_new(FALSE, TRUE, sizeof(KilnXattr));
	if (!kiln_tar_reader_prepare(error))
		return NULL;
	reader->archive = archive_read_new();
	if (!reader->archive || archive_read_support_format_tar(reader->archive) != ARCHIVE_OK ||
	    archive_read_open(reader->archive, reader, NULL, pull, NULL) != ARCHIVE_OK) {
		failed(reader, error);
		return NULL;
	}
	return g_steal_pointer(&reader);
}

/* Devices, sockets and the rest are told apart here; hard links have no type of their own in libarchive. */
static gboolean read_type(struct archive_entry *from, KilnTarReader *reader, GError **error)
{
	static const struct {
		guint mode;
		KilnFileType type;
	} rows[] = { { AE_IFREG, KILN_FILE_REGULAR }, { AE_IFDIR, KILN_FILE_DIRECTORY }, { AE_IFLNK, KILN_FILE_SYMLINK },
		     { AE_IFCHR, KILN_FILE_CHARACTER_DEVICE }, { AE_IFBLK, KILN_FILE_BLOCK_DEVICE }, { AE_IFIFO, KILN_FILE_FIFO } };
	if (archive_entry_hardlink(from)) {
		reader->entry.type = KILN_FILE_HARDLINK;
		return TRUE;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].mode == archive_entry_filetype(from)) {
			reader->entry.type = rows[i].type;
			return TRUE;
		}
	return kiln_fail(error, KILN_ERROR_DENIED, "%s: %s: neither file, directory, link, device nor pipe", reader->name, reader->path);
}

static gint by_xattr_name(gconstpointer a, gconstpointer b)
{
	return strcmp(((const KilnXattr *)a)->name, ((const KilnXattr *)b)->name);
}

static gboolean read_xattrs(struct archive_entry *from, KilnTarReader *reader, GError **error)
{
	const char *name;
	const void *value;
	size_t length;
	gsize total = 0;
	g_array_set_size(reader->xattrs, 0);
	archive_entry_xattr_reset(from);
	while (archive_entry_xattr_next(from, &name, &value, &length) == ARCHIVE_OK) {
		KilnXattr xattr = { name, value, length };
		total += length + strlen(name);
		if (total > KILN_LIMIT_XATTR_BYTES)
			return kiln_fail(error, KILN_ERROR_LIMIT, "%s: %s: extended attributes above %u KiB", reader->name, reader->path,
			                 (guint)(KILN_LIMIT_XATTR_BYTES / KILN_KIB));
		g_array_append_val(reader->xattrs, xattr);
	}
	g_array_sort(reader->xattrs, by_xattr_name);
	reader->entry.xattrs = (const KilnXattr *)reader->xattrs->data;
	reader->entry.xattr_count = reader->xattrs->len;
	return TRUE;
}

static gboolean read_names(struct archive_entry *from, KilnTarReader *reader, GError **error)
{
	const char *path = archive_entry_pathname(from), *hard = archive_entry_hardlink(from), *link = archive_entry_symlink(from);
	if (!path || !*path)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: an entry without a name", reader->name);
	g_autofree char *normal = kiln_path_normalise(path, strlen(path), error);
	g_autofree char *target = !normal ? NULL : hard ? kiln_path_normalise(hard, strlen(hard), error) : g_strdup(link);
	if (!normal || (hard && !target)) {
		g_prefix_error(error, "%s: ", reader->name);
		return FALSE;
	}
	if (target && strlen(target) > KILN_LIMIT_PATH_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: %s: a link target above %d bytes", reader->name, normal, KILN_LIMIT_PATH_BYTES);
	if (!target && archive_entry_filetype(from) == AE_IFLNK)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: %s: a symlink without a target", reader->name, normal);
	g_free(reader->path);
	g_free(reader->link_target);
	reader->entry.absolute = *path == '/' || (hard && *hard == '/');
	reader->path = g_steal_pointer(&normal);
	reader->link_target = g_steal_pointer(&target);
	return TRUE;
}

static gboolean read_numbers(struct archive_entry *from, KilnTarReader *reader, GError **error)
{
	KilnTarEntry *to = &reader->entry;
	if (archive_entry_size(from) < 0 || archive_entry_uid(from) < 0 || archive_entry_gid(from) < 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: %s: a negative number in its header", reader->name, reader->path);
	to->mode = archive_entry_perm(from) & 07777;
	to->uid = (guint64)archive_entry_uid(from);
	to->gid = (guint64)archive_entry_gid(from);
	to->size = to->type == KILN_FILE_REGULAR ? (guint64)archive_entry_size(from) : 0;
	to->mtime_s = archive_entry_mtime(from);
	to->device_major = (guint)archive_entry_rdevmajor(from);
	to->device_minor = (guint)archive_entry_rdevminor(from);
	/* A header alone can claim a hole of 8 EiB, and every byte of it would be read. */
	if (to->size > KILN_LIMIT_TAR_FILE_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: %s: %" G_GUINT64_FORMAT " bytes; at most %" G_GUINT64_FORMAT " are accepted",
		                 reader->name, reader->path, to->size, (guint64)KILN_LIMIT_TAR_FILE_BYTES);
	return TRUE;
}

static gboolean read_entry(KilnTarReader *reader, gboolean *ended, GError **error)
{
	struct archive_entry *from;
	int result = archive_read_next_header(reader->archive, &from);
	*ended = result == ARCHIVE_EOF && !reader->source_error;
	if (*ended)
		return TRUE;
	/* With ARCHIVE_WARN an extended header was ignored or cut short: the entry is not what its writer meant. */
	if (result != ARCHIVE_OK)
		return failed(reader, error);
	if (++reader->entries > KILN_LIMIT_TAR_ENTRIES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: more than %d entries", reader->name, KILN_LIMIT_TAR_ENTRIES);
	if (!read_names(from, reader, error) || !read_type(from, reader, error) || !read_xattrs(from, reader, error) ||
	    !read_numbers(from, reader, error))
		return FALSE;
	reader->left = reader->entry.size;
	reader->in_hole = FALSE;
	reader->entry.path = reader->path;
	reader->entry.link_target = reader->link_target;
	reader->entry.user_name = archive_entry_uname(from);
	reader->entry.group_name = archive_entry_gname(from);
	return TRUE;
}

gboolean kiln_tar_reader_next(KilnTarReader *reader, const KilnTarEntry **entry, GError **error)
{
	gboolean ended = FALSE;
	locale_t before = uselocale(utf8);
	gboolean good = read_entry(reader, &ended, error);
	uselocale(before);
	if (good)
		*entry = ended ? NULL : &reader->entry;
	return good;
}

/* libarchive's content ended; whatever the header promised beyond it is a hole, for missing content was an error before. */
static gsize fill_hole(KilnTarReader *reader, void *buffer, gsize wanted)
{
	reader->in_hole = TRUE;
	memset(buffer, 0, wanted);
	reader->left -= wanted;
	return wanted;
}

/* Exactly as much as the header says, which libarchive does not promise where the map of a sparse file says otherwise. */
gssize kiln_tar_reader_read(KilnTarReader *reader, void *buffer, gsize size, GError **error)
{
	guint8 surplus;
	gsize wanted = (gsize)MIN((guint64)MIN(size, (gsize)G_MAXSSIZE), reader->left);
	if (size == 0 || (wanted == 0 && reader->in_hole))
		return 0;
	if (reader->in_hole)
		return (gssize)fill_hole(reader, buffer, wanted);
	la_ssize_t count = archive_read_data(reader->archive, wanted > 0 ? buffer : &surplus, wanted > 0 ? wanted : 1);
	if (count < 0) {
		failed(reader, error);
		return -1;
	}
	if (count == 0)
		return (gssize)fill_hole(reader, buffer, wanted);
	if (wanted == 0) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: %s: more content than its size says", reader->name, reader->path);
		return -1;
	}
	reader->left -= (guint64)count;
	return count;
}

gssize kiln_tar_reader_fill(KilnTarReader *reader, void *buffer, gsize size, GError **error)
{
	gsize filled = 0;
	while (filled < size) {
		gssize got = kiln_tar_reader_read(reader, (guint8 *)buffer + filled, size - filled, error);
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		filled += (gsize)got;
	}
	return (gssize)filled;
}

void kiln_tar_reader_free(KilnTarReader *reader)
{
	if (!reader)
		return;
	archive_read_free(reader->archive);
	g_clear_error(&reader->source_error);
	if (reader->xattrs)
		g_array_unref(reader->xattrs);
	g_free(reader->name);
	g_free(reader->path);
	g_free(reader->link_target);
	g_free(reader);
}
