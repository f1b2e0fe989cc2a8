/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_compare_test.c: what differs between two inventories, also where one name has several versions. */
#include "oci/image_fixture.h"
#include "pkg/inventory_compare.h"

static KilnInventory *read_layer(const Scratch *scratch, const char *name, const char *lines, const char *status)
{
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "layout");
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	g_autoptr(KilnImageConfig) config = kiln_image_config_new();
	g_autoptr(GByteArray) tar = g_byte_array_new(), entries = fixture_tar(lines);
	g_autoptr(GError) error = NULL;
	fixture_text(tar, "var/lib/dpkg/status", status);
	g_byte_array_append(tar, entries->data, entries->len);
	fixture_add_layer(layout, tar, manifest, config);
	fixture_finish(layout, name, manifest, config, NULL);
	g_autoptr(KilnImage) image = fixture_open(scratch, name);
	KilnInventory *inventory = kiln_inventory_read(image, &fixture_context, &error);
	if (!inventory)
		fail_msg("%s", error->message);
	return inventory;
}

static void append_side(GString *text, const KilnInventoryPackage *package)
{
	g_string_append(text, package ? package->identity.version : "none");
}

static void compares_packages(void **state)
{
#define PACKAGE(name, architecture, version) "Package: " name "\nArchitecture: " architecture "\nVersion: " version "\n\n"
	static const char before[] = PACKAGE("same", "amd64", "1") PACKAGE("newer", "amd64", "1") PACKAGE("gone", "all", "1") PACKAGE("multi", "amd64", "1")
		PACKAGE("multi", "i386", "1") PACKAGE("kernel", "amd64", "1") PACKAGE("kernel", "amd64", "2");
	static const char after[] = PACKAGE("same", "amd64", "1") PACKAGE("newer", "amd64", "2") PACKAGE("came", "all", "1") PACKAGE("multi", "amd64", "1")
		PACKAGE("multi", "i386", "2") PACKAGE("kernel", "amd64", "2") PACKAGE("kernel", "amd64", "3");
	g_autoptr(KilnInventory) old = read_layer(*state, "old", "", before), new = read_layer(*state, "new", "", after);
	g_autoptr(GArray) packages = NULL, files = NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	kiln_inventory_compare(old, new, &packages, &files);
	for (guint i = 0; i < packages->len; i++) {
		const KilnPackageChange *change = &g_array_index(packages, KilnPackageChange, i);
		const KilnPackage *identity = &(change->after ? change->after : change->before)->identity;
		g_string_append_printf(text, "%s:%s ", identity->name, identity->architecture);
		append_side(text, change->before);
		g_string_append(text, ">");
		append_side(text, change->after);
		g_string_append(text, "; ");
	}
	assert_string_equal(text->str, "came:all none>1; gone:all 1>none; kernel:amd64 1>none; kernel:amd64 none>3; multi:i386 1>2; newer:amd64 1>2; ");
}

static void compares_files(void **state)
{
	static const char before[] = "d d; f a 1; f b 1 644; f c 1; f same 1; l l a; l m a; f t 1; h u t; f z 1";
	static const char after[] = "d d 700; f a 2; f b 1 600; f e 1; f same 1; l l b; f m 1; f t 1; f u 1; f z 1";
	g_autoptr(KilnInventory) old = read_layer(*state, "old", before, ""), new = read_layer(*state, "new", after, "");
	g_autoptr(GArray) packages = NULL, files = NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	kiln_inventory_compare(old, new, &packages, &files);
	for (guint i = 0; i < files->len; i++) {
		const KilnFileChange *change = &g_array_index(files, KilnFileChange, i);
		g_string_append_printf(text, "%s%s", !change->before ? "+" : !change->after ? "-" : "~", (change->after ? change->after : change->before)->file->path);
		for (guint bit = 0; kiln_file_change_word(bit); bit++)
			if ((change->what & (1u << bit)) && (1u << bit) != KILN_CHANGE_OWNER) /* the fixture's owners go by number of the entry */
				g_string_append_printf(text, " %s", kiln_file_change_word(bit));
		g_string_append(text, "; ");
	}
	assert_non_null(strstr(text->str, "~a content; "));
	assert_non_null(strstr(text->str, "~b mode; "));
	assert_non_null(strstr(text->str, "-c; "));
	assert_non_null(strstr(text->str, "~d mode; "));
	assert_non_null(strstr(text->str, "+e; "));
	assert_non_null(strstr(text->str, "~l target; "));
	assert_non_null(strstr(text->str, "~m type; "));
	assert_null(strstr(text->str, "content; ~t"));
	assert_null(strstr(text->str, "u type"));
}

static void nothing_differs_from_itself(void **state)
{
	g_autoptr(KilnInventory) one = read_layer(*state, "one", "d d; f d/a 1; h d/b d/a; l s d/a; p d/p", PACKAGE("same", "amd64", "1"));
	g_autoptr(GArray) packages = NULL, files = NULL;
	kiln_inventory_compare(one, one, &packages, &files);
	assert_int_equal(packages->len, 0);
	assert_int_equal(files->len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { scratch_test(compares_packages), scratch_test(compares_files), scratch_test(nothing_differs_from_itself) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
