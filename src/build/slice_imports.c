/* SPDX-License-Identifier: Apache-2.0 */
/* slice_imports.c: what follows from the functions that a program imports. */
#include "build/slice_internal.h"

#include <string.h>

typedef struct {
	const char *import;
	const char *library; /* soname, or NULL */
	const char *path;    /* with %s for the triplet: a file, or with a trailing slash a whole directory; or NULL */
} Row;

static const Row rows[] = {
	{ "iconv_open", NULL, "usr/lib/%s/gconv/" },
	{ "pthread_cancel", "libgcc_s.so.1", NULL },
	{ "pthread_exit", "libgcc_s.so.1", NULL },
	{ "backtrace", "libgcc_s.so.1", NULL },
	{ "getservbyname", NULL, "etc/services" },
	{ "getservbyname_r", NULL, "etc/services" },
	{ "getservbyport", NULL, "etc/services" },
	{ "getservbyport_r", NULL, "etc/services" },
	{ "getaddrinfo", NULL, "etc/services" },
	{ "getaddrinfo", NULL, "etc/hosts" },
	{ "gethostbyname", NULL, "etc/hosts" },
	{ "gethostbyname_r", NULL, "etc/hosts" },
	{ "gethostbyname2_r", NULL, "etc/hosts" },
	{ "getprotobyname", NULL, "etc/protocols" },
	{ "getprotobyname_r", NULL, "etc/protocols" },
	{ "getprotobynumber", NULL, "etc/protocols" },
	{ "getrpcbyname", NULL, "etc/rpc" },
	{ "getrpcbynumber", NULL, "etc/rpc" },
};

/* Packages whose import asks for nothing: they convert between character sets that the C library knows without a module. */
static const struct {
	const char *import, *package;
} exceptions[] = {
	{ "iconv_open", "libstdc++6" },     /* thousands separators of a locale, from UTF-8 to ASCII */
	{ "iconv_open", "libunistring*" }, /* the locale's character set, which is UTF-8 */
	{ "iconv_open", "libidn2-0" },      /* likewise */
	{ "iconv_open", "libpsl5*" },       /* likewise */
	{ "pam_start", "libpam0g" },        /* it is the library itself */
};

static void keep_below(Slice *slice, const char *directory, const KilnNode *from, const char *import)
{
	const GPtrArray *children = kiln_closure_children(slice->closure, directory);
	for (guint i = 0; children && i < children->len; i++) {
		KilnNode *child = children->pdata[i];
		if (child->type == KILN_FILE_DIRECTORY)
			keep_below(slice, child->path, from, import);
		else
			slice_offer(slice, child, "import", from, import);
	}
}

/* libc and its family define these functions rather than need what they use. */
static gboolean of_libc(const Slice *slice, const KilnNode *node)
{
	const char *package = node->package >= 0 ? slice->closure->packages[node->package].lock->name : "";
	return strcmp(package, "libc6") == 0 || strcmp(package, "libc-bin") == 0;
}

static gboolean excepted(const Slice *slice, const KilnNode *node, const char *import)
{
	const char *package = node->package >= 0 ? slice->closure->packages[node->package].lock->name : "";
	for (gsize i = 0; i < G_N_ELEMENTS(exceptions); i++)
		if (strcmp(exceptions[i].import, import) == 0 && kiln_glob_matches(exceptions[i].package, package))
			return TRUE;
	return FALSE;
}

static void apply(Slice *slice, KilnNode *node, const Row *row)
{
	const char *import = kiln_closure_intern(slice->closure, row->import);
	if (row->library) {
		slice_need_library(slice, node, row->library, "import", FALSE);
		return;
	}
	g_autoptr(GString) path = g_string_new(row->path);
	g_string_replace(path, "%s", slice->closure->platform->triplet, 0);
	if (path->str[path->len - 1] == '/') {
		g_string_truncate(path, path->len - 1);
		keep_below(slice, path->str, node, import);
	} else if (kiln_closure_get(slice->closure, path->str)) {
		slice_keep_path(slice, path->str, "import", node, import, FALSE);
	}
}

static void warn_of_shell(Slice *slice, const KilnNode *node, const char *import)
{
	g_autofree char *id = g_strdup_printf("shell:/%s", node->path);
	g_autofree char *answer = g_strdup_printf("accept: [\"%s\"] if it never does so here, or shell: true", id);
	if (slice->recipe->shell || g_strv_contains((const char *const *)slice->recipe->accept, id) || g_hash_table_contains(slice->noted, id))
		return;
	g_hash_table_add(slice->noted, g_strdup(id));
	kiln_notice_add(slice->result->notices, id, answer, FALSE, "/%s imports %s(): where it calls it, it wants a shell, and there is none", node->path, import);
}

void slice_follow_imports(Slice *slice, KilnNode *node)
{
	char **imports = node->file->elf->imports;
	if (of_libc(slice, node))
		return;
	for (; imports && *imports; imports++) {
		for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
			if (strcmp(rows[i].import, *imports) == 0 && !excepted(slice, node, *imports))
				apply(slice, node, &rows[i]);
		if (strcmp(*imports, "pam_start") == 0 && !excepted(slice, node, *imports))
			slice_keep_pam_services(slice, node);
		if (node->mandatory && slice_is_program_path(node->path) && (strcmp(*imports, "system") == 0 || strcmp(*imports, "popen") == 0))
			warn_of_shell(slice, node, *imports);
	}
}
