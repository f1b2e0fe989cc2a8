/* SPDX-License-Identifier: Apache-2.0 */
/* match.c: the packages of an inventory against the advisories of their ecosystems. */
#include "pkg/go_symbols.h"
#include "pkg/known_program.h"
#include "vuln/cpe.h"
#include "vuln/ecosystem.h"
#include "vuln/finding_internal.h"
#include "vuln/match_import.h"
#include "vuln/untold.h"

#include <string.h>

typedef struct {
	const KilnInventory *inventory;
	KilnDatabase *database;
	const KilnMatchOptions *options;
	KilnScanResult *result;
	GHashTable *asked; /* KilnDatabaseSource, borrowed, that speak of some package */
} Match;

void kiln_scan_result_free(KilnScanResult *result)
{
	if (!result)
		return;
	g_ptr_array_unref(result->findings);
	g_ptr_array_unref(result->suppressed);
	g_ptr_array_unref(result->untold);
	g_free(result);
}

/* The version that the record calls fixed, and that the present one has reached; NULL: nothing was ever wrong with it. */
static const char *reached_fix(const KilnAffected *affected, const KilnVersionOrder *order, KilnText version)
{
	for (guint i = 0; i < affected->ranges->len; i++) {
		const GArray *range = affected->ranges->pdata[i];
		for (guint j = 0; j < range->len; j++) {
			const KilnAdvisoryEvent *event = &g_array_index(range, KilnAdvisoryEvent, j);
			if (event->kind == KILN_VERSION_FIXED && order->compare(kiln_text(event->version), version) <= 0)
				return event->version;
		}
	}
	return NULL;
}

/* The record names the functions that are wrong, and the programs that have the module have none of them: the linker left them out. */
static gboolean lacks_symbols(const KilnAffected *affected, const KilnInventoryPackage *package)
{
	for (guint i = 0; package->symbols && i < affected->symbols->len; i++)
		if (go_symbols_has(package->symbols, go_symbols_hash(kiln_text(affected->symbols->pdata[i]))))
			return FALSE;
	return package->symbols && affected->symbols->len > 0;
}

/* NULL with *untold: a version is malformed, so that nobody can tell. */
static KilnOpinion *opinion_of(const KilnAdvisory *advisory, const KilnAffected *affected, const KilnInventoryPackage *package, const KilnVersionOrder *order, const char *version,
                               char **untold)
{
	g_autoptr(GError) reason = NULL;
	g_autofree char *fixed = NULL;
	gboolean inside = FALSE;
	if (!kiln_affected_contains(affected, order, kiln_text(version), &inside, &fixed, &reason)) {
		*untold = g_strdup_printf("%s of %s cannot be held against %s %s: %s", advisory->id, advisory->source, affected->name, version, reason->message);
		return NULL;
	}
	KilnOpinion *opinion = g_new0(KilnOpinion, 1);
	opinion->source = g_strdup(advisory->source);
	opinion->record = g_strdup(advisory->id);
	opinion->evidence = g_strdup(affected->evidence);
	opinion->modified_unix_s = MAX(advisory->modified_unix_s, advisory->published_unix_s);
	const char *reached = inside ? NULL : reached_fix(affected, order, kiln_text(version));
	opinion->verdict = inside ? affected->verdict : reached ? KILN_VERDICT_FIXED : KILN_VERDICT_NOT_AFFECTED;
	opinion->fixed = inside ? g_steal_pointer(&fixed) : g_strdup(reached);
	if (inside && lacks_symbols(affected, package)) {
		opinion->verdict = KILN_VERDICT_NOT_AFFECTED;
		g_free(opinion->evidence);
		opinion->evidence = g_strdup_printf("%s: of the functions that it names (%s%s) none is in the program", affected->evidence ? affected->evidence : "affected",
		                                    (const char *)affected->symbols->pdata[0], affected->symbols->len > 1 ? " ..." : "");
	}
	return opinion;
}

