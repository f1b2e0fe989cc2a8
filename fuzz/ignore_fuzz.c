/* SPDX-License-Identifier: Apache-2.0 */
/* ignore_fuzz.c: ignore files in YAML and TOML: no rule is wider than a vulnerability, or a condition that its author wrote. */
#include "vuln/ignore.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check(const KilnVex *vex)
{
	for (guint i = 0; i < vex->statements->len; i++) {
		const KilnVexStatement *rule = vex->statements->pdata[i];
		const VexCondition *condition = rule->condition;
		if (!rule->names->len && !rule->void_because && !(condition->any_vulnerability && (condition->package || condition->upstream || condition->version || condition->purl_type ||
		                                                                                  condition->fix_state || condition->paths->len)))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static const char *const names[] = { "a.yaml", "a.toml", "list" };
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(KilnVex) vex = kiln_vex_new();
		if (vex_read_ignores(vex, (KilnText){ (const char *)bytes, length }, names[i], NULL))
			check(vex);
	}
	return 0;
}
