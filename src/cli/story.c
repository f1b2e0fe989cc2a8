/* SPDX-License-Identifier: Apache-2.0 */
/* story.c: who says what of a vulnerability, where its package came in, which files carry it, whether they are reachable, what removes it. */
#include "cli/story.h"

#include "base/clock.h"
#include "build/reason.h"
#include "cli/exit.h"
#include "cli/render.h"
#include "cli/scanning.h"

#include <stdio.h>
#include <string.h>

#define FILES_SHOWN 8

gboolean kiln_story_is_name(const char *word)
{
	gsize letters = 0;
	while (g_ascii_isupper(word[letters]) || (letters && g_ascii_isdigit(word[letters])))
		letters++;
	return letters >= 2 && word[letters] == '-' && word[letters + 1] && !strchr(word, '/') && !strchr(word, '.');
}

/* One finding, and what belongs to its story. */
typedef struct {
	const KilnSubject *subject;
	const KilnFinding *finding;
	const KilnInventoryPackage *package;
	GPtrArray *files;     /* const KilnImageFile * of the package */
	guint layers;         /* bits of the first 32 layers that they are in */
	const KilnReason *root; /* why any of them is there; NULL: no reasons */
	guint reachable, known; /* files that something which starts needs; files with a reason */
	GPtrArray *siblings;  /* const char *: packages of the same source in the image, which move together */
} Story;

/* An entry point, or what a person named, is the end of its chain; a file that only its package's being asked for keeps is not known to be used. */
static gboolean is_reached(const KilnReasons *reasons, const KilnReason *reason)
{
	const KilnReason *root = kiln_reasons_root(reasons, reason);
	return strcmp(root->rule, "requested") != 0 && strcmp(root->rule, "licence") != 0;
}

static void gather(Story *story)
{
	const KilnInventory *inventory = story->subject->inventory;
	const KilnReasons *reasons = story->subject->reasons;
	story->files = g_ptr_array_new();
	story->siblings = g_ptr_array_new();
	for (guint i = 0; i < inventory->files->len; i++) {
		const KilnInventoryFile *entry = &inventory->entries[i];
		if (entry->package != (gint)story->finding->package)
			continue;
		g_ptr_array_add(story->files, (gpointer)entry->file);
		story->layers |= entry->file->layer < 32 ? 1U << entry->file->layer : 0;
		const KilnReason *reason = reasons ? kiln_reasons_find(reasons, entry->file->path) : NULL;
		if (!reason || !reason->kept)
			continue;
		story->known++;
		story->reachable += is_reached(reasons, reason);
		if (!story->root && is_reached(reasons, reason))
			story->root = reason;
	}
	for (guint i = 0; i < inventory->packages->len; i++) {
		const KilnInventoryPackage *other = inventory->packages->pdata[i];
		if (other->identity.source_name && g_strcmp0(other->identity.source_name, story->package->identity.source_name) == 0)
			g_ptr_array_add(story->siblings, other->identity.name);
	}
}

static void story_clear(Story *story)
{
	g_clear_pointer(&story->files, g_ptr_array_unref);
	g_clear_pointer(&story->siblings, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Story, story_clear)

static void G_GNUC_PRINTF(2, 3) fact(const char *label, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	g_autofree char *text = g_strdup_vprintf(format, arguments), *shown = kiln_printable(text, FALSE);
	va_end(arguments);
	printf("  %-13s %s\n", label, shown);
}

static void print_severity(const KilnFinding *finding)
{
	char time[KILN_TIME_TEXT_MAX];
	const KilnExploitation *known = &finding->exploitation;
	if (finding->vector)
		fact("severity", "%s, %u.%u, as %s says: %s", kiln_severity_name(finding->severity), finding->score_tenths / 10, finding->score_tenths % 10, finding->severity_source, finding->vector);
	else
		fact("severity", "%s%s%s", kiln_severity_name(finding->severity), finding->severity_source ? ", as says " : "; nobody says", finding->severity_source ? finding->severity_source : "");
	if (known->exploited)
		fact("exploited", "yes, known to CISA since %.10s%s", kiln_time_print(known->exploited_since_unix_s, time), known->ransomware ? "; ransomware uses it" : "");
	if (finding->ssvc.is_known)
		fact("SSVC", "%s: exploitation %s, %s, technical impact %s (%s)", kiln_ssvc_decision_name(finding->decision), kiln_ssvc_exploitation_name(finding->ssvc.exploitation),
		     finding->ssvc.automatable ? "automatable" : "not automatable", finding->ssvc.total ? "total" : "partial", finding->ssvc.source);
	if (known->has_epss)
		fact("EPSS", "%u.%02u %% within 30 days, more than %u.%u %% of all", known->epss_millionths / 10000, known->epss_millionths / 100 % 100, known->epss_percentile_millionths / 10000,
		     known->epss_percentile_millionths / 1000 % 10);
}

static void print_opinions(const KilnFinding *finding)
{
	for (guint i = 0; i < finding->opinions->len; i++) {
		const KilnOpinion *opinion = finding->opinions->pdata[i];
		fact(i ? "" : "who says it", "%s, record %s: %s%s%s%s%s", opinion->source, opinion->record, kiln_verdict_name(opinion->verdict), opinion->fixed ? ", fixed in " : "",
		     opinion->fixed ? opinion->fixed : "", opinion->evidence ? "; " : "", opinion->evidence ? opinion->evidence : "");
	}
	if (finding->split)
		fact("they differ", "%s", finding->split);
}

static char *layers_text(guint layers)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < 32; i++)
		if (layers & (1U << i))
			g_string_append_printf(text, "%s%u", text->len ? ", " : "", i + 1);
	return g_string_free(text, FALSE);
}

