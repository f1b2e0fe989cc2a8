/* SPDX-License-Identifier: Apache-2.0 */
/* file_catalogers.c: all catalogers of single files. */
#include "pkg/file_cataloger.h"

extern const KilnFileCataloger kiln_cataloger_conda, kiln_cataloger_dotnet, kiln_cataloger_erlang, kiln_cataloger_go, kiln_cataloger_java, kiln_cataloger_node,
	kiln_cataloger_node_lock, kiln_cataloger_php, kiln_cataloger_program, kiln_cataloger_python, kiln_cataloger_python_lock, kiln_cataloger_r, kiln_cataloger_ruby, kiln_cataloger_rust, kiln_cataloger_secret;

const KilnFileCataloger *const kiln_file_catalogers[] = {
	&kiln_cataloger_python,
	&kiln_cataloger_python_lock,
	&kiln_cataloger_node,
	&kiln_cataloger_node_lock,
	&kiln_cataloger_go,
	&kiln_cataloger_rust,
	&kiln_cataloger_java,
	&kiln_cataloger_ruby,
	&kiln_cataloger_php,
	&kiln_cataloger_dotnet,
	&kiln_cataloger_erlang,
	&kiln_cataloger_r,
	&kiln_cataloger_conda,
	&kiln_cataloger_program,
	&kiln_cataloger_secret,
	NULL,
};
