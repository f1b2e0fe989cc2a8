/* SPDX-License-Identifier: Apache-2.0 */
/* facts.c: facts of a .deb in the cache: found by digest, checked, or made now. */
#include "build/facts.h"

#include "base/error.h"
#include "base/limits.h"
#include "build/facts_format.h"
#include "crypto/hash.h"
#include "io/file.h"
#include "source/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FACTS_MEMORY "facts-" G_STRINGIFY(KILN_FACTS_VERSION)

/* Keeps @pointer alive as long as the facts. */
static gpointer own(KilnFacts *facts, gpointer pointer)
{
	g_ptr_array_add(facts->allocations, pointer);
	return pointer;
}

static const char *text_or_null(const char *text)
{
	return text[0] ? text : NULL;
}

static char **child_strings(KilnFacts *facts, GVariant *parent, gsize index)
{
	g_autoptr(GVariant) child = g_variant_get_child_value(parent, index);
	return own(facts, (gpointer)g_variant_get_bytestring_array(child, NULL));
}

static const char *child_string(GVariant *parent, gsize index)
{
	g_autoptr(GVariant) child = g_variant_get_child_value(parent, index);
	return g_variant_get_bytestring(child);
}

static GPtrArray *load_dlopen_notes(KilnFacts *facts, GVariant *notes)
{
	GPtrArray *array = g_ptr_array_new();
	for (gsize i = 0; i < g_variant_n_children(notes); i++) {
		g_autoptr(GVariant) note = g_variant_get_child_value(notes, i);
		KilnElfDlopen *made = own(facts, g_new0(KilnElfDlopen, 1));
		made->sonames = child_strings(facts, note, 0);
		made->feature = (char *)child_string(note, 1);
		g_variant_get_child(note, 2, "i", &made->priority);
		g_ptr_array_add(array, made);
	}
	return array;
}

static const KilnElfFacts *load_elf(KilnFacts *facts, GVariant *record)
{
	guchar kind, bits;
	guint16 machine;
	KilnElfFacts *elf = own(facts, g_new0(KilnElfFacts, 1));
	g_variant_get_child(record, 0, "y", &kind);
	g_variant_get_child(record, 1, "q", &machine);
	g_variant_get_child(record, 2, "y", &bits);
	elf->kind = kind;
	elf->machine = machine;
	elf->class_bits = bits;
	elf->interpreter = (char *)text_or_null(child_string(record, 3));
	elf->soname = (char *)text_or_null(child_string(record, 4));
	elf->needed = child_strings(facts, record, 5);
	elf->search = child_strings(facts, record, 6);
	g_variant_get_child(record, 7, "b", &elf->search_is_runpath);
	g_autoptr(GVariant) notes = g_variant_get_child_value(record, 8);
	elf->dlopen_notes = load_dlopen_notes(facts, notes);
	elf->imports = child_strings(facts, record, 9);
	elf->paths = child_strings(facts, record, 10);
	elf->sonames = child_strings(facts, record, 11);
	g_variant_get_child(record, 12, "b", &elf->hardening.position_independent);
	g_variant_get_child(record, 13, "u", &elf->hardening.x86_isa_needed);
	return elf;
}

static void load_xattrs(KilnFacts *facts, GVariant *xattrs, KilnFactsFile *file)
{
	gsize count = g_variant_n_children(xattrs);
	KilnXattr *array = count ? own(facts, g_new0(KilnXattr, count)) : NULL;
	for (gsize i = 0; i < count; i++) {
		g_autoptr(GVariant) xattr = g_variant_get_child_value(xattrs, i);
		g_autoptr(GVariant) value = g_variant_get_child_value(xattr, 1);
		array[i].name = child_string(xattr, 0);
		array[i].value = g_variant_get_fixed_array(value, &array[i].length, 1);
	}
	file->xattrs = array;
	file->xattr_count = count;
}

static void load_file(KilnFacts *facts, GVariant *record, KilnFactsFile *file)
{
	guchar type;
	gsize length;
	file->path = child_string(record, 0);
	g_variant_get_child(record, 1, "y", &type);
	file->type = type;
	g_variant_get_child(record, 2, "u", &file->mode);
	g_variant_get_child(record, 3, "u", &file->uid);
	g_variant_get_child(record, 4, "u", &file->gid);
	g_variant_get_child(record, 5, "t", &file->size);
	g_variant_get_child(record, 6, "t", &file->offset);
	g_autoptr(GVariant) sha256 = g_variant_get_child_value(record, 7);
	g_autoptr(GVariant) sha1 = g_variant_get_child_value(record, 8);
	const void *bytes = g_variant_get_fixed_array(sha256, &length, 1);
	if (length == sizeof file->digest.sha256)
		memcpy(file->digest.sha256, bytes, length);
	bytes = g_variant_get_fixed_array(sha1, &length, 1);
	if (length == sizeof file->sha1)
		memcpy(file->sha1, bytes, length);
	file->link_target = text_or_null(child_string(record, 9));
	file->interpreter = text_or_null(child_string(record, 10));
	file->interpreter_argument = text_or_null(child_string(record, 11));
	file->named_paths = (const char **)child_strings(facts, record, 12);
	g_autoptr(GVariant) xattrs = g_variant_get_child_value(record, 13);
	load_xattrs(facts, xattrs, file);
	g_autoptr(GVariant) elves = g_variant_get_child_value(record, 14);
	if (g_variant_n_children(elves)) {
		g_autoptr(GVariant) elf = g_variant_get_child_value(elves, 0);
		file->elf = load_elf(facts, elf);
	}
}

