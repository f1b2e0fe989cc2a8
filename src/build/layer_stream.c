/* SPDX-License-Identifier: Apache-2.0 */
/* layer_stream.c: bytes into members: plain hash here, compression or memory on other threads, packed hash and writing here again. */
#include "build/layer_stream.h"
#include "base/error.h"
#include "crypto/hash.h"
#include "io/deflate.h"
#include "io/file.h"

#include <string.h>

#define MEMBER_BYTES (1024 * 1024) /* plain bytes of one member at most */
#define IN_FLIGHT 6                /* members between reading and writing: bounds memory */

/* One member on its way through a thread of the pool. */
typedef struct {
	GByteArray *packed;
	gsize length;
	gboolean remembered, done;
	GError *error;
	guint8 plain[MEMBER_BYTES];
} Member;

struct LayerCompressor {
	KilnCompression compression;
	int cache_fd;          /* borrowed */
	char *name, *directory; /* of the deflater; of its members in the cache */
	GThreadPool *pool;
	GAsyncQueue *deflaters; /* those that no thread uses now */
	GMutex lock;
	GCond changed;
	GQueue idle; /* Members to use again */
};

struct LayerStream {
	LayerCompressor *compressor;
	KilnLayout *layout;
	KilnNewFile *file;
	KilnHash *plain_hash, *packed_hash;
	guint64 plain_bytes, packed_bytes;
	GQueue pending; /* Members in order */
	Member *current;
};

static char *member_path(const LayerCompressor *compressor, const KilnDigest *plain)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	return g_strdup_printf("%s/%s", compressor->directory, kiln_digest_print_hex(plain, hex));
}

/* The packed bytes with their digest behind them. A damaged file is as good as none. */
static gboolean recall(const LayerCompressor *compressor, const char *path, GByteArray *packed)
{
	KilnDigest actual;
	g_autoptr(GBytes) file = kiln_file_read_at(compressor->cache_fd, path, 2 * MEMBER_BYTES, NULL);
	gsize length = file ? g_bytes_get_size(file) : 0;
	const guint8 *bytes = file ? g_bytes_get_data(file, NULL) : NULL;
	if (length <= sizeof actual.sha256)
		return FALSE;
	length -= sizeof actual.sha256;
	kiln_hash_bytes(bytes, length, &actual);
	if (memcmp(actual.sha256, bytes + length, sizeof actual.sha256) != 0)
		return FALSE;
	g_byte_array_append(packed, bytes, (guint)length);
	return TRUE;
}

static gboolean remember(const LayerCompressor *compressor, const char *path, const GByteArray *packed, GError **error)
{
	KilnDigest digest;
	kiln_hash_bytes(packed->data, packed->len, &digest);
	g_autoptr(KilnNewFile) file = kiln_new_file_begin(compressor->cache_fd, path, error);
	return file && kiln_new_file_write(file, packed->data, packed->len, error) &&
	       kiln_new_file_write(file, digest.sha256, sizeof digest.sha256, error) && kiln_new_file_commit(file, FALSE, error);
}

static gboolean compress(LayerCompressor *compressor, Member *member, GError **error)
{
	KilnDeflater *deflater = g_async_queue_try_pop(compressor->deflaters);
	if (!deflater)
		deflater = kiln_deflater_new(compressor->compression, error);
	if (!deflater)
		return FALSE;
	gboolean good = kiln_deflater_append(deflater, member->plain, member->length, member->packed, error);
	g_async_queue_push(compressor->deflaters, deflater);
	return good;
}

static void pack_member(gpointer data, gpointer user_data)
{
	Member *member = data;
	LayerCompressor *compressor = user_data;
	g_autofree char *path = NULL;
	KilnDigest digest;
	if (member->remembered) {
		kiln_hash_bytes(member->plain, member->length, &digest);
		path = member_path(compressor, &digest);
	}
	if (!path || !recall(compressor, path, member->packed)) {
		gboolean good = compress(compressor, member, &member->error);
		if (good && path)
			(void)!remember(compressor, path, member->packed, &member->error);
	}
	g_mutex_lock(&compressor->lock);
	member->done = TRUE;
	g_cond_broadcast(&compressor->changed);
	g_mutex_unlock(&compressor->lock);
}

static void member_free(gpointer data)
{
	Member *member = data;
	g_byte_array_unref(member->packed);
	g_clear_error(&member->error);
	g_free(member);
}

LayerCompressor *layer_compressor_new(KilnStore *store, KilnCompression compression, guint jobs, GError **error)
{
	g_autoptr(LayerCompressor) compressor = g_new0(LayerCompressor, 1);
	g_autoptr(KilnDeflater) deflater = kiln_deflater_new(compression, error);
	compressor->compression = compression;
	compressor->cache_fd = kiln_store_cache_fd(store);
	compressor->deflaters = g_async_queue_new_full((GDestroyNotify)kiln_deflater_free);
	g_mutex_init(&compressor->lock);
	g_cond_init(&compressor->changed);
	g_queue_init(&compressor->idle);
	compressor->pool = g_thread_pool_new(pack_member, compressor, (gint)MAX(1, jobs), FALSE, NULL);
	if (!deflater)
		return NULL;
	compressor->name = g_strdup(kiln_deflater_name(deflater));
	g_autofree char *name = g_strcanon(g_strdup(compressor->name), G_CSET_a_2_z G_CSET_DIGITS ".", '-');
	compressor->directory = g_strdup_printf("members/%s", name);
	g_async_queue_push(compressor->deflaters, g_steal_pointer(&deflater));
	g_auto(KilnFd) directory = kiln_directory_make_at(compressor->cache_fd, compressor->directory, 0700, error);
	return directory < 0 ? NULL : g_steal_pointer(&compressor);
}

