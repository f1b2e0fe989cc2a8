/* SPDX-License-Identifier: Apache-2.0 */
/* cvss_v2.c: scores of CVSS 2.0. Source: FIRST.org, "A Complete Guide to the Common Vulnerability Scoring System Version 2.0",
 * section 3.2, "Equations". */
#include "vuln/cvss_internal.h"

typedef __int128 Decimal; /* a number times a power of ten that each use names */

enum { AV, AC, AU, C, I, A, E, RL, RC, CDP, TD, CR, IR, AR, COUNT };

static const KilnCvssMetric metrics[COUNT] = {
	[AV] = { "AV", "L A N", { 395, 646, 1000 } },
	[AC] = { "AC", "H M L", { 350, 610, 710 } },
	[AU] = { "Au", "M S N", { 450, 560, 704 } },
	[C] = { "C", "N P C", { 0, 275, 660 } },
	[I] = { "I", "N P C", { 0, 275, 660 } },
	[A] = { "A", "N P C", { 0, 275, 660 } },
	[E] = { "E", "U POC F H ND", { 850, 900, 950, 1000, 1000 } },
	[RL] = { "RL", "OF TF W U ND", { 870, 900, 950, 1000, 1000 } },
	[RC] = { "RC", "UC UR C ND", { 900, 950, 1000, 1000 } },
	[CDP] = { "CDP", "N L LM MH H ND", { 0, 100, 300, 400, 500, 0 } },
	[TD] = { "TD", "N L M H ND", { 0, 250, 750, 1000, 1000 } },
	[CR] = { "CR", "L M H ND", { 500, 1000, 1510, 1000 } },
	[IR] = { "IR", "L M H ND", { 500, 1000, 1510, 1000 } },
	[AR] = { "AR", "L M H ND", { 500, 1000, 1510, 1000 } },
};

static Decimal power(guint exponent)
{
	Decimal result = 1;
	while (exponent-- > 0)
		result *= 10;
	return result;
}

/* round_to_1_decimal() of @value / 10^@digits, in tenths; halves away from zero. */
static int round_tenths(Decimal value, guint digits)
{
	Decimal unit = power(digits - 1), half = unit / 2;
	return (int)((value < 0 ? value - half : value + half) / unit);
}

static Decimal weight(const KilnCvss *cvss, guint metric)
{
	return kiln_cvss_weight(&kiln_cvss_2_0, cvss, metric);
}

/* 1 - impact * requirement, times 10^6. A requirement of 1000 is none. */
static Decimal left_over(const KilnCvss *cvss, guint impact, Decimal requirement)
{
	return power(6) - weight(cvss, impact) * requirement;
}

/* 10.41 * (1 - (1-C)(1-I)(1-A)), at most 10, times 10^20. */
static Decimal impact(const KilnCvss *cvss, gboolean adjusted)
{
	Decimal left = left_over(cvss, C, adjusted ? weight(cvss, CR) : 1000) * left_over(cvss, I, adjusted ? weight(cvss, IR) : 1000) *
	               left_over(cvss, A, adjusted ? weight(cvss, AR) : 1000);
	Decimal result = 1041 * (power(18) - left);
	return adjusted ? MIN(result, 10 * power(20)) : result;
}

/* ((0.6 * impact) + (0.4 * exploitability) - 1.5) * f(impact) */
static int base(const KilnCvss *cvss, gboolean adjusted)
{
	Decimal of_impact = impact(cvss, adjusted);                                                     /* times 10^20 */
	Decimal of_exploit = 20 * weight(cvss, AV) * weight(cvss, AC) * weight(cvss, AU) * power(11); /* times 10^20 */
	Decimal sum = 6 * of_impact + 4 * of_exploit - 15 * power(20);                                 /* times 10^21 */
	return of_impact == 0 ? 0 : round_tenths(sum * 1176, 24);
}

static int temporal(const KilnCvss *cvss, int score_tenths)
{
	return round_tenths(score_tenths * weight(cvss, E) * weight(cvss, RL) * weight(cvss, RC), 10);
}

/* (adjusted + (10 - adjusted) * CDP) * TD */
static int environmental(const KilnCvss *cvss)
{
	int adjusted_tenths = temporal(cvss, base(cvss, TRUE));
	return round_tenths((adjusted_tenths * 1000 + (100 - adjusted_tenths) * weight(cvss, CDP)) * weight(cvss, TD), 7);
}

/* The equations go below zero for the least adjusted impacts; a score does not. */
static KilnCvssScores score(const KilnCvss *cvss)
{
	int base_tenths = base(cvss, FALSE);
	KilnCvssScores scores = { .base_tenths = (guint)MAX(base_tenths, 0),
		                  .temporal_tenths = (guint)MAX(temporal(cvss, base_tenths), 0),
		                  .environmental_tenths = (guint)MAX(environmental(cvss), 0) };
	return scores;
}

const KilnCvssTable kiln_cvss_2_0 = { KILN_CVSS_2_0, "2.0", "", metrics, COUNT, 6, 3, 5, score };
