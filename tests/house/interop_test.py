#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""interop_test.py: the tools of the field take images as they are: skopeo, umoci and runc, the OCI schemas, and those of the SBOMs."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import warnings

from debian import kiln
from tap import ROOT, Skip, equal, run_cases, write

sys.path.insert(0, os.path.join(ROOT, "tests/source"))
from world import World  # noqa: E402 - its folder had to be named first

SCHEMAS = pathlib.Path(os.environ.get("KILN_SHARED_DATA", os.path.join(ROOT, "../shared/data"))) / "schemas"
IMAGE, INDEX = "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
EVIDENCE = {"application/spdx+json", "application/vnd.cyclonedx+json", "application/vnd.in-toto+json", "application/vnd.kiln.reasons.v1+json"}
HELLO = '#include <stdio.h>\n#include <unistd.h>\nint main(int count, char **words)\n{\n\tprintf("hello %s, I am %u\\n", words[count - 1], getuid());\n\treturn 7;\n}\n'


def tool(*words, **options):
    if not shutil.which(words[0]):
        raise Skip(f"{words[0]} is not installed")
    result = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    assert result.returncode == 0, f"{words}: {result.stdout}{result.stderr}"
    return result.stdout


class Layout:
    def __init__(self, path):
        self.path = path
        with open(os.path.join(path, "index.json"), encoding="utf-8") as file:
            self.index = json.load(file)

    def blob(self, descriptor):
        algorithm, _, number = descriptor["digest"].partition(":")
        with open(os.path.join(self.path, "blobs", algorithm, number), "rb") as file:
            content = file.read()
        equal((hashlib.new(algorithm, content).hexdigest(), len(content)), (number, descriptor["size"]))
        return content

    def json(self, descriptor):
        return json.loads(self.blob(descriptor))

    def top(self):
        named = [entry for entry in self.index["manifests"] if "org.opencontainers.image.ref.name" in entry.get("annotations", {})]
        equal(len(named), 1)
        return named[0]

    def images(self):
        """Descriptors of the image manifests behind the name."""
        top = self.top()
        return [top] if top["mediaType"] == IMAGE else self.json(top)["manifests"]

    def referrers(self, digest):
        """artifactType -> content of what is attached to @digest."""
        found = {}
        for entry in self.index["manifests"]:
            manifest = self.json(entry)
            if manifest.get("subject", {}).get("digest") == digest:
                equal(manifest["artifactType"], entry["artifactType"])
                found[manifest["artifactType"]] = self.blob(manifest["layers"][0])
        return found


