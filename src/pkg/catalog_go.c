/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_go.c: modules and standard library of Go programs, as the linker wrote them into each.
 *
 * Source: Go's debug/buildinfo package: "\xff Go buildinf:", the size of a pointer, flags; since Go 1.18 two strings follow at offset 32,
 * before there were two pointers to string headers. The module information is framed by 16 bytes at both ends.
 */
#include "base/error.h"
#include "elf/section.h"
#include "pkg/file_cataloger.h"
#include "pkg/go_symbols.h"

#include <string.h>

#define MAGIC "\377 Go buildinf:"
#define MAGIC_BYTES 14
#define ALIGNMENT 16
#define HEADER_BYTES 32
#define FLAG_BIG_ENDIAN 1
#define FLAG_INLINE 2
#define FRAME_BYTES 16

static gboolean wants(const KilnSeenFile *file)
{
	return file->head_length >= 20 && memcmp(file->head, "\177ELF", 4) == 0;
}

/* Aligned as the linker puts it; the text also stands in programs that read build information. */
static const guint8 *find_magic(KilnText content)
{
	const char *end = content.data + content.length;
	for (const char *at = content.data; at < end && (at = memmem(at, (gsize)(end - at), MAGIC, MAGIC_BYTES)); at++)
		if ((gsize)(at - content.data) % ALIGNMENT == 0 && end - at >= HEADER_BYTES)
			return (const guint8 *)at;
	return NULL;
}

/* A string behind its length in groups of seven bits. */
static gboolean take_string(KilnText *rest, KilnText *out)
{
	guint64 length = 0;
	for (guint shift = 0; shift < 63 && rest->length; shift += 7) {
		guint8 byte = (guint8)*rest->data;
		*rest = (KilnText){ rest->data + 1, rest->length - 1 };
		length |= (guint64)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		if (length > rest->length)
			return FALSE;
		*out = (KilnText){ rest->data, length };
		*rest = (KilnText){ rest->data + length, rest->length - length };
		return TRUE;
	}
	return FALSE;
}

static guint64 read_word(const char *bytes, guint size, gboolean big_endian)
{
	guint64 value = 0;
	for (guint i = 0; i < size; i++)
		value |= (guint64)(guint8)bytes[big_endian ? size - 1 - i : i] << (8 * i);
	return value;
}

/* The string whose header, a pointer and a length, is at @address. */
static gboolean string_at(KilnText file, guint64 address, guint size, gboolean big_endian, KilnText *out)
{
	KilnText header, text;
	if (!kiln_elf_loaded(file, address, &header) || header.length < 2 * (gsize)size)
		return FALSE;
	guint64 length = read_word(header.data + size, size, big_endian);
	if (!kiln_elf_loaded(file, read_word(header.data, size, big_endian), &text) || length > text.length)
		return FALSE;
	*out = (KilnText){ text.data, length };
	return TRUE;
}

static gboolean find_strings(KilnText file, const guint8 *magic, KilnText *version, KilnText *modules)
{
	guint size = magic[MAGIC_BYTES], flags = magic[MAGIC_BYTES + 1];
	KilnText rest = { (const char *)magic + HEADER_BYTES, (gsize)(file.data + file.length - (const char *)magic) - HEADER_BYTES };
	if (flags & FLAG_INLINE)
		return take_string(&rest, version) && take_string(&rest, modules);
	gboolean big_endian = (flags & FLAG_BIG_ENDIAN) != 0;
	if (size != 4 && size != 8)
		return FALSE;
	const char *pointers = (const char *)magic + ALIGNMENT;
	return string_at(file, read_word(pointers, size, big_endian), size, big_endian, version) &&
	       (string_at(file, read_word(pointers + size, size, big_endian), size, big_endian, modules) || TRUE);
}

/* "go1.22rc1 X:boringcrypto" is 1.22.0-rc.1, as advisories of the standard library count. */
static char *library_version(KilnText text)
{
	KilnText word = kiln_text_cut(&text, ' ');
	if (word.length < 3 || memcmp(word.data, "go", 2) != 0 || !g_ascii_isdigit(word.data[2]))
		return NULL;
	word = (KilnText){ word.data + 2, word.length - 2 };
	gsize number = 0;
	guint dots = 0;
	while (number < word.length && (g_ascii_isdigit(word.data[number]) || word.data[number] == '.'))
		dots += word.data[number++] == '.';
	KilnText before = { word.data + number, word.length - number };
	gsize letters = 0;
	while (letters < before.length && g_ascii_isalpha(before.data[letters]))
		letters++;
	gboolean is_release = !letters || letters == before.length || before.data[0] == '-' || before.data[0] == '+';
	return g_strdup_printf("%.*s%s%s%.*s%s%.*s", (int)number, word.data, dots < 2 ? ".0" : "", is_release ? "" : "-", is_release ? 0 : (int)letters, before.data,
	                       is_release ? "" : ".", is_release ? 0 : (int)(before.length - letters), is_release ? "" : before.data + letters);
}

/* @names: of all functions; empty when they are not known. */
static gboolean add(KilnFileNotes *notes, KilnText name, KilnText version, KilnText names, const char *evidence, GError **error)
{
	KilnInventoryPackage *package = file_notes_add(notes, "golang", name, version, error);
	if (!package)
		return FALSE;
	package->symbols = names.length ? go_symbols_of_module(names, package->identity.name) : NULL;
	package->evidence = g_strdup(evidence);
	file_notes_claim(package, NULL, kiln_text(notes->path));
	return TRUE;
}

/* "dep\tpath\tversion\tsum"; a line "=>\t..." says what stands in for the one before. */
static gboolean add_modules(KilnFileNotes *notes, KilnText modules, KilnText names, GError **error)
{
	KilnText name = { 0 }, version = { 0 };
	for (gboolean more = TRUE; more;) {
		more = modules.length > 0;
		KilnText line = kiln_text_cut(&modules, '\n'), kind = kiln_text_cut(&line, '\t');
		gboolean replaces = kiln_text_is(kind, "=>"), is_module = kiln_text_is(kind, "dep") || kiln_text_is(kind, "mod");
		if (!replaces && name.length) {
			/* What is built from a working tree has no version; a replacement by a directory has none either. */
			if (version.length && !kiln_text_is(version, "(devel)") && !add(notes, name, version, names, "build information", error))
				return FALSE;
			name = (KilnText){ 0 };
		}
		if (is_module || replaces) {
			name = kiln_text_cut(&line, '\t');
			version = kiln_text_cut(&line, '\t');
		}
	}
	return TRUE;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	const guint8 *magic = find_magic(content);
	KilnText version = { 0 }, modules = { 0 }, names = { 0 };
	if (!magic)
		return TRUE;
	if (!find_strings(content, magic, &version, &modules))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "its build information leads out of the file");
	g_autofree char *library = library_version(version);
	if (!library) {
		if (version.length)
			file_notes_remark(notes, "unreadable", g_strdup_printf("go: it was built by \"%.*s\", which is no release of Go", (int)MIN(version.length, 60), version.data));
		return TRUE;
	}
	(void)go_symbols_find(content, &names);
	if (!add(notes, KILN_TEXT("stdlib"), kiln_text(library), names, "version of Go in the build information", error))
		return FALSE;
	if (modules.length < 2 * FRAME_BYTES)
		return TRUE;
	return add_modules(notes, (KilnText){ modules.data + FRAME_BYTES, modules.length - 2 * FRAME_BYTES }, names, error);
}

const KilnFileCataloger kiln_cataloger_go = { "go", wants, read_file };
