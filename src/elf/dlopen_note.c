/* SPDX-License-Identifier: Apache-2.0 */
/* dlopen_note.c: the JSON inside of .note.dlopen. Source: uapi-group, "ELF dlopen metadata". */
#include "base/error.h"
#include "data/json.h"
#include "elf/notes.h"

#include <string.h>

static const char *const priorities[] = { "suggested", "recommended", "required" };
#define PRIORITY_RECOMMENDED 1 /* what the specification assumes when nothing is said */

void kiln_elf_dlopen_free(KilnElfDlopen *note)
{
	g_strfreev(note->sonames);
	g_free(note->feature);
	g_free(note);
}

static gboolean read_priority(const json_t *item, int *out, GError **error)
{
	const char *priority = kiln_json_string_or_null(item, "priority");
	*out = PRIORITY_RECOMMENDED;
	if (!priority)
		return TRUE;
	for (guint i = 0; i < G_N_ELEMENTS(priorities); i++)
		if (strcmp(priority, priorities[i]) == 0) {
			*out = (int)i;
			return TRUE;
		}
	return kiln_fail(error, KILN_ERROR_SYNTAX, ".note.dlopen: unknown priority \"%s\"", priority);
}

static gboolean read_item(const json_t *item, GPtrArray *notes, GError **error)
{
	int priority;
	json_t *name;
	gsize i;
	if (!json_is_object(item))
		return kiln_fail(error, KILN_ERROR_SYNTAX, ".note.dlopen: an element is no object");
	const json_t *sonames = kiln_json_array(item, "soname", ".note.dlopen", error);
	if (!sonames || !read_priority(item, &priority, error))
		return FALSE;
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	json_array_foreach(sonames, i, name) {
		if (!json_is_string(name) || json_string_length(name) == 0)
			return kiln_fail(error, KILN_ERROR_SYNTAX, ".note.dlopen: a soname is no string");
		g_strv_builder_add(builder, json_string_value(name));
	}
	if (i == 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, ".note.dlopen: no soname");
	KilnElfDlopen *note = g_new0(KilnElfDlopen, 1);
	note->sonames = g_strv_builder_end(builder);
	note->feature = g_strdup(kiln_json_string_or_null(item, "feature"));
	note->priority = priority;
	g_ptr_array_add(notes, note);
	return TRUE;
}

gboolean kiln_elf_dlopen_parse(const char *text, gsize length, GPtrArray *notes, GError **error)
{
	json_t *item;
	gsize i;
	g_autoptr(json_t) root = kiln_json_parse(text, length, ".note.dlopen", error);
	if (!root)
		return FALSE;
	if (!json_is_array(root))
		return kiln_fail(error, KILN_ERROR_SYNTAX, ".note.dlopen: no array");
	json_array_foreach(root, i, item)
		if (!read_item(item, notes, error))
			return FALSE;
	return TRUE;
}
