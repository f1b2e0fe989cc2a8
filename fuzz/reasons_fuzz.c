/* SPDX-License-Identifier: Apache-2.0 */
/* reasons_fuzz.c: reasons of an image: every one is found by its path, and every chain ends. */
#include "build/reasons.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
	g_autoptr(GError) error = NULL;
	json_t *document = kiln_json_parse((const char *)bytes, length, "fuzz", NULL);
	g_autoptr(KilnReasons) reasons = document ? kiln_reasons_parse(document, "fuzz", &error) : NULL;
	if (document && !reasons && !error)
		abort();
	for (gsize i = 0; reasons && i < reasons->count; i++) {
		const KilnReason *reason = &reasons->reasons[i], *root = kiln_reasons_root(reasons, reason), *found = kiln_reasons_find(reasons, reason->path);
		if (!root || (reason->path[0] != '/' && (!found || strcmp(found->path, reason->path) != 0)) || (!reason->rule || !reason->path))
			abort();
		const char *place = kiln_reasons_place(reasons, reason);
		if (place && !json_is_object(json_object_get(reasons->document, "places")))
			abort();
	}
	return 0;
}
