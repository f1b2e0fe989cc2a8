/* SPDX-License-Identifier: Apache-2.0 */
/* release_fuzz.c: what a Release names stays below its suite, is found by its path, and has a digest that is in the text. */
#include "source/release.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_file(const KilnRelease *release, const KilnReleaseFile *file, const char *text, size_t length)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	if (!*file->path || file->path[0] == '/' || strstr(file->path, "..") || strpbrk(file->path, "\n"))
		abort();
	if (kiln_release_find(release, file->path) != file)
		abort();
	kiln_digest_print_hex(&file->digest, hex);
	if (!memmem(text, length, hex, strlen(hex)) || !memmem(text, length, file->path, strlen(file->path)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *text = (const char *)bytes;
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnRelease) release = kiln_release_parse(text, length, "fuzz", &error);
	GHashTableIter files;
	gpointer file;
	if ((release == NULL) != (error != NULL))
		abort();
	if (!release)
		return 0;
	if (!release->architectures || !release->components)
		abort();
	g_hash_table_iter_init(&files, release->files);
	while (g_hash_table_iter_next(&files, NULL, &file))
		check_file(release, file, text, length);
	return 0;
}
