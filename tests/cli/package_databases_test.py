#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""package_databases_test.py: databases of rpm, pacman and chisel. What rpm installed, rpm lists: kiln must say the same, from each kind of file."""
import functools
import json
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))
from tap import Skip, contains, equal, run_cases, write  # noqa: E402

KILN = os.environ["KILN_PROGRAM"]
SHARED = os.environ.get("KILN_SHARED_DATA", os.path.join(ROOT, "../shared/data"))
FINDINGS, ERROR, CANNOT_TELL = 1, 2, 3
DATABASE = "var/lib/rpm"
ALMA = 'ID="almalinux"\nVERSION_ID="9.4"\n'
SPEC = """Name: {name}
Version: {version}
Release: {release}
Summary: test of {name}
License: MIT and BSD
URL: https://example.org/{name}
{more}
%description
x
%install
mkdir -p %{{buildroot}}/usr/share/{name}/dir %{{buildroot}}/var/log
for i in $(seq {files}); do echo {name} $i > %{{buildroot}}/usr/share/{name}/file-$i; done
ln -s file-1 %{{buildroot}}/usr/share/{name}/link
touch %{{buildroot}}/var/log/{name}
%files
/usr/share/{name}
%ghost /var/log/{name}
"""
PACKAGES = (
    {"name": "plain", "version": "1.2.3", "release": "4.el9", "files": 3, "more": "BuildArch: noarch"},
    {"name": "epoch", "version": "1~rc1", "release": "1", "files": 1, "more": "Epoch: 3"},
    {"name": "stream", "version": "18.1", "release": "1.module_el8", "files": 1, "more": "ModularityLabel: nodejs:18:8080:abcd\nBuildArch: noarch"},
    {"name": "large", "version": "2", "release": "1", "files": 700, "more": "BuildArch: noarch"},  # its header takes several pages
)


def kiln(directory, *words):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "KILN_STORE": os.path.join(directory, "store"), "LC_ALL": "C.UTF-8"}
    return subprocess.run([KILN, "--no-progress", *words], cwd=directory, env=environment, capture_output=True, text=True, check=False)


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def build(directory, package):
    spec = os.path.join(directory, package["name"] + ".spec")
    write(directory, {package["name"] + ".spec": SPEC.format(**package)})
    run("rpmbuild", "-bb", "--quiet", "--define", f"_topdir {directory}/top", "--define", "_build_id_links none", spec)


@functools.cache
def installed():
    """A root in which rpm installed PACKAGES, and removed one that was there."""
    for tool in ("rpmbuild", "rpm", "db_load"):
        if not shutil.which(tool):
            raise Skip(f"{tool} is not installed")
    holder = tempfile.TemporaryDirectory()
    top = holder.name
    for package in PACKAGES + ({"name": "gone", "version": "1", "release": "1", "files": 900, "more": "BuildArch: noarch"},):
        build(top, package)
    files = [os.path.join(where, name) for where, _, names in os.walk(os.path.join(top, "top", "RPMS")) for name in names]
    root = os.path.join(top, "root")
    os.mkdir(root)
    where = ("--root", root, "--dbpath", "/" + DATABASE)
    for file in sorted(files, key=lambda name: "gone" not in name):
        run("rpm", *where, "-i", "--nodeps", file)
    run("rpm", *where, "-e", "gone")
    write(root, {"usr/lib/os-release": ALMA})
    installed.holder = holder
    return root


def headers(root):
    connection = sqlite3.connect(f"file:{root}/{DATABASE}/rpmdb.sqlite?mode=ro&immutable=1", uri=True)
    rows = list(connection.execute("SELECT hnum, blob FROM Packages"))
    connection.close()
    return rows


def berkeley(root, path, page_bytes):
    text = ["VERSION=3", "format=bytevalue", "type=hash", f"db_pagesize={page_bytes}", "HEADER=END"]
    for number, blob in [(0, struct.pack("<I", 99))] + headers(root):
        text += [" " + struct.pack("<I", number).hex(), " " + blob.hex()]
    run("db_load", path, input="\n".join(text + ["DATA=END", ""]))


