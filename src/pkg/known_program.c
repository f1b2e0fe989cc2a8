/* SPDX-License-Identifier: Apache-2.0 */
/* known_program.c: the table of known programs, and the search for their texts. */
#include "pkg/known_program.h"

#include "base/error.h"

#include <string.h>

#define NUMBER "[0-9]+\\.[0-9]+"
#define THREE "[0-9]+\\.[0-9]+\\.[0-9]+"
#define LIBRARY(name) name "\\.so(?:\\.[0-9.]+)?"
#define BEFORE_BYTES 160 /* of a text that is no longer than this in front of its literal, and this behind it */
#define BEHIND_BYTES 320
#define TRIES_MAX 20000 /* places of one file that are looked at; a file may be made of nothing else */

/* Source of each text: the program's own sources, where it prints its version. */
const KilnKnownProgram kiln_known_programs[] = {
	{ "bash", "bash", "Bash version ", "@\\(#\\)Bash version (" THREE ")", "gnu:bash", NULL, FALSE },
	{ "busybox", "busybox.*|sh|ash", "BusyBox v", "BusyBox v(" THREE ")", "busybox:busybox", NULL, FALSE },
	{ "curl", "curl|" LIBRARY("libcurl(?:-gnutls|-nss)?"), "curl", "(?:libcurl/|^curl |\\x00curl |\\ncurl )(" THREE ")", "haxx:curl", NULL, FALSE },
	{ "expat", LIBRARY("libexpat"), "expat_", "expat_(" THREE ")", "libexpat_project:libexpat", NULL, FALSE },
	{ "git", "git", "git/", "\\x00git/(" THREE ")", "git-scm:git", "git", FALSE },
	{ "glibc", "libc\\.so\\.6|libc-2\\.[0-9]+\\.so", "GNU C Library", "GNU C Library \\([^)\\n]*\\) (?:stable|development) release version (" NUMBER "(?:\\.[0-9]+)?)", "gnu:glibc", NULL, FALSE },
	{ "gnutls", LIBRARY("libgnutls"), "Enabled GnuTLS", "Enabled GnuTLS (" THREE ")", "gnu:gnutls", NULL, FALSE },
	{ "go", "VERSION", "go1", "\\Ago(1\\.[0-9]+(?:\\.[0-9]+)?)(?:\\s|\\z)", "golang:go", "golang", TRUE },
	{ "haproxy", "haproxy.*", ", released ", "\\x00?[^\\x00\\n]* version (" THREE ")[^\\x00,\\n]*, released [0-9]{4}/", "haproxy:haproxy", "haproxy", FALSE },
	{ "httpd", "httpd|apache2", "Apache/", "Apache/(" THREE ")", "apache:http_server", "apache", FALSE },
	{ "lighttpd", "lighttpd", "lighttpd/", "lighttpd/(" THREE ")", "lighttpd:lighttpd", NULL, FALSE },
	{ "mariadb", "mariadbd?|mysqld?", "-MariaDB", "\\x00(" THREE ")-MariaDB", "mariadb:mariadb", "mariadb", FALSE },
	{ "memcached", "memcached", "memcached ", "memcached (" THREE ")", "memcached:memcached", "memcached", FALSE },
	{ "nginx", "nginx(?:-debug)?", "nginx/", "nginx/(" THREE ")", "f5:nginx", "nginx", FALSE },
	{ "node", "node|nodejs|" LIBRARY("libnode"), "node.js/v", "node\\.js/v(" THREE ")", "nodejs:node.js", "node", FALSE },
	{ "openjdk", "release", "JAVA_VERSION=", "(?m)^JAVA_VERSION=\"([0-9][0-9._]*)\"", "oracle:openjdk", "java", TRUE },
	{ "openssh", "sshd?|ssh-(?:agent|add|keygen|keyscan)|sshd-session", "OpenSSH_", "OpenSSH_(" NUMBER "(?:\\.[0-9]+)?p[0-9]+)", "openbsd:openssh", NULL, FALSE },
	{ "openssl", "openssl|" LIBRARY("lib(?:crypto|ssl)"), "OpenSSL ", "OpenSSL (" THREE "[a-z]{0,2}) +[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4}", "openssl:openssl", NULL, FALSE },
	{ "perl", "perl(?:5[0-9.]*)?|" LIBRARY("libperl"), "/usr/", "/perl5?/(5\\.[0-9]+\\.[0-9]+)\\x00", "perl:perl", NULL, FALSE },
	{ "php", "php[0-9.]*|php-fpm[0-9.]*|php-cgi[0-9.]*|libphp[0-9.]*\\.so", "X-Powered-By: PHP/", "X-Powered-By: PHP/(" THREE ")", "php:php", "php", FALSE },
	{ "postgresql", "postgres", "(PostgreSQL) ", "postgres \\(PostgreSQL\\) (" NUMBER "(?:\\.[0-9]+)?)", "postgresql:postgresql", "postgresql", FALSE },
	{ "python", "python([0-9]\\.[0-9]+)|" "libpython([0-9]\\.[0-9]+)m?\\.so(?:\\.[0-9.]+)?", "%.", "\\x00(%\\.[0-9]+(?:(?:a|b|rc)[0-9]+)?)\\+?\\x00", "python:python", "python", FALSE },
	{ "redis", "redis-(?:server|check-rdb|check-aof|sentinel)", "0000000", "(" THREE ")[A-Za-z0-9_.-]*1[0-9]{9}0{9}\\x00", "redis:redis", "redis", FALSE },
	{ "ruby", "ruby[0-9.]*|" "libruby[-0-9.]*\\.so[0-9.]*", "ruby ", "ruby (" THREE ")(?:p[0-9]+|[a-z]+[0-9]*)? \\([0-9]{4}-", "ruby-lang:ruby", "ruby", FALSE },
	{ "sqlite", "sqlite3|" LIBRARY("libsqlite3"), "", "\\x00(3\\.[0-9]{1,2}\\.[0-9]{1,2})\\x00", "sqlite:sqlite", "sqlite", FALSE },
	{ "squid", "squid", "squid/", "squid/(" NUMBER ")", "squid-cache:squid", NULL, FALSE },
	{ "varnish", "varnishd", "varnish-", "varnish-(" THREE ") revision ", "varnish-software:varnish_cache", "varnish", FALSE },
	{ "wordpress", "version.php", "$wp_version", "(?m)^\\$wp_version = '([0-9][0-9.]*)'", "wordpress:wordpress", "wordpress", TRUE },
	{ "zlib", LIBRARY("libz"), "flate ", " (?:de|in)flate ([0-9]+\\.[0-9]+(?:\\.[0-9]+)*) Copyright", "zlib:zlib", NULL, FALSE },
	{ NULL, NULL, NULL, NULL, NULL, NULL, FALSE },
};

