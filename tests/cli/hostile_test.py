#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""hostile_test.py: images, metadata and feeds that are made to break their reader. Each ends with an error that names itself, or as "cannot tell"; none is ever clean.

One image is clean; every case is that image with one thing wrong.
"""
import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))
from tap import Skip, contains, equal, run_cases, write  # noqa: E402

KILN = os.environ["KILN_PROGRAM"]
CLEAN, ERROR, CANNOT_TELL, UNTRUSTED = 0, 2, 3, 5
SECONDS = 240
GOOD = {"etc/os-release": b"ID=alpine\nVERSION_ID=3.20.1\n", "lib/apk/db/installed": b"P:one\nV:1.0-r0\nF:usr/bin\nR:one\n\n", "usr/bin/one": b"\x7fELF" + b"1" * 96}


def kiln(directory, *words):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "KILN_STORE": os.path.join(directory, "store"), "LC_ALL": "C.UTF-8"}
    return subprocess.run([KILN, "--no-progress", *words], cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS)


def database(directory):
    record = {"id": "CVE-2026-1", "modified": "2026-05-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Alpine:v3.20", "name": "other"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}
    languages = [{**record, "id": f"X-{name}", "affected": [{"package": {"ecosystem": name, "name": "other"}, "versions": ["1"]}]} for name in ("npm", "PyPI", "Go", "Maven", "crates.io")]
    write(directory, {f"feed/{number}/a.json": json.dumps(one) for number, one in enumerate([record, *languages])})
    equal(kiln(directory, "db", "build", "--db", "db", "feed").returncode, CLEAN)


def entry(name, content=b"", **more):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in more.items():
        setattr(info, key, value)
    return info, content


def layer(*entries, files=None):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in [entry(name, content) for name, content in (GOOD if files is None else files).items()] + list(entries):
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def image(directory, *blobs, media="application/vnd.oci.image.layer.v1.tar", inflated=None, lie=None):
    """An OCI layout with these layers, at most the last of which is a lie."""
    layout = os.path.join(directory, "layout")
    shutil.rmtree(layout, ignore_errors=True)
    os.makedirs(os.path.join(layout, "blobs/sha256"))

    def put(content):
        digest = hashlib.sha256(content).hexdigest()
        with open(os.path.join(layout, "blobs/sha256", digest), "wb") as file:
            file.write(content)
        return {"digest": "sha256:" + digest, "size": len(content)}
    plain = [inflated] if inflated is not None else blobs
    config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(blob).hexdigest() for blob in plain]}}
    layers = [{"mediaType": media, **put(blob)} for blob in blobs]
    if lie:
        layers[-1].update(lie)
    manifest = put(json.dumps({"schemaVersion": 2, "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **put(json.dumps(config).encode())}, "layers": layers}).encode())
    write(layout, {"oci-layout": '{"imageLayoutVersion": "1.0.0"}', "index.json": json.dumps({"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", **manifest}]})})
    return "oci:layout"


def refused(directory, what, reference, *says, codes=(ERROR, UNTRUSTED)):
    result = kiln(directory, "scan", "--db", "db", "--max-age", "0", reference)
    assert result.returncode in codes, f"{what}: {result.returncode}\n{result.stdout}{result.stderr}"
    for text in says:
        contains(result.stdout + result.stderr, text)
    assert "crashed" not in result.stderr, f"{what}: {result.stderr}"


def test_the_image_without_a_fault_is_clean(directory):
    database(directory)
    for reference in (image(directory, layer()), image(directory, gzip.compress(layer()), media="application/vnd.oci.image.layer.v1.tar+gzip", inflated=layer())):
        result = kiln(directory, "scan", "--db", "db", "--max-age", "0", reference)
        equal((result.returncode, result.stderr), (CLEAN, ""))


def test_entries_that_lead_out(directory):
    database(directory)
    for what, one in (("traversal", entry("../evil", b"x")), ("deep traversal", entry("usr/../../evil", b"x")), ("hard link outside", entry("usr/link", type=tarfile.LNKTYPE, linkname="../../etc/passwd")),
                      ("hard link to nothing", entry("usr/link", type=tarfile.LNKTYPE, linkname="nowhere")), ("whiteout of ..", entry("usr/.wh...", b"")), ("whiteout of .", entry("usr/.wh..", b"")),
                      ("whiteout of nothing", entry("usr/.wh.", b""))):
        refused(directory, what, image(directory, layer(one)))


def test_links_are_never_followed_out_of_the_image(directory):
    database(directory)
    with open(os.path.join(directory, "outside"), "w", encoding="utf-8") as file:
        file.write("P:secret\nV:1-r0\n\n")
    for target in ("/" + os.path.relpath(os.path.join(directory, "outside"), "/"), "../../../../../../.." + os.path.join(directory, "outside"), "/proc/self/environ"):
        reference = image(directory, layer(files={name: content for name, content in GOOD.items() if "apk" not in name}, *[entry("lib/apk/db/installed", type=tarfile.SYMTYPE, linkname=target)]))
        told = kiln(directory, "inspect", "--format", "json", reference)
        assert "secret" not in told.stdout and "HOME=" not in told.stdout, told.stdout
        refused(directory, target, reference, codes=(ERROR, UNTRUSTED, CANNOT_TELL))


def header_with_size(size):
    header = bytearray(layer(files={"big": b""})[:512])
    header[124:136] = b"\x80" + struct.pack(">I", 0)[1:] + struct.pack(">Q", size)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def test_sizes_that_are_lies(directory):
    database(directory)
    sparse = layer(entry("hole", b"0\n", pax_headers={"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "hole", "GNU.sparse.realsize": str(8 << 60)}))
    negative = layer(entry("neg", b"x", pax_headers={"size": "-1"}))
    huge = layer(entry("huge", b"x", pax_headers={"size": str(8 << 60)}))
    for what, blob in (("8 EiB in the header", header_with_size((1 << 63) - 1) + b"\0" * 1024), ("a hole of 8 EiB", sparse), ("a negative size", negative), ("a size of PAX", huge), ("half a header", layer()[:700]),
                       ("half a file", layer(entry("last", b"x" * 5000))[:-7000]), ("no tar at all", b"hello, world" * 100)):
        refused(directory, what, image(directory, blob), codes=(ERROR, UNTRUSTED, CANNOT_TELL))


def test_what_was_promised_is_held_against_what_came(directory):
    database(directory)
    good = layer()
    refused(directory, "another size", image(directory, good, lie={"size": len(good) + 1}))
    refused(directory, "another digest", image(directory, good, lie={"digest": "sha256:" + "0" * 64}))
    refused(directory, "another diff id", image(directory, good, inflated=b"something else"))
    blob = image(directory, good)
    path = os.path.join(directory, "layout/blobs/sha256", hashlib.sha256(good).hexdigest())
    with open(path, "r+b") as file:
        file.seek(600)
        file.write(b"!")
    refused(directory, "one byte changed", blob)


def test_bombs(directory):
    database(directory)
    zeros = b"\0" * (1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = packer.compress(layer()) + b"".join(packer.compress(zeros) for _ in range(512)) + packer.flush()
    refused(directory, "gzip", image(directory, bomb, media="application/vnd.oci.image.layer.v1.tar+gzip", inflated=b""))
    with open(os.path.join(directory, "bomb.tar.xz"), "wb") as file:
        xz = lzma.LZMACompressor(preset=0)
        file.write(xz.compress(layer(files={"one": b"1"})[:-1024]) + b"".join(xz.compress(zeros) for _ in range(512)) + xz.flush())
    refused(directory, "xz", "bomb.tar.xz", codes=(ERROR, UNTRUSTED, CANNOT_TELL))
    with open(os.path.join(directory, "a.tar.bz2"), "wb") as file:
        file.write(bz2.compress(layer()))
    refused(directory, "bzip2", "a.tar.bz2")
    if shutil.which("zstd"):
        zstd = subprocess.run(["zstd", "-qc"], input=layer() + zeros * 1500, check=True, capture_output=True).stdout
        refused(directory, "zstd", image(directory, zstd, media="application/vnd.oci.image.layer.v1.tar+zstd", inflated=b""))


def test_streams_behind_streams(directory):
    """Two gzip members are one stream, which is not what the diff id promises of the first; garbage behind the end is none."""
    database(directory)
    one, evil = gzip.compress(layer()), gzip.compress(layer(entry("etc/evil", b"x"), files={}))
    refused(directory, "two members", image(directory, one + evil, media="application/vnd.oci.image.layer.v1.tar+gzip", inflated=layer()))
    refused(directory, "garbage behind", image(directory, one + b"garbage", media="application/vnd.oci.image.layer.v1.tar+gzip", inflated=layer()))
    refused(directory, "cut short", image(directory, one[:-9], media="application/vnd.oci.image.layer.v1.tar+gzip", inflated=layer()))
    refused(directory, "named gzip and is not", image(directory, layer(), media="application/vnd.oci.image.layer.v1.tar+gzip"), codes=(ERROR, UNTRUSTED))


def jar(depth):
    content = b"nothing"
    for number in range(depth):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(f"{number}.jar" if number else "x.txt", content)
        content = out.getvalue()
    return content


def named_jar():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/maven/a/b/pom.properties", "groupId=a\nartifactId=b\nversion=1\n")
    return out.getvalue()


def zip_bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/maven/a/b/pom.properties", b"version=1\n" * (40 << 20))
    return out.getvalue()


def test_metadata_that_is_hostile(directory):
    """The image can be read; what one file says cannot, and that is said."""
    database(directory)
    deep = b"[" * 100000 + b"]" * 100000
    elf = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, (1 << 63), (1 << 62), 0, 64, 56, 65535, 64, 65535, 65534) + b"\xff" * 400
    buildinfo = b"\x7fELF" + b"\0" * 12 + b"\xff Go buildinf:\x08\x02" + b"\0" * 16 + b"\xff" * 40
    for what, path, content, says in (("a package.json 100,000 levels deep", "srv/node_modules/x/package.json", b'{"name":"x","version":"1","a":' + deep + b"}", "package.json"),
                                      ("a jar in a jar to depth 100", "srv/a.jar", jar(100), "a.jar"), ("a zip bomb", "srv/a.jar", zip_bomb(), "a.jar"),
                                      ("a zip cut short", "srv/a.jar", named_jar()[:-30], "a.jar"), ("a METADATA without a name", "srv/site-packages/x.dist-info/METADATA", b"Version: 1\n", "METADATA"),
                                      ("a version of control characters", "srv/node_modules/x/package.json", b'{"name":"x","version":"1\\u001b[2J"}', "package.json"),
                                      ("build information that leads out", "srv/go", buildinfo, "srv/go"), ("a text made of what secrets begin with", "srv/text", b"eyJ " * 200000, "srv/text"), ("wild ELF headers", "srv/elf", elf, "")):
        refused(directory, what, image(directory, layer(entry(path, content))), says, codes=(CANNOT_TELL,))
    many = b"".join(b"P:p%d\nV:1-r0\n\n" % number for number in range(200000))
    for what, content, codes in (("a line of no database", b"P:one\nnonsense\n\n", (ERROR,)), ("a package without a version", b"P:one\n\n", (ERROR,)), ("a NUL", b"P:o\0e\nV:1\n\n", (ERROR,)),
                                 ("200,000 packages", many, (CLEAN, ERROR, CANNOT_TELL))):
        refused(directory, what, image(directory, layer(files={**GOOD, "lib/apk/db/installed": content})), codes=codes)


def test_a_status_of_a_gigabyte_in_one_line(directory):
    database(directory)
    if shutil.disk_usage(directory).free < 3 << 30:
        raise Skip("less than 3 GiB are free")
    root = os.path.join(directory, "root")
    write(root, {"etc/os-release": "ID=debian\nVERSION_ID=12\n", "var/lib/dpkg/x": ""})
    with open(os.path.join(root, "var/lib/dpkg/status"), "wb") as file:
        file.write(b"Package: x\nVersion: ")
        for _ in range(1024):
            file.write(b"1" * (1 << 20))
    refused(directory, "dpkg", "dir:root", "status", codes=(ERROR,))


def test_sboms_that_go_round(directory):
    database(directory)
    component = {"type": "library", "bom-ref": "a", "name": "a", "version": "1", "purl": "pkg:pypi/a@1"}
    loop = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component], "dependencies": [{"ref": "a", "dependsOn": ["a"]}, {"ref": "b", "dependsOn": ["a", "b"]}]}
    nested = component
    for number in range(300):
        nested = {**component, "bom-ref": str(number), "components": [nested]}
    spdx = {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "x", "packages": [{"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "1"}],
            "relationships": [{"spdxElementId": "SPDXRef-a", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-a"}]}
    for what, document in (("CycloneDX", loop), ("nested", {**loop, "components": [nested]}), ("SPDX", spdx)):
        write(directory, {"sbom.json": json.dumps(document)})
        refused(directory, what, "sbom:sbom.json", codes=(CLEAN, ERROR, CANNOT_TELL))
    for what, text in (("deep", "[" * 100000), ("nothing", ""), ("two documents", json.dumps(loop) * 2), ("no SBOM", "{}"), ("twice the same key", '{"bomFormat":"CycloneDX","bomFormat":"CycloneDX","specVersion":"1.6"}')):
        write(directory, {"sbom.json": text})
        refused(directory, what, "sbom:sbom.json", codes=(ERROR,))


def test_feeds_that_are_hostile(directory):
    """A feed that cannot be read makes no database; a record that cannot be read is counted."""
    good = {"id": "CVE-2026-1", "modified": "2026-05-01T00:00:00Z", "affected": [{"package": {"ecosystem": "PyPI", "name": "a"}, "versions": ["1"]}]}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", json.dumps(good))
    whole = out.getvalue()
    for what, name, content in (("a zip cut short", "all.zip", whole[:-20]), ("a zip of nothing", "all.zip", b"PK\5\6" + b"\0" * 18), ("another schema", "a.json", b'{"schema": "other"}'), ("no JSON", "a.json", b"<html>please log in</html>"),
                                ("deep", "a.json", b"[" * 100000), ("an empty file", "a.json", b""), ("bzip2", "a.json", bz2.compress(b"{}"))):
        shutil.rmtree(os.path.join(directory, "feed"), ignore_errors=True)
        os.makedirs(os.path.join(directory, "feed"))
        with open(os.path.join(directory, "feed", name), "wb") as file:
            file.write(content)
        result = kiln(directory, "db", "build", "--db", "db", os.path.join("feed", name))
        equal((what, result.returncode, os.path.exists(os.path.join(directory, "db"))), (what, ERROR, False))
        contains(result.stderr, name)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", json.dumps(good))
        archive.writestr("b.json", b" " * (100 << 20))
    with open(os.path.join(directory, "feed", "all.zip"), "wb") as file:
        file.write(bomb.getvalue())
    equal(kiln(directory, "db", "build", "--db", "db", "feed/all.zip").returncode, ERROR)
    wrong = {**good, "id": "CVE-2026-2", "affected": [{"package": {"ecosystem": "Debian:12", "name": "a"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "no version at all"}]}]}]}
    os.remove(os.path.join(directory, "feed", "all.zip"))
    write(directory, {"feed/good.json": json.dumps(good), "feed/wrong.json": json.dumps(wrong), "root/etc/os-release": "ID=debian\nVERSION_ID=12\n",
                      "root/var/lib/dpkg/status": "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: x\n\n"})
    shutil.rmtree(os.path.join(directory, "feed/a.json"), ignore_errors=True)
    if os.path.exists(os.path.join(directory, "feed/a.json")):
        os.remove(os.path.join(directory, "feed/a.json"))
    equal(kiln(directory, "db", "build", "--db", "db", "feed").returncode, CLEAN)
    refused(directory, "a version that is none", "dir:root", codes=(CANNOT_TELL,))


if __name__ == "__main__":
    run_cases(globals())