def ndb(root, path, slot_pages=1):
    """As rpm's lib/backend/ndb/rpmpkg.c lays it out."""
    slots, blobs, block = b"", b"", slot_pages * 256
    for number, blob in headers(root):
        body = b"BlbS" + struct.pack("<III", number, 1, len(blob)) + blob
        body += b"\0" * (-(len(body) + 12) % 16) + struct.pack("<II", zlib.adler32(blob), len(blob)) + b"BlbE"
        slots += b"Slot" + struct.pack("<III", number, block, len(body) // 16)
        blobs += body
        block += len(body) // 16
    table = b"RpmP" + struct.pack("<III", 0, 7, slot_pages) + b"\0" * 16 + slots
    free = (slot_pages * 4096 - len(table)) // 16
    with open(path, "wb") as file:
        file.write(table + (b"Slot" + b"\0" * 12) * free + blobs)


def with_database(directory, name, make):
    """A copy of the root that rpm filled, whose database is what @make writes instead."""
    root = os.path.join(directory, "root")
    shutil.copytree(installed(), root, symlinks=True)
    if make:
        shutil.rmtree(os.path.join(root, DATABASE))
        os.makedirs(os.path.join(root, DATABASE))
        make(installed(), os.path.join(root, DATABASE, name))
    return root


def inspect(directory, root):
    told = kiln(directory, "inspect", "dir:" + root, "--format", "json")
    equal((told.returncode, told.stderr), (0, ""))
    return json.loads(told.stdout)


def told_by_rpm(root):
    query = r"%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{SIZE}\n"
    lines = run("rpm", "--root", root, "--dbpath", "/" + DATABASE, "-qa", "--qf", query).splitlines()
    return sorted(tuple(line.split("\t")) for line in lines)


def check_database(directory, name, make):
    root = with_database(directory, name, make)
    image = inspect(directory, root)
    equal(image["package-databases"], ["rpm"])
    told = []
    for package in image["packages"]:
        epoch, _, version = package["source-version"].rpartition(":")
        equal(package["version"].startswith(epoch + ":"), bool(epoch))
        told.append((package["name"], package["version"], package["architecture"], f"{package['source']}-{version}.src.rpm", str(package["bytes-installed"])))
        equal(package["database"], f"{DATABASE}/{name}")
        equal(package["partial"], False)
    equal(sorted(told), told_by_rpm(installed()))
    equal({package["name"]: package["files"] for package in image["packages"]}, {package["name"]: package["files"] + 1 for package in PACKAGES})
    purls = {package["name"]: package["purl"] for package in image["packages"]}
    equal(purls["plain"], "pkg:rpm/almalinux/plain@1.2.3-4.el9?arch=noarch&distro=almalinux-9.4")
    contains(purls["epoch"], "pkg:rpm/almalinux/epoch@1~rc1-1?arch=")
    contains(purls["epoch"], "&epoch=3")
    contains(purls["stream"], "&rpmmod=nodejs:18")
    return root


def test_rpm_sqlite(directory):
    check_database(directory, "rpmdb.sqlite", None)


def test_rpm_berkeley(directory):
    root = check_database(directory, "Packages", lambda root, path: berkeley(root, path, 4096))
    equal(told_by_rpm(installed()), sorted(told_by_rpm_of_berkeley(root)))


def told_by_rpm_of_berkeley(root):
    query = r"%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{SIZE}\n"
    try:
        lines = run("rpm", "--root", root, "--dbpath", "/" + DATABASE, "--define", "_db_backend bdb_ro", "-qa", "--qf", query).splitlines()
    except subprocess.CalledProcessError as failure:
        raise Skip("this rpm reads no Berkeley DB") from failure
    return [tuple(line.split("\t")) for line in lines]


def test_rpm_berkeley_of_small_pages(directory):
    check_database(directory, "Packages", lambda root, path: berkeley(root, path, 512))


def test_rpm_ndb(directory):
    check_database(directory, "Packages.db", ndb)


def test_rpm_ndb_with_a_large_table(directory):
    check_database(directory, "Packages.db", lambda root, path: ndb(root, path, 3))


def test_a_removed_file_makes_a_package_partial(directory):
    root = with_database(directory, "", None)
    os.remove(os.path.join(root, "usr/share/plain/file-2"))
    parts = {package["name"]: package["partial"] for package in inspect(directory, root)["packages"]}
    equal(parts, {"plain": True, "epoch": False, "stream": False, "large": False})


def test_a_log_that_is_not_empty_cannot_be_told(directory):
    root = with_database(directory, "", None)
    write(root, {DATABASE + "/rpmdb.sqlite-wal": "x" * 100})
    told = kiln(directory, "inspect", "dir:" + root)
    contains(told.stdout, "rpmdb.sqlite-wal")
    contains(told.stdout, "a log of changes")


def check_damaged(directory, name, make, damages):
    root = with_database(directory, name, make)
    path = os.path.join(root, DATABASE, name)
    with open(path, "rb") as file:
        good = file.read()
    for what, damage in damages.items():
        with open(path, "wb") as file:
            file.write(damage(good))
        told = kiln(directory, "inspect", "dir:" + root)
        equal((what, told.returncode, told.stdout), (what, ERROR, ""))
        contains(told.stderr, f"/{DATABASE}/{name}: ")


def put(at, word):
    return lambda data: data[:at] + struct.pack("<I", word) + data[at + 4:]


def test_damaged_sqlite(directory):
    check_damaged(directory, "rpmdb.sqlite", None, {
        "no database": lambda data: b"x" * 4096,
        "empty": lambda data: b"",
        "truncated": lambda data: data[:5000],
        "another table": lambda data: data.replace(b"Packages", b"Suitcase"),
        "wild page size": lambda data: data[:16] + b"\x7f\x7f" + data[18:],
        "a header cut short": lambda data: data.replace(b"\0\0\0\x3f\0\0\0\x07\0", b"\0\0\0\x3f\0\0\0\x07\x7f"),
        "a view that never ends": endless_view,
    })


def endless_view(_):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "x")
        connection = sqlite3.connect(path)
        connection.execute("CREATE VIEW Packages AS WITH RECURSIVE c(blob) AS (SELECT 1 UNION ALL SELECT blob + 1 FROM c) SELECT blob FROM c")
        connection.commit()
        connection.close()
        with open(path, "rb") as file:
            return file.read()


