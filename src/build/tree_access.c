/* SPDX-License-Identifier: Apache-2.0 */
/* tree_access.c: can the image's user read what the recipe gives it? Packages keep some directories to a user of their own. */
#include "build/tree.h"

#include <string.h>

#define READ 04
#define ENTER 01

typedef struct {
	const KilnTree *tree;
	const KilnRecipe *recipe;
	const KilnAccounts *accounts;
	GPtrArray *notices;
} Check;

/* The one class of permission bits that holds for the user. Source: path_resolution(7). */
static gboolean allows(const Check *check, const KilnTreeEntry *entry, guint wanted)
{
	if (entry->uid == check->tree->uid)
		return (entry->mode >> 6 & wanted) == wanted;
	if (entry->gid == check->tree->gid || kiln_accounts_is_member(check->accounts, check->tree->uid, entry->gid))
		return (entry->mode >> 3 & wanted) == wanted;
	return (entry->mode & wanted) == wanted;
}

/* What stands in the way to @path: a directory on it, or the file itself; NULL: nothing. */
static const KilnTreeEntry *obstacle(const Check *check, const char *path)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		g_autofree char *parent = g_strndup(path, (gsize)(slash - path));
		const KilnTreeEntry *directory = kiln_tree_get(check->tree, parent);
		if (directory && directory->type == KILN_FILE_DIRECTORY && !allows(check, directory, ENTER))
			return directory;
	}
	const KilnTreeEntry *entry = kiln_tree_get(check->tree, path);
	return entry && entry->type == KILN_FILE_REGULAR && !allows(check, entry, READ) ? entry : NULL;
}

static void look_at(const Check *check, const char *path)
{
	const KilnTreeEntry *closed = obstacle(check, path);
	g_autofree char *id = g_strdup_printf("unreadable:/%s", path);
	if (!closed || g_strv_contains((const char *const *)check->recipe->accept, id))
		return;
	gboolean itself = strcmp(closed->path, path) == 0;
	g_autofree char *answer = itself ? g_strdup("give it another mode or owner, or set user")
	                                 : g_strdup_printf("put it elsewhere than in /%s, or set user", closed->path);
	kiln_notice_add(check->notices, id, answer, FALSE,
	                "/%s cannot be read by the image's user (%" G_GUINT64_FORMAT "): %s%s belongs to %" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT " with mode %04o", path,
	                check->tree->uid, itself ? "it" : "/", itself ? "" : closed->path, closed->uid, closed->gid, closed->mode);
}

/* Words of a command that are paths in the image. */
static void look_at_words(const Check *check, char *const *words)
{
	for (; *words; words++) {
		const KilnNode *node = **words == '/' ? kiln_closure_resolve(check->tree->closure, *words, NULL) : NULL;
		if (node && node->kept && node->package != KILN_PACKAGE_RECIPE)
			look_at(check, node->path);
	}
}

void kiln_tree_warn_unreadable(const KilnTree *tree, const KilnRecipe *recipe, const KilnAccounts *accounts, GPtrArray *notices)
{
	Check check = { tree, recipe, accounts, notices };
	if (tree->uid == 0)
		return;
	for (guint i = 0; i < tree->entries->len; i++) {
		const KilnTreeEntry *entry = tree->entries->pdata[i];
		if (entry->package == KILN_PACKAGE_RECIPE && entry->type == KILN_FILE_REGULAR)
			look_at(&check, entry->path);
	}
	look_at_words(&check, recipe->entrypoint);
	look_at_words(&check, recipe->command);
}
