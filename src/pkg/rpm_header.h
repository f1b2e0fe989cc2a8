/* SPDX-License-Identifier: Apache-2.0 */
/* rpm_header.h: the header of one installed package of rpm: tags with their values, as its databases keep it.
 *
 * Source: rpm's format documentation, "RPM v4 header": two numbers, an index of 16 bytes for each tag, a store of values; all numbers big
 * endian. Databases leave out the magic in front. Parsed here and not by librpm: it is bytes of strangers in a sandbox, and 12 tags are asked for.
 */
#pragma once
#include "base/text.h"

typedef enum {
	KILN_RPM_NAME = 1000,
	KILN_RPM_VERSION = 1001,
	KILN_RPM_RELEASE = 1002,
	KILN_RPM_EPOCH = 1003,
	KILN_RPM_SUMMARY = 1004,
	KILN_RPM_SIZE = 1009,
	KILN_RPM_VENDOR = 1011,
	KILN_RPM_LICENCE = 1014,
	KILN_RPM_PACKAGER = 1015,
	KILN_RPM_URL = 1020,
	KILN_RPM_ARCHITECTURE = 1022,
	KILN_RPM_FILE_STATES = 1029,
	KILN_RPM_FILE_DIGESTS = 1035,
	KILN_RPM_FILE_FLAGS = 1037,
	KILN_RPM_SOURCE_RPM = 1044,
	KILN_RPM_DIRECTORY_INDEXES = 1116,
	KILN_RPM_BASE_NAMES = 1117,
	KILN_RPM_DIRECTORY_NAMES = 1118,
	KILN_RPM_LONG_SIZE = 5009,
	KILN_RPM_FILE_DIGEST_ALGORITHM = 5011,
	KILN_RPM_MODULARITY_LABEL = 5096,
} KilnRpmTag;

typedef struct {
	KilnText index, store; /* borrowed */
} KilnRpmHeader;

/** The values of one tag, borrowed. */
typedef struct {
	guint type, count;
	KilnText bytes; /* from the first value to the end of the store */
} KilnRpmValues;

/** Errors: KILN_ERROR_SYNTAX: sizes or offsets lead out of @blob. */
gboolean kiln_rpm_header_open(KilnText blob, KilnRpmHeader *header, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** FALSE: the header does not have that tag; @values is then empty. */
gboolean kiln_rpm_header_find(const KilnRpmHeader *header, KilnRpmTag tag, KilnRpmValues *values);
/** The number at @i, of any width. FALSE: there is none. */
gboolean kiln_rpm_number(const KilnRpmValues *values, guint i, guint64 *out);
/** Cut the next string off. FALSE: there is none. */
gboolean kiln_rpm_next_text(KilnRpmValues *values, KilnText *out);
/** The first string of a tag as a new string, or NULL when it is missing, empty, or no text. */
char *kiln_rpm_header_text(const KilnRpmHeader *header, KilnRpmTag tag);
