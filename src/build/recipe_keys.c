/* SPDX-License-Identifier: Apache-2.0 */
/* recipe_keys.c: every key of a recipe: type, meaning, example, check. Adding a key is a row here. */
#include "build/recipe_spec.h"

#include "build/recipe_check.h"

#define MEMBER(type, name) G_STRUCT_OFFSET(type, name)

static const Spec archive_specs[] = {
	{ "id", SPEC_STRING, MEMBER(KilnRecipeArchive, id), "the archive this describes; a known one's row is overridden", "debian/trixie", .check = check_word },
	{ "mirrors", SPEC_STRINGS, MEMBER(KilnRecipeArchive, mirrors), "addresses of mirrors, tried in order", "[https://mirror.example/debian]", .check = check_mirror },
	{ "suites", SPEC_STRINGS, MEMBER(KilnRecipeArchive, suites), "suites instead of main, updates and security", "[trixie]", .check = check_word },
	{ "components", SPEC_STRINGS, MEMBER(KilnRecipeArchive, components), "components", "[main, contrib]", .check = check_word },
	{ "keyring", SPEC_PATH, MEMBER(KilnRecipeArchive, keyring), "file with the keys that may sign it", "/usr/share/keyrings/debian-archive-keyring.gpg", .check = check_beside },
	{ "snapshot", SPEC_STRING, MEMBER(KilnRecipeArchive, snapshot), "moment of a snapshot archive, YYYYMMDDTHHMMSSZ, appended to each mirror", "20260801T000000Z", .check = check_snapshot },
	{ "directory", SPEC_PATH, MEMBER(KilnRecipeArchive, directory), "a directory of .deb files beside the recipe", "debs", .check = check_beside },
	{ "trusted", SPEC_BOOLEAN, MEMBER(KilnRecipeArchive, trusted), "take the directory without signatures", "true" },
	{ NULL },
};
static const char *const archive_needs[] = { "id", NULL };
static const SpecType archive_type = { "archives", sizeof(KilnRecipeArchive), archive_specs, MEMBER(KilnRecipeArchive, place), NULL, NULL, NULL, archive_needs, NULL, "id" };

static const Spec file_specs[] = {
	{ "path", SPEC_STRING, MEMBER(KilnRecipeFile, destination), "where it goes in the image", "/etc/nginx/nginx.conf", .check = check_absolute },
	{ "source", SPEC_PATH, MEMBER(KilnRecipeFile, source), "file or directory beside the recipe", "nginx.conf", .check = check_beside },
	{ "content", SPEC_STRING, MEMBER(KilnRecipeFile, content), "the text itself", "\"hello\\n\"", .may_be_empty = TRUE },
	{ "mode", SPEC_MODE, MEMBER(KilnRecipeFile, mode), "permissions, octal", "\"0644\"" },
	{ "owner", SPEC_STRING, MEMBER(KilnRecipeFile, owner), "user[:group], by name or number; root when not given", "nonroot", .check = check_owner },
	{ NULL },
};
static const char *const file_needs[] = { "path", NULL };
static const char *const file_one_of[] = { "source", "content", NULL };
static const SpecType file_type = { "files", sizeof(KilnRecipeFile), file_specs, MEMBER(KilnRecipeFile, place), NULL, NULL, NULL, file_needs, file_one_of, "path" };

static const Spec link_specs[] = {
	{ "path", SPEC_STRING, MEMBER(KilnRecipeLink, path), "the link", "/usr/bin/app", .check = check_absolute },
	{ "target", SPEC_STRING, MEMBER(KilnRecipeLink, target), "what it points to", "/opt/app/bin/app", .check = check_beside },
	{ NULL },
};
static const char *const link_needs[] = { "path", "target", NULL };
static const SpecType link_type = { "links", sizeof(KilnRecipeLink), link_specs, MEMBER(KilnRecipeLink, place), NULL, "path", "target", link_needs, NULL, "path" };

