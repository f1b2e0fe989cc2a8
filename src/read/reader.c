/* SPDX-License-Identifier: Apache-2.0 */
/* reader.c: which layers have to be read, on all cores, and what is remembered of them. */
#include "read/reader.h"

#include "base/error.h"
#include "crypto/hash.h"
#include "data/pack.h"
#include "io/file.h"
#include "read/process.h"

#include <string.h>
#include <sys/stat.h>

/* What a thorough reading found serves all. */
#define FACTS "layer-1"
#define THOROUGH_FACTS "layer-thorough-1"
#define INVENTORIES "inventory-1"
#define THOROUGH_INVENTORIES "inventory-thorough-1"

/* One reading of an image. */
typedef struct {
	const KilnImage *image;
	const KilnReaderOptions *options;
	const KilnContext *context;
	guint count;
	KilnDigest *keys;  /* of each layer's facts */
	int *facts;        /* -1: not there yet */
	guint64 *done_bytes; /* of each layer */
	GMutex mutex;
	guint next;        /* layer that nobody reads yet */
	GError *error;     /* the first */
} Reading;

/* Another kiln may see more in the same bytes: what is remembered is worth something to this one only. */
static void pack_program(GByteArray *out)
{
	struct stat status;
	if (stat("/proc/self/exe", &status) != 0)
		return;
	kiln_pack_number(out, (guint64)status.st_size);
	kiln_pack_number(out, (guint64)status.st_mtim.tv_sec);
	kiln_pack_number(out, (guint64)status.st_mtim.tv_nsec);
}

static void layer_key(const KilnImage *image, guint layer, KilnDigest *key)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	const KilnDescriptor *descriptor = image->manifest->items->pdata[layer];
	pack_program(out);
	kiln_pack_text(out, descriptor->media_type);
	kiln_pack_digest(out, &descriptor->digest);
	const KilnDigest *diff_id = kiln_image_diff_id(image, layer);
	kiln_pack_number(out, diff_id != NULL);
	kiln_pack_digest(out, diff_id ? diff_id : &descriptor->digest);
	kiln_hash_bytes(out->data, out->len, key);
}

static GBytes *recall(const Reading *reading, const char *kind, const char *thorough_kind, const KilnDigest *key)
{
	KilnStore *store = reading->options->store;
	GBytes *known = store && !reading->options->is_thorough ? kiln_memory_recall(store, kind, key) : NULL;
	return known || !store ? known : kiln_memory_recall(store, thorough_kind, key);
}

/* A cache that cannot be written costs time only. */
static void remember(const Reading *reading, const char *kind, const KilnDigest *key, int fd)
{
	g_autoptr(GMappedFile) mapped = reading->options->store ? g_mapped_file_new_from_fd(fd, FALSE, NULL) : NULL;
	g_autoptr(GError) reason = NULL;
	if (mapped && !kiln_memory_keep(reading->options->store, kind, key, g_mapped_file_get_contents(mapped), g_mapped_file_get_length(mapped), &reason))
		kiln_context_notice(reading->context, "%s: what was read is not remembered: %s", reading->image->name, reason->message);
}

/* The progress of one layer, as that of all. */
typedef struct {
	Reading *reading;
	guint layer;
} LayerProgress;

static void tell_layer(guint64 done_bytes, gpointer user_data)
{
	const LayerProgress *layer = user_data;
	Reading *reading = layer->reading;
	KilnProgress progress = { .phase = "read", .item = reading->image->name, .unit = KILN_UNIT_BYTES };
	g_mutex_lock(&reading->mutex);
	reading->done_bytes[layer->layer] = done_bytes;
	for (guint i = 0; i < reading->count; i++)
		progress.done += reading->done_bytes[i];
	kiln_context_progress(reading->context, &progress);
	g_mutex_unlock(&reading->mutex);
}

static int read_layer(Reading *reading, guint layer, GError **error)
{
	const KilnImage *image = reading->image;
	LayerProgress progress = { reading, layer };
	const ReaderProcess process = { reading->options, reading->context, tell_layer, &progress };
	ReaderRequest request = { .is_layer = TRUE, .is_thorough = reading->options->is_thorough, .descriptor = *(const KilnDescriptor *)image->manifest->items->pdata[layer] };
	const KilnDigest *diff_id = kiln_image_diff_id(image, layer);
	request.has_diff_id = diff_id != NULL;
	if (diff_id)
		request.diff_id = *diff_id;
	g_auto(KilnFd) blob = kiln_image_open_layer(image, layer, error);
	if (blob < 0)
		return -1;
	g_auto(KilnFd) facts = reader_process_run(&process, &request, &blob, 1, error);
	if (facts < 0)
		g_prefix_error(error, "%s: layer %u: ", image->name, layer + 1);
	else
		remember(reading, reading->options->is_thorough ? THOROUGH_FACTS : FACTS, &reading->keys[layer], facts);
	return g_steal_fd(&facts);
}

