/* SPDX-License-Identifier: Apache-2.0 */
/* cvss_v3.c: scores of CVSS 3.0 and 3.1. Source: FIRST.org, "Common Vulnerability Scoring System v3.1: Specification Document",
 * section 7 and appendix A; v3.0, section 8.
 *
 * Numbers are integers in units of 10^-18, in which all but one term is exact: the thirteenth or fifteenth power of the impact is cut
 * off below that, and no score is as near as that to a place where it would round differently. */
#include "vuln/cvss_internal.h"

typedef __int128 Decimal; /* units of 10^-18 */

#define ONE ((Decimal)1000000000000000000)
#define THOUSANDTH (ONE / 1000)

enum { AV, AC, PR, UI, S, C, I, A, E, RL, RC, CR, IR, AR, MAV, MAC, MPR, MUI, MS, MC, MI, MA, COUNT };

static const KilnCvssMetric metrics[COUNT] = {
	[AV] = { "AV", "N A L P", { 850, 620, 550, 200 } },
	[AC] = { "AC", "L H", { 770, 440 } },
	[PR] = { "PR", "N L H", { 850, 620, 270 } },
	[UI] = { "UI", "N R", { 850, 620 } },
	[S] = { "S", "U C" },
	[C] = { "C", "H L N", { 560, 220, 0 } },
	[I] = { "I", "H L N", { 560, 220, 0 } },
	[A] = { "A", "H L N", { 560, 220, 0 } },
	[E] = { "E", "H F P U X", { 1000, 970, 940, 910, 1000 } },
	[RL] = { "RL", "U W T O X", { 1000, 970, 960, 950, 1000 } },
	[RC] = { "RC", "C R U X", { 1000, 960, 920, 1000 } },
	[CR] = { "CR", "H M L X", { 1500, 1000, 500, 1000 } },
	[IR] = { "IR", "H M L X", { 1500, 1000, 500, 1000 } },
	[AR] = { "AR", "H M L X", { 1500, 1000, 500, 1000 } },
	[MAV] = { "MAV", "N A L P X" },
	[MAC] = { "MAC", "L H X" },
	[MPR] = { "MPR", "N L H X" },
	[MUI] = { "MUI", "N R X" },
	[MS] = { "MS", "U C X" },
	[MC] = { "MC", "H L N X" },
	[MI] = { "MI", "H L N X" },
	[MA] = { "MA", "H L N X" },
};

static Decimal multiply(Decimal a, Decimal b)
{
	return a * b / ONE;
}

static Decimal to_power(Decimal number, guint exponent)
{
	Decimal result = ONE;
	for (; exponent > 0; exponent--)
		result = multiply(result, number);
	return result;
}

/* The smallest whole tenth that is not below @value. Version 3.1 first rounds to five decimals, so that no computer's inexact
 * arithmetic makes a difference; here it is part of the definition. */
static guint round_up(KilnCvssVersion version, Decimal value)
{
	const Decimal hundred_thousandth = ONE / 100000, tenth = ONE / 10;
	if (version == KILN_CVSS_3_1)
		value = (value + hundred_thousandth / 2) / hundred_thousandth * hundred_thousandth;
	return (guint)((value + tenth - 1) / tenth);
}

static Decimal weight(const KilnCvss *cvss, guint metric)
{
	return kiln_cvss_weight(&kiln_cvss_3_1, cvss, metric) * THOUSANDTH;
}

/* 1 - impact * requirement. A requirement of ONE is none. */
static Decimal left_over(const KilnCvss *cvss, guint impact, Decimal requirement)
{
	return ONE - multiply(weight(cvss, impact), requirement);
}

/* The impact sub-score of what is left over of confidentiality, integrity and availability. */
static Decimal impact(const KilnCvss *cvss, gboolean modified)
{
	gboolean changed = kiln_cvss_letter(&kiln_cvss_3_1, cvss, S) == 'C';
	Decimal left = multiply(multiply(left_over(cvss, C, modified ? weight(cvss, CR) : ONE),
	                                 left_over(cvss, I, modified ? weight(cvss, IR) : ONE)),
	                        left_over(cvss, A, modified ? weight(cvss, AR) : ONE));
	Decimal iss = modified ? MIN(ONE - left, 915 * THOUSANDTH) : ONE - left;
	if (!changed)
		return 642 * iss / 100;
	Decimal high = modified && cvss->version == KILN_CVSS_3_1 ? to_power(iss * 9731 / 10000 - 20 * THOUSANDTH, 13)
	                                                           : to_power(iss - 20 * THOUSANDTH, 15);
	return 752 * (iss - 29 * THOUSANDTH) / 100 - 325 * high / 100;
}

/* 8.22 * AV * AC * PR * UI; the privileges weigh more when the scope changes. */
static Decimal exploitability(const KilnCvss *cvss)
{
	gboolean changed = kiln_cvss_letter(&kiln_cvss_3_1, cvss, S) == 'C';
	char privileges = kiln_cvss_letter(&kiln_cvss_3_1, cvss, PR);
	Decimal of_privileges = weight(cvss, PR);
	if (changed && privileges != 'N')
		of_privileges = (privileges == 'L' ? 680 : 500) * THOUSANDTH;
	return 822 * multiply(multiply(weight(cvss, AV), weight(cvss, AC)), multiply(of_privileges, weight(cvss, UI))) / 100;
}

static guint combine(const KilnCvss *cvss, Decimal of_impact)
{
	gboolean changed = kiln_cvss_letter(&kiln_cvss_3_1, cvss, S) == 'C';
	if (of_impact <= 0)
		return 0;
	Decimal sum = of_impact + exploitability(cvss);
	if (changed)
		sum = 108 * sum / 100;
	return round_up(cvss->version, MIN(sum, 10 * ONE));
}

static guint temporal(const KilnCvss *cvss, guint score_tenths)
{
	Decimal factor = multiply(multiply(weight(cvss, E), weight(cvss, RL)), weight(cvss, RC));
	return round_up(cvss->version, score_tenths * factor / 10);
}

/* The vector in which each modified metric that is defined stands in the place of its base metric. */
static KilnCvss modify(const KilnCvss *cvss)
{
	KilnCvss modified = *cvss;
	for (guint i = MAV; i <= MA; i++)
		if (kiln_cvss_is_defined(&kiln_cvss_3_1, cvss, i))
			modified.values[i - MAV + AV] = cvss->values[i];
	return modified;
}

static KilnCvssScores score(const KilnCvss *cvss)
{
	KilnCvss modified = modify(cvss);
	KilnCvssScores scores = { .base_tenths = combine(cvss, impact(cvss, FALSE)) };
	scores.temporal_tenths = temporal(cvss, scores.base_tenths);
	scores.environmental_tenths = temporal(cvss, combine(&modified, impact(&modified, TRUE)));
	return scores;
}

const KilnCvssTable kiln_cvss_3_0 = { KILN_CVSS_3_0, "3.0", "CVSS:3.0/", metrics, COUNT, 8, 3, 11, score };
const KilnCvssTable kiln_cvss_3_1 = { KILN_CVSS_3_1, "3.1", "CVSS:3.1/", metrics, COUNT, 8, 3, 11, score };
