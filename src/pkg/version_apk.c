/* SPDX-License-Identifier: Apache-2.0 */
/* version_apk.c: the version order of Alpine packages. Source: apk-package(5), "pkgver"; order of tokens by apk's own test data.
 *
 * number{.number}[letter]{_suffix[number]}[~hash][-rnumber]; where one version ends and the other goes on, the longer one is
 * newer, unless it goes on with a suffix that means "not yet". */
#include "pkg/version_apk.h"
#include "pkg/version_internal.h"

/* In the order of the grammar; where two versions differ in kind, the earlier kind is newer. */
typedef enum { FIRST_NUMBER, NUMBER, LETTER, SUFFIX, SUFFIX_NUMBER, HASH, REVISION, END, MALFORMED } Kind;

static const char *const suffixes[] = { "alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p" };
#define SUFFIX_AFTER_RELEASE 4 /* the index of the first that does not mean "not yet" */

typedef struct {
	Kind kind;
	KilnText value; /* digits, letter or hash */
	guint suffix;   /* index into suffixes */
	KilnText rest;  /* what follows this token */
} Token;

static void take_digits(Token *token, Kind kind)
{
	token->value = kiln_version_cut_digits(&token->rest);
	token->kind = token->value.length ? kind : MALFORMED;
}

static Token first(KilnText version)
{
	Token token = { .rest = version };
	take_digits(&token, FIRST_NUMBER);
	return token;
}

static void take_suffix(Token *token)
{
	KilnText word = { token->rest.data, 0 };
	while (word.length < token->rest.length && g_ascii_islower(token->rest.data[word.length]))
		word.length++;
	kiln_version_skip(&token->rest, word.length);
	token->kind = MALFORMED;
	for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++) {
		if (kiln_text_is(word, suffixes[i])) {
			token->suffix = i;
			token->kind = SUFFIX;
		}
	}
}

static void take_hash(Token *token)
{
	token->value = (KilnText){ token->rest.data, 0 };
	while (token->value.length < token->rest.length &&
	       kiln_version_is_one_of(token->rest.data[token->value.length], "0123456789abcdef"))
		token->value.length++;
	kiln_version_skip(&token->rest, token->value.length);
	token->kind = token->value.length ? HASH : MALFORMED;
}

/* Each token says by its first byte what it is; it must not come before the one that it follows. */
static void advance(Token *token)
{
	Kind before = token->kind;
	char byte = token->rest.length ? token->rest.data[0] : '\0';
	token->kind = MALFORMED;
	if (token->rest.length == 0) {
		token->kind = END;
	} else if (g_ascii_islower(byte) && before <= NUMBER) {
		token->value = (KilnText){ token->rest.data, 1 };
		token->kind = LETTER;
		kiln_version_skip(&token->rest, 1);
	} else if (byte == '.' && before <= NUMBER) {
		kiln_version_skip(&token->rest, 1);
		take_digits(token, NUMBER);
	} else if (g_ascii_isdigit(byte) && before == SUFFIX) {
		take_digits(token, SUFFIX_NUMBER);
	} else if (byte == '_' && before <= SUFFIX_NUMBER) {
		kiln_version_skip(&token->rest, 1);
		take_suffix(token);
	} else if (byte == '~' && before < HASH) {
		kiln_version_skip(&token->rest, 1);
		take_hash(token);
	} else if (byte == '-' && before < REVISION && token->rest.length > 1 && token->rest.data[1] == 'r') {
		kiln_version_skip(&token->rest, 2);
		take_digits(token, REVISION);
	}
}

static int compare_tokens(const Token *a, const Token *b)
{
	gboolean zero = (a->value.length && a->value.data[0] == '0') || (b->value.length && b->value.data[0] == '0');
	if (a->kind == SUFFIX)
		return (int)a->suffix - (int)b->suffix;
	if (a->kind == LETTER || a->kind == HASH || (a->kind == NUMBER && zero))
		return kiln_version_compare_bytes(a->value, b->value); /* "001" sorts before "01", as Gentoo has it */
	return kiln_version_compare_numbers(a->value, b->value);
}

/* Stop at the first token that differs, in @kind_differs or by the returned order. */
static int walk(Token *a, Token *b)
{
	while (a->kind == b->kind && a->kind < END) {
		int difference = compare_tokens(a, b);
		if (difference)
			return difference;
		advance(a);
		advance(b);
	}
	return 0;
}

static gboolean is_not_yet(const Token *token)
{
	return token->kind == SUFFIX && token->suffix < SUFFIX_AFTER_RELEASE;
}

static int compare_apk(KilnText a, KilnText b)
{
	Token token_a = first(a), token_b = first(b);
	int difference = walk(&token_a, &token_b);
	if (difference || token_a.kind == token_b.kind)
		return difference;
	if (is_not_yet(&token_a) || is_not_yet(&token_b))
		return is_not_yet(&token_a) ? -1 : 1;
	return (int)token_b.kind - (int)token_a.kind;
}

gboolean kiln_version_apk_begins_with(KilnText version, KilnText beginning)
{
	Token token = first(version), end = first(beginning);
	return walk(&token, &end) == 0 && (end.kind == END || token.kind == end.kind);
}

static gboolean check_apk(KilnText version, GError **error)
{
	if (!kiln_version_check_length(version, error))
		return FALSE;
	Token token = first(version);
	while (token.kind < END)
		advance(&token);
	return token.kind == END ||
	       kiln_version_refuse(error, version, "is not number{.number}[letter]{_suffix[number]}[~hash][-rnumber] with a known suffix");
}

const KilnVersionOrder kiln_version_order_apk = { "apk", compare_apk, check_apk };
