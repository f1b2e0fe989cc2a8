# SPDX-License-Identifier: Apache-2.0
"""archive.py: a small signed Debian archive of our own, and a mirror on the loopback that can be told to misbehave."""
import contextlib
import email.utils
import gzip
import hashlib
import http.server
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../house"))  # tap.py
WEAK = ("SHA1", "MD5")


def run(*words, **options):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options).stdout


def architecture():
    return run("dpkg", "--print-architecture").decode().strip()


class Keys:
    """OpenPGP keys in a GnuPG home of their own; a short path, because its agent listens on a socket there."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="kk-")
        self.gpg("--quick-gen-key", "main@example.org", "rsa2048", "sign", "never")
        self.gpg("--quick-gen-key", "foreign@example.org", "rsa2048", "sign", "never")
        self.gpg("--quick-gen-key", "expired@example.org", "rsa2048", "sign", "1y", at="20200101T000000")

    def gpg(self, *words, at=None, **options):
        faked = ["--faked-system-time", at + "!"] if at else []
        return run("gpg", "--homedir", self.home, "--batch", "--yes", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "",
                   *faked, *words, **options)

    def sign(self, text, user, how, digest="SHA512"):
        at = "20200601T000000" if user.startswith("expired") else None
        weak = ["--allow-weak-digest-algos"] if digest in WEAK else []
        return self.gpg(*weak, "--digest-algo", digest, "--local-user", user, how, "--output", "-", at=at, input=text)

    def export(self, path, *users):
        with open(path, "wb") as file:
            file.write(self.gpg("--export", *users))

    def close(self):
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], check=False, capture_output=True)
        shutil.rmtree(self.home, ignore_errors=True)


def make_deb(directory, name, version, files, depends=""):
    """One package with @files (path -> bytes, (bytes, mode) or ("link", target)) in @directory; returns its Packages stanza without Filename."""
    root = os.path.join(directory, "." + name)
    os.makedirs(os.path.join(root, "DEBIAN"), mode=0o755)
    control = f"Package: {name}\nVersion: {version}\nArchitecture: {architecture()}\nMaintainer: Test <test@example.org>\n"
    control += (f"Depends: {depends}\n" if depends else "") + "Description: made for a test\n"
    files = {f"usr/share/doc/{name}/copyright": b"public domain\n", "DEBIAN/control": control.encode(), **files}
    for path, content in files.items():
        content, mode = content if isinstance(content, tuple) else (content, 0o644)
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        if content == "link":
            os.symlink(mode, full)
            continue
        with open(full, "wb") as file:
            file.write(content)
        os.chmod(full, mode)
    path = os.path.join(directory, f"{name}_{version}_{architecture()}.deb")
    run("dpkg-deb", "--root-owner-group", "-Zgzip", "--build", root, path)
    shutil.rmtree(root)
    return path, control


class Archive:
    """Packages, indexes and their Release below @root; publish() makes the indexes anew and signs them."""

    def __init__(self, root, keys):
        self.root, self.keys, self.stanzas, self.contents = root, keys, [], []
        os.makedirs(os.path.join(root, "pool"))

    def add(self, name, version="1.0-1", files=None, depends=""):
        path, control = make_deb(os.path.join(self.root, "pool"), name, version, files or {}, depends)
        with open(path, "rb") as file:
            content = file.read()
        self.stanzas.append(f"{control}Filename: {os.path.relpath(path, self.root)}\nSize: {len(content)}\n"
                            f"SHA256: {hashlib.sha256(content).hexdigest()}\n")
        self.contents += [f"{file:60} test/{name}" for file in files or {}]

    def _indexes(self, forms):
        packages = "\n".join(self.stanzas).encode() + b"\n"
        contents = "\n".join(sorted(self.contents)).encode() + b"\n"
        base = f"main/binary-{architecture()}/Packages"
        packed = {"": packages, ".gz": gzip.compress(packages, mtime=0), ".xz": lzma.compress(packages)}
        if ".zst" in forms:
            packed[".zst"] = run("zstd", "-q", "-c", input=packages)
        made = {base + form: packed[form] for form in forms}
        made[f"main/Contents-{architecture()}.gz"] = gzip.compress(contents, mtime=0)
        return {**made, base: packages} if ".plain" not in forms else made, made

    def publish(self, suite="stable", codename="kilntest", label="stable", date=None, valid_for=None, forms=(".xz", ".gz"), by_hash=True,
                signer="main@example.org", digest="SHA512", form="inline", sums="SHA256", fields=""):
        dists = os.path.join(self.root, "dists", suite)
        shutil.rmtree(dists, ignore_errors=True)
        listed, written = self._indexes(forms)
        date = time.time() - 3600 if date is None else date
        text = f"Origin: Test\nLabel: Test\nSuite: {label}\nCodename: {codename}\nDate: {email.utils.formatdate(date, usegmt=True)}\n"
        if valid_for is not None:
            text += f"Valid-Until: {email.utils.formatdate(date + valid_for, usegmt=True)}\n"
        text += f"Acquire-By-Hash: {'yes' if by_hash else 'no'}\nArchitectures: {architecture()}\nComponents: main\n{fields}"
        algorithm = {"SHA256": "sha256", "SHA1": "sha1", "MD5Sum": "md5"}[sums]
        text += f"{sums}:\n" + "".join(f" {hashlib.new(algorithm, content).hexdigest()} {len(content)} {path}\n" for path, content in listed.items())
        for path, content in written.items():
            full = os.path.join(dists, path)
            hashed = os.path.join(os.path.dirname(full), "by-hash/SHA256", hashlib.sha256(content).hexdigest())
            for target in (full, hashed) if by_hash else (full,):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "wb") as file:
                    file.write(content)
        self._sign(dists, text.encode(), signer, digest, form)

    def _sign(self, dists, text, signer, digest, form):
        made = {"Release": text, "Release.gpg": self.keys.sign(text, signer, "--detach-sign", digest)} if form == "detached" else {
            "InRelease": self.keys.sign(text, signer, "--clearsign", digest) if form == "inline" else text}
        for name, content in made.items():
            with open(os.path.join(dists, name), "wb") as file:
                file.write(content)

    def path(self, ending):
        """The one published file whose path ends so."""
        found = [os.path.join(top, name) for top, _, names in os.walk(self.root) for name in names if os.path.join(top, name).endswith(ending)]
        assert len(found) == 1, f"{ending}: {found}"
        return found[0]

    def tamper(self, ending):
        path = self.path(ending)
        with open(path, "r+b") as file:
            middle = os.path.getsize(path) // 2
            file.seek(middle)
            byte = file.read(1)
            file.seek(middle)
            file.write(bytes([byte[0] ^ 1]))


class Mirror(http.server.ThreadingHTTPServer):
    """Serves @root. faults: list of [part of the path, kind, how often]; requests: what was asked, with its Range."""
    daemon_threads = True

    def __init__(self, root):
        super().__init__(("127.0.0.1", 0), Handler)
        self.root, self.faults, self.requests, self.lock = root, [], [], threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def fault(self, path):
        with self.lock:
            for fault in self.faults:
                if fault[0] in path and fault[2] > 0:
                    fault[2] -= 1
                    return fault[1]
        return None

    def handle_error(self, request, client_address):
        """A client that hangs up in the middle is what these tests are about."""

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        """Quiet: the test looks at Mirror.requests."""

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def do_GET(self):
        wanted = self.headers.get("Range")
        self.server.requests.append((self.path, wanted))
        kind = self.server.fault(self.path)
        path = os.path.join(self.server.root, self.path.lstrip("/"))
        if kind and kind.isdigit():
            self.answer(int(kind), b"no\n")
        elif kind == "loop":
            self.answer(302, b"", Location=self.path)
        elif kind == "drop":
            self.close_connection = True
        elif not os.path.isfile(path):
            self.answer(404, b"not here\n")
        else:
            with open(path, "rb") as file:
                self.serve(file.read(), kind, wanted)

    def serve(self, body, kind, wanted):
        headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"'}
        half = len(body) // 2
        self.close_connection = kind is not None
        if kind == "endless":
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(bytes(65536))
        elif kind == "cut":  # announces all, sends half and hangs up
            self.answer(200, body[:half], **{**headers, "Content-Length": str(len(body))})
        elif kind == "short":  # announces and sends half
            self.answer(200, body[:half], **headers)
        elif kind == "long":
            self.answer(200, body + bytes(100), **headers)
        elif kind == "garbage":
            self.answer(200, b"<html>Welcome! Please log in.</html>\n")
        elif kind == "other half" and wanted:  # another file's second half for a range
            start = int(wanted.partition("=")[2].partition("-")[0])
            self.answer(206, bytes(len(body) - start), **{"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"})
        elif wanted and kind != "no range":
            start = int(wanted.partition("=")[2].partition("-")[0])
            self.answer(206, body[start:], **headers, **{"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"})
        else:
            self.answer(200, body, **headers)
