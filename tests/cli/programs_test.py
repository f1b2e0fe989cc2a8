#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""programs_test.py: programs that no package brought, known by the text in them; secrets; interpreters. dpkg judges the versions."""
import functools
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))
from tap import Skip, contains, equal, run_cases, write  # noqa: E402

KILN = os.environ["KILN_PROGRAM"]
CACHE = os.environ.get("KILN_TEST_CACHE") or os.path.join(os.path.expanduser("~"), ".cache/kiln-tests")
CLEAN, FINDINGS, CANNOT_TELL = 0, 1, 3
# Debian's package, and the program of known_program.c that is in it.
PROGRAMS = {"apache2-bin": "httpd", "bash": "bash", "busybox": "busybox", "curl": "curl", "git": "git", "haproxy": "haproxy", "libc6": "glibc", "libexpat1": "expat",
            "libgnutls30t64": "gnutls", "libruby3.3": "ruby", "libsqlite3-0": "sqlite", "libssl3t64": "openssl", "lighttpd": "lighttpd", "memcached": "memcached",
            "nginx": "nginx", "openssh-client": "openssh", "perl-base": "perl", "python3.13-minimal": "python", "redis-tools": "redis", "zlib1g": "zlib"}
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\n" + "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n" * 4 + "-----END OPENSSH PRIVATE KEY-----\n"
TOKEN = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5"
STATUS = "Package: app\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: x\n\n"


def kiln(directory, *words, code=None):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "KILN_STORE": os.path.join(directory, "store"), "LC_ALL": "C.UTF-8"}
    result = subprocess.run([KILN, "--no-progress", *words], cwd=directory, env=environment, capture_output=True, text=True, check=False)
    assert code is None or result.returncode == code, f"{words}: {result.returncode}\n{result.stdout[-2000:]}{result.stderr}"
    return result.stdout


def inspect(directory, root):
    return json.loads(kiln(directory, "inspect", "--format", "json", "dir:" + root, code=0))


def known(document):
    return {package["name"]: package for package in document["packages"] if package["purl"].startswith("pkg:generic/")}


@functools.cache
def unpacked():
    """The programs of Debian's packages, unpacked without dpkg's database; and the versions that dpkg knows."""
    directory = os.path.join(CACHE, "programs")
    os.makedirs(directory, exist_ok=True)
    fetched = subprocess.run([os.path.join(ROOT, "tests", "fetch-packages"), directory, "trixie", *PROGRAMS], capture_output=True, text=True, check=False)
    if fetched.returncode:
        raise Skip("no mirror of Debian's packages can be reached")
    holder, versions = tempfile.TemporaryDirectory(), {}
    for package, program in PROGRAMS.items():
        path = sorted(glob.glob(os.path.join(directory, package + "_*.deb")))[-1]
        versions[program] = subprocess.run(["dpkg-deb", "--field", path, "Version"], check=True, capture_output=True, text=True).stdout.strip()
        subprocess.run(["dpkg-deb", "--extract", path, holder.name], check=True)
    subprocess.run(["rm", "-rf", os.path.join(holder.name, "usr/share/doc")], check=True)
    return holder, versions


def test_programs_that_no_package_brought_tell_their_version(directory):
    holder, versions = unpacked()
    found = known(inspect(directory, holder.name))
    missing = sorted(set(versions) - set(found))
    assert not missing, f"{missing} not found"
    for program, version in versions.items():
        upstream = re.sub(r"^[0-9]+:", "", version).rsplit("-", 1)[0]
        upstream = re.split(r"[+~](?:dfsg|ds|deb|really)", upstream)[0]
        said = found[program]["version"]
        # zlib's 1.3.dfsg+really1.3.1 is 1.3.1; OpenSSH 10.0p1 was released with 10.0p2 in it.
        really = re.search(r"really([0-9.]+)", version)
        expected = really.group(1) if really else upstream
        equal((program, re.sub(r"p[0-9]$", "", said)), (program, re.sub(r"p[0-9]$", "", expected)))
        equal((program, found[program]["confidence"]), (program, "low"))
        contains(found[program]["evidence"], "in it")


def test_programs_of_a_package_are_the_packages(directory):
    holder, _ = unpacked()
    root = os.path.join(directory, "root")
    os.makedirs(os.path.join(root, "usr"))
    subprocess.run(["cp", "-a", os.path.join(holder.name, "usr/sbin"), os.path.join(root, "usr/")], check=True)
    programs = [os.path.relpath(os.path.join(where, name), root) for where, _, names in os.walk(root) for name in names]
    owned = [path for path in programs if os.path.basename(path) == "nginx"]
    write(root, {"var/lib/dpkg/status": STATUS.replace("app", "zapp"), "var/lib/dpkg/info/zapp.list": "".join(f"/{path}\n" for path in owned)})
    document = inspect(directory, root)
    names = {package["name"]: package["files"] for package in document["packages"]}
    assert "nginx" not in names and names["haproxy"] == 1 and names["zapp"] == 1, names


