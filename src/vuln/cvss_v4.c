/* SPDX-License-Identifier: Apache-2.0 */
/* cvss_v4.c: scores of CVSS 4.0: macro vectors and the interpolation between them. Source: FIRST.org, "Common Vulnerability Scoring
 * System v4.0: Specification Document", section 8, tables 24 to 30; the scores of macro vectors are those of its appendix.
 *
 * Metrics fall into five groups of equal severity, "equivalence sets" (the third and sixth are taken together). The levels of all five
 * give the macro vector and so the score of its most severe members; the distance from these to the vector, group by group, moves the
 * score towards the next lower macro vectors. */
#include "vuln/cvss_internal.h"

enum {
	AV, AC, AT, PR, UI, VC, VI, VA, SC, SI, SA, E, CR, IR, AR,
	MAV, MAC, MAT, MPR, MUI, MVC, MVI, MVA, MSC, MSI, MSA, SAFETY, AUTOMATABLE, RECOVERY, DENSITY, EFFORT, URGENCY, COUNT
};

/* Values in descending severity, so that the distance between two is that of their places. Only modified SI and SA know S (safety). */
static const KilnCvssMetric metrics[COUNT] = {
	[AV] = { "AV", "N A L P" },
	[AC] = { "AC", "L H" },
	[AT] = { "AT", "N P" },
	[PR] = { "PR", "N L H" },
	[UI] = { "UI", "N P A" },
	[VC] = { "VC", "H L N" },
	[VI] = { "VI", "H L N" },
	[VA] = { "VA", "H L N" },
	[SC] = { "SC", "H L N" },
	[SI] = { "SI", "H L N" },
	[SA] = { "SA", "H L N" },
	[E] = { "E", "A P U X" },
	[CR] = { "CR", "H M L X" },
	[IR] = { "IR", "H M L X" },
	[AR] = { "AR", "H M L X" },
	[MAV] = { "MAV", "N A L P X" },
	[MAC] = { "MAC", "L H X" },
	[MAT] = { "MAT", "N P X" },
	[MPR] = { "MPR", "N L H X" },
	[MUI] = { "MUI", "N P A X" },
	[MVC] = { "MVC", "H L N X" },
	[MVI] = { "MVI", "H L N X" },
	[MVA] = { "MVA", "H L N X" },
	[MSC] = { "MSC", "H L N X" },
	[MSI] = { "MSI", "S H L N X" },
	[MSA] = { "MSA", "S H L N X" },
	[SAFETY] = { "S", "N P X" },
	[AUTOMATABLE] = { "AU", "N Y X" },
	[RECOVERY] = { "R", "A U I X" },
	[DENSITY] = { "V", "D C X" },
	[EFFORT] = { "RE", "L M H X" },
	[URGENCY] = { "U", "Clear Green Amber Red X" },
};

/* The metrics that count, each as the place of its value in this order of letters. */
static const char *const severity[E + 4] = {
	[AV] = "NALP", [AC] = "LH",  [AT] = "NP",  [PR] = "NLH",  [UI] = "NPA",  [VC] = "HLN", [VI] = "HLN", [VA] = "HLN",
	[SC] = "SHLN", [SI] = "SHLN", [SA] = "SHLN", [E] = "APU", [CR] = "HML", [IR] = "HML", [AR] = "HML",
};

typedef struct {
	guint8 places[E + 4];
} Effective;

