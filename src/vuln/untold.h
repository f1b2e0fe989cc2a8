/* SPDX-License-Identifier: Apache-2.0 */
/* untold.h: what a result says nothing about. Internal to this module. */
#pragma once
#include "vuln/finding.h"

GPtrArray *untold_new(void);
/** @kind is static; @what is taken. The same is said once only. */
void untold_add(GPtrArray *untold, const char *kind, char *what);
/** What holds for the image as a whole: no package database, end of life, sources that were @asked (KilnDatabaseSource) and are old, programs that nobody owns. */
gboolean untold_judge(const KilnInventory *inventory, KilnDatabase *database, GHashTable *asked, const KilnMatchOptions *options, KilnScanResult *result,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
void untold_sort(GPtrArray *untold);