def test_runtimes_speak_for_their_directory(directory):
    write(directory, {"root/opt/jdk/release": 'IMPLEMENTOR="x"\nJAVA_VERSION="21.0.4"\n', "root/opt/jdk/lib/modules": "x", "root/usr/local/go/VERSION": "go1.22.3\ntime x\n",
                      "root/usr/local/go/src/a.go": "x", "root/srv/blog/wp-includes/version.php": "<?php\n$wp_version = '6.4.1';\n", "root/srv/blog/index.php": "<?php\n",
                      "root/VERSION": "go1.1\n", "root/opt/other/VERSION": "1.22.3\n"})
    found = known(inspect(directory, "root"))
    equal({name: (package["version"], package["files"], package["confidence"]) for name, package in found.items()},
          {"openjdk": ("21.0.4", 2, "medium"), "go": ("1.22.3", 2, "medium"), "wordpress": ("6.4.1", 2, "medium")})


def nvd(directory, cve, criteria, **more):
    match = {"vulnerable": True, "criteria": criteria, "matchCriteriaId": "x", **more}
    entry = {"cve": {"id": cve, "vulnStatus": "Analyzed", "lastModified": "2026-05-01T00:00:00.000", "descriptions": [{"lang": "en", "value": "bad"}], "metrics": {},
                     "configurations": [{"nodes": [{"operator": "OR", "negate": False, "cpeMatch": [match]}]}]}}
    write(directory, {f"feed/{cve}.json": json.dumps({"format": "NVD_CVE", "version": "2.0", "timestamp": "2026-05-20T00:00:00.000", "vulnerabilities": [entry]})})


def scan(directory, *words, code):
    return json.loads(kiln(directory, "scan", "--as-of", "2026-05-28", "--db", "db", "--format", "json", *words, "dir:root", code=code))[0]


def test_cpe_decides_for_programs_with_low_confidence(directory):
    write(directory, {"root/opt/jdk/release": 'JAVA_VERSION="21.0.4"\n', "root/usr/local/go/VERSION": "go1.22.3\n"})
    nvd(directory, "CVE-2026-0001", "cpe:2.3:a:golang:go:*:*:*:*:*:*:*:*", versionEndExcluding="1.22.4")
    nvd(directory, "CVE-2026-0002", "cpe:2.3:a:golang:go:*:*:*:*:*:*:*:*", versionEndExcluding="1.22.3")
    kiln(directory, "db", "build", "--db", "db", "feed", code=0)
    result = scan(directory, code=FINDINGS)
    equal([(finding["id"], finding["package"], finding["fixed"], finding["confidence"]) for finding in result["findings"]], [("CVE-2026-0001", "go", "1.22.4", "low")])
    contains(kiln(directory, "scan", "--db", "db", "dir:root", code=FINDINGS), "go 1.22.3")


def test_programs_that_no_source_knows_are_not_clean(directory):
    write(directory, {"root/usr/local/go/VERSION": "go1.22.3\n", "feed/kev.json": json.dumps({"title": "x", "catalogVersion": "2026.05.01", "dateReleased": "2026-05-01T00:00:00Z",
                      "count": 0, "vulnerabilities": []})})
    kiln(directory, "db", "build", "--db", "db", "feed", code=0)
    result = scan(directory, code=CANNOT_TELL)
    assert "unknown-program" in [untold["kind"] for untold in result["cannot-tell"]], result["cannot-tell"]


def secrets(directory, root="root"):
    return [(remark["path"], remark["what"]) for remark in inspect(directory, root)["remarks"] if remark["kind"] == "secret"]


