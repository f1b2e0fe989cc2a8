/* SPDX-License-Identifier: Apache-2.0 */
/* read_cyclonedx.c: CycloneDX 1.4 to 1.7 into a document. Components wait on a list: nothing recurses on what comes from outside. */
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "sbom/readers.h"

#include <string.h>

typedef struct {
	KilnSbom *sbom;
	GHashTable *indexes; /* bom-ref to index of its package, plus one */
	char *distribution, *distribution_version;
} Reading;

/* One component on the list, and the package that it stands in. */
typedef struct {
	const json_t *component;
	gint package;
} Waiting;

static const char *property(const json_t *component, const char *name)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(component, "properties"), i, item)
		if (g_strcmp0(kiln_json_string_or_null(item, "name"), name) == 0)
			return kiln_json_string_or_null(item, "value");
	return NULL;
}

static const char *sha256_of(const json_t *component)
{
	const json_t *hash;
	size_t i;
	json_array_foreach(json_object_get(component, "hashes"), i, hash)
		if (g_strcmp0(kiln_json_string_or_null(hash, "alg"), "SHA-256") == 0)
			return kiln_json_string_or_null(hash, "content");
	return NULL;
}

/* Several licences hold together, as the specification says of a list. */
static void read_licences(const json_t *component, KilnSbomPackage *package)
{
	const json_t *item;
	size_t i;
	g_autoptr(GString) all = g_string_new(NULL);
	json_array_foreach(json_object_get(component, "licenses"), i, item) {
		const json_t *licence = json_object_get(item, "license");
		const char *expression = kiln_json_string_or_null(item, "expression"), *id = kiln_json_string_or_null(licence, "id"), *name = kiln_json_string_or_null(licence, "name");
		const char *text = expression ? expression : id ? id : name;
		if (text)
			g_string_append_printf(all, "%s%s", all->len ? " AND " : "", text);
	}
	sbom_set_licence(package, all->len ? all->str : NULL);
}

/* kiln, Trivy (with the epoch apart) and Syft each have names of their own for the source package. */
static void read_source(const json_t *component, KilnSbomPackage *package)
{
	const char *release = property(component, "aquasecurity:trivy:SrcRelease"), *epoch = property(component, "aquasecurity:trivy:SrcEpoch"),
		   *version = property(component, "aquasecurity:trivy:SrcVersion");
	g_autofree char *whole = version ? g_strdup_printf("%s%s%s%s%s", epoch ? epoch : "", epoch ? ":" : "", version, release ? "-" : "", release ? release : "") : NULL;
	sbom_set_source(package, property(component, "kiln:source-name"), property(component, "kiln:source-version"));
	sbom_set_source(package, property(component, "aquasecurity:trivy:SrcName"), whole);
	sbom_set_source(package, property(component, "syft:metadata:source"), property(component, "syft:metadata:sourceVersion"));
}

static gint read_package(Reading *reading, const json_t *component)
{
	const char *purl = kiln_json_string_or_null(component, "purl"), *name = kiln_json_string_or_null(component, "name"), *group = kiln_json_string_or_null(component, "group");
	g_autofree char *whole = group && *group && name ? g_strdup_printf("%s/%s", group, name) : g_strdup(name);
	KilnSbomPackage *package = sbom_add_package(reading->sbom, purl, whole, kiln_json_string_or_null(component, "version"));
	const char *reference = kiln_json_string_or_null(component, "bom-ref"), *hex = sha256_of(component);
	if (!package)
		return -1;
	KilnPackage *identity = &package->identity;
	identity->has_digest = hex && kiln_digest_parse_hex(hex, strlen(hex), &identity->digest, NULL);
	identity->summary = g_strdup(kiln_json_string_or_null(component, "description"));
	identity->maintainer = g_strdup(kiln_json_string_or_null(component, "publisher"));
	if (!identity->architecture)
		identity->architecture = g_strdup(property(component, "kiln:architecture"));
	package->partial = g_strcmp0(property(component, "kiln:partial"), "true") == 0;
	package->download_location = g_strdup(property(component, "kiln:package-file"));
	package->application = g_strcmp0(kiln_json_string_or_null(component, "type"), "application") == 0;
	read_licences(component, package);
	read_source(component, package);
	if (reference)
		g_hash_table_insert(reading->indexes, (gpointer)reference, GUINT_TO_POINTER(reading->sbom->packages->len));
	return (gint)reading->sbom->packages->len - 1;
}