/* The finding that goes by one of the advisory's names; several that turn out to be one become one. */
static KilnFinding *finding_for(GPtrArray *found, const KilnAdvisory *advisory, guint package)
{
	KilnFinding *first = NULL;
	for (guint i = 0; i < found->len;) {
		KilnFinding *finding = found->pdata[i];
		gboolean shares = finding_shares_name(finding, advisory);
		if (shares && first) {
			finding_absorb(first, finding);
			g_ptr_array_remove_index(found, i);
			continue;
		}
		first = shares ? finding : first;
		i++;
	}
	if (!first) {
		first = finding_new(package);
		g_ptr_array_add(found, first);
	}
	finding_add_names(first, advisory);
	return first;
}

static void note_severities(KilnFinding *finding, const KilnAdvisory *advisory, const GPtrArray *severities)
{
	for (guint i = 0; i < severities->len; i++) {
		const KilnAdvisorySeverity *severity = severities->pdata[i];
		finding_note_severity(finding, advisory->source, severity->vector, severity->severity, severity->score_tenths);
	}
}

/* Bug fixes and enhancements have records, too. Source: errata of AlmaLinux, Rocky Linux, Red Hat and SUSE. */
static gboolean is_security(const KilnAdvisory *advisory)
{
	static const char *const others[] = { "ALBA-", "ALEA-", "RLBA-", "RLEA-", "RHBA-", "RHEA-", "SUSE-RU-", "SUSE-FU-", "SUSE-OU-", "openSUSE-RU-" };
	const GPtrArray *const names[] = { advisory->aliases, advisory->upstream };
	gboolean is_other = FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		is_other |= g_str_has_prefix(advisory->id, others[i]);
	for (gsize i = 0; is_other && i < G_N_ELEMENTS(names); i++)
		for (guint j = 0; j < names[i]->len; j++)
			is_other &= !g_str_has_prefix(names[i]->pdata[j], "CVE-");
	return !is_other;
}

/* A stream of a module, or the longer support of a minor release, is spoken of apart; who has not that one, is not meant. */
static gboolean is_meant(const KilnAffected *affected, const KilnPackage *package)
{
	return !affected->channel || g_strcmp0(affected->channel, package->module) == 0;
}

static void hear(Match *match, GPtrArray *found, const KilnAdvisory *advisory, const KilnVersionOrder *order, const char *version, guint package)
{
	const KilnPackage *identity = &((const KilnInventoryPackage *)match->inventory->packages->pdata[package])->identity;
	gboolean any = FALSE;
	for (guint i = 0; i < advisory->affected->len; i++)
		any |= is_meant(advisory->affected->pdata[i], identity);
	if (advisory->withdrawn_unix_s || !any || !is_security(advisory))
		return;
	KilnFinding *finding = finding_for(found, advisory, package);
	for (guint i = 0; i < advisory->affected->len; i++) {
		const KilnAffected *affected = advisory->affected->pdata[i];
		char *untold = NULL;
		if (!is_meant(affected, identity))
			continue;
		KilnOpinion *opinion = opinion_of(advisory, affected, match->inventory->packages->pdata[package], order, version, &untold);
		if (opinion)
			g_ptr_array_add(finding->opinions, opinion);
		else
			untold_add(match->result->untold, "malformed-version", untold);
		note_severities(finding, advisory, affected->severities);
	}
	note_severities(finding, advisory, advisory->severities);
	if (!finding->summary)
		finding->summary = g_strdup(advisory->summary);
}

/* What other ecosystems' records of the same vulnerability say about its severity, and whether it is exploited. */
static gboolean look_up_names(Match *match, KilnFinding *finding, GError **error)
{
	g_autoptr(GPtrArray) records = NULL;
	if (!kiln_database_find(match->database, finding->id, &records, error) ||
	    !kiln_database_exploitation(match->database, finding->id, &finding->exploitation, error))
		return FALSE;
	for (guint i = 0; i < records->len; i++) {
		const KilnAdvisory *record = records->pdata[i];
		if (record->withdrawn_unix_s)
			continue;
		note_severities(finding, record, record->severities);
		if (!finding->summary)
			finding->summary = g_strdup(record->summary);
		if (record->ssvc)
			(void)kiln_ssvc_parse(record->ssvc, &finding->ssvc);
	}
	if (!finding->ssvc.is_known)
		finding->ssvc = kiln_ssvc_compute(finding->vector, finding->exploitation.exploited);
	if (finding->exploitation.exploited) /* which CISA's other list may not know yet */
		finding->ssvc.exploitation = KILN_SSVC_ACTIVE;
	finding->decision = kiln_ssvc_decide(&finding->ssvc, match->options->mission);
	return TRUE;
}

