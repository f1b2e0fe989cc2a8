#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""recipes_test.py: every recipe of recipes/ is built from the archive, is as hard as it should be, and passes its own tests."""
import glob
import http.server
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "tests/house"), os.path.join(ROOT, "tests/build")]
from debian import PROGRAM, STORE, CACHE, kiln  # noqa: E402 - its folder had to be named first
from images import compile_c, read_layout  # noqa: E402
from tap import Skip, contains, equal, run_cases, write  # noqa: E402

RECIPES = sorted(glob.glob(os.path.join(ROOT, "recipes/*.yaml")))
SHELLS = {"sh", "bash", "dash", "ash", "zsh", "ksh", "csh", "tcsh", "fish", "busybox"}
LAYERS_MAX = 10
CEILINGS = {"static": 2e6, "base": 7e6, "cc": 10e6}  # bytes; the other recipes say it themselves, these would hold whoever builds on them to it


# What a program of a user's own finds in an image. Linked statically it leaves out what only a shared C library can do.
WITNESS = r"""
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wctype.h>

static int count_lines_with(const char *path, const char *part)
{
	char line[4096];
	int count = 0;
	FILE *file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		count += strstr(line, part) != NULL;
	if (file)
		fclose(file);
	return count;
}

int main(void)
{
	time_t summer = 1782907200; /* 2026-07-01T12:00:00Z */
	setenv("TZ", "Europe/Berlin", 1);
	printf("uid %u\n", getuid());
	printf("summer hour %d\n", localtime(&summer)->tm_hour);
	printf("authorities %s\n", count_lines_with("/etc/ssl/certs/ca-certificates.crt", "BEGIN CERTIFICATE") > 100 ? "many" : "none");
	printf("account %d\n", count_lines_with("/etc/passwd", "nonroot:x:65532:65532:"));
	printf("root %s\n", open("/file", O_CREAT | O_WRONLY, 0600) < 0 && errno == EROFS ? "read-only" : "writable");
#ifndef STATIC
	struct passwd *user = getpwuid(getuid());
	struct addrinfo *found = NULL;
	struct servent *service = getservbyname("https", "tcp");
	printf("locale %s\n", setlocale(LC_ALL, "") && iswalpha(0xe4) ? "knows letters" : "C");
	printf("name %s\n", user ? user->pw_name : "none");
	printf("localhost %s\n", getaddrinfo("localhost", "https", NULL, &found) == 0 ? "found" : "unknown");
	printf("https %d\n", service ? service->s_port >> 8 | (service->s_port & 255) << 8 : 0);
#endif
	return 0;
}
"""


def name_of(recipe):
    return os.path.basename(recipe).removesuffix(".yaml")


def compile_own(recipe):
    """A recipe of one's own application says how to compile it: recipes/NAME/build."""
    script = os.path.join(recipe.removesuffix(".yaml"), "build")
    if os.path.exists(script):
        subprocess.run([script], check=True, capture_output=True)


def build(directory, recipe, *options):
    """What kiln says of the image of @recipe in the store, and the image itself: configuration, files, digests of its layers by title."""
    compile_own(recipe)
    said = json.loads(kiln("--format", "json", "build", *options, recipe, directory=directory))[0]["platforms"][0]
    return (said, *read(os.path.join(STORE, "images"), f"{name_of(recipe)}:latest", said["digest"]))


def read(layout, tag, digest):
    with open(os.path.join(layout, "blobs", digest.replace(":", "/")), encoding="utf-8") as file:
        manifest = json.load(file)
    config, files = read_layout(layout, tag)
    titles = [step["created_by"].split(": ", 1)[1] for step in config["history"]]
    return config, files, dict(zip(titles, (layer["digest"] for layer in manifest["layers"])))


def passes(directory, recipe, *options):
    compile_own(recipe)
    if os.geteuid() and not shutil.which("newuidmap"):
        raise Skip("starting images as a user needs newuidmap")
    environment = {**os.environ, "KILN_STORE": STORE, "KILN_CACHE_DIR": CACHE}
    result = subprocess.run([PROGRAM, "--no-progress", "test", *options, recipe], cwd=directory, capture_output=True, text=True, check=False, env=environment)
    if result.returncode == 4:
        raise Skip(result.stderr.strip().replace("\n", " "))
    assert result.returncode == 0, result.stdout + result.stderr


