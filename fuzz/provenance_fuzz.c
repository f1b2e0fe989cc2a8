/* SPDX-License-Identifier: Apache-2.0 */
/* provenance_fuzz.c: a predicate that is taken names files inside the image, prints its files as they were, and has a lock for its platform. */
#include "build/provenance.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_files(const KilnProvenance *provenance)
{
	for (guint i = 0; i < provenance->own_files->len; i++) {
		const KilnOwnFile *file = provenance->own_files->pdata[i];
		if (file->item >= provenance->recipe->files->len || file->path[0] == '/' || g_str_has_prefix(file->path, "../") || strstr(file->path, "/../") ||
		    (file->type == KILN_FILE_SYMLINK) != (file->link_target != NULL))
			abort();
	}
	g_autoptr(json_t) first = kiln_own_files_to_json(provenance->own_files);
	g_autoptr(GPtrArray) again = kiln_own_files_from_json(first, provenance->recipe->files->len, "again", NULL);
	g_autoptr(json_t) second = again ? kiln_own_files_to_json(again) : NULL;
	if (!second || !json_equal(first, second))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	g_autoptr(json_t) json = kiln_json_parse((const char *)bytes, length, "fuzz", NULL);
	g_autoptr(KilnProvenance) provenance = json ? kiln_provenance_from_json(json, "fuzz", NULL) : NULL;
	if (!provenance)
		return 0;
	if (!kiln_lock_find_platform(provenance->lock, provenance->platform) || g_strv_length(provenance->recipe->platforms) != 1)
		abort();
	check_files(provenance);
	return 0;
}
