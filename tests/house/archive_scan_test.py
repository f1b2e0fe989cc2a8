#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""archive_scan_test.py: images of trixie without and with its updates, against changelogs alone: the difference is exactly what
dpkg-parsechangelog reads in the newer packages."""
import glob
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from debian import BASE, CACHE, PROGRAM, STORE, kiln  # noqa: E402
from tap import ROOT, contains, equal, run_cases  # noqa: E402

RECIPE = """\
name: {name}
archive: debian/trixie
{archives}packages: [nginx, curl, libxml2-utils, openssl]
programs: [/usr/sbin/nginx, /usr/bin/curl, /usr/bin/xmllint, /usr/bin/openssl]
entrypoint: [/usr/sbin/nginx]
"""
OLD = "archives: [{id: debian/trixie, suites: [trixie]}]\n"
CVE = re.compile(r"(?<![A-Za-z0-9])(?:CVE|CAN)[-\s]\s*(\d{4})-\s*(\d{4,19})", re.I)


def scan(directory, image):
    environment = {**os.environ, "KILN_STORE": STORE, "KILN_CACHE_DIR": CACHE}
    result = subprocess.run([PROGRAM, "scan", "--db", "test.db", "--max-age", "0", "--format", "json", image], cwd=directory, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode in (1, 3), result.stderr
    return json.loads(result.stdout)[0], result.returncode


def packages(directory, name):
    with open(os.path.join(directory, name + ".lock"), encoding="utf-8") as file:
        (platform,) = json.load(file)["platforms"].values()
    return platform


def changelog(package):
    """The changelog in a package of the store; None where its documentation is another package's."""
    digest = package["digest"].split(":")[1]
    deb = os.path.join(STORE, "inputs", "sha256", digest[:2], digest[2:])
    with tempfile.TemporaryDirectory() as unpacked:
        subprocess.run(["dpkg-deb", "-x", deb, unpacked], check=True)
        for name in ("changelog.Debian.gz", "changelog.gz"):
            for path in glob.glob(os.path.join(unpacked, "usr/share/doc", package["name"], name)):
                return subprocess.run(["zcat", path], check=True, capture_output=True).stdout
    return None


def entries(text, *options):
    """(version, changes) as dpkg-parsechangelog reads them."""
    result = subprocess.run(["dpkg-parsechangelog", "-l", "-", "--format", "rfc822", *options], input=text, check=True, capture_output=True).stdout.decode(errors="replace")
    for record in re.split(r"\n\n(?=Source: )", result):
        version = re.search(r"^Version: (.*)$", record, re.M)
        if version:
            yield version[1], re.sub(r"\n \.?", "\n", record.split("\nChanges:", 1)[1])


def names(changes):
    return {f"CVE-{year}-{number}" for year, number in CVE.findall(changes)}


def expected(old, new):
    """(CVE, source) that the newer packages' changelogs name only above the older versions."""
    found, sources = set(), {}
    for package in new:
        sources.setdefault(package.get("source", package["name"]), []).append(package)
    before = {package.get("source", package["name"]): package.get("source-version", package["version"]) for package in old}
    for source, version in before.items():
        newer = [package for package in sources.get(source, []) if package.get("source-version", package["version"]) != version]
        text = next((text for text in map(changelog, newer) if text), None)
        if not newer:
            continue
        assert text, f"{source}: no changelog in {[package['name'] for package in newer]}"
        above = set().union(*(names(changes) for _, changes in entries(text, "--since", version)))
        below = set().union(*(names(changes) for found_version, changes in entries(text, "--all")
                              if subprocess.run(["dpkg", "--compare-versions", found_version, "le", version], check=False).returncode == 0))
        found |= {(name, source) for name in above - below}
    return found


def check_support(directory):
    """What debian-security-support says of packages that the archive has is in the database, and nothing else."""
    debs = os.path.join(BASE, "support")
    os.makedirs(debs, exist_ok=True)
    fetched = subprocess.run([os.path.join(ROOT, "tests", "fetch-packages"), debs, "trixie", "debian-security-support"], check=False)
    if fetched.returncode:
        return
    subprocess.run(["dpkg-deb", "-x", sorted(glob.glob(os.path.join(debs, "*.deb")))[-1], os.path.join(directory, "support")], check=True)
    with open(os.path.join(directory, "support/usr/share/debian-security-support/security-support.deb13"), encoding="utf-8") as file:
        entries = [line.split(None, 2)[:2] for line in file if line.strip() and not line.startswith("#")]
    database = sqlite3.connect(os.path.join(directory, "test.db"))
    sources = {name for (name,) in database.execute("SELECT DISTINCT package FROM affected")}
    wanted = {(f"security-support-{'ended' if kind == 'non-supported' else 'limited'}/{source}",) for name, kind in entries for source in sources if re.fullmatch(name, source)}
    equal(set(database.execute("SELECT record FROM advisory WHERE record LIKE 'security-support-%'")), wanted)
    assert len(wanted) > 10, wanted


def test_the_difference_is_what_changelogs_say(directory):
    for name, archives in (("old", OLD), ("new", "")):
        with open(os.path.join(directory, name + ".yaml"), "w", encoding="utf-8") as file:
            file.write(RECIPE.format(name="scan-" + name, archives=archives))
        kiln("build", "--no-progress", "-o", f"oci:{name}:x", name + ".yaml", directory=directory)
        kiln("lock", "--no-progress", name + ".yaml", directory=directory)
    kiln("db", "update", "--no-progress", "--db", "test.db", "--from-archive", "debian/trixie", "--for", "oci:old:x", directory=directory)
    check_support(directory)
    told, code = scan(directory, "oci:old:x")
    wanted = expected(packages(directory, "old"), packages(directory, "new"))
    in_image = {(package["source"]) for package in json.loads(kiln("inspect", "--format", "json", "oci:old:x", directory=directory))["packages"]}
    wanted = {(name, source) for name, source in wanted if source in in_image}
    equal({(finding["id"], finding["source"]) for finding in told["findings"] if finding["id"].startswith("CVE-")}, wanted)
    equal((code, len(wanted) > 0), (1, True))
    contains([part["kind"] for part in told["cannot-tell"]], "unfixed")
    assert "under-investigation" not in {part["kind"] for part in told["cannot-tell"]}, told["cannot-tell"]
    told, code = scan(directory, "oci:new:x")
    equal((told["findings"], told["result"], code), ([], "cannot tell", 3))


if __name__ == "__main__":
    run_cases(globals())
