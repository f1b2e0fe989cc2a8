/* SPDX-License-Identifier: Apache-2.0 */
/* section.h: bytes of an ELF file by the name of their section, or by where they are loaded. */
#pragma once
#include "base/text.h"

/** The content of the section @name, borrowed from @file. FALSE: there is none, or its file is damaged; @out is then empty. */
gboolean kiln_elf_section(KilnText file, const char *name, KilnText *out);
/** What is loaded at @address, to the end of its segment. FALSE: nothing is. */
gboolean kiln_elf_loaded(KilnText file, guint64 address, KilnText *out);
