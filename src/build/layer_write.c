/* SPDX-License-Identifier: Apache-2.0 */
/* layer_write.c: one layer as a stream of chunks: read once, hashed plain, compressed on all cores, hashed again, written in order. */
#include "base/error.h"
#include "build/layer_internal.h"
#include "crypto/hash.h"
#include "io/deflate.h"
#include "io/tar.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_BYTES (1024 * 1024) /* plain bytes of one compressed member */
#define IN_FLIGHT 6               /* chunks between reading and writing: bounds memory */

/* One chunk on its way through the compressor. */
typedef struct {
	GByteArray *plain, *packed;
	gboolean done, failed;
} Chunk;

typedef struct {
	KilnCompression compression;
	GThreadPool *pool;
	GMutex lock;
	GCond changed;
} Compressor;

typedef struct {
	Compressor *compressor;
	KilnNewFile *file;
	KilnHash *plain_hash, *packed_hash, *content_hash;
	guint64 plain_bytes, packed_bytes;
	GQueue pending; /* Chunk in order */
	GByteArray *current;
	const KilnContext *context;
} Writer;

static void compress_chunk(gpointer data, gpointer user_data)
{
	Chunk *chunk = data;
	Compressor *compressor = user_data;
	static GPrivate own = G_PRIVATE_INIT((GDestroyNotify)kiln_deflater_free);
	static GPrivate own_zstd = G_PRIVATE_INIT((GDestroyNotify)kiln_deflater_free);
	GPrivate *slot = compressor->compression == KILN_COMPRESSION_ZSTD ? &own_zstd : &own;
	KilnDeflater *deflater = g_private_get(slot);
	if (!deflater) {
		deflater = kiln_deflater_new(compressor->compression, NULL);
		g_private_set(slot, deflater);
	}
	gboolean good = deflater && kiln_deflater_append(deflater, chunk->plain->data, chunk->plain->len, chunk->packed, NULL);
	g_mutex_lock(&compressor->lock);
	chunk->failed = !good;
	chunk->done = TRUE;
	g_cond_broadcast(&compressor->changed);
	g_mutex_unlock(&compressor->lock);
}

static void chunk_free(Chunk *chunk)
{
	g_byte_array_unref(chunk->plain);
	g_byte_array_unref(chunk->packed);
	g_free(chunk);
}

static void wait_for(Compressor *compressor, const Chunk *chunk)
{
	g_mutex_lock(&compressor->lock);
	while (!chunk->done)
		g_cond_wait(&compressor->changed, &compressor->lock);
	g_mutex_unlock(&compressor->lock);
}

/* Write the oldest chunk; the rest stays under way. */
static gboolean write_oldest(Writer *writer, GError **error)
{
	Chunk *chunk = g_queue_pop_head(&writer->pending);
	wait_for(writer->compressor, chunk);
	gboolean good = !chunk->failed ? kiln_new_file_write(writer->file, chunk->packed->data, chunk->packed->len, error)
	                               : kiln_fail(error, KILN_ERROR_INTERNAL, "a layer cannot be compressed");
	kiln_hash_update(writer->packed_hash, chunk->packed->data, chunk->packed->len);
	writer->packed_bytes += chunk->packed->len;
	chunk_free(chunk);
	return good;
}

static gboolean submit(Writer *writer, GError **error)
{
	if (writer->current->len == 0)
		return TRUE;
	Chunk *chunk = g_new0(Chunk, 1);
	chunk->plain = g_steal_pointer(&writer->current);
	chunk->packed = g_byte_array_new();
	writer->current = g_byte_array_sized_new(CHUNK_BYTES + 4096);
	writer->plain_bytes += chunk->plain->len;
	g_queue_push_tail(&writer->pending, chunk);
	g_thread_pool_push(writer->compressor->pool, chunk, NULL);
	/* Hashed here while another core compresses it; the pool only reads it. */
	kiln_hash_update(writer->plain_hash, chunk->plain->data, chunk->plain->len);
	return writer->pending.length < IN_FLIGHT || write_oldest(writer, error);
}