def local(directory, platforms=""):
    """An image with a static program of our own, made without network."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        raise Skip("no C compiler")
    world = World(directory)
    write(directory, {"hello.c": HELLO})
    subprocess.run([compiler, "-static", "-O2", "-o", "hello", "hello.c"], cwd=directory, check=True, capture_output=True)
    world.write_recipe(f"entrypoint: [/app/hello, from]\ncmd: [kiln]\nworkdir: /srv\nlabels: {{team: one}}\nports: [8080]\n{platforms}"
                       "files:\n  - {path: /app/hello, source: hello, mode: \"0755\"}\n  - {path: /srv/text, content: \"hi\\n\"}\nwritable: [/data]\n")
    output = os.path.join(directory, "out")
    world.good("build", "-o", f"oci:{output}:app")
    world.close()
    return Layout(output)


def debian(directory):
    write(directory, {"nginx.yaml": "name: nginx\narchive: debian/trixie\npackages: [nginx]\nentrypoint: [/usr/sbin/nginx, -g, \"daemon off;\"]\n"
                                    "platforms: [linux/amd64, linux/arm64]\n"})
    kiln("build", "-o", "oci:out:nginx", "nginx.yaml", directory=directory)
    return Layout(os.path.join(directory, "out"))


def without_ids(schema):
    if isinstance(schema, list):
        return [without_ids(value) for value in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: without_ids(value) for key, value in schema.items() if key != "id" or isinstance(value, dict)}


def validator(name):
    warnings.simplefilter("ignore", DeprecationWarning)  # RefResolver, which Debian 12's version needs
    try:
        import jsonschema
    except ImportError as reason:
        raise Skip("python3-jsonschema is not installed") from reason
    if not (SCHEMAS / "oci").is_dir():
        raise Skip("no schemas in ../shared/data")
    # The files refer to each other by name, but their ids say otherwise in every second place.
    base = "https://schemas.example/"
    store = {base + path.name: without_ids(json.loads(path.read_text())) for path in (SCHEMAS / "oci").glob("*.json")}
    return jsonschema.Draft4Validator(store[base + name], resolver=jsonschema.RefResolver(base + name, store[base + name], store=store))


def check_schema(name, document):
    errors = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in validator(name).iter_errors(document)]
    assert not errors, "\n".join([name, *errors[:10]])


def check_layers(layout, manifest):
    """diff_ids are the digests of the layers unpacked; every tar is read by another reader than ours."""
    config = layout.json(manifest["config"])
    diff_ids = config["rootfs"]["diff_ids"]
    equal(len(diff_ids), len(manifest["layers"]))
    equal(len([entry for entry in config["history"] if not entry.get("empty_layer")]), len(diff_ids))
    for number, layer in enumerate(manifest["layers"]):
        path = os.path.join(layout.path, "blobs", *layer["digest"].split(":"))
        content = subprocess.run(["gzip", "-dc", path], capture_output=True, check=True).stdout
        equal("sha256:" + hashlib.sha256(content).hexdigest(), diff_ids[number])
        with tarfile.open(path) as tar:
            assert all(not member.name.startswith(("/", "../")) for member in tar)


def check_layout(layout):
    check_schema("image-layout-schema.json", json.loads(pathlib.Path(layout.path, "oci-layout").read_text()))
    check_schema("image-index-schema.json", layout.index)
    if layout.top()["mediaType"] == INDEX:
        check_schema("image-index-schema.json", layout.json(layout.top()))
    images = [entry["digest"] for entry in layout.images()]
    for entry in layout.images() + [entry for entry in layout.index["manifests"] if entry["mediaType"] == IMAGE]:
        check_schema("content-descriptor.json", entry)
        manifest = layout.json(entry)
        check_schema("image-manifest-schema.json", manifest)
        for descriptor in [manifest["config"], *manifest["layers"]]:
            layout.blob(descriptor)
        if "subject" in manifest:
            layout.blob(manifest["subject"])
            assert manifest["subject"]["digest"] in images, "a referrer of no image"
    for entry in layout.images():
        manifest = layout.json(entry)
        equal(manifest["config"]["mediaType"], CONFIG)
        check_schema("config-schema.json", layout.json(manifest["config"]))
        check_layers(layout, manifest)
        equal(set(layout.referrers(entry["digest"])), EVIDENCE)


def check_evidence(layout, directory):
    """SBOMs by their schemas and rules; the provenance names the image and every package's digest."""
    for entry in layout.images():
        evidence = layout.referrers(entry["digest"])
        for kind, media in (("spdx", "application/spdx+json"), ("cyclonedx", "application/vnd.cyclonedx+json")):
            path = os.path.join(directory, kind + ".json")
            pathlib.Path(path).write_bytes(evidence[media])
            words = [sys.executable, os.path.join(ROOT, "tests/sbom/validate.py"), kind, str(SCHEMAS), path]
            result = subprocess.run(words, capture_output=True, text=True, check=False)
            equal((result.returncode, result.stderr), (0, ""))
        statement = json.loads(evidence["application/vnd.in-toto+json"])
        equal(statement["_type"], "https://in-toto.io/Statement/v1")
        equal(statement["predicateType"], "https://slsa.dev/provenance/v1")
        equal([subject["digest"] for subject in statement["subject"]], [{"sha256": entry["digest"].partition(":")[2]}])
        check_dependencies(statement["predicate"]["buildDefinition"])


def check_dependencies(definition):
    """Every package and index of the lock is there with its digest, and an index with the keys that signed it."""
    known = {dependency["digest"]["sha256"]: dependency for dependency in definition["resolvedDependencies"]}
    lock = definition["internalParameters"]["lock"]
    packages = lock["platforms"][definition["externalParameters"]["platform"]]
    assert packages and lock["suites"]
    for package in packages:
        equal(known[package["digest"].partition(":")[2]]["name"], package["name"])
    for suite in lock["suites"]:
        equal(known[suite["inrelease"].partition(":")[2]]["annotations"]["signers"], suite["signers"])


def inspected(reference):
    return json.loads(tool("skopeo", "inspect", "--override-os", "linux", reference))


def check_skopeo(layout, directory, name):
    reference = f"oci:{layout.path}:{name}"
    raw = tool("skopeo", "inspect", "--raw", reference)
    equal("sha256:" + hashlib.sha256(raw.encode()).hexdigest(), layout.top()["digest"])
    seen, manifest = inspected(reference), layout.json(layout.images()[0])
    equal(seen["Os"], "linux")
    if len(layout.images()) == 1:
        equal(seen["Layers"], [layer["digest"] for layer in manifest["layers"]])
        equal(json.loads(tool("skopeo", "inspect", "--config", "--raw", reference)), layout.json(manifest["config"]))
    words = ["skopeo", "--insecure-policy", "copy", "--all", "--preserve-digests", reference]
    for number, target in enumerate(("oci:copy:x", "oci-archive:copy.tar:x", "dir:plain")):
        kind, _, rest = target.partition(":")
        target = f"{kind}:{os.path.join(directory, rest)}"
        tool(*words, target)
        equal(tool("skopeo", "inspect", "--raw", target), raw)
    # Docker knows one image only, and its own manifest.
    tool("skopeo", "--insecure-policy", "copy", reference, f"docker-archive:{os.path.join(directory, 'docker.tar')}:{name}:latest")
    equal(inspected(f"docker-archive:{os.path.join(directory, 'docker.tar')}")["Env"], seen["Env"])


