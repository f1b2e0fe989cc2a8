/* SPDX-License-Identifier: Apache-2.0 */
/* build_report.c: what kiln build says about the images it made. */
#include "cli/build_report.h"

#include "base/error.h"
#include "build/reason.h"
#include "cli/render.h"

#include <stdio.h>
#include <string.h>

#define LEFT_OUT_SHOWN 8
#define PLATFORM_INDENT 4

KilnBuildJob *kiln_build_job_new(const char *path, const char *variant)
{
	KilnBuildJob *job = g_new0(KilnBuildJob, 1);
	job->path = path;
	job->variant = g_strdup(variant);
	return job;
}

void kiln_build_job_free(KilnBuildJob *job)
{
	kiln_build_result_clear(&job->result);
	kiln_recipe_free(job->recipe);
	kiln_lock_free(job->lock);
	kiln_archive_free(job->archive);
	kiln_destinations_free(job->destinations);
	g_clear_error(&job->error);
	g_free(job->variant);
	g_free(job);
}

const char *kiln_build_job_name(const KilnBuildJob *job)
{
	return job->recipe ? job->recipe->name : job->path;
}

static json_t *places_json(const KilnDestinations *destinations)
{
	json_t *array = json_array();
	for (guint i = 0; destinations && i < destinations->references->len; i++) {
		g_autofree char *place = kiln_destinations_print(destinations, i);
		json_array_append_new(array, json_string(place));
	}
	return array;
}

json_t *kiln_build_report_json(const KilnBuildJob *job)
{
	json_t *object = json_object(), *platforms = json_array();
	char digest[KILN_DIGEST_TEXT_MAX];
	kiln_json_set_string(object, "recipe", job->path);
	kiln_json_set_string(object, "variant", job->variant);
	kiln_json_set_string(object, "image", kiln_build_job_name(job));
	if (!job->done) {
		json_decref(platforms);
		json_object_set_new(object, "error", json_pack("{s:s,s:s}", "code", kiln_error_name(job->error->code), "text", job->error->message));
		return object;
	}
	json_object_set_new(object, "places", places_json(job->destinations));
	kiln_json_set_string(object, "digest", kiln_digest_print(&job->result.top.digest, digest));
	json_object_set_new(object, "unchanged", json_boolean(job->result.remembered));
	for (guint i = 0; i < job->result.platforms->len; i++)
		json_array_append_new(platforms, kiln_built_platform_to_json(job->result.platforms->pdata[i]));
	json_object_set_new(object, "platforms", platforms);
	return object;
}

/* The largest of them, and the rest as one row, so that the numbers add up. */
static void print_left_out(const KilnInvocation *invocation, const KilnBuiltPlatform *built)
{
	g_autoptr(KilnTable) table = kiln_table_new(NULL, "rrl");
	guint64 rest_files = 0, rest_bytes = 0;
	guint shown = invocation->verbose || built->left_out->len <= LEFT_OUT_SHOWN + 1 ? built->left_out->len : LEFT_OUT_SHOWN;
	for (guint i = 0; i < built->left_out->len; i++) {
		const KilnLeftOut *left = built->left_out->pdata[i];
		if (i >= shown) {
			rest_files += left->files;
			rest_bytes += left->bytes;
			continue;
		}
		g_autofree char *size = kiln_size_text(left->bytes), *files = kiln_plural(left->files, "file", NULL);
		const KilnRule *rule = kiln_rule(left->rule);
		kiln_table_add(table, size, files, rule && rule->summary ? rule->summary : left->rule, NULL);
	}
	if (built->left_out->len > shown) {
		g_autofree char *size = kiln_size_text(rest_bytes), *files = kiln_plural(rest_files, "file", NULL);
		g_autofree char *text = g_strdup_printf("for %u more reasons; --verbose names them", built->left_out->len - shown);
		kiln_table_add(table, size, files, text, NULL);
		kiln_table_style(table, KILN_STYLE_DIM);
	}
	if (built->left_out->len)
		printf("  left out:\n");
	kiln_table_print(table, stdout, PLATFORM_INDENT, invocation->width, invocation->colour);
}