static const Spec user_specs[] = {
	{ "name", SPEC_STRING, MEMBER(KilnRecipeAccount, name), "login name", "app", .check = check_account },
	{ "uid", SPEC_NUMBER, MEMBER(KilnRecipeAccount, id), "number", "1000", .maximum = G_MAXUINT32 - 1 },
	{ "group", SPEC_STRING, MEMBER(KilnRecipeAccount, group), "primary group; a group of the same name and number when not given", "app", .check = check_account },
	{ "home", SPEC_STRING, MEMBER(KilnRecipeAccount, home), "home directory", "/home/app", .check = check_absolute },
	{ "shell", SPEC_STRING, MEMBER(KilnRecipeAccount, shell), "login shell; /usr/sbin/nologin when not given", "/usr/sbin/nologin", .check = check_absolute },
	{ "gecos", SPEC_STRING, MEMBER(KilnRecipeAccount, gecos), "full name", "the application" },
	{ NULL },
};
static const char *const user_needs[] = { "name", "uid", NULL };
static const SpecType user_type = { "users", sizeof(KilnRecipeAccount), user_specs, MEMBER(KilnRecipeAccount, place), NULL, "name", "uid", user_needs, NULL, "name" };

static const Spec group_specs[] = {
	{ "name", SPEC_STRING, MEMBER(KilnRecipeAccount, name), "group name", "app", .check = check_account },
	{ "gid", SPEC_NUMBER, MEMBER(KilnRecipeAccount, id), "number", "1000", .maximum = G_MAXUINT32 - 1 },
	{ "members", SPEC_STRINGS, MEMBER(KilnRecipeAccount, members), "users in it besides those whose primary group it is", "[nonroot]", .check = check_account },
	{ NULL },
};
static const char *const group_needs[] = { "name", "gid", NULL };
static const SpecType group_type = { "groups", sizeof(KilnRecipeAccount), group_specs, MEMBER(KilnRecipeAccount, place), NULL, "name", "gid", group_needs, NULL, "name" };

static const char *const writable_kinds[] = { "tmpfs", "volume", NULL };
static const Spec writable_specs[] = {
	{ "path", SPEC_STRING, MEMBER(KilnRecipeWritable, path), "directory that the user may write", "/var/lib/app", .check = check_absolute },
	{ "kind", SPEC_STRING, MEMBER(KilnRecipeWritable, kind), "tmpfs (gone when it stops) or volume (kept)", "volume", writable_kinds },
	{ "mode", SPEC_MODE, MEMBER(KilnRecipeWritable, mode), "permissions, octal", "\"0700\"" },
	{ "owner", SPEC_STRING, MEMBER(KilnRecipeWritable, owner), "user[:group]; the image's user when not given", "nonroot", .check = check_owner },
	{ "size", SPEC_SIZE, MEMBER(KilnRecipeWritable, size_bytes), "limit of a tmpfs", "64 MiB", .minimum = 1 },
	{ NULL },
};
static const char *const writable_needs[] = { "path", NULL };
static const SpecType writable_type = { "writable", sizeof(KilnRecipeWritable), writable_specs, MEMBER(KilnRecipeWritable, place), "path", NULL, NULL, writable_needs, NULL, "path" };

