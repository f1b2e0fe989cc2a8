#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""effects_test.py: what maintainer scripts do to files is in the image, and the tools that would do it judge where they are here."""
import glob
import os
import re
import shutil
import stat
import subprocess

from images import Bench, naming
from tap import Skip, contains, equal, run_cases

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../src/build")
ENTRY = "entrypoint: [/usr/bin/app]\n"


def script(*lines):
    return "#!/bin/sh\nset -e\n" + "\n".join(lines) + "\n"


def app(directory, files=None, more="", depends="", **scripts):
    """The image of a package app with @files and @scripts."""
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory), **(files or {})}, depends, **scripts)
    bench.build("app", ENTRY + more)
    return bench


def test_directories_keep_their_mode_unless_install_changes_it(directory):
    bench = app(directory, {"var/lib/app/one/.keep": b"", "var/lib/app/two/.keep": b""}, postinst=script(
        "mkdir -p -m 0700 /var/lib/app/one /var/lib/app/new", "install -d -m 0750 -o www-data -g 33 /var/lib/app/two"),
        more="users: {www-data: 33}\n")
    equal([stat.S_IMODE(bench.files[f"var/lib/app/{name}"].mode) for name in ("one", "two", "new")], [0o755, 0o750, 0o700])
    equal([bench.files[f"var/lib/app/{name}"].owner for name in ("one", "two")], [(0, 0), (33, 33)])


def test_owners_and_modes(directory):
    names = ["etc/app/a.key", "etc/app/b.key", "etc/app/c.conf", "etc/app/sub/d.key"]
    bench = app(directory, {name: b"x\n" for name in names}, more="users: {app: 999}\n", postinst=script(
        "chmod 0600 /etc/app/*.key", "chmod u+x,go-r /etc/app/c.conf", "chown :app /etc/app/c.conf", "chown -R app:app /etc/app/sub", "chmod -R g=u /etc/app/sub"))
    equal([stat.S_IMODE(bench.files[name].mode) for name in names], [0o600, 0o600, 0o700, 0o664])
    equal([bench.files[name].owner for name in names], [(0, 0), (0, 0), (0, 999), (999, 999)])
    equal(stat.S_IMODE(bench.files["etc/app/sub"].mode), 0o775)


def test_symbolic_modes_as_chmod_makes_them(directory):
    changes = ["u+s", "-x", "+w", "a=rX", "go=", "u=rwx,g=u-w,o=", "o+t", "+t", "g+s", "=r", "u-w+x", "a+X", "o=g"]
    lines, files = [], {}
    for number, change in enumerate(changes):
        for mode in (0o644, 0o4751):
            name = f"usr/share/app/{number}-{mode:o}"
            files[name] = (b"x\n", mode)
            lines.append(f"chmod {change} /{name}")
            with open(os.path.join(directory, os.path.basename(name)), "w", encoding="ascii"):
                os.chmod(os.path.join(directory, os.path.basename(name)), mode)
                subprocess.run(["sh", "-c", f"umask 022; chmod {change} {os.path.basename(name)} 2>/dev/null"], cwd=directory, check=False)
    bench = app(directory, files, more="keep: [/usr/share/app/**]\n", postinst=script(*lines))
    for name in files:
        judged = stat.S_IMODE(os.stat(os.path.join(directory, os.path.basename(name))).st_mode)
        assert bench.files[name].mode & 0o7777 == judged & ~0o002, f"{changes[int(os.path.basename(name).split('-')[0])]} on {name}: {bench.files[name].mode:o}, chmod says {judged:o}"


