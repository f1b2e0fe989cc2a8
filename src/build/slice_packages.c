/* SPDX-License-Identifier: Apache-2.0 */
/* slice_packages.c: what a package brings once something of it is used: data follows code, and pure data packages come whole. */
#include "build/slice_internal.h"

#include "build/skip.h"

#include <string.h>

/* Where interpreters look for modules, and what says that the interpreter is there: a program that may run scripts, or its library. */
typedef struct {
	const char *modules; /* glob of paths */
	const char *program; /* prefix of the program's path */
	const char *library; /* prefix of the library's name; NULL: none */
} Interpreter;

static const Interpreter interpreters[] = {
	{ "usr/lib/python3*/**", "usr/bin/python3", "libpython3" },
	{ "usr/share/perl/**", "usr/bin/perl", "libperl.so" },
	{ "usr/share/perl5/**", "usr/bin/perl", "libperl.so" },
	{ "usr/lib/*/perl/**", "usr/bin/perl", "libperl.so" },
	{ "usr/lib/*/perl5/**", "usr/bin/perl", "libperl.so" },
	{ "usr/lib/ruby/**", "usr/bin/ruby", "libruby" },
	{ "usr/share/rubygems-integration/**", "usr/bin/ruby", "libruby" },
	{ "usr/share/nodejs/**", "usr/bin/node", "libnode.so" },
	{ "usr/share/php/**", "usr/bin/php", "libphp" },
	{ "usr/share/php/**", "usr/sbin/php-fpm", "libphp" },
	{ "usr/share/java/**", "usr/lib/jvm/", NULL },
	{ "usr/share/tcltk/**", "usr/bin/tclsh", "libtcl" },
	{ "usr/share/lua/**", "usr/bin/lua", "liblua" },
};

static gboolean ships_data(const KilnNode *node)
{
	return node->type != KILN_FILE_DIRECTORY && node->content == KILN_CONTENT_DATA && !g_str_has_prefix(node->path, "usr/share/doc/") &&
	       !g_str_has_prefix(node->path, "usr/share/lintian/") && !g_str_has_prefix(node->path, "usr/share/man/");
}

void slice_classify_packages(Slice *slice)
{
	for (gsize i = 0; i < slice->closure->package_count; i++) {
		KilnClosurePackage *package = &slice->closure->packages[i];
		for (guint j = 0; j < package->nodes->len; j++) {
			const KilnNode *node = package->nodes->pdata[j];
			gboolean starts = node->file && node->file->elf && node->file->elf->interpreter;
			/* Scripts come only with their interpreter: update-ca-certificates makes no program of the certificates. */
			gboolean named = slice_is_program_path(node->path) && (node->content == KILN_CONTENT_ELF || node->type == KILN_FILE_SYMLINK);
			package->has_program |= starts || named;
			for (gsize k = 0; k < G_N_ELEMENTS(interpreters); k++)
				if (kiln_glob_matches(interpreters[k].modules, node->path) && ships_data(node))
					package->modules |= 1u << k;
		}
	}
}

/* Nothing in it could be chosen file by file: no program, no library that the loader would find. */
static gboolean is_pure_data(const KilnClosurePackage *package)
{
	return !package->has_program && !package->has_loader_library;
}

static gboolean interpreter_kept(const Slice *slice, const Interpreter *interpreter)
{
	GHashTableIter iterator;
	gpointer key, value;
	g_hash_table_iter_init(&iterator, slice->interpreters);
	while (g_hash_table_iter_next(&iterator, &key, NULL))
		if (g_str_has_prefix(((const KilnNode *)key)->path, interpreter->program))
			return TRUE;
	g_hash_table_iter_init(&iterator, slice->libraries);
	while (interpreter->library && g_hash_table_iter_next(&iterator, &key, &value)) {
		const GPtrArray *nodes = value;
		for (guint i = 0; g_str_has_prefix(key, interpreter->library) && i < nodes->len; i++)
			if (((const KilnNode *)nodes->pdata[i])->kept)
				return TRUE;
	}
	return FALSE;
}