static void print_files(const Story *story)
{
	for (guint i = 0; i < MIN(story->files->len, FILES_SHOWN); i++)
		fact(i ? "" : "files", "/%s", ((const KilnImageFile *)story->files->pdata[i])->path);
	if (story->files->len > FILES_SHOWN)
		fact("", "and %u more", story->files->len - FILES_SHOWN);
	if (!story->files->len)
		fact("files", "none of it is known to be in the image");
}

static const char *reach_of(const Story *story)
{
	if (!story->files->len)
		return "component_not_present";
	if (!story->subject->reasons || story->known < story->files->len)
		return NULL;
	return story->reachable ? NULL : "vulnerable_code_not_in_execute_path";
}

static void print_reach(const Story *story)
{
	const KilnReasons *reasons = story->subject->reasons;
	if (!reasons)
		fact("reachable", "cannot be told: the image carries no reasons of its files");
	else if (story->root)
		fact("reachable", "yes: /%s is there because of /%s (%s)", story->root->path, kiln_reasons_root(reasons, story->root)->path, kiln_reasons_root(reasons, story->root)->rule);
	else
		fact("reachable", "nothing that starts is known to need %s of its %u files", story->known == story->files->len ? "any" : "those that are known", story->files->len);
	if (reach_of(story))
		fact("proposed", "not_affected, %s; kiln vex add writes that, and nobody does it unasked", reach_of(story));
}

static void print_change(const Story *story)
{
	const KilnFinding *finding = story->finding;
	const KilnPackage *package = &story->package->identity;
	if (!finding->fixed) {
		fact("what to do", "no version mends it");
		return;
	}
	fact("what to do", "%s %s to %s", package->source_name ? package->source_name : package->name, package->source_version ? package->source_version : package->version, finding->fixed);
	if (story->siblings->len > 1) {
		g_autoptr(GString) names = g_string_new(NULL);
		for (guint i = 0; i < story->siblings->len; i++)
			g_string_append_printf(names, "%s%s", i ? ", " : "", (const char *)story->siblings->pdata[i]);
		fact("moves", "%s", names->str);
	}
	if (story->subject->reasons)
		fact("", "kiln lock --update takes it as soon as the recipe's archive has it");
}

static void print_story(const Story *story)
{
	const KilnFinding *finding = story->finding;
	const KilnPackage *package = &story->package->identity;
	const KilnReasonPackage *built = NULL;
	g_autofree char *layers = layers_text(story->layers), *title = kiln_printable(finding->summary ? finding->summary : "", FALSE);
	printf("%s%s%s\n", finding->id, *title ? ": " : "", title);
	print_severity(finding);
	fact("package", "%s %s%s%s%s%s", package->name, package->version, package->source_name ? " of source " : "", package->source_name ? package->source_name : "", *layers ? ", in layer " : "", layers);
	fact("known from", "/%s", story->package->database);
	for (guint i = 0; story->subject->reasons && i < story->subject->reasons->package_count; i++)
		if (strcmp(story->subject->reasons->packages[i].name, package->name) == 0)
			built = &story->subject->reasons->packages[i];
	if (built && built->suite)
		fact("from", "%s of %s%s", built->suite->suite ? built->suite->suite : "?", built->suite->archive ? built->suite->archive : "?", built->requested ? "; the recipe asks for it" : "");
	print_files(story);
	print_opinions(finding);
	print_reach(story);
	print_change(story);
	if (finding->suppressed_by)
		fact("suppressed", "by %s: %s", finding->suppressed_by, finding->suppressed_because);
}

