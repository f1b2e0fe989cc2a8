/* SPDX-License-Identifier: Apache-2.0 */
/* db_export.c: kiln db export and kiln db import: the database as one signed file, out and in. */
#include "cli/db_export.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/size.h"
#include "cli/exit.h"
#include "cli/render.h"
#include "data/json.h"
#include "io/file.h"
#include "vuln/database_import.h"
#include "vuln/feed_fetch.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The one file that an action is about. */
static const char *only_file(const KilnInvocation *invocation, GError **error)
{
	const char *word = invocation->arguments[0], *file = invocation->arguments[1];
	if (file && !invocation->arguments[2])
		return file;
	kiln_fail(error, KILN_ERROR_SYNTAX, "kiln db %s: name one file, as in: kiln db %s vulnerabilities.kilndb", word, word);
	return NULL;
}

static KilnKey *read_key(const char *path, gboolean is_private, GError **error)
{
	g_autoptr(GBytes) pem = kiln_file_read_at(AT_FDCWD, path, KILN_LIMIT_KEY_BYTES, error);
	gsize length = 0;
	const char *text = pem ? g_bytes_get_data(pem, &length) : NULL;
	if (!pem)
		return NULL;
	return is_private ? kiln_key_read_private(text ? text : "", length, path, error) : kiln_key_read_public(text ? text : "", length, path, error);
}

static gboolean refuse_both(const char *action, GError **error)
{
	return kiln_fail(error, KILN_ERROR_SYNTAX, "kiln db %s: --key and --unsigned exclude each other", action);
}

static json_t *export_json(const char *file, const KilnDatabaseExport *export)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	json_t *document = json_object();
	kiln_json_set_integer(document, "version", 1);
	kiln_json_set_string(document, "file", file);
	kiln_json_set_integer(document, "bytes", (gint64)export->size_bytes);
	kiln_json_set_string(document, "database", kiln_digest_print(&export->database, digest));
	kiln_json_set_string(document, "base", export->is_delta ? kiln_digest_print(&export->base, digest) : NULL);
	kiln_json_set_string(document, "key", *export->key_id ? export->key_id : NULL);
	kiln_json_set_integer(document, "sources", export->sources);
	kiln_json_set_integer(document, "left-out", export->left_out);
	kiln_json_set_integer(document, "records", (gint64)export->records);
	return document;
}

static void print_export(KilnInvocation *invocation, const char *file, const KilnDatabaseExport *export)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	kiln_output_begin(invocation);
	if (invocation->json) {
		g_autoptr(json_t) document = export_json(file, export);
		kiln_print_json(document);
		return;
	}
	g_autofree char *size = kiln_size_text(export->size_bytes);
	printf("%s, %s\n  %s\n", file, size, kiln_digest_print(&export->database, digest));
	if (export->is_delta)
		printf("  beside %s\n", kiln_digest_print(&export->base, digest));
	printf("  %" G_GUINT64_FORMAT " records of %u sources", export->records, export->sources - export->left_out);
	printf(export->left_out ? "; %u are as they were\n" : "\n", export->left_out);
	printf(*export->key_id ? "  signed by the key %s\n" : "  signed by nobody\n", export->key_id);
}

int kiln_db_export(KilnInvocation *invocation, const char *path, GError **error)
{
	KilnDatabaseExport export;
	const char *file = only_file(invocation, error), *key_path = kiln_option_string(invocation, "key");
	gboolean is_unsigned = kiln_option_flag(invocation, "unsigned");
	if (!file)
		return KILN_EXIT_ERROR;
	if (key_path && is_unsigned)
		return refuse_both("export", error) ? KILN_EXIT_CLEAN : KILN_EXIT_ERROR;
	if (!key_path && !is_unsigned) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "kiln db export: name the private key that signs it with --key (\"openssl genpkey -algorithm ed25519\" makes one), or say --unsigned");
		return KILN_EXIT_ERROR;
	}
	g_autoptr(KilnKey) key = key_path ? read_key(key_path, TRUE, error) : NULL;
	if (key_path && !key)
		return KILN_EXIT_ERROR;
	g_autoptr(KilnDatabase) database = kiln_database_open(path, error);
	if (!database || !kiln_database_export(database, file, key, kiln_option_string(invocation, "since"), &invocation->context, &export, error))
		return KILN_EXIT_ERROR;
	print_export(invocation, file, &export);
	return KILN_EXIT_CLEAN;
}

/* The keys that may have signed: --key, else those of --trusted-key, which kiln.yaml may hold. */
static gboolean trusted_keys(const KilnInvocation *invocation, GPtrArray *keys, GError **error)
{
	const char *key = kiln_option_string(invocation, "key");
	const char *const alone[] = { key, NULL }, *const *paths = key ? alone : kiln_option_list(invocation, "trusted-key");
	for (; *paths; paths++) {
		KilnKey *read = read_key(*paths, FALSE, error);
		if (!read)
			return FALSE;
		g_ptr_array_add(keys, read);
	}
	return keys->len > 0 || kiln_fail(error, KILN_ERROR_SYNTAX, "kiln db import: name the public key that must have signed it with --key, or trusted-key of db in kiln.yaml, or say --unsigned");
}

/* What kiln db update keeps beside the database: nothing else is in that directory. -1 without error: there is none. */
static int lock_feeds(const KilnInvocation *invocation, int directory, GError **error)
{
	return directory < 0 ? -1 : kiln_file_lock_cancellable_at(directory, KILN_FEED_LOCK_NAME, invocation->context.cancellable, error);
}

/* What is kept speaks of the database that went: servers are to be asked anew for all. */
static gboolean forget_feeds(int directory, GError **error)
{
	g_auto(GStrv) names = directory < 0 ? NULL : kiln_directory_list_at(directory, ".", error);
	for (char **name = names; name && *name; name++)
		if (strcmp(*name, KILN_FEED_LOCK_NAME) != 0 && !kiln_remove_tree_at(directory, *name, error))
			return FALSE;
	return directory < 0 || names;
}

gboolean kiln_db_import(KilnInvocation *invocation, const char *path, GError **error)
{
	KilnDatabaseExport import;
	const char *file = only_file(invocation, error);
	gboolean is_unsigned = kiln_option_flag(invocation, "unsigned");
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_key_free);
	if (!file)
		return FALSE;
	if (is_unsigned && kiln_option_string(invocation, "key"))
		return refuse_both("import", error);
	if (!is_unsigned && !trusted_keys(invocation, keys, error))
		return FALSE;
	g_autofree char *feeds = g_strconcat(path, KILN_FEED_DIRECTORY_SUFFIX, NULL);
	g_auto(KilnFd) directory = access(feeds, F_OK) == 0 ? kiln_directory_open_at(AT_FDCWD, feeds, error) : -1;
	g_auto(KilnFd) lock = lock_feeds(invocation, directory, error);
	if (access(feeds, F_OK) == 0 && lock < 0)
		return FALSE;
	if (!kiln_database_import(file, path, is_unsigned ? NULL : keys, &invocation->context, &import, error))
		return FALSE;
	if (is_unsigned && *import.key_id)
		kiln_context_notice(&invocation->context, "%s: its signature was not looked at, as --unsigned says", file);
	return forget_feeds(directory, error);
}
