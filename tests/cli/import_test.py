#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""import_test.py: reports of other scanners as further opinions, in the shapes that those scanners publish."""
import json
import os
import subprocess
import sys
import tarfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))
from tap import Skip, contains, equal, run_cases, write  # noqa: E402

KILN = os.environ["KILN_PROGRAM"]
SHARED = os.environ.get("KILN_SHARED_DATA", os.path.join(ROOT, "../shared/data"))
CLEAN, FINDINGS, ERROR, CANNOT_TELL, UNTRUSTED = 0, 1, 2, 3, 5
STATUS = ("Package: zlib1g\nStatus: install ok installed\nVersion: 1:1.2.13-1\nArchitecture: amd64\nSource: zlib\nMaintainer: A <a@example.org>\nDescription: x\n\n"
          "Package: curl\nStatus: install ok installed\nVersion: 7.88.1-10\nArchitecture: amd64\nMaintainer: A <a@example.org>\nDescription: x\n\n")


def kiln(directory, *words):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "KILN_STORE": os.path.join(directory, "store"), "LC_ALL": "C.UTF-8"}
    return subprocess.run([KILN, "--no-progress", *words], cwd=directory, env=environment, capture_output=True, text=True, check=False)


def osv(name, package, *events, ecosystem="Debian:12", **more):
    return {"id": name, "modified": "2026-05-01T00:00:00Z", "affected": [{"package": {"ecosystem": ecosystem, "name": package}, "ranges": [
        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, *events]}]}], **more}


def prepare(directory):
    """Debian 12 with zlib1g and curl, a Python package, and a database that knows two vulnerabilities of zlib, one mended."""
    write(directory, {"root/etc/os-release": "ID=debian\nVERSION_ID=12\n", "root/var/lib/dpkg/status": STATUS,
                      "root/usr/local/lib/python3.11/site-packages/idna-3.6.dist-info/METADATA": "Metadata-Version: 2.1\nName: idna\nVersion: 3.6\n",
                      "feed/a.json": json.dumps(osv("CVE-2026-1", "zlib", {"fixed": "1:1.2.13-2"}, aliases=["DSA-1"])),
                      "feed/b.json": json.dumps(osv("CVE-2026-2", "zlib", {"fixed": "1:1.2.11-5"})),
                      "feed/py/c.json": json.dumps(osv("PYSEC-1", "other", {"fixed": "1"}, ecosystem="PyPI"))})
    equal(kiln(directory, "db", "build", "--db", "db", "feed").returncode, CLEAN)


def scan(directory, *words, image="dir:root", code=FINDINGS):
    result = kiln(directory, "scan", "--db", "db", "--max-age", "0", "--format", "json", *words, image)
    equal((result.returncode, result.stderr if result.returncode == ERROR else ""), (code, ""))
    return json.loads(result.stdout)[0]


def findings(told):
    return {(finding["id"], finding["package"]): finding for finding in told["findings"]}


def trivy(*vulnerabilities, metadata=None):
    return {"SchemaVersion": 2, "CreatedAt": "2026-04-30T10:11:12.123456789+02:00", "ArtifactName": "x", "ArtifactType": "container_image", "Metadata": metadata or {},
            "Results": [{"Target": "x (debian 12.1)", "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": list(vulnerabilities)}, {"Target": "clean", "Class": "lang-pkgs"}]}


def vulnerability(name, package, version, **more):
    return {"VulnerabilityID": name, "PkgName": package, "InstalledVersion": version, "Severity": "HIGH", "Title": "bad", **more}


