/* SPDX-License-Identifier: Apache-2.0 */
/* image.c: an ELF file's bytes with every access checked. */
#include "elf/image.h"
#include "base/error.h"
#include "base/limits.h"

#include <string.h>

/* libelf allocates some 200 bytes for each section that the header promises, before anything looks at them. */
static gboolean check_section_count(const KilnElfImage *image, GError **error)
{
	const GElf_Ehdr *header = &image->header;
	if (header->e_shoff == 0)
		return TRUE;
	if (header->e_shnum == 0 || header->e_shnum > KILN_LIMIT_ELF_SECTIONS)
		return kiln_fail(error, KILN_ERROR_LIMIT, "more than %d sections", KILN_LIMIT_ELF_SECTIONS);
	guint64 table_bytes = (guint64)header->e_shnum * header->e_shentsize;
	if (header->e_shoff > image->length || table_bytes > image->length - header->e_shoff)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "the section table (%u entries at offset %" G_GUINT64_FORMAT ") lies outside the file of %" G_GSIZE_FORMAT " bytes",
		                 header->e_shnum, (guint64)header->e_shoff, image->length);
	return TRUE;
}

/* Read by hand: what is refused here never reaches libelf. */
static gboolean read_header(KilnElfImage *image, GError **error)
{
	const guint8 *bytes = image->bytes;
	if (image->length < EI_NIDENT || memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "no ELF file");
	int class = bytes[EI_CLASS], order = bytes[EI_DATA];
	if (class != ELFCLASS32 && class != ELFCLASS64)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "ELF class %d is unknown", class);
	if (order != ELFDATA2LSB && order != ELFDATA2MSB)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "ELF byte order %d is unknown", order);
	gsize header_bytes = class == ELFCLASS64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
	if (image->length < header_bytes)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%" G_GSIZE_FORMAT " bytes are too short for an ELF header", image->length);
	union {
		Elf64_Ehdr wide;
		Elf32_Ehdr narrow;
	} raw = { 0 };
	Elf_Data from = { .d_buf = (void *)(guintptr)bytes, .d_type = ELF_T_EHDR, .d_size = header_bytes, .d_version = EV_CURRENT };
	Elf_Data to = { .d_buf = &raw, .d_type = ELF_T_EHDR, .d_size = header_bytes, .d_version = EV_CURRENT };
	if (!(class == ELFCLASS64 ? elf64_xlatetom(&to, &from, order) : elf32_xlatetom(&to, &from, order)))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "ELF header: %s", elf_errmsg(-1));
	if (class == ELFCLASS64) {
		image->header = raw.wide;
		return TRUE;
	}
	image->header = (GElf_Ehdr){
		.e_type = raw.narrow.e_type, .e_machine = raw.narrow.e_machine, .e_version = raw.narrow.e_version,
		.e_entry = raw.narrow.e_entry, .e_phoff = raw.narrow.e_phoff, .e_shoff = raw.narrow.e_shoff,
		.e_flags = raw.narrow.e_flags, .e_ehsize = raw.narrow.e_ehsize, .e_phentsize = raw.narrow.e_phentsize,
		.e_phnum = raw.narrow.e_phnum, .e_shentsize = raw.narrow.e_shentsize, .e_shnum = raw.narrow.e_shnum,
		.e_shstrndx = raw.narrow.e_shstrndx,
	};
	memcpy(image->header.e_ident, raw.narrow.e_ident, EI_NIDENT);
	return TRUE;
}

static gboolean is_read(guint32 type)
{
	return type == PT_LOAD || type == PT_DYNAMIC || type == PT_INTERP || type == PT_NOTE || type == PT_GNU_RELRO;
}

static gboolean read_segments(KilnElfImage *image, GError **error)
{
	guint count = image->header.e_phnum;
	if (count > KILN_LIMIT_ELF_SEGMENTS)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%u segments; at most %d are read", count, KILN_LIMIT_ELF_SEGMENTS);
	image->segments = g_new0(GElf_Phdr, MAX(count, 1));
	for (guint i = 0; i < count; i++) {
		GElf_Phdr *segment = &image->segments[i];
		if (!gelf_getphdr(image->elf, (int)i, segment))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "program header %u: %s", i, elf_errmsg(-1));
		if (is_read(segment->p_type) && segment->p_filesz &&
		    (segment->p_offset > image->length || segment->p_filesz > image->length - segment->p_offset))
			return kiln_fail(error, KILN_ERROR_SYNTAX,
			                 "segment %u (%" G_GUINT64_FORMAT " bytes at offset %" G_GUINT64_FORMAT ") lies outside the file of %" G_GSIZE_FORMAT " bytes: it is cut off or damaged",
			                 i, (guint64)segment->p_filesz, (guint64)segment->p_offset, image->length);
		image->segment_count++;
	}
	return TRUE;
}

