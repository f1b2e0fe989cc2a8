/* SPDX-License-Identifier: Apache-2.0 */
/* feed_oval.c: OVAL definitions: which version of which package mends what, in which release.
 *
 * A definition names vulnerabilities and tests; a test joins an object (the package's name) with a state (a version that it must be less than). Definitions
 * come first, so all is gathered, and resolved at the end. How criteria are joined is not looked at: a package that has to be older than some version in
 * any branch is affected below it.
 */
#include "vuln/feed_oval.h"
#include "base/error.h"
#include "base/limits.h"
#include "vuln/ecosystem.h"

#include <string.h>

#define DEFINITIONS_MAX 1000000
#define TEXT_MAX_BYTES 4096

typedef struct {
	char *id, *title, *severity, *platform;
	GPtrArray *cves, *tests, *comments; /* of criterions: test id, comment */
	gboolean is_patch;
} Definition;

typedef struct {
	char *object, *state;
} Test;

typedef struct {
	const KilnContext *context;
	KilnDatabaseWriter *writer;
	const char *name;
	GPtrArray *definitions;
	GHashTable *tests;   /* id to Test */
	GHashTable *objects; /* id to name, or "var:ID" */
	GHashTable *states;  /* id to the version that is to be greater */
	GHashTable *variables; /* id to GPtrArray of names */
	Definition *definition; /* that is open */
	Test *test;
	char *object, *state, *variable; /* ids of what is open */
	gboolean is_less;
	GString *text;
} Oval;

static void definition_free(gpointer data)
{
	Definition *definition = data;
	g_free(definition->id);
	g_free(definition->title);
	g_free(definition->severity);
	g_free(definition->platform);
	g_ptr_array_unref(definition->cves);
	g_ptr_array_unref(definition->tests);
	g_ptr_array_unref(definition->comments);
	g_free(definition);
}

static void test_free(gpointer data)
{
	g_free(((Test *)data)->object);
	g_free(((Test *)data)->state);
	g_free(data);
}

/* Without its namespace. */
static const char *local(const char *name)
{
	const char *colon = strchr(name, ':');
	return colon ? colon + 1 : name;
}

static const char *attribute(const char **names, const char **values, const char *name)
{
	for (gsize i = 0; names[i]; i++)
		if (strcmp(local(names[i]), name) == 0)
			return values[i];
	return NULL;
}

static void begin_definition(Oval *oval, const char **names, const char **values)
{
	const char *kind = attribute(names, values, "class");
	Definition *definition = g_new0(Definition, 1);
	definition->id = g_strdup(attribute(names, values, "id"));
	definition->is_patch = g_strcmp0(kind, "patch") == 0;
	definition->cves = g_ptr_array_new_with_free_func(g_free);
	definition->tests = g_ptr_array_new_with_free_func(g_free);
	definition->comments = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(oval->definitions, definition);
	oval->definition = g_strcmp0(kind, "vulnerability") == 0 || definition->is_patch ? definition : NULL;
}

static void in_definition(Definition *definition, const char *element, const char **names, const char **values)
{
	if (strcmp(element, "reference") == 0 && g_strcmp0(attribute(names, values, "source"), "CVE") == 0 && attribute(names, values, "ref_id"))
		g_ptr_array_add(definition->cves, g_strdup(attribute(names, values, "ref_id")));
	if (strcmp(element, "criterion") == 0 && attribute(names, values, "test_ref")) {
		const char *comment = attribute(names, values, "comment");
		g_ptr_array_add(definition->tests, g_strdup(attribute(names, values, "test_ref")));
		g_ptr_array_add(definition->comments, g_strdup(comment ? comment : ""));
	}
}

static void replace(char **into, const char *text)
{
	g_free(*into);
	*into = g_strdup(text);
}

