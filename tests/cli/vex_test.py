#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""vex_test.py: results in the formats of others, statements from findings and what is weak about them, one finding's whole story. Schemas judge, and so do counts by another reading."""
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))
from tap import Skip, contains, equal, run_cases  # noqa: E402

KILN = os.environ["KILN_PROGRAM"]
SHARED = os.environ.get("KILN_SHARED_DATA", os.path.join(ROOT, "../shared/data"))
CLEAN, FINDINGS, ERROR, CANNOT_TELL = 0, 1, 2, 3


def shared(*parts):
    path = os.path.join(SHARED, *parts)
    if not os.path.exists(path):
        raise Skip(f"{path} is not there")
    return path


def kiln(directory, *words):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "KILN_STORE": os.path.join(directory, "store"), "LC_ALL": "C.UTF-8"}
    return subprocess.run([KILN, "--no-progress", *words], cwd=directory, env=environment, capture_output=True, text=True, check=False)


def image(directory):
    """Alpine 3.11 as docker saved it, with a database of its branch."""
    equal(kiln(directory, "db", "build", shared("feeds", "alpine-secdb", "v3.11"), shared("feeds", "endoflife")).returncode, CLEAN)
    return f"docker-archive:{shared('images', 'alpine-311.docker-archive.tar.gz')}"


def load(directory, name):
    with open(os.path.join(directory, name), encoding="utf-8") as file:
        return json.load(file)


def validate(directory, name, schema):
    try:
        import jsonschema
    except ImportError:
        print("# python3-jsonschema is not installed: schemas do not judge")
        return
    store = {}
    for other in ("spdx.schema.json", "jsf-0.82.schema.json"):
        with open(shared("schemas", other), encoding="utf-8") as file:
            content = json.load(file)
        store[content.get("$id", other)] = store["http://cyclonedx.org/schema/" + other] = content
    with open(shared("schemas", schema), encoding="utf-8") as file:
        rules = json.load(file)
    resolver = jsonschema.RefResolver(base_uri=rules.get("$id", ""), referrer=rules, store=store)
    errors = list(jsonschema.validators.validator_for(rules)(rules, resolver=resolver).iter_errors(load(directory, name)))
    assert not errors, (name, list(errors[0].absolute_path), errors[0].message[:300])


def test_formats_of_others_say_the_same(directory):
    reference = image(directory)
    with open(os.path.join(directory, "ids.jq"), "w", encoding="utf-8") as file:
        file.write('.[] | .findings[] | "\\(.id) \\(.package)"')
    names = ("json", "cyclonedx", "spdx", "openvex", "gitlab", "trivy", "grype", "template")
    words = [word for name in names for word in ("-o", f"{name}={name}.out")]
    result = kiln(directory, "scan", "--max-age", "0", "--template", "ids.jq", *words, reference)
    equal((result.returncode, result.stderr), (FINDINGS, ""))
    expected = sorted((one["id"], one["package"]) for one in load(directory, "json.out")[0]["findings"])
    assert len(expected) > 20
    cyclonedx, spdx, openvex, gitlab, trivy, grype = (load(directory, name + ".out") for name in names[1:-1])
    named = {one["bom-ref"]: one["name"] for one in cyclonedx["components"]}
    equal(sorted((one["id"], named[one["affects"][0]["ref"]]) for one in cyclonedx["vulnerabilities"]), expected)
    equal(sorted((reference["comment"].split(",")[0], package["name"]) for package in spdx["packages"] for reference in package.get("externalRefs", []) if reference["referenceCategory"] == "SECURITY"), expected)
    equal(sorted((one["vulnerability"]["name"], one["products"][0]["subcomponents"][0]["@id"].split("/")[2].split("@")[0]) for one in openvex["statements"]), expected)
    equal(sorted((one["identifiers"][0]["value"], one["location"]["dependency"]["package"]["name"]) for one in gitlab["vulnerabilities"]), expected)
    equal(sorted((one["VulnerabilityID"], one["PkgName"]) for one in trivy["Results"][0]["Vulnerabilities"]), expected)
    equal(sorted((one["vulnerability"]["id"], one["artifact"]["name"]) for one in grype["matches"]), expected)
    with open(os.path.join(directory, "template.out"), encoding="utf-8") as file:
        equal(sorted(tuple(line.split(" ")) for line in file.read().splitlines()), expected)
    for name, schema in (("cyclonedx.out", "cyclonedx-1.6.schema.json"), ("spdx.out", "spdx-2.3.schema.json"), ("openvex.out", "openvex-0.2.0.schema.json")):
        validate(directory, name, schema)
    # The same inputs, the same bytes.
    before = {name: open(os.path.join(directory, name + ".out"), "rb").read() for name in names}
    equal(kiln(directory, "scan", "--max-age", "0", "--template", "ids.jq", *words, reference).returncode, FINDINGS)
    for name in names:
        equal((name, open(os.path.join(directory, name + ".out"), "rb").read() == before[name]), (name, True))


