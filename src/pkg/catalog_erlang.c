/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_erlang.c: applications of Erlang and Elixir in releases (ebin/NAME.app), and what mix.lock asks for.
 *
 * Source: Erlang/OTP app(4): {application, name, [{vsn, "1.0"}, ...]}. Hex's mix.lock: "name": {:hex, :name, "1.0", ...}. What lies in lib/erlang/lib
 * comes with OTP and is none of Hex's.
 */
#include "pkg/file_cataloger.h"

#include <string.h>

#define TERM_MAX_BYTES (4 * KILN_MIB)
#define OTP "lib/erlang/lib/"

static gboolean is_lock(const char *path)
{
	return strcmp(path, "mix.lock") == 0 || g_str_has_suffix(path, "/mix.lock");
}

static gboolean is_application(const char *path)
{
	return g_str_has_suffix(path, ".app") && strstr(path, "/ebin/");
}

static gboolean wants(const KilnSeenFile *file)
{
	return file->size <= TERM_MAX_BYTES && (is_application(file->path) || is_lock(file->path));
}

/* What follows @key in @text, without blanks and the commas and quotes around it, up to @end. */
static KilnText value_after(KilnText text, const char *key, char end)
{
	const char *found = memmem(text.data, text.length, key, strlen(key));
	if (!found)
		return (KilnText){ 0 };
	found += strlen(key);
	KilnText rest = { found, (gsize)(text.data + text.length - found) };
	while (rest.length && strchr(" \t\r\n,\"'", *rest.data))
		rest = (KilnText){ rest.data + 1, rest.length - 1 };
	KilnText value = kiln_text_strip(kiln_text_cut(&rest, end));
	if (value.length && value.data[value.length - 1] == '\'')
		value.length--;
	return value;
}

static gboolean read_application(KilnFileNotes *notes, KilnText content, GError **error)
{
	KilnText name = value_after(content, "{application", ','), version = value_after(content, "{vsn", '"');
	gboolean is_otp = strstr(notes->path, OTP) != NULL;
	if (!name.length || !version.length)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "it is no {application, name, [{vsn, \"version\"}, ...]}");
	KilnInventoryPackage *package = file_notes_add(notes, is_otp ? "otp" : "hex", name, version, error);
	if (!package)
		return FALSE;
	g_autofree char *own = file_notes_directory(notes, 2), *tree = g_strconcat(own, "/", NULL);
	file_notes_claim(package, NULL, kiln_text(tree));
	return TRUE;
}

static gboolean read_lock(KilnFileNotes *notes, KilnText content, GError **error)
{
	while (content.length) {
		KilnText line = kiln_text_cut(&content, '\n'), name = value_after(line, "{:hex, :", ',');
		KilnText rest = name.length ? (KilnText){ name.data + name.length, line.length - (gsize)(name.data + name.length - line.data) } : (KilnText){ 0 };
		if (!name.length)
			continue;
		KilnInventoryPackage *package = file_notes_add(notes, "hex", name, value_after(rest, ",", '"'), error);
		if (!package)
			return FALSE;
		package->declared = TRUE;
	}
	return TRUE;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	return is_lock(notes->path) ? read_lock(notes, content, error) : read_application(notes, content, error);
}

const KilnFileCataloger kiln_cataloger_erlang = { "erlang", wants, read_file };
