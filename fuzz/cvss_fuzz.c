/* SPDX-License-Identifier: Apache-2.0 */
/* cvss_fuzz.c: a vector is printed as itself, its scores are between 0.0 and 10.0, and time does not make it worse. */
#include "vuln/cvss.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
	KilnCvss cvss, again;
	g_autoptr(GError) error = NULL;
	if (!kiln_cvss_parse((KilnText){ (const char *)bytes, length }, &cvss, &error)) {
		g_assert_nonnull(error);
		return 0;
	}
	char text[KILN_CVSS_TEXT_MAX], second[KILN_CVSS_TEXT_MAX];
	kiln_cvss_print(&cvss, text);
	g_assert_true(kiln_cvss_parse(kiln_text(text), &again, NULL));
	kiln_cvss_print(&again, second);
	g_assert_cmpstr(text, ==, second);
	KilnCvssScores scores = kiln_cvss_score(&cvss), same = kiln_cvss_score(&again);
	g_assert_cmpuint(scores.base_tenths, <=, 100);
	g_assert_cmpuint(scores.environmental_tenths, <=, 100);
	g_assert_cmpuint(scores.temporal_tenths, <=, scores.base_tenths);
	g_assert_cmpuint(scores.base_tenths, ==, same.base_tenths);
	g_assert_cmpuint(scores.overall_tenths, ==, same.overall_tenths);
	return 0;
}
