/* SPDX-License-Identifier: Apache-2.0 */
/* program_catalog_test.c: what Go's linker and cargo-auditable write into programs, and Java's archives inside of each other; made here byte by byte. */
#include "io/scratch.h"
#include "pkg/file_cataloger.h"

#include <elf.h>

static char *describe(const char *path, const void *bytes, gsize length)
{
	KilnSeenFile file = { path, bytes, MIN(length, 4096), length };
	GString *out = g_string_new(NULL);
	g_autoptr(GBytes) packed = kiln_file_notes_wanted(&file) ? kiln_file_notes_read(&file, (KilnText){ bytes, length }) : NULL;
	g_autoptr(KilnFileNotes) notes = packed ? kiln_file_notes_unpack(path, packed) : NULL;
	for (guint i = 0; notes && i < notes->packages->len; i++) {
		const KilnInventoryPackage *package = notes->packages->pdata[i];
		g_string_append_printf(out, "%s %s %s%s\n", package->identity.type, package->identity.name, package->identity.version,
		                       package->confidence == KILN_CONFIDENCE_HIGH ? "" : package->confidence == KILN_CONFIDENCE_LOW ? " low" : " medium");
		assert_int_equal(package->claims->len, 1);
		assert_string_equal(package->claims->pdata[0], path);
	}
	for (guint i = 0; notes && i < notes->remarks->len; i++)
		g_string_append_printf(out, "%s\n", ((const KilnFileRemark *)notes->remarks->pdata[i])->what);
	return g_string_free(out, FALSE);
}

/* An ELF file with one loaded segment, which is the whole file at @address, and the section @name behind @content. */
static GByteArray *elf_of(const char *name, const void *content, gsize length, guint64 address)
{
	static const char names[] = "\0.shstrtab\0";
	GByteArray *out = g_byte_array_new();
	gsize content_at = 128, names_at = content_at + length, sections_at = (names_at + 64 + 7) & ~(gsize)7;
	Elf64_Ehdr header = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT }, .e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		              .e_phoff = 64, .e_shoff = sections_at, .e_ehsize = 64, .e_phentsize = 56, .e_phnum = 1, .e_shentsize = 64, .e_shnum = 3, .e_shstrndx = 1 };
	Elf64_Phdr segment = { .p_type = PT_LOAD, .p_flags = PF_R, .p_vaddr = address, .p_filesz = sections_at, .p_memsz = sections_at };
	Elf64_Shdr sections[3] = { { 0 }, { .sh_name = 1, .sh_type = SHT_STRTAB, .sh_offset = names_at, .sh_size = sizeof names + strlen(name) + 1 },
		                   { .sh_name = sizeof names, .sh_type = SHT_PROGBITS, .sh_offset = content_at, .sh_size = length } };
	g_byte_array_set_size(out, (guint)sections_at);
	memset(out->data, 0, out->len);
	memcpy(out->data, &header, sizeof header);
	memcpy(out->data + 64, &segment, sizeof segment);
	memcpy(out->data + content_at, content, length);
	memcpy(out->data + names_at, names, sizeof names);
	strcpy((char *)out->data + names_at + sizeof names, name);
	g_byte_array_append(out, (const guint8 *)sections, sizeof sections);
	return out;
}

#define FRAME "0123456789abcdef"
#define MODULES                                                                                                                                        \
	FRAME "path\texample.org/app\nmod\texample.org/app\t(devel)\t\ndep\tgolang.org/x/net\tv0.17.0\th1:x\ndep\tgithub.com/old/name\tv1.0.0\th1:x\n" \
	      "=>\tgithub.com/new/name\tv1.2.0\th1:y\ndep\texample.org/local\tv0.1.0\n=>\t../local\t(devel)\t\nbuild\t-compiler=gc\n" FRAME

static void append_varint(GByteArray *out, gsize length)
{
	for (; length >= 128; length >>= 7) {
		guint8 byte = (guint8)(length | 128);
		g_byte_array_append(out, &byte, 1);
	}
	guint8 last = (guint8)length;
	g_byte_array_append(out, &last, 1);
}

