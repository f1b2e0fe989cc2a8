/* SPDX-License-Identifier: Apache-2.0 */
/* reader_test.c: images are read by processes that can do nothing else, and what they found is remembered.
 *
 * This program is its own reader: a layer whose media type begins with "test/" says what the reader of that layer shall do wrong.
 */
#include "oci/image_fixture.h"
#include "read/message.h"
#include "read/reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED TRUE
#else
#define IS_SANITIZED FALSE
#endif

#define FLOOD_MAX_BYTES (1024 * 1024)

static gboolean has_only_its_descriptors(guint inputs)
{
	for (int fd = READER_INPUT_FD + (int)inputs; fd < 256; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return FALSE;
	return TRUE;
}

static void answer(guint missing, const GError *error)
{
	g_autoptr(GBytes) bytes = reader_answer_pack(missing, error);
	if (write(READER_ANSWER_FD, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes)) < 0)
		_exit(99);
}

static void misbehave(const char *how, const ReaderRequest *request)
{
	volatile guint64 turns = 0;
	if (strcmp(how, "crash") == 0)
		*(volatile int *)(gsize)turns = 1;
	if (strcmp(how, "socket") == 0)
		socket(AF_INET, SOCK_STREAM, 0);
	if (strcmp(how, "fork") == 0)
		fork();
	if (strcmp(how, "memory") == 0)
		memset(g_malloc((gsize)request->memory_bytes), 1, (gsize)request->memory_bytes);
	if (strcmp(how, "spin") == 0)
		for (;;)
			turns++;
	if (strcmp(how, "flood") == 0)
		while (write(READER_OUTPUT_FD, how, sizeof "flood") > 0)
			turns++;
	if (strcmp(how, "silent") == 0)
		_exit(0);
	if (strcmp(how, "files") == 0 || strcmp(how, "lies") == 0 || strcmp(how, "garbage") == 0)
		answer(0, NULL);
	if (strcmp(how, "files") == 0 || strcmp(how, "garbage") == 0)
		_exit(write(READER_OUTPUT_FD, "\001garbage", 8) == 8 && (strcmp(how, "garbage") == 0 || open("/etc/passwd", O_RDONLY) >= 0) ? 0 : 7);
	if (strcmp(how, "lies") == 0)
		_exit(3);
	if (strcmp(how, "babble") == 0)
		_exit(write(READER_ANSWER_FD, "\377\377\377\377\377\377", 6) == 6 ? 0 : 1);
	if (strcmp(how, "clean") == 0)
		_exit(*environ == NULL && has_only_its_descriptors(request->inputs) ? 42 : 43);
}

static int be_reader(void)
{
	guint8 bytes[65536];
	ReaderRequest request;
	guint missing;
	gssize length = pread(READER_REQUEST_FD, bytes, sizeof bytes, 0);
	if (length <= 0 || !reader_request_unpack(bytes, (gsize)length, &request))
		return 1;
	if (!request.is_layer || !g_str_has_prefix(request.descriptor.media_type, "test/"))
		return kiln_reader_main();
	KilnSandboxLimits limits = { request.memory_bytes, FLOOD_MAX_BYTES, request.cpu_s, READER_INPUT_FD };
	if (!kiln_sandbox_enter(&limits, &missing, NULL))
		return 1;
	misbehave(request.descriptor.media_type + strlen("test/"), &request);
	return 98;
}

/* An image of two layers; the second has the media type @kind, unless that is NULL. */
static KilnImage *make(const Scratch *scratch, const char *name, const char *kind, const char *second)
{
	g_autoptr(KilnLayout) layout = fixture_layout(scratch, "layout");
	g_autoptr(KilnManifest) manifest = kiln_manifest_new(FALSE);
	g_autoptr(KilnImageConfig) config = kiln_image_config_new();
	g_autoptr(GByteArray) first = g_byte_array_new(), other = g_byte_array_new();
	fixture_text(first, "usr/lib/os-release", "ID=debian\nVERSION_ID=13\n");
	fixture_text(first, "var/lib/dpkg/status", "Package: one\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n");
	fixture_text(first, "opt/a-1.dist-info/METADATA", "Name: a\nVersion: 1\n");
	kiln_tar_append_end(first);
	fixture_text(other, "opt/second", second);
	kiln_tar_append_end(other);
	fixture_add_layer(layout, first, manifest, config);
	fixture_add_layer(layout, other, manifest, config);
	if (kind) {
		KilnDescriptor *descriptor = manifest->items->pdata[1];
		g_free(descriptor->media_type);
		descriptor->media_type = g_strconcat("test/", kind, NULL);
	}
	fixture_finish(layout, name, manifest, config, NULL);
	return fixture_open(scratch, name);
}

static void reads_as_in_one_process(void **state)
{
	g_autoptr(KilnImage) image = make(*state, "x", NULL, "second");
	g_autoptr(GError) error = NULL;
	const KilnReaderOptions options = { .require_sandbox = !IS_SANITIZED };
	KilnContext context = fixture_context;
	context.jobs = 2;
	g_autoptr(KilnInventory) here = kiln_inventory_read(image, &context, &error), there = kiln_reader_inventory(image, &options, &context, &error);
	if (!here || !there)
		fail_msg("%s", error->message);
	g_autoptr(GBytes) first = kiln_inventory_pack(here), second = kiln_inventory_pack(there);
	assert_true(g_bytes_equal(first, second));
	assert_int_equal(there->packages->len, 2);
}