def is_hard(directory, recipe):
    """Nobody is asked anything, and the image has nothing that an attacker would like to find."""
    said, config, files, layers = build(directory, recipe)
    equal([notice for notice in said["notices"] if notice["level"] != "note"], [])
    equal(config["config"]["User"], "65532:65532")
    assert len(layers) <= LAYERS_MAX, layers
    for path, file in files.items():
        header, program = file.header, path.startswith(("usr/bin/", "usr/sbin/"))
        assert header.isreg() or header.isdir() or header.issym() or header.islnk(), f"{path} is no file, directory or link"
        assert not (header.mode & 0o6000 and not header.isdir()), f"{path} is setuid or setgid"
        assert header.issym() or not header.mode & 0o002 or header.mode & 0o1000, f"anyone may write {path}"
        assert "SCHILY.xattr.security.capability" not in header.pax_headers, f"{path} has capabilities"
        assert not (program and os.path.basename(path) in SHELLS), f"{path} is a shell"
    for path in ("etc/passwd", "etc/group", "etc/os-release", "tmp", "run", "home/nonroot"):
        assert path in files, f"{path} is missing"
    equal((files["tmp"].mode, files["home/nonroot"].owner), (0o1777, (65532, 65532)))
    assert said["bytes"] < CEILINGS.get(name_of(recipe), said["bytes-plain"]), f"{said['bytes']} bytes"


def cases_of(recipes):
    made = {}
    for recipe in recipes:
        made[f"test_{name_of(recipe)}_is_hard"] = lambda directory, recipe=recipe: is_hard(directory, recipe)
        made[f"test_{name_of(recipe)}_passes_its_tests"] = lambda directory, recipe=recipe: passes(directory, recipe)
    return made


def derive(directory, base, more):
    write(directory, {"own.yaml": f"name: own\nfrom: {ROOT}/recipes/{base}.yaml\n{more}"})
    return os.path.join(directory, "own.yaml")


def test_images_share_their_foundations(directory):
    layers = {name: build(directory, os.path.join(ROOT, f"recipes/{name}.yaml"))[3] for name in ("base", "cc", "curl", "haproxy", "nginx", "valkey")}
    for title, names in (("C library", ("base", "cc", "curl", "haproxy", "nginx", "valkey")), ("cryptography", ("curl", "haproxy", "nginx", "valkey")),
                         ("C++ library", ("cc", "haproxy", "valkey")), ("certificates", ("base", "cc", "curl"))):
        equal({title: {layers[name][title] for name in names}}, {title: {layers[names[0]][title]}})


def witness(directory, base, *flags):
    compile_c(directory, WITNESS, *flags, output="witness")
    expected = ["uid 65532", "summer hour 14", "authorities many", "account 1", "root read-only"]
    expected += [] if "-static" in flags else ["locale knows letters", "name nonroot", "localhost found", "https 443"]
    output = json.dumps("^" + "\n".join(expected) + "\n$")
    passes(directory, derive(directory, base, "files: [{path: /app/witness, source: witness}]\nentrypoint: [/app/witness]\n"
                                              f"tests: [{{run: [/app/witness], output: {output}}}]\n"))


def test_a_static_program_on_static(directory):
    witness(directory, "static", "-static", "-DSTATIC")


def test_a_program_in_c_on_base(directory):
    witness(directory, "base", "-O1")


def test_a_program_in_cxx_on_cc(directory):
    passes(directory, derive(directory, "cc", "packages: [lzip]\nprograms: [/usr/bin/lzip]\nentrypoint: [/usr/bin/lzip]\ntests:\n"
                                              "  - {run: [/usr/bin/lzip, --version], output: \"^lzip [0-9]\"}\n"
                                              "  - {run: [/usr/bin/lzip, --decompress, --stdout], input: nonsense, exit: 2}\n"))


def test_a_module_of_nginx_that_its_package_enables(directory):
    passes(directory, derive(directory, "nginx", "packages: [libnginx-mod-http-echo]\nfiles:\n  - path: /etc/nginx/conf.d/echo.conf\n"
                                                 "    content: 'server { listen 8081; location / { echo \"by a module\"; } }'\n"
                                                 "tests:\n  - {fetch: \"http://127.0.0.1:8081/\", output: by a module}\n"))


