/* SPDX-License-Identifier: Apache-2.0 */
/* changelog_file.h: the changelog that a package in the store brings. */
#pragma once
#include "source/store.h"

/**
 * Debian's changelog out of the .deb with @digest, which is in the store: /usr/share/doc/PACKAGE/changelog.Debian.gz, or changelog.gz of a
 * native package. It is remembered by the digest, so that the package is read once.
 *
 * @label: for messages, "nginx 1.26.3-3"
 * @changelog: becomes its text; empty when the package has none (its documentation may be a link to another one's)
 * Errors: KILN_ERROR_MISMATCH the store's file is not what its name says; those of kiln_deb_read(); KILN_ERROR_LIMIT.
 */
gboolean kiln_changelog_file_read(KilnStore *store, const KilnDigest *digest, const char *label, GBytes **changelog, GError **error) G_GNUC_WARN_UNUSED_RESULT;
