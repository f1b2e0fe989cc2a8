/* SPDX-License-Identifier: Apache-2.0 */
/* ldcache.c: the bytes of /etc/ld.so.cache. Sources: glibc 2.36 and 2.41, dl-cache.h and cache.c, for the format and its order. */
#include "base/limits.h"
#include "build/ldcache_order.h"

#include <elf.h>
#include <string.h>

#define MAGIC "glibc-ld.so.cache1.1" /* magic and version, no NUL */
#define HEADER_BYTES 48
#define ENTRY_BYTES 24
#define ENTRIES_MAX 262144 /* with KILN_LIMIT_PATH_BYTES: all offsets fit into 32 bits */
#define EXTENSION_MAGIC 0xeaa42174u
#define HWCAP_EXTENSION (G_GUINT64_CONSTANT(1) << 62)

enum { ENDIAN_LITTLE = 2, ENDIAN_BIG = 3 };
enum { EXTENSION_GENERATOR = 0, EXTENSION_HWCAPS = 1 };

/* glibc's FLAG_ELF_LIBC6 (3) with what the machine adds. Source: sysdeps/generic/ldconfig.h. */
static const struct {
	guint machine, class_bits;
	guint32 flags;
} machines[] = {
	{ EM_X86_64, 64, 0x0303 }, { EM_X86_64, 32, 0x0803 }, { EM_386, 32, 0x0003 },   { EM_AARCH64, 64, 0x0a03 },   { EM_ARM, 32, 0x0903 },
	{ EM_S390, 64, 0x0403 },   { EM_PPC64, 64, 0x0503 },  { EM_RISCV, 64, 0x1003 }, { EM_LOONGARCH, 64, 0x1203 },
};

typedef struct {
	const char *text; /* borrowed */
	gsize length;
	guint32 offset; /* in the string table */
} String;

typedef struct {
	const KilnLdCacheEntry *entry;
	guint32 flags;
	String *soname, *path;
} Row;

typedef struct {
	GByteArray *bytes;
	gboolean big_endian;
	GPtrArray *rows;     /* Row, sorted */
	GHashTable *strings; /* text -> String */
	guint32 strings_bytes;
	GPtrArray *hwcaps;   /* String, by name */
} Cache;

static guint32 flags_of(const KilnLdCacheEntry *entry)
{
	for (guint i = 0; i < G_N_ELEMENTS(machines); i++)
		if (machines[i].machine == entry->elf_machine && machines[i].class_bits == entry->class_bits)
			return entry->is_plain_elf ? 1 : machines[i].flags;
	return 3;
}

static guint cut_number(const guchar **text)
{
	guint value = 0; /* wraps as glibc's does */
	while (g_ascii_isdigit(**text))
		value = value * 10 + (guint)(*(*text)++ - '0');
	return value;
}

/* Digits compare as numbers, and a digit is greater than anything else. */
int kiln_ldcache_compare_names(const char *a_text, const char *b_text)
{
	const guchar *a = (const guchar *)a_text, *b = (const guchar *)b_text;
	while (*a) {
		if (g_ascii_isdigit(*a) && g_ascii_isdigit(*b)) {
			int left = (int)cut_number(&a), right = (int)cut_number(&b);
			if (left != right)
				return left < right ? -1 : 1;
		} else if (g_ascii_isdigit(*a))
			return 1;
		else if (g_ascii_isdigit(*b))
			return -1;
		else if (*a != *b)
			return (int)*a - (int)*b;
		else {
			a++;
			b++;
		}
	}
	return -(int)*b;
}

/* Names and flags fall, subdirectories for better processors come first. */
static int compare_rows(gconstpointer a_pointer, gconstpointer b_pointer)
{
	const Row *a = *(const Row *const *)a_pointer, *b = *(const Row *const *)b_pointer;
	int order = kiln_ldcache_compare_names(b->entry->soname, a->entry->soname);
	if (order != 0)
		return order;
	if (a->flags != b->flags)
		return a->flags < b->flags ? 1 : -1;
	if (!a->entry->hwcap != !b->entry->hwcap)
		return a->entry->hwcap ? -1 : 1;
	return a->entry->hwcap ? strcmp(a->entry->hwcap, b->entry->hwcap) : 0;
}

