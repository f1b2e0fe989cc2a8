#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""golden_test.py: every output that somebody may read by a program, on one small image, against what it was when a person last looked at it.

tests/data/golden has one file for each; KILN_GOLDEN=write writes them anew. That a document is right, its schema and the other tests say; this one says when
it changes. kiln's version stands as VERSION.
"""
import difflib
import io
import json
import os
import subprocess
import sys
import tarfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))
from tap import equal, run_cases, write  # noqa: E402

KILN = os.environ["KILN_PROGRAM"]
GOLDEN = os.path.join(ROOT, "tests", "data", "golden")
STATUS = ("Package: zlib1g\nStatus: install ok installed\nInstalled-Size: 150\nVersion: 1:1.2.13.dfsg-1\nArchitecture: amd64\nSource: zlib\nMaintainer: A Person <a@example.org>\nHomepage: https://example.org/\n"
          "Description: compression library\n more\n\nPackage: curl\nStatus: install ok installed\nVersion: 7.88.1-10\nArchitecture: amd64\nMaintainer: A Person <a@example.org>\nDescription: fetch\n\n")
FILES = {
    "etc/os-release": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n', "var/lib/dpkg/status": STATUS, "usr/lib/libz.so.1": "\x7fELF" + "z" * 96, "usr/bin/curl": "\x7fELF" + "c" * 196,
    "var/lib/dpkg/info/zlib1g.list": "/.\n/usr/lib/libz.so.1\n/usr/share/doc/zlib1g/copyright\n", "var/lib/dpkg/info/curl.list": "/usr/bin/curl\n/usr/bin/gone\n", "usr/share/doc/zlib1g/copyright":
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nCopyright: A Person\nLicense: Zlib\n\nLicense: Zlib\n as is\n",
    "srv/app/site-packages/idna-3.6.dist-info/METADATA": "Metadata-Version: 2.1\nName: idna\nVersion: 3.6\nSummary: names\nLicense-Expression: BSD-3-Clause\n", "srv/app/run.sh": "#!/bin/sh\necho\n",
    "usr/local/go/VERSION": "go1.22.3\n", "opt/own": "\x7fELF" + "o" * 36, "root/.ssh/id": "-----BEGIN OPENSSH PRIVATE KEY-----\n" + "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB\n" + "-----END OPENSSH PRIVATE KEY-----\n",
}
SEVERE = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


def osv(name, ecosystem, package, *events, vector=None, aliases=(), summary="bad"):
    record = {"id": name, "summary": summary, "modified": "2026-05-01T00:00:00Z", "published": "2026-04-01T00:00:00Z", "aliases": list(aliases), "affected": [{
        "package": {"ecosystem": ecosystem, "name": package}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, *events]}]}]}
    return json.dumps({**record, **({"severity": [{"type": "CVSS_V3", "score": vector}]} if vector else {})})


FEEDS = {
    "feed/debian/1.json": osv("DSA-1", "Debian:12", "zlib", {"fixed": "1:1.2.13.dfsg-2"}, aliases=["CVE-2026-1"], vector=SEVERE, summary="zlib: <script> & \"quotes\", memory"),
    "feed/other/1.json": osv("CVE-2026-1", "Debian:12", "zlib", {"fixed": "1:1.2.13.dfsg-3"}), "feed/debian/2.json": osv("CVE-2026-2", "Debian:12", "curl", summary="=cmd|' /C calc'!A0"),
    "feed/PyPI/3.json": osv("PYSEC-2026-3", "PyPI", "idna", {"fixed": "3.7"}, aliases=["CVE-2026-3", "GHSA-aaaa-bbbb-cccc"], vector="CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:L/I:N/A:N"),
    "feed/debian/4.json": osv("CVE-2026-4", "Debian:12", "curl", {"fixed": "7.90-1"}, summary="accepted"),
    "feed/kev.json": json.dumps({"catalogVersion": "2026.05.01", "dateReleased": "2026-05-01T00:00:00Z", "vulnerabilities": [{"cveID": "CVE-2026-2", "dateAdded": "2026-05-01", "dueDate": "2026-05-22"}]}),
    "feed/epss.csv": "#model_version:v2025.03.14,score_date:2026-05-01T12:55:00Z\ncve,epss,percentile\nCVE-2026-1,0.97432,0.99981\n",
    "accepted": "CVE-2026-4 # until the next release\n", "template.jq": '.[] | .image + ": " + (.findings | length | tostring) + " findings\\n"',
}
SCAN = ["scan", "--db", "db", "--as-of", "2026-06-01", "--ignorefile", "accepted"]
SBOM = ["sbom", "root.tar", "--format"]
CASES = {
    **{f"scan.{name}": [*SCAN, "--format", name, *(["--template", "template.jq"] if name == "template" else []), "root.tar"]
       for name in ("table", "json", "sarif", "cyclonedx", "spdx", "openvex", "junit", "markdown", "gitlab", "csv", "html", "template", "trivy", "grype")},
    "scan.suppressed": [*SCAN, "--show-suppressed", "root.tar"],
    **{f"sbom.{name}": [*SBOM, name] for name in ("spdx-json", "spdx-json@3.0.1", "spdx-tag-value", "cyclonedx-json", "cyclonedx-json@1.7", "cyclonedx-xml", "cyclonedx-xml@1.7", "table", "json")},
    "sbom-check.table": ["sbom", "--check", "made.cdx.json"], "sbom-check.json": ["sbom", "--check", "--format", "json", "made.cdx.json"],
    "inspect.table": ["inspect", "--verbose", "root.tar"], "inspect.json": ["inspect", "--format", "json", "root.tar"],
    "diff.table": ["diff", "root.tar", "other.tar"], "diff.json": ["diff", "--format", "json", "root.tar", "other.tar"],
    "why.table": ["why", "--db", "db", "--as-of", "2026-06-01", "root.tar", "CVE-2026-1"], "why.json": ["why", "--db", "db", "--as-of", "2026-06-01", "--format", "json", "root.tar", "CVE-2026-1"],
    "vex-add.openvex": ["vex", "add", "--db", "db", "--as-of", "2026-06-01", "--author", "A Person", "--status", "not_affected", "--justification", "component_not_present", "root.tar", "CVE-2026-1"],
    "vex-add.csaf": ["vex", "add", "--db", "db", "--as-of", "2026-06-01", "--author", "A Person", "--format", "csaf", "--status", "not_affected", "--justification", "component_not_present", "root.tar", "CVE-2026-1"],
    "vex-lint.table": ["vex", "lint", "weak.json"], "vex-lint.json": ["vex", "lint", "--format", "json", "weak.json"],
    "db-query.table": ["db", "query", "--db", "db", "CVE-2026-1"], "db-query.json": ["db", "query", "--db", "db", "--format", "json", "CVE-2026-1"],
}
WEAK = {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "author": "A", "timestamp": "2026-01-01T00:00:00Z", "version": 1, "statements": [
    {"vulnerability": {"name": "CVE-2026-1"}, "products": [{"@id": "pkg:deb/debian/zlib1g"}], "status": "not_affected", "justification": "component_not_present"}]}


def pack(directory, name, files):
    with tarfile.open(os.path.join(directory, name), "w", format=tarfile.PAX_FORMAT) as tar:
        for path, text in sorted(files.items()):
            entry = tarfile.TarInfo(path)
            entry.size, entry.mtime, entry.mode = len(text.encode("latin-1")), 1780000000, 0o755 if text.startswith(("\x7fELF", "#!")) else 0o644
            tar.addfile(entry, io.BytesIO(text.encode("latin-1")))


def run(directory, *words):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "KILN_STORE": os.path.join(directory, "store"), "LC_ALL": "C.UTF-8", "TZ": "UTC", "COLUMNS": "100"}
    result = subprocess.run([KILN, "--no-progress", *words], cwd=directory, env=environment, capture_output=True, check=False)
    assert result.returncode in (0, 1, 3), f"{words}: {result.stderr.decode()}"
    return result.stdout.decode()


def test_outputs_are_as_they_were(directory):
    write(directory, {**FEEDS, "weak.json": json.dumps(WEAK)})
    pack(directory, "root.tar", FILES)
    pack(directory, "other.tar", {**{path: text for path, text in FILES.items() if path != "opt/own"}, "var/lib/dpkg/status": STATUS.replace("7.88.1-10", "7.88.1-11"), "srv/app/new": "new\n"})
    run(directory, "db", "build", "--db", "db", "feed")
    write(directory, {"made.cdx.json": run(directory, *SBOM, "cyclonedx-json")})
    version = run(directory, "--version").split()[1]
    differences = []
    for name, words in CASES.items():
        path, text = os.path.join(GOLDEN, name), run(directory, *words).replace(version, "VERSION")
        if os.environ.get("KILN_GOLDEN") == "write":
            write(GOLDEN, {name: text})
        with open(path, encoding="utf-8", newline="") as file:
            differences += difflib.unified_diff(file.read().splitlines(), text.splitlines(), f"tests/data/golden/{name}", " ".join(words), lineterm="", n=1)
    assert not differences, "\n".join(differences[:200]) + "\nwhen that is meant: KILN_GOLDEN=write tests/cli/golden_test.py, and look at what it wrote"


def test_every_format_has_its_file(directory):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "LC_ALL": "C.UTF-8"}
    for command in ("scan", "sbom"):
        said = subprocess.run([KILN, command, "--format", "no-such-format", "x"], cwd=directory, env=environment, capture_output=True, text=True, check=False).stderr
        names = set(said.split("it may be ", 1)[1].splitlines()[0].split(", "))
        equal(names, {name.split(".", 1)[1] for name in CASES if name.startswith(command + ".") and name != "scan.suppressed"})


if __name__ == "__main__":
    run_cases(globals())
