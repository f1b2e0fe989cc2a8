#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scan_test.py: `kiln scan` on Alpine's own images against the secdb of their branch: nothing missed, nothing extra; and what cannot be told."""
import csv
import gzip
import hashlib
import html.parser
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import xml.etree.ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))
from tap import Skip, contains, equal, run_cases, write  # noqa: E402

KILN = os.environ["KILN_PROGRAM"]
SHARED = os.environ.get("KILN_SHARED_DATA", os.path.join(ROOT, "../shared/data"))
IMAGES = {"alpine-minirootfs-3.6.5-x86_64.tar.gz": "v3.6", "alpine-minirootfs-3.10.9-x86_64.tar.gz": "v3.10", "alpine-minirootfs-3.15.11-x86_64.tar.gz": "v3.15",
          "alpine-minirootfs-3.17.10-x86_64.tar.gz": "v3.17", "alpine-310.docker-archive.tar.gz": "v3.10", "alpine-311.docker-archive.tar.gz": "v3.11"}
CLEAN, FINDINGS, ERROR, CANNOT_TELL = 0, 1, 2, 3


def shared(*parts):
    path = os.path.join(SHARED, *parts)
    if not os.path.exists(path):
        raise Skip(f"{path} is not there")
    return path


def kiln(directory, *words):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "KILN_STORE": os.path.join(directory, "store"), "LC_ALL": "C.UTF-8"}
    return subprocess.run([KILN, "--no-progress", *words], cwd=directory, env=environment, capture_output=True, text=True, check=False)


def scan(directory, code, *words):
    result = kiln(directory, "scan", "--max-age", "0", "--format", "json", *words)
    equal((result.returncode, result.stderr if result.returncode == ERROR else ""), (code, ""))
    return json.loads(result.stdout)


def layout(directory, name, layer):
    """An OCI layout with one layer, a gzipped tar."""
    def blob(data):
        digest = hashlib.sha256(data).hexdigest()
        os.makedirs(os.path.join(directory, name, "blobs", "sha256"), exist_ok=True)
        with open(os.path.join(directory, name, "blobs", "sha256", digest), "wb") as file:
            file.write(data)
        return {"digest": "sha256:" + digest, "size": len(data)}
    config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(gzip.decompress(layer)).hexdigest()]}}
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **blob(json.dumps(config).encode())},
                "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", **blob(layer)}]}
    entry = {"mediaType": manifest["mediaType"], **blob(json.dumps(manifest).encode()), "annotations": {"org.opencontainers.image.ref.name": "x"}}
    with open(os.path.join(directory, name, "index.json"), "w", encoding="utf-8") as file:
        json.dump({"schemaVersion": 2, "manifests": [entry]}, file)
    with open(os.path.join(directory, name, "oci-layout"), "w", encoding="utf-8") as file:
        file.write('{"imageLayoutVersion": "1.0.0"}')
    return f"oci:{name}:x"


def small(directory, name, files):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for path, text in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(text), 0o755
            tar.addfile(entry, io.BytesIO(text))
    return layout(directory, name, gzip.compress(data.getvalue()))


def root_of(path):
    """The only layer of a docker archive, or the file itself."""
    with tarfile.open(path) as archive:
        if "manifest.json" not in archive.getnames():
            with open(path, "rb") as file:
                return file.read()
        (layer,) = json.load(archive.extractfile("manifest.json"))[0]["Layers"]
        return gzip.compress(archive.extractfile(layer).read())


def installed(path):
    with tarfile.open(fileobj=io.BytesIO(root_of(path))) as root:
        text = root.extractfile(next(name for name in root.getnames() if name.endswith("lib/apk/db/installed"))).read().decode()
    return [dict(line.split(":", 1) for line in record.splitlines() if line[:2] in ("P:", "V:", "o:")) for record in text.strip().split("\n\n")]


def parts(version):
    """Versions as these branches write them, as a tuple that Python orders: numbers, a letter, one suffix, the revision."""
    match = re.fullmatch(r"(\d+(?:\.\d+)*)([a-z]?)(?:_(alpha|beta|pre|rc|p|git)(\d*))?(?:-r(\d+))?", version)
    suffixes = {"alpha": -4, "beta": -3, "pre": -2, "rc": -1, None: 0, "git": 1, "p": 2}
    numbers, letter, suffix, count, revision = match.groups()
    return [int(number) for number in numbers.split(".")], letter, suffixes[suffix], int(count or 0), int(revision or 0)


