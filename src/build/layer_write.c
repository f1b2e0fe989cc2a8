/* SPDX-License-Identifier: Apache-2.0 */
/* layer_write.c: the entries of each layer as a canonical tar; layers that were written before are remembered. */
#include "base/error.h"
#include "build/layer_internal.h"
#include "build/layer_stream.h"
#include "crypto/hash.h"
#include "io/tar.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The content of a file of this size or more has members of its own, which are the same wherever the file is. */
#define OWN_MEMBERS_BYTES (64 * 1024)

/* One layer while it is written. */
typedef struct {
	LayerStream *stream;
	KilnHash *content_hash;
	GByteArray *header;
	const KilnContext *context;
	gint64 mtime_s;
} Writer;

static gboolean append_file(Writer *writer, const KilnTreeEntry *entry, GError **error)
{
	KilnDigest actual;
	guint64 done = 0;
	while (done < entry->size) {
		gsize room;
		guint8 *place = layer_stream_room(writer->stream, &room);
		gssize count = pread(entry->data_fd, place, MIN(room, entry->size - done), (off_t)(entry->offset + done));
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count < 0 ? kiln_fail_errno(error, errno, "/%s: cannot read from the cache", entry->path)
			                 : kiln_fail(error, KILN_ERROR_MISMATCH, "/%s: the cache lost its content; remove the cache directory and build again", entry->path);
		kiln_hash_update(writer->content_hash, place, (gsize)count);
		if (!layer_stream_added(writer->stream, (gsize)count, error))
			return FALSE;
		done += (guint64)count;
	}
	kiln_hash_finish(writer->content_hash, &actual);
	if (!kiln_digest_equal(&actual, &entry->digest))
		return kiln_fail(error, KILN_ERROR_MISMATCH, "/%s: the cache holds other bytes than its package; remove the cache directory and build again", entry->path);
	return TRUE;
}

static gboolean append_content(Writer *writer, const KilnTreeEntry *entry, GError **error)
{
	gboolean own = entry->size >= OWN_MEMBERS_BYTES;
	if (own && !layer_stream_cut(writer->stream, TRUE, error))
		return FALSE;
	gsize length = 0;
	const guint8 *bytes = entry->bytes ? g_bytes_get_data(entry->bytes, &length) : NULL;
	if (entry->bytes ? !layer_stream_append(writer->stream, bytes, length, error) : !append_file(writer, entry, error))
		return FALSE;
	return !own || layer_stream_cut(writer->stream, FALSE, error);
}

static gboolean append_entry(Writer *writer, const KilnTreeEntry *entry, const char *hard_link, GError **error)
{
	KilnTarEntry tar = { .path = entry->path, .type = hard_link ? KILN_FILE_HARDLINK : entry->type, .mode = entry->mode, .uid = entry->uid, .gid = entry->gid,
		             .size = hard_link ? 0 : entry->size, .mtime_s = writer->mtime_s, .link_target = hard_link ? hard_link : entry->link_target,
		             .xattrs = entry->xattrs, .xattr_count = hard_link ? 0 : entry->xattr_count };
	GByteArray *header = writer->header;
	g_byte_array_set_size(header, 0);
	kiln_tar_append_header(header, &tar);
	if (!kiln_context_check(writer->context, error) || !layer_stream_append(writer->stream, header->data, header->len, error))
		return FALSE;
	if (entry->type != KILN_FILE_REGULAR || hard_link)
		return TRUE;
	if (!append_content(writer, entry, error))
		return FALSE;
	g_byte_array_set_size(header, 0);
	kiln_tar_append_padding(header, entry->size);
	return layer_stream_append(writer->stream, header->data, header->len, error);
}

/* Files of one package that share their content (hard links in the .deb) share it in the layer. */
static const char *hard_link_of(GHashTable *written, const KilnTreeEntry *entry)
{
	if (entry->type != KILN_FILE_REGULAR || entry->bytes || entry->size == 0)
		return NULL;
	g_autofree char *key = g_strdup_printf("%d:%" G_GUINT64_FORMAT ":%o:%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, entry->data_fd, entry->offset,
	                                       entry->mode, entry->uid, entry->gid);
	const char *first = g_hash_table_lookup(written, key);
	if (!first)
		g_hash_table_insert(written, g_steal_pointer(&key), (gpointer)entry->path);
	return first;
}

