/* SPDX-License-Identifier: Apache-2.0 */
/* scanning.c: ask the database about an image, with statements applied. */
#include "cli/scanning.h"

#include "base/clock.h"
#include "base/error.h"
#include "cli/database.h"
#include "cli/exit.h"

#include <string.h>
#include <unistd.h>

#define DAY_S (24 * 60 * 60)
#define MAX_AGE_DAYS 14
#define UNOWNED_MAX_PERCENT 10

const char *const kiln_mission_words[] = { "low", "medium", "high", NULL };

static KilnSsvcMission mission_of(const KilnInvocation *invocation)
{
	const char *word = kiln_option_string(invocation, "mission");
	return g_strcmp0(word, "low") == 0 ? KILN_SSVC_LOW : g_strcmp0(word, "high") == 0 ? KILN_SSVC_HIGH : KILN_SSVC_MEDIUM;
}

/* On another day other data are old, other statements have expired and other releases have ended. */
static gboolean set_day(KilnInvocation *invocation, GError **error)
{
	const char *day = kiln_option_string(invocation, "as-of");
	g_autofree char *time = !day ? NULL : strchr(day, 'T') ? g_strdup(day) : g_strconcat(day, "T00:00:00Z", NULL);
	g_autoptr(GError) reason = NULL;
	if (!time || kiln_time_parse(time, &invocation->context.now_unix_s, &reason))
		return TRUE;
	return kiln_fail(error, KILN_ERROR_SYNTAX, "--as-of %s: it must be a day, as 2026-05-31 is one", day);
}

KilnDatabase *kiln_scanning_database(KilnInvocation *invocation, int *code, GError **error)
{
	g_autofree char *path = kiln_database_path(invocation);
	g_autoptr(GError) reason = NULL;
	*code = KILN_EXIT_ERROR;
	if (!set_day(invocation, error))
		return NULL;
	KilnDatabase *database = kiln_database_open(path, &reason);
	if (!database && g_error_matches(reason, KILN_ERROR, KILN_ERROR_NOT_FOUND)) {
		kiln_context_notice(&invocation->context, "nothing can be told: %s", reason->message);
		*code = KILN_EXIT_CANNOT_TELL;
	} else if (!database) {
		g_propagate_error(error, g_steal_pointer(&reason));
	}
	return database;
}

KilnVex *kiln_scanning_statements(KilnInvocation *invocation, GError **error)
{
	static const char *const usual[] = { ".trivyignore", ".trivyignore.yaml", ".grype.yaml", "osv-scanner.toml" };
	const char *const *paths = kiln_option_list(invocation, "vex"), *const *ignores = kiln_option_list(invocation, "ignorefile");
	g_autoptr(KilnVex) vex = kiln_vex_new();
	for (; *paths; paths++)
		if (!kiln_vex_read(vex, *paths, error))
			return NULL;
	for (gsize i = 0; !*ignores && i < G_N_ELEMENTS(usual); i++) {
		if (access(usual[i], F_OK) != 0)
			continue;
		guint before = vex->statements->len;
		if (!kiln_vex_read_ignores(vex, usual[i], error))
			return NULL;
		if (vex->statements->len > before)
			kiln_context_notice(&invocation->context, "what %s names is ignored; --ignorefile /dev/null ignores nothing", usual[i]);
	}
	for (; *ignores; ignores++)
		if (!kiln_vex_read_ignores(vex, *ignores, error))
			return NULL;
	return g_steal_pointer(&vex);
}

GPtrArray *kiln_scanning_imports(const KilnInvocation *invocation, GError **error)
{
	g_autoptr(GPtrArray) imports = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_import_free);
	for (const char *const *path = kiln_option_list(invocation, "import"); *path; path++) {
		KilnImport *import = kiln_import_read(*path, error);
		if (!import)
			return NULL;
		g_ptr_array_add(imports, import);
	}
	return g_steal_pointer(&imports);
}

/* What others call the image by: its manifest, its configuration, the index that it is in. */
static char **digests_of(const KilnSubject *subject)
{
	char text[KILN_DIGEST_TEXT_MAX];
	g_autoptr(GStrvBuilder) digests = g_strv_builder_new();
	g_strv_builder_add(digests, kiln_digest_print(&subject->digest, text));
	if (subject->image && !subject->image->is_root) {
		g_strv_builder_add(digests, kiln_digest_print(&subject->image->manifest->config.digest, text));
		g_strv_builder_add(digests, kiln_digest_print(&subject->image->top.digest, text));
	}
	return g_strv_builder_end(digests);
}

KilnScanResult *kiln_scanning_match(KilnInvocation *invocation, const KilnSubject *subject, KilnDatabase *database, const GPtrArray *imports, GError **error)
{
	guint64 days = MAX_AGE_DAYS;
	kiln_option_number(invocation, "max-age", &days);
	g_auto(GStrv) digests = digests_of(subject);
	const KilnMatchOptions options = { invocation->context.now_unix_s, (gint64)MIN(days, 36500) * DAY_S, UNOWNED_MAX_PERCENT, mission_of(invocation), imports, (const char *const *)digests };
	return kiln_match(subject->inventory, database, &options, error);
}

void kiln_scanning_apply(const KilnInvocation *invocation, const char *reference, const KilnSubject *subject, KilnVex *vex, KilnScanResult *result)
{
	const KilnVexSubject about = { reference, subject->digest, subject->inventory, invocation->context.now_unix_s };
	kiln_vex_apply(vex, &about, result);
}

KilnScanResult *kiln_scanning_run(KilnInvocation *invocation, const char *reference, const KilnSubject *subject, KilnDatabase *database, KilnVex *vex, const GPtrArray *imports, GError **error)
{
	KilnScanResult *result = kiln_scanning_match(invocation, subject, database, imports, error);
	if (result && vex)
		kiln_scanning_apply(invocation, reference, subject, vex, result);
	return result;
}
