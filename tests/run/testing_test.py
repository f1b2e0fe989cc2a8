#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""testing_test.py: `kiln test`: every kind of test passing and failing, clients and first steps from variants, the result as document and evidence."""
import hashlib
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import RUNTIMES, World, users  # noqa: E402
from tap import contains, equal, run_cases  # noqa: E402

PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"

GOOD = """\
name: good
files: [{path: /probe, source: probe, mode: "0755"}, {path: /data/page, content: "from the image\\n"}]
entrypoint: [/probe]
cmd: [serve, "80"]
writable: [{path: /writable, kind: volume, mode: "0750"}, {path: /data, kind: volume}]
tests:
  - {name: filled, run: [/probe, write, /writable/page, "from the first step\\n"], prepare: true, variant: init}
  - {name: filled more, run: [/probe, cat, /writable/page], prepare: true, output: "^from the first step$"}
  - {name: listens, port: 80}
  - {name: answers, fetch: "http://127.0.0.1/", output: "hello from the probe\\nfrom the first step"}
  - {name: client, run: [/client, fetch, "80"], variant: client, output: "from the first step"}
  - {name: beside, run: [/probe, fetch, "80"], beside: true, output: "hello from the probe"}
  - {name: alone, run: [/probe, fetch, "80"], exit: 1, output: "ECONNREFUSED"}
  - {name: fresh volume, run: [/probe, cat, /writable/page], exit: 1, output: ENOENT}
  - {name: copied volume, run: [/probe, cat, /data/page], output: "from the image"}
  - {name: environment, run: [/probe, environment], env: {A: b}, output: "^A=b$"}
  - {name: input, run: [/probe, copy], input: "one\\n", output: "one\\nend of input"}
  - {name: client is hardened, run: [/client, cat, /proc/self/status], variant: client, output: "CapBnd:\\t0000000000000000"}
  - {name: there, present: /data/page}
  - {name: no client, absent: /client}
  - {name: small, size: 2 MB}
variants:
  init: {env: {A: b}}
  client: {files: [{path: /client, source: probe, mode: "0755"}]}
"""

BAD = """\
name: bad
files: [{path: /probe, source: probe, mode: "0755"}, {path: /plain, content: "no program"}]
entrypoint: [/probe]
cmd: [serve, "80"]
tests:
  - {name: exit, run: [/probe, exit, "3"]}
  - {name: output, run: [/probe, environment], output: "no such line"}
  - {name: endless, run: [/probe, deaf], timeout: 1s}
  - {name: program, run: [/plain]}
  - {name: port, port: 81, timeout: 500ms}
  - {name: status, fetch: "http://127.0.0.1/", status: 404}
  - {name: page, fetch: "http://127.0.0.1/", output: "goodbye"}
  - {name: present, present: /nothing}
  - {name: absent, absent: /probe}
  - {name: size, size: 1 kB}
  - {name: right, run: [/probe, exit, "0"]}
"""
WHY = {"exit": "exit status 3, expected 0; it printed: leaving with 3", "output": "the output does not match /no such line/; it printed: ",
       "endless": "it did not end within 1000 ms; it printed: ready", "program": "could not start /plain: ",
       "port": "nothing listens on port 81 after 500 ms; the image printed: serving", "status": "status 200, expected 404; the body: hello from the probe",
       "page": "the body does not match /goodbye/: hello from the probe", "present": "/nothing is not in the image", "absent": "/probe is in the image (/probe)",
       "size": " bytes), at most 1.0 kB (1000 bytes) are allowed"}


def everything_passes(world, runtime):
    world.write("good.yaml", GOOD)
    result = world.kiln("test", "--runtime", runtime, "good.yaml")
    assert result.returncode == 0, result.stdout + result.stderr
    contains(result.stdout, "  15 passed, 0 failed\n")
    equal([line.split("  ")[2] for line in result.stdout.splitlines() if line.startswith("  passed")][:2], ["filled", "filled more"])
    equal(os.listdir(world.path("cache/run")), ["lock"])


def make(world, runtime):
    def case(directory):
        if not os.path.exists(world.path("probe.yaml")):
            world.build()
        world.usable(runtime)
        everything_passes(world, runtime)
    return case


for who in users():
    WORLD = World(who)
    for name in RUNTIMES:
        globals()[f"test_{who}_{name}_everything_passes"] = make(WORLD, name)
HERE = WORLD if WORLD.who == "own" else World("root")


