/* SPDX-License-Identifier: Apache-2.0 */
/* archive_test.c: images as one file and between layouts: skopeo and umoci read what kiln wrote, kiln reads what they and docker save wrote. */
#include "oci/archive.h"

#include "fixture.h"

static void assert_digest(const KilnDigest *digest, const char *expected)
{
	char text[KILN_DIGEST_TEXT_MAX];
	assert_string_equal(kiln_digest_print(digest, text), expected);
}

static char *run(const Scratch *scratch, const char *script)
{
	char *output = scratch_run(scratch, script, NULL);
	if (!output)
		fail_msg("failed: %s", script);
	return g_strchomp(output);
}

static void need(const char *program)
{
	if (scratch_has(program))
		return;
	print_message("# %s is not installed\n", program);
	skip();
}

/* Image, its index, an artifact about each and one about an artifact. */
static void make_everything(KilnLayout *layout, KilnDescriptor *top)
{
	g_auto(KilnDescriptor) inner = { 0 }, artifact = { 0 }, about_artifact = { 0 }, about_top = { 0 };
	KilnDescriptor items[3] = { 0 };
	fixture_image(layout, "amd64", KILN_COMPRESSION_GZIP, FALSE, &items[0]);
	fixture_image(layout, "arm64", KILN_COMPRESSION_ZSTD, TRUE, &items[1]);
	fixture_index(layout, items, 2, &inner);
	kiln_descriptor_copy(&inner, &items[2]);
	fixture_index(layout, items, 3, top);
	assert_true(kiln_layout_attach(layout, &items[0], "application/vnd.test.one", "text/plain", "one", 3, NULL, &artifact, NULL));
	assert_true(kiln_layout_attach(layout, &artifact, "application/vnd.test.two", "text/plain", "two", 3, NULL, &about_artifact, NULL));
	assert_true(kiln_layout_attach(layout, top, "application/vnd.test.top", "text/plain", "top", 3, NULL, &about_top, NULL));
	assert_true(kiln_layout_set(layout, NULL, top, NULL));
	for (guint i = 0; i < G_N_ELEMENTS(items); i++)
		kiln_descriptor_clear(&items[i]);
}

/* The blobs below @name, and a foreign one that nothing reaches is not among them. */
static char *blobs_of(const Scratch *scratch, const char *name)
{
	g_autofree char *script = g_strdup_printf("cd %s/blobs/sha256 && sha256sum * | awk '$1 != $2 { exit 1 } { print $1 }'", name);
	return run(scratch, script);
}

static void copy_takes_all_and_nothing_else(void **state)
{
	const Scratch *scratch = *state;
	g_auto(KilnDescriptor) top = { 0 }, other = { 0 }, found = { 0 };
	g_autoptr(KilnLayout) from = fixture_layout(scratch, "from"), to = fixture_layout(scratch, "to");
	g_autoptr(GError) error = NULL;
	make_everything(from, &top);
	g_autofree char *before = blobs_of(scratch, "from");
	assert_true(kiln_layout_put_blob(from, "text/plain", "unrelated", 9, &other, NULL));
	assert_true(kiln_layout_copy(from, &top, to, "all:1", &error));
	g_autofree char *after = blobs_of(scratch, "to");
	assert_string_equal(after, before);
	assert_true(kiln_layout_find(to, "all:1", &found, &error));
	assert_true(kiln_digest_equal(&found.digest, &top.digest));
	g_autoptr(GPtrArray) about = NULL;
	assert_true(kiln_layout_referrers(to, &top.digest, "application/vnd.test.top", &about, &error));
	assert_int_equal(about->len, 1);
}

static void copy_does_not_read_what_is_there(void **state)
{
	const Scratch *scratch = *state;
	g_auto(KilnDescriptor) image = { 0 };
	g_autoptr(KilnLayout) from = fixture_layout(scratch, "from"), to = fixture_layout(scratch, "to");
	g_autoptr(GError) error = NULL;
	fixture_image(from, "amd64", KILN_COMPRESSION_GZIP, FALSE, &image);
	assert_true(kiln_layout_copy(from, &image, to, NULL, &error));
	g_autofree char *gone = run(scratch, "cd from/blobs/sha256; for b in *; do gzip -qt <$b 2>/dev/null && rm $b && echo; done | wc -l");
	assert_string_equal(gone, "2");
	assert_true(kiln_layout_copy(from, &image, to, "again", &error));
}

