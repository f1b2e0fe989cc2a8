#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""faults_test.py: kiln against mirrors that lie, break and vanish, and disks that fail: a named error or success, nothing half done."""
import json
import os
import resource
import shutil
import signal
import subprocess
import time

from world import ERROR, NETWORK, PROGRAM, UNTRUSTED, Shared, World
from archive import architecture
from tap import Skip, contains, equal, run_cases, write

DAY = 86400


def locked_badly(directory, code, kind, parts, faults=(), change=None, **publish):
    """`kiln lock` on a spoiled archive fails as said and writes nothing; mended, the same store works."""
    world = World(directory, **publish)
    world.mirror.faults = [list(fault) for fault in faults]
    if change:
        change(world)
    world.bad(["lock"], code, kind, *parts)
    world.no_lock()
    world.mirror.faults = []
    world.write_recipe()
    Shared.keys.export(world.keyring, "main@example.org")
    world.archive.publish()
    world.good("lock")
    world.close()


MANY = 1000
INDEX = "dists/stable/main/binary"
NOW = time.time()
LOCK_FAULTS = {
    "tampered_inrelease": (UNTRUSTED, "untrusted", ["InRelease", "does not fit the text"], {"change": lambda w: w.archive.tamper("/InRelease")}),
    "tampered_index": (UNTRUSTED, "mismatch", ["Packages.xz", "was promised"], {"by_hash": False, "change": lambda w: w.archive.tamper("Packages.xz")}),
    "unsigned": (UNTRUSTED, "untrusted", ["InRelease", "no OpenPGP signature"], {"form": "bare"}),
    "log_in_page_instead_of_inrelease": (UNTRUSTED, "untrusted", ["no OpenPGP signature"], {"faults": [("/InRelease", "garbage", MANY)]}),
    "foreign_key": (UNTRUSTED, "untrusted", ["not in this keyring", "keyring.gpg"], {"signer": "foreign@example.org"}),
    "expired_key": (UNTRUSTED, "untrusted", ["expired", "keyring.gpg"], {"signer": "expired@example.org"}),
    "foreign_key_detached": (UNTRUSTED, "untrusted", ["not in this keyring"], {"signer": "foreign@example.org", "form": "detached"}),
    "sha1_signature": (UNTRUSTED, "untrusted", ["keyring.gpg"], {"digest": "SHA1"}),
    "md5_signature": (UNTRUSTED, "untrusted", ["keyring.gpg"], {"digest": "MD5"}),
    "only_md5_sums": (UNTRUSTED, "untrusted", ["no SHA-256"], {"sums": "MD5Sum"}),
    "only_sha1_sums": (UNTRUSTED, "untrusted", ["no SHA-256"], {"sums": "SHA1"}),
    "wrong_suite_and_codename": (UNTRUSTED, "untrusted", ['Suite "testing"', 'Codename "other"', 'wanted "stable"'], {"label": "testing", "codename": "other"}),
    "valid_until_passed": (UNTRUSTED, "untrusted", ["was valid until", "another mirror"], {"date": NOW - 9 * DAY, "valid_for": 7 * DAY}),
    "date_in_the_future": (UNTRUSTED, "untrusted", ["in the future"], {"date": NOW + 3 * DAY}),
    "no_keyring_file": (ERROR, "not-found", ["keyring.gpg", "keyring"], {"change": lambda w: os.unlink(w.keyring)}),
    "keyring_is_no_keyring": (ERROR, "syntax", ["keyring.gpg", "not an OpenPGP keyring"], {"change": lambda w: write(w.directory, {"keyring.gpg": "hello\n"})}),
    "endless_inrelease": (ERROR, "limit", ["InRelease", "bytes"], {"faults": [("/InRelease", "endless", MANY)]}),
    "endless_index": (UNTRUSTED, "mismatch", ["Packages", "bytes"], {"faults": [(INDEX, "endless", MANY)]}),
    "index_that_is_too_short": (UNTRUSTED, "mismatch", ["Packages", "were promised"], {"faults": [(INDEX, "short", MANY)]}),
    "index_that_always_breaks_off": (NETWORK, "network", ["Packages"], {"faults": [(INDEX, "cut", MANY), (INDEX, "drop", MANY)]}),
    "index_is_missing": (ERROR, "not-found", ["Packages", "404"], {"faults": [(INDEX, "404", MANY)]}),
    "suite_is_missing": (ERROR, "not-found", ["dists/stable", "404"], {"faults": [("/dists/", "404", MANY)]}),
    "server_error": (NETWORK, "network", ["InRelease", "500", "another mirror"], {"faults": [("/InRelease", "500", MANY)]}),
    "redirect_loop": (NETWORK, "network", ["InRelease", "redirect"], {"faults": [("/InRelease", "loop", MANY)]}),
    "mirror_wants_credentials": (NETWORK, "auth", ["InRelease", "401"], {"faults": [("/InRelease", "401", MANY)]}),
    "mirror_down": (NETWORK, "network", ["127.0.0.1:1/", "another mirror"], {"change": lambda w: w.write_recipe(urls=["http://127.0.0.1:1"])}),
}
for fault_name, (fault_code, fault_kind, fault_parts, fault_rest) in LOCK_FAULTS.items():
    globals()["test_lock_fails_" + fault_name] = (lambda code, kind, parts, rest: lambda directory: locked_badly(directory, code, kind, parts, **rest))(
        fault_code, fault_kind, fault_parts, fault_rest)

