/* SPDX-License-Identifier: Apache-2.0 */
/* image_lookup_test.c: files of an image by the paths that programs inside use. */
#include "image_fixture.h"
#include "oci/image_lookup.h"

static void finds_through_links(void **state)
{
	static const char *const layers[] = { "d usr; d usr/bin; f usr/bin/env x; h usr/bin/same usr/bin/env; l bin usr/bin; l up bin/../../..; l abs /bin/env; l loop loop; l gone nowhere; l chain abs", NULL };
	static const struct {
		const char *path, *found, *link; /* NULL: none; link: when the last one is not followed, NULL: the same */
	} rows[] = {
		{ "usr/bin/env", "usr/bin/env", NULL },
		{ "/bin/env", "usr/bin/env", NULL },
		{ "//bin/./env", "usr/bin/env", NULL },
		{ "/abs", "usr/bin/env", "abs" },
		{ "chain", "usr/bin/env", "chain" },
		{ "bin", "usr/bin", "bin" },
		{ "bin/same", "usr/bin/same", NULL },
		{ "up", NULL, "up" },
		{ "gone", NULL, "gone" },
		{ "loop", NULL, "loop" },
		{ "loop/x", NULL, NULL },
		{ "usr/bin/env/x", NULL, NULL },
		{ "../etc", NULL, NULL },
	};
	g_autoptr(KilnLayout) layout = fixture_layout(*state, "layout");
	fixture_layers(layout, "x", "amd64", layers, NULL);
	g_autoptr(KilnImage) image = fixture_open(*state, "x");
	g_autoptr(GPtrArray) files = NULL;
	assert_true(kiln_image_read_files(image, &fixture_context, &files, NULL));
	g_autoptr(KilnImageLookup) lookup = kiln_image_lookup_new(files);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const KilnImageFile *found = kiln_image_lookup_find(lookup, rows[i].path), *link = kiln_image_lookup_find_link(lookup, rows[i].path);
		const char *expected_link = rows[i].link ? rows[i].link : rows[i].found;
		if (g_strcmp0(found ? found->path : NULL, rows[i].found) != 0 || g_strcmp0(link ? link->path : NULL, expected_link) != 0)
			fail_msg("%s: %s, %s", rows[i].path, found ? found->path : "none", link ? link->path : "none");
	}
	assert_int_equal(kiln_image_lookup_size(lookup), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { scratch_test(finds_through_links) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
