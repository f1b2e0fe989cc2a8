/* SPDX-License-Identifier: Apache-2.0 */
/* spdx3.c: the document as SPDX 3.0.1 in JSON-LD: elements in one list, bound by their addresses. Source: SPDX 3.0.1, Core, Software and SimpleLicensing. */
#include "base/clock.h"
#include "sbom/writers.h"

#include <string.h>

#define CREATION "_:creation"

typedef struct {
	const KilnSbom *sbom;
	json_t *graph;
	char *base;          /* what the addresses of its elements begin with */
	GHashTable *agents;  /* names of suppliers that are there */
	GHashTable *licences; /* expressions and ids of texts that are there */
	json_t *all;         /* addresses of all elements */
} Writing;

static char *address(const Writing *writing, const char *kind, const char *rest)
{
	g_autofree char *escaped = g_uri_escape_string(rest, NULL, FALSE);
	return g_strdup_printf("%s#%s-%s", writing->base, kind, escaped);
}

/* A new element of the graph; borrowed. */
static json_t *add(Writing *writing, const char *type, const char *id)
{
	json_t *object = json_object();
	kiln_json_set_string(object, "type", type);
	kiln_json_set_string(object, "spdxId", id);
	kiln_json_set_string(object, "creationInfo", CREATION);
	json_array_append_new(writing->graph, object);
	if (strcmp(type, "SpdxDocument") != 0)
		json_array_append_new(writing->all, json_string(id));
	return object;
}

static void relate(Writing *writing, const char *from, const char *type, json_t *to, const char *completeness)
{
	g_autofree char *text = g_strdup_printf("%s-%s", type, strrchr(from, '#') ? strrchr(from, '#') + 1 : from), *id = address(writing, "Relationship", text);
	if (!json_array_size(to)) {
		json_decref(to);
		return;
	}
	json_t *object = add(writing, "Relationship", id);
	kiln_json_set_string(object, "from", from);
	kiln_json_set_string(object, "relationshipType", type);
	json_object_set_new(object, "to", to);
	kiln_json_set_string(object, "completeness", completeness);
}

static json_t *hash_of(const char *algorithm, const char *hex)
{
	return json_pack("[{s:s, s:s, s:s}]", "type", "Hash", "algorithm", algorithm, "hashValue", hex);
}

static json_t *sha256(const KilnDigest *digest)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	return hash_of("sha256", kiln_digest_print_hex(digest, hex));
}

static char *supplier_of(Writing *writing, const char *name)
{
	char *id = address(writing, "Organization", name);
	if (g_hash_table_add(writing->agents, g_strdup(name)))
		kiln_json_set_string(add(writing, "Organization", id), "name", name);
	return id;
}

static char *expression_of(Writing *writing, const char *expression)
{
	g_autofree char *hex = g_compute_checksum_for_string(G_CHECKSUM_SHA256, expression, -1), *shortened = g_strndup(hex, 16);
	char *id = address(writing, "License", shortened);
	if (g_hash_table_add(writing->licences, g_strdup(expression)))
		kiln_json_set_string(add(writing, "simplelicensing_LicenseExpression", id), "simplelicensing_licenseExpression", expression);
	return id;
}

static void add_text(Writing *writing, const char *name, const char *text)
{
	g_autofree char *id = address(writing, "LicenseText", name);
	if (!g_hash_table_add(writing->licences, g_strdup(id)))
		return;
	json_t *object = add(writing, "simplelicensing_SimpleLicensingText", id);
	kiln_sbom_set_text(object, "name", name);
	kiln_sbom_set_text(object, "simplelicensing_licenseText", text);
}

