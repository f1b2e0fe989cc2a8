/* SPDX-License-Identifier: Apache-2.0 */
/* check.c: elements of an SBOM that standards want, looked for in each format where it puts them. */
#include "sbom/check.h"

#include "sbom/read.h"

#include <string.h>

#define MISSING_SHOWN 10
#define ALL_STANDARDS (KILN_SBOM_NTIA | KILN_SBOM_CISA | KILN_SBOM_BSI)

/* A document while it is gone through; components of all formats in one list. */
typedef struct {
	const json_t *root;
	gboolean is_cyclonedx, is_spdx3;
	GPtrArray *components; /* const json_t * */
	GHashTable *licensed;  /* SPDX 3: spdxId of elements with a licence */
	const json_t *creation; /* SPDX's creationInfo, CycloneDX's metadata */
} Document;

static gboolean is_said(const char *text)
{
	return text && *text && strcmp(text, "NOASSERTION") != 0 && strcmp(text, "NONE") != 0 && !g_str_has_suffix(text, ": NOASSERTION");
}

static gboolean has_text(const json_t *object, const char *key)
{
	return is_said(kiln_json_string_or_null(object, key));
}

static gboolean has_items(const json_t *object, const char *key)
{
	return json_array_size(json_object_get(object, key)) > 0 || json_object_size(json_object_get(object, key)) > 0;
}

/* Whether an item of the list @key has @value (NULL: anything) as @member, beginning with it when @prefix. */
static gboolean has_item(const json_t *object, const char *key, const char *member, const char *value)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(object, key), i, item) {
		const char *text = member ? kiln_json_string_or_null(item, member) : json_string_value(item);
		if (text && (!value || g_str_has_prefix(text, value)) && is_said(text))
			return TRUE;
	}
	return FALSE;
}

static gboolean relates(const Document *document, const char *type)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(document->root, document->is_spdx3 ? "@graph" : "relationships"), i, item)
		if (g_strcmp0(kiln_json_string_or_null(item, "relationshipType"), type) == 0)
			return TRUE;
	return FALSE;
}

static gboolean test_author(const Document *document, const json_t *component)
{
	if (document->is_cyclonedx)
		return has_items(document->creation, "authors") || has_items(document->creation, "manufacturer") || has_items(document->creation, "manufacture") || has_items(document->creation, "tools");
	return document->is_spdx3 ? has_items(document->creation, "createdBy") : has_item(document->creation, "creators", NULL, NULL);
}

static gboolean test_time(const Document *document, const json_t *component)
{
	return has_text(document->creation, document->is_cyclonedx ? "timestamp" : "created");
}

static gboolean test_tool(const Document *document, const json_t *component)
{
	if (document->is_cyclonedx)
		return has_items(document->creation, "tools");
	return document->is_spdx3 ? has_items(document->creation, "createdUsing") : has_item(document->creation, "creators", NULL, "Tool: ");
}

static gboolean test_context(const Document *document, const json_t *component)
{
	if (document->is_cyclonedx)
		return has_items(document->creation, "lifecycles");
	if (!document->is_spdx3)
		return has_text(document->creation, "comment");
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(document->root, "@graph"), i, item)
		if (has_items(item, "software_sbomType"))
			return TRUE;
	return FALSE;
}

static gboolean test_dependencies(const Document *document, const json_t *component)
{
	if (document->is_cyclonedx)
		return has_items(document->root, "dependencies");
	return document->is_spdx3 ? relates(document, "dependsOn") || relates(document, "contains")
	                          : relates(document, "DEPENDS_ON") || relates(document, "DEPENDENCY_OF") || relates(document, "CONTAINS");
}

static gboolean test_identity(const Document *document, const json_t *component)
{
	return document->is_cyclonedx ? has_text(document->root, "serialNumber") : document->is_spdx3 || has_text(document->root, "documentNamespace");
}

static gboolean test_name(const Document *document, const json_t *component)
{
	return has_text(component, "name");
}

static gboolean test_version(const Document *document, const json_t *component)
{
	return has_text(component, document->is_cyclonedx ? "version" : document->is_spdx3 ? "software_packageVersion" : "versionInfo");
}

static gboolean test_producer(const Document *document, const json_t *component)
{
	if (document->is_cyclonedx)
		return has_items(component, "supplier") || has_items(component, "manufacturer") || has_text(component, "publisher") || has_text(component, "author") || has_items(component, "authors");
	return document->is_spdx3 ? has_text(component, "suppliedBy") || has_items(component, "originatedBy") : has_text(component, "supplier") || has_text(component, "originator");
}

static gboolean test_identifier(const Document *document, const json_t *component)
{
	if (document->is_cyclonedx)
		return has_text(component, "purl") || has_text(component, "cpe") || has_items(component, "swid") || has_items(component, "swhid");
	return document->is_spdx3 ? has_text(component, "software_packageUrl") || has_items(component, "externalIdentifier") : has_item(component, "externalRefs", "referenceLocator", NULL);
}