const char *layer_compressor_name(const LayerCompressor *compressor)
{
	return compressor->name;
}

void layer_compressor_free(LayerCompressor *compressor)
{
	if (!compressor)
		return;
	g_thread_pool_free(compressor->pool, FALSE, TRUE);
	g_async_queue_unref(compressor->deflaters);
	g_queue_clear_full(&compressor->idle, member_free);
	g_cond_clear(&compressor->changed);
	g_mutex_clear(&compressor->lock);
	g_free(compressor->name);
	g_free(compressor->directory);
	g_free(compressor);
}

/* Buffers are used again: a fresh megabyte costs the kernel as much as hashing it. */
static Member *take_member(LayerCompressor *compressor, gboolean remembered)
{
	Member *member = g_queue_pop_head(&compressor->idle);
	if (!member) {
		member = g_malloc(sizeof *member);
		member->packed = g_byte_array_new();
	}
	member->length = 0;
	member->remembered = remembered;
	member->done = FALSE;
	member->error = NULL;
	g_byte_array_set_size(member->packed, 0);
	return member;
}

LayerStream *layer_stream_begin(LayerCompressor *compressor, KilnLayout *layout, GError **error)
{
	KilnNewFile *file = kiln_layout_begin_blob(layout, error);
	if (!file)
		return NULL;
	LayerStream *stream = g_new0(LayerStream, 1);
	stream->compressor = compressor;
	stream->layout = layout;
	stream->file = file;
	stream->plain_hash = kiln_hash_new();
	stream->packed_hash = kiln_hash_new();
	g_queue_init(&stream->pending);
	stream->current = take_member(compressor, FALSE);
	return stream;
}

/* The oldest member, once it is packed; the others stay under way. */
static Member *await_oldest(LayerStream *stream)
{
	Member *member = g_queue_pop_head(&stream->pending);
	g_mutex_lock(&stream->compressor->lock);
	while (!member->done)
		g_cond_wait(&stream->compressor->changed, &stream->compressor->lock);
	g_mutex_unlock(&stream->compressor->lock);
	return member;
}

static gboolean write_oldest(LayerStream *stream, GError **error)
{
	Member *member = await_oldest(stream);
	gboolean good = !member->error && kiln_new_file_write(stream->file, member->packed->data, member->packed->len, error);
	if (member->error) {
		g_propagate_error(error, g_steal_pointer(&member->error));
	} else {
		kiln_hash_update(stream->packed_hash, member->packed->data, member->packed->len);
		stream->packed_bytes += member->packed->len;
	}
	g_queue_push_head(&stream->compressor->idle, member);
	return good;
}

guint8 *layer_stream_room(LayerStream *stream, gsize *room)
{
	*room = MEMBER_BYTES - stream->current->length;
	return stream->current->plain + stream->current->length;
}

gboolean layer_stream_cut(LayerStream *stream, gboolean remembered, GError **error)
{
	Member *member = stream->current;
	if (member->length == 0) {
		member->remembered = remembered;
		return TRUE;
	}
	stream->plain_bytes += member->length;
	g_queue_push_tail(&stream->pending, member);
	stream->current = take_member(stream->compressor, remembered);
	g_thread_pool_push(stream->compressor->pool, member, NULL);
	/* Hashed here while another core packs it; both only read. */
	kiln_hash_update(stream->plain_hash, member->plain, member->length);
	return stream->pending.length < IN_FLIGHT || write_oldest(stream, error);
}

gboolean layer_stream_added(LayerStream *stream, gsize length, GError **error)
{
	stream->current->length += length;
	return stream->current->length < MEMBER_BYTES || layer_stream_cut(stream, stream->current->remembered, error);
}

gboolean layer_stream_append(LayerStream *stream, const guint8 *bytes, gsize length, GError **error)
{
	while (length) {
		gsize room;
		guint8 *place = layer_stream_room(stream, &room);
		gsize part = MIN(length, room);
		memcpy(place, bytes, part);
		if (!layer_stream_added(stream, part, error))
			return FALSE;
		bytes += part;
		length -= part;
	}
	return TRUE;
}

gboolean layer_stream_finish(LayerStream *stream, KilnLayer *layer, GError **error)
{
	if (!layer_stream_cut(stream, FALSE, error))
		return FALSE;
	while (stream->pending.length)
		if (!write_oldest(stream, error))
			return FALSE;
	kiln_hash_finish(stream->plain_hash, &layer->diff_id);
	kiln_hash_finish(stream->packed_hash, &layer->descriptor.digest);
	layer->descriptor.size_bytes = stream->packed_bytes;
	layer->plain_bytes = stream->plain_bytes;
	return kiln_layout_commit_blob(stream->layout, stream->file, &layer->descriptor.digest, error);
}

void layer_stream_free(LayerStream *stream)
{
	if (!stream)
		return;
	while (stream->pending.length)
		member_free(await_oldest(stream));
	member_free(stream->current);
	kiln_new_file_free(stream->file);
	kiln_hash_free(stream->plain_hash);
	kiln_hash_free(stream->packed_hash);
	g_free(stream);
}
