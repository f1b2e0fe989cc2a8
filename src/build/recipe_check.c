/* SPDX-License-Identifier: Apache-2.0 */
/* recipe_check.c: what single values of a recipe must look like. */
#include "build/recipe_check.h"

#include "base/limits.h"
#include "base/text.h"
#include "oci/platform.h"

#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static gboolean has_control(const char *text)
{
	for (; *text; text++)
		if ((guchar)*text < 0x20 || *text == 0x7f)
			return TRUE;
	return FALSE;
}

static char *check_path(const char *text, const char *what)
{
	if (text[0] != '/')
		return g_strdup_printf("\"%.200s\" must be %s: it starts with \"/\"", text, what);
	if (has_control(text) || strlen(text) >= KILN_LIMIT_PATH_BYTES)
		return g_strdup_printf("\"%.60s\" holds a control character or is too long", text);
	g_auto(GStrv) parts = g_strsplit(text + 1, "/", -1);
	for (char **part = parts; *part; part++)
		if (strcmp(*part, "..") == 0 || strcmp(*part, ".") == 0 || (**part == '\0' && text[1] != '\0'))
			return g_strdup_printf("\"%.200s\": write it without \".\", \"..\", \"//\" and a slash at the end", text);
	return NULL;
}

char *check_absolute(const char *text)
{
	return check_path(text, "an absolute path in the image");
}

char *check_glob(const char *text)
{
	return check_path(text, "a pattern of absolute paths in the image");
}

char *check_beside(const char *text)
{
	return has_control(text) || strlen(text) >= KILN_LIMIT_PATH_BYTES ? g_strdup_printf("\"%.60s\" is no path: a control character, or too long", text) : NULL;
}

char *check_word(const char *text)
{
	return has_control(text) || strchr(text, ' ') ? g_strdup_printf("\"%.60s\" must be one word", text) : NULL;
}

char *check_name(const char *text)
{
	gsize length = strlen(text);
	if (length > 100 || strspn(text, LOWER DIGITS "._-") != length || !g_ascii_isalnum(text[0]) || !g_ascii_isalnum(text[length - 1]))
		return g_strdup_printf("\"%.60s\" is no name: up to 100 lower-case letters, digits, \".\", \"_\" and \"-\", starting and ending with a letter or digit", text);
	return NULL;
}

char *check_account(const char *text)
{
	gsize length = strlen(text);
	if (length > 32 || strspn(text, LOWER UPPER DIGITS "_.-") != length || text[0] == '-' || strspn(text, DIGITS) == length)
		return g_strdup_printf("\"%.60s\" is no account name: up to 32 letters, digits, \"_\", \".\", \"-\", and not only digits", text);
	return NULL;
}

char *check_owner(const char *text)
{
	KilnText rest = kiln_text(text);
	guint parts = 0;
	do {
		KilnText part = kiln_text_cut(&rest, ':');
		g_autofree char *name = kiln_text_dup(part);
		guint64 number;
		gboolean digits = part.length && strspn(name, DIGITS) == part.length;
		char *wrong = digits ? NULL : check_account(name);
		if (++parts > 2 || !part.length || (rest.data && !rest.length)) {
			g_free(wrong);
			return g_strdup_printf("\"%.60s\" is not USER or USER:GROUP", text);
		}
		if (digits && (!kiln_text_to_u64(part, &number) || number >= G_MAXUINT32))
			return g_strdup_printf("\"%.60s\" is out of range: 0 to 4294967294", text);
		if (wrong)
			return wrong;
	} while (rest.data);
	return NULL;
}

char *check_port(const char *text)
{
	KilnText rest = kiln_text(text), number = kiln_text_cut(&rest, '/');
	guint64 port;
	if (number.length && number.data[0] != '0' && kiln_text_to_u64(number, &port) && port <= 65535 &&
	    (!rest.data || kiln_text_is(rest, "tcp") || kiln_text_is(rest, "udp") || kiln_text_is(rest, "sctp")))
		return NULL;
	return g_strdup_printf("\"%.60s\" is no port: expected 1 to 65535 with an optional /tcp, /udp or /sctp", text);
}

