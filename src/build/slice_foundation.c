/* SPDX-License-Identifier: Apache-2.0 */
/* slice_foundation.c: what nothing names but every image needs, and the licences of what is kept. */
#include "build/slice_internal.h"

#include <string.h>

typedef struct {
	const char *path; /* a file, or with a trailing slash everything below a directory */
	gboolean for_libc; /* only the C library reads it */
	const char *detail;
} Row;

static const Row rows[] = {
	{ "etc/os-release", FALSE, "says what the image is" },
	{ "usr/lib/os-release", FALSE, "says what the image is" },
	{ "etc/debian_version", FALSE, "says what the image is" },
	{ "etc/ld.so.conf", TRUE, "directories that the loader's index is made from" },
	{ "etc/ld.so.conf.d/", TRUE, "directories that the loader's index is made from" },
	{ "etc/host.conf", TRUE, "how the C library looks up names" },
	{ "etc/gai.conf", TRUE, "how the C library orders addresses" },
	{ "usr/lib/locale/C.utf8/", TRUE, "the locale C.UTF-8" },
};

static gboolean keep_one(Slice *slice, KilnNode *node, const char *rule, const char *detail)
{
	if (node->kept)
		return FALSE;
	slice_keep(slice, node, rule, NULL, detail, FALSE);
	return node->kept;
}

static gboolean keep_below(Slice *slice, const char *directory, const char *rule, const char *detail)
{
	const GPtrArray *children = kiln_closure_children(slice->closure, directory);
	gboolean added = FALSE;
	for (guint i = 0; children && i < children->len; i++) {
		KilnNode *child = children->pdata[i];
		added |= child->type == KILN_FILE_DIRECTORY ? keep_below(slice, child->path, rule, detail) : keep_one(slice, child, rule, detail);
	}
	return added;
}

static gboolean has_libc(const Slice *slice)
{
	static const char *const names[] = { "libc.so.6", "libc.so.6.1" };
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		const GPtrArray *found = g_hash_table_lookup(slice->libraries, names[i]);
		for (guint j = 0; found && j < found->len; j++)
			if (((const KilnNode *)found->pdata[j])->kept)
				return TRUE;
	}
	return FALSE;
}

gboolean slice_keep_foundation(Slice *slice)
{
	gboolean libc = has_libc(slice), added = FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		gsize length = strlen(rows[i].path);
		if (rows[i].for_libc && !libc)
			continue;
		g_autofree char *directory = rows[i].path[length - 1] == '/' ? g_strndup(rows[i].path, length - 1) : NULL;
		KilnNode *node = directory ? NULL : kiln_closure_get(slice->closure, rows[i].path);
		if (directory)
			added |= keep_below(slice, directory, "foundation", rows[i].detail);
		else if (node)
			added |= keep_one(slice, node, "foundation", rows[i].detail);
	}
	return added;
}

/* As the C library spells it: "de_DE.UTF-8@euro" is usr/lib/locale/de_DE.utf8@euro. A name without character set is one of UTF-8 where there is one. */
static char *locale_directory(const char *locale, const char *otherwise)
{
	gsize name = strcspn(locale, ".@"), codeset = strcspn(locale, "@");
	GString *path = g_string_new("usr/lib/locale/");
	g_string_append_len(path, locale, (gssize)name);
	if (name == codeset)
		g_string_append(path, otherwise);
	else
		g_string_append_c(path, '.');
	for (gsize i = name; i < codeset; i++)
		if (g_ascii_isalnum(locale[i]))
			g_string_append_c(path, g_ascii_tolower(locale[i]));
	g_string_append(path, locale + codeset);
	return g_string_free(path, FALSE);
}

void slice_keep_locales(Slice *slice)
{
	for (char **locale = slice->recipe->locales; *locale; locale++) {
		static const char *const otherwise[] = { ".utf8", "" };
		gboolean found = strcmp(*locale, "C") == 0 || strcmp(*locale, "POSIX") == 0;
		for (gsize i = 0; !found && i < G_N_ELEMENTS(otherwise); i++) {
			g_autofree char *directory = locale_directory(*locale, otherwise[i]);
			const GPtrArray *children = kiln_closure_children(slice->closure, directory);
			found = children && children->len > 0;
			keep_below(slice, directory, "locale", *locale);
		}
		if (!found) {
			g_autofree char *need = g_strdup_printf("the locale %s", *locale);
			slice_unfit(slice, NULL, need, "locales; locales-all has none of that name");
		}
	}
}

static const KilnNode *keep_text(Slice *slice, const char *path, const KilnNode *from, const char *detail)
{
	KilnNode *named, *file = kiln_closure_resolve(slice->closure, path, &named);
	if (!file || file->type != KILN_FILE_REGULAR)
		return NULL;
	slice_keep(slice, named, "licence", from, detail, FALSE);
	slice_keep(slice, file, "licence", from, detail, FALSE);
	return file;
}

/* usr/share/doc/PACKAGE may be a link to that of another package of the same source. The file names the long texts that hold for it. */
static void keep_licence(Slice *slice, const char *package)
{
	g_autofree char *directory = g_strdup_printf("usr/share/doc/%s", package), *path = g_strdup_printf("%s/copyright", directory);
	KilnNode *link = kiln_closure_get(slice->closure, directory);
	const char *detail = kiln_closure_intern(slice->closure, package);
	const KilnNode *file = keep_text(slice, path, NULL, detail);
	if (file && link && link->type == KILN_FILE_SYMLINK)
		slice_keep(slice, link, "licence", NULL, detail, FALSE);
	for (const char **text = file && file->file ? file->file->named_paths : NULL; text && *text; text++)
		if (g_str_has_prefix(*text, "/usr/share/common-licenses/"))
			keep_text(slice, *text, file, detail);
}

void slice_keep_licences(Slice *slice)
{
	gsize count = slice->closure->package_count;
	g_autofree gboolean *used = g_new0(gboolean, count + 1);
	for (guint i = 0; i < slice->closure->all->len; i++) {
		const KilnNode *node = slice->closure->all->pdata[i];
		if (node->kept && node->package >= 0 && node->type != KILN_FILE_DIRECTORY)
			used[node->package] = TRUE;
	}
	for (gsize i = 0; i < count; i++)
		if (used[i])
			keep_licence(slice, slice->closure->packages[i].lock->name);
	/* Links to licences lead to nothing that needs more. */
	g_queue_clear(&slice->queue);
}
