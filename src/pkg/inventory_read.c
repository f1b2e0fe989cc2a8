/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_read.c: from the facts of layers to files with their traits, packages and who owns what. */
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "pkg/cataloger.h"
#include "pkg/file_cataloger.h"
#include "pkg/program.h"

#include <string.h>

static const KilnCataloger *const catalogers[] = { &kiln_cataloger_dpkg, &kiln_cataloger_apk, &kiln_cataloger_rpm, &kiln_cataloger_pacman, &kiln_cataloger_chisel };
static const char *const release_files[] = { "etc/os-release", "usr/lib/os-release" };

static gboolean is_database(const char *path)
{
	for (gsize i = 0; i < G_N_ELEMENTS(release_files); i++)
		if (strcmp(release_files[i], path) == 0)
			return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(catalogers); i++)
		if (catalogers[i]->wants(path))
			return TRUE;
	return FALSE;
}

static gboolean is_thorough_database(const char *path)
{
	for (gsize i = 0; i < G_N_ELEMENTS(catalogers); i++)
		if (catalogers[i]->wants_thorough && catalogers[i]->wants_thorough(path))
			return TRUE;
	return FALSE;
}

static guint choose(const KilnSeenFile *file, gpointer user_data)
{
	guint chosen = is_database(file->path) || (user_data && is_thorough_database(file->path)) ? KILN_LAYER_KEEP : 0;
	if (!kiln_file_notes_wanted(file))
		return chosen;
	if (file->size <= KILN_LIMIT_LAYER_FILE_BYTES)
		return chosen | KILN_LAYER_NOTE;
	return chosen ? chosen : KILN_LAYER_NOTE_HEAD;
}

static GBytes *note(const KilnSeenFile *file, KilnText content, gpointer user_data)
{
	return kiln_file_notes_read(file, content);
}

const KilnLayerReading kiln_inventory_reading = { choose, note, NULL, FALSE };
const KilnLayerReading kiln_inventory_reading_thorough = { choose, note, (gpointer)&kiln_inventory_reading_thorough, TRUE };

static guint traits_of(const KilnImageFile *file, const KilnImageLookup *lookup)
{
	guint found = 0;
	gboolean is_directory = file->type == KILN_FILE_DIRECTORY, is_link = file->type == KILN_FILE_SYMLINK;
	if (is_directory)
		return (file->mode & 01002) == 0002 ? KILN_TRAIT_WORLD_WRITABLE : 0;
	if (!is_link || kiln_image_lookup_find(lookup, file->path)) {
		found |= kiln_program_is_shell(file->path) ? KILN_TRAIT_SHELL : 0;
		found |= kiln_program_is_package_manager(file->path) ? KILN_TRAIT_PACKAGE_MANAGER : 0;
		found |= !(found & KILN_TRAIT_SHELL) && kiln_program_is_interpreter(file->path) ? KILN_TRAIT_INTERPRETER : 0;
	}
	if (is_link)
		return found;
	if (file->type == KILN_FILE_CHARACTER_DEVICE || file->type == KILN_FILE_BLOCK_DEVICE)
		found |= KILN_TRAIT_DEVICE;
	found |= file->is_elf ? KILN_TRAIT_ELF : 0;
	found |= file->is_script && (file->mode & 0111) ? KILN_TRAIT_SCRIPT : 0;
	found |= file->mode & 06000 ? KILN_TRAIT_SETUID : 0;
	found |= file->has_capability ? KILN_TRAIT_CAPABILITY : 0;
	found |= file->mode & 0002 ? KILN_TRAIT_WORLD_WRITABLE : 0;
	return found;
}

static void describe_files(KilnInventory *inventory, const KilnImageLookup *lookup)
{
	inventory->entries = g_new(KilnInventoryFile, inventory->files->len);
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnImageFile *file = inventory->files->pdata[i];
		inventory->entries[i] = (KilnInventoryFile){ file, -1, traits_of(file, lookup) };
		inventory->bytes += file->type == KILN_FILE_REGULAR ? file->size : 0;
		inventory->file_count += file->type != KILN_FILE_DIRECTORY;
		/* Which content is kept is decided where a layer writes it; this one came here through a link of another layer. */
		if (file->type == KILN_FILE_REGULAR && !file->content && is_database(file->path))
			kiln_inventory_remark(inventory, "unreadable", file->path, g_strdup("its layer writes it through a symbolic link, so that it was not known for what it is"));
	}
}

/* The value of @name= in os-release(5), without the quotes of a shell; NULL when it is not there. */
static char *release_value(KilnText text, const char *name)
{
	while (text.length) {
		KilnText value = kiln_text_strip(kiln_text_cut(&text, '\n')), key = kiln_text_cut(&value, '=');
		if (!kiln_text_is(key, name) || !value.length)
			continue;
		gboolean quoted = value.length > 1 && (value.data[0] == '"' || value.data[0] == '\'') && value.data[value.length - 1] == value.data[0];
		return quoted ? g_strndup(value.data + 1, value.length - 2) : kiln_text_dup(value);
	}
	return NULL;
}

