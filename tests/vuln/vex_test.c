/* SPDX-License-Identifier: Apache-2.0 */
/* vex_test.c: statements of every format, the products that people write, and documents that say nothing certain. */
#include "base/error.h"
#include "io/scratch.h"
#include "vuln/vex_internal.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static KilnVex *read_text(const Scratch *scratch, const char *text, GError **error)
{
	g_autofree char *path = g_build_filename(scratch->path, "vex.json", NULL);
	g_autoptr(KilnVex) vex = kiln_vex_new();
	scratch_write(scratch, "vex.json", text, strlen(text));
	return kiln_vex_read(vex, path, error) ? g_steal_pointer(&vex) : NULL;
}

static const KilnVexStatement *only(const KilnVex *vex)
{
	assert_int_equal(vex->statements->len, 1);
	return vex->statements->pdata[0];
}

static void images(void **state)
{
	static const struct {
		const char *id, *reference;
		gboolean is;
	} rows[] = {
		{ "nginx", "nginx", TRUE },
		{ "docker.io/library/nginx", "nginx", TRUE },
		{ "index.docker.io/library/nginx:latest", "nginx", TRUE },
		{ "nginx:1.2", "docker.io/library/nginx:1.2", TRUE },
		{ "nginx:1.2", "nginx", FALSE },
		{ "nginx", "nginx:1.2", TRUE },
		{ "ghcr.io/a/nginx", "nginx", FALSE },
		{ "localhost:5000/nginx", "localhost:5000/nginx:x", TRUE },
		{ "sha256:" SHA, "anything", TRUE },
		{ "docker.io/library/other@sha256:" SHA, "nginx", TRUE },
		{ "nginx@sha256:ffff456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "nginx", FALSE },
		{ "pkg:oci/nginx@sha256%3A" SHA "?repository_url=docker.io%2Flibrary", "anything", TRUE },
		{ "pkg:oci/nginx@sha256:ffff456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "nginx", FALSE },
		{ "pkg:oci/nginx", "docker.io/library/nginx:1.2", TRUE },
		{ "pkg:oci/nginx?tag=1.2", "nginx:1.3", FALSE },
		{ "pkg:deb/debian/nginx", "nginx", FALSE },
		{ "pkg:", "nginx", FALSE },
	};
	KilnVexSubject subject = { 0 };
	assert_true(kiln_digest_parse_hex(SHA, 64, &subject.digest, NULL));
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		subject.reference = rows[i].reference;
		if (vex_product_is_image(rows[i].id, &subject) != rows[i].is)
			fail_msg("%s and %s", rows[i].id, rows[i].reference);
	}
}

static void packages(void **state)
{
	static const struct {
		const char *id;
		gboolean is;
	} rows[] = {
		{ "pkg:deb/debian/libssl3t64@3.5.1-1?arch=amd64&distro=debian-13", TRUE },
		{ "pkg:deb/debian/libssl3t64@3.5.1-1?distro=debian-13.2&arch=amd64", TRUE },
		{ "pkg:deb/debian/libssl3t64@3.5.1-1", TRUE },
		{ "pkg:deb/debian/libssl3t64", TRUE },
		{ "pkg:deb/debian/libssl3t64?distro=trixie", TRUE },
		{ "pkg:deb/debian/libssl3t64@3.5.1-1?arch=arm64", FALSE },
		{ "pkg:deb/debian/libssl3t64@3.5.1-2", FALSE },
		{ "pkg:deb/debian/libssl3t64?distro=debian-12", FALSE },
		{ "pkg:deb/debian/libssl3t64?distro=debian-1", FALSE },
		{ "pkg:deb/ubuntu/libssl3t64", FALSE },
		{ "pkg:apk/debian/libssl3t64", FALSE },
		{ "pkg:deb/debian/openssl@3.5.1-1?arch=source", TRUE },
		{ "pkg:deb/debian/openssl", TRUE },
		{ "pkg:deb/debian/openssl@3.5.0-1", FALSE },
		{ "libssl3t64", FALSE },
	};
	const KilnPackage package = { .type = (char *)"deb", .distro = (char *)"debian", .distro_version = (char *)"13", .name = (char *)"libssl3t64", .version = (char *)"3.5.1-1",
		                      .architecture = (char *)"amd64", .source_name = (char *)"openssl", .source_version = (char *)"3.5.1-1" };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (vex_product_is_package(rows[i].id, &package) != rows[i].is)
			fail_msg("%s", rows[i].id);
}

static void openvex(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnVex) vex = read_text(*state, "{\"@context\":\"https://openvex.dev/ns/v0.2.0\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"statements\":[{"
		"\"vulnerability\":{\"name\":\"CVE-2026-1\",\"aliases\":[\"GHSA-1\"]},\"products\":[{\"@id\":\"pkg:oci/a\",\"hashes\":{\"sha-256\":\"" SHA "\"},"
		"\"subcomponents\":[{\"@id\":\"pkg:deb/debian/b\"}]}],\"status\":\"not_affected\",\"justification\":\"component_not_present\",\"impact_statement\":\"why\"}]}", &error);
	if (!vex)
		fail_msg("%s", error->message);
	const KilnVexStatement *statement = only(vex);
	assert_int_equal(statement->status, KILN_VEX_NOT_AFFECTED);
	assert_string_equal(statement->names->pdata[1], "GHSA-1");
	assert_int_equal(statement->products->len, 2);
	const KilnVexProduct *second = statement->products->pdata[1];
	assert_string_equal(second->id, "sha256:" SHA);
	assert_string_equal(second->subcomponents->pdata[0], "pkg:deb/debian/b");
	assert_string_equal(statement->justification, "component_not_present");
	assert_int_equal(statement->unix_s, 1767225600);
	assert_int_equal(vex->digests->len, 1);
}

