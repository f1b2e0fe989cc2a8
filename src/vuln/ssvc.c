/* SPDX-License-Identifier: Apache-2.0 */
/* ssvc.c: CISA's decision table. */
#include "vuln/ssvc.h"

#include <string.h>

static const char *const exploitations[] = { "none", "poc", "active", NULL };

static gboolean find_exploitation(const char *word, KilnSsvcExploitation *out)
{
	for (guint i = 0; word && exploitations[i]; i++)
		if (g_ascii_strcasecmp(word, exploitations[i]) == 0) {
			*out = (KilnSsvcExploitation)i;
			return TRUE;
		}
	return FALSE;
}

static gboolean find_flag(const char *word, const char *yes, const char *no, gboolean *out)
{
	*out = word && g_ascii_strcasecmp(word, yes) == 0;
	return *out || (word && g_ascii_strcasecmp(word, no) == 0);
}

gboolean kiln_ssvc_parse(const char *text, KilnSsvc *out)
{
	KilnSsvc parsed = { .is_known = TRUE, .source = "cisa" };
	g_auto(GStrv) words = g_strsplit(text ? text : "", "/", -1);
	if (g_strv_length(words) != 3 || !find_exploitation(words[0], &parsed.exploitation) || !find_flag(words[1], "yes", "no", &parsed.automatable) ||
	    !find_flag(words[2], "total", "partial", &parsed.total))
		return FALSE;
	*out = parsed;
	return TRUE;
}

char *kiln_ssvc_text(const char *exploitation, const char *automatable, const char *impact)
{
	KilnSsvc parsed;
	g_autofree char *joined = g_strdup_printf("%s/%s/%s", exploitation ? exploitation : "", automatable ? automatable : "", impact ? impact : "");
	return kiln_ssvc_parse(joined, &parsed) ? g_ascii_strdown(joined, -1) : NULL;
}

static gboolean has_all(const char *vector, const char *const *metrics)
{
	gboolean all = TRUE;
	for (; *metrics; metrics++)
		all &= strstr(vector, *metrics) != NULL;
	return all;
}

KilnSsvc kiln_ssvc_compute(const char *vector, gboolean exploited)
{
	static const char *const reachable[][5] = {
		[KILN_CVSS_2_0] = { "AV:N", "/AC:L", "/Au:N", NULL }, [KILN_CVSS_3_0] = { "/AV:N", "/AC:L", "/PR:N", "/UI:N", NULL },
		[KILN_CVSS_3_1] = { "/AV:N", "/AC:L", "/PR:N", "/UI:N", NULL }, [KILN_CVSS_4_0] = { "/AV:N", "/AC:L/AT:N", "/PR:N", "/UI:N", NULL },
	};
	static const char *const lost[][4] = {
		[KILN_CVSS_2_0] = { "/C:C", "/I:C", "/A:C", NULL }, [KILN_CVSS_3_0] = { "/C:H", "/I:H", "/A:H", NULL },
		[KILN_CVSS_3_1] = { "/C:H", "/I:H", "/A:H", NULL }, [KILN_CVSS_4_0] = { "/VC:H", "/VI:H", "/VA:H", NULL },
	};
	KilnCvss cvss;
	char text[KILN_CVSS_TEXT_MAX];
	KilnSsvc ssvc = { .source = "computed" };
	if (!vector || !kiln_cvss_parse(kiln_text(vector), &cvss, NULL))
		return ssvc;
	kiln_cvss_print(&cvss, text);
	ssvc.is_known = TRUE;
	ssvc.exploitation = exploited ? KILN_SSVC_ACTIVE : KILN_SSVC_POC;
	ssvc.automatable = has_all(text, reachable[cvss.version]);
	ssvc.total = has_all(text, lost[cvss.version]);
	return ssvc;
}

KilnSsvcDecision kiln_ssvc_decide(const KilnSsvc *ssvc, KilnSsvcMission mission)
{
	enum { T = KILN_SSVC_TRACK, S = KILN_SSVC_TRACK_STAR, A = KILN_SSVC_ATTEND, X = KILN_SSVC_ACT };
	/* By exploitation, automatable, total, mission. */
	static const guint8 table[3][2][2][3] = {
		{ { { T, T, T }, { T, T, S } }, { { T, T, A }, { T, T, A } } },
		{ { { T, T, S }, { T, S, A } }, { { T, T, A }, { T, S, A } } },
		{ { { T, T, A }, { T, A, X } }, { { A, A, X }, { A, X, X } } },
	};
	return ssvc->is_known ? (KilnSsvcDecision)table[ssvc->exploitation][ssvc->automatable ? 1 : 0][ssvc->total ? 1 : 0][mission] : KILN_SSVC_UNKNOWN;
}

const char *kiln_ssvc_decision_name(KilnSsvcDecision decision)
{
	static const char *const names[] = { "unknown", "track", "track*", "attend", "act" };
	return names[decision];
}

const char *kiln_ssvc_exploitation_name(KilnSsvcExploitation exploitation)
{
	return exploitations[exploitation];
}