static void add_licence(Writing *writing, const char *package_id, const KilnLicence *licence)
{
	for (guint i = 0; licence && i < licence->extracted->len; i++) {
		const KilnExtractedLicence *extracted = licence->extracted->pdata[i];
		add_text(writing, extracted->id, extracted->text);
	}
	g_autofree char *hex = licence && licence->raw ? g_compute_checksum_for_string(G_CHECKSUM_SHA256, licence->raw, -1) : NULL;
	g_autofree char *raw = hex ? g_strdup_printf("LicenseRef-raw-%.8s", hex) : NULL;
	if (raw)
		add_text(writing, raw, licence->raw);
	const char *expression = licence && licence->expression ? licence->expression : raw;
	if (!expression)
		return;
	g_autofree char *id = expression_of(writing, expression);
	relate(writing, package_id, "hasDeclaredLicense", json_pack("[s]", id), "complete");
}

static void add_package(Writing *writing, const KilnSbomPackage *package, const char *id)
{
	const KilnPackage *identity = &package->identity;
	const char *supplier = kiln_sbom_supplier(identity);
	g_autofree char *agent = supplier ? supplier_of(writing, supplier) : NULL, *purl = kiln_package_purl(identity), *source = kiln_sbom_source_text(identity);
	g_autofree char *holders = kiln_sbom_copyright_text(package);
	json_t *object = add(writing, "software_Package", id);
	kiln_sbom_set_text(object, "name", identity->name);
	kiln_sbom_set_text(object, "summary", identity->summary);
	kiln_json_set_string(object, "suppliedBy", agent);
	kiln_sbom_set_text(object, "software_packageVersion", identity->version);
	kiln_json_set_string(object, "software_packageUrl", purl);
	kiln_json_set_string(object, "software_homePage", kiln_sbom_homepage(identity));
	kiln_sbom_set_text(object, "software_sourceInfo", source);
	kiln_sbom_set_text(object, "software_copyrightText", holders ? holders : "NOASSERTION");
	if (package->partial)
		kiln_json_set_string(object, "comment", "Only some of the package's files are in the image.");
	if (identity->has_digest)
		json_object_set_new(object, "verifiedUsing", sha256(&identity->digest));
	add_licence(writing, id, package->licence);
}

static json_t *add_files(Writing *writing, gint package)
{
	json_t *files = json_array();
	for (guint i = 0; i < writing->sbom->files->len; i++) {
		const KilnSbomFile *file = kiln_sbom_file_at(writing->sbom, i);
		if (file->package != package && !(package < 0 && file->package >= (gint)writing->sbom->packages->len))
			continue;
		g_autofree char *id = address(writing, "File", file->path);
		json_t *object = add(writing, "software_File", id);
		kiln_sbom_set_text(object, "name", file->path);
		json_object_set_new(object, "verifiedUsing", sha256(&file->digest));
		json_array_append_new(files, json_string(id));
	}
	return files;
}

static void add_packages(Writing *writing, const char *image)
{
	const KilnSbom *sbom = writing->sbom;
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	json_t *contained = add_files(writing, -1);
	for (guint i = 0; i < sbom->packages->len; i++) {
		const KilnPackage *identity = &kiln_sbom_package_at(sbom, i)->identity;
		g_autofree char *text = g_strdup_printf("%u-%s-%s", i, identity->name, identity->version ? identity->version : "");
		g_ptr_array_add(ids, address(writing, "Package", text));
		json_array_append_new(contained, json_string(ids->pdata[i]));
	}
	for (guint i = 0; i < sbom->packages->len; i++) {
		const KilnSbomPackage *package = kiln_sbom_package_at(sbom, i);
		g_autoptr(GHashTable) listed = g_hash_table_new(NULL, NULL);
		json_t *needed = json_array();
		add_package(writing, package, ids->pdata[i]);
		relate(writing, ids->pdata[i], "contains", add_files(writing, (gint)i), package->partial ? "incomplete" : "complete");
		for (gsize j = 0; j < package->depend_count; j++)
			if (package->depends[j] < ids->len && g_hash_table_add(listed, GUINT_TO_POINTER(package->depends[j])))
				json_array_append_new(needed, json_string(ids->pdata[package->depends[j]]));
		relate(writing, ids->pdata[i], "dependsOn", needed, sbom->built ? "complete" : "noAssertion");
	}
	relate(writing, image, "contains", contained, sbom->unknowns->len ? "noAssertion" : "complete");
}

