/* SPDX-License-Identifier: Apache-2.0 */
/* end_of_life.h: when the release of a distribution ends, by endoflife's documents in the database. */
#pragma once
#include "pkg/inventory.h"
#include "vuln/database.h"

/**
 * When the distribution's release ends. *cycle: as endoflife calls the release ("12", "3.20"), new string; NULL with *known FALSE.
 * Errors: those of kiln_database_end_of_life().
 */
gboolean kiln_distribution_end(KilnDatabase *database, const KilnDistribution *distribution, KilnEndOfLife *end, char **cycle, gboolean *known, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** "2028-06-30", "ended", or "never". New string. */
char *kiln_end_of_life_text(const KilnEndOfLife *end);
gboolean kiln_end_of_life_is_past(const KilnEndOfLife *end, gint64 now_unix_s);