/* Score of each macro vector in tenths: [EQ1][EQ2][EQ3 and EQ6: 00 01 10 11 21][EQ4][EQ5]. */
static const guint8 lookup[3][2][5][3][3] = {
	{
		{
			{ { 100, 98, 95 }, { 100, 93, 91 }, { 93, 89, 81 } },
			{ { 99, 95, 92 }, { 96, 87, 81 }, { 90, 80, 68 } },
			{ { 98, 95, 90 }, { 93, 89, 81 }, { 88, 78, 69 } },
			{ { 95, 92, 84 }, { 92, 81, 65 }, { 80, 70, 48 } },
			{ { 92, 82, 72 }, { 79, 69, 50 }, { 69, 55, 27 } },
		},
		{
			{ { 99, 95, 92 }, { 95, 90, 84 }, { 92, 82, 72 } },
			{ { 97, 92, 85 }, { 91, 83, 71 }, { 81, 71, 53 } },
			{ { 95, 92, 85 }, { 92, 80, 70 }, { 84, 71, 50 } },
			{ { 93, 85, 73 }, { 82, 72, 59 }, { 70, 52, 30 } },
			{ { 86, 75, 52 }, { 71, 52, 29 }, { 63, 29, 17 } },
		},
	},
	{
		{
			{ { 98, 94, 91 }, { 94, 86, 77 }, { 87, 74, 63 } },
			{ { 95, 87, 81 }, { 89, 74, 64 }, { 75, 63, 49 } },
			{ { 94, 88, 76 }, { 86, 74, 59 }, { 72, 57, 52 } },
			{ { 89, 77, 67 }, { 76, 58, 50 }, { 57, 52, 25 } },
			{ { 83, 70, 54 }, { 65, 58, 26 }, { 53, 21, 13 } },
		},
		{
			{ { 95, 88, 76 }, { 90, 75, 61 }, { 77, 68, 52 } },
			{ { 90, 76, 70 }, { 77, 62, 53 }, { 66, 59, 30 } },
			{ { 89, 76, 62 }, { 74, 57, 47 }, { 61, 57, 24 } },
			{ { 78, 67, 58 }, { 59, 57, 23 }, { 52, 29, 16 } },
			{ { 71, 59, 30 }, { 58, 26, 15 }, { 23, 13, 6 } },
		},
	},
	{
		{
			{ { 93, 86, 75 }, { 86, 74, 56 }, { 70, 52, 40 } },
			{ { 87, 72, 58 }, { 74, 61, 34 }, { 54, 40, 22 } },
			{ { 85, 74, 62 }, { 72, 55, 46 }, { 53, 34, 19 } },
			{ { 75, 55, 51 }, { 57, 41, 19 }, { 36, 19, 8 } },
			{ { 64, 51, 20 }, { 47, 21, 11 }, { 24, 9, 4 } },
		},
		{
			{ { 88, 73, 60 }, { 73, 59, 41 }, { 54, 45, 20 } },
			{ { 75, 53, 50 }, { 55, 40, 20 }, { 43, 22, 11 } },
			{ { 75, 58, 40 }, { 61, 48, 20 }, { 46, 17, 8 } },
			{ { 55, 45, 21 }, { 51, 18, 9 }, { 18, 7, 2 } },
			{ { 53, 24, 14 }, { 24, 12, 5 }, { 10, 3, 1 } },
		},
	},
};

enum { EQ1, EQ2, EQ3_EQ6, EQ4, EQ5, SETS };

static const guint level_count[SETS] = { 3, 2, 5, 3, 3 };

/* Distance between the most and least severe vectors of a level, in steps. */
static const guint8 depth[SETS][5] = {
	[EQ1] = { 1, 4, 5 }, [EQ2] = { 1, 2 }, [EQ3_EQ6] = { 7, 6, 8, 8, 10 }, [EQ4] = { 6, 5, 4 }, [EQ5] = { 1, 1, 1 },
};

/* The metrics of each set, -1 after the last. */
static const gint8 members[SETS][6] = {
	[EQ1] = { AV, PR, UI, -1 },
	[EQ2] = { AC, AT, -1 },
	[EQ3_EQ6] = { VC, VI, VA, CR, IR, AR },
	[EQ4] = { SC, SI, SA, -1 },
	[EQ5] = { -1 },
};

/* The most severe vectors of each level, the values in the order of the members. */
static const char *const most_severe[SETS][5][6] = {
	[EQ1] = { { "NNN" }, { "ANN", "NLN", "NNP" }, { "PNN", "ALP" } },
	[EQ2] = { { "LN" }, { "HN", "LP" } },
	[EQ3_EQ6] = { { "HHHHHH" },
	              { "HHLMMH", "HHHMMM" },
	              { "LHHHHH", "HLHHHH" },
	              { "LHLHMH", "LHHHMM", "HLHMHM", "HLLMHH", "LLHHHM" },
	              { "LLLHHH" } },
	[EQ4] = { { "HSS" }, { "HHH" }, { "LLL" } },
	[EQ5] = { { "" }, { "" }, { "" } },
};

static guint place(guint metric, char letter)
{
	return (guint)(strchr(severity[metric], letter) - severity[metric]);
}

/* Each metric as the environment has it; what is not defined is taken for the worst. */
static Effective effective(const KilnCvss *cvss)
{
	Effective result;
	for (guint i = AV; i <= AR; i++) {
		gboolean modified = i <= SA && kiln_cvss_is_defined(&kiln_cvss_4_0, cvss, i - AV + MAV);
		char letter = kiln_cvss_letter(&kiln_cvss_4_0, cvss, modified ? i - AV + MAV : i);
		result.places[i] = letter == 'X' ? 0 : (guint8)place(i, letter);
	}
	return result;
}

static gboolean has(const Effective *vector, guint metric, char letter)
{
	return vector->places[metric] == place(metric, letter);
}

