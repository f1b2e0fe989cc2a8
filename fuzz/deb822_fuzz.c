/* SPDX-License-Identifier: Apache-2.0 */
/* deb822_fuzz.c: stanzas are views into the text; printed field by field and read again they are the same. */
#include "data/deb822.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static GString *print(const KilnDeb822Stanza *stanza)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < stanza->count; i++) {
		const KilnDeb822Field *field = &stanza->fields[i];
		g_string_append_len(text, field->name.data, (gssize)field->name.length);
		g_string_append(text, ": ");
		g_string_append_len(text, field->value.data, (gssize)field->value.length);
		g_string_append_c(text, '\n');
	}
	return text;
}

static void check_views(const KilnDeb822Stanza *stanza, const char *start, const char *end)
{
	for (guint i = 0; i < stanza->count; i++) {
		const KilnText *parts[] = { &stanza->fields[i].name, &stanza->fields[i].value };
		for (gsize j = 0; j < G_N_ELEMENTS(parts); j++)
			if (parts[j]->length && (parts[j]->data < start || parts[j]->data + parts[j]->length > end))
				abort();
		g_autofree char *unfolded = kiln_deb822_unfold(stanza->fields[i].value);
		if (strlen(unfolded) > stanza->fields[i].value.length)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	KilnDeb822 cursor = { (const char *)bytes, length, "fuzz", 1 };
	g_autofree KilnDeb822Stanza *stanza = g_new0(KilnDeb822Stanza, 1), *again = g_new0(KilnDeb822Stanza, 1);
	gboolean found;
	while (kiln_deb822_next(&cursor, stanza, &found, NULL) && found) {
		check_views(stanza, (const char *)bytes, (const char *)bytes + length);
		g_autoptr(GString) first = print(stanza);
		KilnDeb822 reading = { first->str, first->len, "again", 1 };
		if (!kiln_deb822_next(&reading, again, &found, NULL) || !found || again->count != stanza->count)
			abort();
		g_autoptr(GString) second = print(again);
		if (!g_string_equal(first, second))
			abort();
	}
	return 0;
}
