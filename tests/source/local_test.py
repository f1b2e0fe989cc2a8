#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""local_test.py: packages from the local disk, signed and trusted; and who has what a program needs and nothing brings."""
import json
import os
import shutil
import subprocess

from world import ERROR, UNTRUSTED, World
from archive import make_deb
from tap import Skip, contains, equal, run_cases, write


def lock_of(directory):
    with open(os.path.join(directory, "app.lock"), encoding="utf-8") as file:
        return json.load(file)


def names_in(directory):
    text = json.dumps(lock_of(directory))
    return [name for name in ("base", "data", "hello", "local") if f'"name": "{name}"' in text]


def test_signed_archive_on_the_disk(directory):
    world = World(directory)
    world.write_recipe(urls=["file://" + world.archive.root])
    world.good("--offline", "build", "-o", "oci:" + os.path.join(directory, "out"))
    equal(world.mirror.requests, [])
    world.archive.tamper("/InRelease")
    world.bad(["lock", "--update"], UNTRUSTED, "untrusted", "InRelease")
    world.close()


def sbom_of(layout):
    """The one SPDX document in @layout."""
    def blob(descriptor):
        with open(os.path.join(layout, "blobs", descriptor["digest"].replace(":", "/")), encoding="utf-8") as file:
            return json.load(file)

    with open(os.path.join(layout, "index.json"), encoding="utf-8") as file:
        (found,) = [entry for entry in json.load(file)["manifests"] if entry.get("artifactType") == "application/spdx+json"]
    return blob(blob(found)["layers"][0])


def trusted(directory, name="local", files=None, depends=""):
    debs = os.path.join(directory, "debs of mine")
    os.makedirs(debs, exist_ok=True)
    make_deb(debs, name, "1:2.0~rc1-1", files or {"usr/share/local/text": b"mine\n"}, depends)
    return debs


def recipe(directory, packages, trusted_key="    trusted: true\n", archive="archive: here\n"):
    write(directory, {"app.yaml": f"name: app\n{archive}archives:\n  - id: here\n    directory: debs of mine\n{trusted_key}packages: [{packages}]\n"})


def test_trusted_directory_alone(directory):
    world = World(directory)
    trusted(directory)
    recipe(directory, "local")
    world.good("--offline", "lock")
    suites = lock_of(directory)["suites"]
    equal([(suite["archive"], suite["signers"]) for suite in suites], [("here", [])])
    first = suites[0]["inrelease"]
    world.good("--offline", "build", "-o", "oci:" + os.path.join(directory, "out"))
    trusted(directory, "data")
    world.good("--offline", "lock", "--update")
    assert lock_of(directory)["suites"][0]["inrelease"] != first
    world.close()


def test_directory_beside_an_archive(directory):
    world = World(directory)
    trusted(directory, depends="hello")
    with open(os.path.join(directory, "app.yaml"), encoding="utf-8") as file:
        text = file.read()
    write(directory, {"app.yaml": text.replace("packages: [hello]", "  - id: here\n    directory: debs of mine\n    trusted: true\npackages: [local]")})
    world.good("build", "-o", "oci:" + os.path.join(directory, "out"))
    world.good("lock")
    equal(names_in(directory), ["data", "hello", "local"])
    packages = {package["name"]: package for package in sbom_of(os.path.join(directory, "out"))["packages"]}
    for name in ("hello", "local"):  # both are of archives that only the recipe knows: nobody said that Debian made them
        equal(packages[name]["supplier"], "NOASSERTION")
        assert packages[name]["externalRefs"][0]["referenceLocator"].startswith(f"pkg:deb/{name}@"), packages[name]
    world.close()


def test_directory_without_the_word_trusted(directory):
    world = World(directory)
    trusted(directory)
    recipe(directory, "local", trusted_key="")
    contains(world.bad(["lock"], ERROR, "syntax"), "trusted: true")
    world.close()


def test_directory_with_a_broken_package(directory):
    world = World(directory)
    debs = trusted(directory)
    with open(os.path.join(debs, "broken.deb"), "wb") as file:
        file.write(b"!<arch>\nhello")
    recipe(directory, "local")
    world.bad(["lock"], ERROR, "syntax", "broken.deb")
    world.close()


