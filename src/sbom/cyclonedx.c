/* SPDX-License-Identifier: Apache-2.0 */
/* cyclonedx.c: the document as CycloneDX 1.6 or 1.7. Source: ECMA-424, first and second edition. */
#include "base/clock.h"
#include "sbom/writers.h"

/* References that bind components to the dependency graph: the purl, or the name where there is none; numbered when two packages share it. */
GPtrArray *kiln_sbom_references(const KilnSbom *sbom)
{
	g_autoptr(GHashTable) taken = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *references = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < sbom->packages->len; i++) {
		const KilnPackage *identity = &kiln_sbom_package_at(sbom, i)->identity;
		g_autofree char *purl = kiln_package_purl(identity);
		if (!purl)
			purl = g_utf8_make_valid(identity->name, -1);
		char *reference = g_strdup(purl);
		for (guint number = 2; g_hash_table_contains(taken, reference); number++) {
			g_free(reference);
			reference = g_strdup_printf("%s#%u", purl, number);
		}
		g_hash_table_add(taken, reference);
		g_ptr_array_add(references, reference);
	}
	return references;
}

static json_t *hash_of(const char *algorithm, const char *hex)
{
	return json_pack("{s:s, s:s}", "alg", algorithm, "content", hex);
}

static json_t *sha256(const KilnDigest *digest)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	return hash_of("SHA-256", kiln_digest_print_hex(digest, hex));
}

static void add_property(json_t *properties, const char *name, const char *value)
{
	if (!value)
		return;
	json_t *property = json_object();
	kiln_json_set_string(property, "name", name);
	kiln_sbom_set_text(property, "value", value);
	json_array_append_new(properties, property);
}

static json_t *named_licence(const char *name, const char *text)
{
	json_t *content = json_object();
	kiln_json_set_string(content, "contentType", "text/plain");
	kiln_sbom_set_text(content, "content", text);
	json_t *licence = json_object();
	kiln_sbom_set_text(licence, "name", name);
	json_object_set_new(licence, "text", content);
	return json_pack("{s:o}", "license", licence);
}

/* 1.6 has no place for the texts beside an expression: they go under evidence, by the name that the expression uses. */
static void set_licence(json_t *object, const KilnSbomPackage *package)
{
	const KilnLicence *licence = package->licence;
	if (!licence)
		return;
	if (licence->expression)
		json_object_set_new(object, "licenses", json_pack("[{s:s, s:s}]", "expression", licence->expression, "acknowledgement", "declared"));
	json_t *texts = json_array();
	for (guint i = 0; i < licence->extracted->len; i++) {
		const KilnExtractedLicence *extracted = g_ptr_array_index(licence->extracted, i);
		json_array_append_new(texts, named_licence(extracted->id, extracted->text));
	}
	if (licence->raw && *licence->raw)
		json_array_append_new(texts, named_licence(licence->raw_from, licence->raw));
	if (json_array_size(texts) > 0)
		json_object_set_new(object, "evidence", json_pack("{s:O}", "licenses", texts));
	json_decref(texts);
	g_autofree char *holders = kiln_sbom_copyright_text(package);
	kiln_sbom_set_text(object, "copyright", holders);
}

static json_t *write_file(const KilnSbomFile *file)
{
	json_t *hashes = json_pack("[o]", sha256(&file->digest));
	if (file->sha1_hex)
		json_array_append_new(hashes, hash_of("SHA-1", file->sha1_hex));
	g_autofree char *reference = g_strconcat("file:", file->path, NULL);
	json_t *object = json_object();
	kiln_json_set_string(object, "type", "file");
	kiln_sbom_set_text(object, "bom-ref", reference);
	kiln_sbom_set_text(object, "name", file->path);
	json_object_set_new(object, "hashes", hashes);
	return object;
}