static void print_wrapped(const KilnInvocation *invocation, const char *text, guint indent, KilnStyle style)
{
	g_autofree char *printable = kiln_printable(text, FALSE);
	g_autofree char *lines = invocation->width ? kiln_text_wrap(printable, indent, invocation->width) : g_strdup_printf("%*s%s\n", (int)indent, "", printable);
	gboolean styled = invocation->colour && style != KILN_STYLE_PLAIN;
	g_strchomp(lines);
	printf("%s%s%s\n", kiln_style(styled, style), lines, kiln_style(styled, KILN_STYLE_PLAIN));
}

static guint count_notices(const KilnBuiltPlatform *built, gboolean notes)
{
	guint count = 0;
	for (guint i = 0; i < built->notices->len; i++)
		count += ((KilnNotice *)built->notices->pdata[i])->note == notes;
	return count;
}

static void print_notices_of(const KilnInvocation *invocation, const KilnBuiltPlatform *built, gboolean notes)
{
	for (guint i = 0; i < built->notices->len; i++) {
		const KilnNotice *notice = built->notices->pdata[i];
		if (notice->note != notes)
			continue;
		g_auto(GStrv) lines = g_strsplit(notice->text, "\n", -1);
		for (guint j = 0; lines[j]; j++)
			print_wrapped(invocation, lines[j], j ? PLATFORM_INDENT + 4 : PLATFORM_INDENT, KILN_STYLE_PLAIN);
		g_autofree char *answer = notice->answer ? g_strconcat("-> ", notice->answer, NULL) : NULL;
		if (answer)
			print_wrapped(invocation, answer, PLATFORM_INDENT + 2, KILN_STYLE_DIM);
	}
}

static void print_notices(const KilnInvocation *invocation, const KilnBuiltPlatform *built)
{
	guint warnings = count_notices(built, FALSE), notes = count_notices(built, TRUE);
	if (warnings) {
		g_autofree char *count = kiln_plural(warnings, "warning", NULL);
		printf("  %s%s%s, %s what answers it:\n", kiln_style(invocation->colour, KILN_STYLE_NOTE), count, kiln_style(invocation->colour, KILN_STYLE_PLAIN),
		       warnings == 1 ? "and" : "each with");
		print_notices_of(invocation, built, FALSE);
	}
	if (!notes)
		return;
	g_autofree char *count = kiln_plural(notes, "note", NULL);
	printf("  %s%s\n", count, invocation->verbose ? ":" : "; --verbose shows them");
	if (invocation->verbose)
		print_notices_of(invocation, built, TRUE);
}

static void print_platform(const KilnInvocation *invocation, const KilnBuiltPlatform *built, gboolean unchanged)
{
	const char *bold = kiln_style(invocation->colour, KILN_STYLE_BOLD), *plain = kiln_style(invocation->colour, KILN_STYLE_PLAIN);
	g_autofree char *kept = kiln_size_text(built->bytes_kept), *all = kiln_size_text(built->bytes_all), *packed = kiln_size_text(built->compressed_bytes);
	g_autofree char *files = kiln_count_text(built->files_kept), *files_all = kiln_count_text(built->files_all);
	g_autofree char *layers = kiln_plural(built->layers, "layer", NULL);
	printf("  %s  %s%s%s instead of %s; %s compressed in %s\n", built->platform, bold, kept, plain, all, packed, layers);
	printf("  %*s  %u of %u packages, %s of %s files\n", (int)strlen(built->platform), "", built->packages_kept, built->packages_all, files, files_all);
	if (!unchanged || invocation->verbose)
		print_left_out(invocation, built);
	print_notices(invocation, built);
}

