/* SPDX-License-Identifier: Apache-2.0 */
/* inspection_print.c: an inspection for people: what runs, what is in it, what is remarkable. */
#include "cli/inspection.h"

#include "cli/render.h"
#include "run/writable.h"

#include <string.h>

#define LABEL_COLUMNS 13
#define LARGEST_SHOWN 8
#define PATHS_SHOWN 5
#define OWN_LABELS "dev.kiln." /* what they say is shown elsewhere */

typedef struct {
	const KilnInspection *inspection;
	const KilnInvocation *invocation;
} View;

static void heading(const View *view, const char *text)
{
	printf("\n%s%s%s\n", kiln_style(view->invocation->colour, KILN_STYLE_BOLD), text, kiln_style(view->invocation->colour, KILN_STYLE_PLAIN));
}

/* One fact; nothing when there is none. @value is taken. */
static void fact(const View *view, const char *label, char *value)
{
	g_autofree char *taken = value, *shown = value ? kiln_printable(value, FALSE) : NULL;
	if (!shown || !*shown)
		return;
	printf("  %s%-*s%s %s\n", kiln_style(view->invocation->colour, KILN_STYLE_DIM), LABEL_COLUMNS, label,
	       kiln_style(view->invocation->colour, KILN_STYLE_PLAIN), shown);
}

/* Words as a person would type them. */
static void append_words(GString *text, char **words)
{
	for (; words && *words; words++) {
		gboolean plain = **words && strspn(*words, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%") == strlen(*words);
		g_autofree char *quoted = plain ? g_strdup(*words) : g_shell_quote(*words);
		g_string_append_printf(text, "%s%s", text->len ? " " : "", quoted);
	}
}

static char *command_text(const KilnImageConfig *config)
{
	GString *text = g_string_new(NULL);
	append_words(text, config->entrypoint);
	append_words(text, config->command);
	return g_string_free(text, FALSE);
}

static char *writable_text(const KilnInspection *inspection)
{
	if (inspection->writable_error)
		return g_strdup_printf("cannot tell: %s", inspection->writable_error);
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < inspection->writable->len; i++) {
		const KilnWritablePath *path = inspection->writable->pdata[i];
		g_string_append_printf(text, "%s%s (%s)", i ? ", " : "", path->path, path->is_volume ? "volume" : "tmpfs");
	}
	return g_string_free(text, FALSE);
}

static char *health_text(const KilnHealthcheck *check)
{
	GString *text = g_string_new(NULL);
	gboolean has = check->test && check->test[0] && strcmp(check->test[0], "NONE") != 0;
	append_words(text, has && (strcmp(check->test[0], "CMD") == 0 || strcmp(check->test[0], "CMD-SHELL") == 0) ? check->test + 1 : has ? check->test : NULL);
	return g_string_free(text, FALSE);
}

static void print_configuration(const View *view)
{
	const KilnInspection *inspection = view->inspection;
	const KilnImageConfig *config = inspection->image->config;
	char digest[KILN_DIGEST_TEXT_MAX];
	fact(view, "digest", g_strdup(kiln_digest_print(&inspection->image->descriptor.digest, digest)));
	if (kiln_media_type_is_index(inspection->image->top.media_type))
		fact(view, "index", g_strdup(kiln_digest_print(&inspection->image->top.digest, digest)));
	fact(view, "platform", g_strdup_printf("%s/%s%s%s", config->os ? config->os : "?", config->architecture ? config->architecture : "?",
	                                       config->variant && *config->variant ? "/" : "", config->variant ? config->variant : ""));
	if (g_strv_length(inspection->platforms) > 1)
		fact(view, "the index has", g_strjoinv(", ", inspection->platforms));
	fact(view, "created", g_strdup(config->created));
	fact(view, "runs", command_text(config));
	fact(view, "as user", config->user && *config->user ? g_strdup(config->user) : g_strdup("root"));
	fact(view, "in", g_strdup(config->working_directory && strcmp(config->working_directory, "/") != 0 ? config->working_directory : NULL));
	fact(view, "ports", g_strjoinv(", ", config->exposed_ports));
	fact(view, "may write", writable_text(inspection));
	fact(view, "health check", health_text(&config->healthcheck));
	fact(view, "stop signal", g_strdup(config->stop_signal));
	for (char **variable = config->environment; *variable; variable++)
		fact(view, variable == config->environment ? "environment" : "", g_strdup(*variable));
	gboolean first = TRUE;
	for (char **label = config->labels; *label; label += 2) {
		if (g_str_has_prefix(label[0], OWN_LABELS))
			continue;
		fact(view, first ? "labels" : "", g_strdup_printf("%s=%s", label[0], label[1]));
		first = FALSE;
	}
}

