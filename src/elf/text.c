/* SPDX-License-Identifier: Apache-2.0 */
/* text.c: strings in read-only data that name files. */
#include "elf/text.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

#include <string.h>

typedef struct {
	KilnElfImage *image;
	GHashTable *paths, *sonames; /* sets of owned strings */
	guint64 scanned_bytes;
} Scan;

/* Printable, and nothing that only a format, a pattern or a sentence would hold. */
static gboolean is_name_character(char c)
{
	return g_ascii_isalnum(c) || (c && strchr("._+@=,~-", c));
}

static gboolean keep(Scan *scan, GHashTable *set, const char *text, gsize length, GError **error)
{
	g_autofree char *copy = g_strndup(text, length);
	if (g_hash_table_contains(set, copy))
		return TRUE;
	if (g_hash_table_size(scan->paths) + g_hash_table_size(scan->sonames) >= KILN_LIMIT_ELF_STRINGS)
		return kiln_fail(error, KILN_ERROR_LIMIT, "more than %d file names in its data", KILN_LIMIT_ELF_STRINGS);
	if (!kiln_elf_image_spend(scan->image, length, error))
		return FALSE;
	g_hash_table_add(set, g_steal_pointer(&copy));
	return TRUE;
}

/* "/a/b" with sane components; "//" at the start is a comment or half of a URL. */
static gboolean is_path(const char *path, gsize length)
{
	gsize component = 0;
	gboolean any_letter = FALSE;
	if (length < 2 || length > KILN_LIMIT_PATH_BYTES || path[0] != '/' || path[1] == '/')
		return FALSE;
	for (gsize i = 1; i < length; i++) {
		component = path[i] == '/' ? 0 : component + 1;
		if (component > KILN_LIMIT_PATH_COMPONENT_BYTES || (path[i] != '/' && !is_name_character(path[i])))
			return FALSE;
		any_letter = any_letter || g_ascii_isalpha(path[i]);
	}
	return any_letter;
}

