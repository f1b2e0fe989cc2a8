/* SPDX-License-Identifier: Apache-2.0 */
/* host.h: what this host offers for starting images: a runtime, limits by cgroup, ids that may be mapped. */
#pragma once
#include "base/context.h"
#include "run/runtime.h"

/** One line of a user namespace's uid and gid map. */
typedef struct {
	guint uid_inside, uid_outside, uid_count;
	guint gid_inside, gid_outside, gid_count;
} KilnIdRange;

#define KILN_ID_RANGES_MAX 2

typedef struct {
	char *program;  /* path */
	char *name;     /* "runc" or "crun" */
	char *version;
	guint uid, gid; /* of the caller */
	gboolean rootless;
	gboolean cgroup_unified;  /* cgroup v2 alone */
	gboolean cgroup_limits;   /* memory and pids can be limited by cgroup */
} KilnHost;

/**
 * @runtime: as in KilnRunOptions
 * @prefer_crun: when nobody named a runtime and both are there
 *
 * Errors: KILN_ERROR_NOT_FOUND no runtime (says which package has one), KILN_ERROR_UNSUPPORTED a program that is neither, or a host that it refuses.
 */
gboolean kiln_host_probe(const char *runtime, gboolean prefer_crun, const KilnContext *context, KilnHost *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_host_clear(KilnHost *host);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnHost, kiln_host_clear)

/** A program in $PATH, or where Debian keeps those of the administrator; NULL when there is none. New string. */
char *kiln_host_find_program(const char *name);

#define KILN_RUNTIME_ARGUMENTS_MAX 12
/** Fill @argv with the program and what goes before its command; all borrowed. @log_path NULL: no log of the runtime itself. */
void kiln_host_runtime_arguments(const KilnHost *host, const char *state_path, const char *log_path, const char **argv, gsize *count);
