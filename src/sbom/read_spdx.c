/* SPDX-License-Identifier: Apache-2.0 */
/* read_spdx.c: SPDX 2.2 and 2.3 in their JSON form into a document. */
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "sbom/readers.h"

#include <string.h>

typedef struct {
	KilnSbom *sbom;
	const char *described; /* the element that the document is about */
	GHashTable *packages;  /* SPDXID to index of its package, plus one */
	GHashTable *texts;     /* licenseId to its object */
	char *distribution, *distribution_version;
} Reading;

static const char *purl_of(const json_t *package)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(package, "externalRefs"), i, item)
		if (g_strcmp0(kiln_json_string_or_null(item, "referenceType"), "purl") == 0)
			return kiln_json_string_or_null(item, "referenceLocator");
	return NULL;
}

static const char *sha256_of(const json_t *object)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(object, "checksums"), i, item)
		if (g_strcmp0(kiln_json_string_or_null(item, "algorithm"), "SHA256") == 0)
			return kiln_json_string_or_null(item, "checksumValue");
	return NULL;
}

/* "built from source package glibc 2.36-9" (kiln), "built package from: glibc 2.36-9" (Trivy). */
static void read_source(const char *text, KilnSbomPackage *package)
{
	static const char *const leads[] = { "built from source package ", "built package from: " };
	for (gsize i = 0; text && i < G_N_ELEMENTS(leads); i++) {
		const char *found = strstr(text, leads[i]);
		if (!found)
			continue;
		found += strlen(leads[i]);
		g_autofree char *words = g_strndup(found, strcspn(found, ",\n"));
		g_auto(GStrv) parts = g_strsplit(words, " ", 2);
		sbom_set_source(package, parts[0], parts[0] ? parts[1] : NULL);
	}
}

/* The texts of LicenseRef- that the expression names, each once. */
static void add_texts(const Reading *reading, KilnLicence *licence)
{
	g_auto(GStrv) words = g_strsplit_set(licence->expression, " ()", -1);
	g_autoptr(GHashTable) added = g_hash_table_new(g_str_hash, g_str_equal);
	for (char **word = words; *word; word++) {
		const json_t *item = **word ? g_hash_table_lookup(reading->texts, *word) : NULL;
		const char *text = kiln_json_string_or_null(item, "extractedText"), *name = kiln_json_string_or_null(item, "name");
		if (!text || !g_hash_table_add(added, *word))
			continue;
		KilnExtractedLicence *extracted = g_new(KilnExtractedLicence, 1);
		*extracted = (KilnExtractedLicence){ g_strdup(*word), g_strdup(name ? name : *word), g_ref_string_new(text) };
		g_ptr_array_add(licence->extracted, extracted);
	}
}

static void read_licence(const Reading *reading, const json_t *object, KilnSbomPackage *package)
{
	const char *declared = kiln_json_string_or_null(object, "licenseDeclared"), *concluded = kiln_json_string_or_null(object, "licenseConcluded");
	gboolean is_said = declared && strcmp(declared, "NOASSERTION") != 0;
	const char *text = is_said ? declared : concluded;
	/* References to texts are no names of SPDX, and kept as they stand. */
	if (text && strstr(text, "LicenseRef-")) {
		package->licence = kiln_licence_new();
		package->licence->expression = g_strdup(text);
		add_texts(reading, package->licence);
	} else {
		sbom_set_licence(package, text);
	}
}

static void read_package(Reading *reading, const json_t *object)
{
	const char *id = kiln_json_string_or_null(object, "SPDXID"), *name = kiln_json_string_or_null(object, "name"), *version = kiln_json_string_or_null(object, "versionInfo");
	const char *purpose = kiln_json_string_or_null(object, "primaryPackagePurpose"), *purl = purl_of(object), *hex = sha256_of(object), *comment = kiln_json_string_or_null(object, "comment");
	if (g_strcmp0(purpose, "OPERATING-SYSTEM") == 0) {
		g_free(reading->distribution);
		g_free(reading->distribution_version);
		reading->distribution = g_strdup(name);
		reading->distribution_version = g_strdup(version);
		return;
	}
	if (g_strcmp0(id, reading->described) == 0 || g_strcmp0(purpose, "CONTAINER") == 0) {
		reading->sbom->version = reading->sbom->version ? reading->sbom->version : g_strdup(version);
		if (hex)
			(void)!kiln_digest_parse_hex(hex, strlen(hex), &reading->sbom->subject, NULL);
		return;
	}
	KilnSbomPackage *package = sbom_add_package(reading->sbom, purl, name, version);
	if (!package)
		return;
	KilnPackage *identity = &package->identity;
	identity->has_digest = hex && kiln_digest_parse_hex(hex, strlen(hex), &identity->digest, NULL);
	identity->summary = g_strdup(kiln_json_string_or_null(object, "summary"));
	identity->homepage = g_strdup(kiln_json_string_or_null(object, "homepage"));
	package->download_location = g_strdup(kiln_json_string_or_null(object, "packageFileName"));
	package->partial = comment && strstr(comment, "Only some of the package's files");
	package->application = g_strcmp0(purpose, "APPLICATION") == 0;
	read_source(kiln_json_string_or_null(object, "sourceInfo"), package);
	read_licence(reading, object, package);
	if (id)
		g_hash_table_insert(reading->packages, (gpointer)id, GUINT_TO_POINTER(reading->sbom->packages->len));
}

