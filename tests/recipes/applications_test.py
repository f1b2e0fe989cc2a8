#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""applications_test.py: what people put on top of recipes, and programs that no recipe of recipes/ is about: built from the archive and started."""
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests/house"))
from debian import CACHE, PROGRAM, STORE, kiln  # noqa: E402 - its folder had to be named first
from tap import Skip, contains, equal, run_cases, write  # noqa: E402


def start(directory, recipe, files=None):
    """The result of the tests of @recipe, beside which @files (path -> text) stand."""
    if os.geteuid() and not shutil.which("newuidmap"):
        raise Skip("starting images as a user needs newuidmap")
    write(directory, {**(files or {}), "app.yaml": recipe})
    environment = {**os.environ, "KILN_STORE": STORE, "KILN_CACHE_DIR": CACHE}
    result = subprocess.run([PROGRAM, "--no-progress", "test", "app.yaml"], cwd=directory, capture_output=True, text=True, check=False, env=environment)
    if result.returncode == 4:
        raise Skip(result.stderr.strip().replace("\n", " "))
    return result


def passes(directory, recipe, files=None):
    result = start(directory, recipe, files)
    assert result.returncode == 0, result.stdout + result.stderr


def runs(directory, packages, command, output, more=""):
    """A command in an image of @packages prints @output (a regular expression) and asks nobody anything that @more does not answer."""
    passes(directory, f"name: app\narchive: debian/trixie\npackages: [{packages}]\nentrypoint: [{command[0]}]\n{more}tests:\n"
                      f"  - {{run: {json.dumps(command)}, output: {json.dumps(output)}}}\n  - absent: /bin/sh\n")
    said = json.loads(kiln("--format", "json", "build", "app.yaml", directory=directory))[0]["platforms"][0]
    equal([notice["id"] for notice in said["notices"] if notice["level"] != "note"], [])


def test_a_python_application_started_by_env(directory):
    write(directory, {"app/main.py": "#!/usr/bin/env python3\nimport http.server\nimport shop\n\n\nclass Page(http.server.BaseHTTPRequestHandler):\n    def do_GET(self):\n"
                                     "        self.send_response(200)\n        self.end_headers()\n        self.wfile.write(b'total %d' % shop.total())\n\n\n"
                                     "http.server.ThreadingHTTPServer(('', 8080), Page).serve_forever()\n",
                      "app/shop/__init__.py": "def total():\n    return 42\n"})
    os.chmod(os.path.join(directory, "app/main.py"), 0o755)
    passes(directory, f"name: app\nfrom: {ROOT}/recipes/python.yaml\nentrypoint: [/srv/app/main.py]\nfiles: [{{path: /srv/app, source: app}}]\n"
                      "tests:\n  - {fetch: \"http://127.0.0.1:8080/\", output: total 42}\n")


def test_a_node_application_with_both_kinds_of_modules(directory):
    passes(directory, f"name: app\nfrom: {ROOT}/recipes/node.yaml\ncmd: [/srv/app/server.cjs]\nfiles: [{{path: /srv/app, source: app}}]\n"
                      "tests:\n  - {fetch: \"http://127.0.0.1:8080/\", output: sum 3 product 12}\n",
           {"app/server.cjs": "const http = require('http'), { add } = require('./lib/add.cjs');\nimport('./lib/multiply.mjs').then(module => http.createServer((request, response) =>\n"
                              "  response.end('sum ' + add(1, 2) + ' product ' + module.default(3, 4))).listen(8080));\n",
            "app/lib/add.cjs": "exports.add = (a, b) => a + b;\n",
            "app/lib/multiply.mjs": "import fs from 'node:fs/promises';\nawait fs.readdir('/');\nexport default (a, b) => a * b;\n"})


def test_python_packages_of_debian(directory):
    code = "import flask, requests; app = flask.Flask('x'); app.route('/')(lambda: flask.render_template_string('{{ 6 * 7 }}')); print(app.test_client().get('/').text, requests.certs.where())"
    runs(directory, "python3, python3-flask, python3-requests", ["/usr/bin/python3", "-c", code], "^42 /etc/ssl/certs/ca-certificates.crt",
         "programs: [/usr/bin/python3]\naccept: [\"shell:/usr/bin/python3.13\"]\n")


def test_ruby(directory):
    code = "puts JSON.generate([OpenSSL::Digest::SHA256.hexdigest('x')[0, 4], Zlib::Inflate.inflate(Zlib::Deflate.deflate('y')), '日'.encode('Shift_JIS').bytes, YAML.load('a: 1')])"
    runs(directory, "ruby", ["/usr/bin/ruby", "-ropenssl", "-rjson", "-rzlib", "-ryaml", "-e", code], r'^\["2d71","y",\[147,250\],\{"a":1\}\]')


