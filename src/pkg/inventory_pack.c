/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_pack.c: an inventory as bytes: what is remembered of an image, and what the process that reads images sends. */
#include "base/error.h"
#include "data/pack.h"
#include "pkg/file_cataloger.h"

#include <string.h>

#define FORMAT 3
#define PIECE_BYTES (1024 * 1024)

enum { FLAG_ELF = 1 << 0, FLAG_SCRIPT = 1 << 1, FLAG_CAPABILITY = 1 << 2 };
enum { FLAG_PARTIAL = 1 << 0, FLAG_DECLARED = 1 << 1, FLAG_OF_DISTRIBUTION = 1 << 2 };

/* Paths follow each other in their order: each begins as the one before. */
static void pack_path(GByteArray *out, const char *path, const char *before)
{
	gsize same = 0;
	while (path[same] && path[same] == before[same])
		same++;
	kiln_pack_number(out, same);
	kiln_pack_text(out, path + same);
}

static void pack_file(GByteArray *out, const KilnInventoryFile *entry, const char *before)
{
	const KilnImageFile *file = entry->file;
	guint flags = (file->is_elf ? FLAG_ELF : 0) | (file->is_script ? FLAG_SCRIPT : 0) | (file->has_capability ? FLAG_CAPABILITY : 0);
	const guint64 numbers[] = { file->type, file->mode, file->uid, file->gid, file->size, file->layer, flags, file->device_major, file->device_minor, entry->traits,
		                    (guint64)(entry->package + 1) };
	pack_path(out, file->path, before);
	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
		kiln_pack_number(out, numbers[i]);
	kiln_pack_text(out, file->link_target);
	if (file->type == KILN_FILE_REGULAR)
		kiln_pack_digest(out, &file->digest);
}

static void pack_terms(GByteArray *out, const KilnLicence *terms)
{
	kiln_pack_number(out, terms != NULL);
	if (!terms)
		return;
	kiln_pack_text(out, terms->expression);
	kiln_pack_text(out, terms->raw);
	kiln_pack_text(out, terms->raw_from);
	kiln_pack_number(out, terms->extracted->len);
	for (guint i = 0; i < terms->extracted->len; i++) {
		const KilnExtractedLicence *extracted = terms->extracted->pdata[i];
		kiln_pack_text(out, extracted->id);
		kiln_pack_text(out, extracted->name);
		kiln_pack_text(out, extracted->text);
	}
	kiln_pack_number(out, terms->holders->len);
	for (guint i = 0; i < terms->holders->len; i++)
		kiln_pack_text(out, terms->holders->pdata[i]);
}

static void pack_package(GByteArray *out, const KilnInventoryPackage *package)
{
	const KilnPackage *identity = &package->identity;
	const char *const texts[] = { identity->distro, identity->distro_version, identity->architecture, identity->source_name, identity->source_version, identity->module, identity->maintainer,
		                      identity->homepage, identity->summary, package->evidence, package->licence };
	guint flags = (package->partial ? FLAG_PARTIAL : 0) | (package->declared ? FLAG_DECLARED : 0) | (package->of_distribution ? FLAG_OF_DISTRIBUTION : 0);
	const guint64 numbers[] = { package->confidence, flags, package->files, package->bytes, package->installed_bytes, (guint64)(package->brought_by + 1) };
	kiln_pack_text(out, identity->type);
	kiln_pack_text(out, identity->name);
	kiln_pack_text(out, identity->version);
	kiln_pack_text(out, package->database);
	kiln_pack_text(out, package->cataloger);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		kiln_pack_text(out, texts[i]);
	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
		kiln_pack_number(out, numbers[i]);
	pack_terms(out, package->terms);
	file_notes_pack_symbols(out, package->symbols);
}

static void pack_head(GByteArray *out, const KilnInventory *inventory)
{
	kiln_pack_number(out, FORMAT);
	kiln_pack_text(out, inventory->distribution.id);
	kiln_pack_text(out, inventory->distribution.version_id);
	kiln_pack_text(out, inventory->distribution.pretty_name);
	kiln_pack_number(out, inventory->databases->len);
	for (guint i = 0; i < inventory->databases->len; i++)
		kiln_pack_text(out, inventory->databases->pdata[i]);
	kiln_pack_number(out, inventory->packages->len);
	for (guint i = 0; i < inventory->packages->len; i++)
		pack_package(out, inventory->packages->pdata[i]);
	kiln_pack_number(out, inventory->remarks->len);
	for (guint i = 0; i < inventory->remarks->len; i++) {
		const KilnInventoryRemark *remark = inventory->remarks->pdata[i];
		kiln_pack_text(out, remark->kind);
		kiln_pack_text(out, remark->path);
		kiln_pack_text(out, remark->what);
	}
	kiln_pack_number(out, inventory->files->len);
}