def test_damaged_berkeley(directory):
    check_damaged(directory, "Packages", lambda root, path: berkeley(root, path, 4096), {
        "more pages than bytes": put(32, 1 << 31),
        "pages of one byte": put(20, 1),
        "truncated": lambda data: data[:5000],
        "chain that goes round": lambda data: chain(data, lambda page: page),
        "chain that leads out": lambda data: chain(data, lambda page: 1 << 30),
    })


def chain(data, follow):
    """Let the first overflow page that goes on go on with @follow of its own number."""
    for page in range(1, len(data) // 4096):
        if data[page * 4096 + 25] == 7 and data[page * 4096 + 16:page * 4096 + 20] != b"\0" * 4:
            return put(page * 4096 + 16, follow(page))(data)
    raise AssertionError("no header takes two pages")


def test_damaged_ndb(directory):
    check_damaged(directory, "Packages.db", ndb, {
        "table beyond the end": put(12, 1 << 31),
        "no slots": put(12, 0),
        "slot that leads out": put(32 + 8, 1 << 31),
        "slot longer than the file": put(32 + 12, 1 << 31),
        "blob longer than its blocks": put(4096 + 12, 1 << 30),
        "of another package": put(4096 + 4, 77),
        "no header": lambda data: put(4096 + 16, 0)(data),
        "tags beyond the header": lambda data: put(4096 + 16, 0xffff0000)(data),
    })


def test_findings_are_those_of_almalinux(directory):
    """libxml2 and a stream of nodejs against AlmaLinux's records, with rpm's own order."""
    feed = os.path.join(SHARED, "feeds/osv/AlmaLinux/all.zip")
    if not os.path.exists(feed) or not shutil.which("rpmbuild"):
        raise Skip(f"{feed} or rpmbuild is not there")
    version = ("0", "2.9.13", "3.el9_2.1")
    build(directory, {"name": "libxml2", "version": version[1], "release": version[2], "files": 1, "more": "BuildArch: noarch"})
    root = os.path.join(directory, "root")
    os.mkdir(root)
    write(root, {"usr/lib/os-release": ALMA})
    run("rpm", "--root", root, "--dbpath", "/" + DATABASE, "-i", "--nodeps", os.path.join(directory, f"top/RPMS/noarch/libxml2-{version[1]}-{version[2]}.noarch.rpm"))
    expected = set()
    with zipfile.ZipFile(feed) as records:
        for name in records.namelist():
            record = json.loads(records.read(name))
            fixes = [event["fixed"] for affected in record["affected"] if affected["package"]["ecosystem"] == "AlmaLinux:9" and affected["package"]["name"] == "libxml2"
                     for ranges in affected["ranges"] for event in ranges["events"] if "fixed" in event]
            later = [fix for fix in fixes if "-1" == run("rpm", "--eval", "%{lua:print(rpm.vercmp('" + "-".join(version[1:]) + "', '" + fix.split(":")[-1] + "'))}").strip()]
            if later and record["id"].startswith("ALSA"):
                expected.add(record["id"])
    assert len(expected) > 3, expected
    equal(kiln(directory, "db", "build", "--db", "db", feed).returncode, 0)
    told = kiln(directory, "scan", "--db", "db", "--max-age", "0", "--format", "json", "dir:" + root)
    report = json.loads(told.stdout)[0]
    found = {opinion["record"] for finding in report["findings"] for opinion in finding["opinions"]}
    equal(found, expected)
    assert told.returncode in (FINDINGS, CANNOT_TELL), told.stderr


PACMAN = {
    "usr/lib/os-release": "ID=arch\n",
    "var/lib/pacman/local/ALPM_DB_VERSION": "9\n",
    "var/lib/pacman/local/glibc-2.40-1/desc": "%NAME%\nglibc\n\n%VERSION%\n2.40-1\n\n%BASE%\nglibc-source\n\n%DESC%\nGNU C Library\n\n%ARCH%\nx86_64\n\n%SIZE%\n1234\n\n"
                                              "%LICENSE%\nGPL-2.0-or-later\nLGPL-2.0-or-later\n\n%URL%\nhttps://example.org/\n\n%PACKAGER%\nA <a@example.org>\n\n",
    "var/lib/pacman/local/glibc-2.40-1/files": "%FILES%\nusr/\nusr/lib/\nusr/lib/libc.so.6\n\n%BACKUP%\netc/gai.conf\t123\n",
    "var/lib/pacman/local/orphan-1-1/files": "%FILES%\nusr/lib/other\n",
    "usr/lib/libc.so.6": "library", "usr/lib/other": "other",
}


def test_pacman(directory):
    write(os.path.join(directory, "root"), PACMAN)
    image = inspect(directory, os.path.join(directory, "root"))
    equal(image["package-databases"], ["pacman"])
    equal([(package["name"], package["version"], package["source"], package["files"], package["bytes-installed"], package["purl"]) for package in image["packages"]],
          [("glibc", "2.40-1", "glibc-source", 1, 1234, "pkg:alpm/arch/glibc@2.40-1?arch=x86_64")])
    for what, text in (("without", "%NAME%\nx\n"), ("twice", "%NAME%\nx\n%VERSION%\n1\n2\n"), ("SIZE", "%NAME%\nx\n\n%SIZE%\n-1\n")):
        write(os.path.join(directory, "root"), {"var/lib/pacman/local/x-1-1/desc": text})
        told = kiln(directory, "inspect", "dir:root")
        equal(told.returncode, ERROR)
        contains(told.stderr, what)


MANIFEST = ('{"jsonwall":"1.0","schema":"1.0","count":7}', '{"kind":"content","slice":"libssl3_libs","path":"/usr/lib/libssl.so.3"}',
            '{"kind":"content","slice":"my_lib_data","path":"/usr/lib/gone"}', '{"kind":"package","name":"libssl3","version":"3.0.2-0ubuntu1","sha256":"00","arch":"amd64"}',
            '{"kind":"package","name":"my_lib","version":"1","sha256":"00","arch":"amd64"}',
            '{"kind":"path","path":"/usr/lib/libssl.so.3","mode":"0644","slices":["libssl3_libs"],"sha256":"00","size":3}', '{"kind":"slice","name":"libssl3_libs"}')


def test_chisel(directory):
    root = os.path.join(directory, "root")
    write(root, {"usr/lib/os-release": "ID=ubuntu\nVERSION_ID=22.04\n", "usr/lib/libssl.so.3": "ssl", "var/lib/chisel/x": "", "plain": "\n".join(MANIFEST) + "\n"})
    manifest = os.path.join(root, "var/lib/chisel/manifest.wall")
    run("zstd", "-q", os.path.join(root, "plain"), "-o", manifest)
    image = inspect(directory, root)
    equal(image["package-databases"], ["chisel"])
    equal([(package["name"], package["version"], package["files"], package["partial"]) for package in image["packages"]],
          [("libssl3", "3.0.2-0ubuntu1", 1, True), ("my_lib", "1", 0, True)])
    equal(image["packages"][0]["purl"], "pkg:deb/ubuntu/libssl3@3.0.2-0ubuntu1?arch=amd64&distro=ubuntu-22.04")
    write(directory, {"USN-1.json": json.dumps({"id": "USN-1", "modified": "2026-01-01T00:00:00Z", "affected": [{
        "package": {"ecosystem": "Ubuntu:22.04:LTS", "name": "openssl"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.0.2-0ubuntu2"}]}]}]})})
    built = kiln(directory, "db", "build", "--db", "db", "USN-1.json")
    equal((built.returncode, built.stderr), (0, ""))
    told = kiln(directory, "scan", "--db", "db", "--max-age", "0", "dir:root")
    equal(told.returncode, CANNOT_TELL)
    contains(told.stdout, "which source package")
    for what, data in (("jsonwall", b"{}\n"), ("manifest.wall:1", b"[\n"), ('"version"', b'{"jsonwall":"1.0"}\n{"kind":"package","name":"x"}\n')):
        with open(manifest, "wb") as file:
            file.write(subprocess.run(["zstd", "-qc"], input=data, check=True, capture_output=True).stdout)
        told = kiln(directory, "inspect", "dir:root")
        equal((what, told.returncode), (what, ERROR))
        contains(told.stderr, what)


if __name__ == "__main__":
    run_cases(globals())
