/* SPDX-License-Identifier: Apache-2.0 */
/* section.c: find sections by name, loaded bytes by address. Source: gABI 4.1, "Sections". */
#include "elf/section.h"
#include "elf/image.h"

#include <string.h>

gboolean kiln_elf_section(KilnText file, const char *name, KilnText *out)
{
	g_auto(KilnElfImage) image = { 0 };
	size_t names;
	*out = (KilnText){ 0 };
	if (!kiln_elf_image_open(&image, file.data, file.length, NULL) || !image.elf || elf_getshdrstrndx(image.elf, &names) != 0)
		return FALSE;
	for (Elf_Scn *section = elf_nextscn(image.elf, NULL); section; section = elf_nextscn(image.elf, section)) {
		GElf_Shdr header;
		if (!gelf_getshdr(section, &header) || header.sh_type == SHT_NOBITS)
			continue;
		const char *found = elf_strptr(image.elf, names, header.sh_name);
		if (!found || strcmp(found, name) != 0)
			continue;
		if (header.sh_offset > file.length || header.sh_size > file.length - header.sh_offset)
			return FALSE;
		*out = (KilnText){ file.data + header.sh_offset, header.sh_size };
		return TRUE;
	}
	return FALSE;
}

gboolean kiln_elf_loaded(KilnText file, guint64 address, KilnText *out)
{
	g_auto(KilnElfImage) image = { 0 };
	KilnElfRange range;
	*out = (KilnText){ 0 };
	if (!kiln_elf_image_open(&image, file.data, file.length, NULL) || !kiln_elf_image_locate(&image, address, "bytes", &range, NULL))
		return FALSE;
	*out = (KilnText){ file.data + range.offset, range.size };
	return TRUE;
}
