/* SPDX-License-Identifier: Apache-2.0 */
/* sbom_fuzz.c: SBOMs of anybody: what is read can be written in every format, read again, scored, and looked at as an inventory. */
#include "sbom/check.h"
#include "sbom/format.h"
#include "sbom/read.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	g_autoptr(KilnSbomScore) score = kiln_sbom_check(bytes, length, "fuzz", NULL);
	g_autoptr(KilnSbom) sbom = kiln_sbom_read(bytes, length, "fuzz", NULL);
	if (!sbom)
		return 0;
	for (const char *const *name = kiln_sbom_format_names(); *name; name++) {
		g_autoptr(GBytes) written = kiln_sbom_format(*name)->write(sbom);
		if (strstr(*name, "xml"))
			continue;
		g_autoptr(KilnSbom) again = kiln_sbom_read(g_bytes_get_data(written, NULL), g_bytes_get_size(written), "fuzz", NULL);
		if (!again || again->packages->len > sbom->packages->len)
			abort();
	}
	g_autoptr(KilnInventory) inventory = kiln_sbom_to_inventory(sbom);
	for (guint i = 0; i < inventory->files->len; i++)
		if (!kiln_inventory_find(inventory, inventory->entries[i].file->path))
			abort();
	return 0;
}
