/* SPDX-License-Identifier: Apache-2.0 */
/* feeds_test.c: feeds of vendors and of those who number vulnerabilities, in the shapes in which they publish: what is kept, what is left out and said. */
#include "base/error.h"
#include "io/scratch.h"
#include "vuln/ecosystem.h"
#include "vuln/feed.h"

#include <glib/gstdio.h>

static GString *notices;

static void on_notice(const char *text, gpointer user_data)
{
	g_string_append_printf(notices, "%s\n", text);
}

static const KilnContext context = { .now_unix_s = 1767225600, .jobs = 1, .on_notice = on_notice };

static KilnDatabase *database_at(const Scratch *scratch, const char *feed, GError **error)
{
	g_autofree char *path = g_build_filename(scratch->path, "test.db", NULL), *feed_path = g_build_filename(scratch->path, feed, NULL);
	g_string_truncate(notices, 0);
	g_autoptr(KilnDatabaseWriter) writer = kiln_database_writer_new(path, error);
	if (!writer || !kiln_feed_read(feed_path, NULL, &context, writer, error) || !kiln_database_writer_finish(writer, error))
		return NULL;
	return kiln_database_open(path, error);
}

static KilnDatabase *database_of(const Scratch *scratch, const char *feed, const char *text)
{
	g_autoptr(GError) error = NULL;
	scratch_write(scratch, feed, text, strlen(text));
	KilnDatabase *database = database_at(scratch, feed, &error);
	if (!database)
		fail_msg("%s: %s", feed, error->message);
	return database;
}

/* All that is kept of a package, a line for each record and package in it: "CVE-1 verdict introduced..fixed [channel] {severity of whom}". */
static char *told(KilnDatabase *database, const char *ecosystem, const char *package)
{
	static const char *const kinds[] = { "from ", "fixed ", "to ", "limit " };
	GString *out = g_string_new(NULL);
	g_autoptr(GPtrArray) found = NULL;
	assert_true(kiln_database_lookup(database, ecosystem, package, &found, NULL));
	for (guint i = 0; i < found->len; i++) {
		const KilnAdvisory *advisory = found->pdata[i];
		for (guint j = 0; j < advisory->affected->len; j++) {
			const KilnAffected *affected = advisory->affected->pdata[j];
			g_string_append_printf(out, "%s%s %s", advisory->id, advisory->withdrawn_unix_s ? " withdrawn" : "", kiln_verdict_name(affected->verdict));
			for (guint k = 0; k < affected->ranges->len; k++) {
				const GArray *range = affected->ranges->pdata[k];
				for (guint l = 0; l < range->len; l++) {
					const KilnAdvisoryEvent *event = &g_array_index(range, KilnAdvisoryEvent, l);
					g_string_append_printf(out, " %s%s", kinds[event->kind], event->version);
				}
			}
			for (guint k = 0; k < affected->versions->len; k++)
				g_string_append_printf(out, " is %s", (const char *)affected->versions->pdata[k]);
			if (affected->channel)
				g_string_append_printf(out, " [%s]", affected->channel);
			for (guint k = 0; k < affected->severities->len; k++)
				g_string_append_printf(out, " {%s}", kiln_severity_name(((const KilnAdvisorySeverity *)affected->severities->pdata[k])->severity));
			g_string_append_c(out, '\n');
		}
	}
	return g_string_free(out, FALSE);
}

static void assert_told(KilnDatabase *database, const char *ecosystem, const char *package, const char *expected)
{
	g_autofree char *found = told(database, ecosystem, package);
	assert_string_equal(found, expected);
}

/* Severities of a record by whose word they are: "nvd high 7.5; other low 3.1". */
static void assert_severities(KilnDatabase *database, const char *id, const char *expected)
{
	g_autoptr(GPtrArray) found = NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	assert_true(kiln_database_find(database, id, &found, NULL));
	assert_int_equal(found->len, 1);
	const KilnAdvisory *advisory = found->pdata[0];
	for (guint i = 0; i < advisory->severities->len; i++) {
		const KilnAdvisorySeverity *severity = advisory->severities->pdata[i];
		g_string_append_printf(out, "%s%s %s %u.%u", i ? "; " : "", severity->whose, kiln_severity_name(severity->severity), severity->score_tenths / 10, severity->score_tenths % 10);
	}
	assert_string_equal(out->str, expected);
}