void kiln_build_report_print(const KilnInvocation *invocation, const KilnBuildJob *job)
{
	char digest[KILN_DIGEST_TEXT_MAX];
	g_autofree char *time = kiln_duration_text(job->time_ms), *built = g_strdup_printf(", built in %s", time);
	for (guint i = 0; i < job->destinations->references->len; i++) {
		g_autofree char *place = kiln_destinations_print(job->destinations, i);
		printf("%s%s%s%s\n", kiln_style(invocation->colour, KILN_STYLE_BOLD), place, kiln_style(invocation->colour, KILN_STYLE_PLAIN),
		       i ? "" : job->result.remembered ? ", unchanged" : built);
	}
	printf("  %s\n", kiln_digest_print(&job->result.top.digest, digest));
	for (guint i = 0; i < job->result.platforms->len; i++)
		print_platform(invocation, job->result.platforms->pdata[i], job->result.remembered);
}

typedef struct {
	guint64 kept, all;
	guint warnings;
} Sums;

static Sums sum(const KilnBuildJob *job)
{
	Sums sums = { 0 };
	for (guint i = 0; i < job->result.platforms->len; i++) {
		const KilnBuiltPlatform *built = job->result.platforms->pdata[i];
		sums.kept += built->bytes_kept;
		sums.all += built->bytes_all;
		sums.warnings += count_notices(built, FALSE);
	}
	return sums;
}

static void print_padded(const char *text, guint width)
{
	guint columns = kiln_text_columns(text);
	printf("%s%*s", text, columns < width ? (int)(width - columns) : 0, "");
}

void kiln_build_report_line(const KilnInvocation *invocation, const KilnBuildJob *job, guint name_width)
{
	g_autofree char *name = kiln_printable(kiln_build_job_name(job), FALSE);
	print_padded(name, name_width);
	if (!job->done) {
		g_autofree char *text = kiln_printable(job->error->message, FALSE);
		guint room = invocation->width > name_width + 12 ? invocation->width - name_width - 10 : 0;
		gboolean cut = room && kiln_text_columns(text) > room;
		g_autofree char *shown = cut ? g_utf8_substring(text, 0, room - 1) : g_strdup(text);
		printf("  %sfailed%s: %s%s\n", kiln_style(invocation->colour, KILN_STYLE_BAD), kiln_style(invocation->colour, KILN_STYLE_PLAIN), shown, cut ? "…" : "");
		return;
	}
	Sums sums = sum(job);
	g_autofree char *digest = kiln_digest_short(&job->result.top.digest), *kept = kiln_size_text(sums.kept), *all = kiln_size_text(sums.all);
	g_autofree char *time = kiln_duration_text(job->time_ms), *warnings = kiln_plural(sums.warnings, "warning", NULL);
	printf("  %s  %8s of %8s  %*s", digest, kept, all, sums.warnings ? -9 : 0, job->result.remembered ? "unchanged" : time);
	if (sums.warnings)
		printf("  %s%s%s", kiln_style(invocation->colour, KILN_STYLE_NOTE), warnings, kiln_style(invocation->colour, KILN_STYLE_PLAIN));
	printf("\n");
	fflush(stdout);
}

void kiln_build_report_end(const KilnInvocation *invocation, const GPtrArray *jobs)
{
	Sums total = { 0 };
	guint done = 0, unchanged = 0;
	for (guint i = 0; i < jobs->len; i++) {
		const KilnBuildJob *job = jobs->pdata[i];
		if (!job->done)
			continue;
		Sums sums = sum(job);
		total.kept += sums.kept;
		total.all += sums.all;
		done++;
		unchanged += job->result.remembered;
	}
	g_autofree char *images = kiln_plural(done, "image", NULL), *kept = kiln_size_text(total.kept), *all = kiln_size_text(total.all);
	printf("%s", images);
	if (unchanged)
		printf(", %u unchanged", unchanged);
	if (done)
		printf(": %s instead of %s", kept, all);
	if (done < jobs->len)
		printf("; %u %sfailed%s", jobs->len - done, kiln_style(invocation->colour, KILN_STYLE_BAD), kiln_style(invocation->colour, KILN_STYLE_PLAIN));
	printf("\n");
}
