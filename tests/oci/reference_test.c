/* SPDX-License-Identifier: Apache-2.0 */
/* reference_test.c: every spelling of an image reference, what it is refused for, and that printing parses back. */
#include "base/error.h"
#include "oci/reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST "@sha256:" HEX

static void test_spellings(void **state)
{
	static const struct {
		const char *text;
		KilnTransport transport;
		const char *path, *name, *tag;
		gboolean digest;
		const char *canonical; /* NULL: the text itself */
	} rows[] = {
		{ "nginx", KILN_TRANSPORT_STORE, NULL, "nginx", NULL, FALSE, NULL },
		{ "nginx:1.28", KILN_TRANSPORT_STORE, NULL, "nginx", "1.28", FALSE, NULL },
		{ "nginx" DIGEST, KILN_TRANSPORT_STORE, NULL, "nginx", NULL, TRUE, NULL },
		{ "nginx:1.28" DIGEST, KILN_TRANSPORT_STORE, NULL, "nginx", "1.28", TRUE, NULL },
		{ "team/nginx_a--b.c__d:_x", KILN_TRANSPORT_STORE, NULL, "team/nginx_a--b.c__d", "_x", FALSE, NULL },
		{ "registry.example:5000/team/nginx:1", KILN_TRANSPORT_STORE, NULL, "registry.example:5000/team/nginx", "1", FALSE, NULL },
		{ "localhost:5000/nginx", KILN_TRANSPORT_STORE, NULL, "localhost:5000/nginx", NULL, FALSE, NULL },
		{ "oci", KILN_TRANSPORT_STORE, NULL, "oci", NULL, FALSE, NULL },
		{ "oci:out", KILN_TRANSPORT_OCI_LAYOUT, "out", NULL, NULL, FALSE, NULL },
		{ "oci:/srv/out:nginx", KILN_TRANSPORT_OCI_LAYOUT, "/srv/out", NULL, "nginx", FALSE, NULL },
		{ "oci:out:nginx:latest", KILN_TRANSPORT_OCI_LAYOUT, "out", NULL, "nginx:latest", FALSE, NULL },
		{ "oci:out:docker.io/library/nginx:1", KILN_TRANSPORT_OCI_LAYOUT, "out", NULL, "docker.io/library/nginx:1", FALSE, NULL },
		{ "oci:out" DIGEST, KILN_TRANSPORT_OCI_LAYOUT, "out", NULL, NULL, TRUE, NULL },
		{ "oci:out:nginx" DIGEST, KILN_TRANSPORT_OCI_LAYOUT, "out", NULL, "nginx", TRUE, NULL },
		{ "oci-dir:out", KILN_TRANSPORT_OCI_LAYOUT, "out", NULL, NULL, FALSE, "oci:out" },
		{ "oci-dir:a:b/c", KILN_TRANSPORT_OCI_LAYOUT, "a:b/c", NULL, NULL, FALSE, NULL },
		{ "oci-dir:a:b" DIGEST, KILN_TRANSPORT_OCI_LAYOUT, "a:b", NULL, NULL, TRUE, NULL },
		{ "oci-archive:nginx.tar", KILN_TRANSPORT_OCI_ARCHIVE, "nginx.tar", NULL, NULL, FALSE, NULL },
		{ "oci-archive:/a b.tar:v1", KILN_TRANSPORT_OCI_ARCHIVE, "/a b.tar", NULL, "v1", FALSE, NULL },
		{ "docker-archive:x.tar:alpine:3.11", KILN_TRANSPORT_DOCKER_ARCHIVE, "x.tar", NULL, "alpine:3.11", FALSE, NULL },
		{ "docker://nginx", KILN_TRANSPORT_REGISTRY, NULL, "docker.io/library/nginx", NULL, FALSE, "docker://docker.io/library/nginx" },
		{ "registry:team/nginx:1", KILN_TRANSPORT_REGISTRY, NULL, "docker.io/team/nginx", "1", FALSE, "docker://docker.io/team/nginx:1" },
		{ "docker://index.docker.io/nginx", KILN_TRANSPORT_REGISTRY, NULL, "docker.io/library/nginx", NULL, FALSE, "docker://docker.io/library/nginx" },
		{ "docker://localhost/nginx", KILN_TRANSPORT_REGISTRY, NULL, "localhost/nginx", NULL, FALSE, NULL },
		{ "docker://[::1]:5000/nginx:a" DIGEST, KILN_TRANSPORT_REGISTRY, NULL, "[::1]:5000/nginx", "a", TRUE, NULL },
		{ "dir:/srv/root:x", KILN_TRANSPORT_DIRECTORY, "/srv/root:x", NULL, NULL, FALSE, NULL },
		{ "sbom:nginx.spdx.json", KILN_TRANSPORT_SBOM, "nginx.spdx.json", NULL, NULL, FALSE, NULL },
		{ "rootfs.tar", KILN_TRANSPORT_TAR, "rootfs.tar", NULL, NULL, FALSE, NULL },
		{ "/srv/a:b/rootfs.tar.zst", KILN_TRANSPORT_TAR, "/srv/a:b/rootfs.tar.zst", NULL, NULL, FALSE, NULL },
		{ "../x.tgz", KILN_TRANSPORT_TAR, "../x.tgz", NULL, NULL, FALSE, NULL },
		{ "x.tar.gz", KILN_TRANSPORT_TAR, "x.tar.gz", NULL, NULL, FALSE, NULL },
		{ "x.tar.xz", KILN_TRANSPORT_TAR, "x.tar.xz", NULL, NULL, FALSE, NULL },
		{ "nginx:x.tar", KILN_TRANSPORT_STORE, NULL, "nginx", "x.tar", FALSE, NULL },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(KilnReference) reference = { 0 };
		g_autoptr(GError) error = NULL;
		gboolean good = kiln_reference_parse(rows[i].text, &reference, &error);
		if (!good)
			print_error("%s: %s\n", rows[i].text, error->message);
		assert_true(good);
		assert_int_equal(reference.transport, rows[i].transport);
		if (g_strcmp0(reference.path, rows[i].path) || g_strcmp0(reference.name, rows[i].name) || g_strcmp0(reference.tag, rows[i].tag))
			fail_msg("%s: path %s, name %s, tag %s", rows[i].text, reference.path, reference.name, reference.tag);
		assert_int_equal(reference.has_digest, rows[i].digest);
		g_autofree char *printed = kiln_reference_print(&reference);
		assert_string_equal(printed, rows[i].canonical ? rows[i].canonical : rows[i].text);
	}
}