static void tracker_of_debian(void **state)
{
	g_autoptr(KilnDatabase) database = database_of(*state, "tracker.json",
		"{\"openssl\":{\"CVE-2026-1\":{\"description\":\"one\\nmore\",\"scope\":\"remote\",\"releases\":{"
		"\"trixie\":{\"status\":\"resolved\",\"fixed_version\":\"3.5.1-1+deb13u1\",\"urgency\":\"medium\"},"
		"\"bookworm\":{\"status\":\"open\",\"repositories\":{},\"urgency\":\"low**\",\"nodsa\":\"Minor\",\"nodsa_reason\":\"ignored\"},"
		"\"bullseye\":{\"status\":\"open\",\"urgency\":\"end-of-life\"},\"forky\":{\"status\":\"resolved\",\"fixed_version\":\"0\",\"urgency\":\"unimportant\"}}},"
		"\"CVE-2026-2\":{\"releases\":{\"trixie\":{\"status\":\"undetermined\"},\"bookworm\":{\"status\":\"open\",\"urgency\":\"not yet assigned\"},"
		"\"bullseye\":{\"status\":\"resolved\"},\"forky\":{\"status\":\"what\"}}}}}");
	assert_told(database, "Debian:13", "openssl", "CVE-2026-1 affected from 0 fixed 3.5.1-1+deb13u1 {medium}\nCVE-2026-2 under investigation from 0\n");
	assert_told(database, "Debian:12", "openssl", "CVE-2026-1 will not fix from 0 {low}\nCVE-2026-2 affected from 0\n");
	assert_told(database, "Debian:11", "openssl", "CVE-2026-1 end of life from 0\n");
	assert_told(database, "Debian:14", "openssl", "CVE-2026-1 not affected from 0 {none}\n");
	assert_int_equal(((KilnDatabaseSource *)kiln_database_sources(database)->pdata[0])->skipped, 2);
	assert_non_null(strstr(notices->str, "CVE-2026-2 is left out: openssl: bullseye: it is resolved in no version"));
	assert_non_null(strstr(notices->str, "CVE-2026-2 is left out: openssl: forky: its status is none of open, resolved, undetermined"));
}

static const char epss[] = "#model_version:v2025.03.14,score_date:2026-01-01T12:55:00Z\ncve,epss,percentile\nCVE-2026-1,0.97432,0.99981\nCVE-2026-2,1.0,1.0\n"
                           "CVE-2026-3,4.2e-07,0.001\nCVE-2026-4,1.5,0.2\nnothing,0.1,0.1\nCVE-2026-5,0.1\n";

static void scores_of_epss(void **state)
{
	KilnExploitation what;
	g_autoptr(KilnDatabase) database = database_of(*state, "epss.csv", epss);
	assert_true(kiln_database_exploitation(database, "CVE-2026-1", &what, NULL) && what.has_epss);
	assert_int_equal(what.epss_millionths, 974320);
	assert_int_equal(what.epss_percentile_millionths, 999810);
	assert_int_equal(what.epss_unix_s, 1767225600); /* the day; the hour says nothing */
	assert_true(kiln_database_exploitation(database, "CVE-2026-2", &what, NULL) && what.epss_millionths == 1000000);
	assert_true(kiln_database_exploitation(database, "CVE-2026-3", &what, NULL) && what.has_epss && what.epss_millionths == 0);
	assert_true(kiln_database_exploitation(database, "CVE-2026-4", &what, NULL) && !what.has_epss);
	assert_int_equal(((KilnDatabaseSource *)kiln_database_sources(database)->pdata[0])->skipped, 3);
	g_autofree char *packed = scratch_run(*state, "gzip -k epss.csv", NULL);
	g_autoptr(KilnDatabase) again = packed ? database_at(*state, "epss.csv.gz", NULL) : NULL;
	assert_true(again && kiln_database_exploitation(again, "CVE-2026-1", &what, NULL) && what.epss_millionths == 974320);
}

#define PRODUCT(id, helper) "{\"category\":\"product_version\",\"name\":\"" id "\",\"product\":{\"product_id\":\"" id "\",\"name\":\"" id "\",\"product_identification_helper\":{" helper "}}}"
#define PART(part, of) \
	"{\"category\":\"default_component_of\",\"full_product_name\":{\"product_id\":\"" of ":" part "\",\"name\":\"x\"},\"product_reference\":\"" part "\",\"relates_to_product_reference\":\"" of "\"}"

