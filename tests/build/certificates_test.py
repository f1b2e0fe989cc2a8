#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""certificates_test.py: authorities in one file, by hash and for Java: made without their tools, judged by OpenSSL and, where it is here, keytool."""
import hashlib
import os
import re
import shutil
import struct
import subprocess

from images import Bench, naming
from tap import Skip, contains, equal, run_cases

ENTRY = "entrypoint: [/usr/bin/app]\n"


def certificate(directory, subject):
    """A self-signed certificate of @subject as PEM and as DER."""
    if not shutil.which("openssl"):
        raise Skip("openssl is not installed")
    path = os.path.join(directory, "made.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", os.devnull, "-subj", subject, "-days", "30", "-out", path],
                   check=True, capture_output=True)
    with open(path, "rb") as file:
        return file.read(), subprocess.run(["openssl", "x509", "-in", path, "-outform", "DER"], check=True, capture_output=True).stdout


def subject_hash(pem):
    return subprocess.run(["openssl", "x509", "-noout", "-subject_hash"], input=pem, check=True, capture_output=True).stdout.decode().strip()


def read_java_store(content, password):
    """Aliases and certificates of a JKS file, whose digest must be right."""
    body, digest = content[:-20], content[-20:]
    equal(digest, hashlib.sha1(password.encode("utf-16-be") + b"Mighty Aphrodite" + body).digest())
    magic, version, count = struct.unpack(">III", body[:12])
    equal((magic, version), (0xFEEDFEED, 2))
    at, entries = 12, {}
    for _ in range(count):
        tag, length = struct.unpack(">IH", body[at:at + 6])
        equal(tag, 2)
        alias = body[at + 6:at + 6 + length].decode("ascii")
        at += 6 + length + 8
        length = struct.unpack(">H", body[at:at + 2])[0]
        equal(body[at + 2:at + 2 + length], b"X.509")
        at += 2 + length
        length = struct.unpack(">I", body[at:at + 4])[0]
        entries[alias] = body[at + 4:at + 4 + length]
        at += 4 + length
    equal((at, len(entries)), (len(body), count))
    return entries


def world(directory, java=True):
    bench = Bench(directory)
    one, two = certificate(directory, "/CN=One"), certificate(directory, "/CN=Two")
    folder = "usr/share/ca-certificates/mozilla"
    bench.add("ca-certificates", {f"{folder}/One_Root.crt": one[0], f"{folder}/Zwei_Ü.crt": two[0].rstrip(b"\n"), "usr/sbin/update-ca-certificates": (b"#!/bin/sh\n", 0o755)})
    bench.add("app", {"usr/bin/app": naming(directory)}, depends="java-runtime" if java else "ca-certificates")
    bench.add("java-runtime", {"usr/lib/jvm/java/lib/security/.placeholder": b""}, depends="ca-certificates", postinst="#!/bin/sh\nln -s /etc/ssl/certs/java/cacerts /usr/lib/jvm/java/lib/security/cacerts\n")
    return bench, one, two


def test_a_package_of_certificates_comes_with_what_depends_on_it(directory):
    bench, one, two = world(directory, java=False)
    bench.build("app", ENTRY)
    bench.lacks("usr/sbin/update-ca-certificates", "etc/ssl/certs/java/cacerts")
    equal(bench.files["etc/ssl/certs/ca-certificates.crt"].content, one[0] + two[0])
    equal(bench.files["etc/ssl/certs/One_Root.pem"].target, "/usr/share/ca-certificates/mozilla/One_Root.crt")
    equal({path: bench.files[path].target for path in bench.files if re.fullmatch(r"etc/ssl/certs/[0-9a-f]{8}\.\d", path)},
          {f"etc/ssl/certs/{subject_hash(one[0])}.0": "One_Root.pem", f"etc/ssl/certs/{subject_hash(two[0])}.0": "Zwei_Ü.pem"})


def test_a_store_for_java(directory):
    bench, one, two = world(directory)
    bench.build("app", ENTRY + "keep: [/usr/lib/jvm/**]\n")
    store = bench.files["etc/ssl/certs/java/cacerts"].content
    equal(read_java_store(store, "changeit"), {"debian:one_root.pem": one[1], "debian:zwei_%c3%9c.pem": two[1]})
    if shutil.which("keytool"):
        path = os.path.join(directory, "cacerts")
        with open(path, "wb") as file:
            file.write(store)
        listed = subprocess.run(["keytool", "-list", "-keystore", path, "-storepass", "changeit"], check=True, capture_output=True, text=True).stdout
        contains(listed, "contains 2 entries")


def test_own_certificates_and_dropped_ones(directory):
    bench, one, _ = world(directory)
    own = certificate(directory, "/CN=Own")
    with open(os.path.join(directory, "own.crt"), "wb") as file:
        file.write(own[0])
    bench.build("app", ENTRY + "keep: [/usr/lib/jvm/**]\ndrop: [/usr/share/ca-certificates/mozilla/Zwei*]\nfiles: [{path: /usr/local/share/ca-certificates/own.crt, source: own.crt}]\n")
    equal(bench.files["etc/ssl/certs/ca-certificates.crt"].content, own[0] + one[0])
    equal(read_java_store(bench.files["etc/ssl/certs/java/cacerts"].content, "changeit"), {"debian:own.pem": own[1], "debian:one_root.pem": one[1]})


def test_what_is_no_certificate(directory):
    bench, _, _ = world(directory)
    bench.refuse("app", ENTRY + "files: [{path: /usr/local/share/ca-certificates/own.crt, content: hello}]\n", "/usr/local/share/ca-certificates/own.crt", "not a certificate")


if __name__ == "__main__":
    run_cases(globals())
