/* SPDX-License-Identifier: Apache-2.0 */
/* descriptor.c: descriptors as values and as JSON. Source: OCI image-spec 1.1, descriptor.md. */
#include "oci/descriptor.h"

#include "base/error.h"
#include "oci/annotations.h"

#include <string.h>

#define MEDIA_TYPE_PART_MAX 127 /* bytes on each side of the slash: RFC 6838 section 4.2 */

void kiln_descriptor_clear(KilnDescriptor *descriptor)
{
	g_free(descriptor->media_type);
	g_free(descriptor->artifact_type);
	g_free(descriptor->os);
	g_free(descriptor->architecture);
	g_free(descriptor->variant);
	g_strfreev(descriptor->annotations);
	*descriptor = (KilnDescriptor){ 0 };
}

void kiln_descriptor_free(KilnDescriptor *descriptor)
{
	if (!descriptor)
		return;
	kiln_descriptor_clear(descriptor);
	g_free(descriptor);
}

void kiln_descriptor_copy(const KilnDescriptor *from, KilnDescriptor *to)
{
	*to = (KilnDescriptor){
		.media_type = g_strdup(from->media_type),
		.digest = from->digest,
		.size_bytes = from->size_bytes,
		.artifact_type = g_strdup(from->artifact_type),
		.os = g_strdup(from->os),
		.architecture = g_strdup(from->architecture),
		.variant = g_strdup(from->variant),
		.annotations = g_strdupv(from->annotations),
	};
}

json_t *kiln_descriptor_to_json(const KilnDescriptor *descriptor)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	json_t *json = json_object();
	kiln_json_set_string(json, "mediaType", descriptor->media_type);
	kiln_json_set_string(json, "digest", kiln_digest_print(&descriptor->digest, digest));
	kiln_json_set_integer(json, "size", (gint64)descriptor->size_bytes);
	kiln_json_set_string(json, "artifactType", descriptor->artifact_type);
	if (descriptor->os || descriptor->architecture) {
		json_t *platform = json_object();
		kiln_json_set_string(platform, "architecture", descriptor->architecture);
		kiln_json_set_string(platform, "os", descriptor->os);
		kiln_json_set_string(platform, "variant", descriptor->variant);
		json_object_set_new(json, "platform", platform);
	}
	kiln_annotations_to_json(json, "annotations", descriptor->annotations);
	return json;
}

static gboolean is_media_type_part(const char *text, gsize length)
{
	if (length == 0 || length > MEDIA_TYPE_PART_MAX || !g_ascii_isalnum(text[0]))
		return FALSE;
	for (gsize i = 1; i < length; i++)
		if (!g_ascii_isalnum(text[i]) && !strchr("!#$&-^_.+", text[i]))
			return FALSE;
	return TRUE;
}

static gboolean is_media_type(const char *text)
{
	const char *slash = strchr(text, '/');
	return slash && is_media_type_part(text, (gsize)(slash - text)) && is_media_type_part(slash + 1, strlen(slash + 1));
}

gboolean kiln_media_type_read(const json_t *json, const char *key, const char *name, char **out, GError **error)
{
	const json_t *value = json_object_get(json, key);
	if (!value || json_is_null(value)) {
		*out = NULL;
		return TRUE;
	}
	if (!json_is_string(value))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" must be a string", name, key);
	const char *text = json_string_value(value);
	/* Some writers leave an empty artifactType instead of none. */
	if (text[0] && !is_media_type(text))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\": \"%.80s\" is no media type", name, key, text);
	*out = text[0] ? g_strdup(text) : NULL;
	return TRUE;
}

static gboolean read_platform(const json_t *json, const char *name, KilnDescriptor *out, GError **error)
{
	const json_t *platform = json_object_get(json, "platform");
	if (!platform || json_is_null(platform))
		return TRUE;
	if (!json_is_object(platform))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"platform\" must be an object", name);
	const char *os = kiln_json_string(platform, "os", name, error);
	const char *architecture = os ? kiln_json_string(platform, "architecture", name, error) : NULL;
	if (!architecture)
		return FALSE;
	out->os = g_strdup(os);
	out->architecture = g_strdup(architecture);
	const char *variant = kiln_json_string_or_null(platform, "variant");
	out->variant = variant && *variant ? g_strdup(variant) : NULL;
	return TRUE;
}

static gboolean read_members(const json_t *json, const char *name, KilnDescriptor *out, GError **error)
{
	gint64 size;
	const char *digest = kiln_json_string(json, "digest", name, error);
	if (!digest)
		return FALSE;
	if (!kiln_digest_parse(digest, strlen(digest), &out->digest, error)) {
		g_prefix_error(error, "%s: ", name);
		return FALSE;
	}
	if (!kiln_json_integer(json, "size", name, &size, error))
		return FALSE;
	if (size < 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"size\" is negative", name);
	out->size_bytes = (guint64)size;
	if (!kiln_media_type_read(json, "mediaType", name, &out->media_type, error) ||
	    !kiln_media_type_read(json, "artifactType", name, &out->artifact_type, error))
		return FALSE;
	if (!out->media_type)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: a descriptor without \"mediaType\"", name);
	return read_platform(json, name, out, error) &&
	       kiln_annotations_from_json(json, "annotations", name, &out->annotations, error);
}

gboolean kiln_descriptor_from_json(const json_t *json, const char *name, KilnDescriptor *out, GError **error)
{
	KilnDescriptor read = { 0 };
	if (!json_is_object(json))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: a descriptor must be an object", name);
	if (!read_members(json, name, &read, error)) {
		kiln_descriptor_clear(&read);
		return FALSE;
	}
	*out = read;
	return TRUE;
}

const char *kiln_descriptor_annotation(const KilnDescriptor *descriptor, const char *key)
{
	return kiln_annotations_find(descriptor->annotations, key);
}
