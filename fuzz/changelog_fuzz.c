/* SPDX-License-Identifier: Apache-2.0 */
/* changelog_fuzz.c: entries and names of vulnerabilities are views into the changelog, and reading ends. */
#include "pkg/changelog.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_view(KilnText part, const char *start, const char *end)
{
	if (part.length && (part.data < start || part.data + part.length > end))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *start = (const char *)bytes, *end = start + length;
	KilnChangelog cursor = { { start, length }, 1 };
	KilnChangelogEntry entry;
	while (kiln_changelog_next(&cursor, &entry)) {
		char cve[KILN_CVE_TEXT_MAX];
		KilnText line;
		gsize at = 0;
		check_view(entry.body, start, end);
		check_view(entry.version, start, end);
		check_view(entry.distributions, start, end);
		while (kiln_changelog_next_cve(entry.body, &at, cve, &line)) {
			check_view(line, start, end);
			if (strlen(cve) < strlen("CVE-2026-1234"))
				abort();
		}
	}
	return 0;
}
