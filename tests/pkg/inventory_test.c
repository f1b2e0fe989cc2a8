/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_test.c: what an image holds: packages as dpkg says, who owns which file, what is remarkable. */
#include "oci/image_fixture.h"
#include "pkg/inventory.h"

static const char status[] =
	"Package: one\nStatus: install ok installed\nArchitecture: amd64\nMulti-Arch: same\nSource: first (2:1.0-1)\nVersion: 2:1.0-1+b1\nInstalled-Size: 12\n"
	"Maintainer: A <a@example.org>\nDescription: the first\n more of it\n\n"
	"Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 3\n\n"
	"Package: two\nStatus: install ok half-configured\nArchitecture: all\nVersion: 0.5\nDescription: the second\n";

static KilnInventory *read_tar(const Scratch *scratch, GByteArray *tar, GError **error)
{
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "layout");
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	g_autoptr(KilnImageConfig) config = kiln_image_config_new();
	kiln_tar_append_end(tar);
	fixture_add_layer(layout, tar, manifest, config);
	fixture_finish(layout, "x", manifest, config, NULL);
	g_autoptr(KilnImage) image = fixture_open(scratch, "x");
	g_autoptr(KilnInventory) read = kiln_inventory_read(image, &fixture_context, error);
	g_autoptr(GBytes) packed = read ? kiln_inventory_pack(read) : NULL;
	return packed ? kiln_inventory_unpack(packed, error) : NULL; /* what is remembered is as good as what was read */
}

static void add(GByteArray *tar, const char *path, KilnFileType type, guint mode, const char *text)
{
	KilnTarEntry entry = { .path = path, .type = type, .mode = mode };
	entry.size = type == KILN_FILE_REGULAR ? strlen(text) : 0;
	entry.link_target = type == KILN_FILE_SYMLINK || type == KILN_FILE_HARDLINK ? text : NULL;
	kiln_tar_append_header(tar, &entry);
	g_byte_array_append(tar, (const guint8 *)text, (guint)entry.size);
	kiln_tar_append_padding(tar, entry.size);
}

static const KilnInventoryPackage *package(const KilnInventory *inventory, const char *name)
{
	gint index = kiln_inventory_package(inventory, name, NULL);
	assert_true(index >= 0);
	return inventory->packages->pdata[index];
}

static void assert_owner(const KilnInventory *inventory, const char *path, const char *owner)
{
	const KilnInventoryFile *entry = kiln_inventory_find(inventory, path);
	assert_non_null(entry);
	assert_int_equal(entry->package, owner ? kiln_inventory_package(inventory, owner, NULL) : -1);
}

static void reads_what_dpkg_installed(void **state)
{
	g_autoptr(GByteArray) tar = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	add(tar, "lib", KILN_FILE_SYMLINK, 0777, "usr/lib");
	add(tar, "usr/lib/libone.so.1", KILN_FILE_REGULAR, 0644, "\177ELF one");
	add(tar, "usr/lib/libone.so", KILN_FILE_SYMLINK, 0777, "libone.so.1");
	add(tar, "usr/share/two", KILN_FILE_REGULAR, 0644, "two");
	add(tar, "opt/own", KILN_FILE_REGULAR, 0644, "nobody's");
	add(tar, "etc/os-release", KILN_FILE_SYMLINK, 0777, "../usr/lib/os-release");
	fixture_text(tar, "usr/lib/os-release", "NAME=Debian\n# ID=no\nID=debian\nVERSION_ID=\"13\"\nPRETTY_NAME='Debian 13 (trixie)'\n");
	fixture_text(tar, "var/lib/dpkg/status", status);
	fixture_text(tar, "var/lib/dpkg/info/one:amd64.list", "/.\n/lib\n/lib/libone.so.1\n/lib/libone.so\n");
	fixture_text(tar, "var/lib/dpkg/info/two.list", "/.\n/usr\n/usr/share\n/usr/share/two\n/usr/share/doc/two/copyright\n");
	fixture_text(tar, "var/lib/dpkg/info/gone.list", "/opt/own\n");
	g_autoptr(KilnInventory) inventory = read_tar(*state, tar, &error);
	if (!inventory)
		fail_msg("%s", error->message);
	assert_int_equal(inventory->packages->len, 2);
	assert_string_equal(inventory->databases->pdata[0], "dpkg");
	assert_string_equal(inventory->distribution.id, "debian");
	assert_string_equal(inventory->distribution.version_id, "13");
	assert_string_equal(inventory->distribution.pretty_name, "Debian 13 (trixie)");

	const KilnInventoryPackage *one = package(inventory, "one"), *two = package(inventory, "two");
	assert_string_equal(one->identity.version, "2:1.0-1+b1");
	assert_string_equal(one->identity.source_name, "first");
	assert_string_equal(one->identity.source_version, "2:1.0-1");
	assert_string_equal(one->identity.summary, "the first");
	assert_int_equal(one->installed_bytes, 12 * 1024);
	assert_int_equal(one->files, 2);
	assert_int_equal(one->bytes, 8);
	assert_false(one->partial);
	g_autofree char *purl = kiln_package_purl(&one->identity);
	assert_string_equal(purl, "pkg:deb/debian/one@2:1.0-1%2Bb1?arch=amd64&distro=debian-13");
	assert_string_equal(two->identity.source_name, "two");
	assert_true(two->partial); /* its copyright file is not there */
	assert_owner(inventory, "usr/lib/libone.so.1", "one");
	assert_owner(inventory, "usr/lib/libone.so", "one");
	assert_owner(inventory, "usr/share/two", "two");
	assert_owner(inventory, "lib", NULL); /* a directory to dpkg: both may have it */
	assert_owner(inventory, "opt/own", NULL);
}

