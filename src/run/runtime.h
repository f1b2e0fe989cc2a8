/* SPDX-License-Identifier: Apache-2.0 */
/* runtime.h: start an image the hardened way with runc or crun, as root or rootless. */
#pragma once
#include "data/json.h"
#include "oci/image.h"

/** Ids that the host lets an unprivileged user map into user namespaces of its own. Source: subuid(5), subgid(5). */
typedef struct {
	guint uid_start, uid_count; /* count 0: none */
	guint gid_start, gid_count;
} KilnSubordinateIds;

/**
 * Look @user_name (may be NULL) and @uid up in /etc/subuid and /etc/subgid; the largest range of each counts.
 * Missing or unreadable files give none. The user database belongs to the caller, hence the name as a parameter.
 */
void kiln_subordinate_ids_find(const char *user_name, guint uid, KilnSubordinateIds *out);

typedef struct {
	const char *runtime;            /* "runc", "crun", a path to one of them, or NULL: the first that is there */
	const char *const *arguments;   /* replace the image's Cmd; NULL: the image's own */
	const char *const *entrypoint;  /* replace entrypoint and Cmd; NULL: the image's own */
	const char *const *environment; /* added, "KEY=value"; may be NULL */
	const char *user;               /* as the image's User is written; NULL: the image's own */
	const char *working_directory;  /* absolute; NULL: the image's own */
	gboolean interactive;           /* kiln_container_run(): the caller's stdin is the program's; FALSE: an empty one */
	gboolean terminal;              /* kiln_container_run(): the program has a terminal, which the caller's stdin and stdout must be */
	guint64 memory_max_bytes;       /* 0: 512 MiB */
	guint pids_max;                 /* 0: 256 */
	gboolean host_network;          /* TRUE: the host's network; FALSE: an own one that has loopback only */
	const char *const *publish;     /* "8080:80": TCP port of the host's loopback, and the container's; may be NULL; not with host_network */
	KilnSubordinateIds subordinate; /* for rootless; all zero: only the caller's own id is mapped */
} KilnRunOptions;

/** What is really in force, which depends on the host: for messages and for evidence. */
typedef struct {
	char *runtime;          /* "runc 1.1.5" */
	gboolean rootless;      /* in a user namespace of its own, without any privilege on the host */
	guint uid, gid;         /* as seen inside */
	guint64 memory_max_bytes;
	guint pids_max;
	gboolean limits_by_cgroup; /* FALSE: resource limits of the process (rlimits) stand in for them */
	gboolean host_network;
	char **writable;        /* paths of the tmpfs mounts, sorted */
} KilnHardening;

/** A document of it, with what is always in force beside it (no capability, seccomp, masked paths, ...). */
json_t *kiln_hardening_to_json(const KilnHardening *hardening);

typedef struct KilnContainer KilnContainer;

/**
 * Unpack @image below @state_directory (private to the caller's user, made if missing) and write the runtime bundle. Nothing runs yet.
 * What killed processes left in @state_directory is removed on the way.
 *
 * What may be written inside is read from the image's label dev.kiln.writable (KILN_LABEL_WRITABLE, oci/config.h), which holds
 *
 *     [{"path": "/var/lib/nginx", "kind": "tmpfs", "mode": 493, "uid": 65532, "gid": 65532, "size": 67108864}, ...]
 *
 * path: absolute, normalised, not "/" and not below /proc, /sys or /dev except /dev/shm. kind: "tmpfs" starts empty, "volume"
 * starts with what the image holds there. mode: permission bits as a number, or as a string in octal ("0755"); default 0755.
 * uid, gid: default the image's user. size: bytes, default 64 MiB. Paths of the config's Volumes that the label does not
 * name are volumes with these defaults. All of them are tmpfs mounts that end with the container.
 *
 * Errors: KILN_ERROR_NOT_FOUND no runtime; KILN_ERROR_SYNTAX a bad label, user or `publish`; KILN_ERROR_DENIED a writable path
 * that may not be; KILN_ERROR_UNSUPPORTED the host or the runtime cannot do it; those of kiln_image_unpack().
 *
 * The thread that starts a container must live as long as it: the kernel ends the runtime with the thread.
 */
KilnContainer *kiln_container_prepare(const KilnImage *image, const KilnContext *context, const char *state_directory, const KilnRunOptions *options, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Borrowed; valid as long as the container. */
const KilnHardening *kiln_container_hardening(const KilnContainer *container);
/**
 * Run in the foreground with the caller's stdout, stderr and (`interactive`, `terminal`) stdin; *exit_status as the process
 * ended (128 + signal).
 * When the context's cancellable fires, the container is stopped as by kiln_container_stop() and KILN_ERROR_CANCELLED returned.
 * Errors: KILN_ERROR_IO the runtime could not start the program (its words are in the message); KILN_ERROR_UNSUPPORTED `terminal`
 * without one.
 */
gboolean kiln_container_run(KilnContainer *container, int *exit_status, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Start detached, with an empty stdin; what it prints is kept for kiln_container_log(). */
gboolean kiln_container_start(KilnContainer *container, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Run another command in the started container's namespaces; captures stdout and stderr as one (bounded). KILN_ERROR_LIMIT when @timeout_ms passed. */
gboolean kiln_container_exec(KilnContainer *container, const char *const *argv, const char *const *environment, const char *input, guint timeout_ms, int *exit_status, GBytes **output, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * Pass a signal on to the first process, while kiln_container_run() is in another thread. SIGWINCH makes its terminal as large
 * as the caller's, SIGKILL kills all. A process that handles a signal not at all ignores it, as the first of its namespace.
 * FALSE when there is no process yet, or no more.
 */
gboolean kiln_container_signal(KilnContainer *container, int number);
gboolean kiln_container_alive(KilnContainer *container);
/** pid of the first process in the host's view. 0 when not started. */
int kiln_container_pid(KilnContainer *container);
/** What it printed so far, all of it once it has ended, at most KILN_LIMIT_RUN_OUTPUT_BYTES; new string, made valid UTF-8. */
char *kiln_container_log(KilnContainer *container);
/** A TCP connection to 127.0.0.1 (or ::1) and @port in the container's network, tried again until @timeout_ms passed or the container ended. The caller closes it; -1: KILN_ERROR_NETWORK. */
int kiln_container_connect(KilnContainer *container, guint port, guint timeout_ms, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Stop (signal of the image, then kill after @grace_ms), remove bundle and state. Harmless when it never started. */
void kiln_container_stop(KilnContainer *container, guint grace_ms);
/** Stops without grace what still runs. */
void kiln_container_free(KilnContainer *container);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnContainer, kiln_container_free)
