#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""own_test.py: the user's own application beside the recipe: its programs, scripts and libraries have their needs met like a package's."""
import os

from images import Bench, compile_c, naming, read_layout
from tap import contains, equal, run_cases, write
from world import ERROR, World


def put(directory, files):
    """Make @files (path -> bytes, or (bytes, mode)) below @directory."""
    for path, content in files.items():
        content, mode = content if isinstance(content, tuple) else (content, 0o644)
        full = os.path.join(directory, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(content)
        os.chmod(full, mode)


def libraries(directory):
    """A library of a package, one that nobody needs, one of the application, and its program that needs the first and the third by $ORIGIN."""
    flags = ("-nostdlib", "-shared", "-fPIC")
    made = {name: compile_c(directory, f"int {name}(void) {{ return 1; }}\n", *flags, f"-Wl,-soname,lib{name}.so.1", output=f"lib{name}.so.1") for name in ("packaged", "idle", "own")}
    program = compile_c(directory, "int packaged(void);\nint own(void);\nvoid _start(void) { packaged(); own(); }\n", "-nostdlib", "-Wl,-rpath,$ORIGIN/../lib", "-Wl,--dynamic-linker=/lib/ld-test.so",
                        "-L.", "-l:libpackaged.so.1", "-l:libown.so.1", output="server")
    return made, program


def loader(directory):
    return compile_c(directory, "void _start(void) {}\n", "-nostdlib", "-shared", "-fPIC", output="loader"), 0o755


def test_a_program_with_libraries_of_packages_and_its_own(directory):
    made, program = libraries(directory)
    bench = Bench(directory)
    bench.add("loader", {"usr/lib/ld-test.so": loader(directory)})
    bench.add("libs", {"usr/lib/libpackaged.so.1": made["packaged"], "usr/lib/libidle.so.1": made["idle"], "usr/bin/tool": naming(directory)}, depends="loader")
    put(directory, {"app/bin/server": (program, 0o755), "app/lib/libown.so.1": made["own"], "app/share/page.html": b"<p>\n"})
    bench.build("libs", "entrypoint: [/opt/app/bin/server]\nprograms: [/opt/app/bin/server]\nfiles: [{path: /opt/app, source: app}]\n")
    bench.has("opt/app/bin/server", "opt/app/lib/libown.so.1", "opt/app/share/page.html", "usr/lib/libpackaged.so.1", "usr/lib/ld-test.so")
    bench.lacks("usr/lib/libidle.so.1", "usr/bin/tool")
    equal((bench.files["opt/app/bin/server"].mode & 0o7777, bench.files["opt/app/share/page.html"].mode & 0o7777), (0o755, 0o644))
    bench.run("why", "oci:out:app", "/usr/lib/libpackaged.so.1")
    contains(bench.output, "/opt/app/bin/server: its DT_NEEDED libpackaged.so.1")


def test_a_library_that_nothing_brings_is_named_with_its_package(directory):
    world = World(directory)
    made, program = libraries(directory)
    world.archive.stanzas, world.archive.contents = list(world.archive.stanzas), list(world.archive.contents)
    world.archive.add("loader", files={"usr/lib/ld-test.so": loader(directory)})
    world.archive.add("libpackaged1", files={"usr/lib/libpackaged.so.1": made["packaged"]})
    world.archive.publish(by_hash=False)
    put(directory, {"app/bin/server": (program, 0o755), "app/lib/libown.so.1": made["own"]})
    more = "entrypoint: [/app/bin/server]\nfiles: [{path: /app, source: app}]\n"
    world.write_recipe(more, packages="loader")
    world.bad(["build", "-o", "oci:" + os.path.join(directory, "out")], ERROR, "unsatisfiable", "/app/bin/server needs libpackaged.so.1", "libpackaged.so.1 is in package libpackaged1", '"packages"')
    world.write_recipe(more, packages="loader, libpackaged1")
    world.good("build", "-o", "oci:" + os.path.join(directory, "out"))
    world.close()


def test_what_a_directory_brings_besides_is_told_and_can_be_accepted(directory):
    made, _ = libraries(directory)
    plugin = compile_c(directory, "int own(void);\nint plugin(void) { return own(); }\n", "-nostdlib", "-shared", "-fPIC", "-L.", "-l:libown.so.1", output="plugin")
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory)})
    put(directory, {"tree/plugin.so": plugin, "tree/run.sh": (b"#!/bin/sh\n", 0o755), "tree/tool.pl": (b"#!/usr/bin/perl\n", 0o755), "tree/notes.py": b"#!/usr/bin/python3\n"})
    more = "entrypoint: [/usr/bin/app]\nfiles: [{path: /srv, source: tree}]\n"
    bench.build("app", more)
    for path, need in (("plugin.so", "libown.so.1"), ("run.sh", "/bin/sh"), ("tool.pl", "/usr/bin/perl")):
        contains(bench.output, f"/srv/{path} needs {need}")
        contains(bench.output, f'accept: ["missing:/srv/{path}:{need}"]')
    assert "notes.py" not in bench.output
    bench.build("app", more + 'accept: ["missing:/srv/plugin.so:libown.so.1", "missing:/srv/run.sh:/bin/sh", "missing:/srv/tool.pl:/usr/bin/perl"]\n')
    assert "needs" not in bench.output, bench.output
    bench.refuse("app", more.replace("/usr/bin/app", "/srv/plugin.so"), "/srv/plugin.so needs libown.so.1")


