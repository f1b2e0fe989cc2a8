/* SPDX-License-Identifier: Apache-2.0 */
/* feed_list_fuzz.c: lists of feeds: every file is kept below its feed's own folder. */
#include "vuln/feed_list.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	g_autoptr(KilnFeedList) list = kiln_feed_list_parse((const char *)bytes, length, "feeds.yaml", 1780000000, NULL);
	for (guint i = 0; list && i < list->feeds->len; i++) {
		const KilnFeedPlace *place = list->feeds->pdata[i];
		if (!place->addresses->len || place->addresses->len != place->paths->len)
			abort();
		for (guint j = 0; j < place->paths->len; j++)
			if (!g_str_has_prefix(place->paths->pdata[j], place->name) || strstr(place->paths->pdata[j], "..") || *(const char *)place->paths->pdata[j] == '/')
				abort();
	}
	return 0;
}
