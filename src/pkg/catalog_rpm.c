/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_rpm.c: packages that rpm installed: Red Hat, Fedora, AlmaLinux, Rocky Linux, Oracle, Amazon, SUSE and what derives from them.
 *
 * Source: rpm's documentation of tags; dnf's of modules ("name:stream:version:context").
 */
#include "base/error.h"
#include "base/limits.h"
#include "pkg/cataloger.h"
#include "pkg/rpm_database.h"
#include "pkg/rpm_header.h"

#include <string.h>

enum { FLAG_CONFIGURATION = 1 << 0, FLAG_GHOST = 1 << 6 }; /* ghost: the package owns it, and does not bring it */
enum { STATE_NORMAL = 0, STATE_NOT_INSTALLED = 2 };

static const char *const directories[] = { "var/lib/rpm/", "usr/lib/sysimage/rpm/", "usr/share/rpm/" };
static const char *const names[] = { "rpmdb.sqlite", "Packages.db", "Packages" };
static const char *const logs[] = { "rpmdb.sqlite-wal", NULL };

/* What follows the directory of a database, or NULL. */
static const char *file_of(const char *path)
{
	for (gsize i = 0; i < G_N_ELEMENTS(directories); i++)
		if (g_str_has_prefix(path, directories[i]))
			return path + strlen(directories[i]);
	return NULL;
}

static gboolean wants(const char *path)
{
	const char *name = file_of(path);
	for (gsize i = 0; name && i < G_N_ELEMENTS(names); i++)
		if (strcmp(name, names[i]) == 0)
			return TRUE;
	return FALSE;
}

typedef struct {
	KilnInventory *inventory;
	const char *path; /* of the database */
	guint64 path_bytes;
} Reading;

/* "bash-5.1.8-9.el9.src.rpm": what is before the second dash from the end. Epochs are not in it: that of a source is its packages'. */
static void read_source(KilnPackage *identity, const char *source_rpm, const char *epoch)
{
	g_autofree char *base = source_rpm ? g_strdup(source_rpm) : NULL;
	char *suffix = base ? strstr(base, ".src.rpm") : NULL;
	suffix = base && !suffix ? strstr(base, ".nosrc.rpm") : suffix;
	if (suffix)
		*suffix = '\0';
	char *release = base ? strrchr(base, '-') : NULL;
	char *version = release ? g_strrstr_len(base, release - base, "-") : NULL;
	identity->source_name = version ? g_strndup(base, (gsize)(version - base)) : g_strdup(identity->name);
	identity->source_version = version ? g_strconcat(epoch, version + 1, NULL) : g_strdup(identity->version);
}

static char *read_module(const KilnRpmHeader *header)
{
	g_autofree char *label = kiln_rpm_header_text(header, KILN_RPM_MODULARITY_LABEL);
	g_auto(GStrv) parts = label ? g_strsplit(label, ":", 3) : NULL;
	return parts && parts[0] && parts[1] ? g_strdup_printf("%s:%s", parts[0], parts[1]) : NULL;
}

static gboolean read_identity(KilnInventoryPackage *package, const KilnRpmHeader *header, GError **error)
{
	KilnPackage *identity = &package->identity;
	KilnRpmValues values;
	guint64 number = 0;
	g_autofree char *version = kiln_rpm_header_text(header, KILN_RPM_VERSION), *release = kiln_rpm_header_text(header, KILN_RPM_RELEASE);
	g_autofree char *source = kiln_rpm_header_text(header, KILN_RPM_SOURCE_RPM);
	if (!version || !release)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "package %s without version or release", identity->name);
	g_autofree char *epoch = kiln_rpm_header_find(header, KILN_RPM_EPOCH, &values) && kiln_rpm_number(&values, 0, &number) && number
		                         ? g_strdup_printf("%" G_GUINT64_FORMAT ":", number)
		                         : g_strdup("");
	identity->version = g_strdup_printf("%s%s-%s", epoch, version, release);
	identity->architecture = kiln_rpm_header_text(header, KILN_RPM_ARCHITECTURE);
	identity->summary = kiln_rpm_header_text(header, KILN_RPM_SUMMARY);
	identity->homepage = kiln_rpm_header_text(header, KILN_RPM_URL);
	identity->maintainer = kiln_rpm_header_text(header, KILN_RPM_VENDOR);
	if (!identity->maintainer)
		identity->maintainer = kiln_rpm_header_text(header, KILN_RPM_PACKAGER);
	identity->module = read_module(header);
	package->licence = kiln_rpm_header_text(header, KILN_RPM_LICENCE);
	if (kiln_rpm_header_find(header, KILN_RPM_LONG_SIZE, &values) || kiln_rpm_header_find(header, KILN_RPM_SIZE, &values))
		kiln_rpm_number(&values, 0, &package->installed_bytes);
	read_source(identity, source, epoch);
	return TRUE;
}