def test_the_schemas_refuse_what_is_wrong(directory):
    digest = "sha256:" + "0" * 64
    good = {"schemaVersion": 2, "config": {"mediaType": CONFIG, "digest": digest, "size": 2}, "layers": [{"mediaType": "a/b", "digest": digest, "size": 2}]}
    check_schema("image-manifest-schema.json", good)
    for wrong in ({"config": {}}, {"layers": []}, {"schemaVersion": 1}, {"subject": {"digest": digest}}, {"annotations": {"a": 1}}):
        assert list(validator("image-manifest-schema.json").iter_errors({**good, **wrong})), wrong


def test_layout_fits_the_schemas(directory):
    check_layout(local(directory))


def test_evidence_fits_the_schemas(directory):
    if not SCHEMAS.is_dir():
        raise Skip("no schemas in ../shared/data")
    check_evidence(local(directory), directory)


def test_skopeo_inspects_and_copies(directory):
    check_skopeo(local(directory), directory, "app")


def unpacked(layout, directory, name):
    """umoci's bundle of the image."""
    bundle = os.path.join(directory, "bundle")
    tool("umoci", "unpack", *([] if os.geteuid() == 0 else ["--rootless"]), "--image", f"{layout.path}:{name}", bundle)
    return bundle


def test_umoci_unpacks(directory):
    layout = local(directory)
    root = os.path.join(unpacked(layout, directory, "app"), "rootfs")
    with open(os.path.join(root, "srv/text"), encoding="utf-8") as file:
        equal(file.read(), "hi\n")
    equal(oct(os.stat(os.path.join(root, "app/hello")).st_mode), "0o100755")
    if os.geteuid() == 0:
        status = os.stat(os.path.join(root, "data"))
        equal((status.st_uid, status.st_gid), (65532, 65532))
    tool("umoci", "stat", "--image", f"{layout.path}:app")


def test_runc_runs_what_umoci_unpacked(directory):
    bundle = unpacked(local(directory), directory, "app")
    path = os.path.join(bundle, "config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    equal(config["process"]["args"], ["/app/hello", "from", "kiln"])
    equal((config["process"]["cwd"], config["process"]["user"]["uid"]), ("/srv", 65532 if os.geteuid() == 0 else config["process"]["user"]["uid"]))
    config["process"]["terminal"] = False  # a test has none
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)
    if not shutil.which("runc"):
        raise Skip("runc is not installed")
    name = f"kiln-test-{os.getpid()}"
    result = subprocess.run(["runc", "--root", os.path.join(directory, "state"), "run", "-b", bundle, name], capture_output=True, text=True, check=False,
                            stdin=subprocess.DEVNULL)
    if result.returncode == 1 and ("permission denied" in result.stderr.lower() or "operation not permitted" in result.stderr.lower()):
        raise Skip("no container can be started here: " + result.stderr.strip().splitlines()[-1])
    equal((result.returncode, result.stdout), (7, "hello kiln, I am 65532\n"))


def test_debian_image_fits_all_schemas(directory):
    layout = debian(directory)
    equal([entry["platform"]["architecture"] for entry in layout.images()], ["amd64", "arm64"])
    check_layout(layout)
    check_evidence(layout, directory)


def test_debian_image_pleases_skopeo_and_umoci(directory):
    layout = debian(directory)
    check_skopeo(layout, directory, "nginx")
    one = os.path.join(directory, "one")
    tool("skopeo", "--insecure-policy", "copy", "--override-arch", "amd64", f"oci:{layout.path}:nginx", f"oci:{one}:nginx")
    root = os.path.join(unpacked(Layout(one), directory, "nginx"), "rootfs")
    if os.geteuid() == 0 and os.uname().machine == "x86_64":
        tool("chroot", root, "/usr/sbin/nginx", "-V")
    special = tool("find", root, "-perm", "/6000", "-o", "-type", "b", "-o", "-type", "c", "-o", "-type", "p", "-o", "-type", "f", "-perm", "-o+w")
    equal(special, "")


if __name__ == "__main__":
    run_cases(globals())
