#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run_test.py: `kiln run` as root and rootless with runc and crun: what a program finds inside, and what its caller sees of it."""
import os
import pathlib
import pty
import re
import select
import signal
import socketserver
import sys
import termios
import threading
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import ID, RUNTIMES, World, users  # noqa: E402
from tap import contains, equal, run_cases  # noqa: E402

NO_CAPABILITY = "0" * 16
REFUSED = {"packet socket": ("ENOSYS",), "mount": ("EPERM",), "unshare user": ("EPERM",), "ptrace": ("EPERM",), "keyctl": ("EPERM",),
           "bpf": ("EPERM",), "sethostname": ("EPERM",), "mknod": ("EPERM",), "chmod setuid": ("EROFS", "EPERM"), "write sysctl": ("EROFS", "EACCES", "EPERM")}


class Case:
    """One user with one runtime."""

    def __init__(self, world, runtime):
        self.world, self.runtime = world, runtime

    def words(self, *words):
        return ["run", "--runtime", self.runtime, *words]

    def run(self, *words, **arguments):
        return self.world.kiln(*self.words(*words), **arguments)

    def inside(self, *words):
        result = self.run("probe", "--", *words)
        return result.returncode, result.stdout

    def lines(self, *words):
        return dict(line.split(": ", 1) for line in self.inside(*words)[1].splitlines())

    def hardening(self):
        text = self.run("-v", "probe", "--", "exit", "0").stderr
        return dict(re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in text.splitlines() if line.startswith("  "))


def ids_of(case):
    """The ids that the image asks for; runc needs an id 0 and gets it where only one id can be mapped."""
    return "0:0" if case.world.who == "user" and case.runtime == "runc" else "65532:65532"


def privileges(case):
    code, status = case.inside("cat", "/proc/self/status")
    equal(code, 0)
    fields = dict(re.split(r":\s+", line, maxsplit=1) for line in status.splitlines() if re.search(r":\s", line))
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        equal((name, fields[name]), (name, NO_CAPABILITY))
    equal((fields["NoNewPrivs"], fields["Seccomp"]), ("1", "2"))
    equal(fields["Uid"].split()[0], ids_of(case).split(":")[0])
    seen = case.lines("attack")
    for name, allowed in REFUSED.items():
        assert seen[name] in allowed, f"{name}: {seen[name]}"
    assert seen["setuid 0"] in (("done",) if ids_of(case) == "0:0" else ("EPERM", "EINVAL")), seen["setuid 0"]


def namespaces(case):
    for name in ("pid", "mnt", "net", "ipc", "uts"):
        own = os.stat(f"/proc/self/ns/{name}").st_ino
        seen = case.inside("link", f"/proc/self/ns/{name}")[1]
        assert seen.startswith(f"{name}:[") and str(own) not in seen, seen
    contains(case.inside("cat", "/proc/sys/kernel/hostname")[1], "kiln")


def files(case):
    equal(case.lines("write", "/x", "y"), {"/x": "EROFS"})
    equal(case.lines("write", "/etc/passwd", "y"), {"/etc/passwd": "EROFS"})
    for path in ("/writable/x", "/data/x", "/small/x", "/dev/shm/x"):
        equal(case.lines("write", path, "y"), {path: "done" if path != "/dev/shm/x" else "ENOENT"})
    user = ids_of(case)
    equal(case.lines("stat", "/writable"), {"/writable": f"0755 {user}"})
    equal(case.lines("stat", "/data"), {"/data": f"0700 {user}"})
    equal(case.lines("stat", "/small"), {"/small": f"1777 {user}"})
    equal(case.inside("cat", "/data/seed"), (0, "from the image\n"))
    equal(case.inside("cat", "/writable/x")[0], 1)  # nothing outlives the container
    equal(case.lines("fill", "/small/x", "4"), {"/small/x": "ENOSPC"})


def hidden(case):
    for path in ("/proc/kcore", "/proc/keys", "/proc/timer_list"):
        if os.path.exists(path):
            code, text = case.inside("cat", path)
            assert text in ("", f"{path}: EACCES\n") and code in (0, 1), f"{path}: {code} {text!r}"
    for path in filter(os.path.exists, ("/proc/sysrq-trigger", "/proc/sys/vm/swappiness")):
        seen = case.lines("write", path, "1")[path]
        assert seen in ("EROFS", "EACCES", "EPERM"), f"{path}: {seen}"