static void read_distribution(KilnInventory *inventory, const KilnImageLookup *lookup)
{
	for (gsize i = 0; i < G_N_ELEMENTS(release_files); i++) {
		const KilnImageFile *file = kiln_image_lookup_find(lookup, release_files[i]);
		if (!file || !file->content)
			continue;
		KilnText text = { g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content) };
		inventory->distribution = (KilnDistribution){ release_value(text, "ID"), release_value(text, "VERSION_ID"), release_value(text, "PRETTY_NAME") };
		return;
	}
}

static gboolean read_databases(KilnInventory *inventory, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(catalogers); i++) {
		gboolean found = FALSE;
		guint before = inventory->packages->len;
		if (!catalogers[i]->read(inventory, &found, error))
			return FALSE;
		if (found)
			g_ptr_array_add(inventory->databases, (gpointer)catalogers[i]->name);
		for (guint j = before; j < inventory->packages->len; j++) {
			KilnInventoryPackage *package = inventory->packages->pdata[j];
			package->cataloger = catalogers[i]->name;
			package->confidence = KILN_CONFIDENCE_HIGH;
			package->identity.distro = g_strdup(inventory->distribution.id);
			package->identity.distro_version = g_strdup(inventory->distribution.version_id);
		}
	}
	return TRUE;
}

static gboolean read_notes(KilnInventory *inventory, GError **error)
{
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnImageFile *file = inventory->files->pdata[i];
		if (!file->note || file->type != KILN_FILE_REGULAR)
			continue;
		g_autoptr(KilnFileNotes) notes = kiln_file_notes_unpack(file->path, file->note);
		if (!notes)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "/%s: what was noted of it is damaged", file->path);
		for (guint j = 0; j < notes->remarks->len; j++) {
			const KilnFileRemark *remark = notes->remarks->pdata[j];
			kiln_inventory_remark(inventory, remark->kind, file->path, g_strdup(remark->what));
		}
		g_ptr_array_extend_and_steal(inventory->packages, g_steal_pointer(&notes->packages));
		notes->packages = g_ptr_array_new();
	}
	return TRUE;
}

static gint by_identity(gconstpointer a, gconstpointer b)
{
	const KilnInventoryPackage *first = *(KilnInventoryPackage *const *)a, *second = *(KilnInventoryPackage *const *)b;
	int order = g_strcmp0(first->identity.name, second->identity.name);
	order = order ? order : g_strcmp0(first->identity.architecture, second->identity.architecture);
	order = order ? order : g_strcmp0(first->identity.version, second->identity.version);
	order = order ? order : g_strcmp0(first->identity.type, second->identity.type);
	return order ? order : g_strcmp0(first->database, second->database);
}

/* Of the distribution's packages the copyright file says it, behind links that documentation may have; of others their metadata. */
static void read_terms(KilnInventoryPackage *package, const KilnImageLookup *lookup)
{
	if (package->licence && *package->licence) {
		package->terms = kiln_licence_from_expression(package->licence);
		return;
	}
	g_autofree char *path = g_strdup_printf("usr/share/doc/%s/copyright", package->identity.name);
	const KilnImageFile *file = strcmp(package->identity.type, "deb") == 0 ? kiln_image_lookup_find(lookup, path) : NULL;
	if (file && file->content)
		package->terms = kiln_licence_from_debian_copyright(g_bytes_get_data(file->content, NULL), g_bytes_get_size(file->content), package->identity.name);
}

/* What databases told of their packages' files while they were read. */
static void claim_listed(KilnInventory *inventory, const KilnImageLookup *lookup)
{
	for (guint i = 0; i < inventory->packages->len; i++) {
		KilnInventoryPackage *package = inventory->packages->pdata[i];
		for (guint j = 0; package->of_distribution && package->claims && j < package->claims->len; j++)
			package->partial |= !cataloger_claim(inventory, lookup, package->claims->pdata[j], (gint)i);
	}
}

static gboolean claim_all(KilnInventory *inventory, const KilnImageLookup *lookup, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(catalogers); i++)
		if (catalogers[i]->claim && !catalogers[i]->claim(inventory, lookup, error))
			return FALSE;
	claim_listed(inventory, lookup);
	inventory_claim_noted(inventory, lookup);
	for (guint i = 0; i < inventory->packages->len; i++)
		read_terms(inventory->packages->pdata[i], lookup);
	return TRUE;
}

static gboolean check_all(KilnInventory *inventory, const KilnImageLookup *lookup, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(catalogers); i++)
		if (catalogers[i]->check && !catalogers[i]->check(inventory, lookup, error))
			return FALSE;
	return TRUE;
}

