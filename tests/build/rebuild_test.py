#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rebuild_test.py: images built again from their own provenance: equal to the last bit, and where not, shown to the byte."""
import hashlib
import json
import os
import shutil
import subprocess

from images import Bench, contains, equal, write  # first: it says where the others are
from archive import architecture
from tap import run_cases
from world import World

PROVENANCE = "https://slsa.dev/provenance/v1"
FILES = """files:
  - {path: /etc/app.conf, content: "greeting: hello\\n"}
  - {path: /app/tool, source: own/tool}
  - {path: /srv/data, source: own/data}
links: {/usr/bin/app: /app/tool}
"""


def sha256(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Layout:
    """An OCI layout that can be tampered with: every change gets its right digest, as an attacker would see to."""

    def __init__(self, path):
        self.path = path
        with open(f"{path}/index.json", encoding="utf-8") as file:
            self.index = json.load(file)

    def blob(self, descriptor):
        with open(f"{self.path}/blobs/{descriptor['digest'].replace(':', '/')}", "rb") as file:
            return file.read()

    def document(self, descriptor):
        return json.loads(self.blob(descriptor))

    def put(self, descriptor, content):
        """A copy of @descriptor for @content (bytes, or what becomes JSON)."""
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        digest = sha256(content)
        with open(f"{self.path}/blobs/{digest.replace(':', '/')}", "wb") as file:
            file.write(content)
        return {**descriptor, "digest": digest, "size": len(content)}

    def save(self):
        with open(f"{self.path}/index.json", "w", encoding="utf-8") as file:
            json.dump(self.index, file)

    def entry(self, name):
        (found,) = [entry for entry in self.index["manifests"] if entry.get("annotations", {}).get("org.opencontainers.image.ref.name") == name]
        return found

    def replace(self, old, new):
        self.index["manifests"] = [new if entry is old else entry for entry in self.index["manifests"]]
        self.save()

    def artifacts(self):
        return [entry for entry in self.index["manifests"] if entry.get("annotations", {}).get("in-toto.io/predicate-type") == PROVENANCE]

    def statement(self, subject):
        for entry in self.artifacts():
            manifest = self.document(entry)
            if manifest["subject"]["digest"] == subject:
                return self.document(manifest["layers"][0])
        raise AssertionError("no provenance")

    def change_statement(self, subject, change):
        """Replace the provenance of @subject by what @change(statement) makes of it."""
        for entry in self.artifacts():
            manifest = self.document(entry)
            if manifest["subject"]["digest"] != subject:
                continue
            statement = self.document(manifest["layers"][0])
            statement = change(statement) or statement
            manifest["layers"] = [self.put(manifest["layers"][0], statement)]
            self.replace(entry, self.put(entry, manifest))
            return
        raise AssertionError("no provenance")


def bench(directory):
    made = Bench(directory)
    made.add("text", files={"usr/share/text/value": b"one line\nanother\n"})
    made.add("more", files={"usr/share/more/value": b"more\n"}, depends="text")
    write(directory, {"own/tool": "a tool\n", "own/data/a": "a\n", "own/data/deep/b": "b\n"})
    os.chmod(f"{directory}/own/tool", 0o755)
    os.symlink("a", f"{directory}/own/data/link")
    return made


def build(made, packages="text", more="", name="out", words=("app.yaml",), recipe=True):
    if recipe:
        made.recipe(packages, more)
    assert made.run("--offline", "build", "-o", f"oci:{name}:app", *words) == 0, made.output
    layout = Layout(f"{made.directory}/{name}")
    return layout, layout.entry("app")["digest"]


def same(made, image="oci:out:app", *words):
    code = made.run("--offline", *words, "rebuild", image)
    assert code == 0, made.output
    contains(made.output, "every bit is the same")


def differs(made, *parts, image="oci:out:app"):
    equal(made.run("--offline", "rebuild", image), 1)
    for part in parts:
        contains(made.output, part)


def borrow(made, other):
    """Give oci:out:app the provenance of oci:@other:app, so that it claims to be made from something else."""
    mine, theirs = Layout(f"{made.directory}/out"), Layout(f"{made.directory}/{other}")
    subject = mine.entry("app")["digest"]
    foreign = theirs.statement(theirs.entry("app")["digest"])
    foreign["subject"][0]["digest"]["sha256"] = subject.removeprefix("sha256:")
    mine.change_statement(subject, lambda statement: foreign)


def test_equal_to_the_last_bit(directory):
    made = bench(directory)
    _, digest = build(made, more=FILES)
    same(made)
    contains(made.output, digest)
    equal(made.run("--offline", "--format", "json", "rebuild", "oci:out:app"), 0)
    report = json.loads(made.output[made.output.index("{\n"):made.output.rindex("\n}") + 2])
    equal((report["equal"], report["digest"], report["platforms"][0]["rebuilt"], report["platforms"][0]["differences"]), (True, digest, digest, []))


def test_with_every_compression_place_and_time(directory):
    made = bench(directory)
    build(made, more=FILES + "compression: zstd\n")
    same(made)
    os.environ["SOURCE_DATE_EPOCH"] = "1700000000"
    try:
        made.recipe("more", FILES)
        equal(made.run("--offline", "build", "-o", "oci-archive:a.tar", "app.yaml"), 0)
        equal(made.run("--offline", "build", "app.yaml"), 0)
    finally:
        del os.environ["SOURCE_DATE_EPOCH"]
    same(made, "oci-archive:a.tar")
    same(made, "app")


def test_variants_and_bases(directory):
    made = bench(directory)
    made.recipe("text", "variants: {debug: {packages: [more], env: {LEVEL: high}}}\n", name="base.yaml")
    write(directory, {"below/app.yaml": "name: derived\nfrom: ../base.yaml\nfiles: [{path: /app/tool, source: tool}]\nentrypoint: [/app/tool]\n", "below/tool": "hello\n"})
    for variant in ([], ["--variant", "debug"]):
        build(made, words=("below/app.yaml", *variant), recipe=False)
        same(made)


def test_own_files_are_kept_or_taken_from_the_image(directory):
    made = bench(directory)
    build(made, more=FILES)
    shutil.rmtree(f"{directory}/own")
    os.remove(f"{directory}/app.yaml")
    same(made)
    own = [sha256(content) for content in (b"greeting: hello\n", b"a tool\n", b"a\n", b"b\n")]
    for digest in own:
        os.remove(f"{directory}/store/inputs/sha256/{digest[7:9]}/{digest[9:]}")
    same(made)
    for digest in own:
        assert os.path.exists(f"{directory}/store/inputs/sha256/{digest[7:9]}/{digest[9:]}"), "a file from the image is not kept"


def test_own_files_that_are_nowhere(directory):
    made = bench(directory)
    layout, digest = build(made, more=FILES)
    gone = sha256(b"something else\n")

    def change(statement):
        for file in statement["predicate"]["buildDefinition"]["internalParameters"]["files"]:
            if file["path"] == "app/tool":
                file.update(digest=gone, size=15)

    layout.change_statement(digest, change)
    equal(made.run("--offline", "rebuild", "oci:out:app"), 2)
    contains(made.output, f"neither in the store nor in the image: /app/tool ({gone})")


def test_another_own_file_is_shown_to_the_byte(directory):
    made = bench(directory)
    build(made, more=FILES)
    build(made, more=FILES.replace("greeting: hello", "greeting: hollo"), name="other")
    borrow(made, "other")
    differs(made, "is not what its provenance makes", "/etc/app.conf: byte 11 is 0x65 in the image, 0x6f in the rebuild")


def test_another_lock_is_shown(directory):
    made = bench(directory)
    build(made)
    build(made, "more", name="other")
    borrow(made, "other")
    differs(made, "layer 1: only the rebuild has it", "layer 1, /usr", "layer 2, /var/lib/dpkg/status.d/")


def test_other_sizes_modes_and_links(directory):
    made = bench(directory)
    for one, other, text in (('content: "ab"', 'content: "abc"', "/f: 2 bytes in the image, 3 in the rebuild"),
                             ('content: "x", mode: "0600"', 'content: "x", mode: "0644"', "/f: mode 0600 in the image, 0644 in the rebuild"),
                             ('content: "x", owner: "7:7"', 'content: "x"', "/f: owner 7 in the image, 0 in the rebuild")):
        build(made, more=f"files: [{{path: /f, {one}}}]\n")
        build(made, more=f"files: [{{path: /f, {other}}}]\n", name="other")
        borrow(made, "other")
        differs(made, text)
        shutil.rmtree(f"{directory}/out")
    build(made, more="links: {/f: /a}\n")
    build(made, more="links: {/f: /b}\n", name="other")
    borrow(made, "other")
    differs(made, "/f: leads to /a in the image, to /b in the rebuild")


def test_another_configuration_and_manifest_are_shown(directory):
    made = bench(directory)
    build(made, more="env: {MODE: slow}\nlabels: {team: x}\n")
    build(made, more="env: {MODE: fast}\nannotations: {org.example.note: hi}\n", name="other")
    borrow(made, "other")
    differs(made, 'configuration, /config/Env/', 'the image has "MODE=slow", the rebuild has "MODE=fast"', '/config/Labels',
            'manifest, /annotations/org.example.note: the image has nothing, the rebuild has "hi"')


def test_what_was_put_into_the_image_later(directory):
    made = bench(directory)
    layout, digest = build(made)
    entry = layout.entry("app")
    manifest = layout.document(entry)
    config = layout.document(manifest["config"])
    config["config"]["User"] = "0:0"
    manifest["config"] = layout.put(manifest["config"], config)
    changed = layout.put(entry, manifest)
    layout.replace(entry, changed)
    equal(made.run("--offline", "rebuild", "oci:out:app"), 3)
    contains(made.output, "no provenance is attached to " + changed["digest"])
    for artifact in layout.artifacts():
        about = layout.document(artifact)
        about["subject"] = {key: changed[key] for key in ("mediaType", "digest", "size")}
        layout.replace(artifact, layout.put(artifact, about))
    equal(made.run("--offline", "rebuild", "oci:out:app"), 5)
    contains(made.output, "the statement is not about " + changed["digest"])

    def change(statement):
        statement["subject"][0]["digest"]["sha256"] = changed["digest"].removeprefix("sha256:")

    layout.change_statement(changed["digest"], change)
    differs(made, digest, 'configuration, /config/User: the image has "0:0", the rebuild has "65532:65532"')


def test_images_without_provenance(directory):
    made = bench(directory)
    made.recipe("text")
    equal(made.run("--offline", "build", "-o", "docker-archive:d.tar", "-o", "oci:out:app", "app.yaml"), 0)
    equal(made.run("--offline", "rebuild", "docker-archive:d.tar"), 3)
    layout = Layout(f"{directory}/out")
    layout.change_statement(layout.entry("app")["digest"], lambda statement: statement["predicate"]["buildDefinition"].update(buildType="https://example.org/other"))
    equal(made.run("--offline", "rebuild", "oci:out:app"), 3)
    contains(made.output, 'its build type is "https://example.org/other"')


def test_provenance_that_lies_about_its_shape(directory):
    made = bench(directory)
    layout, digest = build(made, more=FILES)
    whole = json.dumps(layout.statement(digest))

    def refused(text, *path, value=None):
        def change(statement):
            statement = json.loads(whole)
            place = statement["predicate"]["buildDefinition"]
            for step in path[:-1]:
                place = place[step]
            if value is None:
                del place[path[-1]]
            else:
                place[path[-1]] = value
            return statement

        layout.change_statement(digest, change)
        equal(made.run("--offline", "rebuild", "oci:out:app"), 2)
        contains(made.output, text)

    files = ("internalParameters", "files")
    refused('"recipe" must be an object', "externalParameters", "recipe", value=[])
    refused("lock of the provenance", "internalParameters", "lock", "version", value=99)
    refused("must be a list", *files)
    refused('"item" is none of the recipe\'s files', *files, 0, "item", value=3)
    refused("..", *files, 0, "path", value="../etc/app.conf")
    refused("not in its plain form", *files, 0, "path", value="/etc/app.conf")
    refused('"type" is "device"', *files, 0, "type", value="device")
    refused('"mode" must be octal', *files, 0, "mode", value="99999")
    refused('"size" is out of range', *files, 0, "size", value=-1)


def test_an_index_with_all_its_platforms(directory):
    made = bench(directory)
    write(directory, {"app.yaml": "name: app\nplatforms: [linux/amd64, linux/arm64]\nfiles: [{path: /app/data, source: own/data}]\n"})
    layout, digest = build(made, recipe=False)
    same(made)
    for part in ("linux/amd64: equal", "linux/arm64: equal", "index: equal", digest):
        contains(made.output, part)
    equal(made.run("--offline", "rebuild", "--platform", "arm64", "oci:out:app"), 0)
    assert "amd64" not in made.output and "index" not in made.output, made.output
    equal(made.run("--offline", "rebuild", "--platform", "linux/riscv64", "oci:out:app"), 2)
    entry = layout.entry("app")
    index = layout.document(entry)
    index["annotations"] = {"added": "later"}
    layout.replace(entry, layout.put(entry, index))
    differs(made, "linux/arm64: equal", 'index, /annotations: the image has {"added":"later"}, the rebuild has nothing')


def test_a_damaged_store_is_noticed(directory):
    made = bench(directory)
    layout, digest = build(made)
    (package,) = [one for platform in layout.statement(digest)["predicate"]["buildDefinition"]["internalParameters"]["lock"]["platforms"].values() for one in platform
                  if one["name"] == "text"]
    path = f"{directory}/store/inputs/sha256/{package['digest'][7:9]}/{package['digest'][9:]}"
    with open(path, "r+b") as file:
        file.seek(100)
        file.write(b"\xff")
    equal(made.run("--offline", "build", "-o", "oci:again:app", "app.yaml"), 0)  # from the cache, which knows nothing of it
    equal(made.run("--offline", "rebuild", "oci:out:app"), 5)
    contains(made.output, "is no longer text 1.0-1")


def world(directory):
    made = World(directory)
    made.write_recipe("files: [{path: /own, content: own}]\n")
    made.good("build", "-o", "oci:out:app")
    os.remove(f"{directory}/app.yaml")
    return made


def run_in(made, *words):
    process = subprocess.run([os.environ["KILN_PROGRAM"], "-v", *words], env=made.environment(), cwd=made.directory, capture_output=True, text=True, timeout=200, check=False)
    return process.returncode, process.stdout + process.stderr


def test_from_a_signed_archive_with_every_mirror_gone(directory):
    made = world(directory)
    made.close()
    code, text = run_in(made, "rebuild", "oci:out:app")
    equal(code, 0)
    contains(text, "every bit is the same")
    statement = Layout(f"{directory}/out")
    statement = statement.statement(statement.entry("app")["digest"])["predicate"]
    release = [one for one in statement["buildDefinition"]["resolvedDependencies"] if one["uri"] == "archive:own/test/dists/stable/InRelease"]
    equal(len(release), 1)
    equal([len(signer) for signer in release[0]["annotations"]["signers"]], [40])
    builder = statement["runDetails"]["builder"]
    with open(os.environ["KILN_PROGRAM"], "rb") as file:
        equal(builder["builderDependencies"][0]["digest"]["sha256"], hashlib.sha256(file.read()).hexdigest())


def test_missing_packages_are_named_or_fetched(directory):
    made = world(directory)
    for path in made.inputs():
        with open(path, "rb") as file:
            if file.read(8) == b"!<arch>\n":
                os.remove(path)
    code, text = run_in(made, "--offline", "rebuild", "oci:out:app")
    equal(code, 2)
    code, text = run_in(made, "rebuild", "oci:out:app")
    equal(code, 2)
    for part in ("data 1.0-1 (own/test stable)", "hello 1.0-1 (own/test stable)", "--allow-mirrors asks them"):
        contains(text, part)
    asked = len(made.mirror.requests)
    code, text = run_in(made, "--offline", "rebuild", "--allow-mirrors", "oci:out:app")
    equal(code, 2)
    contains(text, "offline, and not in the store: data 1.0-1, hello 1.0-1")
    equal(len(made.mirror.requests), asked)
    code, text = run_in(made, "rebuild", "--allow-mirrors", "oci:out:app")
    equal(code, 0)
    assert all(path.endswith(f"_{architecture()}.deb") for path, _ in made.mirror.requests[asked:]), made.mirror.requests[asked:]
    code, text = run_in(made, "--offline", "rebuild", "oci:out:app")
    equal(code, 0)
    made.check_store()
    made.close()


run_cases(globals())