static gpointer choose_version(gpointer unused)
{
	return GUINT_TO_POINTER(elf_version(EV_CURRENT) != EV_NONE);
}

gboolean kiln_elf_image_open(KilnElfImage *image, const void *bytes, gsize length, GError **error)
{
	static GOnce once = G_ONCE_INIT;
	if (!g_once(&once, choose_version, NULL))
		return kiln_fail(error, KILN_ERROR_INTERNAL, "libelf does not know the current ELF version");
	*image = (KilnElfImage){ .bytes = bytes, .length = length };
	if (length > KILN_LIMIT_ELF_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "ELF file of %" G_GSIZE_FORMAT " bytes", length);
	if (!read_header(image, error))
		return FALSE;
	if (image->header.e_type != ET_EXEC && image->header.e_type != ET_DYN)
		return TRUE;
	if (!check_section_count(image, error))
		return FALSE;
	/* Opened with ELF_C_READ semantics: libelf never writes to the image. */
	image->elf = elf_memory((char *)(guintptr)bytes, length);
	if (!image->elf || elf_kind(image->elf) != ELF_K_ELF)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "no readable ELF file: %s", elf_errmsg(-1));
	image->has_sections = image->header.e_shoff != 0;
	return read_segments(image, error);
}

void kiln_elf_image_close(KilnElfImage *image)
{
	g_clear_pointer(&image->segments, g_free);
	if (image->elf)
		elf_end(image->elf);
	image->elf = NULL;
}

gboolean kiln_elf_image_locate(const KilnElfImage *image, guint64 address, const char *what, KilnElfRange *out, GError **error)
{
	for (gsize i = 0; i < image->segment_count; i++) {
		const GElf_Phdr *segment = &image->segments[i];
		if (segment->p_type != PT_LOAD || address < segment->p_vaddr || address - segment->p_vaddr >= segment->p_filesz)
			continue;
		guint64 inside = address - segment->p_vaddr;
		*out = (KilnElfRange){ segment->p_offset + inside, segment->p_filesz - inside };
		return TRUE;
	}
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s is at address 0x%" G_GINT64_MODIFIER "x, which no segment of the file holds", what, address);
}

Elf_Data *kiln_elf_image_data(KilnElfImage *image, KilnElfRange range, Elf_Type type, const char *what, GError **error)
{
	Elf_Data *data = NULL;
	if (range.offset <= image->length && range.size <= image->length - range.offset)
		data = elf_getdata_rawchunk(image->elf, (gint64)range.offset, range.size, type);
	if (!data)
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s (%" G_GUINT64_FORMAT " bytes at offset %" G_GUINT64_FORMAT ") cannot be read: %s",
		          what, range.size, range.offset, elf_errmsg(-1));
	return data;
}

gboolean kiln_elf_image_spend(KilnElfImage *image, gsize length, GError **error)
{
	image->spent_bytes += length + sizeof(char *); /* cannot overflow: the limit ends it long before */
	if (image->spent_bytes > KILN_LIMIT_ELF_TEXT_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "names and strings of more than %" G_GUINT64_FORMAT " bytes", (guint64)KILN_LIMIT_ELF_TEXT_BYTES);
	return TRUE;
}

const char *kiln_elf_image_string(KilnElfImage *image, KilnElfRange table, guint64 index, GError **error)
{
	const char *text = (const char *)image->bytes + table.offset + MIN(index, table.size);
	const char *end = index < table.size ? memchr(text, '\0', table.size - index) : NULL;
	if (!end) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "string %" G_GUINT64_FORMAT " lies outside its string table of %" G_GUINT64_FORMAT " bytes", index, table.size);
		return NULL;
	}
	return kiln_elf_image_spend(image, (gsize)(end - text), error) ? text : NULL;
}
