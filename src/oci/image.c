/* SPDX-License-Identifier: Apache-2.0 */
/* image.c: open an image wherever its reference says it is, and choose the platform. */
#include "oci/image.h"

#include "base/error.h"
#include "base/limits.h"
#include "oci/archive.h"

#include <fcntl.h>
#include <string.h>

#define MEDIA_DOCKER_CONFIG "application/vnd.docker.container.image.v1+json"

typedef gboolean (*FindTop)(KilnImage *image, const char *store_layout_path, GError **error);

/* A manifest or index by its digest, whether or not index.json names it. */
static gboolean find_digest(KilnImage *image, GError **error)
{
	const KilnDigest *digest = &image->reference.digest;
	g_autoptr(GBytes) bytes = kiln_layout_read_blob(image->layout, digest, KILN_LIMIT_MANIFEST_BYTES, error);
	g_autoptr(KilnManifest) manifest = bytes ? kiln_manifest_parse(bytes, "manifest", error) : NULL;
	if (!manifest)
		return FALSE;
	image->top = (KilnDescriptor){ .media_type = g_strdup(manifest->media_type), .digest = *digest, .size_bytes = g_bytes_get_size(bytes) };
	return TRUE;
}

/* Say what else the name might have meant. */
static gboolean not_in_store(const KilnReference *reference, const GError *reason, GError **error)
{
	const char *nearest = reference->tag ? kiln_reference_nearest_prefix(reference->name) : NULL;
	if (nearest)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s; did you mean \"%s:\"?", reason->message, nearest);
	if (strchr(reference->name, '/'))
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s; an image of a registry is written docker://%s", reason->message, reference->name);
	return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s", reason->message);
}

static gboolean find_in_store(KilnImage *image, const char *store_layout_path, GError **error)
{
	const KilnReference *reference = &image->reference;
	g_autofree char *name = g_strconcat(reference->name, ":", reference->tag ? reference->tag : "latest", NULL);
	g_autoptr(GError) reason = NULL;
	if (!store_layout_path)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "there is no local store to look in");
	image->layout = kiln_layout_open(AT_FDCWD, store_layout_path, FALSE, &reason);
	if (image->layout && (reference->has_digest ? find_digest(image, &reason) : kiln_layout_find(image->layout, name, &image->top, &reason)))
		return TRUE;
	if (g_error_matches(reason, KILN_ERROR, KILN_ERROR_NOT_FOUND))
		return not_in_store(reference, reason, error);
	g_propagate_error(error, g_steal_pointer(&reason));
	return FALSE;
}

static gboolean find_in_layout(KilnImage *image, const char *store_layout_path, GError **error)
{
	image->layout = kiln_layout_open(AT_FDCWD, image->reference.path, FALSE, error);
	if (!image->layout)
		return FALSE;
	return image->reference.has_digest ? find_digest(image, error) : kiln_layout_find(image->layout, image->reference.tag, &image->top, error);
}

/* A layout of its own, in a directory that goes away with the image. */
static gboolean make_layout(KilnImage *image, const char *store_layout_path, GError **error)
{
	if (!store_layout_path)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "there is no local store, beside which archives are unpacked");
	g_autofree char *store = g_path_get_dirname(store_layout_path);
	g_auto(KilnFd) store_fd = kiln_directory_make_at(AT_FDCWD, store, 0755, error);
	image->directory = store_fd < 0 ? NULL : kiln_private_directory_new(store_fd, error);
	image->layout = image->directory ? kiln_layout_open(image->directory->fd, ".", TRUE, error) : NULL;
	return image->layout != NULL;
}

static gboolean find_in_directory(KilnImage *image, const char *store_layout_path, GError **error)
{
	image->is_root = TRUE;
	return make_layout(image, store_layout_path, error) && kiln_root_directory_read(image->reference.path, image->layout, &image->top, error);
}

static gboolean find_in_archive(KilnImage *image, const char *store_layout_path, GError **error)
{
	const KilnReference *reference = &image->reference;
	if (!make_layout(image, store_layout_path, error))
		return FALSE;
	g_auto(KilnDescriptor) tagged = { 0 };
	gboolean is_root = reference->transport == KILN_TRANSPORT_TAR && !reference->tag && kiln_root_archive_is(reference->path);
	image->is_root = is_root;
	if (!(is_root ? kiln_root_archive_read(reference->path, image->layout, &tagged, error)
	              : kiln_archive_read(reference->path, reference->tag, image->layout, &tagged, error)))
		return FALSE;
	if (reference->has_digest)
		return find_digest(image, error);
	kiln_descriptor_copy(&tagged, &image->top);
	return TRUE;
}

