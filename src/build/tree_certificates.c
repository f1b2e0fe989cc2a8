/* SPDX-License-Identifier: Apache-2.0 */
/* tree_certificates.c: the CA bundle and its links, as update-ca-certificates makes them. */
#include "base/error.h"
#include "base/limits.h"
#include "build/effects.h"
#include "build/tree.h"
#include "crypto/certificate.h"

#include <string.h>

#define CERTIFICATE_BYTES_MAX (256 * 1024)

static gint by_node_path(gconstpointer a, gconstpointer b)
{
	return strcmp((*(KilnTreeEntry *const *)a)->path, (*(KilnTreeEntry *const *)b)->path);
}

/* c_rehash's names: <hash>.0, counting up where two subjects share one. */
static void add_hash_link(KilnTree *tree, guint32 hash, const char *pem)
{
	for (guint number = 0; number < 100; number++) {
		g_autofree char *path = g_strdup_printf("etc/ssl/certs/%08x.%u", hash, number);
		if (kiln_tree_get(tree, path))
			continue;
		kiln_tree_add_link(tree, path, pem, "a certificate by its subject's hash");
		return;
	}
}

static gboolean add_one(KilnTree *tree, const KilnTreeEntry *entry, GString *bundle, GError **error)
{
	guint32 hash;
	g_autoptr(GBytes) bytes = kiln_node_read(tree->closure, entry->node, CERTIFICATE_BYTES_MAX, error);
	g_autoptr(GError) local = NULL;
	gsize length;
	if (!bytes)
		return FALSE;
	const char *text = g_bytes_get_data(bytes, &length);
	if (!kiln_certificate_subject_hash(text, length, &hash, &local))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "/%s: not a certificate: %s", entry->path, local->message);
	g_string_append_len(bundle, text, (gssize)length);
	if (length && text[length - 1] != '\n')
		g_string_append_c(bundle, '\n');
	g_autofree char *base = g_path_get_basename(entry->path), *target = g_strconcat("/", entry->path, NULL);
	if (g_str_has_suffix(base, ".crt"))
		base[strlen(base) - strlen(".crt")] = '\0';
	g_autofree char *pem = g_strconcat(base, ".pem", NULL), *path = g_strconcat("etc/ssl/certs/", pem, NULL);
	kiln_tree_add_link(tree, path, target, "a certificate authority");
	add_hash_link(tree, hash, pem);
	return TRUE;
}

gboolean kiln_tree_add_certificates(KilnTree *tree, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new();
	g_autoptr(GString) bundle = g_string_new(NULL);
	for (guint i = 0; i < tree->entries->len; i++) {
		KilnTreeEntry *entry = tree->entries->pdata[i];
		if (entry->node && entry->type == KILN_FILE_REGULAR && g_str_has_suffix(entry->path, ".crt") &&
		    (g_str_has_prefix(entry->path, "usr/share/ca-certificates/") || g_str_has_prefix(entry->path, "usr/local/share/ca-certificates/")))
			g_ptr_array_add(found, entry);
	}
	g_ptr_array_sort(found, by_node_path);
	for (guint i = 0; i < found->len; i++)
		if (!add_one(tree, found->pdata[i], bundle, error))
			return FALSE;
	if (found->len)
		kiln_tree_add_text(tree, "etc/ssl/certs/ca-certificates.crt", bundle->str, bundle->len, "the certificate authorities in one file");
	return TRUE;
}
