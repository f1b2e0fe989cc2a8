/* SPDX-License-Identifier: Apache-2.0 */
/* apt_sources_fuzz.c: both forms of apt's source lists: every record has a place, whole words and the archive's address. */
#include "source/archive.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_words(char **words)
{
	if (!words)
		abort();
	for (; *words; words++)
		if (!**words || strpbrk(*words, " \t\n"))
			abort();
}

static void check(const char *text, size_t length, const char *file)
{
	g_autoptr(GPtrArray) sources = NULL;
	g_autoptr(GError) error = NULL;
	if (!kiln_apt_sources_parse(text, length, file, &sources, &error)) {
		if (!error || !g_str_has_prefix(error->message, file))
			abort();
		return;
	}
	for (guint i = 0; i < sources->len; i++) {
		const KilnAptSource *source = sources->pdata[i];
		check_words(source->uris);
		check_words(source->suites);
		check_words(source->components);
		if (strcmp(source->file, file) != 0 || source->line < 1 || (source->signed_by && source->signed_by[0] != '/'))
			abort();
		static const char *const distros[] = { "debian/trixie", "ubuntu/noble" };
		g_autoptr(KilnArchive) archive = kiln_archive_resolve(distros[i % 2], sources, NULL);
		for (guint j = 0; archive && j < archive->suites->len; j++)
			if (!((KilnSuite *)archive->suites->pdata[j])->uris[0])
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	check((const char *)bytes, length, "/etc/apt/sources.list");
	check((const char *)bytes, length, "/etc/apt/sources.list.d/fuzz.sources");
	return 0;
}