static GByteArray *go_inline(const char *version, const char *modules)
{
	GByteArray *out = g_byte_array_new();
	g_byte_array_append(out, (const guint8 *)"\377 Go buildinf:\010\002\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32);
	append_varint(out, strlen(version));
	g_byte_array_append(out, (const guint8 *)version, (guint)strlen(version));
	append_varint(out, strlen(modules));
	g_byte_array_append(out, (const guint8 *)modules, (guint)strlen(modules));
	return out;
}

static void reads_go(void **state)
{
	static const struct {
		const char *version, *modules, *expected;
	} cases[] = {
		{ "go1.21.3", MODULES, "golang stdlib 1.21.3\ngolang golang.org/x/net v0.17.0\ngolang github.com/new/name v1.2.0\n" },
		{ "go1.22rc1 X:boringcrypto", "", "golang stdlib 1.22.0-rc.1\n" },
		{ "go1.20", "", "golang stdlib 1.20.0\n" },
		{ "devel go1.23-abcdef", "", "go: it was built by \"devel go1.23-abcdef\", which is no release of Go\n" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GByteArray) information = go_inline(cases[i].version, cases[i].modules), file = elf_of(".go.buildinfo", information->data, information->len, 0x400000);
		g_autofree char *found = describe("usr/bin/app", file->data, file->len);
		assert_string_equal(found, cases[i].expected);
	}
}

/* Before Go 1.18: pointers to string headers, which are pointers and lengths. */
static void reads_old_go(void **state)
{
	const guint64 address = 0x400000, content = address + 128;
	const char *modules = FRAME "dep\tgolang.org/x/text\tv0.3.0\th1:x\n" FRAME;
	guint8 bytes[512] = "\377 Go buildinf:\010";
	const guint64 pointers[] = { content + 64, content + 80 }, headers[] = { content + 128, strlen("go1.16.5"), content + 160, strlen(modules) };
	memcpy(bytes + 16, pointers, sizeof pointers);
	memcpy(bytes + 64, headers, sizeof headers);
	memcpy(bytes + 128, "go1.16.5", 8);
	memcpy(bytes + 160, modules, strlen(modules));
	g_autoptr(GByteArray) file = elf_of(".go.buildinfo", bytes, sizeof bytes, address);
	g_autofree char *found = describe("usr/bin/app", file->data, file->len);
	assert_string_equal(found, "golang stdlib 1.16.5\ngolang golang.org/x/text v0.3.0\n");
	guint64 outside = 0x10;
	memcpy(file->data + 128 + 16, &outside, sizeof outside);
	g_autofree char *refused = describe("usr/bin/app", file->data, file->len);
	assert_string_equal(refused, "go: its build information leads out of the file\n");
}

static GBytes *deflate(const char *text)
{
	g_autoptr(GZlibCompressor) zlib = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9);
	gsize read, written;
	guint8 buffer[65536];
	assert_int_equal(g_converter_convert(G_CONVERTER(zlib), text, strlen(text), buffer, sizeof buffer, G_CONVERTER_INPUT_AT_END, &read, &written, NULL), G_CONVERTER_FINISHED);
	return g_bytes_new(buffer, written);
}

static void reads_rust(void **state)
{
	static const char text[] = "{\"packages\":[{\"name\":\"app\",\"version\":\"0.1.0\",\"source\":\"local\",\"root\":true},{\"name\":\"serde\",\"version\":\"1.0.190\",\"source\":\"crates.io\"},"
	                           "{\"name\":\"cc\",\"version\":\"1.0.83\",\"source\":\"crates.io\",\"kind\":\"build\"}]}";
	g_autoptr(GBytes) packed = deflate(text);
	g_autoptr(GByteArray) file = elf_of(".dep-v0", g_bytes_get_data(packed, NULL), g_bytes_get_size(packed), 0);
	g_autofree char *found = describe("usr/bin/app", file->data, file->len);
	assert_string_equal(found, "cargo serde 1.0.190\n");
	g_autoptr(GByteArray) damaged = elf_of(".dep-v0", "no zlib", 7, 0);
	g_autofree char *refused = describe("usr/bin/app", damaged->data, damaged->len);
	assert_non_null(strstr(refused, "rust: section .dep-v0: "));
}

