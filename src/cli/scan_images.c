/* SPDX-License-Identifier: Apache-2.0 */
/* scan_images.c: threads that each take the next image. */
#include "cli/scan_images.h"

#include "cli/database.h"

typedef struct {
	KilnInvocation *invocation;
	const GPtrArray *imports;
	GArray *all;
	GError **errors; /* one for each image */
	gint next;       /* image that nobody has taken */
	gint has_failed; /* what comes after it is not begun */
} Scanning;

void kiln_scanned_image_clear(KilnScannedImage *scanned)
{
	g_clear_pointer(&scanned->result, kiln_scan_result_free);
	g_clear_pointer(&scanned->subject, kiln_subject_free);
}

static gboolean scan_one(const Scanning *scanning, guint index, KilnDatabase *database, GError **error)
{
	KilnScannedImage *scanned = &g_array_index(scanning->all, KilnScannedImage, index);
	const char *reference = scanning->invocation->arguments[index];
	scanned->subject = kiln_subject_open(scanning->invocation, reference, error);
	if (scanned->subject)
		scanned->result = kiln_scanning_match(scanning->invocation, scanned->subject, database, scanning->imports, error);
	return scanned->result != NULL;
}

static void work(Scanning *scanning, KilnDatabase *database)
{
	for (guint index; (index = (guint)g_atomic_int_add(&scanning->next, 1)) < scanning->all->len && !g_atomic_int_get(&scanning->has_failed);)
		if (!scan_one(scanning, index, database, &scanning->errors[index]))
			g_atomic_int_set(&scanning->has_failed, 1);
}

/* One that cannot open the database leaves its share to the others: it was open a moment ago. */
static gpointer help(gpointer user_data)
{
	Scanning *scanning = user_data;
	g_autofree char *path = kiln_database_path(scanning->invocation);
	g_autoptr(KilnDatabase) database = kiln_database_open(path, NULL);
	if (database)
		work(scanning, database);
	return NULL;
}

GArray *kiln_scan_images(KilnInvocation *invocation, KilnDatabase *database, const GPtrArray *imports, GError **error)
{
	guint count = g_strv_length(invocation->arguments), helpers = MIN(count, MAX(invocation->context.jobs, 1)) - 1;
	g_autofree GThread **threads = g_new0(GThread *, helpers + 1);
	g_autofree GError **errors = g_new0(GError *, count);
	g_autoptr(GArray) all = g_array_new(FALSE, TRUE, sizeof(KilnScannedImage));
	Scanning scanning = { invocation, imports, all, errors, 0, 0 };
	GError *first = NULL;
	g_array_set_clear_func(all, (GDestroyNotify)kiln_scanned_image_clear);
	g_array_set_size(all, count);
	for (guint i = 0; i < helpers; i++)
		threads[i] = g_thread_new("scan", help, &scanning);
	work(&scanning, database);
	for (guint i = 0; i < helpers; i++)
		g_thread_join(threads[i]);
	for (guint i = 0; i < count; i++) {
		if (errors[i] && !first)
			first = g_steal_pointer(&errors[i]);
		g_clear_error(&errors[i]);
	}
	if (!first)
		return g_steal_pointer(&all);
	g_propagate_error(error, first);
	return NULL;
}