static void csaf_of_vendors(void **state)
{
	g_autoptr(KilnDatabase) database = database_of(*state, "cve-2026-1.json",
		"{\"document\":{\"category\":\"csaf_vex\",\"csaf_version\":\"2.0\",\"publisher\":{\"name\":\"Red Hat Product Security\"},"
		"\"tracking\":{\"id\":\"CVE-2026-1\",\"current_release_date\":\"2026-01-01T00:00:00+00:00\",\"initial_release_date\":\"2025-12-01T00:00:00+00:00\"}},"
		"\"product_tree\":{\"branches\":[{\"category\":\"vendor\",\"name\":\"Red Hat\",\"branches\":["
		PRODUCT("BaseOS-9", "\"cpe\":\"cpe:/o:redhat:enterprise_linux:9::baseos\"") "," PRODUCT("EUS-9.2", "\"cpe\":\"cpe:/o:redhat:rhel_eus:9.2::baseos\"") ","
		PRODUCT("AppStream-8", "\"cpe\":\"cpe:/a:redhat:enterprise_linux:8::appstream\"") ","
		PRODUCT("openssl-x86", "\"purl\":\"pkg:rpm/redhat/openssl-libs@3.0.7-25.el9_3?arch=x86_64&epoch=1\"") ","
		PRODUCT("openssl-arm", "\"purl\":\"pkg:rpm/redhat/openssl-libs@3.0.7-25.el9_3?arch=aarch64&epoch=1\"") ","
		PRODUCT("openssl-src", "\"purl\":\"pkg:rpm/redhat/openssl@3.0.7-25.el9_3?arch=src&epoch=1\"") ","
		PRODUCT("node", "\"purl\":\"pkg:rpm/redhat/nodejs@18.19.0-1.module%2Bel8?arch=x86_64&rpmmod=nodejs:18\"") ","
		PRODUCT("compat", "\"purl\":\"pkg:rpm/redhat/compat-openssl11\"") "," PRODUCT("image", "\"purl\":\"pkg:oci/ubi9\"") "]}],\"relationships\":["
		PART("openssl-x86", "BaseOS-9") "," PART("openssl-arm", "BaseOS-9") "," PART("openssl-src", "BaseOS-9") "," PART("openssl-x86", "EUS-9.2") "," PART("node", "AppStream-8") ","
		PART("compat", "BaseOS-9") "," PART("compat", "AppStream-8") "," PART("image", "BaseOS-9") "]},"
		"\"vulnerabilities\":[{\"cve\":\"CVE-2026-1\",\"title\":\"bad\",\"product_status\":{"
		"\"fixed\":[\"BaseOS-9:openssl-x86\",\"BaseOS-9:openssl-arm\",\"BaseOS-9:openssl-src\",\"EUS-9.2:openssl-x86\",\"AppStream-8:node\"],"
		"\"known_affected\":[\"BaseOS-9:compat\",\"BaseOS-9:image\"],\"known_not_affected\":[\"AppStream-8:compat\"]},"
		"\"remediations\":[{\"category\":\"no_fix_planned\",\"details\":\"Out of support scope\",\"product_ids\":[\"BaseOS-9:compat\"]}],"
		"\"scores\":[{\"cvss_v3\":{\"vectorString\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\"},\"products\":[]}],"
		"\"threats\":[{\"category\":\"impact\",\"details\":\"Moderate\"}]},{\"title\":\"no number\"}]}");
	assert_told(database, "Red Hat:9", "openssl-libs", "CVE-2026-1 affected from 0 fixed 1:3.0.7-25.el9_3\nCVE-2026-1 affected from 0 fixed 1:3.0.7-25.el9_3 [eus-9.2]\n");
	assert_told(database, "Red Hat:8", "nodejs", "CVE-2026-1 affected from 0 fixed 18.19.0-1.module+el8 [nodejs:18]\n");
	assert_told(database, "Red Hat:9", "compat-openssl11", "CVE-2026-1 will not fix from 0\n");
	assert_told(database, "Red Hat:8", "compat-openssl11", "CVE-2026-1 not affected from 0\n");
	assert_told(database, "Red Hat:9", "openssl", "");
	assert_severities(database, "CVE-2026-1", "vendor high 7.5");
	const KilnDatabaseSource *source = kiln_database_sources(database)->pdata[0];
	assert_string_equal(source->name, "csaf/red-hat-product-security");
	assert_int_equal(source->newest_unix_s, 1767225600);
	assert_non_null(strstr(notices->str, "CVE-2026-1 is left out: it has no CVE"));
}