def test_copies_moves_and_hard_links(directory):
    bench = app(directory, {"usr/share/app/default": b"default\n", "etc/app.conf": b"old\n", "usr/share/app/tree/a/b": b"b\n", "usr/share/app/tree/c": b"c\n", "etc/moved": b"m\n",
                            "etc/app.d/README": b"r\n"}, postinst=script(
        "cp /usr/share/app/default /etc/app.conf", "cp -r /usr/share/app/tree /etc/tree", "mv /etc/moved /etc/there", "ln /usr/share/app/default /etc/hard",
        "ln -s app.conf /etc/soft", "cp /usr/share/app/default /etc/app.d", "install -m 0640 /usr/share/app/default /etc/installed"))
    for path, text in {"etc/app.conf": "default\n", "etc/tree/a/b": "b\n", "etc/tree/c": "c\n", "etc/there": "m\n", "etc/hard": "default\n", "etc/app.d/default": "default\n"}.items():
        equal(bench.files[path].text, text)
    equal(bench.files["etc/soft"].target, "app.conf")
    equal(stat.S_IMODE(bench.files["etc/installed"].mode), 0o640)
    bench.lacks("etc/moved")


def test_texts_that_scripts_write(directory):
    bench = app(directory, {"etc/list": b"one\n", "etc/full": b"full\n"}, postinst=script(
        "echo two >>/etc/list", "echo three >>/etc/list", "touch /etc/full /etc/empty", "echo new >/etc/made", "umask 077", "echo secret >/etc/secret"))
    equal([bench.files[f"etc/{name}"].text for name in ("list", "full", "empty", "made")], ["one\ntwo\nthree\n", "full\n", "", "new\n"])
    equal(stat.S_IMODE(bench.files["etc/secret"].mode), 0o600)


def test_removals(directory):
    files = {"etc/gone": b"", "etc/tree/a/b": b"", "etc/maybe": b"", "etc/kept": b"", "etc/own": b"", "etc/flags/x.flag": b"", "etc/flags/y": b""}
    scripts = {"preinst": script("rm -f /etc/own"), "postinst": script("rm -f /etc/gone /etc/kept", "rm -rf /etc/tree", "if test -n \"$(cat /proc/version)\"; then rm -f /etc/maybe; fi", "rm -f /etc/flags/*.flag")}
    bench = app(directory, files, more="keep: [/etc/kept]\n", **scripts)
    bench.has("etc/maybe", "etc/kept", "etc/own", "etc/flags/y")
    bench.lacks("etc/gone", "etc/tree", "etc/flags/x.flag")
    bench.run("why", "oci:out:app", "/etc/gone")
    contains(bench.output, "a maintainer script removes it")


def test_the_recipe_has_the_last_word(directory):
    bench = app(directory, {"usr/share/app/default": b"default\n"}, more="files: [{path: /etc/app.conf, content: mine, mode: 0640}]\n",
                postinst=script("cp /usr/share/app/default /etc/app.conf", "chmod 0777 /etc/app.conf", "echo more >>/etc/app.conf", "rm -f /etc/app.conf"))
    equal(bench.files["etc/app.conf"].text, "mine")
    equal(stat.S_IMODE(bench.files["etc/app.conf"].mode), 0o640)


def test_alternatives(directory):
    def install(*words):
        return "update-alternatives --install " + " ".join(words)
    bench = Bench(directory)
    tools = {f"usr/share/tools/{name}": name.encode() for name in ("low", "high", "low.help", "high.help", "first", "second")}
    bench.add("app", {"usr/bin/app": naming(directory), **tools}, postinst=script(
        install("/usr/share/tool tool /usr/share/tools/low 10 --slave /usr/share/tool.help tool.help /usr/share/tools/low.help"),
        install("/usr/share/tool tool /usr/share/tools/high 20 --slave /usr/share/tool.help tool.help /usr/share/tools/high.help"),
        install("/usr/share/tool tool /usr/share/tools/missing 99"),
        install("/usr/share/pick pick /usr/share/tools/first 50"), install("/usr/share/pick pick /usr/share/tools/second 1"),
        "update-alternatives --set pick /usr/share/tools/second"))
    bench.build("app", ENTRY)
    equal([bench.files[f"usr/share/{name}"].target for name in ("tool", "tool.help", "pick")], ["/usr/share/tools/high", "/usr/share/tools/high.help", "/usr/share/tools/second"])


