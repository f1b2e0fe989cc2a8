#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""needs_test.py: what code needs, by what it links, imports and names, and what it only seems to need."""
import json
import os

from images import Bench, compile_c, naming
from tap import contains, equal, run_cases

ENTRY = "entrypoint: [/usr/bin/app]\n"
TRIPLETS = {"x86_64": "x86_64-linux-gnu", "aarch64": "aarch64-linux-gnu"}
LIBRARIES = "usr/lib/" + TRIPLETS.get(os.uname().machine, "x86_64-linux-gnu")
SHARED = ("-shared", "-nostdlib", "-fPIC", "-Wl,--unresolved-symbols=ignore-all")


def library(directory, source, soname):
    return compile_c(directory, source, *SHARED, "-Wl,-soname," + soname, output=soname)


def importing(directory, function):
    """A program whose dynamic symbols name @function, without a library that has it."""
    source = f"extern int {function}(void);\nint (*volatile used)(void) = {function};\nint main(void) {{ return used(); }}\n"
    return compile_c(directory, source, *SHARED, "-Wl,-e,main"), 0o755


def suggesting(directory, priority):
    """A program with a .note.dlopen for libextra.so.1, which its strings name too."""
    document = json.dumps([{"soname": ["libextra.so.1"], "priority": priority, "feature": "extra"}]).encode() + b"\0"
    source = ('__asm__(".pushsection .note.dlopen,\\"a\\",%note\\n.balign 4\\n.long 4, 1f - 0f, 0x407c0c0a\\n.asciz \\"FDO\\"\\n"\n'
              f'"0: .byte {", ".join(map(str, document))}\\n1: .balign 4\\n.popsection\\n");\n'
              'const char *const name __attribute__((used)) = "libextra.so.1";\nvoid _start(void) { for (;;); }\n')
    return compile_c(directory, source), 0o755


def test_a_link_to_a_script_brings_no_interpreter(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory), "usr/share/app/run.cgi": (b"#!/usr/bin/perl\n", 0o755), "usr/share/app/index.cgi": ("link", "run.cgi")}, depends="perl")
    bench.add("perl", {"usr/bin/perl": naming(directory)})
    bench.build("app", ENTRY)
    bench.lacks("usr/bin/perl", "usr/share/app/run.cgi", "usr/share/app/index.cgi")
    bench.build("app, perl", ENTRY)
    bench.has("usr/bin/perl", "usr/share/app/run.cgi", "usr/share/app/index.cgi")


def test_character_sets_only_for_who_converts(directory):
    bench = Bench(directory)
    gconv = {LIBRARIES + "/gconv/gconv-modules.cache": b"index", LIBRARIES + "/gconv/ONE.so": library(directory, "int one;\n", "ONE.so")}
    bench.add("libc6", gconv)
    bench.add("plain", {"usr/bin/app": naming(directory, "/" + LIBRARIES + "/gconv")}, depends="libc6")
    bench.add("converter", {"usr/bin/app": importing(directory, "iconv_open")}, depends="libc6")
    bench.add("libunistring5", {LIBRARIES + "/libunistring.so.5": library(directory, "extern int iconv_open(void);\nint u(void) { return iconv_open(); }\n", "libunistring.so.5")},
              depends="libc6")
    bench.add("linker", {"usr/bin/app": naming(directory, "libunistring.so.5")}, depends="libunistring5")
    bench.build("plain", ENTRY)
    bench.lacks(*gconv)
    bench.build("libc6, plain", ENTRY)
    bench.lacks(*gconv)
    bench.build("converter", ENTRY)
    bench.has(*gconv)
    bench.build("linker", ENTRY)
    bench.has(LIBRARIES + "/libunistring.so.5")
    bench.lacks(*gconv)


def test_a_library_that_a_note_only_suggests(directory):
    bench = Bench(directory)
    bench.add("extra", {LIBRARIES + "/libextra.so.1": library(directory, "int extra;\n", "libextra.so.1")})
    for priority, wanted in (("suggested", False), ("recommended", True), ("required", True)):
        bench.add("app-" + priority, {"usr/bin/app": suggesting(directory, priority)}, depends="extra")
        bench.build("app-" + priority, ENTRY)
        (bench.has if wanted else bench.lacks)(LIBRARIES + "/libextra.so.1")


def test_programs_outside_of_program_directories_are_no_data(directory):
    bench = Bench(directory)
    program = compile_c(directory, "int main(void) { return 0; }\n", "-nostdlib", "-pie", "-fPIE", "-Wl,-e,main", "-Wl,-dynamic-linker,/lib64/ld-none.so"), 0o755
    bench.add("app", {"usr/bin/app": naming(directory, "/usr/lib/suite/bin")}, depends="client, words")
    bench.add("client", {"usr/lib/suite/bin/client": program, "usr/share/client/words": b"client\n"})
    bench.add("words", {"usr/share/words/list": b"words\n"})
    bench.build("app", ENTRY)
    bench.has("usr/share/words/list")
    bench.lacks("usr/lib/suite/bin/client", "usr/share/client/words")


