#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""look_test.py: inspect, diff and why on images made for them, judged by what tar and the recipe say."""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), folder) for folder in ("../house", "../source", "../build")]
from images import PROGRAM, Bench, importing, naming, read_layout  # noqa: E402 - their folders had to be named first
from tap import ROOT, Skip, contains, equal, run_cases  # noqa: E402

SHARED = os.path.join(os.environ.get("KILN_SHARED_DATA", os.path.join(ROOT, "../shared/data")), "images")
ENTRY = "entrypoint: [/usr/bin/app, serve]\n"
CLEAN, DIFFERS, ERROR, CANNOT_TELL = 0, 1, 2, 3


class Look(Bench):
    """A bench that keeps what a command prints apart from its messages."""

    def ask(self, *words, code=CLEAN):
        environment = {"PATH": os.environ["PATH"], "HOME": self.directory, "LC_ALL": "C.UTF-8", "KILN_STORE": os.path.join(self.directory, "store"),
                       **{name: value for name, value in os.environ.items() if name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")}}
        process = subprocess.run([PROGRAM, *words], env=environment, cwd=self.directory, capture_output=True, text=True, timeout=300, check=False)
        equal((process.returncode, process.stderr if code < ERROR and "-v" not in words else ""), (code, ""))
        return process.stdout if code < ERROR else process.stderr

    def json(self, *words, code=CLEAN):
        return json.loads(self.ask(*words, "--format", "json", code=code))

    def keep(self, name):
        """The image that was just built, as oci:NAME."""
        shutil.move(os.path.join(self.directory, "out"), os.path.join(self.directory, name))
        return f"oci:{name}:app"

    def bytes(self):
        return sum(len(file.content) for file in self.files.values() if file.header.isreg())


def application(directory, version="1"):
    bench = Look(directory)
    bench.add("app", {"usr/bin/app": naming(directory, "/usr/share/app/data"), "usr/share/app/data": version.encode() * 500, "usr/share/man/man1/app.1": b"man\n",
                      "etc/app.conf": b"from the package\n"}, depends="helper")
    bench.add("helper", {"usr/bin/helper": naming(directory), "usr/share/helper/unused": b"x" * 400})
    return bench


def test_inspect_tells_what_tar_finds(directory):
    bench = application(directory)
    bench.build("app", ENTRY + "cmd: [now]\nenv: {MODE: fast}\nports: [8080]\nworkdir: /srv\nstop-signal: SIGQUIT\nlabels: {team: one}\nwritable: [/run/app, {path: /data, kind: volume}]\n"
                               "files:\n  - {path: /etc/app.conf, content: \"own\\n\"}\n")
    told = bench.json("inspect", "oci:out:app")
    entries = [file for file in bench.files.values() if not file.header.isdir()]
    equal((told["files"], told["bytes"]), (len(entries), bench.bytes()))
    equal(told["traits"]["elf"]["files"], sum(file.content.startswith(b"\x7fELF") for file in entries))
    equal(told["config"], {"user": "65532:65532", "entrypoint": ["/usr/bin/app", "serve"], "cmd": ["now"], "env": bench.config["config"]["Env"], "workdir": "/srv",
                           "ports": ["8080/tcp"], "volumes": ["/data"], "labels": bench.config["config"]["Labels"], "stop-signal": "SIGQUIT"})
    assert "MODE=fast" in told["config"]["env"]
    equal([(item["path"], item["kind"]) for item in told["writable"]], [("/data", "volume"), ("/run/app", "tmpfs")])
    equal(told["package-databases"], ["dpkg"])
    equal([(package["name"], package["version"], package["partial"]) for package in told["packages"]], [("app", "1.0-1", True)])
    owned = ["usr/bin/app", "usr/share/app/data", "usr/share/doc/app/copyright"]
    equal((told["packages"][0]["files"], told["packages"][0]["bytes"]), (3, sum(len(bench.files[path].content) for path in owned)))
    equal(sum(layer["files"] for layer in told["layers"]), told["files"])
    equal(sum(layer["bytes"] for layer in told["layers"]), told["bytes"])
    equal(sum(layer["bytes-compressed"] for layer in told["layers"]), told["bytes-compressed"])
    equal(sorted(item["kind"] for item in told["evidence"]), ["CycloneDX SBOM", "SLSA provenance", "SPDX SBOM", "reason of every file"])
    for trait in ("setuid", "capability", "world-writable", "device", "shell", "package-manager"):
        equal(told["traits"][trait], {"files": 0, "bytes": 0, "paths": []})
    text = bench.ask("inspect", "oci:out:app")
    for part in (told["digest"], "/usr/bin/app serve now", "65532:65532", "8080/tcp", "/data (volume), /run/app (tmpfs)", "team=one", "app  1.0-1", "SPDX SBOM"):
        contains(text, part)


def test_inspect_weighs_programs_and_narrowing_saves_it(directory):
    bench = Look(directory)
    bench.add("app", {"usr/bin/app": naming(directory), "usr/bin/extra": naming(directory, "/usr/lib/only/plugin"), "usr/share/app/text": b"t"}, depends="only")
    bench.add("only", {"usr/lib/only/plugin": naming(directory), "usr/bin/other": naming(directory)})
    bench.build("app", ENTRY)
    told = bench.json("inspect", "oci:out:app")["programs"]
    equal(told["unreachable"], ["/usr/bin/extra"])
    contains(bench.ask("inspect", "oci:out:app"), "1 program is not reachable from the entry point")
    before = {path: len(file.content) for path, file in bench.files.items() if file.header.isreg()}
    bench.keep("whole")
    bench.build("app", ENTRY + "programs: [/usr/bin/app]\n")
    gone = set(before) - set(bench.files)
    equal({path for path in gone if not path.startswith("var/lib/dpkg/")}, {"usr/bin/extra", "usr/lib/only/plugin", "usr/share/doc/only/copyright"})
    equal(told["unreachable-bytes"], before["usr/bin/extra"] + before["usr/lib/only/plugin"] + before["usr/share/doc/only/copyright"])
    equal(bench.json("inspect", "oci:out:app")["programs"]["unreachable"], [])


def test_inspect_names_programs_that_call_a_shell(directory):
    bench = Look(directory)
    bench.add("app", {"usr/bin/app": importing(directory, "system", "popen", "puts")})
    bench.build("app", ENTRY)
    equal(bench.json("inspect", "oci:out:app")["programs"]["call-shell"], [{"path": "/usr/bin/app", "calls": ["popen", "system"]}])
    contains(bench.ask("inspect", "oci:out:app"), "1 program imports system() or popen()")


def apk_installed(path):
    """Name, version and origin of the packages in the only layer of a docker archive, read without kiln."""
    with tarfile.open(path) as archive:
        (layer,) = json.load(archive.extractfile("manifest.json"))[0]["Layers"]
        with tarfile.open(fileobj=archive.extractfile(layer)) as root:
            text = root.extractfile("lib/apk/db/installed").read().decode()
    records = [dict(line.split(":", 1) for line in record.splitlines() if line[:2] in ("P:", "V:", "o:")) for record in text.strip().split("\n\n")]
    return {(record["P"], record["V"], record["o"]) for record in records}


def test_inspect_of_foreign_images(directory):
    bench, path = Look(directory), os.path.join(SHARED, "alpine-311.docker-archive.tar.gz")
    if not os.path.exists(path):
        raise Skip(f"{path} is not there")
    told = bench.json("inspect", f"docker-archive:{path}")
    equal((told["distribution"]["id"], told["package-databases"], told["evidence"]), ("alpine", ["apk"], []))
    equal({(one["name"], one["version"], one["source"]) for one in told["packages"]}, apk_installed(path))
    equal(told["traits"]["package-manager"]["paths"], ["/sbin/apk"])
    contains(told["traits"]["shell"]["paths"], "/bin/sh")
    assert "programs" not in told
    text = bench.ask("inspect", path)  # the bare file is enough
    contains(text, "14 packages; the largest:")
    contains(text, "no evidence is attached")


def test_nothing_that_an_image_says_reaches_the_terminal_raw(directory):
    bench = Look(directory)
    bench.add("app", {"usr/bin/app": naming(directory), "usr/share/app/\x1b[31mred": b"x"})
    bench.build("app", ENTRY + "labels: {team: \"\\e[2Jone\"}\nfiles:\n  - {path: \"/etc/\\u202Eflip\", content: \"x\"}\n")
    first = bench.keep("first")
    bench.add("app", {"usr/bin/app": naming(directory), "usr/share/app/\x1b[31mgreen": b"x"})
    bench.build("app", ENTRY)
    texts = [bench.ask("inspect", first), bench.ask("diff", "-v", first, "oci:out:app", code=DIFFERS), bench.ask("why", first, "/usr/share/app/\x1b[31mred")]
    for text in texts:
        assert "\x1b" not in text and "\u202e" not in text, repr(text)
    contains(texts[0], "team=\\x1B[2Jone")
    for part in ("\\x1B[31mred", "\\u{202E}flip"):
        contains(texts[1], part)


def test_diff_tells_what_changed(directory):
    bench = application(directory)
    bench.build("app", ENTRY + "env: {MODE: fast}\nlabels: {team: one}\nfiles:\n  - {path: /srv/one, content: \"1\"}\n  - {path: /srv/same, content: \"s\"}\n  - {path: /srv/mode, content: \"m\"}\n")
    first, before = bench.keep("first"), bench.files
    equal(bench.ask("diff", "-q", first, first), "")
    contains(bench.ask("diff", first, first), "the same image, byte for byte")
    bench.add("app", {"usr/bin/app": naming(directory, "/usr/share/app/data"), "usr/share/app/data": b"2" * 600})
    shutil.move(os.path.join(bench.debs, next(name for name in os.listdir(bench.debs) if name.startswith("app_"))), os.path.join(directory, "old.deb"))
    subprocess.run(["dpkg-deb", "-R", "old.deb", "unpacked"], cwd=directory, check=True)
    control = os.path.join(directory, "unpacked/DEBIAN/control")
    with open(control, encoding="utf-8") as file:
        text = file.read().replace("1.0-1", "2.0-1")
    with open(control, "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", "unpacked", "debs/app_2.0-1_all.deb"], cwd=directory, check=True, capture_output=True)
    bench.build("app", ENTRY + "env: {MODE: slow}\nports: [80]\nfiles:\n  - {path: /srv/two, content: \"2\"}\n  - {path: /srv/same, content: \"s\"}\n  - {path: /srv/mode, content: \"m\", mode: \"0755\", owner: \"5:6\"}\n")
    told = bench.json("diff", first, "oci:out:app", code=DIFFERS)
    equal(told["equal"], False)
    equal([(item["name"], item["change"], item["before"]["version"], item["after"]["version"]) for item in told["packages"]], [("app", "changed", "1.0-1", "2.0-1")])
    changes = {item["path"][1:]: (item["change"], item["what"]) for item in told["files"]}
    for path, expected in {"srv/one": ("removed", []), "srv/two": ("added", []), "srv/mode": ("changed", ["mode", "owner"]), "usr/share/app/data": ("changed", ["content"])}.items():
        equal(changes[path], expected)
    assert "srv/same" not in changes
    # Every path: in one tar only, or different in both.
    expected = set(before) ^ set(bench.files)
    expected |= {path for path in set(before) & set(bench.files) if (before[path].content, before[path].mode, before[path].owner, before[path].target)
                 != (bench.files[path].content, bench.files[path].mode, bench.files[path].owner, bench.files[path].target)}
    equal(set(changes) - {""}, expected - {""})
    sides = next(item for item in told["files"] if item["path"] == "/srv/mode")
    equal((sides["before"]["mode"], sides["after"]["mode"], sides["after"]["uid"], sides["after"]["gid"]), ("0644", "0755", 5, 6))
    equal(sides["after"]["digest"], "sha256:" + hashlib.sha256(b"m").hexdigest())
    equal([item["key"] for item in told["configuration"]], ["env", "ports", "labels"])
    text = bench.ask("diff", first, "oci:out:app", code=DIFFERS)
    for part in ("- env: MODE=fast", "+ env: MODE=slow", "+ ports: 80/tcp", "- labels team: one", "1.0-1 -> 2.0-1", "1 package differs"):
        contains(text, part)


def test_diff_of_images_that_differ_in_nothing_one_sees(directory):
    bench = application(directory)
    bench.build("app", ENTRY)
    first = bench.keep("first")
    equal(bench.run("--offline", "build", "-o", "oci:out:app", "app.yaml"), 0)
    equal(bench.ask("diff", "-q", first, "oci:out:app"), "")
    with open(os.path.join(directory, "app.yaml"), "a", encoding="utf-8") as file:
        file.write("compression: zstd\n")
    equal(bench.run("--offline", "build", "-o", "oci:out:app", "app.yaml"), 0)
    told = bench.json("diff", first, "oci:out:app", code=DIFFERS)
    equal((told["equal"], told["packages"], told["files"], told["configuration"], told["layers-shared"]), (False, [], [], [], 0))
    contains(bench.ask("diff", first, "oci:out:app", code=DIFFERS), "differ in times, layers or compression")


def test_why_leads_to_the_line_of_the_recipe(directory):
    bench = application(directory)
    bench.build("app", ENTRY + "files:\n  - {path: /srv/one, content: \"1\"}\n  - path: /srv/two\n    content: \"2\"\n")
    with open(os.path.join(directory, "app.yaml"), encoding="utf-8") as file:
        lines = file.read().split("\n")
    line = {key: f"app.yaml:{next(i for i, text in enumerate(lines, 1) if text.startswith(key))}" for key in ("packages", "entrypoint", "  - {path", "  - path")}
    chain = bench.json("why", "oci:out:app", "/usr/share/app/data")["chain"]
    equal([(step["path"], step["rule"], step.get("place")) for step in chain], [("/usr/share/app/data", "data", None), ("/usr/bin/app", "entrypoint", line["entrypoint"])])
    deb = next(name for name in os.listdir(bench.debs) if name.startswith("app_"))
    with open(os.path.join(bench.debs, deb), "rb") as file:
        digest = "sha256:" + hashlib.sha256(file.read()).hexdigest()
    equal((chain[0]["package"]["digest"], chain[0]["package"]["requested"], chain[0]["package"]["index"]["signers"]), (digest, True, []))
    equal(bench.json("why", "oci:out:app", "srv/one")["chain"][0]["place"], line["  - {path"])
    equal(bench.json("why", "oci:out:app", "//srv/two")["chain"][0]["place"], line["  - path"])
    text = bench.ask("why", "oci:out:app", "/usr/share/app/data")
    for part in (digest, f"the recipe asks for ({line['packages']})", "data of app, whose code is used", line["entrypoint"], "the recipe trusts this directory"):
        contains(text, part)
    # The lines move, the image does not: the reasons follow.
    with open(os.path.join(directory, "app.yaml"), "w", encoding="utf-8") as file:
        file.write("# one line more\n" + "\n".join(lines))
    equal(bench.run("--offline", "build", "-o", "oci:out:app", "app.yaml"), 0)
    moved = bench.json("why", "oci:out:app", "/srv/one")
    equal(moved["chain"][0]["place"], "app.yaml:" + str(int(line["  - {path"].split(":")[1]) + 1))


def test_why_not_and_what_brings_it_back(directory):
    bench = application(directory)
    bench.build("app", ENTRY + "drop: [/usr/share/app/**]\n")
    told = bench.json("why", "oci:out:app", "/usr/share/man/man1/app.1")
    equal((told["state"], told["chain"][0]["rule"], told["chain"][0]["recipe-key"], told["chain"][0]["bytes"]), ("left-out", "manual", "keep", 4))
    text = bench.ask("why", "oci:out:app", "/usr/share/man/man1/app.1")
    contains(text, 'keep: ["/usr/share/man/man1/app.1"]')
    contains(bench.ask("why", "oci:out:app", "/usr/share/app/data"), 'take it out of "drop"')
    contains(bench.ask("why", "oci:out:app", "/usr/share/helper/unused"), "no file of its package helper is needed")
    bench.build("app", ENTRY + text[text.index("keep: "):])
    bench.has("usr/share/man/man1/app.1")
    equal(bench.json("why", "oci:out:app", "/usr/share/man/man1/app.1")["chain"][0]["rule"], "keep")


def test_why_of_what_nothing_has(directory):
    bench = application(directory)
    bench.build("app", ENTRY)
    text = bench.ask("why", "oci:out:app", "/opt/data", code=DIFFERS)
    contains(text, "no package that the image was built from has it")
    contains(text, "there is   /usr/share/app/data")
    told = bench.json("why", "oci:out:app", "/opt/nothing", code=DIFFERS)
    equal((told["state"], told["chain"]), ("unknown", []))


def test_every_reference_and_every_platform(directory):
    bench = application(directory)
    bench.build("app", ENTRY)
    layout = os.path.join(directory, "out")
    with open(os.path.join(layout, "index.json"), encoding="utf-8") as file:
        index = json.load(file)
    top = next(entry for entry in index["manifests"] if "org.opencontainers.image.ref.name" in entry.get("annotations", {}))
    architecture = read_layout(layout)[0]["architecture"]
    other = "s390x" if architecture != "s390x" else "amd64"
    inner = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
             "manifests": [{**{key: top[key] for key in ("mediaType", "digest", "size")}, "platform": {"os": "linux", "architecture": architecture}},
                           {"mediaType": top["mediaType"], "digest": "sha256:" + "0" * 64, "size": 2, "platform": {"os": "linux", "architecture": other}}]}
    content = json.dumps(inner).encode()
    name = hashlib.sha256(content).hexdigest()
    with open(os.path.join(layout, "blobs/sha256", name), "wb") as file:
        file.write(content)
    index["manifests"].append({"mediaType": inner["mediaType"], "digest": "sha256:" + name, "size": len(content), "annotations": {"org.opencontainers.image.ref.name": "many"}})
    with open(os.path.join(layout, "index.json"), "w", encoding="utf-8") as file:
        json.dump(index, file)
    told = bench.json("inspect", "oci:out:many", "--platform", f"linux/{architecture}")
    equal((told["digest"], told["index-digest"], told["platforms"]), (top["digest"], "sha256:" + name, [f"linux/{architecture}", f"linux/{other}"]))
    contains(bench.ask("why", "oci:out:many", "/usr/bin/app"), "the recipe's entry point")
    contains(bench.ask("inspect", "oci:out:many", "--platform", f"linux/{other}", code=ERROR), "0" * 64)
    contains(bench.ask("why", "oci:out:many", "/x", "--platform", "amd64", "--platform", "arm64", code=ERROR), "looks at one")
    contains(bench.ask("inspect", "oci:out:many", "--platform", "linux/riscv64", code=ERROR), f"it has: linux/{architecture}, linux/{other}")
    # An archive keeps the reasons, a copy of Docker's kind cannot.
    equal(bench.run("--offline", "build", "-o", "oci-archive:app.tar", "-o", "docker-archive:docker.tar", "app.yaml"), 0)
    contains(bench.ask("why", "oci-archive:app.tar", "/usr/bin/app"), "the recipe's entry point")
    contains(bench.ask("why", "docker-archive:docker.tar", "/usr/bin/app", code=CANNOT_TELL), "no reasons are attached")
    equal(bench.json("diff", "oci-archive:app.tar", "oci:out:app")["equal"], True)
    with tarfile.open(os.path.join(directory, "docker.tar")) as tar:
        contains(tar.getnames(), "manifest.json")
    equal(bench.json("diff", "docker-archive:docker.tar", "oci:out:app", code=DIFFERS)["files"], [])
    contains(bench.ask("inspect", "docker://nginx", code=ERROR), "skopeo copy")


if __name__ == "__main__":
    run_cases(globals())
