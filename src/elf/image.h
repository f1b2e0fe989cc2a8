/* SPDX-License-Identifier: Apache-2.0 */
/* image.h: an ELF file's bytes with every access checked. Internal to the module. */
#pragma once
#include <gelf.h>
#include <glib.h>

typedef struct {
	Elf *elf;
	const guint8 *bytes; /* borrowed */
	gsize length;
	GElf_Ehdr header;
	GElf_Phdr *segments;
	gsize segment_count;
	gboolean has_sections;
	guint64 spent_bytes; /* of text copied out so far, against KILN_LIMIT_ELF_TEXT_BYTES */
} KilnElfImage;

/** A piece of the file: @offset + @size lies inside it. */
typedef struct {
	guint64 offset, size;
} KilnElfRange;

/**
 * Open and check header, section count and the bounds of every segment that is read later.
 * For a relocatable object or a core only @header is filled and elf is NULL.
 */
gboolean kiln_elf_image_open(KilnElfImage *image, const void *bytes, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_elf_image_close(KilnElfImage *image);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnElfImage, kiln_elf_image_close)

/** The bytes of the file from virtual address @address to the end of its PT_LOAD. Errors: KILN_ERROR_SYNTAX naming @what. */
gboolean kiln_elf_image_locate(const KilnElfImage *image, guint64 address, const char *what, KilnElfRange *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Translated data, owned by the image. Errors: KILN_ERROR_SYNTAX naming @what. */
Elf_Data *kiln_elf_image_data(KilnElfImage *image, KilnElfRange range, Elf_Type type, const char *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Count @length bytes of copied text. Errors: KILN_ERROR_LIMIT. */
gboolean kiln_elf_image_spend(KilnElfImage *image, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The NUL-terminated string at @index of the string table @table, borrowed from the file. Errors: KILN_ERROR_SYNTAX, KILN_ERROR_LIMIT. */
const char *kiln_elf_image_string(KilnElfImage *image, KilnElfRange table, guint64 index, GError **error) G_GNUC_WARN_UNUSED_RESULT;