#define JARS                                                                                                                                            \
	"python3 - <<'END'\n"                                                                                                                          \
	"import io, zipfile\n"                                                                                                                         \
	"def jar(members):\n"                                                                                                                          \
	"    out = io.BytesIO()\n"                                                                                                                     \
	"    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:\n"                                                                             \
	"        for name, text in members.items():\n"                                                                                                 \
	"            z.writestr(name, text)\n"                                                                                                         \
	"    return out.getvalue()\n"                                                                                                                  \
	"def properties(group, artifact, version):\n"                                                                                                  \
	"    return {f'META-INF/maven/{group}/{artifact}/pom.properties': f'#x\\nversion={version}\\ngroupId={group}\\nartifactId={artifact}\\n'}\n"   \
	"log4j = jar(properties('org.apache.logging.log4j', 'log4j-core', '2.14.1') | {'a.class': ''})\n"                                              \
	"bundle = jar({'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\\r\\nBundle-SymbolicName: org.example.lib;singl\\r\\n eton:=true\\r\\n', 'a.class': ''})\n" \
	"plain = jar({'a.class': ''})\n"                                                                                                               \
	"war = jar({'WEB-INF/lib/log4j-core-2.14.1.jar': log4j, 'WEB-INF/lib/lib-1.2.jar': bundle, 'WEB-INF/lib/plain.jar': plain, 'WEB-INF/lib/old-3.1.jar': plain})\n" \
	"open('app.war', 'wb').write(war)\n"                                                                                                           \
	"deep = log4j\n"                                                                                                                               \
	"for i in range(100):\n"                                                                                                                       \
	"    deep = jar({'x.jar': deep})\n"                                                                                                            \
	"open('deep.jar', 'wb').write(deep)\n"                                                                                                         \
	"with zipfile.ZipFile('bomb.jar', 'w', zipfile.ZIP_DEFLATED) as z:\n"                                                                          \
	"    with z.open('META-INF/MANIFEST.MF', 'w') as m:\n"                                                                                         \
	"        for i in range(140):\n"                                                                                                               \
	"            m.write(b'\\n' * (1 << 20))\n"                                                                                                    \
	"open('cut.jar', 'wb').write(log4j[:-40])\n"                                                                                                   \
	"END"

static char *describe_file(const Scratch *scratch, const char *name)
{
	g_autofree char *path = g_build_filename(scratch->path, name, NULL), *text = NULL;
	gsize length;
	assert_true(g_file_get_contents(path, &text, &length, NULL));
	return describe(name, text, length);
}

static void reads_java(void **state)
{
	g_autofree char *made = scratch_run(*state, JARS, NULL);
	assert_non_null(made);
	g_autofree char *war = describe_file(*state, "app.war"), *deep = describe_file(*state, "deep.jar"), *bomb = describe_file(*state, "bomb.jar"), *cut = describe_file(*state, "cut.jar");
	assert_string_equal(war, "maven org.apache.logging.log4j:log4j-core 2.14.1\nmaven org.example:lib 1.2 medium\nmaven old 3.1 low\n"
	                         "java: app.war!/WEB-INF/lib/plain.jar says neither by Maven's metadata nor by its name which release it is\n"
	                         "java: app.war!/WEB-INF/lib/old-3.1.jar does not say its Maven group: advisories about old cannot be looked up\n");
	assert_string_equal(deep, "java: archives inside of archives, deeper than 8\n");
	assert_string_equal(bomb, "java: bomb.jar: META-INF/MANIFEST.MF: larger than 67108864 bytes\n");
	assert_non_null(strstr(cut, "java: cut.jar: no zip, or a damaged one"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reads_go), cmocka_unit_test(reads_old_go), cmocka_unit_test(reads_rust), scratch_test(reads_java) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
