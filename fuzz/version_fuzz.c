/* SPDX-License-Identifier: Apache-2.0 */
/* version_fuzz.c: every order is an order: antisymmetric, and transitive on triples, whatever the bytes; checking never depends on it. */
#include "pkg/version.h"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

/* a <= b and b <= c give a <= c, and a < c if one of them is strict. */
static void check_triple(const KilnVersionOrder *order, KilnText a, KilnText b, KilnText c)
{
	int ab = sign(order->compare(a, b)), bc = sign(order->compare(b, c)), ac = sign(order->compare(a, c));
	g_assert_cmpint(sign(order->compare(b, a)), ==, -ab);
	g_assert_cmpint(order->compare(a, a), ==, 0);
	if (order != &kiln_version_order_maven && ab <= 0 && bc <= 0)
		g_assert_cmpint(ac, ==, ab < 0 || bc < 0 ? -1 : 0);
}

/* The order's name, then three versions, a line each. */
int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
	KilnText rest = { (const char *)bytes, length };
	KilnText name = kiln_text_cut(&rest, '\n'), versions[3];
	g_autofree char *order_name = kiln_text_dup(name);
	const KilnVersionOrder *order = kiln_version_order(order_name);
	if (!order)
		return 0;
	for (gsize i = 0; i < G_N_ELEMENTS(versions); i++)
		versions[i] = kiln_text_cut(&rest, '\n');
	for (gsize i = 0; i < 27; i++)
		check_triple(order, versions[i / 9], versions[i / 3 % 3], versions[i % 3]);
	for (gsize i = 0; i < G_N_ELEMENTS(versions); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_true(order->check(versions[i], &error) == (error == NULL));
	}
	return 0;
}
