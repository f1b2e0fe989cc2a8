/* SPDX-License-Identifier: Apache-2.0 */
/* changelog.h: Debian's changelogs: what each version says, and which vulnerabilities it names. Source: deb-changelog(5). */
#pragma once
#include "base/text.h"

#define KILN_CVE_TEXT_MAX 32

/** One version's entry; all parts are views into the changelog. */
typedef struct {
	KilnText package, version;
	KilnText distributions; /* "trixie-security", several with blanks between them */
	KilnText body;          /* all lines from the heading to the trailer */
	gint64 date_unix_s;     /* of the trailer; 0: it has none that is understood */
	guint line;             /* of the heading, from 1 */
} KilnChangelogEntry;

/** A cursor over borrowed text; start with {text, 1}. */
typedef struct {
	KilnText rest;
	guint line;
} KilnChangelog;

/** The next entry, newest first. What is no entry (old formats at the end, editors' variables) is skipped. FALSE at the end. */
gboolean kiln_changelog_next(KilnChangelog *cursor, KilnChangelogEntry *entry);

/**
 * The next vulnerability named in @body at or behind *@at, which is moved behind it: "CVE-2026-1234", also where it is written "CVE 2026-1234" or
 * "CAN-2004-0001" or is broken over two lines.
 *
 * @line: the line in which its name ends, stripped
 */
gboolean kiln_changelog_next_cve(KilnText body, gsize *at, char cve[KILN_CVE_TEXT_MAX], KilnText *line);
