/* SPDX-License-Identifier: Apache-2.0 */
/* feed_csaf.c: what vendors of rpm distributions say in CSAF: what mends a vulnerability in which release, what is affected and stays so, what never was.
 *
 * A package of a distribution is a relationship: the part has a purl, what it is part of a CPE with the release. Advisories (csaf_security_advisory) and VEX
 * (csaf_vex) are read alike. Source: CSAF 2.0, sections 3.2.2 and 3.2.3; purl-spec, rpm.
 */
#include "pkg/purl.h"
#include "vuln/csaf_products.h"
#include "vuln/feeds.h"

#include <string.h>

static gboolean recognises(const json_t *root)
{
	const json_t *document = json_object_get(root, "document");
	return kiln_json_string_or_null(document, "csaf_version") && kiln_json_string_or_null(document, "category");
}

/* "Red Hat Product Security" is "csaf/red-hat-product-security". */
static char *source_name(const json_t *root, const char *path)
{
	const char *publisher = kiln_json_string_or_null(json_object_get(json_object_get(root, "document"), "publisher"), "name");
	GString *name = g_string_new("csaf/");
	for (const char *at = publisher ? publisher : "unknown"; *at; at++)
		g_string_append_c(name, g_ascii_isalnum(*at) ? g_ascii_tolower(*at) : '-');
	return g_string_free(name, FALSE);
}

static gint64 date(const json_t *root)
{
	return feed_time(kiln_json_string_or_null(json_object_get(json_object_get(root, "document"), "tracking"), "current_release_date"));
}

/* One vulnerability while its products are gone through. */
typedef struct {
	KilnAdvisory *advisory;
	const CsafProducts *products;
	GHashTable *given_up; /* ids of products for which a remedy says that there will be none */
	GHashTable *seen; /* what was added: architectures repeat it */
	guint foreign;    /* products of no distribution that is known */
} Reading;

/* How CPEs name releases of distributions, and how long the version is that says which. */
static const struct {
	const char *prefix, *ecosystem;
	gboolean is_channel; /* the support of one minor release, "eus-9.2" */
} platforms[] = {
	{ "redhat:enterprise_linux:", "Red Hat", FALSE }, { "redhat:rhel_eus:", "Red Hat", TRUE }, { "redhat:rhel_e4s:", "Red Hat", TRUE }, { "redhat:rhel_aus:", "Red Hat", TRUE },
	{ "redhat:rhel_tus:", "Red Hat", TRUE }, { "suse:sles:", "SUSE", FALSE }, { "opensuse:leap:", "openSUSE", FALSE }, { "oracle:linux:", "Oracle", FALSE },
	{ "almalinux:almalinux:", "AlmaLinux", FALSE }, { "rocky:rocky:", "Rocky Linux", FALSE },
};

/* "cpe:/o:redhat:enterprise_linux:9::baseos" or "cpe:2.3:o:redhat:enterprise_linux:9:*:..." */
static char *ecosystem_of(const char *cpe, char **channel)
{
	for (gsize i = 0; cpe && i < G_N_ELEMENTS(platforms); i++) {
		const char *found = strstr(cpe, platforms[i].prefix);
		if (!found)
			continue;
		const char *version = found + strlen(platforms[i].prefix);
		g_autofree char *release = g_strndup(version, strcspn(version, ":")), *major = g_strndup(release, strcspn(release, "."));
		if (!*release || *release == '*')
			return NULL;
		if (platforms[i].is_channel)
			*channel = g_strdup_printf("%.*s-%s", (int)strcspn(platforms[i].prefix + strlen("redhat:rhel_"), ":"), platforms[i].prefix + strlen("redhat:rhel_"), release);
		gboolean whole = strcmp(platforms[i].ecosystem, "openSUSE") == 0 || strcmp(platforms[i].ecosystem, "SUSE") == 0;
		return g_strdup_printf("%s:%s", platforms[i].ecosystem, whole ? release : major);
	}
	return NULL;
}

