/* SPDX-License-Identifier: Apache-2.0 */
/* zstd_write.c: finding matches by hashes of eight and of five bytes, and zstd frames around the blocks. */
#include "io/zstd_write.h"
#include "io/zstd_block.h"

/* Where speed and size balance for the files of packages. Any change of these changes digests: see ZSTD_WRITE_NAME. */
#define FRAME_BYTES (1024 * 1024)
#define LONG_LOG_MAX 17
#define SHORT_LOG_MAX 16
#define LOG_MIN 10
#define STEP_AFTER_BITS 8 /* after 2^8 bytes without a match every second byte is tried, and so on */
#define TAIL_BYTES 8      /* the last bytes of a block start no match: reads of words stay inside the buffer */

/* Positions are one more than they are, so that 0 is none. */
struct ZstdWriter {
	guint32 long_table[1 << LONG_LOG_MAX], short_table[1 << SHORT_LOG_MAX];
	guint long_log, short_log; /* of what is used: small inputs do not pay for large tables */
	guint32 recent[3];         /* distances; the reader keeps the same list */
	ZstdBlock block;
};

typedef struct {
	gsize at, length; /* at may lie before the place that was looked at */
	guint32 distance;
} Match;

ZstdWriter *zstd_writer_new(void)
{
	return g_new0(ZstdWriter, 1);
}

void zstd_writer_free(ZstdWriter *writer)
{
	g_free(writer);
}

static inline guint32 word_at(const guint8 *bytes)
{
	guint32 word;
	memcpy(&word, bytes, sizeof word);
	return GUINT32_FROM_LE(word);
}

static inline guint64 long_word_at(const guint8 *bytes)
{
	guint64 word;
	memcpy(&word, bytes, sizeof word);
	return GUINT64_FROM_LE(word);
}

static inline guint32 *long_place(ZstdWriter *writer, guint64 word)
{
	return &writer->long_table[word * G_GUINT64_CONSTANT(0x9e3779b185ebca87) >> (64 - writer->long_log)];
}

static inline guint32 *short_place(ZstdWriter *writer, guint64 word)
{
	return &writer->short_table[(word << 24) * G_GUINT64_CONSTANT(0x9fb21c651e98df25) >> (64 - writer->short_log)];
}

static inline gsize common_length(const guint8 *here, const guint8 *there, const guint8 *end)
{
	const guint8 *start = here;
	for (; end - here >= 8; here += 8, there += 8) {
		guint64 differs = long_word_at(here) ^ long_word_at(there);
		if (differs)
			return (gsize)(here - start) + ((gsize)__builtin_ctzll(differs) >> 3);
	}
	while (here < end && *here == *there) {
		here++;
		there++;
	}
	return (gsize)(here - start);
}

static inline Match extend(const guint8 *bytes, gsize at, gsize from, gsize known, gsize literals_from, gsize end)
{
	Match match = { at, known, (guint32)(at - from) };
	match.length += common_length(bytes + at + known, bytes + from + known, bytes + end);
	while (match.at > literals_from && from > 0 && bytes[match.at - 1] == bytes[from - 1]) {
		match.at--;
		from--;
		match.length++;
	}
	return match;
}

/* Enter @at and find a match there, or a longer one that begins a byte later; length 0: none. */
static inline Match find(ZstdWriter *writer, const guint8 *bytes, gsize at, gsize literals_from, gsize end)
{
	guint64 word = long_word_at(bytes + at);
	guint32 *long_entry = long_place(writer, word), *short_entry = short_place(writer, word);
	gsize from_long = *long_entry, from_short = *short_entry;
	*long_entry = *short_entry = (guint32)at + 1;
	if (writer->recent[0] <= at + 1 && word_at(bytes + at + 1) == word_at(bytes + at + 1 - writer->recent[0]))
		return (Match){ at + 1, 4 + common_length(bytes + at + 5, bytes + at + 5 - writer->recent[0], bytes + end), writer->recent[0] };
	if (from_long && long_word_at(bytes + from_long - 1) == word)
		return extend(bytes, at, from_long - 1, 8, literals_from, end);
	if (!from_short || word_at(bytes + from_short - 1) != (guint32)word)
		return (Match){ 0, 0, 0 };
	guint64 next = long_word_at(bytes + at + 1);
	guint32 *next_entry = long_place(writer, next);
	gsize from_next = *next_entry;
	*next_entry = (guint32)at + 2;
	if (from_next && long_word_at(bytes + from_next - 1) == next)
		return extend(bytes, at + 1, from_next - 1, 8, literals_from, end);
	return extend(bytes, at, from_short - 1, 4, literals_from, end);
}

/* Name @distance as the reader will understand it, and move it to the front of the recent ones as the reader will. */
static guint32 offset_value(ZstdWriter *writer, guint32 distance, gsize literal_length)
{
	guint32 *recent = writer->recent, shift = literal_length == 0, value = distance + 3;
	for (guint i = 3; i-- > shift;)
		if (distance == recent[i])
			value = i + 1 - shift;
	if (value > 3 && shift && distance == recent[0] - 1)
		value = 3;
	guint place = value > 3 ? 3 : value - 1 + shift;
	if (place == 0)
		return value;
	if (place > 1)
		recent[2] = recent[1];
	recent[1] = recent[0];
	recent[0] = distance;
	return value;
}

