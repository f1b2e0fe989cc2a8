/* SPDX-License-Identifier: Apache-2.0 */
/* database.c: where the vulnerability database is. */
#include "cli/database.h"

char *kiln_database_path(const KilnInvocation *invocation)
{
	const char *given = kiln_option_string(invocation, "db");
	g_autofree char *store = g_path_get_dirname(invocation->images_path);
	return given ? g_strdup(given) : g_build_filename(store, "vulnerabilities.db", NULL);
}
