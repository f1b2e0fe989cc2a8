/* SPDX-License-Identifier: Apache-2.0 */
/* read_spdx3.c: SPDX 3.0 in JSON-LD, as far as packages, files, licences and what binds them go. */
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "sbom/readers.h"

#include <string.h>

typedef struct {
	KilnSbom *sbom;
	GHashTable *packages; /* spdxId to index of its package, plus one */
	GHashTable *elements; /* spdxId to element */
	GHashTable *owners;   /* spdxId of a file to index of its package, plus one */
} Reading;

static const char *sha256_of(const json_t *element)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(element, "verifiedUsing"), i, item)
		if (g_strcmp0(kiln_json_string_or_null(item, "algorithm"), "sha256") == 0)
			return kiln_json_string_or_null(item, "hashValue");
	return NULL;
}

static void read_package(Reading *reading, const json_t *element)
{
	const char *id = kiln_json_string_or_null(element, "spdxId"), *name = kiln_json_string_or_null(element, "name"), *hex = sha256_of(element);
	if (g_strcmp0(kiln_json_string_or_null(element, "software_primaryPurpose"), "container") == 0) {
		reading->sbom->name = reading->sbom->name ? reading->sbom->name : g_strdup(name);
		if (hex)
			(void)!kiln_digest_parse_hex(hex, strlen(hex), &reading->sbom->subject, NULL);
		return;
	}
	KilnSbomPackage *package = sbom_add_package(reading->sbom, kiln_json_string_or_null(element, "software_packageUrl"), name, kiln_json_string_or_null(element, "software_packageVersion"));
	const char *source = kiln_json_string_or_null(element, "software_sourceInfo"), *lead = "built from source package ";
	if (!package)
		return;
	package->identity.has_digest = hex && kiln_digest_parse_hex(hex, strlen(hex), &package->identity.digest, NULL);
	package->identity.summary = g_strdup(kiln_json_string_or_null(element, "summary"));
	package->identity.homepage = g_strdup(kiln_json_string_or_null(element, "software_homePage"));
	if (source && g_str_has_prefix(source, lead)) {
		g_autofree char *words = g_strndup(source + strlen(lead), strcspn(source + strlen(lead), ",\n"));
		g_auto(GStrv) parts = g_strsplit(words, " ", 2);
		sbom_set_source(package, parts[0], parts[0] ? parts[1] : NULL);
	}
	if (id)
		g_hash_table_insert(reading->packages, (gpointer)id, GUINT_TO_POINTER(reading->sbom->packages->len));
}

static void bind(Reading *reading, const char *type, guint index, const char *to)
{
	guint other = GPOINTER_TO_UINT(g_hash_table_lookup(reading->packages, to));
	KilnSbomPackage *package = reading->sbom->packages->pdata[index - 1];
	if (strcmp(type, "dependsOn") == 0 && other)
		sbom_add_dependency(package, other - 1);
	else if (strcmp(type, "contains") == 0)
		g_hash_table_insert(reading->owners, (gpointer)to, GUINT_TO_POINTER(index));
	else if (strcmp(type, "hasDeclaredLicense") == 0)
		sbom_set_licence(package, kiln_json_string_or_null(g_hash_table_lookup(reading->elements, to), "simplelicensing_licenseExpression"));
}

static void read_relationship(Reading *reading, const json_t *element)
{
	const char *from = kiln_json_string_or_null(element, "from"), *type = kiln_json_string_or_null(element, "relationshipType");
	guint index = from ? GPOINTER_TO_UINT(g_hash_table_lookup(reading->packages, from)) : 0;
	const json_t *to;
	size_t i;
	json_array_foreach(json_object_get(element, "to"), i, to)
		if (index && type && json_is_string(to))
			bind(reading, type, index, json_string_value(to));
}

gboolean sbom_read_spdx_3(const json_t *root, const char *name, KilnSbom *sbom, GError **error)
{
	g_autoptr(GHashTable) packages = g_hash_table_new(g_str_hash, g_str_equal), elements = g_hash_table_new(g_str_hash, g_str_equal), owners = g_hash_table_new(g_str_hash, g_str_equal);
	Reading reading = { sbom, packages, elements, owners };
	const json_t *graph = json_object_get(root, "@graph"), *element;
	size_t i;
	if (json_array_size(graph) > KILN_LIMIT_IMAGE_FILES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: more than %d elements", name, KILN_LIMIT_IMAGE_FILES);
	json_array_foreach(graph, i, element) {
		const char *id = kiln_json_string_or_null(element, "spdxId"), *type = kiln_json_string_or_null(element, "type"), *created = kiln_json_string_or_null(element, "created");
		if (id)
			g_hash_table_insert(elements, (gpointer)id, (gpointer)element);
		if (g_strcmp0(type, "software_Package") == 0)
			read_package(&reading, element);
		if (g_strcmp0(type, "CreationInfo") == 0 && created)
			(void)!kiln_time_parse(created, &sbom->created_unix_s, NULL);
	}
	json_array_foreach(graph, i, element)
		if (g_strcmp0(kiln_json_string_or_null(element, "type"), "Relationship") == 0)
			read_relationship(&reading, element);
	json_array_foreach(graph, i, element) {
		const char *id = kiln_json_string_or_null(element, "spdxId");
		if (id && g_strcmp0(kiln_json_string_or_null(element, "type"), "software_File") == 0)
			sbom_add_file(sbom, kiln_json_string_or_null(element, "name"), sha256_of(element), (gint)GPOINTER_TO_UINT(g_hash_table_lookup(owners, id)) - 1);
	}
	sbom_set_distribution(sbom, NULL, NULL);
	return TRUE;
}
