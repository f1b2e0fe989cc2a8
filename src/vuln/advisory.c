/* SPDX-License-Identifier: Apache-2.0 */
/* advisory.c: one record of one source, and whether a version is among those it speaks of. */
#include "vuln/advisory.h"

static const char *const verdicts[] = {
	[KILN_VERDICT_NOT_AFFECTED] = "not affected", [KILN_VERDICT_FIXED] = "fixed", [KILN_VERDICT_UNDER_INVESTIGATION] = "under investigation",
	[KILN_VERDICT_AFFECTED] = "affected", [KILN_VERDICT_WILL_NOT_FIX] = "will not fix", [KILN_VERDICT_END_OF_LIFE] = "end of life",
};

const char *kiln_verdict_name(KilnVerdict verdict)
{
	return verdicts[verdict];
}

static void severity_free(gpointer data)
{
	KilnAdvisorySeverity *severity = data;
	g_free(severity->whose);
	g_free(severity->vector);
	g_free(severity);
}

static void event_clear(gpointer data)
{
	g_free(((KilnAdvisoryEvent *)data)->version);
}

static void affected_free(gpointer data)
{
	KilnAffected *affected = data;
	g_free(affected->ecosystem);
	g_free(affected->name);
	g_ptr_array_unref(affected->ranges);
	g_ptr_array_unref(affected->versions);
	g_ptr_array_unref(affected->symbols);
	g_ptr_array_unref(affected->severities);
	g_free(affected->channel);
	g_free(affected->evidence);
	g_free(affected);
}

KilnAdvisory *kiln_advisory_new(const char *source, const char *id)
{
	KilnAdvisory *advisory = g_new0(KilnAdvisory, 1);
	advisory->source = g_strdup(source);
	advisory->id = g_strdup(id);
	advisory->aliases = g_ptr_array_new_with_free_func(g_free);
	advisory->upstream = g_ptr_array_new_with_free_func(g_free);
	advisory->references = g_ptr_array_new_with_free_func(g_free);
	advisory->severities = g_ptr_array_new_with_free_func(severity_free);
	advisory->affected = g_ptr_array_new_with_free_func(affected_free);
	return advisory;
}

KilnAffected *kiln_advisory_add_affected(KilnAdvisory *advisory, const char *ecosystem, const char *name, KilnVerdict verdict)
{
	KilnAffected *affected = g_new0(KilnAffected, 1);
	affected->ecosystem = g_strdup(ecosystem);
	affected->name = g_strdup(name);
	affected->verdict = verdict;
	affected->ranges = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
	affected->versions = g_ptr_array_new_with_free_func(g_free);
	affected->symbols = g_ptr_array_new_with_free_func(g_free);
	affected->severities = g_ptr_array_new_with_free_func(severity_free);
	g_ptr_array_add(advisory->affected, affected);
	return affected;
}

void kiln_advisory_add_severity(GPtrArray *severities, const char *whose, const char *vector, KilnSeverity severity, guint score_tenths)
{
	KilnAdvisorySeverity *added = g_new(KilnAdvisorySeverity, 1);
	*added = (KilnAdvisorySeverity){ g_strdup(whose), g_strdup(vector), severity, score_tenths };
	g_ptr_array_add(severities, added);
}

GArray *kiln_affected_add_range(KilnAffected *affected)
{
	GArray *range = g_array_new(FALSE, FALSE, sizeof(KilnAdvisoryEvent));
	g_array_set_clear_func(range, event_clear);
	g_ptr_array_add(affected->ranges, range);
	return range;
}

void kiln_advisory_add_event(GArray *range, int kind, const char *version)
{
	KilnAdvisoryEvent event = { kind, g_strdup(version) };
	g_array_append_val(range, event);
}

void kiln_advisory_free(KilnAdvisory *advisory)
{
	if (!advisory)
		return;
	g_free(advisory->id);
	g_free(advisory->source);
	g_free(advisory->summary);
	g_free(advisory->ssvc);
	g_ptr_array_unref(advisory->aliases);
	g_ptr_array_unref(advisory->upstream);
	g_ptr_array_unref(advisory->references);
	g_ptr_array_unref(advisory->severities);
	g_ptr_array_unref(advisory->affected);
	g_free(advisory);
}

/* Is @version in @events? Sets *end to where the inside ends, where that is named. */
static gboolean look_in_range(const GArray *events, const KilnVersionOrder *order, KilnText version, gboolean *inside, char **end, GError **error)
{
	g_autofree KilnVersionEvent *borrowed = g_new(KilnVersionEvent, events->len);
	for (guint i = 0; i < events->len; i++) {
		const KilnAdvisoryEvent *event = &g_array_index(events, KilnAdvisoryEvent, i);
		borrowed[i].kind = event->kind;
		borrowed[i].version = kiln_text(event->version);
	}
	g_autoptr(KilnVersionRange) range = kiln_version_range_from_events(order, borrowed, events->len, error);
	if (!range || !kiln_version_range_contains(range, version, inside, error))
		return FALSE;
	*end = *inside ? kiln_version_range_end(range, version) : NULL;
	return TRUE;
}

gboolean kiln_affected_contains(const KilnAffected *affected, const KilnVersionOrder *order, KilnText version, gboolean *inside, char **fixed, GError **error)
{
	gboolean found = FALSE, endless = FALSE;
	g_autofree char *highest = NULL;
	for (guint i = 0; i < affected->ranges->len; i++) {
		gboolean in_this = FALSE;
		g_autofree char *end = NULL;
		if (!look_in_range(affected->ranges->pdata[i], order, version, &in_this, &end, error))
			return FALSE;
		found |= in_this;
		endless |= in_this && !end;
		if (end && (!highest || order->compare(kiln_text(end), kiln_text(highest)) > 0)) {
			g_free(highest);
			highest = g_steal_pointer(&end);
		}
	}
	for (guint i = 0; i < affected->versions->len && !found; i++)
		found = kiln_text_is(version, affected->versions->pdata[i]);
	*inside = found;
	*fixed = endless ? NULL : g_steal_pointer(&highest); /* all ranges have to be left */
	return TRUE;
}