static void remove_blob(const Scratch *scratch, const KilnImage *image, guint layer)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	const KilnDescriptor *descriptor = image->manifest->items->pdata[layer];
	g_autofree char *path = g_strdup_printf("layout/blobs/sha256/%s", kiln_digest_print_hex(&descriptor->digest, hex));
	assert_int_equal(unlinkat(scratch->fd, path, 0), 0);
}

/* What was read is not read again: neither the image nor a layer that another image has too. */
static void remembers(void **state)
{
	const Scratch *scratch = *state;
	g_autofree char *store_path = g_build_filename(scratch->path, "store", NULL), *cache_path = g_build_filename(scratch->path, "cache", NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnStore) store = kiln_store_open(store_path, cache_path, &error);
	const KilnReaderOptions options = { .store = store }, forgetful = { .store = NULL };
	g_autoptr(KilnImage) image = make(scratch, "x", NULL, "second"), sibling = make(scratch, "y", NULL, "another");
	g_autoptr(KilnInventory) first = kiln_reader_inventory(image, &options, &fixture_context, &error);
	assert_non_null(first);
	remove_blob(scratch, image, 0);
	g_autoptr(KilnInventory) again = kiln_reader_inventory(image, &options, &fixture_context, &error), other = kiln_reader_inventory(sibling, &options, &fixture_context, &error);
	if (!again || !other)
		fail_msg("%s", error->message);
	g_autoptr(GBytes) one = kiln_inventory_pack(first), two = kiln_inventory_pack(again);
	assert_true(g_bytes_equal(one, two));
	assert_int_equal(other->packages->len, 2);
	assert_null(kiln_reader_inventory(sibling, &forgetful, &fixture_context, &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_NOT_FOUND));
}

/* Whatever a reader does, there is no inventory, and the reason is told. */
static void no_reader_is_believed(void **state)
{
	static const struct {
		const char *kind;
		KilnError code, sanitized; /* a sanitizer ends some of them itself */
	} cases[] = {
		{ "crash", KILN_ERROR_INTERNAL, KILN_ERROR_INTERNAL }, { "silent", KILN_ERROR_INTERNAL, KILN_ERROR_INTERNAL }, { "lies", KILN_ERROR_INTERNAL, KILN_ERROR_INTERNAL },
		{ "babble", KILN_ERROR_INTERNAL, KILN_ERROR_INTERNAL }, { "garbage", KILN_ERROR_SYNTAX, KILN_ERROR_SYNTAX }, { "spin", KILN_ERROR_LIMIT, KILN_ERROR_LIMIT },
		{ "files", KILN_ERROR_INTERNAL, KILN_ERROR_INTERNAL }, { "socket", KILN_ERROR_DENIED, KILN_ERROR_INTERNAL }, { "fork", KILN_ERROR_DENIED, KILN_ERROR_INTERNAL },
		{ "memory", KILN_ERROR_LIMIT, KILN_ERROR_INTERNAL }, { "flood", KILN_ERROR_LIMIT, KILN_ERROR_LIMIT },
	};
	const KilnReaderOptions options = { .memory_bytes = 64 * 1024 * 1024, .cpu_s = 1 };
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(KilnImage) image = make(*state, cases[i].kind, cases[i].kind, "second");
		g_autoptr(GError) error = NULL;
		KilnInventory *inventory = kiln_reader_inventory(image, &options, &fixture_context, &error);
		if (inventory || !g_error_matches(error, KILN_ERROR, (gint)(IS_SANITIZED ? cases[i].sanitized : cases[i].code)))
			fail_msg("%s: %s", cases[i].kind, error ? error->message : "believed");
	}
}

/* It has no environment and no descriptor but its own; 42 is its way to say so. */
static void a_reader_has_nothing(void **state)
{
	g_autoptr(KilnImage) image = make(*state, "x", "clean", "second");
	g_autoptr(GError) error = NULL;
	g_auto(KilnFd) kept = open("/dev/null", O_RDONLY); /* not marked to be closed */
	const KilnReaderOptions options = { 0 };
	assert_null(kiln_reader_inventory(image, &options, &fixture_context, &error));
	assert_non_null(strstr(error->message, "ended with 42"));
}

static void errors_name_the_layer(void **state)
{
	g_autoptr(KilnImage) image = make(*state, "x", "x", "second");
	g_autoptr(GError) error = NULL;
	const KilnReaderOptions options = { 0 };
	assert_null(kiln_reader_inventory(image, &options, &fixture_context, &error));
	assert_non_null(strstr(error->message, "layer 2: "));
}

int main(int argc, char **argv)
{
	if (strcmp(argv[0], KILN_READER_NAME) == 0)
		return be_reader();
	const struct CMUnitTest tests[] = { scratch_test(reads_as_in_one_process), scratch_test(remembers), scratch_test(no_reader_is_believed), scratch_test(a_reader_has_nothing),
		                            scratch_test(errors_name_the_layer) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
