/* SPDX-License-Identifier: Apache-2.0 */
/* notes.c: build id, program properties and dlopen metadata. */
#include "elf/notes.h"
#include "base/error.h"
#include "base/limits.h"

#include <string.h>

#define NOTE_DLOPEN 0x407c0c0a /* owner "FDO"; older elf.h does not name it */
#define BUILD_ID_BYTES_MAX 64

typedef struct {
	KilnElfImage *image;
	KilnElfFacts *facts;
	guint64 read_bytes;
	guint count;
} Notes;

static void read_build_id(KilnElfFacts *facts, const guint8 *bytes, gsize size)
{
	if (facts->build_id || size == 0 || size > BUILD_ID_BYTES_MAX)
		return;
	GString *hex = g_string_sized_new(2 * size);
	for (gsize i = 0; i < size; i++)
		g_string_append_printf(hex, "%02x", bytes[i]);
	facts->build_id = g_string_free(hex, FALSE);
}

static guint32 read_word(const guint8 *bytes, gboolean big_endian)
{
	guint32 word;
	memcpy(&word, bytes, sizeof(word));
	return big_endian ? GUINT32_FROM_BE(word) : GUINT32_FROM_LE(word);
}

/* An array of { type, datasz, data padded to the class' word }. What is malformed here only loses a remark. */
static void read_properties(Notes *notes, const guint8 *bytes, gsize size)
{
	KilnElfFacts *facts = notes->facts;
	gboolean big_endian = notes->image->header.e_ident[EI_DATA] == ELFDATA2MSB;
	gsize pad = facts->class_bits / 8;
	gboolean is_x86 = facts->machine == EM_X86_64 || facts->machine == EM_386;
	while (is_x86 && size >= 8) {
		guint32 type = read_word(bytes, big_endian);
		gsize length = read_word(bytes + 4, big_endian);
		if (length > size - 8)
			return;
		if (length == 4 && type == GNU_PROPERTY_X86_FEATURE_1_AND)
			facts->hardening.x86_features = read_word(bytes + 8, big_endian);
		if (length == 4 && type == GNU_PROPERTY_X86_ISA_1_NEEDED)
			facts->hardening.x86_isa_needed = read_word(bytes + 8, big_endian);
		gsize step = MIN(8 + (length + pad - 1) / pad * pad, size);
		bytes += step;
		size -= step;
	}
}

static gboolean read_dlopen(Notes *notes, const char *text, gsize size, GError **error)
{
	gsize length = strnlen(text, size); /* the rest is padding */
	return kiln_elf_image_spend(notes->image, length, error) && kiln_elf_dlopen_parse(text, length, notes->facts->dlopen_notes, error);
}

static gboolean read_note(Notes *notes, const GElf_Nhdr *header, const char *owner, const guint8 *content, GError **error)
{
	if (++notes->count > KILN_LIMIT_ELF_NOTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "more than %d notes", KILN_LIMIT_ELF_NOTES);
	if (header->n_namesz != 4 || owner[3] != '\0') /* both owners have three letters and NUL */
		return TRUE;
	if (strcmp(owner, "GNU") == 0 && header->n_type == NT_GNU_BUILD_ID)
		read_build_id(notes->facts, content, header->n_descsz);
	else if (strcmp(owner, "GNU") == 0 && header->n_type == NT_GNU_PROPERTY_TYPE_0)
		read_properties(notes, content, header->n_descsz);
	else if (strcmp(owner, "FDO") == 0 && header->n_type == NOTE_DLOPEN)
		return read_dlopen(notes, (const char *)content, header->n_descsz, error);
	return TRUE;
}

static gboolean read_segment(Notes *notes, const GElf_Phdr *segment, GError **error)
{
	size_t at = 0, next, owner, content;
	GElf_Nhdr header;
	notes->read_bytes += segment->p_filesz;
	if (notes->read_bytes > notes->image->length)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "note segments overlap");
	Elf_Data *data = kiln_elf_image_data(notes->image, (KilnElfRange){ segment->p_offset, segment->p_filesz },
	                                     segment->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR, "a note segment", error);
	if (!data)
		return FALSE;
	while (at < data->d_size && (next = gelf_getnote(data, at, &header, &owner, &content)) > 0) {
		if (!read_note(notes, &header, (const char *)data->d_buf + owner, (const guint8 *)data->d_buf + content, error))
			return FALSE;
		at = next;
	}
	return TRUE; /* the kernel and the loader stop quietly at a malformed note, too */
}

gboolean kiln_elf_notes_read(KilnElfImage *image, KilnElfFacts *facts, GError **error)
{
	Notes notes = { .image = image, .facts = facts };
	for (gsize i = 0; i < image->segment_count; i++)
		if (image->segments[i].p_type == PT_NOTE && image->segments[i].p_filesz && !read_segment(&notes, &image->segments[i], error))
			return FALSE;
	return TRUE;
}