static GArray *read_directories(const KilnRpmHeader *header)
{
	GArray *found = g_array_new(FALSE, FALSE, sizeof(KilnText));
	KilnRpmValues values;
	KilnText name;
	kiln_rpm_header_find(header, KILN_RPM_DIRECTORY_NAMES, &values);
	while (kiln_rpm_next_text(&values, &name))
		g_array_append_val(found, name);
	return found;
}

/* What should be there. Directories are among it, which nobody owns. */
static gboolean read_files(Reading *reading, KilnInventoryPackage *package, const KilnRpmHeader *header, GError **error)
{
	KilnRpmValues bases, indexes, states, flags;
	KilnText base;
	g_autoptr(GArray) found = read_directories(header);
	if (!kiln_rpm_header_find(header, KILN_RPM_BASE_NAMES, &bases))
		return TRUE;
	kiln_rpm_header_find(header, KILN_RPM_DIRECTORY_INDEXES, &indexes);
	kiln_rpm_header_find(header, KILN_RPM_FILE_STATES, &states);
	kiln_rpm_header_find(header, KILN_RPM_FILE_FLAGS, &flags);
	package->claims = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; kiln_rpm_next_text(&bases, &base); i++) {
		guint64 index = 0, state = STATE_NORMAL, flag = 0;
		if (!kiln_rpm_number(&indexes, i, &index) || index >= found->len)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "package %s: file %u is in no directory", package->identity.name, i + 1);
		if ((kiln_rpm_number(&flags, i, &flag) && flag & FLAG_GHOST) || (kiln_rpm_number(&states, i, &state) && state != STATE_NORMAL)) {
			package->partial |= state == STATE_NOT_INSTALLED && !(flag & FLAG_GHOST);
			continue;
		}
		KilnText directory = g_array_index(found, KilnText, index);
		reading->path_bytes += directory.length + base.length;
		if (directory.length + base.length > KILN_LIMIT_PATH_BYTES || reading->path_bytes > KILN_LIMIT_OWNED_PATHS_BYTES)
			return kiln_fail(error, KILN_ERROR_LIMIT, "package %s: a path of more than %u bytes, or all of more than %u MiB", package->identity.name, KILN_LIMIT_PATH_BYTES,
			                 (guint)(KILN_LIMIT_OWNED_PATHS_BYTES / KILN_MIB));
		g_ptr_array_add(package->claims, g_strdup_printf("%.*s%.*s", (int)directory.length, directory.data, (int)base.length, base.data));
	}
	return TRUE;
}

static gboolean read_package(KilnText blob, gpointer user_data, GError **error)
{
	Reading *reading = user_data;
	KilnRpmHeader header;
	if (!kiln_rpm_header_open(blob, &header, error))
		return FALSE;
	g_autofree char *name = kiln_rpm_header_text(&header, KILN_RPM_NAME);
	if (!name)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "a package without name");
	if (strcmp(name, "gpg-pubkey") == 0) /* a key, kept as if it were a package */
		return TRUE;
	KilnInventoryPackage *package = cataloger_add_package(reading->inventory, "rpm", reading->path);
	package->identity.name = g_steal_pointer(&name);
	return read_identity(package, &header, error) && read_files(reading, package, &header, error);
}

