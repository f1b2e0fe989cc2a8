#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rules_test.py: what slicing keeps of packages that were made to tempt it."""
import subprocess

from images import Bench, compile_c, importing, naming
from tap import contains, equal, run_cases

ENTRY = "entrypoint: [/usr/bin/app]\n"


def test_a_named_directory_brings_what_is_in_it_and_no_more(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory, "/usr/lib/plugins", "/run/state")}, depends="plugins, runner")
    bench.add("plugins", {"usr/lib/plugins/one.txt": b"1\n", "usr/share/plugins/help.txt": b"help\n", "usr/bin/plugin-maker": naming(directory)})
    bench.add("runner", {"run/state/socket": b"", "usr/share/runner/big": b"x" * 1000, "usr/bin/runner": naming(directory)})
    bench.build("app", ENTRY)
    bench.has("usr/lib/plugins/one.txt")
    bench.lacks("usr/share/plugins/help.txt", "usr/bin/plugin-maker", "run/state", "usr/share/runner/big", "usr/bin/runner")


def test_an_empty_directory_of_a_package_is_no_use_of_it(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory, "/var/lib/shared")}, depends="shared")
    bench.add("shared", {"var/lib/shared/.placeholder": b"", "usr/lib/shared/big": b"x" * 1000, "usr/bin/shared": naming(directory)}, postinst="#!/bin/sh\nmkdir -p /var/lib/shared/spool\n")
    bench.add("empty", {}, postinst="#!/bin/sh\nmkdir -p /var/lib/shared\n")
    bench.build("app", "drop: [/var/lib/shared/.placeholder]\n" + ENTRY)
    bench.has("var/lib/shared", "var/lib/shared/spool")
    bench.lacks("usr/lib/shared/big", "usr/bin/shared")


def test_licence_texts_that_copyright_files_name(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory), "usr/share/doc/app/copyright": b"On Debian, see `/usr/share/common-licenses/GPL-2'.\n"}, depends="base-files")
    bench.add("base-files", {"usr/share/common-licenses/GPL-2": b"two\n", "usr/share/common-licenses/GPL-3": b"three\n", "etc/motd": b"hello\n",
                             "usr/lib/os-release": b"ID=test\n", "etc/skel/.profile": b"", "var/backups/kept": b""})
    bench.build("app", ENTRY)
    bench.has("usr/share/common-licenses/GPL-2", "usr/lib/os-release")
    bench.lacks("usr/share/common-licenses/GPL-3", "etc/motd", "etc/skel", "var/backups")


def test_skipped_directories_leave_no_empty_ones(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory), "usr/share/doc/app/README": b"read\n", "usr/share/man/man1/app.1": b"man\n",
                      "usr/share/nodejs/app/index.d.ts": b"types\n", "usr/share/nodejs/app/index.js": b"code\n", "etc/init.d/app": b"init\n"})
    bench.build("app", ENTRY)
    bench.has("usr/share/nodejs/app/index.js", "usr/share/doc/app/copyright")
    bench.lacks("usr/share/doc/app/README", "usr/share/man", "usr/share/nodejs/app/index.d.ts", "etc/init.d")
    bench.run("why", "oci:out:app", "/usr/share/man/man1/app.1")
    contains(bench.output, "manual pages")


def test_programs_narrow_a_package_to_them_and_what_belongs_to_them(directory):
    library = compile_c(directory, "int x;\n", "-nostdlib", "-shared", "-fPIC", output="library")
    bench = Bench(directory)
    bench.add("tools", {"usr/bin/one": naming(directory), "usr/bin/two": naming(directory), "usr/lib/tools/plugin.so": library, "usr/share/tools/text": b"x\n"})
    bench.add("others", {"usr/bin/three": naming(directory), "usr/lib/others/plugin.so": library})
    bench.build("tools, others", "entrypoint: [/usr/bin/one]\nprograms: [/usr/bin/one]\n")
    bench.has("usr/bin/one", "usr/lib/tools/plugin.so", "usr/share/tools/text")
    bench.lacks("usr/bin/two", "usr/bin/three", "usr/lib/others/plugin.so")
    bench.run("why", "oci:out:app", "/usr/bin/two")
    contains(bench.output, "programs do not name it")