def test_directory_that_is_empty_or_missing(directory):
    world = World(directory)
    recipe(directory, "local")
    world.bad(["lock"], ERROR, "not-found", "debs of mine")
    os.mkdir(os.path.join(directory, "debs of mine"))
    world.bad(["lock"], ERROR, "not-found", "debs of mine", "no .deb")
    world.close()


def test_package_changed_after_the_lock(directory):
    world = World(directory)
    trusted(directory)
    recipe(directory, "local")
    world.good("lock")
    trusted(directory, files={"usr/share/local/text": b"other\n"})
    world.bad(["build", "-o", "oci:" + os.path.join(directory, "out")], UNTRUSTED, "mismatch", "local")
    world.close()


def program(directory):
    """A program that needs libneeded.so.1, and that library: built, not run."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        raise Skip("no C compiler")
    write(directory, {"library.c": "int needed(void) { return 1; }\n", "program.c": "int needed(void);\nvoid _start(void) { needed(); }\n"})
    for words in (["-shared", "-nostdlib", "-fPIC", "-Wl,-soname,libneeded.so.1", "-o", "libneeded.so.1", "library.c"],
                  ["-nostdlib", "-o", "program", "program.c", "libneeded.so.1"]):
        subprocess.run([compiler, *words], cwd=directory, check=True, capture_output=True)
    with open(os.path.join(directory, "program"), "rb") as one, open(os.path.join(directory, "libneeded.so.1"), "rb") as other:
        return one.read(), other.read()


def test_missing_library_is_named_with_its_package(directory):
    world = World(directory)
    binary, library = program(directory)
    world.archive.stanzas, world.archive.contents = list(world.archive.stanzas), list(world.archive.contents)
    world.archive.add("app", files={"usr/bin/app": (binary, 0o755)})
    world.archive.add("decoy", files={"usr/lib/decoy/private/libneeded.so.1": library})
    world.archive.add("libneeded1", files={"usr/lib/libneeded.so.1": library})
    world.archive.publish(by_hash=False)
    world.write_recipe("entrypoint: [/usr/bin/app]\n", packages="app")
    output = ["build", "-o", "oci:" + os.path.join(directory, "out")]
    world.good("lock")
    assert not any("Contents" in path for path, _ in world.mirror.requests)
    text = world.bad(output, ERROR, "unsatisfiable", "/usr/bin/app needs libneeded.so.1", "libneeded.so.1 is in package libneeded1", '"packages"')
    contains(text, "no package of the archive has /lib")
    assert any("Contents" in path for path, _ in world.mirror.requests)
    world.write_recipe("entrypoint: [/usr/bin/missing]\n", packages="app")
    world.good("lock", "--update")
    world.bad(output, ERROR, "unsatisfiable", "no package of the archive has /usr/bin/missing")
    world.close()


def test_missing_library_offline_and_with_bad_contents(directory):
    for name, offline, change in (("offline", ["--offline"], None), ("tampered", [], "tamper")):
        os.mkdir(os.path.join(directory, name))
        world = World(os.path.join(directory, name))
        binary, _ = program(world.directory)
        world.archive.stanzas, world.archive.contents = list(world.archive.stanzas), list(world.archive.contents)
        world.archive.add("app", files={"usr/bin/app": (binary, 0o755)})
        world.archive.publish(by_hash=False)
        world.write_recipe("entrypoint: [/usr/bin/app]\n", packages="app")
        output = ["build", "-o", "oci:" + os.path.join(world.directory, "out")]
        if change:
            world.archive.tamper(f"Contents-{world.architecture()}.gz")
        world.bad(output, ERROR, "unsatisfiable", "libneeded.so.1", "cannot be said" if change else "")
        text = world.bad([*offline, *output], ERROR, "unsatisfiable", "/usr/bin/app needs libneeded.so.1")
        if change:
            contains(text, "promised")
        world.close()


if __name__ == "__main__":
    run_cases(globals())
