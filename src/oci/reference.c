/* SPDX-License-Identifier: Apache-2.0 */
/* reference.c: where an image is, as people write it: one row per prefix. */
#include "oci/reference.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define ALPHANUMERIC LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ" G_CSET_DIGITS
#define TAG_LENGTH_MAX 128  /* distribution-spec 1.1 */
#define NAME_LENGTH_MAX 255 /* as every registry has it */
#define DEFAULT_HOST "docker.io"

typedef gboolean (*ParseRest)(KilnText rest, KilnReference *out, GError **error);

static gboolean parse_located(KilnText rest, KilnReference *out, GError **error);
static gboolean parse_directory(KilnText rest, KilnReference *out, GError **error);
static gboolean parse_path(KilnText rest, KilnReference *out, GError **error);
static gboolean parse_registry(KilnText rest, KilnReference *out, GError **error);

/* For printing, the first row of a transport counts. */
static const struct {
	const char *prefix;
	KilnTransport transport;
	ParseRest parse;
} rows[] = {
	{ "oci", KILN_TRANSPORT_OCI_LAYOUT, parse_located },
	{ "oci-dir", KILN_TRANSPORT_OCI_LAYOUT, parse_directory },
	{ "oci-archive", KILN_TRANSPORT_OCI_ARCHIVE, parse_located },
	{ "docker-archive", KILN_TRANSPORT_DOCKER_ARCHIVE, parse_located },
	{ "docker", KILN_TRANSPORT_REGISTRY, parse_registry },
	{ "registry", KILN_TRANSPORT_REGISTRY, parse_registry },
	{ "dir", KILN_TRANSPORT_DIRECTORY, parse_path },
	{ "sbom", KILN_TRANSPORT_SBOM, parse_path },
};

static gsize span(KilnText text, const char *set)
{
	gsize length = 0;
	while (length < text.length && text.data[length] && strchr(set, text.data[length]))
		length++;
	return length;
}

static const char *find(KilnText text, const char *part)
{
	return text.length ? g_strstr_len(text.data, (gssize)text.length, part) : NULL;
}

static KilnText before(KilnText text, const char *end)
{
	return (KilnText){ text.data, (gsize)(end - text.data) };
}

static KilnText after(KilnText text, const char *begin)
{
	return (KilnText){ begin, text.length - (gsize)(begin - text.data) };
}

/* Distribution-spec: [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127} */
static gboolean is_tag(KilnText text)
{
	return text.length > 0 && text.length <= TAG_LENGTH_MAX && text.data[0] != '.' && text.data[0] != '-' &&
	       span(text, ALPHANUMERIC "._-") == text.length;
}

/* The names that layouts give to images, among them Docker's "nginx:latest". */
static gboolean is_layout_name(KilnText text)
{
	return text.length > 0 && text.length <= NAME_LENGTH_MAX + 1 + TAG_LENGTH_MAX && strchr(ALPHANUMERIC "_", text.data[0]) &&
	       span(text, ALPHANUMERIC "._-:@/+") == text.length;
}

/* Distribution-spec: [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)* */
static gboolean is_component(KilnText text)
{
	for (;;) {
		gsize length = span(text, LOWER G_CSET_DIGITS);
		if (length == 0)
			return FALSE;
		text = after(text, text.data + length);
		if (text.length == 0)
			return TRUE;
		gsize dashes = span(text, "-"), lines = span(text, "_");
		gsize separator = dashes ? dashes : lines ? lines : span(text, ".");
		if (separator == 0 || (!dashes && separator > (lines ? 2 : 1)))
			return FALSE;
		text = after(text, text.data + separator);
	}
}

static gboolean is_repository(KilnText text)
{
	KilnText rest = text;
	while (rest.data)
		if (!is_component(kiln_text_cut(&rest, '/')))
			return FALSE;
	return text.length > 0;
}

/* A host name or address with an optional port; [v6] keeps its brackets. */
static gboolean is_host(KilnText text)
{
	KilnText rest = text;
	guint64 port;
	if (text.length && text.data[0] == '[') {
		const char *end = find(text, "]");
		KilnText inside = end ? after(before(text, end), text.data + 1) : (KilnText){ NULL, 0 };
		if (inside.length == 0 || span(inside, G_CSET_DIGITS "abcdefABCDEF:") != inside.length)
			return FALSE;
		rest = after(text, end + 1);
	} else {
		KilnText host = { text.data, span(text, ALPHANUMERIC ".-") };
		rest = after(text, text.data + host.length);
		while (host.data) {
			KilnText label = kiln_text_cut(&host, '.');
			if (label.length == 0 || label.data[0] == '-' || label.data[label.length - 1] == '-')
				return FALSE;
		}
	}
	return rest.length == 0 || (rest.data[0] == ':' && kiln_text_to_u64(after(rest, rest.data + 1), &port) && port > 0 && port < 65536);
}

