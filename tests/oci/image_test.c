/* SPDX-License-Identifier: Apache-2.0 */
/* image_test.c: finding an image by reference and platform, and unpacking real ones as other tools do. */
#include "image_fixture.h"

#include <errno.h>
#include <sys/xattr.h>

#define ABSENT_DIGEST "sha256:00000000000000000000000000000000000000000000000000000000000000ff"

static const char *const plain_layers[] = { "d etc; f etc/a x", NULL };

static void need(const char *program)
{
	if (scratch_has(program))
		return;
	print_message("# %s is not installed\n", program);
	skip();
}

static char *shared_image(const char *name)
{
	g_autofree char *path = g_build_filename(g_getenv("KILN_SHARED_DATA"), "images", name, NULL);
	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		print_message("# %s is not there\n", path);
		skip();
	}
	return g_canonicalize_filename(path, NULL);
}

static KilnImage *open_image(const Scratch *scratch, const char *reference, const char *platform, GError **error)
{
	g_autofree char *store = g_build_filename(scratch->path, "layout", NULL);
	return kiln_image_open(reference, store, platform ? kiln_platform_parse(platform, NULL) : NULL, error);
}

static void assert_opens(const Scratch *scratch, const char *reference, const char *platform, const char *architecture)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) files = NULL;
	g_autoptr(KilnImage) image = open_image(scratch, reference, platform, &error);
	if (!image || !kiln_image_read_files(image, &fixture_context, &files, &error))
		fail_msg("%s: %s", reference, error->message);
	assert_string_equal(image->config->architecture, architecture);
	assert_true(files->len > 0);
}

static void assert_fails(const Scratch *scratch, const char *reference, const char *platform, KilnError code, const char *says)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnImage) image = open_image(scratch, reference, platform, &error);
	if (image)
		fail_msg("%s was opened", reference);
	if (!g_error_matches(error, KILN_ERROR, (gint)code) || !strstr(error->message, says))
		fail_msg("%s: %s: %s", reference, kiln_error_name(error->code), error->message);
}

static void finds_by_name_and_digest(void **state)
{
	const Scratch *scratch = *state;
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "layout"), single = fixture_layout(scratch, "single");
	g_auto(KilnDescriptor) first = { 0 }, second = { 0 };
	char digest[KILN_DIGEST_TEXT_MAX];
	fixture_layers(layout, "nginx:latest", "amd64", plain_layers, &first);
	fixture_layers(layout, "nginx:1", "arm64", plain_layers, &second);
	fixture_layers(single, "any", "s390x", plain_layers, NULL);
	g_autofree char *pinned = g_strdup_printf("nginx:latest@%s", kiln_digest_print(&second.digest, digest));
	g_autofree char *in_layout = g_strdup_printf("oci:%s/layout@%s", scratch->path, digest), *only = fixture_reference(scratch, "single", NULL);
	g_autofree char *named = fixture_reference(scratch, "layout", "nginx:1"), *bare = fixture_reference(scratch, "layout", NULL);
	assert_opens(scratch, "nginx", NULL, "amd64");
	assert_opens(scratch, "nginx:latest", NULL, "amd64");
	assert_opens(scratch, "nginx:1", NULL, "arm64");
	assert_opens(scratch, pinned, NULL, "arm64"); /* the digest decides */
	assert_opens(scratch, in_layout, NULL, "arm64");
	assert_opens(scratch, named, "linux/arm64", "arm64");
	assert_opens(scratch, only, NULL, "s390x");
	assert_fails(scratch, bare, NULL, KILN_ERROR_NOT_FOUND, "nginx:1");
	assert_fails(scratch, "nginx@" ABSENT_DIGEST, NULL, KILN_ERROR_NOT_FOUND, "00ff");
	assert_fails(scratch, "ngnix:1", NULL, KILN_ERROR_NOT_FOUND, "did you mean \"nginx:1\"");
	assert_fails(scratch, "docker-archve:x", NULL, KILN_ERROR_NOT_FOUND, "did you mean \"docker-archive:\"");
	assert_fails(scratch, "team/nginx", NULL, KILN_ERROR_NOT_FOUND, "docker://team/nginx");
	assert_fails(scratch, "nginx", "linux/arm64", KILN_ERROR_NOT_FOUND, "for linux/amd64, not for linux/arm64");
	assert_fails(scratch, "oci:nowhere:x", NULL, KILN_ERROR_NOT_FOUND, "nowhere");
}

