/* SPDX-License-Identifier: Apache-2.0 */
/* pack.h: numbers and byte strings one behind the other: what kiln remembers in its cache, and what its readers send. Not for people. */
#pragma once
#include "base/digest.h"
#include "base/text.h"

/** Append a number in groups of seven bits, the lowest first. */
void kiln_pack_number(GByteArray *out, guint64 value);
void kiln_pack_bytes(GByteArray *out, const void *bytes, gsize length);
/** NULL stays NULL. */
void kiln_pack_text(GByteArray *out, const char *text);
void kiln_pack_digest(GByteArray *out, const KilnDigest *digest);

/** What is left to read; the bytes are borrowed and may be hostile. */
typedef struct {
	const guint8 *at, *end;
	gboolean is_damaged; /* once something did not fit; everything read since is 0, empty or NULL */
} KilnUnpack;

KilnUnpack kiln_unpack(const void *bytes, gsize length);
guint64 kiln_unpack_number(KilnUnpack *unpack);
/** A number of at most @max; a larger one is damage. */
guint64 kiln_unpack_number_to(KilnUnpack *unpack, guint64 max);
/** How many items follow, none of which takes less than a byte: what is left bounds it, so it may be allocated. */
guint kiln_unpack_count(KilnUnpack *unpack);
/** Borrowed from the bytes. */
KilnText kiln_unpack_bytes(KilnUnpack *unpack);
/** New string, or NULL where NULL was packed; one with a NUL inside is damage. */
char *kiln_unpack_text(KilnUnpack *unpack);
/** As kiln_unpack_text(), but NULL is damage and becomes "". */
char *kiln_unpack_name(KilnUnpack *unpack);
void kiln_unpack_digest(KilnUnpack *unpack, KilnDigest *digest);
/** TRUE when everything fitted and nothing is left. */
gboolean kiln_unpack_is_whole(const KilnUnpack *unpack);
