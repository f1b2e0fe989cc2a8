/* SPDX-License-Identifier: Apache-2.0 */
/* script_debian_test.c: the maintainer scripts of real packages: only those that truly need to be run are not understood. */
#include "build/script.h"
#include "packages.h"
#include "pkg/deb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEXT_BYTES_MAX 65536 /* of a file that a script might read */

static const char *const packages[] = {
	"base-files",   "base-passwd",     "libc6",         "libc-bin",        "debianutils",    "passwd",       "util-linux",  "tar",         "tzdata",         "netbase",
	"ca-certificates", "libpam-runtime", "ssl-cert",    "cron",            "cron-daemon-common", "iproute2", "nginx-common", "memcached",  "valkey-server",  "valkey-tools",
	"haproxy",      "mosquitto",       "unbound",       "dnsmasq",         "dnsmasq-base",   "lighttpd",     "etcd-server", "apache2",     "squid",          "squid-openssl",
	"git",          "nodejs",          "java-common",   "php-common",      "php8.4-common",  "php8.4-opcache", "python3",   "python3-minimal", "python3.13-minimal", "postgresql-common", "postgresql-client-common",
	"mysql-common", "mariadb-common",  "mariadb-server", "openssl",        "gawk",           "procps",       "ucf",         "logrotate",   "libreadline8t64", NULL,
};

/* What these do is running a program and keeping what it leaves or says; no table can know it. */
static const struct {
	const char *script, *why;
} justified[] = {
	{ "mariadb-server/postinst", "mariadb-install-db makes the first database" },
	{ "squid/postinst", "asks squid itself what its configuration means" },
};

typedef struct {
	GHashTable *kinds; /* "/path" -> KilnPathKind */
	GHashTable *texts; /* "/path" -> GBytes */
	GHashTable *control; /* "package/member" -> GBytes */
	const char *package;
} Closure;

static gboolean take_control(const char *name, GBytes *content, gpointer user_data, GError **error)
{
	Closure *closure = user_data;
	g_hash_table_insert(closure->control, g_strdup_printf("%s/%s", closure->package, name), g_bytes_ref(content));
	return TRUE;
}

static gboolean take_text(Closure *closure, const char *path, const KilnTarEntry *entry, KilnTarReader *content, GError **error)
{
	g_autofree char *buffer = g_malloc(TEXT_BYTES_MAX);
	gsize length = 0;
	gssize step;
	while (length < entry->size && (step = kiln_tar_reader_read(content, buffer + length, TEXT_BYTES_MAX - length, error)) > 0)
		length += (gsize)step;
	if (length != entry->size)
		return FALSE;
	if (!memchr(buffer, '\0', length))
		g_hash_table_insert(closure->texts, g_strdup(path), g_bytes_new(buffer, length));
	return TRUE;
}

static gboolean take_entry(const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error)
{
	Closure *closure = user_data;
	g_autofree char *path = g_strconcat("/", entry->path, NULL);
	KilnPathKind kind = entry->type == KILN_FILE_DIRECTORY ? KILN_PATH_DIRECTORY : entry->type == KILN_FILE_SYMLINK ? KILN_PATH_SYMLINK :
	                    entry->mode & 0111 ? KILN_PATH_PROGRAM : KILN_PATH_FILE;
	g_hash_table_insert(closure->kinds, g_strdup(path), GUINT_TO_POINTER(kind));
	return entry->type != KILN_FILE_REGULAR || entry->size > TEXT_BYTES_MAX || take_text(closure, path, entry, content, error);
}

static void read_package(Closure *closure, const char *directory, const char *name)
{
	static const KilnDebVisitor visitor = { take_control, take_entry };
	g_autofree char *path = test_package(directory, name), *bytes = NULL;
	g_autoptr(GError) error = NULL;
	gsize length;
	assert_non_null(path);
	assert_true(g_file_get_contents(path, &bytes, &length, NULL));
	g_autoptr(GBytes) content = g_bytes_new_take(g_steal_pointer(&bytes), length);
	g_autoptr(KilnReader) reader = kiln_reader_new_bytes(content);
	closure->package = name;
	if (!kiln_deb_read(reader, name, &visitor, closure, &error))
		fail_msg("%s: %s", name, error->message);
}

static KilnPathKind look(const char *path, gboolean follow, gpointer user_data)
{
	const Closure *closure = user_data;
	gpointer kind;
	static const char *const merged[] = { "/bin/", "/sbin/", "/lib/", "/lib64/" };
	g_autofree char *plain = g_strdup(path);
	for (guint i = 0; i < G_N_ELEMENTS(merged); i++)
		if (g_str_has_prefix(path, merged[i])) {
			g_free(plain);
			plain = g_strconcat("/usr", path, NULL);
		}
	if (!g_hash_table_lookup_extended(closure->kinds, plain, NULL, &kind))
		return KILN_PATH_MISSING;
	return GPOINTER_TO_UINT(kind) == KILN_PATH_SYMLINK && follow ? KILN_PATH_FILE : (KilnPathKind)GPOINTER_TO_UINT(kind);
}

static char **list(const char *directory, gpointer user_data)
{
	const Closure *closure = user_data;
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	GHashTableIter iter;
	gpointer path;
	g_hash_table_iter_init(&iter, closure->kinds);
	while (g_hash_table_iter_next(&iter, &path, NULL)) {
		g_autofree char *parent = g_path_get_dirname(path), *name = g_path_get_basename(path);
		if (strcmp(parent, directory) == 0)
			g_strv_builder_add(names, name);
	}
	return g_strv_builder_end(names);
}

