/* SPDX-License-Identifier: Apache-2.0 */
/* facts.h: what an ELF file needs from others. Reads hostile bytes. The only module that knows elfutils. */
#pragma once
#include <glib.h>

typedef enum {
	KILN_ELF_OTHER, /* relocatable object, core: never needed at run time */
	KILN_ELF_EXECUTABLE, /* ET_EXEC, or ET_DYN with an interpreter or DF_1_PIE */
	KILN_ELF_LIBRARY,
} KilnElfKind;

typedef struct {
	char **sonames; /* any one of them satisfies the note */
	char *feature;  /* may be NULL */
	int priority;   /* 0 suggested, 1 recommended, 2 required */
} KilnElfDlopen;

typedef struct {
	KilnElfKind kind;
	guint machine;    /* EM_X86_64, EM_AARCH64, ... */
	guint class_bits; /* 32 or 64 */
	char *interpreter; /* PT_INTERP or NULL */
	char *soname;      /* or NULL */
	char **needed;     /* DT_NEEDED in file order; never NULL */
	char **search;     /* DT_RUNPATH, else DT_RPATH, split at ":"; $ORIGIN as written */
	gboolean search_is_runpath; /* RUNPATH is not inherited by dependencies, RPATH is */
	GPtrArray *dlopen_notes; /* KilnElfDlopen; .note.dlopen, see uapi-group "ELF dlopen metadata" */
	char **imports; /* undefined dynamic symbols without version, sorted, each once */
	char **paths;   /* absolute paths found as whole strings in read-only data, sorted; format strings left out */
	char **sonames; /* strings of the form "libx.so.1" or "x.so" (a plugin's file name) found there, sorted */
} KilnElfFacts;

/** TRUE when the bytes start with the ELF magic. */
gboolean kiln_elf_is(const void *bytes, gsize length);

/**
 * @bytes: the whole file, borrowed, may be a mapping of which only parts are touched
 * Errors: KILN_ERROR_SYNTAX with what is wrong (offsets outside the file, no such section, ...), KILN_ERROR_UNSUPPORTED
 * other byte order or class, KILN_ERROR_LIMIT.
 */
KilnElfFacts *kiln_elf_facts_read(const void *bytes, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_elf_facts_free(KilnElfFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnElfFacts, kiln_elf_facts_free)

/** "x86_64-linux-gnu" for EM_X86_64 and so on; NULL when Debian has no such port. Static. */
const char *kiln_elf_triplet(guint machine);