static gboolean find_in_registry(KilnImage *image, const char *store_layout_path, GError **error)
{
	return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "kiln does not read from registries; get it with \"skopeo copy --all %s oci:DIR:TAG\" and name oci:DIR:TAG", image->name);
}

static gboolean find_nothing(KilnImage *image, const char *store_layout_path, GError **error)
{
	return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "an SBOM is no image with layers and a configuration; kiln scan and kiln sbom read it");
}

static const FindTop finders[] = {
	[KILN_TRANSPORT_STORE] = find_in_store,
	[KILN_TRANSPORT_OCI_LAYOUT] = find_in_layout,
	[KILN_TRANSPORT_OCI_ARCHIVE] = find_in_archive,
	[KILN_TRANSPORT_DOCKER_ARCHIVE] = find_in_archive,
	[KILN_TRANSPORT_REGISTRY] = find_in_registry,
	[KILN_TRANSPORT_DIRECTORY] = find_in_directory,
	[KILN_TRANSPORT_TAR] = find_in_archive,
	[KILN_TRANSPORT_SBOM] = find_nothing,
};

/* A blob that is held in memory, with the size that its descriptor promised. */
static GBytes *read_promised(const KilnImage *image, const KilnDescriptor *descriptor, guint64 max_bytes, GError **error)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	g_autoptr(GBytes) bytes = kiln_layout_read_blob(image->layout, &descriptor->digest, max_bytes, error);
	if (!bytes || g_bytes_get_size(bytes) == descriptor->size_bytes)
		return g_steal_pointer(&bytes);
	kiln_fail(error, KILN_ERROR_MISMATCH, "%s has %" G_GSIZE_FORMAT " bytes, %" G_GUINT64_FORMAT " were promised",
	          kiln_digest_print(&descriptor->digest, digest), g_bytes_get_size(bytes), descriptor->size_bytes);
	return NULL;
}

static gboolean is_for(const char *os, const char *architecture, const char *variant, const KilnPlatform *platform)
{
	if (g_strcmp0(os, "linux") != 0 || g_strcmp0(architecture, platform->architecture) != 0)
		return FALSE;
	/* Source: image-index.md "Platform Variants"; without one, arm is v7 and amd64 is v1 to everybody. */
	const char *assumed = strcmp(platform->architecture, "arm") == 0 ? "v7" : strcmp(platform->architecture, "arm64") == 0 ? "v8" : "v1";
	return g_strcmp0(variant && *variant ? variant : assumed, platform->variant ? platform->variant : assumed) == 0;
}

/* An image for some platform, no attestation that hangs beside one. */
static gboolean is_choice(const KilnDescriptor *item)
{
	return !item->artifact_type && g_strcmp0(item->os, "unknown") != 0 &&
	       (kiln_media_type_is_manifest(item->media_type) || kiln_media_type_is_index(item->media_type));
}

static char *list_platforms(const KilnManifest *index)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < index->items->len; i++) {
		const KilnDescriptor *item = index->items->pdata[i];
		if (is_choice(item))
			g_string_append_printf(text, "%s%s/%s%s%s", text->len ? ", " : "", item->os ? item->os : "?", item->architecture ? item->architecture : "?",
			                       item->variant ? "/" : "", item->variant ? item->variant : "");
	}
	return g_string_free(text, FALSE);
}

static const KilnDescriptor *choose(const KilnManifest *index, const KilnPlatform *platform, GError **error)
{
	const KilnPlatform *wanted = platform ? platform : kiln_platform_host();
	const KilnDescriptor *only = NULL;
	guint count = 0;
	for (guint i = 0; i < index->items->len; i++) {
		const KilnDescriptor *item = index->items->pdata[i];
		if (!is_choice(item))
			continue;
		if (is_for(item->os, item->architecture, item->variant, wanted))
			return item;
		only = item;
		count++;
	}
	if (count == 1 && (!platform || !only->os))
		return only;
	g_autofree char *list = list_platforms(index);
	kiln_fail(error, KILN_ERROR_NOT_FOUND, "no image for %s in it; it has: %s", wanted->oci, *list ? list : "none");
	return NULL;
}