static const char *const with_run[] = { "run", NULL }, *const with_fetch[] = { "fetch", NULL }, *const with_run_or_fetch[] = { "run", "fetch", NULL };
static const char *const with_started[] = { "run", "port", "fetch", NULL };
static const Spec test_specs[] = {
	{ "name", SPEC_STRING, MEMBER(KilnRecipeTest, name), "what the result is called", "answers" },
	{ "run", SPEC_COMMAND, MEMBER(KilnRecipeTest, run), "run this command in the image", "[/usr/sbin/nginx, -t]", .minimum = 1 },
	{ "port", SPEC_NUMBER, MEMBER(KilnRecipeTest, port), "start the image and wait until it listens", "8080", .minimum = 1, .maximum = 65535 },
	{ "fetch", SPEC_STRING, MEMBER(KilnRecipeTest, url), "start the image and fetch this address from it", "http://127.0.0.1:8080/", .check = check_url },
	{ "present", SPEC_STRING, MEMBER(KilnRecipeTest, path), "this file is in the image", "/etc/passwd", .check = check_absolute },
	{ "absent", SPEC_STRING, MEMBER(KilnRecipeTest, absent), "this file is not in the image", "/bin/sh", .check = check_absolute },
	{ "size", SPEC_SIZE, MEMBER(KilnRecipeTest, size_bytes), "the files of the image add up to at most this", "30 MB", .minimum = 1 },
	{ "beside", SPEC_BOOLEAN, MEMBER(KilnRecipeTest, beside), "run: beside the started image, as a client", "true", .with = with_run },
	{ "variant", SPEC_STRING, MEMBER(KilnRecipeTest, variant), "run: in the image of this variant, in the network of the started image", "client", .check = check_name, .with = with_run },
	{ "prepare", SPEC_BOOLEAN, MEMBER(KilnRecipeTest, prepare), "run: before the image is started, on its volumes", "true", .with = with_run },
	{ "env", SPEC_ENVIRONMENT, MEMBER(KilnRecipeTest, environment), "run: environment variables", "{PGUSER: app}", .with = with_run },
	{ "input", SPEC_STRING, MEMBER(KilnRecipeTest, input), "run: standard input", "\"SELECT 1;\"", .may_be_empty = TRUE, .with = with_run },
	{ "exit", SPEC_NUMBER, MEMBER(KilnRecipeTest, exit_status), "run: expected exit status, 0 when not given", "0", .maximum = 255, .with = with_run },
	{ "output", SPEC_STRING, MEMBER(KilnRecipeTest, output), "run, fetch: regular expression that the output matches", "\"successful\"", .check = check_regex, .with = with_run_or_fetch },
	{ "status", SPEC_NUMBER, MEMBER(KilnRecipeTest, status), "fetch: expected HTTP status, 200 when not given", "200", .minimum = 100, .maximum = 599, .with = with_fetch },
	{ "timeout", SPEC_DURATION, MEMBER(KilnRecipeTest, timeout_ms), "how long it may take, 10s when not given", "30s", .minimum = 1, .maximum = 3600000, .with = with_started },
	{ NULL },
};
static const char *const test_one_of[] = { "run", "port", "fetch", "present", "absent", "size", NULL };
static const SpecType test_type = { "tests", sizeof(KilnRecipeTest), test_specs, MEMBER(KilnRecipeTest, place), NULL, NULL, NULL, NULL, test_one_of, NULL };

static const Spec healthcheck_specs[] = {
	{ "test", SPEC_COMMAND, MEMBER(KilnRecipeHealthcheck, test), "command that exits with 0 when all is well", "[/usr/bin/app, --check]", .minimum = 1 },
	{ "interval", SPEC_DURATION, MEMBER(KilnRecipeHealthcheck, interval_ms), "time between checks", "30s", .minimum = 1 },
	{ "timeout", SPEC_DURATION, MEMBER(KilnRecipeHealthcheck, timeout_ms), "how long one may take", "5s", .minimum = 1 },
	{ "start-period", SPEC_DURATION, MEMBER(KilnRecipeHealthcheck, start_period_ms), "failures do not count before", "10s" },
	{ "retries", SPEC_NUMBER, MEMBER(KilnRecipeHealthcheck, retries), "failures in a row until it is unhealthy", "3", .minimum = 1, .maximum = 1000 },
	{ NULL },
};
static const SpecType healthcheck_type = { "healthcheck", sizeof(KilnRecipeHealthcheck), healthcheck_specs, 0, NULL, NULL, NULL, NULL, NULL, NULL };

