/* SPDX-License-Identifier: Apache-2.0 */
/* difference_tar.c: two tars entry by entry, and the first content that differs byte by byte. */
#include "oci/difference_internal.h"

#include "io/tar.h"

#include <string.h>

#define COMPARE_BYTES (64 * 1024)

typedef struct {
	const char *part;
	const DifferenceNames *names;
	GPtrArray *out;
	KilnTarReader *first, *second;
} Tars;

static const char *type_name(KilnFileType type)
{
	static const char *const names[] = {
		[KILN_FILE_REGULAR] = "a file", [KILN_FILE_DIRECTORY] = "a directory", [KILN_FILE_SYMLINK] = "a symbolic link", [KILN_FILE_HARDLINK] = "a hard link",
		[KILN_FILE_CHARACTER_DEVICE] = "a device", [KILN_FILE_BLOCK_DEVICE] = "a device", [KILN_FILE_FIFO] = "a pipe",
	};
	return names[type];
}

static gboolean numbers_differ(const Tars *tars, const KilnTarEntry *one, const KilnTarEntry *other)
{
	const struct {
		const char *name;
		guint64 first, second;
		gboolean octal;
	} rows[] = { { "mode", one->mode, other->mode, TRUE }, { "owner", one->uid, other->uid, FALSE }, { "group", one->gid, other->gid, FALSE },
		     { "time", (guint64)one->mtime_s, (guint64)other->mtime_s, FALSE }, { "device number", one->device_major, other->device_major, FALSE },
		     { "device number", one->device_minor, other->device_minor, FALSE } };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (rows[i].first == rows[i].second)
			continue;
		difference_add(tars->out, tars->part, one->path, -1, rows[i].octal ? "%s %04" G_GINT64_MODIFIER "o in %s, %04" G_GINT64_MODIFIER "o in %s" : "%s %" G_GUINT64_FORMAT " in %s, %" G_GUINT64_FORMAT " in %s",
		               rows[i].name, rows[i].first, tars->names->first, rows[i].second, tars->names->second);
		return TRUE;
	}
	return FALSE;
}

static gboolean xattrs_differ(const Tars *tars, const KilnTarEntry *one, const KilnTarEntry *other)
{
	for (gsize i = 0; i < MAX(one->xattr_count, other->xattr_count); i++) {
		const KilnXattr *first = i < one->xattr_count ? &one->xattrs[i] : NULL, *second = i < other->xattr_count ? &other->xattrs[i] : NULL;
		if (first && second && strcmp(first->name, second->name) == 0 && first->length == second->length && memcmp(first->value, second->value, first->length) == 0)
			continue;
		difference_add(tars->out, tars->part, one->path, -1, "extended attribute %s is not the same in %s and in %s", first ? first->name : second->name,
		               tars->names->first, tars->names->second);
		return TRUE;
	}
	return FALSE;
}

static gboolean headers_differ(const Tars *tars, const KilnTarEntry *one, const KilnTarEntry *other)
{
	const char *first = tars->names->first, *second = tars->names->second;
	if (one->type != other->type) {
		difference_add(tars->out, tars->part, one->path, -1, "%s in %s, %s in %s", type_name(one->type), first, type_name(other->type), second);
		return TRUE;
	}
	if (g_strcmp0(one->link_target, other->link_target) != 0) {
		difference_add(tars->out, tars->part, one->path, -1, "leads to %s in %s, to %s in %s", one->link_target, first, other->link_target, second);
		return TRUE;
	}
	return numbers_differ(tars, one, other) || xattrs_differ(tars, one, other);
}

/* As much as fits, however the reader hands it out. */
static gssize fill(KilnTarReader *reader, guint8 *buffer, GError **error)
{
	gsize used = 0;
	for (gssize got = 1; got > 0 && used < COMPARE_BYTES; used += (gsize)got) {
		got = kiln_tar_reader_read(reader, buffer + used, COMPARE_BYTES - used, error);
		if (got < 0)
			return -1;
	}
	return (gssize)used;
}

static gboolean contents_differ(const Tars *tars, const KilnTarEntry *one, const KilnTarEntry *other, gboolean *differ, GError **error)
{
	g_autofree guint8 *first = g_malloc(COMPARE_BYTES), *second = g_malloc(COMPARE_BYTES);
	for (gint64 at = 0;;) {
		gssize count = fill(tars->first, first, error), other_count = count < 0 ? -1 : fill(tars->second, second, error);
		if (other_count < 0)
			return FALSE;
		gssize common = MIN(count, other_count), same = 0;
		while (same < common && first[same] == second[same])
			same++;
		*differ = same < MAX(count, other_count);
		if (*differ && same < common)
			difference_add(tars->out, tars->part, one->path, at + same, "byte %" G_GINT64_FORMAT " is 0x%02x in %s, 0x%02x in %s", at + same, first[same], tars->names->first,
			               second[same], tars->names->second);
		else if (*differ)
			difference_add(tars->out, tars->part, one->path, at + same, "%" G_GUINT64_FORMAT " bytes in %s, %" G_GUINT64_FORMAT " in %s; the same as far as the shorter goes",
			               one->size, tars->names->first, other->size, tars->names->second);
		if (*differ || count == 0)
			return TRUE;
		at += count;
	}
}

/* The order may be anybody's, so nothing is said about what comes later. */
static void paths_differ(const Tars *tars, const KilnTarEntry *one, const KilnTarEntry *other)
{
	gboolean first_leads = !other || (one && strcmp(one->path, other->path) < 0);
	const KilnTarEntry *entry = first_leads ? one : other, *instead = first_leads ? other : one;
	const char *has = first_leads ? tars->names->first : tars->names->second, *lacks = first_leads ? tars->names->second : tars->names->first;
	difference_add(tars->out, tars->part, entry->path, -1, "%s in %s; in its place %s has %s%s", type_name(entry->type), has, lacks, instead ? "/" : "nothing more",
	               instead ? instead->path : "");
}

static gboolean compare(const Tars *tars, GError **error)
{
	for (;;) {
		const KilnTarEntry *one, *other;
		gboolean differ = FALSE;
		if (!kiln_tar_reader_next(tars->first, &one, error) || !kiln_tar_reader_next(tars->second, &other, error))
			return FALSE;
		if (!one && !other) {
			difference_add(tars->out, tars->part, NULL, -1, "the same files in the same order, written in another form of tar");
			return TRUE;
		}
		if (!one || !other || strcmp(one->path, other->path) != 0) {
			paths_differ(tars, one, other);
			return TRUE;
		}
		if (headers_differ(tars, one, other))
			return TRUE;
		if (one->type == KILN_FILE_REGULAR && !contents_differ(tars, one, other, &differ, error))
			return FALSE;
		if (differ)
			return TRUE;
	}
}

gboolean difference_of_tars(const char *part, KilnReader *first, KilnReader *second, const DifferenceNames *names, GPtrArray *out, GError **error)
{
	g_autoptr(KilnTarReader) one = kiln_tar_reader_new(first, part, error), other = one ? kiln_tar_reader_new(second, part, error) : NULL;
	Tars tars = { part, names, out, one, other };
	return other && compare(&tars, error);
}
