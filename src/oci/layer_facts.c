/* SPDX-License-Identifier: Apache-2.0 */
/* layer_facts.c: read a layer into facts, and lay facts over one another. */
#include "oci/layer_facts.h"

#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "data/pack.h"
#include "oci/image_tree.h"

#define BUFFER_BYTES (256 * 1024)
#define FLUSH_BYTES (1024 * 1024)

/* Before each entry, and behind the last. */
enum { MARK_END = 0, MARK_ENTRY = 1 };
enum { FLAG_ELF = 1 << 0, FLAG_SCRIPT = 1 << 1, FLAG_CONTENT = 1 << 2, FLAG_NOTE = 1 << 3, FLAG_OLD_HASHES = 1 << 4 };

typedef struct {
	const KilnLayerReading *reading;
	const KilnContext *context;
	KilnHash *hash, *md5, *sha1; /* NULL: nobody asks for it */
	guint8 *buffer;
	GByteArray *out;
	KilnFactsWrite write;
	gpointer user_data;
	guint64 done_bytes;
} Reader;

static gboolean flush(Reader *reader, GError **error)
{
	gboolean ok = reader->write(reader->out->data, reader->out->len, reader->user_data, error);
	g_byte_array_set_size(reader->out, 0);
	return ok;
}

static gboolean advance(Reader *reader, const guint8 *bytes, gsize length, GError **error)
{
	kiln_hash_update(reader->hash, bytes, length);
	if (reader->md5) {
		kiln_hash_update(reader->md5, bytes, length);
		kiln_hash_update(reader->sha1, bytes, length);
	}
	reader->done_bytes += length;
	KilnProgress progress = { .phase = "read", .done = reader->done_bytes, .unit = KILN_UNIT_BYTES };
	kiln_context_progress(reader->context, &progress);
	return kiln_context_check(reader->context, error);
}

/* The rest of a file that nobody looks at. */
static gboolean skip(Reader *reader, KilnTarReader *content, gsize got, GError **error)
{
	while (got == BUFFER_BYTES) {
		gssize more = kiln_tar_reader_fill(content, reader->buffer, BUFFER_BYTES, error);
		if (more < 0 || !advance(reader, reader->buffer, (gsize)more, error))
			return FALSE;
		got = (gsize)more;
	}
	return TRUE;
}

/* The whole file in memory; its first @got bytes are in the buffer. */
static guint8 *gather(Reader *reader, KilnTarReader *content, gsize got, guint64 size, GError **error)
{
	if (size > KILN_LIMIT_LAYER_FILE_BYTES) {
		kiln_fail(error, KILN_ERROR_LIMIT, "it has to be looked at whole and is larger than %u MiB", (guint)(KILN_LIMIT_LAYER_FILE_BYTES / KILN_MIB));
		return NULL;
	}
	g_autofree guint8 *whole = g_malloc(size + 1);
	memcpy(whole, reader->buffer, got);
	gssize more = got == BUFFER_BYTES ? kiln_tar_reader_fill(content, whole + got, size - got, error) : 0;
	if (more < 0 || !advance(reader, whole + got, (gsize)more, error))
		return NULL;
	if (got + (gsize)more != size) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "it ends early");
		return NULL;
	}
	return g_steal_pointer(&whole);
}

static guint kind_of(const KilnSeenFile *file)
{
	guint flags = file->head_length >= 4 && memcmp(file->head, "\177ELF", 4) == 0 ? FLAG_ELF : 0;
	return flags | (file->head_length >= 2 && memcmp(file->head, "#!", 2) == 0 ? FLAG_SCRIPT : 0);
}

static void pack_file(Reader *reader, const KilnSeenFile *file, guint flags, guint chosen, const guint8 *whole)
{
	KilnDigest digest;
	const KilnText content = { (const char *)whole, chosen == KILN_LAYER_NOTE_HEAD ? file->head_length : file->size };
	g_autoptr(GBytes) note = chosen & (KILN_LAYER_NOTE | KILN_LAYER_NOTE_HEAD) ? reader->reading->note(file, content, reader->reading->user_data) : NULL;
	flags |= (chosen & KILN_LAYER_KEEP ? FLAG_CONTENT : 0) | (note ? FLAG_NOTE : 0) | (reader->md5 ? FLAG_OLD_HASHES : 0);
	kiln_hash_finish(reader->hash, &digest);
	kiln_pack_digest(reader->out, &digest);
	kiln_pack_number(reader->out, flags);
	if (reader->md5) {
		KilnOldHashes old;
		kiln_hash_finish_md5(reader->md5, old.md5);
		kiln_hash_finish_sha1(reader->sha1, old.sha1);
		kiln_pack_bytes(reader->out, &old, sizeof old);
	}
	if (flags & FLAG_CONTENT)
		kiln_pack_bytes(reader->out, content.data, content.length);
	if (note)
		kiln_pack_bytes(reader->out, g_bytes_get_data(note, NULL), g_bytes_get_size(note));
}