def expected(path, branch):
    """(vulnerability, package) that the branch's lists say is fixed only later than what is installed."""
    fixes = {}
    for repository in ("main", "community"):
        file = os.path.join(SHARED, "feeds", "alpine-secdb", branch, repository + ".json")
        if os.path.exists(file):
            with open(file, encoding="utf-8") as opened:
                for entry in json.load(opened)["packages"]:
                    for version, texts in entry["pkg"]["secfixes"].items():
                        for name in [word for text in texts for word in text.split()]:
                            fixes.setdefault(entry["pkg"]["name"], {}).setdefault(name, []).append(version)
    found = set()
    for package in installed(path):
        for name, versions in fixes.get(package["o"], {}).items():
            if versions != ["0"] and all(parts(package["V"]) < parts(version) for version in versions if version != "0"):
                found.add((name, package["P"]))
    return found


def test_alpines_images_against_the_lists_of_their_branch(directory):
    feeds = shared("feeds", "alpine-secdb")
    equal(kiln(directory, "db", "build", feeds).returncode, CLEAN)
    total = 0
    for name, branch in IMAGES.items():
        path = shared("images", name)
        image = layout(directory, name.removesuffix(".tar.gz"), root_of(path))
        wanted = expected(path, branch)
        (told,) = scan(directory, FINDINGS if wanted else CLEAN, "--ignore-unfixed", image)
        if "minirootfs" in name:  # the bare file is as good
            (bare,) = scan(directory, FINDINGS if wanted else CLEAN, "--ignore-unfixed", path)
            equal((bare["findings"], bare["packages-judged"]), (told["findings"], told["packages-judged"]))
        equal({(finding["id"], finding["package"]) for finding in told["findings"]}, wanted)
        equal((told["result"], told["packages-judged"], told["cannot-tell"]), ("findings" if wanted else "clean", len(installed(path)), []))
        total += len(wanted)
    assert total > 50, total


def test_inspect_says_when_the_release_ends(directory):
    feeds = shared("feeds", "endoflife")
    write(directory, {"root/etc/os-release": "ID=debian\nVERSION_ID=12\n", "root/var/lib/dpkg/status": ""})
    environment = {**os.environ, "KILN_STORE": os.path.join(directory, "store")}

    def told():
        return json.loads(subprocess.run([KILN, "inspect", "--format", "json", "dir:root"], cwd=directory, env=environment, capture_output=True, text=True, check=True).stdout)["distribution"].get("ends")
    equal(told(), None)
    subprocess.run([KILN, "db", "build", feeds], cwd=directory, env=environment, capture_output=True, check=True)
    with open(os.path.join(feeds, "debian.json"), encoding="utf-8") as file:
        (cycle,) = [cycle for cycle in json.load(file) if cycle["cycle"] == "12"]
    equal(told(), cycle["eol"])


def test_end_of_life_is_said(directory):
    image = f"docker-archive:{shared('images', 'alpine-311.docker-archive.tar.gz')}"
    equal(kiln(directory, "db", "build", shared("feeds", "alpine-secdb"), shared("feeds", "endoflife")).returncode, CLEAN)
    (told,) = scan(directory, FINDINGS, image)
    equal([part["kind"] for part in told["cannot-tell"]], ["end-of-life", "unfixed"])
    result = kiln(directory, "scan", image)
    contains(result.stdout, "alpine 3.11 reached its end of life on 2021-11-01")
    contains(result.stdout, "openssl 1.1.1d-r3  in libcrypto1.1, libssl1.1\n")
    contains(result.stdout, "not all could be told")
    assert not told["findings"][0].get("vector"), told["findings"][0]
    equal({finding["severity"] for finding in told["findings"]}, {"unknown"})