def limits(case):
    text = case.hardening()["limits"]
    by_cgroup = "cgroup" in text
    contains(text, "256 processes")
    match = re.match(r"forked (\d+) of 400: EAGAIN", case.inside("fork", "400")[1])
    assert match and int(match[1]) < 256, "more processes than allowed"
    match = re.match(r"forked (\d+) of 40: EAGAIN", case.run("--pids-limit", "20", "probe", "--", "fork", "40").stdout)
    assert match and int(match[1]) < 20, "--pids-limit is not in force"
    equal(case.inside("eat", "50"), (0, "ate 50 MiB.\n"))
    small = case.run("-m", "96M", "probe", "--", "eat", "200")
    assert small.returncode == 137 if by_cgroup else small.stdout == "malloc: ENOMEM\n", f"{small.returncode} {small.stdout}{small.stderr}"


    tiny = case.run("-m", "16M", "probe", "--", "eat", "50")
    if by_cgroup or case.runtime == "crun":
        assert tiny.returncode in (1, 137) and "ate" not in tiny.stdout, f"{tiny.returncode} {tiny.stdout}{tiny.stderr}"
    else:
        equal((tiny.returncode, tiny.stdout), (2, ""))
        contains(tiny.stderr, "which needs 96 MiB: use crun (--runtime crun), or allow more")


def exit_codes(case):
    result = case.run("probe", "--", "exit", "3")
    equal((result.returncode, result.stdout, result.stderr), (3, "", notes(case) + "leaving with 3\n"))
    equal(case.inside("die", "9")[0], 137)
    missing = case.run("--entrypoint", "/nothing", "probe")
    equal((missing.returncode, missing.stdout), (2, ""))
    message = missing.stderr.removeprefix(notes(case))
    assert message.startswith(f"error: {case.runtime} could not start /nothing: ") and message.count("\n") == 1, message


def notes(case):
    """What kiln itself says on stderr on this host before the program does."""
    result = case.run("probe", "--", "exit", "0")
    return result.stderr.replace("leaving with 0\n", "")


def wait_for(process, text):
    line = process.stdout.readline()
    assert line == text, f"{line!r} instead of {text!r}: {process.stderr.read() if process.poll() is not None else ''}"


def signals(case):
    process = case.world.start(*case.words("probe", "--", "wait"))
    wait_for(process, "ready\n")
    for number in (signal.SIGUSR1, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR2):
        process.send_signal(number)
        wait_for(process, f"got {number.name[3:]}\n")
    process.send_signal(signal.SIGTERM)
    equal((process.communicate()[0], process.returncode), ("got TERM\n", signal.SIGTERM))
    deaf = case.world.start(*case.words("probe", "--", "deaf"))
    wait_for(deaf, "ready\n")
    for _ in range(2):
        deaf.send_signal(signal.SIGINT)
        time.sleep(0.2)  # two signals at once would be one
    equal((deaf.communicate()[0], deaf.returncode), ("", 137))


def published_port(case):
    process = case.world.start(*case.words("-p", "0:80", "probe", "--", "serve", "80"))
    wait_for(process, "serving\n")
    port = None
    while not port:
        line = process.stderr.readline()
        assert line, "the port is not said"
        port = re.search(r"port 80 of the image is at 127\.0\.0\.1:(\d+)", line)
    for _ in range(3):
        with urllib.request.urlopen(f"http://127.0.0.1:{port[1]}/") as answer:
            equal(answer.read(), b"hello from the probe\n")
    process.send_signal(signal.SIGTERM)
    process.communicate()
    equal(process.returncode, 0)


def taken_port(case):
    with socketserver.TCPServer(("127.0.0.1", 0), Page) as server:
        result = case.run("-p", f"{server.server_address[1]}:80", "probe", "--", "write", "/writable/x", "y")
        equal((result.returncode, result.stdout), (2, ""))
        contains(result.stderr, "Address already in use; choose another host port, as in 8080:80")
    for word, wrong in (("0.0.0.0:80:80", "on 127.0.0.1 alone"), ("80/udp", "only TCP"), ("x", "HOST-PORT:PORT"), ("80:0", "HOST-PORT:PORT")):
        contains(case.run("-p", word, "probe").stderr, wrong)
    equal(case.run("-p", "127.0.0.1:0:80/tcp", "probe", "--", "exit", "0").returncode, 0)


class Page(socketserver.StreamRequestHandler):
    def handle(self):
        self.request.recv(1024)
        self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\nfrom the host\n")


def network(case):
    with socketserver.TCPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = str(server.server_address[1])
        for words in ([], ["--network", "none"]):
            equal(case.run(*words, "probe", "--", "fetch", port).stdout, "connect: ECONNREFUSED\n")
        contains(case.run("--network", "host", "probe", "--", "fetch", port).stdout, "from the host\n")
        server.shutdown()
    result = case.run("--network", "host", "-p", "80", "probe")
    equal((result.returncode, result.stdout), (2, ""))


def standard_input(case):
    equal(case.run("-i", "probe", "--", "copy", input="one\ntwo\n").stdout, "one\ntwo\nend of input\n")
    equal(case.run("probe", "--", "copy", input="one\n").stdout, "end of input\n")


