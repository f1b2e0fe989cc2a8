/* SPDX-License-Identifier: Apache-2.0 */
/* match_import.c: reports of other scanners that are about something else, and findings that one side alone has. */
#include "vuln/match_import.h"

#include "vuln/untold.h"

#include <string.h>

#define CLAIMS_SHOWN 20

gboolean match_import_check(const KilnMatchOptions *options, GPtrArray *untold, GError **error)
{
	static const char *const none[] = { NULL };
	for (guint i = 0; options->imports && i < options->imports->len; i++) {
		const KilnImport *import = options->imports->pdata[i];
		gboolean says;
		if (!kiln_import_is_about(import, options->digests ? options->digests : none, &says, error))
			return FALSE;
		if (!says)
			untold_add(untold, "import", g_strdup_printf("whether %s is about this image: it names no digest", import->path));
		if (import->nameless)
			untold_add(untold, "import", g_strdup_printf("%u vulnerabilities in %s: which packages they are of it does not say", import->nameless, import->path));
	}
	return TRUE;
}

static void tell_unused(const KilnImport *import, GPtrArray *untold)
{
	guint count = 0;
	for (guint i = 0; i < import->claims->len; i++) {
		const KilnImportClaim *claim = import->claims->pdata[i];
		if (claim->is_used || claim->verdict <= KILN_VERDICT_FIXED || count++ >= CLAIMS_SHOWN)
			continue;
		untold_add(untold, "import", g_strdup_printf("%s of %s %s, which %s names and the image does not seem to have", (const char *)claim->names->pdata[0],
		                                             claim->package ? claim->package : claim->purl, claim->version ? claim->version : "", import->path));
	}
	if (count > CLAIMS_SHOWN)
		untold_add(untold, "import", g_strdup_printf("%u more that %s names", count - CLAIMS_SHOWN, import->path));
}

static gboolean has_opinion(const KilnFinding *finding, const char *source)
{
	for (guint i = 0; i < finding->opinions->len; i++)
		if (strcmp(((const KilnOpinion *)finding->opinions->pdata[i])->source, source) == 0)
			return TRUE;
	return FALSE;
}

/* Who looked into the same image and says nothing of it. */
static void judge_finding(const GPtrArray *imports, KilnFinding *finding)
{
	guint imported = 0;
	g_autoptr(GString) silent = g_string_new(NULL);
	for (guint i = 0; i < imports->len; i++) {
		const KilnImport *import = imports->pdata[i];
		if (has_opinion(finding, import->source))
			imported++;
		else
			g_string_append_printf(silent, "%s%s", silent->len ? ", " : "", import->source);
	}
	if (imported && imported == finding->opinions->len)
		g_string_append_printf(silent, "%sthe database", silent->len ? ", " : "");
	if (!silent->len)
		return;
	g_autofree char *before = finding->split;
	finding->split = g_strdup_printf("%s%sunknown to %s", before ? before : "", before ? "; " : "", silent->str);
}

void match_import_judge(const KilnMatchOptions *options, KilnScanResult *result)
{
	if (!options->imports || !options->imports->len)
		return;
	for (guint i = 0; i < options->imports->len; i++)
		tell_unused(options->imports->pdata[i], result->untold);
	for (guint i = 0; i < result->findings->len; i++)
		judge_finding(options->imports, result->findings->pdata[i]);
}