static void reads_what_apk_installed(void **state)
{
	g_autoptr(GByteArray) tar = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	add(tar, "etc/motd", KILN_FILE_REGULAR, 0644, "hello");
	add(tar, "lib/libone.so.1", KILN_FILE_REGULAR, 0755, "\177ELF one");
	add(tar, "only", KILN_FILE_REGULAR, 0644, "at the top");
	fixture_text(tar, "etc/os-release", "ID=alpine\nVERSION_ID=3.20.1\n");
	fixture_text(tar, "lib/apk/db/installed",
	             "C:Q1AAAA=\nP:one\nV:1.2.3-r4\nA:x86_64\nS:1\nI:4096\nT:the first: it has colons\nU:https://example.org/\nL:MIT\no:first\nm:A <a@example.org>\n"
	             "F:lib\nR:libone.so.1\na:0:0:755\nZ:Q1BBBB=\nF:\nR:only\n\n"
	             "P:two\nV:5-r0\nA:noarch\nF:etc\nR:motd\nR:gone\n");
	g_autoptr(KilnInventory) inventory = read_tar(*state, tar, &error);
	if (!inventory)
		fail_msg("%s", error->message);
	assert_int_equal(inventory->packages->len, 2);
	assert_string_equal(inventory->databases->pdata[0], "apk");
	const KilnInventoryPackage *one = package(inventory, "one"), *two = package(inventory, "two");
	assert_string_equal(one->identity.source_name, "first");
	assert_string_equal(one->identity.source_version, "1.2.3-r4");
	assert_string_equal(one->identity.summary, "the first: it has colons");
	assert_int_equal(one->installed_bytes, 4096);
	assert_int_equal(one->files, 2);
	assert_false(one->partial);
	g_autofree char *purl = kiln_package_purl(&one->identity);
	assert_string_equal(purl, "pkg:apk/alpine/one@1.2.3-r4?arch=x86_64&distro=alpine-3.20.1");
	assert_string_equal(two->identity.source_name, "two");
	assert_true(two->partial); /* etc/gone is not there */
	assert_owner(inventory, "lib/libone.so.1", "one");
	assert_owner(inventory, "only", "one");
	assert_owner(inventory, "etc/motd", "two");
	assert_owner(inventory, "etc/os-release", NULL);
}

