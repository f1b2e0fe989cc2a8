/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_node_lock.c: yarn.lock and pnpm-lock.yaml, which their programs write line by line in one way.
 *
 * Source: yarnpkg.com, "yarn.lock" (version 1 and Berry); pnpm, "lockfile" 5.4 to 9.0.
 */
#include "pkg/file_cataloger.h"

#include <string.h>

#define LOCK_MAX_BYTES (64 * KILN_MIB)

static gboolean is_named(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	return strcmp(slash ? slash + 1 : path, name) == 0;
}

static gboolean wants(const KilnSeenFile *file)
{
	return file->size <= LOCK_MAX_BYTES && !strstr(file->path, "node_modules/") && (is_named(file->path, "yarn.lock") || is_named(file->path, "pnpm-lock.yaml"));
}

static KilnText unquote(KilnText text)
{
	text = kiln_text_strip(text);
	if (text.length >= 2 && (text.data[0] == '"' || text.data[0] == '\'') && text.data[text.length - 1] == text.data[0])
		return (KilnText){ text.data + 1, text.length - 2 };
	return text;
}

/* "@scope/name@^1.0.0" without what begins at the second "@". */
static KilnText name_of(KilnText spec)
{
	for (gsize i = 1; i < spec.length; i++)
		if (spec.data[i] == '@')
			return (KilnText){ spec.data, i };
	return spec;
}

static gboolean add(KilnFileNotes *notes, KilnText name, KilnText version, GError **error)
{
	KilnInventoryPackage *package = file_notes_add(notes, "npm", name, version, error);
	if (package)
		package->declared = TRUE;
	return package != NULL;
}

/* A line without indentation begins a package and has all that it is asked for as; its version is two blanks in. */
static gboolean read_yarn(KilnFileNotes *notes, KilnText content, GError **error)
{
	KilnText name = { 0 };
	while (content.length) {
		KilnText line = kiln_text_cut(&content, '\n');
		if (!line.length || line.data[0] == '#')
			continue;
		if (line.data[0] != ' ') {
			KilnText specs = line, first = kiln_text_cut(&specs, ',');
			while (first.length && strchr(":\"\r ", first.data[0]))
				first = (KilnText){ first.data + 1, first.length - 1 };
			name = kiln_text_starts(first, "__metadata") ? (KilnText){ 0 } : name_of(first);
		} else if (name.length && kiln_text_starts(line, "  version")) {
			KilnText value = kiln_text_strip((KilnText){ line.data + strlen("  version"), line.length - strlen("  version") });
			value = kiln_text_starts(value, ":") ? (KilnText){ value.data + 1, value.length - 1 } : value;
			value = unquote(value);
			if (!kiln_text_is(value, "0.0.0-use.local") && !add(notes, name, value, error))
				return FALSE;
			name = (KilnText){ 0 };
		}
	}
	return TRUE;
}

/* Where the version of lock files of version 5 begins, which has no "@" before what peers add behind "_"; 0: it does not. */
static gsize last_slash(KilnText key)
{
	gsize cut = key.length;
	while (cut > 0 && key.data[cut - 1] != '/')
		cut--;
	KilnText rest = { key.data + cut, key.length - cut }, version = kiln_text_cut(&rest, '_');
	return cut && version.length && g_ascii_isdigit(version.data[0]) && !memchr(version.data, '@', version.length) ? cut - 1 : 0;
}

/* "/name/1.0.0:" (5), "/name@1.0.0(peer@2):" (6), "name@1.0.0:" (9). */
static gboolean add_pnpm(KilnFileNotes *notes, KilnText key, GError **error)
{
	key = unquote(key);
	gboolean slashed = kiln_text_starts(key, "/");
	if (slashed)
		key = (KilnText){ key.data + 1, key.length - 1 };
	key = kiln_text_cut(&key, '(');
	gsize cut = slashed ? last_slash(key) : 0;
	if (!cut)
		cut = name_of(key).length;
	KilnText version = { key.data + cut + 1, cut + 1 < key.length ? key.length - cut - 1 : 0 };
	version = kiln_text_cut(&version, '_');
	if (!version.length || !g_ascii_isdigit(version.data[0])) /* "file:..." and addresses are one's own */
		return TRUE;
	return add(notes, (KilnText){ key.data, cut }, version, error);
}

static gboolean read_pnpm(KilnFileNotes *notes, KilnText content, GError **error)
{
	gboolean in_packages = FALSE;
	while (content.length) {
		KilnText line = kiln_text_cut(&content, '\n');
		if (line.length && line.data[line.length - 1] == '\r')
			line.length--;
		if (line.length && line.data[0] != ' ')
			in_packages = kiln_text_is(line, "packages:");
		else if (in_packages && line.length > 3 && line.data[2] != ' ' && line.data[line.length - 1] == ':' &&
		         !add_pnpm(notes, (KilnText){ line.data + 2, line.length - 3 }, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	return is_named(notes->path, "yarn.lock") ? read_yarn(notes, content, error) : read_pnpm(notes, content, error);
}

const KilnFileCataloger kiln_cataloger_node_lock = { "node-lock", wants, read_file };