gboolean kiln_inventory_write(const KilnInventory *inventory, KilnFactsWrite write, gpointer user_data, GError **error)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	const char *before = "";
	pack_head(out, inventory);
	for (guint i = 0; i < inventory->files->len; i++) {
		pack_file(out, &inventory->entries[i], before);
		before = inventory->entries[i].file->path;
		if (out->len < PIECE_BYTES)
			continue;
		if (!write(out->data, out->len, user_data, error))
			return FALSE;
		g_byte_array_set_size(out, 0);
	}
	return write(out->data, out->len, user_data, error);
}

static gboolean append(const void *bytes, gsize length, gpointer user_data, GError **error)
{
	g_byte_array_append(user_data, bytes, (guint)length);
	return TRUE;
}

GBytes *kiln_inventory_pack(const KilnInventory *inventory)
{
	GByteArray *out = g_byte_array_new();
	return kiln_inventory_write(inventory, append, out, NULL) ? g_byte_array_free_to_bytes(out) : NULL;
}

/* Kinds and names of catalogers are few and live as long as the program; they are words, whoever sent them. */
static const char *unpack_word(KilnUnpack *unpack)
{
	g_autofree char *word = kiln_unpack_name(unpack);
	if (strlen(word) > 64)
		unpack->is_damaged = TRUE;
	return unpack->is_damaged ? "" : g_intern_string(word);
}

static KilnLicence *unpack_terms(KilnUnpack *unpack)
{
	if (!kiln_unpack_number_to(unpack, 1))
		return NULL;
	KilnLicence *terms = kiln_licence_new();
	terms->expression = kiln_unpack_text(unpack);
	terms->raw = kiln_unpack_text(unpack);
	g_autofree char *from = kiln_unpack_text(unpack);
	terms->raw_from = from && strlen(from) <= 64 ? g_intern_string(from) : NULL;
	for (guint count = kiln_unpack_count(unpack); count && !unpack->is_damaged; count--) {
		KilnExtractedLicence *extracted = g_new0(KilnExtractedLicence, 1);
		extracted->id = kiln_unpack_name(unpack);
		extracted->name = kiln_unpack_name(unpack);
		g_autofree char *text = kiln_unpack_name(unpack);
		extracted->text = g_ref_string_new(text);
		g_ptr_array_add(terms->extracted, extracted);
	}
	for (guint count = kiln_unpack_count(unpack); count && !unpack->is_damaged; count--)
		g_ptr_array_add(terms->holders, kiln_unpack_name(unpack));
	return terms;
}

static KilnInventoryPackage *unpack_package(KilnUnpack *unpack, guint packages)
{
	KilnInventoryPackage *package = g_new0(KilnInventoryPackage, 1);
	KilnPackage *identity = &package->identity;
	identity->type = kiln_unpack_name(unpack);
	identity->name = kiln_unpack_name(unpack);
	identity->version = kiln_unpack_name(unpack);
	package->database = kiln_unpack_name(unpack);
	package->cataloger = unpack_word(unpack);
	char **const texts[] = { &identity->distro, &identity->distro_version, &identity->architecture, &identity->source_name, &identity->source_version, &identity->module, &identity->maintainer,
		                 &identity->homepage, &identity->summary, &package->evidence, &package->licence };
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		*texts[i] = kiln_unpack_text(unpack);
	package->confidence = (KilnConfidence)kiln_unpack_number_to(unpack, KILN_CONFIDENCE_HIGH);
	guint flags = (guint)kiln_unpack_number_to(unpack, FLAG_PARTIAL | FLAG_DECLARED | FLAG_OF_DISTRIBUTION);
	package->partial = (flags & FLAG_PARTIAL) != 0;
	package->declared = (flags & FLAG_DECLARED) != 0;
	package->of_distribution = (flags & FLAG_OF_DISTRIBUTION) != 0;
	package->files = (guint)kiln_unpack_number_to(unpack, G_MAXUINT);
	package->bytes = kiln_unpack_number(unpack);
	package->installed_bytes = kiln_unpack_number(unpack);
	package->brought_by = (gint)kiln_unpack_number_to(unpack, packages) - 1;
	package->terms = unpack_terms(unpack);
	package->symbols = file_notes_unpack_symbols(unpack);
	return package;
}

