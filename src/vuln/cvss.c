/* SPDX-License-Identifier: Apache-2.0 */
/* cvss.c: reading and writing CVSS vectors of every version, and the words for scores. */
#include "vuln/cvss.h"
#include "base/error.h"
#include "vuln/cvss_internal.h"

static const KilnCvssTable *const tables[] = { &kiln_cvss_2_0, &kiln_cvss_3_0, &kiln_cvss_3_1, &kiln_cvss_4_0 };

/* The text of the value at @index of @metric; data is NULL after the last. */
static KilnText value_at(const KilnCvssMetric *metric, guint index)
{
	KilnText rest = kiln_text(metric->values), value = kiln_text_cut(&rest, ' ');
	for (; index > 0; index--)
		value = kiln_text_cut(&rest, ' ');
	return value.length ? value : (KilnText){ 0 };
}

static gboolean is_undefined(KilnText value)
{
	return kiln_text_is(value, "X") || kiln_text_is(value, "ND");
}

gboolean kiln_cvss_is_defined(const KilnCvssTable *table, const KilnCvss *cvss, guint metric)
{
	return cvss->values[metric] && !is_undefined(value_at(&table->metrics[metric], cvss->values[metric] - 1u));
}

static gboolean is_any_defined(const KilnCvssTable *table, const KilnCvss *cvss, guint first, guint count)
{
	for (guint i = first; i < first + count; i++)
		if (kiln_cvss_is_defined(table, cvss, i))
			return TRUE;
	return FALSE;
}

char kiln_cvss_letter(const KilnCvssTable *table, const KilnCvss *cvss, guint metric)
{
	return cvss->values[metric] ? value_at(&table->metrics[metric], cvss->values[metric] - 1u).data[0] : 'X';
}

guint kiln_cvss_weight(const KilnCvssTable *table, const KilnCvss *cvss, guint metric)
{
	guint index = 0;
	if (cvss->values[metric])
		index = cvss->values[metric] - 1u;
	else
		while (value_at(&table->metrics[metric], index + 1).data)
			index++;
	return table->metrics[metric].weights[index];
}

/* A refusal that shows the vector. */
static gboolean refuse(GError **error, KilnText vector, const char *what, KilnText part)
{
	g_autofree char *bytes = g_strndup(vector.data ? vector.data : "", MIN(vector.length, KILN_CVSS_TEXT_MAX));
	g_autofree char *shown = g_strescape(bytes, NULL);
	return kiln_fail(error, KILN_ERROR_SYNTAX, "CVSS vector \"%s\" %s%.*s", shown, what, (int)MIN(part.length, 16),
	                 part.length ? part.data : "");
}

/* The table that @vector's prefix names; the prefix is cut off. */
static const KilnCvssTable *cut_prefix(KilnText *vector, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(tables); i++) {
		gsize length = strlen(tables[i]->prefix);
		if (length == 0 || vector->length < length || memcmp(vector->data, tables[i]->prefix, length) != 0)
			continue;
		*vector = (KilnText){ vector->data + length, vector->length - length };
		return tables[i];
	}
	if (vector->length >= 5 && memcmp(vector->data, "CVSS:", 5) == 0) {
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "CVSS vector \"%.*s\" is of a version that kiln does not know; it knows 2.0, 3.0, 3.1 and 4.0",
		          (int)MIN(vector->length, 16), vector->data);
		return NULL;
	}
	if (vector->length >= 2 && vector->data[0] == '(' && vector->data[vector->length - 1] == ')')
		*vector = (KilnText){ vector->data + 1, vector->length - 2 };
	return &kiln_cvss_2_0;
}

static gboolean parse_metric(const KilnCvssTable *table, KilnText vector, KilnText field, KilnCvss *out, GError **error)
{
	KilnText value = field, name = kiln_text_cut(&value, ':');
	guint metric = 0, index = 0;
	while (metric < table->count && !kiln_text_is(name, table->metrics[metric].name))
		metric++;
	if (metric == table->count)
		return refuse(error, vector, "has an unknown metric: ", field);
	if (out->values[metric])
		return refuse(error, vector, "names a metric twice: ", name);
	for (;; index++) {
		KilnText known = value_at(&table->metrics[metric], index);
		if (!known.data)
			return refuse(error, vector, "has a value that its metric does not know: ", field);
		if (kiln_text_equal(known, value))
			break;
	}
	out->values[metric] = (guint8)(index + 1);
	return TRUE;
}

gboolean kiln_cvss_parse(KilnText vector, KilnCvss *out, GError **error)
{
	KilnText rest = vector;
	const KilnCvssTable *table = cut_prefix(&rest, error);
	if (!table)
		return FALSE;
	KilnCvss parsed = { .version = table->version };
	gboolean more = TRUE;
	while (more) {
		more = rest.length && memchr(rest.data, '/', rest.length);
		if (!parse_metric(table, vector, kiln_text_cut(&rest, '/'), &parsed, error))
			return FALSE;
	}
	for (guint i = 0; i < table->base_count; i++)
		if (!parsed.values[i])
			return refuse(error, vector, "lacks the base metric ", kiln_text(table->metrics[i].name));
	*out = parsed;
	return TRUE;
}

KilnCvssScores kiln_cvss_score(const KilnCvss *cvss)
{
	const KilnCvssTable *table = tables[cvss->version];
	KilnCvssScores scores = table->score(cvss);
	scores.has_temporal = is_any_defined(table, cvss, table->base_count, table->temporal_count);
	scores.has_environmental = is_any_defined(table, cvss, table->base_count + table->temporal_count, table->environmental_count);
	scores.overall_tenths = scores.has_environmental ? scores.environmental_tenths
	                        : scores.has_temporal    ? scores.temporal_tenths
	                                                 : scores.base_tenths;
	return scores;
}

void kiln_cvss_print(const KilnCvss *cvss, char *out)
{
	const KilnCvssTable *table = tables[cvss->version];
	gsize length = g_strlcpy(out, table->prefix, KILN_CVSS_TEXT_MAX);
	for (guint i = 0; i < table->count; i++) {
		if (!kiln_cvss_is_defined(table, cvss, i))
			continue;
		KilnText value = value_at(&table->metrics[i], cvss->values[i] - 1u);
		length += (gsize)g_snprintf(out + length, KILN_CVSS_TEXT_MAX - length, "%s%s:%.*s", i ? "/" : "", table->metrics[i].name,
		                            (int)value.length, value.data);
	}
}

const char *kiln_cvss_version_name(KilnCvssVersion version)
{
	return tables[version]->name;
}

KilnSeverity kiln_cvss_severity(KilnCvssVersion version, guint score_tenths)
{
	gboolean nvd = version == KILN_CVSS_2_0;
	if (score_tenths == 0)
		return nvd ? KILN_SEVERITY_LOW : KILN_SEVERITY_NONE;
	if (score_tenths < 40)
		return KILN_SEVERITY_LOW;
	if (score_tenths < 70)
		return KILN_SEVERITY_MEDIUM;
	return score_tenths < 90 || nvd ? KILN_SEVERITY_HIGH : KILN_SEVERITY_CRITICAL;
}

const char *kiln_severity_name(KilnSeverity severity)
{
	static const char *const names[] = { "unknown", "none", "low", "medium", "high", "critical" };
	return (gsize)severity < G_N_ELEMENTS(names) ? names[severity] : names[0];
}