static gint read_component(Reading *reading, const Waiting *at)
{
	const char *type = kiln_json_string_or_null(at->component, "type");
	if (g_strcmp0(type, "file") == 0) {
		sbom_add_file(reading->sbom, kiln_json_string_or_null(at->component, "name"), sha256_of(at->component), at->package);
		return at->package;
	}
	if (g_strcmp0(type, "operating-system") == 0) {
		g_free(reading->distribution);
		g_free(reading->distribution_version);
		reading->distribution = g_strdup(kiln_json_string_or_null(at->component, "name"));
		reading->distribution_version = g_strdup(kiln_json_string_or_null(at->component, "version"));
		return -1;
	}
	/* Trivy lists lock files and the like as applications without a purl: what is in them is what counts. */
	if (g_strcmp0(type, "application") == 0 && !kiln_json_string_or_null(at->component, "purl") && !kiln_json_string_or_null(at->component, "version"))
		return -1;
	return read_package(reading, at->component);
}

static gboolean read_components(Reading *reading, const json_t *root, const char *name, GError **error)
{
	g_autoptr(GArray) waiting = g_array_new(FALSE, FALSE, sizeof(Waiting));
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(root, "components"), i, item) {
		Waiting first = { item, -1 };
		g_array_append_val(waiting, first);
	}
	for (guint at = 0; at < waiting->len; at++) {
		if (waiting->len > KILN_LIMIT_IMAGE_FILES)
			return kiln_fail(error, KILN_ERROR_LIMIT, "%s: more than %d components", name, KILN_LIMIT_IMAGE_FILES);
		const Waiting now = g_array_index(waiting, Waiting, at);
		gint package = read_component(reading, &now);
		json_array_foreach(json_object_get(now.component, "components"), i, item) {
			Waiting next = { item, package };
			g_array_append_val(waiting, next);
		}
	}
	return TRUE;
}

static void read_dependencies(Reading *reading, const json_t *root)
{
	const json_t *item, *edge;
	size_t i, j;
	json_array_foreach(json_object_get(root, "dependencies"), i, item) {
		const char *reference = kiln_json_string_or_null(item, "ref");
		guint index = reference ? GPOINTER_TO_UINT(g_hash_table_lookup(reading->indexes, reference)) : 0;
		json_array_foreach(json_object_get(item, "dependsOn"), j, edge) {
			guint other = index && json_is_string(edge) ? GPOINTER_TO_UINT(g_hash_table_lookup(reading->indexes, json_string_value(edge))) : 0;
			if (other)
				sbom_add_dependency(reading->sbom->packages->pdata[index - 1], other - 1);
		}
	}
}

static void read_metadata(const json_t *metadata, KilnSbom *sbom)
{
	const json_t *image = json_object_get(metadata, "component"), *item;
	const char *time = kiln_json_string_or_null(metadata, "timestamp"), *hex = sha256_of(image), *architecture = property(image, "kiln:architecture");
	size_t i;
	sbom->name = g_strdup(kiln_json_string_or_null(image, "name"));
	sbom->version = g_strdup(kiln_json_string_or_null(image, "version"));
	sbom->architecture = g_strdup(architecture);
	if (time)
		(void)!kiln_time_parse(time, &sbom->created_unix_s, NULL);
	if (hex)
		(void)!kiln_digest_parse_hex(hex, strlen(hex), &sbom->subject, NULL);
	json_array_foreach(json_object_get(metadata, "lifecycles"), i, item)
		sbom->built |= g_strcmp0(kiln_json_string_or_null(item, "phase"), "build") == 0;
	json_array_foreach(json_object_get(metadata, "properties"), i, item)
		if (g_strcmp0(kiln_json_string_or_null(item, "name"), "kiln:unknown") == 0 && kiln_json_string_or_null(item, "value"))
			g_ptr_array_add(sbom->unknowns, g_strdup(kiln_json_string_or_null(item, "value")));
}

gboolean sbom_read_cyclonedx(const json_t *root, const char *name, KilnSbom *sbom, GError **error)
{
	g_autoptr(GHashTable) indexes = g_hash_table_new(g_str_hash, g_str_equal);
	Reading reading = { sbom, indexes, NULL, NULL };
	read_metadata(json_object_get(root, "metadata"), sbom);
	gboolean ok = read_components(&reading, root, name, error);
	if (ok)
		read_dependencies(&reading, root);
	sbom_set_distribution(sbom, reading.distribution, reading.distribution_version);
	g_free(reading.distribution);
	g_free(reading.distribution_version);
	return ok;
}
