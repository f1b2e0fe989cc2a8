/* SPDX-License-Identifier: Apache-2.0 */
/* text.h: strings in read-only data that name files. Internal to the module. */
#pragma once
#include "elf/dynamic.h"

/** Fill paths and sonames of @facts. Reads each byte of read-only data at most once and nothing else. */
gboolean kiln_elf_text_read(KilnElfImage *image, const KilnElfDynamic *dynamic, KilnElfFacts *facts, GError **error) G_GNUC_WARN_UNUSED_RESULT;
