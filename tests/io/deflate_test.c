/* SPDX-License-Identifier: Apache-2.0 */
/* deflate_test.c: what kiln packs, others unpack to the same; and the packed bytes are the same on every host. */
#include "io/deflate.h"
#include "io/scratch.h"

#define CONTENT_BYTES (3 * 1024 * 1024 + 7)

/* Contents that take different ways through an encoder. */
typedef void (*Fill)(guint8 *bytes, gsize length);

static guint32 next_random(guint32 *state)
{
	*state = *state * 1664525U + 1013904223U;
	return *state >> 8;
}

static void fill_zeros(guint8 *bytes, gsize length)
{
	memset(bytes, 0, length);
}

static void fill_noise(guint8 *bytes, gsize length)
{
	guint32 state = 1;
	for (gsize i = 0; i < length; i++)
		bytes[i] = (guint8)(next_random(&state) >> 8);
}

/* Words of a small dictionary, numbers, and copies of what stands up to 60,000 bytes before. */
static void fill_text(guint8 *bytes, gsize length)
{
	static const char *const words[] = { "package ", "version ", "/usr/lib/x86_64-linux-gnu/", "lib", ".so.", "\n", "a", "section: ", "depends" };
	guint32 state = 2;
	for (gsize at = 0; at < length;) {
		guint32 choice = next_random(&state) % 100;
		const char *word = words[choice % G_N_ELEMENTS(words)];
		gsize part = strlen(word), back = 1 + next_random(&state) % 60000;
		if (choice >= 90 && back <= at)
			part = 3 + next_random(&state) % 300;
		for (gsize i = 0; i < part && at < length; i++, at++)
			bytes[at] = choice >= 90 && back <= at ? bytes[at - back] : choice >= 70 ? (guint8)next_random(&state) : (guint8)word[i % strlen(word)];
	}
}

/* Counts that grow as Fibonacci's numbers make the longest codes. */
static void fill_skewed(guint8 *bytes, gsize length)
{
	guint32 state = 3;
	gsize at = 0;
	for (gsize count = 1, before = 1, symbol = 0; at < length && symbol < 24; symbol++) {
		gsize sum = count + before;
		for (gsize i = 0; i < count && at < length; i++)
			bytes[at++] = (guint8)(symbol * 7);
		before = count;
		count = sum;
	}
	while (at < length)
		bytes[at++] = 1;
	for (gsize i = length; i > 1; i--) {
		gsize other = next_random(&state) % i;
		guint8 swapped = bytes[i - 1];
		bytes[i - 1] = bytes[other];
		bytes[other] = swapped;
	}
}

/* Every distance and length class, one after the other. */
static void fill_steps(guint8 *bytes, gsize length)
{
	guint32 state = 4;
	gsize at = 0;
	for (gsize distance = 1; at < length; distance = distance > 40000 ? 1 : distance + distance / 7 + 1)
		for (gsize run = 3; run < 300 && at < length; run += 1 + run / 9) {
			for (gsize i = 0; i < run && at < length; i++, at++)
				bytes[at] = at >= distance ? bytes[at - distance] : (guint8)at;
			for (gsize i = 0; i < 3 && at < length; i++)
				bytes[at++] = (guint8)(next_random(&state) >> 7);
		}
}

static const struct {
	const char *name;
	Fill fill;
} contents[] = { { "zeros", fill_zeros }, { "noise", fill_noise }, { "text", fill_text }, { "skewed", fill_skewed }, { "steps", fill_steps } };

static const struct {
	KilnCompression compression;
	const char *unpack;
} kinds[] = { { KILN_COMPRESSION_GZIP, "gzip -dc" }, { KILN_COMPRESSION_ZSTD, "zstd -dcq" } };

static GBytes *pack(KilnCompression compression, const guint8 *content, gsize length)
{
	g_autoptr(KilnDeflater) deflater = kiln_deflater_new(compression, NULL);
	GByteArray *out = g_byte_array_new();
	assert_non_null(deflater);
	assert_true(kiln_deflater_append(deflater, content, length, out, NULL));
	return g_byte_array_free_to_bytes(out);
}

/* Every short length, and lengths around the borders of blocks and windows, by kiln's own reader. */
static void test_every_length(void **state)
{
	static const gsize lengths[] = { 1023, 1024, 1025, 4096, 8191, 8192, 8193, 32767, 32768, 32769, 65535, 65536, 65537, 131071, 131072, 131073, 1048576, 1048577 };
	g_autofree guint8 *content = g_malloc(CONTENT_BYTES);
	for (gsize kind = 0; kind < G_N_ELEMENTS(kinds); kind++)
		for (gsize row = 0; row < G_N_ELEMENTS(contents); row++) {
			contents[row].fill(content, CONTENT_BYTES);
			for (gsize i = 0; i < 300 + G_N_ELEMENTS(lengths); i++) {
				gsize length = i < 300 ? i : lengths[i - 300];
				/* From the end of a buffer of its own, so that the sanitizer sees a byte read too many. */
				g_autofree guint8 *copy = g_memdup2(content, length);
				g_autoptr(GBytes) packed = pack(kinds[kind].compression, copy, length);
				g_autoptr(KilnReader) reader = kiln_reader_new_inflate(kiln_reader_new_bytes(packed), kinds[kind].compression, length, NULL);
				g_autoptr(GBytes) plain = kiln_reader_read_all(reader, length, NULL);
				assert_non_null(plain);
				assert_int_equal(g_bytes_get_size(plain), length);
				if (length)
					assert_memory_equal(g_bytes_get_data(plain, NULL), content, length);
			}
		}
}