def test_nginx_of_debian_12(directory):
    passes(directory, derive(directory, "nginx", "archive: debian/bookworm\n"))


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "9")
        self.end_headers()
        self.wfile.write(b"over TLS\n")

    def log_message(self, *_):
        pass


def tls_server(directory):
    """A server on the loopback whose certificate an authority of its own vouches for; its port."""
    if not shutil.which("openssl"):
        raise Skip("openssl is not installed")
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=directory, check=True, capture_output=True)
    new = ("-newkey", "rsa:2048", "-nodes")
    openssl("req", "-x509", *new, "-keyout", "authority.key", "-out", "authority.crt", "-subj", "/CN=kiln test authority", "-days", "2")
    openssl("req", *new, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    write(directory, {"names": "subjectAltName=DNS:localhost\n"})
    openssl("x509", "-req", "-in", "server.csr", "-CA", "authority.crt", "-CAkey", "authority.key", "-CAcreateserial", "-out", "server.crt", "-days", "2",
            "-extfile", "names")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(directory, "server.crt"), os.path.join(directory, "server.key"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_curl_trusts_whom_its_bundle_names(directory):
    """The same server twice: with its authority among the certificates, and without."""
    server = tls_server(directory)
    environment = {**os.environ, "KILN_STORE": STORE, "KILN_CACHE_DIR": CACHE}
    own = derive(directory, "curl", "files: [{path: /usr/local/share/ca-certificates/authority.crt, source: authority.crt}]\n")
    for recipe, status, words in ((own, 0, "over TLS"), (os.path.join(ROOT, "recipes/curl.yaml"), 60, "unable to get local issuer certificate")):
        layout = os.path.join(directory, name_of(recipe) + "-tls")
        kiln("build", "-o", f"oci:{layout}:image", recipe, directory=directory)
        result = subprocess.run([PROGRAM, "--no-progress", "run", "--network", "host", f"oci:{layout}:image", "--", "--silent", "--show-error",
                                 f"https://localhost:{server.server_port}/"], capture_output=True, text=True, check=False, env=environment)
        equal((result.returncode, words in result.stdout + result.stderr), (status, True))
    server.shutdown()


def test_nginx_for_arm64(directory):
    """Built here for another processor: every ELF file is that processor's, and runs where QEMU is there to judge."""
    layout = os.path.join(directory, "nginx")
    said = json.loads(kiln("--format", "json", "build", "--platform", "linux/arm64", "-o", f"oci:{layout}:image", os.path.join(ROOT, "recipes/nginx.yaml"), directory=directory))[0]
    config, files, _ = read(layout, "image", said["digest"])
    equal((config["architecture"], said["platforms"][0]["platform"]), ("arm64", "linux/arm64"))
    machines = {path: int.from_bytes(file.content[18:20], "little") for path, file in files.items() if file.content[:4] == b"\x7fELF"}
    equal(set(machines.values()), {183})  # EM_AARCH64
    for path in ("usr/sbin/nginx", "usr/lib/aarch64-linux-gnu/libc.so.6", "usr/lib/ld-linux-aarch64.so.1"):
        assert path in files, f"{path} is missing"
    emulator = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
    if not emulator or not shutil.which("umoci"):
        return
    unpacked = os.path.join(directory, "unpacked")
    subprocess.run(["umoci", "unpack", *(["--rootless"] if os.geteuid() else []), "--image", layout + ":image", unpacked], check=True, capture_output=True)
    root = os.path.join(unpacked, "rootfs")
    result = subprocess.run([emulator, "-L", root, os.path.join(root, "usr/sbin/nginx"), "-V"], capture_output=True, text=True, check=False)
    equal(result.returncode, 0)
    contains(result.stderr, "nginx version")


def test_the_readme_lists_every_recipe(directory):
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        readme = file.read()
    for recipe in RECIPES:
        contains(readme, f"| [{name_of(recipe)}](recipes/{name_of(recipe)}.yaml) |")


if __name__ == "__main__":
    run_cases({**cases_of(RECIPES), **globals()})
