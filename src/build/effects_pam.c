/* SPDX-License-Identifier: Apache-2.0 */
/* effects_pam.c: /etc/pam.d/common-* as pam-auth-update makes them on a fresh system. Source: pam-auth-update(8) and its specification. */
#include "build/effects_internal.h"

#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

#define PROFILES "usr/share/pam-configs"
#define PRIMARY "# here are the per-package modules (the \"Primary\" block)"
#define FALLBACK "# here's the fallback if no module succeeds"
#define ADDITIONAL "# and here are more per-package modules (the \"Additional\" block)"
#define END "# end of pam-auth-update config"

typedef struct {
	char *name;
	GHashTable *fields; /* "Auth-Initial" -> lines joined by newlines */
	long priority;
} Profile;

static void profile_free(gpointer data)
{
	Profile *profile = data;
	g_free(profile->name);
	g_hash_table_unref(profile->fields);
	g_free(profile);
}

static const char *field(const Profile *profile, const char *section, const char *suffix)
{
	g_autofree char *key = g_strconcat(section, suffix, NULL);
	const char *value = g_hash_table_lookup(profile->fields, key);
	return value ? value : "";
}

static void add_field(Profile *profile, const char *name, const char *text)
{
	const char *before = g_hash_table_lookup(profile->fields, name);
	g_hash_table_replace(profile->fields, g_strdup(name), before && *before ? g_strconcat(before, "\n", text, NULL) : g_strdup(text));
}

/* "Name: value", and lines that belong to the name above them. "Auth-Final" is an old word for "Auth". */
static Profile *parse_profile(const char *name, const char *text)
{
	Profile *profile = g_new0(Profile, 1);
	g_autofree char *current = NULL;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	profile->name = g_strdup(name);
	profile->fields = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	for (char **line = lines; *line; line++) {
		char *colon = g_ascii_isspace((*line)[0]) ? NULL : strchr(*line, ':');
		if (colon) {
			*colon = '\0';
			g_free(current);
			current = g_str_has_suffix(*line, "-Final") ? g_strndup(*line, strlen(*line) - strlen("-Final")) : g_strdup(*line);
			g_hash_table_replace(profile->fields, g_strdup(current), g_strdup(""));
		}
		const char *value = g_strstrip(colon ? colon + 1 : *line);
		if (current && *value)
			add_field(profile, current, value);
	}
	profile->priority = strtol(field(profile, "Priority", ""), NULL, 10);
	return profile;
}

static gint by_priority(gconstpointer a, gconstpointer b)
{
	const Profile *first = *(Profile *const *)a, *second = *(Profile *const *)b;
	return first->priority != second->priority ? (first->priority < second->priority ? 1 : -1) : -strcmp(first->name, second->name);
}

static gboolean conflicts(const Profile *profile, const char *name)
{
	g_auto(GStrv) names = g_strsplit_set(field(profile, "Conflicts", ""), ", ", -1);
	return g_strv_contains((const char *const *)names, name);
}

/* Those that are on by default, the highest priority first; of two that conflict the lower goes. */
static GPtrArray *read_profiles(const KilnClosure *closure, GError **error)
{
	g_autoptr(GPtrArray) profiles = g_ptr_array_new_with_free_func(profile_free);
	const GPtrArray *files = kiln_closure_children(closure, PROFILES);
	for (guint i = 0; files && i < files->len; i++) {
		const char *path = ((const KilnNode *)files->pdata[i])->path;
		g_autofree char *text = NULL;
		if (!effects_read_text(closure, path, &text, error))
			return NULL;
		Profile *profile = text ? parse_profile(strrchr(path, '/') + 1, text) : NULL;
		if (profile && strcmp(field(profile, "Default", ""), "yes") == 0)
			g_ptr_array_add(profiles, profile);
		else if (profile)
			profile_free(profile);
	}
	g_ptr_array_sort(profiles, by_priority);
	for (guint i = 0; i < profiles->len; i++)
		for (guint j = profiles->len; j-- > i + 1;)
			if (conflicts(profiles->pdata[i], ((const Profile *)profiles->pdata[j])->name))
				g_ptr_array_remove_index(profiles, j);
	return g_steal_pointer(&profiles);
}

typedef struct {
	const char *file;    /* /etc/pam.d/common-FILE and /usr/share/pam/common-FILE */
	const char *section; /* of profiles */
	const char *type;    /* first word of lines */
} Kind;