static gboolean test_hash(const Document *document, const json_t *component)
{
	return has_items(component, document->is_cyclonedx ? "hashes" : document->is_spdx3 ? "verifiedUsing" : "checksums");
}

static gboolean test_strong_hash(const Document *document, const json_t *component)
{
	if (document->is_cyclonedx)
		return has_item(component, "hashes", "alg", "SHA-512") || has_item(component, "hashes", "alg", "SHA-256");
	return document->is_spdx3 ? has_item(component, "verifiedUsing", "algorithm", "sha") : has_item(component, "checksums", "algorithm", "SHA256") || has_item(component, "checksums", "algorithm", "SHA512");
}

static gboolean test_licence(const Document *document, const json_t *component)
{
	if (document->is_cyclonedx)
		return has_items(component, "licenses");
	if (!document->is_spdx3)
		return has_text(component, "licenseDeclared") || has_text(component, "licenseConcluded");
	const char *id = kiln_json_string_or_null(component, "spdxId");
	return id && g_hash_table_contains(document->licensed, id);
}

/* @of_components: asked of each component, else once of the document. @words: what a "known unknown" about it says. */
static const struct {
	const char *id, *title;
	guint required;
	gboolean of_components;
	gboolean (*test)(const Document *document, const json_t *component);
	const char *words;
} rows[] = {
	{ "author", "author of the SBOM", ALL_STANDARDS, FALSE, test_author, "author" },
	{ "timestamp", "when it was made", ALL_STANDARDS, FALSE, test_time, "time" },
	{ "tool", "tool that made it", KILN_SBOM_CISA, FALSE, test_tool, "tool" },
	{ "generation-context", "in which context it was made", KILN_SBOM_CISA, FALSE, test_context, "context" },
	{ "document-identifier", "identifier of the SBOM itself", KILN_SBOM_BSI, FALSE, test_identity, "identifier" },
	{ "dependencies", "how components depend on each other", ALL_STANDARDS, FALSE, test_dependencies, "dependencies" },
	{ "component-name", "name of each component", ALL_STANDARDS, TRUE, test_name, "name" },
	{ "component-version", "version of each component", ALL_STANDARDS, TRUE, test_version, "version" },
	{ "component-producer", "who made each component", ALL_STANDARDS, TRUE, test_producer, "supplier" },
	{ "component-identifier", "identifier of each component (purl, CPE, SWID)", ALL_STANDARDS, TRUE, test_identifier, "identifier" },
	{ "component-hash", "hash of each component", KILN_SBOM_CISA, TRUE, test_hash, "digests" },
	{ "component-strong-hash", "SHA-256 or SHA-512 of each component", KILN_SBOM_BSI, TRUE, test_strong_hash, "digests" },
	{ "component-licence", "licence of each component", KILN_SBOM_CISA | KILN_SBOM_BSI, TRUE, test_licence, "licence" },
};

static void element_free(gpointer data)
{
	g_ptr_array_unref(((KilnSbomElement *)data)->missing);
	g_free(data);
}

/* Files and the operating system itself are no components that are distributed with a version. */
static gboolean counts(const json_t *component)
{
	const char *type = kiln_json_string_or_null(component, "type");
	return g_strcmp0(type, "file") != 0 && g_strcmp0(type, "operating-system") != 0;
}

static void add_cyclonedx(Document *document)
{
	const json_t *item;
	size_t i;
	g_autoptr(GPtrArray) waiting = g_ptr_array_new();
	g_ptr_array_add(waiting, (gpointer)document->root);
	for (guint at = 0; at < waiting->len; at++)
		json_array_foreach(json_object_get(waiting->pdata[at], "components"), i, item) {
			g_ptr_array_add(waiting, (gpointer)item);
			if (counts(item))
				g_ptr_array_add(document->components, (gpointer)item);
		}
	document->creation = json_object_get(document->root, "metadata");
}

static void add_spdx(Document *document)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(document->root, "packages"), i, item) {
		const char *purpose = kiln_json_string_or_null(item, "primaryPackagePurpose");
		if (g_strcmp0(purpose, "CONTAINER") != 0 && g_strcmp0(purpose, "OPERATING-SYSTEM") != 0)
			g_ptr_array_add(document->components, (gpointer)item);
	}
	document->creation = json_object_get(document->root, "creationInfo");
}

static void add_spdx3(Document *document)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(document->root, "@graph"), i, item) {
		const char *type = kiln_json_string_or_null(item, "type"), *relationship = kiln_json_string_or_null(item, "relationshipType"), *from = kiln_json_string_or_null(item, "from");
		if (relationship && from && g_str_has_suffix(relationship, "License"))
			g_hash_table_add(document->licensed, (gpointer)from);
		if (g_strcmp0(type, "CreationInfo") == 0)
			document->creation = item;
		if (g_strcmp0(type, "software_Package") == 0 && g_strcmp0(kiln_json_string_or_null(item, "software_primaryPurpose"), "container") != 0)
			g_ptr_array_add(document->components, (gpointer)item);
	}
}

