/* SPDX-License-Identifier: Apache-2.0 */
/* licence_fuzz.c: copyright files: either raw or an expression whose every LicenseRef has its text; the same bytes give the same. */
#include "pkg/licence.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

static void check_references(const KilnLicence *licence)
{
	for (const char *at = strstr(licence->expression, "LicenseRef-"); at; at = strstr(at + 1, "LicenseRef-")) {
		gsize size = strspn(at, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS ".-");
		gboolean found = FALSE;
		for (guint i = 0; i < licence->extracted->len && !found; i++) {
			const KilnExtractedLicence *extracted = g_ptr_array_index(licence->extracted, i);
			found = strlen(extracted->id) == size && memcmp(extracted->id, at, size) == 0 && *extracted->text;
		}
		g_assert_true(found || at[-1] == '-'); /* a name of the file may hold the word */
	}
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
	g_autoptr(KilnLicence) licence = kiln_licence_from_debian_copyright((const char *)bytes, length, "fuzz");
	g_autoptr(KilnLicence) again = kiln_licence_from_debian_copyright((const char *)bytes, length, "fuzz");
	g_assert_true((licence->expression != NULL) != (licence->raw != NULL));
	g_assert_cmpstr(licence->expression, ==, again->expression);
	if (licence->expression) {
		g_assert_true(g_str_is_ascii(licence->expression));
		check_references(licence);
	}
	return 0;
}
