/* SPDX-License-Identifier: Apache-2.0 */
/* sbom_check.h: kiln sbom --check: what standards want of an SBOM. */
#pragma once
#include "cli/command.h"

/** Score the file @path; an exit code. Shape of --format json: docs/formats/sbom-check.md. */
int kiln_sbom_check_run(KilnInvocation *invocation, const char *path, GError **error);
