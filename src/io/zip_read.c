/* SPDX-License-Identifier: Apache-2.0 */
/* zip_read.c: the members of a zip file, by libarchive. */
#include "io/zip_read.h"
#include "base/error.h"
#include "base/limits.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#define READ_BLOCK_BYTES (128 * 1024)

static gboolean fail_archive(struct archive *reader, const char *path, GError **error)
{
	const char *why = archive_error_string(reader);
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: no zip, or a damaged one: %s", path, why ? why : "no reason is given");
}

/* All of the current member; its own header says nothing that is believed. */
static gboolean read_member(struct archive *reader, const char *path, const char *name, GByteArray *content, gsize max_bytes, GError **error)
{
	g_byte_array_set_size(content, 0);
	for (;;) {
		guint used = content->len;
		if (used > max_bytes)
			return kiln_fail(error, KILN_ERROR_LIMIT, "%s: %s: larger than %" G_GSIZE_FORMAT " bytes", path, name, max_bytes);
		g_byte_array_set_size(content, used + READ_BLOCK_BYTES);
		la_ssize_t got = archive_read_data(reader, content->data + used, READ_BLOCK_BYTES);
		g_byte_array_set_size(content, used + (guint)MAX(got, 0));
		if (got < 0)
			return fail_archive(reader, path, error);
		if (got == 0)
			return TRUE;
	}
}

static gboolean visit_all(struct archive *reader, const char *path, gsize max_bytes, KilnZipWant want, KilnZipVisit visit, gpointer user_data, GError **error)
{
	g_autoptr(GByteArray) content = g_byte_array_new();
	struct archive_entry *entry;
	guint64 members = 0, bytes = 0;
	int status;
	while ((status = archive_read_next_header(reader, &entry)) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(entry);
		if (++members > KILN_LIMIT_ZIP_MEMBERS)
			return kiln_fail(error, KILN_ERROR_LIMIT, "%s: more than %d members", path, KILN_LIMIT_ZIP_MEMBERS);
		if (archive_entry_is_encrypted(entry))
			return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: %s is encrypted", path, name ? name : "?");
		if (archive_entry_filetype(entry) != S_IFREG)
			continue;
		if (!name)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: a member whose name is no text", path);
		if (want && !want(name, user_data))
			continue;
		if (!read_member(reader, path, name, content, max_bytes, error))
			return FALSE;
		bytes += content->len;
		if (bytes > KILN_LIMIT_ZIP_BYTES)
			return kiln_fail(error, KILN_ERROR_LIMIT, "%s: inflates to more than %" G_GUINT64_FORMAT " bytes", path, KILN_LIMIT_ZIP_BYTES);
		if (!visit(name, content->data, content->len, user_data, error))
			return FALSE;
	}
	return status == ARCHIVE_EOF || fail_archive(reader, path, error);
}

gboolean kiln_zip_read(int fd, const char *path, gsize member_max_bytes, KilnZipVisit visit, gpointer user_data, GError **error)
{
	struct archive *reader = archive_read_new();
	archive_read_support_format_zip_seekable(reader);
	gboolean ok = archive_read_open_fd(reader, fd, READ_BLOCK_BYTES) == ARCHIVE_OK || fail_archive(reader, path, error);
	ok = ok && visit_all(reader, path, member_max_bytes, NULL, visit, user_data, error);
	archive_read_free(reader);
	return ok;
}

gboolean kiln_zip_read_bytes(KilnText zip, const char *path, gsize member_max_bytes, KilnZipWant want, KilnZipVisit visit, gpointer user_data, GError **error)
{
	struct archive *reader = archive_read_new();
	archive_read_support_format_zip_seekable(reader);
	gboolean ok = archive_read_open_memory(reader, zip.data, zip.length) == ARCHIVE_OK || fail_archive(reader, path, error);
	ok = ok && visit_all(reader, path, member_max_bytes, want, visit, user_data, error);
	archive_read_free(reader);
	return ok;
}