def test_failures_say_what_was_expected_and_seen(directory):
    HERE.write("bad.yaml", BAD)
    result = HERE.kiln("test", "bad.yaml", "--format", "json")
    equal(result.returncode, 1)
    (document,) = json.loads(result.stdout)
    equal((document["result"], document["passedTests"], document["failedTests"]), ("FAILED", ["right"], list(WHY)))
    for test in document["tests"]:
        equal(test["passed"], test["name"] == "right")
        contains(test.get("detail", ""), WHY.get(test["name"], ""))
    text = HERE.kiln("test", "bad.yaml", "--no-attach")
    equal(text.returncode, 1)
    contains(text.stdout, "  failed  exit\n            exit status 3, expected 0; it printed: leaving with 3\n")
    contains(text.stdout, "  1 passed, 10 failed\n")
    equal(HERE.kiln("test", "-q", "bad.yaml", "--no-attach").stdout.count("  passed  "), 0)


def test_a_failed_first_step_fails_what_needs_the_image_started(directory):
    HERE.write("prepare.yaml", BAD.split("tests:")[0].replace("bad", "prepare") + "tests:\n  - {name: after, fetch: 'http://127.0.0.1/'}\n"
               "  - {name: files, present: /probe}\n  - {name: step, run: [/probe, exit, '4'], prepare: true}\n")
    (document,) = json.loads(HERE.kiln("test", "prepare.yaml", "--format", "json").stdout)
    equal(document["failedTests"], ["step", "after"])
    equal(document["tests"][1]["detail"], "the image is not started, because what prepares it failed (step)")


def test_an_image_that_ends_or_does_not_start(directory):
    for name, command, wanted in (("ends", '[exit, "5"]', "ended with status 5 before anything listened on port 80; the image printed: leaving with 5"),
                                  ("none", "null", "")):
        text = f"name: {name}\nfiles: [{{path: /probe, source: probe, mode: '0755'}}]\nentrypoint: [/probe]\ncmd: {command}\ntests: [{{port: 80}}]\n"
        HERE.write("ends.yaml", text.replace("cmd: null\n", "").replace("[/probe]", "[/probe]" if wanted else "[/nothing]"))
        result = HERE.kiln("test", "ends.yaml", "--format", "json")
        if wanted:
            equal(result.returncode, 1)
            contains(json.loads(result.stdout)[0]["tests"][0]["detail"], wanted)
        else:
            equal(result.returncode, 2)  # no package has the program: nothing was built
            contains(result.stderr, "/nothing")


class Layout:
    """The store's images, read without kiln."""

    def __init__(self, world):
        self.directory = pathlib.Path(world.path("store/images"))

    def blob(self, digest):
        data = (self.directory / "blobs" / digest.replace(":", "/")).read_bytes()
        equal("sha256:" + hashlib.sha256(data).hexdigest(), digest)
        return json.loads(data)

    def results(self, subject):
        found = []
        for entry in json.loads((self.directory / "index.json").read_text(encoding="utf-8"))["manifests"]:
            manifest = self.blob(entry["digest"])
            if manifest.get("subject", {}).get("digest") == subject and manifest.get("annotations", {}).get("in-toto.io/predicate-type") == PREDICATE:
                equal(manifest["artifactType"], "application/vnd.in-toto+json")
                found.append((manifest["annotations"], self.blob(manifest["layers"][0]["digest"])))
        return found


def test_the_result_is_evidence(directory):
    HERE.write("good.yaml", GOOD)
    dated = {"SOURCE_DATE_EPOCH": "1767225600"}
    result = HERE.kiln("test", "good.yaml", "--format", "json", variables=dated)
    equal(result.returncode, 0)
    (document,) = json.loads(result.stdout)
    equal(document.pop("image"), "good:latest")
    digest = document.pop("digest")
    annotations, statement = next(one for one in Layout(HERE).results(digest) if one[0]["org.opencontainers.image.created"] == "2026-01-01T00:00:00Z")
    equal(statement["_type"], "https://in-toto.io/Statement/v1")
    equal(statement["predicateType"], PREDICATE)
    equal(statement["subject"], [{"name": "good", "digest": {"sha256": digest[7:]}}])
    equal(statement["predicate"], document)
    equal((document["result"], len(document["passedTests"]), document["failedTests"]), ("PASSED", 15, []))
    equal([one["name"] for one in document["configuration"]], ["recipe", "variant client", "variant init"])
    hardening = document["hardening"]
    equal((hardening["capabilities"], hardening["readOnlyRoot"], hardening["noNewPrivileges"], hardening["seccomp"], hardening["network"]),
          ([], True, True, "default-deny", "own"))
    equal(hardening["writable"], ["/data", "/writable"])
    before = len(Layout(HERE).results(digest))
    HERE.good("test", "good.yaml", "--no-attach")
    equal(len(Layout(HERE).results(digest)), before)


