/* SPDX-License-Identifier: Apache-2.0 */
/* changelog_file_test.c: packages of an index one by one, and the changelog that a package brings. dpkg-deb makes the packages. */
#include "base/error.h"
#include "io/scratch.h"
#include "source/changelog_file.h"
#include "source/package_list.h"

static KilnStore *open_store(const Scratch *scratch)
{
	g_autofree char *store = g_build_filename(scratch->path, "store", NULL), *cache = g_build_filename(scratch->path, "cache", NULL);
	KilnStore *opened = kiln_store_open(store, cache, NULL);
	assert_non_null(opened);
	return opened;
}

static gboolean note(const KilnListedPackage *package, gpointer user_data, GError **error)
{
	g_string_append_printf(user_data, "%.*s %.*s of %.*s %.*s, %" G_GUINT64_FORMAT "\n", (int)package->name.length, package->name.data, (int)package->version.length,
	                       package->version.data, (int)package->source_name.length, package->source_name.data, (int)package->source_version.length,
	                       package->source_version.data, package->size_bytes);
	return TRUE;
}

/* What listing a Packages file with @text says, or the error's. */
static char *list(KilnStore *store, const char *text)
{
	g_autoptr(GError) error = NULL;
	GString *found = g_string_new(NULL);
	KilnIndexFile file = { 0 };
	assert_true(kiln_store_put(store, text, strlen(text), &file.stored, NULL));
	if (kiln_package_list(store, &file, "Packages", note, found, &error))
		return g_string_free(found, FALSE);
	g_string_free(found, TRUE);
	return g_strdup(error->message);
}

#define DIGEST "SHA256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
#define REST "Architecture: all\nFilename: pool/x.deb\nSize: 7\n" DIGEST

static void lists(void **state)
{
	g_autoptr(KilnStore) store = open_store(*state);
	g_autofree char *three = list(store, "Package: one\nVersion: 1\n" REST "\nPackage: two\nSource: both (3)\nVersion: 2+b1\n" REST "\n\nPackage: last\nSource: both\nVersion: 4\n" REST);
	assert_string_equal(three, "one 1 of one 1, 7\ntwo 2+b1 of both 3, 7\nlast 4 of both 4, 7\n");
	g_autofree char *none = list(store, ""), *odd = list(store, "Package: one\nVersion: 1\n"), *broken = list(store, "Package one\n");
	assert_string_equal(none, "");
	assert_non_null(strstr(odd, "a package without Package, Version, Filename, Size or SHA256"));
	assert_non_null(strstr(broken, "Packages:1"));
	g_autoptr(GString) many = g_string_new(NULL); /* more than one piece of the stream */
	for (guint i = 0; i < 20000; i++)
		g_string_append_printf(many, "Package: p%u\nVersion: 1\n" REST "\n", i);
	g_autofree char *all = list(store, many->str);
	g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
	assert_int_equal(g_strv_length(lines), 20001);
	assert_string_equal(lines[19999], "p19999 1 of p19999 1, 7");
}

/* The changelog of the package that @script fills tree/ for, or the error's text after "error: ". */
static char *changelog_of(const Scratch *scratch, KilnStore *store, const char *script)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) text = NULL, again = NULL;
	KilnDigest digest;
	g_autofree char *all = g_strdup_printf("rm -rf tree; mkdir -p tree/DEBIAN tree/usr/share/doc/one; cd tree/usr/share/doc/one; %s\ncd - >/dev/null\n"
	                                       "printf 'Package: one\\nVersion: 1\\nArchitecture: all\\nMaintainer: a <a@b>\\nDescription: x\\n' >tree/DEBIAN/control\n"
	                                       "dpkg-deb --root-owner-group -b tree one.deb >&2", script);
	g_autofree char *made = scratch_run(scratch, all, NULL);
	assert_non_null(made);
	g_autoptr(GBytes) deb = scratch_read(scratch, "one.deb");
	assert_true(kiln_store_put(store, g_bytes_get_data(deb, NULL), g_bytes_get_size(deb), &digest, NULL));
	if (!kiln_changelog_file_read(store, &digest, "one 1", &text, &error))
		return g_strconcat("error: ", error->message, NULL);
	assert_true(kiln_changelog_file_read(store, &digest, "one 1", &again, NULL)); /* remembered */
	assert_true(g_bytes_equal(text, again));
	return g_strndup(g_bytes_get_data(text, NULL), g_bytes_get_size(text));
}

static void changelogs(void **state)
{
	static const struct {
		const char *script, *says;
	} rows[] = {
		{ "echo debian | gzip >changelog.Debian.gz; echo upstream | gzip >changelog.gz", "debian\n" },
		{ "echo native | gzip >changelog.gz", "native\n" },
		{ "echo plain >changelog.Debian", "plain\n" },
		{ "ln -s ../other changelog.Debian.gz; echo x >copyright; mkdir -p sub; echo x >sub/changelog", "" },
		{ "echo debian | gzip | head -c 15 >changelog.Debian.gz", "error: one 1: /usr/share/doc/one/changelog.Debian.gz: " },
	};
	g_autoptr(KilnStore) store = open_store(*state);
	if (!scratch_has("dpkg-deb")) {
		print_message("# this machine has no dpkg-deb\n");
		skip();
	}
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = changelog_of(*state, store, rows[i].script);
		gboolean right = g_str_has_prefix(rows[i].says, "error: ") ? g_str_has_prefix(text, rows[i].says) : strcmp(text, rows[i].says) == 0;
		if (!right)
			fail_msg("%s: \"%s\"", rows[i].script, text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { scratch_test(lists), scratch_test(changelogs) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
