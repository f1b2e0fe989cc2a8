#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill_test.py: builds that are killed, that run at once, that find a full disk or one they may not use: nothing half done has a name, and the next one succeeds."""
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile

from images import contains, equal, write  # first: it says where the others are
from tap import Skip, run_cases
from world import ERROR, World

PLACES = ["-o", "oci:out:app", "-o", "oci-archive:files/app.tar", "-o", "docker-archive:files/docker.tar", "-o", "app:v1"]
CALLS = ("mkdirat", "linkat", "renameat", "fsync", "write", "openat")  # at which a build is killed: everything that makes or fills a file
MOMENTS = 7  # of each


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def check_layout(path):
    """Every blob is what its name says, and every name in the index leads to an image that is there to the last blob."""
    blobs = os.path.join(path, "blobs/sha256")
    for name in os.listdir(blobs) if os.path.isdir(blobs) else []:
        if not name.startswith(".kiln-new-"):
            equal(digest_of(os.path.join(blobs, name)), name)
    if not os.path.exists(os.path.join(path, "index.json")):
        return {}

    def walk(descriptor):
        blob = os.path.join(blobs, descriptor["digest"].removeprefix("sha256:"))
        assert os.path.exists(blob), f"{path}: {descriptor} is not there"
        equal(os.path.getsize(blob), descriptor["size"])
        if "manifest" in descriptor["mediaType"] or "index" in descriptor["mediaType"]:
            with open(blob, encoding="utf-8") as file:
                document = json.load(file)
            for below in [*document.get("layers", []), *document.get("manifests", []), *([document["config"]] if "config" in document else [])]:
                walk(below)

    with open(os.path.join(path, "index.json"), encoding="utf-8") as file:
        entries = json.load(file)["manifests"]
    for entry in entries:
        walk(entry)
    return {entry["annotations"]["org.opencontainers.image.ref.name"]: entry["digest"] for entry in entries
            if "org.opencontainers.image.ref.name" in entry.get("annotations", {})}


class Builds:
    """One recipe on an archive of its own, and what a build of it must come to."""

    def __init__(self, directory):
        self.world, self.directory = World(directory), directory
        write(directory, {"own": "own\n" * 50000})
        self.world.write_recipe("files: [{path: /own, source: own}]\n")
        self.good()
        self.expected = self.state()
        self.archives = {name: digest_of(f"{directory}/files/{name}") for name in ("app.tar", "docker.tar")}
        equal(set(self.expected), {"out app", "store/images app:v1"})
        equal(len(set(self.expected.values())), 1)

    def state(self):
        """What is named where, after checking that all of it is whole."""
        self.world.check_store()
        return {f"{layout} {name}": digest for layout in ("out", "store/images") for name, digest in check_layout(f"{self.directory}/{layout}").items()}

    def check(self):
        for name, digest in self.state().items():
            equal(digest, self.expected[name])
        for name, digest in self.archives.items():
            if os.path.exists(f"{self.directory}/files/{name}"):
                equal(digest_of(f"{self.directory}/files/{name}"), digest)

    def good(self):
        self.world.good("build", *PLACES)

    def good_and_the_same(self):
        self.good()
        equal(self.state(), self.expected)
        self.check()

    def forget(self):
        for name in ("store", "cache", "out", "files"):
            shutil.rmtree(f"{self.directory}/{name}", ignore_errors=True)

    def trace(self, *options, places=PLACES):
        """A build under strace; its exit status and its text."""
        if not shutil.which("strace"):
            raise Skip("strace is not installed")
        self.world.variables = {"ASAN_OPTIONS": "detect_leaks=0"}  # which needs ptrace for itself
        return self.world.kiln("build", *places, prefix=["strace", "-f", "-qq", *options])

    def counts(self):
        """How often the first thread of a build makes each of CALLS."""
        trace = f"{self.directory}/trace"
        code, text = self.trace("-o", trace, "-e", "trace=" + ",".join(CALLS))
        if not os.path.exists(trace) or code:
            raise Skip(f"strace cannot trace here: {text}")
        with open(trace, encoding="utf-8", errors="replace") as file:
            lines = [re.match(r"(\d+) +(\w+)\(", line) for line in file]
        lines = [line for line in lines if line]
        return {call: sum(line[1] == lines[0][1] and line[2] == call for line in lines) for call in CALLS}