static void find_described(Reading *reading, const json_t *root)
{
	const json_t *item;
	size_t i;
	reading->described = json_string_value(json_array_get(json_object_get(root, "documentDescribes"), 0));
	json_array_foreach(json_object_get(root, "relationships"), i, item)
		if (!reading->described && g_strcmp0(kiln_json_string_or_null(item, "relationshipType"), "DESCRIBES") == 0)
			reading->described = kiln_json_string_or_null(item, "relatedSpdxElement");
	/* One whose only package is what it describes is about that one. */
	if (json_array_size(json_object_get(root, "packages")) == 1)
		reading->described = NULL;
}

static void read_relationships(Reading *reading, const json_t *root)
{
	const json_t *item, *file;
	size_t i;
	const char *id;
	void *key;
	g_autoptr(GHashTable) owners = g_hash_table_new(g_str_hash, g_str_equal);
	json_array_foreach(json_object_get(root, "relationships"), i, item) {
		const char *from = kiln_json_string_or_null(item, "spdxElementId"), *type = kiln_json_string_or_null(item, "relationshipType"), *to = kiln_json_string_or_null(item, "relatedSpdxElement");
		guint index = from ? GPOINTER_TO_UINT(g_hash_table_lookup(reading->packages, from)) : 0, other = to ? GPOINTER_TO_UINT(g_hash_table_lookup(reading->packages, to)) : 0;
		if (index && other && g_strcmp0(type, "DEPENDS_ON") == 0)
			sbom_add_dependency(reading->sbom->packages->pdata[index - 1], other - 1);
		if (index && other && g_strcmp0(type, "DEPENDENCY_OF") == 0)
			sbom_add_dependency(reading->sbom->packages->pdata[other - 1], index - 1);
		if (index && to && g_strcmp0(type, "CONTAINS") == 0)
			g_hash_table_insert(owners, (gpointer)to, GUINT_TO_POINTER(index));
	}
	json_array_foreach(json_object_get(root, "files"), i, file) {
		id = kiln_json_string_or_null(file, "SPDXID");
		key = id ? g_hash_table_lookup(owners, id) : NULL;
		sbom_add_file(reading->sbom, kiln_json_string_or_null(file, "fileName"), sha256_of(file), (gint)GPOINTER_TO_UINT(key) - 1);
	}
}

gboolean sbom_read_spdx(const json_t *root, const char *name, KilnSbom *sbom, GError **error)
{
	g_autoptr(GHashTable) packages = g_hash_table_new(g_str_hash, g_str_equal), texts = g_hash_table_new(g_str_hash, g_str_equal);
	Reading reading = { .sbom = sbom, .packages = packages, .texts = texts };
	const json_t *item, *creation = json_object_get(root, "creationInfo");
	const char *created = kiln_json_string_or_null(creation, "created"), *comment = kiln_json_string_or_null(creation, "comment");
	size_t i;
	sbom->name = g_strdup(kiln_json_string_or_null(root, "name"));
	if (created)
		(void)!kiln_time_parse(created, &sbom->created_unix_s, NULL);
	sbom->built = comment && strstr(comment, "made while the image was built");
	if (json_array_size(json_object_get(root, "packages")) > KILN_LIMIT_IMAGE_FILES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: more than %d packages", name, KILN_LIMIT_IMAGE_FILES);
	find_described(&reading, root);
	json_array_foreach(json_object_get(root, "hasExtractedLicensingInfos"), i, item)
		if (kiln_json_string_or_null(item, "licenseId"))
			g_hash_table_insert(texts, (gpointer)kiln_json_string_or_null(item, "licenseId"), (gpointer)item);
	json_array_foreach(json_object_get(root, "packages"), i, item)
		read_package(&reading, item);
	read_relationships(&reading, root);
	sbom_set_distribution(sbom, reading.distribution, reading.distribution_version);
	g_free(reading.distribution);
	g_free(reading.distribution_version);
	return TRUE;
}
