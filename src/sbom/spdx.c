/* SPDX-License-Identifier: Apache-2.0 */
/* spdx.c: the document as SPDX 2.3 JSON. Source: SPDX 2.3, sections 6-11. */
#include "base/clock.h"
#include "sbom/tag_value.h"
#include "sbom/writers.h"

#include <string.h>

#define IMAGE_ID "SPDXRef-Image"
#define DOCUMENT_ID "SPDXRef-DOCUMENT"

typedef struct {
	const KilnSbom *sbom;
	GPtrArray *package_ids;  /* of each package */
	GPtrArray *hashes;       /* see collect_hashes() */
	GHashTable *extracted;   /* LicenseRef- already in @texts */
	json_t *texts, *relationships;
} Writing;

static void relate(Writing *writing, const char *from, const char *type, const char *to)
{
	json_array_append_new(writing->relationships, json_pack("{s:s, s:s, s:s}", "spdxElementId", from, "relationshipType", type,
	                                                        "relatedSpdxElement", to));
}

/* SPDX identifiers have letters, digits, "." and "-" only, so two names may become one: a number tells them apart. */
static GPtrArray *make_package_ids(const KilnSbom *sbom)
{
	g_autoptr(GHashTable) taken = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < sbom->packages->len; i++) {
		const KilnPackage *identity = &kiln_sbom_package_at(sbom, i)->identity;
		g_autoptr(GString) id = g_string_new("SPDXRef-Package-");
		g_string_append_printf(id, "%s-%s", identity->name, identity->architecture ? identity->architecture : "all");
		g_strcanon(id->str, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-.", '-');
		gsize base = id->len;
		for (guint number = 2; g_hash_table_contains(taken, id->str); number++) {
			g_string_truncate(id, base);
			g_string_append_printf(id, "-%u", number);
		}
		char *kept = g_string_free(g_steal_pointer(&id), FALSE);
		g_hash_table_add(taken, kept);
		g_ptr_array_add(ids, kept);
	}
	return ids;
}

static char *file_id(const KilnSbomFile *file)
{
	g_autofree char *hex = g_compute_checksum_for_string(G_CHECKSUM_SHA256, file->path, -1);
	return g_strdup_printf("SPDXRef-File-%.32s", hex);
}

static json_t *checksum(const char *algorithm, const char *hex)
{
	return json_pack("{s:s, s:s}", "algorithm", algorithm, "checksumValue", hex);
}

static json_t *sha256(const KilnDigest *digest)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	return checksum("SHA256", kiln_digest_print_hex(digest, hex));
}

static int compare_strings(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The SHA-1 of the files of each package, and of all files behind them. */
static GPtrArray *collect_hashes(const KilnSbom *sbom)
{
	GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	for (guint i = 0; i <= sbom->packages->len; i++)
		g_ptr_array_add(all, g_ptr_array_new());
	for (guint i = 0; i < sbom->files->len; i++) {
		const KilnSbomFile *file = kiln_sbom_file_at(sbom, i);
		if (!file->sha1_hex)
			continue;
		g_ptr_array_add(all->pdata[sbom->packages->len], file->sha1_hex);
		if (file->package >= 0 && (guint)file->package < sbom->packages->len)
			g_ptr_array_add(all->pdata[file->package], file->sha1_hex);
	}
	return all;
}

/* Section 7.9: SHA-1 over the sorted SHA-1 of the files, here those that are in the image. A package is only said to contain files when it is there (7.8). */
static void set_verification_code(json_t *object, GPtrArray *hashes)
{
	json_object_set_new(object, "filesAnalyzed", json_boolean(hashes->len > 0));
	if (hashes->len == 0)
		return;
	g_ptr_array_sort(hashes, compare_strings);
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA1);
	for (guint i = 0; i < hashes->len; i++)
		g_checksum_update(sum, g_ptr_array_index(hashes, i), -1);
	json_object_set_new(object, "packageVerificationCode", json_pack("{s:s}", "packageVerificationCodeValue", g_checksum_get_string(sum)));
}

static void add_text(Writing *writing, const char *id, const char *name, const char *text)
{
	if (!g_hash_table_add(writing->extracted, g_strdup(id)))
		return;
	json_t *entry = json_object();
	kiln_json_set_string(entry, "licenseId", id);
	kiln_sbom_set_text(entry, "name", name);
	kiln_sbom_set_text(entry, "extractedText", text);
	json_array_append_new(writing->texts, entry);
}

