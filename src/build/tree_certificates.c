/* SPDX-License-Identifier: Apache-2.0 */
/* tree_certificates.c: the CA bundle, its links and the store for Java, as update-ca-certificates and its hook for Java make them. */
#include "base/error.h"
#include "base/limits.h"
#include "build/effects.h"
#include "build/tree.h"
#include "crypto/certificate.h"
#include "crypto/java_truststore.h"

#include <string.h>

#define CERTIFICATE_BYTES_MAX (256 * 1024)
#define JAVA_STORE "etc/ssl/certs/java/cacerts"

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

/* The name of a certificate's file without ".crt": as in /etc/ssl/certs/NAME.pem. New string. */
static char *plain_name(const KilnTreeEntry *entry)
{
	char *base = g_path_get_basename(entry->path);
	if (g_str_has_suffix(base, ".crt"))
		base[strlen(base) - strlen(".crt")] = '\0';
	return base;
}

static gboolean add_one(KilnTree *tree, const KilnTreeEntry *entry, GBytes *bytes, GString *bundle, GError **error)
{
	guint32 hash;
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	if (!kiln_certificate_subject_hash(text, length, &hash, error))
		return FALSE;
	g_string_append_len(bundle, text, (gssize)length);
	if (length && text[length - 1] != '\n')
		g_string_append_c(bundle, '\n');
	g_autofree char *base = plain_name(entry), *target = g_strconcat("/", entry->path, NULL);
	g_autofree char *pem = g_strconcat(base, ".pem", NULL), *path = g_strconcat("etc/ssl/certs/", pem, NULL);
	kiln_tree_add_link(tree, path, target, "a certificate authority");
	add_hash_link(tree, hash, pem);
	return TRUE;
}

/* As ca-certificates-java names them, in ASCII: Java compares what it lower-cased itself. */
static char *alias_of(const KilnTreeEntry *entry)
{
	g_autofree char *base = plain_name(entry);
	GString *alias = g_string_new("debian:");
	for (const char *c = base; *c; c++) {
		if (g_ascii_isgraph(*c))
			g_string_append_c(alias, g_ascii_tolower(*c));
		else
			g_string_append_printf(alias, "%%%02x", (guint8)*c);
	}
	g_string_append(alias, ".pem");
	return g_string_free(alias, FALSE);
}

/* A Java that is kept has a link to it in its lib/security. */
static gboolean wants_java_store(const KilnTree *tree)
{
	for (guint i = 0; i < tree->entries->len; i++) {
		const KilnTreeEntry *entry = tree->entries->pdata[i];
		if (entry->type == KILN_FILE_SYMLINK && g_strcmp0(entry->link_target, "/" JAVA_STORE) == 0)
			return TRUE;
	}
	return FALSE;
}

typedef struct {
	GArray *trusted; /* KilnJavaTrusted */
	GHashTable *aliases;
} JavaStore;

static gboolean add_java_entry(JavaStore *store, const KilnTreeEntry *entry, GBytes *bytes, GError **error)
{
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	g_autofree char *alias = alias_of(entry);
	GBytes *der = kiln_certificate_to_der(text, length, error);
	if (!der)
		return FALSE;
	/* Two files of one name: /usr/local/share/ca-certificates comes first in the order of paths, and wins as in /etc/ssl/certs. */
	if (g_hash_table_contains(store->aliases, alias)) {
		g_bytes_unref(der);
		return TRUE;
	}
	g_array_append_val(store->trusted, ((KilnJavaTrusted){ alias, der }));
	g_hash_table_add(store->aliases, g_steal_pointer(&alias));
	return TRUE;
}

static void clear_trusted(gpointer data)
{
	KilnJavaTrusted *trusted = data;
	g_bytes_unref(trusted->der);
}

static gboolean add_all(KilnTree *tree, const GPtrArray *found, GString *bundle, JavaStore *store, GError **error)
{
	for (guint i = 0; i < found->len; i++) {
		const KilnTreeEntry *entry = found->pdata[i];
		g_autoptr(GBytes) bytes = kiln_node_read(tree->closure, entry->node, CERTIFICATE_BYTES_MAX, error);
		if (!bytes)
			return FALSE;
		if (!add_one(tree, entry, bytes, bundle, error) || !add_java_entry(store, entry, bytes, error)) {
			g_prefix_error(error, "/%s: not a certificate: ", entry->path);
			return FALSE;
		}
	}
	return TRUE;
}

static void add_java_store(KilnTree *tree, const JavaStore *store)
{
	gsize length;
	g_autoptr(GBytes) bytes = kiln_java_truststore_write((const KilnJavaTrusted *)(gpointer)store->trusted->data, store->trusted->len, "changeit");
	const char *data = g_bytes_get_data(bytes, &length);
	kiln_tree_add_text(tree, JAVA_STORE, data, length, "the certificate authorities for Java");
}

gboolean kiln_tree_add_certificates(KilnTree *tree, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new();
	g_autoptr(GString) bundle = g_string_new(NULL);
	g_autoptr(GArray) trusted = g_array_new(FALSE, FALSE, sizeof(KilnJavaTrusted));
	g_autoptr(GHashTable) aliases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	JavaStore store = { trusted, aliases };
	g_array_set_clear_func(trusted, clear_trusted);
	for (guint i = 0; i < tree->entries->len; i++) {
		KilnTreeEntry *entry = tree->entries->pdata[i];
		if (entry->node && entry->type == KILN_FILE_REGULAR && g_str_has_suffix(entry->path, ".crt") &&
		    (g_str_has_prefix(entry->path, "usr/share/ca-certificates/") || g_str_has_prefix(entry->path, "usr/local/share/ca-certificates/")))
			g_ptr_array_add(found, entry);
	}
	g_ptr_array_sort(found, by_node_path);
	if (!add_all(tree, found, bundle, &store, error))
		return FALSE;
	if (found->len)
		kiln_tree_add_text(tree, "etc/ssl/certs/ca-certificates.crt", bundle->str, bundle->len, "the certificate authorities in one file");
	if (found->len && wants_java_store(tree))
		add_java_store(tree, &store);
	return TRUE;
}
