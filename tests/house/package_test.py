#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""package_test.py: what is installed and packaged: hardened, documented, complete; judged by readelf, groff, dpkg and lintian."""
import gzip
import os
import re
import shutil
import subprocess

from tap import ROOT, TOOLS, Skip, contains, equal, run_cases

VERSION = os.environ["KILN_VERSION"]


def call(*words, **options):
    result = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    assert result.returncode == 0, f"{words}: {result.stdout}{result.stderr}"
    return result.stdout


def installed(directory):
    """The files below @directory, relative to it."""
    return sorted(os.path.relpath(os.path.join(path, file), directory) for path, _, files in os.walk(directory) for file in files)


def commands(program):
    return re.findall(r"^kiln\\-([a-z]+)|^\.BR kiln\\-([a-z]+) \(1\)$", call(program, "man"), re.M)


def test_install_puts_everything_in_place(directory):
    call("make", "-C", ROOT, "--no-print-directory", "install", f"DESTDIR={directory}", "PREFIX=/opt/kiln")
    program = os.path.join(directory, "opt/kiln/bin/kiln")
    equal(call(program, "version"), f"kiln {VERSION}\n")
    names = [name for pair in commands(program) for name in pair if name]
    assert len(names) >= 4
    pages = [f"opt/kiln/share/man/man1/kiln-{name}.1" for name in names] + ["opt/kiln/share/man/man1/kiln.1"]
    others = ["opt/kiln/bin/kiln", "opt/kiln/share/bash-completion/completions/kiln", "opt/kiln/share/zsh/site-functions/_kiln"]
    equal(installed(directory), sorted(pages + others))


def test_release_is_hardened(directory):
    call(os.path.join(TOOLS, "install-tree"), "/usr", directory, "--strip")
    program = os.path.join(directory, "usr/bin/kiln")
    header, dynamic = call("readelf", "-hW", program), call("readelf", "-dW", program)
    segments, symbols = call("readelf", "-lW", program), call("readelf", "-W", "--dyn-syms", program)
    assert re.search(r"Type:\s+DYN \(Position-Independent Executable", header), header  # PIE
    assert re.search(r"FLAGS_1\).*\bNOW\b.*\bPIE\b", dynamic), dynamic
    assert re.search(r"\(FLAGS\).*BIND_NOW", dynamic), dynamic
    contains(segments, "GNU_RELRO")
    assert re.search(r"GNU_STACK(\s+0x[0-9a-f]+){5} RW ", segments), segments
    for line in segments.splitlines():
        assert not re.match(r"\s+LOAD\s.*\sRWE\s", line), line
    assert "RPATH" not in dynamic and "RUNPATH" not in dynamic and "TEXTREL" not in dynamic, dynamic
    contains(symbols, "__stack_chk_fail")
    assert len(set(re.findall(r"__\w+_chk\b", symbols)) - {"__stack_chk_fail"}) >= 2, symbols  # fortified calls
    for name in ("gets", "strcpy", "strcat", "sprintf", "vsprintf", "tmpnam", "mktemp", "system", "popen"):
        assert not re.search(rf"\b{name}@", symbols), f"kiln imports {name}"


def test_manual_pages_are_clean(directory):
    call(os.path.join(TOOLS, "install-tree"), "/usr", directory)
    pages = [file for file in installed(directory) if file.endswith(".1")]
    assert len(pages) >= 5, pages
    for page in pages:
        result = subprocess.run(["groff", "-ww", "-man", "-Tutf8", "-z", os.path.join(directory, page)], capture_output=True, text=True, check=True)
        equal((page, result.stderr), (page, ""))


def make_deb(directory):
    path = call(os.path.join(TOOLS, "make-deb"), directory).splitlines()[-1]
    return path, call("dpkg-deb", "--ctrl-tarfile", path, encoding="latin-1")


def test_deb_is_complete(directory):
    path, _ = make_deb(directory)
    fields = call("dpkg-deb", "-f", path)
    contains(fields, f"Package: kiln\nVersion: {VERSION}\nArchitecture: {call('dpkg', '--print-architecture')}")
    depends = re.search(r"^Depends: (.*)$", fields, re.M).group(1)
    for library in ("libc6", "libglib2.0-0", "libjansson4"):
        contains(depends, library)
    root = os.path.join(directory, "root")
    call("dpkg-deb", "-x", path, root)
    files = installed(root)
    for wanted in ("usr/bin/kiln", "usr/share/man/man1/kiln.1.gz", "usr/share/man/man1/kiln-version.1.gz", "usr/share/doc/kiln/copyright",
                   "usr/share/doc/kiln/changelog.gz", "usr/share/doc/kiln/docs/recipe.md", "usr/share/doc/kiln/recipes/nginx.yaml",
                   "usr/share/bash-completion/completions/kiln", "usr/share/zsh/vendor-completions/_kiln"):
        assert wanted in files, files
    equal(call(os.path.join(root, "usr/bin/kiln"), "version"), f"kiln {VERSION}\n")
    with gzip.open(os.path.join(root, "usr/share/doc/kiln/changelog.gz"), "rt", encoding="utf-8") as changelog:
        equal(call("dpkg-parsechangelog", "-l-", "-SVersion", input=changelog.read()), VERSION + "\n")
    call("dpkg-deb", "-e", path, os.path.join(root, "DEBIAN"))
    call("md5sum", "--quiet", "-c", "DEBIAN/md5sums", cwd=root)


def test_deb_is_reproducible(directory):
    first, second = os.path.join(directory, "a"), os.path.join(directory, "b")
    with open(make_deb(first)[0], "rb") as one:
        previous = os.umask(0o077)
        try:
            with open(make_deb(second)[0], "rb") as other:
                assert one.read() == other.read(), "two packages of one tree differ"
        finally:
            os.umask(previous)


def test_deb_installs(directory):
    if os.geteuid() != 0:
        raise Skip("dpkg installs as root only")
    path, _ = make_deb(directory)
    root = os.path.join(directory, "root")
    os.makedirs(os.path.join(root, "var/lib/dpkg/info"))
    for file in ("status", "available"):
        with open(os.path.join(root, "var/lib/dpkg", file), "w", encoding="utf-8"):
            pass
    call("dpkg", "--root", root, "--force-depends", "--force-script-chrootless", "--log=/dev/null", "-i", path)
    contains(call("dpkg", "--root", root, "-s", "kiln"), "Status: install ok installed")
    equal(call("dpkg", "--root", root, "--verify", "kiln"), "")
    call("dpkg", "--root", root, "--force-script-chrootless", "--log=/dev/null", "-P", "kiln")
    equal([file for file in installed(root) if not file.startswith("var/lib/dpkg/")], [])


def test_deb_pleases_lintian(directory):
    if not shutil.which("lintian"):
        raise Skip("no lintian")
    equal(call("lintian", "--allow-root", "--fail-on", "error,warning", make_deb(directory)[0]), "")


run_cases(globals())