static void on_start(GMarkupParseContext *markup, const char *element_name, const char **names, const char **values, gpointer user_data, GError **error)
{
	Oval *oval = user_data;
	const char *element = local(element_name), *id = attribute(names, values, "id");
	g_string_truncate(oval->text, 0);
	if (strcmp(element, "definition") == 0) {
		begin_definition(oval, names, values);
		if (oval->definitions->len > DEFINITIONS_MAX)
			kiln_fail(error, KILN_ERROR_LIMIT, "more than %d definitions", DEFINITIONS_MAX);
	} else if (oval->definition) {
		in_definition(oval->definition, element, names, values);
	} else if (id && (g_str_has_suffix(element, "dpkginfo_test") || g_str_has_suffix(element, "rpminfo_test"))) {
		oval->test = g_new0(Test, 1);
		g_hash_table_replace(oval->tests, g_strdup(id), oval->test);
	} else if (oval->test && strcmp(element, "object") == 0) {
		replace(&oval->test->object, attribute(names, values, "object_ref"));
	} else if (oval->test && strcmp(element, "state") == 0) {
		replace(&oval->test->state, attribute(names, values, "state_ref"));
	} else if (id && (g_str_has_suffix(element, "dpkginfo_object") || g_str_has_suffix(element, "rpminfo_object"))) {
		replace(&oval->object, id);
	} else if (id && (g_str_has_suffix(element, "dpkginfo_state") || g_str_has_suffix(element, "rpminfo_state"))) {
		replace(&oval->state, id);
	} else if (id && strcmp(element, "constant_variable") == 0) {
		replace(&oval->variable, id);
		g_hash_table_replace(oval->variables, g_strdup(id), g_ptr_array_new_with_free_func(g_free));
	} else if (oval->state && strcmp(element, "evr") == 0) {
		oval->is_less = g_strcmp0(attribute(names, values, "operation"), "less than") == 0;
	} else if (oval->object && strcmp(element, "name") == 0 && attribute(names, values, "var_ref")) {
		g_hash_table_replace(oval->objects, g_strdup(oval->object), g_strconcat("var:", attribute(names, values, "var_ref"), NULL));
	}
}

static void end_in_definition(Oval *oval, const char *element, const char *text)
{
	Definition *definition = oval->definition;
	if (strcmp(element, "title") == 0 && !definition->title)
		definition->title = g_strdup(text);
	else if (strcmp(element, "severity") == 0 && !definition->severity)
		definition->severity = g_strdup(text);
	else if (strcmp(element, "platform") == 0 && !definition->platform)
		definition->platform = g_strdup(text);
	else if (strcmp(element, "cve") == 0 && g_str_has_prefix(text, "CVE-"))
		g_ptr_array_add(definition->cves, g_strdup(text));
}

static void on_end(GMarkupParseContext *markup, const char *element_name, gpointer user_data, GError **error)
{
	Oval *oval = user_data;
	const char *element = local(element_name);
	const char *text = g_strstrip(oval->text->str);
	if (strcmp(element, "definition") == 0) {
		oval->definition = NULL;
	} else if (oval->definition) {
		end_in_definition(oval, element, text);
	} else if (g_str_has_suffix(element, "_test")) {
		oval->test = NULL;
	} else if (g_str_has_suffix(element, "_object")) {
		g_clear_pointer(&oval->object, g_free);
	} else if (g_str_has_suffix(element, "_state")) {
		g_clear_pointer(&oval->state, g_free);
	} else if (strcmp(element, "constant_variable") == 0) {
		g_clear_pointer(&oval->variable, g_free);
	} else if (oval->object && strcmp(element, "name") == 0 && *text) {
		g_hash_table_replace(oval->objects, g_strdup(oval->object), g_strdup(text));
	} else if (oval->state && strcmp(element, "evr") == 0 && oval->is_less && *text) {
		g_hash_table_replace(oval->states, g_strdup(oval->state), g_strdup(text));
	} else if (oval->variable && strcmp(element, "value") == 0 && *text) {
		g_ptr_array_add(g_hash_table_lookup(oval->variables, oval->variable), g_strdup(text));
	}
	g_string_truncate(oval->text, 0);
}

