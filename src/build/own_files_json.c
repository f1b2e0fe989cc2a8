/* SPDX-License-Identifier: Apache-2.0 */
/* own_files_json.c: the list of the recipe's own files as provenance keeps it. */
#include "build/own_files.h"

#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/root.h"

#include <string.h>

static const struct {
	const char *name;
	KilnFileType type;
} types[] = { { "file", KILN_FILE_REGULAR }, { "directory", KILN_FILE_DIRECTORY }, { "link", KILN_FILE_SYMLINK } };

static json_t *file_to_json(const KilnOwnFile *file)
{
	json_t *object = json_object();
	char digest[KILN_DIGEST_TEXT_MAX], mode[16];
	kiln_json_set_integer(object, "item", file->item);
	kiln_json_set_string(object, "path", file->path);
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
		if (types[i].type == file->type)
			kiln_json_set_string(object, "type", types[i].name);
	if (file->type == KILN_FILE_SYMLINK) {
		kiln_json_set_string(object, "target", file->link_target);
		return object;
	}
	g_snprintf(mode, sizeof mode, "%04o", file->mode);
	kiln_json_set_string(object, "mode", mode);
	if (file->type == KILN_FILE_REGULAR) {
		kiln_json_set_integer(object, "size", (gint64)file->size);
		kiln_json_set_string(object, "digest", kiln_digest_print(&file->digest, digest));
	}
	return object;
}

json_t *kiln_own_files_to_json(const GPtrArray *files)
{
	json_t *array = json_array();
	for (guint i = 0; i < files->len; i++)
		json_array_append_new(array, file_to_json(files->pdata[i]));
	return array;
}

void kiln_own_files_digest(const GPtrArray *files, KilnDigest *digest)
{
	g_autoptr(json_t) json = kiln_own_files_to_json(files);
	g_autoptr(GBytes) bytes = kiln_json_compact(json);
	kiln_hash_bytes(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), digest);
}

static gboolean read_type(const json_t *object, const char *name, KilnFileType *type, GError **error)
{
	const char *text = kiln_json_string(object, "type", name, error);
	for (gsize i = 0; text && i < G_N_ELEMENTS(types); i++)
		if (strcmp(types[i].name, text) == 0) {
			*type = types[i].type;
			return TRUE;
		}
	return text && kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"type\" is \"%.20s\": file, directory and link are known", name, text);
}

static gboolean read_mode(const json_t *object, const char *name, guint *mode, GError **error)
{
	const char *text = kiln_json_string(object, "mode", name, error);
	guint64 value;
	if (!text)
		return FALSE;
	if (!g_ascii_string_to_unsigned(text, 8, 0, 07777, &value, NULL))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"mode\" must be octal, \"0644\"", name);
	*mode = (guint)value;
	return TRUE;
}

static gboolean read_content(const json_t *object, const char *name, KilnOwnFile *file, GError **error)
{
	gint64 size;
	const char *digest = kiln_json_string(object, "digest", name, error);
	if (!digest || !kiln_json_integer(object, "size", name, &size, error))
		return FALSE;
	if (size < 0 || (guint64)size > KILN_LIMIT_OWN_FILE_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "%s: \"size\" is out of range", name);
	file->size = (guint64)size;
	return kiln_digest_parse(digest, strlen(digest), &file->digest, error);
}

static gboolean read_file(const json_t *object, guint item_count, const char *name, KilnOwnFile *file, GError **error)
{
	gint64 item;
	const char *path = kiln_json_string(object, "path", name, error);
	if (!path || !kiln_json_integer(object, "item", name, &item, error) || !read_type(object, name, &file->type, error))
		return FALSE;
	if (item < 0 || item >= item_count)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"item\" is none of the recipe's files", name);
	file->item = (guint)item;
	file->path = kiln_path_normalise(path, strlen(path), error);
	if (!file->path)
		return FALSE;
	if (strcmp(file->path, path) != 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: path \"%s\" is not in its plain form", name, path);
	if (file->type != KILN_FILE_SYMLINK)
		return read_mode(object, name, &file->mode, error) && (file->type == KILN_FILE_DIRECTORY || read_content(object, name, file, error));
	const char *target = kiln_json_string(object, "target", name, error);
	file->link_target = g_strdup(target);
	return target != NULL;
}

GPtrArray *kiln_own_files_from_json(const json_t *json, guint item_count, const char *name, GError **error)
{
	g_autoptr(GPtrArray) files = kiln_own_files_new();
	if (!json_is_array(json) || json_array_size(json) > KILN_LIMIT_OWN_FILES) {
		kiln_fail(error, json_is_array(json) ? KILN_ERROR_LIMIT : KILN_ERROR_SYNTAX, "%s: must be a list of at most %d files", name, KILN_LIMIT_OWN_FILES);
		return NULL;
	}
	for (gsize i = 0; i < json_array_size(json); i++) {
		g_autofree char *where = g_strdup_printf("%s[%" G_GSIZE_FORMAT "]", name, i);
		KilnOwnFile *file = g_new0(KilnOwnFile, 1);
		g_ptr_array_add(files, file);
		if (!read_file(json_array_get(json, i), item_count, where, file, error))
			return NULL;
	}
	return g_steal_pointer(&files);
}
