/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_ruby.c: gems that are installed, and what Gemfile.lock says that should be.
 *
 * Source: RubyGems' Gem::Specification#to_ruby, which writes "# stub: name version platform require paths" into every installed
 * specification; Bundler's lock file.
 */
#include "pkg/file_cataloger.h"

#include <string.h>

#define SPECIFICATION_MAX_BYTES (4 * KILN_MIB)
#define STUB "# stub: "

static gboolean is_lock(const char *path)
{
	return strcmp(path, "Gemfile.lock") == 0 || g_str_has_suffix(path, "/Gemfile.lock") || g_str_has_suffix(path, "/gems.locked");
}

static gboolean is_specification(const char *path)
{
	return g_str_has_suffix(path, ".gemspec") && (strstr(path, "/specifications/") || g_str_has_prefix(path, "specifications/"));
}

static gboolean wants(const KilnSeenFile *file)
{
	return file->size <= SPECIFICATION_MAX_BYTES && (is_specification(file->path) || is_lock(file->path));
}

/* Of `s.licenses = ["MIT".freeze, "Ruby".freeze]` what is quoted: any of them may be chosen. */
static char *quoted(KilnText line)
{
	g_autoptr(GString) all = g_string_new(NULL);
	kiln_text_cut(&line, '"');
	while (line.length) {
		KilnText one = kiln_text_cut(&line, '"');
		g_string_append_printf(all, "%s%.*s", all->len ? " OR " : "", (int)one.length, one.data);
		kiln_text_cut(&line, '"');
	}
	return all->len ? g_string_free(g_steal_pointer(&all), FALSE) : NULL;
}

static gboolean read_specification(KilnFileNotes *notes, KilnText content, GError **error)
{
	KilnText name = { 0 }, version = { 0 }, platform = { 0 };
	g_autofree char *licence = NULL, *homepage = NULL, *summary = NULL;
	while (content.length) {
		KilnText line = kiln_text_strip(kiln_text_cut(&content, '\n'));
		if (kiln_text_starts(line, STUB) && !name.length) {
			KilnText stub = { line.data + strlen(STUB), line.length - strlen(STUB) };
			name = kiln_text_cut(&stub, ' ');
			version = kiln_text_cut(&stub, ' ');
			platform = kiln_text_cut(&stub, ' ');
		} else if (kiln_text_starts(line, "s.licenses =") && !licence) {
			licence = quoted(line);
		} else if (kiln_text_starts(line, "s.homepage =") && !homepage) {
			homepage = quoted(line);
		} else if (kiln_text_starts(line, "s.summary =") && !summary) {
			summary = quoted(line);
		}
	}
	KilnInventoryPackage *package = file_notes_add(notes, "gem", name, version, error);
	if (!package)
		return FALSE;
	g_autofree char *above = file_notes_directory(notes, 2);
	gboolean is_ruby = !platform.length || kiln_text_is(platform, "ruby");
	g_autofree char *tree = g_strdup_printf("gems/%s-%s%s%.*s/", package->identity.name, package->identity.version, is_ruby ? "" : "-", is_ruby ? 0 : (int)platform.length,
	                                        is_ruby ? "" : platform.data);
	package->licence = g_steal_pointer(&licence);
	package->identity.homepage = g_steal_pointer(&homepage);
	package->identity.summary = g_steal_pointer(&summary);
	file_notes_claim(package, NULL, kiln_text(notes->path));
	file_notes_claim(package, above, kiln_text(tree));
	return TRUE;
}

/* "GEM", then "  specs:", then "    name (1.0.0-platform)"; what these need is six blanks in. */
static gboolean read_lock(KilnFileNotes *notes, KilnText content, GError **error)
{
	gboolean in_gems = FALSE;
	while (content.length) {
		KilnText line = kiln_text_cut(&content, '\n');
		if (line.length && g_ascii_isalpha(line.data[0]))
			in_gems = kiln_text_starts(line, "GEM");
		if (!in_gems || !kiln_text_starts(line, "    ") || kiln_text_starts(line, "     "))
			continue;
		KilnText version = kiln_text_strip(line), name = kiln_text_strip(kiln_text_cut(&version, '('));
		version = kiln_text_cut(&version, ')');
		version = kiln_text_cut(&version, '-');
		KilnInventoryPackage *package = file_notes_add(notes, "gem", name, version, error);
		if (!package)
			return FALSE;
		package->declared = TRUE;
	}
	return TRUE;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	return is_lock(notes->path) ? read_lock(notes, content, error) : read_specification(notes, content, error);
}

const KilnFileCataloger kiln_cataloger_ruby = { "ruby", wants, read_file };