static gboolean read_content(Reader *reader, const KilnTarEntry *entry, KilnTarReader *content, GError **error)
{
	gssize got = kiln_tar_reader_fill(content, reader->buffer, BUFFER_BYTES, error);
	if (got < 0 || !advance(reader, reader->buffer, (gsize)got, error))
		return FALSE;
	KilnSeenFile file = { entry->path, reader->buffer, (gsize)got, entry->size };
	guint kind = kind_of(&file), chosen = reader->reading->choose(&file, reader->reading->user_data);
	gboolean gathers = (chosen & (KILN_LAYER_KEEP | KILN_LAYER_NOTE)) && entry->size != (guint64)got;
	g_autofree guint8 *head = chosen == KILN_LAYER_NOTE_HEAD ? g_memdup2(reader->buffer, (gsize)got) : NULL;
	g_autofree guint8 *whole = gathers ? gather(reader, content, (gsize)got, entry->size, error) : NULL;
	if (gathers ? !whole : !skip(reader, content, (gsize)got, error)) {
		g_prefix_error(error, "/%s: ", entry->path);
		return FALSE;
	}
	if (whole || head)
		file.head = whole ? whole : head;
	pack_file(reader, &file, kind, chosen, whole ? whole : head ? head : reader->buffer);
	return TRUE;
}

static gboolean visit(const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error)
{
	Reader *reader = user_data;
	GByteArray *out = reader->out;
	kiln_pack_number(out, MARK_ENTRY);
	kiln_pack_text(out, entry->path);
	const guint64 numbers[] = { entry->type, entry->mode, entry->uid, entry->gid, entry->size, (guint64)entry->mtime_s, entry->device_major, entry->device_minor };
	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
		kiln_pack_number(out, numbers[i]);
	kiln_pack_text(out, entry->link_target);
	kiln_pack_number(out, entry->xattr_count);
	for (gsize i = 0; i < entry->xattr_count; i++) {
		kiln_pack_text(out, entry->xattrs[i].name);
		kiln_pack_bytes(out, entry->xattrs[i].value, entry->xattrs[i].length);
	}
	if (entry->type == KILN_FILE_REGULAR && !read_content(reader, entry, content, error))
		return FALSE;
	return out->len < FLUSH_BYTES || flush(reader, error);
}

gboolean kiln_layer_facts_read(int fd, const KilnDescriptor *descriptor, const KilnDigest *diff_id, const KilnLayerReading *reading, const KilnContext *context,
                               KilnFactsWrite write, gpointer user_data, GError **error)
{
	g_autoptr(KilnHash) hash = kiln_hash_new(), md5 = reading->has_old_hashes ? kiln_hash_new_md5() : NULL, sha1 = reading->has_old_hashes ? kiln_hash_new_sha1() : NULL;
	g_autofree guint8 *buffer = g_malloc(BUFFER_BYTES);
	g_autoptr(GByteArray) out = g_byte_array_new();
	Reader reader = { reading, context, hash, md5, sha1, buffer, out, write, user_data, 0 };
	if (!kiln_layer_read(fd, descriptor, diff_id, visit, &reader, error))
		return FALSE;
	kiln_pack_number(out, MARK_END);
	return flush(&reader, error);
}

static gboolean append(const void *bytes, gsize length, gpointer user_data, GError **error)
{
	g_byte_array_append(user_data, bytes, (guint)length);
	return TRUE;
}

GBytes *kiln_layer_facts_read_bytes(int fd, const KilnDescriptor *descriptor, const KilnDigest *diff_id, const KilnLayerReading *reading,
                                    const KilnContext *context, GError **error)
{
	g_autoptr(GByteArray) all = g_byte_array_new();
	if (!kiln_layer_facts_read(fd, descriptor, diff_id, reading, context, append, all, error))
		return NULL;
	return g_byte_array_free_to_bytes(g_steal_pointer(&all));
}

/* What one entry has beside its place in the tree. */
typedef struct {
	KilnDigest digest;
	guint flags;
	KilnText content, note, old_hashes;
} Facts;

static void unpack_facts(KilnUnpack *unpack, Facts *facts)
{
	kiln_unpack_digest(unpack, &facts->digest);
	facts->flags = (guint)kiln_unpack_number_to(unpack, FLAG_ELF | FLAG_SCRIPT | FLAG_CONTENT | FLAG_NOTE | FLAG_OLD_HASHES);
	facts->old_hashes = facts->flags & FLAG_OLD_HASHES ? kiln_unpack_bytes(unpack) : (KilnText){ 0 };
	unpack->is_damaged |= facts->old_hashes.length != (facts->flags & FLAG_OLD_HASHES ? sizeof(KilnOldHashes) : 0);
	facts->content = facts->flags & FLAG_CONTENT ? kiln_unpack_bytes(unpack) : (KilnText){ 0 };
	facts->note = facts->flags & FLAG_NOTE ? kiln_unpack_bytes(unpack) : (KilnText){ 0 };
}