static void test_unpacked_by_others(void **state)
{
	const Scratch *scratch = *state;
	g_autofree guint8 *content = g_malloc(CONTENT_BYTES);
	guint judged = 0;
	for (gsize kind = 0; kind < G_N_ELEMENTS(kinds); kind++) {
		g_autofree char *program = g_strndup(kinds[kind].unpack, strcspn(kinds[kind].unpack, " "));
		if (!scratch_has(program))
			continue;
		for (gsize row = 0; row < G_N_ELEMENTS(contents); row++) {
			g_autofree char *script = g_strconcat(kinds[kind].unpack, " < packed | cmp - plain && echo same", NULL);
			contents[row].fill(content, CONTENT_BYTES);
			g_autoptr(GBytes) packed = pack(kinds[kind].compression, content, CONTENT_BYTES);
			scratch_write(scratch, "plain", content, CONTENT_BYTES);
			scratch_write(scratch, "packed", g_bytes_get_data(packed, NULL), g_bytes_get_size(packed));
			g_autofree char *said = scratch_run(scratch, script, NULL);
			assert_string_equal(said ? said : contents[row].name, "same\n");
			judged++;
		}
	}
	if (!judged)
		skip();
}

/* Noise grows by next to nothing, zeros nearly vanish, text shrinks as it does with others. */
static void test_sizes(void **state)
{
	static const struct {
		gsize row;
		gsize at_most; /* of a thousand */
	} rows[] = { { 0, 10 }, { 1, 1001 }, { 2, 600 } };
	g_autofree guint8 *content = g_malloc(CONTENT_BYTES);
	for (gsize kind = 0; kind < G_N_ELEMENTS(kinds); kind++)
		for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
			contents[rows[i].row].fill(content, CONTENT_BYTES);
			g_autoptr(GBytes) packed = pack(kinds[kind].compression, content, CONTENT_BYTES);
			assert_true(g_bytes_get_size(packed) <= CONTENT_BYTES / 1000 * rows[i].at_most + 64);
		}
}

/*
 * Written down once, the same since: whoever changes an encoder changes the digests of everybody's images, so its name must change
 * with these. Their right content is what the tests above judge.
 */
static void test_same_on_every_host(void **state)
{
	static const struct {
		KilnCompression compression;
		const char *name;
		const char *sha256[G_N_ELEMENTS(contents)];
	} rows[] = {
		{ KILN_COMPRESSION_GZIP, "kiln-gzip 1", {
			"085315158f63a21b74842ac7d0eabe2bd51f94af145966790f863ca5f1a7011c",
			"71fb9e3d846e325dee9b69bd916bf3ea8c71aad58ca3828b1aa0760c20017e4d",
			"caec17f28acec492c0d49c8ec278a049a88215914a46a8df0d6d98d3f84d0c1a",
			"6747c25ad664561cd283e7583645e44e2c7207a10a09041d9c3869a2b07ae2cb",
			"f04adce763fbda6c2b241c9104585abbcc127ed85a1a9a3f373883097339318c",
		} },
		{ KILN_COMPRESSION_ZSTD, "kiln-zstd 1", {
			"1b4c0c4ff7bd2bb44b7584ce010f9ef25cc61547950b3fe460445ad2f34dbd76",
			"56af9441842e8b7aa4af7d5e543590299dc09853ff5bada520c1983e6d003579",
			"8338db14f135aec40306fd6fff9989eea303b8891cdda7916547d20dd5d84593",
			"ad4f2ba29622c30ae919ce4de7345636a60cd7ce9d8567722f506d2c10406c50",
			"c73a9cabee746c3c533a30f66b6f36774188ec105fffeb4c0489bff0d390ed4a",
		} },
	};
	g_autofree guint8 *content = g_malloc(CONTENT_BYTES);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(KilnDeflater) deflater = kiln_deflater_new(rows[i].compression, NULL);
		assert_string_equal(kiln_deflater_name(deflater), rows[i].name);
		for (gsize row = 0; row < G_N_ELEMENTS(contents); row++) {
			contents[row].fill(content, CONTENT_BYTES);
			g_autoptr(GBytes) packed = pack(rows[i].compression, content, CONTENT_BYTES);
			g_autofree char *actual = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, packed);
			assert_string_equal(actual, rows[i].sha256[row]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_length),
		scratch_test(test_unpacked_by_others),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_same_on_every_host),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