def test_trivys_opinions_stand_beside_the_databases(directory):
    prepare(directory)
    write(directory, {"trivy.json": json.dumps(trivy(
        vulnerability("CVE-2026-1", "zlib1g", "1:1.2.13-1", Status="fixed", FixedVersion="1:1.2.13-3", PkgIdentifier={"PURL": "pkg:deb/debian/zlib1g@1.2.13-1?arch=amd64&distro=debian-12.1&epoch=1"}),
        vulnerability("CVE-2026-2", "zlib1g", "1:1.2.13-1", Status="affected"),
        vulnerability("CVE-2026-3", "curl", "7.88.1-10", Status="will_not_fix", SeveritySource="debian", Severity="LOW"),
        vulnerability("GHSA-aaaa-bbbb-cccc", "idna", "3.6", FixedVersion="3.5.1, 3.7", Status="fixed", VendorIDs=["CVE-2026-4"], SeveritySource="ghsa",
                      CVSS={"ghsa": {"V3Vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "V3Score": 7.5}}),
        vulnerability("CVE-2026-5", "openssl", "3.0.1")))})
    told = scan(directory, "--import", "trivy.json")
    found = findings(told)
    equal(sorted(found), [("CVE-2026-1", "zlib1g"), ("CVE-2026-2", "zlib1g"), ("CVE-2026-3", "curl"), ("CVE-2026-4", "idna")])
    one = found["CVE-2026-1", "zlib1g"]
    equal([(opinion["source"], opinion["verdict"], opinion["fixed"]) for opinion in one["opinions"]], [("osv/feed", "affected", "1:1.2.13-2"), ("trivy", "affected", "1:1.2.13-3")])
    equal(one["fixed"], "1:1.2.13-3")
    contains(one["split"], "different fixed version")
    contains(one["opinions"][1]["evidence"], "trivy.json: Results[0].Vulnerabilities[0]")
    # The distribution calls it mended, the other does not: whoever says affected is heard, and the reason is there.
    two = found["CVE-2026-2", "zlib1g"]
    equal([(opinion["source"], opinion["verdict"]) for opinion in two["opinions"]], [("osv/feed", "fixed"), ("trivy", "affected")])
    contains(two["split"], "osv/feed says fixed in 1:1.2.11-5, trivy says affected")
    equal((found["CVE-2026-3", "curl"]["verdict"], found["CVE-2026-3", "curl"]["severity"], found["CVE-2026-3", "curl"]["split"]), ("will not fix", "low", "unknown to the database"))
    four = found["CVE-2026-4", "idna"]
    equal((four["fixed"], four["severity"], four["severity-source"], four["vector"][:8]), ("3.7", "high", "ghsa", "CVSS:3.1"))
    texts = [part["what"] for part in told["cannot-tell"] if part["kind"] == "import"]
    contains(" ".join(texts), "CVE-2026-5 of openssl 3.0.1")
    contains(" ".join(texts), "names no digest")
    digest = subprocess.run(["sha256sum", "trivy.json"], cwd=directory, capture_output=True, text=True, check=True).stdout.split()[0]
    equal(told["imports"], [{"source": "trivy", "digest": "sha256:" + digest}])
    contains(kiln(directory, "why", "--db", "db", "--max-age", "0", "--import", "trivy.json", "dir:root", "CVE-2026-3").stdout, "trivy")


def test_what_one_side_alone_has_is_said(directory):
    prepare(directory)
    write(directory, {"trivy.json": json.dumps(trivy())})
    told = scan(directory, "--import", "trivy.json")
    equal(findings(told)["CVE-2026-1", "zlib1g"]["split"], "unknown to trivy")
    assert "split" not in findings(scan(directory))["CVE-2026-1", "zlib1g"]


def grype(*matches, ignored=(), target=None):
    return {"matches": list(matches), "ignoredMatches": list(ignored), "source": {"type": "image", "target": target or {}},
            "descriptor": {"name": "grype", "version": "0.80.0", "db": {"built": "2026-05-20T01:02:03Z"}}}


def match(name, package, version, state="not-fixed", versions=(), related=(), **more):
    return {"vulnerability": {"id": name, "namespace": "debian:distro:debian:12", "severity": "Critical", "description": "bad", "fix": {"state": state, "versions": list(versions)}},
            "relatedVulnerabilities": [{"id": other} for other in related], "artifact": {"name": package, "version": version, "type": "deb", "purl": ""}, **more}


def test_grypes_opinions(directory):
    prepare(directory)
    write(directory, {"grype.json": json.dumps(grype(
        match("CVE-2026-1", "zlib1g", "1:1.2.13-1", "fixed", ["1:1.2.13-2"]), match("GHSA-x", "idna", "3.6", "fixed", ["3.7"], ["CVE-2026-4"]), match("CVE-2026-6", "curl", "7.88.1-10", "wont-fix"),
        ignored=[match("CVE-2026-7", "curl", "7.88.1-10", appliedIgnoreRules=[{"vulnerability": "CVE-2026-7", "vex-status": "not_affected"}]),
                 match("CVE-2026-8", "curl", "7.88.1-10", appliedIgnoreRules=[{"vulnerability": "CVE-2026-8", "reason": "we accept it"}])]))})
    found = findings(scan(directory, "--import", "grype.json"))
    equal(sorted(found), [("CVE-2026-1", "zlib1g"), ("CVE-2026-4", "idna"), ("CVE-2026-6", "curl"), ("CVE-2026-8", "curl")])
    equal(found["CVE-2026-6", "curl"]["verdict"], "will not fix")
    equal((found["CVE-2026-4", "idna"]["severity"], found["CVE-2026-4", "idna"]["fixed"]), ("critical", "3.7"))
    assert "split" not in found["CVE-2026-1", "zlib1g"]  # both say the same


def sarif(tool, *results, rules=(), properties=None):
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": tool, "rules": list(rules)}}, "results": list(results), "properties": properties or {}}]}


def test_sarif_as_others_write_it(directory):
    prepare(directory)
    score = {"id": "SNYK-1", "shortDescription": {"text": "High severity - CVE-2026-12 in curl"}, "properties": {"security-severity": "9.8"}}
    write(directory, {"sarif.json": json.dumps(sarif("Other", 
        {"ruleId": "CVE-2026-10", "level": "error", "message": {"text": "Package: curl\nInstalled Version: 7.88.1-10\nVulnerability CVE-2026-10\nSeverity: MEDIUM\nFixed Version: 7.88.1-11\nLink: x"}},
        {"ruleId": "CVE-2026-11-zlib1g", "message": {"text": "A high vulnerability in deb package: zlib1g, version 1:1.2.13-1 was found in image x at: /var/lib/dpkg/status"}},
        {"ruleId": "SNYK-1", "ruleIndex": 0, "message": {"text": "This file introduces a vulnerable curl package with a critical severity vulnerability."},
         "locations": [{"logicalLocations": [{"fullyQualifiedName": "curl@7.88.1-10"}]}]},
        {"ruleId": "CVE-2026-13", "message": {"text": "something somewhere"}}, {"ruleId": "style", "message": {"text": "a misspelt word"}},
        {"ruleId": "CVE-2026-14", "message": {"text": "x"}, "locations": [{"logicalLocations": [{"fullyQualifiedName": "pkg:pypi/idna@3.6"}]}], "suppressions": [{"kind": "external"}]},
        rules=[score]))})
    told = scan(directory, "--import", "sarif.json")
    found = findings(told)
    equal(sorted(found), [("CVE-2026-1", "zlib1g"), ("CVE-2026-10", "curl"), ("CVE-2026-11", "zlib1g"), ("CVE-2026-12", "curl")])
    equal((found["CVE-2026-10", "curl"]["severity"], found["CVE-2026-10", "curl"]["fixed"], found["CVE-2026-12", "curl"]["severity"]), ("medium", "7.88.1-11", "critical"))
    equal(found["CVE-2026-10", "curl"]["opinions"][0]["source"], "sarif/Other")
    contains(" ".join(part["what"] for part in told["cannot-tell"]), "1 vulnerabilities in sarif.json: which packages they are of it does not say")


def archive():
    path = os.path.join(SHARED, "images", "alpine-311.docker-archive.tar.gz")
    if not os.path.exists(path):
        raise Skip(f"{path} is not there")
    return path


def test_reports_on_another_image_are_refused(directory):
    path = archive()
    prepare(directory)
    with tarfile.open(path) as tar:
        config = json.load(tar.extractfile("manifest.json"))[0]["Config"].removesuffix(".json").split("/")[-1].split(":")[-1]
    image, right, wrong = "docker-archive:" + path, "sha256:" + config, "sha256:" + "0" * 64
    for document, code in ((trivy(metadata={"ImageID": right}), None), (trivy(metadata={"ImageID": wrong}), UNTRUSTED), (grype(target={"imageID": right}), None),
                           (grype(target={"manifestDigest": wrong, "repoDigests": ["x@" + wrong]}), UNTRUSTED), (sarif("T", properties={"imageID": wrong}), UNTRUSTED)):
        write(directory, {"report.json": json.dumps(document)})
        result = kiln(directory, "scan", "--db", "db", "--max-age", "0", "--format", "json", "--import", "report.json", image)
        if code:
            equal((result.returncode, result.stdout), (code, ""))
            contains(result.stderr, "about another image")
            contains(result.stderr, wrong)
        else:
            assert not [part for part in json.loads(result.stdout)[0]["cannot-tell"] if part["kind"] == "import"], result.stdout


def test_kilns_own_reports_come_back(directory):
    prepare(directory)
    plain = findings(scan(directory))
    for name in ("trivy", "grype", "sarif"):
        equal(kiln(directory, "scan", "--db", "db", "--max-age", "0", "-o", f"{name}={name}.json", "dir:root").returncode, FINDINGS)
        told = scan(directory, "--import", f"{name}.json")
        equal(set(findings(told)), set(plain))
        for key, finding in findings(told).items():
            equal(len(finding["opinions"]), len(plain[key]["opinions"]) + 1)
            assert "split" not in finding, finding["split"]
        assert not [part for part in told["cannot-tell"] if part["kind"] == "import"], told["cannot-tell"]


def test_reports_that_are_none(directory):
    prepare(directory)
    deep = "[" * 5000 + "]" * 5000
    for text, says in (("{}", "neither Trivy's JSON"), ("[]", "neither Trivy's JSON"), ("{", "report.json:1"), ('{"SchemaVersion": 2, "Results": {}}', '"Results" must be a list'),
                       ('{"SchemaVersion": 2, "Results": [{"Vulnerabilities": [{}]}]}', 'Results[0].Vulnerabilities[0]."VulnerabilityID" must be a text'),
                       ('{"SchemaVersion": 2, "Results": [{"Vulnerabilities": [{"VulnerabilityID": "CVE-1", "PkgName": 3}]}]}', '"PkgName" must be a text'),
                       ('{"matches": [{"vulnerability": {}}], "descriptor": {}}', 'matches[0].vulnerability."id" must be a text'), ('{"SchemaVersion": 2, "SchemaVersion": 2, "Results": []}', "report.json"),
                       ('{"version": "2.1.0", "runs": [{"results": 1}]}', '"results" must be a list'), ('{"SchemaVersion": 2, "Results": ' + deep + "}", "report.json")):
        write(directory, {"report.json": text})
        result = kiln(directory, "scan", "--db", "db", "--max-age", "0", "--import", "report.json", "dir:root")
        equal((text[:80], result.returncode, result.stdout), (text[:80], ERROR, ""))
        contains(result.stderr, says)
    result = kiln(directory, "scan", "--db", "db", "--import", "report.json", "dir:root", "dir:root")
    equal(result.returncode, ERROR)


if __name__ == "__main__":
    run_cases(globals())