def test_dialects_and_wrong_use(directory):
    reference = image(directory)
    for dialect in ("trivy", "grype"):
        equal(kiln(directory, "scan", "--max-age", "0", "--compat", dialect, reference).returncode, CLEAN)
        equal(kiln(directory, "scan", "--max-age", "0", "--compat", dialect, "--fail-on", "unknown", reference).returncode, FINDINGS)
    with open(os.path.join(directory, "bad.jq"), "w", encoding="utf-8") as file:
        file.write(".[] | {{{")
    for words, says in ((["--format", "template", reference], "needs --template FILE"), (["--format", "template", "--template", "bad.jq", reference], "bad.jq"),
                        (["--format", "cyclonedx", reference, reference], "about one image"), (["--format", "template", "--template", "nowhere", reference], "nowhere")):
        result = kiln(directory, "scan", "--max-age", "0", *words)
        equal((words, result.returncode), (words, ERROR))
        contains(result.stderr, says)
    # Nothing is written where one of several documents cannot be.
    result = kiln(directory, "scan", "--max-age", "0", "-o", "json=early.json", "-o", "trivy=late.json", reference, reference)
    equal((result.returncode, os.path.exists(os.path.join(directory, "early.json"))), (ERROR, False))


def test_what_has_no_advisories_is_not_clean(directory):
    nvd = {"format": "NVD_CVE", "vulnerabilities": [{"cve": {"id": "CVE-2026-1", "configurations": [{"nodes": [{"cpeMatch": [
        {"vulnerable": True, "criteria": "cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*"}]}]}]}}]}
    maven = {"id": "GHSA-1", "modified": "2026-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Maven", "name": "org.example:lib"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}
    sbom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "library", "name": "ourlib", "version": "3.0.0"}, {"type": "library", "name": "lib", "version": "1", "purl": "pkg:maven/lib@1"}]}
    for name, document in (("nvd.json", nvd), ("maven.json", maven), ("sbom.json", sbom)):
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            json.dump(document, file)
    equal(kiln(directory, "db", "build", "nvd.json", "maven.json").returncode, CLEAN)
    result = kiln(directory, "scan", "--max-age", "0", "sbom:sbom.json")
    equal(result.returncode, CANNOT_TELL)
    contains(result.stdout, "packages of type generic: nobody publishes advisories for them")
    contains(result.stdout, "lib 1 of Maven: its group is not known")


