/* SPDX-License-Identifier: Apache-2.0 */
/* ignore.h: files with what a site accepts, in the formats of other scanners. One row a format; each rule becomes a statement. Internal to this module.
 *
 * A rule with a condition that kiln does not know decides nothing, and that is said: nothing is ignored by accident.
 */
#pragma once
#include "base/text.h"
#include "data/yaml.h"
#include "vuln/vex_internal.h"

/** What must hold beside the vulnerability's name; every member may be NULL. */
typedef struct VexCondition {
	gboolean any_vulnerability; /* of the package below */
	char *package;    /* a regular expression of its whole name */
	char *upstream;   /* name of its source package */
	char *version;
	char *purl_type;
	char *fix_state;  /* "fixed", "not-fixed", "wont-fix" or "unknown" */
	GPtrArray *paths; /* char *: patterns with * of the path of what says that it is there, with or without "/" in front */
	GPtrArray *purls; /* char * */
} VexCondition;

VexCondition *vex_condition_new(void);
void vex_condition_free(VexCondition *condition);
gboolean vex_condition_holds(const VexCondition *condition, const KilnVexSubject *subject, const KilnFinding *finding);

/** A rule at @line of @path; its condition is made. Borrowed. */
KilnVexStatement *ignore_add(KilnVex *vex, const char *path, guint line);
/** The rule decides nothing, because of @why, which is taken. */
void ignore_void(KilnVexStatement *rule, char *why);
/** The type of purls that @name is, of which scanner's words ever ("python", "PyPI"); @name itself when it is none. */
const char *ignore_purl_type(const char *name);
/** "2026-12-31" or a time. FALSE: it is neither. */
gboolean ignore_parse_day(const char *text, gint64 *unix_s);

gboolean ignore_read_trivy(KilnVex *vex, KilnText text, const char *path, GError **error); /* .trivyignore: a name a line */
gboolean ignore_read_trivy_yaml(KilnVex *vex, const KilnYaml *yaml, GError **error);        /* "vulnerabilities:" */
gboolean ignore_read_grype(KilnVex *vex, const KilnYaml *yaml, GError **error);             /* "ignore:" */
gboolean ignore_read_osv(KilnVex *vex, KilnText text, const char *path, GError **error);    /* osv-scanner.toml */
