/* SPDX-License-Identifier: Apache-2.0 */
/* cpe.c: formatted strings of CPE 2.3, cut at their colons. */
#include "vuln/cpe.h"

#include <string.h>

#define PREFIX "cpe:2.3:a:"
#define VALUE_MAX_BYTES 256

/* The value up to the next colon that is not quoted, without the quoting; @at moves behind it. */
static char *take(const char **at)
{
	GString *value = g_string_new(NULL);
	while (**at && **at != ':' && value->len < VALUE_MAX_BYTES) {
		if (**at == '\\' && (*at)[1])
			(*at)++;
		g_string_append_c(value, *(*at)++);
	}
	*at += **at == ':';
	return g_string_free(value, FALSE);
}

gboolean cpe_parse(const char *cpe, char **name, char **version)
{
	*name = *version = NULL;
	if (!cpe || !g_str_has_prefix(cpe, PREFIX))
		return FALSE;
	const char *at = cpe + strlen(PREFIX);
	g_autofree char *vendor = take(&at), *product = take(&at), *number = take(&at), *update = take(&at);
	if (!*vendor || !*product || strcmp(product, "*") == 0)
		return FALSE;
	*name = g_strdup_printf("%s:%s", vendor, product);
	if (*number && strcmp(number, "*") != 0 && strcmp(number, "-") != 0)
		*version = g_strconcat(number, strcmp(update, "*") == 0 || strcmp(update, "-") == 0 ? "" : update, NULL);
	return TRUE;
}
