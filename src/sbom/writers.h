/* SPDX-License-Identifier: Apache-2.0 */
/* writers.h: the writers behind the rows of format.h, and what both of them say in the same way. */
#pragma once
#include "data/json.h"
#include "sbom/document.h"

GBytes *kiln_sbom_write_spdx(const KilnSbom *sbom);
GBytes *kiln_sbom_write_spdx_tag_value(const KilnSbom *sbom);
GBytes *kiln_sbom_write_spdx_3(const KilnSbom *sbom);
GBytes *kiln_sbom_write_cyclonedx(const KilnSbom *sbom);
GBytes *kiln_sbom_write_cyclonedx_1_7(const KilnSbom *sbom);
GBytes *kiln_sbom_write_cyclonedx_xml(const KilnSbom *sbom);
GBytes *kiln_sbom_write_cyclonedx_xml_1_7(const KilnSbom *sbom);
/** The documents before they are bytes; new references. SPDX: the image is the first package, the others follow in their order. */
json_t *kiln_sbom_cyclonedx_json(const KilnSbom *sbom, const char *version);
json_t *kiln_sbom_spdx_json(const KilnSbom *sbom);
/** char * for each package: what CycloneDX calls it in its lists: the purl, numbered when two share it. */
GPtrArray *kiln_sbom_references(const KilnSbom *sbom);
/** The JSON form as XML. */
GBytes *kiln_cyclonedx_xml(const json_t *bom);

static inline const KilnSbomPackage *kiln_sbom_package_at(const KilnSbom *sbom, guint index)
{
	return g_ptr_array_index(sbom->packages, index);
}

static inline const KilnSbomFile *kiln_sbom_file_at(const KilnSbom *sbom, guint index)
{
	return g_ptr_array_index(sbom->files, index);
}

/** A UUID made of the SHA-256 of @space, NUL, @bytes: version 8 (RFC 9562, section 5.8). New string without "urn:uuid:". */
char *kiln_sbom_uuid(const char *space, const void *bytes, gsize length);
/** Who distributes the package: "Debian"; NULL when the distribution is not known. Borrowed, static. */
const char *kiln_sbom_supplier(const KilnPackage *identity);
/** "nginx 1.26.3-3 (source), maintained by ..."; new string, or NULL when neither is known. */
char *kiln_sbom_source_text(const KilnPackage *identity);
/** Copyright lines joined by line ends; NULL without any. New string. */
char *kiln_sbom_copyright_text(const KilnSbomPackage *package);
/** The homepage when it is a web address, else NULL; borrowed. */
const char *kiln_sbom_homepage(const KilnPackage *identity);
/** Set a string member from bytes that came from outside and may be no UTF-8; NULL is left out. */
void kiln_sbom_set_text(json_t *object, const char *key, const char *value);
