/* SPDX-License-Identifier: Apache-2.0 */
/* effects_files.c: what scripts do to files: link, make, own, copy, write and remove them. */
#include "build/effects_internal.h"

#include "base/limits.h"
#include "build/capability.h"
#include "crypto/hash.h"
#include "io/root.h"

#include <fnmatch.h>
#include <string.h>

char *effects_path(const char *path)
{
	static const char *const moved[][2] = { { "var/run/", "run/" }, { "var/lock/", "run/lock/" } };
	g_autofree char *plain = path && path[0] == '/' ? kiln_path_normalise(path, strlen(path), NULL) : NULL;
	if (!plain || !plain[0])
		return NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(moved); i++)
		if (g_str_has_prefix(plain, moved[i][0]))
			return g_strconcat(moved[i][1], plain + strlen(moved[i][0]), NULL);
	char *merged = kiln_merged_path(plain);
	/* base-files' scripts make /lib64 and its like: kiln makes these links itself. */
	if (strchr(plain, '/') || strcmp(merged, plain) == 0)
		return merged;
	g_free(merged);
	return NULL;
}

KilnNode *effects_make_node(KilnClosure *closure, const char *path, int package, KilnFileType type, gboolean *existed)
{
	g_autofree char *plain = effects_path(path);
	if (!plain)
		return NULL;
	KilnNode *node = kiln_closure_add(closure, plain, package, type, existed);
	if (!*existed)
		node->made_by = "postinst";
	return node->package == KILN_PACKAGE_RECIPE ? NULL : node;
}

void effects_make_link(KilnClosure *closure, const char *path, const char *target, int package)
{
	gboolean existed;
	KilnNode *node = target && target[0] ? effects_make_node(closure, path, package, KILN_FILE_SYMLINK, &existed) : NULL;
	if (node && !existed)
		node->link_target = kiln_closure_intern(closure, target);
}

static void set_bytes(KilnNode *node, GBytes *bytes)
{
	gsize length;
	const void *data = g_bytes_get_data(bytes, &length);
	if (node->bytes)
		g_bytes_unref(node->bytes);
	node->bytes = g_bytes_ref(bytes);
	node->file = NULL;
	node->content = KILN_CONTENT_DATA;
	node->size = length;
	kiln_hash_bytes(data, length, &node->digest);
}

void effects_make_text(KilnClosure *closure, const char *path, const char *text, gsize length, int package)
{
	gboolean existed;
	KilnNode *node = effects_make_node(closure, path, package, KILN_FILE_REGULAR, &existed);
	g_autoptr(GBytes) bytes = g_bytes_new(text, length);
	if (node && node->type == KILN_FILE_REGULAR)
		set_bytes(node, bytes);
}

gboolean effects_read_text(const KilnClosure *closure, const char *path, char **text, GError **error)
{
	const KilnNode *node = kiln_closure_resolve(closure, path, NULL);
	gsize length = 0;
	*text = NULL;
	if (!node || node->type != KILN_FILE_REGULAR)
		return TRUE;
	g_autoptr(GBytes) bytes = kiln_node_read(closure, node, KILN_LIMIT_CONFIG_BYTES, error);
	const char *data = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	if (!bytes)
		return FALSE;
	*text = g_strndup(data ? data : "", length);
	return TRUE;
}

/* mkdir leaves an existing directory as it is; "install -d" and tmpfiles.d give it their mode and owner. */
static void make_directory(KilnClosure *closure, const KilnEffect *effect, int package)
{
	gboolean existed;
	KilnNode *node = effects_make_node(closure, effect->path, package, KILN_FILE_DIRECTORY, &existed);
	if (!node || node->type != KILN_FILE_DIRECTORY || (existed && g_strcmp0(effect->extra, "adjust") != 0))
		return;
	if (effect->number >= 0)
		node->mode = (guint)effect->number & 07777;
	if (effect->text)
		node->owner = kiln_closure_intern(closure, effect->text);
}

/* ":group" after "user:" leaves the user; a change of group alone must not make root of it. */
static const char *merge_owner(KilnClosure *closure, const KilnNode *node, const char *owner)
{
	if (owner[0] != ':')
		return kiln_closure_intern(closure, owner);
	g_autofree char *user = node->owner ? g_strndup(node->owner, strcspn(node->owner, ":")) : g_strdup_printf("%" G_GUINT64_FORMAT, node->uid);
	g_autofree char *merged = g_strconcat(user, owner, NULL);
	return kiln_closure_intern(closure, merged);
}

