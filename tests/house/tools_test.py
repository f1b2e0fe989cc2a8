#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools_test.py: the checks of tools/ find what they are there to find, on small trees made for it."""
import json
import os
import re
import subprocess

from tap import ROOT, TOOLS, contains, equal, run_cases, write

LAYERS = {"tools/layers.txt": "base:\nio: base\nnet: base\n", "tools/libraries.txt": "curl/* net\nstdio.h *\n", "fuzz/targets.txt": "ar io\n"}
HEAD = "/* SPDX-License-Identifier: Apache-2.0 */\n"


def run(tool, *arguments):
    result = subprocess.run([os.path.join(TOOLS, tool), *arguments], capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


def test_layers_accept_allowed_edges(directory):
    write(directory, {**LAYERS, "src/base/a.h": "", "src/io/b.h": "",
                      "src/io/b.c": '#include "base/a.h"\n#include "io/b.h"\n#include <stdio.h>\n',
                      "src/net/c.c": "#include <curl/curl.h>\n", "tests/io/b_test.c": '#include "io/b.h"\n',
                      "fuzz/ar_fuzz.c": '#include "io/b.h"\n'})
    equal(run("check-layers", directory)[0], 0)


def test_layers_refuse_an_edge_upwards(directory):
    write(directory, {**LAYERS, "src/io/b.h": "", "src/base/a.c": '\n#include "io/b.h"\n'})
    status, text = run("check-layers", directory)
    equal(status, 1)
    contains(text, 'src/base/a.c:2: "io/b.h": base may include nothing else')


def test_layers_refuse_a_sideways_edge_in_tests_and_fuzz(directory):
    write(directory, {**LAYERS, "src/net/n.h": "", "tests/io/b_test.c": '#include "net/n.h"\n', "fuzz/ar_fuzz.c": '#include "net/n.h"\n'})
    text = run("check-layers", directory)[1]
    contains(text, "tests/io/b_test.c:1:")
    contains(text, "fuzz/ar_fuzz.c:1:")


def test_layers_refuse_foreign_and_unknown_libraries(directory):
    write(directory, {**LAYERS, "src/io/b.c": "#include <curl/curl.h>\n#  include <sqlite3.h>\n"})
    text = run("check-layers", directory)[1]
    contains(text, "src/io/b.c:1: <curl/curl.h> belongs to net")
    contains(text, "src/io/b.c:2: <sqlite3.h> has no line")


def test_layers_refuse_a_circle_and_an_unlisted_module(directory):
    write(directory, {**LAYERS, "tools/layers.txt": "base: io\nio: base\n", "src/base/a.c": "", "src/extra/x.c": ""})
    text = run("check-layers", directory)[1]
    contains(text, "base needs io, which is not above it")
    contains(text, "src/extra has no line")


def test_layers_refuse_bare_and_missing_headers(directory):
    write(directory, {**LAYERS, "src/io/b.h": "", "src/io/b.c": '#include "b.h"\n#include "io/gone.h"\n'})
    text = run("check-layers", directory)[1]
    contains(text, 'must be written "module/thing.h"')
    contains(text, '"io/gone.h" does not exist')


def sized(directory, name, body, exceptions=""):
    write(directory, {"tools/size-exceptions.txt": exceptions, "src/m/" + name: f"{HEAD}/* {name}: a thing. */\n{body}"})
    return run("check-size", directory)


def test_size_counts_files_and_headers(directory):
    equal(sized(directory, "a.c", "\n" * 598)[0], 0)
    contains(sized(directory, "a.c", "\n" * 599)[1], "src/m/a.c: 601 lines, the ceiling is 600")
    contains(sized(directory, "b.h", "\n" * 199)[1], "src/m/b.h: 201 lines, the ceiling is 200")


def test_size_counts_functions(directory):
    def function(lines):
        return "struct s {\n" + "int x;\n" * 90 + "};\n\nstatic int\nlong_one(int a, char b)\n{\n" + '\tputs("}");  // }\n' * lines + "}\n"
    equal(sized(directory, "a.c", function(76))[0], 0)
    contains(sized(directory, "a.c", function(77))[1], "src/m/a.c:long_one: 81 lines, the ceiling is 80")


def test_size_exceptions_only_shrink(directory):
    equal(sized(directory, "a.c", "\n" * 648, "src/m/a.c 650 a table\n")[0], 0)
    contains(sized(directory, "a.c", "\n" * 649, "src/m/a.c 650 a table\n")[1], "the ceiling is 650")
    contains(sized(directory, "a.c", "\n" * 630, "src/m/a.c 650 a table\n")[1], "lower its line")
    contains(sized(directory, "a.c", "\n" * 10, "src/m/a.c 650 a table\n")[1], "remove its line")


def test_size_wants_the_first_two_lines(directory):
    write(directory, {"tools/size-exceptions.txt": "", "src/m/a.c": "int x;\n"})
    text = run("check-size", directory)[1]
    contains(text, "src/m/a.c:1: not the SPDX line")
    contains(text, "src/m/a.c:2: must begin")


SKIPPED = ["1 skipped: what they need is not on this machine"]


def summary(directory, *tests):
    write(directory, {"log.json": "".join(json.dumps(test) + "\n" for test in tests)})
    status, text = run("test-summary", os.path.join(directory, "result"), os.path.join(directory, "log.json"))
    *before, line = text.splitlines()
    with open(os.path.join(directory, "result"), encoding="utf-8") as result:
        equal(result.read(), line + "\n")
    return status, line, [words for words in before if "skipped" in words]


def test_summary_counts_single_cases(directory):
    good = {"name": "a", "result": "OK", "stdout": "1..3\nok 1 - x\nok 2 - y # SKIP no such thing\nok 3 - z\n"}
    bad = {"name": "b", "result": "FAIL", "stdout": "ok 1 - x\nnot ok 2 - y\n# why\nnot ok 3 - z\n", "stderr": "e"}
    equal(summary(directory, good), (0, "2 passed, 0 failed", SKIPPED))
    equal(summary(directory, good, bad), (1, "3 passed, 2 failed", SKIPPED))


def test_summary_knows_cmockas_skips(directory):
    old = {"name": "a", "result": "FAIL", "returncode": 0, "stdout": "ok 1 - x\nnot ok 2 # SKIP y\n"}
    equal(summary(directory, old), (0, "1 passed, 0 failed", SKIPPED))
    equal(summary(directory, {**old, "returncode": 1}), (1, "1 passed, 1 failed", SKIPPED))
    equal(summary(directory, {**old, "result": "ERROR"}), (1, "1 passed, 1 failed", SKIPPED))


def test_summary_counts_crashes_and_nothing_as_failure(directory):
    equal(summary(directory, {"name": "a", "result": "ERROR", "stdout": "ok 1 - x\n"}), (1, "1 passed, 1 failed", []))
    equal(summary(directory, {"name": "a", "result": "TIMEOUT", "stdout": None}), (1, "0 passed, 1 failed", []))
    equal(summary(directory), (1, "0 passed, 0 failed", []))
    equal(run("test-summary", os.path.join(directory, "result"), os.path.join(directory, "none.json"))[0], 1)


def test_packages_are_listed_with_purpose_and_reason(directory):
    with open(os.path.join(TOOLS, "packages.txt"), encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("#")]
    assert len(lines) > 20
    for line in lines:
        assert re.fullmatch(r"(build|test|demo|bench|deb) +[a-z0-9][a-z0-9.+-]+ +\S.*\n", line), line


def test_setup_is_silent_when_all_is_there(directory):
    # A list of its own: the real one may name what this machine lacks, and a test installs nothing.
    write(directory, {"packages.txt": "build dpkg itself\nother no-such-package-anywhere never asked for\n"})
    os.symlink(os.path.join(TOOLS, "setup"), os.path.join(directory, "setup"))
    result = subprocess.run([os.path.join(directory, "setup"), "test"], capture_output=True, text=True, check=True)
    equal(result.stdout + result.stderr, "")


def test_first_lines_of_scripts_name_the_licence(directory):
    for name in sorted(os.listdir(TOOLS)):
        if not name.endswith(".txt"):
            with open(os.path.join(ROOT, "tools", name), encoding="utf-8") as file:
                head = file.read(200).splitlines()
            assert head[0].startswith("#!") and head[1] == "# SPDX-License-Identifier: Apache-2.0", name


run_cases(globals())
