/* SPDX-License-Identifier: Apache-2.0 */
/* size.h: a number of bytes as people read it. */
#pragma once
#include <glib.h>

/** "812 B", "1.2 kB", "14.0 MB", "1.5 GB": powers of 1000, as registries and file managers show. New string. */
char *kiln_size_text(guint64 bytes);
