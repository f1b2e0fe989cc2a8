/* SPDX-License-Identifier: Apache-2.0 */
/* summary.c: the numbers and warnings of a build as a value and as JSON. */
#include "build/summary.h"

#include "base/error.h"

#include <string.h>

KilnBuiltPlatform *kiln_built_platform_new(const char *platform)
{
	KilnBuiltPlatform *built = g_new0(KilnBuiltPlatform, 1);
	built->platform = g_strdup(platform);
	built->left_out = g_ptr_array_new_with_free_func(g_free);
	return built;
}

void kiln_built_platform_free(KilnBuiltPlatform *built)
{
	if (!built)
		return;
	g_free(built->platform);
	kiln_descriptor_clear(&built->descriptor);
	g_clear_pointer(&built->notices, g_ptr_array_unref);
	g_ptr_array_unref(built->left_out);
	g_free(built);
}

static json_t *notices_to_json(const GPtrArray *notices)
{
	json_t *array = json_array();
	for (guint i = 0; notices && i < notices->len; i++) {
		const KilnNotice *notice = notices->pdata[i];
		json_t *object = json_object();
		kiln_json_set_string(object, "id", notice->id);
		kiln_json_set_string(object, "level", notice->note ? "note" : "warning");
		kiln_json_set_string(object, "text", notice->text);
		kiln_json_set_string(object, "answer", notice->answer);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *left_out_to_json(const GPtrArray *left_out)
{
	json_t *array = json_array();
	for (guint i = 0; i < left_out->len; i++) {
		const KilnLeftOut *left = left_out->pdata[i];
		json_t *object = json_object();
		kiln_json_set_string(object, "rule", left->rule);
		kiln_json_set_integer(object, "files", left->files);
		kiln_json_set_integer(object, "bytes", (gint64)left->bytes);
		json_array_append_new(array, object);
	}
	return array;
}

json_t *kiln_built_platform_to_json(const KilnBuiltPlatform *built)
{
	json_t *object = json_object();
	char digest[KILN_DIGEST_TEXT_MAX];
	kiln_json_set_string(object, "platform", built->platform);
	kiln_json_set_string(object, "digest", kiln_digest_print(&built->descriptor.digest, digest));
	kiln_json_set_integer(object, "bytes-manifest", (gint64)built->descriptor.size_bytes);
	kiln_json_set_integer(object, "packages", built->packages_kept);
	kiln_json_set_integer(object, "packages-plain", built->packages_all);
	kiln_json_set_integer(object, "files", built->files_kept);
	kiln_json_set_integer(object, "files-plain", built->files_all);
	kiln_json_set_integer(object, "bytes", (gint64)built->bytes_kept);
	kiln_json_set_integer(object, "bytes-plain", (gint64)built->bytes_all);
	kiln_json_set_integer(object, "bytes-compressed", (gint64)built->compressed_bytes);
	kiln_json_set_integer(object, "layers", built->layers);
	json_object_set_new(object, "left-out", left_out_to_json(built->left_out));
	json_object_set_new(object, "notices", notices_to_json(built->notices));
	return object;
}

typedef struct {
	const json_t *object;
	const char *name;
	gboolean good;
	GError **error;
} Reader;

static guint64 number(Reader *reader, const char *key, guint64 max)
{
	gint64 value = 0;
	if (!reader->good || !kiln_json_integer(reader->object, key, reader->name, &value, reader->error))
		reader->good = FALSE;
	else if (value < 0 || (guint64)value > max)
		reader->good = kiln_fail(reader->error, KILN_ERROR_SYNTAX, "%s: \"%s\" is out of range", reader->name, key);
	return reader->good ? (guint64)value : 0;
}

static const char *text(Reader *reader, const char *key)
{
	const char *value = reader->good ? kiln_json_string(reader->object, key, reader->name, reader->error) : NULL;
	reader->good = value != NULL;
	return value;
}

static gboolean read_left_out(const json_t *array, const char *name, GPtrArray *out, GError **error)
{
	for (gsize i = 0; i < json_array_size(array); i++) {
		Reader reader = { json_array_get(array, i), name, TRUE, error };
		const char *rule = text(&reader, "rule");
		KilnLeftOut left = { NULL, (guint)number(&reader, "files", G_MAXUINT), number(&reader, "bytes", G_MAXINT64) };
		if (!reader.good)
			return FALSE;
		left.rule = g_intern_string(rule);
		g_ptr_array_add(out, g_memdup2(&left, sizeof left));
	}
	return TRUE;
}

static gboolean read_notices(const json_t *array, const char *name, GPtrArray *out, GError **error)
{
	for (gsize i = 0; i < json_array_size(array); i++) {
		Reader reader = { json_array_get(array, i), name, TRUE, error };
		const char *id = text(&reader, "id"), *level = text(&reader, "level"), *said = text(&reader, "text");
		if (!reader.good)
			return FALSE;
		kiln_notice_add(out, id, kiln_json_string_or_null(reader.object, "answer"), strcmp(level, "note") == 0, "%s", said);
	}
	return TRUE;
}

static gboolean read_numbers(Reader *reader, KilnBuiltPlatform *built)
{
	const char *digest = text(reader, "digest");
	if (!digest || !kiln_digest_parse(digest, strlen(digest), &built->descriptor.digest, reader->error))
		return FALSE;
	built->descriptor.media_type = g_strdup(KILN_MEDIA_MANIFEST);
	built->descriptor.size_bytes = number(reader, "bytes-manifest", G_MAXINT64);
	built->packages_kept = (guint)number(reader, "packages", G_MAXUINT);
	built->packages_all = (guint)number(reader, "packages-plain", G_MAXUINT);
	built->files_kept = (guint)number(reader, "files", G_MAXUINT);
	built->files_all = (guint)number(reader, "files-plain", G_MAXUINT);
	built->bytes_kept = number(reader, "bytes", G_MAXINT64);
	built->bytes_all = number(reader, "bytes-plain", G_MAXINT64);
	built->compressed_bytes = number(reader, "bytes-compressed", G_MAXINT64);
	built->layers = (guint)number(reader, "layers", G_MAXUINT);
	return reader->good;
}

KilnBuiltPlatform *kiln_built_platform_from_json(const json_t *json, const char *name, GError **error)
{
	Reader reader = { json, name, TRUE, error };
	const char *platform = text(&reader, "platform");
	KilnBuiltPlatform *built = platform ? kiln_built_platform_new(platform) : NULL;
	const json_t *left_out = built ? kiln_json_array(json, "left-out", name, error) : NULL;
	const json_t *notices = left_out ? kiln_json_array(json, "notices", name, error) : NULL;
	if (built)
		built->notices = kiln_notices_new();
	if (notices && read_numbers(&reader, built) && read_left_out(left_out, name, built->left_out, error) && read_notices(notices, name, built->notices, error))
		return built;
	kiln_built_platform_free(built);
	return NULL;
}
