/* SPDX-License-Identifier: Apache-2.0 */
/* own_files_add.c: the recipe's own files and links become nodes of the closure. */
#include "build/own_files.h"

#include "base/error.h"
#include "base/limits.h"
#include "build/named.h"
#include "crypto/hash.h"
#include "io/file.h"
#include "io/root.h"

#include <string.h>

static KilnNode *add_node(KilnClosure *closure, const char *path, KilnFileType type, guint item, const char *owner)
{
	gboolean existed;
	g_autofree char *merged = kiln_merged_path(path), *detail = g_strdup_printf("files[%u]", item);
	KilnNode *node = kiln_closure_add(closure, merged, KILN_PACKAGE_RECIPE, type, &existed);
	if (existed && node->package >= 0)
		g_ptr_array_remove(closure->packages[node->package].nodes, node);
	if (existed && node->bytes)
		g_bytes_unref(node->bytes);
	const char *kept_path = node->path;
	memset(node, 0, sizeof *node);
	node->path = kept_path;
	node->package = node->source = KILN_PACKAGE_RECIPE;
	node->mandatory = TRUE;
	node->type = type;
	node->edge.detail = kiln_closure_intern(closure, detail);
	node->owner = owner ? kiln_closure_intern(closure, owner) : NULL;
	return node;
}

/* Facts of one own file; the closure frees them. */
static void add_facts(KilnClosure *closure, KilnNode *node)
{
	gsize length;
	const guint8 *bytes = g_bytes_get_data(node->bytes, &length);
	KilnFactsFile *facts = g_new0(KilnFactsFile, 1);
	g_autoptr(GPtrArray) paths = NULL;
	g_autofree char *interpreter = NULL, *argument = NULL;
	facts->path = node->path;
	node->file = facts;
	if (kiln_elf_is(bytes, length)) {
		facts->elf = kiln_elf_facts_read(bytes, length, NULL);
		node->content = facts->elf ? KILN_CONTENT_ELF : KILN_CONTENT_DATA;
	} else if ((node->mode & 0111) && kiln_named_interpreter(bytes, length, &interpreter, &argument)) {
		facts->interpreter = kiln_closure_intern(closure, interpreter);
		facts->interpreter_argument = kiln_closure_intern(closure, argument);
		node->content = KILN_CONTENT_SCRIPT;
	}
	/* What the recipe itself names is read as configuration is; a tree of an application names paths for reasons of its own. */
	if (!facts->elf && (node->mandatory || g_str_has_prefix(node->path, "etc/")))
		paths = kiln_named_paths(bytes, length);
	facts->named_paths = g_new0(const char *, (paths ? paths->len : 0) + 1);
	for (guint i = 0; paths && i < paths->len; i++)
		facts->named_paths[i] = kiln_closure_intern(closure, paths->pdata[i]);
}

/* What the store has under the digest, and nothing else. */
static GBytes *content_of(const KilnOwnFile *file, const KilnStore *store, GError **error)
{
	KilnDigest actual;
	char shown[KILN_DIGEST_TEXT_MAX];
	g_autofree char *path = kiln_store_input_path(&file->digest);
	g_autoptr(GBytes) bytes = kiln_file_map_at(kiln_store_fd(store), path, KILN_LIMIT_OWN_FILE_BYTES, error);
	if (!bytes)
		return NULL;
	kiln_hash_bytes(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &actual);
	if (kiln_digest_equal(&actual, &file->digest) && g_bytes_get_size(bytes) == file->size)
		return g_steal_pointer(&bytes);
	kiln_fail(error, KILN_ERROR_MISMATCH, "%s/%s: its content is %s: the store is damaged; remove the file", kiln_store_path(store), path, kiln_digest_print(&actual, shown));
	return NULL;
}

static gboolean add_file(KilnClosure *closure, const KilnRecipe *recipe, const KilnOwnFile *file, const KilnStore *store, GError **error)
{
	const KilnRecipeFile *item = recipe->files->pdata[file->item];
	g_autofree char *named = kiln_path_normalise(item->destination, strlen(item->destination), NULL);
	if (file->type == KILN_FILE_DIRECTORY && kiln_closure_get(closure, file->path))
		return TRUE;
	g_autoptr(GBytes) bytes = file->type == KILN_FILE_REGULAR ? content_of(file, store, error) : NULL;
	if (file->type == KILN_FILE_REGULAR && !bytes)
		return FALSE;
	KilnNode *node = add_node(closure, file->path, file->type, file->item, item->owner);
	node->mandatory = g_strcmp0(file->path, named) == 0;
	node->mode = file->mode;
	if (file->type == KILN_FILE_SYMLINK)
		node->link_target = kiln_closure_intern(closure, file->link_target);
	if (file->type != KILN_FILE_REGULAR)
		return TRUE;
	node->bytes = g_bytes_ref(bytes);
	node->size = file->size;
	node->digest = file->digest;
	add_facts(closure, node);
	return TRUE;
}

gboolean kiln_own_files_add(KilnClosure *closure, const KilnRecipe *recipe, const GPtrArray *files, KilnStore *store, GError **error)
{
	for (guint i = 0; i < files->len; i++)
		if (!add_file(closure, recipe, files->pdata[i], store, error)) {
			g_prefix_error(error, "/%s: ", ((const KilnOwnFile *)files->pdata[i])->path);
			return FALSE;
		}
	for (guint i = 0; i < recipe->links->len; i++) {
		const KilnRecipeLink *link = recipe->links->pdata[i];
		g_autofree char *path = kiln_path_normalise(link->path, strlen(link->path), error);
		if (!path)
			return FALSE;
		add_node(closure, path, KILN_FILE_SYMLINK, i, NULL)->link_target = kiln_closure_intern(closure, link->target);
	}
	return TRUE;
}