static void test_refused(void **state)
{
	g_autofree char *long_tag = g_strdup_printf("nginx:%0129d", 0), *long_name = g_strnfill(256, 'n'), *long_path = g_strdup_printf("dir:%04097d", 0);
	const struct {
		const char *text;
		KilnError code;
		const char *says;
	} rows[] = {
		{ "", KILN_ERROR_SYNTAX, "empty" },
		{ "Nginx", KILN_ERROR_SYNTAX, "name \"Nginx\"" },
		{ "nginx:", KILN_ERROR_SYNTAX, "tag \"\"" },
		{ "nginx:.x", KILN_ERROR_SYNTAX, "tag \".x\"" },
		{ "nginx:a b", KILN_ERROR_SYNTAX, "tag \"a b\"" },
		{ "a//b", KILN_ERROR_SYNTAX, "name" },
		{ "a/", KILN_ERROR_SYNTAX, "name" },
		{ "a___b", KILN_ERROR_SYNTAX, "name" },
		{ "a..b", KILN_ERROR_SYNTAX, "name" },
		{ "-a", KILN_ERROR_SYNTAX, "name" },
		{ "a-", KILN_ERROR_SYNTAX, "name" },
		{ "-x.example/a", KILN_ERROR_SYNTAX, "host" },
		{ "x.example:70000/a", KILN_ERROR_SYNTAX, "host" },
		{ "x.example:/a", KILN_ERROR_SYNTAX, "host" },
		{ "docker://[::1/a", KILN_ERROR_SYNTAX, "host" },
		{ "nginx@sha256:12", KILN_ERROR_SYNTAX, "nginx@sha256:12" },
		{ "nginx@" HEX, KILN_ERROR_SYNTAX, "image" },
		{ "nginx@sha512:" HEX HEX, KILN_ERROR_UNSUPPORTED, "sha512" },
		{ "oci:", KILN_ERROR_SYNTAX, "path" },
		{ "oci:out:", KILN_ERROR_SYNTAX, "tag" },
		{ "oci:out:/x", KILN_ERROR_SYNTAX, "oci-dir:" },
		{ "oci:out@sha256:12", KILN_ERROR_SYNTAX, "oci:out" },
		{ "dir:", KILN_ERROR_SYNTAX, "path" },
		{ "sbom:", KILN_ERROR_SYNTAX, "path" },
		{ "docker:nginx", KILN_ERROR_SYNTAX, "docker://nginx" },
		{ "docker://", KILN_ERROR_SYNTAX, "name" },
		{ "oic:/srv/out", KILN_ERROR_SYNTAX, "did you mean \"oci:\"" },
		{ "oci-archiv:/srv/x.tar", KILN_ERROR_SYNTAX, "did you mean \"oci-archive:\"" },
		{ "docker_archive:./x.tar", KILN_ERROR_SYNTAX, "did you mean \"docker-archive:\"" },
		{ "/srv/out", KILN_ERROR_SYNTAX, "oci:, oci-archive:" },
		{ "./out", KILN_ERROR_SYNTAX, "oci:, oci-archive:" },
		{ long_tag, KILN_ERROR_SYNTAX, "tag" },
		{ long_name, KILN_ERROR_SYNTAX, "name" },
		{ long_path, KILN_ERROR_SYNTAX, "path" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		KilnReference untouched = { .transport = KILN_TRANSPORT_SBOM };
		g_autoptr(GError) error = NULL;
		if (kiln_reference_parse(rows[i].text, &untouched, &error))
			fail_msg("%s was accepted", rows[i].text);
		assert_int_equal(untouched.transport, KILN_TRANSPORT_SBOM);
		assert_null(untouched.path);
		if (!g_error_matches(error, KILN_ERROR, rows[i].code) || !strstr(error->message, rows[i].says))
			fail_msg("%s: %s", rows[i].text, error->message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_spellings), cmocka_unit_test(test_refused) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