/* The worst that anybody says; where that is that nobody knows yet, nothing can be told. */
static KilnVerdict worst_of(const KilnFinding *finding)
{
	KilnVerdict worst = KILN_VERDICT_NOT_AFFECTED;
	for (guint i = 0; i < finding->opinions->len; i++)
		worst = MAX(worst, ((KilnOpinion *)finding->opinions->pdata[i])->verdict);
	return worst;
}

static void note_investigation(Match *match, const KilnFinding *finding, const char *package)
{
	const KilnOpinion *first = finding->opinions->pdata[0];
	untold_add(match->result->untold, "under-investigation",
	           g_strdup_printf("%s: %s", package, finding->summary ? finding->summary : first->record));
}

/* What all advisories of one ecosystem about @name say of that version. */
static gboolean hear_all(Match *match, GPtrArray *found, guint index, const char *ecosystem_name, const char *name, const KilnVersionOrder *order, const char *version, GError **error)
{
	g_autoptr(GPtrArray) advisories = NULL;
	if (!kiln_database_lookup(match->database, ecosystem_name, name, &advisories, error))
		return FALSE;
	for (guint i = 0; i < advisories->len; i++)
		hear(match, found, advisories->pdata[i], order, version, index);
	return TRUE;
}

/* What other scanners say of the package, under whatever name they have for the vulnerability. */
static void hear_imports(Match *match, GPtrArray *found, guint index, const KilnVersionOrder *order)
{
	const KilnPackage *package = &((const KilnInventoryPackage *)match->inventory->packages->pdata[index])->identity;
	for (guint i = 0; match->options->imports && i < match->options->imports->len; i++) {
		const KilnImport *import = match->options->imports->pdata[i];
		for (guint j = 0; j < import->claims->len; j++) {
			KilnImportClaim *claim = import->claims->pdata[j];
			if (!kiln_import_claim_is_of(claim, package))
				continue;
			claim->is_used = TRUE;
			g_autoptr(KilnAdvisory) names = kiln_advisory_new(import->source, claim->names->pdata[0]);
			for (guint k = 1; k < claim->names->len; k++)
				g_ptr_array_add(names->aliases, g_strdup(claim->names->pdata[k]));
			KilnFinding *finding = finding_for(found, names, index);
			KilnOpinion *opinion = g_new0(KilnOpinion, 1);
			*opinion = (KilnOpinion){ g_strdup(import->source), g_strdup(claim->names->pdata[0]), claim->verdict, kiln_import_claim_fixed(claim, order, package->version),
				                  g_strdup_printf("%s: %s", import->path, claim->evidence), import->made_unix_s };
			g_ptr_array_add(finding->opinions, opinion);
			finding_note_severity(finding, claim->severity_source, claim->vector, claim->severity, 0);
			if (!finding->summary)
				finding->summary = g_strdup(claim->summary);
		}
	}
}

/* What was heard becomes findings of the result, or is dropped where nobody says that it is bad. */
static gboolean conclude(Match *match, GPtrArray *found, const char *name, const KilnVersionOrder *order, KilnConfidence confidence, GError **error)
{
	for (guint i = 0; i < found->len; i++) {
		KilnFinding *finding = found->pdata[i];
		KilnVerdict worst = worst_of(finding);
		if (worst == KILN_VERDICT_UNDER_INVESTIGATION)
			note_investigation(match, finding, name);
		if (worst <= KILN_VERDICT_UNDER_INVESTIGATION)
			continue;
		finding->confidence = confidence;
		finding_finish(finding, order);
		if (!look_up_names(match, finding, error))
			return FALSE;
		found->pdata[i] = NULL;
		g_ptr_array_add(match->result->findings, finding);
	}
	return TRUE;
}

