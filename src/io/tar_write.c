/* SPDX-License-Identifier: Apache-2.0 */
/* tar_write.c: canonical tar headers. Our own, because an archive library's choices change with its version and image digests must not. */
#include "io/tar.h"

#include <stdio.h>
#include <string.h>

#define BLOCK 512

typedef struct {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6], version[2];
	char user[32], group[32], major[8], minor[8], prefix[155], rest[12];
} Header;

G_STATIC_ASSERT(sizeof(Header) == BLOCK);

static const char type_flags[] = {
	[KILN_FILE_REGULAR] = '0', [KILN_FILE_HARDLINK] = '1', [KILN_FILE_SYMLINK] = '2', [KILN_FILE_CHARACTER_DEVICE] = '3',
	[KILN_FILE_BLOCK_DEVICE] = '4', [KILN_FILE_DIRECTORY] = '5', [KILN_FILE_FIFO] = '6',
};

static gboolean put_octal(char *field, gsize width, guint64 value)
{
	if (width - 1 < 22 && value >> (3 * (width - 1)))
		return FALSE;
	for (gsize i = width - 1; i-- > 0; value >>= 3)
		field[i] = (char)('0' + (value & 7));
	field[width - 1] = '\0';
	return TRUE;
}

/* "<length> key=value\n", where length counts itself. */
static void pax_record(GByteArray *out, const char *key, const void *value, gsize length)
{
	gsize rest = strlen(key) + length + 3, total = rest + 1;
	char digits[24];
	while ((gsize)snprintf(digits, sizeof digits, "%" G_GSIZE_FORMAT, total) + rest != total)
		total = rest + strlen(digits);
	g_byte_array_append(out, (const guint8 *)digits, (guint)strlen(digits));
	g_byte_array_append(out, (const guint8 *)" ", 1);
	g_byte_array_append(out, (const guint8 *)key, (guint)strlen(key));
	g_byte_array_append(out, (const guint8 *)"=", 1);
	g_byte_array_append(out, value, (guint)length);
	g_byte_array_append(out, (const guint8 *)"\n", 1);
}

static void pax_number(GByteArray *out, const char *key, guint64 value)
{
	char text[24];
	snprintf(text, sizeof text, "%" G_GUINT64_FORMAT, value);
	pax_record(out, key, text, strlen(text));
}

static void pax_xattr(GByteArray *out, const KilnXattr *xattr)
{
	g_autoptr(GString) key = g_string_new("SCHILY.xattr.");
	/* "=" would end the key; GNU tar writes and reads it so. */
	for (const char *at = xattr->name; *at; at++) {
		if (*at == '=')
			g_string_append(key, "%3D");
		else
			g_string_append_c(key, *at);
	}
	pax_record(out, key->str, xattr->value, xattr->length);
}

/* FALSE when ustar cannot say @name; then the header holds as much of it as fits, for readers that know no pax. */
static gboolean put_name(Header *header, const char *name)
{
	gsize length = strlen(name);
	if (length <= sizeof header->name) {
		memcpy(header->name, name, length);
		return TRUE;
	}
	/* Split at the last slash whose head fits, as GNU tar does; the one that ends a directory is none. */
	gsize head = MIN(length - 2, sizeof header->prefix);
	while (head > 0 && name[head] != '/')
		head--;
	if (head == 0 || length - head - 1 > sizeof header->name) {
		memcpy(header->name, name, sizeof header->name);
		return FALSE;
	}
	memcpy(header->prefix, name, head);
	memcpy(header->name, name + head + 1, length - head - 1);
	return TRUE;
}

static gboolean put_link(Header *header, const char *target)
{
	gsize length = strlen(target);
	memcpy(header->link, target, MIN(length, sizeof header->link));
	return length <= sizeof header->link;
}

static void finish(Header *header)
{
	guint sum = 0;
	memset(header->checksum, ' ', sizeof header->checksum);
	for (gsize i = 0; i < sizeof *header; i++)
		sum += ((const guint8 *)header)[i];
	snprintf(header->checksum, sizeof header->checksum, "%06o", sum);
	header->checksum[7] = ' ';
}

static void append_block(GByteArray *out, Header *header)
{
	memcpy(header->magic, "ustar", 6);
	memcpy(header->version, "00", 2);
	finish(header);
	g_byte_array_append(out, (const guint8 *)header, sizeof *header);
}

void kiln_tar_append_padding(GByteArray *out, guint64 size)
{
	static const guint8 zeros[BLOCK];
	if (size % BLOCK)
		g_byte_array_append(out, zeros, (guint)(BLOCK - size % BLOCK));
}

void kiln_tar_append_end(GByteArray *out)
{
	static const guint8 zeros[2 * BLOCK];
	g_byte_array_append(out, zeros, sizeof zeros);
}

static void append_pax(GByteArray *out, const GByteArray *records)
{
	Header header = { .type = 'x' };
	memcpy(header.name, "pax", 3);
	put_octal(header.mode, sizeof header.mode, 0644);
	put_octal(header.uid, sizeof header.uid, 0);
	put_octal(header.gid, sizeof header.gid, 0);
	put_octal(header.size, sizeof header.size, records->len);
	put_octal(header.mtime, sizeof header.mtime, 0);
	append_block(out, &header);
	g_byte_array_append(out, records->data, records->len);
	kiln_tar_append_padding(out, records->len);
}

/* Names and, where ustar has no room for them, their pax records. pax takes values for UTF-8 unless told otherwise first. */
static void put_names(Header *header, const KilnTarEntry *entry, GByteArray *records)
{
	g_autofree char *name = g_strconcat(entry->path[0] ? entry->path : ".", entry->type == KILN_FILE_DIRECTORY ? "/" : "", NULL);
	gboolean name_fits = put_name(header, name);
	gboolean link_fits = !entry->link_target || put_link(header, entry->link_target);
	if ((!name_fits && !g_utf8_validate(name, -1, NULL)) || (!link_fits && !g_utf8_validate(entry->link_target, -1, NULL)))
		pax_record(records, "hdrcharset", "BINARY", 6);
	if (!name_fits)
		pax_record(records, "path", name, strlen(name));
	if (!link_fits)
		pax_record(records, "linkpath", entry->link_target, strlen(entry->link_target));
}

static void put_number(char *field, gsize width, guint64 value, const char *key, GByteArray *records)
{
	if (put_octal(field, width, value))
		return;
	put_octal(field, width, 0);
	pax_number(records, key, value);
}

void kiln_tar_append_header(GByteArray *out, const KilnTarEntry *entry)
{
	Header header = { .type = type_flags[entry->type] };
	g_autoptr(GByteArray) records = g_byte_array_new();
	put_names(&header, entry, records);
	put_octal(header.mode, sizeof header.mode, entry->mode & 07777);
	put_number(header.uid, sizeof header.uid, entry->uid, "uid", records);
	put_number(header.gid, sizeof header.gid, entry->gid, "gid", records);
	put_number(header.size, sizeof header.size, entry->type == KILN_FILE_REGULAR ? entry->size : 0, "size", records);
	put_number(header.mtime, sizeof header.mtime, (guint64)MAX(0, entry->mtime_s), "mtime", records);
	/* 21 bits, more than Linux has of either. */
	put_octal(header.major, sizeof header.major, entry->device_major & 07777777);
	put_octal(header.minor, sizeof header.minor, entry->device_minor & 07777777);
	for (gsize i = 0; i < entry->xattr_count; i++)
		pax_xattr(records, &entry->xattrs[i]);
	if (records->len)
		append_pax(out, records);
	append_block(out, &header);
}
