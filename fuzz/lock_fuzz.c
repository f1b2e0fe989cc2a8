/* SPDX-License-Identifier: Apache-2.0 */
/* lock_fuzz.c: a lock that is taken prints to what reads back to the same bytes, with paths inside the archive. */
#include "build/lock.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	g_autoptr(json_t) json = kiln_json_parse((const char *)bytes, length, "fuzz", NULL);
	g_autoptr(KilnLock) lock = json ? kiln_lock_from_json(json, "fuzz", NULL) : NULL;
	if (!lock)
		return 0;
	for (guint i = 0; i < lock->platforms->len; i++) {
		const KilnLockPlatform *platform = lock->platforms->pdata[i];
		for (guint j = 0; j < platform->packages->len; j++) {
			const KilnLockPackage *package = platform->packages->pdata[j];
			if (package->filename[0] == '/' || strstr(package->filename, "/../") || package->suite >= lock->suites->len)
				abort();
		}
	}
	g_autoptr(json_t) printed = kiln_lock_to_json(lock);
	g_autoptr(GBytes) first = kiln_json_pretty(printed);
	g_autoptr(json_t) read = kiln_json_parse(g_bytes_get_data(first, NULL), g_bytes_get_size(first), "again", NULL);
	g_autoptr(KilnLock) again = read ? kiln_lock_from_json(read, "again", NULL) : NULL;
	if (!again)
		abort();
	g_autoptr(json_t) reprinted = kiln_lock_to_json(again);
	g_autoptr(GBytes) second = kiln_json_pretty(reprinted);
	if (!g_bytes_equal(first, second))
		abort();
	return 0;
}