static void says_what_to_do_instead(void **state)
{
	assert_fails(*state, "docker://nginx", NULL, KILN_ERROR_UNSUPPORTED, "skopeo copy --all docker://docker.io/library/nginx oci:DIR:TAG");
	assert_fails(*state, "dir:/dev/null", NULL, KILN_ERROR_IO, "/dev/null");
	assert_fails(*state, "sbom:x.json", NULL, KILN_ERROR_UNSUPPORTED, "kiln scan and kiln sbom");
	assert_fails(*state, "nowhere.tar", NULL, KILN_ERROR_NOT_FOUND, "nowhere.tar");
}

static void add_item(KilnManifest *index, const KilnDescriptor *image, const char *os, const char *architecture, const char *variant)
{
	KilnDescriptor *item = g_new0(KilnDescriptor, 1);
	kiln_descriptor_copy(image, item);
	item->os = g_strdup(os);
	item->architecture = g_strdup(architecture);
	item->variant = g_strdup(variant);
	g_ptr_array_add(index->items, item);
}

static void put_index(KilnLayout *layout, const char *name, const KilnManifest *index, KilnDescriptor *out)
{
	g_autoptr(GBytes) bytes = kiln_manifest_print(index);
	g_auto(KilnDescriptor) made = { 0 };
	assert_true(kiln_layout_put_blob(layout, KILN_MEDIA_INDEX, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &made, NULL));
	assert_true(kiln_layout_set(layout, name, &made, NULL));
	if (out)
		kiln_descriptor_copy(&made, out);
}

static void chooses_the_platform(void **state)
{
	const Scratch *scratch = *state;
	const KilnPlatform *host = kiln_platform_host();
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "layout");
	g_autoptr(KilnManifest) index = kiln_manifest_new(TRUE), foreign = kiln_manifest_new(TRUE), outer = kiln_manifest_new(TRUE), bare = kiln_manifest_new(TRUE);
	g_auto(KilnDescriptor) amd64 = { 0 }, arm64 = { 0 }, arm = { 0 }, riscv = { 0 }, inner = { 0 };
	fixture_layers(layout, NULL, "amd64", plain_layers, &amd64);
	fixture_layers(layout, NULL, "arm64", plain_layers, &arm64);
	fixture_layers(layout, NULL, "arm", plain_layers, &arm);
	fixture_layers(layout, NULL, "riscv64", plain_layers, &riscv);
	add_item(index, &arm, "unknown", "unknown", NULL); /* an attestation: never an answer */
	add_item(index, &arm, "linux", "arm", "v5");
	add_item(index, &arm, "linux", "arm", NULL);
	add_item(index, &arm64, "linux", "arm64", "v8");
	add_item(index, &arm64, "windows", "amd64", NULL);
	add_item(index, &arm64, "linux", "amd64", "v3");
	add_item(index, &amd64, "linux", "amd64", NULL);
	put_index(layout, "many:latest", index, NULL);
	assert_opens(scratch, "many", "linux/amd64", "amd64");
	assert_opens(scratch, "many", "linux/arm64", "arm64");
	assert_opens(scratch, "many", "linux/arm/v7", "arm");
	assert_fails(scratch, "many", "linux/s390x", KILN_ERROR_NOT_FOUND, "no image for linux/s390x in it; it has: linux/arm/v5, linux/arm, linux/arm64/v8");
	if (strcmp(host->architecture, "amd64") == 0 || strcmp(host->architecture, "arm64") == 0)
		assert_opens(scratch, "many", NULL, host->architecture);

	add_item(foreign, &riscv, "linux", "riscv64", NULL);
	add_item(foreign, &riscv, "unknown", "unknown", NULL);
	put_index(layout, "only:latest", foreign, &inner);
	assert_opens(scratch, "only", NULL, "riscv64"); /* the only one there is */
	if (strcmp(host->architecture, "riscv64") != 0)
		assert_fails(scratch, "only", host->oci, KILN_ERROR_NOT_FOUND, "it has: linux/riscv64");

	add_item(outer, &inner, NULL, NULL, NULL);
	put_index(layout, "nested:latest", outer, NULL);
	assert_opens(scratch, "nested", "linux/riscv64", "riscv64");
	add_item(bare, &arm64, NULL, NULL, NULL);
	put_index(layout, "bare:latest", bare, NULL);
	assert_opens(scratch, "bare", "linux/arm64", "arm64"); /* its config says what the index does not */
	assert_fails(scratch, "bare", "linux/amd64", KILN_ERROR_NOT_FOUND, "not for linux/amd64");
}

