/* SPDX-License-Identifier: Apache-2.0 */
/* format_test.c: SBOMs judged by the published schemas, and what must not change between two of the same image. */
#include "data/json.h"
#include "sbom/format.h"

#include <gio/gio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define MISSING_MODULE 77 /* validate.py: python3-jsonschema is not installed */

#define COPYRIGHT_HEADER "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"

static KilnSbomPackage *add_package(KilnSbom *sbom, const char *name, const char *version, const char *copyright)
{
	KilnSbomPackage *package = kiln_sbom_package_new();
	package->identity.type = g_strdup("deb");
	package->identity.distro = g_strdup("debian");
	package->identity.distro_version = g_strdup("13");
	package->identity.name = g_strdup(name);
	package->identity.version = g_strdup(version);
	package->identity.architecture = g_strdup("amd64");
	package->identity.source_name = g_strdup(name);
	package->identity.source_version = g_strdup(version);
	package->identity.has_digest = TRUE;
	memset(package->identity.digest.sha256, (int)sbom->packages->len + 1, sizeof package->identity.digest.sha256);
	package->licence = copyright ? kiln_licence_from_debian_copyright(copyright, strlen(copyright), name) : NULL;
	g_ptr_array_add(sbom->packages, package);
	return package;
}

static void add_file(KilnSbom *sbom, const char *path, gint package, gboolean with_sha1)
{
	KilnSbomFile *file = kiln_sbom_file_new();
	file->path = g_strdup(path);
	file->package = package;
	file->size_bytes = strlen(path);
	file->sha1_hex = with_sha1 ? g_compute_checksum_for_string(G_CHECKSUM_SHA1, path, -1) : NULL;
	gsize size = sizeof file->digest.sha256;
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	g_checksum_update(checksum, (const guint8 *)path, -1);
	g_checksum_get_digest(checksum, file->digest.sha256, &size);
	g_ptr_array_add(sbom->files, file);
}

/* Everything that a document may hold, with the awkward cases: names that fold together, bytes that are no UTF-8, no licence. */
static KilnSbom *make_document(void)
{
	KilnSbom *sbom = kiln_sbom_new();
	sbom->name = g_strdup("web server");
	sbom->version = g_strdup("1.26");
	sbom->architecture = g_strdup("amd64");
	sbom->tool_version = g_strdup("0.1.0");
	sbom->created_unix_s = 1760000000;
	memset(sbom->subject.sha256, 0xab, sizeof sbom->subject.sha256);

	KilnSbomPackage *server = add_package(sbom, "nginx", "1.26.3-3+deb13u2", COPYRIGHT_HEADER
	                                      "Files: *\nCopyright: 2002 A\nLicense: BSD-2-clause and odd\n\nLicense: odd\n A text.\n");
	server->depends = g_new0(guint, 2);
	server->depends[0] = 1;
	server->depends[1] = 2;
	server->depend_count = 2;
	server->partial = TRUE;
	server->download_location = g_strdup("pool/main/n/nginx/nginx_1.26.3-3+deb13u2_amd64.deb");
	server->identity.maintainer = g_strdup("Some Team <team@example.org>");
	server->identity.homepage = g_strdup("https://example.org/nginx");
	server->identity.summary = g_strdup("small web server, \xe9");
	add_package(sbom, "libx+", "1", "Not machine-readable.\n");
	add_package(sbom, "libx-", "1", COPYRIGHT_HEADER "Files: *\nCopyright: B\nLicense: odd\n A text.\n")->identity.homepage = g_strdup("see README");
	KilnSbomPackage *application = add_package(sbom, "mine", "0", NULL);
	application->application = TRUE;
	application->identity.has_digest = FALSE;
	application->depends = g_new0(guint, 2); /* the same edge twice */
	application->depend_count = 2;

	add_file(sbom, "/etc/passwd", -1, TRUE);
	add_file(sbom, "/usr/lib/libx\xff.so", 1, TRUE);
	add_file(sbom, "/usr/sbin/nginx", 0, TRUE);
	add_file(sbom, "/usr/share/nginx/index.html", 0, TRUE);
	add_file(sbom, "/usr/share/without-sha1", 2, FALSE);
	return sbom;
}

static json_t *parse(GBytes *bytes)
{
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	json_t *json = kiln_json_parse(text, length, "sbom", NULL);
	assert_non_null(json);
	return json;
}

/* FALSE when no Python here has the module. */
static gboolean judge(const char *kind, GBytes *bytes)
{
	static const char *const pythons[] = { "python3", "/usr/bin/python3" };
	g_autofree char *script = g_build_filename(g_getenv("KILN_TEST_DATA"), "..", "sbom", "validate.py", NULL);
	g_autofree char *schemas = g_build_filename(g_getenv("KILN_SHARED_DATA"), "schemas", NULL);
	if (!g_file_test(schemas, G_FILE_TEST_IS_DIR))
		return FALSE;
	g_autoptr(GFileIOStream) stream = NULL;
	g_autoptr(GFile) file = g_file_new_tmp("kiln-sbom-XXXXXX.json", &stream, NULL);
	gsize length;
	const char *text = g_bytes_get_data(bytes, &length);
	assert_true(g_file_replace_contents(file, text, length, NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL, NULL));
	gboolean judged = FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(pythons) && !judged; i++) {
		const char *argv[] = { pythons[i], script, kind, schemas, g_file_peek_path(file), NULL };
		g_autoptr(GSubprocess) process = g_subprocess_newv(argv, G_SUBPROCESS_FLAGS_NONE, NULL);
		if (!process)
			continue;
		g_subprocess_wait(process, NULL, NULL);
		int status = g_subprocess_get_if_exited(process) ? g_subprocess_get_exit_status(process) : -1;
		judged = status != MISSING_MODULE;
		if (judged)
			assert_int_equal(status, 0);
	}
	g_file_delete(file, NULL, NULL);
	return judged;
}