def test_scripts_by_env_and_by_path(directory):
    bench = Bench(directory)
    bench.add("python", {"usr/bin/python3": naming(directory), "usr/lib/python3/os.py": b"x\n"})
    bench.add("coreutils", {"usr/bin/env": naming(directory), "usr/bin/ls": naming(directory)})
    for number, first in enumerate(("#!/usr/bin/env python3", "#!/usr/bin/env -S python3 -u", "#!/usr/bin/env -S -u NAME A=b python3", "#! /usr/bin/python3 -I")):
        put(directory, {"main.py": (first.encode() + b"\nprint(1)\n", 0o755)})
        bench.build("python", "entrypoint: [/app/main.py]\nfiles: [{path: /app/main.py, source: main.py}]\n")
        bench.has("app/main.py", "usr/bin/python3", "usr/lib/python3/os.py")
        equal("usr/bin/env" in bench.files, number < 3)
        bench.lacks("usr/bin/ls")


def test_a_script_whose_interpreter_is_not_there(directory):
    bench = Bench(directory)
    bench.add("shell", {"usr/bin/dash": naming(directory)}, postinst="#!/bin/sh\nln -s dash /usr/bin/sh\n")
    put(directory, {"main.rb": (b"#!/usr/bin/ruby\n", 0o755), "start": (b"#!/bin/sh\nexec app\n", 0o755)})
    bench.refuse("shell", "entrypoint: [/app/main.rb]\nfiles: [{path: /app/main.rb, source: main.rb}]\n", "/app/main.rb needs /usr/bin/ruby")
    more = "entrypoint: [/app/start]\nfiles: [{path: /app/start, source: start}]\n"
    bench.refuse("shell", more, "/app/start needs /bin/sh", "shell: true")
    bench.build("shell", more + "shell: true\n")
    bench.has("usr/bin/sh", "usr/bin/dash")


def test_an_application_of_many_files_and_its_links(directory):
    bench = Bench(directory)
    bench.add("node", {"usr/bin/node": naming(directory)})
    put(directory, {"app/server.js": b"x\n", "app/package.json": b"{}\n", "app/node_modules/express/index.js": b"x\n", "app/node_modules/express/bin/cli.js": (b"#!/usr/bin/node\n", 0o755)})
    os.makedirs(os.path.join(directory, "app/node_modules/.bin"))
    os.symlink("../express/bin/cli.js", os.path.join(directory, "app/node_modules/.bin/express"))
    os.symlink("/usr/bin/node", os.path.join(directory, "app/node"))
    os.symlink("/run/app.sock", os.path.join(directory, "app/socket"))
    more = "entrypoint: [/usr/bin/node, /app/server.js]\nfiles: [{path: /app, source: app, owner: nonroot}]\n"
    bench.build("node", more)
    bench.has("app/server.js", "app/package.json", "app/node_modules/express/index.js")
    equal((bench.files["app/node_modules/.bin/express"].target, bench.files["app/node"].target), ("../express/bin/cli.js", "/usr/bin/node"))
    equal(bench.files["app/server.js"].owner, (65532, 65532))
    assert "warning" not in bench.output, bench.output
    os.symlink("/etc/no-such", os.path.join(directory, "app/broken"))
    bench.build("node", more)
    contains(bench.output, "/app/broken is a link to /etc/no-such, which the image does not have")
    bench.build("node", more + "accept: [link:/app/broken]\n")
    assert "warning" not in bench.output, bench.output


