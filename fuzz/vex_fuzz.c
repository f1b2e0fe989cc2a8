/* SPDX-License-Identifier: Apache-2.0 */
/* vex_fuzz.c: documents with statements: every statement names a vulnerability that it has, or is about no product. */
#include "vuln/vex.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	g_autofree char *path = NULL;
	g_autoptr(KilnVex) vex = kiln_vex_new(), ignores = kiln_vex_new();
	int fd = g_file_open_tmp("kiln-fuzz-XXXXXX", &path, NULL);
	if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
		abort();
	close(fd);
	if (kiln_vex_read(vex, path, NULL) && vex->digests->len != 1)
		abort();
	if (kiln_vex_read_ignores(ignores, path, NULL))
		for (guint i = 0; i < ignores->statements->len; i++)
			if (((KilnVexStatement *)ignores->statements->pdata[i])->names->len != 1)
				abort();
	unlink(path);
	return 0;
}
