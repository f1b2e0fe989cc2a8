#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""changed_files_test.py: files that are no longer as their packages shipped them. dpkg --verify and rpm -V are the judges."""
import base64
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))
from tap import Skip, equal, run_cases, write  # noqa: E402

KILN = os.environ["KILN_PROGRAM"]
IMAGES = os.path.join(os.environ.get("KILN_SHARED_DATA", os.path.join(ROOT, "../shared/data")), "images")
CONTROL = "Package: app\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: x\n"


def kiln(directory, *words):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "KILN_STORE": os.path.join(directory, "store"), "LC_ALL": "C.UTF-8"}
    return subprocess.run([KILN, "--no-progress", *words], cwd=directory, env=environment, capture_output=True, text=True, check=False)


def changed(directory, image):
    """(changed files, changed configuration) that kiln names."""
    told = kiln(directory, "inspect", "--format", "json", image)
    equal((told.returncode, told.stderr), (0, ""))
    traits = json.loads(told.stdout)["traits"]
    return traits["changed"]["paths"], traits["configured"]["paths"]


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def dpkg_root(directory):
    """A root in which dpkg installed a package with a configuration file, and one whose program a second one diverts."""
    if not shutil.which("dpkg-deb"):
        raise Skip("dpkg is not installed")
    root = os.path.join(directory, "root")
    files = {"usr/bin/app": "program", "usr/share/app/data": "data", "usr/share/app/gone": "gone", "etc/app.conf": "configuration", "usr/bin/hello": "hello"}
    write(os.path.join(directory, "app"), {**files, "DEBIAN/control": CONTROL, "DEBIAN/conffiles": "/etc/app.conf\n", "DEBIAN/md5sums": "".join(
        f"{hashlib.md5(text.encode()).hexdigest()}  {path}\n" for path, text in files.items() if not path.startswith("etc/"))})
    run("dpkg-deb", "--root-owner-group", "--build", "app", "app.deb", cwd=directory)
    write(root, {"var/lib/dpkg/status": "", "var/lib/dpkg/info/format": "1\n"})
    run("dpkg", "--root", root, "--force-all", "--log=/dev/null", "-i", os.path.join(directory, "app.deb"))
    return root


def told_by_dpkg(root):
    lines = subprocess.run(["dpkg", "--root", root, "--verify"], capture_output=True, text=True, check=False).stdout.splitlines()
    differing = [line.split() for line in lines if line[2] == "5"]
    return sorted(words[-1] for words in differing if words[1] != "c"), sorted(words[-1] for words in differing if words[1] == "c")


def test_dpkg(directory):
    root = dpkg_root(directory)
    equal(changed(directory, "dir:" + root), ([], []))
    equal(told_by_dpkg(root), ([], []))
    write(root, {"usr/bin/app": "Program", "etc/app.conf": "changed", "usr/share/app/own": "nobody's"})
    os.remove(os.path.join(root, "usr/share/app/gone"))
    equal(changed(directory, "dir:" + root), (["/usr/bin/app"], ["/etc/app.conf"]))
    equal(told_by_dpkg(root), (["/usr/bin/app"], ["/etc/app.conf"]))
    # What a scan has read does not know; inspect reads again, and what that found serves both.
    run("tar", "-C", root, "-cf", os.path.join(directory, "root.tar"), ".")
    equal(json.loads(kiln(directory, "sbom", "root.tar").stdout)["spdxVersion"], "SPDX-2.3")
    equal(changed(directory, "root.tar"), (["/usr/bin/app"], ["/etc/app.conf"]))
    equal(changed(directory, "root.tar"), (["/usr/bin/app"], ["/etc/app.conf"]))


def test_dpkg_follows_diversions(directory):
    root = dpkg_root(directory)
    write(root, {"var/lib/dpkg/diversions": "/usr/bin/hello\n/usr/bin/hello.distrib\nother\n"})
    os.rename(os.path.join(root, "usr/bin/hello"), os.path.join(root, "usr/bin/hello.distrib"))
    write(root, {"usr/bin/hello": "of another package"})
    equal(changed(directory, "dir:" + root), ([], []))
    equal(told_by_dpkg(root), ([], []))
    write(root, {"usr/bin/hello.distrib": "changed"})
    equal(changed(directory, "dir:" + root), (["/usr/bin/hello.distrib"], []))


