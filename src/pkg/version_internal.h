/* SPDX-License-Identifier: Apache-2.0 */
/* version_internal.h: what the version orders share: numbers of any length, malformed versions, and parsed semantic versions. */
#pragma once
#include "pkg/version.h"

/** Move the beginning of @text forward. @count is at most its length. */
static inline void kiln_version_skip(KilnText *text, gsize count)
{
	if (count > 0) { /* an empty text may have no data */
		text->data += count;
		text->length -= count;
	}
}

static inline gboolean kiln_version_is_one_of(char byte, const char *bytes)
{
	return byte != '\0' && strchr(bytes, byte) != NULL;
}

static inline void kiln_version_skip_blanks(KilnText *text)
{
	while (text->length && kiln_version_is_one_of(text->data[0], " \t\r\n"))
		kiln_version_skip(text, 1);
}

/** Cut the leading digits off @rest, as they are written. Empty when there is none. */
KilnText kiln_version_cut_digits(KilnText *rest);

/** Cut the leading ASCII letters off @rest. Empty when there is none. */
KilnText kiln_version_cut_letters(KilnText *rest);

/** If @rest begins with @word (lower case), whatever the case in @rest, cut it off and return TRUE. */
gboolean kiln_version_cut_word(KilnText *rest, const char *word);

/** Order of two runs of digits as numbers, however long. Leading zeros do not count; empty is zero. */
int kiln_version_compare_numbers(KilnText a, KilnText b);

/** Order of bytes, the shorter one first when it begins the other. */
int kiln_version_compare_bytes(KilnText a, KilnText b);

/** As kiln_version_compare_bytes(), ASCII letters in lower case. */
int kiln_version_compare_folded(KilnText a, KilnText b);

/** The order where one version is malformed: malformed ones come first, in the order of their bytes. */
int kiln_version_compare_malformed(gboolean a_is_well_formed, gboolean b_is_well_formed, KilnText a, KilnText b);

/** The digits of @number plus one, leading zeros dropped. The caller frees it with g_free(). */
char *kiln_version_next_number(KilnText number);

/** FALSE with KILN_ERROR_SYNTAX: `version "1 0": <reason>`. */
gboolean kiln_version_refuse(GError **error, KilnText version, const char *reason);

/** FALSE when @version is empty or longer than KILN_LIMIT_VERSION_BYTES. */
gboolean kiln_version_check_length(KilnText version, GError **error);

/** A version of Semantic Versioning 2.0.0; all parts are views into what was parsed. */
typedef struct {
	KilnText numbers[3]; /* major, minor, patch */
	KilnText prerelease; /* identifiers with dots between them; data is NULL when there is none */
	KilnText build;      /* likewise; has no part in the order */
} KilnSemver;

/** Strictly "1.2.3[-identifiers][+identifiers]". Returns NULL, or why it is none (static). */
const char *kiln_semver_parse(KilnText text, KilnSemver *out);

/** Section 11 of the specification. */
int kiln_semver_compare(const KilnSemver *a, const KilnSemver *b);

/** The order of the parts after the hyphen, of which none means "after all others". */
int kiln_semver_compare_prerelease(KilnText a, KilnText b);

/** Cut "-identifiers" and "+identifiers" off @rest, which may hold nothing else. Returns NULL, or what is wrong (static). */
const char *kiln_semver_parse_suffixes(KilnText rest, KilnText *prerelease, KilnText *build);