def test_functions_that_a_go_program_has_not_cannot_be_reached(directory):
    """fzf opens no server: what is wrong in net/http's is not in it. The bytes of the program are the judge."""
    debs = os.path.join(CACHE, "programs")
    os.makedirs(debs, exist_ok=True)
    if subprocess.run([os.path.join(ROOT, "tests", "fetch-packages"), debs, "trixie", "fzf"], capture_output=True, check=False).returncode:
        raise Skip("no mirror of Debian's packages can be reached")
    subprocess.run(["dpkg-deb", "--extract", sorted(glob.glob(os.path.join(debs, "fzf_*.deb")))[-1], os.path.join(directory, "all")], check=True)
    os.makedirs(os.path.join(directory, "root"))
    program = os.path.join(directory, "root/fzf")
    os.rename(os.path.join(directory, "all/usr/bin/fzf"), program)
    with open(program, "rb") as file:
        content = file.read()
    cases = {1: ("os", "Getenv", b"\0os.Getenv\0"), 2: ("net/http", "Server.Serve", b"\0net/http.(*Server).Serve\0"), 3: ("bufio", "Scanner.Scan", b"\0bufio.(*Scanner).Scan\0"), 4: ("archive/zip", "OpenReader", b"\0archive/zip.OpenReader\0")}
    for number, (path, symbol, _) in cases.items():
        imports = [{"path": path, "symbols": [symbol]}]
        write(directory, {f"feed/Go/{number}.json": json.dumps({"id": f"GO-2026-{number}", "modified": "2026-05-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Go", "name": "stdlib"},
                          "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "99.0.0"}]}], "ecosystem_specific": {"imports": imports}}]})})
    whole = {"id": "GO-2026-5", "modified": "2026-05-01T00:00:00Z", "affected": [{"package": {"ecosystem": "Go", "name": "stdlib"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
             "ecosystem_specific": {"imports": [{"path": "net/http", "symbols": ["Server.Serve"]}, {"path": "net/smtp"}]}}]}
    write(directory, {"feed/Go/5.json": json.dumps(whole)})
    kiln(directory, "db", "build", "--db", "db", "feed", code=0)
    found = {finding["id"] for finding in scan(directory, code=FINDINGS)["findings"]}
    equal(found, {f"GO-2026-{number}" for number, (_, _, text) in cases.items() if text in content} | {"GO-2026-5"})
    assert {"GO-2026-1", "GO-2026-3"} <= found and "GO-2026-2" not in found, found


def test_secrets_are_named_and_never_shown(directory):
    write(directory, {"root/root/.ssh/id_ed25519": KEY, "root/app/settings.py": f"a = 1\ntoken = '{TOKEN}'\n", "root/etc/shadow": "root:$6$abc$" + "d" * 40 + ":1:2:3:4:::\nbin:*:1::::::\n",
                      "root/root/.docker/config.json": '{"auths": {"r": {"auth": "dXNlcjpwYXNzd29yZA=="}}}', "root/app/notes": "-----BEGIN OPENSSH PRIVATE KEY-----\nis how one starts\n"})
    equal(secrets(directory), [("/app/settings.py", "a token of GitHub, in line 2"), ("/etc/shadow", "a password's hash, in line 1"),
                               ("/root/.docker/config.json", "the login of a registry, in line 1"), ("/root/.ssh/id_ed25519", "a private key of OpenSSH, in line 1")])
    for words in (["--format", "json"], ["--verbose"]):
        text = kiln(directory, "inspect", *words, "dir:root", code=0)
        assert TOKEN not in text and "b3Blbn" not in text


def test_examples_and_files_of_packages_are_no_secrets(directory):
    write(directory, {"root/usr/share/doc/x/key": KEY, "root/srv/node_modules/x/test.pem": KEY, "root/app/readme": "AKIAIOSFODNN7EXAMPLE\n", "root/etc/app.key": KEY,
                      "root/var/lib/dpkg/status": STATUS, "root/var/lib/dpkg/info/app.list": "/etc/app.key\n"})
    equal(secrets(directory), [])


def test_interpreters_are_counted(directory):
    write(directory, {"root/usr/bin/perl": "x", "root/usr/bin/python3.13": "x", "root/usr/bin/bash": "x", "root/usr/lib/perl": "x"})
    traits = inspect(directory, "root")["traits"]
    equal(traits["interpreter"]["paths"], ["/usr/bin/perl", "/usr/bin/python3.13"])
    equal(traits["shell"]["paths"], ["/usr/bin/bash"])


def test_the_part_of_programs_that_nobody_owns_is_in_every_result(directory):
    write(directory, {"root/app/one": "\x7fELF" + "a" * 96, "root/app/two": "\x7fELF" + "a" * 296, "root/app/text": "x" * 5000, "root/var/lib/dpkg/status": STATUS,
                      "root/var/lib/dpkg/info/app.list": "/app/two\n", "root/etc/os-release": "ID=debian\nVERSION_ID=13\n"})
    nvd(directory, "CVE-2026-0001", "cpe:2.3:a:golang:go:*:*:*:*:*:*:*:*", versionEndExcluding="1.22.4")
    kiln(directory, "db", "build", "--db", "db", "feed", code=0)
    equal(scan(directory, code=CANNOT_TELL)["unowned-program-percent"], 25.0)
    for name in ("table", "markdown", "html", "sarif", "cyclonedx", "spdx", "junit"):
        contains(kiln(directory, "scan", "--db", "db", "--format", name, "dir:root", code=CANNOT_TELL), "of the bytes of programs 25.0 % are of no package")


if __name__ == "__main__":
    run_cases(globals())
