/* SPDX-License-Identifier: Apache-2.0 */
/* writable.c: read and check the paths that an image wants to write. */
#include "run/writable.h"
#include "base/error.h"
#include "base/limits.h"
#include "io/root.h"

#include <string.h>

#define DEFAULT_MODE 0755
#define PERMISSION_BITS 07777
#define ID_MAX 0xfffffffe /* (uid_t)-1 means "none" to the kernel */

static void path_free(gpointer pointer)
{
	KilnWritablePath *path = pointer;
	g_free(path->path);
	g_free(path->kept_at);
	g_free(path);
}

static gboolean is_below(const char *path, const char *directory)
{
	gsize length = strlen(directory);
	return strncmp(path, directory, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* The kernel's own file systems stay as the bundle mounts them, and a writable root would undo the read-only one. */
static char *check_path(const char *path, GError **error)
{
	static const char *const forbidden[] = { "/proc", "/sys", "/dev" };
	if (*path != '/') {
		kiln_fail(error, KILN_ERROR_SYNTAX, "writable path \"%.200s\": it must be absolute", path);
		return NULL;
	}
	g_autofree char *relative = kiln_path_normalise(path, strlen(path), error);
	if (!relative)
		return NULL;
	g_autofree char *normal = g_strconcat("/", relative, NULL);
	if (*relative == '\0') {
		kiln_fail(error, KILN_ERROR_DENIED, "writable path \"/\": the root of the image is always read-only; name the directories");
		return NULL;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(forbidden); i++)
		if (is_below(normal, forbidden[i]) && !is_below(normal, "/dev/shm")) {
			kiln_fail(error, KILN_ERROR_DENIED, "writable path \"%s\": nothing below %s may be, but /dev/shm", normal, forbidden[i]);
			return NULL;
		}
	return g_steal_pointer(&normal);
}

static gboolean read_mode(const json_t *entry, const char *path, guint *mode, GError **error)
{
	const json_t *value = json_object_get(entry, "mode");
	const char *text = json_string_value(value);
	guint64 parsed = DEFAULT_MODE;
	if (!value)
		return TRUE;
	if (text && !(g_ascii_string_to_unsigned(text, 8, 0, PERMISSION_BITS, &parsed, NULL)))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "writable path %s: mode \"%.20s\" is not octal up to 7777", path, text);
	if (!text && !(json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= PERMISSION_BITS))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "writable path %s: \"mode\" must be permission bits", path);
	*mode = (guint)(text ? parsed : (guint64)json_integer_value(value));
	return TRUE;
}

static gboolean read_number(const json_t *entry, const char *key, const char *path, guint64 max, guint64 *out, GError **error)
{
	const json_t *value = json_object_get(entry, key);
	if (!value)
		return TRUE;
	if (!json_is_integer(value) || json_integer_value(value) < 0 || (guint64)json_integer_value(value) > max)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "writable path %s: \"%s\" must be a number from 0 to %" G_GUINT64_FORMAT, path, key, max);
	*out = (guint64)json_integer_value(value);
	return TRUE;
}

static gboolean read_entry(const json_t *entry, guint uid, guint gid, KilnWritablePath *out, GError **error)
{
	const char *path = json_string_value(json_object_get(entry, "path"));
	const char *kind = json_string_value(json_object_get(entry, "kind"));
	guint64 size = KILN_WRITABLE_DEFAULT_BYTES, own_uid = uid, own_gid = gid;
	guint mode = DEFAULT_MODE;
	if (!path)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "label " KILN_LABEL_WRITABLE ": each entry must be an object with a \"path\"");
	if (kind && strcmp(kind, "tmpfs") != 0 && strcmp(kind, "volume") != 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "writable path %.200s: kind \"%.20s\" is neither \"tmpfs\" nor \"volume\"", path, kind);
	g_autofree char *normal = check_path(path, error);
	if (!normal || !read_mode(entry, normal, &mode, error) || !read_number(entry, "uid", normal, ID_MAX, &own_uid, error) ||
	    !read_number(entry, "gid", normal, ID_MAX, &own_gid, error) || !read_number(entry, "size", normal, G_MAXINT64, &size, error))
		return FALSE;
	*out = (KilnWritablePath){ g_steal_pointer(&normal), g_strcmp0(kind, "volume") == 0, size ? size : KILN_WRITABLE_DEFAULT_BYTES,
		                   mode, (guint)own_uid, (guint)own_gid };
	return TRUE;
}

/* The first one to name a path wins: the label comes before Volumes. */
static gboolean add(GHashTable *by_path, KilnWritablePath *path, GError **error)
{
	if (g_hash_table_contains(by_path, path->path)) {
		path_free(path);
		return TRUE;
	}
	g_hash_table_insert(by_path, path->path, path);
	if (g_hash_table_size(by_path) <= KILN_LIMIT_WRITABLE_PATHS)
		return TRUE;
	return kiln_fail(error, KILN_ERROR_LIMIT, "the image names more than %d writable paths", KILN_LIMIT_WRITABLE_PATHS);
}

static gboolean add_label(GHashTable *by_path, const char *label, guint uid, guint gid, GError **error)
{
	g_autoptr(json_t) list = kiln_json_parse(label, strlen(label), "label " KILN_LABEL_WRITABLE, error);
	if (!list)
		return FALSE;
	if (!json_is_array(list))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "label " KILN_LABEL_WRITABLE ": it must be a JSON list");
	gsize index;
	json_t *entry;
	json_array_foreach(list, index, entry) {
		KilnWritablePath *path = g_new0(KilnWritablePath, 1);
		if (!read_entry(entry, uid, gid, path, error)) {
			path_free(path);
			return FALSE;
		}
		if (!add(by_path, path, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean add_volumes(GHashTable *by_path, char **volumes, guint uid, guint gid, GError **error)
{
	for (; volumes && *volumes; volumes++) {
		char *normal = check_path(*volumes, error);
		if (!normal)
			return FALSE;
		KilnWritablePath *path = g_new0(KilnWritablePath, 1);
		*path = (KilnWritablePath){ normal, TRUE, KILN_WRITABLE_DEFAULT_BYTES, DEFAULT_MODE, uid, gid };
		if (!add(by_path, path, error))
			return FALSE;
	}
	return TRUE;
}

static int compare_paths(gconstpointer a, gconstpointer b)
{
	const KilnWritablePath *const *left = a, *const *right = b;
	return strcmp((*left)->path, (*right)->path);
}

gboolean kiln_writable_from_config(const KilnImageConfig *config, guint uid, guint gid, GPtrArray **paths, GError **error)
{
	g_autoptr(GHashTable) by_path = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, path_free);
	for (char **label = config->labels; label && label[0] && label[1]; label += 2)
		if (strcmp(label[0], KILN_LABEL_WRITABLE) == 0 && !add_label(by_path, label[1], uid, gid, error))
			return FALSE;
	if (!add_volumes(by_path, config->volumes, uid, gid, error))
		return FALSE;
	GPtrArray *list = g_ptr_array_new_with_free_func(path_free);
	GHashTableIter iter;
	gpointer path;
	g_hash_table_iter_init(&iter, by_path);
	while (g_hash_table_iter_next(&iter, NULL, &path)) {
		g_ptr_array_add(list, path);
		g_hash_table_iter_steal(&iter);
	}
	g_ptr_array_sort(list, compare_paths);
	*paths = list;
	return TRUE;
}