def test_links_that_lead_out_of_the_directory_are_refused(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory)})
    write(directory, {"secret": "secret\n", "app/data/page": "x\n", "application/x": "x\n"})
    more = "entrypoint: [/usr/bin/app]\nfiles: [{path: /srv/app, source: app}]\n"
    link = os.path.join(directory, "app/data/link")
    for target in ("../../secret", "../../../../../etc/passwd", "..//../application/x", "../data/../../app2", "../.."):
        os.symlink(target, link)
        bench.refuse("app", more, "error (denied)", "link", target, "leads out of the directory")
        os.unlink(link)
    for target in ("page", "../data/page", "..", "../data/../data/page"):
        os.symlink(target, link)
        bench.build("app", more)
        equal(bench.files["srv/app/data/link"].target, target)
        os.unlink(link)


def test_static_programs_bring_nothing(directory):
    bench = Bench(directory)
    bench.add("data", {"usr/share/data": b"x\n"}, depends="libc6")
    bench.add("libc6", {"usr/lib/libc.so.6": naming(directory), "etc/ld.so.conf": b""})
    put(directory, {"server": (naming(directory, "/etc/hosts")[0], 0o755)})
    bench.build("data", "entrypoint: [/server]\nfiles: [{path: /server, source: server}]\n")
    equal([path for path in bench.files if "ld.so" in path or ".so." in path], [])
    equal(bench.config["config"]["Entrypoint"], ["/server"])


def test_a_program_for_another_processor(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory)})
    program = bytearray(naming(directory)[0])
    program[18:20] = b"\x08\x00"  # e_machine: MIPS
    put(directory, {"server": (bytes(program), 0o755), "tree/mips/addon.node": bytes(program)})
    bench.refuse("app", "entrypoint: [/server]\nfiles: [{path: /server, source: server}]\n", "/server needs another processor", "the image is for linux/")
    bench.build("app", "entrypoint: [/usr/bin/app]\nfiles: [{path: /tree, source: tree}]\n")
    bench.has("tree/mips/addon.node")


def test_configuration_that_names_plugins(directory):
    library = compile_c(directory, "int x;\n", "-nostdlib", "-shared", "-fPIC", output="library")
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory)}, depends="plugins")
    bench.add("plugins", {"usr/libexec/app/one.so": library, "usr/libexec/app/two.so": library, "usr/bin/plugins": naming(directory)})
    write(directory, {"app.conf": "# plugins\nload /usr/libexec/app/one.so;\n"})
    bench.build("app", "entrypoint: [/usr/bin/app]\nfiles: [{path: /etc/app.conf, source: app.conf}]\n")
    bench.has("usr/libexec/app/one.so")
    bench.lacks("usr/libexec/app/two.so", "usr/bin/plugins")


def test_two_images_share_what_a_base_says(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory), "usr/bin/other": naming(directory, "/etc/hosts")})
    write(directory, {"base.yaml": "name: base\narchive: here\narchives: [{id: here, directory: debs, trusted: true}]\npackages: [app]\nprograms: [/usr/bin/app]\nenv: {A: one, B: two}\nentrypoint: [/usr/bin/app]\n",
                      "app.yaml": "from: base.yaml\nname: app\nprograms: [/usr/bin/other]\nenv: {B: three}\nfiles: [{path: /srv/x, content: x}]\n"})
    for name in ("base", "app"):
        equal(bench.run("--offline", "build", "-o", f"oci:out:{name}", f"{name}.yaml"), 0)
    (config, base), (_, own) = (read_layout(os.path.join(directory, "out"), name) for name in ("app", "base"))
    equal(("usr/bin/other" in own, "srv/x" in own, "usr/bin/other" in base, base["srv/x"].text), (False, False, True, "x"))
    contains(" ".join(config["config"]["Env"]), "A=one B=three")


if __name__ == "__main__":
    run_cases(globals())
