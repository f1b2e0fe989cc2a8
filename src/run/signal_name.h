/* SPDX-License-Identifier: Apache-2.0 */
/* signal_name.h: "SIGQUIT", "QUIT" or "3" as a number. */
#pragma once
#include <glib.h>

/** @name NULL or "": SIGTERM. Errors: KILN_ERROR_SYNTAX. Source: OCI image-spec 1.1, config.md, "StopSignal". */
gboolean kiln_signal_parse(const char *name, int *number, GError **error) G_GNUC_WARN_UNUSED_RESULT;
