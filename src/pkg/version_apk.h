/* SPDX-License-Identifier: Apache-2.0 */
/* version_apk.h: what apk asks of two versions besides their order. */
#pragma once
#include "base/text.h"

/** Does @version equal @beginning up to where @beginning ends, token by token? "3.6.0" and "3.6_pre1" begin with "3.6". */
gboolean kiln_version_apk_begins_with(KilnText version, KilnText beginning);