def test_statements_from_findings(directory):
    reference = image(directory)
    cve = "CVE-2021-3711"
    for words, name, schema in (([], "a.json", "openvex-0.2.0.schema.json"), (["--format", "csaf"], "b.json", "csaf-2.0.schema.json")):
        result = kiln(directory, "vex", "add", reference, cve, "--status", "not_affected", "--justification", "vulnerable_code_not_present", "--author", "A", *words, "-o", name)
        equal((result.returncode, result.stderr), (CLEAN, ""))
        validate(directory, name, schema)
        scanned = json.loads(kiln(directory, "scan", "--max-age", "0", "--format", "json", "--vex", name, reference).stdout)[0]
        equal({one["package"] for one in scanned["suppressed"]}, {"libcrypto1.1", "libssl1.1"})
        equal({one["id"] for one in scanned["suppressed"]}, {cve})
        linted = kiln(directory, "vex", "lint", "--image", reference, name)
        equal((linted.returncode, linted.stdout.count("decides about 1 finding\n")), (CLEAN, 2))
    one = kiln(directory, "vex", "add", reference, cve, "--status", "affected", "--action", "wait", "--package", "libssl1.1")
    (statement,) = json.loads(one.stdout)["statements"]
    equal((statement["status"], statement["action_statement"]), ("affected", "wait"))
    for words, says in ((["--status", "not_affected"], "needs --justification"), (["--status", "affected", "--justification", "component_not_present"], "goes with not_affected only"),
                        (["--status", "fine"], "known are"), ([], "say --status"), (["--status", "affected", "--package", "musl"], "nothing is found of")):
        result = kiln(directory, "vex", "add", reference, cve, *words)
        equal((words, result.returncode), (words, ERROR))
        contains(result.stderr, says)


def test_lint_says_what_is_weak(directory):
    reference = image(directory)
    statements = [{"vulnerability": {"name": "CVE-2021-3711"}, "products": [{"@id": "pkg:apk/alpine/libssl1.1"}], "status": "not_affected", "justification": "component_not_present"},
                  {"vulnerability": {"name": "CVE-2021-3711"}, "products": [{"@id": "pkg:apk/alpine/musl@1"}], "status": "not_affected", "justification": "nonsense"},
                  {"vulnerability": {"name": "CVE-1999-1"}, "products": [{"@id": "pkg:oci/x@sha256%3A" + "0" * 64}], "status": "not_affected", "impact_statement": "so it is"}]
    with open(os.path.join(directory, "weak.json"), "w", encoding="utf-8") as file:
        json.dump({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "A", "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": statements}, file)
    result = kiln(directory, "vex", "lint", "--format", "json", "weak.json")
    equal(result.returncode, FINDINGS)
    equal([[remark["kind"] for remark in one["remarks"]] for one in json.loads(result.stdout)], [["unversioned-product"], ["unknown-justification"], []])
    result = kiln(directory, "vex", "lint", "--format", "json", "--image", reference, "weak.json")
    told = json.loads(result.stdout)
    equal([one["findings"] for one in told], [1, 0, 0])
    equal([[remark["kind"] for remark in one["remarks"]] for one in told], [["unversioned-product"], ["unknown-justification", "other-product"], ["no-such-finding"]])


def test_one_findings_whole_story(directory):
    reference = image(directory)
    result = kiln(directory, "why", "--max-age", "0", reference, "CVE-2021-3711")
    equal(result.returncode, FINDINGS)
    for text in ("libssl1.1 1.1.1d-r3 of source openssl, in layer 1", "/lib/libssl.so.1.1", "secdb/v3.11/main, record CVE-2021-3711: affected, fixed in 1.1.1l-r0", "the image carries no reasons",
                 "openssl 1.1.1d-r3 to 1.1.1l-r0", "libcrypto1.1, libssl1.1"):
        contains(result.stdout, text)
    stories = json.loads(kiln(directory, "why", "--max-age", "0", "--format", "json", reference, "CVE-2021-3711").stdout)
    equal([(one["vulnerability"], one["fixed"], one["reachable"]) for one in stories], [("CVE-2021-3711", "1.1.1l-r0", "unknown")] * 2)
    result = kiln(directory, "why", "--max-age", "0", reference, "CVE-1999-0001")
    equal(result.returncode, CANNOT_TELL)  # the branch is past its end of life
    contains(result.stdout, "nothing is found of CVE-1999-0001")


if __name__ == "__main__":
    run_cases(globals())
