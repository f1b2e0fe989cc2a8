/* SPDX-License-Identifier: Apache-2.0 */
/* imports.c: the undefined dynamic symbols. The dynamic section does not say how many symbols there are; this file finds out. */
#include "base/error.h"
#include "base/limits.h"
#include "elf/dynamic.h"

#include <string.h>

/* The section table is the only place that states the count. It is believed only where it agrees with DT_SYMTAB. */
static gboolean count_from_sections(const KilnElfImage *image, guint64 symbols_address, guint64 *out)
{
	Elf_Scn *section = NULL;
	while (image->has_sections && (section = elf_nextscn(image->elf, section))) {
		GElf_Shdr header;
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_DYNSYM && header.sh_addr == symbols_address && header.sh_entsize) {
			*out = header.sh_size / header.sh_entsize;
			return TRUE;
		}
	}
	return FALSE;
}

/* Words at the start of a hash table: DT_HASH { nbucket, nchain }, DT_GNU_HASH { nbuckets, symoffset, ... }. */
static gboolean read_hash_word(KilnElfImage *image, guint64 address, guint index, guint64 *out, GError **error)
{
	KilnElfRange range;
	if (!kiln_elf_image_locate(image, address, "the symbol hash table", &range, error))
		return FALSE;
	range.offset += index * sizeof(Elf32_Word);
	if (range.size < (index + 1) * sizeof(Elf32_Word))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "the symbol hash table is cut off");
	range.size = sizeof(Elf32_Word);
	Elf_Data *data = kiln_elf_image_data(image, range, ELF_T_WORD, "the symbol hash table", error);
	if (!data)
		return FALSE;
	*out = *(const Elf32_Word *)data->d_buf;
	return TRUE;
}

static gboolean raise_from_relocations(KilnElfImage *image, guint64 address, guint64 size, gboolean with_addend, guint64 *count, GError **error)
{
	Elf_Type type = with_addend ? ELF_T_RELA : ELF_T_REL;
	gsize entry_bytes = gelf_fsize(image->elf, type, 1, EV_CURRENT);
	KilnElfRange range;
	if (size < entry_bytes)
		return TRUE;
	if (!kiln_elf_image_locate(image, address, "the relocation table", &range, error))
		return FALSE;
	if (size > range.size)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "the relocation table has %" G_GUINT64_FORMAT " bytes, its segment ends after %" G_GUINT64_FORMAT, size, range.size);
	range.size = size - size % entry_bytes;
	Elf_Data *data = kiln_elf_image_data(image, range, type, "the relocation table", error);
	if (!data)
		return FALSE;
	for (gsize i = 0; i < range.size / entry_bytes && i < G_MAXINT; i++) {
		GElf_Rela rela = { 0 };
		GElf_Rel rel = { 0 };
		if (with_addend ? !gelf_getrela(data, (int)i, &rela) : !gelf_getrel(data, (int)i, &rel))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "relocation %" G_GSIZE_FORMAT ": %s", i, elf_errmsg(-1));
		guint64 symbol = GELF_R_SYM(with_addend ? rela.r_info : rel.r_info);
		*count = MAX(*count, symbol + 1);
	}
	return TRUE;
}

/*
 * How many symbols must be looked at to see every import. In a DT_GNU_HASH file the imports come before the hashed
 * symbols; a linker that hashes nothing says 1 there whatever the count, but then each import in use has a relocation.
 */
static gboolean count_symbols(KilnElfImage *image, const KilnElfDynamic *dynamic, guint64 *out, GError **error)
{
	gboolean wide_hash = image->header.e_machine == EM_ALPHA || (image->header.e_machine == EM_S390 && gelf_getclass(image->elf) == ELFCLASS64);
	if (count_from_sections(image, dynamic->symbols_address, out))
		return TRUE;
	if (dynamic->hash_address && !wide_hash)
		return read_hash_word(image, dynamic->hash_address, 1, out, error);
	*out = 0;
	if (dynamic->gnu_hash_address && !read_hash_word(image, dynamic->gnu_hash_address, 1, out, error))
		return FALSE;
	for (guint i = 0; i < G_N_ELEMENTS(dynamic->relocations); i++)
		if (!raise_from_relocations(image, dynamic->relocations[i].address, dynamic->relocations[i].size,
		                            dynamic->relocations[i].with_addend, out, error))
			return FALSE;
	return TRUE;
}

static int compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char **finish(GPtrArray *names, KilnElfHardening *hardening)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	const char *last = NULL;
	g_ptr_array_sort(names, compare_names);
	for (guint i = 0; i < names->len; i++) {
		const char *name = names->pdata[i];
		if (last && strcmp(name, last) == 0)
			continue;
		last = name;
		g_strv_builder_add(builder, name);
		if (strcmp(name, "__stack_chk_fail") == 0 || strcmp(name, "__stack_chk_guard") == 0)
			hardening->stack_protector = TRUE;
		else if (g_str_has_prefix(name, "__") && g_str_has_suffix(name, "_chk"))
			hardening->fortified_imports++;
	}
	return g_strv_builder_end(builder);
}

gboolean kiln_elf_imports_read(KilnElfImage *image, const KilnElfDynamic *dynamic, KilnElfFacts *facts, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	KilnElfRange range;
	guint64 count = 0;
	if (dynamic->present && dynamic->symbols_address) {
		gsize entry_bytes = gelf_fsize(image->elf, ELF_T_SYM, 1, EV_CURRENT);
		if (!kiln_elf_image_locate(image, dynamic->symbols_address, "the dynamic symbol table", &range, error) ||
		    !count_symbols(image, dynamic, &count, error))
			return FALSE;
		if (count > range.size / entry_bytes || count > G_MAXINT)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "the dynamic symbol table has %" G_GUINT64_FORMAT " entries, its segment ends after %" G_GUINT64_FORMAT " bytes",
			                 count, range.size);
		range.size = count * entry_bytes;
	}
	Elf_Data *data = count ? kiln_elf_image_data(image, range, ELF_T_SYM, "the dynamic symbol table", error) : NULL;
	if (count && !data)
		return FALSE;
	for (int i = 1; i < (int)count; i++) {
		GElf_Sym symbol;
		if (!gelf_getsym(data, i, &symbol))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "symbol %d: %s", i, elf_errmsg(-1));
		if (symbol.st_shndx != SHN_UNDEF)
			continue;
		const char *name = kiln_elf_image_string(image, dynamic->strings, symbol.st_name, error);
		if (!name)
			return FALSE;
		if (*name)
			g_ptr_array_add(names, (gpointer)name);
	}
	facts->imports = finish(names, &facts->hardening);
	return TRUE;
}
