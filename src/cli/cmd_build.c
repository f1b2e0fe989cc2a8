/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_build.c: kiln build. */
#include "base/error.h"
#include "cli/build_report.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/message.h"
#include "cli/program.h"
#include "cli/recipes.h"
#include "cli/render.h"

#include <stdio.h>
#include <unistd.h>

static gboolean choose_platforms(const KilnInvocation *invocation, KilnRecipe *recipe, GError **error)
{
	const char *const *asked = kiln_option_list(invocation, "platform");
	g_autoptr(GStrvBuilder) platforms = g_strv_builder_new();
	if (!asked[0])
		return TRUE;
	for (; *asked; asked++) {
		const KilnPlatform *platform = kiln_platform_parse(*asked, error);
		if (!platform)
			return FALSE;
		g_strv_builder_add(platforms, platform->oci);
	}
	g_strfreev(recipe->platforms);
	recipe->platforms = g_strv_builder_end(platforms);
	return TRUE;
}

/* One job per image. A recipe whose variants cannot be listed is one job, which has failed. */
static void add_jobs(const KilnInvocation *invocation, const char *path, GPtrArray *jobs)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) variants = kiln_recipe_chosen_variants(path, kiln_option_string(invocation, "variant"), &error);
	for (guint i = 0; variants && i < variants->len; i++)
		g_ptr_array_add(jobs, kiln_build_job_new(path, variants->pdata[i]));
	if (variants)
		return;
	KilnBuildJob *failed = kiln_build_job_new(path, NULL);
	failed->error = g_steal_pointer(&error);
	g_ptr_array_add(jobs, failed);
}

/* Everything that can be known to be wrong before anything is fetched. */
static gboolean prepare(KilnInvocation *invocation, KilnBuildJob *job, gboolean several, GError **error)
{
	job->recipe = kiln_recipe_load(job->path, job->variant, error);
	if (!job->recipe || !choose_platforms(invocation, job->recipe, error))
		return FALSE;
	job->destinations = kiln_destinations_new(kiln_option_list(invocation, "output"), job->recipe->name, several, g_strv_length(job->recipe->platforms), error);
	if (!job->destinations)
		return FALSE;
	job->lock = kiln_recipe_lock(invocation, job->recipe, kiln_option_string(invocation, "lock"), &job->archive, error);
	return job->lock != NULL;
}

/* All packages of all jobs at once. What cannot be had is no error here: the job that needs it says so, and the others are built. */
static gboolean fetch_together(KilnInvocation *invocation, const GPtrArray *jobs, GError **error)
{
	g_autoptr(GArray) requests = g_array_new(FALSE, FALSE, sizeof(KilnLockFetch));
	g_autoptr(GError) ignored = NULL;
	for (guint i = 0; i < jobs->len; i++) {
		const KilnBuildJob *job = jobs->pdata[i];
		for (char **platform = job->lock ? job->recipe->platforms : NULL; platform && *platform; platform++) {
			KilnLockFetch request = { job->lock, kiln_lock_find_platform(job->lock, *platform), job->archive };
			if (request.platform)
				g_array_append_val(requests, request);
		}
	}
	return kiln_locks_fetch(invocation->store, &invocation->context, (const KilnLockFetch *)requests->data, requests->len, &ignored) ||
	       kiln_context_check(&invocation->context, error);
}

static gboolean build(KilnInvocation *invocation, KilnBuildJob *job, const KilnDigest *program, GError **error)
{
	KilnBuildOptions options = { .forget = kiln_option_flag(invocation, "no-cache"), .archive = job->archive, .program = program };
	gint64 begin = g_get_monotonic_time();
	if (!kiln_source_date_epoch(&options.source_date_epoch, error) ||
	    !kiln_destinations_open(job->destinations, invocation->images_path, kiln_store_cache_fd(invocation->store), error))
		return FALSE;
	options.name = job->destinations->home_name;
	if (!kiln_build(invocation->store, &invocation->context, job->recipe, job->lock, job->destinations->home, &options, &job->result, error) ||
	    !kiln_destinations_deliver(job->destinations, invocation->images_path, &job->result.top, error))
		return FALSE;
	job->time_ms = (guint64)(g_get_monotonic_time() - begin) / 1000;
	job->done = TRUE;
	return TRUE;
}

static guint widest_name(const GPtrArray *jobs)
{
	guint width = 0;
	for (guint i = 0; i < jobs->len; i++) {
		g_autofree char *name = kiln_printable(kiln_build_job_name(jobs->pdata[i]), FALSE);
		width = MAX(width, kiln_text_columns(name));
	}
	return width;
}

static void report(KilnInvocation *invocation, const KilnBuildJob *job, gboolean several, guint name_width)
{
	if (invocation->json || invocation->quiet)
		return;
	kiln_output_begin(invocation);
	if (several)
		kiln_build_report_line(invocation, job, name_width);
	if (job->done && (!several || invocation->verbose))
		kiln_build_report_print(invocation, job);
}

