# SPDX-License-Identifier: Apache-2.0
"""world.py: users, runtimes and tiny images for the tests of started images. What a test makes here is gone when it ends."""
import atexit
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "house"))
from tap import Skip  # noqa: E402

PROGRAM = os.environ["KILN_PROGRAM"]
ID = 47110  # of the made user; no host uses it
RUNTIMES = ("runc", "crun")

RECIPE = """\
name: probe
files:
  - {path: /probe, source: probe, mode: "0755"}
  - {path: /data/seed, content: "from the image\\n"}
entrypoint: [/probe]
cmd: [environment]
env: {COLOUR: red}
writable: [/writable, {path: /data, kind: volume, mode: "0700"}, {path: /small, size: 1 MiB, mode: "1777"}]
"""


def find(program):
    found = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if not found:
        raise Skip(f"{program} is not installed")
    return found


def compile_probe(directory):
    target = os.path.join(directory, "probe")
    subprocess.run(["cc", "-static", "-O1", "-D_GNU_SOURCE", "-Wall", "-Werror", "-o", target, str(HERE / "probe.c")], check=True)
    return target


class World:
    """Somebody who runs kiln: root, or a user with or without a range of ids of its own. Accounts exist in a mount namespace only."""

    def __init__(self, who):
        self.who = who
        self.usable_runtimes = set()
        self.directory = tempfile.mkdtemp(prefix="kiln-run-")
        atexit.register(self.remove)
        compile_probe(self.directory)
        self.prefix, self.program = [], PROGRAM
        if who != "own":
            self.enter_namespace(*self.make_user() if who != "root" else ("", []))
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.path("home"), "LC_ALL": "C.UTF-8", "KILN_STORE": self.path("store"),
                            "KILN_CACHE_DIR": self.path("cache"), "TERM": "xterm"}
        for name in ("LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def path(self, name):
        return os.path.join(self.directory, name)

    def remove(self):
        """As root in a namespace like that of the test, for files of ids that only it has."""
        if self.who == "own":
            subprocess.run(["unshare", "--map-root-user", "rm", "-rf", self.directory], check=False)
        shutil.rmtree(self.directory, ignore_errors=True)

    def make_user(self):
        accounts = {"passwd": f"kilntest:x:{ID}:{ID}::/nonexistent:/usr/sbin/nologin\n", "group": f"kilntest:x:{ID}:\n"}
        ranges = f"kilntest:{ID + 100000}:65536\n" if self.who == "mapped" else ""
        accounts.update({"subuid": ranges, "subgid": ranges})
        mounts = []
        for name, lines in accounts.items():
            if not os.path.exists(f"/etc/{name}"):
                continue
            old = pathlib.Path(f"/etc/{name}").read_text(encoding="utf-8") if name in ("passwd", "group") else ""
            self.write(name, old + lines)
            mounts.append(f"mount --bind {self.path(name)} /etc/{name}\n")
        os.chown(self.directory, ID, ID)
        os.chmod(self.directory, 0o755)
        self.program = shutil.copy(PROGRAM, self.path("kiln"))  # the build may be in a place that the user cannot read
        os.chmod(self.program, 0o755)
        return "".join(mounts), ["setpriv", f"--reuid={ID}", f"--regid={ID}", "--clear-groups", "--inh-caps=-all", "--"]

    def enter_namespace(self, mounts, become):
        """Where version 2 of cgroups stands beside version 1, crun is content once it does not see it."""
        unified = "/sys/fs/cgroup/unified"
        script = f"set -e\n{mounts}if grep -q . {unified}/cgroup.controllers 2>/dev/null; then mount -t tmpfs none {unified}; fi\nexec \"$@\"\n"
        self.prefix = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *become]

    def words(self, *words):
        return [*self.prefix, self.program, *words]

    def kiln(self, *words, **arguments):
        """Run kiln to its end; stdin is empty unless @input is given."""
        arguments.setdefault("cwd", self.directory)
        if "input" not in arguments:
            arguments.setdefault("stdin", subprocess.DEVNULL)
        environment = {**self.environment, **arguments.pop("variables", {})}
        return subprocess.run(self.words(*words), capture_output=True, text=True, env=environment, timeout=120, check=False, **arguments)

    def good(self, *words, **arguments):
        result = self.kiln(*words, **arguments)
        assert result.returncode == 0, f"{words}: {result.returncode}: {result.stdout}{result.stderr}"
        return result.stdout

    def start(self, *words, **arguments):
        return subprocess.Popen(self.words(*words), cwd=self.directory, text=True, env=self.environment,
                                **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **arguments})

    def write(self, name, text):
        path = pathlib.Path(self.path(name))
        path.write_text(text, encoding="utf-8")
        return str(path)

    def build(self, name="probe.yaml", text=RECIPE):
        self.write(name, text)
        self.good("build", name)

    def usable(self, runtime):
        """Skip unless this runtime starts anything for this user on this host; kiln says why it does not."""
        find(runtime)
        if runtime in self.usable_runtimes:
            return
        result = self.kiln("run", "--runtime", runtime, "probe")
        if result.returncode != 0 and re.search("cannot work on this host|cannot make a user namespace|clone.*not permitted", result.stderr):
            raise Skip(result.stderr.strip())
        assert result.returncode == 0, result.stderr
        self.usable_runtimes.add(runtime)


def users():
    return ("root", "mapped", "user") if os.geteuid() == 0 else ("own",)