def test_perl(directory):
    code = 'print strftime("%Y", gmtime(0)), " ", length(encode("shiftjis", "\\x{65e5}")), " ", inet_ntoa(inet_aton("127.0.0.1")), " ", encode_json([1])'
    runs(directory, "perl", ["/usr/bin/perl", "-MPOSIX", "-MEncode", "-MSocket", "-MJSON::PP", "-e", code], r"^1970 2 127\.0\.0\.1 \[1\]")


def test_php_with_more_modules(directory):
    code = 'echo json_encode([mb_strtoupper("ä") === "Ä", (new PDO("sqlite::memory:"))->query("select 6*7")->fetchColumn(), Collator::create("de")->compare("ä", "b"), (new SimpleXMLElement("<a>x</a>"))->getName()]);'
    runs(directory, "php-cli, php-mbstring, php-sqlite3, php-intl, php-xml", ["/usr/bin/php", "-r", code], r'^\[true,42,-1,"a"\]', "accept: [\"shell:/usr/bin/php8.4\"]\n")


def test_apache_as_debian_configures_it(directory):
    passes(directory, """name: app
archive: debian/trixie
packages: [apache2]
programs: [/usr/sbin/apache2]
entrypoint: [/usr/sbin/apache2, -DFOREGROUND]
env: {APACHE_RUN_DIR: /run/apache2, APACHE_LOCK_DIR: /run/apache2, APACHE_PID_FILE: /run/apache2/pid, APACHE_LOG_DIR: /var/log/apache2, APACHE_RUN_USER: nonroot, APACHE_RUN_GROUP: nonroot}
writable: [/run/apache2, /var/log/apache2]
files: [{path: /etc/apache2/ports.conf, content: "Listen 8080\\n"}]
tests:
  - {fetch: "http://127.0.0.1:8080/", output: Apache2 Debian Default Page}
  - {fetch: "http://127.0.0.1:8080/icons/", status: 403}
""")


def keytool(directory, authority):
    """What Java's own keytool says of a certificate: is it trusted, by the store that kiln wrote?"""
    files = "  - {path: /srv/server.crt, source: server.crt}\n" + ("  - {path: /usr/local/share/ca-certificates/own.crt, source: authority.crt}\n" if authority else "")
    return start(directory, f"""name: app
archive: debian/trixie
packages: [openjdk-21-jre-headless]
programs: [/usr/bin/keytool]
entrypoint: [/usr/bin/keytool]
writable: [/tmp]
files:
{files}tests:
  - {{run: [/usr/bin/keytool, -list, -cacerts, -storepass, changeit], output: "contains 1[0-9][0-9] entries"}}
  - {{run: [/usr/bin/keytool, -importcert, -trustcacerts, -alias, server, -file, /srv/server.crt, -keystore, /tmp/new.p12, -storepass, changeit],
      output: Certificate was added to keystore}}
""")


def test_java_trusts_whom_its_store_names(directory):
    if not shutil.which("openssl"):
        raise Skip("openssl is not installed")
    for words in (["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "authority.key", "-out", "authority.crt", "-subj", "/CN=own authority", "-days", "2"],
                  ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"],
                  ["x509", "-req", "-in", "server.csr", "-CA", "authority.crt", "-CAkey", "authority.key", "-CAcreateserial", "-out", "server.crt", "-days", "2"]):
        subprocess.run(["openssl", *words], cwd=directory, check=True, capture_output=True)
    known = keytool(directory, True)
    equal((known.returncode, known.stdout.count("passed  ")), (0, 2))
    unknown = keytool(directory, False)
    equal((unknown.returncode, unknown.stdout.count("passed  ")), (1, 1))
    contains(unknown.stdout, "was not added to keystore")


def test_two_platforms_in_one_recipe(directory):
    write(directory, {"app.yaml": f"name: app\nfrom: {ROOT}/recipes/base.yaml\nplatforms: [linux/amd64, linux/arm64]\n"})
    kiln("build", "-o", "oci:out:app", "app.yaml", directory=directory)

    def read(digest):
        with open(os.path.join(directory, "out/blobs", digest.replace(":", "/")), encoding="utf-8") as file:
            return json.load(file)

    with open(os.path.join(directory, "out/index.json"), encoding="utf-8") as file:
        entries = json.load(file)["manifests"]
    named = [entry for entry in entries if "org.opencontainers.image.ref.name" in entry.get("annotations", {})]
    images = read(named[0]["digest"])["manifests"]
    equal([image["platform"]["architecture"] for image in images], ["amd64", "arm64"])
    for image in images:
        attached = sorted(manifest["artifactType"] for manifest in map(lambda entry: read(entry["digest"]), entries) if manifest.get("subject", {}).get("digest") == image["digest"])
        equal(attached, ["application/spdx+json", "application/vnd.cyclonedx+json", "application/vnd.in-toto+json", "application/vnd.kiln.reasons.v1+json"])


if __name__ == "__main__":
    run_cases(globals())