static void reads_status_d(void **state)
{
	g_autoptr(GByteArray) tar = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	add(tar, "usr/bin/python3.13", KILN_FILE_REGULAR, 0755, "x");
	fixture_text(tar, "var/lib/dpkg/status.d/python3.13", "Package: python3.13\nVersion: 3.13-1\nArchitecture: amd64\nX-Kiln-Content: partial\n");
	fixture_text(tar, "var/lib/dpkg/status.d/python3.13.md5sums", "9dd4e461268c8034f5c8564e155c67a6  usr/bin/python3.13\n");
	fixture_text(tar, "var/lib/dpkg/status.d/whole", "Package: whole\nVersion: 1\nArchitecture: all\n\n");
	g_autoptr(KilnInventory) inventory = read_tar(*state, tar, &error);
	if (!inventory)
		fail_msg("%s", error->message);
	assert_int_equal(inventory->packages->len, 2);
	assert_true(package(inventory, "python3.13")->partial);
	assert_int_equal(package(inventory, "python3.13")->bytes, 1);
	assert_string_equal(package(inventory, "python3.13")->database, "var/lib/dpkg/status.d/python3.13");
	assert_false(package(inventory, "whole")->partial);
	assert_owner(inventory, "usr/bin/python3.13", "python3.13");

	guint64 before = package(inventory, "whole")->bytes;
	gint whole = kiln_inventory_package(inventory, "whole", NULL);
	kiln_inventory_claim(inventory, "usr/bin/python3.13", whole); /* who has it keeps it */
	kiln_inventory_claim(inventory, "usr", whole);
	kiln_inventory_claim(inventory, "not/there", whole);
	assert_int_equal(package(inventory, "whole")->bytes, before);
	kiln_inventory_claim(inventory, "var/lib/dpkg/status.d/whole", whole);
	assert_true(package(inventory, "whole")->bytes > before);
}

static void nothing_known_is_not_nothing_there(void **state)
{
	g_autoptr(GByteArray) tar = g_byte_array_new(), with = g_byte_array_new();
	fixture_text(tar, "etc/hostname", "x");
	g_autoptr(KilnInventory) without = read_tar(*state, tar, NULL);
	assert_int_equal(without->databases->len, 0);
	assert_null(without->distribution.id);
	fixture_text(with, "var/lib/dpkg/status", "");
	g_autoptr(KilnInventory) empty = read_tar(*state, with, NULL);
	assert_int_equal(empty->databases->len, 1);
	assert_int_equal(empty->packages->len, 0);
}

static void sees_what_is_remarkable(void **state)
{
	static const struct {
		const char *path;
		KilnFileType type;
		guint mode;
		const char *text;
		guint traits;
	} rows[] = {
		{ "bin", KILN_FILE_DIRECTORY, 0755, "", 0 },
		{ "bin/busybox", KILN_FILE_REGULAR, 0755, "\177ELF", KILN_TRAIT_ELF | KILN_TRAIT_SHELL },
		{ "bin/sh", KILN_FILE_SYMLINK, 0777, "busybox", KILN_TRAIT_SHELL },
		{ "bin/ash", KILN_FILE_HARDLINK, 0777, "bin/busybox", KILN_TRAIT_SHELL | KILN_TRAIT_ELF },
		{ "bin/bash", KILN_FILE_SYMLINK, 0777, "/nowhere", 0 },
		{ "bin/apt-get", KILN_FILE_REGULAR, 0755, "#!/bin/sh\n", KILN_TRAIT_SCRIPT | KILN_TRAIT_PACKAGE_MANAGER },
		{ "bin/su", KILN_FILE_REGULAR, 04755, "\177ELF", KILN_TRAIT_ELF | KILN_TRAIT_SETUID },
		{ "bin/wall", KILN_FILE_REGULAR, 02755, "x", KILN_TRAIT_SETUID },
		{ "dev/null", KILN_FILE_CHARACTER_DEVICE, 0644, "", KILN_TRAIT_DEVICE },
		{ "etc/doc.sh", KILN_FILE_REGULAR, 0644, "#!/bin/sh\n", 0 },
		{ "etc/open", KILN_FILE_REGULAR, 0666, "x", KILN_TRAIT_WORLD_WRITABLE },
		{ "share/sh", KILN_FILE_REGULAR, 0755, "x", 0 },
		{ "srv", KILN_FILE_DIRECTORY, 0777, "", KILN_TRAIT_WORLD_WRITABLE },
		{ "tmp", KILN_FILE_DIRECTORY, 01777, "", 0 },
	};
	g_autoptr(GByteArray) tar = g_byte_array_new();
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		add(tar, rows[i].path, rows[i].type, rows[i].mode, rows[i].text);
	g_autoptr(KilnInventory) inventory = read_tar(*state, tar, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const KilnInventoryFile *entry = kiln_inventory_find(inventory, rows[i].path);
		assert_non_null(entry);
		if (entry->traits != rows[i].traits)
			fail_msg("%s: %x instead of %x", rows[i].path, entry->traits, rows[i].traits);
	}
}

