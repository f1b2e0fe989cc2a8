/* SPDX-License-Identifier: Apache-2.0 */
/* effects.c: what maintainer scripts would have done, applied to the closure's tree. */
#include "build/effects.h"

#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/reader.h"
#include "io/root.h"

#include <string.h>

GBytes *kiln_node_read(const KilnClosure *closure, const KilnNode *node, guint64 max_bytes, GError **error)
{
	if (node->bytes)
		return g_bytes_ref(node->bytes);
	if (!node->file || node->package < 0) {
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "/%s: not a file of a package", node->path);
		return NULL;
	}
	g_autoptr(KilnReader) reader = kiln_reader_new_range(closure->packages[node->package].facts->data_fd, node->file->offset, node->file->size);
	GBytes *bytes = kiln_reader_read_all(reader, max_bytes, error);
	if (!bytes)
		g_prefix_error(error, "/%s: ", node->path);
	return bytes;
}

/* NULL for paths that leave the root, name nothing, or are links of the merged /usr. */
static char *image_path(const char *path)
{
	g_autofree char *plain = path && path[0] == '/' ? kiln_path_normalise(path, strlen(path), NULL) : NULL;
	if (!plain || !plain[0])
		return NULL;
	char *merged = kiln_merged_path(plain);
	/* base-files' scripts make /lib64 and its like: kiln makes these links itself. */
	if (strchr(plain, '/') || strcmp(merged, plain) == 0)
		return merged;
	g_free(merged);
	return NULL;
}

static KilnNode *make_node(KilnClosure *closure, const char *path, int package, KilnFileType type, gboolean *existed)
{
	g_autofree char *plain = image_path(path);
	if (!plain)
		return NULL;
	KilnNode *node = kiln_closure_add(closure, plain, package, type, existed);
	if (!*existed)
		node->made_by = "postinst";
	return node;
}

static void make_link(KilnClosure *closure, const char *path, const char *target, int package)
{
	gboolean existed;
	KilnNode *node = target && target[0] ? make_node(closure, path, package, KILN_FILE_SYMLINK, &existed) : NULL;
	if (node && !existed)
		node->link_target = kiln_closure_intern(closure, target);
}

static void make_directory(KilnClosure *closure, const KilnEffect *effect, int package)
{
	gboolean existed;
	KilnNode *node = make_node(closure, effect->path, package, KILN_FILE_DIRECTORY, &existed);
	if (!node || node->type != KILN_FILE_DIRECTORY)
		return;
	if (effect->number >= 0)
		node->mode = (guint)effect->number & 07777;
	if (effect->text)
		node->owner = kiln_closure_intern(closure, effect->text);
}

static void set_owner(KilnClosure *closure, KilnNode *node, const KilnEffect *effect)
{
	if (effect->number >= 0)
		node->mode = (guint)effect->number & 07777;
	if (effect->text && effect->text[0])
		node->owner = kiln_closure_intern(closure, effect->text);
}

static void set_owner_below(KilnClosure *closure, const char *directory, const KilnEffect *effect)
{
	const GPtrArray *children = kiln_closure_children(closure, directory);
	for (guint i = 0; children && i < children->len; i++) {
		KilnNode *child = children->pdata[i];
		set_owner(closure, child, effect);
		if (child->type == KILN_FILE_DIRECTORY)
			set_owner_below(closure, child->path, effect);
	}
}

static void apply_owner(KilnClosure *closure, const KilnEffect *effect)
{
	g_autofree char *path = image_path(effect->path);
	KilnNode *node = path ? kiln_closure_get(closure, path) : NULL;
	if (!node)
		return;
	set_owner(closure, node, effect);
	if (g_strcmp0(effect->extra, "recursive") == 0)
		set_owner_below(closure, node->path, effect);
}

static void copy_file(KilnClosure *closure, const KilnEffect *effect, int package)
{
	gboolean existed;
	KilnNode *from = effect->text ? kiln_closure_resolve(closure, effect->text, NULL) : NULL;
	if (!from || from->type != KILN_FILE_REGULAR)
		return;
	g_autofree char *directory = image_path(effect->path);
	const KilnNode *into = directory ? kiln_closure_get(closure, directory) : NULL;
	g_autofree char *path = into && into->type == KILN_FILE_DIRECTORY ? g_strdup_printf("%s/%s", effect->path, strrchr(from->path, '/') + 1)
	                                                                  : g_strdup(effect->path);
	KilnNode *node = make_node(closure, path, from->package >= 0 ? from->package : package, KILN_FILE_REGULAR, &existed);
	if (!node || existed)
		return;
	node->file = from->file;
	node->size = from->size;
	node->digest = from->digest;
	node->mode = effect->number > 0 ? (guint)effect->number & 07777 : from->mode & 0777;
	node->content = from->content;
	node->bytes = from->bytes ? g_bytes_ref(from->bytes) : NULL;
}

static void make_content(KilnClosure *closure, const KilnEffect *effect, int package)
{
	gboolean existed;
	KilnNode *node = effect->text ? make_node(closure, effect->path, package, KILN_FILE_REGULAR, &existed) : NULL;
	if (!node || existed)
		return;
	node->bytes = g_bytes_new(effect->text, strlen(effect->text));
	node->size = strlen(effect->text);
	kiln_hash_bytes(effect->text, node->size, &node->digest);
}

