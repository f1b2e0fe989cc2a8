/* SPDX-License-Identifier: Apache-2.0 */
/* deb.c: read a .deb once, streamed. */
#include "pkg/deb.h"
#include "base/error.h"
#include "base/limits.h"
#include "io/ar.h"
#include "pkg/deb_paths.h"

#include <string.h>

#define FORMAT_BYTES_MAX 4096 /* of debian-binary, which is 4 bytes today and may grow lines */

typedef struct {
	KilnAr *ar;
	const char *name;
	const KilnDebVisitor *visitor;
	gpointer user_data;
} Deb;

typedef gboolean (*TarVisit)(Deb *deb, KilnTarReader *tar, GError **error);

/* What may follow "control.tar" and "data.tar". Source: deb(5). */
static const struct {
	const char *suffix;
	KilnCompression compression;
	gboolean known;
} compressions[] = {
	{ "", KILN_COMPRESSION_NONE, TRUE },      { ".gz", KILN_COMPRESSION_GZIP, TRUE },
	{ ".xz", KILN_COMPRESSION_XZ, TRUE },     { ".zst", KILN_COMPRESSION_ZSTD, TRUE },
	{ ".bz2", KILN_COMPRESSION_BZIP2, FALSE }, { ".lzma", KILN_COMPRESSION_LZMA, FALSE },
};

/* Step to the next member that is not to be ignored ("_..."); "" at the end. */
static gboolean next_member(Deb *deb, const char **member, guint64 *size, GError **error)
{
	do {
		if (!kiln_ar_next(deb->ar, member, size, error))
			return FALSE;
		if (!*member) {
			*member = "";
			return TRUE;
		}
		if (*size > KILN_LIMIT_DEB_BYTES)
			return kiln_fail(error, KILN_ERROR_LIMIT, "%s: member %s is larger than %" G_GUINT64_FORMAT " bytes",
			                 deb->name, *member, (guint64)KILN_LIMIT_DEB_BYTES);
	} while (**member == '_');
	return TRUE;
}

static gboolean check_format(Deb *deb, GError **error)
{
	const char *member;
	guint64 size;
	if (!kiln_ar_next(deb->ar, &member, &size, error))
		return FALSE;
	if (!member || strcmp(member, "debian-binary") != 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: the first member is %s, not debian-binary: this is no Debian package",
		                 deb->name, member ? member : "missing");
	g_autoptr(KilnReader) reader = kiln_ar_member_reader(deb->ar);
	g_autoptr(GBytes) content = kiln_reader_read_all(reader, FORMAT_BYTES_MAX, error);
	if (!content) {
		g_prefix_error(error, "%s: debian-binary: ", deb->name);
		return FALSE;
	}
	gsize length;
	const char *text = g_bytes_get_data(content, &length);
	gsize dot = 0, end;
	while (dot < length && g_ascii_isdigit(text[dot]))
		dot++;
	for (end = dot + 1; end < length && g_ascii_isdigit(text[end]);)
		end++;
	if (dot == 0 || end >= length || text[dot] != '.' || end == dot + 1 || text[end] != '\n')
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: debian-binary does not say \"2.0\"", deb->name);
	if (dot != 1 || text[0] != '2')
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: package format %.*s; only 2.x is known", deb->name,
		                 (int)MIN(end, 16), text);
	return TRUE;
}

/* Whatever follows the end of the tar must still inflate: a damaged or cut off tail is an error, not a surprise for later. */
static gboolean drain(KilnReader *reader, GError **error)
{
	guint8 buffer[16 * 1024];
	gssize got;
	while ((got = kiln_reader_read(reader, buffer, sizeof buffer, error)) > 0)
		;
	return got == 0;
}

static gboolean visit_tar(Deb *deb, const char *member, KilnCompression compression, guint64 max_bytes, TarVisit visit,
                          GError **error)
{
	g_autofree char *label = g_strdup_printf("%s: %s", deb->name, member);
	g_autoptr(KilnReader) reader = kiln_ar_member_reader(deb->ar);
	if (compression != KILN_COMPRESSION_NONE) {
		reader = kiln_reader_new_inflate(g_steal_pointer(&reader), compression, max_bytes, error);
		if (!reader) {
			g_prefix_error(error, "%s: ", label);
			return FALSE;
		}
	}
	g_autoptr(KilnTarReader) tar = kiln_tar_reader_new(reader, label, error);
	if (!tar || !visit(deb, tar, error))
		return FALSE;
	if (!drain(reader, error)) {
		g_prefix_error(error, "%s: ", label);
		return FALSE;
	}
	return TRUE;
}

