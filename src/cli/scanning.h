/* SPDX-License-Identifier: Apache-2.0 */
/* scanning.h: what scan, why and vex do alike: ask the database about an image, with statements applied. */
#pragma once
#include "cli/subject.h"
#include "vuln/vex.h"

/** Options of every command that asks the database. */
#define KILN_SCANNING_OPTIONS                                                                                                                     \
	{ .name = "db", .kind = KILN_OPTION_STRING, .value = "FILE", .help = "this database instead of the store's" },                    \
	{ .name = "vex", .kind = KILN_OPTION_LIST, .value = "FILE", .complete = KILN_COMPLETE_FILE, .help = "statements: OpenVEX, CSAF, CycloneDX" },       \
	{ .name = "ignorefile", .kind = KILN_OPTION_LIST, .value = "FILE", .complete = KILN_COMPLETE_FILE, .help = "what to ignore, as Trivy, Grype, OSV write it" }, \
	{ .name = "import", .kind = KILN_OPTION_LIST, .value = "FILE", .complete = KILN_COMPLETE_FILE, .help = "another scanner's report on this image, too" },  \
	{ .name = "max-age", .kind = KILN_OPTION_NUMBER, .value = "DAYS", .help = "of the data, 14 unless given; 0: any" },               \
	{ .name = "mission", .kind = KILN_OPTION_STRING, .value = "WORD", .words = kiln_mission_words, .complete = KILN_COMPLETE_WORDS, .help = "what depends on it: low, medium or high" }, \
	{ .name = "as-of", .kind = KILN_OPTION_STRING, .value = "DATE", .help = "judge ages and ends as on that day: 2026-05-31" },         \
	{ .name = "platform", .kind = KILN_OPTION_LIST, .value = "PLATFORM", .help = "of an image for several: linux/arm64" },            \
	KILN_READER_OPTIONS

/** For --mission, of SSVC. NULL-terminated. */
extern const char *const kiln_mission_words[];
/** Open the database, and make --as-of the day that it is. NULL with *code: that there is none was said (KILN_EXIT_CANNOT_TELL), or @error is set. */
KilnDatabase *kiln_scanning_database(KilnInvocation *invocation, int *code, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Of --vex and --ignorefile; without one, of the file that other scanners look for, too, and that is said. */
KilnVex *kiln_scanning_statements(KilnInvocation *invocation, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** KilnImport of each --import. Errors: those of kiln_import_read(). */
GPtrArray *kiln_scanning_imports(const KilnInvocation *invocation, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** What is found in @subject, before any statement is applied; from any thread that has @database alone. @imports may be NULL. */
KilnScanResult *kiln_scanning_match(KilnInvocation *invocation, const KilnSubject *subject, KilnDatabase *database, const GPtrArray *imports, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Apply @vex to what was found in @subject. */
void kiln_scanning_apply(const KilnInvocation *invocation, const char *reference, const KilnSubject *subject, KilnVex *vex, KilnScanResult *result);
/** Both: what is found in @subject, which was asked for as @reference; @vex and @imports may be NULL. */
KilnScanResult *kiln_scanning_run(KilnInvocation *invocation, const char *reference, const KilnSubject *subject, KilnDatabase *database, KilnVex *vex, const GPtrArray *imports,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