static GBytes *slice(GBytes *whole, KilnText part)
{
	const char *start = g_bytes_get_data(whole, NULL);
	return g_bytes_new_from_bytes(whole, part.length ? (gsize)(part.data - start) : 0, part.length);
}

static gboolean put(KilnImageTree *tree, const KilnTarEntry *entry, const Facts *facts, GBytes *whole, GError **error)
{
	KilnTreeNode *node;
	const KilnTreeNode *target;
	if (!kiln_image_tree_apply(tree, entry, &node, &target, error))
		return FALSE;
	if (!node || entry->type != KILN_FILE_REGULAR)
		return TRUE;
	KilnInode *inode = node->inode;
	inode->digest = facts->digest;
	inode->is_elf = (facts->flags & FLAG_ELF) != 0;
	inode->is_script = (facts->flags & FLAG_SCRIPT) != 0;
	inode->content = facts->flags & FLAG_CONTENT ? slice(whole, facts->content) : NULL;
	inode->note = facts->flags & FLAG_NOTE ? slice(whole, facts->note) : NULL;
	inode->old_hashes = facts->old_hashes.length ? g_memdup2(facts->old_hashes.data, facts->old_hashes.length) : NULL;
	return TRUE;
}

static void xattr_clear(gpointer data)
{
	g_free((gpointer)((KilnXattr *)data)->name);
}

/* NULL: none, as with nearly every file. */
static GArray *unpack_xattrs(KilnUnpack *unpack)
{
	guint count = kiln_unpack_count(unpack);
	if (!count)
		return NULL;
	GArray *xattrs = g_array_new(FALSE, FALSE, sizeof(KilnXattr));
	g_array_set_clear_func(xattrs, xattr_clear);
	for (; count && !unpack->is_damaged; count--) {
		char *name = kiln_unpack_name(unpack);
		KilnText value = kiln_unpack_bytes(unpack);
		KilnXattr xattr = { name, value.data, value.length };
		g_array_append_val(xattrs, xattr);
	}
	return xattrs;
}

static gboolean apply_entry(KilnImageTree *tree, KilnUnpack *unpack, GBytes *whole, GError **error)
{
	g_autofree char *path = kiln_unpack_name(unpack);
	KilnTarEntry entry = { .path = path, .type = (KilnFileType)kiln_unpack_number_to(unpack, KILN_FILE_FIFO) };
	entry.mode = (guint)kiln_unpack_number_to(unpack, 07777);
	entry.uid = kiln_unpack_number(unpack);
	entry.gid = kiln_unpack_number(unpack);
	entry.size = kiln_unpack_number(unpack);
	entry.mtime_s = (gint64)kiln_unpack_number(unpack);
	entry.device_major = (guint)kiln_unpack_number_to(unpack, G_MAXUINT);
	entry.device_minor = (guint)kiln_unpack_number_to(unpack, G_MAXUINT);
	g_autofree char *link_target = kiln_unpack_text(unpack);
	entry.link_target = link_target;
	if ((entry.type == KILN_FILE_SYMLINK || entry.type == KILN_FILE_HARDLINK) && !link_target)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "facts of a layer are damaged");
	g_autoptr(GArray) xattrs = unpack_xattrs(unpack);
	entry.xattrs = xattrs ? (const KilnXattr *)xattrs->data : NULL;
	entry.xattr_count = xattrs ? xattrs->len : 0;
	Facts facts = { 0 };
	if (entry.type == KILN_FILE_REGULAR)
		unpack_facts(unpack, &facts);
	if (unpack->is_damaged)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "facts of a layer are damaged");
	return put(tree, &entry, &facts, whole, error);
}

GPtrArray *kiln_layer_facts_apply(GBytes *const *facts, guint count, GError **error)
{
	g_autoptr(KilnImageTree) tree = kiln_image_tree_new();
	for (guint layer = 0; layer < count; layer++) {
		gsize length;
		const void *bytes = g_bytes_get_data(facts[layer], &length);
		KilnUnpack unpack = kiln_unpack(bytes, length);
		tree->layer = layer;
		while (kiln_unpack_number_to(&unpack, MARK_ENTRY) == MARK_ENTRY)
			if (!apply_entry(tree, &unpack, facts[layer], error)) {
				g_prefix_error(error, "layer %u: ", layer + 1);
				return NULL;
			}
		if (!kiln_unpack_is_whole(&unpack)) {
			kiln_fail(error, KILN_ERROR_SYNTAX, "facts of a layer are damaged");
			return NULL;
		}
	}
	return kiln_image_files_of_tree(tree);
}
