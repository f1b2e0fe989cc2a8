/* SPDX-License-Identifier: Apache-2.0 */
/* notes.h: build id, program properties and dlopen metadata. Internal to the module. */
#pragma once
#include "elf/facts.h"
#include "elf/image.h"

/** Fill build_id, dlopen_notes and the x86 properties of @facts from PT_NOTE segments. */
gboolean kiln_elf_notes_read(KilnElfImage *image, KilnElfFacts *facts, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** One note's JSON appended to @notes. Errors: KILN_ERROR_SYNTAX. Source: uapi-group, "ELF dlopen metadata". */
gboolean kiln_elf_dlopen_parse(const char *text, gsize length, GPtrArray *notes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_elf_dlopen_free(KilnElfDlopen *note);
