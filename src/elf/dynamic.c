/* SPDX-License-Identifier: Apache-2.0 */
/* dynamic.c: the dynamic section: what the loader reads. Source: gABI chapter 5, "Dynamic Section"; the loader's own search tags. */
#include "elf/dynamic.h"
#include "base/error.h"
#include "base/limits.h"

enum { RELOCATION_REL, RELOCATION_RELA, RELOCATION_JMPREL };

/* Offsets into the string table that can be resolved only once the whole section was seen. */
typedef struct {
	GArray *needed; /* guint64 */
	guint64 soname, rpath, runpath;
	gboolean has_soname, has_rpath, has_runpath;
	guint64 strings_address, strings_size;
} Names;

static void note_relocation(KilnElfDynamic *out, const GElf_Dyn *entry)
{
	guint64 value = entry->d_un.d_val;
	switch (entry->d_tag) {
	case DT_REL: out->relocations[RELOCATION_REL].address = value; break;
	case DT_RELSZ: out->relocations[RELOCATION_REL].size = value; break;
	case DT_RELA: out->relocations[RELOCATION_RELA].address = value; break;
	case DT_RELASZ: out->relocations[RELOCATION_RELA].size = value; break;
	case DT_JMPREL: out->relocations[RELOCATION_JMPREL].address = value; break;
	case DT_PLTRELSZ: out->relocations[RELOCATION_JMPREL].size = value; break;
	case DT_PLTREL: out->relocations[RELOCATION_JMPREL].with_addend = value == DT_RELA; break;
	default: break;
	}
}

static void note_entry(KilnElfDynamic *out, Names *names, const GElf_Dyn *entry)
{
	guint64 value = entry->d_un.d_val;
	switch (entry->d_tag) {
	case DT_NEEDED: g_array_append_val(names->needed, value); break;
	case DT_SONAME: names->soname = value; names->has_soname = TRUE; break;
	case DT_RPATH: names->rpath = value; names->has_rpath = TRUE; break;
	case DT_RUNPATH: names->runpath = value; names->has_runpath = TRUE; break;
	case DT_STRTAB: names->strings_address = value; break;
	case DT_STRSZ: names->strings_size = value; break;
	case DT_SYMTAB: out->symbols_address = value; break;
	case DT_HASH: out->hash_address = value; break;
	case DT_GNU_HASH: out->gnu_hash_address = value; break;
	case DT_BIND_NOW: out->bind_now = TRUE; break;
	case DT_TEXTREL: out->text_relocations = TRUE; break;
	case DT_FLAGS: out->flags = value; break;
	case DT_FLAGS_1: out->flags_1 = value; break;
	default: note_relocation(out, entry); break;
	}
}

static gboolean read_entries(KilnElfImage *image, const GElf_Phdr *segment, KilnElfDynamic *out, Names *names, GError **error)
{
	gsize entry_bytes = gelf_fsize(image->elf, ELF_T_DYN, 1, EV_CURRENT);
	/* Bytes behind the last whole entry are padding. */
	KilnElfRange range = { segment->p_offset, segment->p_filesz - segment->p_filesz % entry_bytes };
	gsize count = range.size / entry_bytes;
	Elf_Data *data = kiln_elf_image_data(image, range, ELF_T_DYN, "the dynamic section", error);
	if (!data)
		return FALSE;
	for (gsize i = 0; i < count && i < G_MAXINT; i++) {
		GElf_Dyn entry;
		if (!gelf_getdyn(data, (int)i, &entry))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "dynamic entry %" G_GSIZE_FORMAT ": %s", i, elf_errmsg(-1));
		if (entry.d_tag == DT_NULL)
			break;
		note_entry(out, names, &entry);
		if (names->needed->len > KILN_LIMIT_ELF_NEEDED)
			return kiln_fail(error, KILN_ERROR_LIMIT, "more than %d needed libraries", KILN_LIMIT_ELF_NEEDED);
	}
	out->relocations[RELOCATION_RELA].with_addend = TRUE;
	out->bind_now = out->bind_now || (out->flags & DF_BIND_NOW) || (out->flags_1 & DF_1_NOW);
	out->text_relocations = out->text_relocations || (out->flags & DF_TEXTREL);
	return TRUE;
}

static gboolean locate_strings(KilnElfImage *image, const Names *names, KilnElfDynamic *out, GError **error)
{
	if (names->strings_address == 0)
		return TRUE; /* any name in use then fails as outside of an empty table */
	KilnElfRange range;
	if (!kiln_elf_image_locate(image, names->strings_address, "the dynamic string table", &range, error))
		return FALSE;
	if (names->strings_size > range.size)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "the dynamic string table has %" G_GUINT64_FORMAT " bytes, its segment ends after %" G_GUINT64_FORMAT,
		                 names->strings_size, range.size);
	out->strings = (KilnElfRange){ range.offset, names->strings_size };
	return TRUE;
}

static gboolean read_search(KilnElfImage *image, KilnElfRange strings, const Names *names, KilnElfFacts *facts, GError **error)
{
	g_autoptr(GStrvBuilder) search = g_strv_builder_new();
	if (names->has_runpath || names->has_rpath) {
		const char *list = kiln_elf_image_string(image, strings, names->has_runpath ? names->runpath : names->rpath, error);
		if (!list)
			return FALSE;
		g_auto(GStrv) parts = g_strsplit(list, ":", -1);
		for (char **part = parts; *part; part++)
			if (**part) /* an empty part would be the working directory of whoever starts the program */
				g_strv_builder_add(search, *part);
	}
	facts->search = g_strv_builder_end(search);
	facts->search_is_runpath = names->has_runpath;
	return TRUE;
}

static gboolean read_names(KilnElfImage *image, KilnElfRange strings, const Names *names, KilnElfFacts *facts, GError **error)
{
	g_autoptr(GStrvBuilder) needed = g_strv_builder_new();
	for (guint i = 0; i < names->needed->len; i++) {
		const char *name = kiln_elf_image_string(image, strings, g_array_index(names->needed, guint64, i), error);
		if (!name)
			return FALSE;
		if (*name)
			g_strv_builder_add(needed, name);
	}
	facts->needed = g_strv_builder_end(needed);
	if (names->has_soname) {
		const char *soname = kiln_elf_image_string(image, strings, names->soname, error);
		if (!soname)
			return FALSE;
		facts->soname = *soname ? g_strdup(soname) : NULL;
	}
	return read_search(image, strings, names, facts, error);
}

gboolean kiln_elf_dynamic_read(KilnElfImage *image, KilnElfDynamic *out, KilnElfFacts *facts, GError **error)
{
	*out = (KilnElfDynamic){ 0 };
	g_autoptr(GArray) needed = g_array_new(FALSE, FALSE, sizeof(guint64));
	Names names = { .needed = needed };
	for (gsize i = 0; i < image->segment_count; i++) {
		if (image->segments[i].p_type != PT_DYNAMIC || image->segments[i].p_filesz == 0)
			continue;
		if (out->present)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "two dynamic segments");
		out->present = TRUE;
		if (!read_entries(image, &image->segments[i], out, &names, error) || !locate_strings(image, &names, out, error))
			return FALSE;
	}
	return read_names(image, out->strings, &names, facts, error);
}
