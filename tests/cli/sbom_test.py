#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sbom_test.py: `kiln sbom` of images that kiln did not build: the schemas and a reading of the package database judge."""
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import xml.etree.ElementTree

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
    equal({component["name"] for component in document["components"] if component["type"] == "library"}, {one["P"] for one in packages})
    (system,) = [component for component in document["components"] if component["type"] == "operating-system"]
    equal((system["name"], system["version"]), ("alpine", "3.11.5"))


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


FORMATS = {"spdx-json": "spdx-2.3.schema.json", "spdx-json@3.0.1": "spdx-3.0.1.schema.json", "cyclonedx-json": "cyclonedx-1.6.schema.json",
           "cyclonedx-json@1.7": "cyclonedx-1.7.schema.json", "spdx-tag-value": None, "cyclonedx-xml": None, "cyclonedx-xml@1.7": None}


def written(directory, path):
    """Name of the file with each format of the image."""
    names = {kind: f"{number}.sbom" for number, kind in enumerate(FORMATS)}
    words = [word for kind, name in names.items() for word in ("-o", f"{kind}={name}")]
    equal(kiln(directory, *words, path).returncode, 0)
    return names


def small_root(directory):
    """A root file system with a package, a licence of its own, and files of a package and of nobody: the schema of SPDX 3 takes its time."""
    root = os.path.join(directory, "root")
    for name, text in (("usr/lib/os-release", "ID=debian\nVERSION_ID=13\n"), ("var/lib/dpkg/status.d/one", "Package: one\nVersion: 1-1\nArchitecture: amd64\nMaintainer: A <a@example.org>\n"
                                                                                                    "Homepage: https://example.org\nDescription: first\n"),
                       ("var/lib/dpkg/status.d/one.md5sums", "d41d8cd98f00b204e9800998ecf8427e  usr/bin/one\n"), ("usr/bin/one", ""), ("opt/own", "x"),
                       ("usr/share/doc/one/copyright", "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: A\nLicense: own\n Be kind.\n"),
                       ("opt/a-1.dist-info/METADATA", "Name: a\nVersion: 1\nLicense: MIT\n"), ("opt/b-1.dist-info/METADATA", "Name: b\n")):
        os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
        with open(os.path.join(root, name), "w", encoding="utf-8") as file:
            file.write(text)
    return root


def test_every_format_is_valid_by_its_schema(directory):
    try:
        import jsonschema
    except ImportError as error:
        raise Skip("python3-jsonschema is not installed") from error
    names, schemas = written(directory, f"dir:{small_root(directory)}"), os.path.join(SHARED, "schemas")
    store = {}
    for other in ("spdx.schema.json", "jsf-0.82.schema.json"):
        with open(os.path.join(schemas, other), encoding="utf-8") as file:
            content = json.load(file)
        store[content.get("$id", other)] = store["http://cyclonedx.org/schema/" + other] = content
    for kind, schema in FORMATS.items():
        if not schema:
            continue
        with open(os.path.join(schemas, schema), encoding="utf-8") as file:
            rules = json.load(file)
        with open(os.path.join(directory, names[kind]), encoding="utf-8") as file:
            document = json.load(file)
        resolver = jsonschema.RefResolver(base_uri=rules.get("$id", ""), referrer=rules, store=store)
        errors = list(jsonschema.validators.validator_for(rules)(rules, resolver=resolver).iter_errors(document))
        assert not errors, (kind, list(errors[0].absolute_path), errors[0].message[:300])


def test_xml_says_what_json_says(directory):
    names = written(directory, image(IMAGES[1]))
    space = "{http://cyclonedx.org/schema/bom/1.6}"
    root = xml.etree.ElementTree.parse(os.path.join(directory, names["cyclonedx-xml"])).getroot()
    with open(os.path.join(directory, names["cyclonedx-json"]), encoding="utf-8") as file:
        document = json.load(file)
    equal(root.get("serialNumber"), document["serialNumber"])
    told = [(one.get("type"), one.findtext(space + "name"), one.findtext(space + "version"), one.findtext(space + "purl"), len(one.findall(f"{space}components/{space}component")))
            for one in root.find(space + "components")]
    equal(told, [(one["type"], one["name"], one.get("version"), one.get("purl"), len(one.get("components", []))) for one in document["components"]])
    equal({item.get("ref"): [edge.get("ref") for edge in item] for item in root.find(space + "dependencies")},
          {item["ref"]: item["dependsOn"] for item in document["dependencies"]})
    # The order of what a component has is the schema's, where XML wants one.
    order = ["supplier", "publisher", "name", "version", "description", "hashes", "licenses", "copyright", "purl", "externalReferences", "properties", "components", "evidence"]
    for component in root.iter(space + "component"):
        places = [order.index(child.tag.removeprefix(space)) for child in component]
        equal(places, sorted(places))


