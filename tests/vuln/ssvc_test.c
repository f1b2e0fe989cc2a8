/* SPDX-License-Identifier: Apache-2.0 */
/* ssvc_test.c: CISA's decision table, row by row, and what vectors come to. */
#include "vuln/ssvc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* CERT/CC's table "CISA Coordinator" 2.0.3: exploitation/automatable/impact, then the decisions for a low, medium and high mission. */
static const struct {
	const char *inputs, *low, *medium, *high;
} rows[] = {
	{ "none/no/partial", "track", "track", "track" },    { "none/no/total", "track", "track", "track*" },
	{ "none/yes/partial", "track", "track", "attend" },  { "none/yes/total", "track", "track", "attend" },
	{ "poc/no/partial", "track", "track", "track*" },    { "poc/no/total", "track", "track*", "attend" },
	{ "poc/yes/partial", "track", "track", "attend" },   { "poc/yes/total", "track", "track*", "attend" },
	{ "active/no/partial", "track", "track", "attend" }, { "active/no/total", "track", "attend", "act" },
	{ "active/yes/partial", "attend", "attend", "act" }, { "active/yes/total", "attend", "act", "act" },
};

static void decisions(void **state)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		KilnSsvc ssvc;
		assert_true(kiln_ssvc_parse(rows[i].inputs, &ssvc));
		assert_string_equal(kiln_ssvc_decision_name(kiln_ssvc_decide(&ssvc, KILN_SSVC_LOW)), rows[i].low);
		assert_string_equal(kiln_ssvc_decision_name(kiln_ssvc_decide(&ssvc, KILN_SSVC_MEDIUM)), rows[i].medium);
		assert_string_equal(kiln_ssvc_decision_name(kiln_ssvc_decide(&ssvc, KILN_SSVC_HIGH)), rows[i].high);
	}
}

static void texts_that_are_none(void **state)
{
	static const char *const bad[] = { NULL, "", "poc", "poc/yes", "poc/maybe/total", "some/yes/total", "poc/yes/all", "poc/yes/total/x" };
	KilnSsvc ssvc;
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		assert_false(kiln_ssvc_parse(bad[i], &ssvc));
	g_autofree char *text = kiln_ssvc_text("Active", "YES", "Total");
	assert_string_equal(text, "active/yes/total");
	assert_null(kiln_ssvc_text("active", NULL, "total"));
}

static void vectors(void **state)
{
	static const struct {
		const char *vector;
		gboolean exploited;
		const char *decision;
		gboolean automatable, total;
	} cases[] = {
		{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", TRUE, "act", TRUE, TRUE },
		{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", FALSE, "track*", TRUE, TRUE },
		{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", TRUE, "attend", FALSE, TRUE },
		{ "CVSS:3.0/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N", FALSE, "track", FALSE, FALSE },
		{ "AV:N/AC:L/Au:N/C:C/I:C/A:C", TRUE, "act", TRUE, TRUE },
		{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", TRUE, "act", TRUE, TRUE },
		{ "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:H/VA:N/SC:N/SI:N/SA:N", TRUE, "track", FALSE, FALSE },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		KilnSsvc ssvc = kiln_ssvc_compute(cases[i].vector, cases[i].exploited);
		assert_true(ssvc.is_known);
		assert_int_equal(ssvc.automatable, cases[i].automatable);
		assert_int_equal(ssvc.total, cases[i].total);
		assert_string_equal(kiln_ssvc_decision_name(kiln_ssvc_decide(&ssvc, KILN_SSVC_MEDIUM)), cases[i].decision);
	}
	KilnSsvc unknown = kiln_ssvc_compute(NULL, TRUE), broken = kiln_ssvc_compute("CVSS:3.1/AV:Q", TRUE);
	assert_false(unknown.is_known || broken.is_known);
	assert_string_equal(kiln_ssvc_decision_name(kiln_ssvc_decide(&unknown, KILN_SSVC_HIGH)), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(decisions), cmocka_unit_test(texts_that_are_none), cmocka_unit_test(vectors) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