static void print_packages(const View *view)
{
	const KilnInventory *inventory = view->inspection->inventory;
	if (!kiln_inventory_is_known(inventory))
		heading(view, "packages: cannot tell, the image has no package database that kiln knows");
	if (!kiln_inventory_is_known(inventory) && !inventory->packages->len)
		return;
	guint partial = 0;
	for (guint i = 0; i < inventory->packages->len; i++)
		partial += ((const KilnInventoryPackage *)inventory->packages->pdata[i])->partial;
	g_autoptr(GPtrArray) sorted = kiln_packages_by_size(inventory);
	guint shown = view->invocation->verbose ? sorted->len : MIN(sorted->len, LARGEST_SHOWN);
	g_autofree char *count = kiln_plural(sorted->len, "package", NULL);
	g_autofree char *part = partial ? g_strdup_printf(", %u of them in part", partial) : g_strdup("");
	g_autofree char *title = g_strdup_printf("%s%s%s", count, part, sorted->len > shown ? "; the largest:" : sorted->len ? ":" : "");
	heading(view, title);
	g_autoptr(KilnTable) table = kiln_table_new(NULL, "rlll");
	for (guint i = 0; i < shown; i++) {
		const KilnInventoryPackage *package = sorted->pdata[i];
		g_autofree char *size = kiln_size_text(package->bytes), *whole = kiln_size_text(package->installed_bytes);
		g_autofree char *of = package->partial && package->installed_bytes ? g_strdup_printf("of %s", whole) : g_strdup(package->partial ? "in part" : "");
		kiln_table_add(table, size, package->identity.name, package->identity.version, of, NULL);
	}
	kiln_table_print(table, stdout, 2, view->invocation->width, view->invocation->colour);
}

/* What stands in the way of an answer, and what else was found in files. */
static void print_remarks(const View *view)
{
	const GPtrArray *remarks = view->inspection->inventory->remarks;
	guint shown = view->invocation->verbose ? remarks->len : MIN(remarks->len, PATHS_SHOWN * 2);
	for (guint i = 0; i < shown; i++) {
		const KilnInventoryRemark *remark = remarks->pdata[i];
		g_autofree char *text = g_strdup_printf("/%s: %s", remark->path, remark->what), *printable = kiln_printable(text, FALSE);
		printf("  %s%s:%s %s\n", kiln_style(view->invocation->colour, KILN_STYLE_NOTE), remark->kind, kiln_style(view->invocation->colour, KILN_STYLE_PLAIN), printable);
	}
	if (remarks->len > shown)
		printf("  and %u more, which --verbose shows\n", remarks->len - shown);
}

static char *paths_text(const KilnInventory *inventory, const KilnTraitRow *row, guint count)
{
	GString *text = g_string_new(NULL);
	guint shown = 0;
	for (guint i = 0; i < inventory->files->len && shown < PATHS_SHOWN; i++)
		if (inventory->entries[i].traits & row->trait)
			g_string_append_printf(text, "%s/%s", shown++ ? ", " : "", inventory->entries[i].file->path);
	if (count > shown)
		g_string_append_printf(text, " and %u more", count - shown);
	return g_string_free(text, FALSE);
}

static void print_contents(const View *view)
{
	const KilnInventory *inventory = view->inspection->inventory;
	guint count, programs;
	guint64 bytes;
	g_autofree char *size = kiln_size_text(inventory->bytes), *packed = kiln_size_text(view->inspection->compressed_bytes);
	g_autofree char *files = kiln_plural(inventory->file_count, "file", NULL), *layers = kiln_plural(view->inspection->layers->len, "layer", NULL);
	g_autofree char *title = g_strdup_printf("%s in %s; %s compressed in %s", size, files, packed, layers);
	heading(view, title);
	fact(view, "distribution", g_strdup(inventory->distribution.pretty_name ? inventory->distribution.pretty_name : inventory->distribution.id));
	fact(view, "its end", g_strdup(view->inspection->ends));
	g_autoptr(GString) none = g_string_new(NULL);
	for (const KilnTraitRow *row = kiln_traits(); row->id; row++) {
		kiln_count_trait(inventory, row->trait, &count, &bytes);
		g_autofree char *number = kiln_plural(count, row->one, NULL);
		if (row->is_ordinary) {
			g_autofree char *bytes_text = kiln_size_text(bytes);
			printf("  %s, %s\n", number, bytes_text);
		} else if (count) {
			g_autofree char *many = kiln_plural(count, row->one, row->many), *paths = paths_text(inventory, row, count), *shown = kiln_printable(paths, FALSE);
			printf("  %s%s:%s %s\n", kiln_style(view->invocation->colour, KILN_STYLE_NOTE), many, kiln_style(view->invocation->colour, KILN_STYLE_PLAIN), shown);
		} else {
			g_string_append_printf(none, "%s%s", none->len ? ", " : "no ", row->many);
		}
	}
	if (none->len)
		printf("  %s%s%s\n", kiln_style(view->invocation->colour, KILN_STYLE_GOOD), none->str, kiln_style(view->invocation->colour, KILN_STYLE_PLAIN));
	kiln_count_unowned(inventory, &count, &bytes, &programs);
	g_autofree char *unowned = kiln_plural(count, "file", NULL), *unowned_size = kiln_size_text(bytes), *code = kiln_plural(programs, "program or library", "programs and libraries");
	if (count && inventory->packages->len)
		printf("  %s of no package, %s, %s among them\n", unowned, unowned_size, programs ? code : "no program");
	print_remarks(view);
}

