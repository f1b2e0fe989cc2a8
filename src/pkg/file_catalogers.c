/* SPDX-License-Identifier: Apache-2.0 */
/* file_catalogers.c: all catalogers of single files. */
#include "pkg/file_cataloger.h"

extern const KilnFileCataloger kiln_cataloger_python;

const KilnFileCataloger *const kiln_file_catalogers[] = {
	&kiln_cataloger_python,
	NULL,
};
