/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c: feeds every file of a corpus directory to a fuzz target and reports each as a TAP line. */
#include <gio/gio.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

int main(int argc, char **argv)
{
	g_autoptr(GDir) directory = argc == 2 ? g_dir_open(argv[1], 0, NULL) : NULL;
	const char *name;
	guint count = 0;
	if (!directory) {
		fprintf(stderr, "usage: %s CORPUS-DIRECTORY (which must exist)\n", argv[0]);
		return 2;
	}
	while ((name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *path = g_build_filename(argv[1], name, NULL);
		g_autofree char *bytes = NULL;
		gsize length;
		if (!g_file_get_contents(path, &bytes, &length, NULL))
			return 2;
		LLVMFuzzerTestOneInput((const guint8 *)bytes, length);
		printf("ok %u - %s\n", ++count, name);
		fflush(stdout);
	}
	printf("1..%u\n", count);
	return count ? 0 : 1; /* an empty corpus would be a test that cannot fail */
}
