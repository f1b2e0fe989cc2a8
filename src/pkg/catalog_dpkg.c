/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_dpkg.c: packages that dpkg installed (status, info), and those described one file each (status.d: kiln's and distroless'). */
#include "base/error.h"
#include "data/deb822.h"
#include "pkg/cataloger.h"

#include <string.h>

#define STATUS "var/lib/dpkg/status"
#define STATUS_D "var/lib/dpkg/status.d/"
#define INFO "var/lib/dpkg/info/"
#define DIVERSIONS "var/lib/dpkg/diversions"
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

static gboolean wants_thorough(const char *path)
{
	return strcmp(path, DIVERSIONS) == 0 || (g_str_has_prefix(path, INFO) && g_str_has_suffix(path, SUMS));
}

/* A file that another package's takes the place of, under another name. Source: dpkg-divert(1); three lines each: from, to, by whom. */
typedef struct {
	char *to, *by;
} Diversion;

static void diversion_free(gpointer data)
{
	Diversion *diversion = data;
	g_free(diversion->to);
	g_free(diversion->by);
	g_free(diversion);
}

static GHashTable *read_diversions(const KilnInventory *inventory)
{
	GHashTable *diversions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, diversion_free);
	const KilnInventoryFile *entry = kiln_inventory_find(inventory, DIVERSIONS);
	KilnText text = { 0 };
	if (entry && entry->file->content)
		text = (KilnText){ g_bytes_get_data(entry->file->content, NULL), g_bytes_get_size(entry->file->content) };
	while (text.length) {
		KilnText from = kiln_text_cut(&text, '\n'), to = kiln_text_cut(&text, '\n'), by = kiln_text_cut(&text, '\n');
		if (from.length < 2 || to.length < 2)
			continue;
		Diversion *diversion = g_new(Diversion, 1);
		*diversion = (Diversion){ g_strndup(to.data + 1, to.length - 1), kiln_text_dup(by) };
		g_hash_table_insert(diversions, g_strndup(from.data + 1, from.length - 1), diversion);
	}
	return diversions;
}

/* "SUM  PATH" lines of one package. */
static void check_sums(KilnInventory *inventory, const KilnImageLookup *lookup, GHashTable *diversions, const KilnImageFile *file)
{
	KilnText text = { g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content) };
	gint package = package_of(inventory, strrchr(file->path, '/') + 1);
	const char *name = package < 0 ? NULL : ((const KilnInventoryPackage *)inventory->packages->pdata[package])->identity.name;
	while (name && text.length) {
		KilnText line = kiln_text_cut(&text, '\n');
		if (line.length <= SUM_LENGTH + 2)
			continue;
		g_autofree char *path = g_strndup(line.data + SUM_LENGTH + 2, line.length - SUM_LENGTH - 2);
		const Diversion *diversion = g_hash_table_lookup(diversions, path);
		cataloger_check_hex(inventory, lookup, diversion && strcmp(diversion->by, name) != 0 ? diversion->to : path, CATALOGER_MD5, (KilnText){ line.data, SUM_LENGTH }, FALSE);
	}
}

/* " PATH SUM" lines of the field Conffiles; more words mean that the file is no longer the package's. */
static void check_configuration(KilnInventory *inventory, const KilnImageLookup *lookup, KilnText lines)
{
	while (lines.length) {
		KilnText sum = kiln_text_strip(kiln_text_cut(&lines, '\n')), path = kiln_text_cut(&sum, ' ');
		g_autofree char *name = path.length > 1 ? g_strndup(path.data + 1, path.length - 1) : NULL;
		if (name)
			cataloger_check_hex(inventory, lookup, name, CATALOGER_MD5, sum, TRUE);
	}
}

static gboolean check(KilnInventory *inventory, const KilnImageLookup *lookup, GError **error)
{
	g_autoptr(GHashTable) diversions = read_diversions(inventory);
	g_autofree KilnDeb822Stanza *stanza = g_new(KilnDeb822Stanza, 1);
	const KilnInventoryFile *status = kiln_inventory_find(inventory, STATUS);
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnImageFile *file = inventory->files->pdata[i];
		if (file->content && g_str_has_suffix(file->path, SUMS) && (g_str_has_prefix(file->path, INFO) || g_str_has_prefix(file->path, STATUS_D)))
			check_sums(inventory, lookup, diversions, file);
	}
	if (!status || !status->file->content)
		return TRUE;
	KilnDeb822 cursor = { g_bytes_get_data(status->file->content, NULL), g_bytes_get_size(status->file->content), "/" STATUS, 1 };
	for (gboolean found = TRUE; found;) {
		if (!kiln_deb822_next(&cursor, stanza, &found, error))
			return FALSE;
		if (found && is_there(stanza))
			check_configuration(inventory, lookup, kiln_deb822_get(stanza, "Conffiles"));
	}
	return TRUE;
}

const KilnCataloger kiln_cataloger_dpkg = { "dpkg", wants, read_all, claim, wants_thorough, check };
