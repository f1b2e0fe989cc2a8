/* SPDX-License-Identifier: Apache-2.0 */
/* import_fuzz.c: reports of other scanners: every claim names a vulnerability, a place, and a package. */
#include "vuln/import.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const KilnPackage package = { .type = (char *)"deb", .name = (char *)"zlib1g", .version = (char *)"1.2-1", .source_name = (char *)"zlib", .source_version = (char *)"1.2-1" };
	g_autofree char *path = NULL;
	int fd = g_file_open_tmp("kiln-fuzz-XXXXXX", &path, NULL);
	if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
		abort();
	close(fd);
	g_autoptr(KilnImport) import = kiln_import_read(path, NULL);
	unlink(path);
	for (guint i = 0; import && i < import->claims->len; i++) {
		const KilnImportClaim *claim = import->claims->pdata[i];
		g_autofree char *fixed = kiln_import_claim_fixed(claim, kiln_version_order("deb"), package.version);
		if (!claim->names->len || !claim->evidence || !(claim->package || claim->purl))
			abort();
		(void)kiln_import_claim_is_of(claim, &package);
	}
	return 0;
}