static void on_text(GMarkupParseContext *markup, const char *text, gsize length, gpointer user_data, GError **error)
{
	Oval *oval = user_data;
	if (oval->text->len + length <= TEXT_MAX_BYTES)
		g_string_append_len(oval->text, text, (gssize)length);
}

/* "Ubuntu 24.04 LTS", "Red Hat Enterprise Linux 9", "Debian GNU/Linux 12", "Oracle Linux 9", "openSUSE Leap 15.5", "SUSE Linux Enterprise Server 15 SP5". */
static char *ecosystem_of(const char *platform)
{
	static const struct {
		const char *prefix, *ecosystem;
	} platforms[] = { { "Ubuntu ", "Ubuntu" }, { "Red Hat Enterprise Linux ", "Red Hat" }, { "Debian GNU/Linux ", "Debian" }, { "Oracle Linux ", "Oracle" },
		          { "openSUSE Leap ", "openSUSE" }, { "AlmaLinux ", "AlmaLinux" }, { "Rocky Linux ", "Rocky Linux" }, { "SUSE Linux Enterprise Server ", "SUSE" } };
	for (gsize i = 0; platform && i < G_N_ELEMENTS(platforms); i++) {
		if (!g_str_has_prefix(platform, platforms[i].prefix))
			continue;
		const char *version = platform + strlen(platforms[i].prefix), *pack = strstr(version, " SP");
		g_autofree char *number = g_strndup(version, strcspn(version, " "));
		if (!g_ascii_isdigit(*number))
			return NULL;
		return g_strdup_printf("%s:%s%s%s", platforms[i].ecosystem, number, pack ? "." : "", pack ? pack + 3 : "");
	}
	return NULL;
}

static void add_affected(KilnAdvisory *advisory, const char *ecosystem, const char *package, const char *fixed, const char *evidence)
{
	KilnAffected *affected = kiln_advisory_add_affected(advisory, ecosystem, package, KILN_VERDICT_AFFECTED);
	GArray *range = kiln_affected_add_range(affected);
	kiln_advisory_add_event(range, KILN_VERSION_INTRODUCED, "0");
	if (fixed)
		/* "0:1.2-3" is how OVAL writes it without an epoch. */
		kiln_advisory_add_event(range, KILN_VERSION_FIXED, g_str_has_prefix(fixed, "0:") ? fixed + 2 : fixed);
	affected->evidence = g_strdup(evidence);
}

/* Ubuntu's comments begin with the source package: "openssl package in noble was vulnerable but has been fixed (note: ...)". */
static char *source_of(const char *comment)
{
	const char *found = strstr(comment, " package in ");
	return found && !memchr(comment, ' ', (gsize)(found - comment)) ? g_strndup(comment, (gsize)(found - comment)) : NULL;
}

static void resolve_test(const Oval *oval, const Definition *definition, guint index, const char *ecosystem, KilnAdvisory *advisory)
{
	const Test *test = g_hash_table_lookup(oval->tests, definition->tests->pdata[index]);
	const char *comment = definition->comments->pdata[index];
	const char *object = test && test->object ? g_hash_table_lookup(oval->objects, test->object) : NULL;
	const char *fixed = test && test->state ? g_hash_table_lookup(oval->states, test->state) : NULL;
	g_autofree char *source = source_of(comment);
	/* A state that is no "less than" asks for something else: a signing key, an architecture, that the package is there. */
	if (!object || (test->state && !fixed))
		return;
	if (!test->state && !strstr(comment, "vulnerable") && !strstr(comment, "affected"))
		return;
	const GPtrArray *names = g_str_has_prefix(object, "var:") ? g_hash_table_lookup(oval->variables, object + strlen("var:")) : NULL;
	if (source || !names) {
		add_affected(advisory, ecosystem, source ? source : object, fixed, comment);
		return;
	}
	for (guint i = 0; i < names->len; i++)
		add_affected(advisory, ecosystem, names->pdata[i], fixed, comment);
}

