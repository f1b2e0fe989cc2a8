/* SPDX-License-Identifier: Apache-2.0 */
/* feed_fuzz.c: JSON documents as feeds: whatever a reader makes of one can be written down and read again as the same bytes. */
#include "vuln/database_record.h"
#include "vuln/feed.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_again(const KilnAdvisory *advisory)
{
	g_autoptr(GBytes) first = database_record_write(advisory);
	g_autoptr(KilnAdvisory) again = kiln_advisory_new(advisory->source, advisory->id);
	if (!database_record_read(again, g_bytes_get_data(first, NULL), g_bytes_get_size(first), "again", NULL))
		abort();
	g_autoptr(GBytes) second = database_record_write(again);
	if (!g_bytes_equal(first, second))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const KilnContext context = { .jobs = 1 };
	g_autofree char *directory = g_dir_make_tmp("kiln-fuzz-XXXXXX", NULL), *feed = g_build_filename(directory, "feed.json", NULL);
	g_autofree char *path = g_build_filename(directory, "made.db", NULL);
	g_autoptr(KilnDatabaseWriter) writer = kiln_database_writer_new(path, NULL);
	if (!writer || !g_file_set_contents(feed, (const char *)bytes, (gssize)length, NULL))
		abort();
	if (kiln_feed_read(feed, NULL, &context, writer, NULL)) {
		if (!kiln_database_writer_finish(writer, NULL))
			abort();
		g_autoptr(KilnDatabase) database = kiln_database_open(path, NULL);
		g_autoptr(GPtrArray) found = NULL;
		if (!database || !kiln_database_find(database, "CVE-2026-1", &found, NULL))
			abort();
		for (guint i = 0; i < found->len; i++)
			check_again(found->pdata[i]);
	}
	g_clear_pointer(&writer, kiln_database_writer_free);
	unlink(feed);
	unlink(path);
	rmdir(directory);
	return 0;
}