def test_capabilities_stay_out_unless_they_are_asked_for(directory):
    texts = ["cap_net_raw+ep", "cap_net_bind_service,cap_net_admin=eip", "cap_chown=p", "cap_sys_admin+eip cap_bpf=eip", "all=i", "CAP_CHECKPOINT_RESTORE=ep", "cap_kill+ep cap_kill-e"]
    files = {f"usr/share/tools/{number}": naming(directory) for number in range(len(texts))}
    lines = [f"setcap '{text}' /usr/share/tools/{number}" for number, text in enumerate(texts)]
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory), **files}, postinst=script(*lines, "setcap cap_kill+ep /usr/share/tools/0", "setcap cap_net_raw+ep /usr/share/tools/0"))
    bench.build("app", ENTRY)
    contains(bench.output, "comes without the file capability cap_net_raw+ep")
    for name in files:
        equal(bench.files[name].header.pax_headers, {})
    bench.build("app", ENTRY + "keep: [/usr/share/tools/*]\n")
    attribute = "SCHILY.xattr.security.capability"
    values = [bench.files[name].header.pax_headers[attribute].encode("utf-8", "surrogateescape") for name in files]
    equal(len(set(values)), len(texts))
    if not shutil.which("setcap") or os.getuid() != 0:
        raise Skip("only root's setcap can judge the values")
    for text, value in zip(texts, values):
        path = os.path.join(directory, "judge")
        with open(path, "wb"):
            pass
        subprocess.run(["setcap", text, path], check=True)
        equal(value, os.getxattr(path, "security.capability"))
        os.unlink(path)


def test_a_wrong_capability_is_told(directory):
    bench = app(directory, postinst=script("setcap cap_nonsense+ep /usr/bin/app"))
    contains(bench.output, '"cap_nonsense+ep" is no set of capabilities')
    contains(bench.output, "script:app")


def test_php_modules(directory):
    bench = Bench(directory)
    bench.add("php", {"usr/sbin/php-fpm": naming(directory), "usr/lib/php/8.4/sapi/fpm": b"", "usr/lib/php/8.4/sapi/cli": b"", "usr/share/php/late.ini": b"; configuration\n; priority=30\nextension=late.so\n",
                      "usr/share/php/plain.ini": b"extension=plain.so\n", "usr/share/php/off.ini": b"extension=off.so\n"}, postinst=script(
        *(f"ucf /usr/share/php/{name}.ini /etc/php/8.4/mods-available/{name}.ini" for name in ("late", "plain", "off")),
        "phpenmod -v 8.4 -s ALL late", "phpenmod -v 8.4 -s fpm plain", "phpenmod -v 8.4 absent"))
    bench.build("php", "entrypoint: [/usr/sbin/php-fpm]\n")
    links = {path: file.target for path, file in bench.files.items() if "conf.d/" in path}
    equal(links, {"etc/php/8.4/cli/conf.d/30-late.ini": "/etc/php/8.4/mods-available/late.ini", "etc/php/8.4/fpm/conf.d/30-late.ini": "/etc/php/8.4/mods-available/late.ini",
                  "etc/php/8.4/fpm/conf.d/20-plain.ini": "/etc/php/8.4/mods-available/plain.ini"})


def test_apache_and_lighttpd_modules(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/bin/app": naming(directory), **{f"etc/apache2/mods-available/{name}": text for name, text in {
        "ssl.load": b"# Depends: mime setenvif\nLoadModule ssl\n", "ssl.conf": b"", "mime.load": b"", "setenvif.load": b"# Depends: ssl\n", "off.load": b""}.items()},
        "etc/apache2/conf-available/security.conf": b"", "etc/apache2/sites-available/000-default.conf": b"",
        "etc/lighttpd/conf-available/10-fastcgi.conf": b"", "etc/lighttpd/conf-available/15-php.conf": b"# -*- depends: fastcgi -*-\n", "etc/lighttpd/conf-available/05-auth.conf": b""},
        postinst=script("a2enmod -q ssl", "a2enconf security", "a2ensite 000-default", "lighty-enable-mod php"))
    bench.build("app", ENTRY)
    links = {path: file.target for path, file in bench.files.items() if "-enabled/" in path}
    equal(links, {"etc/apache2/mods-enabled/ssl.load": "../mods-available/ssl.load", "etc/apache2/mods-enabled/ssl.conf": "../mods-available/ssl.conf",
                  "etc/apache2/mods-enabled/mime.load": "../mods-available/mime.load", "etc/apache2/mods-enabled/setenvif.load": "../mods-available/setenvif.load",
                  "etc/apache2/conf-enabled/security.conf": "../conf-available/security.conf", "etc/apache2/sites-enabled/000-default.conf": "../sites-available/000-default.conf",
                  "etc/lighttpd/conf-enabled/15-php.conf": "../conf-available/15-php.conf", "etc/lighttpd/conf-enabled/10-fastcgi.conf": "../conf-available/10-fastcgi.conf"})