static void copy_verifies(void **state)
{
	const Scratch *scratch = *state;
	g_auto(KilnDescriptor) image = { 0 }, found = { 0 };
	g_autoptr(KilnLayout) from = fixture_layout(scratch, "from"), to = fixture_layout(scratch, "to");
	g_autoptr(GError) error = NULL;
	fixture_image(from, "amd64", KILN_COMPRESSION_GZIP, FALSE, &image);
	g_free(run(scratch, "cd from/blobs/sha256; for b in *; do if gzip -qt <$b 2>/dev/null; then printf x | dd of=$b bs=1 seek=40 conv=notrunc status=none; fi; done"));
	assert_false(kiln_layout_copy(from, &image, to, "bad", &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_MISMATCH));
	assert_false(kiln_layout_find(to, "bad", &found, NULL));
	g_free(blobs_of(scratch, "to")); /* what was good before may be there, the damaged is not */
}

static void oci_archive_is_one_file_whatever_the_day(void **state)
{
	const Scratch *scratch = *state;
	g_auto(KilnDescriptor) top = { 0 };
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "from");
	g_autofree char *first = fixture_path(scratch, "first.tar"), *second = fixture_path(scratch, "second.tar");
	g_autoptr(GError) error = NULL;
	make_everything(layout, &top);
	assert_true(kiln_oci_archive_write(layout, &top, "v1", first, &error));
	g_free(run(scratch, "find from -exec touch -d 2001-01-01 {} +"));
	assert_true(kiln_oci_archive_write(layout, &top, "v1", second, &error));
	g_free(run(scratch, "cmp first.tar second.tar"));
	g_autofree char *list = run(scratch, "tar tvf first.tar | awk '{ print $2, $4, $5 }' | sort -u");
	assert_string_equal(list, "0/0 1970-01-01 00:00");
}

static void skopeo_and_umoci_read_the_oci_archive(void **state)
{
	const Scratch *scratch = *state;
	g_auto(KilnDescriptor) top = { 0 }, image = { 0 };
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "from"), single = fixture_layout(scratch, "single");
	g_autofree char *all = fixture_path(scratch, "all.tar"), *one = fixture_path(scratch, "one.tar");
	g_autoptr(GError) error = NULL;
	need("skopeo");
	need("umoci");
	make_everything(layout, &top);
	fixture_image(single, "amd64", KILN_COMPRESSION_GZIP, FALSE, &image);
	assert_true(kiln_oci_archive_write(layout, &top, "v1", all, &error));
	assert_true(kiln_oci_archive_write(single, &image, NULL, one, &error));
	g_autofree char *digest = run(scratch, "skopeo inspect --raw oci-archive:all.tar:v1 | sha256sum | cut -c1-64 | sed s/^/sha256:/");
	assert_digest(&top.digest, digest);
	g_free(run(scratch, "skopeo copy -q --insecure-policy oci-archive:one.tar oci:out:x && umoci unpack --rootless --image out:x bundle >/dev/null"));
	g_autofree char *content = run(scratch, "cat bundle/rootfs/first bundle/rootfs/etc/second");
	assert_string_equal(content, "amd64amd64");
}

static void skopeo_and_umoci_read_the_docker_archive(void **state)
{
	const Scratch *scratch = *state;
	static const KilnCompression compressions[] = { KILN_COMPRESSION_GZIP, KILN_COMPRESSION_ZSTD, KILN_COMPRESSION_NONE };
	need("skopeo");
	need("umoci");
	for (guint i = 0; i < G_N_ELEMENTS(compressions); i++) {
		g_auto(KilnDescriptor) image = { 0 };
		g_autofree char *name = g_strdup_printf("from%u", i), *path = fixture_path(scratch, "docker.tar");
		g_autoptr(KilnLayout) layout = fixture_layout(scratch, name);
		g_autoptr(GError) error = NULL;
		fixture_image(layout, "amd64", compressions[i], TRUE, &image);
		assert_true(kiln_docker_archive_write(layout, &image, "thing:v2", path, &error));
		g_autofree char *tags = run(scratch, "tar xOf docker.tar manifest.json");
		assert_non_null(strstr(tags, "\"RepoTags\":[\"thing:v2\"]"));
		g_autofree char *config = run(scratch, "skopeo inspect --config --raw docker-archive:docker.tar | sha256sum | cut -c1-64");
		g_autofree char *stored = g_strdup_printf("test -f from%u/blobs/sha256/%s", i, config);
		g_free(run(scratch, stored));
		g_free(run(scratch, "rm -rf out bundle; skopeo copy -q --insecure-policy docker-archive:docker.tar:thing:v2 oci:out:x && umoci unpack --rootless --image out:x bundle >/dev/null"));
		g_autofree char *content = run(scratch, "cat bundle/rootfs/first bundle/rootfs/etc/second");
		assert_string_equal(content, "amd64amd64");
	}
}

