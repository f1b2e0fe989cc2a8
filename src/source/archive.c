/* SPDX-License-Identifier: Apache-2.0 */
/* archive.c: what "debian/trixie" means: a row per release, with mirrors and keyring from the host's apt. */
#include "source/archive.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

typedef struct {
	const char *id;
	KilnArchiveRelease of;
	const char *suites[4];    /* main first; NULL-terminated */
	const char *codenames[4]; /* what each Release file must call itself */
} Row;

static const Row rows[] = {
	{ "debian/bookworm", { "debian", "bookworm", "12" }, { "bookworm", "bookworm-updates", "bookworm-security" },
	  { "bookworm", "bookworm-updates", "bookworm-security" } },
	{ "debian/trixie", { "debian", "trixie", "13" }, { "trixie", "trixie-updates", "trixie-security" },
	  { "trixie", "trixie-updates", "trixie-security" } },
	{ "debian/testing", { "debian", "testing", NULL }, { "testing", "testing-updates", "testing-security" }, { NULL } },
	{ "debian/sid", { "debian", "sid", NULL }, { "sid" }, { "sid" } },
	{ "ubuntu/jammy", { "ubuntu", "jammy", "22.04" }, { "jammy", "jammy-updates", "jammy-security" }, { "jammy", "jammy", "jammy" } },
	{ "ubuntu/noble", { "ubuntu", "noble", "24.04" }, { "noble", "noble-updates", "noble-security" }, { "noble", "noble", "noble" } },
};

static const char *const ids[] = { "debian/bookworm", "debian/trixie", "debian/testing", "debian/sid", "ubuntu/jammy", "ubuntu/noble",
	                           "debian/12", "debian/13", "debian/unstable", "ubuntu/22.04", "ubuntu/24.04", NULL };

const char *const *kiln_archive_ids(void)
{
	return ids;
}

static const Row *find_row(const char *id)
{
	if (strcmp(id, "debian/unstable") == 0)
		id = "debian/sid";
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *by_number = rows[i].of.version ? g_strdup_printf("%s/%s", rows[i].of.distro, rows[i].of.version) : NULL;
		if (strcmp(rows[i].id, id) == 0 || g_strcmp0(by_number, id) == 0)
			return &rows[i];
	}
	return NULL;
}

const KilnArchiveRelease *kiln_archive_release(const char *id)
{
	const Row *row = find_row(id);
	return row ? &row->of : NULL;
}

KilnSuite *kiln_suite_new(void)
{
	return g_new0(KilnSuite, 1);
}

const char *kiln_suite_path(const KilnSuite *suite)
{
	return suite->path ? suite->path : suite->name;
}

gboolean kiln_suite_serves(const KilnSuite *suite, const char *architecture)
{
	return !suite->architectures || g_strv_contains((const char *const *)suite->architectures, architecture);
}

void kiln_suite_free(KilnSuite *suite)
{
	if (!suite)
		return;
	g_free(suite->archive);
	g_free(suite->name);
	g_free(suite->path);
	g_strfreev(suite->architectures);
	g_free(suite->codename);
	g_strfreev(suite->uris);
	g_strfreev(suite->components);
	g_free(suite->keyring);
	g_free(suite);
}

void kiln_archive_free(KilnArchive *archive)
{
	if (!archive)
		return;
	g_free(archive->id);
	g_ptr_array_unref(archive->suites);
	g_free(archive);
}

/* Whether an apt entry is of @distro: its keyring's name or its suites' releases say so. */
static gboolean entry_is_of(const KilnAptSource *entry, const char *distro)
{
	if (entry->signed_by && strstr(entry->signed_by, distro))
		return TRUE;
	for (char **suite = entry->suites; suite && *suite; suite++)
		for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
			if (strcmp(rows[i].of.distro, distro) == 0 && g_str_has_prefix(*suite, rows[i].of.release))
				return TRUE;
	return FALSE;
}

static gboolean entry_has_security(const KilnAptSource *entry)
{
	for (char **suite = entry->suites; suite && *suite; suite++)
		if (g_str_has_suffix(*suite, "-security") || strstr(*suite, "/updates"))
			return TRUE;
	return FALSE;
}

/* An entry whose suites are all security, as Debian's own mirror of security updates is. */
static gboolean entry_only_security(const KilnAptSource *entry)
{
	for (char **suite = entry->suites; suite && *suite; suite++)
		if (!g_str_has_suffix(*suite, "-security") && !strstr(*suite, "/updates"))
			return FALSE;
	return TRUE;
}

