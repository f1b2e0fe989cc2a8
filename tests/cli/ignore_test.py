#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ignore_test.py: what a site accepts, as Trivy, Grype and osv-scanner write it down."""
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))
from tap import contains, equal, run_cases, write  # noqa: E402

KILN = os.environ["KILN_PROGRAM"]
FINDINGS, ERROR = 1, 2
STATUS = "".join(f"Package: {name}\nStatus: install ok installed\nVersion: {version}\nArchitecture: amd64\nSource: {source}\nMaintainer: A <a@example.org>\nDescription: x\n\n"
                 for name, version, source in (("zlib1g", "1.2-1", "zlib"), ("curl", "7-1", "curl"), ("libcurl4", "7-1", "curl")))
ALL = {("CVE-2026-1", "zlib1g"), ("CVE-2026-2", "curl"), ("CVE-2026-2", "libcurl4"), ("CVE-2026-3", "idna")}


def kiln(directory, *words):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "KILN_STORE": os.path.join(directory, "store"), "LC_ALL": "C.UTF-8"}
    return subprocess.run([KILN, "--no-progress", *words], cwd=directory, env=environment, capture_output=True, text=True, check=False)


def osv(name, package, *events, ecosystem="Debian:12"):
    return json.dumps({"id": name, "modified": "2026-05-01T00:00:00Z", "affected": [{"package": {"ecosystem": ecosystem, "name": package}, "ranges": [
        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, *events]}]}]})


def prepare(directory):
    write(directory, {"root/etc/os-release": "ID=debian\nVERSION_ID=12\n", "root/var/lib/dpkg/status": STATUS,
                      "root/srv/app/site-packages/idna-3.6.dist-info/METADATA": "Metadata-Version: 2.1\nName: idna\nVersion: 3.6\n",
                      "feed/a.json": osv("CVE-2026-1", "zlib", {"fixed": "1.2-2"}), "feed/b.json": osv("CVE-2026-2", "curl"), "feed/py/c.json": osv("CVE-2026-3", "idna", {"fixed": "3.7"}, ecosystem="PyPI")})
    equal(kiln(directory, "db", "build", "--db", "db", "feed").returncode, 0)


def scan(directory, *words):
    """(what is left, what is suppressed with its words, what was said)."""
    result = kiln(directory, "scan", "--db", "db", "--as-of", "2026-06-01", "--format", "json", *words, "dir:root")
    assert result.returncode != ERROR, result.stderr
    told = json.loads(result.stdout)[0]
    return ({(finding["id"], finding["package"]) for finding in told["findings"]},
            {(finding["id"], finding["package"]): (finding["suppressed-by"], finding["suppressed-because"]) for finding in told["suppressed"]}, result.stderr)


def ignored(directory, name, text):
    write(directory, {name: text})
    left, suppressed, said = scan(directory, "--ignorefile", name)
    equal(left | set(suppressed), ALL)
    return set(suppressed), said, suppressed


def test_trivys_list(directory):
    prepare(directory)
    found, said, words = ignored(directory, "list", "# accepted\nCVE-2026-1 exp:2026-12-31 # until summer\n\nCVE-2026-3 exp:2026-05-01\nCVE-2030-1\n")
    equal(found, {("CVE-2026-1", "zlib1g")})
    equal(words["CVE-2026-1", "zlib1g"], ("list:2", "ignored: until summer"))
    contains(said, "list:4: CVE-2026-3: decides nothing: it has expired")
    contains(said, "list:5: CVE-2030-1: decides nothing: no finding")


def test_trivys_yaml(directory):
    prepare(directory)
    found, said, words = ignored(directory, "a.yaml", "vulnerabilities:\n  - id: CVE-2026-1\n    statement: not reachable\n    expired_at: 2026-12-31\n"
                                 "  - id: CVE-2026-2\n    purls: [\"pkg:deb/debian/libcurl4\"]\n  - id: CVE-2026-3\n    paths: [\"srv/other/*\"]\nsecrets: []\n")
    equal(found, {("CVE-2026-1", "zlib1g"), ("CVE-2026-2", "libcurl4")})
    equal(words["CVE-2026-1", "zlib1g"], ("a.yaml:2", "ignored: not reachable"))
    contains(said, "a.yaml:7: CVE-2026-3: decides nothing")
    equal(ignored(directory, "a.yaml", "vulnerabilities:\n  - id: CVE-2026-3\n    paths: [\"srv/app/*\"]\n")[0], {("CVE-2026-3", "idna")})
    equal(ignored(directory, "a.yaml", "vulnerabilities:\n  - id: CVE-2026-1\n    expired_at: 2026-06-01\n")[0], set())
    # A condition that kiln does not know makes a rule decide nothing; it never makes it wider.
    found, said, _ = ignored(directory, "a.yaml", "vulnerabilities:\n  - id: CVE-2026-1\n    only_on: tuesdays\n")
    equal(found, set())
    contains(said, 'kiln does not know its condition "only_on"')