static void indexes_end(void **state)
{
	g_autoptr(KilnLayout) layout = fixture_layout(*state, "layout");
	g_auto(KilnDescriptor) at = { 0 };
	fixture_layers(layout, NULL, "amd64", plain_layers, &at);
	for (guint i = 0; i < 10; i++) {
		g_autoptr(KilnManifest) index = kiln_manifest_new(TRUE);
		add_item(index, &at, NULL, NULL, NULL);
		kiln_descriptor_clear(&at);
		put_index(layout, "deep:latest", index, &at);
	}
	assert_fails(*state, "deep", NULL, KILN_ERROR_LIMIT, "indexes in one another");
}

static void artifacts_are_no_images(void **state)
{
	g_autoptr(KilnLayout) layout = fixture_layout(*state, "layout");
	g_auto(KilnDescriptor) image = { 0 }, artifact = { 0 };
	char digest[KILN_DIGEST_TEXT_MAX];
	fixture_layers(layout, "a:latest", "amd64", plain_layers, &image);
	assert_true(kiln_layout_attach(layout, &image, "application/vnd.test", "text/plain", "x", 1, NULL, &artifact, NULL));
	assert_true(kiln_layout_set(layout, "a:latest", &image, NULL));
	g_autofree char *reference = g_strdup_printf("a@%s", kiln_digest_print(&artifact.digest, digest));
	assert_fails(*state, reference, NULL, KILN_ERROR_UNSUPPORTED, "application/vnd.test");
	assert_opens(*state, "a", NULL, "amd64");
}

static void reads_zstd(void **state)
{
	g_autoptr(KilnLayout) layout = fixture_layout(*state, "layout");
	g_auto(KilnDescriptor) image = { 0 };
	fixture_image(layout, "amd64", KILN_COMPRESSION_ZSTD, TRUE, &image);
	assert_true(kiln_layout_set(layout, "zstd:latest", &image, NULL));
	assert_opens(*state, "zstd", NULL, "amd64");
}

