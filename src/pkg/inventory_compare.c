/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_compare.c: walk two sorted inventories side by side. */
#include "pkg/inventory_compare.h"

#include <string.h>

static const char *const words[] = { "type", "content", "target", "mode", "owner", "capability" };

const char *kiln_file_change_word(guint bit)
{
	return bit < G_N_ELEMENTS(words) ? words[bit] : NULL;
}

static KilnFileType kind(const KilnImageFile *file)
{
	return file->type == KILN_FILE_HARDLINK ? KILN_FILE_REGULAR : file->type;
}

static guint differences(const KilnImageFile *before, const KilnImageFile *after)
{
	guint what = 0;
	if (kind(before) != kind(after))
		return KILN_CHANGE_TYPE;
	if (kind(before) == KILN_FILE_REGULAR && !kiln_digest_equal(&before->digest, &after->digest))
		what |= KILN_CHANGE_CONTENT;
	if (before->device_major != after->device_major || before->device_minor != after->device_minor)
		what |= KILN_CHANGE_CONTENT;
	if (kind(before) == KILN_FILE_SYMLINK)
		what |= g_strcmp0(before->link_target, after->link_target) != 0 ? KILN_CHANGE_TARGET : 0;
	else
		what |= before->mode != after->mode ? KILN_CHANGE_MODE : 0;
	what |= before->uid != after->uid || before->gid != after->gid ? KILN_CHANGE_OWNER : 0;
	what |= before->has_capability != after->has_capability ? KILN_CHANGE_CAPABILITY : 0;
	return what;
}

static GArray *compare_files(const KilnInventory *before, const KilnInventory *after)
{
	GArray *changes = g_array_new(FALSE, FALSE, sizeof(KilnFileChange));
	guint i = 0, j = 0;
	while (i < before->files->len || j < after->files->len) {
		const KilnInventoryFile *old = i < before->files->len ? &before->entries[i] : NULL, *new = j < after->files->len ? &after->entries[j] : NULL;
		int order = !old ? 1 : !new ? -1 : strcmp(old->file->path, new->file->path);
		KilnFileChange change = { order <= 0 ? old : NULL, order >= 0 ? new : NULL, order == 0 ? differences(old->file, new->file) : 0 };
		if (order != 0 || change.what)
			g_array_append_val(changes, change);
		i += order <= 0;
		j += order >= 0;
	}
	return changes;
}

static int by_name(const KilnInventoryPackage *a, const KilnInventoryPackage *b)
{
	int order = strcmp(a->identity.name, b->identity.name);
	return order ? order : g_strcmp0(a->identity.architecture, b->identity.architecture);
}

/* How many packages from @from on have one name and architecture: more than one where versions may stand side by side. */
static guint run_length(const GPtrArray *packages, guint from)
{
	guint end = from + 1;
	while (end < packages->len && by_name(packages->pdata[from], packages->pdata[end]) == 0)
		end++;
	return end - from;
}

static void add_change(GArray *changes, const KilnInventoryPackage *before, const KilnInventoryPackage *after)
{
	KilnPackageChange change = { before, after };
	g_array_append_val(changes, change);
}

/* Runs of one name; versions are in order, so that equal ones meet. */
static void compare_runs(GArray *changes, gpointer *before, guint before_count, gpointer *after, guint after_count)
{
	guint i = 0, j = 0;
	while (i < before_count || j < after_count) {
		const KilnInventoryPackage *old = i < before_count ? before[i] : NULL, *new = j < after_count ? after[j] : NULL;
		int order = !old ? 1 : !new ? -1 : strcmp(old->identity.version, new->identity.version);
		if (order != 0 && before_count == 1 && after_count == 1) {
			add_change(changes, old, new);
			return;
		}
		if (order < 0)
			add_change(changes, old, NULL);
		else if (order > 0)
			add_change(changes, NULL, new);
		i += order <= 0;
		j += order >= 0;
	}
}

static GArray *compare_packages(const GPtrArray *before, const GPtrArray *after)
{
	GArray *changes = g_array_new(FALSE, FALSE, sizeof(KilnPackageChange));
	guint i = 0, j = 0;
	while (i < before->len || j < after->len) {
		int order = i == before->len ? 1 : j == after->len ? -1 : by_name(before->pdata[i], after->pdata[j]);
		guint old_count = order <= 0 ? run_length(before, i) : 0, new_count = order >= 0 ? run_length(after, j) : 0;
		compare_runs(changes, before->pdata + i, old_count, after->pdata + j, new_count);
		i += old_count;
		j += new_count;
	}
	return changes;
}

void kiln_inventory_compare(const KilnInventory *before, const KilnInventory *after, GArray **packages, GArray **files)
{
	*packages = compare_packages(before->packages, after->packages);
	*files = compare_files(before, after);
}