static void damaged_databases(void **state)
{
	static const struct {
		const char *path, *text, *says;
	} rows[] = {
		{ "var/lib/dpkg/status", "Package one\n", "/var/lib/dpkg/status:1" },
		{ "var/lib/dpkg/status", "Package: one\nVersion: 1\n\nPackage: two\n", "/var/lib/dpkg/status:4: a package without name or version" },
		{ "var/lib/dpkg/status.d/x", "Version: 1\n", "/var/lib/dpkg/status.d/x:1" },
		{ "lib/apk/db/installed", "P:one\nV:1\n\nP:two\n", "/lib/apk/db/installed:4: a package without name or version" },
		{ "lib/apk/db/installed", "P:one\nversion\n", "/lib/apk/db/installed:2: \"version\" is no line" },
		{ "lib/apk/db/installed", "P:one\nP:two\nV:1\n", "/lib/apk/db/installed:2: \"P:\" twice" },
		{ "usr/lib/apk/db/installed", "P:one\nV:1\nI:-1\n", "/usr/lib/apk/db/installed:3: \"I:\" is no size" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GByteArray) tar = g_byte_array_new();
		g_autoptr(GError) error = NULL;
		fixture_text(tar, rows[i].path, rows[i].text);
		g_autoptr(KilnInventory) inventory = read_tar(*state, tar, &error);
		if (inventory || error->code != KILN_ERROR_SYNTAX || !strstr(error->message, rows[i].says))
			fail_msg("%s: %s", rows[i].text, error ? error->message : "was accepted");
	}
}

/* The database of this machine as an image: dpkg-query itself is the judge. */
static void agrees_with_dpkg(void **state)
{
	const Scratch *scratch = *state;
	g_autofree char *theirs = scratch_run(scratch,
		"command -v dpkg-query >&2; cd /; tar -cf \"$OLDPWD/own.tar\" var/lib/dpkg/status var/lib/dpkg/info/*.list; cd - >&2\n"
		"dpkg-query -W -f '${db:Status-Abbrev}${Package} ${Architecture} ${Version} ${source:Package} ${source:Version} ${Installed-Size}\\n' | "
		"sed -n 's/^.[iUHFWt]. *//p' | LC_ALL=C sort", NULL);
	if (!theirs || !*theirs) {
		print_message("# this machine has no dpkg\n");
		skip();
	}
	g_autoptr(GBytes) bytes = scratch_read(scratch, "own.tar");
	g_autoptr(GByteArray) tar = g_byte_array_new();
	g_autoptr(GError) error = NULL;
	g_byte_array_append(tar, g_bytes_get_data(bytes, NULL), (guint)g_bytes_get_size(bytes));
	g_autoptr(KilnInventory) inventory = read_tar(scratch, tar, &error);
	if (!inventory)
		fail_msg("%s", error->message);
	g_autoptr(GString) ours = g_string_new(NULL);
	for (guint i = 0; i < inventory->packages->len; i++) {
		const KilnInventoryPackage *found = inventory->packages->pdata[i];
		const KilnPackage *identity = &found->identity;
		g_string_append_printf(ours, "%s %s %s %s %s ", identity->name, identity->architecture, identity->version, identity->source_name, identity->source_version);
		if (found->installed_bytes)
			g_string_append_printf(ours, "%" G_GUINT64_FORMAT, found->installed_bytes / 1024);
		g_string_append_c(ours, '\n');
	}
	scratch_write(scratch, "ours", ours->str, ours->len);
	scratch_write(scratch, "theirs", theirs, strlen(theirs));
	g_autofree char *same = scratch_run(scratch, "LC_ALL=C sort ours | diff theirs - >&2 && wc -l <theirs", NULL);
	assert_non_null(same);
	assert_true(atoi(same) > 10);
}