static gboolean modules_used(const Slice *slice, const KilnClosurePackage *package)
{
	for (gsize i = 0; i < G_N_ELEMENTS(interpreters); i++)
		if ((package->modules & 1u << i) && interpreter_kept(slice, &interpreters[i]))
			return TRUE;
	return FALSE;
}

gboolean slice_is_tool(const char *name)
{
	/* Used by maintainer scripts only, which kiln computes: reason in each case that a service never calls them. */
	static const char *const tools[] = { "adduser", "debconf", "cdebconf", "dpkg", "init-system-helpers", "install-info", "libdebconfclient0",
		                             "lsb-base", "sensible-utils", "systemd", "sysvinit-utils", "ucf", "perl-base", "python3-minimal",
		                             "libpam-runtime", "logrotate", "mount", "passwd", "login", "bsdutils", "util-linux", NULL };
	return g_strv_contains(tools, name);
}

/* Of these each file has a rule of its own: what else they ship belongs to a system, not to a program. */
static gboolean is_foundation(const char *name)
{
	static const char *const foundation[] = { "base-files", "base-passwd", "libc6", "libc-bin", "netbase", "init-system-helpers", NULL };
	return g_strv_contains(foundation, name);
}

static gboolean bring_dependencies(Slice *slice, const KilnClosurePackage *package, const KilnNode *because);

static void bring_whole(Slice *slice, int index, const char *rule, const KilnNode *because)
{
	KilnClosurePackage *package = &slice->closure->packages[index];
	if (package->whole)
		return;
	package->whole = TRUE;
	for (guint i = 0; i < package->nodes->len; i++) {
		KilnNode *node = package->nodes->pdata[i];
		if (node->type != KILN_FILE_DIRECTORY && !slice_is_program_path(node->path))
			slice_offer(slice, node, rule, because, package->lock->name);
	}
	slice_activate(slice, index, because);
}

/* A place that a program may look for; one that every host has says nothing. */
static gboolean empty_directory(const Slice *slice, const KilnNode *node)
{
	const GPtrArray *children = kiln_closure_children(slice->closure, node->path);
	return node->type == KILN_FILE_DIRECTORY && (!children || children->len == 0) && !kiln_skip_is_general_directory(node->path);
}

static gboolean directory_with_owner(const KilnNode *node)
{
	return node->type == KILN_FILE_DIRECTORY && (node->owner || node->uid || node->gid || node->made_by);
}

/* Data and modules that @package depends on. TRUE when some came that had not. */
static gboolean bring_dependencies(Slice *slice, const KilnClosurePackage *package, const KilnNode *because)
{
	gboolean added = FALSE;
	for (gsize i = 0; i < package->depend_count; i++) {
		KilnClosurePackage *other = &slice->closure->packages[package->depends[i]];
		gboolean modules = modules_used(slice, other);
		if (other->whole || slice_is_tool(other->lock->name) || is_foundation(other->lock->name) || !(modules || (!other->modules && is_pure_data(other))))
			continue;
		bring_whole(slice, (int)package->depends[i], modules ? "module-package" : "data-package", because);
		added = TRUE;
	}
	return added;
}

void slice_activate(Slice *slice, int index, const KilnNode *because)
{
	KilnClosurePackage *package = &slice->closure->packages[index];
	if (package->active)
		return;
	package->active = TRUE;
	for (guint i = 0; i < package->nodes->len && (package->requested || !is_foundation(package->lock->name)); i++) {
		KilnNode *node = package->nodes->pdata[i];
		if ((node->type == KILN_FILE_REGULAR && node->content == KILN_CONTENT_DATA && !slice_is_program_path(node->path)) ||
		    empty_directory(slice, node) || directory_with_owner(node))
			slice_offer(slice, node, "data", because, package->lock->name);
	}
	bring_dependencies(slice, package, because);
}

gboolean slice_bring_modules(Slice *slice)
{
	gboolean added = FALSE;
	for (gsize i = 0; i < slice->closure->package_count; i++)
		if (slice->closure->packages[i].active)
			added |= bring_dependencies(slice, &slice->closure->packages[i], NULL);
	return added;
}
