/* SPDX-License-Identifier: Apache-2.0 */
/* version.c: the table of version orders. */
#include "pkg/version.h"

static const KilnVersionOrder *const orders[] = {
	&kiln_version_order_deb,
};

const KilnVersionOrder *kiln_version_order(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(orders); i++)
		if (g_strcmp0(orders[i]->name, name) == 0)
			return orders[i];
	return NULL;
}
