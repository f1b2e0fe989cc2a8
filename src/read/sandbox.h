/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox.h: give up, for good, all that a process needs not to read what it was handed: files, sockets, other processes, more memory. */
#pragma once
#include <glib.h>

/** What a sandbox is made of; bits. */
typedef enum {
	KILN_SANDBOX_LANDLOCK = 1 << 0, /* no path can be opened, no TCP socket used */
	KILN_SANDBOX_SECCOMP = 1 << 1,  /* only system calls for memory and for open descriptors */
	KILN_SANDBOX_MEMORY = 1 << 2,   /* a hard limit */
	KILN_SANDBOX_CPU = 1 << 3,      /* the same */
} KilnSandboxPart;

typedef struct {
	guint64 memory_bytes; /* of data; program and libraries come on top */
	guint64 output_bytes; /* of each file that it writes: those are in memory, and in nobody's limit of data */
	guint cpu_s;
	int last_fd; /* descriptors above it are closed */
} KilnSandboxLimits;

/**
 * Enter it; there is no way back. *missing becomes the parts that this kernel, or a build with sanitizers, does not have.
 *
 * A system call that is not allowed ends the process with SIGSYS; opening a file fails with EACCES.
 * Errors: KILN_ERROR_DENIED the kernel refuses a part that it has.
 * Source: landlock(7), seccomp(2), setrlimit(2), prctl(2).
 */
gboolean kiln_sandbox_enter(const KilnSandboxLimits *limits, guint *missing, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** "Landlock", "seccomp filters", joined by ", ". New string. */
char *kiln_sandbox_parts(guint parts);
