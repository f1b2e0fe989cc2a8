#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""reproducible_test.py: one lock is one image: whatever differs around the build, the layouts are the same, byte for byte."""
import hashlib
import json
import os
import shutil
import subprocess
import sys

from debian import PROGRAM, STORE, kiln
from tap import ROOT, Skip, contains, equal, run_cases, write

sys.path.insert(0, os.path.join(ROOT, "tests/source"))
from world import World  # noqa: E402 - its folder had to be named first

LONG_AGO, LATER = "2019-02-03 04:05:06", "2039-05-06 07:08:09"  # dates that no index of these tests was made at

OWN_FILES = {
    "own/site/index.html": "<h1>hello</h1>\n",
    "own/site/deep/er/b.css": "body { }\n",
    "own/site/deep/er/a.css": "a { }\n",
    "own/start.sh": "#!/bin/app\n",
    "own/app.conf": "x = 1\n",
}
OWN_RECIPE = """
entrypoint: [/usr/bin/app]
env: {TZ: UTC, A: "1"}
labels: {team: one, area: two}
ports: [8080, 53/udp]
users: {app: 1000}
groups: [{name: more, gid: 2000, members: [app]}]
writable: [/run/app, {path: /var/lib/app, kind: volume}]
links: {/usr/bin/also: /usr/bin/app}
files:
  - {path: /srv/site, source: own/site}
  - {path: /etc/app.conf, source: own/app.conf, owner: app, mode: "0640"}
  - {path: /etc/motd, content: "hello"}
"""


def local_packages(archive):
    """A program, its library and data, with what maintainer scripts and conffiles bring."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        raise Skip("no C compiler")
    where = os.path.join(archive.root, "built")
    write(where, {"library.c": "int needed(void) { return 1; }\n", "program.c": "int needed(void);\nvoid _start(void) { needed(); }\n"})
    for words in (["-shared", "-nostdlib", "-fPIC", "-Wl,-soname,libneeded.so.1", "-o", "libneeded.so.1", "library.c"],
                  ["-nostdlib", "-fPIE", "-pie", "-Wl,--no-dynamic-linker", "-o", "app", "program.c", "libneeded.so.1"]):
        subprocess.run([compiler, *words], cwd=where, check=True, capture_output=True)
    content = {name: open(os.path.join(where, name), "rb").read() for name in ("app", "libneeded.so.1")}
    archive.add("libneeded1", files={"usr/lib/libneeded.so.1": content["libneeded.so.1"]})
    postinst = b"#!/bin/sh\nset -e\nif [ \"$1\" = configure ]; then\nadduser --system --group --home /var/lib/app daemon-of-app\nfi\n"
    archive.add("app", files={"usr/bin/app": (content["app"], 0o755), "etc/app/app.conf": b"y = 2\n", "usr/share/app/data": bytes(range(256)) * 4000,
                              "usr/share/man/man1/app.1": b".TH app 1\n", "DEBIAN/postinst": (postinst, 0o755),
                              "DEBIAN/conffiles": b"/etc/app/app.conf\n"}, depends="libneeded1, data")


class Inputs:
    """A recipe with its lock, and where its packages are: one of the two ways below fills a new store."""

    def __init__(self, recipe, files, fill, variables=None, offline=False):
        self.recipe, self.files, self.fill, self.variables, self.offline = recipe, files, fill, variables or {}, offline

    def lay(self, directory, names):
        """The recipe's folder as a check-out of somebody makes it: files in the order of @names, times of now."""
        for name in names:
            full = os.path.join(directory, name)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "wb") as file:
                file.write(self.files[name])


def build(directory, inputs, prefix=(), umask=0o022, words=(), reverse=False, store=None, relative=False, **variables):
    """Build in folders of its own; returns the layout's path."""
    here, home = os.path.join(directory, "work"), os.path.join(directory, "home")
    before = os.umask(umask)
    try:
        os.makedirs(home)
        inputs.lay(here, sorted(inputs.files, reverse=reverse))
        store = store or os.path.join(directory, "store")
        inputs.fill(store)
        environment = {"PATH": os.environ["PATH"], "HOME": home, "KILN_STORE": store, "KILN_CACHE_DIR": os.path.join(directory, "cache"),
                       "no_proxy": "127.0.0.1", **inputs.variables, **variables}
        recipe = inputs.recipe if relative else os.path.join(here, inputs.recipe)
        result = subprocess.run([*prefix, PROGRAM, *(["--offline"] if inputs.offline else []), "build", "--no-cache", *words, "-o",
                                 "oci:" + os.path.join(directory, "out") + ":app", recipe], cwd=here if relative else "/", env=environment,
                                capture_output=True, text=True, check=False)
    finally:
        os.umask(before)
    assert result.returncode == 0, result.stderr
    return os.path.join(directory, "out")


def content(layout):
    """Digest of each file of the layout; a blob must be what it is called."""
    found = {}
    for where, _, names in os.walk(layout):
        for name in names:
            with open(os.path.join(where, name), "rb") as file:
                found[os.path.relpath(os.path.join(where, name), layout)] = hashlib.sha256(file.read()).hexdigest()
    for path, digest in found.items():
        if path.startswith("blobs/sha256/"):
            equal(path, "blobs/sha256/" + digest)
    return found


def top(layout):
    with open(os.path.join(layout, "index.json"), encoding="utf-8") as file:
        named = [entry for entry in json.load(file)["manifests"] if "org.opencontainers.image.ref.name" in entry.get("annotations", {})]
    equal(len(named), 1)
    return named[0]["digest"]


def faked(moment):
    return ("faketime", "-f", "@" + moment) if shutil.which("faketime") else None