/* Packages of languages: one where two files speak of it, with what it owns; the distribution's where that brought it; none that is only declared. */
static void reads_what_files_speak_of(void **state)
{
	static const char metadata[] = "Metadata-Version: 2.1\nName: My.App\nVersion: 1.0\nLicense: MIT\n";
	g_autoptr(GByteArray) tar = g_byte_array_new();
	fixture_text(tar, "usr/lib/os-release", "ID=debian\nVERSION_ID=13\n");
	fixture_text(tar, "var/lib/dpkg/status", status);
	fixture_text(tar, "var/lib/dpkg/info/two.list", "/usr/lib/python3/two-3.dist-info/METADATA\n");
	fixture_text(tar, "usr/lib/python3/two-3.dist-info/METADATA", "Name: two\nVersion: 3\n");
	fixture_text(tar, "opt/My_App-1.0.dist-info/METADATA", metadata);
	fixture_text(tar, "opt/My_App-1.0.dist-info/RECORD", "my_app/__init__.py,,\n../opt/bin/my-app,,\n");
	fixture_text(tar, "opt/my_app/__init__.py", "");
	fixture_text(tar, "opt/bin/my-app", "#!/bin/sh");
	fixture_text(tar, "opt/x.dist-info/METADATA", "Name: only\n");
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnInventory) inventory = read_tar(*state, tar, &error);
	assert_non_null(inventory);
	assert_int_equal(inventory->packages->len, 4); /* one and two of dpkg, My.App, two of PyPI */
	const KilnInventoryPackage *app = inventory->packages->pdata[0];
	assert_string_equal(app->identity.name, "My.App");
	assert_string_equal(app->identity.type, "pypi");
	assert_string_equal(app->cataloger, "python");
	assert_string_equal(app->terms->expression, "MIT");
	assert_int_equal(app->files, 4);
	assert_int_equal(app->brought_by, -1);
	assert_int_equal(kiln_inventory_find(inventory, "opt/my_app/__init__.py")->package, 0);
	assert_int_equal(kiln_inventory_find(inventory, "opt/bin/my-app")->package, 0);
	for (guint i = 0; i < inventory->packages->len; i++) {
		const KilnInventoryPackage *other = inventory->packages->pdata[i];
		if (strcmp(other->identity.type, "pypi") == 0 && other != app)
			assert_string_equal(((const KilnInventoryPackage *)inventory->packages->pdata[other->brought_by])->identity.type, "deb");
	}
	assert_int_equal(inventory->remarks->len, 1);
	assert_string_equal(((const KilnInventoryRemark *)inventory->remarks->pdata[0])->kind, "unreadable");
	assert_string_equal(((const KilnInventoryRemark *)inventory->remarks->pdata[0])->path, "opt/x.dist-info/METADATA");
}

static void refuses_damaged_inventories(void **state)
{
	g_autoptr(GByteArray) tar = g_byte_array_new();
	fixture_text(tar, "usr/lib/os-release", "ID=debian\nVERSION_ID=13\n");
	fixture_text(tar, "var/lib/dpkg/status", status);
	g_autoptr(KilnInventory) inventory = read_tar(*state, tar, NULL);
	g_autoptr(GBytes) packed = kiln_inventory_pack(inventory);
	gsize length;
	const guint8 *bytes = g_bytes_get_data(packed, &length);
	for (gsize i = 0; i < length; i++) {
		g_autofree guint8 *changed = g_memdup2(bytes, length);
		changed[i] ^= 0x41;
		g_autoptr(GBytes) cut = g_bytes_new(bytes, i), other = g_bytes_new(changed, length);
		g_autoptr(GError) error = NULL;
		assert_null(kiln_inventory_unpack(cut, &error));
		assert_non_null(error);
		kiln_inventory_free(kiln_inventory_unpack(other, NULL));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(reads_what_dpkg_installed), scratch_test(reads_what_apk_installed), scratch_test(reads_status_d), scratch_test(nothing_known_is_not_nothing_there),
		scratch_test(sees_what_is_remarkable), scratch_test(damaged_databases), scratch_test(agrees_with_dpkg),
		scratch_test(reads_what_files_speak_of), scratch_test(refuses_damaged_inventories),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
