/* SPDX-License-Identifier: Apache-2.0 */
/* tar.h: one archive entry; reading hostile tar streams; writing canonical ones. */
#pragma once
#include "io/reader.h"

typedef enum {
	KILN_FILE_REGULAR,
	KILN_FILE_DIRECTORY,
	KILN_FILE_SYMLINK,
	KILN_FILE_HARDLINK,
	KILN_FILE_CHARACTER_DEVICE,
	KILN_FILE_BLOCK_DEVICE,
	KILN_FILE_FIFO,
} KilnFileType;

typedef struct {
	const char *name; /* "security.capability" */
	const void *value;
	gsize length;
} KilnXattr;

typedef struct {
	const char *path; /* normalised: "usr/bin/env", "" for the root itself */
	gboolean absolute; /* read: the path or hard link target was written with a leading "/" */
	KilnFileType type;
	guint mode; /* permission bits, 07777 */
	guint64 uid, gid;
	const char *user_name, *group_name; /* may be NULL */
	guint64 size;                       /* regular files only, else 0 */
	gint64 mtime_s;
	const char *link_target; /* symlink: as written; hard link: normalised path; else NULL */
	guint device_major, device_minor;
	const KilnXattr *xattrs; /* sorted by name */
	gsize xattr_count;
} KilnTarEntry;

typedef struct KilnTarReader KilnTarReader;

/** Load what reading needs from the system, so that it opens no file later. Else the first reader does it. Errors: KILN_ERROR_UNSUPPORTED. */
gboolean kiln_tar_reader_prepare(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Reads any tar that libarchive knows. @source is borrowed and must outlive the reader. @name is for messages. */
KilnTarReader *kiln_tar_reader_new(KilnReader *source, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Step to the next entry; the rest of the one before is skipped.
 *
 * @entry: becomes a borrowed entry that is valid until the next call, or NULL at the end
 *
 * Errors: KILN_ERROR_SYNTAX damaged or truncated, KILN_ERROR_DENIED ".." in a path or hard link target,
 * KILN_ERROR_LIMIT too many entries, too long a path, too large xattrs, a file above KILN_LIMIT_TAR_FILE_BYTES.
 */
gboolean kiln_tar_reader_next(KilnTarReader *reader, const KilnTarEntry **entry, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Content of the current regular file. Bytes read, 0 at its end, -1 on error. */
gssize kiln_tar_reader_read(KilnTarReader *reader, void *buffer, gsize size, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** As kiln_tar_reader_read(), until @size bytes are there or the file ends. */
gssize kiln_tar_reader_fill(KilnTarReader *reader, void *buffer, gsize size, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_tar_reader_free(KilnTarReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnTarReader, kiln_tar_reader_free)

/**
 * Append the canonical header of @entry: ustar, plus a pax header only where ustar cannot say it (long names,
 * large numbers, xattrs as SCHILY.xattr). No user names, no access times, directories end in "/".
 * Times before 1970 become 0. The bytes depend on the entry only. Source: POSIX.1-2017 pax, "ustar Interchange Format".
 */
void kiln_tar_append_header(GByteArray *out, const KilnTarEntry *entry);
/** Append the zero bytes that fill @size bytes of content up to a block of 512. */
void kiln_tar_append_padding(GByteArray *out, guint64 size);
/** Append the two zero blocks that end an archive. */
void kiln_tar_append_end(GByteArray *out);
