/* SPDX-License-Identifier: Apache-2.0 */
/* import.c: reports of other scanners, and which package a claim of theirs speaks of. */
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "io/file.h"
#include "pkg/purl.h"
#include "vuln/cvss.h"
#include "vuln/import_internal.h"

#include <fcntl.h>
#include <string.h>

static const ImportFormat *const formats[] = { &import_trivy, &import_grype, &import_sarif };

static void claim_free(gpointer data)
{
	KilnImportClaim *claim = data;
	g_ptr_array_unref(claim->names);
	g_free(claim->package);
	g_free(claim->version);
	g_free(claim->purl);
	g_free(claim->fixed);
	g_free(claim->severity_source);
	g_free(claim->vector);
	g_free(claim->summary);
	g_free(claim->evidence);
	g_free(claim);
}

void kiln_import_free(KilnImport *import)
{
	if (!import)
		return;
	g_free(import->source);
	g_free(import->path);
	g_free(import->digest);
	g_ptr_array_unref(import->about);
	g_ptr_array_unref(import->claims);
	g_free(import);
}

KilnImportClaim *import_add(KilnImport *import, const char *id, char *evidence)
{
	KilnImportClaim *claim = g_new0(KilnImportClaim, 1);
	claim->names = g_ptr_array_new_with_free_func(g_free);
	claim->verdict = KILN_VERDICT_AFFECTED;
	claim->evidence = evidence;
	g_ptr_array_add(import->claims, claim);
	import_add_name(claim, id);
	return claim;
}

void import_add_name(KilnImportClaim *claim, const char *name)
{
	if (name && *name && !g_ptr_array_find_with_equal_func(claim->names, name, g_str_equal, NULL))
		g_ptr_array_add(claim->names, g_strdup(name));
}

void import_add_about(KilnImport *import, const char *text)
{
	KilnDigest digest;
	const char *found = text ? strstr(text, "sha256:") : NULL;
	char printed[KILN_DIGEST_TEXT_MAX];
	if (found && kiln_digest_parse(found, strlen(found), &digest, NULL))
		g_ptr_array_add(import->about, g_strdup(kiln_digest_print(&digest, printed)));
}

KilnSeverity import_severity(const char *word)
{
	static const struct {
		const char *word;
		KilnSeverity severity;
	} rows[] = { { "critical", KILN_SEVERITY_CRITICAL }, { "high", KILN_SEVERITY_HIGH }, { "medium", KILN_SEVERITY_MEDIUM }, { "moderate", KILN_SEVERITY_MEDIUM },
		     { "low", KILN_SEVERITY_LOW }, { "negligible", KILN_SEVERITY_NONE }, { "none", KILN_SEVERITY_NONE } };
	for (gsize i = 0; word && i < G_N_ELEMENTS(rows); i++)
		if (g_ascii_strcasecmp(word, rows[i].word) == 0)
			return rows[i].severity;
	return KILN_SEVERITY_UNKNOWN;
}

void import_note_vector(KilnImportClaim *claim, const char *whose, const char *vector)
{
	KilnCvss cvss;
	if (!vector || !kiln_cvss_parse(kiln_text(vector), &cvss, NULL))
		return;
	KilnSeverity severity = kiln_cvss_severity(cvss.version, kiln_cvss_score(&cvss).overall_tenths);
	if (severity < claim->severity || (severity == claim->severity && claim->vector))
		return;
	g_free(claim->vector);
	g_free(claim->severity_source);
	claim->severity = severity;
	claim->vector = g_strdup(vector);
	claim->severity_source = g_strdup(whose);
}

gboolean import_array(const KilnImport *import, const json_t *object, const char *key, const char *where, const json_t **array, GError **error)
{
	json_t *member = json_object_get(object, key);
	*array = json_is_array(member) ? member : NULL;
	return !member || json_is_null(member) || *array || kiln_fail(error, KILN_ERROR_SYNTAX, "%s: %s\"%s\" must be a list", import->path, where, key);
}

const char *import_text(const KilnImport *import, const json_t *object, const char *key, const char *where, GError **error)
{
	const char *text = kiln_json_string_or_null(object, key);
	if (text && *text)
		return text;
	kiln_fail(error, KILN_ERROR_SYNTAX, "%s: %s\"%s\" must be a text", import->path, where, key);
	return NULL;
}

