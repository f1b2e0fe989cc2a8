/* SPDX-License-Identifier: Apache-2.0 */
/* image_apply.c: read all layers once, from the bottom up, and hash each file on the way. */
#include "oci/image_apply.h"

#include "crypto/hash.h"

#include <string.h>

#define BUFFER_BYTES (128 * 1024)

typedef struct {
	const KilnImage *image;
	const KilnContext *context;
	const char *phase;
	const KilnApplySink *sink;
	KilnImageTree *tree;
	KilnHash *hash;
	guint64 done_bytes;
	guint8 *buffer;
} Application;

static void note_kind(KilnInode *inode, const guint8 *head, gsize length)
{
	inode->is_elf = length >= 4 && memcmp(head, "\177ELF", 4) == 0;
	inode->is_script = length >= 2 && memcmp(head, "#!", 2) == 0;
}

static gboolean read_content(Application *application, const KilnTreeNode *node, KilnTarReader *content, GError **error)
{
	const KilnApplySink *sink = application->sink;
	KilnInode *inode = node->inode;
	gboolean first = TRUE;
	for (;;) {
		gssize got = kiln_context_check(application->context, error) ? kiln_tar_reader_fill(content, application->buffer, BUFFER_BYTES, error) : -1;
		if (got < 0)
			return FALSE;
		if (got == 0)
			break;
		if (first)
			note_kind(inode, application->buffer, (gsize)got);
		first = FALSE;
		kiln_hash_update(application->hash, application->buffer, (gsize)got);
		if (sink && !sink->write(application->buffer, (gsize)got, sink->watch.user_data, error))
			return FALSE;
		application->done_bytes += (guint64)got;
		KilnProgress progress = { .phase = application->phase, .item = application->image->name, .done = application->done_bytes, .unit = KILN_UNIT_BYTES };
		kiln_context_progress(application->context, &progress);
	}
	kiln_hash_finish(application->hash, &inode->digest);
	return TRUE;
}

static gboolean visit(const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error)
{
	Application *application = user_data;
	const KilnApplySink *sink = application->sink;
	KilnTreeNode *node;
	const KilnTreeNode *target;
	if (!kiln_context_check(application->context, error) || !kiln_image_tree_apply(application->tree, entry, &node, &target, error))
		return FALSE;
	if (!node)
		return TRUE;
	if (sink && !sink->begin(node, target, sink->watch.user_data, error))
		return FALSE;
	if (entry->type != KILN_FILE_REGULAR)
		return TRUE;
	return read_content(application, node, content, error) && (!sink || sink->end(node, sink->watch.user_data, error));
}

KilnImageTree *kiln_image_apply(const KilnImage *image, const KilnContext *context, const char *phase, const KilnApplySink *sink, GError **error)
{
	g_autoptr(KilnImageTree) tree = kiln_image_tree_new();
	g_autoptr(KilnHash) hash = kiln_hash_new();
	g_autofree guint8 *buffer = g_malloc(BUFFER_BYTES);
	Application application = { image, context, phase, sink, tree, hash, 0, buffer };
	tree->watch = sink ? &sink->watch : NULL;
	for (guint layer = 0; layer < image->manifest->items->len; layer++) {
		tree->layer = layer;
		if (!kiln_image_read_layer(image, layer, visit, &application, error))
			return NULL;
	}
	tree->watch = NULL;
	return g_steal_pointer(&tree);
}