static void docker_archive_holds_one_platform(void **state)
{
	const Scratch *scratch = *state;
	g_auto(KilnDescriptor) top = { 0 };
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "from");
	g_autofree char *path = fixture_path(scratch, "docker.tar");
	g_autoptr(GError) error = NULL;
	make_everything(layout, &top);
	assert_false(kiln_docker_archive_write(layout, &top, "x", path, &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_UNSUPPORTED));
	assert_non_null(strstr(error->message, "--platform"));
	assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

/* What came back is the image that went out, with its artifacts. */
static void both_kinds_come_back(void **state)
{
	const Scratch *scratch = *state;
	static const char *const packings[] = { "cat", "gzip", "zstd -q", "xz" };
	g_auto(KilnDescriptor) top = { 0 }, image = { 0 };
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "from");
	g_autofree char *oci = fixture_path(scratch, "oci.tar"), *docker = fixture_path(scratch, "docker.tar");
	make_everything(layout, &top);
	fixture_image(layout, "amd64", KILN_COMPRESSION_NONE, TRUE, &image);
	assert_true(kiln_oci_archive_write(layout, &top, "v1", oci, NULL));
	assert_true(kiln_docker_archive_write(layout, &image, "docker.io/library/thing:latest", docker, NULL));
	for (guint i = 0; i < G_N_ELEMENTS(packings); i++) {
		g_auto(KilnDescriptor) found = { 0 }, thing = { 0 };
		g_autoptr(GPtrArray) about = NULL;
		g_autoptr(GError) error = NULL;
		g_autofree char *name = g_strdup_printf("into%u", i), *packed = fixture_path(scratch, "packed");
		g_autoptr(KilnLayout) into = fixture_layout(scratch, name);
		g_autofree char *pack = g_strdup_printf("%s <oci.tar >packed", packings[i]), *pack_docker = g_strdup_printf("%s <docker.tar >packed", packings[i]);
		g_free(run(scratch, pack));
		assert_true(kiln_archive_read(packed, i % 2 ? "v1" : NULL, into, &found, &error));
		assert_true(kiln_digest_equal(&found.digest, &top.digest));
		assert_true(kiln_layout_referrers(into, &top.digest, NULL, &about, &error));
		assert_int_equal(about->len, 1);
		g_free(run(scratch, pack_docker));
		/* Layers that were never compressed: the manifest itself comes back the same. */
		assert_true(kiln_archive_read(packed, i % 2 ? "thing" : NULL, into, &thing, &error));
		assert_true(kiln_digest_equal(&thing.digest, &image.digest));
	}
}

/* docker save of 2020, one layer each; the configuration's digest is the image's id, which its author wrote into the file's name. */
static void real_docker_save(void **state)
{
	const Scratch *scratch = *state;
	static const struct {
		const char *file, *tag, *id;
	} rows[] = {
		{ "alpine-310.docker-archive.tar.gz", "alpine:3.10", "sha256:af341ccd2df8b0e2d67cf8dd32e087bfda4e5756ebd1c76bbf3efa0dc246590e" },
		{ "alpine-311.docker-archive.tar.gz", "docker.io/library/alpine:3.11", "sha256:a187dde48cd289ac374ad8539930628314bc581a481cdb41409c9289419ddb72" },
	};
	const char *shared = g_getenv("KILN_SHARED_DATA");
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(KilnDescriptor) found = { 0 };
		g_autoptr(GError) error = NULL;
		g_autofree char *path = g_build_filename(shared ? shared : "", "images", rows[i].file, NULL), *name = g_strdup_printf("into%u", i);
		if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
			print_message("# %s is not there\n", path);
			skip();
		}
		g_autoptr(KilnLayout) into = fixture_layout(scratch, name);
		assert_true(kiln_archive_read(path, rows[i].tag, into, &found, &error));
		g_autoptr(GBytes) bytes = kiln_layout_read_blob(into, &found.digest, 1 << 20, &error);
		g_autoptr(KilnManifest) manifest = kiln_manifest_parse(bytes, "manifest", &error);
		assert_digest(&manifest->config.digest, rows[i].id);
		assert_int_equal(manifest->items->len, 1);
		if (!scratch_has("umoci"))
			continue;
		g_autofree char *script = g_strdup_printf("umoci unpack --rootless --image into%u:x bundle%u >/dev/null && cat bundle%u/rootfs/etc/alpine-release", i, i, i);
		assert_true(kiln_layout_set(into, "x", &found, &error));
		g_autofree char *release = run(scratch, script);
		assert_true(g_str_has_prefix(release, i == 0 ? "3.10." : "3.11."));
	}
}

