/* SPDX-License-Identifier: Apache-2.0 */
/* sbom_check.c: show how an SBOM stands against standards. */
#include "cli/sbom_check.h"

#include "base/limits.h"
#include "cli/exit.h"
#include "cli/render.h"
#include "io/file.h"
#include "sbom/check.h"

#include <fcntl.h>
#include <stdio.h>

static const KilnSbomStandard standards[] = { KILN_SBOM_NTIA, KILN_SBOM_CISA, KILN_SBOM_BSI };
static const char *const ids[] = { "ntia", "cisa-2025", "bsi-tr-03183-2" };

static void print_json(const KilnSbomScore *score)
{
	g_autoptr(json_t) root = json_pack("{s:i, s:s, s:i}", "version", 1, "sbom", score->format, "components", (int)score->components);
	json_t *scores = json_object(), *elements = json_array();
	for (gsize i = 0; i < G_N_ELEMENTS(standards); i++) {
		gboolean passes;
		guint percent = kiln_sbom_score_percent(score, standards[i], &passes);
		json_object_set_new(scores, ids[i], json_pack("{s:i, s:b}", "percent", (int)percent, "passes", passes));
	}
	for (guint i = 0; i < score->elements->len; i++) {
		const KilnSbomElement *element = score->elements->pdata[i];
		json_t *required = json_array(), *missing = json_array();
		for (gsize j = 0; j < G_N_ELEMENTS(standards); j++)
			if (element->required & standards[j])
				json_array_append_new(required, json_string(ids[j]));
		for (guint j = 0; j < element->missing->len; j++)
			json_array_append_new(missing, json_string(element->missing->pdata[j]));
		json_array_append_new(elements, json_pack("{s:s, s:o, s:i, s:i, s:b, s:o}", "id", element->id, "required-by", required, "there", (int)element->there, "of", (int)element->all,
		                                          "known-unknown", element->declared, "missing-in", missing));
	}
	json_object_set_new(root, "standards", scores);
	json_object_set_new(root, "elements", elements);
	g_autoptr(GBytes) bytes = kiln_json_pretty(root);
	fwrite(g_bytes_get_data(bytes, NULL), 1, g_bytes_get_size(bytes), stdout);
}

static char *places_of(const KilnSbomElement *element)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint all = element->all - element->there;
	for (guint i = 0; i < MIN(element->missing->len, 3); i++)
		g_string_append_printf(text, "%s%s", i ? ", " : "", (const char *)element->missing->pdata[i]);
	if (all > 3)
		g_string_append_printf(text, " and %u more", all - 3);
	return kiln_printable(text->str, FALSE);
}

static void print_text(const KilnInvocation *invocation, const KilnSbomScore *score)
{
	printf("%s, %u components\n\n", score->format, score->components);
	for (gsize i = 0; i < G_N_ELEMENTS(standards); i++) {
		gboolean passes;
		guint percent = kiln_sbom_score_percent(score, standards[i], &passes);
		printf("  %-18s %3u %%  %s%s%s\n", kiln_sbom_standard_name(standards[i]), percent, kiln_style(invocation->colour, passes ? KILN_STYLE_GOOD : KILN_STYLE_BAD),
		       passes ? "all that it wants is there, or said to be unknown" : "something is missing", kiln_style(invocation->colour, KILN_STYLE_PLAIN));
	}
	printf("\n");
	for (guint i = 0; i < score->elements->len; i++) {
		const KilnSbomElement *element = score->elements->pdata[i];
		g_autofree char *places = places_of(element);
		if (element->there == element->all && element->all)
			printf("  yes   %s\n", element->title);
		else
			printf("  %-5s %s: %u of %u%s%s\n", element->declared ? "said" : "NO", element->title, element->there, element->all, *places ? "; without: " : "", places);
	}
}

int kiln_sbom_check_run(KilnInvocation *invocation, const char *path, GError **error)
{
	g_autoptr(GBytes) bytes = kiln_file_read_at(AT_FDCWD, path, KILN_LIMIT_JSON_BYTES, error);
	g_autoptr(KilnSbomScore) score = bytes ? kiln_sbom_check(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), path, error) : NULL;
	gboolean all = TRUE;
	if (!score)
		return KILN_EXIT_ERROR;
	kiln_output_begin(invocation);
	if (invocation->json)
		print_json(score);
	else
		print_text(invocation, score);
	for (gsize i = 0; i < G_N_ELEMENTS(standards); i++) {
		gboolean passes;
		kiln_sbom_score_percent(score, standards[i], &passes);
		all &= passes;
	}
	return all ? KILN_EXIT_CLEAN : KILN_EXIT_FINDINGS;
}