static void set_licence(Writing *writing, json_t *object, const KilnSbomPackage *package)
{
	const KilnLicence *licence = package->licence;
	kiln_json_set_string(object, "licenseConcluded", "NOASSERTION");
	kiln_json_set_string(object, "licenseDeclared", licence && licence->expression ? licence->expression : "NOASSERTION");
	g_autofree char *holders = kiln_sbom_copyright_text(package);
	kiln_sbom_set_text(object, "copyrightText", holders ? holders : "NOASSERTION");
	if (!licence)
		return;
	for (guint i = 0; i < licence->extracted->len; i++) {
		const KilnExtractedLicence *extracted = g_ptr_array_index(licence->extracted, i);
		add_text(writing, extracted->id, extracted->name, extracted->text);
	}
	if (licence->raw && *licence->raw) {
		g_autofree char *hex = g_compute_checksum_for_string(G_CHECKSUM_SHA256, licence->raw, -1);
		g_autofree char *id = g_strdup_printf("LicenseRef-raw-%.8s", hex);
		g_autofree char *comment = g_strdup_printf("%s: no SPDX expression; its text is %s.", licence->raw_from, id);
		add_text(writing, id, licence->raw_from, licence->raw);
		kiln_json_set_string(object, "licenseComments", comment);
	}
}

static json_t *write_package(Writing *writing, guint index)
{
	const KilnSbomPackage *package = kiln_sbom_package_at(writing->sbom, index);
	const KilnPackage *identity = &package->identity;
	json_t *object = json_object();
	kiln_json_set_string(object, "SPDXID", g_ptr_array_index(writing->package_ids, index));
	kiln_sbom_set_text(object, "name", identity->name);
	kiln_sbom_set_text(object, "versionInfo", identity->version);
	const char *supplier = kiln_sbom_supplier(identity);
	g_autofree char *supplier_text = supplier ? g_strconcat("Organization: ", supplier, NULL) : NULL;
	kiln_json_set_string(object, "supplier", supplier_text ? supplier_text : "NOASSERTION");
	kiln_json_set_string(object, "downloadLocation", "NOASSERTION"); /* mirrors are no part of the image; the pool path is */
	kiln_sbom_set_text(object, "packageFileName", package->download_location);
	kiln_sbom_set_text(object, "homepage", kiln_sbom_homepage(identity));
	kiln_sbom_set_text(object, "summary", identity->summary);
	g_autofree char *source = kiln_sbom_source_text(identity);
	kiln_sbom_set_text(object, "sourceInfo", source);
	if (identity->has_digest)
		json_object_set_new(object, "checksums", json_pack("[o]", sha256(&identity->digest)));
	if (package->application)
		kiln_json_set_string(object, "primaryPackagePurpose", "APPLICATION");
	if (package->partial)
		kiln_json_set_string(object, "comment", "Only some of the package's files are in the image.");
	set_licence(writing, object, package);
	set_verification_code(object, writing->hashes->pdata[index]);
	g_autofree char *purl = kiln_package_purl(identity);
	json_t *references = json_array();
	if (purl)
		json_array_append_new(references, json_pack("{s:s, s:s, s:s}", "referenceCategory", "PACKAGE-MANAGER", "referenceType", "purl", "referenceLocator", purl));
	json_object_set_new(object, "externalRefs", references);
	return object;
}

static json_t *write_image(const Writing *writing)
{
	const KilnSbom *sbom = writing->sbom;
	json_t *object = json_object();
	kiln_json_set_string(object, "SPDXID", IMAGE_ID);
	kiln_sbom_set_text(object, "name", sbom->name);
	kiln_sbom_set_text(object, "versionInfo", sbom->version);
	kiln_json_set_string(object, "downloadLocation", "NOASSERTION");
	kiln_json_set_string(object, "supplier", "NOASSERTION");
	kiln_json_set_string(object, "primaryPackagePurpose", "CONTAINER");
	kiln_json_set_string(object, "licenseConcluded", "NOASSERTION");
	kiln_json_set_string(object, "licenseDeclared", "NOASSERTION");
	kiln_json_set_string(object, "copyrightText", "NOASSERTION");
	if (sbom->architecture) {
		g_autofree char *summary = g_strdup_printf("Container image for linux/%s", sbom->architecture);
		kiln_sbom_set_text(object, "summary", summary);
	}
	json_object_set_new(object, "checksums", json_pack("[o]", sha256(&sbom->subject)));
	set_verification_code(object, writing->hashes->pdata[sbom->packages->len]);
	return object;
}

