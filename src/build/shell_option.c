/* SPDX-License-Identifier: Apache-2.0 */
/* shell_option.c: options of a program, as getopt_long(3) would see them. */
#include "build/shell.h"

static void set(KilnShellOptions *out, guint index, const char *value)
{
	if (!value) /* its value is missing at the end of the command */
		return;
	out->is_set[index] = TRUE;
	out->values[index] = value;
}

/* "--name", "--name=value", "--name value". Returns how many fields were used. */
static guint read_long(KilnShellOptions *out, char **fields, const KilnShellOption *options)
{
	const char *name = fields[0] + 2, *equals = strchr(name, '=');
	gsize length = equals ? (gsize)(equals - name) : strlen(name);
	for (guint i = 0; options[i].letter || options[i].name; i++) {
		if (!options[i].name || strlen(options[i].name) != length || memcmp(options[i].name, name, length) != 0)
			continue;
		gboolean separate = options[i].takes_value && !equals;
		set(out, i, separate ? fields[1] : equals ? equals + 1 : "");
		return separate && fields[1] ? 2 : 1;
	}
	return 1;
}

/* "-abc", "-mVALUE", "-m VALUE". */
static guint read_short(KilnShellOptions *out, char **fields, const KilnShellOption *options)
{
	for (const char *letter = fields[0] + 1; *letter; letter++)
		for (guint i = 0; options[i].letter || options[i].name; i++) {
			if (options[i].letter != *letter)
				continue;
			if (!options[i].takes_value) {
				set(out, i, "");
				break;
			}
			set(out, i, letter[1] ? letter + 1 : fields[1]);
			return letter[1] || !fields[1] ? 1 : 2;
		}
	return 1;
}

void kiln_shell_options_read(KilnShellOptions *out, char **fields, const KilnShellOption *options)
{
	*out = (KilnShellOptions){ .operands = g_ptr_array_new() };
	for (fields++; *fields;) {
		if (strcmp(*fields, "--") == 0) {
			for (fields++; *fields; fields++)
				g_ptr_array_add(out->operands, *fields);
		} else if (g_str_has_prefix(*fields, "--"))
			fields += read_long(out, fields, options);
		else if (**fields == '-' && (*fields)[1])
			fields += read_short(out, fields, options);
		else
			g_ptr_array_add(out->operands, *fields++);
	}
}

void kiln_shell_options_clear(KilnShellOptions *options)
{
	g_clear_pointer(&options->operands, g_ptr_array_unref);
}