/* What skopeo writes, and what docker save writes since version 25: an OCI layout and manifest.json in one. */
static void archives_of_others(void **state)
{
	const Scratch *scratch = *state;
	g_auto(KilnDescriptor) image = { 0 }, oci = { 0 }, docker = { 0 }, both = { 0 };
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "from"), into = fixture_layout(scratch, "into");
	g_autoptr(GError) error = NULL;
	g_autofree char *oci_path = fixture_path(scratch, "oci.tar"), *docker_path = fixture_path(scratch, "docker.tar"), *both_path = fixture_path(scratch, "both.tar");
	need("skopeo");
	fixture_image(layout, "amd64", KILN_COMPRESSION_GZIP, TRUE, &image);
	assert_true(kiln_layout_set(layout, "x", &image, &error));
	g_free(run(scratch, "skopeo copy -q --insecure-policy oci:from:x oci-archive:oci.tar:t && skopeo copy -q --insecure-policy oci:from:x docker-archive:docker.tar:a/b:t"));
	assert_true(kiln_archive_read(oci_path, "t", into, &oci, &error));
	assert_true(kiln_archive_read(docker_path, "a/b:t", into, &docker, &error));
	g_autoptr(GBytes) bytes = kiln_layout_read_blob(layout, &image.digest, 1 << 20, &error), docker_bytes = kiln_layout_read_blob(into, &docker.digest, 1 << 20, &error);
	g_autoptr(KilnManifest) manifest = kiln_manifest_parse(bytes, "manifest", &error), docker_manifest = kiln_manifest_parse(docker_bytes, "manifest", &error);
	assert_true(kiln_digest_equal(&oci.digest, &image.digest));
	assert_true(kiln_digest_equal(&docker_manifest->config.digest, &manifest->config.digest));
	g_free(run(scratch, "mkdir both && cd both && tar xf ../oci.tar && python3 -c '"
	                    "import json; m = json.load(open(\"blobs/sha256/\" + json.load(open(\"index.json\"))[\"manifests\"][0][\"digest\"][7:]));"
	                    "p = lambda d: \"blobs/sha256/\" + d[\"digest\"][7:];"
	                    "json.dump([{\"Config\": p(m[\"config\"]), \"RepoTags\": [\"c/d:latest\"], \"Layers\": [p(l) for l in m[\"layers\"]]}], open(\"manifest.json\", \"w\"))'"
	                    " && tar cf ../both.tar ."));
	assert_true(kiln_archive_read(both_path, NULL, into, &both, &error));
	assert_true(kiln_digest_equal(&both.digest, &image.digest));
	kiln_descriptor_clear(&both);
	assert_true(kiln_archive_read(both_path, "c/d", into, &both, &error));
	assert_true(kiln_digest_equal(&both.digest, &image.digest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(copy_takes_all_and_nothing_else),
		scratch_test(copy_does_not_read_what_is_there),
		scratch_test(copy_verifies),
		scratch_test(oci_archive_is_one_file_whatever_the_day),
		scratch_test(skopeo_and_umoci_read_the_oci_archive),
		scratch_test(skopeo_and_umoci_read_the_docker_archive),
		scratch_test(docker_archive_holds_one_platform),
		scratch_test(both_kinds_come_back),
		scratch_test(real_docker_save),
		scratch_test(archives_of_others),
	};
	return cmocka_run_group_tests_name("archive", tests, NULL, NULL);
}
