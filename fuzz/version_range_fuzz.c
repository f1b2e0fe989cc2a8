/* SPDX-License-Identifier: Apache-2.0 */
/* version_range_fuzz.c: ranges of every dialect: a range is one or an error; where it says that its inside ends, it has ended. */
#include "pkg/version_range.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

static void check_version(const KilnVersionRange *range, KilnText version)
{
	gboolean inside = FALSE, after = FALSE;
	g_autoptr(GError) error = NULL;
	if (!kiln_version_range_contains(range, version, &inside, &error)) {
		g_assert_nonnull(error);
		return;
	}
	g_autofree char *end = kiln_version_range_end(range, version);
	g_assert_true(inside || !end);
	if (end && kiln_version_range_contains(range, kiln_text(end), &after, NULL))
		g_assert_false(after);
}

/* Words of a letter for the kind of event and a version. */
static KilnVersionRange *parse_events(const KilnVersionOrder *order, KilnText text, GError **error)
{
	g_autoptr(GArray) events = g_array_new(FALSE, FALSE, sizeof(KilnVersionEvent));
	while (text.length) {
		KilnText word = kiln_text_cut(&text, ' ');
		static const char kinds[] = "IFLM"; /* introduced, fixed, last_affected, limit */
		const char *kind = word.length ? memchr(kinds, word.data[0], strlen(kinds)) : NULL;
		KilnVersionEvent event = { 0 };
		if (!kind)
			continue;
		event.kind = (guint)(kind - kinds);
		event.version = (KilnText){ word.data + 1, word.length - 1 };
		g_array_append_val(events, event);
	}
	return kiln_version_range_from_events(order, (const KilnVersionEvent *)(void *)events->data, events->len, error);
}

/* A dialect or the name of an order, the range, then versions, a line each. */
int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
	KilnText rest = { (const char *)bytes, length };
	g_autofree char *name = kiln_text_dup(kiln_text_cut(&rest, '\n'));
	KilnText text = kiln_text_cut(&rest, '\n');
	const KilnVersionOrder *order = kiln_version_order(name);
	g_autoptr(GError) error = NULL, plain_error = NULL, events_error = NULL;
	g_autoptr(KilnVersionRange) range = kiln_version_range_parse(name, text, &error);
	g_autoptr(KilnVersionRange) plain = order ? kiln_version_range_parse_comparators(order, text, &plain_error) : NULL;
	g_autoptr(KilnVersionRange) events = order ? parse_events(order, text, &events_error) : NULL;
	g_assert_true((range == NULL) == (error != NULL));
	g_assert_true(!order || (plain == NULL) == (plain_error != NULL));
	g_assert_true(!order || (events == NULL) == (events_error != NULL));
	while (rest.length) {
		KilnText version = kiln_text_cut(&rest, '\n');
		if (range)
			check_version(range, version);
		if (plain)
			check_version(plain, version);
		if (events)
			check_version(events, version);
	}
	return 0;
}