def test_severity_and_exploitation_come_from_any_source(directory):
    image = f"docker-archive:{shared('images', 'alpine-310.docker-archive.tar.gz')}"
    record = {"id": "GHSA-1", "modified": "2026-01-01T00:00:00Z", "summary": "bad", "aliases": ["CVE-2021-28831"],
              "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}], "affected": []}
    with open(os.path.join(directory, "record.json"), "w", encoding="utf-8") as file:
        json.dump(record, file)
    with open(os.path.join(directory, "kev.json"), "w", encoding="utf-8") as file:
        json.dump({"catalogVersion": "1", "vulnerabilities": [{"cveID": "CVE-2021-28831", "dateAdded": "2026-01-01"}]}, file)
    equal(kiln(directory, "db", "build", shared("feeds", "alpine-secdb"), "record.json", "kev.json").returncode, CLEAN)
    (told,) = scan(directory, FINDINGS, image)
    first = told["findings"][0]  # what is exploited comes first
    equal((first["id"], first["exploited"], first["severity"], first["score"], first["severity-source"], first["summary"]),
          ("CVE-2021-28831", True, "critical", 9.8, f"osv/{os.path.basename(directory)}", "bad"))
    equal({finding["severity"] for finding in told["findings"]}, {"critical", "unknown"})
    (told,) = scan(directory, FINDINGS, "--severity", "critical", image)
    assert {finding["severity"] for finding in told["findings"]} == {"critical", "unknown"}  # what nobody knows may be critical
    equal(kiln(directory, "scan", "--exit-code", "7", image).returncode, 7)


APK = b"P:one\nV:1.0-r0\nA:x86_64\no:one\n\n"


def test_not_known_is_not_clean(directory):
    image = small(directory, "one", {"etc/os-release": b"ID=alpine\nVERSION_ID=3.17.1\n", "lib/apk/db/installed": APK})
    result = kiln(directory, "scan", image)
    equal((result.returncode, result.stdout), (CANNOT_TELL, ""))
    contains(result.stderr, "kiln db build")
    equal(kiln(directory, "db", "build", shared("feeds", "alpine-secdb", "v3.17", "main.json")).returncode, CLEAN)
    (told,) = scan(directory, CANNOT_TELL, image)  # a list of fixes does not name what is not fixed
    equal([part["kind"] for part in told["cannot-tell"]], ["unfixed"])
    (told,) = scan(directory, CLEAN, "--ignore-unfixed", image)
    equal((told["result"], told["findings"], told["cannot-tell"]), ("clean", [], []))
    cases = {"no-package-database": {"etc/os-release": b"ID=alpine\nVERSION_ID=3.17.1\n"},
             "no-feed": {"etc/os-release": b"ID=alpine\nVERSION_ID=3.99.1\n", "lib/apk/db/installed": APK},
             "unknown-distribution": {"etc/os-release": b"ID=other\nVERSION_ID=1\n", "lib/apk/db/installed": APK},
             "unowned-programs": {"etc/os-release": b"ID=alpine\nVERSION_ID=3.17.1\n", "lib/apk/db/installed": APK, "own": b"\x7fELF" + b"x" * 100}}
    for kind, files in cases.items():
        (told,) = scan(directory, CANNOT_TELL, "--ignore-unfixed", small(directory, kind, files))
        equal((told["result"], [part["kind"] for part in told["cannot-tell"]]), ("cannot tell", [kind]))
    old = shared("feeds", "alpine-secdb", "v3.17", "main.json")
    with open(old, "rb") as file, open(os.path.join(directory, "old.json"), "wb") as copy:
        copy.write(file.read())
    os.utime(os.path.join(directory, "old.json"), (1600000000, 1600000000))
    equal(kiln(directory, "db", "build", "old.json").returncode, CLEAN)
    result = kiln(directory, "scan", "--ignore-unfixed", image)
    equal(result.returncode, CANNOT_TELL)
    contains(result.stdout, "secdb/v3.17/main is ")


def test_several_images_at_once_say_the_same(directory):
    names = []
    for number in range(9):
        names.append(f"dir:root{number}")
        write(directory, {f"root{number}/etc/os-release": "ID=alpine\nVERSION_ID=3.20.1\n", f"root{number}/lib/apk/db/installed": f"P:one\nV:1.{number}-r0\n\n"})
    write(directory, {"feed/1.json": json.dumps({"id": "CVE-2026-1", "modified": "2026-05-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Alpine:v3.20", "name": "one"}, "ranges": [
        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.4-r0"}]}]}]})})

    def at_once(jobs, *images):
        return subprocess.run([KILN, "scan", "--jobs", jobs, "--db", "db", "--max-age", "0", "--format", "json", *images], cwd=directory,
                              env={**os.environ, "KILN_STORE": os.path.join(directory, "store" + jobs)}, capture_output=True, text=True, check=False)
    subprocess.run([KILN, "db", "build", "--db", "db", "feed"], cwd=directory, check=True, capture_output=True)
    one, many = at_once("1", *names), at_once("5", *names)
    equal((one.returncode, many.returncode, many.stdout), (FINDINGS, FINDINGS, one.stdout))
    equal([(told["image"], len(told["findings"])) for told in json.loads(many.stdout)], [(name, int(number < 4)) for number, name in enumerate(names)])
    bad = at_once("5", *names[:3], "dir:nowhere", *names[3:])
    equal((bad.returncode, bad.stdout), (ERROR, ""))
    contains(bad.stderr, "nowhere")


def test_what_comes_first_is_what_ssvc_says(directory):
    def record(number, ssvc, vector="CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N"):
        options = [{"Exploitation": ssvc[0]}, {"Automatable": ssvc[1]}, {"Technical Impact": ssvc[2]}] if ssvc else []
        return {"dataType": "CVE_RECORD", "cveMetadata": {"cveId": f"CVE-2026-{number}", "state": "PUBLISHED", "dateUpdated": "2026-05-01T00:00:00"}, "containers": {"cna": {
            "metrics": [{"cvssV3_1": {"vectorString": vector}}]}, "adp": [{"providerMetadata": {"shortName": "CISA-ADP"}, "metrics": [{"other": {"type": "ssvc", "content": {"options": options}}}]}]}}
    write(directory, {"root/etc/os-release": "ID=alpine\nVERSION_ID=3.20.1\n", "root/lib/apk/db/installed": "P:one\nV:1.0-r0\n\n"})
    severe = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    records = {1: record(1, ("none", "no", "partial"), severe), 2: record(2, ("active", "yes", "total")), 3: record(3, ("poc", "no", "total")), 4: record(4, None, severe), 5: record(5, None)}
    for number, cve in records.items():
        write(directory, {f"feed/cve/{number}.json": json.dumps(cve), f"feed/osv/{number}.json": json.dumps({"id": f"ALPINE-CVE-2026-{number}", "aliases": [f"CVE-2026-{number}"], "modified": "2026-05-01T00:00:00Z",
                          "affected": [{"package": {"ecosystem": "Alpine:v3.20", "name": "one"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]})})
    subprocess.run([KILN, "db", "build", "--db", "db", "feed"], cwd=directory, check=True, capture_output=True)
    for mission, wanted in ((None, [("CVE-2026-2", "act", "cisa"), ("CVE-2026-4", "track*", "computed"), ("CVE-2026-3", "track*", "cisa"), ("CVE-2026-1", "track", "cisa"), ("CVE-2026-5", "track", "computed")]),
                            ("low", [("CVE-2026-2", "attend", "cisa"), ("CVE-2026-1", "track", "cisa"), ("CVE-2026-4", "track", "computed"), ("CVE-2026-3", "track", "cisa"), ("CVE-2026-5", "track", "computed")])):
        (told,) = json.loads(subprocess.run([KILN, "scan", "--db", "db", "--max-age", "0", "--format", "json", *(["--mission", mission] if mission else []), "dir:root"], cwd=directory,
                                            env={**os.environ, "KILN_STORE": os.path.join(directory, "store")}, capture_output=True, text=True, check=False).stdout)
        equal([(finding["id"], finding["ssvc"]["decision"], finding["ssvc"]["source"]) for finding in told["findings"]], wanted)


def test_opinions_that_split(directory):
    def record(identity, aliases, fixed):
        events = [{"introduced": "0"}] + ([{"fixed": fixed}] if fixed else [])
        return {"id": identity, "modified": "2026-01-01T00:00:00Z", "aliases": aliases,
                "affected": [{"package": {"ecosystem": "Alpine:v3.17", "name": "one"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}]}
    for name, document in (("a", record("CVE-2026-1", [], "2.0-r0")), ("b", record("X-1", ["CVE-2026-1"], "3.0-r0")), ("c", record("X-2", ["CVE-2026-2"], "0.5-r0")),
                           ("d", {**record("X-3", [], None), "withdrawn": "2026-01-02T00:00:00Z"}), ("e", record("X-4", ["CVE-2026-2"], None))):
        os.mkdir(os.path.join(directory, name))  # each folder is a source of its own
        with open(os.path.join(directory, name, "record.json"), "w", encoding="utf-8") as file:
            json.dump(document, file)
    equal(kiln(directory, "db", "build", "a", "b", "c", "d", "e").returncode, CLEAN)
    image = small(directory, "one", {"etc/os-release": b"ID=alpine\nVERSION_ID=3.17.1\n", "lib/apk/db/installed": APK})
    (told,) = scan(directory, FINDINGS, image)
    first, second = sorted(told["findings"], key=lambda finding: finding["id"])
    equal((first["id"], first["aliases"], first["fixed"], len(first["opinions"])), ("CVE-2026-1", ["X-1"], "3.0-r0", 2))
    contains(first["split"], "different fixed version")
    equal((second["id"], second["aliases"], second.get("fixed")), ("CVE-2026-2", ["X-2", "X-4"], None))
    contains(second["split"], "osv/c says fixed in 0.5-r0, osv/e says affected")
    (told,) = scan(directory, FINDINGS, "--ignore-unfixed", image)
    equal([finding["id"] for finding in told["findings"]], ["CVE-2026-1"])
    malformed = small(directory, "odd", {"etc/os-release": b"ID=alpine\nVERSION_ID=3.17.1\n", "lib/apk/db/installed": APK.replace(b"1.0-r0", b"not a version")})
    (told,) = scan(directory, CANNOT_TELL, malformed)
    assert {part["kind"] for part in told["cannot-tell"]} == {"malformed-version"}


def test_every_format_says_the_same(directory):
    """Each document is read by a reader of its own; what texts of others say is nowhere markup."""
    record = {"id": "X-1", "modified": "2026-01-01T00:00:00Z", "aliases": ["CVE-2026-1"], "summary": "<b>|`bold`\"'&\u0001 =1+1",
              "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
              "affected": [{"package": {"ecosystem": "Alpine:v3.17", "name": "one"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0-r0"}]}]}]}
    with open(os.path.join(directory, "a.json"), "w", encoding="utf-8") as file:
        json.dump(record, file)
    equal(kiln(directory, "db", "build", "a.json").returncode, CLEAN)
    image = small(directory, "one", {"etc/os-release": b"ID=alpine\nVERSION_ID=3.17.1\nPRETTY_NAME=<i>x\n", "lib/apk/db/installed": APK, "own": b"\x7fELF"})
    outputs = [word for name in ("json", "sarif", "markdown", "csv", "junit", "html") for word in ("-o", f"{name}=out.{name}")]
    for _ in range(2):
        result = kiln(directory, "scan", "--max-age", "0", *outputs, image, image)
        equal(result.returncode, FINDINGS)
        text = {name.split("=")[0]: open(os.path.join(directory, name.split("=")[1]), encoding="utf-8", newline="").read() for name in outputs[1::2]}
        equal(text, locals().get("before", text))
        before = text
    document = json.loads(text["json"])
    equal([(len(one["findings"]), [part["kind"] for part in one["cannot-tell"]]) for one in document], [(1, ["unowned-programs"])] * 2)
    sarif = json.loads(text["sarif"])
    equal([(run["results"][0]["ruleId"], run["results"][0]["level"], run["tool"]["driver"]["rules"][0]["properties"]["security-severity"]) for run in sarif["runs"]], [("CVE-2026-1", "error", "9.8")] * 2)
    equal(sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["descriptor"]["id"], "unowned-programs")
    try:
        import jsonschema
        with open(shared("schemas", "sarif-2.1.0.schema.json"), encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.validators.validator_for(schema)(schema).validate(sarif)
    except ImportError:
        print("# sarif is not held against its schema: python3-jsonschema is not installed")
    rows = list(csv.reader(io.StringIO(text["csv"])))
    equal([row[2] for row in rows], ["id", "CVE-2026-1", "unowned-programs"] * 1 + ["CVE-2026-1", "unowned-programs"])
    equal({len(row) for row in rows}, {13})
    suites = xml.etree.ElementTree.fromstring(text["junit"].encode())
    equal([(suite.get("tests"), suite.get("failures"), suite.get("errors"), len(suite)) for suite in suites], [("2", "1", "1", 3)] * 2)
    page = Page()
    page.feed(text["html"])
    equal(page.tags & {"b", "i", "img", "a"}, set())
    contains(" ".join(page.texts), "<b>|`bold`\"'&")
    contains(text["markdown"], "| one 1.0-r0 | 2.0-r0 | [CVE-2026-1](https://www.cve.org/CVERecord?id=CVE-2026-1) critical |")
    for name in ("html", "markdown"):
        assert "<b>" not in text[name], name
    result = kiln(directory, "scan", "-o", "sarif", image)
    equal(result.returncode, ERROR)
    contains(result.stderr, "FORMAT=FILE")


def test_statements_suppress_what_they_name(directory):
    def record(name):
        return {"id": name, "modified": "2026-01-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Alpine:v3.17", "name": "one"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}

    def openvex(name, vulnerability, product, status="not_affected", **more):
        statement = {"vulnerability": {"name": vulnerability}, "products": [product], "status": status, "justification": "component_not_present", **more}
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            json.dump({"@context": "https://openvex.dev/ns/v0.2.0", "timestamp": "2026-01-01T00:00:00Z", "statements": [statement]}, file)
    for number in (1, 2, 3):
        with open(os.path.join(directory, f"{number}.json"), "w", encoding="utf-8") as file:
            json.dump(record(f"CVE-2026-{number}"), file)
    equal(kiln(directory, "db", "build", "1.json", "2.json", "3.json").returncode, CLEAN)
    image = small(directory, "one", {"etc/os-release": b"ID=alpine\nVERSION_ID=3.17.1\n", "lib/apk/db/installed": APK})
    openvex("a.vex", "CVE-2026-1", {"@id": "pkg:apk/alpine/one@1.0-r0?distro=alpine-3.17"}, impact_statement="it is not built in")
    openvex("b.vex", "CVE-2026-2", {"@id": "pkg:apk/alpine/other"})
    with open(os.path.join(directory, ".trivyignore"), "w", encoding="utf-8") as file:
        file.write("CVE-2026-3 # accepted\nCVE-2026-2 exp:2020-01-01\n")
    result = kiln(directory, "scan", "--max-age", "0", "--vex", "a.vex", "--vex", "b.vex", "-o", "json=a.json", "-o", "sarif=a.sarif", "-o", "junit=a.xml", image)
    equal(result.returncode, FINDINGS)
    contains(result.stdout, "2 findings suppressed by statements; --show-suppressed shows them")
    contains(result.stderr, "what .trivyignore names is ignored")
    contains(result.stderr, "b.vex: statements[0]: CVE-2026-2: decides nothing: no finding of that name in what it names as its product")
    contains(result.stderr, ".trivyignore:2: CVE-2026-2: decides nothing: it has expired")
    with open(os.path.join(directory, "a.json"), encoding="utf-8") as file:
        (told,) = json.load(file)
    equal([finding["id"] for finding in told["findings"]], ["CVE-2026-2"])
    equal({finding["id"]: finding["suppressed-because"] for finding in told["suppressed"]},
          {"CVE-2026-1": "not affected (component_not_present): it is not built in", "CVE-2026-3": "ignored: accepted"})
    digests = ["sha256:" + hashlib.sha256(open(os.path.join(directory, name), "rb").read()).hexdigest() for name in ("a.vex", "b.vex", ".trivyignore")]
    equal(told["statements"], digests)
    with open(os.path.join(directory, "a.sarif"), encoding="utf-8") as file:
        equal([len(one.get("suppressions", [])) for one in json.load(file)["runs"][0]["results"]], [0, 1, 1])
    equal([len(case) and case[0].tag for case in xml.etree.ElementTree.parse(os.path.join(directory, "a.xml")).iter("testcase")], ["failure", "skipped", "skipped"])
    contains(kiln(directory, "scan", "--max-age", "0", "--vex", "a.vex", "--show-suppressed", image).stdout, "CVE-2026-1  one  not affected (component_not_present): it is not built in")
    openvex("c.vex", "CVE-2026-1", {"@id": "one"}, status="affected", timestamp="2026-02-01T00:00:00Z")  # newer, and about the whole image by its name
    openvex("d.vex", "CVE-2026-1", {"@id": told["digest"]}, status="affected", timestamp="2026-02-01T00:00:00Z")
    os.unlink(os.path.join(directory, ".trivyignore"))
    (told,) = scan(directory, FINDINGS, "--vex", "a.vex", "--vex", "d.vex", image)
    equal((len(told["findings"]), told["suppressed"]), (3, []))


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.texts = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.texts.append(data)


if __name__ == "__main__":
    run_cases(globals())
