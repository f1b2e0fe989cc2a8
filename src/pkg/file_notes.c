/* SPDX-License-Identifier: Apache-2.0 */
/* file_notes.c: what catalogers noted of one file, and how it is kept with the facts of its layer. */
#include "data/pack.h"
#include "pkg/file_cataloger.h"

#include <string.h>

#define NAME_MAX_BYTES 1024
#define REMARK_SHOWN_BYTES 400
#define CLAIMS_MAX 1000000

static void remark_free(gpointer data)
{
	g_free(((KilnFileRemark *)data)->what);
	g_free(data);
}

static KilnFileNotes *notes_new(const char *path)
{
	KilnFileNotes *notes = g_new0(KilnFileNotes, 1);
	notes->path = path;
	notes->packages = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_inventory_package_free);
	notes->remarks = g_ptr_array_new_with_free_func(remark_free);
	return notes;
}

void kiln_file_notes_free(KilnFileNotes *notes)
{
	if (!notes)
		return;
	g_ptr_array_unref(notes->packages);
	g_ptr_array_unref(notes->remarks);
	g_free(notes);
}

/* Names and versions are text of one line: they end up in purls, tables and reports. */
static gboolean is_sane(KilnText text)
{
	if (!text.length || text.length > NAME_MAX_BYTES || !g_utf8_validate(text.data, (gssize)text.length, NULL))
		return FALSE;
	for (gsize i = 0; i < text.length; i++)
		if (g_ascii_iscntrl(text.data[i]))
			return FALSE;
	return TRUE;
}

KilnInventoryPackage *file_notes_add(KilnFileNotes *notes, const char *type, KilnText name, KilnText version, GError **error)
{
	name = kiln_text_strip(name);
	version = kiln_text_strip(version);
	if (!is_sane(name) || !is_sane(version)) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "\"%.*s\" with version \"%.*s\" is no package", (int)MIN(name.length, 60), name.length ? name.data : "",
		          (int)MIN(version.length, 60), version.length ? version.data : "");
		return NULL;
	}
	KilnInventoryPackage *package = g_new0(KilnInventoryPackage, 1);
	package->identity.type = g_strdup(type);
	package->identity.name = kiln_text_dup(name);
	package->identity.version = kiln_text_dup(version);
	package->database = g_strdup(notes->path);
	package->cataloger = notes->cataloger;
	package->confidence = KILN_CONFIDENCE_HIGH;
	package->brought_by = -1;
	g_ptr_array_add(notes->packages, package);
	return package;
}

void file_notes_remark(KilnFileNotes *notes, const char *kind, char *what)
{
	KilnFileRemark *remark = g_new(KilnFileRemark, 1);
	g_autofree char *valid = g_utf8_make_valid(what, (gssize)MIN(strlen(what), REMARK_SHOWN_BYTES));
	*remark = (KilnFileRemark){ kind, g_strdup(valid) };
	g_free(what);
	g_ptr_array_add(notes->remarks, remark);
}

char *file_notes_directory(const KilnFileNotes *notes, guint levels)
{
	gsize length = strlen(notes->path);
	for (; levels && length; levels--) {
		while (length && notes->path[length - 1] != '/')
			length--;
		length -= length > 0;
	}
	return g_strndup(notes->path, length);
}

void file_notes_claim(KilnInventoryPackage *package, const char *base, KilnText path)
{
	gboolean is_tree = path.length && path.data[path.length - 1] == '/';
	g_autoptr(GString) at = g_string_new(base && (!path.length || path.data[0] != '/') ? base : "");
	if (package->claims && package->claims->len >= CLAIMS_MAX)
		return;
	while (path.length) {
		KilnText part = kiln_text_cut(&path, '/');
		if (!part.length || kiln_text_is(part, "."))
			continue;
		if (!kiln_text_is(part, "..")) {
			g_string_append_printf(at, "%s%.*s", at->len ? "/" : "", (int)MIN(part.length, KILN_LIMIT_PATH_BYTES), part.data);
			continue;
		}
		const char *slash = strrchr(at->str, '/');
		if (!at->len)
			return;
		g_string_truncate(at, slash ? (gsize)(slash - at->str) : 0);
	}
	if (!at->len || at->len > KILN_LIMIT_PATH_BYTES)
		return;
	if (!package->claims)
		package->claims = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(package->claims, g_strconcat(at->str, is_tree ? "/" : "", NULL));
}

gboolean file_notes_toml_text(KilnText line, const char *key, KilnText *out)
{
	if (!kiln_text_starts(line, key))
		return FALSE;
	KilnText rest = { line.data + strlen(key), line.length - strlen(key) };
	kiln_text_cut(&rest, '"');
	*out = kiln_text_cut(&rest, '"');
	return TRUE;
}

gboolean kiln_file_notes_wanted(const KilnSeenFile *file)
{
	for (const KilnFileCataloger *const *cataloger = kiln_file_catalogers; *cataloger; cataloger++)
		if ((*cataloger)->wants(file))
			return TRUE;
	return FALSE;
}

static guint index_of(const char *name)
{
	guint i = 0;
	while (kiln_file_catalogers[i] && strcmp(kiln_file_catalogers[i]->name, name) != 0)
		i++;
	return i;
}

void file_notes_pack_symbols(GByteArray *out, const GArray *symbols)
{
	kiln_pack_number(out, symbols != NULL);
	if (symbols)
		kiln_pack_bytes(out, symbols->data, symbols->len * sizeof(guint32));
}