/* Strings stay inside @stored, which is one block of serialised bytes. */
static KilnFacts *facts_from_variant(GVariant *stored, const KilnDigest *deb, int data_fd)
{
	KilnFacts *facts = g_new0(KilnFacts, 1);
	facts->allocations = g_ptr_array_new_with_free_func(g_free);
	facts->digest = *deb;
	facts->stored = g_variant_ref(stored);
	facts->data_fd = data_fd;
	facts->control = child_string(stored, 0);
	facts->preinst = text_or_null(child_string(stored, 1));
	facts->postinst = text_or_null(child_string(stored, 2));
	facts->conffiles = text_or_null(child_string(stored, 3));
	facts->md5sums = text_or_null(child_string(stored, 4));
	g_variant_get_child(stored, 5, "t", &facts->data_bytes);
	facts->templates = text_or_null(child_string(stored, 7));
	g_autoptr(GVariant) files = g_variant_get_child_value(stored, 6);
	facts->file_count = g_variant_n_children(files);
	facts->files = g_new0(KilnFactsFile, facts->file_count);
	for (gsize i = 0; i < facts->file_count; i++) {
		g_autoptr(GVariant) record = g_variant_get_child_value(files, i);
		load_file(facts, record, &facts->files[i]);
	}
	return facts;
}

/* Elf facts hold a GPtrArray each that is not in allocations. */
void kiln_facts_free(KilnFacts *facts)
{
	if (!facts)
		return;
	for (gsize i = 0; i < facts->file_count; i++)
		if (facts->files[i].elf)
			g_ptr_array_unref(facts->files[i].elf->dlopen_notes);
	g_free(facts->files);
	g_ptr_array_unref(facts->allocations);
	g_variant_unref(facts->stored);
	if (facts->data_fd >= 0)
		close(facts->data_fd);
	g_free(facts);
}

/* NULL without an error: not in the cache, or damaged there; then it is made anew. */
static KilnFacts *load_cached(KilnStore *store, const KilnDigest *deb, const char *data_path)
{
	g_autoptr(GBytes) record = kiln_memory_recall(store, FACTS_MEMORY, deb);
	g_auto(KilnFd) data = record ? openat(kiln_store_cache_fd(store), data_path, O_RDONLY | O_CLOEXEC) : -1;
	struct stat status;
	guint64 data_bytes;
	if (data < 0 || fstat(data, &status) < 0)
		return NULL;
	g_autoptr(GVariant) stored = g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(FACTS_TYPE), record, TRUE));
	g_variant_get_child(stored, 5, "t", &data_bytes);
	if ((guint64)status.st_size != data_bytes)
		return NULL;
	return facts_from_variant(stored, deb, g_steal_fd(&data));
}

/* A package in the store, once its bytes are what its name says: disks forget, and what is believed here is believed ever after. */
static int open_verified(const KilnStore *store, const KilnDigest *deb, const char *label, guint64 *size, GError **error)
{
	KilnDigest actual;
	char shown[KILN_DIGEST_TEXT_MAX];
	g_auto(KilnFd) fd = kiln_store_open_input(store, deb, error);
	if (fd < 0)
		return -1;
	if (!kiln_hash_fd(fd, &actual, size, error)) {
		g_prefix_error(error, "%s: in the store: ", label);
		return -1;
	}
	if (kiln_digest_equal(&actual, deb))
		return g_steal_fd(&fd);
	g_autofree char *path = kiln_store_input_path(deb);
	kiln_fail(error, KILN_ERROR_MISMATCH, "%s/%s: is no longer %s but %s: the store is damaged; remove the file, and it is fetched again", kiln_store_path(store), path, label,
	          kiln_digest_print(&actual, shown));
	return -1;
}

static KilnFacts *make_facts(KilnStore *store, const KilnDigest *deb, const char *label, const char *data_path, GError **error)
{
	int cache = kiln_store_cache_fd(store);
	guint64 size;
	g_auto(KilnFd) source = open_verified(store, deb, label, &size, error);
	if (source < 0)
		return NULL;
	g_autoptr(KilnNewFile) data = kiln_new_file_begin(cache, data_path, error);
	if (!data)
		return NULL;
	g_autoptr(GVariant) stored = kiln_facts_read_deb(source, size, kiln_new_file_fd(data), label, error);
	if (!stored || !kiln_new_file_commit(data, FALSE, error) ||
	    !kiln_memory_keep(store, FACTS_MEMORY, deb, g_variant_get_data(stored), g_variant_get_size(stored), error))
		return NULL;
	return load_cached(store, deb, data_path);
}

KilnFacts *kiln_facts_obtain(KilnStore *store, const KilnDigest *deb, const char *label, GError **error)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	g_autofree char *data_path = g_strdup_printf("unpacked/%s", kiln_digest_print_hex(deb, hex));
	KilnFacts *facts = load_cached(store, deb, data_path);
	if (facts)
		return facts;
	g_auto(KilnFd) directory = kiln_directory_make_at(kiln_store_cache_fd(store), "unpacked", 0700, error);
	if (directory < 0)
		return NULL;
	facts = make_facts(store, deb, label, data_path, error);
	if (!facts && error && !*error)
		kiln_fail(error, KILN_ERROR_IO, "%s: the cache lost what was just written; is its disk full?", label);
	return facts;
}
