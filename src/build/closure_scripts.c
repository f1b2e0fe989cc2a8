/* SPDX-License-Identifier: Apache-2.0 */
/* closure_scripts.c: the maintainer scripts of a closure, read with the closure's own files as the system they would find. */
#include "base/limits.h"
#include "build/effects.h"

#include <string.h>

static KilnPathKind kind_of(const KilnNode *node)
{
	switch (node->type) {
	case KILN_FILE_DIRECTORY: return KILN_PATH_DIRECTORY;
	case KILN_FILE_SYMLINK: return KILN_PATH_SYMLINK;
	case KILN_FILE_REGULAR: return node->mode & 0111 ? KILN_PATH_PROGRAM : KILN_PATH_FILE;
	default: return KILN_PATH_FILE;
	}
}

static KilnPathKind look(const char *path, gboolean follow, gpointer user_data)
{
	KilnNode *named = NULL;
	const KilnNode *found = kiln_closure_resolve(user_data, path, &named);
	const KilnNode *node = follow ? found : named;
	if (node)
		return kind_of(node);
	/* Directories above files are there although no package may ship them. */
	g_autofree char *plain = kiln_merged_path(path + strspn(path, "/"));
	return kiln_closure_children(user_data, plain) ? KILN_PATH_DIRECTORY : KILN_PATH_MISSING;
}

static char **list(const char *directory, gpointer user_data)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	const KilnNode *node = kiln_closure_resolve(user_data, directory, NULL);
	g_autofree char *plain = kiln_merged_path(directory + strspn(directory, "/"));
	const GPtrArray *children = kiln_closure_children(user_data, node ? node->path : plain);
	for (guint i = 0; children && i < children->len; i++) {
		const char *path = ((const KilnNode *)children->pdata[i])->path, *slash = strrchr(path, '/');
		g_strv_builder_add(names, slash ? slash + 1 : path);
	}
	return g_strv_builder_end(names);
}

static GBytes *read_text(const char *path, gpointer user_data)
{
	const KilnNode *node = kiln_closure_resolve(user_data, path, NULL);
	if (!node || node->type != KILN_FILE_REGULAR || node->size > KILN_LIMIT_SCRIPT_BYTES)
		return NULL;
	return kiln_node_read(user_data, node, KILN_LIMIT_SCRIPT_BYTES, NULL);
}

static void forget(KilnClosurePackage *package)
{
	for (guint i = 0; i < G_N_ELEMENTS(package->scripts); i++)
		g_clear_pointer(&package->scripts[i], kiln_script_free);
	g_ptr_array_set_size(package->effects, 0);
	g_ptr_array_set_size(package->unknown, 0);
}

void kiln_closure_read_scripts(KilnClosure *closure, KilnClosurePackage *package)
{
	static const char *const kinds[] = { "preinst", "postinst" };
	const char *const texts[] = { package->facts->preinst, package->facts->postinst };
	const char *templates = package->facts->templates;
	KilnScriptSystem system = { look, list, read_text, NULL, templates, templates ? strlen(templates) : 0, closure };
	gboolean has_tree = closure->all->len > 0;
	forget(package);
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (!texts[i])
			continue;
		KilnScript *script = kiln_script_read_on(texts[i], strlen(texts[i]), kinds[i], package->lock->name, closure->platform->debian, has_tree ? &system : NULL);
		package->scripts[i] = script;
		for (guint j = 0; j < script->effects->len; j++)
			g_ptr_array_add(package->effects, script->effects->pdata[j]);
		for (guint j = 0; j < script->unknown->len; j++)
			g_ptr_array_add(package->unknown, g_strdup(script->unknown->pdata[j]));
	}
}
