/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_rust.c: crates that cargo-auditable wrote into programs, and what Cargo.lock asks for.
 *
 * Source: rust-secure-code, cargo-auditable "PARSING.md": zlib-compressed JSON in the section .dep-v0; The Cargo Book, "Cargo.lock".
 */
#include "data/json.h"
#include "elf/section.h"
#include "pkg/file_cataloger.h"

#include <gio/gio.h>
#include <string.h>

#define AUDIT_MAX_BYTES (16 * 1024 * 1024)
#define LOCK_MAX_BYTES (64 * KILN_MIB)

static gboolean is_lock(const char *path)
{
	return strcmp(path, "Cargo.lock") == 0 || g_str_has_suffix(path, "/Cargo.lock");
}

static gboolean wants(const KilnSeenFile *file)
{
	return (file->head_length >= 20 && memcmp(file->head, "\177ELF", 4) == 0) || (file->size <= LOCK_MAX_BYTES && is_lock(file->path));
}

static GBytes *inflate(KilnText packed, GError **error)
{
	g_autoptr(GZlibDecompressor) zlib = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
	g_autoptr(GByteArray) out = g_byte_array_new();
	guint8 buffer[16384];
	for (GConverterResult result = G_CONVERTER_CONVERTED; result != G_CONVERTER_FINISHED;) {
		gsize used = 0, written = 0;
		g_autoptr(GError) reason = NULL;
		result = g_converter_convert(G_CONVERTER(zlib), packed.data, packed.length, buffer, sizeof buffer, G_CONVERTER_INPUT_AT_END, &used, &written, &reason);
		if (result == G_CONVERTER_ERROR) {
			kiln_fail(error, KILN_ERROR_SYNTAX, "section .dep-v0: %s", reason->message);
			return NULL;
		}
		packed = (KilnText){ packed.data + used, packed.length - used };
		g_byte_array_append(out, buffer, (guint)written);
		if (out->len > AUDIT_MAX_BYTES) {
			kiln_fail(error, KILN_ERROR_LIMIT, "section .dep-v0 inflates to more than %d MiB", AUDIT_MAX_BYTES / (1024 * 1024));
			return NULL;
		}
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

/* { "packages": [ { "name", "version", "source": "crates.io"|"git"|"local"|"registry", "kind": "runtime"|"build", "root": true } ] } */
static gboolean add_audited(KilnFileNotes *notes, const json_t *root, GError **error)
{
	const json_t *item;
	size_t i;
	json_array_foreach(json_object_get(root, "packages"), i, item)
	{
		const char *source = kiln_json_string_or_null(item, "source");
		if (g_strcmp0(source, "crates.io") != 0 && g_strcmp0(source, "registry") != 0) /* one's own, or a fork: no release */
			continue;
		if (g_strcmp0(kiln_json_string_or_null(item, "kind"), "build") == 0) /* it made the program and is not in it */
			continue;
		KilnInventoryPackage *package = file_notes_add(notes, "cargo", kiln_text(kiln_json_string_or_null(item, "name")), kiln_text(kiln_json_string_or_null(item, "version")), error);
		if (!package)
			return FALSE;
		package->evidence = g_strdup("section .dep-v0 of cargo-auditable");
		file_notes_claim(package, NULL, kiln_text(notes->path));
	}
	return TRUE;
}

static gboolean read_program(KilnFileNotes *notes, KilnText content, GError **error)
{
	KilnText section;
	if (!kiln_elf_section(content, ".dep-v0", &section))
		return TRUE;
	g_autoptr(GBytes) text = inflate(section, error);
	g_autoptr(json_t) root = text ? kiln_json_parse(g_bytes_get_data(text, NULL), g_bytes_get_size(text), "section .dep-v0", error) : NULL;
	return root && add_audited(notes, root, error);
}

static gboolean read_lock(KilnFileNotes *notes, KilnText content, GError **error)
{
	KilnText name = { 0 }, version = { 0 }, source;
	while (content.length) {
		KilnText line = kiln_text_strip(kiln_text_cut(&content, '\n'));
		if (kiln_text_is(line, "[[package]]"))
			name = version = (KilnText){ 0 };
		file_notes_toml_text(line, "name = ", &name);
		file_notes_toml_text(line, "version = ", &version);
		/* Without a source it is the program itself. */
		if (!name.length || !file_notes_toml_text(line, "source = ", &source) || source.length < 9 || memcmp(source.data, "registry+", 9) != 0)
			continue;
		KilnInventoryPackage *package = file_notes_add(notes, "cargo", name, version, error);
		if (!package)
			return FALSE;
		package->declared = TRUE;
	}
	return TRUE;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	return is_lock(notes->path) ? read_lock(notes, content, error) : read_program(notes, content, error);
}

const KilnFileCataloger kiln_cataloger_rust = { "rust", wants, read_file };