static json_t *write_package(const KilnSbomPackage *package, const char *reference)
{
	const KilnPackage *identity = &package->identity;
	json_t *object = json_object();
	kiln_json_set_string(object, "type", package->application ? "application" : "library");
	kiln_json_set_string(object, "bom-ref", reference);
	kiln_sbom_set_text(object, "name", identity->name);
	kiln_sbom_set_text(object, "version", identity->version);
	kiln_sbom_set_text(object, "description", identity->summary);
	kiln_sbom_set_text(object, "publisher", identity->maintainer);
	const char *supplier = kiln_sbom_supplier(identity);
	if (supplier)
		json_object_set_new(object, "supplier", json_pack("{s:s}", "name", supplier));
	if (identity->has_digest)
		json_object_set_new(object, "hashes", json_pack("[o]", sha256(&identity->digest)));
	g_autofree char *purl = kiln_package_purl(identity);
	kiln_json_set_string(object, "purl", purl);
	if (kiln_sbom_homepage(identity))
		json_object_set_new(object, "externalReferences", json_pack("[{s:s, s:s}]", "type", "website", "url", kiln_sbom_homepage(identity)));
	set_licence(object, package);
	json_t *properties = json_array();
	add_property(properties, "kiln:architecture", identity->architecture);
	add_property(properties, "kiln:package-file", package->download_location);
	add_property(properties, "kiln:partial", package->partial ? "true" : NULL);
	add_property(properties, "kiln:source-name", identity->source_name);
	add_property(properties, "kiln:source-version", identity->source_version);
	if (json_array_size(properties) > 0)
		json_object_set(object, "properties", properties);
	json_decref(properties);
	return object;
}

/* Files stand inside their package's component; those that are nobody's stand beside the packages. */
static json_t *write_components(const KilnSbom *sbom, const GPtrArray *references)
{
	json_t *components = json_array();
	for (guint i = 0; i < sbom->packages->len; i++)
		json_array_append_new(components, write_package(kiln_sbom_package_at(sbom, i), g_ptr_array_index(references, i)));
	for (guint i = 0; i < sbom->files->len; i++) {
		const KilnSbomFile *file = kiln_sbom_file_at(sbom, i);
		json_t *into = components;
		if (file->package >= 0 && (guint)file->package < references->len) {
			json_t *owner = json_array_get(components, (gsize)file->package);
			into = json_object_get(owner, "components");
			if (!into) {
				into = json_array();
				json_object_set_new(owner, "components", into);
			}
		}
		json_array_append_new(into, write_file(file));
	}
	return components;
}

static json_t *write_dependencies(const KilnSbom *sbom, const GPtrArray *references, const char *image_reference)
{
	json_t *dependencies = json_array(), *all = json_array();
	for (guint i = 0; i < references->len; i++)
		json_array_append_new(all, json_string(g_ptr_array_index(references, i)));
	json_array_append_new(dependencies, json_pack("{s:s, s:o}", "ref", image_reference, "dependsOn", all));
	for (guint i = 0; i < references->len; i++) {
		const KilnSbomPackage *package = kiln_sbom_package_at(sbom, i);
		g_autoptr(GHashTable) listed = g_hash_table_new(NULL, NULL); /* the schema refuses an edge that stands twice */
		json_t *edges = json_array();
		for (gsize j = 0; j < package->depend_count; j++)
			if (package->depends[j] < references->len && g_hash_table_add(listed, GUINT_TO_POINTER(package->depends[j])))
				json_array_append_new(edges, json_string(g_ptr_array_index(references, package->depends[j])));
		json_array_append_new(dependencies, json_pack("{s:s, s:o}", "ref", g_ptr_array_index(references, i), "dependsOn", edges));
	}
	return dependencies;
}

/* Who wrote it down says whether anything is missing. */
static json_t *write_compositions(const KilnSbom *sbom, const char *image_reference)
{
	return json_pack("[{s:s, s:[s]}, {s:s, s:[s]}]", "aggregate", sbom->unknowns->len ? "unknown" : "complete", "assemblies", image_reference, "aggregate",
	                 sbom->built ? "complete" : "unknown", "dependencies", image_reference);
}