const KilnKnownProgram *kiln_known_program_find(const char *name)
{
	for (const KilnKnownProgram *row = kiln_known_programs; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

/* Bytes, not characters; and without a compiler to machine code, which no sandbox would let run. */
static GRegex *expression(const char *pattern)
{
	GError *reason = NULL;
	GRegex *made = g_regex_new(pattern, G_REGEX_RAW, 0, &reason);
	if (!made)
		g_error("%s: %s", pattern, reason->message);
	return made;
}

/* Of each row's file names, and last of all rows': most files are of none. */
static GRegex *const *file_expressions(void)
{
	static gsize once;
	static GRegex *made[G_N_ELEMENTS(kiln_known_programs)];
	if (g_once_init_enter(&once)) {
		g_autoptr(GString) any = g_string_new("\\A(?:");
		gsize last = G_N_ELEMENTS(kiln_known_programs) - 1;
		for (gsize i = 0; i < last; i++) {
			g_autofree char *whole = g_strdup_printf("\\A(?|%s)\\z", kiln_known_programs[i].files);
			made[i] = kiln_known_programs[i].is_directory ? NULL : expression(whole);
			if (made[i])
				g_string_append_printf(any, "%s%s", i ? "|" : "", kiln_known_programs[i].files);
		}
		g_string_append(any, ")\\z");
		made[last] = expression(any->str);
		g_once_init_leave(&once, 1);
	}
	return made;
}

const KilnKnownProgram *kiln_known_program_of_file(const KilnKnownProgram *from, const char *file_name, gboolean is_elf, char **release)
{
	GRegex *const *files = file_expressions();
	*release = NULL;
	if (is_elf && !g_regex_match(files[G_N_ELEMENTS(kiln_known_programs) - 1], file_name, 0, NULL))
		return NULL;
	for (const KilnKnownProgram *row = from; row->name; row++) {
		g_autoptr(GMatchInfo) match = NULL;
		if (row->is_directory == is_elf)
			continue;
		if (row->is_directory && strcmp(row->files, file_name) == 0)
			return row;
		if (row->is_directory || !g_regex_match(files[row - kiln_known_programs], file_name, 0, &match))
			continue;
		*release = g_match_info_fetch(match, 1);
		return row;
	}
	return NULL;
}

/* "%" of @text becomes @release; as an expression its dots are quoted. */
static char *with_release(const char *text, const char *release, gboolean is_expression)
{
	g_auto(GStrv) parts = g_strsplit(text, "%", -1);
	g_autofree char *quoted = is_expression ? g_regex_escape_string(release ? release : "", -1) : g_strdup(release ? release : "");
	return g_strjoinv(quoted, parts);
}

/* The expression in @window; 1 found, 0 not, -1 error. */
static int match_in(const GRegex *regex, KilnText window, KilnText *version, KilnText *text, GError **error)
{
	g_autoptr(GMatchInfo) match = NULL;
	g_autoptr(GError) reason = NULL;
	int start, end, text_start, text_end;
	gboolean found = g_regex_match_full(regex, window.data, (gssize)window.length, 0, 0, &match, &reason);
	if (reason) {
		kiln_fail(error, KILN_ERROR_LIMIT, "%s", reason->message);
		return -1;
	}
	if (!found || !g_match_info_fetch_pos(match, 1, &start, &end) || start < 0 || !g_match_info_fetch_pos(match, 0, &text_start, &text_end))
		return 0;
	*version = (KilnText){ window.data + start, (gsize)(end - start) };
	*text = (KilnText){ window.data + text_start, (gsize)(text_end - text_start) };
	while (text->length && !*text->data)
		*text = (KilnText){ text->data + 1, text->length - 1 };
	while (text->length && !text->data[text->length - 1])
		text->length--;
	return 1;
}

gboolean kiln_known_program_search(const KilnKnownProgram *row, const char *release, KilnText content, KilnText *version, KilnText *text, GError **error)
{
	g_autofree char *literal = with_release(row->literal, release, FALSE), *pattern = with_release(row->pattern, release, TRUE);
	g_autoptr(GRegex) regex = expression(pattern);
	gsize length = strlen(literal);
	const char *end = content.data + content.length;
	if (!length)
		return match_in(regex, content, version, text, error) > 0;
	guint tries = 0;
	for (const char *at = content.data; tries++ < TRIES_MAX && at < end && (at = memmem(at, (gsize)(end - at), literal, length)); at++) {
		const char *from = at - MIN((gsize)(at - content.data), BEFORE_BYTES), *to = at + MIN((gsize)(end - at), BEHIND_BYTES);
		int found = match_in(regex, (KilnText){ from, (gsize)(to - from) }, version, text, error);
		if (found)
			return found > 0;
	}
	return FALSE;
}