/* Content goes into chunks of a fixed size, so that member borders depend on the tar stream alone. */
static gboolean append(Writer *writer, const guint8 *bytes, gsize length, GError **error)
{
	while (length) {
		gsize part = MIN(length, CHUNK_BYTES - writer->current->len);
		g_byte_array_append(writer->current, bytes, (guint)part);
		bytes += part;
		length -= part;
		if (writer->current->len == CHUNK_BYTES && !submit(writer, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean append_file(Writer *writer, const KilnTreeEntry *entry, guint8 *buffer, GError **error)
{
	KilnDigest actual;
	guint64 done = 0;
	while (done < entry->size) {
		gssize count = pread(entry->data_fd, buffer, MIN(CHUNK_BYTES, entry->size - done), (off_t)(entry->offset + done));
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count < 0 ? kiln_fail_errno(error, errno, "/%s: cannot read from the cache", entry->path)
			                 : kiln_fail(error, KILN_ERROR_MISMATCH, "/%s: the cache lost its content; remove the cache directory and build again", entry->path);
		kiln_hash_update(writer->content_hash, buffer, (gsize)count);
		if (!append(writer, buffer, (gsize)count, error))
			return FALSE;
		done += (guint64)count;
	}
	kiln_hash_finish(writer->content_hash, &actual);
	if (!kiln_digest_equal(&actual, &entry->digest))
		return kiln_fail(error, KILN_ERROR_MISMATCH, "/%s: the cache holds other bytes than its package; remove the cache directory and build again", entry->path);
	return TRUE;
}

static gboolean append_entry(Writer *writer, const KilnTreeEntry *entry, const char *hard_link, gint64 mtime_s, guint8 *buffer, GError **error)
{
	g_autoptr(GByteArray) header = g_byte_array_new();
	KilnTarEntry tar = { .path = entry->path, .type = hard_link ? KILN_FILE_HARDLINK : entry->type, .mode = entry->mode, .uid = entry->uid, .gid = entry->gid,
		             .size = hard_link ? 0 : entry->size, .mtime_s = mtime_s, .link_target = hard_link ? hard_link : entry->link_target,
		             .xattrs = entry->xattrs, .xattr_count = hard_link ? 0 : entry->xattr_count };
	kiln_tar_append_header(header, &tar);
	if (!kiln_context_check(writer->context, error) || !append(writer, header->data, header->len, error))
		return FALSE;
	if (entry->type != KILN_FILE_REGULAR || hard_link)
		return TRUE;
	gsize length = 0;
	const guint8 *bytes = entry->bytes ? g_bytes_get_data(entry->bytes, &length) : NULL;
	if (entry->bytes ? !append(writer, bytes, length, error) : !append_file(writer, entry, buffer, error))
		return FALSE;
	g_byte_array_set_size(header, 0);
	kiln_tar_append_padding(header, entry->size);
	return append(writer, header->data, header->len, error);
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

static void drop_pending(Writer *writer)
{
	for (Chunk *chunk; (chunk = g_queue_pop_head(&writer->pending)) != NULL;) {
		wait_for(writer->compressor, chunk);
		chunk_free(chunk);
	}
}

static gboolean write_entries(Writer *writer, const GPtrArray *entries, gint64 mtime_s, GError **error)
{
	g_autoptr(GHashTable) written = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree guint8 *buffer = g_malloc(CHUNK_BYTES);
	g_autoptr(GByteArray) end = g_byte_array_new();
	for (guint i = 0; i < entries->len; i++)
		if (!append_entry(writer, entries->pdata[i], hard_link_of(written, entries->pdata[i]), mtime_s, buffer, error))
			return FALSE;
	kiln_tar_append_end(end);
	if (!append(writer, end->data, end->len, error) || !submit(writer, error))
		return FALSE;
	while (writer->pending.length)
		if (!write_oldest(writer, error))
			return FALSE;
	return TRUE;
}

static gboolean write_layer(Compressor *compressor, const KilnContext *context, KilnLayout *layout, const GPtrArray *entries, gint64 mtime_s,
                            KilnLayer *layer, GError **error)
{
	g_autoptr(KilnHash) plain = kiln_hash_new(), packed = kiln_hash_new(), content = kiln_hash_new();
	g_autoptr(KilnNewFile) file = kiln_layout_begin_blob(layout, error);
	Writer writer = { .compressor = compressor, .file = file, .plain_hash = plain, .packed_hash = packed, .content_hash = content, .context = context };
	if (!file)
		return FALSE;
	g_queue_init(&writer.pending);
	writer.current = g_byte_array_sized_new(CHUNK_BYTES + 4096);
	gboolean good = write_entries(&writer, entries, mtime_s, error);
	drop_pending(&writer);
	g_byte_array_unref(writer.current);
	if (!good)
		return FALSE;
	kiln_hash_finish(plain, &layer->diff_id);
	kiln_hash_finish(packed, &layer->descriptor.digest);
	layer->descriptor.size_bytes = writer.packed_bytes;
	layer->plain_bytes = writer.plain_bytes;
	return kiln_layout_commit_blob(layout, file, &layer->descriptor.digest, error);
}

/* Everything that decides a layer's bytes. */
static void layer_key(const GPtrArray *entries, KilnCompression compression, gint64 mtime_s, KilnDigest *key)
{
	g_autoptr(KilnHash) hash = kiln_hash_new();
	g_autoptr(KilnDeflater) deflater = kiln_deflater_new(compression, NULL);
	g_autofree char *head = g_strdup_printf("layer 1 %s %" G_GINT64_FORMAT " %d\n", deflater ? kiln_deflater_name(deflater) : "", mtime_s, CHUNK_BYTES);
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

/* A layer that was written before and is still in the layout: "<digest> <diff id> <plain bytes>". */
static gboolean recall(KilnStore *store, const KilnLayout *layout, const KilnDigest *key, KilnLayer *layer)
{
	g_autofree char *path = memory_path(key);
	g_autoptr(GBytes) bytes = kiln_file_read_at(kiln_store_cache_fd(store), path, 4096, NULL);
	gsize length;
	const char *data = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	g_autofree char *text = data ? g_strndup(data, length) : NULL;
	g_auto(GStrv) words = text ? g_strsplit(text, " ", 3) : NULL;
	if (!words || g_strv_length(words) != 3 || !kiln_digest_parse(words[0], strlen(words[0]), &layer->descriptor.digest, NULL) ||
	    !kiln_digest_parse(words[1], strlen(words[1]), &layer->diff_id, NULL))
		return FALSE;
	layer->plain_bytes = g_ascii_strtoull(words[2], NULL, 10);
	return kiln_layout_has_blob(layout, &layer->descriptor.digest, &layer->descriptor.size_bytes);
}

static gboolean remember(KilnStore *store, const KilnDigest *key, const KilnLayer *layer, GError **error)
{
	char digest[KILN_DIGEST_TEXT_MAX], diff_id[KILN_DIGEST_TEXT_MAX];
	g_autofree char *path = memory_path(key);
	g_autofree char *text = g_strdup_printf("%s %s %" G_GUINT64_FORMAT, kiln_digest_print(&layer->descriptor.digest, digest),
	                                        kiln_digest_print(&layer->diff_id, diff_id), layer->plain_bytes);
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

static gboolean write_all(const KilnTree *tree, Compressor *compressor, KilnStore *store, const KilnContext *context, KilnLayout *layout, gint64 mtime_s,
                          GPtrArray *layers, GError **error)
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
		layer_key(entries, compressor->compression, mtime_s, &key);
		KilnLayer *layer = g_new0(KilnLayer, 1);
		g_ptr_array_add(layers, layer);
		layer->title = g_strdup(layer_title(number));
		layer->files = entries->len;
		if (!recall(store, layout, &key, layer) &&
		    (!write_layer(compressor, context, layout, entries, mtime_s, layer, error) || !remember(store, &key, layer, error)))
			return FALSE;
		layer->descriptor.media_type = g_strdup(compressor->compression == KILN_COMPRESSION_ZSTD ? KILN_MEDIA_LAYER_ZSTD : KILN_MEDIA_LAYER_GZIP);
		KilnProgress progress = { "layers", layer->title, number + 1, KILN_LAYER_COUNT, KILN_UNIT_ITEMS };
		kiln_context_progress(context, &progress);
	}
	return TRUE;
}

gboolean kiln_layers_write(const KilnTree *tree, KilnStore *store, const KilnContext *context, KilnLayout *layout,
                           KilnCompression compression, gint64 mtime_s, KilnLayers *out, GError **error)
{
	Compressor compressor = { .compression = compression };
	g_autoptr(GPtrArray) layers = g_ptr_array_new_with_free_func(layer_free);
	g_mutex_init(&compressor.lock);
	g_cond_init(&compressor.changed);
	compressor.pool = g_thread_pool_new(compress_chunk, &compressor, (gint)MAX(1, context->jobs), FALSE, NULL);
	gboolean good = write_all(tree, &compressor, store, context, layout, mtime_s, layers, error);
	g_thread_pool_free(compressor.pool, FALSE, TRUE);
	g_cond_clear(&compressor.changed);
	g_mutex_clear(&compressor.lock);
	if (good)
		out->layers = g_steal_pointer(&layers);
	return good;
}