char *check_platform(const char *text)
{
	g_autoptr(GError) error = NULL;
	return kiln_platform_parse(text, &error) ? NULL : g_strdup(error->message);
}

static gsize package_name_length(const char *text)
{
	gsize length = strspn(text, LOWER DIGITS "+-.");
	return length >= 2 && g_ascii_isalnum(text[0]) ? length : 0;
}

char *check_package_name(const char *text)
{
	gsize length = package_name_length(text);
	return length && !text[length] ? NULL : g_strdup_printf("\"%.60s\" is no package name: lower-case letters, digits, \"+\", \"-\", \".\"", text);
}

char *check_package(const char *text)
{
	const char *rest = text + package_name_length(text);
	gboolean good = rest != text;
	if (good && *rest == ':') {
		gsize architecture = strspn(rest + 1, LOWER DIGITS "-");
		good = architecture > 0;
		rest += 1 + architecture;
	}
	if (good && *rest == '=') {
		gsize version = strspn(rest + 1, LOWER UPPER DIGITS ".+~:-");
		good = version > 0;
		rest += 1 + version;
	}
	return good && !*rest ? NULL : g_strdup_printf("\"%.60s\" is no package: expected NAME, NAME:ARCHITECTURE or NAME=VERSION", text);
}

char *check_regex(const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GRegex) regex = g_regex_new(text, G_REGEX_MULTILINE, 0, &error);
	return regex ? NULL : g_strdup_printf("\"%.60s\" is no regular expression: %s", text, error->message);
}

char *check_url(const char *text)
{
	if (g_str_has_prefix(text, "http://") && text[strlen("http://")] && !has_control(text) && !strchr(text, ' '))
		return NULL;
	return g_strdup_printf("\"%.60s\": a test fetches an address such as http://127.0.0.1:8080/ of the started image", text);
}

char *check_mirror(const char *text)
{
	static const char *const schemes[] = { "http://", "https://", "file:///" };
	for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++)
		if (g_str_has_prefix(text, schemes[i]) && text[strlen(schemes[i])] && !has_control(text) && !strchr(text, ' '))
			return NULL;
	return g_strdup_printf("\"%.60s\" is no mirror: expected https://, http:// or file:/// and a path", text);
}

char *check_snapshot(const char *text)
{
	g_autoptr(GDateTime) time = NULL;
	if (strlen(text) == 16 && strspn(text, DIGITS) == 8 && text[8] == 'T' && strspn(text + 9, DIGITS) == 6 && text[15] == 'Z')
		time = g_date_time_new_from_iso8601(text, NULL);
	return time ? NULL : g_strdup_printf("\"%.60s\" is no moment such as 20260801T000000Z", text);
}

char *check_signal(const char *text)
{
	static const char *const signals[] = { "SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGKILL", "SIGALRM",
		                               "SIGABRT", "SIGCONT", "SIGPWR", "SIGRTMIN+3", NULL };
	if (g_strv_contains(signals, text))
		return NULL;
	g_autofree char *hint = kiln_text_suggest(text, signals, "known are");
	return g_strdup_printf("unknown signal \"%.60s\"; %s", text, hint);
}

char *check_locale(const char *text)
{
	gsize language = strspn(text, LOWER UPPER);
	const char *rest = text + language;
	if (language >= 1 && language <= 3 && strlen(text) < 40 && strspn(rest, LOWER UPPER DIGITS "_.@-") == strlen(rest) && !strstr(rest, ".."))
		return NULL;
	return g_strdup_printf("\"%.60s\" is no locale such as de_DE.UTF-8", text);
}

char *check_accept(const char *text)
{
	const char *colon = strchr(text, ':');
	if (colon && colon > text && colon[1] && !has_control(text) && strspn(text, LOWER "-") == (gsize)(colon - text))
		return NULL;
	return g_strdup_printf("\"%.60s\" is no answer to a warning: expected the id that the warning names, such as script:nginx or shell:/usr/bin/memcached", text);
}
