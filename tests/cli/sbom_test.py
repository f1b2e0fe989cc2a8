#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sbom_test.py: `kiln sbom` of images that kiln did not build: the schemas and a reading of the package database judge."""
import hashlib
import json
import os
import subprocess
import sys
import tarfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))
from tap import Skip, contains, equal, run_cases  # noqa: E402

KILN = os.environ["KILN_PROGRAM"]
SHARED = os.environ.get("KILN_SHARED_DATA", os.path.join(ROOT, "../shared/data"))
IMAGES = ("alpine-310.docker-archive.tar.gz", "alpine-311.docker-archive.tar.gz")


def kiln(directory, *words):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "KILN_STORE": os.path.join(directory, "store"), "LC_ALL": "C.UTF-8"}
    return subprocess.run([KILN, "--no-progress", "sbom", *words], cwd=directory, env=environment, capture_output=True, text=True, check=False)


def image(name):
    path = os.path.join(SHARED, "images", name)
    if not os.path.exists(path):
        raise Skip(f"{path} is not there")
    return path


def contents(path):
    """(packages of apk's database as dictionaries, SHA-256 of each regular file) of the only layer."""
    with tarfile.open(path) as archive:
        (layer,) = json.load(archive.extractfile("manifest.json"))[0]["Layers"]
        with tarfile.open(fileobj=archive.extractfile(layer)) as root:
            files = {"/" + entry.name.lstrip("./"): hashlib.sha256(root.extractfile(entry).read()).hexdigest() for entry in root if entry.isreg()}
            text = root.extractfile("lib/apk/db/installed").read().decode()
    return [dict(line.split(":", 1) for line in record.splitlines() if line[1:2] == ":") for record in text.strip().split("\n\n")], files


def test_spdx_says_what_the_database_says(directory):
    for name in IMAGES:
        path = image(name)
        result = kiln(directory, path)
        equal((result.returncode, result.stderr), (0, ""))
        document = json.loads(result.stdout)
        packages, _ = contents(path)
        told = {(one["name"], one["versionInfo"]) for one in document["packages"] if one["SPDXID"] != document["relationships"][0]["relatedSpdxElement"]}
        equal(told, {(one["P"], one["V"]) for one in packages})
        licences = {one["name"]: one["licenseDeclared"] for one in document["packages"]}
        for package in packages:
            if package["L"] in ("MIT", "GPL-2.0-only", "Zlib", "ISC"):
                equal(licences[package["P"]], package["L"])
        purls = {one["name"]: one["externalRefs"][0]["referenceLocator"] for one in document["packages"] if "externalRefs" in one}
        assert purls["musl"].startswith("pkg:apk/alpine/musl@"), purls["musl"]


def test_cyclonedx_lists_every_file_with_its_owner(directory):
    path = image(IMAGES[1])
    document = json.loads(kiln(directory, "--format", "cyclonedx-json", path).stdout)
    packages, files = contents(path)
    told, owners = {}, {}
    for component in document["components"]:
        for file in [component] if component["type"] == "file" else component.get("components", []):
            told[file["name"]] = file["hashes"][0]["content"]
            owners[file["name"]] = component["name"]
    equal(told, files)
    equal(owners["/lib/ld-musl-x86_64.so.1"], "musl")
    equal(owners["/bin/busybox"], "busybox")
    equal({component["name"] for component in document["components"] if component["type"] != "file"}, {one["P"] for one in packages})


def test_both_at_once_and_again_the_same(directory):
    path = image(IMAGES[0])
    for number in ("1", "2"):
        result = kiln(directory, "-o", f"spdx-json=a{number}.json", "-o", f"cyclonedx-json=b{number}.json", path)
        equal((result.returncode, result.stdout), (0, ""))
    for kind, name in (("spdx", "a1.json"), ("cyclonedx", "b1.json")):
        result = subprocess.run([sys.executable, os.path.join(ROOT, "tests", "sbom", "validate.py"), kind, os.path.join(SHARED, "schemas"), os.path.join(directory, name)],
                                capture_output=True, text=True, check=False)
        assert result.returncode in (0, 77), result.stderr
    for name in ("a", "b"):
        equal(*(open(os.path.join(directory, f"{name}{number}.json"), "rb").read() for number in ("1", "2")))


def test_wrong_use(directory):
    path = image(IMAGES[0])
    for words, code, says in ((["-o", "spdx=a", path], 2, 'formats are spdx-json'), (["-o", "a.json", path], 2, "it must be FORMAT=FILE"), (["--format", "spdx", path], 2, "spdx-json"),
                              (["-o", "spdx-json=none/a.json", path], 2, "none/a.json"), (["nothing"], 2, "nothing")):
        result = kiln(directory, *words)
        equal(result.returncode, code)
        contains(result.stderr, says)


if __name__ == "__main__":
    run_cases(globals())
