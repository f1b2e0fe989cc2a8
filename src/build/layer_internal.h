/* SPDX-License-Identifier: Apache-2.0 */
/* layer_internal.h: what planning and writing of layers share. */
#pragma once
#include "build/layers.h"

const char *layer_title(guint layer);