static void check_with_schema(const char *format, const char *kind)
{
	g_autoptr(KilnSbom) full = make_document();
	g_autoptr(GBytes) bytes = kiln_sbom_format(format)->write(full);
	if (!judge(kind, bytes))
		skip();
	g_autoptr(KilnSbom) empty = kiln_sbom_new();
	empty->name = g_strdup("empty");
	g_autoptr(GBytes) empty_bytes = kiln_sbom_format(format)->write(empty);
	assert_true(judge(kind, empty_bytes));
}

static void test_spdx_schema(void **state)
{
	check_with_schema("spdx-json", "spdx");
}

static void test_cyclonedx_schema(void **state)
{
	check_with_schema("cyclonedx-json", "cyclonedx");
}

static void test_same_document_same_bytes(void **state)
{
	for (const char *const *name = kiln_sbom_format_names(); *name; name++) {
		const KilnSbomFormat *format = kiln_sbom_format(*name);
		g_autoptr(KilnSbom) a = make_document(), b = make_document();
		g_autoptr(GBytes) first = format->write(a), second = format->write(b);
		assert_true(g_bytes_equal(first, second));
	}
	assert_null(kiln_sbom_format("swid"));
}

static void test_spdx_namespace_follows_content(void **state)
{
	g_autoptr(KilnSbom) a = make_document(), b = make_document();
	g_free(g_steal_pointer(&b->version));
	b->version = g_strdup("1.27");
	g_autoptr(GBytes) first = kiln_sbom_format("spdx-json")->write(a), second = kiln_sbom_format("spdx-json")->write(b);
	g_autoptr(json_t) one = parse(first), two = parse(second);
	assert_string_not_equal(kiln_json_string_or_null(one, "documentNamespace"), kiln_json_string_or_null(two, "documentNamespace"));
}

static const json_t *named(const json_t *array, const char *name)
{
	gsize index;
	json_t *entry;
	json_array_foreach(array, index, entry)
		if (g_strcmp0(kiln_json_string_or_null(entry, "name"), name) == 0)
			return entry;
	fail_msg("nothing is called %s", name);
	return NULL;
}

static void test_spdx_licences(void **state)
{
	g_autoptr(KilnSbom) sbom = make_document();
	g_autoptr(GBytes) bytes = kiln_sbom_format("spdx-json")->write(sbom);
	g_autoptr(json_t) root = parse(bytes);
	const json_t *packages = json_object_get(root, "packages");
	const json_t *raw = named(packages, "libx+"), *server = named(packages, "nginx");
	assert_string_equal(kiln_json_string_or_null(raw, "licenseDeclared"), "NOASSERTION");
	assert_non_null(strstr(kiln_json_string_or_null(raw, "licenseComments"), "LicenseRef-raw-"));
	assert_true(g_str_has_prefix(kiln_json_string_or_null(server, "licenseDeclared"), "BSD-2-Clause AND LicenseRef-debian-odd-"));
	assert_string_equal(kiln_json_string_or_null(server, "supplier"), "Organization: Debian");
	assert_string_equal(kiln_json_string_or_null(named(packages, "mine"), "licenseDeclared"), "NOASSERTION");
	assert_int_equal(json_array_size(json_object_get(root, "hasExtractedLicensingInfos")), 2); /* "odd" of two packages is one text */
	assert_int_equal(json_array_size(json_object_get(root, "files")), 4);
}

static void test_cyclonedx_graph(void **state)
{
	g_autoptr(KilnSbom) sbom = make_document();
	g_autoptr(GBytes) bytes = kiln_sbom_format("cyclonedx-json")->write(sbom);
	g_autoptr(json_t) root = parse(bytes);
	const json_t *components = json_object_get(root, "components"), *dependencies = json_object_get(root, "dependencies");
	const json_t *server = named(components, "nginx");
	assert_string_equal(kiln_json_string_or_null(server, "bom-ref"), kiln_json_string_or_null(server, "purl"));
	assert_int_equal(json_array_size(json_object_get(server, "components")), 2);
	assert_non_null(named(json_object_get(server, "properties"), "kiln:partial"));
	assert_non_null(named(components, "/etc/passwd"));
	assert_int_equal(json_array_size(dependencies), 5);
	assert_int_equal(json_array_size(json_object_get(json_array_get(dependencies, 1), "dependsOn")), 2);
	assert_int_equal(json_array_size(json_object_get(json_array_get(dependencies, 4), "dependsOn")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spdx_schema),
		cmocka_unit_test(test_cyclonedx_schema),
		cmocka_unit_test(test_same_document_same_bytes),
		cmocka_unit_test(test_spdx_namespace_follows_content),
		cmocka_unit_test(test_spdx_licences),
		cmocka_unit_test(test_cyclonedx_graph),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
