/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_dpkg.c: packages that dpkg installed (status, info), and those described one file each (status.d: kiln's and distroless'). */
#include "base/error.h"
#include "data/deb822.h"
#include "pkg/cataloger.h"

#include <string.h>

#define STATUS "var/lib/dpkg/status"
#define STATUS_D "var/lib/dpkg/status.d/"
#define INFO "var/lib/dpkg/info/"
#define LIST ".list"
#define SUMS ".md5sums"
#define DOC "usr/share/doc/"
#define COPYRIGHT "/copyright"
#define SUM_LENGTH 32 /* hex digits of MD5 */

static gboolean wants(const char *path)
{
	return strcmp(path, STATUS) == 0 || g_str_has_prefix(path, STATUS_D) || (g_str_has_prefix(path, INFO) && g_str_has_suffix(path, LIST)) ||
	       (g_str_has_prefix(path, DOC) && g_str_has_suffix(path, COPYRIGHT));
}

/* What is unpacked has its files there, whatever dpkg still has to do; "deinstall ok config-files" has none. */
static gboolean is_there(const KilnDeb822Stanza *stanza)
{
	KilnText status = kiln_deb822_get(stanza, "Status");
	if (!status.data)
		return TRUE; /* distroless leaves it out */
	kiln_text_cut(&status, ' ');
	kiln_text_cut(&status, ' ');
	return !kiln_text_is(status, "config-files") && !kiln_text_is(status, "not-installed");
}

/* "Source: glibc (2.41-12)", "Source: glibc", or none. */
static void read_source(const KilnDeb822Stanza *stanza, KilnPackage *identity)
{
	KilnText version = kiln_deb822_get(stanza, "Source"), name = kiln_text_strip(kiln_text_cut(&version, '('));
	version = kiln_text_cut(&version, ')');
	identity->source_name = name.length ? kiln_text_dup(name) : g_strdup(identity->name);
	identity->source_version = version.length ? kiln_text_dup(kiln_text_strip(version)) : g_strdup(identity->version);
}

static gboolean add_package(KilnInventory *inventory, const char *database, const KilnDeb822Stanza *stanza, GError **error)
{
	KilnText name = kiln_deb822_get(stanza, "Package"), version = kiln_deb822_get(stanza, "Version"), size = kiln_deb822_get(stanza, "Installed-Size");
	if (!name.length || !version.length)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "/%s:%u: a package without name or version", database, stanza->line);
	KilnInventoryPackage *package = cataloger_add_package(inventory, "deb", database);
	KilnPackage *identity = &package->identity;
	identity->name = kiln_text_dup(name);
	identity->version = kiln_text_dup(version);
	identity->architecture = kiln_deb822_dup(stanza, "Architecture");
	identity->maintainer = kiln_deb822_dup(stanza, "Maintainer");
	identity->homepage = kiln_deb822_dup(stanza, "Homepage");
	KilnText description = kiln_deb822_get(stanza, "Description"), summary = kiln_text_cut(&description, '\n');
	identity->summary = summary.length ? kiln_text_dup(summary) : NULL;
	read_source(stanza, identity);
	guint64 kibibytes = 0;
	if (kiln_text_to_u64(size, &kibibytes) && kibibytes < G_MAXUINT64 / 1024)
		package->installed_bytes = kibibytes * 1024;
	package->partial = kiln_text_is(kiln_deb822_get(stanza, "X-Kiln-Content"), "partial");
	return TRUE;
}

static gboolean read_status(KilnInventory *inventory, const KilnImageFile *file, GError **error)
{
	g_autofree char *name = g_strconcat("/", file->path, NULL);
	g_autofree KilnDeb822Stanza *stanza = g_new(KilnDeb822Stanza, 1);
	KilnDeb822 cursor = { g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content), name, 1 };
	for (gboolean found = TRUE; found;) {
		if (!kiln_deb822_next(&cursor, stanza, &found, error))
			return FALSE;
		if (found && is_there(stanza) && !add_package(inventory, file->path, stanza, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean read_all(KilnInventory *inventory, gboolean *found, GError **error)
{
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnImageFile *file = inventory->files->pdata[i];
		gboolean is_status = strcmp(file->path, STATUS) == 0;
		if (!file->content || !(is_status || g_str_has_prefix(file->path, STATUS_D)) || g_str_has_suffix(file->path, SUMS))
			continue;
		*found = TRUE;
		if (!read_status(inventory, file, error))
			return FALSE;
	}
	return TRUE;
}

/* "NAME.list", "NAME:ARCHITECTURE.list" or "NAME.md5sums". */
static gint package_of(const KilnInventory *inventory, const char *base)
{
	g_autofree char *name = g_strndup(base, (gsize)(strrchr(base, '.') - base));
	char *colon = strchr(name, ':');
	if (colon)
		*colon = '\0';
	return kiln_inventory_package(inventory, name, colon ? colon + 1 : NULL);
}

static void claim_lines(KilnInventory *inventory, const KilnImageLookup *lookup, const KilnImageFile *file, gsize skip, gint package)
{
	KilnText text = { g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content) };
	KilnInventoryPackage *owner = inventory->packages->pdata[package];
	while (text.length) {
		KilnText line = kiln_text_cut(&text, '\n');
		if (line.length <= skip || kiln_text_is(line, "/."))
			continue;
		g_autofree char *path = g_strndup(line.data + skip, line.length - skip);
		if (!cataloger_claim(inventory, lookup, path, package))
			owner->partial = TRUE;
	}
}

static gboolean claim(KilnInventory *inventory, const KilnImageLookup *lookup, GError **error)
{
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnImageFile *file = inventory->files->pdata[i];
		gboolean is_list = g_str_has_prefix(file->path, INFO) && g_str_has_suffix(file->path, LIST);
		gboolean is_sums = g_str_has_prefix(file->path, STATUS_D) && g_str_has_suffix(file->path, SUMS);
		if (!file->content || !(is_list || is_sums))
			continue;
		gint package = package_of(inventory, strrchr(file->path, '/') + 1);
		if (package >= 0)
			claim_lines(inventory, lookup, file, is_sums ? SUM_LENGTH + 2 : 0, package);
	}
	return TRUE;
}

const KilnCataloger kiln_cataloger_dpkg = { "dpkg", wants, read_all, claim };
