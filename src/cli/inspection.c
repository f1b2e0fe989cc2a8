/* SPDX-License-Identifier: Apache-2.0 */
/* inspection.c: gather what is known of an image. */
#include "cli/inspection.h"

#include "cli/database.h"
#include "vuln/end_of_life.h"

#include "base/error.h"
#include "base/limits.h"
#include "build/evidence.h"
#include "read/reader.h"
#include "run/writable.h"

#include <string.h>

static const struct {
	const char *artifact_type, *predicate_type, *kind;
} kinds[] = {
	{ "application/spdx+json", NULL, "SPDX SBOM" },
	{ "application/vnd.cyclonedx+json", NULL, "CycloneDX SBOM" },
	{ "application/vnd.in-toto+json", "https://slsa.dev/provenance/v1", "SLSA provenance" },
	{ "application/vnd.in-toto+json", "https://in-toto.io/attestation/test-result/v0.1", "test result" },
	{ KILN_MEDIA_REASONS, NULL, "reason of every file" },
};

KilnImage *kiln_open_image(KilnInvocation *invocation, const char *reference, GError **error)
{
	const char *const *texts = kiln_option_list(invocation, "platform");
	if (texts[0] && texts[1]) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "--platform names %s and %s; kiln %s looks at one", texts[0], texts[1], invocation->command->name);
		return NULL;
	}
	const KilnPlatform *platform = texts[0] ? kiln_platform_parse(texts[0], error) : NULL;
	return texts[0] && !platform ? NULL : kiln_image_open(reference, invocation->images_path, platform, error);
}

static char *platform_text(const char *os, const char *architecture, const char *variant)
{
	return g_strdup_printf("%s/%s%s%s", os ? os : "?", architecture ? architecture : "?", variant && *variant ? "/" : "", variant ? variant : "");
}

static gboolean read_platforms(KilnInspection *inspection, GError **error)
{
	const KilnImage *image = inspection->image;
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	if (!kiln_media_type_is_index(image->top.media_type)) {
		g_autofree char *own = platform_text(image->config->os, image->config->architecture, image->config->variant);
		g_strv_builder_add(builder, own);
		inspection->platforms = g_strv_builder_end(builder);
		return TRUE;
	}
	g_autoptr(GBytes) bytes = kiln_layout_read_blob(image->layout, &image->top.digest, KILN_LIMIT_MANIFEST_BYTES, error);
	g_autoptr(KilnManifest) index = bytes ? kiln_manifest_parse(bytes, "index", error) : NULL;
	if (!index)
		return FALSE;
	for (guint i = 0; i < index->items->len; i++) {
		const KilnDescriptor *item = index->items->pdata[i];
		g_autofree char *text = platform_text(item->os, item->architecture, item->variant);
		if (!item->artifact_type && g_strcmp0(item->os, "unknown") != 0)
			g_strv_builder_add(builder, text);
	}
	inspection->platforms = g_strv_builder_end(builder);
	return TRUE;
}

/* "kiln build nginx: C library" is "C library"; of Docker's commands the shell in front says nothing. */
static char *title_of(const char *created_by)
{
	static const char *const prefixes[] = { "/bin/sh -c #(nop) ", "/bin/sh -c ", "|0 /bin/sh -c " };
	const char *colon = g_str_has_prefix(created_by, "kiln build ") ? strstr(created_by, ": ") : NULL;
	if (colon)
		return g_strdup(colon + 2);
	for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++)
		if (g_str_has_prefix(created_by, prefixes[i]))
			return g_strstrip(g_strdup(created_by + strlen(prefixes[i])));
	return g_strdup(created_by);
}

static void layer_clear(gpointer data)
{
	g_free(((KilnInspectedLayer *)data)->title);
}

static void read_layers(KilnInspection *inspection)
{
	const KilnImage *image = inspection->image;
	g_autoptr(GPtrArray) titles = g_ptr_array_new();
	inspection->layers = g_array_new(FALSE, TRUE, sizeof(KilnInspectedLayer));
	g_array_set_clear_func(inspection->layers, layer_clear);
	for (guint i = 0; i < image->config->history->len; i++) {
		const KilnHistory *history = image->config->history->pdata[i];
		if (!history->empty_layer)
			g_ptr_array_add(titles, history->created_by);
	}
	for (guint i = 0; i < image->manifest->items->len; i++) {
		KilnInspectedLayer layer = { .descriptor = image->manifest->items->pdata[i] };
		layer.title = titles->len == image->manifest->items->len && titles->pdata[i] ? title_of(titles->pdata[i]) : NULL;
		inspection->compressed_bytes += layer.descriptor->size_bytes;
		g_array_append_val(inspection->layers, layer);
	}
	for (guint i = 0; i < inspection->inventory->files->len; i++) {
		const KilnImageFile *file = inspection->inventory->files->pdata[i];
		KilnInspectedLayer *layer = &g_array_index(inspection->layers, KilnInspectedLayer, file->layer);
		layer->files += file->type != KILN_FILE_DIRECTORY;
		layer->bytes += file->type == KILN_FILE_REGULAR ? file->size : 0;
	}
}