static void csaf(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnVex) vex = read_text(*state, "{\"document\":{\"category\":\"csaf_vex\",\"csaf_version\":\"2.0\",\"tracking\":{\"current_release_date\":\"2026-01-01T00:00:00Z\"}},"
		"\"product_tree\":{\"branches\":[{\"branches\":[{\"product\":{\"product_id\":\"IMG\",\"product_identification_helper\":{\"purl\":\"pkg:oci/a\"}}}]},"
		"{\"product\":{\"product_id\":\"PKG\",\"product_identification_helper\":{\"purl\":\"pkg:deb/debian/b\"}}}],"
		"\"relationships\":[{\"category\":\"default_component_of\",\"product_reference\":\"PKG\",\"relates_to_product_reference\":\"IMG\",\"full_product_name\":{\"product_id\":\"IMG:PKG\"}}]},"
		"\"vulnerabilities\":[{\"cve\":\"CVE-2026-1\",\"product_status\":{\"known_not_affected\":[\"IMG:PKG\"],\"known_affected\":[\"PKG\"]},"
		"\"flags\":[{\"label\":\"vulnerable_code_not_present\",\"product_ids\":[\"IMG:PKG\"]}]}]}", &error);
	if (!vex)
		fail_msg("%s", error->message);
	assert_int_equal(vex->statements->len, 2);
	const KilnVexStatement *first = vex->statements->pdata[0], *second = vex->statements->pdata[1];
	const KilnVexProduct *product = first->products->pdata[0];
	assert_int_equal(first->status, KILN_VEX_NOT_AFFECTED);
	assert_string_equal(first->justification, "vulnerable_code_not_present");
	assert_string_equal(product->id, "pkg:oci/a");
	assert_string_equal(product->subcomponents->pdata[0], "pkg:deb/debian/b");
	assert_int_equal(second->status, KILN_VEX_AFFECTED);
	assert_string_equal(((const KilnVexProduct *)second->products->pdata[0])->id, "pkg:deb/debian/b");
}