static void add_sequence(ZstdWriter *writer, const guint8 *bytes, gsize literals_from, const Match *match)
{
	ZstdBlock *block = &writer->block;
	gsize literal_length = match->at - literals_from;
	memcpy(block->literals + block->literal_count, bytes + literals_from, literal_length);
	block->literal_count += literal_length;
	block->sequences[block->sequence_count++] =
	        (ZstdSequence){ (guint32)literal_length, (guint32)match->length, offset_value(writer, match->distance, literal_length) };
}

/* Some positions inside and at the end of a match, so that later matches may start there. */
static inline void enter_some(ZstdWriter *writer, const guint8 *bytes, gsize looked_at, const Match *match, gsize searched)
{
	const gsize places[] = { looked_at + 2, match->at + match->length - 2 };
	for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
		if (places[i] < searched) {
			guint64 word = long_word_at(bytes + places[i]);
			*long_place(writer, word) = (guint32)places[i] + 1;
			*short_place(writer, word) = (guint32)places[i] + 1;
		}
}

/* Literals and sequences of @bytes from @begin to @end; what lies before is known to the reader. */
static void fill_block(ZstdWriter *writer, const guint8 *bytes, gsize begin, gsize end)
{
	ZstdBlock *block = &writer->block;
	gsize searched = end - begin > TAIL_BYTES ? end - TAIL_BYTES : begin, literals_from = begin;
	block->literal_count = block->sequence_count = 0;
	for (gsize at = begin; at < searched;) {
		Match match = find(writer, bytes, at, literals_from, end);
		if (!match.length) {
			at += 1 + ((at - literals_from) >> STEP_AFTER_BITS);
			continue;
		}
		add_sequence(writer, bytes, literals_from, &match);
		enter_some(writer, bytes, at, &match, searched);
		at = literals_from = match.at + match.length;
	}
	memcpy(block->literals + block->literal_count, bytes + literals_from, end - literals_from);
	block->literal_count += end - literals_from;
}

static void put_block_header(guint type, gsize size, gboolean last, guint8 *out)
{
	guint32 header = (guint32)(size << 3 | type << 1 | (last ? 1U : 0U));
	for (guint i = 0; i < 3; i++)
		out[i] = (guint8)(header >> (8 * i));
}

/* Coded, or as it is where that is not longer. Then the reader never hears of the block's distances. */
static gsize write_block(ZstdWriter *writer, const guint8 *bytes, gsize begin, gsize end, gboolean last, guint8 *out)
{
	enum { TYPE_RAW = 0, TYPE_CODED = 2 };
	guint32 recent[3];
	gsize length = end - begin;
	memcpy(recent, writer->recent, sizeof recent);
	fill_block(writer, bytes, begin, end);
	gsize literals = zstd_literals_write(writer->block.literals, writer->block.literal_count, out + 3);
	gsize sequences = literals < length ? zstd_sequences_write(&writer->block, length - literals, out + 3 + literals) : 0;
	if (sequences && literals + sequences < length) {
		put_block_header(TYPE_CODED, literals + sequences, last, out);
		return 3 + literals + sequences;
	}
	memcpy(writer->recent, recent, sizeof recent);
	put_block_header(TYPE_RAW, length, last, out);
	memcpy(out + 3, bytes + begin, length);
	return 3 + length;
}

/* No checksum: layers have digests. The window is the content. Source: RFC 8878, 3.1.1.1. */
static gsize write_frame_header(gsize length, guint8 *out)
{
	static const guint8 magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };
	guint width = length < 256 ? 1 : length < 65536 + 256 ? 2 : 4, flag = width / 2, bias = width == 2 ? 256 : 0;
	memcpy(out, magic, sizeof magic);
	out[4] = (guint8)(flag << 6 | 1 << 5);
	for (guint i = 0; i < width; i++)
		out[5 + i] = (guint8)((length - bias) >> (8 * i));
	return 5 + width;
}

static guint table_log(gsize length, guint maximum)
{
	guint log = LOG_MIN;
	while (log < maximum && (gsize)1 << log < length)
		log++;
	return log;
}

static gsize write_frame(ZstdWriter *writer, const guint8 *bytes, gsize length, guint8 *out)
{
	static const guint32 recent[3] = { 1, 4, 8 };
	gsize used = write_frame_header(length, out), at = 0;
	writer->long_log = table_log(length, LONG_LOG_MAX);
	writer->short_log = table_log(length, SHORT_LOG_MAX);
	memset(writer->long_table, 0, sizeof(guint32) << writer->long_log);
	memset(writer->short_table, 0, sizeof(guint32) << writer->short_log);
	memcpy(writer->recent, recent, sizeof recent);
	do {
		gsize end = MIN(at + ZSTD_BLOCK_BYTES, length);
		used += write_block(writer, bytes, at, end, end == length, out + used);
		at = end;
	} while (at < length);
	return used;
}

gsize zstd_writer_frames(ZstdWriter *writer, const guint8 *bytes, gsize length, guint8 *out)
{
	gsize used = 0, at = 0;
	do {
		gsize part = MIN(length - at, FRAME_BYTES);
		used += write_frame(writer, bytes + at, part, out + used);
		at += part;
	} while (at < length);
	return used;
}
