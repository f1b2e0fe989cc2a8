/* SPDX-License-Identifier: Apache-2.0 */
/* finding.c: opinions of records that speak of the same vulnerability become one finding. */
#include "vuln/finding_internal.h"

#include <string.h>

static void opinion_free(gpointer data)
{
	KilnOpinion *opinion = data;
	g_free(opinion->source);
	g_free(opinion->record);
	g_free(opinion->fixed);
	g_free(opinion->evidence);
	g_free(opinion);
}

void finding_free(gpointer data)
{
	KilnFinding *finding = data;
	if (!finding)
		return;
	g_free(finding->id);
	g_ptr_array_unref(finding->aliases);
	g_ptr_array_unref(finding->opinions);
	g_free(finding->fixed);
	g_free(finding->split);
	g_free(finding->severity_source);
	g_free(finding->vector);
	g_free(finding->summary);
	g_free(finding->suppressed_by);
	g_free(finding->suppressed_because);
	g_free(finding);
}

KilnFinding *finding_new(guint package)
{
	KilnFinding *finding = g_new0(KilnFinding, 1);
	finding->package = package;
	finding->aliases = g_ptr_array_new_with_free_func(g_free);
	finding->opinions = g_ptr_array_new_with_free_func(opinion_free);
	return finding;
}

static gboolean has_name(const KilnFinding *finding, const char *name)
{
	for (guint i = 0; i < finding->aliases->len; i++)
		if (strcmp(finding->aliases->pdata[i], name) == 0)
			return TRUE;
	return FALSE;
}

gboolean finding_shares_name(const KilnFinding *finding, const KilnAdvisory *advisory)
{
	gboolean shared = has_name(finding, advisory->id);
	for (guint i = 0; i < advisory->aliases->len && !shared; i++)
		shared = has_name(finding, advisory->aliases->pdata[i]);
	return shared;
}

void finding_add_names(KilnFinding *finding, const KilnAdvisory *advisory)
{
	if (!has_name(finding, advisory->id))
		g_ptr_array_add(finding->aliases, g_strdup(advisory->id));
	for (guint i = 0; i < advisory->aliases->len; i++)
		if (!has_name(finding, advisory->aliases->pdata[i]))
			g_ptr_array_add(finding->aliases, g_strdup(advisory->aliases->pdata[i]));
}

void finding_absorb(KilnFinding *finding, KilnFinding *other)
{
	for (guint i = 0; i < other->aliases->len; i++)
		if (!has_name(finding, other->aliases->pdata[i]))
			g_ptr_array_add(finding->aliases, g_strdup(other->aliases->pdata[i]));
	while (other->opinions->len)
		g_ptr_array_add(finding->opinions, g_ptr_array_steal_index(other->opinions, 0));
	if (!finding->summary)
		finding->summary = g_steal_pointer(&other->summary);
	finding_note_severity(finding, other->severity_source, other->vector, other->severity, other->score_tenths);
}

void finding_note_severity(KilnFinding *finding, const char *whose, const char *vector, KilnSeverity severity, guint score_tenths)
{
	if (!whose || severity < finding->severity || (severity == finding->severity && score_tenths <= finding->score_tenths))
		return;
	g_autofree char *old_source = finding->severity_source, *old_vector = finding->vector;
	finding->severity = severity;
	finding->score_tenths = score_tenths;
	finding->severity_source = g_strdup(whose);
	finding->vector = g_strdup(vector);
}

static gint by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static gint by_source(gconstpointer a, gconstpointer b)
{
	const KilnOpinion *first = *(KilnOpinion *const *)a, *second = *(KilnOpinion *const *)b;
	int order = strcmp(first->source, second->source);
	return order ? order : strcmp(first->record, second->record);
}

