/* SPDX-License-Identifier: Apache-2.0 */
/* version.h: version orders, one row each. */
#pragma once
#include "base/text.h"

typedef struct {
	const char *name; /* "deb" */
	/** Negative, zero, positive. Any bytes are accepted; invalid versions have some total order. */
	int (*compare)(KilnText a, KilnText b);
	/** FALSE with the reason when @version is not well-formed. */
	gboolean (*check)(KilnText version, GError **error);
} KilnVersionOrder;

/** NULL when no order has that name. Borrowed, static. */
const KilnVersionOrder *kiln_version_order(const char *name);

/** deb-version(7): Debian and Ubuntu. */
extern const KilnVersionOrder kiln_version_order_deb;