static void set_owner(KilnClosure *closure, KilnNode *node, const KilnEffect *effect)
{
	gint changed = effect->name ? effects_change_mode(node->mode, effect->name, node->type == KILN_FILE_DIRECTORY) : -1;
	if (node->package == KILN_PACKAGE_RECIPE || node->type == KILN_FILE_SYMLINK)
		return;
	if (effect->number >= 0)
		node->mode = (guint)effect->number & 07777;
	else if (changed >= 0)
		node->mode = (guint)changed;
	if (effect->text && effect->text[0])
		node->owner = merge_owner(closure, node, effect->text);
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

/* What @effect's path names, a pattern of the shell or one path, links followed or not. New array, its nodes borrowed. */
static GPtrArray *find_nodes(const KilnClosure *closure, const KilnEffect *effect, gboolean follow)
{
	GPtrArray *found = g_ptr_array_new();
	g_autofree char *plain = effects_path(effect->path);
	if (!plain)
		return found;
	if (effect->is_glob) {
		for (guint i = 0; i < closure->all->len; i++) {
			KilnNode *node = closure->all->pdata[i];
			if (!node->removed && fnmatch(plain, node->path, FNM_PATHNAME | FNM_PERIOD) == 0)
				g_ptr_array_add(found, node);
		}
		return found;
	}
	KilnNode *named = NULL, *node = kiln_closure_resolve(closure, plain, &named);
	if (follow ? node : named)
		g_ptr_array_add(found, follow ? node : named);
	return found;
}

static void apply_owner(KilnClosure *closure, const KilnEffect *effect)
{
	g_autoptr(GPtrArray) found = find_nodes(closure, effect, TRUE);
	for (guint i = 0; i < found->len; i++) {
		KilnNode *node = found->pdata[i];
		set_owner(closure, node, effect);
		if (g_strcmp0(effect->extra, "recursive") == 0)
			set_owner_below(closure, node->path, effect);
	}
}

static void remove_below(KilnClosure *closure, KilnNode *node)
{
	const GPtrArray *children = kiln_closure_children(closure, node->path);
	while (children && children->len)
		remove_below(closure, children->pdata[children->len - 1]);
	kiln_closure_remove(closure, node);
}

/* Only what a script surely removes goes; what its own package ships comes after its preinst. */
static void apply_remove(KilnClosure *closure, const KilnEffect *effect, int package, gboolean before)
{
	gboolean recursive = g_strcmp0(effect->extra, "recursive") == 0, empty = g_strcmp0(effect->extra, "empty") == 0;
	g_autoptr(GPtrArray) found = effect->conditional ? g_ptr_array_new() : find_nodes(closure, effect, FALSE);
	for (guint i = 0; i < found->len; i++) {
		KilnNode *node = found->pdata[i];
		const GPtrArray *children = kiln_closure_children(closure, node->path);
		gboolean is_directory = node->type == KILN_FILE_DIRECTORY, full = children && children->len > 0;
		if (node->package == KILN_PACKAGE_RECIPE || node->removed || (before && node->package == package))
			continue;
		if (is_directory ? (recursive || (empty && !full)) : (!empty || node->size == 0))
			remove_below(closure, node);
	}
}

static void copy_node(KilnClosure *closure, const KilnNode *from, const char *path, const KilnEffect *effect, int package);

static void copy_directory(KilnClosure *closure, const KilnNode *from, const char *path, const KilnEffect *effect, int package)
{
	gboolean existed;
	const KilnNode *made = effects_make_node(closure, path, package, KILN_FILE_DIRECTORY, &existed);
	const GPtrArray *children = made && made != from ? kiln_closure_children(closure, from->path) : NULL;
	g_autoptr(GPtrArray) sources = g_ptr_array_new();
	/* A tree copied into itself would never end: what is there now is what is copied. */
	for (guint i = 0; children && i < children->len; i++)
		g_ptr_array_add(sources, children->pdata[i]);
	for (guint i = 0; i < sources->len; i++) {
		const KilnNode *child = sources->pdata[i];
		g_autofree char *target = g_strconcat(path, strrchr(child->path, '/'), NULL);
		if (!g_str_has_prefix(made->path, child->path))
			copy_node(closure, child, target, effect, package);
	}
}

static void copy_node(KilnClosure *closure, const KilnNode *from, const char *path, const KilnEffect *effect, int package)
{
	gboolean existed;
	if (from->type == KILN_FILE_DIRECTORY) {
		copy_directory(closure, from, path, effect, package);
		return;
	}
	if (from->type == KILN_FILE_SYMLINK) {
		effects_make_link(closure, path, from->link_target, package);
		return;
	}
	KilnNode *node = from->type == KILN_FILE_REGULAR ? effects_make_node(closure, path, package, KILN_FILE_REGULAR, &existed) : NULL;
	if (!node || node == from || (existed && (node->type != KILN_FILE_REGULAR || effect->conditional)))
		return;
	if (node->bytes)
		g_bytes_unref(node->bytes);
	node->file = from->file;
	node->source = from->source;
	node->size = from->size;
	node->digest = from->digest;
	node->content = from->content;
	node->bytes = from->bytes ? g_bytes_ref(from->bytes) : NULL;
	if (!existed || effect->number >= 0)
		node->mode = effect->number >= 0 ? (guint)effect->number & 07777 : from->mode & 0777;
}

static void apply_copy(KilnClosure *closure, const KilnEffect *effect, int package)
{
	gboolean recursive = g_strcmp0(effect->extra, "recursive") == 0, move = g_strcmp0(effect->extra, "move") == 0;
	KilnNode *named = NULL, *real = effect->text ? kiln_closure_resolve(closure, effect->text, &named) : NULL;
	/* cp follows links unless it copies trees. */
	KilnNode *from = recursive || move ? named : real;
	if (!from || (from->type == KILN_FILE_DIRECTORY && !recursive && !move))
		return;
	g_autofree char *plain = effects_path(effect->path);
	const KilnNode *into = plain ? kiln_closure_get(closure, plain) : NULL;
	g_autofree char *name = g_path_get_basename(from->path);
	g_autofree char *path = into && into->type == KILN_FILE_DIRECTORY && from->type != KILN_FILE_DIRECTORY ? g_build_filename(effect->path, name, NULL)
	                                                                                                       : g_strdup(effect->path);
	copy_node(closure, from, path, effect, package);
	if (move && !effect->conditional && from->package != KILN_PACKAGE_RECIPE)
		remove_below(closure, from);
}

static gboolean apply_content(KilnClosure *closure, const KilnEffect *effect, int package, GError **error)
{
	gboolean existed, append = g_strcmp0(effect->extra, "append") == 0;
	KilnNode *node = effect->text ? effects_make_node(closure, effect->path, package, KILN_FILE_REGULAR, &existed) : NULL;
	if (!node || node->type != KILN_FILE_REGULAR)
		return TRUE;
	if (existed && (g_strcmp0(effect->extra, "touch") == 0 || effect->conditional))
		return TRUE;
	g_autoptr(GBytes) before = existed && append ? kiln_node_read(closure, node, KILN_LIMIT_CONFIG_BYTES, error) : g_bytes_new(NULL, 0);
	gsize length;
	const void *data = before ? g_bytes_get_data(before, &length) : NULL;
	if (!before)
		return FALSE;
	g_autoptr(GByteArray) text = g_byte_array_new();
	if (length)
		g_byte_array_append(text, data, (guint)length);
	g_byte_array_append(text, (const guint8 *)effect->text, (guint)strlen(effect->text));
	g_autoptr(GBytes) bytes = g_bytes_new(text->data, text->len);
	set_bytes(node, bytes);
	if (!existed && effect->number >= 0)
		node->mode = (guint)effect->number & 07777;
	return TRUE;
}

static void apply_capability(KilnClosure *closure, const KilnEffect *effect, int package)
{
	g_autofree char *plain = effects_path(effect->path);
	KilnNode *node = plain ? kiln_closure_resolve(closure, plain, NULL) : NULL;
	guint8 value[KILN_CAPABILITY_BYTES];
	g_autoptr(GError) local = NULL;
	if (!node || node->type != KILN_FILE_REGULAR || node->package == KILN_PACKAGE_RECIPE)
		return;
	node->capability = effect->text && effect->text[0] ? kiln_closure_intern(closure, effect->text) : NULL;
	if (!node->capability || kiln_capability_encode(node->capability, value, &local))
		return;
	node->capability = NULL;
	g_ptr_array_add(closure->packages[package].unknown, g_strdup_printf("postinst:%u: setcap: %s", effect->line, local->message));
}

gboolean effects_apply_files(KilnClosure *closure, const KilnEffect *effect, int package, gboolean before, GError **error)
{
	switch (effect->kind) {
	case KILN_EFFECT_SYMLINK:
		effects_make_link(closure, effect->path, effect->text, package);
		return TRUE;
	case KILN_EFFECT_DIRECTORY:
		make_directory(closure, effect, package);
		return TRUE;
	case KILN_EFFECT_OWNER:
		apply_owner(closure, effect);
		return TRUE;
	case KILN_EFFECT_COPY:
		apply_copy(closure, effect, package);
		return TRUE;
	case KILN_EFFECT_CONTENT:
		return apply_content(closure, effect, package, error);
	case KILN_EFFECT_REMOVE:
		apply_remove(closure, effect, package, before);
		return TRUE;
	case KILN_EFFECT_CAPABILITY:
		apply_capability(closure, effect, package);
		return TRUE;
	case KILN_EFFECT_USER: /* these three: build/accounts */
	case KILN_EFFECT_GROUP:
	case KILN_EFFECT_MEMBER:
	case KILN_EFFECT_ALTERNATIVE: /* after all files: highest priority wins */
	case KILN_EFFECT_DIVERT:      /* before all files: build/closure */
	case KILN_EFFECT_TRIGGER:     /* after all files: build/effects_trigger */
		return TRUE;
	}
	return TRUE;
}