/* @text: a whole string that starts with "/". Kept when it is a path, or a list of nothing but paths. */
static gboolean consider_path(Scan *scan, const char *text, gsize length, GError **error)
{
	if (length > KILN_LIMIT_PATH_BYTES)
		return TRUE;
	for (KilnText rest = { text, length }; rest.length;) {
		KilnText part = kiln_text_cut(&rest, ':');
		if (part.length && !is_path(part.data, part.length))
			return TRUE;
	}
	for (KilnText rest = { text, length }; rest.length;) {
		KilnText part = kiln_text_cut(&rest, ':');
		while (part.length > 1 && part.data[part.length - 1] == '/')
			part.length--;
		if (part.length && !keep(scan, scan->paths, part.data, part.length, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean scan_paths(Scan *scan, const char *data, gsize size, GError **error)
{
	const char *end = data + size, *at = data;
	while (at < end && (at = memchr(at, '/', (gsize)(end - at)))) {
		if (at > data && at[-1] != '\0') {
			at++;
			continue;
		}
		/* One byte more than a path may have tells a longer string apart from the end of the data. */
		const char *stop = memchr(at, '\0', MIN((gsize)(end - at), KILN_LIMIT_PATH_BYTES + 1));
		if (stop && !consider_path(scan, at, (gsize)(stop - at), error))
			return FALSE;
		at = stop ? stop : at + 1;
	}
	return TRUE;
}

/* After ".so": nothing, or ".1", ".1.2", ... */
static gboolean is_version_suffix(const char *text, gsize length)
{
	for (gsize i = 0; i < length; i++)
		if (text[i] == '.' ? i + 1 == length || text[i + 1] == '.' : !g_ascii_isdigit(text[i]) || i == 0)
			return FALSE;
	return TRUE;
}

static gboolean scan_sonames(Scan *scan, const char *data, gsize size, GError **error)
{
	const char *end = data + size, *at = data;
	while (at < end && (at = memmem(at, (gsize)(end - at), ".so", 3))) {
		const char *start = at, *stop = at + 3;
		while (start > data && at - start <= KILN_LIMIT_PATH_COMPONENT_BYTES && is_name_character(start[-1]))
			start--;
		while (stop < end && stop - at <= KILN_LIMIT_PATH_COMPONENT_BYTES && (g_ascii_isdigit(*stop) || *stop == '.'))
			stop++;
		gsize length = (gsize)(stop - start);
		if (start < at && (start == data || start[-1] == '\0') && stop < end && *stop == '\0' && length <= KILN_LIMIT_PATH_COMPONENT_BYTES &&
		    is_version_suffix(at + 3, (gsize)(stop - at - 3)) && !keep(scan, scan->sonames, start, length, error))
			return FALSE;
		at += 3;
	}
	return TRUE;
}

static gboolean scan_range(Scan *scan, KilnElfRange range, GError **error)
{
	/* Overlapping sections would make the work larger than the file. */
	scan->scanned_bytes += range.size;
	if (range.offset > scan->image->length || range.size > scan->image->length - range.offset || scan->scanned_bytes > scan->image->length)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "read-only data (%" G_GUINT64_FORMAT " bytes at offset %" G_GUINT64_FORMAT ") overlaps other data or lies outside the file",
		                 range.size, range.offset);
	const char *data = (const char *)scan->image->bytes + range.offset;
	return scan_paths(scan, data, range.size, error) && scan_sonames(scan, data, range.size, error);
}

/* Unwind tables and the like are read-only too, large, and never hold text. */
static gboolean holds_text(const KilnElfImage *image, const GElf_Shdr *header, size_t names)
{
	if (header->sh_type != SHT_PROGBITS || !(header->sh_flags & SHF_ALLOC) || (header->sh_flags & SHF_EXECINSTR))
		return FALSE;
	const char *name = elf_strptr(image->elf, names, header->sh_name);
	if (header->sh_flags & SHF_WRITE)
		return name && g_str_has_prefix(name, ".data.rel.ro");
	return !name || !(g_str_has_prefix(name, ".eh_frame") || strcmp(name, ".gcc_except_table") == 0 || strcmp(name, ".interp") == 0);
}

static gboolean scan_sections(Scan *scan, GError **error)
{
	size_t names;
	Elf_Scn *section = NULL;
	if (elf_getshdrstrndx(scan->image->elf, &names) != 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "section table: %s", elf_errmsg(-1));
	while ((section = elf_nextscn(scan->image->elf, section))) {
		GElf_Shdr header;
		if (!gelf_getshdr(section, &header))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "section %zu: %s", elf_ndxscn(section), elf_errmsg(-1));
		if (holds_text(scan->image, &header, names) && !scan_range(scan, (KilnElfRange){ header.sh_offset, header.sh_size }, error))
			return FALSE;
	}
	return TRUE;
}

/* The loader's own strings (DT_NEEDED, symbol names) are no data of the program. */
static gboolean scan_around_strings(Scan *scan, KilnElfRange range, KilnElfRange strings, GError **error)
{
	if (!strings.size || strings.offset < range.offset || strings.offset - range.offset >= range.size)
		return scan_range(scan, range, error);
	guint64 before = strings.offset - range.offset;
	guint64 after = range.size - before > strings.size ? range.size - before - strings.size : 0;
	return scan_range(scan, (KilnElfRange){ range.offset, before }, error) &&
	       scan_range(scan, (KilnElfRange){ range.offset + range.size - after, after }, error);
}

static gboolean scan_segments(Scan *scan, KilnElfRange strings, GError **error)
{
	gboolean separate_code = FALSE; /* then executable segments hold no data */
	for (gsize i = 0; i < scan->image->segment_count; i++)
		separate_code |= scan->image->segments[i].p_type == PT_LOAD && !(scan->image->segments[i].p_flags & (PF_W | PF_X));
	for (gsize i = 0; i < scan->image->segment_count; i++) {
		const GElf_Phdr *segment = &scan->image->segments[i];
		gboolean read_only = segment->p_type == PT_LOAD && !(segment->p_flags & PF_W) && !(separate_code && (segment->p_flags & PF_X));
		if ((read_only || segment->p_type == PT_GNU_RELRO) &&
		    !scan_around_strings(scan, (KilnElfRange){ segment->p_offset, segment->p_filesz }, strings, error))
			return FALSE;
	}
	return TRUE;
}

static int compare_strings(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char **sorted(GHashTable *set)
{
	guint count;
	char **keys = (char **)g_hash_table_get_keys_as_array(set, &count);
	g_hash_table_steal_all(set);
	qsort(keys, count, sizeof(*keys), compare_strings);
	return keys;
}

gboolean kiln_elf_text_read(KilnElfImage *image, const KilnElfDynamic *dynamic, KilnElfFacts *facts, GError **error)
{
	g_autoptr(GHashTable) paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) sonames = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	Scan scan = { .image = image, .paths = paths, .sonames = sonames };
	if (image->has_sections ? !scan_sections(&scan, error) : !scan_segments(&scan, dynamic->strings, error))
		return FALSE;
	facts->paths = sorted(paths);
	facts->sonames = sorted(sonames);
	return TRUE;
}
