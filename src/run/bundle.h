/* SPDX-License-Identifier: Apache-2.0 */
/* bundle.h: the config.json that makes a runtime start a process the hardened way. Source: OCI runtime-spec 1.1. */
#pragma once
#include "run/identity.h"
#include "run/writable.h"

typedef struct {
	const KilnHost *host;
	const KilnIdentity *identity;
	const KilnImageUser *user;
	const char *root_path;          /* absolute */
	const char *container_id;
	const char *const *argv;
	const char *const *environment; /* complete; kiln_bundle_environment() makes it */
	const char *working_directory;
	const GPtrArray *writable;      /* KilnWritablePath */
	guint64 memory_max_bytes;
	guint pids_max;
	gboolean host_network;
	int joined_pid;    /* > 0: in the network (and user) namespace of this process */
	gboolean terminal;
	gboolean keeps_volumes; /* volumes are directories of the disk that outlive the container (kept_at); FALSE: all are tmpfs */
} KilnBundle;

/** New reference. Errors: those of kiln_seccomp_profile(). */
json_t *kiln_bundle_config(const KilnBundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The `process` object alone, as `runtime exec --process` takes it; new reference. */
json_t *kiln_bundle_process(const KilnBundle *bundle);
/** The image's variables, then @added (may be NULL) over them, PATH and HOME when nobody sets them; free with g_strfreev(). */
char **kiln_bundle_environment(char **image, const char *const *added, const char *home);
