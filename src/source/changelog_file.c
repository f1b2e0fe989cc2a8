/* SPDX-License-Identifier: Apache-2.0 */
/* changelog_file.c: a package's changelog, read once and remembered. */
#include "source/changelog_file.h"

#include "base/limits.h"
#include "source/memory.h"
#include "source/package_file.h"

#include <string.h>

#define MEMORY_KIND "changelog-1"
#define DOC "usr/share/doc/"

/* What a package may have, the most certain first: "changelog.gz" is the upstream project's own unless the package is native. */
static const char *const names[] = { "changelog.Debian.gz", "changelog.Debian", "changelog.gz", "changelog" };

/* "usr/share/doc/PACKAGE/changelog.Debian.gz" */
static gsize rank_of(const char *path, gpointer user_data)
{
	const char *name = g_str_has_prefix(path, DOC) ? strchr(path + strlen(DOC), '/') : NULL;
	for (gsize rank = 0; name && rank < G_N_ELEMENTS(names); rank++)
		if (strcmp(name + 1, names[rank]) == 0)
			return rank;
	return KILN_PACKAGE_FILE_NONE;
}

gboolean kiln_changelog_file_read(KilnStore *store, const KilnDigest *digest, const char *label, GBytes **changelog, GError **error)
{
	g_autoptr(GError) ignored = NULL; /* it is read again the next time */
	*changelog = kiln_memory_recall(store, MEMORY_KIND, digest);
	if (*changelog)
		return TRUE;
	*changelog = kiln_package_file_read(store, digest, label, rank_of, NULL, KILN_LIMIT_CHANGELOG_BYTES, error);
	if (*changelog && !kiln_memory_keep(store, MEMORY_KIND, digest, g_bytes_get_data(*changelog, NULL), g_bytes_get_size(*changelog), &ignored))
		return TRUE;
	return *changelog != NULL;
}