KilnInventory *kiln_inventory_from_facts(GBytes *const *facts, guint count, gboolean is_thorough, GError **error)
{
	g_autoptr(KilnInventory) inventory = kiln_inventory_new();
	inventory->files = kiln_layer_facts_apply(facts, count, error);
	if (!inventory->files)
		return NULL;
	g_autoptr(KilnImageLookup) lookup = kiln_image_lookup_new(inventory->files);
	describe_files(inventory, lookup);
	read_distribution(inventory, lookup);
	if (!read_databases(inventory, error) || !read_notes(inventory, error))
		return NULL;
	g_ptr_array_sort(inventory->packages, by_identity);
	inventory_merge_noted(inventory);
	if (!claim_all(inventory, lookup, error) || (is_thorough && !check_all(inventory, lookup, error)))
		return NULL;
	return g_steal_pointer(&inventory);
}

KilnInventory *kiln_inventory_read(const KilnImage *image, const KilnContext *context, GError **error)
{
	g_autoptr(GPtrArray) facts = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	for (guint layer = 0; layer < image->manifest->items->len; layer++) {
		g_auto(KilnFd) fd = kiln_image_open_layer(image, layer, error);
		GBytes *read = fd < 0 ? NULL : kiln_layer_facts_read_bytes(fd, image->manifest->items->pdata[layer], kiln_image_diff_id(image, layer), &kiln_inventory_reading, context, error);
		if (fd >= 0 && !read)
			g_prefix_error(error, "%s: layer %u: ", image->name, layer + 1);
		if (!read)
			return NULL;
		g_ptr_array_add(facts, read);
	}
	KilnInventory *inventory = kiln_inventory_from_facts((GBytes *const *)facts->pdata, facts->len, FALSE, error);
	if (!inventory)
		g_prefix_error(error, "%s: ", image->name);
	return inventory;
}

KilnInventoryPackage *cataloger_add_package(KilnInventory *inventory, const char *type, const char *database)
{
	KilnInventoryPackage *package = g_new0(KilnInventoryPackage, 1);
	package->identity.type = g_strdup(type);
	package->database = g_strdup(database);
	package->brought_by = -1;
	package->of_distribution = TRUE;
	g_ptr_array_add(inventory->packages, package);
	return package;
}

gboolean cataloger_claim(KilnInventory *inventory, const KilnImageLookup *lookup, const char *path, gint package)
{
	const KilnImageFile *file = kiln_image_lookup_find_link(lookup, path);
	const KilnImageFile *target = file && file->type == KILN_FILE_SYMLINK ? kiln_image_lookup_find(lookup, path) : NULL;
	/* "/lib" is a directory to the packages that list it, even where it is a link to usr/lib. */
	if (file && !(target && target->type == KILN_FILE_DIRECTORY))
		kiln_inventory_claim(inventory, file->path, package);
	return file != NULL;
}

void cataloger_check(KilnInventory *inventory, const KilnImageLookup *lookup, const char *path, CatalogerSum kind, const guint8 *sum, gboolean is_configuration)
{
	const KilnImageFile *file = kiln_image_lookup_find_link(lookup, path);
	if (file && file->type == KILN_FILE_HARDLINK)
		file = kiln_image_lookup_find_link(lookup, file->link_target);
	KilnInventoryFile *entry = file && file->type == KILN_FILE_REGULAR ? kiln_inventory_find(inventory, file->path) : NULL;
	if (!entry || (kind != CATALOGER_SHA256 && !file->old_hashes))
		return;
	gboolean same = kind == CATALOGER_SHA256 ? memcmp(sum, file->digest.sha256, sizeof file->digest.sha256) == 0
	                : kind == CATALOGER_SHA1 ? memcmp(sum, file->old_hashes->sha1, sizeof file->old_hashes->sha1) == 0
	                                         : memcmp(sum, file->old_hashes->md5, sizeof file->old_hashes->md5) == 0;
	if (!same)
		entry->traits |= is_configuration ? KILN_TRAIT_CONFIGURED : KILN_TRAIT_CHANGED;
}

void cataloger_check_hex(KilnInventory *inventory, const KilnImageLookup *lookup, const char *path, CatalogerSum kind, KilnText hex, gboolean is_configuration)
{
	static const gsize sizes[] = { [CATALOGER_MD5] = 16, [CATALOGER_SHA1] = 20, [CATALOGER_SHA256] = 32 };
	guint8 sum[32];
	gboolean ok = hex.length == 2 * sizes[kind];
	for (gsize i = 0; ok && i < sizes[kind]; i++) {
		int high = g_ascii_xdigit_value(hex.data[2 * i]), low = g_ascii_xdigit_value(hex.data[2 * i + 1]);
		ok = high >= 0 && low >= 0;
		sum[i] = (guint8)(high << 4 | (low & 15));
	}
	if (ok)
		cataloger_check(inventory, lookup, path, kind, sum, is_configuration);
}