static gboolean match_package(Match *match, guint index, const char *ecosystem_name, const KilnEcosystem *ecosystem, GError **error)
{
	const KilnInventoryPackage *found_package = match->inventory->packages->pdata[index];
	const KilnPackage *package = &found_package->identity;
	const KilnVersionOrder *order = kiln_version_order(ecosystem->order);
	const char *version = ecosystem->by_source ? package->source_version : package->version;
	g_autofree char *name = ecosystem->by_source ? g_strdup(package->source_name) : ecosystem->normalise ? ecosystem->normalise(package->name) : g_strdup(package->name);
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(finding_free);
	if (!hear_all(match, found, index, ecosystem_name, name, order, version, error))
		return FALSE;
	match->result->judged++;
	hear_imports(match, found, index, order);
	return conclude(match, found, name, order, found_package->confidence, error);
}

/* What needs an answer first: exploited, then by SSVC, by severity, by EPSS, by score, with a fix, and by name. docs/scan.md says it. */
static gint by_priority(gconstpointer a, gconstpointer b)
{
	const KilnFinding *first = *(KilnFinding *const *)a, *second = *(KilnFinding *const *)b;
	if (first->exploitation.exploited != second->exploitation.exploited)
		return first->exploitation.exploited ? -1 : 1;
	KilnSsvcDecision first_decision = MAX(first->decision, KILN_SSVC_TRACK), second_decision = MAX(second->decision, KILN_SSVC_TRACK);
	if (first_decision != second_decision)
		return first_decision > second_decision ? -1 : 1;
	if (first->severity != second->severity)
		return first->severity > second->severity ? -1 : 1;
	if (first->exploitation.epss_millionths != second->exploitation.epss_millionths)
		return first->exploitation.epss_millionths > second->exploitation.epss_millionths ? -1 : 1;
	if (first->score_tenths != second->score_tenths)
		return first->score_tenths > second->score_tenths ? -1 : 1;
	if (!first->fixed != !second->fixed)
		return first->fixed ? -1 : 1;
	int order = strcmp(first->id, second->id);
	return order ? order : (first->package > second->package) - (first->package < second->package);
}

/* A package of which no source of the database is asked: others may still have something to say. */
static gboolean match_imports(Match *match, guint index, GError **error)
{
	const KilnInventoryPackage *package = match->inventory->packages->pdata[index];
	const KilnEcosystem *ecosystem = kiln_ecosystem_of(&package->identity);
	const KilnVersionOrder *order = kiln_version_order(ecosystem ? ecosystem->order : "generic");
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(finding_free);
	hear_imports(match, found, index, order);
	return conclude(match, found, package->identity.name, order, package->confidence, error);
}

static gboolean ask_sources(Match *match, guint index, const char *name, const KilnEcosystem *ecosystem, GError **error)
{
	g_autoptr(GPtrArray) sources = kiln_database_covering(match->database, name, error);
	if (!sources)
		return FALSE;
	gboolean only_fixes = sources->len > 0;
	for (guint i = 0; i < sources->len; i++) {
		const KilnDatabaseSource *source = sources->pdata[i];
		only_fixes &= strcmp(source->reader, "changelog") == 0 || strcmp(source->reader, "secdb") == 0;
		g_hash_table_add(match->asked, (gpointer)source);
	}
	if (only_fixes)
		untold_add(match->result->untold, "unfixed", g_strdup_printf("vulnerabilities of %s that no version mends yet: its sources name only what is fixed", name));
	if (sources->len)
		return match_package(match, index, name, ecosystem, error);
	untold_add(match->result->untold, "no-feed", g_strdup_printf("packages of %s: no source in the database speaks of them", name));
	return match_imports(match, index, error);
}

