#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""db_export_test.py: `kiln db export` and `import`: openssl, zstd and sqlite3 judge what is written; what was changed, cut or made large is refused."""
import glob
import hashlib
import json
import os
import sqlite3
import struct
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))
from tap import Skip, contains, equal, run_cases, write  # noqa: E402

KILN = os.environ["KILN_PROGRAM"]
FEEDS = os.path.join(os.environ.get("KILN_SHARED_DATA", os.path.join(ROOT, "../shared/data")), "feeds")
MAGIC = b"KILNVDB\n"
CLEAN, ERROR, UNTRUSTED = 0, 2, 5


def kiln(directory, *words, **variables):
    environment = {"PATH": os.environ["PATH"], "HOME": directory, "KILN_STORE": os.path.join(directory, "store"), "LC_ALL": "C.UTF-8", **variables}
    return subprocess.run([KILN, "--no-progress", "db", *words], cwd=directory, env=environment, capture_output=True, text=True, check=False)


def good(directory, *words, **variables):
    result = kiln(directory, *words, "--format", "json", **variables)
    equal((result.returncode, result.stderr if result.returncode else ""), (CLEAN, ""))
    return json.loads(result.stdout)


def refused(directory, code, says, *words, database="here.db"):
    """The import fails as it should, and what was there stays to the byte, with nothing beside it."""
    path = os.path.join(directory, database)
    before = read(path) if os.path.exists(path) else None
    names = sorted(os.listdir(directory))
    result = kiln(directory, "import", "--db", database, *words)
    equal((result.returncode, says in result.stderr, result.stderr if says not in result.stderr else ""), (code, True, ""))
    equal(read(path) if os.path.exists(path) else None, before)
    equal(sorted(os.listdir(directory)), names)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def store(directory, name, data):
    with open(os.path.join(directory, name), "wb") as file:
        file.write(data)
    return name


