/* SPDX-License-Identifier: Apache-2.0 */
/* arguments.c: words of a command line as options and arguments. */
#include "cli/arguments.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

typedef struct {
	KilnCommandTable commands;
	const KilnOption *global;
	KilnArguments *result;
	GPtrArray *positional;
	char **words; /* the next one */
} Parser;

static void free_value_list(gpointer list)
{
	g_ptr_array_unref(list);
}

GHashTable *kiln_values_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_value_list);
}

void kiln_values_add(GHashTable *values, const KilnOption *option, char *normal)
{
	GPtrArray *list = g_hash_table_lookup(values, option->name);
	if (!list || option->kind != KILN_OPTION_LIST) {
		list = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_replace(values, (gpointer)option->name, list);
	} else {
		g_ptr_array_remove_index(list, list->len - 1); /* the NULL at its end */
	}
	g_ptr_array_add(list, normal);
	g_ptr_array_add(list, NULL);
}

void kiln_arguments_free(KilnArguments *arguments)
{
	if (!arguments)
		return;
	g_hash_table_unref(arguments->values);
	g_strfreev(arguments->arguments);
	g_strfreev(arguments->rest);
	g_free(arguments);
}

const KilnOption *kiln_option_find(const KilnOption *options, const char *name)
{
	for (; options && options->name; options++)
		if (strcmp(options->name, name) == 0)
			return options;
	return NULL;
}

static const KilnOption *find_letter(const KilnOption *options, char letter)
{
	for (; options && options->name; options++)
		if (options->letter == letter)
			return options;
	return NULL;
}

static gboolean check_flag(const char *origin, const char *text, char **normal, GError **error)
{
	static const char *const yes[] = { "true", "1", "yes", "on", NULL }, *const no[] = { "false", "0", "no", "off", "", NULL };
	if (g_strv_contains(yes, text))
		*normal = g_strdup("true");
	else if (g_strv_contains(no, text))
		*normal = g_strdup("false");
	else
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" is neither true nor false", origin, text);
	return TRUE;
}

static gboolean check_size(const char *origin, const char *text, char **normal, GError **error)
{
	static const struct {
		const char *name;
		guint shift;
	} units[] = { { "", 0 }, { "b", 0 }, { "k", 10 }, { "m", 20 }, { "g", 30 }, { "t", 40 } };
	gsize digits = strspn(text, "0123456789");
	g_autofree char *unit = g_ascii_strdown(text + digits, -1);
	guint64 number;
	if (strlen(unit) > 1 && (strcmp(unit + 1, "b") == 0 || strcmp(unit + 1, "ib") == 0))
		unit[1] = '\0';
	for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
		if (strcmp(unit, units[i].name) != 0)
			continue;
		if (!kiln_text_to_u64((KilnText){ text, digits }, &number) || !g_uint64_checked_mul(&number, number, (guint64)1 << units[i].shift))
			break;
		*normal = g_strdup_printf("%" G_GUINT64_FORMAT, number);
		return TRUE;
	}
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" is no size; write bytes, or a number with k, M or G, as in 512M", origin, text);
}

static gboolean check_word(const KilnOption *option, const char *origin, const char *text, GError **error)
{
	if (g_strv_contains(option->words, text))
		return TRUE;
	g_autofree char *hint = kiln_text_suggest(text, option->words, "it may be");
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: unknown value \"%s\"; %s", origin, text, hint);
}

gboolean kiln_option_check(const KilnOption *option, const char *origin, const char *text, char **normal, GError **error)
{
	guint64 number;
	switch (option->kind) {
	case KILN_OPTION_FLAG:
		return check_flag(origin, text, normal, error);
	case KILN_OPTION_SIZE:
		return check_size(origin, text, normal, error);
	case KILN_OPTION_NUMBER:
		if (!kiln_text_to_u64(kiln_text(text), &number))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: \"%s\" is not a whole number", origin, text);
		break;
	case KILN_OPTION_STRING:
	case KILN_OPTION_LIST:
		if (*text == '\0')
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: the value is empty; write %s", origin, option->value);
		if (option->complete == KILN_COMPLETE_WORDS && !check_word(option, origin, text, error))
			return FALSE;
		break;
	}
	*normal = g_strdup(text);
	return TRUE;
}

/* "kiln build" or, before a command is known, "kiln". New string. */
static char *caller(const Parser *parser)
{
	const KilnCommand *command = parser->result->command;
	return g_strconcat("kiln", command ? " " : "", command ? command->name : "", NULL);
}

static const KilnOption *find_option(const Parser *parser, const char *name)
{
	const KilnOption *option = parser->result->command ? kiln_option_find(parser->result->command->options, name) : NULL;
	return option ? option : kiln_option_find(parser->global, name);
}

static gboolean fail_unknown_option(const Parser *parser, const char *name, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *who = caller(parser);
	const KilnOption *lists[] = { parser->result->command ? parser->result->command->options : NULL, parser->global };
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		for (const KilnOption *option = lists[i]; option && option->name; option++)
			g_ptr_array_add(names, (gpointer)option->name);
	g_ptr_array_add(names, NULL);
	const char *nearest = kiln_text_nearest(name, (const char *const *)names->pdata);
	if (nearest)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: unknown option \"--%s\"; did you mean \"--%s\"?", who, name, nearest);
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: unknown option \"--%s\"", who, name);
}