static GHashTable *given_up_in(const json_t *vulnerability)
{
	GHashTable *ids = g_hash_table_new(g_str_hash, g_str_equal);
	const json_t *entry, *id;
	size_t i, j;
	json_array_foreach(json_object_get(vulnerability, "remediations"), i, entry)
		if (g_strcmp0(kiln_json_string_or_null(entry, "category"), "no_fix_planned") == 0)
			json_array_foreach(json_object_get(entry, "product_ids"), j, id)
				if (json_is_string(id))
					g_hash_table_add(ids, (gpointer)json_string_value(id));
	return ids;
}

/* The word that Red Hat and SUSE give, and vectors. */
static void add_severities(const json_t *vulnerability, GPtrArray *severities)
{
	static const struct {
		const char *word;
		KilnSeverity severity;
	} words[] = { { "low", KILN_SEVERITY_LOW }, { "moderate", KILN_SEVERITY_MEDIUM }, { "important", KILN_SEVERITY_HIGH }, { "critical", KILN_SEVERITY_CRITICAL } };
	const json_t *entry;
	size_t i;
	json_array_foreach(json_object_get(vulnerability, "scores"), i, entry) {
		feed_add_cvss(severities, "vendor", kiln_json_string_or_null(json_object_get(entry, "cvss_v3"), "vectorString"));
		if (!json_object_get(entry, "cvss_v3"))
			feed_add_cvss(severities, "vendor", kiln_json_string_or_null(json_object_get(entry, "cvss_v2"), "vectorString"));
		break; /* the same for all products, but for their lists */
	}
	json_array_foreach(json_object_get(vulnerability, "threats"), i, entry) {
		const char *details = kiln_json_string_or_null(entry, "details");
		if (g_strcmp0(kiln_json_string_or_null(entry, "category"), "impact") != 0 || !details)
			continue;
		for (gsize j = 0; j < G_N_ELEMENTS(words); j++)
			if (g_ascii_strcasecmp(details, words[j].word) == 0 && !severities->len)
				kiln_advisory_add_severity(severities, "vendor", NULL, words[j].severity, 0);
	}
}

static void add(Reading *reading, const KilnPurl *purl, const char *ecosystem, const char *channel, KilnVerdict verdict, const char *evidence)
{
	const char *epoch = kiln_purl_qualifier(purl, "epoch"), *module = kiln_purl_qualifier(purl, "rpmmod");
	gboolean fixes = verdict == KILN_VERDICT_FIXED;
	g_autofree char *fixed = fixes ? g_strdup_printf("%s%s%s", epoch && strcmp(epoch, "0") != 0 ? epoch : "", epoch && strcmp(epoch, "0") != 0 ? ":" : "", purl->version) : NULL;
	g_autofree char *in = channel && module ? g_strdup_printf("%s %s", module, channel) : g_strdup(module ? module : channel);
	g_autofree char *key = g_strdup_printf("%s\n%s\n%s\n%s\n%d", ecosystem, purl->name, in ? in : "", fixed ? fixed : "", (int)verdict);
	if (!g_hash_table_add(reading->seen, g_steal_pointer(&key)))
		return;
	KilnAffected *affected = kiln_advisory_add_affected(reading->advisory, ecosystem, purl->name, fixes ? KILN_VERDICT_AFFECTED : verdict);
	GArray *range = kiln_affected_add_range(affected);
	kiln_advisory_add_event(range, KILN_VERSION_INTRODUCED, "0");
	if (fixes)
		kiln_advisory_add_event(range, KILN_VERSION_FIXED, fixed);
	affected->channel = g_strdup(in);
	affected->evidence = g_strdup(evidence);
}

