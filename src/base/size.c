/* SPDX-License-Identifier: Apache-2.0 */
/* size.c: a number of bytes as people read it. */
#include "base/size.h"

char *kiln_size_text(guint64 bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	guint unit = 0;
	guint64 divisor = 1000;
	if (bytes < 1000)
		return g_strdup_printf("%" G_GUINT64_FORMAT " B", bytes);
	/* 999,950 and above would round to "1000.0". */
	while (unit + 1 < G_N_ELEMENTS(units) && bytes / divisor >= 999 && bytes >= divisor * 1000 - divisor / 20) {
		divisor *= 1000;
		unit++;
	}
	guint64 whole = bytes / divisor, tenths = (bytes % divisor * 10 + divisor / 2) / divisor;
	if (tenths == 10) {
		whole++;
		tenths = 0;
	}
	return g_strdup_printf("%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT " %s", whole, tenths, units[unit]);
}