static json_t *write_files(Writing *writing)
{
	json_t *files = json_array();
	for (guint i = 0; i < writing->sbom->files->len; i++) {
		const KilnSbomFile *file = kiln_sbom_file_at(writing->sbom, i);
		if (!file->sha1_hex) /* section 8.4: the SHA-1 is mandatory */
			continue;
		g_autofree char *id = file_id(file);
		g_autofree char *name = g_strconcat(".", file->path, NULL);
		json_t *object = json_object();
		kiln_json_set_string(object, "SPDXID", id);
		kiln_sbom_set_text(object, "fileName", name);
		json_object_set_new(object, "checksums", json_pack("[o, o]", checksum("SHA1", file->sha1_hex), sha256(&file->digest)));
		json_array_append_new(files, object);
		gboolean owned = file->package >= 0 && (guint)file->package < writing->package_ids->len;
		relate(writing, owned ? g_ptr_array_index(writing->package_ids, (guint)file->package) : IMAGE_ID, "CONTAINS", id);
	}
	return files;
}

static json_t *write_packages(Writing *writing)
{
	json_t *packages = json_array();
	json_array_append_new(packages, write_image(writing));
	for (guint i = 0; i < writing->sbom->packages->len; i++) {
		const KilnSbomPackage *package = kiln_sbom_package_at(writing->sbom, i);
		const char *id = g_ptr_array_index(writing->package_ids, i);
		json_array_append_new(packages, write_package(writing, i));
		relate(writing, IMAGE_ID, "CONTAINS", id);
		for (gsize j = 0; j < package->depend_count; j++)
			if (package->depends[j] < writing->package_ids->len)
				relate(writing, id, "DEPENDS_ON", g_ptr_array_index(writing->package_ids, package->depends[j]));
	}
	return packages;
}

/* The context in which it was made, and what is not told: there is no field for either. */
static char *context_of(const KilnSbom *sbom)
{
	GString *text = g_string_new(sbom->built ? "Generation context: made while the image was built, of everything that went into it."
	                                         : "Generation context: made of the finished image, of what is in it.");
	for (guint i = 0; i < sbom->unknowns->len; i++)
		g_string_append_printf(text, "%s%s.", i ? " " : " Known unknowns: ", (const char *)sbom->unknowns->pdata[i]);
	return g_string_free(text, FALSE);
}

json_t *kiln_sbom_spdx_json(const KilnSbom *sbom)
{
	g_autoptr(GPtrArray) package_ids = make_package_ids(sbom);
	g_autoptr(GHashTable) extracted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GPtrArray) hashes = collect_hashes(sbom);
	Writing writing = { sbom, package_ids, hashes, extracted, json_array(), json_array() };
	char created[KILN_TIME_TEXT_MAX];
	g_autofree char *tool = g_strconcat("Tool: kiln-", sbom->tool_version ? sbom->tool_version : "unknown", NULL);

	json_t *root = json_object(), *creation;
	kiln_json_set_string(root, "spdxVersion", "SPDX-2.3");
	kiln_json_set_string(root, "dataLicense", "CC0-1.0");
	kiln_json_set_string(root, "SPDXID", DOCUMENT_ID);
	kiln_sbom_set_text(root, "name", sbom->name);
	creation = json_pack("{s:s, s:[s, s]}", "created", kiln_time_print(sbom->created_unix_s, created), "creators", tool, "Organization: NOASSERTION");
	g_autofree char *context = context_of(sbom);
	kiln_json_set_string(creation, "comment", context);
	json_object_set_new(root, "creationInfo", creation);
	relate(&writing, DOCUMENT_ID, "DESCRIBES", IMAGE_ID);
	json_object_set_new(root, "packages", write_packages(&writing));
	json_object_set_new(root, "files", write_files(&writing));
	json_object_set_new(root, "relationships", writing.relationships);
	json_object_set_new(root, "hasExtractedLicensingInfos", writing.texts);

	/* Section 6.5 wants a namespace per document: the same content has the same one, any change another. */
	g_autoptr(GBytes) content = kiln_json_compact(root);
	gsize length;
	gconstpointer bytes = g_bytes_get_data(content, &length);
	g_autofree char *uuid = kiln_sbom_uuid("spdx", bytes, length);
	g_autofree char *name = g_uri_escape_string(sbom->name, NULL, FALSE);
	g_autofree char *name_space = g_strdup_printf("https://spdx.org/spdxdocs/%s-%s", name, uuid);
	kiln_json_set_string(root, "documentNamespace", name_space);
	return root;
}

GBytes *kiln_sbom_write_spdx(const KilnSbom *sbom)
{
	g_autoptr(json_t) root = kiln_sbom_spdx_json(sbom);
	return kiln_json_compact(root);
}

GBytes *kiln_sbom_write_spdx_tag_value(const KilnSbom *sbom)
{
	g_autoptr(json_t) root = kiln_sbom_spdx_json(sbom);
	return kiln_tag_value_write(root);
}
