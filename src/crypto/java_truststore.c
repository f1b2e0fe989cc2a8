/* SPDX-License-Identifier: Apache-2.0 */
/* java_truststore.c: certificates in Java's own keystore format, written without Java. */
#include "crypto/java_truststore.h"

#include "crypto/hash.h"

#include <string.h>

#define MAGIC 0xfeedfeedu
#define VERSION 2
#define TRUSTED_CERTIFICATE 2
#define WHITENER "Mighty Aphrodite" /* part of the format: hashed between password and content */

static void put_number(GByteArray *out, guint64 number, guint bytes)
{
	number = GUINT64_TO_BE(number);
	g_byte_array_append(out, (const guint8 *)&number + sizeof number - bytes, bytes);
}

/* Java's modified UTF-8 is ASCII for ASCII. */
static void put_text(GByteArray *out, const char *text)
{
	put_number(out, strlen(text), 2);
	g_byte_array_append(out, (const guint8 *)text, (guint)strlen(text));
}

static void put_entry(GByteArray *out, const KilnJavaTrusted *entry)
{
	gsize length;
	const guint8 *der = g_bytes_get_data(entry->der, &length);
	put_number(out, TRUSTED_CERTIFICATE, 4);
	put_text(out, entry->alias);
	put_number(out, 0, 8); /* milliseconds since 1970 */
	put_text(out, "X.509");
	put_number(out, length, 4);
	g_byte_array_append(out, der, (guint)length);
}

GBytes *kiln_java_truststore_write(const KilnJavaTrusted *entries, gsize count, const char *password)
{
	g_autoptr(KilnHash) hash = kiln_hash_new_sha1();
	GByteArray *out = g_byte_array_new();
	guint8 digest[20];
	put_number(out, MAGIC, 4);
	put_number(out, VERSION, 4);
	put_number(out, count, 4);
	for (gsize i = 0; i < count; i++)
		put_entry(out, &entries[i]);
	for (const char *letter = password; *letter; letter++)
		kiln_hash_update(hash, (const char[]){ '\0', *letter }, 2); /* UTF-16, big endian */
	kiln_hash_update(hash, WHITENER, strlen(WHITENER));
	kiln_hash_update(hash, out->data, out->len);
	kiln_hash_finish_sha1(hash, digest);
	g_byte_array_append(out, digest, sizeof digest);
	return g_byte_array_free_to_bytes(out);
}
