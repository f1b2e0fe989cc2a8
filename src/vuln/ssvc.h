/* SPDX-License-Identifier: Apache-2.0 */
/* ssvc.h: Stakeholder-Specific Vulnerability Categorization, CISA's decision tree: what to do, from what is known.
 *
 * Source: CISA, "Stakeholder-Specific Vulnerability Categorization Guide"; CERT/CC, decision table "CISA Coordinator" 2.0.3.
 */
#pragma once
#include "vuln/cvss.h"

typedef enum { KILN_SSVC_NONE, KILN_SSVC_POC, KILN_SSVC_ACTIVE } KilnSsvcExploitation;
/** Of the mission and well-being that depend on what is scanned. */
typedef enum { KILN_SSVC_LOW, KILN_SSVC_MEDIUM, KILN_SSVC_HIGH } KilnSsvcMission;
/** In ascending order of haste. UNKNOWN: too little is known to decide. */
typedef enum { KILN_SSVC_UNKNOWN, KILN_SSVC_TRACK, KILN_SSVC_TRACK_STAR, KILN_SSVC_ATTEND, KILN_SSVC_ACT } KilnSsvcDecision;

typedef struct {
	gboolean is_known;    /* else nothing below means anything */
	KilnSsvcExploitation exploitation;
	gboolean automatable; /* an attacker can do it many times over without anybody's help */
	gboolean total;       /* technical impact: all of it, else partial */
	const char *source;   /* "cisa" or "computed". Static */
} KilnSsvc;

/** "poc/yes/total", as records of the database keep it. FALSE: it is no such text. */
gboolean kiln_ssvc_parse(const char *text, KilnSsvc *out);
/** The same from CISA's words: "poc", "yes", "total". NULL when one of them is none. New string. */
char *kiln_ssvc_text(const char *exploitation, const char *automatable, const char *impact);
/**
 * What a vector and the catalog of what is exploited come to, where CISA has not looked: automatable is what the network reaches with little effort, without rights and
 * without anybody's help; total what is lost in all three respects. Whether there is a way to exploit it nobody can deny: it counts as "poc".
 * Not known when @vector is none.
 */
KilnSsvc kiln_ssvc_compute(const char *vector, gboolean exploited);
KilnSsvcDecision kiln_ssvc_decide(const KilnSsvc *ssvc, KilnSsvcMission mission);

/** "unknown", "track", "track*", "attend", "act". Static. */
const char *kiln_ssvc_decision_name(KilnSsvcDecision decision);
/** "none", "poc", "active". Static. */
const char *kiln_ssvc_exploitation_name(KilnSsvcExploitation exploitation);