static void add_severity(const Definition *definition, KilnAdvisory *advisory)
{
	static const struct {
		const char *word;
		KilnSeverity severity;
	} words[] = { { "negligible", KILN_SEVERITY_LOW }, { "low", KILN_SEVERITY_LOW }, { "medium", KILN_SEVERITY_MEDIUM }, { "moderate", KILN_SEVERITY_MEDIUM },
		      { "important", KILN_SEVERITY_HIGH }, { "high", KILN_SEVERITY_HIGH }, { "critical", KILN_SEVERITY_CRITICAL } };
	for (gsize i = 0; definition->severity && i < G_N_ELEMENTS(words); i++)
		if (g_ascii_strcasecmp(definition->severity, words[i].word) == 0)
			kiln_advisory_add_severity(advisory->severities, "vendor", NULL, words[i].severity, 0);
}

static gboolean resolve(const Oval *oval, const Definition *definition, GError **error)
{
	g_autofree char *ecosystem = ecosystem_of(definition->platform);
	if (!definition->tests->len && !definition->cves->len) /* an inventory of what is installed */
		return TRUE;
	if (!ecosystem || !definition->cves->len) {
		feed_skip(oval->context, oval->writer, oval->name, definition->id ? definition->id : "a definition", "%s",
		          ecosystem ? "it names no CVE" : "its platform is none that kiln knows");
		return TRUE;
	}
	g_autoptr(KilnAdvisory) advisory = kiln_advisory_new("oval", definition->cves->len == 1 ? definition->cves->pdata[0] : definition->id);
	for (guint i = 0; i < definition->cves->len; i++)
		if (strcmp(definition->cves->pdata[i], advisory->id) != 0)
			g_ptr_array_add(advisory->upstream, g_strdup(definition->cves->pdata[i]));
	advisory->summary = g_strdup(definition->title);
	add_severity(definition, advisory);
	for (guint i = 0; i < definition->tests->len; i++)
		resolve_test(oval, definition, i, ecosystem, advisory);
	return !advisory->affected->len || kiln_database_writer_add(oval->writer, advisory, error);
}

gboolean feed_oval_recognises(KilnText start)
{
	KilnText head = { start.data, MIN(start.length, 4096) };
	return head.length > 5 && (memcmp(head.data, "<?xml", 5) == 0 || head.data[0] == '<') && memmem(head.data, head.length, "oval_definitions", strlen("oval_definitions"));
}

char *feed_oval_source_name(const char *path)
{
	g_autofree char *base = g_path_get_basename(path);
	const char *end = strstr(base, ".xml");
	return g_strdup_printf("oval/%.*s", end ? (int)(end - base) : (int)strlen(base), base);
}

gboolean feed_oval_read(KilnText text, const char *name, const KilnContext *context, KilnDatabaseWriter *writer, GError **error)
{
	static const GMarkupParser parser = { on_start, on_end, on_text, NULL, NULL };
	Oval oval = { .context = context, .writer = writer, .name = name };
	oval.definitions = g_ptr_array_new_with_free_func(definition_free);
	oval.tests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, test_free);
	oval.objects = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	oval.states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	oval.variables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	oval.text = g_string_new(NULL);
	g_autoptr(GError) reason = NULL;
	g_autoptr(GMarkupParseContext) markup = g_markup_parse_context_new(&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &oval, NULL);
	gboolean ok = g_markup_parse_context_parse(markup, text.data, (gssize)text.length, &reason) && g_markup_parse_context_end_parse(markup, &reason);
	if (!ok)
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: %s", name, reason->message);
	for (guint i = 0; ok && i < oval.definitions->len; i++)
		ok = resolve(&oval, oval.definitions->pdata[i], error);
	g_ptr_array_unref(oval.definitions);
	g_hash_table_unref(oval.tests);
	g_hash_table_unref(oval.objects);
	g_hash_table_unref(oval.states);
	g_hash_table_unref(oval.variables);
	g_string_free(oval.text, TRUE);
	g_free(oval.object);
	g_free(oval.state);
	g_free(oval.variable);
	return ok;
}
