/* SPDX-License-Identifier: Apache-2.0 */
/* fixture.c: a library whose facts are known because they are written here. Built beside the tests of the elf module. */
extern int kiln_fixture_import(const char *text);
extern int kiln_fixture_weak(void) __attribute__((weak));
int kiln_fixture_export(int which);

/* Strings that name files... */
static const char *const wanted[] = {
	"/usr/lib/kiln-fixture/modules/", "/etc/kiln-fixture.conf", "/a/b:/c/d", "libkilnfixture.so.4.2", "kiln_plugin.so",
};
/* ...and strings that do not. */
static const char *const unwanted[] = {
	"/var/lib/%s/file", "see /usr/share/doc/kiln", "//comment", "/usr/share/with space", "libkiln%d.so", "libkiln.so.x", "/",
	"/usr/*/glob", "not-a-lib.so.1.", "prefix=/usr/x", "/a/b:relative",
};
const char kiln_fixture_array[] = "/opt/kiln-fixture/data"; /* in .rodata as bytes, not as a merged string */

__asm__(".pushsection .note.dlopen,\"a\",%note\n"
        ".balign 4\n"
        ".long 4, 2f - 1f, 0x407c0c0a\n"
        ".asciz \"FDO\"\n"
        "1: .asciz \"[{\\\"soname\\\":[\\\"libkilnopt.so.2\\\",\\\"libkilnopt.so.1\\\"],\\\"feature\\\":\\\"opt\\\",\\\"priority\\\":\\\"suggested\\\"},"
        "{\\\"soname\\\":[\\\"libkilnreq.so.1\\\"]}]\"\n"
        "2: .balign 4\n"
        ".popsection\n");

int kiln_fixture_export(int which)
{
	if (kiln_fixture_weak)
		which += kiln_fixture_weak();
	return kiln_fixture_import(which & 1 ? wanted[which % 5] : unwanted[which % 11]);
}
