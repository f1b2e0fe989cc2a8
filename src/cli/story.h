/* SPDX-License-Identifier: Apache-2.0 */
/* story.h: kiln why IMAGE VULNERABILITY: one finding's whole story. */
#pragma once
#include "cli/command.h"

/** Whether @word is the name of a vulnerability and no path: "CVE-2026-1234", "GHSA-...", "DSA-5001-1". */
gboolean kiln_story_is_name(const char *word);
/** An exit code: 0 the image does not have it, 1 it does, 3 cannot tell. Shape of --format json: docs/formats/why.md. */
int kiln_story_run(KilnInvocation *invocation, const char *reference, const char *name, GError **error);
