/* SPDX-License-Identifier: Apache-2.0 */
/* program.h: the kiln that is running, as a thing with a digest. */
#pragma once
#include "base/digest.h"

/** FALSE when its own file cannot be read (no /proc). */
gboolean kiln_program_digest(KilnDigest *out);