/* Step to the member "@stem" with one of the known suffixes and visit its entries. */
static gboolean visit_member(Deb *deb, const char *stem, guint64 max_bytes, TarVisit visit, GError **error)
{
	const char *member;
	guint64 size;
	if (!next_member(deb, &member, &size, error))
		return FALSE;
	for (gsize i = 0; g_str_has_prefix(member, stem) && i < G_N_ELEMENTS(compressions); i++) {
		if (strcmp(member + strlen(stem), compressions[i].suffix) != 0)
			continue;
		if (!compressions[i].known)
			return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: %s: compression %s is not supported", deb->name, member,
			                 kiln_compression_name(compressions[i].compression));
		g_autofree char *member_name = g_strdup(member);
		return visit_tar(deb, member_name, compressions[i].compression, max_bytes, visit, error);
	}
	if (g_str_has_prefix(member, stem) && member[strlen(stem)] == '.')
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: %s: this compression is not supported", deb->name, member);
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: expected the member %s, found %s", deb->name, stem,
	                 *member ? member : "the end of the file");
}

/* All that is left of the current entry. */
static GBytes *read_content(KilnTarReader *tar, guint64 size, GError **error)
{
	if (size > KILN_LIMIT_DEB_CONTROL_BYTES) {
		kiln_fail(error, KILN_ERROR_LIMIT, "larger than %" G_GUINT64_FORMAT " bytes", (guint64)KILN_LIMIT_DEB_CONTROL_BYTES);
		return NULL;
	}
	g_autofree char *content = g_try_malloc(size + 1);
	if (!content) {
		kiln_fail(error, KILN_ERROR_LIMIT, "%" G_GUINT64_FORMAT " bytes do not fit into memory", size);
		return NULL;
	}
	gsize used = 0;
	while (used < size) {
		gssize got = kiln_tar_reader_read(tar, content + used, size - used, error);
		if (got < 0)
			return NULL;
		if (got == 0)
			break;
		used += (gsize)got;
	}
	content[used] = '\0';
	return g_bytes_new_take(g_steal_pointer(&content), used);
}

static gboolean visit_control_file(Deb *deb, KilnTarReader *tar, const KilnTarEntry *entry, GHashTable *seen, GError **error)
{
	if (entry->type == KILN_FILE_DIRECTORY && !*entry->path)
		return TRUE;
	if (entry->type != KILN_FILE_REGULAR || strchr(entry->path, '/'))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: control.tar: \"%s\" is not a plain file at the top", deb->name, entry->path);
	g_autofree char *path = g_strdup(entry->path);
	g_autoptr(GBytes) content = read_content(tar, entry->size, error);
	if (!content) {
		g_prefix_error(error, "%s: control.tar: %s: ", deb->name, path);
		return FALSE;
	}
	if (!g_hash_table_add(seen, g_strdup(path)))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: control.tar: \"%s\" occurs twice", deb->name, path);
	return !deb->visitor->control || deb->visitor->control(path, content, deb->user_data, error);
}

static gboolean visit_control(Deb *deb, KilnTarReader *tar, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	const KilnTarEntry *entry;
	for (;;) {
		if (!kiln_tar_reader_next(tar, &entry, error))
			return FALSE;
		if (!entry)
			break;
		if (!visit_control_file(deb, tar, entry, seen, error))
			return FALSE;
	}
	if (!g_hash_table_contains(seen, "control"))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: control.tar has no file \"control\"", deb->name);
	return TRUE;
}

static gboolean visit_data(Deb *deb, KilnTarReader *tar, GError **error)
{
	g_autoptr(KilnDebPaths) paths = kiln_deb_paths_new();
	const KilnTarEntry *entry;
	for (;;) {
		if (!kiln_tar_reader_next(tar, &entry, error))
			return FALSE;
		if (!entry)
			return TRUE;
		if (!kiln_deb_paths_add(paths, entry, error)) {
			g_prefix_error(error, "%s: data.tar: ", deb->name);
			return FALSE;
		}
		if (deb->visitor->entry && !deb->visitor->entry(entry, tar, deb->user_data, error))
			return FALSE;
	}
}

gboolean kiln_deb_read(KilnReader *source, const char *name, const KilnDebVisitor *visitor, gpointer user_data, GError **error)
{
	g_autoptr(KilnAr) ar = kiln_ar_new(source, name, error);
	if (!ar)
		return FALSE;
	Deb deb = { ar, name, visitor, user_data };
	if (!check_format(&deb, error) ||
	    !visit_member(&deb, "control.tar", KILN_LIMIT_DEB_CONTROL_BYTES, visit_control, error) ||
	    !visit_member(&deb, "data.tar", KILN_LIMIT_DEB_DATA_BYTES, visit_data, error))
		return FALSE;

	/* Later members mean nothing (deb(5)), but stepping over them notices a truncated file. */
	const char *member;
	guint64 size;
	do {
		if (!kiln_ar_next(ar, &member, &size, error))
			return FALSE;
	} while (member);
	return TRUE;
}