static void print_layers(const View *view)
{
	g_autoptr(KilnTable) table = kiln_table_new(NULL, "rrll");
	heading(view, "layers, the lowest first");
	for (guint i = 0; i < view->inspection->layers->len; i++) {
		const KilnInspectedLayer *layer = &g_array_index(view->inspection->layers, KilnInspectedLayer, i);
		g_autofree char *size = kiln_size_text(layer->descriptor->size_bytes), *files = kiln_plural(layer->files, "file", NULL);
		g_autofree char *digest = kiln_digest_short(&layer->descriptor->digest);
		kiln_table_add(table, size, files, digest, layer->title ? layer->title : "", NULL);
	}
	kiln_table_print(table, stdout, 2, view->invocation->width, view->invocation->colour);
}

static void print_evidence(const View *view)
{
	const GArray *evidence = view->inspection->evidence;
	g_autoptr(KilnTable) table = kiln_table_new(NULL, "ll");
	heading(view, evidence->len ? "attached evidence" : "no evidence is attached");
	for (guint i = 0; i < evidence->len; i++) {
		const KilnInspectedEvidence *item = &g_array_index(evidence, KilnInspectedEvidence, i);
		g_autofree char *digest = kiln_digest_short(&item->descriptor->digest);
		kiln_table_add(table, digest, item->kind, NULL);
	}
	kiln_table_print(table, stdout, 2, view->invocation->width, view->invocation->colour);
}

static char *reason_paths(const GPtrArray *reasons, guint max)
{
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < reasons->len && i < max; i++)
		g_string_append_printf(text, "%s/%s", i ? ", " : "", ((const KilnReason *)reasons->pdata[i])->path);
	if (reasons->len > max)
		g_string_append_printf(text, " and %u more", reasons->len - max);
	return g_string_free(text, FALSE);
}

/* What the recipe could do better; only kiln's own images say. */
static void print_advice(const View *view)
{
	const KilnInspection *inspection = view->inspection;
	guint max = view->invocation->verbose ? G_MAXUINT : PATHS_SHOWN;
	if (!inspection->unreachable->len && !inspection->callers->len)
		return;
	heading(view, "worth a look");
	if (inspection->unreachable->len) {
		g_autofree char *paths = reason_paths(inspection->unreachable, max), *shown = kiln_printable(paths, FALSE), *size = kiln_size_text(inspection->unreachable_bytes);
		g_autofree char *text = g_strdup_printf("%u %s not reachable from the entry point: %s that \"programs:\" in the recipe would save (%s)",
			inspection->unreachable->len, inspection->unreachable->len == 1 ? "program is" : "programs are", size, shown);
		g_autofree char *wrapped = kiln_text_wrap(text, 2, view->invocation->width ? view->invocation->width : 100);
		fputs(wrapped, stdout);
	}
	if (inspection->callers->len) {
		g_autofree char *paths = reason_paths(inspection->callers, max), *shown = kiln_printable(paths, FALSE);
		g_autofree char *text = g_strdup_printf("%u %s system() or popen(), which want a shell where they are called (%s)", inspection->callers->len,
			inspection->callers->len == 1 ? "program imports" : "programs import", shown);
		g_autofree char *wrapped = kiln_text_wrap(text, 2, view->invocation->width ? view->invocation->width : 100);
		fputs(wrapped, stdout);
	}
}

void kiln_inspection_print(const KilnInspection *inspection, const KilnInvocation *invocation)
{
	const View view = { inspection, invocation };
	g_autofree char *name = kiln_printable(inspection->image->name, FALSE);
	printf("%s%s%s\n", kiln_style(invocation->colour, KILN_STYLE_BOLD), name, kiln_style(invocation->colour, KILN_STYLE_PLAIN));
	print_configuration(&view);
	print_contents(&view);
	print_packages(&view);
	print_layers(&view);
	print_evidence(&view);
	print_advice(&view);
}
