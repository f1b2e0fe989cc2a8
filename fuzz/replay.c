/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c: feeds every file of some corpus directories to a fuzz target and reports each as a TAP line. */
#include <gio/gio.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

/* Feed the files of one directory; FALSE when it cannot be read or holds none: that would be a test that cannot fail. */
static gboolean replay(const char *path, guint *count)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;
	guint before = *count;
	while (directory && (name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *file = g_build_filename(path, name, NULL), *bytes = NULL;
		gsize length;
		if (g_file_test(file, G_FILE_TEST_IS_DIR))
			continue;
		if (!g_file_get_contents(file, &bytes, &length, NULL))
			return FALSE;
		LLVMFuzzerTestOneInput((const guint8 *)bytes, length);
		printf("ok %u - %s\n", ++*count, name);
		fflush(stdout);
	}
	return *count > before;
}

int main(int argc, char **argv)
{
	guint count = 0;
	gboolean good = argc > 1;
	for (int i = 1; i < argc; i++) {
		gboolean fed = replay(argv[i], &count);
		if (!fed)
			fprintf(stderr, "%s: no file to feed\n", argv[i]);
		good &= fed;
	}
	printf("1..%u\n", count);
	return good ? 0 : 1;
}
