/* SPDX-License-Identifier: Apache-2.0 */
/* reason.h: every rule that keeps a file or leaves it out, by id, with the words that people read. */
#pragma once
#include <glib.h>

#define KILN_SLICE_RULES_VERSION 11 /* raise when a rule changes what is kept: locks and caches name it */

typedef struct {
	const char *id;     /* stable: stands in the reasons document of images */
	gboolean keeps;
	const char *text;   /* "needed by the loader: DT_NEEDED %s" with %s = detail; no %s: detail is not shown */
	const char *key;     /* of the recipe: that asks for it, or for rules that leave out, that brings it back; NULL: none */
	const char *summary; /* for rules that leave out: what the files are that it leaves out, "documentation" */
} KilnRule;

/** NULL when unknown. Borrowed, static. */
const KilnRule *kiln_rule(const char *id);
/** All rules, ended by one with a NULL id. */
const KilnRule *kiln_rules(void);
/** The rule's text with @detail filled in. New string. */
char *kiln_rule_explain(const char *id, const char *detail);