def ways():
    """name -> how that build differs; None: cannot be done here."""
    first = f"{min(os.sched_getaffinity(0))}"
    return {
        "another time zone": {"TZ": "Asia/Kathmandu"},
        "another locale": {"LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.UTF-8", "LANGUAGE": "de"},
        "no locale": {"LC_ALL": "C"},
        "a closed umask": {"umask": 0o077},
        "an open umask": {"umask": 0},
        "another order of files": {"reverse": True},
        "another working directory": {"relative": True},
        "one job": {"words": ["--jobs", "1"]},
        "many jobs": {"words": ["--jobs", "7"]},
        "one core": {"prefix": ("taskset", "-c", first, "nice")} if shutil.which("taskset") else None,
        "long ago": {"prefix": faked(LONG_AGO)} if faked(LONG_AGO) else None,
        "years later": {"prefix": faked(LATER)} if faked(LATER) else None,
        "another name of the machine": {"prefix": ("unshare", "--uts", "sh", "-c", 'hostname other; exec "$0" "$@"')} if os.geteuid() == 0 else None,
    }


def check(directory, inputs):
    reference = build(os.path.join(directory, "reference"), inputs, TZ="UTC", LC_ALL="C.UTF-8")
    expected, skipped = content(reference), []
    assert len(expected) > 8
    for number, (name, way) in enumerate(ways().items()):
        if way is None:
            skipped.append(name)
            continue
        layout = build(os.path.join(directory, f"{number} ü"), inputs, **way)
        assert top(layout) == top(reference), f"{name}: {top(layout)} instead of {top(reference)}"
        differing = sorted(path for path, _ in content(layout).items() ^ expected.items())
        assert not differing, f"{name}: these files of the layout differ: {differing}"
    if skipped:
        print(f"# not tried, a tool or a right is missing: {', '.join(skipped)}")
    return reference, layout


def diffoscope(*layouts):
    if not shutil.which("diffoscope"):
        raise Skip("diffoscope is not installed")
    return subprocess.run(["diffoscope", "--no-progress", "--exclude-directory-metadata", "yes", "--text", "-", *layouts], capture_output=True, text=True, check=False)


def local(directory):
    world = World(directory)
    world.archive.stanzas, world.archive.contents = list(world.archive.stanzas), list(world.archive.contents)
    local_packages(world.archive)
    world.archive.publish()
    world.write_recipe(OWN_RECIPE, packages="app")
    write(directory, OWN_FILES)
    world.good("lock")
    files = {}
    for name in ("app.yaml", "app.lock", "keyring.gpg", *OWN_FILES):
        with open(os.path.join(directory, name), "rb") as file:
            files[name] = file.read()
    # Nothing is put into a new store: its packages come from the mirror, which serves other indexes by now.
    world.archive.publish(codename="other")
    return world, Inputs("app.yaml", files, lambda store: None)


def test_own_archive(directory):
    world, inputs = local(directory)
    check(os.path.join(directory, "builds"), inputs)
    world.close()


def test_diffoscope_finds_nothing(directory):
    world, inputs = local(directory)
    one = build(os.path.join(directory, "one"), inputs, TZ="Asia/Kathmandu")
    other = build(os.path.join(directory, "other"), inputs, umask=0o077, words=["--jobs", "1"], reverse=True)
    world.close()
    result = diffoscope(one, other)
    equal((result.returncode, result.stdout[:2000]), (0, ""))
    with open(os.path.join(other, "index.json"), "a", encoding="utf-8") as file:
        file.write("\n")
    equal(diffoscope(one, other).returncode, 1)  # it looks at them


def test_source_date_epoch_is_the_only_date(directory):
    world, inputs = local(directory)
    one = build(os.path.join(directory, "one"), inputs, SOURCE_DATE_EPOCH="1700000000")
    again = build(os.path.join(directory, "again"), inputs, SOURCE_DATE_EPOCH="1700000000", TZ="Asia/Kathmandu")
    other = build(os.path.join(directory, "other"), inputs, SOURCE_DATE_EPOCH="1700000001")
    world.close()
    equal(content(one), content(again))
    assert top(one) != top(other)
    for blob in os.listdir(os.path.join(one, "blobs/sha256")):
        with open(os.path.join(one, "blobs/sha256", blob), "rb") as file:
            text = file.read()
        if b'"history"' in text:
            contains(text.decode(), "2023-11-14T22:13:20Z")


def debian(directory):
    """memcached from Debian's own archive for two architectures: locked once, built without network."""
    write(directory, {"app.yaml": "name: app\narchive: debian/trixie\npackages: [memcached]\nplatforms: [linux/amd64, linux/arm64]\n"
                                  "entrypoint: [/usr/bin/memcached]\n"})
    kiln("lock", "app.yaml", directory=directory)
    kiln("build", "-o", "oci:first:app", "app.yaml", directory=directory)
    files = {}
    for name in ("app.yaml", "app.lock"):
        with open(os.path.join(directory, name), "rb") as file:
            files[name] = file.read()
    digests = {package["digest"].partition(":")[2] for packages in json.loads(files["app.lock"])["platforms"].values() for package in packages}

    def fill(to):
        for digest in digests:
            path = os.path.join("inputs/sha256", digest[:2], digest[2:])
            os.makedirs(os.path.dirname(os.path.join(to, path)), exist_ok=True)
            shutil.copyfile(os.path.join(STORE, path), os.path.join(to, path))
    return Inputs("app.yaml", files, fill, offline=True), os.path.join(directory, "first")


def test_debian_for_two_architectures(directory):
    inputs, first = debian(directory)
    reference, _ = check(os.path.join(directory, "builds"), inputs)
    equal(content(first), content(reference))


if __name__ == "__main__":
    run_cases(globals())
