/* SPDX-License-Identifier: Apache-2.0 */
/* build_report.h: what kiln build says about the images it made: for people in full or in a line, and as JSON. */
#pragma once
#include "build/builder.h"
#include "cli/command.h"
#include "cli/destinations.h"

/** One image of a run: what is asked for, and what came of it. */
typedef struct {
	const char *path;               /* of the recipe, as given */
	char *variant;                  /* NULL: the hardened one */
	KilnRecipe *recipe;             /* NULL as long as, or because, it cannot be read; so are those below */
	KilnLock *lock;
	KilnArchive *archive;
	KilnDestinations *destinations;
	KilnBuildResult result;
	gboolean done;
	GError *error;                  /* why it is not done */
	guint64 time_ms;                /* that its own build took */
} KilnBuildJob;

KilnBuildJob *kiln_build_job_new(const char *path, const char *variant);
void kiln_build_job_free(KilnBuildJob *job);

/** Shape: docs/formats/build.md. New reference. */
json_t *kiln_build_report_json(const KilnBuildJob *job);
/** Everything, on stdout. */
void kiln_build_report_print(const KilnInvocation *invocation, const KilnBuildJob *job);
/** One line of several; @name_width: columns of the widest name. */
void kiln_build_report_line(const KilnInvocation *invocation, const KilnBuildJob *job, guint name_width);
/** The line that ends a run of several jobs (KilnBuildJob). */
void kiln_build_report_end(const KilnInvocation *invocation, const GPtrArray *jobs);
/** What it is called in a line: the image's name, or the recipe's path when that is not known. Borrowed. */
const char *kiln_build_job_name(const KilnBuildJob *job);
