/* SPDX-License-Identifier: Apache-2.0 */
/* version_maven.c: versions of Maven artifacts. Source: maven.apache.org/pom.html, "Version Order Specification"; the order is the one
 * of Maven 3 (org.apache.maven.artifact.versioning.ComparableVersion).
 *
 * A version is a list of numbers and words; a hyphen, and a change between letters and digits, opens a list in the list, which then
 * takes all that follows. So a version is a row of tokens in which an opened list is one more token.
 *
 * That order is Maven's own, with its flaw: words come before lists and lists before numbers, but a list may stand for "before the
 * release" or "after it", so three versions can run in a circle ("1-00rc" < "1" < "1xfinal" < "1-00rc"). */
#include "base/limits.h"
#include "pkg/version_internal.h"

typedef enum { WORD, LIST, NUMBER } Kind; /* in ascending order */

typedef struct {
	Kind kind;
	KilnText text;         /* empty for the number between two separators, which is zero */
	gboolean before_digit; /* of a word: "a1" is alpha, but "a" is just a word */
} Token;

/* Words in ascending order; "" is the release itself, which "ga", "final" and "release" mean too. Others come after all of these. */
static const char *const qualifiers[] = { "alpha", "beta", "milestone", "rc", "snapshot", "", "sp" };
#define RELEASE 5 /* index of "" */

static gboolean is_word(KilnText text, const char *word)
{
	return text.length == strlen(word) && g_ascii_strncasecmp(text.data ? text.data : "", word, text.length) == 0;
}

/* The place of a word among the qualifiers, their number when it is none of them. */
static guint rank(const Token *token)
{
	static const struct {
		const char *alias;
		guint rank;
		gboolean before_digit_only;
	} aliases[] = { { "a", 0, TRUE }, { "b", 1, TRUE }, { "m", 2, TRUE }, { "cr", 3, FALSE },
		        { "ga", RELEASE, FALSE }, { "final", RELEASE, FALSE }, { "release", RELEASE, FALSE } };
	for (guint i = 0; i < G_N_ELEMENTS(qualifiers); i++)
		if (is_word(token->text, qualifiers[i]))
			return i;
	for (guint i = 0; i < G_N_ELEMENTS(aliases); i++)
		if (is_word(token->text, aliases[i].alias) && (token->before_digit || !aliases[i].before_digit_only))
			return aliases[i].rank;
	return G_N_ELEMENTS(qualifiers);
}

/* Would Maven drop this token at the end of its list? */
static gboolean is_null(const Token *token)
{
	return token->kind == NUMBER ? kiln_version_compare_numbers(token->text, (KilnText){ 0 }) == 0
	                             : token->kind == WORD && rank(token) == RELEASE;
}

/* Open a list; what is null at the end of the list before it counts for nothing. Returns where the new list begins. */
static gsize open_list(GArray *tokens)
{
	Token list = { .kind = LIST };
	while (tokens->len && is_null(&g_array_index(tokens, Token, tokens->len - 1)))
		g_array_set_size(tokens, tokens->len - 1);
	g_array_append_val(tokens, list);
	return tokens->len;
}

/* Cut what stands before the next separator or the next change between digits and others. */
static KilnText cut_run(KilnText *rest)
{
	KilnText run = { rest->data, 0 };
	gboolean digits = g_ascii_isdigit(rest->data[0]) != 0;
	while (run.length < rest->length && rest->data[run.length] != '.' && rest->data[run.length] != '-' &&
	       (g_ascii_isdigit(rest->data[run.length]) != 0) == digits)
		run.length++;
	kiln_version_skip(rest, run.length);
	return run;
}

static GArray *parse(KilnText rest)
{
	GArray *tokens = g_array_new(FALSE, FALSE, sizeof(Token));
	gsize list_begin = 0;
	while (rest.length) {
		KilnText run = cut_run(&rest);
		gboolean word = run.length && !g_ascii_isdigit(run.data[0]);
		gboolean separator = rest.length && (rest.data[0] == '.' || rest.data[0] == '-');
		gboolean turns = rest.length && !separator;
		Token token = { word ? WORD : NUMBER, run, word && turns };
		if (word && !separator && tokens->len > list_begin)
			list_begin = open_list(tokens); /* 1.x2 is 1-x2 */
		g_array_append_val(tokens, token);
		if (turns || (separator && rest.data[0] == '-'))
			list_begin = open_list(tokens);
		if (separator)
			kiln_version_skip(&rest, 1);
	}
	while (tokens->len && (g_array_index(tokens, Token, tokens->len - 1).kind == LIST ||
	                       is_null(&g_array_index(tokens, Token, tokens->len - 1))))
		g_array_set_size(tokens, tokens->len - 1);
	return tokens;
}

static int compare_words(const Token *a, const Token *b)
{
	guint rank_a = rank(a), rank_b = rank(b);
	if (rank_a != rank_b || rank_a < G_N_ELEMENTS(qualifiers))
		return (int)rank_a - (int)rank_b;
	return kiln_version_compare_folded(a->text, b->text);
}

/* Against the end of the other version: numbers come after it, words where the release has its place, a list as what it holds. */
static int compare_to_end(const Token *token)
{
	if (token->kind == WORD)
		return (int)rank(token) - RELEASE;
	return token->kind == NUMBER && !is_null(token);
}

static int compare_tokens(const Token *a, const Token *b)
{
	if (!a || !b)
		return a ? compare_to_end(a) : -compare_to_end(b);
	if (a->kind != b->kind)
		return (int)a->kind - (int)b->kind;
	if (a->kind == WORD)
		return compare_words(a, b);
	return a->kind == NUMBER ? kiln_version_compare_numbers(a->text, b->text) : 0;
}

static int compare_maven(KilnText a, KilnText b)
{
	if (a.length > KILN_LIMIT_VERSION_BYTES || b.length > KILN_LIMIT_VERSION_BYTES)
		return kiln_version_compare_malformed(a.length <= KILN_LIMIT_VERSION_BYTES, b.length <= KILN_LIMIT_VERSION_BYTES, a, b);
	g_autoptr(GArray) tokens_a = parse(a), tokens_b = parse(b);
	int difference = 0;
	for (guint i = 0; i < MAX(tokens_a->len, tokens_b->len) && !difference; i++)
		difference = compare_tokens(i < tokens_a->len ? &g_array_index(tokens_a, Token, i) : NULL,
		                            i < tokens_b->len ? &g_array_index(tokens_b, Token, i) : NULL);
	return difference;
}

/* Maven itself orders anything; what its validator of models refuses is no version here either. */
static gboolean check_maven(KilnText version, GError **error)
{
	if (!kiln_version_check_length(version, error))
		return FALSE;
	for (gsize i = 0; i < version.length; i++)
		if (!g_ascii_isgraph(version.data[i]) || strchr("\\/:\"<>|?*[](){},", version.data[i]))
			return kiln_version_refuse(error, version, "holds a byte that Maven does not allow in a version");
	return TRUE;
}

const KilnVersionOrder kiln_version_order_maven = { "maven", compare_maven, check_maven };
