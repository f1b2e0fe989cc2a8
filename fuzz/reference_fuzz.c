/* SPDX-License-Identifier: Apache-2.0 */
/* reference_fuzz.c: image references: what is accepted prints to a text that parses to the same. */
#include "oci/reference.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
	g_autofree char *text = g_strndup((const char *)bytes, length);
	g_auto(KilnReference) first = { 0 }, second = { 0 };
	g_autoptr(GError) error = NULL;
	if (!kiln_reference_parse(text, &first, &error)) {
		if (!error || !*error->message || first.path || first.name || first.tag)
			abort();
		return 0;
	}
	if (!first.path == !first.name)
		abort();
	g_autofree char *printed = kiln_reference_print(&first);
	if (!kiln_reference_parse(printed, &second, NULL) || first.transport != second.transport || g_strcmp0(first.path, second.path) != 0 ||
	    g_strcmp0(first.name, second.name) != 0 || g_strcmp0(first.tag, second.tag) != 0 || first.has_digest != second.has_digest ||
	    (first.has_digest && !kiln_digest_equal(&first.digest, &second.digest)))
		abort();
	return 0;
}