static json_t *write_metadata(const KilnSbom *sbom, const char *image_reference)
{
	char created[KILN_TIME_TEXT_MAX];
	json_t *image = json_object();
	kiln_json_set_string(image, "type", "container");
	kiln_json_set_string(image, "bom-ref", image_reference);
	kiln_sbom_set_text(image, "name", sbom->name);
	kiln_sbom_set_text(image, "version", sbom->version);
	json_object_set_new(image, "hashes", json_pack("[o]", sha256(&sbom->subject)));
	if (sbom->architecture) {
		json_t *properties = json_array();
		add_property(properties, "kiln:architecture", sbom->architecture);
		json_object_set_new(image, "properties", properties);
	}
	json_t *metadata = json_object();
	kiln_json_set_string(metadata, "timestamp", kiln_time_print(sbom->created_unix_s, created));
	json_object_set_new(metadata, "tools", json_pack("{s:[{s:s, s:s, s:s}]}", "components", "type", "application", "name", "kiln",
	                                                 "version", sbom->tool_version ? sbom->tool_version : "unknown"));
	json_object_set_new(metadata, "component", image);
	json_object_set_new(metadata, "lifecycles", json_pack("[{s:s}]", "phase", sbom->built ? "build" : "post-build"));
	if (sbom->unknowns->len) {
		json_t *properties = json_array();
		for (guint i = 0; i < sbom->unknowns->len; i++)
			add_property(properties, "kiln:unknown", sbom->unknowns->pdata[i]);
		json_object_set_new(metadata, "properties", properties);
	}
	return metadata;
}

/* The distribution, as scanners of others look for it. */
static void add_distribution(const KilnSbom *sbom, json_t *components)
{
	for (guint i = 0; i < sbom->packages->len; i++) {
		const KilnPackage *identity = &kiln_sbom_package_at(sbom, i)->identity;
		if (!identity->distro)
			continue;
		json_t *object = json_object();
		kiln_json_set_string(object, "type", "operating-system");
		kiln_json_set_string(object, "bom-ref", "operating-system");
		kiln_sbom_set_text(object, "name", identity->distro);
		kiln_sbom_set_text(object, "version", identity->distro_version);
		json_array_append_new(components, object);
		return;
	}
}

json_t *kiln_sbom_cyclonedx_json(const KilnSbom *sbom, const char *version)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	g_autoptr(GPtrArray) references = kiln_sbom_references(sbom);
	g_autofree char *image_reference = g_strconcat("image:", kiln_digest_print(&sbom->subject, digest), NULL);
	json_t *root = json_object(), *components = write_components(sbom, references);
	kiln_json_set_string(root, "bomFormat", "CycloneDX");
	kiln_json_set_string(root, "specVersion", version);
	kiln_json_set_integer(root, "version", 1);
	json_object_set_new(root, "metadata", write_metadata(sbom, image_reference));
	add_distribution(sbom, components);
	json_object_set_new(root, "components", components);
	json_object_set_new(root, "dependencies", write_dependencies(sbom, references, image_reference));
	json_object_set_new(root, "compositions", write_compositions(sbom, image_reference));
	/* The same content has the same serial number, any other content another. */
	g_autoptr(GBytes) content = kiln_json_compact(root);
	g_autofree char *uuid = kiln_sbom_uuid("cyclonedx", g_bytes_get_data(content, NULL), g_bytes_get_size(content));
	g_autofree char *serial = g_strconcat("urn:uuid:", uuid, NULL);
	kiln_json_set_string(root, "serialNumber", serial);
	return root;
}

GBytes *kiln_sbom_write_cyclonedx(const KilnSbom *sbom)
{
	g_autoptr(json_t) root = kiln_sbom_cyclonedx_json(sbom, "1.6");
	return kiln_json_compact(root);
}

GBytes *kiln_sbom_write_cyclonedx_1_7(const KilnSbom *sbom)
{
	g_autoptr(json_t) root = kiln_sbom_cyclonedx_json(sbom, "1.7");
	return kiln_json_compact(root);
}

GBytes *kiln_sbom_write_cyclonedx_xml(const KilnSbom *sbom)
{
	g_autoptr(json_t) root = kiln_sbom_cyclonedx_json(sbom, "1.6");
	return kiln_cyclonedx_xml(root);
}

GBytes *kiln_sbom_write_cyclonedx_xml_1_7(const KilnSbom *sbom)
{
	g_autoptr(json_t) root = kiln_sbom_cyclonedx_json(sbom, "1.7");
	return kiln_cyclonedx_xml(root);
}
