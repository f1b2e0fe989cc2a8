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

static gboolean put_name(Header *header, const char *name)
{
	gsize length = strlen(name);
	if (length <= sizeof header->name) {
		memcpy(header->name, name, length);
		return TRUE;
	}
	if (length > sizeof header->name + sizeof header->prefix + 1)
		return FALSE;
	/* The first slash that leaves a tail of at most 100 bytes, and a head that fits. */
	const char *slash = strchr(name + (length - sizeof header->name - 1), '/');
	if (!slash || slash == name || (gsize)(slash - name) > sizeof header->prefix || slash[1] == '\0')
		return FALSE;
	memcpy(header->prefix, name, (gsize)(slash - name));
	memcpy(header->name, slash + 1, length - (gsize)(slash - name) - 1);
	return TRUE;
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

static void append_pax(GByteArray *out, const GByteArray *records, gint64 mtime_s)
{
	Header header = { .type = 'x' };
	memcpy(header.name, "pax", 3);
	put_octal(header.mode, sizeof header.mode, 0644);
	put_octal(header.uid, sizeof header.uid, 0);
	put_octal(header.gid, sizeof header.gid, 0);
	put_octal(header.size, sizeof header.size, records->len);
	put_octal(header.mtime, sizeof header.mtime, (guint64)MAX(0, mtime_s));
	append_block(out, &header);
	g_byte_array_append(out, records->data, records->len);
	kiln_tar_append_padding(out, records->len);
}

void kiln_tar_append_header(GByteArray *out, const KilnTarEntry *entry)
{
	Header header = { .type = type_flags[entry->type] };
	g_autoptr(GByteArray) records = g_byte_array_new();
	g_autofree char *name = entry->type == KILN_FILE_DIRECTORY ? g_strconcat(entry->path[0] ? entry->path : ".", "/", NULL)
	                                                           : g_strdup(entry->path);
	guint64 size = entry->type == KILN_FILE_REGULAR ? entry->size : 0, mtime = (guint64)MAX(0, entry->mtime_s);
	if (!put_name(&header, name))
		pax_record(records, "path", name, strlen(name));
	if (entry->link_target && strlen(entry->link_target) <= sizeof header.link)
		memcpy(header.link, entry->link_target, strlen(entry->link_target));
	else if (entry->link_target)
		pax_record(records, "linkpath", entry->link_target, strlen(entry->link_target));
	put_octal(header.mode, sizeof header.mode, entry->mode & 07777);
	if (!put_octal(header.uid, sizeof header.uid, entry->uid))
		pax_number(records, "uid", entry->uid);
	if (!put_octal(header.gid, sizeof header.gid, entry->gid))
		pax_number(records, "gid", entry->gid);
	if (!put_octal(header.size, sizeof header.size, size))
		pax_number(records, "size", size);
	if (!put_octal(header.mtime, sizeof header.mtime, mtime))
		pax_number(records, "mtime", mtime);
	put_octal(header.major, sizeof header.major, entry->device_major);
	put_octal(header.minor, sizeof header.minor, entry->device_minor);
	for (gsize i = 0; i < entry->xattr_count; i++) {
		g_autofree char *key = g_strconcat("SCHILY.xattr.", entry->xattrs[i].name, NULL);
		pax_record(records, key, entry->xattrs[i].value, entry->xattrs[i].length);
	}
	if (records->len)
		append_pax(out, records, entry->mtime_s);
	append_block(out, &header);
}
