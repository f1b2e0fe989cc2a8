/* SPDX-License-Identifier: Apache-2.0 */
/* root_archive_test.c: tars of root file systems as images, in every compression; what is none. tar, gzip, xz and zstd make them. */
#include "base/error.h"
#include "io/scratch.h"
#include "oci/archive.h"
#include "oci/image.h"

static const KilnContext context = { .jobs = 1 };

static char *path_of(const Scratch *scratch, const char *name)
{
	return g_build_filename(scratch->path, name, NULL);
}

/* The paths in the image that @name is, with the first bytes of its digest left to the caller. */
static char *paths_in(const Scratch *scratch, const char *name, KilnDigest *digest, GError **error)
{
	g_autofree char *path = path_of(scratch, name), *store = path_of(scratch, "store/images");
	g_autoptr(KilnImage) image = kiln_image_open(path, store, NULL, error);
	g_autoptr(GPtrArray) files = NULL;
	if (!image || !kiln_image_read_files(image, &context, &files, error))
		return NULL;
	GString *paths = g_string_new(NULL);
	for (guint i = 0; i < files->len; i++)
		g_string_append_printf(paths, "%s ", ((const KilnImageFile *)files->pdata[i])->path);
	*digest = image->descriptor.digest;
	return g_string_free(paths, FALSE);
}

static const char make[] = "mkdir -p root/etc root/usr/bin && echo ID=x >root/etc/os-release && echo y >root/usr/bin/y && ln -s usr/bin root/bin\n"
	                   "cd root; tar --sort=name --mtime=@0 -cf ../a.tar .; cd ..; gzip -nk a.tar; xz -k a.tar; zstd -q a.tar\n"
	                   "cd root; tar -cf ../b.tar usr etc bin; cd ..; mkdir blobs; tar -cf c.tar blobs; tar -cf d.tar --files-from /dev/null; : >e.tar\n"
	                   "head -c 3000 a.tar >cut.tar; mkdir -p x/app; tar -C x -cf f.tar app";

static void every_compression(void **state)
{
	const Scratch *scratch = *state;
	static const char *const names[] = { "a.tar", "a.tar.gz", "a.tar.xz", "a.tar.zst" };
	g_autofree char *made = scratch_run(scratch, make, NULL);
	KilnDigest digests[G_N_ELEMENTS(names)], again;
	assert_non_null(made);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *paths = paths_in(scratch, names[i], &digests[i], &error), *same = paths_in(scratch, names[i], &again, NULL);
		if (!paths)
			fail_msg("%s: %s", names[i], error->message);
		assert_string_equal(paths, "bin etc etc/os-release usr usr/bin usr/bin/y ");
		assert_string_equal(same, paths);
		assert_true(kiln_digest_equal(&digests[i], &again));
	}
	for (gsize i = 1; i < G_N_ELEMENTS(names); i++)
		assert_false(kiln_digest_equal(&digests[0], &digests[i]));
}

static void what_is_none(void **state)
{
	const Scratch *scratch = *state;
	static const struct {
		const char *name;
		gboolean is;
	} rows[] = { { "a.tar", TRUE }, { "b.tar", TRUE }, { "c.tar", FALSE }, { "d.tar", FALSE }, { "e.tar", FALSE }, { "f.tar", FALSE }, { "none.tar", FALSE } };
	g_autofree char *made = scratch_run(scratch, make, NULL);
	KilnDigest digest;
	g_autoptr(GError) error = NULL, cut = NULL;
	assert_non_null(made);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *path = path_of(scratch, rows[i].name);
		if (kiln_root_archive_is(path) != rows[i].is)
			fail_msg("%s", rows[i].name);
	}
	assert_null(paths_in(scratch, "f.tar", &digest, &error));
	assert_non_null(strstr(error->message, "neither an OCI archive"));
	assert_null(paths_in(scratch, "cut.tar", &digest, &cut));
	assert_non_null(cut);
}

/* A directory is the image that its tar is, whenever it was written; what is no file of a layer is refused. */
static void a_directory(void **state)
{
	const Scratch *scratch = *state;
	g_autofree char *made = scratch_run(scratch, make, NULL), *linked = scratch_run(scratch, "ln root/usr/bin/y root/usr/bin/z; mkfifo root/p; tar -C root -cf root.tar .", NULL);
	KilnDigest digest, later, tar;
	g_autoptr(GError) error = NULL, refused = NULL;
	assert_true(made && linked);
	g_autofree char *reference = g_strdup_printf("dir:%s/root", scratch->path), *store = path_of(scratch, "store/images"), *archive = path_of(scratch, "root.tar");
	g_autoptr(KilnImage) first = kiln_image_open(reference, store, NULL, &error);
	if (!first)
		fail_msg("%s", error->message);
	g_autoptr(KilnImage) other = kiln_image_open(archive, store, NULL, NULL);
	g_autoptr(GPtrArray) files = NULL, listed = NULL;
	assert_true(kiln_image_read_files(first, &context, &files, NULL) && kiln_image_read_files(other, &context, &listed, NULL));
	assert_int_equal(files->len, listed->len);
	for (guint i = 0; i < files->len; i++) {
		const KilnImageFile *a = files->pdata[i], *b = listed->pdata[i];
		assert_string_equal(a->path, b->path);
		assert_true(a->type == b->type && a->mode == b->mode && a->uid == b->uid && a->size == b->size && g_strcmp0(a->link_target, b->link_target) == 0);
		assert_true(kiln_digest_equal(&a->digest, &b->digest));
	}
	digest = first->descriptor.digest;
	tar = other->descriptor.digest;
	g_autofree char *touched = scratch_run(scratch, "touch root/usr/bin/y", NULL);
	g_autoptr(KilnImage) again = kiln_image_open(reference, store, NULL, NULL);
	later = again->descriptor.digest;
	assert_true(kiln_digest_equal(&digest, &later));
	assert_false(kiln_digest_equal(&digest, &tar));
	g_autofree char *hidden = scratch_run(scratch, "touch root/usr/.wh.bin", NULL);
	assert_null(kiln_image_open(reference, store, NULL, &refused));
	assert_true(g_error_matches(refused, KILN_ERROR, KILN_ERROR_DENIED));
}

int main(void)
{
	const struct CMUnitTest tests[] = { scratch_test(every_compression), scratch_test(what_is_none), scratch_test(a_directory) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