def test_pam_configuration_as_this_host_has_it(directory):
    profiles, templates = glob.glob("/usr/share/pam-configs/*"), glob.glob("/usr/share/pam/common-*[a-z]")
    templates = [path for path in templates if not path.endswith(".md5sums")]
    if not profiles or len(templates) != 5 or not os.path.exists("/var/lib/pam/seen"):
        raise Skip("this host has no configuration of pam-auth-update")
    files = {}
    for path in profiles + templates:
        with open(path, "rb") as file:
            files[path.lstrip("/")] = file.read()
    bench = app(directory, files, postinst=script("pam-auth-update --package"), more="keep: [/etc/pam.d/*]\n")
    for path in templates:
        with open(os.path.join("/etc/pam.d", os.path.basename(path)), encoding="utf-8") as file:
            equal(bench.files["etc/pam.d/" + os.path.basename(path)].text, file.read())


def test_pam_profiles_by_priority_conflict_and_default(directory):
    template = "# top\n# here are the per-package modules (the \"Primary\" block)\n$x\n# here's the fallback if no module succeeds\n" \
               "# and here are more per-package modules (the \"Additional\" block)\n# end of pam-auth-update config\n"
    profiles = {"unix": "Name: Unix\nDefault: yes\nPriority: 256\nAuth-Type: Primary\nAuth:\n\t[success=end default=ignore]\tpam_unix.so try_first_pass\nAuth-Initial:\n\t[success=end default=ignore]\tpam_unix.so\n",
                "krb5": "Name: Kerberos\nDefault: yes\nPriority: 704\nConflicts: ldap\nAuth-Type: Primary\nAuth-Final:\n\t[success=end default=ignore]\tpam_krb5.so  minimum_uid=1000\n",
                "ldap": "Name: LDAP\nDefault: yes\nPriority: 128\nAuth-Type: Primary\nAuth:\n\trequired\tpam_ldap.so\n",
                "off": "Name: Off\nDefault: no\nPriority: 900\nAuth-Type: Primary\nAuth:\n\trequired\tpam_off.so\n",
                "cap": "Name: Capabilities\nDefault: yes\nPriority: 0\nAuth-Type: Additional\nAuth:\n\toptional\tpam_cap.so\n"}
    files = {f"usr/share/pam-configs/{name}": text.encode() for name, text in profiles.items()}
    files |= {f"usr/share/pam/common-{name}": template.encode() for name in ("auth", "session")}
    bench = app(directory, files, postinst=script("pam-auth-update --package"), more="keep: [/etc/pam.d/*]\n")
    lines = [line for line in bench.files["etc/pam.d/common-auth"].text.splitlines() if not line.startswith("#")]
    equal(lines, ["auth\t[success=2 default=ignore]\tpam_krb5.so minimum_uid=1000", "auth\t[success=1 default=ignore]\tpam_unix.so try_first_pass", "auth\toptional\tpam_cap.so "])
    contains(bench.files["etc/pam.d/common-session"].text, "session\t[default=1]\t\t\tpam_permit.so\n")


def test_what_only_a_program_can_make_is_told(directory):
    bench = app(directory, postinst=script("glib-compile-schemas /usr/share/glib-2.0/schemas"))
    contains(bench.output, "glib-compile-schemas writes a file that only it can make")
    contains(bench.output, 'accept: ["script:app"]')


