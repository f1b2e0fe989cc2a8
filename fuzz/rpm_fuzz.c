/* SPDX-License-Identifier: Apache-2.0 */
/* rpm_fuzz.c: databases of rpm, and the headers in them: nothing is read beyond their end. */
#include "pkg/rpm_database.h"
#include "pkg/rpm_header.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static gboolean visit(KilnText blob, gpointer user_data, GError **error)
{
	KilnRpmHeader header;
	KilnRpmValues values;
	KilnText text;
	guint64 number;
	if (!kiln_rpm_header_open(blob, &header, NULL))
		return TRUE;
	for (guint tag = KILN_RPM_NAME; tag <= KILN_RPM_DIRECTORY_NAMES; tag++) {
		g_autofree char *first = kiln_rpm_header_text(&header, (KilnRpmTag)tag);
		if (!kiln_rpm_header_find(&header, (KilnRpmTag)tag, &values))
			continue;
		(void)kiln_rpm_number(&values, 0, &number);
		for (guint i = 0; i < 1000 && kiln_rpm_next_text(&values, &text); i++)
			(void)kiln_rpm_number(&values, i, &number);
	}
	return TRUE;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	KilnText file = { (const char *)bytes, length };
	(void)!kiln_rpm_database_each(file, visit, NULL, NULL);
	(void)visit(file, NULL, NULL);
	return 0;
}