/* What stands before the first slash is a host when nothing in a repository's name could look like it. */
static gboolean has_host(KilnText text, KilnText *host, KilnText *repository)
{
	*repository = text;
	*host = kiln_text_cut(repository, '/');
	if (repository->data && (find(*host, ".") || find(*host, ":") || kiln_text_is(*host, "localhost")))
		return TRUE;
	*repository = text;
	return FALSE;
}

static gboolean bad(GError **error, const char *what, KilnText part, const char *expected)
{
	return kiln_fail(error, KILN_ERROR_SYNTAX, "%s \"%.*s\": expected %s", what, (int)MIN(part.length, 100u), part.length ? part.data : "", expected);
}

/* Cut "@sha256:..." off the end. */
static gboolean cut_digest(KilnText *text, const char *mark, KilnReference *out, GError **error)
{
	const char *at = text->length ? g_strrstr_len(text->data, (gssize)text->length, mark) : NULL;
	if (!at)
		return TRUE;
	KilnText digest = after(*text, at + 1);
	out->has_digest = TRUE;
	*text = before(*text, at);
	return kiln_digest_parse(digest.data, digest.length, &out->digest, error);
}

static gboolean take_path(KilnText path, KilnReference *out, GError **error)
{
	if (path.length == 0 || path.length > KILN_LIMIT_PATH_BYTES)
		return bad(error, "path", path, "a file or directory");
	out->path = kiln_text_dup(path);
	return TRUE;
}

static gboolean parse_path(KilnText rest, KilnReference *out, GError **error)
{
	return take_path(rest, out, error);
}

static gboolean parse_directory(KilnText rest, KilnReference *out, GError **error)
{
	return cut_digest(&rest, "@sha256:", out, error) && take_path(rest, out, error);
}

static gboolean parse_located(KilnText rest, KilnReference *out, GError **error)
{
	if (!cut_digest(&rest, "@sha256:", out, error))
		return FALSE;
	KilnText tag = rest, path = kiln_text_cut(&tag, ':');
	if (!take_path(path, out, error))
		return FALSE;
	if (!tag.data)
		return TRUE;
	if (!is_layout_name(tag))
		return bad(error, "tag", tag, "letters, digits and ._-:@/+ (the first \":\" ends the path; for a directory with colons write oci-dir:DIR)");
	out->tag = kiln_text_dup(tag);
	return TRUE;
}

/* NAME[:TAG][@DIGEST] */
static gboolean parse_name(KilnText rest, KilnText *name, KilnReference *out, GError **error)
{
	if (!cut_digest(&rest, "@", out, error))
		return FALSE;
	const char *colon = rest.length ? g_strrstr_len(rest.data, (gssize)rest.length, ":") : NULL;
	if (colon && !find(after(rest, colon), "/")) {
		KilnText tag = after(rest, colon + 1);
		if (!is_tag(tag))
			return bad(error, "tag", tag, "up to 128 letters, digits and ._-, not starting with . or -");
		out->tag = kiln_text_dup(tag);
		rest = before(rest, colon);
	}
	*name = rest;
	KilnText host, repository;
	if (has_host(rest, &host, &repository) && !is_host(host))
		return bad(error, "host", host, "a host name or address, with or without :port");
	if (!is_repository(repository) || rest.length > NAME_LENGTH_MAX)
		return bad(error, "name", repository, "lower-case letters and digits, separated by one of . _ - or /");
	return TRUE;
}

/* As every client completes it: "nginx" is docker.io/library/nginx. */
static gboolean parse_registry(KilnText rest, KilnReference *out, GError **error)
{
	KilnText name, host, repository;
	if (!parse_name(rest, &name, out, error))
		return FALSE;
	if (!has_host(name, &host, &repository) || kiln_text_is(host, "index.docker.io"))
		host = KILN_TEXT(DEFAULT_HOST);
	gboolean official = kiln_text_is(host, DEFAULT_HOST) && !find(repository, "/");
	out->name = g_strdup_printf("%.*s/%s%.*s", (int)host.length, host.data, official ? "library/" : "", (int)repository.length, repository.data);
	return TRUE;
}