static KilnImageFile *unpack_file(KilnUnpack *unpack, const char *before, KilnInventoryFile *entry, guint packages)
{
	KilnImageFile *file = g_new0(KilnImageFile, 1);
	gsize same = kiln_unpack_number_to(unpack, strlen(before));
	g_autofree char *rest = kiln_unpack_name(unpack);
	file->path = g_malloc(same + strlen(rest) + 1);
	memcpy(file->path, before, same);
	strcpy(file->path + same, rest);
	file->type = (KilnFileType)kiln_unpack_number_to(unpack, KILN_FILE_FIFO);
	file->mode = (guint)kiln_unpack_number_to(unpack, 07777);
	file->uid = kiln_unpack_number(unpack);
	file->gid = kiln_unpack_number(unpack);
	file->size = kiln_unpack_number(unpack);
	file->layer = (guint)kiln_unpack_number_to(unpack, G_MAXUINT);
	guint flags = (guint)kiln_unpack_number_to(unpack, FLAG_ELF | FLAG_SCRIPT | FLAG_CAPABILITY);
	file->is_elf = (flags & FLAG_ELF) != 0;
	file->is_script = (flags & FLAG_SCRIPT) != 0;
	file->has_capability = (flags & FLAG_CAPABILITY) != 0;
	file->device_major = (guint)kiln_unpack_number_to(unpack, G_MAXUINT);
	file->device_minor = (guint)kiln_unpack_number_to(unpack, G_MAXUINT);
	entry->file = file;
	entry->traits = (guint)kiln_unpack_number_to(unpack, G_MAXUINT);
	entry->package = (gint)kiln_unpack_number_to(unpack, packages) - 1;
	file->link_target = kiln_unpack_text(unpack);
	if (file->type == KILN_FILE_REGULAR)
		kiln_unpack_digest(unpack, &file->digest);
	if ((file->type == KILN_FILE_SYMLINK || file->type == KILN_FILE_HARDLINK) && !file->link_target)
		unpack->is_damaged = TRUE;
	if (*before && strcmp(before, file->path) >= 0) /* lookups count on the order */
		unpack->is_damaged = TRUE;
	return file;
}

static void unpack_files(KilnInventory *inventory, KilnUnpack *unpack)
{
	guint count = kiln_unpack_count(unpack);
	const char *before = "";
	inventory->files = g_ptr_array_new_full(count, (GDestroyNotify)kiln_image_file_free);
	inventory->entries = g_new0(KilnInventoryFile, count);
	for (guint i = 0; i < count && !unpack->is_damaged; i++) {
		KilnImageFile *file = unpack_file(unpack, before, &inventory->entries[i], inventory->packages->len);
		g_ptr_array_add(inventory->files, file);
		before = file->path;
		inventory->bytes += file->type == KILN_FILE_REGULAR ? file->size : 0;
		inventory->file_count += file->type != KILN_FILE_DIRECTORY;
	}
}

KilnInventory *kiln_inventory_unpack(GBytes *packed, GError **error)
{
	gsize length;
	const void *bytes = g_bytes_get_data(packed, &length);
	KilnUnpack unpack = kiln_unpack(bytes, length);
	g_autoptr(KilnInventory) inventory = kiln_inventory_new();
	if (kiln_unpack_number(&unpack) != FORMAT)
		unpack.is_damaged = TRUE;
	inventory->distribution.id = kiln_unpack_text(&unpack);
	inventory->distribution.version_id = kiln_unpack_text(&unpack);
	inventory->distribution.pretty_name = kiln_unpack_text(&unpack);
	for (guint count = kiln_unpack_count(&unpack); count && !unpack.is_damaged; count--)
		g_ptr_array_add(inventory->databases, (gpointer)unpack_word(&unpack));
	guint packages = kiln_unpack_count(&unpack);
	for (guint i = 0; i < packages && !unpack.is_damaged; i++)
		g_ptr_array_add(inventory->packages, unpack_package(&unpack, packages));
	for (guint count = kiln_unpack_count(&unpack); count && !unpack.is_damaged; count--) {
		const char *kind = unpack_word(&unpack);
		g_autofree char *path = kiln_unpack_name(&unpack), *what = kiln_unpack_name(&unpack);
		kiln_inventory_remark(inventory, kind, path, g_steal_pointer(&what));
	}
	unpack_files(inventory, &unpack);
	if (kiln_unpack_is_whole(&unpack))
		return g_steal_pointer(&inventory);
	kiln_fail(error, KILN_ERROR_SYNTAX, "what is remembered of an image is damaged");
	return NULL;
}