static json_t *story_json(const Story *story)
{
	const KilnFinding *finding = story->finding;
	const KilnPackage *package = &story->package->identity;
	g_autofree char *purl = kiln_package_purl(package);
	json_t *object = json_object(), *files = json_array(), *opinions = json_array(), *moves = json_array();
	kiln_json_set_string(object, "vulnerability", finding->id);
	kiln_json_set_string(object, "purl", purl);
	kiln_json_set_string(object, "database", story->package->database);
	kiln_json_set_string(object, "severity", kiln_severity_name(finding->severity));
	kiln_json_set_string(object, "severity-source", finding->severity_source);
	kiln_json_set_string(object, "fixed", finding->fixed);
	kiln_json_set_string(object, "split", finding->split);
	kiln_json_set_string(object, "reachable", !story->subject->reasons ? "unknown" : story->root ? "yes" : "not known to be");
	kiln_json_set_string(object, "proposed-justification", reach_of(story));
	kiln_json_set_string(object, "suppressed-by", finding->suppressed_by);
	for (guint i = 0; i < story->files->len; i++)
		json_array_append_new(files, json_string(((const KilnImageFile *)story->files->pdata[i])->path));
	for (guint i = 0; i < finding->opinions->len; i++) {
		const KilnOpinion *opinion = finding->opinions->pdata[i];
		json_t *said = json_pack("{s:s, s:s, s:s}", "source", opinion->source, "record", opinion->record, "verdict", kiln_verdict_name(opinion->verdict));
		kiln_json_set_string(said, "fixed", opinion->fixed);
		kiln_json_set_string(said, "evidence", opinion->evidence);
		json_array_append_new(opinions, said);
	}
	for (guint i = 0; i < story->siblings->len; i++)
		json_array_append_new(moves, json_string(story->siblings->pdata[i]));
	json_object_set_new(object, "files", files);
	json_object_set_new(object, "opinions", opinions);
	json_object_set_new(object, "moves", moves);
	return object;
}

static guint tell(KilnInvocation *invocation, const KilnSubject *subject, const KilnScanResult *result, const char *name)
{
	const GPtrArray *const lists[] = { result->findings, result->suppressed };
	g_autoptr(json_t) stories = json_array();
	guint count = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		for (guint j = 0; j < lists[i]->len; j++) {
			const KilnFinding *finding = lists[i]->pdata[j];
			if (!kiln_finding_is_named(finding, name))
				continue;
			g_auto(Story) story = { .subject = subject, .finding = finding, .package = subject->inventory->packages->pdata[finding->package] };
			gather(&story);
			if (!invocation->json && count++)
				putchar('\n');
			if (!invocation->json)
				print_story(&story);
			else
				json_array_append_new(stories, story_json(&story));
			count += invocation->json;
		}
	if (invocation->json)
		kiln_print_json(stories);
	return count;
}

int kiln_story_run(KilnInvocation *invocation, const char *reference, const char *name, GError **error)
{
	int code = KILN_EXIT_ERROR;
	g_autoptr(KilnDatabase) database = kiln_scanning_database(invocation, &code, error);
	g_autoptr(KilnVex) vex = database ? kiln_scanning_statements(invocation, error) : NULL;
	g_autoptr(KilnSubject) subject = vex ? kiln_subject_open(invocation, reference, error) : NULL;
	g_autoptr(GPtrArray) imports = subject ? kiln_scanning_imports(invocation, error) : NULL;
	g_autoptr(KilnScanResult) result = imports ? kiln_scanning_run(invocation, reference, subject, database, vex, imports, error) : NULL;
	if (!result)
		return code;
	kiln_output_begin(invocation);
	if (tell(invocation, subject, result, name))
		return KILN_EXIT_FINDINGS;
	if (!invocation->json) {
		printf("nothing is found of %s in %s%s\n", name, reference, result->untold->len ? ", but not all could be told:" : "");
		for (guint i = 0; i < result->untold->len; i++)
			printf("  %s\n", ((const KilnUntold *)result->untold->pdata[i])->what);
	}
	return result->untold->len ? KILN_EXIT_CANNOT_TELL : KILN_EXIT_CLEAN;
}