static void add_creation(Writing *writing)
{
	char created[KILN_TIME_TEXT_MAX];
	g_autofree char *agent = address(writing, "SoftwareAgent", "kiln"), *tool = address(writing, "Tool", "kiln");
	g_autofree char *title = g_strdup_printf("kiln %s", writing->sbom->tool_version ? writing->sbom->tool_version : "unknown");
	json_array_append_new(writing->graph, json_pack("{s:s, s:s, s:s, s:s, s:[s], s:[s]}", "type", "CreationInfo", "@id", CREATION, "specVersion", "3.0.1", "created",
	                                                kiln_time_print(writing->sbom->created_unix_s, created), "createdBy", agent, "createdUsing", tool));
	kiln_json_set_string(add(writing, "SoftwareAgent", agent), "name", "kiln");
	kiln_json_set_string(add(writing, "Tool", tool), "name", title);
}

static char *add_image(Writing *writing)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	char *id = address(writing, "Package", kiln_digest_print(&writing->sbom->subject, digest));
	json_t *object = add(writing, "software_Package", id);
	kiln_sbom_set_text(object, "name", writing->sbom->name);
	kiln_sbom_set_text(object, "software_packageVersion", writing->sbom->version);
	kiln_json_set_string(object, "software_primaryPurpose", "container");
	json_object_set_new(object, "verifiedUsing", sha256(&writing->sbom->subject));
	return id;
}

static void add_document(Writing *writing, const char *image)
{
	g_autofree char *bom = address(writing, "Sbom", "image"), *document = g_strdup_printf("%s#Document", writing->base);
	json_t *object = add(writing, "software_Sbom", bom);
	json_array_remove(writing->all, json_array_size(writing->all) - 1); /* it is no element of itself */
	json_object_set_new(object, "rootElement", json_pack("[s]", image));
	json_object_set(object, "element", writing->all);
	json_object_set_new(object, "software_sbomType", json_pack("[s]", writing->sbom->built ? "build" : "analyzed"));
	g_autoptr(GString) comment = g_string_new(NULL);
	for (guint i = 0; i < writing->sbom->unknowns->len; i++)
		g_string_append_printf(comment, "%s%s.", i ? " " : "Known unknowns: ", (const char *)writing->sbom->unknowns->pdata[i]);
	if (comment->len)
		kiln_sbom_set_text(object, "comment", comment->str);
	json_t *top = add(writing, "SpdxDocument", document);
	kiln_sbom_set_text(top, "name", writing->sbom->name);
	json_object_set_new(top, "rootElement", json_pack("[s]", bom));
	json_object_set_new(top, "element", json_pack("[s]", bom));
	json_object_set_new(top, "profileConformance", json_pack("[s, s, s]", "core", "software", "simpleLicensing"));
}

GBytes *kiln_sbom_write_spdx_3(const KilnSbom *sbom)
{
	g_autoptr(GHashTable) agents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), licences = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *uuid = kiln_sbom_uuid("spdx3", sbom->subject.sha256, sizeof sbom->subject.sha256);
	g_autoptr(json_t) all = json_array(), root = json_object();
	Writing writing = { sbom, json_array(), g_strdup_printf("https://spdx.org/spdxdocs/%s", uuid), agents, licences, all };
	add_creation(&writing);
	g_autofree char *image = add_image(&writing);
	add_packages(&writing, image);
	add_document(&writing, image);
	kiln_json_set_string(root, "@context", "https://spdx.org/rdf/3.0.1/spdx-context.jsonld");
	json_object_set_new(root, "@graph", writing.graph);
	g_free(writing.base);
	return kiln_json_compact(root);
}
