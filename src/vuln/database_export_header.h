/* SPDX-License-Identifier: Apache-2.0 */
/* database_export_header.h: what stands at the beginning of an exported database. Internal to this module. Shape: docs/formats/database-export.md. */
#pragma once
#include "vuln/database_export.h"

#define EXPORT_MAGIC "KILNVDB\n"
#define EXPORT_MAGIC_BYTES 8
#define EXPORT_FIXED_BYTES 16 /* magic, and the lengths of header and signature as 32 bits each, lowest byte first */
#define EXPORT_FORMAT_VERSION 1

typedef struct {
	KilnDatabaseSource source;
	KilnDigest content; /* of its lines */
	gboolean is_included; /* else it is as in the base */
} ExportSource;

typedef struct {
	KilnDigest database, base; /* digests of contents */
	gboolean is_delta;         /* there is a base */
	char *key_id;              /* NULL: not signed */
	KilnDigest payload;
	guint64 payload_bytes, inflated_bytes;
	GPtrArray *sources; /* ExportSource, sorted by name */
} ExportHeader;

ExportHeader *export_header_new(void);
void export_header_free(ExportHeader *header);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ExportHeader, export_header_free)

/** Add a source; it is copied. The result is borrowed. */
ExportSource *export_header_add(ExportHeader *header, const KilnDatabaseSource *source);
/** The source of that name, or NULL. */
const ExportSource *export_header_find(const ExportHeader *header, const char *name);

/** What it says, of a file of @size_bytes. */
void export_header_tell(const ExportHeader *header, guint64 size_bytes, KilnDatabaseExport *out);

/** Canonical JSON. */
GBytes *export_header_write(const ExportHeader *header);
/**
 * @name: for messages
 * Errors: KILN_ERROR_SYNTAX; KILN_ERROR_UNSUPPORTED another version of the format, or another schema; KILN_ERROR_LIMIT.
 */
ExportHeader *export_header_parse(const void *bytes, gsize length, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The beginning of a file as it was read; nobody has judged it. */
typedef struct {
	GBytes *signed_bytes; /* EXPORT_FIXED_BYTES and the header's JSON: what the signature is over */
	gboolean has_signature;
	guint8 signature[KILN_SIGNATURE_BYTES];
	guint64 payload_offset;
} ExportBeginning;

/** Errors: KILN_ERROR_SYNTAX it is no exported database, or ends early; KILN_ERROR_LIMIT; KILN_ERROR_IO. */
gboolean export_beginning_read(int fd, const char *name, ExportBeginning *beginning, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void export_beginning_clear(ExportBeginning *beginning);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ExportBeginning, export_beginning_clear)
/** The header in it. Errors: those of export_header_parse(). */
ExportHeader *export_beginning_parse(const ExportBeginning *beginning, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