static gboolean parse_bare(KilnText text, KilnReference *out, GError **error)
{
	KilnText name;
	out->transport = KILN_TRANSPORT_STORE;
	if (!parse_name(text, &name, out, error))
		return FALSE;
	out->name = kiln_text_dup(name);
	return TRUE;
}

static gboolean is_path(const char *text)
{
	return text[0] == '/' || text[0] == '~' || g_str_has_prefix(text, "./") || g_str_has_prefix(text, "../") || strcmp(text, ".") == 0 || strcmp(text, "..") == 0;
}

static gboolean is_tar(const char *text)
{
	static const char *const endings[] = { ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz" };
	for (gsize i = 0; i < G_N_ELEMENTS(endings); i++)
		if (g_str_has_suffix(text, endings[i]) && (is_path(text) || !strchr(text, ':')))
			return TRUE;
	return FALSE;
}

const char *kiln_reference_nearest_prefix(const char *word)
{
	const char *known[G_N_ELEMENTS(rows) + 1] = { NULL };
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		known[i] = rows[i].prefix;
	return kiln_text_nearest(word, known);
}

/* Name what was probably meant, where the text says it. */
static void add_hint(const char *text, GError **error)
{
	g_autofree char *word = g_strndup(text, strcspn(text, ":"));
	const char *nearest = text[strlen(word)] ? kiln_reference_nearest_prefix(word) : NULL;
	if (!error || !*error)
		return;
	const char *hint = is_path(text) ? "; for a path say what is there: oci:, oci-archive:, docker-archive:, dir: or sbom:" : "";
	g_autofree char *all = nearest ? g_strdup_printf("%s; did you mean \"%s:\"?", (*error)->message, nearest) : g_strconcat((*error)->message, hint, NULL);
	g_free((*error)->message);
	(*error)->message = g_steal_pointer(&all);
}

static gboolean parse_any(const char *text, KilnReference *out, GError **error)
{
	KilnText rest = kiln_text(text), prefix = kiln_text_cut(&rest, ':');
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (!rest.data || !kiln_text_is(prefix, rows[i].prefix))
			continue;
		out->transport = rows[i].transport;
		if (strcmp(rows[i].prefix, "docker") != 0)
			return rows[i].parse(rest, out, error);
		if (!g_str_has_prefix(rest.data, "//"))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "an image of a registry is written docker://%s", rest.data);
		return rows[i].parse(after(rest, rest.data + 2), out, error);
	}
	if (is_tar(text)) {
		out->transport = KILN_TRANSPORT_TAR;
		return take_path(kiln_text(text), out, error);
	}
	if (parse_bare(kiln_text(text), out, error))
		return TRUE;
	add_hint(text, error);
	return FALSE;
}

gboolean kiln_reference_parse(const char *text, KilnReference *out, GError **error)
{
	g_auto(KilnReference) parsed = { 0 };
	if (!*text)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "an empty image reference");
	if (!parse_any(text, &parsed, error)) {
		g_prefix_error(error, "image \"%.200s\": ", text);
		return FALSE;
	}
	*out = parsed;
	parsed = (KilnReference){ 0 };
	return TRUE;
}

char *kiln_reference_print(const KilnReference *reference)
{
	GString *text = g_string_new(NULL);
	char digest[KILN_DIGEST_TEXT_MAX];
	for (gsize i = 0; i < G_N_ELEMENTS(rows) && text->len == 0; i++)
		if (rows[i].transport == reference->transport)
			g_string_printf(text, "%s:", rows[i].prefix);
	if (reference->transport == KILN_TRANSPORT_REGISTRY)
		g_string_append(text, "//");
	if (reference->transport == KILN_TRANSPORT_OCI_LAYOUT && strchr(reference->path, ':'))
		g_string_assign(text, "oci-dir:");
	g_string_append(text, reference->path ? reference->path : reference->name);
	if (reference->tag)
		g_string_append_printf(text, ":%s", reference->tag);
	if (reference->has_digest)
		g_string_append_printf(text, "@%s", kiln_digest_print(&reference->digest, digest));
	return g_string_free(text, FALSE);
}

void kiln_reference_clear(KilnReference *reference)
{
	g_free(reference->path);
	g_free(reference->name);
	g_free(reference->tag);
	*reference = (KilnReference){ 0 };
}
