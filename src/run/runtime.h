/* SPDX-License-Identifier: Apache-2.0 */
/* runtime.h: start an image the hardened way with runc or crun, as root or rootless. */
#pragma once
#include "oci/image.h"

typedef struct {
	char *path;
	gboolean is_volume; /* else tmpfs */
	guint64 size_bytes; /* 0: default 64 MiB */
	guint mode, uid, gid;
} KilnWritablePath;

typedef struct {
	const char *runtime;            /* "runc", "crun", or NULL: the first that is there */
	const char *const *arguments;   /* replace the image's Cmd; NULL: the image's own */
	const char *const *entrypoint;  /* replace entrypoint and Cmd; NULL: the image's own */
	const char *const *environment; /* added, "KEY=value"; may be NULL */
	guint64 memory_max_bytes;       /* 0: 512 MiB */
	guint pids_max;                 /* 0: 256 */
	gboolean host_network;          /* TRUE: the host's network (a person wants to reach the port); FALSE: own empty one with loopback */
	const char *const *publish;     /* reserved */
} KilnRunOptions;

typedef struct KilnContainer KilnContainer;

/** Unpack @image below @state_directory (private, made if missing) and write the runtime bundle. Nothing runs yet. */
KilnContainer *kiln_container_prepare(const KilnImage *image, const KilnContext *context, const char *state_directory, const KilnRunOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Run in the foreground with the caller's stdin, stdout and stderr; *exit_status as the process ended (128 + signal). */
gboolean kiln_container_run(KilnContainer *container, int *exit_status, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Start detached; output goes to a file of the bundle. */
gboolean kiln_container_start(KilnContainer *container, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Run another command in the started container's namespaces; captures output (bounded). */
gboolean kiln_container_exec(KilnContainer *container, const char *const *argv, const char *const *environment, const char *input, guint timeout_ms, int *exit_status, GBytes **output, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean kiln_container_alive(KilnContainer *container);
/** pid of the first process in the host's view, for entering its network namespace. 0 when not started. */
int kiln_container_pid(KilnContainer *container);
/** What it printed so far; new string. */
char *kiln_container_log(KilnContainer *container);
/** Stop (signal of the image, then kill after @grace_ms), remove bundle and state. */
void kiln_container_stop(KilnContainer *container, guint grace_ms);
void kiln_container_free(KilnContainer *container);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnContainer, kiln_container_free)