def test_rpm(directory):
    for tool in ("rpmbuild", "rpm"):
        if not shutil.which(tool):
            raise Skip(f"{tool} is not installed")
    write(directory, {"app.spec": "Name: app\nVersion: 1\nRelease: 1\nSummary: x\nLicense: MIT\nBuildArch: noarch\n%description\nx\n%install\nmkdir -p %{buildroot}/usr/bin %{buildroot}/etc\n"
                                  "echo one > %{buildroot}/usr/bin/one\necho two > %{buildroot}/usr/bin/two\necho conf > %{buildroot}/etc/app.conf\nln -s one %{buildroot}/usr/bin/link\n"
                                  "%files\n/usr/bin/one\n/usr/bin/two\n/usr/bin/link\n%config /etc/app.conf\n"})
    root = os.path.join(directory, "root")
    where = ("--root", root, "--dbpath", "/var/lib/rpm")
    for algorithm in ("8", "1"):  # SHA-256, and MD5 as of old
        shutil.rmtree(root, ignore_errors=True)
        os.mkdir(root)
        run("rpmbuild", "-bb", "--quiet", "--define", f"_topdir {directory}/top", "--define", f"_binary_filedigest_algorithm {algorithm}", "app.spec", cwd=directory)
        run("rpm", *where, "-i", "--nodeps", os.path.join(directory, "top/RPMS/noarch/app-1-1.noarch.rpm"))
        equal(changed(directory, "dir:" + root), ([], []))
        write(root, {"usr/bin/two": "changed", "etc/app.conf": "changed"})
        lines = [line.split() for line in subprocess.run(["rpm", *where, "-V", "app"], capture_output=True, text=True, check=False).stdout.splitlines()]
        differing = (sorted(words[-1] for words in lines if words[0][2] == "5" and words[1] != "c"), sorted(words[-1] for words in lines if words[0][2] == "5" and words[1] == "c"))
        equal(differing, (["/usr/bin/two"], ["/etc/app.conf"]))
        equal(changed(directory, "dir:" + root), differing)


def q1(text):
    return "Q1" + base64.b64encode(hashlib.sha1(text.encode()).digest()).decode()


def test_apk(directory):
    files = {"usr/bin/one": "one", "usr/bin/two": "two", "etc/app.conf": "conf"}
    database = "C:Q1x\nP:app\nV:1-r0\nA:noarch\nF:usr\nF:usr/bin\nR:one\na:0:0:755\nZ:" + q1("one") + "\nR:two\nZ:" + q1("two") + "\nF:etc\nR:app.conf\nZ:" + q1("conf") + "\n\n"
    write(os.path.join(directory, "root"), {**files, "lib/apk/db/installed": database})
    equal(changed(directory, "dir:root"), ([], []))
    write(os.path.join(directory, "root"), {"usr/bin/two": "Two", "etc/app.conf": "Conf"})
    equal(changed(directory, "dir:root"), (["/usr/bin/two"], ["/etc/app.conf"]))


def test_alpines_own_images(directory):
    """Alpine's images are unpacked by apk; their makers only take root's password away."""
    names = sorted(name for name in (os.listdir(IMAGES) if os.path.isdir(IMAGES) else []) if name.startswith("alpine-minirootfs"))
    if not names:
        raise Skip(f"{IMAGES} is not there")
    for name in names:
        equal((name, changed(directory, os.path.join(IMAGES, name))), (name, ([], ["/etc/shadow"])))


def test_pacman(directory):
    def line(path, text):
        return f"./{path} time=1.0 size={len(text)} sha256digest={hashlib.sha256(text.encode()).hexdigest()}\n"
    root = os.path.join(directory, "root")
    write(root, {"usr/bin/one": "one", "usr/share/two words": "two", "etc/app.conf": "conf", "var/lib/pacman/local/ALPM_DB_VERSION": "9\n",
                 "var/lib/pacman/local/app-1-1/desc": "%NAME%\napp\n\n%VERSION%\n1-1\n\n", "var/lib/pacman/local/app-1-1/files": "%FILES%\nusr/bin/one\n"})
    mtree = "#mtree\n/set type=file uid=0 gid=0 mode=644\n" + line("usr/bin/one", "one") + line(r"usr/share/two\040words", "two") + line("etc/app.conf", "conf") + "./usr type=dir\n"
    with open(os.path.join(root, "var/lib/pacman/local/app-1-1/mtree"), "wb") as file:
        file.write(gzip.compress(mtree.encode()))
    equal(changed(directory, "dir:root"), ([], []))
    write(root, {"usr/share/two words": "three", "etc/app.conf": "Conf"})
    equal(changed(directory, "dir:root"), (["/usr/share/two words"], ["/etc/app.conf"]))


def test_chisel(directory):
    if not shutil.which("zstd"):
        raise Skip("zstd is not installed")
    entries = [{"jsonwall": "1.0"}, {"kind": "package", "name": "app", "version": "1", "arch": "amd64"}, {"kind": "path", "path": "/usr/bin/one", "sha256": hashlib.sha256(b"one").hexdigest()},
               {"kind": "path", "path": "/usr/bin/two", "sha256": "00" * 32, "final_sha256": hashlib.sha256(b"two").hexdigest()}]
    write(os.path.join(directory, "root"), {"usr/bin/one": "one", "usr/bin/two": "two", "var/lib/chisel/x": ""})
    write(directory, {"wall": "".join(json.dumps(entry) + "\n" for entry in entries)})
    run("zstd", "-q", "wall", "-o", "root/var/lib/chisel/manifest.wall", cwd=directory)
    equal(changed(directory, "dir:root"), ([], []))
    write(os.path.join(directory, "root"), {"usr/bin/one": "One"})
    equal(changed(directory, "dir:root"), (["/usr/bin/one"], []))


if __name__ == "__main__":
    run_cases(globals())
