/* SPDX-License-Identifier: Apache-2.0 */
/* reasons_read.c: the reasons of an image, read strictly where others wrote them, and their chains. */
#include "build/reasons.h"

#include "base/error.h"
#include "base/limits.h"
#include "build/closure.h"
#include "build/evidence.h"
#include "build/reason.h"

#include <string.h>

#define VERSION 1

/* Index @key of @object into a list of @count; -1 when it is missing. */
static gboolean read_index(const json_t *object, const char *key, gsize count, const char *name, gssize *out, GError **error)
{
	gint64 value;
	*out = -1;
	if (!json_object_get(object, key))
		return TRUE;
	if (!kiln_json_integer(object, key, name, &value, error))
		return FALSE;
	if (value < 0 || (guint64)value >= count)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" is %" G_GINT64_FORMAT ", of a list of %" G_GSIZE_FORMAT, name, key, value, count);
	*out = (gssize)value;
	return TRUE;
}

static char **strings_of(const json_t *array)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	for (gsize i = 0; i < json_array_size(array); i++) {
		const char *text = json_string_value(json_array_get(array, i));
		if (text)
			g_strv_builder_add(builder, text);
	}
	return g_strv_builder_end(builder);
}

static gboolean read_suites(KilnReasons *reasons, const char *name, GError **error)
{
	const json_t *list = kiln_json_array(reasons->document, "suites", name, error);
	if (!list)
		return FALSE;
	reasons->suites = g_new0(KilnReasonSuite, json_array_size(list));
	for (gsize i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		reasons->suites[reasons->suite_count++] = (KilnReasonSuite){
			.archive = kiln_json_string_or_null(item, "archive"),
			.suite = kiln_json_string_or_null(item, "suite"),
			.inrelease = kiln_json_string_or_null(item, "inrelease"),
			.date = kiln_json_string_or_null(item, "date"),
			.signers = strings_of(json_object_get(item, "signers")),
		};
	}
	return TRUE;
}

static gboolean read_packages(KilnReasons *reasons, const char *name, GError **error)
{
	const json_t *list = kiln_json_array(reasons->document, "packages", name, error);
	if (!list)
		return FALSE;
	reasons->packages = g_new0(KilnReasonPackage, json_array_size(list));
	for (gsize i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		KilnReasonPackage *package = &reasons->packages[reasons->package_count++];
		gssize suite;
		package->name = kiln_json_string(item, "name", name, error);
		if (!package->name || !read_index(item, "suite", reasons->suite_count, name, &suite, error))
			return FALSE;
		package->version = kiln_json_string_or_null(item, "version");
		package->architecture = kiln_json_string_or_null(item, "architecture");
		package->digest = kiln_json_string_or_null(item, "digest");
		package->filename = kiln_json_string_or_null(item, "filename");
		package->suite = suite < 0 ? NULL : &reasons->suites[suite];
		package->requested = json_is_true(json_object_get(item, "requested"));
	}
	return TRUE;
}

static gboolean read_reason(KilnReasons *reasons, const json_t *item, gboolean kept, const char *name, GError **error)
{
	KilnReason *reason = &reasons->reasons[reasons->count];
	gssize package;
	gint64 size = 0;
	reason->path = kiln_json_string(item, "path", name, error);
	reason->rule = reason->path ? kiln_json_string(item, "rule", name, error) : NULL;
	if (!reason->rule || !read_index(item, "package", reasons->package_count, name, &package, error))
		return FALSE;
	if (!kept && json_object_get(item, "size") && !kiln_json_integer(item, "size", name, &size, error))
		return FALSE;
	reason->kept = kept;
	reason->detail = kiln_json_string_or_null(item, "detail");
	reason->from = kiln_json_string_or_null(item, "from");
	reason->made_by = kiln_json_string_or_null(item, "made-by");
	reason->package = package < 0 ? NULL : &reasons->packages[package];
	reason->size = (guint64)MAX(0, size);
	reason->program = json_is_true(json_object_get(item, "program"));
	reason->calls = json_object_get(item, "calls");
	reasons->count++;
	/* What is kept comes first and is not hidden by what was left out at the same path. */
	if (!g_hash_table_contains(reasons->by_path, reason->path))
		g_hash_table_insert(reasons->by_path, (gpointer)reason->path, reason);
	return TRUE;
}