static void cyclonedx(void **state)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnVex) vex = read_text(*state, "{\"bomFormat\":\"CycloneDX\",\"metadata\":{\"timestamp\":\"2026-01-01T00:00:00Z\"},\"components\":[{\"bom-ref\":\"r\",\"purl\":\"pkg:deb/debian/b\"}],"
		"\"vulnerabilities\":[{\"id\":\"CVE-2026-1\",\"references\":[{\"id\":\"GHSA-1\"}],\"analysis\":{\"state\":\"false_positive\",\"justification\":\"code_not_reachable\",\"detail\":\"why\"},"
		"\"affects\":[{\"ref\":\"r\"},{\"ref\":\"urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg%3Adeb/debian/c\"}]},{\"id\":\"CVE-2026-2\"}]}", &error);
	if (!vex)
		fail_msg("%s", error->message);
	const KilnVexStatement *statement = only(vex);
	assert_int_equal(statement->status, KILN_VEX_NOT_AFFECTED);
	assert_string_equal(((const KilnVexProduct *)statement->products->pdata[0])->id, "pkg:deb/debian/b");
	assert_string_equal(((const KilnVexProduct *)statement->products->pdata[1])->id, "pkg:deb/debian/c");
}

static void what_says_nothing_certain(void **state)
{
#define OPEN(statement) "{\"@context\":\"https://openvex.dev/ns\",\"statements\":[" statement "]}"
	static const struct {
		const char *text;
		KilnError code;
		const char *says;
	} rows[] = {
		{ "{}", KILN_ERROR_UNSUPPORTED, "neither OpenVEX nor CSAF" },
		{ "[", KILN_ERROR_SYNTAX, "vex.json:1" },
		{ OPEN("{}"), KILN_ERROR_SYNTAX, "\"status\" is \"missing\"" },
		{ OPEN("{\"status\":\"fine\"}"), KILN_ERROR_SYNTAX, "\"status\" is \"fine\"; known are" },
		{ OPEN("{\"status\":\"fixed\"}"), KILN_ERROR_SYNTAX, "no \"vulnerability\"" },
		{ OPEN("{\"status\":\"fixed\",\"vulnerability\":\"CVE-1\"}"), KILN_ERROR_SYNTAX, "no \"products\"" },
		{ OPEN("{\"status\":\"not_affected\",\"vulnerability\":\"CVE-1\",\"products\":[\"a\"]}"), KILN_ERROR_SYNTAX, "not_affected without" },
		{ "{\"bomFormat\":\"CycloneDX\",\"vulnerabilities\":[{\"analysis\":{\"state\":\"odd\"}}]}", KILN_ERROR_SYNTAX, "\"state\" is \"odd\"" },
		{ "{\"bomFormat\":\"CycloneDX\",\"vulnerabilities\":[{\"id\":\"a\",\"analysis\":{\"state\":\"resolved\"}}]}", KILN_ERROR_SYNTAX, "nothing that it \"affects\"" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(KilnVex) vex = read_text(*state, rows[i].text, &error);
		if (vex || error->code != (int)rows[i].code || !strstr(error->message, rows[i].says))
			fail_msg("%s: %s", rows[i].text, error ? error->message : "was accepted");
	}
}

static void ignore_files(void **state)
{
	const Scratch *scratch = *state;
	g_autofree char *path = g_build_filename(scratch->path, "ignore", NULL);
	g_autoptr(KilnVex) vex = kiln_vex_new(), bad = kiln_vex_new();
	g_autoptr(GError) error = NULL;
	static const char text[] = "# all of it\n\nCVE-2026-1\n  CVE-2026-2 exp:2026-01-01 # for now\n";
	scratch_write(scratch, "ignore", text, strlen(text));
	assert_true(kiln_vex_read_ignores(vex, path, NULL));
	assert_int_equal(vex->statements->len, 2);
	const KilnVexStatement *second = vex->statements->pdata[1];
	assert_int_equal(second->expires_unix_s, 1767225600);
	assert_string_equal(second->statement, "for now");
	assert_true(g_str_has_suffix(second->origin, "ignore:4"));
	scratch_write(scratch, "ignore", "CVE-1 exp:soon\n", 15);
	assert_false(kiln_vex_read_ignores(bad, path, &error));
	assert_non_null(strstr(error->message, "ignore:1: \"exp:soon\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images), cmocka_unit_test(packages), scratch_test(openvex), scratch_test(csaf), scratch_test(cyclonedx),
		scratch_test(what_says_nothing_certain), scratch_test(ignore_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
