/* SPDX-License-Identifier: Apache-2.0 */
/* facts.h: what an ELF file needs from others. Reads hostile bytes. The only module that knows elfutils. */
#pragma once
#include <glib.h>

typedef enum {
	KILN_ELF_OTHER, /* relocatable object, core, separate debug file: never needed at run time; no facts but machine and class */
	KILN_ELF_EXECUTABLE, /* ET_EXEC; ET_DYN with DF_1_PIE, or with an interpreter and no soname */
	KILN_ELF_LIBRARY,    /* any other ET_DYN; libc.so.6 is one although it has an interpreter */
} KilnElfKind;

typedef enum {
	KILN_ELF_RELRO_NONE,
	KILN_ELF_RELRO_PARTIAL, /* the GOT stays writable */
	KILN_ELF_RELRO_FULL,    /* PT_GNU_RELRO and immediate binding */
} KilnElfRelro;

typedef struct {
	char **sonames; /* any one of them satisfies the note; never empty */
	char *feature;  /* may be NULL */
	int priority;   /* 0 suggested, 1 recommended, 2 required */
} KilnElfDlopen;

/* What the linker and compiler did for safety. Cheap: from headers and the symbols that are read anyway. */
typedef struct {
	gboolean position_independent; /* ET_DYN */
	gboolean bind_now;
	KilnElfRelro relro;
	gboolean executable_stack; /* PT_GNU_STACK with PF_X, or no PT_GNU_STACK at all */
	gboolean writable_code;    /* a PT_LOAD with both PF_W and PF_X, or DT_TEXTREL */
	gboolean stack_protector;  /* imports __stack_chk_fail or __stack_chk_guard */
	guint fortified_imports;   /* count of imports such as __memcpy_chk */
	guint32 x86_features;      /* GNU_PROPERTY_X86_FEATURE_1_AND: bit 0 IBT, bit 1 shadow stack */
	guint32 x86_isa_needed;    /* GNU_PROPERTY_X86_ISA_1_NEEDED: bit 0 baseline, 1 v2, 2 v3, 3 v4 */
} KilnElfHardening;

typedef struct {
	KilnElfKind kind;
	guint machine;    /* EM_X86_64, EM_AARCH64, ... */
	guint class_bits; /* 32 or 64 */
	char *interpreter; /* PT_INTERP or NULL */
	char *soname;      /* or NULL */
	char **needed;     /* DT_NEEDED in file order; never NULL */
	char **search;     /* DT_RUNPATH, else DT_RPATH, split at ":", empty parts left out; $ORIGIN as written; never NULL */
	gboolean search_is_runpath; /* RUNPATH is not inherited by dependencies, RPATH is */
	GPtrArray *dlopen_notes; /* KilnElfDlopen; .note.dlopen, see uapi-group "ELF dlopen metadata" */
	char **imports; /* undefined dynamic symbols without version, sorted, each once */
	char **paths;   /* absolute paths found as whole strings in read-only data, sorted; format strings left out;
	                   a list "/a:/b" is taken apart, slashes at the end are taken off */
	char **sonames; /* strings of the form "libx.so.1" or "x.so" (a plugin's file name) found there, sorted */
	char *build_id; /* lowercase hex digits or NULL */
	KilnElfHardening hardening;
} KilnElfFacts;

/** TRUE when the bytes start with the ELF magic. */
gboolean kiln_elf_is(const void *bytes, gsize length);

/**
 * @bytes: the whole file, borrowed, may be a mapping of which only parts are touched
 * Works without section headers too: all but the exact bounds of read-only data comes from program headers.
 * Errors: KILN_ERROR_SYNTAX with what is wrong (offsets outside the file, no such segment, ...), KILN_ERROR_UNSUPPORTED
 * unknown byte order or class, KILN_ERROR_LIMIT.
 */
KilnElfFacts *kiln_elf_facts_read(const void *bytes, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_elf_facts_free(KilnElfFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnElfFacts, kiln_elf_facts_free)

/** "x86_64-linux-gnu" for EM_X86_64 and so on; NULL when Debian has no such port. Static. */
const char *kiln_elf_triplet(guint machine);