/* A recipe that fails does not keep the others from being built. */
static gboolean build_all(KilnInvocation *invocation, GPtrArray *jobs, GError **error)
{
	gboolean several = jobs->len > 1;
	KilnDigest own;
	const KilnDigest *program = kiln_program_digest(&own) ? &own : NULL;
	for (guint i = 0; i < jobs->len; i++) {
		KilnBuildJob *job = jobs->pdata[i];
		if (!job->error && !prepare(invocation, job, several, &job->error) && !kiln_context_check(&invocation->context, error))
			return FALSE;
	}
	g_clear_pointer(&invocation->solver, kiln_solver_free); /* its indexes are large, and all is resolved */
	guint name_width = widest_name(jobs);
	if (several && !fetch_together(invocation, jobs, error))
		return FALSE;
	for (guint i = 0; i < jobs->len; i++) {
		KilnBuildJob *job = jobs->pdata[i];
		if (!job->error && !build(invocation, job, program, &job->error) && !kiln_context_check(&invocation->context, error))
			return FALSE;
		report(invocation, job, several, name_width);
	}
	return TRUE;
}

/* What failed, in full and on stderr; the exit code is that of the first. */
static int conclude(KilnInvocation *invocation, const GPtrArray *jobs)
{
	int code = KILN_EXIT_CLEAN;
	if (!invocation->json && !invocation->quiet)
		kiln_build_report_end(invocation, jobs);
	fflush(stdout);
	for (guint i = 0; i < jobs->len; i++) {
		const KilnBuildJob *job = jobs->pdata[i];
		if (!job->error)
			continue;
		g_autoptr(GError) named = g_error_copy(job->error);
		if (!g_str_has_prefix(named->message, job->path))
			g_prefix_error(&named, "%s%s%s: ", job->path, job->variant ? ", variant " : "", job->variant ? job->variant : "");
		kiln_message_error(named, kiln_message_colour(STDERR_FILENO), invocation->verbose);
		if (code == KILN_EXIT_CLEAN)
			code = kiln_exit_of_error(job->error);
	}
	return code;
}

static int run(KilnInvocation *invocation, GError **error)
{
	g_autoptr(GPtrArray) jobs = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_build_job_free);
	g_autoptr(json_t) documents = json_array();
	for (char **path = invocation->arguments; *path; path++)
		add_jobs(invocation, *path, jobs);
	if (kiln_option_string(invocation, "lock") && jobs->len > 1) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "--lock names the lock of one image, and %u are to be built", jobs->len);
		return KILN_EXIT_ERROR;
	}
	/* What is wrong with --output is so for every image. */
	g_autoptr(KilnDestinations) places = kiln_destinations_new(kiln_option_list(invocation, "output"), "name", jobs->len > 1, 1, error);
	if (!places || !build_all(invocation, jobs, error))
		return KILN_EXIT_ERROR;
	KilnBuildJob *only = jobs->len == 1 ? jobs->pdata[0] : NULL;
	if (only && only->error) {
		g_propagate_error(error, g_steal_pointer(&only->error));
		return KILN_EXIT_ERROR;
	}
	for (guint i = 0; i < jobs->len; i++)
		json_array_append_new(documents, kiln_build_report_json(jobs->pdata[i]));
	kiln_output_begin(invocation);
	if (invocation->json)
		kiln_print_json(documents);
	return only ? KILN_EXIT_CLEAN : conclude(invocation, jobs);
}

static const KilnOption options[] = {
	{ .name = "output", .letter = 'o', .kind = KILN_OPTION_LIST, .value = "IMAGE", .help = "place of the image, or several; else the store", .complete = KILN_COMPLETE_FILE },
	{ .name = "lock", .kind = KILN_OPTION_STRING, .value = "FILE", .help = "build exactly the packages of this lock", .complete = KILN_COMPLETE_FILE },
	{ .name = "platform", .kind = KILN_OPTION_LIST, .value = "PLATFORM", .help = "build for this platform: linux/arm64" },
	{ .name = "variant", .kind = KILN_OPTION_STRING, .value = "NAME", .help = "this variant; all: the recipe and its variants" },
	{ .name = "no-cache", .kind = KILN_OPTION_FLAG, .help = "build anew even if nothing changed" },
	{ .name = "allow-rollback", .kind = KILN_OPTION_LIST, .value = "SUITE", .help = "accept an older index of this suite" },
	{ .name = NULL },
};

const KilnCommand kiln_cmd_build = {
	.name = "build",
	.group = "build",
	.summary = "build an image from signed packages",
	.arguments = "RECIPE...",
	.options = options,
	.needs = KILN_NEED_STORE,
	.run = run,
	.description = "Builds each recipe into an image that holds only what its application needs, with SBOM, provenance and the reason "
	               "of every file attached. No maintainer script runs, no root is needed.\n\n"
	               "The lock beside the recipe decides which packages are used; without one they are resolved now. The same lock gives "
	               "the same digest on every host.\n\n"
	               "IMAGE is oci:DIRECTORY[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME] (for docker load; one platform), or a name "
	               "in the store. \"{name}\" in it stands for the recipe's name, which keeps several images apart. "
	               "A recipe that fails does not keep the others from being built; the exit code is that of the first that failed.",
	.example = "$ kiln build nginx.yaml\n$ kiln build -o oci:out:nginx -o docker-archive:nginx.tar nginx.yaml\n"
	           "$ kiln build --variant all -o oci-archive:out/{name}.tar recipes/*.yaml\n",
	.arguments_min = 1,
	.arguments_max = -1,
	.complete_arguments = KILN_COMPLETE_FILE,
};