def test_an_image_brings_its_tests(directory):
    HERE.write("good.yaml", GOOD)
    for variant in ([], ["--variant", "client"], ["--variant", "init"]):
        HERE.good("build", "good.yaml", *variant)
    contains(HERE.good("test", "good"), "  15 passed, 0 failed\n")
    skopeo = ["skopeo", "copy", "--quiet", f"oci:{HERE.path('store/images')}:good:latest", f"oci:{HERE.path('bare')}:x"]  # no evidence comes along
    subprocess.run(skopeo, check=True, stdout=subprocess.DEVNULL)
    result = HERE.kiln("test", f"oci:{HERE.path('bare')}:x")
    equal((result.returncode, result.stdout), (3, ""))
    contains(result.stderr, "no provenance is attached")
    HERE.write("lonely.yaml", GOOD.replace("name: good", "name: lonely", 1))
    HERE.good("build", "lonely.yaml")
    result = HERE.kiln("test", "lonely")
    equal((result.returncode, result.stdout), (2, ""))
    contains(result.stderr, 'test "filled" runs in the variant "init", and the store has no image "lonely-init"; build it from the recipe: '
                            "kiln build --variant init RECIPE")


def test_changed_tests_of_an_unchanged_image(directory):
    for number in range(4):  # the newest recipe's tests count, whatever order digests have
        HERE.write("changed.yaml", BAD.split("tests:")[0].replace("bad", "changed") + f"tests: [{{name: round {number}, absent: /{number}}}]\n")
        HERE.good("build", "changed.yaml")
        contains(HERE.good("test", "changed"), f"  passed  round {number}\n  1 passed, 0 failed\n")


def test_wrong_use(directory):
    HERE.write("bad.yaml", BAD)
    HERE.write("untested.yaml", BAD.split("tests:")[0].replace("bad", "untested"))
    for words, code, wanted in ((["nothing.yaml"], 2, "nothing.yaml: no such recipe"), (["nothing"], 2, "nothing"), (["untested.yaml"], 3, 'has no "tests"'),
                                (["untested", "--variant", "x"], 2, "an image of the store is called untested-x"), ([], 2, "RECIPE|IMAGE"),
                                (["bad.yaml", "--runtime", "podman"], 2, 'no runtime "podman" here'), (["bad.yaml", "-m", "1k"], 2, "less than 1M"),
                                (["bad.yaml", "--pids-limit", "0"], 2, "expected 1 to")):
        result = HERE.kiln("test", *words)
        equal((words, result.returncode, result.stdout), (words, code, ""))
        contains(result.stderr, wanted)


def test_several_at_once(directory):
    HERE.write("bad.yaml", BAD)
    HERE.write("untested.yaml", BAD.split("tests:")[0].replace("bad", "untested"))
    HERE.write("fine.yaml", BAD.split("tests:")[0].replace("bad", "fine") + "tests: [{present: /probe}]\n")
    result = HERE.kiln("test", "--format", "json", "fine.yaml", "bad.yaml", "untested.yaml", "fine")
    equal(result.returncode, 1)
    equal([(one["image"], one["result"]) for one in json.loads(result.stdout)], [("fine:latest", "PASSED"), ("bad:latest", "FAILED"), ("fine", "PASSED")])
    equal((result.stdout.count("error"), result.stderr.count("error:")), (0, 0))
    broken = HERE.kiln("test", "--format", "json", "bad.yaml", "nothing.yaml", "fine.yaml")
    equal(broken.returncode, 2)
    equal([(one["image"], one.get("result", one.get("error"))) for one in json.loads(broken.stdout)],
          [("bad:latest", "FAILED"), ("nothing.yaml", "nothing.yaml: no such recipe"), ("fine:latest", "PASSED")])
    equal(broken.stderr, "error: nothing.yaml: no such recipe\n")
    assert "hardening" not in json.loads(result.stdout)[0], "nothing was started"
    equal(HERE.kiln("test", "untested.yaml", "fine.yaml").returncode, 3)


if __name__ == "__main__":
    run_cases(globals())