def test_pam_services_and_the_modules_that_they_name(directory):
    triplet = subprocess.run(["dpkg-architecture", "-qDEB_HOST_MULTIARCH"], check=True, capture_output=True, text=True).stdout.strip()
    modules = f"usr/lib/{triplet}/security/"
    library = compile_c(directory, "int x;\n", "-nostdlib", "-shared", "-fPIC", output="library")
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": importing(directory, "pam_start"), "etc/pam.d/app": b"# pam_comment.so\nauth [success=1 default=ignore] \\\n  pam_one.so nullok\n@include common-account\nsession include session-app\n"}, depends="pam")
    bench.add("pam", {**{f"{modules}pam_{name}.so": library for name in ("one", "two", "three", "four", "comment", "other")}, "usr/sbin/pam": naming(directory)}, depends="runtime, stranger")
    bench.add("runtime", {"usr/sbin/runtime": naming(directory), "etc/pam.d/common-account": b"account required pam_two.so\n", "etc/pam.d/common-auth": b"auth required pam_four.so\n", "etc/pam.d/session-app": b"session optional pam_three.so\n", "etc/pam.d/other": b"auth required pam_other.so\n"})
    bench.add("stranger", {"etc/pam.d/stranger": b"auth required pam_four.so\n", "usr/bin/stranger": naming(directory)})
    bench.build("app", ENTRY)
    bench.has("etc/pam.d/app", "etc/pam.d/other", "etc/pam.d/common-account", "etc/pam.d/session-app", *(f"{modules}pam_{name}.so" for name in ("one", "two", "three", "other")))
    bench.lacks("etc/pam.d/common-auth", "etc/pam.d/stranger", f"{modules}pam_four.so", f"{modules}pam_comment.so", "usr/sbin/pam")
    bench.run("why", "oci:out:app", f"/{modules}pam_two.so")
    contains(bench.output, "/etc/pam.d/common-account: it names pam_two.so")


def test_locales_that_were_asked_for(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory)})
    bench.add("locales-all", {"usr/lib/locale/de_DE.utf8/LC_CTYPE": b"types", "usr/lib/locale/de_DE.utf8/LC_MESSAGES/SYS_LC_MESSAGES": b"yes",
                              "usr/lib/locale/de_DE.utf8/LC_COLLATE": ("link", "../en_GB.utf8/LC_COLLATE"), "usr/lib/locale/de_DE/LC_CTYPE": b"latin",
                              "usr/lib/locale/en_GB.utf8/LC_COLLATE": b"order", "usr/lib/locale/fr_FR.utf8/LC_CTYPE": b"types",
                              "usr/lib/locale/sr_RS.utf8@latin/LC_CTYPE": b"types", "usr/lib/locale/aa_ER/LC_CTYPE": b"types"})
    bench.build("app", "locales: [de_DE.UTF-8]\n" + ENTRY)
    bench.has(*(f"usr/lib/locale/de_DE.utf8/{name}" for name in ("LC_CTYPE", "LC_COLLATE", "LC_MESSAGES/SYS_LC_MESSAGES")), "usr/lib/locale/en_GB.utf8/LC_COLLATE")
    bench.lacks("usr/lib/locale/fr_FR.utf8", "usr/lib/locale/de_DE")
    bench.run("why", "oci:out:app", "/usr/lib/locale/de_DE.utf8/LC_CTYPE")
    contains(bench.output, "the locale de_DE.UTF-8 was asked for")
    bench.build("app", "locales: [sr_RS@latin, aa_ER, C]\n" + ENTRY)
    bench.has("usr/lib/locale/sr_RS.utf8@latin/LC_CTYPE", "usr/lib/locale/aa_ER/LC_CTYPE")
    bench.refuse("app", "locales: [xx_YY.UTF-8]\n" + ENTRY, "the locale xx_YY.UTF-8", "locales-all has none of that name")


def test_globs_that_match_nothing_are_told(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory), "usr/share/app/text": b"text\n"})
    bench.build("app", "keep: [/usr/share/aap/**, /usr/share/app/*]\ndrop: [/usr/bin/ap]\n" + ENTRY)
    contains(bench.output, 'keep: "/usr/share/aap/**" matches no path')
    contains(bench.output, 'drop: "/usr/bin/ap" matches no path')
    equal(bench.output.count("matches no path"), 2)
    bench.build("app", 'keep: [/usr/share/aap/**]\naccept: ["keep:/usr/share/aap/**"]\n' + ENTRY)
    equal(bench.output.count("matches no path"), 0)


def test_busybox_is_a_shell_when_one_is_asked_for(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory), "usr/bin/run-app": (b"#!/bin/sh\nexec app\n", 0o755)})
    bench.add("busybox", {"usr/bin/busybox": naming(directory)})
    bench.build("app, busybox", ENTRY)
    bench.lacks("usr/bin/busybox", "usr/bin/sh", "usr/bin/run-app")
    bench.build("app, busybox", ENTRY + "shell: true\n")
    equal(bench.files["usr/bin/sh"].target, "busybox")
    bench.has("usr/bin/busybox", "usr/bin/run-app")
    bench.refuse("app", ENTRY + "shell: true\n", "add dash, bash or busybox")


if __name__ == "__main__":
    run_cases(globals())