static const char *kind_of(const KilnDescriptor *descriptor)
{
	const char *predicate = kiln_descriptor_annotation(descriptor, KILN_PREDICATE_TYPE_ANNOTATION);
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (g_strcmp0(descriptor->artifact_type, kinds[i].artifact_type) == 0 && (!kinds[i].predicate_type || g_strcmp0(predicate, kinds[i].predicate_type) == 0))
			return kinds[i].kind;
	return predicate ? predicate : descriptor->artifact_type ? descriptor->artifact_type : "unknown";
}

static gboolean read_evidence(KilnInspection *inspection, GError **error)
{
	const KilnImage *image = inspection->image;
	g_autoptr(GPtrArray) of_index = NULL;
	if (!kiln_layout_referrers(image->layout, &image->descriptor.digest, NULL, &inspection->attached, error))
		return FALSE;
	if (!kiln_digest_equal(&image->top.digest, &image->descriptor.digest)) {
		if (!kiln_layout_referrers(image->layout, &image->top.digest, NULL, &of_index, error))
			return FALSE;
		g_ptr_array_extend_and_steal(inspection->attached, g_steal_pointer(&of_index));
	}
	inspection->evidence = g_array_new(FALSE, TRUE, sizeof(KilnInspectedEvidence));
	for (guint i = 0; i < inspection->attached->len; i++) {
		KilnInspectedEvidence item = { inspection->attached->pdata[i], kind_of(inspection->attached->pdata[i]) };
		g_array_append_val(inspection->evidence, item);
	}
	return TRUE;
}

/* Only the request for its package keeps it: `programs` would leave it out unless it names it. */
static gboolean is_unreachable(const KilnReason *reason)
{
	return reason->program && strcmp(reason->rule, "requested") == 0;
}

static gboolean has_start(const KilnReasons *reasons)
{
	for (gsize i = 0; i < reasons->count; i++)
		if (strcmp(reasons->reasons[i].rule, "entrypoint") == 0 || strcmp(reasons->reasons[i].rule, "command") == 0)
			return TRUE;
	return FALSE;
}

static void weigh_programs(KilnInspection *inspection)
{
	const KilnReasons *reasons = inspection->reasons;
	gboolean starts = has_start(reasons);
	for (gsize i = 0; i < reasons->count; i++) {
		const KilnReason *reason = &reasons->reasons[i];
		const KilnInventoryFile *entry = reason->kept ? kiln_inventory_find(inspection->inventory, reason->path) : NULL;
		if (!entry)
			continue;
		if (reason->program && json_array_size(reason->calls))
			g_ptr_array_add(inspection->callers, (gpointer)reason);
		if (!starts || !is_unreachable(kiln_reasons_root(reasons, reason)))
			continue;
		inspection->unreachable_bytes += entry->file->type == KILN_FILE_REGULAR ? entry->file->size : 0;
		if (is_unreachable(reason))
			g_ptr_array_add(inspection->unreachable, (gpointer)reason);
	}
}

/* The image's own databases leave out what only maintainer scripts bring, and configuration files; the reasons know them. */
static void claim_by_reasons(KilnInventory *inventory, const KilnReasons *reasons)
{
	for (gsize i = 0; i < reasons->count; i++) {
		const KilnReason *reason = &reasons->reasons[i];
		gint package = reason->kept && reason->package ? kiln_inventory_package(inventory, reason->package->name, NULL) : -1;
		if (package >= 0)
			kiln_inventory_claim(inventory, reason->path, package);
	}
}

KilnInventory *kiln_read_image(KilnInvocation *invocation, const KilnImage *image, gboolean is_thorough, GError **error)
{
	KilnReaderOptions options = { .store = invocation->store, .is_thorough = is_thorough, .require_sandbox = kiln_option_flag(invocation, "require-sandbox") };
	kiln_option_number(invocation, "reader-memory", &options.memory_bytes);
	return kiln_reader_inventory(image, &options, &invocation->context, error);
}