/* Docker's own archives: what kiln unpacks from them is what umoci unpacks from skopeo's copy. */
static void unpacks_docker_archives(void **state)
{
	static const char *const names[] = { "alpine-310.docker-archive.tar.gz", "alpine-311.docker-archive.tar.gz" };
	const Scratch *scratch = *state;
	need("skopeo");
	need("umoci");
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = shared_image(names[i]), *reference = g_strconcat("docker-archive:", path, NULL), *into = g_strdup_printf("root%" G_GSIZE_FORMAT, i);
		g_autoptr(GError) error = NULL;
		g_autoptr(KilnImage) image = open_image(scratch, reference, NULL, &error);
		g_auto(KilnFd) fd = kiln_directory_make_at(scratch->fd, into, 0755, &error);
		if (!image || !kiln_image_unpack(image, &fixture_context, fd, geteuid() == 0, &error))
			fail_msg("%s", error->message);
		g_autofree char *same = scratch_run(scratch,
			"rootless=; [ $(id -u) = 0 ] || rootless=--rootless\n"
			"gunzip -c <$1 >plain.tar; skopeo copy -q docker-archive:plain.tar oci:copy:x >&2; umoci --log=error unpack $rootless --image copy:x judge >&2; root=$(ls -d root*)\n"
			"list() { (cd $1; find . -mindepth 1 -printf '%P %y %m %U:%G %l %Ts\\n'; find . -type f -exec sha256sum {} +) | LC_ALL=C sort; }\n"
			"list judge/rootfs >judge.txt; list $root >kiln.txt; diff judge.txt kiln.txt >&2; wc -l <kiln.txt; rm -rf judge copy root* plain.tar", path);
		assert_non_null(same);
		assert_true(atoi(same) > 100);
	}
	g_autofree char *left = scratch_run(scratch, "ls private", NULL); /* beside the store, while archives are open */
	assert_string_equal(left, "");
}

/* A root file system as the one layer of an image: tar itself is the judge. */
static void unpacks_root_file_systems(void **state)
{
	static const char *const names[] = { "alpine-minirootfs-3.6.5-x86_64.tar.gz", "alpine-minirootfs-3.17.10-x86_64.tar.gz" };
	const Scratch *scratch = *state;
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = shared_image(names[i]), *plain = scratch_run(scratch, "gunzip -c \"$1\" >plain.tar && echo", path);
		assert_non_null(plain);
		g_autoptr(GBytes) bytes = scratch_read(scratch, "plain.tar");
		g_autoptr(GByteArray) tar = g_byte_array_new();
		g_byte_array_append(tar, g_bytes_get_data(bytes, NULL), (guint)g_bytes_get_size(bytes));
		g_autoptr(KilnLayout) layout = fixture_layout(scratch, "layout");
		g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
		g_autoptr(KilnImageConfig) config = kiln_image_config_new();
		fixture_add_layer(layout, tar, manifest, config);
		fixture_finish(layout, "root", manifest, config, NULL);
		g_autoptr(KilnImage) image = fixture_open(scratch, "root");
		g_autoptr(GError) error = NULL;
		g_auto(KilnFd) fd = kiln_directory_make_at(scratch->fd, "kiln", 0755, &error);
		if (!kiln_image_unpack(image, &fixture_context, fd, geteuid() == 0, &error))
			fail_msg("%s", error->message);
		g_autofree char *same = scratch_run(scratch,
			"mkdir judge; tar -xpf plain.tar -C judge\n"
			"list() { (cd $1; find . -printf '%P %y %m %U:%G %l %Ts\\n'; find . -type f -exec sha256sum {} +) | LC_ALL=C sort; }\n"
			"list judge >judge.txt; list kiln >kiln.txt; diff judge.txt kiln.txt >&2; wc -l <kiln.txt; rm -rf judge kiln", NULL);
		assert_non_null(same);
		assert_true(atoi(same) > 100);
	}
}

/* Holes stay holes: a layer of a few bytes does not fill the disk. */
static void leaves_holes(void **state)
{
	const Scratch *scratch = *state;
	g_autofree char *made = scratch_run(scratch, "printf begin >hole; truncate -s 200M hole; printf middle >>hole; truncate -s 300M hole; tar --sparse -cf hole.tar hole; echo", NULL);
	assert_non_null(made);
	g_autoptr(GBytes) bytes = scratch_read(scratch, "hole.tar");
	g_autoptr(GByteArray) tar = g_byte_array_new();
	g_byte_array_append(tar, g_bytes_get_data(bytes, NULL), (guint)g_bytes_get_size(bytes));
	assert_true(tar->len < 100000);
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "layout");
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	g_autoptr(KilnImageConfig) config = kiln_image_config_new();
	fixture_add_layer(layout, tar, manifest, config);
	fixture_finish(layout, "x", manifest, config, NULL);
	g_autoptr(KilnImage) image = fixture_open(scratch, "x");
	g_autoptr(GError) error = NULL;
	g_auto(KilnFd) root = kiln_directory_make_at(scratch->fd, "root", 0755, &error);
	if (!kiln_image_unpack(image, &fixture_context, root, FALSE, &error))
		fail_msg("%s", error->message);
	g_autofree char *same = scratch_run(scratch, "cmp hole root/hole && du -k root/hole", NULL);
	assert_non_null(same);
	assert_true(atoi(same) < 10000);
}