def packages_of(path):
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    return sorted((one["purl"], tuple(sorted((item["name"], item["value"]) for item in one.get("properties", []) if "source" in item["name"])), str(one.get("licenses")))
                  for one in document["components"] if one["type"] == "library")


def test_reading_back_loses_nothing_that_scanning_needs(directory):
    names = written(directory, image(IMAGES[1]))
    expected = packages_of(os.path.join(directory, names["cyclonedx-json"]))
    assert len(expected) > 10
    for kind, name in names.items():
        if "xml" in kind:
            continue
        result = kiln(directory, "-o", "cyclonedx-json=back.json", f"sbom:{name}")
        equal((kind, result.returncode, result.stderr), (kind, 0, ""))
        equal((kind, packages_of(os.path.join(directory, "back.json"))), (kind, expected))
    # Files with their owners too, where the format has them all.
    result = kiln(directory, "-o", "cyclonedx-json=again.json", f"sbom:{names['spdx-json@3.0.1']}")
    equal(result.returncode, 0)
    owners = []
    for name in (names["cyclonedx-json"], "again.json"):
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            owners.append({file["name"]: component["name"] for component in json.load(file)["components"] for file in component.get("components", [])})
    equal(owners[0], owners[1])


SYFT = {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
    {"type": "library", "name": "libssl3", "version": "3.0.9-1", "purl": "pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&upstream=openssl&distro=debian-12", "bom-ref": "a"},
    {"type": "library", "name": "base", "purl": "pkg:npm/%40scope/base@1.0.0", "bom-ref": "b", "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "Own"}}]},
    {"type": "operating-system", "name": "debian", "version": "12"}], "dependencies": [{"ref": "b", "dependsOn": ["a", "b", "nowhere"]}]}
TRIVY = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
    {"type": "library", "name": "libc6", "version": "2.36-9", "purl": "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12.1", "properties": [
        {"name": "aquasecurity:trivy:SrcName", "value": "glibc"}, {"name": "aquasecurity:trivy:SrcVersion", "value": "2.36"}, {"name": "aquasecurity:trivy:SrcRelease", "value": "9"}]},
    {"type": "application", "name": "app/package-lock.json", "components": [{"type": "library", "name": "left-pad", "version": "1.3.0", "purl": "pkg:npm/left-pad@1.3.0"}]}]}


def test_what_others_wrote(directory):
    for name, document in (("syft", SYFT), ("trivy", TRIVY)):
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            json.dump(document, file)
        equal(kiln(directory, "-o", f"cyclonedx-json={name}.back", f"sbom:{name}").returncode, 0)
    syft, trivy = packages_of(os.path.join(directory, "syft.back")), packages_of(os.path.join(directory, "trivy.back"))
    equal([one[0] for one in syft], ["pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12", "pkg:npm/%40scope/base@1.0.0"])
    equal(dict(syft[0][1])["kiln:source-name"], "openssl")
    equal(dict(syft[0][1])["kiln:source-version"], "3.0.9-1")
    equal([one[0] for one in trivy], ["pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12.1", "pkg:npm/left-pad@1.3.0"])
    equal(dict(trivy[0][1]), {"kiln:source-name": "glibc", "kiln:source-version": "2.36-9"})


def test_purls_of_every_kind_come_back(directory):
    purls = ["pkg:swift/github.com/a/b@1", "pkg:github/a/b@1", "pkg:cpan/AUTHOR/Dist@1", "pkg:maven/org.example/lib@1", "pkg:npm/%40a/b@1", "pkg:golang/golang.org/x/net@v1", "pkg:composer/a/b@1",
             "pkg:generic/plain@1", "pkg:deb/debian/d@1"]
    with open(os.path.join(directory, "all"), "w", encoding="utf-8") as file:
        json.dump({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "library", "name": "x", "purl": purl} for purl in purls]}, file)
    for kind in FORMATS:
        equal((kind, kiln(directory, "-o", f"{kind}=again", "sbom:all").returncode), (kind, 0))
        if "xml" not in kind:
            equal((kind, kiln(directory, "-o", "cyclonedx-json=back", "sbom:again").returncode), (kind, 0))
            equal((kind, [one[0] for one in packages_of(os.path.join(directory, "back"))]), (kind, sorted(purls)))
    with open(os.path.join(directory, "nobody"), "w", encoding="utf-8") as file:
        json.dump({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "library", "name": "x", "purl": "pkg:deb/nobody@1"}]}, file)
    equal(kiln(directory, "-o", "cyclonedx-json=back", "sbom:nobody").returncode, 0)
    equal([one[0] for one in packages_of(os.path.join(directory, "back"))], ["pkg:deb/nobody@1"])
    with open(os.path.join(directory, "back"), encoding="utf-8") as file:
        equal([one["type"] for one in json.load(file)["components"]], ["library"])  # nobody said which distribution


