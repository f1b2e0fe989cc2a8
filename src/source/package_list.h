/* SPDX-License-Identifier: Apache-2.0 */
/* package_list.h: the packages of an index, one by one, as its Packages file lists them. */
#pragma once
#include "base/text.h"
#include "source/index.h"

/** Views that are valid during the visit. */
typedef struct {
	KilnText name, version, architecture;
	KilnText source_name, source_version; /* those of the package itself where it names no other */
	KilnText filename;
	KilnDigest digest;
	guint64 size_bytes;
} KilnListedPackage;

/** FALSE with @error set ends the reading. */
typedef gboolean (*KilnPackageVisit)(const KilnListedPackage *package, gpointer user_data, GError **error);

/**
 * Call @visit for each stanza of @file, which is streamed. @name is for messages.
 * Errors: KILN_ERROR_SYNTAX a stanza without name, version, file name, digest or size; KILN_ERROR_LIMIT; those of @visit.
 */
gboolean kiln_package_list(KilnStore *store, const KilnIndexFile *file, const char *name, KilnPackageVisit visit, gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