static void read_product(Reading *reading, const char *id, KilnVerdict verdict, const char *evidence)
{
	const char *part = g_hash_table_lookup(reading->products->parts, id), *parent = g_hash_table_lookup(reading->products->parents, id);
	const char *text = part ? csaf_purl(reading->products, part) : NULL;
	g_autofree char *channel = NULL, *ecosystem = parent ? ecosystem_of(csaf_cpe(reading->products, parent), &channel) : NULL;
	g_autoptr(KilnPurl) purl = text ? kiln_purl_parse(kiln_text(text), NULL) : NULL;
	if (!purl || !ecosystem || strcmp(purl->type, "rpm") != 0 || (verdict == KILN_VERDICT_FIXED && !purl->version)) {
		reading->foreign++;
		return;
	}
	if (g_strcmp0(kiln_purl_qualifier(purl, "arch"), "src") == 0 && verdict == KILN_VERDICT_FIXED) /* its binary packages are named as well */
		return;
	if (verdict == KILN_VERDICT_AFFECTED && g_hash_table_contains(reading->given_up, id))
		verdict = KILN_VERDICT_WILL_NOT_FIX;
	add(reading, purl, ecosystem, channel, verdict, evidence);
}

static gboolean read_vulnerability(const json_t *root, const json_t *vulnerability, const CsafProducts *products, const char *name, const KilnContext *context, KilnDatabaseWriter *writer,
                                   GError **error)
{
	static const struct {
		const char *key;
		KilnVerdict verdict;
	} statuses[] = { { "fixed", KILN_VERDICT_FIXED }, { "known_affected", KILN_VERDICT_AFFECTED }, { "known_not_affected", KILN_VERDICT_NOT_AFFECTED },
		         { "under_investigation", KILN_VERDICT_UNDER_INVESTIGATION } };
	const json_t *tracking = json_object_get(json_object_get(root, "document"), "tracking"), *value;
	const char *cve = kiln_json_string_or_null(vulnerability, "cve"), *id = kiln_json_string_or_null(tracking, "id");
	size_t i;
	if (!cve) {
		feed_skip(context, writer, name, id ? id : "a vulnerability", "it has no CVE");
		return TRUE;
	}
	g_autoptr(KilnAdvisory) advisory = kiln_advisory_new("csaf", id && strcmp(id, cve) != 0 ? id : cve);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) given_up = given_up_in(vulnerability);
	Reading reading = { advisory, products, given_up, seen, 0 };
	if (strcmp(advisory->id, cve) != 0)
		g_ptr_array_add(advisory->aliases, g_strdup(cve));
	advisory->summary = g_strdup(kiln_json_string_or_null(vulnerability, "title"));
	advisory->modified_unix_s = date(root);
	advisory->published_unix_s = feed_time(kiln_json_string_or_null(tracking, "initial_release_date"));
	add_severities(vulnerability, advisory->severities);
	for (gsize j = 0; j < G_N_ELEMENTS(statuses); j++)
		json_array_foreach(json_object_get(json_object_get(vulnerability, "product_status"), statuses[j].key), i, value) {
			g_autofree char *evidence = g_strdup_printf("product_status.%s[%zu]", statuses[j].key, i);
			if (json_is_string(value))
				read_product(&reading, json_string_value(value), statuses[j].verdict, evidence);
		}
	if (!advisory->affected->len)
		feed_skip(context, writer, name, advisory->id, "none of its %u products is a package of a distribution that kiln knows", reading.foreign);
	return !advisory->affected->len || kiln_database_writer_add(writer, advisory, error);
}

static gboolean read_root(const json_t *root, const char *name, const KilnContext *context, KilnDatabaseWriter *writer, GError **error)
{
	g_auto(CsafProducts) products = csaf_products_of(json_object_get(root, "product_tree"));
	const json_t *vulnerability;
	size_t i;
	json_array_foreach(json_object_get(root, "vulnerabilities"), i, vulnerability)
		if (!read_vulnerability(root, vulnerability, &products, name, context, writer, error))
			return FALSE;
	return TRUE;
}

const KilnFeed kiln_feed_csaf = { "csaf", "CSAF advisories and VEX of vendors", TRUE, recognises, source_name, date, read_root };
