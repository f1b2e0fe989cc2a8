#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""output_test.py: where images go and what is said of them: several places, several recipes, variants, what fails among them."""
import json
import os
import shutil
import subprocess

from images import Bench, Skip, contains, equal, write
from tap import run_cases

SHARED = "usr/share/app/text"


def bench(directory):
    made = Bench(directory)
    made.add("text", files={SHARED: b"text\n"})
    made.add("more", files={"usr/share/more/text": b"more\n"})
    made.recipe("text", "variants: {debug: {packages: [more]}}\n")
    return made


def skopeo(directory, *words):
    if not shutil.which("skopeo"):
        raise Skip("skopeo is not installed")
    return subprocess.run(["skopeo", *words], cwd=directory, check=True, capture_output=True).stdout


def names_of(layout):
    with open(os.path.join(layout, "index.json"), encoding="utf-8") as file:
        entries = json.load(file)["manifests"]
    named = {entry.get("annotations", {}).get("org.opencontainers.image.ref.name"): entry["digest"] for entry in entries}
    named.pop(None, None)
    return named


def documents(made, *words):
    code = made.run("--offline", "--format", "json", "build", *words)
    return code, json.loads(made.output[made.output.index("[\n"):made.output.rindex("\n]") + 2])


def test_one_build_for_several_places(directory):
    made = bench(directory)
    places = ["oci:one/deep", "oci:two:v1.0", "oci-archive:files/a.tar", "docker-archive:files/d.tar", "named:v2"]
    code, (report,) = documents(made, *[word for place in places for word in ("-o", place)], "app.yaml")
    equal(code, 0)
    equal(report["places"], ["oci:one/deep:latest", "oci:two:v1.0", "oci-archive:files/a.tar:latest", "docker-archive:files/d.tar:app:latest", "named:v2"])
    digest = report["digest"]
    equal(names_of(f"{directory}/one/deep"), {"latest": digest})
    equal(names_of(f"{directory}/two"), {"v1.0": digest})
    equal(names_of(f"{directory}/store/images"), {"named:v2": digest})
    for place in ("oci:one/deep:latest", "oci-archive:files/a.tar:latest"):
        equal(json.loads(skopeo(directory, "inspect", place))["Digest"], digest)
    skopeo(directory, "copy", "--insecure-policy", "docker-archive:files/d.tar:app:latest", "oci:back:x")
    configurations = [json.loads(skopeo(directory, "inspect", "--config", place)) for place in ("oci:two:v1.0", "oci:back:x")]
    equal(configurations[1]["rootfs"], configurations[0]["rootfs"])
    equal(configurations[1]["config"], configurations[0]["config"])


def test_evidence_goes_with_it(directory):
    made = bench(directory)
    equal(made.run("--offline", "build", "-o", "oci:one", "-o", "oci-archive:a.tar", "app.yaml"), 0)
    os.mkdir(f"{directory}/unpacked")
    subprocess.run(["tar", "-xf", "../a.tar"], cwd=f"{directory}/unpacked", check=True)
    kinds = []
    for layout in ("one", "unpacked"):
        with open(f"{directory}/{layout}/index.json", encoding="utf-8") as file:
            kinds.append(sorted(entry.get("artifactType", "image") for entry in json.load(file)["manifests"]))
    equal(kinds[0], kinds[1])
    contains(kinds[0], "application/spdx+json")
    contains(kinds[0], "application/vnd.in-toto+json")


def test_archives_are_the_same_bytes_again(directory):
    made = bench(directory)
    seen = []
    for name in ("first", "second"):
        equal(made.run("--offline", "--store", f"{directory}/{name}-store", "--cache-dir", f"{directory}/{name}-cache", "build", "-o", f"oci-archive:{name}.tar",
                       "-o", f"docker-archive:{name}.docker.tar", "app.yaml"), 0)
        for ending in (".tar", ".docker.tar"):
            with open(f"{directory}/{name}{ending}", "rb") as file:
                seen.append(file.read())
    assert seen[0] == seen[2] and seen[1] == seen[3]


def test_nothing_stays_of_the_private_layout(directory):
    made = bench(directory)
    equal(made.run("--offline", "build", "-o", "oci-archive:a.tar", "app.yaml"), 0)
    equal([name for name in os.listdir(f"{directory}/cache/private") if not name.startswith(".")], [])
    assert not os.path.exists(f"{directory}/store/images"), "the store has an image that nobody asked it to keep"


def test_places_that_cannot_be(directory):
    made = bench(directory)
    for place, part in (("docker://host.example/a", "skopeo copy --all oci:DIRECTORY:TAG docker://host.example/a"), ("dir:x", "oci-archive:FILE[:TAG]"),
                        ("sbom:x", "oci:DIRECTORY[:TAG]"), ("oic-archive:x/y", 'did you mean "oci-archive:"?'),
                        ("oci:x@sha256:" + "0" * 64, "a digest is what comes out")):
        equal(made.run("--offline", "build", "-o", place, "app.yaml"), 2)
        contains(made.output, part)
    equal(made.run("--offline", "build", "-o", "docker-archive:d.tar", "--platform", "amd64", "--platform", "arm64", "app.yaml"), 2)
    contains(made.output, "holds one platform, and this is built for 2")
    contains(made.output, "--platform linux/amd64")
    equal(made.run("--offline", "build", "-o", "oci-archive:app.yaml/x.tar", "app.yaml"), 2)
    for left in ("d.tar", "x", "cache/builds", "store/images"):
        assert not os.path.exists(f"{directory}/{left}"), left


