/* SPDX-License-Identifier: Apache-2.0 */
/* slice_follow.c: what one kept file needs: loader edges, strings in code, interpreters, link targets. */
#include "build/slice_internal.h"

#include "build/skip.h"
#include "io/root.h"
#include "pkg/program.h"

#include <string.h>

gboolean slice_is_program_path(const char *path)
{
	static const char *const directories[] = { "usr/bin/", "usr/sbin/", "usr/local/bin/", "usr/local/sbin/", "usr/games/", "usr/libexec/" };
	for (gsize i = 0; i < G_N_ELEMENTS(directories); i++)
		if (g_str_has_prefix(path, directories[i]))
			return TRUE;
	return FALSE;
}

static void keep_directory(Slice *slice, const char *directory, const KilnNode *from, const char *named)
{
	const GPtrArray *children = kiln_closure_children(slice->closure, directory);
	for (guint i = 0; children && i < children->len; i++) {
		KilnNode *child = children->pdata[i];
		/* How passwd asks PAM is nothing that a service asks. */
		if (child->package >= 0 && slice_is_tool(slice->closure->packages[child->package].lock->name))
			continue;
		slice_offer(slice, child, "plugin-directory", from, named);
		if (child->type == KILN_FILE_DIRECTORY)
			keep_directory(slice, child->path, from, named);
	}
}

/* A path that code or configuration names: a file is kept, a directory with all in it, unless it says too little. */
static void follow_named_path(Slice *slice, KilnNode *from, const char *path)
{
	KilnNode *link, *found = kiln_closure_resolve(slice->closure, path, &link);
	if (!found || found == from)
		return;
	const char *named = kiln_closure_intern(slice->closure, path);
	if (found->type == KILN_FILE_DIRECTORY) {
		if (kiln_skip_is_general_directory(found->path) || kiln_skip_rule(found->path, (const char *const *)slice->recipe->locales))
			return;
		slice_keep_path(slice, path, "plugin-directory", from, named, FALSE);
		keep_directory(slice, found->path, from, named);
		return;
	}
	if (kiln_program_is_interpreter(found->path) && !g_hash_table_contains(slice->interpreters, found))
		return;
	if (link != found)
		slice_offer(slice, link, "named-path", from, named);
	slice_offer(slice, found, "named-path", from, named);
}

static gboolean is_loader_library_name(const char *name)
{
	return g_str_has_prefix(name, "ld-linux") || strcmp(name, "libc.so.6") == 0;
}

/* What an optional file lacks: of a package's own plugins nobody asked for all, of the recipe's files somebody did. */
static void tell_missing(Slice *slice, const KilnNode *node, const char *need, const char *what)
{
	gboolean own = node->package == KILN_PACKAGE_RECIPE;
	g_autofree char *id = g_strdup_printf("missing:/%s:%s", node->path, need), *answer = g_strdup_printf("accept: [\"%s\"] if it is never used here, or add what has it to packages", id);
	slice_notice(slice, id, own ? answer : NULL, !own, "/%s needs %s, %s that no package of the solution has; it will not work", node->path, need, what);
}

static void follow_needed(Slice *slice, KilnNode *node)
{
	const KilnElfFacts *elf = node->file->elf;
	const KilnPlatform *platform = slice->closure->platform;
	if (elf->machine != platform->elf_machine && elf->kind != KILN_ELF_OTHER) {
		/* Trees of applications bring programs for several kinds. */
		g_autofree char *detail = g_strdup_printf("the image is for %s", platform->oci);
		if (node->mandatory)
			slice_unfit(slice, node, "another processor", detail);
		return;
	}
	if (elf->interpreter && !slice_keep_path(slice, elf->interpreter, "loader", node, NULL, node->mandatory) && node->mandatory)
		slice_missing(slice, node, elf->interpreter, "its program interpreter");
	for (char **needed = elf->needed; needed && *needed; needed++) {
		if (slice_need_library(slice, node, *needed, "needed", node->mandatory))
			continue;
		if (node->mandatory)
			slice_missing(slice, node, *needed, "its DT_NEEDED");
		else
			tell_missing(slice, node, *needed, "a library");
	}
}

/* "Suggested" is what a package manager would not install either. */
static gboolean only_suggested(const KilnElfFacts *elf, const char *soname)
{
	for (guint i = 0; i < elf->dlopen_notes->len; i++) {
		const KilnElfDlopen *note = elf->dlopen_notes->pdata[i];
		if (note->priority == 0 && g_strv_contains((const char *const *)note->sonames, soname))
			return TRUE;
	}
	return FALSE;
}