static GBytes *read_text(const char *path, gpointer user_data)
{
	const Closure *closure = user_data;
	GBytes *text = g_hash_table_lookup(closure->texts, path);
	return text ? g_bytes_ref(text) : NULL;
}

static KilnScript *read_script(Closure *closure, const char *package, const char *kind)
{
	g_autofree char *name = g_strdup_printf("%s/%s", package, kind), *templates_name = g_strdup_printf("%s/templates", package);
	GBytes *text = g_hash_table_lookup(closure->control, name), *templates = g_hash_table_lookup(closure->control, templates_name);
	gsize length = 0, templates_length = 0;
	KilnScriptSystem system = { .look = look, .list = list, .read = read_text, .user_data = closure };
	if (!text)
		return NULL;
	if (templates) {
		system.templates = g_bytes_get_data(templates, &templates_length);
		system.templates_length = templates_length;
	}
	const char *bytes = g_bytes_get_data(text, &length);
	return kiln_script_read_on(bytes, length, kind, package, "amd64", &system);
}

static gboolean is_justified(const char *package, const char *kind)
{
	g_autofree char *name = g_strdup_printf("%s/%s", package, kind);
	for (guint i = 0; i < G_N_ELEMENTS(justified); i++)
		if (strcmp(justified[i].script, name) == 0)
			return TRUE;
	return FALSE;
}

static const KilnEffect *find(const KilnScript *script, KilnEffectKind kind, const char *path, const char *name)
{
	for (guint i = 0; i < script->effects->len; i++) {
		const KilnEffect *effect = script->effects->pdata[i];
		if (effect->kind == kind && (!path || g_strcmp0(effect->path, path) == 0) && (!name || g_strcmp0(effect->name, name) == 0))
			return effect;
	}
	fail_msg("no effect of kind %d on %s %s", kind, path ? path : "", name ? name : "");
	return NULL;
}

/* Read by hand from the packages' scripts. */
static void check_known_effects(Closure *closure)
{
	g_autoptr(KilnScript) nginx = read_script(closure, "nginx-common", "postinst");
	assert_string_equal(find(nginx, KILN_EFFECT_OWNER, "/var/log/nginx", NULL)->text, "root:adm");
	assert_string_equal(find(nginx, KILN_EFFECT_SYMLINK, "/etc/nginx/sites-enabled/default", NULL)->text, "/etc/nginx/sites-available/default");
	g_autoptr(KilnScript) valkey = read_script(closure, "valkey-tools", "postinst");
	assert_string_equal(find(valkey, KILN_EFFECT_USER, NULL, "valkey")->text, "/var/lib/valkey");
	assert_int_equal(find(valkey, KILN_EFFECT_DIRECTORY, "/var/log/valkey", NULL)->number, 0755);
	g_autoptr(KilnScript) libc = read_script(closure, "libc-bin", "postinst");
	assert_string_equal(find(libc, KILN_EFFECT_COPY, "/etc/nsswitch.conf", NULL)->text, "/usr/share/libc-bin/nsswitch.conf");
	assert_false(find(libc, KILN_EFFECT_TRIGGER, NULL, "ldconfig")->conditional);
	g_autoptr(KilnScript) zones = read_script(closure, "tzdata", "postinst");
	assert_string_equal(find(zones, KILN_EFFECT_SYMLINK, "/etc/localtime", NULL)->text, "/usr/share/zoneinfo/Etc/UTC");
	g_autoptr(KilnScript) squid = read_script(closure, "squid-openssl", "postinst");
	assert_string_equal(find(squid, KILN_EFFECT_ALTERNATIVE, "/usr/sbin/squid", NULL)->text, "/usr/sbin/squid-openssl");
	g_autoptr(KilnScript) certificates = read_script(closure, "ca-certificates", "postinst");
	assert_non_null(find(certificates, KILN_EFFECT_TRIGGER, NULL, "update-ca-certificates"));
	g_autoptr(KilnScript) mariadb = read_script(closure, "mariadb-server", "preinst");
	assert_string_equal(find(mariadb, KILN_EFFECT_USER, NULL, "mysql")->extra, "mysql");
	assert_string_equal(find(mariadb, KILN_EFFECT_OWNER, "/var/lib/mysql", NULL)->extra, "recursive");
}

static void test_trixie(void **state)
{
	static const char *const kinds[] = { "preinst", "postinst" };
	g_autofree char *directory = test_packages("scripts", "trixie", packages);
	guint counts[3] = { 0 };
	if (!directory)
		skip();
	Closure closure = { g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
		            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref),
		            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref), NULL };
	for (guint i = 0; packages[i]; i++)
		read_package(&closure, directory, packages[i]);
	for (guint i = 0; packages[i]; i++)
		for (guint j = 0; j < G_N_ELEMENTS(kinds); j++) {
			g_autoptr(KilnScript) script = read_script(&closure, packages[i], kinds[j]);
			if (!script)
				continue;
			counts[script->class]++;
			for (guint k = 0; k < script->unknown->len; k++)
				print_message("# %s: %s\n", packages[i], (char *)script->unknown->pdata[k]);
			if (script->class == KILN_SCRIPT_NOT_UNDERSTOOD && !is_justified(packages[i], kinds[j]))
				fail_msg("%s/%s is not understood: %s", packages[i], kinds[j], (char *)script->unknown->pdata[0]);
		}
	print_message("# harmless %u, understood %u, not understood %u\n", counts[0], counts[1], counts[2]);
	assert_true(counts[KILN_SCRIPT_HARMLESS] > 10 && counts[KILN_SCRIPT_UNDERSTOOD] > 25);
	check_known_effects(&closure);
	g_hash_table_unref(closure.kinds);
	g_hash_table_unref(closure.texts);
	g_hash_table_unref(closure.control);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_trixie) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