static void note(const char *text, gpointer user_data)
{
	g_string_append(user_data, text);
}

/* VFS_CAP_REVISION_2, effective, cap_net_bind_service: linux/capability.h. */
static const guint8 capability[20] = { 0x01, 0x00, 0x00, 0x02, 0x00, 0x04 };

static void sets_attributes(void **state)
{
	const Scratch *scratch = *state;
	const KilnXattr xattrs[] = { { "security.capability", capability, sizeof capability }, { "trusted.overlay.opaque", "y", 1 }, { "user.note", "word", 4 } };
	const KilnTarEntry entry = { .path = "a", .type = KILN_FILE_REGULAR, .mode = 0755, .uid = 7, .gid = 8, .xattrs = xattrs, .xattr_count = G_N_ELEMENTS(xattrs) };
	g_autoptr(GByteArray) tar = g_byte_array_new();
	kiln_tar_append_header(tar, &entry);
	kiln_tar_append_end(tar);
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "layout");
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	g_autoptr(KilnImageConfig) config = kiln_image_config_new();
	fixture_add_layer(layout, tar, manifest, config);
	fixture_finish(layout, "x", manifest, config, NULL);
	g_autoptr(KilnImage) image = fixture_open(scratch, "x");
	g_autoptr(GPtrArray) files = NULL;
	assert_true(kiln_image_read_files(image, &fixture_context, &files, NULL));
	assert_true(((KilnImageFile *)files->pdata[0])->has_capability);

	g_autoptr(GError) error = NULL;
	g_autoptr(GString) notes = g_string_new(NULL);
	KilnContext context = { .jobs = 1, .on_notice = note, .user_data = notes };
	gboolean is_root = geteuid() == 0;
	g_auto(KilnFd) root = kiln_directory_make_at(scratch->fd, "root", 0755, &error), fd = -1;
	assert_true(kiln_image_unpack(image, &context, root, is_root, &error));
	fd = openat(root, "a", O_RDONLY | O_CLOEXEC);
	char value[64];
	ssize_t length = fgetxattr(fd, "user.note", value, sizeof value);
	if (length < 0 && errno == ENOTSUP) {
		print_message("# the file system of %s has no user attributes\n", scratch->path);
		skip();
	}
	assert_int_equal(length, 4);
	assert_memory_equal(value, "word", 4);
	assert_int_equal(fgetxattr(fd, "trusted.overlay.opaque", value, sizeof value), -1);
	assert_non_null(strstr(notes->str, is_root ? "1 extended attributes were not set on disk, the first is trusted.overlay.opaque" : "2 extended attributes"));
	g_autofree char *owner = scratch_run(scratch, "stat -c %u:%g:%a root/a", NULL);
	assert_int_equal(g_str_has_prefix(owner, "7:8:755"), is_root);
	assert_int_equal(fgetxattr(fd, "security.capability", value, sizeof value), is_root ? (int)sizeof capability : -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(finds_by_name_and_digest), scratch_test(says_what_to_do_instead), scratch_test(chooses_the_platform),
		scratch_test(indexes_end),              scratch_test(artifacts_are_no_images), scratch_test(reads_zstd),
		scratch_test(unpacks_docker_archives),  scratch_test(unpacks_root_file_systems), scratch_test(sets_attributes), scratch_test(leaves_holes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
