/* SPDX-License-Identifier: Apache-2.0 */
/* facts.c: what an ELF file needs from others, put together. */
#include "elf/facts.h"
#include "base/error.h"
#include "base/limits.h"
#include "elf/dynamic.h"
#include "elf/notes.h"
#include "elf/text.h"

#include <string.h>

/* Debian's ports. The one place that knows these names by ELF machine. */
static const struct {
	guint machine;
	const char *triplet;
} triplets[] = {
	{ EM_X86_64, "x86_64-linux-gnu" },  { EM_AARCH64, "aarch64-linux-gnu" },     { EM_386, "i386-linux-gnu" },
	{ EM_ARM, "arm-linux-gnueabihf" },  { EM_PPC64, "powerpc64le-linux-gnu" },   { EM_S390, "s390x-linux-gnu" },
	{ EM_RISCV, "riscv64-linux-gnu" },  { EM_LOONGARCH, "loongarch64-linux-gnu" },
};

const char *kiln_elf_triplet(guint machine)
{
	for (guint i = 0; i < G_N_ELEMENTS(triplets); i++)
		if (triplets[i].machine == machine)
			return triplets[i].triplet;
	return NULL;
}

gboolean kiln_elf_is(const void *bytes, gsize length)
{
	return length >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

static gboolean read_interpreter(KilnElfImage *image, KilnElfFacts *facts, GError **error)
{
	for (gsize i = 0; i < image->segment_count && !facts->interpreter; i++) {
		const GElf_Phdr *segment = &image->segments[i];
		if (segment->p_type != PT_INTERP || segment->p_filesz == 0)
			continue;
		const char *text = (const char *)image->bytes + segment->p_offset;
		if (segment->p_filesz > KILN_LIMIT_PATH_BYTES || !memchr(text, '\0', segment->p_filesz))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "the interpreter's name does not end in NUL or is longer than %d bytes", KILN_LIMIT_PATH_BYTES);
		facts->interpreter = g_strdup(text);
	}
	return TRUE;
}

/* In a file that only carries symbols for a debugger the code has a place but no bytes. */
static gboolean is_separate_debug(const KilnElfImage *image)
{
	Elf_Scn *section = NULL;
	while (image->has_sections && (section = elf_nextscn(image->elf, section))) {
		GElf_Shdr header;
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_NOBITS && (header.sh_flags & SHF_EXECINSTR) && header.sh_size)
			return TRUE;
	}
	return FALSE;
}

static KilnElfKind classify(const KilnElfImage *image, const KilnElfDynamic *dynamic, const KilnElfFacts *facts)
{
	if (image->header.e_type == ET_EXEC || (dynamic->flags_1 & DF_1_PIE))
		return KILN_ELF_EXECUTABLE;
	return facts->interpreter && !facts->soname ? KILN_ELF_EXECUTABLE : KILN_ELF_LIBRARY;
}

static void read_hardening(const KilnElfImage *image, const KilnElfDynamic *dynamic, KilnElfHardening *out)
{
	gboolean relro = FALSE, stack_said = FALSE;
	for (gsize i = 0; i < image->segment_count; i++) {
		const GElf_Phdr *segment = &image->segments[i];
		relro = relro || segment->p_type == PT_GNU_RELRO;
		if (segment->p_type == PT_GNU_STACK) {
			stack_said = TRUE;
			out->executable_stack = (segment->p_flags & PF_X) != 0;
		}
		if (segment->p_type == PT_LOAD && (segment->p_flags & (PF_W | PF_X)) == (PF_W | PF_X))
			out->writable_code = TRUE;
	}
	out->executable_stack = out->executable_stack || !stack_said;
	out->writable_code = out->writable_code || dynamic->text_relocations;
	out->position_independent = image->header.e_type == ET_DYN;
	out->bind_now = dynamic->bind_now;
	out->relro = !relro ? KILN_ELF_RELRO_NONE : dynamic->bind_now ? KILN_ELF_RELRO_FULL : KILN_ELF_RELRO_PARTIAL;
}

static gboolean read_all(KilnElfImage *image, KilnElfFacts *facts, GError **error)
{
	KilnElfDynamic dynamic;
	if (!read_interpreter(image, facts, error) || !kiln_elf_dynamic_read(image, &dynamic, facts, error) ||
	    !kiln_elf_imports_read(image, &dynamic, facts, error) || !kiln_elf_notes_read(image, facts, error) ||
	    !kiln_elf_text_read(image, &dynamic, facts, error))
		return FALSE;
	facts->kind = classify(image, &dynamic, facts);
	read_hardening(image, &dynamic, &facts->hardening);
	return TRUE;
}

static void fill_empty_lists(KilnElfFacts *facts)
{
	char ***lists[] = { &facts->needed, &facts->search, &facts->imports, &facts->paths, &facts->sonames };
	for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
		if (!*lists[i])
			*lists[i] = g_new0(char *, 1);
}

KilnElfFacts *kiln_elf_facts_read(const void *bytes, gsize length, GError **error)
{
	g_auto(KilnElfImage) image = { 0 };
	if (!kiln_elf_image_open(&image, bytes, length, error))
		return NULL;
	g_autoptr(KilnElfFacts) facts = g_new0(KilnElfFacts, 1);
	facts->dlopen_notes = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_elf_dlopen_free);
	facts->machine = image.header.e_machine;
	facts->class_bits = image.header.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32;
	facts->kind = KILN_ELF_OTHER;
	if (image.elf && !is_separate_debug(&image) && !read_all(&image, facts, error))
		return NULL;
	fill_empty_lists(facts);
	return g_steal_pointer(&facts);
}

void kiln_elf_facts_free(KilnElfFacts *facts)
{
	if (!facts)
		return;
	g_free(facts->interpreter);
	g_free(facts->soname);
	g_free(facts->build_id);
	g_strfreev(facts->needed);
	g_strfreev(facts->search);
	g_strfreev(facts->imports);
	g_strfreev(facts->paths);
	g_strfreev(facts->sonames);
	g_ptr_array_unref(facts->dlopen_notes);
	g_free(facts);
}