GOOD_FORMS = {"gz": {"forms": (".gz",)}, "zst": {"forms": (".zst",)}, "uncompressed": {"forms": ("",)}, "detached_signature": {"form": "detached"},
              "no_by_hash": {"by_hash": False}, "valid_until": {"valid_for": 7 * DAY}}
for form_name, form_rest in GOOD_FORMS.items():
    globals()["test_lock_works_with_" + form_name] = (lambda rest: lambda directory: World(directory, **rest).good("lock"))(form_rest)


def test_build_from_our_own_archive(directory):
    world = World(directory)
    world.good("build", "-o", "oci:" + os.path.join(directory, "out"))
    assert os.path.exists(os.path.join(directory, "out/index.json"))
    world.close()


def no_image(directory):
    """At most an empty layout was made."""
    index = os.path.join(directory, "out/index.json")
    if os.path.exists(index):
        with open(index, encoding="utf-8") as file:
            equal(json.load(file)["manifests"], [])


def built(directory, faults, code=0, kind=None, parts=(), mirrors=1, change=None):
    world = World(directory, mirrors=mirrors)
    world.mirror.faults = [list(fault) for fault in faults]
    if change:
        change(world)
    output = ["build", "-o", "oci:" + os.path.join(directory, "out")]
    if code:
        world.bad(output, code, kind, *parts)
        no_image(directory)
        world.mirror.faults = []
        world.archive.root = Shared.archive.root
        for mirror in world.mirrors:
            shutil.copytree(os.path.join(Shared.archive.root, "pool"), os.path.join(mirror.root, "pool"), dirs_exist_ok=True)
    world.good(*output)
    world.close()
    return world


DEB = "/hello_"


def test_deb_tampered(directory):
    built(directory, [], UNTRUSTED, "mismatch", ["hello 1.0-1", "was promised"], change=lambda w: w.archive.tamper(f"hello_1.0-1_{architecture()}.deb"))


def test_deb_missing(directory):
    built(directory, [(DEB, "404", MANY)], ERROR, "not-found", ["hello 1.0-1", "404"])


def test_deb_without_end(directory):
    built(directory, [(DEB, "endless", MANY)], UNTRUSTED, "mismatch", ["hello 1.0-1", "more than"])


def test_deb_longer_than_promised(directory):
    built(directory, [(DEB, "long", MANY)], UNTRUSTED, "mismatch", ["hello 1.0-1", "more than"])