static const Kind kinds[] = { { "auth", "Auth", "auth" }, { "account", "Account", "account" }, { "password", "Password", "password" },
	                      { "session", "Session", "session" }, { "session-noninteractive", "Session", "session" } };

static gboolean takes_part(const Profile *profile, const Kind *kind, const char *block)
{
	gboolean interactive_only = strcmp(field(profile, "Session-Interactive-Only", ""), "yes") == 0;
	return strcmp(field(profile, kind->section, "-Type"), block) == 0 && !(interactive_only && strcmp(kind->file, "session-noninteractive") == 0);
}

/* "[success=end default=ignore]\tpam_unix.so nullok": "end" is how many lines to jump over. */
static void append_line(GString *out, const Kind *kind, const char *line, guint jump)
{
	const char *control_end = line[0] == '[' ? strchr(line, ']') : NULL;
	gsize control = control_end ? (gsize)(control_end - line) + 1 : strcspn(line, " \t");
	gsize module = control + strspn(line + control, " \t");
	module += strcspn(line + module, " \t");
	g_autoptr(GString) head = g_string_new_len(line, (gssize)module);
	g_autofree char *number = g_strdup_printf("%u", jump);
	g_auto(GStrv) words = g_strsplit_set(line + module, " \t", -1);
	if (control_end)
		g_string_replace(head, "=end", "=\001", 0);
	g_string_replace(head, "\001", number, 0);
	g_string_append_printf(out, "%s\t%s ", kind->type, head->str);
	gboolean first = TRUE;
	for (char **word = words; *word; word++) {
		if (!**word)
			continue;
		g_string_append_printf(out, "%s%s", first ? "" : " ", *word);
		first = FALSE;
	}
	g_string_append_c(out, '\n');
}

static void append_block(GString *out, const GPtrArray *profiles, const Kind *kind, const char *block)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	gboolean primary = strcmp(block, "Primary") == 0, first = TRUE;
	for (guint i = 0; i < profiles->len; i++) {
		const Profile *profile = profiles->pdata[i];
		if (!takes_part(profile, kind, block))
			continue;
		const char *initial = field(profile, kind->section, "-Initial");
		g_auto(GStrv) text = g_strsplit(first && *initial ? initial : field(profile, kind->section, ""), "\n", -1);
		for (char **line = text; *line; line++)
			if (**line)
				g_ptr_array_add(lines, g_strdup(*line));
		first = FALSE;
	}
	if (primary && lines->len == 0)
		g_string_append_printf(out, "%s\t[default=1]\t\t\tpam_permit.so\n", kind->type);
	/* Behind the first block stands the fallback, which is jumped over too; behind the second nothing does. */
	for (guint i = 0; i < lines->len; i++)
		append_line(out, kind, lines->pdata[i], lines->len - i - (primary ? 0 : 1));
}

/* The template with its two blocks filled in; what stands between their marks goes. */
static char *fill_template(const char *text, const GPtrArray *profiles, const Kind *kind)
{
	GString *out = g_string_new(NULL);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	const char *until = NULL;
	for (char **line = lines; *line && (line[1] || **line); line++) {
		if (until && !g_str_has_prefix(*line, until))
			continue;
		until = NULL;
		g_string_append_printf(out, "%s\n", *line);
		if (g_str_has_prefix(*line, PRIMARY)) {
			append_block(out, profiles, kind, "Primary");
			until = FALLBACK;
		} else if (g_str_has_prefix(*line, ADDITIONAL)) {
			append_block(out, profiles, kind, "Additional");
			until = END;
		}
	}
	return g_string_free(out, FALSE);
}

gboolean effects_apply_pam(KilnClosure *closure, int package, GError **error)
{
	g_autoptr(GPtrArray) profiles = read_profiles(closure, error);
	for (gsize i = 0; profiles && i < G_N_ELEMENTS(kinds); i++) {
		g_autofree char *from = g_strconcat("/usr/share/pam/common-", kinds[i].file, NULL), *to = g_strconcat("/etc/pam.d/common-", kinds[i].file, NULL), *text = NULL;
		if (!effects_read_text(closure, from, &text, error))
			return FALSE;
		g_autofree char *filled = text ? fill_template(text, profiles, &kinds[i]) : NULL;
		if (filled)
			effects_make_text(closure, to, filled, strlen(filled), package);
	}
	return profiles != NULL;
}
