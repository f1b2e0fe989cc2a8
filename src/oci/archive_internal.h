/* SPDX-License-Identifier: Apache-2.0 */
/* archive_internal.h: an image archive as its members, for the readers of its two kinds. */
#pragma once
#include "io/tar.h"
#include "oci/archive.h"

typedef struct {
	char *path; /* of the file, for messages */
	int fd;
	KilnCompression compression;
	GHashTable *members;   /* normalised path -> ArchiveMember; each path once */
	guint64 names_bytes;
	GHashTable *documents; /* path -> GBytes of "oci-layout", "index.json" and "manifest.json", those that are there */
} ArchiveFile;

/** Called for each regular member in the order of the archive; @content gives its bytes. */
typedef gboolean (*ArchiveVisit)(const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error);

/** Open and read through once, keeping names and documents. Errors: those of reading a tar; KILN_ERROR_SYNTAX a member that is there twice. */
ArchiveFile *archive_file_open(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void archive_file_close(ArchiveFile *archive);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ArchiveFile, archive_file_close)
/** Begin the message with the archive's path, unless it does. */
void archive_name_error(const ArchiveFile *archive, GError **error);
/** All of a small member. NULL: KILN_ERROR_LIMIT above @max_bytes, and errors of reading. */
GBytes *archive_read_member(const KilnTarEntry *entry, KilnTarReader *content, guint64 max_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Read through again. */
gboolean archive_file_each(ArchiveFile *archive, ArchiveVisit visit, gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * The regular member that the written name @name means, symlinks and hard links of the archive followed; borrowed.
 * Errors: KILN_ERROR_DENIED it leaves the archive or goes in circles, KILN_ERROR_NOT_FOUND; both name @name.
 */
const char *archive_file_find(const ArchiveFile *archive, const char *name, GError **error);


/** The content of a member as a reader; @content is borrowed. */
KilnReader *archive_member_reader(KilnTarReader *content);
/** Store @content as a blob of @into as it is, of @media_type, or NULL: what its first bytes say. What it inflates to is checked by whoever reads it. @out: for kiln_descriptor_clear(). */
gboolean archive_store_layer(const char *name, KilnReader *content, const char *media_type, KilnLayout *into, KilnDescriptor *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** An image without configuration of the one layer that was stored. */
gboolean archive_put_root(KilnLayout *into, const KilnDescriptor *layer, KilnDescriptor *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The image @tag of an archive with manifest.json. */
gboolean docker_archive_read(ArchiveFile *archive, const char *tag, KilnLayout *into, KilnDescriptor *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