def slow_reader(case):
    process = case.world.start(*case.words("probe", "--", "print", "1000"))
    time.sleep(3)  # longer than kiln waits for output that somebody left behind might still write
    equal(len(process.communicate()[0]), 1000 * 1024)
    equal(process.returncode, 0)


def on_terminal(case, words, *answers):
    """Run on a pseudo-terminal of 90x30; after each text of @answers, (text, answer), send the answer, or take it for a new size. All that was shown."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (30, 90))
    process = case.world.start(*case.words(*words), stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    shown, left = b"", list(answers)
    while True:
        if left and left[0][0] in shown:
            answer = left.pop(0)[1]
            if isinstance(answer, bytes):
                os.write(master, answer)
            else:
                termios.tcsetwinsize(master, answer)
                process.send_signal(signal.SIGWINCH)  # the kernel sends it to those whose controlling terminal it is
        if not select.select([master], [], [], 60)[0]:
            break
        try:
            data = os.read(master, 4096)
        except OSError:
            break
        if not data:
            break
        shown += data
    os.close(master)
    return process.wait(), shown.decode()


def terminal(case):
    code, shown = on_terminal(case, ["-t", "probe", "--", "terminal"])
    equal(code, 0)
    contains(shown, "terminal 111 90x30 TERM=xterm\r\n")
    code, shown = on_terminal(case, ["-it", "probe", "--", "wait"], (b"ready", b"\x03"))
    equal(code, signal.SIGINT)
    contains(shown, "got INT\r\n")
    code, shown = on_terminal(case, ["-t", "probe", "--", "resized"], (b"before 90x30", (40, 120)))
    contains(shown, "after 120x40\r\n")
    contains(on_terminal(case, ["probe", "--", "terminal"])[1], "terminal 000 0x0 TERM=\r\n")
    result = case.run("-t", "probe")
    equal(result.returncode, 2)
    contains(result.stderr, "needs one on standard input and output")


def options(case):
    shown = case.run("-e", "A=1", "-e", "OWN", "-e", "MISSING", "-e", "COLOUR=blue", "-w", "/data", "probe", variables={"OWN": "mine"}).stdout.splitlines()
    for line in ("A=1", "OWN=mine", "COLOUR=blue", "directory /data", f"user {ids_of(case)}"):
        assert line in shown, f"{line} is not in {shown}"
    assert not [line for line in shown if line.startswith("MISSING")]
    assert "COLOUR=red" in case.run("probe").stdout.splitlines()
    if case.world.who in ("root", "mapped"):
        contains(case.run("-u", "1000:2000", "probe").stdout, "user 1000:2000\n")
        contains(case.run("-u", "nobody", "probe").stdout, "user 65534:65534\n")
    result = case.run("-u", "nobody-knows", "probe")
    equal(result.returncode, 2)
    contains(result.stderr, 'user "nobody-knows" is not in the image\'s etc/passwd')


def nothing_left(case):
    process = case.world.start(*case.words("probe", "--", "wait"))
    wait_for(process, "ready\n")
    own = [name for name in os.listdir(case.world.path("cache/run")) if name.startswith("run-")]
    equal(len(own), 1)
    process.send_signal(signal.SIGTERM)
    process.communicate()
    equal(os.listdir(case.world.path("cache/run")), ["lock"])
    # Others may run images on this machine, too.
    left = [path for pattern in ("*/kiln-", "kiln-") for path in pathlib.Path("/sys/fs/cgroup").glob(f"{pattern}{own[0]}*")]
    equal(left, [])


def killed_kiln(case):
    process = case.world.start(*case.words("probe", "--", "deaf"))
    wait_for(process, "ready\n")
    pids = children_of(process.pid)
    process.kill()
    process.wait()
    case.run("probe")  # the next one tidies up
    deadline = time.monotonic() + 30
    while any(os.path.exists(f"/proc/{pid}") for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    equal([pid for pid in pids if os.path.exists(f"/proc/{pid}")], [])
    equal(os.listdir(case.world.path("cache/run")), ["lock"])


def children_of(pid):
    """All below @pid."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = pathlib.Path(f"/proc/{entry}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry))
    found, left = [], [pid]
    while left:
        more = parents.get(left.pop(), [])
        found += more
        left += more
    return found


def make(world, runtime, check):
    def case(directory):
        if not os.path.exists(world.path("probe.yaml")):
            world.build()
        world.usable(runtime)
        check(Case(world, runtime))
    return case


CHECKS = (privileges, namespaces, files, hidden, limits, exit_codes, signals, published_port, taken_port, slow_reader, network, standard_input, terminal, options, nothing_left,
          killed_kiln)
for who in users():
    WORLD = World(who)
    for name in RUNTIMES:
        for one in CHECKS:
            globals()[f"test_{who}_{name}_{one.__name__}"] = make(WORLD, name, one)

if __name__ == "__main__":
    run_cases(globals())
