/* SPDX-License-Identifier: Apache-2.0 */
/* starting.h: what commands that start images share: their options, the image itself, what protects the host from it. */
#pragma once
#include "cli/command.h"
#include "run/runtime.h"

/** Rows of an option table for those of kiln_starting_options(). */
#define KILN_STARTING_OPTIONS                                                                                                                        \
	{ .name = "memory", .letter = 'm', .kind = KILN_OPTION_SIZE, .value = "SIZE", .help = "at most so much memory (default: 512M)" },            \
	{ .name = "pids-limit", .kind = KILN_OPTION_NUMBER, .value = "N", .help = "at most N processes and threads (default: 256)" },                \
	{ .name = "runtime", .kind = KILN_OPTION_STRING, .value = "NAME", .help = "runc, crun, or the path of one of them" }

/** Errors: KILN_ERROR_SYNTAX a limit of 0 or out of range. */
gboolean kiln_starting_options(const KilnInvocation *invocation, KilnRunOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Open an image for this host. Errors: those of kiln_image_open(). */
KilnImage *kiln_starting_image(const KilnInvocation *invocation, const char *reference, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** What is in force, on stderr. */
void kiln_starting_explain(KilnInvocation *invocation, const KilnHardening *hardening);