static const char *const compressions[] = { "gzip", "zstd", NULL };
static const Spec recipe_specs[] = {
	{ "name", SPEC_STRING, MEMBER(KilnRecipe, name), "name of the image", "nginx", .check = check_name },
	{ "version", SPEC_STRING, MEMBER(KilnRecipe, version), "version of the image, for its annotations", "\"1.0\"" },
	{ "archive", SPEC_STRING, MEMBER(KilnRecipe, archive), "where packages come from: main, updates and security of a release", "debian/trixie", .check = check_word },
	{ "archives", SPEC_ITEMS, MEMBER(KilnRecipe, archives), "own archives, or other mirrors and keys for known ones", "[{id: debian/trixie, mirrors: [https://mirror.example/debian]}]", NULL, &archive_type },
	{ "platforms", SPEC_STRINGS, MEMBER(KilnRecipe, platforms), "what it is built for; the host's when not given", "[linux/amd64, linux/arm64]", .check = check_platform },
	{ "packages", SPEC_STRINGS, MEMBER(KilnRecipe, packages), "packages that are wanted; what they depend on comes as far as it is needed", "[nginx]", .check = check_package },
	{ "programs", SPEC_STRINGS, MEMBER(KilnRecipe, programs), "of the wanted packages, keep only these programs", "[/usr/bin/psql]", .check = check_absolute },
	{ "exclude", SPEC_STRINGS, MEMBER(KilnRecipe, exclude), "packages that must not be in the solution", "[systemd]", .check = check_package_name },
	{ "entrypoint", SPEC_COMMAND, MEMBER(KilnRecipe, entrypoint), "the program that the image starts, with arguments", "[/usr/sbin/nginx, -g, \"daemon off;\"]" },
	{ "cmd", SPEC_COMMAND, MEMBER(KilnRecipe, command), "default arguments, which `run` can replace", "[--help]" },
	{ "env", SPEC_ENVIRONMENT, MEMBER(KilnRecipe, environment), "environment variables", "{LANG: C.UTF-8}" },
	{ "user", SPEC_STRING, MEMBER(KilnRecipe, user), "who it runs as: a name, or uid[:gid]; nonroot (65532) when not given", "nonroot", .check = check_owner },
	{ "workdir", SPEC_STRING, MEMBER(KilnRecipe, working_directory), "working directory; / when not given", "/app", .check = check_absolute },
	{ "ports", SPEC_STRINGS, MEMBER(KilnRecipe, ports), "ports it listens on", "[8080, 8443/tcp]", .check = check_port },
	{ "writable", SPEC_ITEMS, MEMBER(KilnRecipe, writable), "directories that the program writes; all else is read-only", "[/run, {path: /var/lib/app, kind: volume}]", NULL, &writable_type },
	{ "files", SPEC_ITEMS, MEMBER(KilnRecipe, files), "own files, from the recipe or beside it; the needs of programs among them are met", "[{path: /app/server, source: build/server}]", NULL, &file_type },
	{ "links", SPEC_ITEMS, MEMBER(KilnRecipe, links), "symbolic links", "{/usr/bin/app: /app/server}", NULL, &link_type },
	{ "users", SPEC_ITEMS, MEMBER(KilnRecipe, users), "accounts besides root, nobody, nonroot and those that packages make", "{app: 1000}", NULL, &user_type },
	{ "groups", SPEC_ITEMS, MEMBER(KilnRecipe, groups), "groups", "[{name: app, gid: 1000, members: [nonroot]}]", NULL, &group_type },
	{ "keep", SPEC_STRINGS, MEMBER(KilnRecipe, keep), "paths that stay whatever the rules say; * and ** are understood", "[/usr/share/doc/nginx/**]", .check = check_glob },
	{ "drop", SPEC_STRINGS, MEMBER(KilnRecipe, drop), "paths that are left out whatever the rules say", "[/usr/lib/postgresql/17/lib/llvmjit.so]", .check = check_glob },
	{ "accept", SPEC_STRINGS, MEMBER(KilnRecipe, accept), "warnings that were looked at and are right, by the id that the warning names", "[shell:/usr/bin/memcached]", .check = check_accept },
	{ "shell", SPEC_BOOLEAN, MEMBER(KilnRecipe, shell), "keep a shell", "true" },
	{ "locales", SPEC_STRINGS, MEMBER(KilnRecipe, locales), "locales besides C.UTF-8", "[de_DE.UTF-8]", .check = check_locale },
	{ "labels", SPEC_PAIRS, MEMBER(KilnRecipe, labels), "labels of the image configuration", "{team: platform}" },
	{ "annotations", SPEC_PAIRS, MEMBER(KilnRecipe, annotations), "annotations of the manifest", "{org.opencontainers.image.source: https://git.example/x}" },
	{ "stop-signal", SPEC_STRING, MEMBER(KilnRecipe, stop_signal), "signal that asks it to stop", "SIGQUIT", .check = check_signal },
	{ "healthcheck", SPEC_STRUCT, MEMBER(KilnRecipe, healthcheck), "how to ask whether it is well", "{test: [/usr/bin/app, --check], interval: 30s}", NULL, &healthcheck_type },
	{ "compression", SPEC_STRING, MEMBER(KilnRecipe, compression), "of layers; gzip when not given", "zstd", compressions },
	{ "tests", SPEC_ITEMS, MEMBER(KilnRecipe, tests), "what `kiln test` checks", "[{port: 8080}, {absent: /bin/sh}]", NULL, &test_type },
	{ NULL },
};
static const char *const recipe_needs[] = { "name", NULL };
const SpecType recipe_type = { "recipe", sizeof(KilnRecipe), recipe_specs, 0, NULL, NULL, NULL, recipe_needs, NULL, NULL };