GArray *file_notes_unpack_symbols(KilnUnpack *unpack)
{
	if (!kiln_unpack_number_to(unpack, 1))
		return NULL;
	KilnText bytes = kiln_unpack_bytes(unpack);
	GArray *symbols = g_array_new(FALSE, FALSE, sizeof(guint32));
	unpack->is_damaged |= bytes.length % sizeof(guint32) != 0;
	if (!unpack->is_damaged && bytes.length)
		g_array_append_vals(symbols, bytes.data, (guint)(bytes.length / sizeof(guint32)));
	return symbols;
}

static void pack_package(GByteArray *out, const KilnInventoryPackage *package)
{
	const KilnPackage *identity = &package->identity;
	const char *const texts[] = { identity->type, identity->name, identity->version, identity->architecture, identity->homepage, identity->summary,
		                      identity->maintainer, package->licence, package->evidence };
	kiln_pack_number(out, index_of(package->cataloger));
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		kiln_pack_text(out, texts[i]);
	kiln_pack_number(out, package->confidence);
	kiln_pack_number(out, package->declared);
	file_notes_pack_symbols(out, package->symbols);
	kiln_pack_number(out, package->claims ? package->claims->len : 0);
	for (guint i = 0; package->claims && i < package->claims->len; i++)
		kiln_pack_text(out, package->claims->pdata[i]);
}

GBytes *kiln_file_notes_read(const KilnSeenFile *file, KilnText content)
{
	g_autoptr(KilnFileNotes) notes = notes_new(file->path);
	for (const KilnFileCataloger *const *cataloger = kiln_file_catalogers; *cataloger; cataloger++) {
		g_autoptr(GError) reason = NULL;
		notes->cataloger = (*cataloger)->name;
		if (!(*cataloger)->wants(file))
			continue;
		if (content.length < file->size)
			file_notes_remark(notes, "unreadable", g_strdup_printf("%s: it is larger than %u MiB", notes->cataloger, (guint)(KILN_LIMIT_LAYER_FILE_BYTES / KILN_MIB)));
		else if (!(*cataloger)->read(notes, content, &reason))
			file_notes_remark(notes, "unreadable", g_strdup_printf("%s: %s", notes->cataloger, reason->message));
	}
	if (!notes->packages->len && !notes->remarks->len)
		return NULL;
	g_autoptr(GByteArray) out = g_byte_array_new();
	kiln_pack_number(out, notes->packages->len);
	for (guint i = 0; i < notes->packages->len; i++)
		pack_package(out, notes->packages->pdata[i]);
	kiln_pack_number(out, notes->remarks->len);
	for (guint i = 0; i < notes->remarks->len; i++) {
		const KilnFileRemark *remark = notes->remarks->pdata[i];
		kiln_pack_text(out, remark->kind);
		kiln_pack_text(out, remark->what);
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

static gboolean unpack_package(KilnFileNotes *notes, KilnUnpack *unpack)
{
	KilnInventoryPackage *package = g_new0(KilnInventoryPackage, 1);
	KilnPackage *identity = &package->identity;
	package->brought_by = -1;
	guint cataloger = (guint)kiln_unpack_number_to(unpack, index_of(""));
	char **const texts[] = { &identity->architecture, &identity->homepage, &identity->summary, &identity->maintainer, &package->licence, &package->evidence };
	g_ptr_array_add(notes->packages, package);
	identity->type = kiln_unpack_name(unpack);
	identity->name = kiln_unpack_name(unpack);
	identity->version = kiln_unpack_name(unpack);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		*texts[i] = kiln_unpack_text(unpack);
	package->confidence = (KilnConfidence)kiln_unpack_number_to(unpack, KILN_CONFIDENCE_HIGH);
	package->declared = kiln_unpack_number_to(unpack, 1) == 1;
	package->database = g_strdup(notes->path);
	package->cataloger = kiln_file_catalogers[cataloger] ? kiln_file_catalogers[cataloger]->name : "";
	package->symbols = file_notes_unpack_symbols(unpack);
	guint count = kiln_unpack_count(unpack);
	package->claims = count ? g_ptr_array_new_full(count, g_free) : NULL;
	for (guint i = 0; i < count && !unpack->is_damaged; i++)
		g_ptr_array_add(package->claims, kiln_unpack_name(unpack));
	return !unpack->is_damaged && kiln_file_catalogers[cataloger];
}

KilnFileNotes *kiln_file_notes_unpack(const char *path, GBytes *packed)
{
	gsize length;
	const void *bytes = g_bytes_get_data(packed, &length);
	KilnUnpack unpack = kiln_unpack(bytes, length);
	g_autoptr(KilnFileNotes) notes = notes_new(path);
	for (guint count = kiln_unpack_count(&unpack); count; count--)
		if (!unpack_package(notes, &unpack))
			return NULL;
	for (guint count = kiln_unpack_count(&unpack); count; count--) {
		g_autofree char *kind = kiln_unpack_name(&unpack);
		char *what = kiln_unpack_name(&unpack);
		file_notes_remark(notes, g_intern_string(kind), what);
		if (unpack.is_damaged)
			return NULL;
	}
	return kiln_unpack_is_whole(&unpack) ? g_steal_pointer(&notes) : NULL;
}
