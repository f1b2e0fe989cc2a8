#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""db_test.py: `kiln db`: real feeds in, counted and asked; what Python reads of them itself is the judge."""
import glob
import json
import os
import subprocess
import sys
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))
from tap import Skip, contains, equal, run_cases  # noqa: E402

KILN = os.environ["KILN_PROGRAM"]
FEEDS = os.path.join(os.environ.get("KILN_SHARED_DATA", os.path.join(ROOT, "../shared/data")), "feeds")


def kiln(directory, *words):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "KILN_STORE": os.path.join(directory, "store"), "LC_ALL": "C.UTF-8"}
    return subprocess.run([KILN, "--no-progress", "db", *words], cwd=directory, env=environment, capture_output=True, text=True, check=False)


def good(directory, *words):
    result = kiln(directory, *words, "--format", "json")
    equal((result.returncode, result.stdout != ""), (0, True))
    return json.loads(result.stdout)


def feeds():
    if not os.path.isdir(FEEDS):
        raise Skip(f"{FEEDS} is not there")
    return FEEDS


def test_every_record_of_real_feeds_is_there_or_named(directory):
    told = good(directory, "build", feeds())
    sources = {source["name"]: source for source in told["sources"]}
    for path in glob.glob(os.path.join(FEEDS, "osv", "*", "all.zip")):
        with zipfile.ZipFile(path) as archive:
            source = sources["osv/" + os.path.basename(os.path.dirname(path))]
            equal(source["records"] + source["skipped"], len(archive.namelist()))
    with open(os.path.join(FEEDS, "kev.json"), encoding="utf-8") as file:
        equal(sources["kev"]["records"], len(json.load(file)["vulnerabilities"]))
    again = good(directory, "build", feeds())
    equal(again["digest"], told["digest"])
    equal(good(directory, "status"), again)


def test_a_package_of_alpine_has_all_its_fixes(directory):
    path = os.path.join(feeds(), "alpine-secdb", "v3.17", "main.json")
    good(directory, "build", path)
    with open(path, encoding="utf-8") as file:
        packages = {entry["pkg"]["name"]: entry["pkg"]["secfixes"] for entry in json.load(file)["packages"]}
    for name in ("openssl", "busybox", "curl", "xen"):
        named = {word for words in packages[name].values() for text in words for word in text.split("(")[0].split()}
        told = good(directory, "query", "--ecosystem", "Alpine:v3.17", name)
        equal({advisory["id"] for advisory in told}, named)
        for advisory in told:
            (affected,) = advisory["affected"]
            fixed = next((event["fixed"] for event in affected["ranges"][0] if "fixed" in event), "0")
            assert any(advisory["id"] in text.split() for text in packages[name][fixed]), (name, advisory)


def test_a_record_is_found_by_each_of_its_names(directory):
    path = os.path.join(feeds(), "osv", "PyPI", "all.zip")
    good(directory, "build", path)
    with zipfile.ZipFile(path) as archive:
        record = json.loads(archive.read("PYSEC-2014-13.json"))
    for name in [record["id"], *record["aliases"]]:
        assert record["id"] in [advisory["id"] for advisory in good(directory, "query", name)], name
    text = kiln(directory, "query", record["id"]).stdout
    contains(text, "PyPI requests: affected, fixed in 2.3.0")


def test_not_known_is_not_clean(directory):
    result = kiln(directory, "status")
    equal(result.returncode, 2)
    contains(result.stderr, "there is no vulnerability database")
    good(directory, "build", os.path.join(feeds(), "alpine-secdb", "v3.17", "main.json"))
    equal(kiln(directory, "query", "CVE-1999-0001").returncode, 3)
    result = kiln(directory, "query", "--ecosystem", "Alpine:v3.99", "openssl")
    equal(result.returncode, 3)
    contains(result.stderr, "nothing found means nothing")


def test_wrong_use_and_bad_feeds_leave_the_old_database(directory):
    before = good(directory, "build", os.path.join(feeds(), "kev.json"))
    with open(os.path.join(directory, "bad.json"), "w", encoding="utf-8") as file:
        file.write('{"id": "x"')
    for words, says in ((["build"], "name the feeds"), (["build", "bad.json"], "bad.json:1"), (["build", "none"], "none"), (["query"], "name one vulnerability"),
                        (["quiry", "x"], 'did you mean "query"?'), (["build", FEEDS + "/kev.json", FEEDS + "/kev.json"], "name each feed once")):
        result = kiln(directory, *words)
        equal(result.returncode, 2)
        contains(result.stderr, says)
    equal(good(directory, "status"), before)


if __name__ == "__main__":
    run_cases(globals())