static gboolean write_layer(LayerCompressor *compressor, const KilnContext *context, KilnLayout *layout, const GPtrArray *entries, gint64 mtime_s,
                            KilnLayer *layer, GError **error)
{
	g_autoptr(GHashTable) written = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(KilnHash) content_hash = kiln_hash_new();
	g_autoptr(GByteArray) header = g_byte_array_new();
	g_autoptr(LayerStream) stream = layer_stream_begin(compressor, layout, error);
	Writer writer = { stream, content_hash, header, context, mtime_s };
	for (guint i = 0; stream && i < entries->len; i++)
		if (!append_entry(&writer, entries->pdata[i], hard_link_of(written, entries->pdata[i]), error))
			return FALSE;
	g_byte_array_set_size(header, 0);
	kiln_tar_append_end(header);
	return stream && layer_stream_append(stream, header->data, header->len, error) && layer_stream_finish(stream, layer, error);
}

/* Everything that decides a layer's bytes. */
static void layer_key(const GPtrArray *entries, const char *compressor, gint64 mtime_s, KilnDigest *key)
{
	g_autoptr(KilnHash) hash = kiln_hash_new();
	g_autofree char *head = g_strdup_printf("layer 2 %s %" G_GINT64_FORMAT "\n", compressor, mtime_s);
	kiln_hash_update(hash, head, strlen(head));
	for (guint i = 0; i < entries->len; i++) {
		const KilnTreeEntry *entry = entries->pdata[i];
		g_autofree char *line = g_strdup_printf("%d %o %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GSIZE_FORMAT " %" G_GUINT64_FORMAT, entry->type, entry->mode, entry->uid,
		                                        entry->gid, entry->size, entry->xattr_count, entry->bytes ? 0 : entry->offset);
		kiln_hash_update(hash, line, strlen(line) + 1);
		kiln_hash_update(hash, entry->path, strlen(entry->path) + 1);
		if (entry->link_target)
			kiln_hash_update(hash, entry->link_target, strlen(entry->link_target) + 1);
		kiln_hash_update(hash, entry->digest.sha256, sizeof entry->digest.sha256);
		for (gsize j = 0; j < entry->xattr_count; j++) {
			kiln_hash_update(hash, entry->xattrs[j].name, strlen(entry->xattrs[j].name) + 1);
			kiln_hash_update(hash, entry->xattrs[j].value, entry->xattrs[j].length);
		}
	}
	kiln_hash_finish(hash, key);
}

static char *memory_path(const KilnDigest *key)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	return g_strdup_printf("layers/%s", kiln_digest_print_hex(key, hex));
}

/* A layer that was written before and is still in the layout: "<digest> <diff id> <bytes> <plain bytes>". */
static gboolean recall(KilnStore *store, const KilnLayout *layout, const KilnDigest *key, KilnLayer *layer)
{
	g_autofree char *path = memory_path(key);
	g_autoptr(GBytes) bytes = kiln_file_read_at(kiln_store_cache_fd(store), path, 4096, NULL);
	gsize length;
	const char *data = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	g_autofree char *text = data ? g_strndup(data, length) : NULL;
	g_auto(GStrv) words = text ? g_strsplit(text, " ", 4) : NULL;
	if (!words || g_strv_length(words) != 4 || !kiln_digest_parse(words[0], strlen(words[0]), &layer->descriptor.digest, NULL) ||
	    !kiln_digest_parse(words[1], strlen(words[1]), &layer->diff_id, NULL))
		return FALSE;
	layer->descriptor.size_bytes = g_ascii_strtoull(words[2], NULL, 10);
	layer->plain_bytes = g_ascii_strtoull(words[3], NULL, 10);
	guint64 there;
	return kiln_layout_has_blob(layout, &layer->descriptor.digest, &there) && there == layer->descriptor.size_bytes;
}