def test_hostile_sboms(directory):
    deep = '{"bomFormat":"CycloneDX","specVersion":"1.6","components":[' * 100000
    itself = {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "packages": [{"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "1"}, {"SPDXID": "SPDXRef-a", "name": "b"}],
              "relationships": [{"spdxElementId": "SPDXRef-a", "relationshipType": kind, "relatedSpdxElement": "SPDXRef-a"} for kind in ("DEPENDS_ON", "CONTAINS", "DESCRIBES")]}
    for text, code, says in (("{}", 2, "no SBOM that kiln knows"), ("[]", 2, "no SBOM that kiln knows"), (deep, 2, "deep"), ("", 2, "hostile"), ('{"bomFormat":"CycloneDX","specVersion":"9.9"}', 2, "no SBOM"),
                             ("SPDXVersion: SPDX-2.3\nPackageName: a\nPackageComment: <text>never ends\n", 2, "hostile:3: a <text> that does not end"),
                             ("SPDXVersion: SPDX-2.3\nno tag here\n", 2, "hostile:2:"), (json.dumps(itself), 3, "no package database"),
                             ('{"bomFormat":"CycloneDX","specVersion":"1.6"}', 3, "no package database")):
        with open(os.path.join(directory, "hostile"), "w", encoding="utf-8") as file:
            file.write(text)
        result = kiln(directory, "--format", "cyclonedx-json", "sbom:hostile")
        equal((text[:60], result.returncode), (text[:60], code))
        contains(result.stderr, says)


def test_check_names_what_is_missing(directory):
    good = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "version": 1,
            "metadata": {"timestamp": "2026-01-01T00:00:00Z", "authors": [{"name": "A"}], "tools": {"components": [{"type": "application", "name": "t"}]}, "lifecycles": [{"phase": "build"}]},
            "components": [{"type": "library", "name": "a", "version": "1", "supplier": {"name": "A"}, "purl": "pkg:generic/a@1", "hashes": [{"alg": "SHA-256", "content": "0" * 64}],
                            "licenses": [{"license": {"id": "MIT"}}]}], "dependencies": [{"ref": "a"}]}

    def check(document):
        with open(os.path.join(directory, "checked"), "w", encoding="utf-8") as file:
            json.dump(document, file)
        result = kiln(directory, "--format", "json", "--check", "checked")
        told = json.loads(result.stdout)
        return result.returncode, {name: (one["percent"], one["passes"]) for name, one in told["standards"].items()}, {one["id"]: one["missing-in"] for one in told["elements"] if one["there"] < one["of"]}

    equal(check(good), (0, {"ntia": (100, True), "cisa-2025": (100, True), "bsi-tr-03183-2": (100, True)}, {}))
    without = json.loads(json.dumps(good))
    del without["components"][0]["supplier"]
    without["components"].append({"type": "library", "name": "b"})
    code, scores, missing = check(without)
    equal(code, 1)
    equal({name: one[1] for name, one in scores.items()}, {"ntia": False, "cisa-2025": False, "bsi-tr-03183-2": False})
    equal(missing["component-producer"], ["a 1", "b"])
    equal(missing["component-version"], ["b"])
    no_time = json.loads(json.dumps(good))
    del no_time["metadata"]["timestamp"]
    equal(check(no_time)[2], {"timestamp": [""]})
    equal(check({**good, "components": []})[0], 1)  # nothing is not complete
    equal(kiln(directory, "--check", "checked").returncode, 1)
    # kiln's own say what they do not know.
    names = written(directory, image(IMAGES[1]))
    for kind in ("spdx-json", "spdx-json@3.0.1", "spdx-tag-value", "cyclonedx-json", "cyclonedx-json@1.7"):
        result = kiln(directory, "--check", names[kind])
        equal((kind, result.returncode), (kind, 0))


def test_wrong_use(directory):
    path = image(IMAGES[0])
    for words, code, says in ((["-o", "spdx=a", path], 2, 'formats are spdx-json'), (["-o", "a.json", path], 2, "it must be FORMAT=FILE"), (["--format", "spdx", path], 2, "spdx-json"),
                              (["-o", "spdx-json=none/a.json", path], 2, "none/a.json"), (["nothing"], 2, "nothing")):
        result = kiln(directory, *words)
        equal(result.returncode, code)
        contains(result.stderr, says)


if __name__ == "__main__":
    run_cases(globals())