typedef struct {
	const KilnEffect *effect;
	int package;
} Alternative;

/* The highest priority wins, as in update-alternatives; slaves follow their group's winner. */
static void apply_alternatives(KilnClosure *closure)
{
	g_autoptr(GHashTable) best = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	for (gsize i = 0; i < closure->package_count; i++)
		for (guint j = 0; j < closure->packages[i].effects->len; j++) {
			const KilnEffect *effect = closure->packages[i].effects->pdata[j];
			if (effect->kind != KILN_EFFECT_ALTERNATIVE || g_strcmp0(effect->extra, "slave") == 0 || !effect->text)
				continue;
			Alternative *known = g_hash_table_lookup(best, effect->name);
			if ((known && known->effect->number >= effect->number) || !kiln_closure_resolve(closure, effect->text, NULL))
				continue;
			Alternative *winner = g_new(Alternative, 1);
			*winner = (Alternative){ effect, (int)i };
			g_hash_table_replace(best, effect->name, winner);
		}
	for (gsize i = 0; i < closure->package_count; i++) {
		const KilnEffect *master = NULL;
		for (guint j = 0; j < closure->packages[i].effects->len; j++) {
			const KilnEffect *effect = closure->packages[i].effects->pdata[j];
			if (effect->kind != KILN_EFFECT_ALTERNATIVE)
				continue;
			if (g_strcmp0(effect->extra, "slave") != 0) {
				const Alternative *winner = effect->name ? g_hash_table_lookup(best, effect->name) : NULL;
				master = winner && winner->effect == effect ? effect : NULL;
			}
			if (master)
				make_link(closure, effect->path, effect->text, (int)i);
		}
	}
}

static void apply_effect(KilnClosure *closure, const KilnEffect *effect, int package)
{
	switch (effect->kind) {
	case KILN_EFFECT_SYMLINK:
		make_link(closure, effect->path, effect->text, package);
		break;
	case KILN_EFFECT_DIRECTORY:
		make_directory(closure, effect, package);
		break;
	case KILN_EFFECT_OWNER:
		apply_owner(closure, effect);
		break;
	case KILN_EFFECT_COPY:
		copy_file(closure, effect, package);
		break;
	case KILN_EFFECT_CONTENT:
		make_content(closure, effect, package);
		break;
	default:
		break; /* accounts: build/accounts; diversions: closure; removals concern upgrades */
	}
}

static gboolean read_declarations(KilnClosure *closure, KilnClosurePackage *package, GError **error)
{
	guint count = package->nodes->len;
	for (guint i = 0; i < count; i++) {
		const KilnNode *node = package->nodes->pdata[i];
		gboolean users = g_str_has_prefix(node->path, "usr/lib/sysusers.d/"), files = g_str_has_prefix(node->path, "usr/lib/tmpfiles.d/");
		if ((!users && !files) || node->type != KILN_FILE_REGULAR || !node->file)
			continue;
		g_autoptr(GBytes) bytes = kiln_node_read(closure, node, KILN_LIMIT_SCRIPT_BYTES, error);
		gsize length;
		const char *text = bytes ? g_bytes_get_data(bytes, &length) : NULL;
		if (!bytes)
			return FALSE;
		guint before = package->extra_effects->len;
		(users ? kiln_script_read_sysusers : kiln_script_read_tmpfiles)(text ? text : "", text ? length : 0, node->path, package->extra_effects, package->unknown);
		for (guint j = before; j < package->extra_effects->len; j++)
			g_ptr_array_add(package->effects, package->extra_effects->pdata[j]);
	}
	return TRUE;
}

gboolean kiln_effects_apply(KilnClosure *closure, GError **error)
{
	for (gsize i = 0; i < closure->package_count; i++)
		if (!read_declarations(closure, &closure->packages[i], error))
			return FALSE;
	for (gsize i = 0; i < closure->package_count; i++)
		for (guint j = 0; j < closure->packages[i].effects->len; j++)
			apply_effect(closure, closure->packages[i].effects->pdata[j], (int)i);
	apply_alternatives(closure);
	return TRUE;
}

void kiln_effects_warn(const KilnClosure *closure, const KilnRecipe *recipe, GPtrArray *notices)
{
	for (gsize i = 0; i < closure->package_count; i++) {
		const KilnClosurePackage *package = &closure->packages[i];
		g_autofree char *id = g_strdup_printf("script:%s", package->lock->name);
		if (!package->active || package->unknown->len == 0 || g_strv_contains((const char *const *)recipe->accept, id))
			continue;
		g_autoptr(GString) lines = g_string_new(NULL);
		for (guint j = 0; j < package->unknown->len && j < 3; j++)
			g_string_append_printf(lines, "%s%s", j ? " | " : "", (const char *)package->unknown->pdata[j]);
		if (package->unknown->len > 3)
			g_string_append_printf(lines, " and %u more lines", package->unknown->len - 3);
		g_autofree char *answer = g_strdup_printf("accept: [\"%s\"] once looked at; what is missing goes into files or links", id);
		kiln_notice_add(notices, id, answer, FALSE, "%s: its maintainer script has lines that are not understood: %s", package->lock->name, lines->str);
	}
}