static gboolean remember(KilnStore *store, const KilnDigest *key, const KilnLayer *layer, GError **error)
{
	char digest[KILN_DIGEST_TEXT_MAX], diff_id[KILN_DIGEST_TEXT_MAX];
	g_autofree char *path = memory_path(key);
	g_autofree char *text = g_strdup_printf("%s %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, kiln_digest_print(&layer->descriptor.digest, digest),
	                                        kiln_digest_print(&layer->diff_id, diff_id), layer->descriptor.size_bytes, layer->plain_bytes);
	g_auto(KilnFd) directory = kiln_directory_make_at(kiln_store_cache_fd(store), "layers", 0700, error);
	g_autoptr(KilnNewFile) file = directory < 0 ? NULL : kiln_new_file_begin(kiln_store_cache_fd(store), path, error);
	return file && kiln_new_file_write(file, text, strlen(text), error) && kiln_new_file_commit(file, FALSE, error);
}

/* Directories on the way to a layer's files are in it too, so that it unpacks alone. */
static void add_with_parents(const KilnTree *tree, GPtrArray *entries, GHashTable *present, KilnTreeEntry *entry)
{
	for (const char *slash = strchr(entry->path, '/'); slash; slash = strchr(slash + 1, '/')) {
		g_autofree char *parent = g_strndup(entry->path, (gsize)(slash - entry->path));
		KilnTreeEntry *directory = kiln_tree_get(tree, parent);
		if (directory && g_hash_table_add(present, directory))
			g_ptr_array_add(entries, directory);
	}
	if (g_hash_table_add(present, entry))
		g_ptr_array_add(entries, entry);
}

static gint by_path(gconstpointer a, gconstpointer b)
{
	return strcmp((*(KilnTreeEntry *const *)a)->path, (*(KilnTreeEntry *const *)b)->path);
}

static void layer_free(gpointer data)
{
	KilnLayer *layer = data;
	kiln_descriptor_clear(&layer->descriptor);
	g_free(layer->title);
	g_free(layer);
}

void kiln_layers_clear(KilnLayers *layers)
{
	g_clear_pointer(&layers->layers, g_ptr_array_unref);
}

static gboolean write_all(const KilnTree *tree, LayerCompressor *compressor, KilnStore *store, const KilnContext *context, KilnLayout *layout,
                          const char *media_type, gint64 mtime_s, GPtrArray *layers, GError **error)
{
	for (guint number = 0; number < KILN_LAYER_COUNT; number++) {
		g_autoptr(GPtrArray) entries = g_ptr_array_new();
		g_autoptr(GHashTable) present = g_hash_table_new(NULL, NULL);
		KilnDigest key;
		for (guint i = 0; i < tree->entries->len; i++) {
			KilnTreeEntry *entry = tree->entries->pdata[i];
			/* A directory that is there for files alone goes where they go. */
			if (strcmp(entry->edge.rule, "directory") != 0 && kiln_layer_of(tree, entry) == number)
				add_with_parents(tree, entries, present, entry);
		}
		if (entries->len == 0)
			continue;
		g_ptr_array_sort(entries, by_path);
		layer_key(entries, layer_compressor_name(compressor), mtime_s, &key);
		KilnLayer *layer = g_new0(KilnLayer, 1);
		g_ptr_array_add(layers, layer);
		layer->title = g_strdup(layer_title(number));
		layer->files = entries->len;
		if (!recall(store, layout, &key, layer) &&
		    (!write_layer(compressor, context, layout, entries, mtime_s, layer, error) || !remember(store, &key, layer, error)))
			return FALSE;
		layer->descriptor.media_type = g_strdup(media_type);
		KilnProgress progress = { "layers", layer->title, number + 1, KILN_LAYER_COUNT, KILN_UNIT_ITEMS };
		kiln_context_progress(context, &progress);
	}
	return TRUE;
}

gboolean kiln_layers_write(const KilnTree *tree, KilnStore *store, const KilnContext *context, KilnLayout *layout,
                           KilnCompression compression, gint64 mtime_s, KilnLayers *out, GError **error)
{
	const char *media_type = compression == KILN_COMPRESSION_ZSTD ? KILN_MEDIA_LAYER_ZSTD : KILN_MEDIA_LAYER_GZIP;
	g_autoptr(GPtrArray) layers = g_ptr_array_new_with_free_func(layer_free);
	g_autoptr(LayerCompressor) compressor = layer_compressor_new(store, compression, context->jobs, error);
	if (!compressor || !write_all(tree, compressor, store, context, layout, media_type, mtime_s, layers, error))
		return FALSE;
	out->layers = g_steal_pointer(&layers);
	return TRUE;
}