KilnImport *kiln_import_read(const char *path, GError **error)
{
	KilnDigest digest;
	char printed[KILN_DIGEST_TEXT_MAX];
	g_autoptr(GBytes) bytes = kiln_file_read_at(AT_FDCWD, path, KILN_LIMIT_JSON_BYTES, error);
	gsize length = 0;
	const char *text = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	g_autoptr(json_t) root = bytes ? kiln_json_parse(text ? text : "", length, path, error) : NULL;
	if (!root)
		return NULL;
	g_autoptr(KilnImport) import = g_new0(KilnImport, 1);
	kiln_hash_bytes(text, length, &digest);
	import->path = g_strdup(path);
	import->digest = g_strdup(kiln_digest_print(&digest, printed));
	import->about = g_ptr_array_new_with_free_func(g_free);
	import->claims = g_ptr_array_new_with_free_func(claim_free);
	for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
		if (formats[i]->recognises(root))
			return formats[i]->read(import, root, error) ? g_steal_pointer(&import) : NULL;
	kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: neither Trivy's JSON (schema 2) nor Grype's nor SARIF 2.1.0", path);
	return NULL;
}

gboolean kiln_import_is_about(const KilnImport *import, const char *const *digests, gboolean *says, GError **error)
{
	*says = FALSE;
	for (guint i = 0; i < import->about->len; i++)
		*says |= g_strv_contains(digests, import->about->pdata[i]);
	if (*says || !import->about->len)
		return TRUE;
	return kiln_fail(error, KILN_ERROR_MISMATCH, "%s: it is about another image, %s, not about %s", import->path, (const char *)import->about->pdata[0], digests[0] ? digests[0] : "this one");
}

/* "lodash" of "@scope/lodash" is another package; "group:artifact" and "group/artifact" are the same. */
static gboolean same_name(const char *written, const char *own)
{
	for (; *written && *own; written++, own++)
		if (*written != *own && !(strchr(":/", *written) && strchr(":/", *own)))
			return FALSE;
	return *written == *own;
}

static gboolean same_version(const char *written, const KilnPackage *package)
{
	const char *versions[] = { package->version, package->source_version };
	for (gsize i = 0; written && i < G_N_ELEMENTS(versions); i++) {
		const char *own = versions[i], *colon = own ? strchr(own, ':') : NULL;
		/* Some leave an epoch out, some write "v1.2" for Go. */
		if (own && (strcmp(written, own) == 0 || (colon && strcmp(written, colon + 1) == 0) || (*written == 'v' && strcmp(written + 1, own) == 0) || (*own == 'v' && strcmp(written, own + 1) == 0)))
			return TRUE;
	}
	return !written || !*written;
}

static gboolean purl_is_of(const char *text, const KilnPackage *package)
{
	g_autofree char *own_text = kiln_package_purl(package);
	g_autoptr(KilnPurl) purl = kiln_purl_parse(kiln_text(text), NULL), own = own_text ? kiln_purl_parse(kiln_text(own_text), NULL) : NULL;
	return purl && own && strcmp(purl->type, own->type) == 0 && strcmp(purl->name, own->name) == 0 && (!purl->name_space || g_strcmp0(purl->name_space, own->name_space) == 0) &&
	       same_version(purl->version, package);
}

gboolean kiln_import_claim_is_of(const KilnImportClaim *claim, const KilnPackage *package)
{
	const char *cut = strrchr(package->name, '/'), *colon = strrchr(package->name, ':'), *base = cut ? cut + 1 : colon ? colon + 1 : package->name;
	if (claim->purl && strcasestr(claim->purl, base) && purl_is_of(claim->purl, package))
		return TRUE;
	if (!claim->package)
		return FALSE;
	gboolean named = same_name(claim->package, package->name) || (package->source_name && same_name(claim->package, package->source_name));
	return named && same_version(claim->version, package);
}

char *kiln_import_claim_fixed(const KilnImportClaim *claim, const KilnVersionOrder *order, const char *version)
{
	g_auto(GStrv) parts = g_strsplit(claim->fixed ? claim->fixed : "", ",", -1);
	const char *best = NULL, *first = NULL;
	for (char **part = parts; *part; part++) {
		const char *one = g_strstrip(*part);
		if (!order->check(kiln_text(one), NULL))
			continue;
		first = first ? first : one;
		if (order->check(kiln_text(version), NULL) && order->compare(kiln_text(one), kiln_text(version)) > 0 && (!best || order->compare(kiln_text(one), kiln_text(best)) < 0))
			best = one;
	}
	return g_strdup(best ? best : first);
}
