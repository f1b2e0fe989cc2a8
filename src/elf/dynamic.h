/* SPDX-License-Identifier: Apache-2.0 */
/* dynamic.h: the dynamic section: what the loader reads. Internal to the module. */
#pragma once
#include "elf/facts.h"
#include "elf/image.h"

typedef struct {
	gboolean present; /* FALSE: statically linked */
	KilnElfRange strings; /* the string table; size 0 without one */
	guint64 symbols_address;  /* DT_SYMTAB or 0 */
	guint64 hash_address;     /* DT_HASH or 0 */
	guint64 gnu_hash_address; /* DT_GNU_HASH or 0 */
	struct {
		guint64 address, size;
		gboolean with_addend;
	} relocations[3]; /* DT_REL, DT_RELA, DT_JMPREL; size 0 when absent */
	guint64 flags, flags_1;
	gboolean bind_now, text_relocations;
} KilnElfDynamic;

/** Read PT_DYNAMIC into @out and needed, soname, search of @facts (each set exactly once). */
gboolean kiln_elf_dynamic_read(KilnElfImage *image, KilnElfDynamic *out, KilnElfFacts *facts, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The names of undefined dynamic symbols, sorted, each once, into imports of @facts, and what they say about hardening. */
gboolean kiln_elf_imports_read(KilnElfImage *image, const KilnElfDynamic *dynamic, KilnElfFacts *facts, GError **error) G_GNUC_WARN_UNUSED_RESULT;