def test_deb_shorter_than_promised(directory):
    built(directory, [(DEB, "short", MANY)], UNTRUSTED, "mismatch", ["hello 1.0-1", "were promised"])


def test_deb_broken_off_is_resumed(directory):
    world = built(directory, [(DEB, "cut", 1)])
    ranges = [wanted for path, wanted in world.mirror.requests if DEB in path]
    equal(len(ranges), 2)
    assert ranges[0] is None and ranges[1].startswith("bytes=1"), ranges


def test_deb_broken_off_and_no_ranges(directory):
    built(directory, [(DEB, "cut", 1), (DEB, "no range", 1)])


def test_deb_resumed_with_another_files_half(directory):
    world = built(directory, [(DEB, "cut", 1), (DEB, "other half", 1)])
    equal([wanted is None for path, wanted in world.mirror.requests if DEB in path], [True, False, True])


def test_server_error_twice_then_good(directory):
    built(directory, [("/InRelease", "500", 2), (DEB, "500", 2), (DEB, "503", 0)])


def test_connection_dropped_once_each(directory):
    built(directory, [("/InRelease", "drop", 1), (INDEX, "drop", 1), (DEB, "drop", 1)])


def test_by_hash_missing_falls_back_to_the_plain_path(directory):
    world = built(directory, [("/by-hash/", "404", MANY)])
    assert any(path.endswith("Packages.xz") for path, _ in world.mirror.requests)


def test_second_mirror_serves_what_the_first_cannot(directory):
    for number, kind in enumerate(("404", "500", "garbage", "short", "cut", "loop", "drop", "endless")):
        os.mkdir(os.path.join(directory, str(number)))
        world = built(os.path.join(directory, str(number)), [("/", kind, MANY)], mirrors=2)
        assert world.mirrors[1].requests


def test_rollback_is_refused_unless_allowed(directory):
    world = World(directory, date=NOW - DAY)
    world.good("lock")
    with open(os.path.join(directory, "app.lock"), "rb") as file:
        before = file.read()
    world.archive.publish(date=NOW - 2 * DAY)
    world.bad(["lock", "--update"], UNTRUSTED, "untrusted", "a rollback", "--allow-rollback stable")
    with open(os.path.join(directory, "app.lock"), "rb") as file:
        equal(file.read(), before)
    world.bad(["lock", "--update", "--allow-rollback", "other"], UNTRUSTED, "untrusted", "a rollback")
    world.good("lock", "--update", "--allow-rollback", "stable")
    world.close()


def test_remembered_lock_is_only_good_with_the_same_keyring(directory):
    world = World(directory)
    world.good("build")
    world.mirror.requests.clear()
    contains(world.good("build"), "unchanged")
    equal(world.mirror.requests, [])
    Shared.get()
    Shared.keys.export(world.keyring, "foreign@example.org")
    world.bad(["build"], UNTRUSTED, "untrusted", "not in this keyring")
    world.close()


def test_store_is_a_file(directory):
    world = World(directory)
    write(directory, {"file": ""})
    world.store = os.path.join(directory, "file")
    code, text = world.kiln("lock")
    equal(code, ERROR)
    contains(text, world.store)
    world.close()


def test_store_that_cannot_be_read(directory):
    world = World(directory)
    world.good("lock")
    os.chmod(directory, 0o755)
    others = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
    os.chmod(world.store, 0)
    try:  # a copy: another user may not reach the build's folder
        code, text = world.kiln("lock", "--update", program=shutil.copy(PROGRAM, directory), **others)
    finally:
        os.chmod(world.store, 0o755)
    contains(text, world.store)
    contains(text, "Permission denied")
    equal(code, ERROR)
    world.close()


def limit_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))


def test_file_system_that_takes_no_more(directory):
    world = World(directory)
    code, text = world.kiln("build", "-o", "oci:" + os.path.join(directory, "out"), preexec_fn=limit_files, restore_signals=False)
    contains(text, "error (io)")
    contains(text, "File too large")
    equal(code, ERROR)
    world.check_store()
    no_image(directory)
    world.good("build", "-o", "oci:" + os.path.join(directory, "out"))
    world.close()


