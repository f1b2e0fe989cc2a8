/* SPDX-License-Identifier: Apache-2.0 */
/* comparison_print.c: a comparison for people: packages and settings whole, files as far as a screen goes. */
#include "cli/comparison.h"

#include "cli/render.h"

#include <string.h>

#define FILES_SHOWN 20

/* "14.3 MB" when nothing changed, else "14.3 MB, was 12.0 MB". */
static char *size_change(guint64 before, guint64 after)
{
	g_autofree char *old = kiln_size_text(before), *new = kiln_size_text(after);
	guint64 by = after > before ? after - before : before - after;
	g_autofree char *difference = kiln_size_text(by);
	return by ? g_strdup_printf("%s, %c%s (was %s)", new, after > before ? '+' : '-', difference, old) : g_strdup(new);
}

static void heading(const KilnInvocation *invocation, const char *text)
{
	printf("\n%s%s%s\n", kiln_style(invocation->colour, KILN_STYLE_BOLD), text, kiln_style(invocation->colour, KILN_STYLE_PLAIN));
}

static void print_image(const KilnInvocation *invocation, char sign, const KilnComparedImage *compared)
{
	const KilnImage *image = compared->image;
	char digest[KILN_DIGEST_TEXT_MAX];
	g_autofree char *name = kiln_printable(image->name, FALSE);
	g_autofree char *platform = g_strdup_printf("%s/%s", image->config->os ? image->config->os : "?", image->config->architecture ? image->config->architecture : "?");
	g_autofree char *shown = kiln_printable(platform, FALSE);
	printf("%s%c %s%s %s\n  %s\n", kiln_style(invocation->colour, sign == '-' ? KILN_STYLE_BAD : KILN_STYLE_GOOD), sign, name,
	       kiln_style(invocation->colour, KILN_STYLE_PLAIN), shown, kiln_digest_print(&image->descriptor.digest, digest));
}

static void print_line(const KilnInvocation *invocation, char sign, const char *text)
{
	g_autofree char *shown = kiln_printable(text, FALSE);
	KilnStyle style = sign == '+' ? KILN_STYLE_GOOD : sign == '-' ? KILN_STYLE_BAD : KILN_STYLE_NOTE;
	printf("  %s%c %s%s\n", kiln_style(invocation->colour, style), sign, shown, kiln_style(invocation->colour, KILN_STYLE_PLAIN));
}

static gboolean has_item(const json_t *array, const json_t *item)
{
	for (gsize i = 0; i < json_array_size(array); i++)
		if (json_equal(json_array_get(array, i), item))
			return TRUE;
	return FALSE;
}

