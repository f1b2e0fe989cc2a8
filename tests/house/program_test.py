#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""program_test.py: the program as a person and a shell meet it: usage errors, exit codes, pipes, terminals, settings."""
import os
import pty
import subprocess

from tap import contains, equal, run_cases, write

PROGRAM = os.environ["KILN_PROGRAM"]
VERSION = os.environ["KILN_VERSION"]


def kiln(*words, directory="/", **variables):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "LC_ALL": "C.UTF-8", **variables}
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, env=environment, check=False)


def test_without_words_it_shows_help_and_fails(directory):
    result = kiln()
    equal((result.returncode, result.stdout), (2, ""))
    contains(result.stderr, "usage: kiln COMMAND")


def test_help_is_the_same_however_it_is_asked_for(directory):
    overview = kiln("--help")
    equal((overview.returncode, overview.stderr), (0, ""))
    for words in (["-h"], ["help"]):
        equal(kiln(*words).stdout, overview.stdout)
    one = kiln("version", "--help")
    equal(one.returncode, 0)
    for words in (["help", "version"], ["--help", "version"], ["version", "-h", "more", "words"]):
        equal(kiln(*words).stdout, one.stdout)


def test_help_fits_one_screen(directory):
    lines = kiln("--help").stdout.splitlines()
    assert len(lines) <= 24, f"{len(lines)} lines"
    assert max(map(len, lines)) <= 80


def test_version(directory):
    for words in (["--version"], ["-V"], ["version"], ["help", "--version"]):
        equal(kiln(*words).stdout, f"kiln {VERSION}\n")
    equal(kiln("version", "--format", "json").stdout, f'{{\n  "version": "{VERSION}"\n}}\n')


def test_usage_errors_are_two_and_name_the_help(directory):
    result = kiln("version", "--fromat=json")
    equal((result.returncode, result.stdout), (2, ""))
    equal(result.stderr, 'error: kiln version: unknown option "--fromat"; did you mean "--format"?\n"kiln version --help" shows what there is.\n')
    equal(kiln("verison").stderr, 'error: unknown command "verison"; did you mean "version"?\n"kiln --help" shows what there is.\n')
    equal(kiln("-v", "help", "hepl").stderr, 'error (not-found): there is no command "hepl"; did you mean "help"?\n')


def test_hostile_words_do_not_reach_the_terminal(directory):
    equal(kiln("\x1b[2Jx").stderr.splitlines()[0], r'error: unknown command "\x1B[2Jx"')


def test_output_that_cannot_be_written_is_an_error(directory):
    with open("/dev/full", "w", encoding="utf-8") as full:
        result = subprocess.run([PROGRAM, "man"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    equal(result.returncode, 2)
    equal(result.stderr, "error: cannot write to standard output: No space left on device\n")


def test_a_reader_that_leaves_ends_it_silently(directory):
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run([PROGRAM, "man"], stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    equal((result.returncode, result.stderr), (-13, ""))


def on_terminal(words, **variables):
    """What comes out of a terminal that is standard output and error."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/", "TERM": "xterm", **variables}
    child, terminal = pty.fork()
    if child == 0:
        os.execve(PROGRAM, ["kiln", *words], environment)
    seen = b""
    try:
        while chunk := os.read(terminal, 65536):
            seen += chunk
    except OSError:
        pass  # the other side is closed
    os.waitpid(child, 0)
    os.close(terminal)
    return seen.decode().replace("\r\n", "\n")


def test_colours_only_where_they_are_wanted(directory):
    contains(on_terminal(["nothing"]), "\033[1;31merror:\033[0m unknown command")
    for words, variables in ((["nothing"], {"NO_COLOR": "1"}), (["nothing"], {"TERM": "dumb"}), (["--no-color", "nothing"], {})):
        contains(on_terminal(words, **variables), 'error: unknown command "nothing"')
    contains(on_terminal(["--help"]), "\033[1m")
    assert "\033" not in kiln("--help", TERM="xterm").stdout


def test_help_and_version_work_with_broken_settings(directory):
    write(directory, {".config/kiln/kiln.yaml": "stroe: x\n"})
    for words in (["help"], ["version"], ["man"], ["completion", "bash"], ["version", "--help"]):
        equal(kiln(*words, directory=directory).returncode, 0)


def test_variables_are_checked_by_name(directory):
    result = kiln("version", KILN_FORMAT="jsn")
    equal((result.returncode, result.stderr), (2, 'error: KILN_FORMAT: unknown value "jsn"; did you mean "json"?\n'))
    contains(kiln("version", KILN_FORMAT="json").stdout, '"version"')
    equal(kiln("version", "--format=table", KILN_FORMAT="json").stdout, f"kiln {VERSION}\n")


run_cases(globals())
