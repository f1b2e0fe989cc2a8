/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp.h: the default-deny system call filter of started images, as the `linux.seccomp` object of a runtime bundle. */
#pragma once
#include "data/json.h"

/**
 * New reference. Everything that is not named is refused: with EPERM what only the administrator of a host may ask for, with
 * ENOSYS the rest, so that programs made for a newer kernel fall back. clone() may not make namespaces; clone3(), whose flags no
 * filter can see, is ENOSYS. Names that this libseccomp does not know are left out, as a runtime would refuse them.
 * Source: OCI runtime-spec 1.1, config-linux.md, "Seccomp"; seccomp(2).
 *
 * Errors: KILN_ERROR_UNSUPPORTED on a processor without a name in the specification.
 */
json_t *kiln_seccomp_profile(GError **error) G_GNUC_WARN_UNUSED_RESULT;