def test_grypes_rules(directory):
    prepare(directory)
    for rule, wanted in (("vulnerability: CVE-2026-2", {("CVE-2026-2", "curl"), ("CVE-2026-2", "libcurl4")}), ("package: {name: zlib1g}", {("CVE-2026-1", "zlib1g")}),
                         ("fix-state: not-fixed", {("CVE-2026-2", "curl"), ("CVE-2026-2", "libcurl4")}), ("package: {type: python}", {("CVE-2026-3", "idna")}),
                         ("package: {name: \"lib.*\", upstream-name: curl}", {("CVE-2026-2", "libcurl4")}), ("package: {name: \"lib\"}", set()),
                         ("vulnerability: CVE-2026-2, package: {name: curl, version: \"7-1\", type: deb}", {("CVE-2026-2", "curl")}), ("package: {version: \"8\"}", set()),
                         ("package: {location: \"/srv/**\"}", {("CVE-2026-3", "idna")}), ("vulnerability: CVE-2026-2, match-type: exact", set()), ("package: {language: go}", set())):
        found, said, _ = ignored(directory, "g.yaml", f"output: table\nignore:\n  - {{{rule}}}\n")
        equal((rule, found), (rule, wanted))
        assert bool(wanted) or "decides nothing" in said, (rule, said)
    equal(ignored(directory, "g.yaml", "ignore: []\n")[0], set())


def test_osv_scanners_rules(directory):
    prepare(directory)
    found, said, words = ignored(directory, "o.toml", "GoVersionOverride = \"1.20\" # not ours\n[[IgnoredVulns]]\nid = \"CVE-2026-1\"\nignoreUntil = 2026-12-31 # day\nreason = 'no way in'\n\n"
                                 "[[IgnoredVulns]]\nid = \"CVE-2026-2\"\nignoreUntil = 2026-01-01T00:00:00Z\n\n[[PackageOverrides]]\nname = \"idna\"\nversion = \"3.6\"\necosystem = \"PyPI\"\n"
                                 "vulnerability.ignore = true\nreason = \"gone soon\"\n")
    equal(found, {("CVE-2026-1", "zlib1g"), ("CVE-2026-3", "idna")})
    equal((words["CVE-2026-1", "zlib1g"], words["CVE-2026-3", "idna"]), (("o.toml:2", "ignored: no way in"), ("o.toml:11", "ignored: gone soon")))
    contains(said, "o.toml:7: CVE-2026-2: decides nothing: it has expired")
    found, said, _ = ignored(directory, "o.toml", "[[PackageOverrides]]\nname = \"idna\"\nlicense.override = [\"MIT\"]\n")
    equal(found, set())
    contains(said, "does not say")


def test_files_that_are_found_by_their_names(directory):
    prepare(directory)
    for name, text in ((".trivyignore", "CVE-2026-1\n"), (".trivyignore.yaml", "vulnerabilities: [{id: CVE-2026-1}]\n"), (".grype.yaml", "ignore: [{vulnerability: CVE-2026-1}]\n"),
                       ("osv-scanner.toml", "[[IgnoredVulns]]\nid = \"CVE-2026-1\"\n")):
        write(directory, {name: text})
        left, suppressed, said = scan(directory)
        equal((name, set(suppressed)), (name, {("CVE-2026-1", "zlib1g")}))
        contains(said, f"what {name} names is ignored")
        equal(scan(directory, "--ignorefile", "/dev/null")[0], ALL)
        os.remove(os.path.join(directory, name))
    write(directory, {"one": "CVE-2026-1\n", "two": "CVE-2026-3\n"})
    equal(set(scan(directory, "--ignorefile", "one", "--ignorefile", "two")[1]), {("CVE-2026-1", "zlib1g"), ("CVE-2026-3", "idna")})
    contains(kiln(directory, "scan", "--db", "db", "--as-of", "2026-06-01", "--ignorefile", "one", "--show-suppressed", "dir:root").stdout, "suppressed by statements")


def test_rules_that_are_wrong(directory):
    prepare(directory)
    for name, text, says in (("list", "CVE-2026-1 until:tomorrow\n", "list:1:"), ("a.yaml", "vulnerabilities: {}\n", "must be a list"), ("a.yaml", "vulnerabilities: [{statement: x}]\n", 'needs "id"'),
                             ("a.yaml", "vulnerabilities: [{id: CVE-1, purls: []}]\n", '"purls" is empty'), ("a.yaml", "vulnerabilities: [{id: CVE-1, expired_at: soon}]\n", "must be a day"),
                             ("a.yaml", "- x\n", "an ignore file in YAML"), ("g.yaml", "ignore: [{reason: x}]\n", "would ignore everything"), ("g.yaml", "ignore: [x]\n", "must be a mapping"),
                             ("o.toml", "[[IgnoredVulns]]\nreason = \"x\"\n", "needs \"id\""), ("o.toml", "[[IgnoredVulns]]\nid = \"x\n", "o.toml:2:"), ("o.toml", "what is this\n", "neither a key"),
                             ("o.toml", "[[PackageOverrides]]\nignore = true\n", "would ignore everything"), ("o.toml", "[[IgnoredVulns]]\nid = \"x\" y\n", "something follows"),
                             ("o.toml", "[[IgnoredVulns]]\nid = \"x\"\nignoreUntil = never\n", "o.toml:3:")):
        write(directory, {name: text})
        result = kiln(directory, "scan", "--db", "db", "--ignorefile", name, "dir:root")
        equal((text, result.returncode, result.stdout), (text, ERROR, ""))
        contains(result.stderr, says)


if __name__ == "__main__":
    run_cases(globals())