def moments(count):
    """MOMENTS numbers from 1 to @count, the first and the last among them."""
    return sorted({1 + (count - 1) * number // (MOMENTS - 1) for number in range(MOMENTS)}) if count else []


def test_killed_at_every_kind_of_moment(directory):
    builds = Builds(directory)
    builds.forget()
    counts = builds.counts()
    assert counts["linkat"] > 20 and counts["write"] > 20, counts
    killed = 0
    for call, count in counts.items():
        for moment in moments(count):
            builds.forget()
            code, _ = builds.trace("-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={moment}")
            killed += code in (-9, 137)
            builds.check()
            builds.good_and_the_same()
    assert killed > MOMENTS * 4, f"only {killed} builds were killed"
    builds.world.close()


def test_killed_again_and_again(directory):
    """Each kill a little later, in what the ones before it left."""
    builds = Builds(directory)
    builds.forget()
    counts = builds.counts()
    builds.forget()
    for moment in moments(counts["linkat"]):
        builds.trace("-o", "/dev/null", "-e", "trace=linkat", "-e", f"inject=linkat:signal=KILL:when={moment}")
        builds.check()
    builds.good_and_the_same()
    builds.world.close()


def test_private_directories_of_the_killed_are_swept(directory):
    builds = Builds(directory)
    archive = ["-o", "oci-archive:files/app.tar"]
    counts = builds.counts()
    for moment in moments(counts["linkat"]):
        shutil.rmtree(f"{directory}/cache", ignore_errors=True)
        builds.trace("-o", "/dev/null", "-e", "trace=linkat", "-e", f"inject=linkat:signal=KILL:when={moment}", places=archive)
        builds.check()
        builds.world.good("build", "--no-cache", *archive)
        equal([name for name in os.listdir(f"{directory}/cache/private") if not name.startswith(".")], [])
        builds.check()
    builds.world.close()


def test_many_at_once_in_one_store(directory):
    builds = Builds(directory)
    builds.forget()
    names = [f"name{number}" for number in range(4)]
    processes = [builds.world.start("build", "-o", f"oci:out:{name}", "-o", f"{name}:v1", "-o", "oci-archive:files/app.tar") for name in names]
    doomed = builds.world.start("build", "--no-cache", *PLACES)
    for process in processes[:1]:
        process.wait()
    doomed.kill()
    doomed.communicate()
    for process in processes:
        output, errors = process.communicate(timeout=200)
        assert process.returncode == 0, output + errors
    state = builds.state()
    for name in names:
        for place in (f"out {name}", f"store/images {name}:v1"):
            equal(state[place], builds.expected["out app"])
    builds.good()
    equal(builds.state()["out app"], builds.expected["out app"])
    builds.world.close()


class Disk:
    """A file system of @kib KiB at @path, where that may be had."""

    def __init__(self, path, kib):
        self.path = path
        os.makedirs(path, exist_ok=True)
        if os.getuid() != 0 or self.mount(f"size={kib}k"):
            raise Skip("no file system may be mounted here")

    def mount(self, options):
        return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", self.path], capture_output=True, check=False).returncode

    def __enter__(self):
        return self

    def grow(self):
        subprocess.run(["mount", "-o", "remount,size=64m", self.path], check=True)

    def __exit__(self, *reason):
        subprocess.run(["umount", self.path], check=True)


def test_disks_that_get_full(directory):
    """Wherever the space ends: in the store, the cache, the layout, the archives."""
    builds = Builds(directory)
    failed = 0
    for name in ("store", "cache", "out", "files"):
        for kib in (16, 64, 200, 330, 450):
            builds.forget()
            with Disk(f"{directory}/{name}", kib) as disk:
                code, text = builds.world.kiln("build", *PLACES)
                if code:
                    failed += 1
                    equal(code, ERROR)
                    contains(text, "error (io)")
                    contains(text, "No space left on device")
                builds.check()
                disk.grow()
                builds.good_and_the_same()
    assert failed >= 12, f"only {failed} builds found a full disk"
    builds.world.close()


def as_nobody(builds, *words):
    """A build by somebody who owns nothing here, with a program that he can reach."""
    os.chmod(builds.directory, 0o755)
    program = shutil.copy(os.environ["KILN_PROGRAM"], builds.directory)
    others = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
    return builds.world.kiln("build", *words, program=program, **others)


def test_a_store_that_may_not_be_used(directory):
    builds = Builds(directory)
    there = builds.directory
    with tempfile.TemporaryDirectory() as own:
        os.chmod(own, 0o777)
        places = ["-o", f"oci:{own}/out:app"]
        builds.world.variables = {"KILN_CACHE_DIR": f"{own}/cache"}
        for path, mode in ((f"{there}/store/inputs", 0), (f"{there}/store/seen", 0)):
            os.chmod(path, mode)
            try:
                code, text = as_nobody(builds, *places)
            finally:
                os.chmod(path, 0o755)
            equal(code, ERROR)
            contains(text, "Permission denied")
            contains(text, os.path.basename(path))
        builds.check()
        builds.world.variables = {}
        for place, part in ((["-o", f"oci:{there}/out:app"], "out"), (["-o", f"oci-archive:{there}/files/app.tar"], "app.tar")):
            code, text = as_nobody(builds, "--store", f"{own}/store", "--cache-dir", f"{own}/cache", *place)
            equal(code, ERROR)
            contains(text, part)
            contains(text, "Permission denied")
        builds.check()
    builds.good_and_the_same()
    builds.world.close()


run_cases(globals())