def test_full_disk(directory):
    world = World(directory)
    os.mkdir(world.store)
    if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160k", "none", world.store], capture_output=True, check=False).returncode:
        raise Skip("no file system may be mounted here")
    try:
        text = world.bad(["build", "-o", "oci:" + os.path.join(directory, "out")], ERROR, "io", "No space left on device")
        assert "the server answers" not in text  # what is full is the disk; "500" may be the port
        no_image(directory)
        subprocess.run(["mount", "-o", "remount,size=16m", world.store], check=True)
        world.good("build", "-o", "oci:" + os.path.join(directory, "out"))
    finally:
        subprocess.run(["umount", world.store], check=True)
    world.close()


def test_two_builds_at_once(directory):
    world = World(directory)
    processes = [world.start("build", "-o", "oci:" + os.path.join(directory, f"out{number}")) for number in range(3)]
    for process in processes:
        output, errors = process.communicate(timeout=200)
        assert process.returncode == 0, output + errors
    world.check_store()
    indexes = []
    for number in range(3):
        with open(os.path.join(directory, f"out{number}/index.json"), "rb") as file:
            indexes.append(file.read())
    equal(indexes[0], indexes[1])
    equal(indexes[0], indexes[2])
    world.close()


def test_killed_at_any_moment(directory):
    world = World(directory)
    output = ["build", "-o", "oci:" + os.path.join(directory, "out")]
    began = time.monotonic()
    world.good("build", "-o", "oci:" + os.path.join(directory, "whole"))
    whole_s = time.monotonic() - began
    for step in range(16):
        if step % 8 == 0:
            shutil.rmtree(world.store, ignore_errors=True)  # the last one may have been killed before it made it
            shutil.rmtree(os.path.join(directory, "cache"), ignore_errors=True)
        process = world.start(*output)
        time.sleep(whole_s * (step + 1) / 17)
        process.kill()
        process.communicate()
        world.check_store()
    world.good(*output)
    world.close()


def sockets(world, *words):
    """Exit status, output, and the sockets that were opened."""
    trace = os.path.join(world.directory, "trace")
    world.variables = {"ASAN_OPTIONS": "detect_leaks=0"}  # which needs ptrace for itself
    code, text = world.kiln(*words, prefix=["strace", "-f", "-qq", "-e", "trace=socket,connect,sendto", "-o", trace])
    if not os.path.exists(trace):
        raise Skip("strace cannot trace here")
    with open(trace, encoding="utf-8", errors="replace") as file:
        return code, text, [line for line in file if "socket(" in line or "connect(" in line]


def test_offline_opens_no_socket_and_names_what_is_missing(directory):
    if not shutil.which("strace"):
        raise Skip("strace is not installed")
    world = World(directory)
    output = ["build", "-o", "oci:" + os.path.join(directory, "out")]
    code, text, opened = sockets(world, "--offline", *output)
    equal((code, opened), (ERROR, []))
    contains(text, "stable: offline, and no index of it was ever fetched")
    code, text, opened = sockets(world, "lock")
    equal(code, 0)
    assert opened, "the trace sees no socket even online"
    code, text, opened = sockets(world, "--offline", *output)
    equal((code, opened), (ERROR, []))
    contains(text, "not in the store: data 1.0-1, hello 1.0-1")
    contains(text, "without --offline")
    world.good(*output)
    shutil.rmtree(os.path.join(directory, "out"))
    asked = len(world.mirror.requests)
    code, text, opened = sockets(world, "--offline", *output)
    equal((code, opened), (0, []))
    code, text, opened = sockets(world, "--offline", "lock", "--update")
    equal((code, opened, len(world.mirror.requests)), (0, [], asked))
    world.close()


if __name__ == "__main__":
    run_cases(globals())
