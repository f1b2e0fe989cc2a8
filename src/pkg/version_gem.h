/* SPDX-License-Identifier: Apache-2.0 */
/* version_gem.h: what RubyGems asks of a version besides its order. */
#pragma once
#include "base/text.h"

/** The numbers that @version begins with, up to its first word: "1.3" of "1.3.rc1". Borrowed from @version. */
KilnText kiln_version_gem_release(KilnText version);
