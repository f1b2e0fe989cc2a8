#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""reject_test.py: what a build refuses: recipes and packages that lie, escape, explode or contradict each other."""
import gzip
import hashlib
import io
import json
import lzma
import os
import shutil
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../source"))
from world import ERROR, UNTRUSTED, World  # noqa: E402 - its folder had to be named first
from archive import architecture  # noqa: E402
from images import Bench  # noqa: E402
from tap import Skip, contains, equal, run_cases, write  # noqa: E402


def entry(path, content=b"", kind=tarfile.REGTYPE, **fields):
    """One member of a tar; @path is written as it stands."""
    info = tarfile.TarInfo(path)
    info.size, info.type, info.mode = len(content), kind, 0o644
    for name, value in fields.items():
        setattr(info, name, value)
    return info, content


def tar(*entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for info, content in entries:
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def ar(*members):
    out = b"!<arch>\n"
    for name, content in members:
        out += f"{name:16}{0:<12}{0:<6}{0:<6}{'100644':8}{len(content):<10}`\n".encode() + content + b"\n" * (len(content) % 2)
    return out


def control(name="bad", **fields):
    lines = {"Package": name, "Version": "1.0-1", "Architecture": architecture(), "Maintainer": "Test <test@example.org>", **fields,
             "Description": "made for a test"}
    return "".join(f"{key.replace('_', '-')}: {value}\n" for key, value in lines.items())


MAGIC = ("debian-binary", b"2.0\n")


def control_member(**fields):
    return "control.tar.gz", gzip.compress(tar(entry("./control", control(**fields).encode())), mtime=0)


def deb(*entries, data=None, member="data.tar.gz", **fields):
    """A .deb whose data.tar holds @entries, or is @data."""
    return ar(MAGIC, control_member(**fields), (member, gzip.compress(tar(*entries), mtime=0) if data is None else data))


def add(world, content, name="bad", **fields):
    """Put a package of these bytes into the signed archive: whoever signs it can be careless, too."""
    path = f"pool/{name}_1.0-1_{architecture()}.deb"
    with open(os.path.join(world.archive.root, path), "wb") as file:
        file.write(content)
    world.archive.stanzas = [*world.archive.stanzas, f"{control(name, **fields)}Filename: {path}\nSize: {len(content)}\n"
                                                     f"SHA256: {hashlib.sha256(content).hexdigest()}\n"]


EMPTY_LAYOUT = {"oci-layout", "index.json", ".kiln-lock"}


def tree(top):
    """path -> digest of every file below @top; a layout that names no image counts as nothing."""
    found = {}
    for where, _, names in os.walk(top):
        for name in names:
            with open(os.path.join(where, name), "rb") as file:
                found[os.path.relpath(os.path.join(where, name), top)] = hashlib.sha256(file.read()).hexdigest()
    if set(found) <= EMPTY_LAYOUT and "index.json" in found:
        with open(os.path.join(top, "index.json"), encoding="utf-8") as file:
            equal(json.load(file)["manifests"], [])
        return {}
    return found


def refused(world, code, kind, *parts, words=()):
    """The build fails as said; an image that was there stays as it is, and nothing half done lies about."""
    out, images = os.path.join(world.directory, "out"), os.path.join(world.store, "images")
    before = tree(out), tree(images)
    output = world.bad([*words, "build", "-o", f"oci:{out}:app"], code, kind, *parts)
    equal((tree(out), tree(images)), before)
    world.no_lock()
    for top in (world.store, os.path.join(world.directory, "cache"), out):
        left = [path for path in tree(top) if os.path.basename(path).startswith(".kiln-new-")]
        equal(left, [])
    return output


def package_refused(directory, content, code, kind, *parts, **fields):
    """An image that was built before, then a recipe that wants the package of these bytes."""
    world = World(directory)
    output = "oci:" + os.path.join(directory, "out") + ":app"
    add(world, content, **fields)
    world.archive.publish()
    world.good("build", "-o", output)
    world.write_recipe(packages="hello, bad")
    refused(world, code, kind, "bad", *parts, *([] if kind == "unsatisfiable" else ['"exclude"']))
    world.write_recipe()
    world.good("build", "-o", output)
    world.close()


LINK, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE
GOOD_FILE = entry("./usr/share/bad/file", b"text\n")
PACKAGES = {
    "parent_path": ("denied", ["../../etc/passwd"], deb(entry("./usr/../../../etc/passwd", b"x"))),
    "path_that_only_climbs": ("denied", [".."], deb(entry("..", kind=tarfile.DIRTYPE))),
    "path_through_its_own_symlink": ("denied", ["usr/out/cron", "symlink"], deb(entry("./usr/out", kind=LINK, linkname="/etc"), entry("./usr/out/cron", b"x"))),
    "hard_link_outside": ("denied", ["/usr/share/bad/link", "absolute"], deb(GOOD_FILE, entry("./usr/share/bad/link", kind=HARD, linkname="/etc/shadow"))),
    "absolute_path": ("denied", ['"/etc/cron.d/bad"', "absolute"], deb(entry("/etc/cron.d/bad", b"x"))),
    "hard_link_to_another_package": ("denied", ["usr/share/bad/link", "usr/share/hello/text"],
                                     deb(entry("./usr/share/bad/link", kind=HARD, linkname="./usr/share/hello/text"))),
    "hard_link_that_climbs": ("denied", ["../../etc/shadow"], deb(GOOD_FILE, entry("./usr/share/bad/link", kind=HARD, linkname="../../etc/shadow"))),
    "hard_link_to_a_later_file": ("denied", ["usr/share/bad/link"], deb(entry("./usr/share/bad/link", kind=HARD, linkname="./usr/share/bad/file"), GOOD_FILE)),
    "block_device": ("denied", ["usr/share/bad/sda", "device"], deb(entry("./usr/share/bad/sda", kind=tarfile.BLKTYPE, devmajor=8))),
    "character_device": ("denied", ["usr/share/bad/mem", "device"], deb(entry("./usr/share/bad/mem", kind=tarfile.CHRTYPE, devmajor=1))),
    "named_pipe": ("denied", ["usr/share/bad/pipe", "named pipe"], deb(entry("./usr/share/bad/pipe", kind=tarfile.FIFOTYPE))),
    "one_path_twice": ("syntax", ["usr/share/bad/file", "occurs twice"], deb(GOOD_FILE, GOOD_FILE)),
    "file_below_a_file": ("syntax", ["usr/share/bad/file"], deb(GOOD_FILE, entry("./usr/share/bad/file/below", b"x"))),
    "path_of_a_thousand_directories": ("limit", ["256 directories deep"], deb(entry("./" + "a/" * 1000 + "f", b"x"))),
    "no_ar": ("syntax", ["!<arch>"], b"PK\x03\x04 this is something else" * 10),
    "empty": ("syntax", ["no ar archive", "ends early"], b""),
    "ar_that_ends_early": ("syntax", ["end"], deb(GOOD_FILE)[:-40]),
    "ar_with_a_bad_size": ("syntax", ["size"], deb(GOOD_FILE).replace(b"4         `", b"x         `", 1)),
    "ar_with_a_bad_header": ("syntax", ["header"], deb(GOOD_FILE).replace(b"`\n2.0", b"!!2.0", 1)),
    "no_control": ("syntax", ["control"], ar(MAGIC, ("data.tar.gz", gzip.compress(tar(GOOD_FILE))))),
    "no_data": ("syntax", ["data.tar"], ar(MAGIC, control_member())),
    "another_format": ("unsupported", ["3.0"], ar(("debian-binary", b"3.0\n"))),
    "unknown_compression": ("unsupported", ["data.tar.lz4"], ar(MAGIC, control_member(), ("data.tar.lz4", b"x"))),
    "damaged_compression": ("syntax", ["data.tar"], deb(data=gzip.compress(tar(GOOD_FILE))[:-12] + b"damage!damag")),
    "damaged_tar": ("syntax", ["tar"], deb(data=gzip.compress(b"x" * 1024))),
    "cut_tar": ("syntax", ["tar"], deb(data=gzip.compress(tar(entry("./usr/share/bad/file", bytes(range(256)) * 40))[:3000]))),
}
for package_name, (package_kind, package_parts, package_content) in PACKAGES.items():
    globals()["test_package_with_" + package_name] = (lambda content, kind, parts: lambda directory: package_refused(directory, content, ERROR, kind, *parts))(
        package_content, package_kind, package_parts)


def test_package_that_is_a_decompression_bomb(directory):
    """xz packs zeros about 7000 : 1; the limit is 2000 : 1."""
    packed = io.BytesIO()
    info, _ = entry("./usr/share/bad/zeros")
    info.size = 1 << 30
    with lzma.open(packed, "wb", preset=0) as file:
        file.write(info.tobuf(format=tarfile.GNU_FORMAT))
        for _ in range(1 << 10):
            file.write(bytes(1 << 20))
        file.write(bytes(1024))
    package_refused(directory, deb(data=packed.getvalue(), member="data.tar.xz"), ERROR, "limit", "data.tar")


def test_packages_that_conflict(directory):
    package_refused(directory, deb(GOOD_FILE, Conflicts="hello"), ERROR, "unsatisfiable", "conflict", "hello", "stable", Conflicts="hello")


def test_package_that_needs_what_is_not_there(directory):
    package_refused(directory, deb(GOOD_FILE, Depends="nothing-has-this (>= 2)"), ERROR, "unsatisfiable", "nothing-has-this", "stable", Depends="nothing-has-this (>= 2)")


def test_two_packages_own_one_path(directory):
    package_refused(directory, deb(entry("./usr/share/hello/text", b"mine\n")), ERROR, "unsatisfiable", "/usr/share/hello/text", "hello", "exclude one")


def test_package_that_calls_itself_another(directory):
    package_refused(directory, deb(GOOD_FILE, name="other"), UNTRUSTED, "mismatch", '"Package: other"')


def test_package_of_another_version(directory):
    package_refused(directory, deb(GOOD_FILE, Version="0.9-1"), UNTRUSTED, "mismatch", '"Version: 0.9-1"', '"1.0-1"')


def test_package_for_another_architecture(directory):
    package_refused(directory, deb(GOOD_FILE, Architecture="s390x"), UNTRUSTED, "mismatch", '"Architecture: s390x"')


def test_package_that_hides_from_scanners(directory):
    """Scanners pass over a stanza that does not begin with its package, or says that nothing of it is installed."""
    expected = f"Package: bad\nStatus: install ok installed\nVersion: 1.0-1\nArchitecture: {architecture()}\nDescription: short\n long\n"
    fields = {"Package": "bad", "Version": "1.0-1", "Architecture": architecture(), "Description": "short\n long"}
    for number, (more, order, before) in enumerate([({"Status": "deinstall ok config-files"}, 1, ""), ({"status": "deinstall ok not-installed"}, 1, ""), ({}, -1, ""), ({}, 1, "\n"),
                                                    ({"X-Kiln-Content": "none"}, 1, "")]):
        where = os.path.join(directory, str(number))
        os.mkdir(where)
        made = Bench(where)
        said = [f"{name}: {value}\n" for name, value in [*{**fields, **more}.items()][::order]]
        member = "control.tar.gz", gzip.compress(tar(entry("./control", (before + "".join(said)).encode())), mtime=0)
        with open(os.path.join(where, "debs/bad.deb"), "wb") as file:
            file.write(ar(MAGIC, member, ("data.tar.gz", gzip.compress(tar(GOOD_FILE), mtime=0))))
        text = made.build("bad")["var/lib/dpkg/status.d/bad"].text
        equal(sorted(text.splitlines()), sorted(expected.splitlines()))
        equal(text.splitlines()[:2], expected.splitlines()[:2])


RECIPES = {
    "unknown_key": ("syntax", ["app.yaml:9:1", '"entrypont"', 'did you mean "entrypoint"'], "entrypont: [/x]\n"),
    "wrong_type": ("syntax", ["app.yaml:9:", '"ports"', "list"], "ports: {a: b}\n"),
    "duplicate_key": ("syntax", ["app.yaml:9:", '"packages"'], "packages: [data]\n"),
    "anchor_bomb": ("limit", ["app.yaml", "anchors"], "labels:\n  a: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"  b{n}: &a{n} [{','.join(['*a%d' % (n - 1)] * 10)}]\n" for n in range(1, 9))),
    "deep_nesting": ("limit", ["app.yaml", "deep"], "labels: " + "[" * 5000 + "]" * 5000 + "\n"),
    "missing_file": ("not-found", ["app.yaml", "gone.conf"], "files: [{path: /etc/x, source: gone.conf}]\n"),
    "device_as_file": ("denied", ["/dev/null"], "files: [{path: /etc/x, source: /dev/null}]\n"),
    "file_above_the_root": ("syntax", ["app.yaml:9:", "/../etc/x"], "files: [{path: /../etc/x, content: a}]\n"),
    "unknown_package": ("not-found", ["helo", 'did you mean "hello"', "stable"], None),
}


def recipe_refused(directory, kind, parts, more):
    world = World(directory)
    world.write_recipe(more or "", packages="hello" if more else "helo")
    refused(world, ERROR, kind, *parts)
    world.write_recipe()
    world.good("build", "-o", "oci:" + os.path.join(directory, "out"))
    world.close()


for recipe_name, (recipe_kind, recipe_parts, recipe_more) in RECIPES.items():
    globals()["test_recipe_with_" + recipe_name] = (lambda kind, parts, more: lambda directory: recipe_refused(directory, kind, parts, more))(
        recipe_kind, recipe_parts, recipe_more)


def test_recipe_of_a_hundred_megabytes(directory):
    world = World(directory)
    with open(os.path.join(directory, "app.yaml"), "ab") as file:
        for _ in range(100):
            file.write(b"# " + b"x" * 999997 + b"\n")
    refused(world, ERROR, "limit", "app.yaml", "1048576")
    world.close()


def test_recipe_that_is_a_device(directory):
    world = World(directory)
    os.unlink(os.path.join(directory, "app.yaml"))
    os.symlink("/dev/zero", os.path.join(directory, "app.yaml"))
    refused(world, ERROR, "io", "app.yaml", "special file")
    world.close()


def test_time_stamp_that_no_image_can_say(directory):
    world = World(directory)
    world.variables = {"SOURCE_DATE_EPOCH": "253402300800"}
    refused(world, ERROR, "syntax", "SOURCE_DATE_EPOCH", "9999")
    world.close()


def test_no_mirror_is_known(directory):
    """As on a host without apt."""
    if os.geteuid() != 0:
        raise Skip("hides /etc/apt with a mount of its own")
    world = World(directory)
    write(directory, {"app.yaml": "name: app\narchive: debian/trixie\npackages: [hello]\n"})
    code, text = world.kiln("build", prefix=["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /etc/apt && exec "$0" "$@"'])
    equal(code, ERROR)
    for part in ("error (not-found)", "app.yaml:2", "debian/trixie", "no mirror", '"archives"', "kiln.yaml"):
        contains(text, part)
    world.no_lock()
    world.close()


if __name__ == "__main__":
    run_cases(globals())