static gboolean add_value(Parser *parser, const KilnOption *option, const char *text, GError **error)
{
	g_autofree char *origin = g_strconcat("--", option->name, NULL);
	char *normal;
	if (!kiln_option_check(option, origin, text, &normal, error))
		return FALSE;
	if (strcmp(option->name, "help") == 0)
		parser->result->help = strcmp(normal, "true") == 0;
	kiln_values_add(parser->result->values, option, normal);
	return TRUE;
}

/* The value in the next word. */
static gboolean take_value(Parser *parser, const KilnOption *option, GError **error)
{
	if (*parser->words == NULL)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "--%s needs a value: --%s %s", option->name, option->name, option->value);
	return add_value(parser, option, *parser->words++, error);
}

static gboolean parse_long(Parser *parser, const char *text, GError **error)
{
	const char *equals = strchr(text, '=');
	g_autofree char *name = equals ? g_strndup(text, (gsize)(equals - text)) : g_strdup(text);
	const KilnOption *option = find_option(parser, name);
	if (!option)
		return fail_unknown_option(parser, name, error);
	if (equals)
		return add_value(parser, option, equals + 1, error);
	if (option->kind == KILN_OPTION_FLAG)
		return add_value(parser, option, "true", error);
	return take_value(parser, option, error);
}

/* "-v", "-vq", "-oFILE", "-o FILE". */
static gboolean parse_letters(Parser *parser, const char *letters, GError **error)
{
	for (; *letters; letters++) {
		const KilnCommand *command = parser->result->command;
		const KilnOption *option = command ? find_letter(command->options, *letters) : NULL;
		if (!option)
			option = find_letter(parser->global, *letters);
		if (!option) {
			g_autofree char *who = caller(parser);
			g_autofree char *shown = g_ascii_isprint(*letters) ? g_strndup(letters, 1) : g_strdup(letters);
			return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: unknown option \"-%s\"", who, shown);
		}
		if (option->kind != KILN_OPTION_FLAG)
			return letters[1] ? add_value(parser, option, letters + 1, error) : take_value(parser, option, error);
		if (!add_value(parser, option, "true", error))
			return FALSE;
	}
	return TRUE;
}

static gboolean choose_command(Parser *parser, const char *word, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (KilnCommandTable command = parser->commands; *command; command++) {
		if (strcmp((*command)->name, word) == 0) {
			parser->result->command = *command;
			return TRUE;
		}
		g_ptr_array_add(names, (gpointer)(*command)->name);
	}
	g_ptr_array_add(names, NULL);
	const char *nearest = kiln_text_nearest(word, (const char *const *)names->pdata);
	if (nearest)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "unknown command \"%s\"; did you mean \"%s\"?", word, nearest);
	return kiln_fail(error, KILN_ERROR_SYNTAX, "unknown command \"%s\"", word);
}

static gboolean parse_words(Parser *parser, GError **error)
{
	while (*parser->words) {
		const char *word = *parser->words++;
		if (strcmp(word, "--") == 0 && parser->result->command) {
			if (parser->result->command->rest) {
				parser->result->rest = g_strdupv(parser->words);
				return TRUE;
			}
			while (*parser->words)
				g_ptr_array_add(parser->positional, g_strdup(*parser->words++));
			return TRUE;
		}
		gboolean good;
		if (g_str_has_prefix(word, "--"))
			good = parse_long(parser, word + 2, error);
		else if (word[0] == '-' && word[1] != '\0')
			good = parse_letters(parser, word + 1, error);
		else if (!parser->result->command)
			good = choose_command(parser, word, error);
		else {
			g_ptr_array_add(parser->positional, g_strdup(word));
			good = TRUE;
		}
		if (!good)
			return FALSE;
	}
	return TRUE;
}

static gboolean check_count(const KilnCommand *command, char **arguments, GError **error)
{
	guint count = g_strv_length(arguments);
	if (command->arguments_max >= 0 && count > (guint)command->arguments_max) {
		const char *extra = arguments[command->arguments_max];
		if (command->rest)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "kiln %s: unexpected argument \"%s\"; what the program gets stands after \"--\"",
			                 command->name, extra);
		return kiln_fail(error, KILN_ERROR_SYNTAX, "kiln %s: unexpected argument \"%s\"; it takes %s", command->name, extra,
		                 *command->arguments ? command->arguments : "none");
	}
	if (count < (guint)MAX(command->arguments_min, 0))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "kiln %s needs %s", command->name, command->arguments);
	return TRUE;
}

gboolean kiln_arguments_parse(KilnCommandTable commands, const KilnOption *global, char **words, KilnArguments **out, GError **error)
{
	KilnArguments *result = g_new0(KilnArguments, 1);
	Parser parser = { commands, global, result, g_ptr_array_new(), words };
	result->values = kiln_values_new();
	gboolean good = parse_words(&parser, error);
	g_ptr_array_add(parser.positional, NULL);
	result->arguments = (char **)g_ptr_array_free(parser.positional, FALSE);
	if (good && result->command && !result->help)
		good = check_count(result->command, result->arguments, error);
	*out = result;
	return good;
}
