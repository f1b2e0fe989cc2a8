/* SPDX-License-Identifier: Apache-2.0 */
/* named_fuzz.c: what a text names stands in it, starts at the root and has no blanks; names of capabilities have one value. */
#include "build/capability.h"
#include "build/named.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_word(const uint8_t *bytes, size_t length, const char *word, gboolean absolute)
{
	if (absolute && word[0] != '/')
		abort();
	if (!word[0] || strpbrk(word, " \t\n") || !memmem(bytes, length, word, strlen(word)))
		abort();
}

static void check_names(const uint8_t *bytes, size_t length)
{
	g_autofree char *interpreter = NULL, *argument = NULL;
	g_autoptr(GPtrArray) paths = kiln_named_paths(bytes, length);
	if (paths->len > KILN_NAMED_PATHS_MAX)
		abort();
	for (guint i = 0; i < paths->len; i++)
		check_word(bytes, length, paths->pdata[i], TRUE);
	if (kiln_named_interpreter(bytes, length, &interpreter, &argument))
		check_word(bytes, length, interpreter, TRUE);
	else if (interpreter || argument)
		abort();
	if (argument)
		check_word(bytes, length, argument, FALSE);
}

/* What "=" clears and what follows says nothing else about: the same text twice is the same set. */
static void check_capabilities(const uint8_t *bytes, size_t length)
{
	g_autofree char *text = g_strndup((const char *)bytes, length), *twice = g_strdup_printf("%s =\t%s", text, text);
	guint8 once_value[KILN_CAPABILITY_BYTES], twice_value[KILN_CAPABILITY_BYTES];
	if (!kiln_capability_encode(text, once_value, NULL))
		return;
	if (!kiln_capability_encode(twice, twice_value, NULL) || memcmp(once_value, twice_value, sizeof once_value) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	check_names(bytes, length);
	check_capabilities(bytes, length);
	return 0;
}