gboolean kiln_read_inventory(KilnInvocation *invocation, const KilnImage *image, gboolean is_thorough, KilnInventory **inventory, KilnReasons **reasons, GError **error)
{
	g_autoptr(GError) reason = NULL;
	g_autoptr(KilnInventory) read = kiln_read_image(invocation, image, is_thorough, error);
	if (!read)
		return FALSE;
	g_autoptr(KilnReasons) found = kiln_reasons_read(image->layout, &image->descriptor.digest, &reason);
	if (!found && !g_error_matches(reason, KILN_ERROR, KILN_ERROR_NOT_FOUND)) {
		g_propagate_prefixed_error(error, g_steal_pointer(&reason), "%s: ", image->name);
		return FALSE;
	}
	if (found)
		claim_by_reasons(read, found);
	*inventory = g_steal_pointer(&read);
	*reasons = g_steal_pointer(&found);
	return TRUE;
}

static void read_writable(KilnInspection *inspection)
{
	g_autoptr(GError) error = NULL;
	if (!kiln_writable_from_config(inspection->image->config, 0, 0, &inspection->writable, &error))
		inspection->writable_error = g_strdup(error->message);
}

/* Only the database knows; without one, or with one that is damaged, nothing is said of it here. */
static void read_end(KilnInvocation *invocation, KilnInspection *inspection)
{
	g_autofree char *path = kiln_database_path(invocation), *cycle = NULL;
	g_autoptr(KilnDatabase) database = kiln_database_open(path, NULL);
	KilnEndOfLife end;
	gboolean known = FALSE;
	if (database && kiln_distribution_end(database, &inspection->inventory->distribution, &end, &cycle, &known, NULL) && known)
		inspection->ends = kiln_end_of_life_text(&end);
}

KilnInspection *kiln_inspection_new(KilnInvocation *invocation, const char *reference, GError **error)
{
	g_autoptr(KilnInspection) inspection = g_new0(KilnInspection, 1);
	inspection->image = kiln_open_image(invocation, reference, error);
	inspection->unreachable = g_ptr_array_new();
	inspection->callers = g_ptr_array_new();
	if (!inspection->image || !kiln_read_inventory(invocation, inspection->image, TRUE, &inspection->inventory, &inspection->reasons, error))
		return NULL;
	read_layers(inspection);
	read_writable(inspection);
	read_end(invocation, inspection);
	if (inspection->reasons)
		weigh_programs(inspection);
	if (read_platforms(inspection, error) && read_evidence(inspection, error))
		return g_steal_pointer(&inspection);
	g_prefix_error(error, "%s: ", inspection->image->name);
	return NULL;
}

void kiln_inspection_free(KilnInspection *inspection)
{
	if (!inspection)
		return;
	g_clear_pointer(&inspection->layers, g_array_unref);
	g_clear_pointer(&inspection->evidence, g_array_unref);
	g_clear_pointer(&inspection->attached, g_ptr_array_unref);
	g_clear_pointer(&inspection->writable, g_ptr_array_unref);
	g_clear_pointer(&inspection->unreachable, g_ptr_array_unref);
	g_clear_pointer(&inspection->callers, g_ptr_array_unref);
	g_strfreev(inspection->platforms);
	g_free(inspection->writable_error);
	g_free(inspection->ends);
	kiln_reasons_free(inspection->reasons);
	kiln_inventory_free(inspection->inventory);
	kiln_image_close(inspection->image);
	g_free(inspection);
}

static gint by_size(gconstpointer a, gconstpointer b)
{
	const KilnInventoryPackage *first = *(KilnInventoryPackage *const *)a, *second = *(KilnInventoryPackage *const *)b;
	return first->bytes != second->bytes ? (first->bytes < second->bytes ? 1 : -1) : strcmp(first->identity.name, second->identity.name);
}

GPtrArray *kiln_packages_by_size(const KilnInventory *inventory)
{
	GPtrArray *sorted = g_ptr_array_copy(inventory->packages, NULL, NULL);
	g_ptr_array_set_free_func(sorted, NULL);
	g_ptr_array_sort(sorted, by_size);
	return sorted;
}

void kiln_count_trait(const KilnInventory *inventory, guint trait, guint *files, guint64 *bytes)
{
	*files = 0;
	*bytes = 0;
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnInventoryFile *entry = &inventory->entries[i];
		if (!(entry->traits & trait))
			continue;
		(*files)++;
		*bytes += entry->file->type == KILN_FILE_REGULAR ? entry->file->size : 0;
	}
}

void kiln_count_unowned(const KilnInventory *inventory, guint *files, guint64 *bytes, guint *programs)
{
	*files = *programs = 0;
	*bytes = 0;
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnInventoryFile *entry = &inventory->entries[i];
		if (entry->package >= 0 || entry->file->type != KILN_FILE_REGULAR)
			continue;
		(*files)++;
		*bytes += entry->file->size;
		*programs += (entry->traits & (KILN_TRAIT_ELF | KILN_TRAIT_SCRIPT)) != 0;
	}
}