static void follow_strings(Slice *slice, KilnNode *node)
{
	const KilnElfFacts *elf = node->file->elf;
	const char *package = node->package >= 0 ? slice->closure->packages[node->package].lock->name : "";
	for (guint i = 0; i < elf->dlopen_notes->len; i++) {
		const KilnElfDlopen *note = elf->dlopen_notes->pdata[i];
		for (char **soname = note->sonames; note->priority > 0 && soname && *soname; soname++)
			if (slice_need_library(slice, node, *soname, "dlopen-note", FALSE))
				break;
	}
	/* libc names what others ask of it (gconv, NSS, libgcc_s): imports tell that better. */
	if (strcmp(package, "libc6") == 0)
		return;
	for (char **soname = elf->sonames; soname && *soname; soname++)
		if (!is_loader_library_name(*soname) && !only_suggested(elf, *soname))
			slice_need_library(slice, node, *soname, "dlopen-string", FALSE);
	for (char **path = elf->paths; path && *path; path++)
		follow_named_path(slice, node, *path);
}

/* A shell comes only when the recipe says so, also for a script that wants one. */
static void keep_interpreter(Slice *slice, KilnNode *node, const char *path)
{
	KilnNode *link = NULL, *program = kiln_closure_resolve(slice->closure, path, &link);
	gboolean shell = kiln_program_is_shell(link ? link->path : path + strspn(path, "/")) || (program && kiln_program_is_shell(program->path));
	if (shell && !slice->recipe->shell) {
		if (node->mandatory)
			slice_unfit(slice, node, path, "a shell in its #! line; say shell: true, or start something else");
		else
			tell_missing(slice, node, path, "a shell");
		return;
	}
	if (slice_keep_path(slice, path, "script-interpreter", node, kiln_closure_intern(slice->closure, path), node->mandatory))
		return;
	if (node->mandatory)
		slice_missing(slice, node, path, "the interpreter in its #! line");
	else
		tell_missing(slice, node, path, "an interpreter");
}

static void follow_script(Slice *slice, KilnNode *node)
{
	const KilnFactsFile *file = node->file;
	keep_interpreter(slice, node, file->interpreter);
	if (!g_str_has_suffix(file->interpreter, "/env") || !file->interpreter_argument)
		return;
	g_autofree char *program = file->interpreter_argument[0] == '/' ? g_strdup(file->interpreter_argument) : g_strdup_printf("/usr/bin/%s", file->interpreter_argument);
	keep_interpreter(slice, node, program);
}

/* Where a link of the recipe leads may be made while the program runs: in a directory that is writable, or by the system. */
static gboolean made_later(const Slice *slice, const char *target)
{
	for (guint i = 0; i < slice->recipe->writable->len; i++) {
		const KilnRecipeWritable *writable = slice->recipe->writable->pdata[i];
		const char *path = writable->path + strspn(writable->path, "/");
		if (g_str_has_prefix(target, path) && (target[strlen(path)] == '/' || target[strlen(path)] == '\0'))
			return TRUE;
	}
	return kiln_skip_is_runtime_directory(target);
}

static void follow_link(Slice *slice, const KilnNode *node)
{
	g_autofree char *target = kiln_path_resolve_link(node->path, node->link_target);
	if (target && slice_keep_path(slice, target, "link-target", node, NULL, node->mandatory))
		return;
	if (node->package != KILN_PACKAGE_RECIPE || (target && made_later(slice, target)))
		return;
	g_autofree char *id = g_strdup_printf("link:/%s", node->path), *answer = g_strdup_printf("accept: [\"%s\"] if it is right", id);
	slice_notice(slice, id, answer, FALSE, "/%s is a link to %s, which the image does not have", node->path, node->link_target);
}

void slice_follow(Slice *slice, KilnNode *node)
{
	/* Data follows code, not other data: a file of netbase is no reason for the rest of it. */
	if (node->package >= 0 && node->content != KILN_CONTENT_DATA)
		slice_activate(slice, node->package, node);
	if (node->type == KILN_FILE_SYMLINK) {
		follow_link(slice, node);
		return;
	}
	slice_follow_pam_service(slice, node);
	if (!node->file)
		return;
	if (node->file->elf) {
		follow_needed(slice, node);
		follow_strings(slice, node);
		slice_follow_imports(slice, node);
	} else if (node->content == KILN_CONTENT_SCRIPT) {
		follow_script(slice, node);
	}
	for (const char **path = node->file->named_paths; path && *path && !node->file->elf; path++)
		if (node->package == KILN_PACKAGE_RECIPE || g_str_has_prefix(node->path, "etc/"))
			follow_named_path(slice, node, *path);
}
