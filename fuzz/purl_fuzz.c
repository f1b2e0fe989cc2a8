/* SPDX-License-Identifier: Apache-2.0 */
/* purl_fuzz.c: whatever is read as a package URL is written in a form that reads as the same. */
#include "pkg/purl.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	g_autoptr(KilnPurl) purl = kiln_purl_parse((KilnText){ (const char *)bytes, length }, NULL);
	if (!purl)
		return 0;
	g_autofree char *text = kiln_purl_print(purl);
	g_autoptr(KilnPurl) again = kiln_purl_parse(kiln_text(text), NULL);
	g_autofree char *same = again ? kiln_purl_print(again) : NULL;
	if (!same || strcmp(text, same) != 0)
		abort();
	return 0;
}