def make_key(directory, name, *kind):
    subprocess.run(["openssl", "genpkey", *(kind or ("-algorithm", "ed25519")), "-out", f"{name}.pem"], cwd=directory, check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", f"{name}.pem", "-pubout", "-out", f"{name}.pub"], cwd=directory, check=True)


def osv(fixed, modified="2026-05-01"):
    return json.dumps({"id": "PYSEC-1", "aliases": ["CVE-2026-1"], "summary": "caf\u00e9 \"quoted\"\n", "modified": f"{modified}T00:00:00Z", "affected": [
        {"package": {"ecosystem": "PyPI", "name": "lib"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]}]})


def kev(*cves, day="2026-05-01"):
    return json.dumps({"catalogVersion": "1", "dateReleased": f"{day}T00:00:00Z", "vulnerabilities": [{"cveID": cve, "dateAdded": day} for cve in cves]})


def build(directory, database="here.db", fixed="2.0", day="2026-05-01", cves=("CVE-2026-1",)):
    """A small database of two sources, whose files bear no date of today."""
    write(directory, {"in/PyPI/one.json": osv(fixed, day), "in/kev.json": kev(*cves, day=day)})
    for path in ("in/PyPI/one.json", "in/kev.json"):
        os.utime(os.path.join(directory, path), (1, 1))
    return good(directory, "build", "--db", database, "in")


def parts(data):
    """(bytes that are signed, header, signature, payload) as docs/formats/database-export.md says."""
    equal(data[:8], MAGIC)
    header_bytes, signature_bytes = struct.unpack("<II", data[8:16])
    end = 16 + header_bytes
    return data[:end], json.loads(data[16:end]), data[end:end + signature_bytes], data[end + signature_bytes:]


def assemble(header, payload, signature=b""):
    text = json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return MAGIC + struct.pack("<II", len(text), len(signature)) + text + signature + payload


def sign(directory, header, payload, key="key"):
    """A file by hand, signed by openssl."""
    unsigned = assemble(header, b"", bytes(64))[:-64]
    store(directory, "tosign", unsigned)
    subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-in", "tosign", "-inkey", f"{key}.pem", "-out", "signature"], cwd=directory, check=True)
    data = unsigned + read(os.path.join(directory, "signature")) + payload
    os.unlink(os.path.join(directory, "tosign"))
    os.unlink(os.path.join(directory, "signature"))
    return data


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c", "-"], input=data, check=True, capture_output=True).stdout


def with_payload(header, lines):
    """@header for another payload, everything in it right."""
    payload = zstd(lines)
    return {**header, "payload": {"bytes": len(payload), "digest": "sha256:" + hashlib.sha256(payload).hexdigest(), "inflated": len(lines)}}, payload


def tables(path):
    """What a database holds, without the numbers that it gives."""
    database = sqlite3.connect(path)
    rows = [database.execute(query).fetchall() for query in (
        "SELECT name, reader, origin, licence, hex(digest), records, skipped, newest, fetched FROM source ORDER BY 1",
        "SELECT s.name, a.record, CAST(a.data AS TEXT) FROM advisory a JOIN source s ON s.id=a.source ORDER BY 1, 2, 3",
        "SELECT n.name, a.record FROM name n JOIN advisory a ON a.id=n.advisory ORDER BY 1, 2",
        "SELECT e.name, f.package, a.record, f.number, CAST(f.data AS TEXT) FROM affected f JOIN ecosystem e ON e.id=f.ecosystem JOIN advisory a ON a.id=f.advisory ORDER BY 1, 2, 3, 4, 5",
        "SELECT e.name, s.name FROM coverage c JOIN ecosystem e ON e.id=c.ecosystem JOIN source s ON s.id=c.source ORDER BY 1, 2",
        "SELECT * FROM exploitation ORDER BY 1", "SELECT * FROM end_of_life ORDER BY 1, 2")]
    database.close()
    return rows


def test_real_feeds_go_out_and_come_in_as_they_were(directory):
    if not os.path.isdir(FEEDS):
        raise Skip(f"{FEEDS} is not there")
    make_key(directory, "key")
    first = good(directory, "build", "--db", "here.db", FEEDS)
    told = good(directory, "export", "--db", "here.db", "out", "--key", "key.pem")
    equal((told["database"], told["records"], told["bytes"]), (first["digest"], sum(source["records"] for source in first["sources"]), os.path.getsize(os.path.join(directory, "out"))))
    there = good(directory, "import", "--db", "there.db", "out", "--key", "key.pub")
    equal({**there, "database": ""}, {**first, "database": ""})
    equal(tables(os.path.join(directory, "there.db")), tables(os.path.join(directory, "here.db")))
    good(directory, "export", "--db", "there.db", "again", "--key", "key.pem")
    equal(read(os.path.join(directory, "again")), read(os.path.join(directory, "out")))


def test_openssl_and_zstd_read_what_the_document_says(directory):
    make_key(directory, "key")
    built = build(directory)
    good(directory, "export", "--db", "here.db", "out", "--key", "key.pem")
    signed, header, signature, payload = parts(read(os.path.join(directory, "out")))
    store(directory, "signed", signed)
    store(directory, "signature", signature)
    subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-in", "signed", "-sigfile", "signature", "-pubin", "-inkey", "key.pub"], cwd=directory, check=True, capture_output=True)
    der = subprocess.run(["openssl", "pkey", "-pubin", "-in", "key.pub", "-outform", "DER"], cwd=directory, check=True, capture_output=True).stdout
    equal((header["key"], header["database"], header["format"]), (hashlib.sha256(der).hexdigest(), built["digest"], 1))
    equal(header["payload"]["digest"], "sha256:" + hashlib.sha256(payload).hexdigest())
    lines = subprocess.run(["zstd", "-d", "-q", "-c"], input=payload, check=True, capture_output=True).stdout
    equal((len(payload), len(lines)), (header["payload"]["bytes"], header["payload"]["inflated"]))
    content, name = {}, None
    for line in lines.splitlines(keepends=True):
        document = json.loads(line)
        if "source" in document:
            name = document["source"]
        else:
            content[name] = content.get(name, b"") + line
    equal({source["name"]: source["content"] for source in header["sources"]}, {name: "sha256:" + hashlib.sha256(text).hexdigest() for name, text in content.items()})
    equal(json.loads(content["kev"]), {"exploited": ["CVE-2026-1", 0, 1777593600, 0]})
    equal((json.loads(content["osv/PyPI"])["record"], json.loads(content["osv/PyPI"])["affected"][0][:2]), ("PYSEC-1", ["PyPI", "lib"]))


def test_a_delta_says_only_what_differs(directory):
    make_key(directory, "key")
    build(directory)
    good(directory, "export", "--db", "here.db", "whole", "--key", "key.pem")
    base = good(directory, "import", "--db", "there.db", "whole", "--key", "key.pub")
    newer = build(directory, day="2026-06-01", fixed="3.0")
    write(directory, {"in/kev.json": kev("CVE-2026-1")})
    os.utime(os.path.join(directory, "in/kev.json"), (1, 1))
    newer = good(directory, "build", "--db", "here.db", "in")
    told = good(directory, "export", "--db", "here.db", "delta", "--key", "key.pem", "--since", "whole")
    equal((told["base"], told["left-out"], told["sources"]), (base["digest"], 1, 2))
    lines = subprocess.run(["zstd", "-d", "-q", "-c"], input=parts(read(os.path.join(directory, "delta")))[3], check=True, capture_output=True).stdout
    assert b"exploited" not in lines and b"PYSEC-1" in lines
    refused(directory, ERROR, base["digest"], "delta", "--key", "key.pub", database="none.db")
    other = build(directory, "other.db", fixed="9.9")
    refused(directory, ERROR, base["digest"], "delta", "--key", "key.pub", database="other.db")
    contains(kiln(directory, "import", "--db", "other.db", "delta", "--key", "key.pub").stderr, other["digest"])
    equal(good(directory, "import", "--db", "there.db", "delta", "--key", "key.pub")["digest"], newer["digest"])
    equal(tables(os.path.join(directory, "there.db")), tables(os.path.join(directory, "here.db")))
    # Nothing has changed since: a delta without a single record.
    good(directory, "export", "--db", "here.db", "nothing", "--key", "key.pem", "--since", "delta")
    equal(parts(read(os.path.join(directory, "nothing")))[3], b"")
    equal(good(directory, "import", "--db", "there.db", "nothing", "--key", "key.pub")["digest"], newer["digest"])


def test_a_byte_that_is_changed_anywhere_is_noticed(directory):
    make_key(directory, "key")
    build(directory)
    good(directory, "export", "--db", "here.db", "out", "--key", "key.pem")
    data = read(os.path.join(directory, "out"))
    signed, _, signature, _ = parts(data)
    places = [*range(16), *range(16, len(signed), 37), *range(len(signed), len(signed) + len(signature), 7), *range(len(signed) + len(signature), len(data), 11), len(data) - 1]
    for place in places:
        store(directory, "bad", data[:place] + bytes([data[place] ^ 1]) + data[place + 1:])
        result = kiln(directory, "import", "--db", "there.db", "bad", "--key", "key.pub")
        assert result.returncode in ((ERROR, UNTRUSTED) if place < 16 else (UNTRUSTED,)), (place, result.returncode, result.stderr)
        contains(result.stderr, "bad: ")
        assert not os.path.exists(os.path.join(directory, "there.db")), place
    for length in (0, 7, 15, 16, 200, len(signed), len(signed) + 63, len(data) - 1):
        store(directory, "bad", data[:length])
        result = kiln(directory, "import", "--db", "there.db", "bad", "--key", "key.pub")
        assert result.returncode in (ERROR, UNTRUSTED), (length, result.stderr)
        contains(result.stderr, "bad: ")
    store(directory, "bad", data + b"x")
    refused(directory, UNTRUSTED, "behind its header", "bad", "--key", "key.pub")
    equal(glob.glob(os.path.join(directory, ".kiln-new*")), [])


def test_who_may_have_signed(directory):
    for name in ("key", "other"):
        make_key(directory, name)
    build(directory)
    good(directory, "export", "--db", "here.db", "out", "--key", "key.pem")
    refused(directory, UNTRUSTED, "none of the trusted keys", "out", "--key", "other.pub")
    refused(directory, ERROR, "name the public key", "out")
    good(directory, "import", "--db", "there.db", "out", KILN_TRUSTED_KEY="other.pub,key.pub")
    write(directory, {"kiln.yaml": "db:\n  trusted-key: [other.pub, key.pub]\n"})
    good(directory, "import", "--db", "there.db", "out", "--config", "kiln.yaml")
    good(directory, "export", "--db", "here.db", "plain", "--unsigned")
    equal(parts(read(os.path.join(directory, "plain")))[2], b"")
    refused(directory, UNTRUSTED, "nobody signed it", "plain", "--key", "key.pub")
    good(directory, "import", "--db", "there.db", "plain", "--unsigned")
    contains(kiln(directory, "import", "--db", "there.db", "out", "--unsigned").stderr, "signature was not looked at")
    # The length of the signature is part of what is signed: it cannot be cut off.
    signed, _, _, payload = parts(read(os.path.join(directory, "out")))
    store(directory, "cut", signed[:12] + bytes(4) + signed[16:] + payload)
    refused(directory, UNTRUSTED, "nobody signed it", "cut", "--key", "key.pub")


def test_wrong_use(directory):
    make_key(directory, "key")
    make_key(directory, "rsa", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")
    subprocess.run(["openssl", "pkey", "-in", "key.pem", "-aes256", "-passout", "pass:x", "-out", "locked.pem"], cwd=directory, check=True)
    build(directory)
    write(directory, {"text": "no key"})
    for words, says in ((["out"], "or say --unsigned"), (["out", "--key", "key.pem", "--unsigned"], "exclude each other"), (["--unsigned"], "name one file"), (["out", "b", "--unsigned"], "name one file"),
                        (["out", "--key", "none"], "none"), (["out", "--key", "text"], "text: no private key"), (["out", "--key", "key.pub"], "key.pub: no private key"),
                        (["out", "--key", "rsa.pem"], "another kind than Ed25519"), (["out", "--key", "locked.pem"], "wants a passphrase"), (["out", "--unsigned", "--since", "text"], "text: no exported database"),
                        (["none/out", "--unsigned"], "none/out")):
        result = kiln(directory, "export", "--db", "here.db", *words)
        equal((words, result.returncode), (words, ERROR))
        contains(result.stderr, says)
        assert not os.path.exists(os.path.join(directory, "out")), words
    contains(kiln(directory, "export", "--db", "none.db", "out", "--unsigned").stderr, "there is no vulnerability database")
    refused(directory, ERROR, "text: no exported database", "text", "--key", "key.pub")
    refused(directory, ERROR, "key.pem: no public key", "text", "--key", "key.pem")
    refused(directory, ERROR, "none", "none", "--key", "key.pub")
    refused(directory, ERROR, "not a regular file", "in", "--key", "key.pub")


def test_an_older_one_is_refused(directory):
    make_key(directory, "key")
    build(directory, day="2026-05-01")
    good(directory, "export", "--db", "here.db", "may", "--key", "key.pem")
    build(directory, day="2026-06-01", cves=("CVE-2026-1", "CVE-2026-2"))
    good(directory, "export", "--db", "here.db", "june", "--key", "key.pem")
    good(directory, "import", "--db", "there.db", "may", "--key", "key.pub")
    good(directory, "import", "--db", "there.db", "june", "--key", "key.pub")
    refused(directory, UNTRUSTED, "older than", "may", "--key", "key.pub", database="there.db")
    contains(kiln(directory, "import", "--db", "there.db", "may", "--key", "key.pub").stderr, "remove there.db first")
    os.unlink(os.path.join(directory, "there.db"))
    good(directory, "import", "--db", "there.db", "may", "--key", "key.pub")
    # What the new one lacks goes, and that is said.
    good(directory, "build", "--db", "kev.db", "in/kev.json")
    good(directory, "export", "--db", "kev.db", "kev", "--key", "key.pem")
    contains(kiln(directory, "import", "--db", "there.db", "kev", "--key", "key.pub").stderr, "has no osv/PyPI")


def test_what_was_fetched_before_is_asked_for_anew(directory):
    build(directory)
    good(directory, "export", "--db", "here.db", "out", "--unsigned")
    write(directory, {"there.db.feeds/kev/kev.json": "{}", "there.db.feeds/kev/kev.json.state.json": "{}", "there.db.feeds/lock": ""})
    good(directory, "import", "--db", "there.db", "out", "--unsigned")
    equal(os.listdir(os.path.join(directory, "there.db.feeds")), ["lock"])


def test_what_a_signer_gets_wrong_changes_nothing(directory):
    """Signed as it should be, but not what the header promises, or too large for anybody."""
    make_key(directory, "key")
    build(directory)
    good(directory, "export", "--db", "here.db", "out", "--key", "key.pem")
    _, header, _, payload = parts(read(os.path.join(directory, "out")))
    lines = subprocess.run(["zstd", "-d", "-q", "-c"], input=payload, check=True, capture_output=True).stdout
    record = next(line for line in lines.splitlines(keepends=True) if b"PYSEC-1" in line)
    sources = [{**source, "included": source["name"] != "kev"} for source in header["sources"]]
    cases = [
        (header, payload, None),
        ({**header, "database": "sha256:" + 64 * "0"}, payload, (UNTRUSTED, "was promised")),
        (*with_payload(header, lines.replace(b"2.0", b"2.1")), (UNTRUSTED, "osv/PyPI is not what its header promises")),
        (*with_payload(header, lines.replace(record, b"")), (UNTRUSTED, "osv/PyPI is not what its header promises")),
        (*with_payload(header, lines + lines), (ERROR, "a line of")),
        (*with_payload(header, record + lines), (ERROR, "a line of no source")),
        (*with_payload(header, lines + b'{"source":"other"}\n'), (ERROR, "a line of")),
        (*with_payload(header, lines + b'{"what":1}\n'), (ERROR, "a line of")),
        (*with_payload(header, lines + b'{"source"'), (UNTRUSTED, "inflates to")),
        ({**header, "payload": {**header["payload"], "inflated": len(lines) - 1}}, payload, (ERROR, "bytes")),
        ({**header, "payload": {**header["payload"], "inflated": len(lines) + 1}}, payload, (UNTRUSTED, "inflates to")),
        ({**header, "payload": {**header["payload"], "inflated": 1 << 40}}, payload, (ERROR, "accepted are")),
        ({**header, "payload": {**header["payload"], "bytes": -1}}, payload, (ERROR, "must not be negative")),
        ({**header, "format": 2}, payload, (ERROR, "of format 2")),
        ({**header, "schema": 99}, payload, (ERROR, "of schema 99")),
        ({**header, "sources": sources}, payload, (ERROR, 'no "base"')),
        ({**header, "sources": header["sources"][::-1]}, payload, (ERROR, "not sorted")),
        ({name: value for name, value in header.items() if name != "payload"}, payload, (ERROR, "payload")),
    ]
    bomb = b'{"source":"osv/PyPI"}\n' + bytes(80 << 20)
    cases.append((*with_payload(header, bomb), (ERROR, "decompression bomb")))
    cases.append((*with_payload(header, os.urandom(65 << 20).replace(b"\n", b"x")), (ERROR, "a line of more than")))
    flood, promised = with_payload(header, bytes(256 << 20)), len(lines)
    cases.append(({**flood[0], "payload": {**flood[0]["payload"], "inflated": promised}}, flood[1], (ERROR, "bytes")))
    for number, (changed, body, expected) in enumerate(cases):
        store(directory, "made", sign(directory, changed, body))
        if expected:
            refused(directory, expected[0], expected[1], "made", "--key", "key.pub")
        else:
            good(directory, "import", "--db", "there.db", "made", "--key", "key.pub")
    store(directory, "made", MAGIC + struct.pack("<II", 1 << 30, 64) + bytes(1000))
    refused(directory, ERROR, "a header of 1073741824 bytes", "made", "--key", "key.pub")
    store(directory, "made", MAGIC + struct.pack("<II", 10, 63) + bytes(1000))
    refused(directory, ERROR, "a signature of 63 bytes", "made", "--key", "key.pub")


if __name__ == "__main__":
    run_cases(globals())