/* From the top down to a manifest; indexes may stand in indexes. */
static gboolean find_manifest(KilnImage *image, const KilnPlatform *platform, GError **error)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	kiln_descriptor_copy(&image->top, &image->descriptor);
	for (guint depth = 0; depth < KILN_LIMIT_MANIFEST_DEPTH; depth++) {
		g_autoptr(GBytes) bytes = read_promised(image, &image->descriptor, KILN_LIMIT_MANIFEST_BYTES, error);
		g_autoptr(KilnManifest) manifest = bytes ? kiln_manifest_parse(bytes, kiln_digest_print(&image->descriptor.digest, digest), error) : NULL;
		if (!manifest)
			return FALSE;
		if (!manifest->is_index) {
			image->manifest = g_steal_pointer(&manifest);
			return TRUE;
		}
		const KilnDescriptor *chosen = choose(manifest, platform, error);
		if (!chosen)
			return FALSE;
		kiln_descriptor_clear(&image->descriptor);
		kiln_descriptor_copy(chosen, &image->descriptor);
	}
	return kiln_fail(error, KILN_ERROR_LIMIT, "more than %d indexes in one another", KILN_LIMIT_MANIFEST_DEPTH);
}

static gboolean read_config(KilnImage *image, GError **error)
{
	const KilnManifest *manifest = image->manifest;
	const char *type = manifest->config.media_type;
	if (manifest->artifact_type || (strcmp(type, KILN_MEDIA_CONFIG) != 0 && strcmp(type, MEDIA_DOCKER_CONFIG) != 0))
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "this is no image but an artifact of type %s", manifest->artifact_type ? manifest->artifact_type : type);
	g_autoptr(GBytes) bytes = read_promised(image, &manifest->config, KILN_LIMIT_IMAGE_CONFIG_BYTES, error);
	image->config = bytes ? kiln_image_config_parse(bytes, "image configuration", error) : NULL;
	if (!image->config)
		return FALSE;
	if (image->config->diff_id_count != manifest->items->len)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%u layers, but %" G_GSIZE_FORMAT " diff ids in its configuration", manifest->items->len, image->config->diff_id_count);
	return TRUE;
}

static gboolean check_platform(const KilnImage *image, const KilnPlatform *platform, GError **error)
{
	const KilnImageConfig *config = image->config;
	if (!platform || is_for(config->os, config->architecture, config->variant, platform))
		return TRUE;
	return kiln_fail(error, KILN_ERROR_NOT_FOUND, "the image is for %s/%s, not for %s", config->os ? config->os : "?", config->architecture ? config->architecture : "?", platform->oci);
}

KilnImage *kiln_image_locate(const char *reference, const char *store_layout_path, GError **error)
{
	g_autoptr(KilnImage) image = g_new0(KilnImage, 1);
	if (!kiln_reference_parse(reference, &image->reference, error))
		return NULL;
	image->name = kiln_reference_print(&image->reference);
	if (finders[image->reference.transport](image, store_layout_path, error))
		return g_steal_pointer(&image);
	g_prefix_error(error, "%s: ", image->name);
	return NULL;
}

gboolean kiln_image_choose(KilnImage *image, const KilnDescriptor *descriptor, GError **error)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	kiln_descriptor_clear(&image->descriptor);
	g_clear_pointer(&image->manifest, kiln_manifest_free);
	g_clear_pointer(&image->config, kiln_image_config_free);
	kiln_descriptor_copy(descriptor, &image->descriptor);
	g_autoptr(GBytes) bytes = read_promised(image, descriptor, KILN_LIMIT_MANIFEST_BYTES, error);
	image->manifest = bytes ? kiln_manifest_parse(bytes, kiln_digest_print(&descriptor->digest, digest), error) : NULL;
	if (image->manifest && !image->manifest->is_index && read_config(image, error))
		return TRUE;
	if (image->manifest && image->manifest->is_index)
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s is an index, not an image", digest);
	g_prefix_error(error, "%s: ", image->name);
	return FALSE;
}

KilnImage *kiln_image_open(const char *reference, const char *store_layout_path, const KilnPlatform *platform, GError **error)
{
	g_autoptr(KilnImage) image = kiln_image_locate(reference, store_layout_path, error);
	if (!image)
		return NULL;
	if (find_manifest(image, platform, error) && read_config(image, error) && check_platform(image, platform, error))
		return g_steal_pointer(&image);
	g_prefix_error(error, "%s: ", image->name);
	return NULL;
}

void kiln_image_close(KilnImage *image)
{
	if (!image)
		return;
	kiln_layout_close(image->layout);
	kiln_private_directory_free(image->directory);
	kiln_reference_clear(&image->reference);
	kiln_descriptor_clear(&image->top);
	kiln_descriptor_clear(&image->descriptor);
	kiln_manifest_free(image->manifest);
	kiln_image_config_free(image->config);
	g_free(image->name);
	g_free(image);
}
