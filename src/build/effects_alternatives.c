/* SPDX-License-Identifier: Apache-2.0 */
/* effects_alternatives.c: the links that update-alternatives would make. Source: update-alternatives(1). */
#include "build/effects_internal.h"

#include <string.h>

typedef struct {
	const KilnEffect *effect;
	int package;
} Entry;

static gboolean has_extra(const KilnEffect *effect, const char *extra)
{
	return g_strcmp0(effect->extra, extra) == 0;
}

static GArray *collect(const KilnClosure *closure)
{
	GArray *entries = g_array_new(FALSE, FALSE, sizeof(Entry));
	for (gsize i = 0; i < closure->package_count; i++)
		for (guint j = 0; j < closure->packages[i].effects->len; j++) {
			const KilnEffect *effect = closure->packages[i].effects->pdata[j];
			if (effect->kind == KILN_EFFECT_ALTERNATIVE && effect->name && effect->text)
				g_array_append_val(entries, ((Entry){ effect, (int)i }));
		}
	return entries;
}

/* The target that an administrator's choice names for the group, or NULL. */
static const char *choice_of(const GArray *entries, const char *name)
{
	for (guint i = entries->len; i-- > 0;) {
		const KilnEffect *effect = g_array_index(entries, Entry, i).effect;
		if (has_extra(effect, "set") && strcmp(effect->name, name) == 0)
			return effect->text;
	}
	return NULL;
}

/* Whether @effect, a master whose target is there, leads its group: chosen, or of the highest priority; the first of equals. */
static gboolean leads(const KilnClosure *closure, const GArray *entries, const KilnEffect *effect)
{
	const char *choice = choice_of(entries, effect->name);
	gboolean chosen = g_strcmp0(choice, effect->text) == 0, earlier = TRUE;
	if (!kiln_closure_resolve(closure, effect->text, NULL))
		return FALSE;
	for (guint i = 0; i < entries->len; i++) {
		const KilnEffect *other = g_array_index(entries, Entry, i).effect;
		if (other == effect) {
			earlier = FALSE;
			continue;
		}
		if (strcmp(other->name, effect->name) != 0 || has_extra(other, "slave") || has_extra(other, "set") || !kiln_closure_resolve(closure, other->text, NULL))
			continue;
		if (g_strcmp0(choice, other->text) == 0 && !chosen)
			return FALSE;
		if (!chosen && (other->number > effect->number || (other->number == effect->number && earlier)))
			return FALSE;
	}
	return TRUE;
}

/* Slaves follow their master in the script, and in what they lead to. */
void effects_apply_alternatives(KilnClosure *closure)
{
	g_autoptr(GArray) entries = collect(closure);
	gboolean leading = FALSE;
	for (guint i = 0; i < entries->len; i++) {
		const Entry *entry = &g_array_index(entries, Entry, i);
		if (has_extra(entry->effect, "set"))
			continue;
		if (!has_extra(entry->effect, "slave"))
			leading = leads(closure, entries, entry->effect);
		if (leading)
			effects_make_link(closure, entry->effect->path, entry->effect->text, entry->package);
	}
}