def test_overrides_declarations_and_answers(directory):
    bench = Bench(directory)
    templates = "Template: app/name\nType: string\nDefault: chosen\nDescription: name\n"
    bench.add("app", {"usr/bin/app": naming(directory), "usr/lib/sysusers.d/app.conf": b"u worker 987 \"who works\" /var/lib/app\ng helpers 986\nm worker helpers\n",
                      "usr/lib/tmpfiles.d/app.conf": b"d /run/app 0750 worker helpers -\nL /run/app/link - - - - ../target\nf /var/lib/app/state 0640 worker worker - ready\n",
                      "etc/app.conf": b"x\n"}, templates=templates, postinst=script(
        ". /usr/share/debconf/confmodule", "systemd-sysusers app.conf", "systemd-tmpfiles --create app.conf", "db_get app/name", 'echo "name = $RET" >/etc/app.name',
        "if ! dpkg-statoverride --list /etc/app.conf >/dev/null; then dpkg-statoverride --update --add root helpers 0640 /etc/app.conf; fi"))
    bench.build("app", ENTRY)
    equal((bench.files["etc/app.conf"].mode & 0o7777, bench.files["etc/app.conf"].owner), (0o640, (0, 986)))
    equal((bench.files["run/app"].mode & 0o7777, bench.files["run/app"].owner), (0o750, (987, 986)))
    equal((bench.files["var/lib/app/state"].text.strip(), bench.files["var/lib/app/state"].mode & 0o7777), ("ready", 0o640))
    equal(bench.files["etc/app.name"].text, "name = chosen\n")
    contains(bench.files["etc/group"].text, "helpers:x:986:worker")
    bench.lacks("usr/lib/sysusers.d", "usr/lib/tmpfiles.d")
    assert "warning" not in bench.output, bench.output


def test_every_trigger_that_scripts_can_pull_has_a_row(directory):
    texts = {}
    for name in ("script_packaging", "shell_query", "effects_trigger"):
        with open(os.path.join(SOURCES, name + ".c"), encoding="utf-8") as file:
            texts[name] = file.read()
    pulled = set(re.findall(r'\{ "([a-z-]+)", run_trigger \}', texts["script_packaging"]))
    pulled |= set(re.findall(r'add_trigger\(shell, "([a-z-]+)"\)', texts["script_packaging"])) | set(re.findall(r'run_units\(shell, "([a-z-]+)"', texts["script_packaging"]))
    pulled |= set(re.findall(r'\{ "[a-z-]+", "([a-z-]+)" \}', texts["script_packaging"])) | set(re.findall(r'name = g_strdup\("([a-z-]+)"\)', texts["shell_query"]))
    rows = set(re.findall(r'\{ "([a-z-]+)", (?:TRUE|FALSE), \w+ \}', texts["effects_trigger"]))
    equal((len(rows) > 8, rows), (True, pulled))


def test_accounts_have_no_login_shell(directory):
    bench = app(directory, postinst=script("adduser --system --group --home /var/lib/app --shell /bin/bash --no-create-home app"))
    line = [line for line in bench.files["etc/passwd"].text.splitlines() if line.startswith("app:")][0]
    equal(line.split(":")[5:], ["/var/lib/app", "/usr/sbin/nologin"])


def test_a_second_root_and_forged_lines_are_no_accounts(directory):
    bench = Bench(directory)
    bench.add("app", {"usr/lib/sysusers.d/app.conf": b"u toor 0 - /\nu forged:x:0:0::/:/x 700 - /\n"},
              postinst="#!/bin/sh\nuseradd -o -u 0 evil\nuseradd -r -d '/h:/bin/y' split\nuseradd -r 'b:x:0:0::/:/z'\ngroupadd -g 0 wheel\nadduser --system --group fine\n")
    bench.build("app")
    equal(sorted(line.split(":")[0] for line in bench.files["etc/passwd"].text.splitlines()), ["fine", "nobody", "nonroot", "root"])
    equal([line for line in bench.files["etc/passwd"].text.splitlines() + bench.files["etc/group"].text.splitlines() if line.split(":")[2] == "0" and not line.startswith("root:")], [])
    contains(bench.output, "root under another name")
    contains(bench.output, "script:app")


if __name__ == "__main__":
    run_cases(globals())