static void answers_of_nvd(void **state)
{
	g_autoptr(KilnDatabase) database = database_of(*state, "nvd.json",
		"{\"resultsPerPage\":2,\"format\":\"NVD_CVE\",\"version\":\"2.0\",\"timestamp\":\"2026-01-01T00:00:00.000\",\"vulnerabilities\":[{\"cve\":{\"id\":\"CVE-2026-1\","
		"\"lastModified\":\"2026-01-01T10:15:08.737\",\"vulnStatus\":\"Analyzed\",\"descriptions\":[{\"lang\":\"es\",\"value\":\"malo\"},{\"lang\":\"en\",\"value\":\"bad\"}],"
		"\"metrics\":{\"cvssMetricV31\":[{\"source\":\"nvd@nist.gov\",\"type\":\"Primary\",\"cvssData\":{\"vectorString\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\"}},"
		"{\"source\":\"cna@example.org\",\"cvssData\":{\"vectorString\":\"CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:L/I:N/A:N\"}}],"
		"\"cvssMetricV2\":[{\"source\":\"nvd@nist.gov\",\"cvssData\":{\"vectorString\":\"AV:N/AC:L/Au:N/C:N/I:N/A:P\"}}]},"
		"\"configurations\":[{\"nodes\":[{\"operator\":\"OR\",\"negate\":false,\"cpeMatch\":["
		"{\"vulnerable\":true,\"criteria\":\"cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*\",\"versionStartIncluding\":\"3.0.0\",\"versionEndExcluding\":\"3.0.14\"},"
		"{\"vulnerable\":true,\"criteria\":\"cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*\",\"versionStartIncluding\":\"1.0\",\"versionEndIncluding\":\"1.0.2z\"},"
		"{\"vulnerable\":true,\"criteria\":\"cpe:2.3:a:openssl:openssl:1.1.1:k:*:*:*:*:*:*\"},"
		"{\"vulnerable\":false,\"criteria\":\"cpe:2.3:o:linux:linux_kernel:-:*:*:*:*:*:*:*\"},"
		"{\"vulnerable\":true,\"criteria\":\"cpe:2.3:a:ven\\\\:dor:pro\\\\+duct:*:*:*:*:*:*:*:*\"}]}]}]}},"
		"{\"cve\":{\"id\":\"CVE-2026-2\",\"lastModified\":\"2026-01-01T10:15:08.737\",\"vulnStatus\":\"Rejected\"}},{\"cve\":{}}]}");
	assert_told(database, "CPE", "openssl:openssl", "CVE-2026-1 affected from 3.0.0 fixed 3.0.14 from 1.0 to 1.0.2z is 1.1.1k\n");
	assert_told(database, "CPE", "ven:dor:pro+duct", "CVE-2026-1 affected from 0\n");
	assert_severities(database, "CVE-2026-1", "nvd high 7.5; cna@example.org low 2.5");
	assert_non_null(strstr(notices->str, "vulnerabilities[2] is left out: it has no id"));
}

static void records_of_the_cve_list(void **state)
{
	const Scratch *scratch = *state;
	g_autofree char *folder = g_build_filename(scratch->path, "cves", NULL);
	assert_int_equal(g_mkdir(folder, 0755), 0);
	static const char first[] =
		"{\"dataType\":\"CVE_RECORD\",\"dataVersion\":\"5.1\",\"cveMetadata\":{\"cveId\":\"CVE-2026-1\",\"state\":\"PUBLISHED\",\"datePublished\":\"2026-01-01T00:00:00.000Z\"},"
		"\"containers\":{\"cna\":{\"providerMetadata\":{\"shortName\":\"openssl\"},\"title\":\"bad\",\"metrics\":[{\"cvssV3_1\":{\"vectorString\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\"}}],"
		"\"affected\":[{\"vendor\":\"OpenSSL\",\"product\":\"OpenSSL\",\"cpes\":[\"cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*\"],\"versions\":["
		"{\"version\":\"3.0.0\",\"lessThan\":\"3.0.14\",\"status\":\"affected\",\"versionType\":\"semver\"},{\"version\":\"1.0.0\",\"lessThanOrEqual\":\"1.0.2\",\"status\":\"affected\"},"
		"{\"version\":\"4.0\",\"status\":\"unaffected\"}]},{\"vendor\":\"Free Text\",\"product\":\"Something\"}]},"
		"\"adp\":[{\"providerMetadata\":{\"shortName\":\"CISA-ADP\"},\"metrics\":[{\"cvssV3_1\":{\"vectorString\":\"CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:L/I:N/A:N\"}},{\"other\":{}}]}]}}";
	static const char second[] = "{\"dataType\":\"CVE_RECORD\",\"cveMetadata\":{\"cveId\":\"CVE-2026-2\",\"state\":\"REJECTED\"},\"containers\":{\"cna\":{}}}";
	scratch_write(scratch, "cves/CVE-2026-1.json", first, strlen(first));
	scratch_write(scratch, "cves/CVE-2026-2.json", second, strlen(second));
	g_autoptr(GError) error = NULL;
	g_autoptr(KilnDatabase) database = database_at(scratch, "cves", &error);
	if (!database)
		fail_msg("%s", error->message);
	assert_told(database, "CPE", "openssl:openssl", "CVE-2026-1 affected from 3.0.0 fixed 3.0.14 from 1.0.0 to 1.0.2\n");
	assert_severities(database, "CVE-2026-1", "openssl high 7.5; CISA-ADP low 2.5");
	const GPtrArray *sources = kiln_database_sources(database);
	assert_int_equal(sources->len, 1); /* however many files */
	assert_int_equal(((KilnDatabaseSource *)sources->pdata[0])->records, 2);
}

