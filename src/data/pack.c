/* SPDX-License-Identifier: Apache-2.0 */
/* pack.c: numbers and byte strings one behind the other. */
#include "data/pack.h"

#define GROUP_BITS 7
#define GROUP_MORE 0x80

void kiln_pack_number(GByteArray *out, guint64 value)
{
	guint8 bytes[10];
	guint length = 0;
	for (; value >= GROUP_MORE; value >>= GROUP_BITS)
		bytes[length++] = (guint8)(value | GROUP_MORE);
	bytes[length++] = (guint8)value;
	g_byte_array_append(out, bytes, length);
}

void kiln_pack_bytes(GByteArray *out, const void *bytes, gsize length)
{
	kiln_pack_number(out, length);
	if (length)
		g_byte_array_append(out, bytes, (guint)length);
}

/* The length of a text is one more than it has, so that 0 can stand for NULL. */
void kiln_pack_text(GByteArray *out, const char *text)
{
	gsize length = text ? strlen(text) : 0;
	kiln_pack_number(out, text ? length + 1 : 0);
	if (length)
		g_byte_array_append(out, (const guint8 *)text, (guint)length);
}

void kiln_pack_digest(GByteArray *out, const KilnDigest *digest)
{
	g_byte_array_append(out, digest->sha256, sizeof digest->sha256);
}

KilnUnpack kiln_unpack(const void *bytes, gsize length)
{
	return (KilnUnpack){ bytes, (const guint8 *)bytes + length, FALSE };
}

static void damage(KilnUnpack *unpack)
{
	unpack->at = unpack->end;
	unpack->is_damaged = TRUE;
}

guint64 kiln_unpack_number(KilnUnpack *unpack)
{
	guint64 value = 0;
	for (guint shift = 0; shift < 64 && unpack->at < unpack->end; shift += GROUP_BITS) {
		guint8 byte = *unpack->at++;
		value |= (guint64)(byte & ~GROUP_MORE) << shift;
		if (!(byte & GROUP_MORE))
			return value;
	}
	damage(unpack);
	return 0;
}

guint64 kiln_unpack_number_to(KilnUnpack *unpack, guint64 max)
{
	guint64 value = kiln_unpack_number(unpack);
	if (value <= max)
		return value;
	damage(unpack);
	return 0;
}

guint kiln_unpack_count(KilnUnpack *unpack)
{
	guint64 count = kiln_unpack_number(unpack);
	if (count <= (guint64)(unpack->end - unpack->at) && count <= G_MAXUINT)
		return (guint)count;
	damage(unpack);
	return 0;
}

static KilnText take(KilnUnpack *unpack, guint64 length)
{
	if (length > (guint64)(unpack->end - unpack->at)) {
		damage(unpack);
		return (KilnText){ 0 };
	}
	KilnText text = { (const char *)unpack->at, length };
	unpack->at += length;
	return text;
}

KilnText kiln_unpack_bytes(KilnUnpack *unpack)
{
	return take(unpack, kiln_unpack_number(unpack));
}

char *kiln_unpack_text(KilnUnpack *unpack)
{
	guint64 length = kiln_unpack_number(unpack);
	if (!length)
		return NULL;
	KilnText text = take(unpack, length - 1);
	if (text.length && memchr(text.data, '\0', text.length))
		damage(unpack);
	return unpack->is_damaged ? NULL : kiln_text_dup(text);
}

char *kiln_unpack_name(KilnUnpack *unpack)
{
	char *text = kiln_unpack_text(unpack);
	if (text)
		return text;
	damage(unpack);
	return g_strdup("");
}

void kiln_unpack_digest(KilnUnpack *unpack, KilnDigest *digest)
{
	KilnText text = take(unpack, sizeof digest->sha256);
	memset(digest, 0, sizeof *digest);
	if (text.length)
		memcpy(digest->sha256, text.data, sizeof digest->sha256);
}

gboolean kiln_unpack_is_whole(const KilnUnpack *unpack)
{
	return !unpack->is_damaged && unpack->at == unpack->end;
}
