/* SPDX-License-Identifier: Apache-2.0 */
/* deb822.c: stanzas of "Field: value" as views into one text. */
#include "data/deb822.h"

#include "base/error.h"
#include "base/limits.h"

static gboolean name_is(KilnText name, const char *field, gsize length)
{
	return name.length == length && g_ascii_strncasecmp(name.data, field, length) == 0;
}

KilnText kiln_deb822_get(const KilnDeb822Stanza *stanza, const char *field)
{
	gsize length = strlen(field);
	for (guint i = 0; i < stanza->count; i++)
		if (name_is(stanza->fields[i].name, field, length))
			return stanza->fields[i].value;
	return (KilnText){ NULL, 0 };
}

char *kiln_deb822_dup(const KilnDeb822Stanza *stanza, const char *field)
{
	KilnText value = kiln_deb822_get(stanza, field);
	return value.data ? kiln_text_dup(value) : NULL;
}

char *kiln_deb822_unfold(KilnText value)
{
	GString *out = g_string_sized_new(value.length);
	gboolean first = TRUE;
	while (value.length) {
		KilnText line = kiln_text_cut(&value, '\n');
		if (!first && line.length && line.data[0] == '#')
			continue; /* a comment between continuation lines */
		while (line.length && g_ascii_isspace(line.data[line.length - 1]))
			line.length--;
		if (!first) {
			g_string_append_c(out, '\n');
			if (line.length && (line.data[0] == ' ' || line.data[0] == '\t')) {
				line.data++;
				line.length--;
			}
			if (kiln_text_is(line, "."))
				line.length = 0;
		}
		g_string_append_len(out, line.data, (gssize)line.length);
		first = FALSE;
	}
	return g_string_free(out, FALSE);
}

static gboolean fail(const KilnDeb822 *cursor, KilnError code, GError **error, const char *text, KilnText line)
{
	return kiln_fail(error, code, "%s:%u: %s: \"%.*s\"", cursor->name, cursor->line, text, (int)MIN(line.length, 60), line.data);
}

/* The next line without its end; the cursor moves past it. */
static KilnText take_line(KilnDeb822 *cursor)
{
	const char *end = memchr(cursor->rest, '\n', cursor->length);
	gsize length = end ? (gsize)(end - cursor->rest) : cursor->length;
	KilnText line = { cursor->rest, length };
	gsize used = length + (end ? 1 : 0);
	cursor->rest += used;
	cursor->length -= used;
	return line;
}

/* deb822(5): printable US-ASCII but blank and colon, not starting with "-" ("#" is a comment and never comes here). */
static gboolean is_name(KilnText name)
{
	for (gsize i = 0; i < name.length; i++)
		if (name.data[i] <= ' ' || name.data[i] > '~')
			return FALSE;
	return name.length && name.data[0] != '-';
}

static gboolean add_field(KilnDeb822 *cursor, KilnDeb822Stanza *stanza, KilnText line, GError **error)
{
	const char *colon = memchr(line.data, ':', line.length);
	KilnDeb822Field field = { .line = cursor->line };
	if (!colon || colon == line.data)
		return fail(cursor, KILN_ERROR_SYNTAX, error, "expected \"Field: value\"", line);
	field.name = kiln_text_strip((KilnText){ line.data, (gsize)(colon - line.data) });
	if (!is_name(field.name))
		return fail(cursor, KILN_ERROR_SYNTAX, error, "this is no name of a field", line);
	field.value = kiln_text_strip((KilnText){ colon + 1, line.length - (gsize)(colon - line.data) - 1 });
	if (!field.value.length) /* continuation lines start right behind it */
		field.value.data = line.data + line.length;
	if (stanza->count == KILN_DEB822_FIELDS_MAX)
		return fail(cursor, KILN_ERROR_LIMIT, error, "too many fields in one stanza", line);
	for (guint i = 0; i < stanza->count; i++)
		if (stanza->fields[i].name.length == field.name.length &&
		    g_ascii_strncasecmp(stanza->fields[i].name.data, field.name.data, field.name.length) == 0)
			return fail(cursor, KILN_ERROR_SYNTAX, error, "this field stands twice in the stanza", line);
	stanza->fields[stanza->count++] = field;
	return TRUE;
}

static gboolean blank(KilnText line)
{
	return kiln_text_strip(line).length == 0;
}

gboolean kiln_deb822_next(KilnDeb822 *cursor, KilnDeb822Stanza *stanza, gboolean *found, GError **error)
{
	const char *end = NULL;
	stanza->count = 0;
	stanza->whole = (KilnText){ NULL, 0 };
	while (cursor->length) {
		const char *start = cursor->rest;
		KilnText line = take_line(cursor);
		gboolean continuation = line.length && (line.data[0] == ' ' || line.data[0] == '\t');
		if (memchr(line.data, '\0', line.length))
			return fail(cursor, KILN_ERROR_SYNTAX, error, "a NUL byte", line);
		if (blank(line) && !(continuation && stanza->count)) {
			cursor->line++;
			if (stanza->count)
				break;
			continue;
		}
		if (line.data[0] == '#') {
			cursor->line++;
			continue;
		}
		if (continuation && !stanza->count)
			return fail(cursor, KILN_ERROR_SYNTAX, error, "a continuation line without a field before it", line);
		if (continuation) {
			KilnText *value = &stanza->fields[stanza->count - 1].value;
			value->length = (gsize)(line.data + line.length - value->data);
		} else if (!add_field(cursor, stanza, line, error)) {
			return FALSE;
		}
		if (!stanza->whole.data) {
			stanza->whole.data = start;
			stanza->line = cursor->line;
		}
		end = line.data + line.length;
		if ((gsize)(end - stanza->whole.data) > KILN_LIMIT_STANZA_BYTES)
			return fail(cursor, KILN_ERROR_LIMIT, error, "a stanza of more than 4 MiB", line);
		cursor->line++;
	}
	if (end)
		stanza->whole.length = (gsize)(end - stanza->whole.data);
	*found = stanza->count > 0;
	return TRUE;
}