static gboolean read_reasons(KilnReasons *reasons, const char *name, GError **error)
{
	const json_t *kept = kiln_json_array(reasons->document, "files", name, error), *left_out = kept ? kiln_json_array(reasons->document, "left-out", name, error) : NULL;
	if (!left_out)
		return FALSE;
	reasons->reasons = g_new0(KilnReason, json_array_size(kept) + json_array_size(left_out));
	for (gsize i = 0; i < json_array_size(kept); i++)
		if (!read_reason(reasons, json_array_get(kept, i), TRUE, name, error))
			return FALSE;
	for (gsize i = 0; i < json_array_size(left_out); i++)
		if (!read_reason(reasons, json_array_get(left_out, i), FALSE, name, error))
			return FALSE;
	return TRUE;
}

KilnReasons *kiln_reasons_parse(json_t *document, const char *name, GError **error)
{
	g_autoptr(KilnReasons) reasons = g_new0(KilnReasons, 1);
	gint64 version;
	reasons->document = document;
	reasons->by_path = g_hash_table_new(g_str_hash, g_str_equal);
	if (!kiln_json_integer(document, "version", name, &version, error))
		return NULL;
	if (version != VERSION) {
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: version %" G_GINT64_FORMAT "; %d is known", name, version, VERSION);
		return NULL;
	}
	reasons->recipe = kiln_json_string_or_null(document, "recipe");
	return read_suites(reasons, name, error) && read_packages(reasons, name, error) && read_reasons(reasons, name, error) ? g_steal_pointer(&reasons) : NULL;
}

KilnReasons *kiln_reasons_read(const KilnLayout *layout, const KilnDigest *subject, GError **error)
{
	g_autoptr(GPtrArray) attached = NULL;
	if (!kiln_layout_referrers(layout, subject, KILN_MEDIA_REASONS, &attached, error))
		return NULL;
	if (!attached->len) {
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "no reasons are attached to it: kiln did not build it, or it was copied without its evidence");
		return NULL;
	}
	g_autoptr(GBytes) text = kiln_layout_read_artifact(layout, attached->pdata[attached->len - 1], KILN_LIMIT_JSON_BYTES, error);
	json_t *document = text ? kiln_json_parse(g_bytes_get_data(text, NULL), g_bytes_get_size(text), "reasons", error) : NULL;
	return document ? kiln_reasons_parse(document, "reasons", error) : NULL;
}

void kiln_reasons_free(KilnReasons *reasons)
{
	if (!reasons)
		return;
	for (gsize i = 0; i < reasons->suite_count; i++)
		g_strfreev(reasons->suites[i].signers);
	g_free(reasons->suites);
	g_free(reasons->packages);
	g_free(reasons->reasons);
	g_hash_table_unref(reasons->by_path);
	json_decref(reasons->document);
	g_free(reasons);
}

const KilnReason *kiln_reasons_find(const KilnReasons *reasons, const char *path)
{
	const char *exact = path + strspn(path, "/");
	const KilnReason *found = g_hash_table_lookup(reasons->by_path, exact);
	g_autofree char *merged = found ? NULL : kiln_merged_path(exact);
	return found ? found : g_hash_table_lookup(reasons->by_path, merged);
}

const KilnReason *kiln_reasons_cause(const KilnReasons *reasons, const KilnReason *reason)
{
	return reason->from ? g_hash_table_lookup(reasons->by_path, reason->from) : NULL;
}

const KilnReason *kiln_reasons_root(const KilnReasons *reasons, const KilnReason *reason)
{
	for (guint step = 0; step < KILN_REASON_CHAIN_MAX; step++) {
		const KilnReason *cause = kiln_reasons_cause(reasons, reason);
		if (!cause)
			break;
		reason = cause;
	}
	return reason;
}

const char *kiln_reasons_place(const KilnReasons *reasons, const KilnReason *reason)
{
	const json_t *places = json_object_get(reasons->document, "places");
	const KilnRule *rule = kiln_rule(reason->rule);
	const char *exact = reason->detail && reason->kept ? kiln_json_string_or_null(places, reason->detail) : NULL; /* "files[2]" */
	return exact ? exact : rule && rule->keeps && rule->key ? kiln_json_string_or_null(places, rule->key) : NULL;
}
