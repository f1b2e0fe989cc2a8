# SPDX-License-Identifier: Apache-2.0
"""world.py: an archive, its mirror, a recipe and a store for one case, and what must hold of the store after every run."""
import atexit
import hashlib
import os
import random
import shutil
import subprocess
import tempfile

from archive import Archive, Keys, Mirror, architecture
from tap import Skip, contains, equal, write

PROGRAM = os.environ["KILN_PROGRAM"]
NETWORK, UNTRUSTED, ERROR = 4, 5, 2  # exit statuses
BIG = random.Random(1).randbytes(300000)


class Shared:
    """Keys and packages, made once: what every case copies."""
    keys = archive = None

    @classmethod
    def get(cls):
        if not cls.archive:
            for tool in ("gpg", "dpkg-deb"):
                if not shutil.which(tool):
                    raise Skip(f"{tool} is not installed")
            top = tempfile.mkdtemp(prefix="ka-")
            atexit.register(shutil.rmtree, top, True)
            cls.keys = Keys()
            atexit.register(cls.keys.close)
            archive = Archive(os.path.join(top, "archive"), cls.keys)
            archive.add("data", files={"usr/share/data/value": b"1\n"})
            archive.add("hello", files={"usr/share/hello/text": b"hello\n", "usr/share/hello/big": BIG}, depends="data")
            cls.archive = archive
        return cls.archive


class World:
    """An archive, its mirror, a recipe and a store of one case."""

    def __init__(self, directory, mirrors=1, **publish):
        shared = Shared.get()
        self.directory, self.variables = directory, {}
        root = os.path.join(directory, "archive")
        shutil.copytree(shared.root, root)
        self.archive = Archive.__new__(Archive)
        self.archive.__dict__ = {**shared.__dict__, "root": root}
        self.archive.publish(**publish)
        self.mirrors = [Mirror(root) for _ in range(mirrors)]
        self.mirror = self.mirrors[0]
        self.keyring = os.path.join(directory, "keyring.gpg")
        shared.keys.export(self.keyring, "main@example.org", "expired@example.org")
        self.store = os.path.join(directory, "store")
        self.write_recipe()

    def write_recipe(self, more="", packages="hello", urls=None):
        urls = ", ".join(urls or [mirror.url for mirror in self.mirrors])
        write(self.directory, {"app.yaml": f"name: app\narchive: own/test\narchives:\n  - id: own/test\n    mirrors: [{urls}]\n    suites: [stable]\n"
                                           f"    keyring: keyring.gpg\npackages: [{packages}]\n{more}"})

    def environment(self):
        return {"PATH": os.environ["PATH"], "HOME": self.directory, "LC_ALL": "C.UTF-8", "KILN_STORE": self.store,
                "KILN_CACHE_DIR": os.path.join(self.directory, "cache"), "no_proxy": "127.0.0.1",
                **{name: value for name, value in os.environ.items() if name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")}, **self.variables}

    def start(self, *words, prefix=(), program=PROGRAM, **options):
        return subprocess.Popen([*prefix, program, "-v", *words, os.path.join(self.directory, "app.yaml")], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, env=self.environment(), cwd=self.directory, **options)

    def kiln(self, *words, **options):
        process = self.start(*words, **options)
        output, errors = process.communicate(timeout=200)
        return process.returncode, output + errors

    def good(self, *words, **options):
        code, text = self.kiln(*words, **options)
        assert code == 0, f"exit status {code}: {text}"
        self.check_store()
        return text

    def bad(self, words, code, kind, *parts):
        actual, text = self.kiln(*words)
        contains(text, f"error ({kind})")
        equal(actual, code)
        for part in parts:
            contains(text, part)
        self.check_store()
        return text

    def inputs(self):
        top = os.path.join(self.store, "inputs/sha256")
        return [os.path.join(where, name) for where, _, names in os.walk(top) for name in names]

    def check_store(self):
        """Every input is what its name says, and nothing else lies about."""
        for path in self.inputs():
            with open(path, "rb") as file:
                equal(hashlib.sha256(file.read()).hexdigest(), os.path.basename(os.path.dirname(path)) + os.path.basename(path))
        for name in os.listdir(os.path.join(self.store, "seen")) if os.path.isdir(os.path.join(self.store, "seen")) else []:
            assert name == "lock" or name.endswith(".json"), f"left in the store: seen/{name}"

    def no_lock(self):
        assert not os.path.exists(os.path.join(self.directory, "app.lock")), "a lock was written"

    def architecture(self):
        return architecture()

    def close(self):
        for mirror in self.mirrors:
            mirror.close()
