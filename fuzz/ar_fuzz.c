/* SPDX-License-Identifier: Apache-2.0 */
/* ar_fuzz.c: members add up to the archive, and skipping a member comes to the same next one as reading it. */
#include "io/ar.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

/* Names and sizes of all members; "!" at the end after an error. @reads: read each member instead of skipping it. */
static char *walk(GBytes *bytes, gboolean reads)
{
	g_autoptr(KilnReader) source = kiln_reader_new_bytes(bytes);
	g_autoptr(KilnAr) ar = kiln_ar_new(source, "fuzz", NULL);
	g_autoptr(GString) out = g_string_new(NULL);
	const char *name = NULL;
	guint64 size, total = 8;
	gboolean good = ar != NULL;
	while (good && (good = kiln_ar_next(ar, &name, &size, NULL)) && name) {
		if (reads) {
			g_autoptr(KilnReader) member = kiln_ar_member_reader(ar);
			g_autoptr(GBytes) content = kiln_reader_read_all(member, G_MAXUINT32, NULL);
			good = content != NULL;
			g_assert(!good || g_bytes_get_size(content) == size);
		}
		total += 60 + size;
		g_string_append_printf(out, "%s %" G_GUINT64_FORMAT "\n", name, size);
	}
	g_assert(!good || total <= g_bytes_get_size(bytes));
	return good ? g_string_free(g_steal_pointer(&out), FALSE) : g_strdup("!");
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
	g_autoptr(GBytes) input = g_bytes_new(bytes, length);
	g_autofree char *read = walk(input, TRUE);
	g_autofree char *skipped = walk(input, FALSE);
	g_assert_cmpstr(read, ==, skipped);
	return 0;
}