static guint level_of_exploitation(const Effective *vector)
{
	guint none = has(vector, AV, 'N') + has(vector, PR, 'N') + has(vector, UI, 'N');
	return none == 3 ? 0 : none > 0 && !has(vector, AV, 'P') ? 1 : 2;
}

/* EQ3 and EQ6 together, in the order 00, 01, 10, 11, 21; 20 does not occur. */
static guint level_of_impact(const Effective *vector)
{
	gboolean c = has(vector, VC, 'H'), i = has(vector, VI, 'H'), a = has(vector, VA, 'H');
	gboolean required = (c && has(vector, CR, 'H')) || (i && has(vector, IR, 'H')) || (a && has(vector, AR, 'H'));
	if (!c && !i && !a)
		return 4;
	return (c && i ? 0 : 2) + !required;
}

static guint level_of_subsequent(const Effective *vector)
{
	if (has(vector, SI, 'S') || has(vector, SA, 'S'))
		return 0;
	return has(vector, SC, 'H') || has(vector, SI, 'H') || has(vector, SA, 'H') ? 1 : 2;
}

static guint score_of(const guint levels[SETS])
{
	return lookup[levels[EQ1]][levels[EQ2]][levels[EQ3_EQ6]][levels[EQ4]][levels[EQ5]];
}

/* The score one level lower in @set; FALSE when there is no lower level. */
static gboolean next_lower(const guint levels[SETS], guint set, guint *lower_tenths)
{
	static const gint8 lower_impact[5] = { 1, 3, 3, 4, -1 };
	guint lower[SETS];
	memcpy(lower, levels, sizeof lower);
	lower[set]++;
	if (set == EQ3_EQ6 && lower_impact[levels[set]] >= 0)
		lower[set] = (guint)lower_impact[levels[set]];
	if (lower[set] >= level_count[set])
		return FALSE;
	*lower_tenths = score_of(lower);
	if (set == EQ3_EQ6 && levels[set] == 0) { /* two ways down, of which the higher one counts */
		lower[set] = 2;
		*lower_tenths = MAX(*lower_tenths, score_of(lower));
	}
	return TRUE;
}

/* Steps from the first of the most severe vectors of @set's @level that is nowhere less severe than @vector. */
static guint distance(const Effective *vector, guint set, guint level)
{
	for (guint i = 0; i < G_N_ELEMENTS(most_severe[set][level]) && most_severe[set][level][i]; i++) {
		const char *highest = most_severe[set][level][i];
		guint steps = 0;
		gboolean above = TRUE;
		for (guint j = 0; highest[j]; j++) {
			guint metric = (guint)members[set][j], from = place(metric, highest[j]);
			above &= from <= vector->places[metric];
			steps += vector->places[metric] - from;
		}
		if (above)
			return steps;
	}
	return 0;
}

static guint score_tenths(const KilnCvss *cvss)
{
	Effective vector = effective(cvss);
	const guint levels[SETS] = { level_of_exploitation(&vector), !has(&vector, AC, 'L') || !has(&vector, AT, 'N'),
		                     level_of_impact(&vector), level_of_subsequent(&vector), vector.places[E] };
	guint impacts = 0, lower_count = 0;
	for (guint i = VC; i <= SA; i++)
		impacts += !has(&vector, i, 'N');
	if (impacts == 0)
		return 0;
	/* 840 is a multiple of every depth: all distances are whole. */
	guint score = score_of(levels), moved = 0;
	for (guint set = 0; set < SETS; set++) {
		guint lower;
		if (!next_lower(levels, set, &lower))
			continue;
		lower_count++;
		moved += (score - lower) * distance(&vector, set, levels[set]) * 840 / depth[set][levels[set]];
	}
	if (lower_count == 0)
		return score;
	guint unit = 840 * lower_count; /* of a tenth; halves are rounded up */
	return (2 * (score * unit - moved) + unit) / (2 * unit);
}

/* Without the metrics from @first to @last. */
static KilnCvss without(KilnCvss cvss, guint first, guint last)
{
	for (guint i = first; i <= last; i++)
		cvss.values[i] = 0;
	return cvss;
}

static KilnCvssScores score(const KilnCvss *cvss)
{
	KilnCvss base = without(*cvss, E, MSA), threat = without(*cvss, CR, MSA);
	return (KilnCvssScores){ .base_tenths = score_tenths(&base),
		                 .temporal_tenths = score_tenths(&threat),
		                 .environmental_tenths = score_tenths(cvss) };
}

const KilnCvssTable kiln_cvss_4_0 = { KILN_CVSS_4_0, "4.0", "CVSS:4.0/", metrics, COUNT, 11, 1, 14, score };
