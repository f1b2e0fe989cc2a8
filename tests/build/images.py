# SPDX-License-Identifier: Apache-2.0
"""images.py: packages made for one case, a recipe that uses them, and the image that comes out as a dictionary of its files."""
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../house"), os.path.join(HERE, "../source")]
from archive import make_deb  # noqa: E402
from tap import Skip, contains, equal, write  # noqa: E402

PROGRAM = os.environ["KILN_PROGRAM"]


class File:
    """One entry of an image: its tar header and, for a regular file, its bytes."""

    def __init__(self, header, content):
        self.header, self.content = header, content

    @property
    def text(self):
        return self.content.decode()

    @property
    def mode(self):
        return self.header.mode

    @property
    def owner(self):
        return self.header.uid, self.header.gid

    @property
    def target(self):
        return self.header.linkname if self.header.issym() else None


def read_layout(layout, tag="app"):
    """Configuration and files (path -> File) of the image called @tag in the layout @layout; of an index, per platform."""
    def blob(digest):
        with open(os.path.join(layout, "blobs", digest.replace(":", "/")), "rb") as file:
            return file.read()

    with open(os.path.join(layout, "index.json"), encoding="utf-8") as file:
        entries = json.load(file)["manifests"]
    top = [entry for entry in entries if entry.get("annotations", {}).get("org.opencontainers.image.ref.name") == tag]
    equal(len(top), 1)
    manifest = json.loads(blob(top[0]["digest"]))
    files = {}
    for layer in manifest["layers"]:
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(blob(layer["digest"])))) as tar:
            for header in tar:
                source = tar.extractfile(header) if header.isreg() or header.islnk() else None
                files[header.name.rstrip("/")] = File(header, source.read() if source else b"")
    return json.loads(blob(manifest["config"]["digest"])), files


class Bench:
    """Packages in a directory that the recipe trusts, and a store of their own."""

    def __init__(self, directory):
        self.directory, self.debs = directory, os.path.join(directory, "debs")
        os.mkdir(self.debs)
        self.files = self.config = self.output = None

    def add(self, name, files=None, depends="", **scripts):
        """A package with @files (path -> bytes or (bytes, mode)); @scripts: preinst="...", postinst="...", triggers="..."."""
        control = {f"DEBIAN/{member}": (text.encode(), 0o755 if "inst" in member else 0o644) for member, text in scripts.items()}
        make_deb(self.debs, name, "1.0-1", {**(files or {}), **control}, depends)

    def run(self, *words):
        environment = {"PATH": os.environ["PATH"], "HOME": self.directory, "LC_ALL": "C.UTF-8", "KILN_STORE": os.path.join(self.directory, "store"),
                       "KILN_CACHE_DIR": os.path.join(self.directory, "cache"),
                       **{name: value for name, value in os.environ.items() if name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")}}
        process = subprocess.run([PROGRAM, "-v", *words], env=environment, cwd=self.directory, capture_output=True, text=True, timeout=300, check=False)
        self.output = process.stdout + process.stderr
        return process.returncode

    def recipe(self, packages, more="", name="app.yaml"):
        write(self.directory, {name: f"name: app\narchive: here\narchives: [{{id: here, directory: debs, trusted: true}}]\npackages: [{packages}]\n{more}"})

    def build(self, packages, more="", options=()):
        """Build an image of @packages; its files, without those that every image has, are returned and kept in self.files."""
        self.recipe(packages, more)
        code = self.run("--offline", "build", "-o", "oci:" + os.path.join(self.directory, "out") + ":app", *options, "app.yaml")
        assert code == 0, f"exit status {code}: {self.output}"
        self.config, self.files = read_layout(os.path.join(self.directory, "out"))
        return self.files

    def refuse(self, packages, more, *parts):
        self.recipe(packages, more)
        code = self.run("--offline", "build", "-o", "oci:" + os.path.join(self.directory, "out") + ":app", "app.yaml")
        equal(code, 2)
        for part in parts:
            contains(self.output, part)

    def has(self, *paths):
        for path in paths:
            assert path in self.files, f"{path} is not in the image, which has {sorted(self.files)}\n{self.output}"

    def lacks(self, *paths):
        for path in paths:
            assert path not in self.files, f"{path} is in the image"


def compile_c(directory, source, *flags, output="program"):
    """The bytes of what the C compiler makes of @source; nothing of the C library unless @flags say so."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        raise Skip("no C compiler")
    write(directory, {output + ".c": source})
    subprocess.run([compiler, "-O1", output + ".c", *(flags or ("-nostdlib", "-static")), "-o", output], cwd=directory, check=True, capture_output=True)
    with open(os.path.join(directory, output), "rb") as file:
        return file.read()


def importing(directory, *functions):
    """A program that imports @functions of libraries that it does not name."""
    declared = "".join(f"void {function}(void);\n" for function in functions)
    calls = " ".join(f"{function}();" for function in functions)
    return compile_c(directory, f"{declared}void _start(void) {{ {calls} }}\n", "-nostdlib", "-shared", "-fPIC"), 0o755


def naming(directory, *paths):
    """A program that names @paths, as programs name where their plugins are."""
    names = ", ".join(f'"{path}"' for path in paths)
    return compile_c(directory, f"const char *const names[] __attribute__((used)) = {{ {names} }};\nvoid _start(void) {{ for (;;); }}\n"), 0o755
