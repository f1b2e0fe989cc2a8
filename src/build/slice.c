/* SPDX-License-Identifier: Apache-2.0 */
/* slice.c: roots, the worklist, and the verdict on every file that was not reached. */
#include "build/slice.h"

#include "base/error.h"
#include "build/skip.h"
#include "build/slice_internal.h"
#include "io/root.h"
#include "pkg/program.h"

#include <string.h>

#define SETUID_BITS 06000

static void notice_free(gpointer data)
{
	KilnNotice *notice = data;
	g_free(notice->id);
	g_free(notice->text);
	g_free(notice->answer);
	g_free(notice);
}

static void missing_free(gpointer data)
{
	KilnMissing *missing = data;
	g_free(missing->need);
	g_free(missing->detail);
	g_free(missing);
}

GPtrArray *kiln_notices_new(void)
{
	return g_ptr_array_new_with_free_func(notice_free);
}

void kiln_notice_add(GPtrArray *notices, const char *id, const char *answer, gboolean note, const char *format, ...)
{
	va_list arguments;
	KilnNotice *notice = g_new0(KilnNotice, 1);
	va_start(arguments, format);
	notice->text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	notice->id = g_strdup(id);
	notice->answer = g_strdup(answer);
	notice->note = note;
	g_ptr_array_add(notices, notice);
}

void kiln_slice_result_clear(KilnSliceResult *result)
{
	g_clear_pointer(&result->notices, g_ptr_array_unref);
	g_clear_pointer(&result->missing, g_ptr_array_unref);
}