static String *intern(Cache *cache, const char *text)
{
	String *string = g_hash_table_lookup(cache->strings, text);
	if (string)
		return string;
	string = g_new0(String, 1);
	string->text = text;
	string->length = strlen(text);
	g_hash_table_insert(cache->strings, (gpointer)text, string);
	return string;
}

/* By the reversed text, descending, longer ones first: a string that ends another one follows it. */
static int compare_reversed(gconstpointer a_pointer, gconstpointer b_pointer)
{
	const String *a = *(const String *const *)a_pointer, *b = *(const String *const *)b_pointer;
	for (gsize i = 1; i <= MIN(a->length, b->length); i++) {
		guchar x = (guchar)a->text[a->length - i], y = (guchar)b->text[b->length - i];
		if (x != y)
			return (int)y - (int)x;
	}
	return a->length == b->length ? 0 : a->length < b->length ? 1 : -1;
}

/* Sorted strings get their offsets; one that is the end of its predecessor shares its bytes. */
static GPtrArray *place_strings(Cache *cache)
{
	GPtrArray *sorted = g_ptr_array_new();
	const String *previous = NULL;
	GHashTableIter iter;
	gpointer value;
	g_hash_table_iter_init(&iter, cache->strings);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		g_ptr_array_add(sorted, value);
	g_ptr_array_sort(sorted, compare_reversed);
	for (guint i = 0; i < sorted->len; i++) {
		String *string = sorted->pdata[i];
		if (previous && g_str_has_suffix(previous->text, string->text))
			string->offset = previous->offset + (guint32)(previous->length - string->length);
		else if (previous)
			string->offset = previous->offset + (guint32)previous->length + 1;
		previous = string;
	}
	cache->strings_bytes = previous ? previous->offset + (guint32)previous->length + 1 : 0;
	return sorted;
}

static void put_u32(Cache *cache, guint32 value)
{
	value = cache->big_endian ? GUINT32_TO_BE(value) : GUINT32_TO_LE(value);
	g_byte_array_append(cache->bytes, (const guint8 *)&value, sizeof(value));
}

static void put_u64(Cache *cache, guint64 value)
{
	value = cache->big_endian ? GUINT64_TO_BE(value) : GUINT64_TO_LE(value);
	g_byte_array_append(cache->bytes, (const guint8 *)&value, sizeof(value));
}

static void pad_to(Cache *cache, guint size)
{
	guint before = cache->bytes->len;
	g_byte_array_set_size(cache->bytes, size);
	memset(cache->bytes->data + before, 0, size - before);
}

static guint hwcap_index(const Cache *cache, const char *name)
{
	guint i = 0;
	while (i < cache->hwcaps->len && strcmp(((const String *)cache->hwcaps->pdata[i])->text, name) != 0)
		i++;
	return i;
}

static void put_header(Cache *cache, guint32 strings_at)
{
	guint32 extension_at = (strings_at + cache->strings_bytes + 3) & ~3u;
	g_byte_array_append(cache->bytes, (const guint8 *)MAGIC, strlen(MAGIC));
	put_u32(cache, cache->rows->len);
	put_u32(cache, cache->strings_bytes);
	g_byte_array_append(cache->bytes, (const guint8[4]){ cache->big_endian ? ENDIAN_BIG : ENDIAN_LITTLE, 0, 0, 0 }, 4);
	put_u32(cache, extension_at);
	pad_to(cache, HEADER_BYTES);
}

static void put_rows(Cache *cache, guint32 strings_at)
{
	for (guint i = 0; i < cache->rows->len; i++) {
		const Row *row = cache->rows->pdata[i];
		guint64 hwcap = 0;
		if (row->entry->hwcap)
			hwcap = HWCAP_EXTENSION | (guint64)(row->entry->isa_level & 1023) << 32 | hwcap_index(cache, row->entry->hwcap);
		put_u32(cache, row->flags);
		put_u32(cache, strings_at + row->soname->offset);
		put_u32(cache, strings_at + row->path->offset);
		put_u32(cache, 0); /* once the version of the operating system */
		put_u64(cache, hwcap);
	}
}