/* What a zip file has before its first record is left out, named with both, and counted. */
static void damaged_members(void **state)
{
	g_autofree char *made = scratch_run(*state,
		"python3 -c \"import zipfile\n"
		"with zipfile.ZipFile('all.zip', 'w') as z:\n"
		"    z.writestr('a.json', '{')\n"
		"    z.writestr('b.json', '{\\\"dataType\\\":\\\"CVE_RECORD\\\",\\\"cveMetadata\\\":{\\\"cveId\\\":\\\"CVE-2026-1\\\"}}')\n"
		"    z.writestr('c.json', '[]')\"", NULL);
	g_autoptr(GError) error = NULL;
	assert_non_null(made);
	g_autoptr(KilnDatabase) database = database_at(*state, "all.zip", &error);
	if (!database)
		fail_msg("%s", error->message);
	const KilnDatabaseSource *source = kiln_database_sources(database)->pdata[0];
	assert_string_equal(source->name, "cve");
	assert_int_equal(source->records, 1);
	assert_int_equal(source->skipped, 2);
	assert_non_null(strstr(notices->str, "all.zip: a.json is left out: "));
	assert_non_null(strstr(notices->str, "all.zip: a.json:1:"));
	assert_non_null(strstr(notices->str, "all.zip: c.json is left out: "));
}

#define OVAL_HEAD "<?xml version=\"1.0\"?>\n<oval_definitions xmlns=\"http://oval.mitre.org/XMLSchema/oval-definitions-5\"><definitions>"

static void oval_of_ubuntu(void **state)
{
	g_autoptr(KilnDatabase) database = database_of(*state, "com.ubuntu.noble.cve.oval.xml", OVAL_HEAD
		"<definition class=\"inventory\" id=\"oval:1\" version=\"1\"><metadata><title>Check that Ubuntu 24.04 LTS is installed.</title></metadata></definition>"
		"<definition class=\"vulnerability\" id=\"oval:2\" version=\"1\"><metadata><title>CVE-2026-1 on Ubuntu 24.04 LTS - medium</title>"
		"<affected family=\"unix\"><platform>Ubuntu 24.04 LTS</platform></affected><reference source=\"CVE\" ref_id=\"CVE-2026-1\" ref_url=\"x\"/>"
		"<advisory><severity>Medium</severity></advisory></metadata><criteria><extend_definition definition_ref=\"oval:1\"/><criteria operator=\"OR\">"
		"<criterion test_ref=\"tst:1\" comment=\"openssl package in noble was vulnerable but has been fixed (note: '3.0.13-0ubuntu3.1').\"/>"
		"<criterion test_ref=\"tst:2\" comment=\"edk2 package in noble is affected and may need fixing.\"/></criteria></criteria></definition></definitions>"
		"<tests><linux-def:dpkginfo_test id=\"tst:1\"><linux-def:object object_ref=\"obj:1\"/><linux-def:state state_ref=\"ste:1\"/></linux-def:dpkginfo_test>"
		"<linux-def:dpkginfo_test id=\"tst:2\"><linux-def:object object_ref=\"obj:2\"/></linux-def:dpkginfo_test></tests>"
		"<objects><linux-def:dpkginfo_object id=\"obj:1\"><linux-def:name var_ref=\"var:1\" var_check=\"at least one\"/></linux-def:dpkginfo_object>"
		"<linux-def:dpkginfo_object id=\"obj:2\"><linux-def:name var_ref=\"var:2\"/></linux-def:dpkginfo_object></objects>"
		"<states><linux-def:dpkginfo_state id=\"ste:1\"><linux-def:evr datatype=\"debian_evr_string\" operation=\"less than\">0:3.0.13-0ubuntu3.1</linux-def:evr></linux-def:dpkginfo_state></states>"
		"<variables><constant_variable id=\"var:1\"><value>libssl3t64</value><value>openssl</value></constant_variable></variables></oval_definitions>");
	assert_told(database, "Ubuntu:24.04", "openssl", "CVE-2026-1 affected from 0 fixed 3.0.13-0ubuntu3.1\n");
	assert_told(database, "Ubuntu:24.04", "edk2", "CVE-2026-1 affected from 0\n");
	assert_severities(database, "CVE-2026-1", "vendor medium 0.0");
	assert_string_equal(((KilnDatabaseSource *)kiln_database_sources(database)->pdata[0])->name, "oval/com.ubuntu.noble.cve.oval");
}