/* Iterative: after a mismatch the last star is tried one byte further; ** may cross slashes. */
gboolean kiln_glob_matches(const char *pattern, const char *path)
{
	const char *star = NULL, *star_path = NULL;
	gboolean deep = FALSE;
	while (*path) {
		if (*pattern == '*') {
			deep = pattern[1] == '*';
			pattern += deep ? 2 : 1;
			star = pattern;
			star_path = path;
		} else if (*pattern == *path) {
			pattern++;
			path++;
		} else if (star && (deep || *star_path != '/')) {
			pattern = star;
			path = ++star_path;
		} else {
			return FALSE;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static const char *matching(char **globs, const char *path)
{
	for (; *globs; globs++)
		if (kiln_glob_matches(*globs + strspn(*globs, "/"), path))
			return *globs;
	return NULL;
}

void slice_keep(Slice *slice, KilnNode *node, const char *rule, const KilnNode *from, const char *detail, gboolean mandatory)
{
	const char *dropped = matching(slice->recipe->drop, node->path);
	if (dropped && strcmp(rule, "keep") != 0) {
		node->left_out = "dropped";
		node->left_out_detail = dropped;
		if (mandatory && node->package != KILN_PACKAGE_RECIPE) {
			g_autofree char *id = g_strdup_printf("dropped:/%s", node->path);
			if (g_hash_table_add(slice->noted, g_strdup(id)))
				kiln_notice_add(slice->result->notices, id, "remove it from drop", FALSE, "/%s is dropped, but %s%s needs it", node->path,
				                from ? "/" : "the recipe", from ? from->path : "");
		}
		return;
	}
	if (node->kept && (node->mandatory || !mandatory))
		return;
	if (!node->kept || mandatory)
		node->edge = (KilnEdge){ rule, from, detail };
	node->kept = TRUE;
	node->mandatory |= mandatory;
	if (!node->queued) {
		node->queued = TRUE;
		g_queue_push_tail(&slice->queue, node);
	}
}

KilnNode *slice_keep_path(Slice *slice, const char *path, const char *rule, const KilnNode *from, const char *detail, gboolean mandatory)
{
	KilnNode *link, *found = kiln_closure_resolve(slice->closure, path, &link);
	if (!found)
		return NULL;
	/* A link is followed in its turn; what is kept here is what the path itself names. */
	slice_keep(slice, link, rule, from, detail, mandatory);
	/* Links of directories on the way have no node of their own at this path. */
	if (link == found || link->type != KILN_FILE_SYMLINK)
		return found;
	return found;
}

static gboolean script_allowed(const Slice *slice, const KilnNode *node)
{
	const KilnFactsFile *file = node->file;
	const char *base = strrchr(file->interpreter, '/');
	g_autofree char *by_env = base && strcmp(base, "/env") == 0 && file->interpreter_argument
	                                  ? g_strdup_printf("usr/bin/%s", file->interpreter_argument)
	                                  : NULL;
	const KilnNode *program = kiln_closure_resolve(slice->closure, by_env ? by_env : file->interpreter, NULL);
	return program && g_hash_table_contains(slice->interpreters, program);
}

/* Why a file that would come along with others stays out; NULL: it may come. */
static const char *objection_to_content(const Slice *slice, const KilnNode *node, const char **detail)
{
	*detail = NULL;
	if (node->type == KILN_FILE_CHARACTER_DEVICE || node->type == KILN_FILE_BLOCK_DEVICE || node->type == KILN_FILE_FIFO)
		return "special-file";
	const char *rule = kiln_skip_rule(node->path, (const char *const *)slice->recipe->locales);
	if (rule)
		return rule;
	if (node->type == KILN_FILE_DIRECTORY)
		return NULL;
	if (kiln_program_is_shell(node->path) && !slice->recipe->shell)
		return "shell-program";
	if (kiln_program_is_package_manager(node->path))
		return "package-manager";
	if (node->type == KILN_FILE_REGULAR && (node->mode & SETUID_BITS))
		return "setuid";
	if (node->content == KILN_CONTENT_SCRIPT && !script_allowed(slice, node)) {
		*detail = node->file->interpreter;
		return "script-without-interpreter";
	}
	return NULL;
}

/* A link may come when what it leads to may: else it would bring that along. */
static const char *objection(const Slice *slice, const KilnNode *node, const char **detail)
{
	const char *against = objection_to_content(slice, node, detail);
	const KilnNode *target = !against && node->type == KILN_FILE_SYMLINK ? kiln_closure_resolve(slice->closure, node->path, NULL) : NULL;
	if (target && !target->kept && target->type != KILN_FILE_DIRECTORY)
		against = objection_to_content(slice, target, detail);
	return against;
}

void slice_offer(Slice *slice, KilnNode *node, const char *rule, const KilnNode *from, const char *detail)
{
	const char *why;
	if (node->kept)
		return;
	const char *against = objection(slice, node, &why);
	/* What only an import brings in is not objected to when an import does. */
	if (against && !(strcmp(against, "on-import") == 0 && strcmp(rule, "import") == 0)) {
		node->left_out = against;
		node->left_out_detail = why;
		return;
	}
	/* Links that lead out of what is kept are decided at the end. */
	if (node->type == KILN_FILE_SYMLINK && strcmp(rule, "requested") != 0) {
		KilnNode *target = kiln_closure_resolve(slice->closure, node->path, NULL);
		if (!target || target->content != KILN_CONTENT_DATA)
			return;
	}
	slice_keep(slice, node, rule, from, detail, FALSE);
}

void slice_notice(Slice *slice, const char *id, const char *answer, gboolean note, const char *format, ...)
{
	va_list arguments;
	if (g_strv_contains((const char *const *)slice->recipe->accept, id) || !g_hash_table_add(slice->noted, g_strdup(id)))
		return;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	kiln_notice_add(slice->result->notices, id, answer, note, "%s", text);
}

static void add_missing(Slice *slice, const KilnNode *from, const char *need, const char *detail, gboolean not_packaged)
{
	KilnMissing *missing = g_new0(KilnMissing, 1);
	*missing = (KilnMissing){ from, g_strdup(need), g_strdup(detail), not_packaged };
	g_ptr_array_add(slice->result->missing, missing);
}

void slice_missing(Slice *slice, const KilnNode *from, const char *need, const char *detail)
{
	for (guint i = 0; i < slice->result->missing->len; i++) {
		const KilnMissing *known = slice->result->missing->pdata[i];
		if (known->from == from && strcmp(known->need, need) == 0)
			return;
	}
	add_missing(slice, from, need, detail, FALSE);
}

void slice_unfit(Slice *slice, const KilnNode *from, const char *need, const char *detail)
{
	add_missing(slice, from, need, detail, TRUE);
}

/* A program that the recipe names is wanted with its interpreter, if it is a script. */
static void add_interpreter_of(Slice *slice, const char *path)
{
	KilnNode *node = kiln_closure_resolve(slice->closure, path, NULL);
	for (int depth = 0; node && depth < 4; depth++) {
		g_hash_table_add(slice->interpreters, node);
		if (node->content != KILN_CONTENT_SCRIPT)
			return;
		const char *base = strrchr(node->file->interpreter, '/');
		g_autofree char *by_env = base && strcmp(base, "/env") == 0 && node->file->interpreter_argument
		                                  ? g_strdup_printf("usr/bin/%s", node->file->interpreter_argument)
		                                  : NULL;
		node = kiln_closure_resolve(slice->closure, by_env ? by_env : node->file->interpreter, NULL);
	}
}

static void root_program(Slice *slice, const char *path, const char *rule)
{
	if (path[0] != '/')
		return;
	add_interpreter_of(slice, path);
	if (!slice_keep_path(slice, path, rule, NULL, NULL, TRUE))
		slice_missing(slice, NULL, path, rule);
}

/* busybox is a shell under that name, and ships no link. */
static void provide_shell(Slice *slice)
{
	gboolean existed;
	const KilnNode *busybox = kiln_closure_resolve(slice->closure, "usr/bin/busybox", NULL);
	if (!slice->recipe->shell || !busybox || kiln_closure_resolve(slice->closure, "usr/bin/sh", NULL))
		return;
	KilnNode *link = kiln_closure_add(slice->closure, "usr/bin/sh", busybox->package, KILN_FILE_SYMLINK, &existed);
	if (existed)
		return;
	link->link_target = "busybox";
	link->made_by = "shell: true";
}

static void find_interpreters(Slice *slice)
{
	/* Programs of requested packages may interpret scripts: they were asked for. */
	for (gsize i = 0; i < slice->closure->package_count; i++) {
		const KilnClosurePackage *package = &slice->closure->packages[i];
		for (guint j = 0; package->requested && j < package->nodes->len; j++) {
			KilnNode *node = package->nodes->pdata[j];
			KilnNode *program = slice_is_program_path(node->path) ? kiln_closure_resolve(slice->closure, node->path, NULL) : NULL;
			if (program && program->content == KILN_CONTENT_ELF)
				g_hash_table_add(slice->interpreters, program);
		}
	}
	provide_shell(slice);
	KilnNode *shell = slice->recipe->shell ? kiln_closure_resolve(slice->closure, "usr/bin/sh", NULL) : NULL;
	if (shell)
		g_hash_table_add(slice->interpreters, shell);
}

static gboolean is_code(const KilnNode *node)
{
	return node->content != KILN_CONTENT_DATA || slice_is_program_path(node->path);
}

gboolean kiln_node_is_program(const KilnNode *node)
{
	return slice_is_program_path(node->path) || (node->file && node->file->elf && node->file->elf->interpreter);
}

static void root_requested(Slice *slice)
{
	gboolean narrowed = slice->recipe->programs[0] != NULL;
	for (gsize i = 0; i < slice->closure->package_count; i++) {
		KilnClosurePackage *package = &slice->closure->packages[i];
		if (!package->requested)
			continue;
		slice_activate(slice, (int)i, NULL);
		for (guint j = 0; j < package->nodes->len; j++) {
			KilnNode *node = package->nodes->pdata[j];
			if (node->type == KILN_FILE_DIRECTORY)
				continue; /* those that mean something came with slice_activate(), others come with their files */
			if (!narrowed || !is_code(node))
				slice_offer(slice, node, "requested", NULL, package->lock->name);
			else if (kiln_node_is_program(node))
				node->left_out = "program-not-named";
		}
	}
}

static gboolean has_kept_code(const KilnClosurePackage *package)
{
	for (guint i = 0; i < package->nodes->len; i++) {
		const KilnNode *node = package->nodes->pdata[i];
		if (node->kept && node->content != KILN_CONTENT_DATA)
			return TRUE;
	}
	return FALSE;
}

/* Whether the loader finds @node by its name alone: then needs decide. */
static gboolean is_loader_library(const Slice *slice, const KilnNode *node)
{
	const GPtrArray *found = g_hash_table_lookup(slice->libraries, strrchr(node->path, '/') + 1);
	return found && g_ptr_array_find((GPtrArray *)found, node, NULL);
}

/* Where the recipe names programs, a requested package's plugins and private libraries come with what is kept of its code. TRUE when something was added. */
static gboolean keep_private_code(Slice *slice)
{
	gboolean added = FALSE;
	for (gsize i = 0; slice->recipe->programs[0] && i < slice->closure->package_count; i++) {
		const KilnClosurePackage *package = &slice->closure->packages[i];
		if (!package->requested || !has_kept_code(package))
			continue;
		for (guint j = 0; j < package->nodes->len; j++) {
			KilnNode *node = package->nodes->pdata[j];
			if (node->kept || !is_code(node) || kiln_node_is_program(node) || is_loader_library(slice, node))
				continue;
			slice_offer(slice, node, "requested", NULL, package->lock->name);
			added |= node->kept;
		}
	}
	return added;
}

/* A requested package without files of its own stands for what it depends on. */
static void resolve_metapackages(Slice *slice)
{
	KilnClosure *closure = slice->closure;
	for (gsize round = 0; round < closure->package_count; round++) {
		gboolean changed = FALSE;
		for (gsize i = 0; i < closure->package_count; i++) {
			KilnClosurePackage *package = &closure->packages[i];
			gboolean empty = package->requested;
			for (guint j = 0; empty && j < package->nodes->len; j++) {
				const KilnNode *node = package->nodes->pdata[j];
				empty = node->type == KILN_FILE_DIRECTORY || g_str_has_prefix(node->path, "usr/share/doc/") || kiln_skip_rule(node->path, NULL);
			}
			for (gsize j = 0; empty && j < package->depend_count; j++) {
				KilnClosurePackage *other = &closure->packages[package->depends[j]];
				changed |= !other->requested;
				other->requested = TRUE;
			}
		}
		if (!changed)
			return;
	}
}

/* A glob that matches nothing is more often a slip of the pen than meant. */
static void tell_unmatched(Slice *slice, const char *key, char **globs)
{
	for (; *globs; globs++) {
		gboolean found = FALSE;
		for (guint i = 0; !found && i < slice->closure->all->len; i++)
			found = kiln_glob_matches(*globs + strspn(*globs, "/"), ((const KilnNode *)slice->closure->all->pdata[i])->path);
		if (found)
			continue;
		g_autofree char *id = g_strdup_printf("%s:%s", key, *globs);
		g_autofree char *answer = g_strdup_printf("correct or remove it, or accept: [\"%s\"]", id);
		slice_notice(slice, id, answer, FALSE, "%s: \"%s\" matches no path of any package", key, *globs);
	}
}

static void root_recipe(Slice *slice)
{
	const KilnRecipe *recipe = slice->recipe;
	tell_unmatched(slice, "keep", recipe->keep);
	tell_unmatched(slice, "drop", recipe->drop);
	slice_keep_locales(slice);
	for (guint i = 0; i < slice->closure->all->len; i++) {
		KilnNode *node = slice->closure->all->pdata[i];
		const char *glob = matching(recipe->keep, node->path);
		if (node->package == KILN_PACKAGE_RECIPE)
			slice_keep(slice, node, node->type == KILN_FILE_SYMLINK ? "recipe-link" : "recipe-file", NULL, node->edge.detail, node->mandatory);
		else if (glob && node->type != KILN_FILE_CHARACTER_DEVICE && node->type != KILN_FILE_BLOCK_DEVICE)
			slice_keep(slice, node, "keep", NULL, glob, TRUE);
	}
	if (recipe->entrypoint[0])
		root_program(slice, recipe->entrypoint[0], "entrypoint");
	else if (recipe->command[0])
		root_program(slice, recipe->command[0], "command");
	for (char **program = recipe->programs; *program; program++)
		root_program(slice, *program, "program");
	if (recipe->healthcheck.test[0])
		root_program(slice, recipe->healthcheck.test[0], "healthcheck");
	for (guint i = 0; i < recipe->tests->len; i++) {
		const KilnRecipeTest *test = recipe->tests->pdata[i];
		if (test->kind == KILN_TEST_RUN && !test->variant && test->run[0])
			root_program(slice, test->run[0], "test");
	}
	if (recipe->shell && !slice_keep_path(slice, "usr/bin/sh", "shell", NULL, NULL, TRUE))
		slice_missing(slice, NULL, "/usr/bin/sh", "shell: true; add dash, bash or busybox to packages");
}

static void drain(Slice *slice)
{
	for (KilnNode *node; (node = g_queue_pop_head(&slice->queue)) != NULL;) {
		node->queued = FALSE;
		slice_follow(slice, node);
	}
}

/* Links of used packages whose target is kept; made by a script or shipped. */
gboolean slice_keep_links(Slice *slice)
{
	gboolean added = FALSE;
	for (guint i = 0; i < slice->closure->all->len; i++) {
		KilnNode *node = slice->closure->all->pdata[i];
		const char *why;
		if (node->kept || node->removed || node->type != KILN_FILE_SYMLINK || node->package < 0 || !slice->closure->packages[node->package].active)
			continue;
		const KilnNode *target = kiln_closure_resolve(slice->closure, node->path, NULL);
		/* "libx.so" beside "libx.so.1" is for the linker. */
		if (!target || !target->kept || g_str_has_suffix(node->path, ".so") || objection(slice, node, &why) ||
		    (slice->recipe->programs[0] && slice_is_program_path(node->path)))
			continue;
		slice_keep(slice, node, "link", target, NULL, FALSE);
		added = TRUE;
	}
	return added;
}

static void judge_left_out(Slice *slice)
{
	for (guint i = 0; i < slice->closure->all->len; i++) {
		KilnNode *node = slice->closure->all->pdata[i];
		const char *why;
		if (node->kept) {
			node->left_out = NULL;
			continue;
		}
		const char *against = node->left_out ? node->left_out : objection(slice, node, &why);
		if (!node->left_out && against)
			node->left_out_detail = why;
		if (!against && node->package >= 0 && !slice->closure->packages[node->package].active) {
			against = "package-not-used";
			node->left_out_detail = slice->closure->packages[node->package].lock->name;
		}
		node->left_out = against ? against : "not-needed";
	}
}

static gint by_id(gconstpointer a, gconstpointer b)
{
	return strcmp((*(KilnNotice *const *)a)->id, (*(KilnNotice *const *)b)->id);
}

static gboolean report_missing(const KilnSliceResult *result, GError **error)
{
	if (result->missing->len == 0)
		return TRUE;
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < result->missing->len; i++) {
		const KilnMissing *missing = result->missing->pdata[i];
		g_string_append_printf(text, "%s%s%s needs %s (%s)", i ? "; " : "", missing->from ? "/" : "the recipe", missing->from ? missing->from->path : "",
		                       missing->need, missing->detail);
	}
	return kiln_fail(error, KILN_ERROR_UNSATISFIABLE, "not everything that is needed is there: %s", text->str);
}

gboolean kiln_slice(KilnClosure *closure, const KilnRecipe *recipe, KilnSliceResult *result, GError **error)
{
	g_autoptr(GHashTable) libraries = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
	g_autoptr(GHashTable) allowed = g_hash_table_new(NULL, NULL);
	g_autoptr(GHashTable) noted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) directories = g_ptr_array_new();
	g_autoptr(GPtrArray) lacking = g_ptr_array_new_with_free_func(g_free);
	Slice slice = { .closure = closure, .recipe = recipe, .result = result, .libraries = libraries, .interpreters = allowed,
		        .search_directories = directories, .noted = noted, .lacking = lacking };
	g_queue_init(&slice.queue);
	result->notices = kiln_notices_new();
	result->missing = g_ptr_array_new_with_free_func(missing_free);
	slice_index_libraries(&slice);
	slice_classify_packages(&slice);
	resolve_metapackages(&slice);
	find_interpreters(&slice);
	root_recipe(&slice);
	drain(&slice);
	root_requested(&slice);
	do
		drain(&slice);
	while (keep_private_code(&slice) || slice_bring_modules(&slice) || slice_keep_links(&slice) || slice_keep_foundation(&slice));
	slice_keep_licences(&slice);
	slice_tell_lacking(&slice);
	judge_left_out(&slice);
	g_ptr_array_sort(result->notices, by_id);
	return report_missing(result, error);
}