static gboolean read_all(KilnInventory *inventory, gboolean *found, GError **error)
{
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnImageFile *file = inventory->files->pdata[i];
		const char *name = file->type == KILN_FILE_REGULAR ? file_of(file->path) : NULL;
		if (name && file->size && g_strv_contains(logs, name))
			kiln_inventory_remark(inventory, "unreadable", file->path, g_strdup("a log of changes that the database beside it may not have yet; rpm --rebuilddb writes them there"));
		if (!file->content || !wants(file->path))
			continue;
		*found = TRUE;
		Reading reading = { inventory, file->path, 0 };
		if (!kiln_rpm_database_each((KilnText){ g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content) }, read_package, &reading, error)) {
			g_prefix_error(error, "/%s: ", file->path);
			return FALSE;
		}
	}
	return TRUE;
}

/* Which algorithm the sums of a package's files are of; FALSE: one that nobody uses. Source: RFC 9580, section 9.5, and rpm's tags. */
static gboolean read_algorithm(const KilnRpmHeader *header, CatalogerSum *kind)
{
	KilnRpmValues values;
	guint64 number = 1; /* before there was the tag, all were MD5 */
	if (kiln_rpm_header_find(header, KILN_RPM_FILE_DIGEST_ALGORITHM, &values))
		(void)kiln_rpm_number(&values, 0, &number);
	*kind = number == 8 ? CATALOGER_SHA256 : number == 2 ? CATALOGER_SHA1 : CATALOGER_MD5;
	return number == 8 || number == 2 || number == 1;
}

typedef struct {
	KilnInventory *inventory;
	const KilnImageLookup *lookup;
} Checking;

static gboolean check_package(KilnText blob, gpointer user_data, GError **error)
{
	const Checking *checking = user_data;
	KilnRpmHeader header;
	KilnRpmValues bases, indexes, flags, sums;
	KilnText base, sum;
	CatalogerSum kind;
	if (!kiln_rpm_header_open(blob, &header, error))
		return FALSE;
	g_autoptr(GArray) found = read_directories(&header);
	if (!read_algorithm(&header, &kind) || !kiln_rpm_header_find(&header, KILN_RPM_BASE_NAMES, &bases) || !kiln_rpm_header_find(&header, KILN_RPM_FILE_DIGESTS, &sums))
		return TRUE;
	kiln_rpm_header_find(&header, KILN_RPM_DIRECTORY_INDEXES, &indexes);
	kiln_rpm_header_find(&header, KILN_RPM_FILE_FLAGS, &flags);
	for (guint i = 0; kiln_rpm_next_text(&bases, &base) && kiln_rpm_next_text(&sums, &sum); i++) {
		guint64 index = 0, flag = 0;
		(void)kiln_rpm_number(&flags, i, &flag);
		if (!sum.length || flag & FLAG_GHOST || !kiln_rpm_number(&indexes, i, &index) || index >= found->len)
			continue;
		KilnText directory = g_array_index(found, KilnText, index);
		g_autofree char *path = g_strdup_printf("%.*s%.*s", (int)MIN(directory.length, KILN_LIMIT_PATH_BYTES), directory.data, (int)MIN(base.length, KILN_LIMIT_PATH_BYTES), base.data);
		cataloger_check_hex(checking->inventory, checking->lookup, path, kind, sum, (flag & FLAG_CONFIGURATION) != 0);
	}
	return TRUE;
}

static gboolean check(KilnInventory *inventory, const KilnImageLookup *lookup, GError **error)
{
	Checking checking = { inventory, lookup };
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnImageFile *file = inventory->files->pdata[i];
		if (file->content && wants(file->path) &&
		    !kiln_rpm_database_each((KilnText){ g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content) }, check_package, &checking, error))
			return FALSE;
	}
	return TRUE;
}

const KilnCataloger kiln_cataloger_rpm = { "rpm", wants, read_all, NULL, NULL, check };