static void oval_of_red_hat(void **state)
{
	g_autoptr(KilnDatabase) database = database_of(*state, "rhel-9.xml", OVAL_HEAD
		"<definition class=\"patch\" id=\"oval:com.redhat.rhsa:def:20260001\"><metadata><title>RHSA-2026:0001: openssl (Important)</title><affected><platform>Red Hat Enterprise Linux 9</platform></affected>"
		"<reference source=\"RHSA\" ref_id=\"RHSA-2026:0001\"/><reference source=\"CVE\" ref_id=\"CVE-2026-1\"/><reference source=\"CVE\" ref_id=\"CVE-2026-2\"/>"
		"<advisory><severity>Important</severity></advisory></metadata><criteria operator=\"AND\"><criterion comment=\"openssl-libs is earlier than 1:3.0.7-25.el9_3\" test_ref=\"t1\"/>"
		"<criterion comment=\"openssl-libs is signed with Red Hat redhatrelease2 key\" test_ref=\"t2\"/></criteria></definition>"
		"<definition class=\"patch\" id=\"other\"><metadata><affected><platform>Plan 9</platform></affected><reference source=\"CVE\" ref_id=\"CVE-2026-3\"/></metadata></definition></definitions>"
		"<tests><red-def:rpminfo_test id=\"t1\"><red-def:object object_ref=\"o1\"/><red-def:state state_ref=\"s1\"/></red-def:rpminfo_test>"
		"<red-def:rpminfo_test id=\"t2\"><red-def:object object_ref=\"o1\"/><red-def:state state_ref=\"s2\"/></red-def:rpminfo_test></tests>"
		"<objects><red-def:rpminfo_object id=\"o1\"><red-def:name>openssl-libs</red-def:name></red-def:rpminfo_object></objects>"
		"<states><red-def:rpminfo_state id=\"s1\"><red-def:evr datatype=\"evr_string\" operation=\"less than\">1:3.0.7-25.el9_3</red-def:evr></red-def:rpminfo_state>"
		"<red-def:rpminfo_state id=\"s2\"><red-def:signature_keyid operation=\"equals\">199e2f91fd431d51</red-def:signature_keyid></red-def:rpminfo_state></states></oval_definitions>");
	assert_told(database, "Red Hat:9", "openssl-libs", "oval:com.redhat.rhsa:def:20260001 affected from 0 fixed 1:3.0.7-25.el9_3\n");
	assert_severities(database, "CVE-2026-2", "vendor high 0.0");
	assert_non_null(strstr(notices->str, "other is left out: its platform is none that kiln knows"));
}

static void damaged_oval(void **state)
{
	g_autoptr(GError) error = NULL;
	scratch_write(*state, "bad.xml", OVAL_HEAD "<definition></definitions>", strlen(OVAL_HEAD "<definition></definitions>"));
	assert_null(database_at(*state, "bad.xml", &error));
	assert_true(g_error_matches(error, KILN_ERROR, KILN_ERROR_SYNTAX));
}

int main(void)
{
	notices = g_string_new(NULL);
	const struct CMUnitTest tests[] = {
		scratch_test(tracker_of_debian), scratch_test(scores_of_epss), scratch_test(csaf_of_vendors), scratch_test(answers_of_nvd), scratch_test(records_of_the_cve_list),
		scratch_test(damaged_members), scratch_test(oval_of_ubuntu), scratch_test(oval_of_red_hat), scratch_test(damaged_oval),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_string_free(notices, TRUE);
	return failed;
}
