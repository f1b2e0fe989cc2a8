/* SPDX-License-Identifier: Apache-2.0 */
/* release.c: a Release file's fields and the digests of the indexes it names. */
#include "source/release.h"

#include "base/clock.h"
#include "base/error.h"
#include "data/deb822.h"

#include <string.h>

static void release_file_free(gpointer data)
{
	KilnReleaseFile *file = data;
	g_free(file->path);
	g_free(file);
}

static char **words_of(KilnText text)
{
	g_autofree char *copy = kiln_text_dup(text);
	g_autoptr(GStrvBuilder) words = g_strv_builder_new();
	g_auto(GStrv) parts = g_strsplit_set(copy, " \t\n", -1);
	for (char **part = parts; *part; part++)
		if (**part)
			g_strv_builder_add(words, *part);
	return g_strv_builder_end(words);
}

/* " <digest> <size> <path>" */
static gboolean read_file_line(KilnRelease *release, KilnText line, const char *name, GError **error)
{
	g_autoptr(GError) local = NULL;
	KilnText rest = kiln_text_strip(line), shown = rest, size;
	KilnReleaseFile found;
	if (rest.length == 0)
		return TRUE;
	KilnText digest = kiln_text_cut(&rest, ' ');
	rest = kiln_text_strip(rest);
	size = kiln_text_cut(&rest, ' ');
	rest = kiln_text_strip(rest);
	if (!kiln_digest_parse_hex(digest.data, digest.length, &found.digest, &local) || !kiln_text_to_u64(size, &found.size_bytes) ||
	    rest.length == 0 || rest.data[0] == '/' || g_strstr_len(rest.data, (gssize)rest.length, ".."))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: SHA256: not \"digest size path\": \"%.*s\"", name, (int)MIN(shown.length, 80), shown.data);
	KilnReleaseFile *file = g_memdup2(&found, sizeof found);
	file->path = kiln_text_dup(rest);
	g_hash_table_replace(release->files, file->path, file);
	return TRUE;
}

static gboolean read_dates(KilnRelease *release, const KilnDeb822Stanza *stanza, const char *name, GError **error)
{
	g_autofree char *date = kiln_deb822_dup(stanza, "Date");
	g_autofree char *until = kiln_deb822_dup(stanza, "Valid-Until");
	if (!date)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: no Date field", name);
	if (!kiln_time_parse_release(date, &release->date_unix_s, error) ||
	    (until && !kiln_time_parse_release(until, &release->valid_until_unix_s, error))) {
		g_prefix_error(error, "%s: ", name);
		return FALSE;
	}
	return TRUE;
}

KilnRelease *kiln_release_parse(const char *text, gsize length, const char *name, GError **error)
{
	KilnDeb822 cursor = { text, length, name, 1 };
	g_autofree KilnDeb822Stanza *stanza = g_new(KilnDeb822Stanza, 1);
	g_autoptr(KilnRelease) release = g_new0(KilnRelease, 1);
	gboolean found;
	release->files = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, release_file_free);
	if (!kiln_deb822_next(&cursor, stanza, &found, error))
		return NULL;
	if (!found) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: empty", name);
		return NULL;
	}
	KilnText list = kiln_deb822_get(stanza, "SHA256");
	if (!list.data) {
		kiln_fail(error, KILN_ERROR_UNTRUSTED, "%s: lists no SHA-256 digests; MD5 and SHA-1 are not trusted", name);
		return NULL;
	}
	release->origin = kiln_deb822_dup(stanza, "Origin");
	release->label = kiln_deb822_dup(stanza, "Label");
	release->suite = kiln_deb822_dup(stanza, "Suite");
	release->codename = kiln_deb822_dup(stanza, "Codename");
	release->version = kiln_deb822_dup(stanza, "Version");
	release->by_hash = kiln_text_is(kiln_deb822_get(stanza, "Acquire-By-Hash"), "yes");
	release->architectures = words_of(kiln_deb822_get(stanza, "Architectures"));
	release->components = words_of(kiln_deb822_get(stanza, "Components"));
	if (!read_dates(release, stanza, name, error))
		return NULL;
	while (list.length)
		if (!read_file_line(release, kiln_text_cut(&list, '\n'), name, error))
			return NULL;
	return g_steal_pointer(&release);
}

const KilnReleaseFile *kiln_release_find(const KilnRelease *release, const char *path)
{
	return g_hash_table_lookup(release->files, path);
}

void kiln_release_free(KilnRelease *release)
{
	if (!release)
		return;
	g_free(release->origin);
	g_free(release->label);
	g_free(release->suite);
	g_free(release->codename);
	g_free(release->version);
	g_strfreev(release->architectures);
	g_strfreev(release->components);
	g_hash_table_unref(release->files);
	g_free(release);
}
