/* SPDX-License-Identifier: Apache-2.0 */
/* slice_pam.c: the services of PAM that a program can ask for, and the modules that they name. Source: pam.conf(5). */
#include "build/slice_internal.h"

#include "base/limits.h"
#include "build/effects.h"

#include <string.h>

#define CONFIGURATION "etc/pam.d/"

static void keep_module(Slice *slice, const KilnNode *from, const char *name)
{
	g_autofree char *path = name[0] == '/' ? g_strdup(name) : g_strdup_printf("/usr/lib/%s/security/%s", slice->closure->platform->triplet, name);
	const char *detail = kiln_closure_intern(slice->closure, name);
	if (slice_keep_path(slice, path, "pam", from, detail, FALSE))
		return;
	g_autofree char *id = g_strdup_printf("missing:/%s:%s", from->path, name);
	if (g_hash_table_add(slice->noted, g_strdup(id)))
		kiln_notice_add(slice->result->notices, id, NULL, TRUE, "/%s names the PAM module %s, which no package of the solution has", from->path, name);
}

static void keep_service(Slice *slice, const KilnNode *from, const char *name)
{
	g_autofree char *path = g_strconcat(CONFIGURATION, name, NULL);
	if (!strchr(name, '/'))
		slice_keep_path(slice, path, "pam", from, kiln_closure_intern(slice->closure, name), FALSE);
}

/* "auth [success=1 default=ignore] pam_unix.so nullok", "@include common-auth", "auth include common-auth". */
static void follow_line(Slice *slice, const KilnNode *from, const char *line)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	while (*line && *line != '#') {
		gsize length = *line == '[' ? strcspn(line, "]") : strcspn(line, " \t\r");
		length += line[length] == ']';
		if (length)
			g_ptr_array_add(words, g_strndup(line, length));
		line += length + strspn(line + length, " \t\r");
	}
	if (words->len >= 2 && strcmp(words->pdata[0], "@include") == 0)
		keep_service(slice, from, words->pdata[1]);
	else if (words->len >= 3 && (strcmp(words->pdata[1], "include") == 0 || strcmp(words->pdata[1], "substack") == 0))
		keep_service(slice, from, words->pdata[2]);
	else if (words->len >= 3)
		keep_module(slice, from, words->pdata[2]);
}

void slice_follow_pam_service(Slice *slice, const KilnNode *node)
{
	if (!g_str_has_prefix(node->path, CONFIGURATION) || node->type != KILN_FILE_REGULAR)
		return;
	g_autoptr(GBytes) bytes = kiln_node_read(slice->closure, node, KILN_LIMIT_CONFIG_BYTES, NULL);
	gsize length = 0;
	const char *data = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	g_autofree char *text = g_strndup(data ? data : "", length);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		/* A backslash at the end joins lines. */
		gsize end = strlen(*line);
		if (end && (*line)[end - 1] == '\\' && line[1]) {
			(*line)[end - 1] = ' ';
			char *joined = g_strconcat(*line, line[1], NULL);
			g_free(line[1]);
			line[1] = joined;
			continue;
		}
		follow_line(slice, node, *line + strspn(*line, " \t"));
	}
}

static gboolean depends_on(const KilnClosurePackage *package, int other)
{
	for (gsize i = 0; i < package->depend_count; i++)
		if ((int)package->depends[i] == other)
			return TRUE;
	return FALSE;
}

/* Which service it asks for is in its code; that its package, or one that this depends on, ships the service's file is what packages do. */
void slice_keep_pam_services(Slice *slice, const KilnNode *node)
{
	const GPtrArray *services = kiln_closure_children(slice->closure, "etc/pam.d");
	for (guint i = 0; services && i < services->len; i++) {
		KilnNode *service = services->pdata[i];
		/* How passwd asks PAM is nothing that a service asks. */
		gboolean own = service->package >= 0 && node->package >= 0 && !slice_is_tool(slice->closure->packages[service->package].lock->name) &&
		               (service->package == node->package || depends_on(&slice->closure->packages[node->package], service->package));
		if ((own && !g_str_has_prefix(service->path, CONFIGURATION "common-")) || strcmp(service->path, CONFIGURATION "other") == 0)
			slice_offer(slice, service, "import", node, "pam_start");
	}
}
