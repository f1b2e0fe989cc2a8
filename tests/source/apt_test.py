#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""apt_test.py: apt judges the solver: for real programs on trixie, from the very indexes that kiln verified, both must choose alike."""
import concurrent.futures
import hashlib
import json
import lzma
import os
import re
import shutil
import subprocess

from archive import architecture
from tap import Skip, run_cases, write

PROGRAM = os.environ["KILN_PROGRAM"]
IMPLICIT = ["base-files", "base-passwd", "libc-bin", "netbase"]  # what kiln always resolves with
PROGRAMS = """nginx valkey-server memcached haproxy curl python3 nodejs openjdk-21-jre-headless php8.4-fpm postgresql-17 mosquitto unbound dnsmasq
lighttpd etcd-server ruby perl git mariadb-server-core apache2 squid-openssl varnish tomcat10 redis-server bind9 postfix busybox-static""".split()

# program -> packages that only apt takes, packages that only kiln takes, why both are right.
LSB = "sysvinit-utils, which is there anyway, provides lsb-base; apt prefers the empty transitional package"
EXPLAINED = {
    "memcached": (["lsb-base"], [], LSB),
    "haproxy": (["lsb-base"], [], LSB),
    "tomcat10": (["default-jre-headless"], [], "an empty package; the runtime itself, which is there anyway, meets the second alternative"),
    "squid-openssl": (["cron", "cron-daemon-common", "libpam-runtime", "sensible-utils"], ["systemd-sysv"],
                      "logrotate wants cron or systemd's timers; systemd is there anyway, so no second scheduler comes in"),
}


class Apt:
    """apt with a root, lists and status of its own, an empty system, and kiln's indexes as its only archive."""

    def __init__(self, directory, suites):
        self.directory = directory
        for path in ("lists/partial", "archives/partial", "parts"):
            os.makedirs(os.path.join(directory, path))
        sources = "".join(f"deb [trusted=yes] file:{path} ./\n" for path in suites)
        write(directory, {"status": "", "sources.list": sources, "apt.conf": f"""
Dir::State::lists "{directory}/lists"; Dir::State::status "{directory}/status"; Dir::State "{directory}"; Dir::Cache "{directory}";
Dir::Etc::sourcelist "{directory}/sources.list"; Dir::Etc::sourceparts "{directory}/parts"; Dir::Etc::preferencesparts "{directory}/parts";
Dir::Etc::preferences "{directory}/none"; Acquire::Languages "none"; APT::Sandbox::User ""; APT::Architecture "{architecture()}";
APT::Architectures {{ "{architecture()}"; }}; APT::Install-Recommends "false"; APT::Get::AllowUnauthenticated "true";
"""})
        self.run("update")

    def run(self, *words):
        environment = {**os.environ, "APT_CONFIG": os.path.join(self.directory, "apt.conf"), "LC_ALL": "C"}
        result = subprocess.run(["apt-get", "-q", *words], capture_output=True, text=True, env=environment, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def choose(self, *packages):
        text = self.run("install", "-s", "--no-install-recommends", *packages)
        return dict(re.findall(r"^Inst ([^ :]+)(?::\S+)? \((\S+)", text, re.M))


class Kiln:
    def __init__(self, directory):
        base = os.environ.get("KILN_TEST_CACHE") or os.path.join(os.path.expanduser("~"), ".cache/kiln-tests")
        self.directory, self.store = directory, os.path.join(base, "store")

    def lock(self, program):
        write(self.directory, {"app.yaml": f"name: app\narchive: debian/trixie\npackages: [{program}]\n"})
        path = os.path.join(self.directory, "app.lock")
        if os.path.exists(path):
            os.unlink(path)
        result = subprocess.run([PROGRAM, "lock", "app.yaml"], cwd=self.directory, capture_output=True, text=True, check=False,
                                env={**os.environ, "KILN_STORE": self.store, "KILN_CACHE_DIR": self.store + "-cache"})
        if result.returncode == 4 or "no mirror" in result.stderr:
            raise Skip(result.stderr.strip().replace("\n", " "))
        assert result.returncode == 0, result.stderr
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    def read(self, digest):
        algorithm, _, number = digest.partition(":")
        with open(os.path.join(self.store, "inputs", algorithm, number[:2], number[2:]), "rb") as file:
            content = file.read()
        assert hashlib.new(algorithm, content).hexdigest() == number
        return content

    def packages_index(self, suite):
        release = self.read(suite["inrelease"]).decode()
        section = release.partition("\nSHA256:")[2]
        found = re.search(rf"^ ([0-9a-f]{{64}}) +\d+ main/binary-{architecture()}/Packages\.xz$", section, re.M)
        return lzma.decompress(self.read("sha256:" + found.group(1)))


def chosen(lock):
    found = {}
    pending = [lock]
    while pending:
        value = pending.pop()
        if isinstance(value, dict) and "version" in value and "filename" in value:
            found[value["name"]] = value["version"]
        elif isinstance(value, (dict, list)):
            pending += value.values() if isinstance(value, dict) else value
    return found


def set_up(directory):
    if not shutil.which("apt-get"):
        raise Skip("no apt here")
    kiln = Kiln(directory)
    suites = []
    for number, suite in enumerate(kiln.lock("base-files")["suites"]):
        path = os.path.join(directory, f"suite{number}")
        os.mkdir(path)
        with open(os.path.join(path, "Packages"), "wb") as file:
            file.write(kiln.packages_index(suite))
        suites.append(path)
    return kiln, Apt(os.path.join(directory, "apt"), suites)


def test_same_choice_as_apt_or_explained(directory):
    kiln, apt = set_up(directory)
    problems = []
    locks = {program: chosen(kiln.lock(program)) for program in PROGRAMS}
    asked = [(program, *IMPLICIT) for program in PROGRAMS] + [tuple(f"{name}={version}" for name, version in ours.items()) for ours in locks.values()]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = dict(zip(asked, pool.map(lambda packages: apt.choose(*packages), asked)))
    for program, ours in locks.items():
        theirs = answers[(program, *IMPLICIT)]
        for name in sorted(ours.keys() & theirs.keys()):
            if ours[name] != theirs[name]:
                problems.append(f"{program}: {name} {ours[name]}, apt has {theirs[name]}")
        only_apt, only_kiln = sorted(theirs.keys() - ours.keys()), sorted(ours.keys() - theirs.keys())
        # Whatever kiln chose must be whole and free of conflicts: then apt adds nothing to it and takes nothing away.
        if answers[tuple(f"{name}={version}" for name, version in ours.items())] != ours:
            problems.append(f"{program}: apt would change kiln's choice")
        explained = EXPLAINED.get(program, ([], [], ""))
        if (only_apt, only_kiln) != (sorted(explained[0]), sorted(explained[1])):
            problems.append(f"{program}: only apt takes {only_apt}, only kiln {only_kiln}")
    assert not problems, "\n".join(problems)


if __name__ == "__main__":
    run_cases(globals())