/* The next layer that is to be read; reading->count: none, or something failed. */
static guint take(Reading *reading)
{
	g_mutex_lock(&reading->mutex);
	while (reading->next < reading->count && reading->facts[reading->next] >= 0)
		reading->next++;
	guint layer = reading->error ? reading->count : reading->next;
	reading->next = layer < reading->count ? layer + 1 : reading->next;
	g_mutex_unlock(&reading->mutex);
	return layer;
}

static gpointer read_layers(gpointer user_data)
{
	Reading *reading = user_data;
	for (guint layer = take(reading); layer < reading->count; layer = take(reading)) {
		GError *error = NULL;
		int facts = read_layer(reading, layer, &error);
		g_mutex_lock(&reading->mutex);
		reading->facts[layer] = facts;
		if (error && !reading->error)
			reading->error = g_steal_pointer(&error);
		g_mutex_unlock(&reading->mutex);
		g_clear_error(&error);
	}
	return NULL;
}

static guint recall_layers(Reading *reading)
{
	guint missing = 0;
	for (guint layer = 0; layer < reading->count; layer++) {
		g_autoptr(GBytes) facts = recall(reading, FACTS, THOROUGH_FACTS, &reading->keys[layer]);
		reading->facts[layer] = facts ? reader_memory_file(facts, NULL) : -1;
		missing += reading->facts[layer] < 0;
	}
	return missing;
}

static gboolean read_missing(Reading *reading, GError **error)
{
	guint missing = recall_layers(reading), helpers = missing ? MIN(missing, MAX(reading->context->jobs, 1)) - 1 : 0;
	g_autofree GThread **threads = g_new0(GThread *, helpers + 1);
	for (guint i = 0; i < helpers; i++)
		threads[i] = g_thread_new("read", read_layers, reading);
	read_layers(reading);
	for (guint i = 0; i < helpers; i++)
		g_thread_join(threads[i]);
	if (!reading->error)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&reading->error));
	return FALSE;
}

static KilnInventory *unpack(int fd, GError **error)
{
	g_autoptr(GMappedFile) mapped = g_mapped_file_new_from_fd(fd, FALSE, error);
	g_autoptr(GBytes) packed = mapped ? g_mapped_file_get_bytes(mapped) : NULL;
	return packed ? kiln_inventory_unpack(packed, error) : NULL;
}

static KilnInventory *assemble(Reading *reading, const KilnDigest *key, GError **error)
{
	const ReaderProcess process = { reading->options, reading->context, NULL, NULL };
	ReaderRequest request = { .is_layer = FALSE, .is_thorough = reading->options->is_thorough };
	g_auto(KilnFd) output = reader_process_run(&process, &request, reading->facts, reading->count, error);
	KilnInventory *inventory = output < 0 ? NULL : unpack(output, error);
	if (inventory)
		remember(reading, reading->options->is_thorough ? THOROUGH_INVENTORIES : INVENTORIES, key, output);
	else
		g_prefix_error(error, "%s: ", reading->image->name);
	return inventory;
}

static KilnInventory *recall_inventory(const Reading *reading, const KilnDigest *key)
{
	g_autoptr(GBytes) packed = recall(reading, INVENTORIES, THOROUGH_INVENTORIES, key);
	return packed ? kiln_inventory_unpack(packed, NULL) : NULL;
}

KilnInventory *kiln_reader_inventory(const KilnImage *image, const KilnReaderOptions *options, const KilnContext *context, GError **error)
{
	guint count = image->manifest->items->len;
	g_autofree KilnDigest *keys = g_new0(KilnDigest, count + 1);
	g_autofree int *facts = g_new(int, count + 1);
	g_autofree guint64 *done_bytes = g_new0(guint64, count + 1);
	Reading reading = { .image = image, .options = options, .context = context, .count = count, .keys = keys, .facts = facts, .done_bytes = done_bytes };
	KilnDigest key;
	for (guint layer = 0; layer < count; layer++) {
		layer_key(image, layer, &keys[layer]);
		facts[layer] = -1;
	}
	kiln_hash_bytes(keys, count * sizeof *keys, &key);
	KilnInventory *inventory = recall_inventory(&reading, &key);
	if (inventory)
		return inventory;
	g_mutex_init(&reading.mutex);
	if (read_missing(&reading, error))
		inventory = assemble(&reading, &key, error);
	for (guint layer = 0; layer < count; layer++)
		kiln_fd_close(&facts[layer]);
	g_mutex_clear(&reading.mutex);
	return inventory;
}