/* A program known by its text goes by the names that NVD and Bitnami have for it; both mean its authors' versions. */
static gboolean match_program(Match *match, guint index, GError **error)
{
	const KilnInventoryPackage *package = match->inventory->packages->pdata[index];
	const KilnKnownProgram *row = kiln_known_program_find(package->identity.name);
	const struct {
		const char *ecosystem, *name;
	} known[] = { { CPE_ECOSYSTEM, row ? row->cpe : NULL }, { "Bitnami", row ? row->bitnami : NULL } };
	const KilnVersionOrder *order = kiln_version_order("generic");
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(finding_free);
	gboolean any = FALSE, ok = TRUE;
	for (gsize i = 0; ok && i < G_N_ELEMENTS(known); i++) {
		g_autoptr(GPtrArray) sources = known[i].name ? kiln_database_covering(match->database, known[i].ecosystem, error) : g_ptr_array_new();
		ok = sources && (!sources->len || hear_all(match, found, index, known[i].ecosystem, known[i].name, order, package->identity.version, error));
		any |= ok && sources->len;
		for (guint j = 0; ok && j < sources->len; j++)
			g_hash_table_add(match->asked, sources->pdata[j]);
	}
	if (ok && !any)
		untold_add(match->result->untold, "unknown-program", g_strdup_printf("%s %s, which no package brought (/%s): no source in the database speaks of it",
		                                                                     package->identity.name, package->identity.version, package->database));
	match->result->judged += any;
	hear_imports(match, found, index, order);
	return ok && conclude(match, found, package->identity.name, order, KILN_CONFIDENCE_LOW, error);
}

/* Why no source of the database is asked of a package; NULL: one is. New string. */
static char *reason_not_to_ask(const KilnInventoryPackage *found, const KilnEcosystem *ecosystem, const char *name, const char **kind)
{
	const KilnPackage *package = &found->identity;
	*kind = "no-feed";
	/* Maven's advisories name a group; without it none can be found, and that says nothing. */
	if (strcmp(package->type, "maven") == 0 && !strchr(package->name, ':'))
		return g_strdup_printf("%s %s of Maven: its group is not known, and advisories go by that", package->name, package->version);
	if (!name && !found->of_distribution)
		return g_strdup_printf("packages of type %s: nobody publishes advisories for them", package->type);
	*kind = "unknown-distribution";
	if (!name)
		return g_strdup_printf("packages of type %s of %s %s: no ecosystem of advisories is known for them", package->type, package->distro ? package->distro : "an unnamed distribution",
		                       package->distro_version ? package->distro_version : "without a version");
	*kind = "unknown-source";
	if (ecosystem->by_source && !package->source_name)
		return g_strdup_printf("%s %s: which source package it is of nothing in the image says, and advisories go by that", package->name, package->version);
	return NULL;
}

static gboolean match_one(Match *match, guint index, GError **error)
{
	const KilnInventoryPackage *found = match->inventory->packages->pdata[index];
	const KilnPackage *package = &found->identity;
	const char *kind;
	if (strcmp(package->type, "generic") == 0 && kiln_known_program_find(package->name))
		return match_program(match, index, error);
	if (found->brought_by >= 0) /* its vendor mends it under a version of his own, and answers for that */
		return match_imports(match, index, error);
	const KilnEcosystem *ecosystem = kiln_ecosystem_of(package);
	g_autofree char *name = ecosystem ? kiln_ecosystem_name(ecosystem, package) : NULL, *reason = reason_not_to_ask(found, ecosystem, name, &kind);
	if (!reason)
		return ask_sources(match, index, name, ecosystem, error);
	untold_add(match->result->untold, kind, g_steal_pointer(&reason));
	return match_imports(match, index, error);
}

static gboolean match_all(Match *match, GError **error)
{
	for (guint i = 0; i < match->inventory->packages->len; i++)
		if (!match_one(match, i, error))
			return FALSE;
	return TRUE;
}

KilnScanResult *kiln_match(const KilnInventory *inventory, KilnDatabase *database, const KilnMatchOptions *options, GError **error)
{
	g_autoptr(KilnScanResult) result = g_new0(KilnScanResult, 1);
	result->findings = g_ptr_array_new_with_free_func(finding_free);
	result->suppressed = g_ptr_array_new_with_free_func(finding_free);
	result->untold = untold_new();
	g_autoptr(GHashTable) asked = g_hash_table_new(NULL, NULL);
	Match match = { inventory, database, options, result, asked };
	if (!match_import_check(options, result->untold, error) || !match_all(&match, error) || !untold_judge(inventory, database, asked, options, result, error))
		return NULL;
	match_import_judge(options, result);
	g_ptr_array_sort(result->findings, by_priority);
	untold_sort(result->untold);
	return g_steal_pointer(&result);
}