/* The name people know: the lowest CVE, else the first of all. */
static void choose_name(KilnFinding *finding)
{
	guint chosen = 0;
	g_ptr_array_sort(finding->aliases, by_text);
	for (guint i = 0; i < finding->aliases->len; i++)
		if (g_str_has_prefix(finding->aliases->pdata[i], "CVE-")) {
			chosen = i;
			break;
		}
	finding->id = g_ptr_array_steal_index(finding->aliases, chosen);
}

#define STALE_S (30 * 24 * 60 * 60)

/* A distribution mends an old version, and calls it fixed at one that others still call affected. */
static gboolean is_backport(const KilnOpinion *mended, const KilnOpinion *other, const KilnVersionOrder *order)
{
	return mended->verdict == KILN_VERDICT_FIXED && mended->fixed && other->fixed && order->compare(kiln_text(mended->fixed), kiln_text(other->fixed)) < 0;
}

/* "debian says fixed in 1.2-3", "nvd says affected, fixed in 1.3". */
static void append_words(GString *text, const KilnOpinion *opinion)
{
	g_string_append_printf(text, "%s says %s", opinion->source, kiln_verdict_name(opinion->verdict));
	if (opinion->fixed)
		g_string_append_printf(text, "%s in %s", opinion->verdict == KILN_VERDICT_FIXED ? "" : ", fixed", opinion->fixed);
}

/* What of @first and @second is the reason that two opinions are not one. */
static char *reason_of_split(const KilnOpinion *first, const KilnOpinion *second, const KilnVersionOrder *order)
{
	gboolean is_one_record = strcmp(first->source, second->source) == 0 && strcmp(first->record, second->record) == 0; /* of several parts of a module */
	if (is_one_record || (first->verdict == second->verdict && g_strcmp0(first->fixed, second->fixed) == 0))
		return NULL;
	if (first->verdict == second->verdict)
		return g_strdup_printf("different fixed version: %s says %s, %s says %s", first->source, first->fixed ? first->fixed : "none", second->source, second->fixed ? second->fixed : "none");
	GString *reason = g_string_new(NULL);
	append_words(reason, first);
	g_string_append(reason, ", ");
	append_words(reason, second);
	const KilnOpinion *older = first->modified_unix_s < second->modified_unix_s ? first : second, *newer = older == first ? second : first;
	if (is_backport(first, second, order) || is_backport(second, first, order))
		g_string_append(reason, " (a backport)");
	else if (older->modified_unix_s && newer->modified_unix_s - older->modified_unix_s > STALE_S)
		g_string_append_printf(reason, " (what %s says is %" G_GINT64_FORMAT " days older)", older->source, (newer->modified_unix_s - older->modified_unix_s) / (24 * 60 * 60));
	return g_string_free(reason, FALSE);
}

void finding_finish(KilnFinding *finding, const KilnVersionOrder *order)
{
	gboolean endless = FALSE;
	finding->order = order;
	choose_name(finding);
	g_ptr_array_sort(finding->opinions, by_source);
	const KilnOpinion *first = finding->opinions->pdata[0];
	for (guint i = 0; i < finding->opinions->len; i++) {
		const KilnOpinion *opinion = finding->opinions->pdata[i];
		finding->verdict = MAX(finding->verdict, opinion->verdict);
		if (!finding->split)
			finding->split = reason_of_split(first, opinion, order);
		if (opinion->verdict < KILN_VERDICT_AFFECTED)
			continue;
		endless |= !opinion->fixed;
		if (opinion->fixed && (!finding->fixed || order->compare(kiln_text(opinion->fixed), kiln_text(finding->fixed)) > 0)) {
			g_free(finding->fixed);
			finding->fixed = g_strdup(opinion->fixed);
		}
	}
	if (endless)
		g_clear_pointer(&finding->fixed, g_free);
}

gboolean kiln_finding_is_named(const KilnFinding *finding, const char *name)
{
	gboolean named = g_ascii_strcasecmp(finding->id, name) == 0;
	for (guint i = 0; i < finding->aliases->len && !named; i++)
		named = g_ascii_strcasecmp(finding->aliases->pdata[i], name) == 0;
	return named;
}
