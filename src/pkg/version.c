/* SPDX-License-Identifier: Apache-2.0 */
/* version.c: the table of version orders. */
#include "pkg/version.h"

static const KilnVersionOrder *const orders[] = {
	&kiln_version_order_deb,
	&kiln_version_order_apk,
	&kiln_version_order_rpm,
	&kiln_version_order_semver,
	&kiln_version_order_npm,
	&kiln_version_order_go,
	&kiln_version_order_pep440,
	&kiln_version_order_maven,
	&kiln_version_order_gem,
	&kiln_version_order_nuget,
	&kiln_version_order_packagist,
	&kiln_version_order_generic,
};

const KilnVersionOrder *kiln_version_order(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(orders); i++)
		if (g_strcmp0(orders[i]->name, name) == 0)
			return orders[i];
	return NULL;
}

const KilnVersionOrder *kiln_version_order_at(gsize index)
{
	return index < G_N_ELEMENTS(orders) ? orders[index] : NULL;
}
