#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""db_update_test.py: `kiln db update` against a server on loopback that counts what it is asked, changes, and fails."""
import hashlib
import http.server
import json
import os
import sqlite3
import subprocess
import sys
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))
from tap import contains, equal, run_cases, write  # noqa: E402

KILN = os.environ["KILN_PROGRAM"]
CLEAN, ERROR, NETWORK, UNTRUSTED = 0, 2, 4, 5


class Server:
    """Serves `files` (path -> bytes) with entity tags; what is in `broken` (path -> status) fails."""

    def __init__(self):
        self.files, self.broken, self.asked, self.weak = {}, {}, [], False
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # noqa: N802 - the name that http.server calls
                body, status = outer.files.get(self.path), outer.broken.get(self.path)
                tag = ("W/" if outer.weak else "") + f'"{hashlib.sha256(body or b"").hexdigest()[:16]}"'
                code = status or (404 if body is None else 304 if self.headers.get("If-None-Match") == tag else 200)
                outer.asked.append((self.path, code))
                self.send_response(code)
                if code == 200:
                    self.send_header("ETag", tag)
                if code != 304:
                    self.send_header("Content-Length", str(len(body) if code == 200 else 0))
                self.end_headers()
                if code == 200:
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def answers(self):
        told, self.asked = sorted(self.asked), []
        return told


def kiln(directory, *words):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "KILN_STORE": os.path.join(directory, "store"), "LC_ALL": "C.UTF-8", "KILN_FEEDS": "feeds.yaml"}
    return subprocess.run([KILN, "--no-progress", "db", *words], cwd=directory, env=environment, capture_output=True, text=True, check=False)


def good(directory, *words):
    result = kiln(directory, *words, "--format", "json")
    equal((result.returncode, result.stderr if result.returncode else ""), (CLEAN, ""))
    return json.loads(result.stdout)


