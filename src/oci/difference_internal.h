/* SPDX-License-Identifier: Apache-2.0 */
/* difference_internal.h: comparing two tars, for difference.c. */
#pragma once
#include "io/reader.h"
#include "oci/difference.h"

typedef struct {
	const char *first, *second; /* what texts call the two */
} DifferenceNames;

void difference_add(GPtrArray *out, const char *part, const char *where, gint64 offset, const char *format, ...) G_GNUC_PRINTF(5, 6);
/** Add the first difference of two tars, or one that says that only their padding differs. */
gboolean difference_of_tars(const char *part, KilnReader *first, KilnReader *second, const DifferenceNames *names, GPtrArray *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
