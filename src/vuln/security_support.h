/* SPDX-License-Identifier: Apache-2.0 */
/* security_support.h: which packages a release of Debian supports only in part, or no more. Internal to this module.
 *
 * Source: debian-security-support, "security-support.debN": columns apart by blanks: the name of a source package, or a regular expression of
 * names; "limited" with an explanation, or "non-supported" with the last version that was supported, a date and an explanation.
 */
#pragma once
#include "base/text.h"

typedef struct {
	KilnText name;
	gboolean has_ended; /* else support is limited */
	KilnText version;   /* the last that was supported; empty when it is limited */
	gint64 ends_unix_s; /* 0 when it is limited */
	KilnText why;       /* may be empty */
} SecuritySupport;

/** Where the list of that release is in the package: "usr/share/debian-security-support/security-support.deb13". New string. */
char *security_support_path(const char *release);
/** Cut the next entry off @text. FALSE: there is none; lines that are none are left out. */
gboolean security_support_next(KilnText *text, SecuritySupport *out);
/** Whether the entry speaks of the source package @name. */
gboolean security_support_is_of(const SecuritySupport *entry, const char *name);