static void put_strings(Cache *cache, const GPtrArray *sorted, guint32 strings_at)
{
	pad_to(cache, strings_at + cache->strings_bytes);
	for (guint i = 0; i < sorted->len; i++) {
		const String *string = sorted->pdata[i];
		memcpy(cache->bytes->data + strings_at + string->offset, string->text, string->length);
	}
	pad_to(cache, (strings_at + cache->strings_bytes + 3) & ~3u);
}

/* A directory of sections, then what they point to: the names of the subdirectories, the generator's text. */
static void put_extensions(Cache *cache, guint32 strings_at, const char *generator)
{
	guint32 sections = cache->hwcaps->len ? 2 : 1;
	guint32 hwcaps_at = cache->bytes->len + 8 + sections * 16, hwcaps_bytes = 4 * cache->hwcaps->len;
	put_u32(cache, EXTENSION_MAGIC);
	put_u32(cache, sections);
	put_u32(cache, EXTENSION_GENERATOR);
	put_u32(cache, 0);
	put_u32(cache, hwcaps_at + hwcaps_bytes);
	put_u32(cache, (guint32)strlen(generator));
	if (cache->hwcaps->len) {
		put_u32(cache, EXTENSION_HWCAPS);
		put_u32(cache, 0);
		put_u32(cache, hwcaps_at);
		put_u32(cache, hwcaps_bytes);
	}
	for (guint i = 0; i < cache->hwcaps->len; i++)
		put_u32(cache, strings_at + ((const String *)cache->hwcaps->pdata[i])->offset);
	g_byte_array_append(cache->bytes, (const guint8 *)generator, (guint)strlen(generator));
}

static void add_rows(Cache *cache, const KilnLdCacheEntry *entries, gsize count)
{
	for (gsize i = 0; i < count && cache->rows->len < ENTRIES_MAX; i++) {
		if (strlen(entries[i].path) > KILN_LIMIT_PATH_BYTES || strlen(entries[i].soname) > KILN_LIMIT_PATH_BYTES)
			continue;
		Row *row = g_new(Row, 1);
		*row = (Row){ &entries[i], flags_of(&entries[i]), NULL, NULL };
		row->path = intern(cache, entries[i].path);
		row->soname = intern(cache, entries[i].soname);
		if (entries[i].hwcap && hwcap_index(cache, entries[i].hwcap) == cache->hwcaps->len)
			g_ptr_array_add(cache->hwcaps, intern(cache, entries[i].hwcap));
		if (entries[i].elf_machine == EM_S390)
			cache->big_endian = TRUE;
		g_ptr_array_add(cache->rows, row);
	}
	g_ptr_array_sort(cache->rows, compare_rows); /* stable: the directory that was scanned first stays first */
}

static int compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp((*(const String *const *)a)->text, (*(const String *const *)b)->text);
}

GBytes *kiln_ldcache_build(const KilnLdCacheEntry *entries, gsize count, const char *const *hwcaps, const char *generator)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) used = g_ptr_array_new();
	g_autoptr(GHashTable) strings = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	Cache cache = { .bytes = g_byte_array_new(), .rows = rows, .strings = strings, .hwcaps = used };
	add_rows(&cache, entries, count);
	for (; hwcaps && *hwcaps; hwcaps++)
		intern(&cache, *hwcaps);
	g_ptr_array_sort(used, compare_texts);
	g_autoptr(GPtrArray) sorted = place_strings(&cache);
	guint32 strings_at = HEADER_BYTES + ENTRY_BYTES * rows->len;
	put_header(&cache, strings_at);
	put_rows(&cache, strings_at);
	put_strings(&cache, sorted, strings_at);
	put_extensions(&cache, strings_at, generator);
	return g_byte_array_free_to_bytes(cache.bytes);
}