def osv(number, fixed):
    return json.dumps({"id": f"PYSEC-{number}", "modified": "2026-05-01T00:00:00Z", "affected": [{"package": {"ecosystem": "PyPI", "name": "lib"}, "ranges": [
        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]}).encode()


def kev(*cves):
    return json.dumps({"catalogVersion": "2026.05.01", "dateReleased": "2026-05-01T00:00:00Z", "vulnerabilities": [{"cveID": cve, "dateAdded": "2026-05-01"} for cve in cves]}).encode()


def secdb(version):
    return json.dumps({"apkurl": "x", "distroversion": "v3.20", "reponame": "main", "packages": [{"pkg": {"name": "musl", "secfixes": {version: ["CVE-2026-1"]}}}]}).encode()


def configure(directory, server, more=""):
    server.files = {"/osv/PyPI/one.json": osv(1, "2.0"), "/kev/kev.json": kev("CVE-2026-1"), "/v3.20/main.json": secdb("1.0-r0")}
    write(directory, {"feeds.yaml": f"kev: {{address: \"{server.address}/kev/kev.json\", licence: CC0-1.0}}\nosv/PyPI: {{address: \"{server.address}/osv/PyPI/one.json\"}}\n"
                                    f"secdb/Alpine: {{address: \"{server.address}/{{v3.20}}/main.json\"}}\n".replace("{v3.20}", "v3.20") + more})


def sources(document):
    return {source["name"]: source for source in document["sources"]}


def test_only_what_has_changed_comes(directory):
    with Server() as server:
        configure(directory, server)
        first = good(directory, "update")
        equal(server.answers(), [("/kev/kev.json", 200), ("/osv/PyPI/one.json", 200), ("/v3.20/main.json", 200)])
        told = sources(first)
        equal(sorted(told), ["kev", "osv/PyPI", "secdb/v3.20/main"])
        equal((told["kev"]["licence"], told["kev"]["origin"], told["kev"]["age-days"]), ("CC0-1.0", server.address + "/kev/kev.json", 0))
        equal(told["kev"]["digest"], "sha256:" + hashlib.sha256(server.files["/kev/kev.json"]).hexdigest())
        # Days later nothing is new, which is a word of that day.
        database = sqlite3.connect(os.path.join(directory, "store", "vulnerabilities.db"))
        database.execute("UPDATE source SET fetched=fetched-864000")
        database.commit()
        database.close()
        equal(sources(good(directory, "status"))["osv/PyPI"]["age-days"], 10)
        later = good(directory, "update")
        equal(server.answers(), [("/kev/kev.json", 304), ("/osv/PyPI/one.json", 304), ("/v3.20/main.json", 304)])
        equal((later["digest"], sources(later)["osv/PyPI"]["age-days"]), (first["digest"], 0))
        # One file changes: its feed alone is read anew, and what it no longer says is gone.
        server.files["/kev/kev.json"] = kev("CVE-2026-2")
        changed = good(directory, "update")
        equal(server.answers(), [("/kev/kev.json", 200), ("/osv/PyPI/one.json", 304), ("/v3.20/main.json", 304)])
        assert changed["digest"] != first["digest"]
        database = sqlite3.connect(os.path.join(directory, "store", "vulnerabilities.db"))
        equal(database.execute("SELECT cve FROM exploitation").fetchall(), [("CVE-2026-2",)])
        equal(database.execute("SELECT count(*) FROM advisory").fetchone(), (2,))
        # The same feeds from nothing are the same database.
        server.answers()
        again = good(directory, "update", "--db", "other.db")
        equal(again["digest"], changed["digest"])


def test_weak_tags_do_as_well(directory):
    with Server() as server:
        server.weak = True
        configure(directory, server)
        good(directory, "update")
        server.answers()
        good(directory, "update")
        equal({code for _, code in server.answers()}, {304})


def test_what_fails_keeps_the_last_good(directory):
    with Server() as server:
        configure(directory, server)
        first = good(directory, "update")
        server.files["/osv/PyPI/one.json"] = osv(2, "3.0")
        server.broken["/kev/kev.json"] = 404
        server.files["/v3.20/main.json"] = b'{"not": "a feed"}'
        result = kiln(directory, "update")
        assert result.returncode == ERROR, result
        contains(result.stderr, "2 of 3 feeds could not be renewed")
        contains(result.stderr, "the server answers 404")
        contains(result.stderr, "no feed that kiln knows")
        contains(result.stderr, "what was there stays")
        told = sources(good(directory, "status"))
        equal(told["kev"]["digest"], sources(first)["kev"]["digest"])
        equal(told["osv/PyPI"]["digest"], "sha256:" + hashlib.sha256(server.files["/osv/PyPI/one.json"]).hexdigest())
        equal(told["secdb/v3.20/main"]["digest"], sources(first)["secdb/v3.20/main"]["digest"])
        # Mended, all is as it should be: what was not understood was not kept as seen.
        server.broken.clear()
        server.files["/v3.20/main.json"] = secdb("1.0-r1")
        server.answers()
        good(directory, "update")
        equal(server.answers(), [("/kev/kev.json", 304), ("/osv/PyPI/one.json", 304), ("/v3.20/main.json", 200)])


def test_what_is_older_than_what_is_there_is_not_taken(directory):
    with Server() as server:
        configure(directory, server)
        first = sources(good(directory, "update"))
        server.files["/osv/PyPI/one.json"] = osv(1, "2.0").replace(b"2026-05-01", b"2026-04-01")
        result = kiln(directory, "update")
        equal(result.returncode, UNTRUSTED)
        contains(result.stderr, "older than that of 2026-05-01T00:00:00Z which is there")
        equal(sources(good(directory, "status"))["osv/PyPI"]["digest"], first["osv/PyPI"]["digest"])
        server.files["/osv/PyPI/one.json"] = osv(1, "2.0").replace(b"2026-05-01", b"2026-06-01")
        assert sources(good(directory, "update"))["osv/PyPI"]["digest"] != first["osv/PyPI"]["digest"]


def test_nothing_that_comes_leaves_the_database_as_it_was(directory):
    with Server() as server:
        configure(directory, server)
        good(directory, "update")
        path = os.path.join(directory, "store", "vulnerabilities.db")
        with open(path, "rb") as file:
            before = file.read()
        server.broken = {name: 404 for name in server.files}
        result = kiln(directory, "update")
        assert result.returncode == ERROR, result
        with open(path, "rb") as file:
            assert file.read() == before
        left = [name for _, _, names in os.walk(os.path.join(directory, "store")) for name in names if name.endswith((".new", ".tmp")) or "scratch" in name]
        equal(left, [])
    result = kiln(directory, "update")  # nobody listens any more
    equal(result.returncode, NETWORK)


def test_feeds_that_are_named_or_gone(directory):
    with Server() as server:
        configure(directory, server, f"osv/Go: {{address: \"{server.address}/osv/Go/one.json\", enabled: false}}\n")
        server.files["/osv/Go/one.json"] = osv(9, "1.0").replace(b"PyPI", b"Go")
        told = good(directory, "update", "kev")
        equal(sorted(sources(told)), ["kev"])
        equal(server.answers(), [("/kev/kev.json", 200)])
        good(directory, "update", "osv/Go")
        # Who is there is kept fresh, though the list does not enable him; who is in no list any more goes.
        server.answers()
        equal(sorted(sources(good(directory, "update"))), ["kev", "osv/Go", "osv/PyPI", "secdb/v3.20/main"])
        assert ("/osv/Go/one.json", 304) in server.answers()
        write(directory, {"feeds.yaml": f"kev: {{address: \"{server.address}/kev/kev.json\"}}\n"})
        equal(sorted(sources(good(directory, "update"))), ["kev"])
        result = kiln(directory, "update", "kew")
        equal(result.returncode, ERROR)
        contains(result.stderr, 'did you mean "kev"?')


def test_what_was_built_from_files_or_archives_stays(directory):
    with Server() as server:
        configure(directory, server)
        write(directory, {"own/osv/Go/x.json": osv(7, "1.0").decode().replace("PyPI", "Go"), "own/kev.json": kev("CVE-2020-1").decode()})
        good(directory, "build", "own")
        told = sources(good(directory, "update"))
        equal(sorted(told), ["kev", "osv/Go", "osv/PyPI", "secdb/v3.20/main"])
        equal(told["kev"]["origin"], server.address + "/kev/kev.json")  # the same source from elsewhere takes its place


def test_offline_and_lists_that_are_wrong(directory):
    for text, says in (("kev: {}\n", "needs \"address\""), ("kev: {address: ftp://x/y/z}\n", "begins with https://"), ("kev: {address: \"http://example.org/a/b\"}\n", "insecure: true"),
                       ("../kev: {address: \"https://example.org/a/b\"}\n", "no name of a feed"), ("kev: {address: \"https://example.org/a/..%2f..\"}\n", "must name a file"),
                       ("kev: {address: \"https://example.org/{a/b\"}\n", "neither {a,b}"), ("kev: {adress: x}\n", 'did you mean "address"?'), ("kev: {address: \"https://example.org/{1..9999999}/b\"}\n", "neither {a,b}"),
                       ("kev: {address: [\"https://a.example/x/y\", \"https://b.example/x/y\"]}\n", "same two parts"), ("kev: {address: \"https://user:secret@example.org/\"}\n", "must name a file")):
        write(directory, {"feeds.yaml": text})
        result = kiln(directory, "update")
        equal((text, result.returncode), (text, ERROR))
        contains(result.stderr, says)
        contains(result.stderr, "feeds.yaml:1:")
        assert "secret" not in result.stderr
    write(directory, {"feeds.yaml": "kev: {address: \"https://example.org/a/b\"}\n"})
    result = kiln(directory, "update", "--offline")
    equal(result.returncode, NETWORK)
    contains(result.stderr, "kiln runs offline")


def test_passwords_in_addresses_are_told_to_nobody_else(directory):
    with Server() as server:
        configure(directory, server)
        write(directory, {"feeds.yaml": f"kev: {{address: \"{server.address.replace('//', '//me:hush@')}/kev/kev.json\"}}\n"})
        for words in (["update"], ["update", "--verbose"], ["status"], ["feeds", "--format", "json"]):
            result = kiln(directory, *words)
            equal(result.returncode, CLEAN)
            assert "hush" not in result.stdout + result.stderr
        database = sqlite3.connect(os.path.join(directory, "store", "vulnerabilities.db"))
        assert "hush" not in "".join(database.iterdump())
        server.answers()
        good(directory, "update")
        equal(server.answers(), [("/kev/kev.json", 304)])


def test_the_list_that_comes_with_kiln(directory):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "KILN_STORE": os.path.join(directory, "store"), "LC_ALL": "C.UTF-8"}
    text = subprocess.run([KILN, "db", "feeds"], cwd=directory, env=environment, capture_output=True, text=True, check=True).stdout
    with open(os.path.join(ROOT, "src", "vuln", "feeds.yaml"), encoding="utf-8") as file:
        equal(text, file.read())
    told = json.loads(subprocess.run([KILN, "db", "feeds", "--format", "json"], cwd=directory, env=environment, capture_output=True, text=True, check=True).stdout)
    for feed in told:
        assert all(address.startswith("https://") for address in feed["addresses"]), feed
    assert {"kev", "epss", "nvd", "debian", "osv/PyPI"} <= {feed["name"] for feed in told}


if __name__ == "__main__":
    run_cases(globals())