/* Ubuntu keeps all but these two on other servers. */
static const char *const ubuntu_architectures[] = { "amd64", "i386", NULL };
static const char *const ubuntu_ports[] = { "arm64", "armhf", "ppc64el", "riscv64", "s390x", NULL };

static gboolean entry_is_ports(const KilnAptSource *entry)
{
	for (char **uri = entry->uris; uri && *uri; uri++)
		if (g_str_has_suffix(*uri, "-ports") || g_str_has_suffix(*uri, "-ports/"))
			return TRUE;
	for (char **architecture = entry->architectures; architecture && *architecture; architecture++)
		if (g_strv_contains(ubuntu_architectures, *architecture))
			return FALSE;
	return entry->architectures && entry->architectures[0];
}

static char **find_uris(const GPtrArray *apt, const char *distro, gboolean security, gboolean ports)
{
	gboolean divided = strcmp(distro, "ubuntu") == 0;
	for (guint i = 0; i < apt->len; i++) {
		const KilnAptSource *entry = apt->pdata[i];
		if (entry->enabled && entry->uris && entry->uris[0] && entry_is_of(entry, distro) && (divided && entry_is_ports(entry)) == ports &&
		    (security ? entry_has_security(entry) : !entry_only_security(entry)))
			return g_strdupv(entry->uris);
	}
	return NULL;
}

static char *find_keyring(const GPtrArray *apt, const char *distro)
{
	for (guint i = 0; i < apt->len; i++) {
		const KilnAptSource *entry = apt->pdata[i];
		if (entry->enabled && entry->signed_by && entry_is_of(entry, distro))
			return g_strdup(entry->signed_by);
	}
	return g_strdup_printf("/usr/share/keyrings/%s-archive-keyring.gpg", distro);
}

static void add_suite(KilnArchive *archive, const Row *row, guint index, const GPtrArray *apt, char **uris, gboolean ports)
{
	KilnSuite *suite = kiln_suite_new();
	suite->archive = g_strdup(archive->id);
	suite->name = g_strconcat(row->suites[index], ports ? "@ports" : NULL, NULL);
	suite->path = ports ? g_strdup(row->suites[index]) : NULL;
	suite->codename = g_strdup(row->codenames[index]);
	suite->uris = uris;
	for (char **uri = suite->uris; *uri; uri++)
		while (g_str_has_suffix(*uri, "/"))
			(*uri)[strlen(*uri) - 1] = '\0';
	suite->components = g_strsplit(strcmp(row->of.distro, "ubuntu") == 0 ? "main universe" : "main", " ", -1);
	suite->keyring = find_keyring(apt, row->of.distro);
	g_ptr_array_add(archive->suites, suite);
}

static gboolean add_suites(KilnArchive *archive, const Row *row, guint index, const GPtrArray *apt, GError **error)
{
	gboolean security = g_str_has_suffix(row->suites[index], "-security");
	char **uris = find_uris(apt, row->of.distro, security, FALSE), **ports = find_uris(apt, row->of.distro, security, TRUE);
	if (!uris && !ports)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND,
		                 "%s: no mirror is known for suite %s: this host's apt names none of %s; name one under \"archives\" in the recipe or in kiln.yaml",
		                 archive->id, row->suites[index], row->of.distro);
	if (uris)
		add_suite(archive, row, index, apt, uris, FALSE);
	if (uris && ports)
		((KilnSuite *)archive->suites->pdata[archive->suites->len - 1])->architectures = g_strdupv((char **)ubuntu_architectures);
	if (!ports)
		return TRUE;
	add_suite(archive, row, index, apt, ports, TRUE);
	((KilnSuite *)archive->suites->pdata[archive->suites->len - 1])->architectures = g_strdupv((char **)ubuntu_ports);
	return TRUE;
}

KilnArchive *kiln_archive_resolve(const char *id, const GPtrArray *apt, GError **error)
{
	const Row *row = find_row(id);
	if (!row) {
		g_autofree char *hint = kiln_text_suggest(id, ids, "known are");
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "unknown archive \"%s\"; %s", id, hint);
		return NULL;
	}
	g_autoptr(KilnArchive) archive = g_new0(KilnArchive, 1);
	archive->id = g_strdup(row->id);
	archive->suites = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_suite_free);
	for (guint i = 0; i < G_N_ELEMENTS(row->suites) && row->suites[i]; i++)
		if (!add_suites(archive, row, i, apt, error))
			return NULL;
	return g_steal_pointer(&archive);
}
