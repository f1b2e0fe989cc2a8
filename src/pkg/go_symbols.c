/* SPDX-License-Identifier: Apache-2.0 */
/* go_symbols.c: the table of functions in Go programs. */
#include "pkg/go_symbols.h"

#include "elf/section.h"

#include <string.h>

#define MAGIC_1_16 0xfffffffaU
#define MAGIC_1_18 0xfffffff0U
#define MAGIC_1_20 0xfffffff1U
#define HEADER_BYTES 8
#define NAME_MAX_BYTES 4096

static const char *const sections[] = { ".gopclntab", ".data.rel.ro.gopclntab" };

static guint64 read_word(const char *bytes, guint size)
{
	guint64 value = 0;
	for (guint i = 0; i < size; i++)
		value |= (guint64)(guint8)bytes[i] << (8 * i);
	return value;
}

/* Behind the header come words: functions, files, since 1.18 where the text starts, and then where the names and what follows them begin. */
gboolean go_symbols_find(KilnText file, KilnText *names)
{
	KilnText table = { 0 };
	for (gsize i = 0; i < G_N_ELEMENTS(sections) && !table.length; i++)
		(void)kiln_elf_section(file, sections[i], &table);
	if (table.length < HEADER_BYTES)
		return FALSE;
	guint64 magic = read_word(table.data, 4);
	guint size = (guint8)table.data[7], before = magic == MAGIC_1_16 ? 2 : 3;
	if ((magic != MAGIC_1_16 && magic != MAGIC_1_18 && magic != MAGIC_1_20) || table.data[4] || table.data[5] || (size != 4 && size != 8) ||
	    table.length < HEADER_BYTES + (gsize)size * (before + 2))
		return FALSE;
	guint64 from = read_word(table.data + HEADER_BYTES + (gsize)size * before, size), to = read_word(table.data + HEADER_BYTES + (gsize)size * (before + 1), size);
	if (from >= to || to > table.length || table.data[to - 1] != '\0')
		return FALSE;
	*names = (KilnText){ table.data + from, (gsize)(to - from) };
	return TRUE;
}

#define HASH_START 2166136261U
#define HASH_PRIME 16777619U

static guint32 add_byte(guint32 hash, char byte)
{
	return (hash ^ (guint8)byte) * HASH_PRIME; /* FNV-1a */
}

guint32 go_symbols_hash(KilnText name)
{
	guint32 hash = HASH_START;
	for (gsize i = 0; i < name.length; i++)
		hash = add_byte(hash, name.data[i]);
	return hash;
}

/* The linker writes a dot in the last part of a path as "%2e". @buffer has as many bytes as @name. */
static KilnText unescape(KilnText name, char *buffer)
{
	gsize length = 0;
	if (!memchr(name.data, '%', name.length))
		return name;
	for (gsize i = 0; i < name.length; i++) {
		gboolean is_escape = name.data[i] == '%' && i + 2 < name.length && g_ascii_isxdigit(name.data[i + 1]) && g_ascii_isxdigit(name.data[i + 2]);
		buffer[length++] = is_escape ? (char)(g_ascii_xdigit_value(name.data[i + 1]) << 4 | g_ascii_xdigit_value(name.data[i + 2])) : name.data[i];
		i += is_escape ? 2 : 0;
	}
	return (KilnText){ buffer, length };
}

/* "a/b.v3.(*T[...]).M-fm" as advisories write it: "a/b.v3.T.M". */
static guint32 hash_of_linked(KilnText name)
{
	guint32 hash = HASH_START;
	guint depth = 0;
	if (name.length > 3 && memcmp(name.data + name.length - 3, "-fm", 3) == 0)
		name.length -= 3;
	for (gsize i = 0; i < name.length; i++) {
		char byte = name.data[i];
		depth += byte == '[';
		if (!depth && byte != '(' && byte != ')' && byte != '*')
			hash = add_byte(hash, byte);
		depth -= depth && byte == ']';
	}
	return hash;
}

/* Packages of the standard library have no dot in the first part of their path; what a program itself has is of no module that has advisories. */
static gboolean is_of(KilnText name, const char *module)
{
	gsize length = strlen(module);
	if (strcmp(module, "stdlib") != 0)
		return name.length > length && memcmp(name.data, module, length) == 0 && (name.data[length] == '/' || name.data[length] == '.');
	const char *slash = memchr(name.data, '/', name.length), *dot = memchr(name.data, '.', name.length);
	return dot && (!slash || slash < dot) && name.data[0] != '.' && !memchr(name.data, ':', (gsize)(dot - name.data)) && !kiln_text_starts(name, "main.");
}

static gint by_number(gconstpointer a, gconstpointer b)
{
	guint32 first = *(const guint32 *)a, second = *(const guint32 *)b;
	return first < second ? -1 : first > second;
}

static void sort_once(GArray *symbols)
{
	guint kept = 0;
	g_array_sort(symbols, by_number);
	for (guint i = 0; i < symbols->len; i++) {
		guint32 hash = g_array_index(symbols, guint32, i);
		if (!kept || g_array_index(symbols, guint32, kept - 1) != hash)
			g_array_index(symbols, guint32, kept++) = hash;
	}
	g_array_set_size(symbols, kept);
}

GArray *go_symbols_of_module(KilnText names, const char *module)
{
	GArray *symbols = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_autofree char *buffer = g_malloc(NAME_MAX_BYTES);
	while (names.length) {
		KilnText name = kiln_text_cut(&names, '\0');
		if (!name.length || name.length > NAME_MAX_BYTES) /* of generics; no advisory has such a name */
			continue;
		name = unescape(name, buffer);
		if (!is_of(name, module))
			continue;
		guint32 hash = hash_of_linked(name);
		g_array_append_val(symbols, hash);
	}
	sort_once(symbols);
	return symbols;
}

void go_symbols_merge(GArray *into, const GArray *from)
{
	g_array_append_vals(into, from->data, from->len);
	sort_once(into);
}

gboolean go_symbols_has(const GArray *symbols, guint32 hash)
{
	return g_array_binary_search((GArray *)symbols, &hash, by_number, NULL);
}
