/* SPDX-License-Identifier: Apache-2.0 */
/* version_range_events.c: the range that the events of an OSV record mean. Source: OSV schema 1.7, "Evaluation".
 *
 * Sorted by version, an introduced event opens an alternative, the next fixed or last_affected event closes it; limits are upper
 * bounds of all of them. */
#include "base/error.h"
#include "base/limits.h"
#include "pkg/version_dialect.h"
#include "pkg/version_internal.h"

static gboolean is_start(const KilnVersionEvent *event)
{
	return event->kind == KILN_VERSION_INTRODUCED && kiln_text_is(event->version, "0");
}

static gboolean is_infinite(const KilnVersionEvent *event)
{
	return event->kind == KILN_VERSION_LIMIT && kiln_text_is(event->version, "*");
}

static int compare_events(gconstpointer a, gconstpointer b, gpointer order)
{
	const KilnVersionEvent *const *event_a = a, *const *event_b = b;
	if (is_start(*event_a) || is_start(*event_b))
		return is_start(*event_b) - is_start(*event_a);
	int difference = ((const KilnVersionOrder *)order)->compare((*event_a)->version, (*event_b)->version);
	return difference ? difference : (*event_a > *event_b) - (*event_a < *event_b);
}

/* A version is below the limits when it is below any of them: the highest decides. */
static const KilnVersionEvent *highest_limit(const KilnVersionOrder *order, const KilnVersionEvent *events, gsize count)
{
	const KilnVersionEvent *highest = NULL;
	for (gsize i = 0; i < count; i++) {
		if (events[i].kind != KILN_VERSION_LIMIT)
			continue;
		if (is_infinite(&events[i]))
			return NULL;
		if (!highest || order->compare(events[i].version, highest->version) > 0)
			highest = &events[i];
	}
	return highest;
}

/* The events that open and close, in the order of their versions. */
static GPtrArray *sort(const KilnVersionOrder *order, const KilnVersionEvent *events, gsize count, GError **error)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();
	gboolean introduced = FALSE;
	if (count > KILN_LIMIT_VERSION_RANGE_CLAUSES) {
		kiln_fail(error, KILN_ERROR_LIMIT, "a version range has %zu events; more than %d cannot be", count,
		          KILN_LIMIT_VERSION_RANGE_CLAUSES);
		return NULL;
	}
	for (gsize i = 0; i < count; i++) {
		if (!is_start(&events[i]) && !is_infinite(&events[i]) && !order->check(events[i].version, error))
			return NULL;
		introduced |= events[i].kind == KILN_VERSION_INTRODUCED;
		if (events[i].kind != KILN_VERSION_LIMIT)
			g_ptr_array_add(sorted, (gpointer)&events[i]);
	}
	if (!introduced) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "a version range has no \"introduced\" event");
		return NULL;
	}
	g_ptr_array_sort_with_data(sorted, compare_events, (gpointer)order);
	return g_steal_pointer(&sorted);
}

static gboolean open_alternative(KilnVersionRange *range, const KilnVersionEvent *introduced, const KilnVersionEvent *limit,
                                 GError **error)
{
	kiln_version_range_begin(range);
	return (!limit || kiln_version_range_add(range, KILN_VERSION_LESS, limit->version, (KilnText){ 0 }, error)) &&
	       (is_start(introduced) ||
	        kiln_version_range_require(range, KILN_VERSION_GREATER_OR_EQUAL, introduced->version, error));
}

KilnVersionRange *kiln_version_range_from_events(const KilnVersionOrder *order, const KilnVersionEvent *events, gsize count,
                                                 GError **error)
{
	g_autoptr(GPtrArray) sorted = sort(order, events, count, error);
	if (!sorted)
		return NULL;
	const KilnVersionEvent *limit = highest_limit(order, events, count);
	g_autoptr(KilnVersionRange) range = kiln_version_range_new(order);
	gboolean open = FALSE;
	for (guint i = 0; i < sorted->len; i++) {
		const KilnVersionEvent *event = g_ptr_array_index(sorted, i);
		gboolean ok = TRUE;
		if (event->kind == KILN_VERSION_INTRODUCED && !open)
			ok = open_alternative(range, event, limit, error);
		else if (event->kind != KILN_VERSION_INTRODUCED && open)
			ok = kiln_version_range_require(
			        range, event->kind == KILN_VERSION_FIXED ? KILN_VERSION_LESS : KILN_VERSION_LESS_OR_EQUAL, event->version,
			        error);
		if (!ok)
			return NULL;
		open = event->kind == KILN_VERSION_INTRODUCED;
	}
	return g_steal_pointer(&range);
}
