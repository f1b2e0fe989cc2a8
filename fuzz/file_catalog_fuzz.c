/* SPDX-License-Identifier: Apache-2.0 */
/* file_catalog_fuzz.c: files that name packages: the first line is the path, the rest is the file. What is noted can be kept and read back. */
#include "pkg/file_cataloger.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	KilnText rest = { (const char *)bytes, length }, first = kiln_text_cut(&rest, '\n');
	if (!first.length || first.length > 200 || memchr(first.data, '\0', first.length))
		return 0;
	g_autofree char *path = kiln_text_dup(first);
	const KilnSeenFile file = { path, (const guint8 *)rest.data, MIN(rest.length, 4096), rest.length };
	if (!rest.length || !kiln_file_notes_wanted(&file))
		return 0;
	g_autoptr(GBytes) packed = kiln_file_notes_read(&file, rest);
	g_autoptr(KilnFileNotes) notes = packed ? kiln_file_notes_unpack(path, packed) : NULL;
	if (packed && !notes)
		abort();
	for (guint i = 0; notes && i < notes->packages->len; i++) {
		const KilnInventoryPackage *package = notes->packages->pdata[i];
		if (!*package->identity.name || !*package->identity.version)
			abort();
	}
	return 0;
}