static char *place_of(const Document *document, const json_t *component, guint index)
{
	const char *name = kiln_json_string_or_null(component, "name");
	const char *version = kiln_json_string_or_null(component, document->is_cyclonedx ? "version" : document->is_spdx3 ? "software_packageVersion" : "versionInfo");
	if (!is_said(name))
		return g_strdup_printf("component %u", index + 1);
	return g_strdup_printf("%s%s%s", name, is_said(version) ? " " : "", is_said(version) ? version : "");
}

/* What the document itself says that nobody knows: kiln's properties and comments, and aggregates of CycloneDX. */
static gboolean is_declared(const Document *document, const char *words)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(document->creation, "properties"), i, item) {
		const char *value = kiln_json_string_or_null(item, "value");
		if (g_strcmp0(kiln_json_string_or_null(item, "name"), "kiln:unknown") == 0 && value && strstr(value, words))
			return TRUE;
	}
	const char *comment = kiln_json_string_or_null(document->creation, "comment"), *unknowns = comment ? strstr(comment, "Known unknowns: ") : NULL;
	json_array_foreach(json_object_get(document->root, "@graph"), i, item) {
		const char *text = kiln_json_string_or_null(item, "comment");
		unknowns = unknowns ? unknowns : text ? strstr(text, "Known unknowns: ") : NULL;
	}
	if (unknowns && strstr(unknowns, words))
		return TRUE;
	json_array_foreach(json_object_get(document->root, "compositions"), i, item) {
		const char *aggregate = kiln_json_string_or_null(item, "aggregate");
		if (strcmp(words, "dependencies") == 0 && json_object_get(item, "dependencies") && aggregate && strcmp(aggregate, "complete") != 0)
			return TRUE;
	}
	return FALSE;
}

static KilnSbomElement *look(const Document *document, gsize row)
{
	KilnSbomElement *element = g_new0(KilnSbomElement, 1);
	*element = (KilnSbomElement){ .id = rows[row].id, .title = rows[row].title, .required = rows[row].required };
	element->missing = g_ptr_array_new_with_free_func(g_free);
	element->all = rows[row].of_components ? document->components->len : 1;
	for (guint i = 0; i < element->all; i++) {
		const json_t *component = rows[row].of_components ? document->components->pdata[i] : NULL;
		if (rows[row].test(document, component))
			element->there++;
		else if (element->missing->len < MISSING_SHOWN)
			g_ptr_array_add(element->missing, component ? place_of(document, component, i) : g_strdup(""));
	}
	element->declared = element->there < element->all && is_declared(document, rows[row].words);
	return element;
}

KilnSbomScore *kiln_sbom_check(const void *bytes, gsize length, const char *name, GError **error)
{
	const char *format;
	g_autoptr(json_t) root = kiln_sbom_parse(bytes, length, name, &format, error);
	if (!root)
		return NULL;
	g_autoptr(GPtrArray) components = g_ptr_array_new();
	g_autoptr(GHashTable) licensed = g_hash_table_new(g_str_hash, g_str_equal);
	Document document = { .root = root, .is_cyclonedx = g_str_has_prefix(format, "CycloneDX"), .is_spdx3 = strcmp(format, "SPDX-3.0") == 0, .components = components, .licensed = licensed };
	if (document.is_cyclonedx)
		add_cyclonedx(&document);
	else if (document.is_spdx3)
		add_spdx3(&document);
	else
		add_spdx(&document);
	KilnSbomScore *score = g_new0(KilnSbomScore, 1);
	*score = (KilnSbomScore){ format, g_ptr_array_new_with_free_func(element_free), components->len };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_ptr_array_add(score->elements, look(&document, i));
	return score;
}

void kiln_sbom_score_free(KilnSbomScore *score)
{
	if (!score)
		return;
	g_ptr_array_unref(score->elements);
	g_free(score);
}

/* A document without components has nothing that could be there. */
guint kiln_sbom_score_percent(const KilnSbomScore *score, KilnSbomStandard standard, gboolean *passes)
{
	guint64 sum = 0, count = 0;
	*passes = score->components > 0;
	for (guint i = 0; i < score->elements->len; i++) {
		const KilnSbomElement *element = score->elements->pdata[i];
		if (!(element->required & standard))
			continue;
		count++;
		sum += element->all ? (guint64)element->there * 100 / element->all : 0;
		*passes &= element->there == element->all || element->declared;
	}
	return count ? (guint)(sum / count) : 0;
}

const char *kiln_sbom_standard_name(KilnSbomStandard standard)
{
	return standard == KILN_SBOM_NTIA ? "NTIA" : standard == KILN_SBOM_CISA ? "CISA 2025 (draft)" : "BSI TR-03183-2";
}
