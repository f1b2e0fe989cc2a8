#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs_test.py: what the documents name exists: files, modules, limits with their values, commands, links between pages."""
import glob
import os
import re
import subprocess

from tap import ROOT, equal, run_cases

PROGRAM = os.environ["KILN_PROGRAM"]
PAGES = ["README.md", "CONTRIBUTING.md", *sorted(os.path.relpath(path, ROOT) for path in glob.glob(os.path.join(ROOT, "docs/*.md")))]
UNITS = {"KILN_KIB": 1 << 10, "KILN_MIB": 1 << 20, "KILN_GIB": 1 << 30}


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def modules():
    return re.findall(r"^(\w+):", read("tools/layers.txt"), re.M)


def exists(pattern):
    """A path of the tree, or a module's file as documents name it: "io/root", "build/shell_*"."""
    if pattern.split("/")[0] in modules():
        pattern = "src/" + pattern
        return any(glob.glob(os.path.join(ROOT, pattern + ending)) for ending in (("",) if pattern.endswith((".h", ".c")) else (".c", ".h")))
    return bool(glob.glob(os.path.join(ROOT, pattern)))


def test_files_that_are_named_exist(directory):
    places = "|".join(["src", "tests", "tools", "docs", "fuzz", "presets", "recipes", "bench", *modules()])
    found = 0
    for page in PAGES:
        for name in re.findall(rf"`((?:{places})/[\w./*-]+)`", read(page)):
            if name == "build/kiln" or re.search("[A-Z]{2}", name):
                continue  # made by a build; a name to be filled in
            assert exists(name.rstrip("/")), f"{page}: `{name}` does not exist"
            found += 1
    assert found > 30


def test_links_lead_somewhere(directory):
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", read(page)):
            assert os.path.exists(os.path.join(ROOT, os.path.dirname(page), target)), f"{page}: {target}"


def test_every_module_has_its_row(directory):
    table = read("docs/architecture.md").partition("## Modules")[2].partition("planned")[0]
    equal(re.findall(r"^\| `(\w+)` \|", table, re.M), modules())


def test_limits_have_the_values_that_are_said(directory):
    values = dict(re.findall(r"#define (KILN_LIMIT_\w+) +\(?([\w *]+?)\)?(?: +/\*|$)", read("src/base/limits.h"), re.M))
    rows = re.findall(r"^\| `(KILN_LIMIT_\w+)` \| (\d+) ?([KMG]iB)? \|", read("docs/security.md"), re.M)
    assert len(rows) > 15
    for name, number, unit in rows:
        factor = UNITS["KILN_" + unit.upper()] if unit else 1
        count, _, define = values[name].partition(" * ")
        equal((name, int(count) * UNITS.get(define, 1)), (name, int(number) * factor))


def test_commands_that_are_named_exist(directory):
    overview = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
    known = re.findall(r"^(?:\w+ +|  +)([a-z]+)  +\S", overview, re.M)
    for page in PAGES:
        for command in re.findall(r"(?:\$ |`)kiln ([a-z]+)", read(page)):
            assert command in known, f"{page}: there is no command kiln {command}"


run_cases(globals())