def test_a_set_goes_on_after_a_failure(directory):
    made = bench(directory)
    made.recipe("absent", name="bad.yaml")
    write(directory, {"broken.yaml": "name: [\n", "other.yaml": open(f"{directory}/app.yaml", encoding="utf-8").read().replace("name: app", "name: other")})
    words = ("broken.yaml", "app.yaml", "bad.yaml", "other.yaml")
    code, reports = documents(made, *words)
    equal(code, 2)
    equal([report.get("error", {}).get("code") for report in reports], ["syntax", None, "not-found", None])
    equal(names_of(f"{directory}/store/images"), {"app:latest": reports[1]["digest"], "other:latest": reports[3]["digest"]})
    equal(made.run("--offline", "build", *words[1:]), 2)
    for part in ('app    sha256:', "other  sha256:", "2 images, 2 unchanged", "1 failed", 'error (not-found): bad.yaml', 'no package "absent"'):
        contains(made.output, part)


def test_the_exit_status_is_that_of_the_first_failure(directory):
    made = bench(directory)
    equal(made.run("--offline", "lock", "app.yaml"), 0)
    made.recipe("more", name="other.yaml")
    os.rename(f"{directory}/app.lock", f"{directory}/other.lock")
    write(directory, {"broken.yaml": "name: [\n"})
    equal(made.run("--offline", "build", "other.yaml", "app.yaml", "broken.yaml"), 5)
    contains(made.output, "other.lock: made for other packages")
    equal(made.run("--offline", "build", "broken.yaml", "app.yaml", "other.yaml"), 2)


def test_variants(directory):
    made = bench(directory)
    code, reports = documents(made, "--variant", "all", "app.yaml")
    equal(code, 0)
    equal([(report["image"], report.get("variant")) for report in reports], [("app", None), ("app-debug", "debug")])
    assert reports[0]["digest"] != reports[1]["digest"]
    equal(names_of(f"{directory}/store/images"), {report["image"] + ":latest": report["digest"] for report in reports})
    code, (only,) = documents(made, "--variant", "debug", "-o", "oci:debug", "app.yaml")
    equal((code, only["digest"]), (0, reports[1]["digest"]))
    equal(made.run("--offline", "build", "--variant", "debgu", "app.yaml"), 2)
    contains(made.output, 'did you mean "debug"?')


def test_locks_of_all_variants(directory):
    made = bench(directory)
    equal(made.run("--offline", "lock", "--variant", "all", "app.yaml"), 0)
    packages = {}
    for name in ("app.lock", "app-debug.lock"):
        with open(f"{directory}/{name}", encoding="utf-8") as file:
            (found,) = json.load(file)["platforms"].values()
        packages[name] = [package["name"] for package in found]
    equal(packages, {"app.lock": ["text"], "app-debug.lock": ["more", "text"]})


def test_several_images_are_kept_apart(directory):
    made = bench(directory)
    for place, part in (("oci-archive:x.tar", "{name}"), ("docker-archive:x.tar", "{name}"), ("oci:x:v1", "each gets its name"), ("name:v1", "each gets its own")):
        equal(made.run("--offline", "build", "--variant", "all", "-o", place, "app.yaml"), 2)
        contains(made.output, part)
        equal(made.output.count("error"), 1)
    equal(made.run("--offline", "build", "--variant", "all", "-o", "oci:all", "-o", "docker-archive:files/{name}.tar:x/{name}:1", "app.yaml"), 0)
    equal(sorted(names_of(f"{directory}/all")), ["app", "app-debug"])
    for name in ("app", "app-debug"):
        tags = json.loads(subprocess.run(["tar", "-xOf", f"{directory}/files/{name}.tar", "manifest.json"], check=True, capture_output=True).stdout)[0]["RepoTags"]
        equal(tags, [f"x/{name}:1"])


def test_what_is_said_is_said_again(directory):
    made = bench(directory)
    made.add("odd", files={"usr/share/odd/text": b"odd\n"}, postinst="#!/bin/sh\nset -e\nfrobnicate --now\n")
    made.recipe("odd")
    first, again = [], []
    for output in (first, again):
        code, (report,) = documents(made, "app.yaml")
        equal(code, 0)
        output.append(report)
    equal((first[0].pop("unchanged"), again[0].pop("unchanged")), (False, True))
    equal(again, first)
    (notice,) = [one for one in first[0]["platforms"][0]["notices"] if one["level"] == "warning"]
    equal(notice["id"], "script:odd")
    equal(made.run("--offline", "build", "app.yaml"), 0)
    for part in ("app:latest, unchanged", first[0]["digest"], "1 warning, and what answers it:", "frobnicate --now", 'accept: ["script:odd"]'):
        contains(made.output, part)


run_cases(globals())
