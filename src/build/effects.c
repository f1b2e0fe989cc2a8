/* SPDX-License-Identifier: Apache-2.0 */
/* effects.c: what maintainer scripts would have done, applied to the closure's tree. */
#include "build/effects_internal.h"

#include "base/error.h"
#include "base/limits.h"
#include "build/capability.h"
#include "io/reader.h"

#include <string.h>

GBytes *kiln_node_read(const KilnClosure *closure, const KilnNode *node, guint64 max_bytes, GError **error)
{
	if (node->bytes)
		return g_bytes_ref(node->bytes);
	if (!node->file || node->source < 0) {
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "/%s: not a file of a package", node->path);
		return NULL;
	}
	g_autoptr(KilnReader) reader = kiln_reader_new_range(closure->packages[node->source].facts->data_fd, node->file->offset, node->file->size);
	GBytes *bytes = kiln_reader_read_all(reader, max_bytes, error);
	if (!bytes)
		g_prefix_error(error, "/%s: ", node->path);
	return bytes;
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

static gboolean apply_all(KilnClosure *closure, int index, GError **error)
{
	const KilnClosurePackage *package = &closure->packages[index];
	for (guint i = 0; i < package->effects->len; i++) {
		const KilnEffect *effect = package->effects->pdata[i];
		gboolean before = package->scripts[0] && g_ptr_array_find(package->scripts[0]->effects, effect, NULL);
		if (!effects_apply_files(closure, effect, index, before, error))
			return FALSE;
	}
	return TRUE;
}

gboolean kiln_effects_apply(KilnClosure *closure, GError **error)
{
	for (gsize i = 0; i < closure->package_count; i++)
		if (!read_declarations(closure, &closure->packages[i], error))
			return FALSE;
	for (gsize i = 0; i < closure->package_count; i++)
		if (!apply_all(closure, (int)i, error))
			return FALSE;
	effects_apply_alternatives(closure);
	return effects_apply_triggers(closure, error);
}

static gboolean ships_capability(const KilnNode *node)
{
	for (gsize i = 0; node->file && i < node->file->xattr_count; i++)
		if (strcmp(node->file->xattrs[i].name, KILN_CAPABILITY_XATTR) == 0)
			return TRUE;
	return FALSE;
}

static void note_capabilities(const KilnClosure *closure, GPtrArray *notices)
{
	for (guint i = 0; i < closure->all->len; i++) {
		const KilnNode *node = closure->all->pdata[i];
		if (!node->kept || g_strcmp0(node->edge.rule, "keep") == 0 || node->package < 0 || !(node->capability || ships_capability(node)))
			continue;
		g_autofree char *id = g_strdup_printf("capability:/%s", node->path), *answer = g_strdup_printf("keep: [/%s] keeps it", node->path);
		kiln_notice_add(notices, id, answer, TRUE, "/%s comes without the file capability %s: where a container may not have it, the program could not even be started",
		                node->path, node->capability ? node->capability : "that its package gives it");
	}
}

void kiln_effects_warn(const KilnClosure *closure, const KilnRecipe *recipe, GPtrArray *notices)
{
	note_capabilities(closure, notices);
	for (gsize i = 0; i < closure->package_count; i++) {
		const KilnClosurePackage *package = &closure->packages[i];
		g_autofree char *id = g_strdup_printf("script:%s", package->lock->name);
		if (!package->active || package->unknown->len == 0 || g_strv_contains((const char *const *)recipe->accept, id))
			continue;
		g_autoptr(GString) lines = g_string_new(NULL);
		for (guint j = 0; j < package->unknown->len && j < 3; j++)
			g_string_append_printf(lines, "\n%s", (const char *)package->unknown->pdata[j]);
		if (package->unknown->len > 3)
			g_string_append_printf(lines, "\nand %u more", package->unknown->len - 3);
		g_autofree char *answer = g_strdup_printf("accept: [\"%s\"] once looked at; what is missing goes into files or links", id);
		kiln_notice_add(notices, id, answer, FALSE, "%s: its maintainer script has lines that are not understood:%s", package->lock->name, lines->str);
	}
}