static char *value_text(const json_t *value)
{
	if (json_is_string(value))
		return g_strdup(json_string_value(value));
	g_autoptr(GBytes) bytes = kiln_json_compact(value);
	return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static void print_value(const KilnInvocation *invocation, char sign, const char *key, const char *member, const json_t *value)
{
	g_autofree char *shown = value_text(value), *text = g_strdup_printf("%s%s%s: %s", key, member ? " " : "", member ? member : "", shown);
	print_line(invocation, sign, text);
}

/* What of @value is not in @other: items of sets, members of maps, else the whole. */
static void print_side(const KilnInvocation *invocation, char sign, const char *key, json_t *value, const json_t *other)
{
	gboolean is_set = strcmp(key, "env") == 0 || strcmp(key, "ports") == 0 || strcmp(key, "volumes") == 0;
	const char *member;
	json_t *item;
	if (!value)
		return;
	if (is_set) {
		for (gsize i = 0; i < json_array_size(value); i++)
			if (!has_item(other, json_array_get(value, i)))
				print_value(invocation, sign, key, NULL, json_array_get(value, i));
	} else if (json_is_object(value)) {
		json_object_foreach(value, member, item)
		{
			const json_t *same = json_object_get(other, member);
			if (!same || !json_equal(same, item))
				print_value(invocation, sign, key, member, item);
		}
	} else {
		print_value(invocation, sign, key, NULL, value);
	}
}

static void print_settings(const KilnComparison *comparison, const KilnInvocation *invocation)
{
	if (!comparison->settings->len)
		return;
	heading(invocation, "configuration");
	for (guint i = 0; i < comparison->settings->len; i++) {
		const KilnConfigChange *change = &g_array_index(comparison->settings, KilnConfigChange, i);
		print_side(invocation, '-', change->key, change->before, change->after);
		print_side(invocation, '+', change->key, change->after, change->before);
	}
}

static void print_packages(const KilnComparison *comparison, const KilnInvocation *invocation)
{
	const GArray *changes = comparison->packages;
	gboolean known = kiln_inventory_is_known(comparison->before.inventory) && kiln_inventory_is_known(comparison->after.inventory);
	if (!known)
		heading(invocation, "packages: cannot tell, not both images have a package database that kiln knows");
	if (!changes->len || !known)
		return;
	g_autofree char *count = kiln_plural(changes->len, "package differs", "packages differ");
	g_autoptr(KilnTable) table = kiln_table_new(NULL, "lll");
	heading(invocation, count);
	for (guint i = 0; i < changes->len; i++) {
		const KilnPackageChange *change = &g_array_index(changes, KilnPackageChange, i);
		const KilnInventoryPackage *any = change->after ? change->after : change->before;
		g_autofree char *versions = change->before && change->after ? g_strdup_printf("%s -> %s", change->before->identity.version, change->after->identity.version)
		                                                            : g_strdup(any->identity.version);
		kiln_table_add(table, change->before ? change->after ? "~" : "-" : "+", any->identity.name, versions, NULL);
		kiln_table_style(table, change->before ? change->after ? KILN_STYLE_NOTE : KILN_STYLE_BAD : KILN_STYLE_GOOD);
	}
	kiln_table_print(table, stdout, 2, invocation->width, invocation->colour);
}

static char *owner_text(const KilnComparedImage *compared, const KilnInventoryFile *entry)
{
	return g_strdup(entry->package >= 0 ? ((const KilnInventoryPackage *)compared->inventory->packages->pdata[entry->package])->identity.name : "");
}

static char *what_text(const KilnFileChange *change)
{
	GString *text = g_string_new(NULL);
	for (guint bit = 0; kiln_file_change_word(bit); bit++)
		if (change->what & (1u << bit))
			g_string_append_printf(text, "%s%s", text->len ? ", " : "", kiln_file_change_word(bit));
	return g_string_free(text, FALSE);
}

/* Directories come with the files in them; they are shown where they themselves changed. */
static gboolean is_shown(const KilnFileChange *change)
{
	return change->what || (change->after ? change->after : change->before)->file->type != KILN_FILE_DIRECTORY;
}

static void print_files(const KilnComparison *comparison, const KilnInvocation *invocation)
{
	guint counts[3] = { 0 }, shown = 0, total = 0;
	g_autoptr(KilnTable) table = kiln_table_new(NULL, "llll");
	for (guint i = 0; i < comparison->files->len; i++) {
		const KilnFileChange *change = &g_array_index(comparison->files, KilnFileChange, i);
		gboolean added = !change->before, removed = !change->after;
		if (!is_shown(change))
			continue;
		total++;
		counts[added ? 0 : removed ? 1 : 2]++;
		if (!invocation->verbose && shown == FILES_SHOWN)
			continue;
		shown++;
		g_autofree char *path = g_strconcat("/", (added ? change->after : change->before)->file->path, NULL), *what = what_text(change);
		g_autofree char *owner = owner_text(added ? &comparison->after : &comparison->before, added ? change->after : change->before);
		kiln_table_add(table, added ? "+" : removed ? "-" : "~", path, what, owner, NULL);
		kiln_table_style(table, added ? KILN_STYLE_GOOD : removed ? KILN_STYLE_BAD : KILN_STYLE_NOTE);
	}
	if (!total)
		return;
	g_autofree char *title = g_strdup_printf("files: %u added, %u removed, %u changed", counts[0], counts[1], counts[2]);
	heading(invocation, title);
	kiln_table_print(table, stdout, 2, invocation->width, invocation->colour);
	if (total > shown)
		printf("    and %u more; --verbose lists them all\n", total - shown);
}

void kiln_comparison_print(const KilnComparison *comparison, KilnInvocation *invocation)
{
	const KilnComparedImage *before = &comparison->before, *after = &comparison->after;
	print_image(invocation, '-', before);
	print_image(invocation, '+', after);
	if (comparison->equal) {
		printf("\nthe same image, byte for byte\n");
		return;
	}
	g_autofree char *size = size_change(before->inventory->bytes, after->inventory->bytes), *packed = size_change(before->compressed_bytes, after->compressed_bytes);
	heading(invocation, "size");
	printf("  %s unpacked\n  %s compressed\n", size, packed);
	printf("  %u of its %u layers are the same\n", comparison->shared_layers, after->image->manifest->items->len);
	print_settings(comparison, invocation);
	print_packages(comparison, invocation);
	print_files(comparison, invocation);
	if (!comparison->settings->len && !comparison->packages->len && !comparison->files->len)
		printf("\nPackages, files and configuration are the same; the images differ in times, layers or compression.\n");
}
