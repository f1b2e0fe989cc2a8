#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""completion_test.py: bash and zsh themselves complete command lines of kiln, on a terminal, with the Tab key."""
import os
import pty
import re
import select
import shutil
import subprocess
import time

from tap import Skip, equal, run_cases

PROGRAM = os.environ["KILN_PROGRAM"]
PATIENCE_S = 60  # a hang is a failure, slowness is none


def read_until(terminal, text):
    seen, end = b"", time.monotonic() + PATIENCE_S
    while text not in seen:
        if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
            raise AssertionError(f"{text!r} did not come: {seen!r}")
        seen += os.read(terminal, 65536)
    return seen


def complete(directory, shell, arguments, prepare, line):
    """What the line on the terminal becomes when Tab is pressed at its end."""
    if not shutil.which(shell):
        raise Skip(f"no {shell}")
    programs = os.path.join(directory, "bin")
    os.makedirs(programs, exist_ok=True)
    if not os.path.exists(os.path.join(programs, "kiln")):
        os.symlink(PROGRAM, os.path.join(programs, "kiln"))
    environment = {"PATH": programs + ":/usr/bin:/bin", "HOME": directory, "TERM": "dumb", "LC_ALL": "C.UTF-8"}
    script = subprocess.run([PROGRAM, "completion", shell], capture_output=True, check=True).stdout
    with open(os.path.join(directory, "_kiln"), "wb") as file:
        file.write(script)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.execve(shutil.which(shell), [shell, *arguments], environment)
    try:
        os.write(terminal, prepare.encode() + b"\necho rea''dy\n")
        read_until(terminal, b"ready\r\n")
        # Tab, then "echo '<" before the line and ">'" behind it: the shell itself prints what it made of it.
        os.write(terminal, line.encode() + b"\t")
        os.write(terminal, b"\x01echo '<\x05>'\n")
        seen = read_until(terminal, b">\r\n")
        return seen[seen.rindex(b"<") + 1:seen.rindex(b">")].decode()
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)
        os.close(terminal)


def bash(directory, line):
    prepare = "PS1=; stty -echo; bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; source ./_kiln"
    return complete(directory, "bash", ["--norc", "--noprofile", "-i"], prepare, line)


def zsh(directory, line):
    prepare = ("PS1=; PROMPT_SP=; unsetopt prompt_sp zle_bracketed_paste beep; bindkey -e; fpath=($PWD $fpath); "
               "autoload -U compinit; compinit -u -D")
    return complete(directory, "zsh", ["-f", "-i"], prepare, line)


ROWS = [
    ("kiln comp", "kiln completion "),
    ("kiln completion z", "kiln completion zsh "),
    ("kiln --offline vers", "kiln --offline version "),
    ("kiln version --no-pr", "kiln version --no-progress "),
    ("kiln help comp", "kiln help completion "),
    ("kiln --format js", "kiln --format json "),
    ("kiln version --format js", "kiln version --format json "),
    ("kiln version --format=js", "kiln version --format=json "),
    ("kiln man --directory sub", "kiln man --directory subfolder/"),
    ("kiln --config set", "kiln --config settings.yaml "),
]


def command_rows():
    """Every command from as much of its name as no other has."""
    overview = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^(?:[a-z]+ +| {2,})([a-z]+) {2,}\S", overview, re.M)
    assert len(names) > 6 and "build" in names, names
    for name in names:
        shared = max(len(os.path.commonprefix([name, other])) for other in names if other != name)
        if shared + 1 < len(name):
            yield f"kiln {name[:shared + 1]}", f"kiln {name} "


def check(directory, shell):
    os.mkdir(os.path.join(directory, "subfolder"))
    with open(os.path.join(directory, "settings.yaml"), "w", encoding="utf-8"):
        pass
    for line, expected in [*ROWS, *command_rows()]:
        # zsh takes a blank or slash that it added back when the cursor leaves.
        equal(shell(directory, line).rstrip(" /"), expected.rstrip(" /"))


def test_bash_completes(directory):
    check(directory, bash)


def test_zsh_completes(directory):
    check(directory, zsh)


run_cases(globals())