def test_modules_come_with_their_interpreter_or_its_library(directory):
    bench = Bench(directory)
    bench.add("perl", {"usr/share/perl/5.40/strict.pm": b"1;\n", "usr/bin/cpan": (b"#!/usr/bin/perl\n", 0o755)}, depends="perl-base, libperl5.40")
    bench.add("perl-base", {"usr/bin/perl": naming(directory)})
    bench.add("libperl5.40", {LIBRARIES + "/libperl.so.5.40": library(directory, "int perl;\n", "libperl.so.5.40")})
    bench.add("app", {"usr/bin/app": naming(directory)}, depends="perl")
    bench.add("embedder", {"usr/bin/app": naming(directory, "libperl.so.5.40")}, depends="perl, libperl5.40")
    bench.add("script", {"usr/bin/app": (b"#!/usr/bin/perl\n", 0o755)}, depends="perl")
    bench.build("app", ENTRY)
    bench.lacks("usr/share/perl/5.40/strict.pm", "usr/bin/perl")
    for name in ("embedder", "script"):
        bench.build(name, ENTRY)
        bench.has("usr/share/perl/5.40/strict.pm")


def test_files_of_tools_in_shared_directories(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": importing(directory, "pam_start"), "etc/pam.d/app": b"auth required pam_deny.so\n"}, depends="passwd, policy")
    bench.add("passwd", {"etc/pam.d/chsh": b"auth sufficient pam_rootok.so\n", "usr/bin/chsh": naming(directory)})
    bench.add("policy", {"etc/pam.d/other": b"auth required pam_deny.so\n", "usr/bin/policy": naming(directory)})
    bench.build("app", ENTRY)
    bench.has("etc/pam.d/app", "etc/pam.d/other")
    bench.lacks("etc/pam.d/chsh")


def test_what_lies_behind_the_links_of_var(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory), "var/run/app/state": b"state\n"}, postinst="#!/bin/sh\nmkdir -p /var/lock/app\nchown www-data:www-data /var/lock/app\n",
              depends="base-passwd")
    bench.add("base-passwd", {"usr/share/base-passwd/passwd.master": b"www-data::33:33:www-data:/var/www:/usr/sbin/nologin\n", "usr/share/base-passwd/group.master": b"www-data::33:\n"})
    bench.build("app", ENTRY)
    equal(bench.files["var/run"].target, "/run")
    bench.has("run/app/state")
    equal(bench.files["run/lock/app"].owner, (33, 33))


def test_an_owner_that_a_package_which_is_not_used_makes(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory, "/usr/share/app-data"), "usr/share/app-data/x": b"x\n"}, depends="keys",
              postinst="#!/bin/sh\nmkdir -p /var/lib/app\nchgrp keepers /var/lib/app\nchmod 0750 /var/lib/app\n")
    bench.add("keys", {"usr/bin/keys": naming(directory)}, postinst="#!/bin/sh\naddgroup --system keepers\naddgroup --system strangers\n")
    bench.build("app", ENTRY)
    bench.lacks("usr/bin/keys")
    equal((bench.files["var/lib/app"].mode, bench.files["var/lib/app"].owner[1] > 0), (0o750, True))
    contains(bench.files["etc/group"].text, "keepers:x:")
    assert "strangers" not in bench.files["etc/group"].text


def test_nothing_of_the_c_library_without_it(directory):
    bench = Bench(directory)
    bench.add("libc-bin", {"usr/lib/locale/C.utf8/LC_CTYPE": b"types", "etc/gai.conf": b"", "usr/share/libc-bin/nsswitch.conf": b"hosts: files dns\n"})
    bench.add("libc6", {LIBRARIES + "/libc.so.6": library(directory, "int c;\n", "libc.so.6")}, depends="libc-bin")
    bench.add("static", {"usr/bin/app": naming(directory)}, depends="libc6")
    bench.add("dynamic", {"usr/bin/app": naming(directory, "libc.so.6x")}, depends="libc6")
    bench.build("static", ENTRY)
    bench.lacks("usr/lib/locale/C.utf8/LC_CTYPE", "etc/gai.conf", "etc/ld.so.cache")
    bench.has("etc/nsswitch.conf")
    bench.build("dynamic, libc6", ENTRY)
    bench.has("usr/lib/locale/C.utf8/LC_CTYPE", "etc/gai.conf", "etc/ld.so.cache", "etc/nsswitch.conf")


def test_own_files_that_the_user_cannot_read(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory), "etc/app/main.conf": b"own\n", "etc/app.key": b"key\n"},
              postinst="#!/bin/sh\nadduser --system --group app\nchown -R app:app /etc/app\nchmod 0750 /etc/app\nchmod 0600 /etc/app.key\n")
    more = "entrypoint: [/usr/bin/app, /etc/app.key]\nfiles: [{path: /etc/app/more.conf, content: x}, {path: /etc/closed, content: x, mode: \"0600\"}]\n"
    bench.build("app", more)
    for words in ("/etc/app/more.conf cannot be read by the image's user (65532): /etc/app belongs to", "/etc/app.key cannot be read", "/etc/closed cannot be read"):
        contains(bench.output, words)
    bench.build("app", more + "accept: [\"unreadable:/etc/closed\"]\nuser: app\n")
    contains(bench.output, "/etc/app.key cannot be read")
    for words in ("/etc/app/more.conf cannot", "/etc/closed cannot"):
        assert words not in bench.output, bench.output
    bench.build("app", more + "user: root\n")
    assert "cannot be read" not in bench.output, bench.output


if __name__ == "__main__":
    run_cases(globals())
