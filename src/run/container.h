/* SPDX-License-Identifier: Apache-2.0 */
/* container.h: the container behind runtime.h, for the files of this module. */
#pragma once
#include "run/bundle.h"
#include "run/door.h"
#include "run/process.h"
#include "run/pump.h"
#include "run/terminal.h"
#include "run/workspace.h"

struct KilnContainer {
	const KilnContext *context; /* borrowed */
	KilnWorkspace *workspace;
	KilnHardening hardening;
	char *path;       /* of its directory: bundle, state/, pid, runtime.log */
	char *id;
	char *state_path; /* the runtime's --root */
	char *pid_path;
	char *log_path;   /* what the runtime itself says */
	char **argv, **environment;
	char *working_directory;
	int stop_signal;
	gboolean host_network, interactive, has_terminal, keeps_volumes;
	int joined_pid;    /* as in KilnBundle */
	GArray *published; /* KilnPublished */
	KilnProcess *process; /* the runtime in the foreground; NULL before it starts */
	KilnPump *pump;
	KilnTerminal *terminal; /* the caller's while the program has one */
	char *console_path;     /* of its socket; NULL: the runtime needs none */
	KilnSink *sink;    /* of a detached container */
	KilnDoor *door;    /* into its network, opened when needed */
	guint execs;       /* how many process files were written */
};

/** What a container shares with others; all zero: nothing. */
typedef struct {
	KilnContainer *beside;  /* started: its network is joined; it must live as long as the new one */
	gboolean keeps_volumes; /* those of kiln_workspace_keep_volumes() */
} KilnContainerPlace;

/** One more container on an unpacked image; options as in kiln_container_prepare(). @place may be NULL. */
KilnContainer *kiln_container_new(KilnWorkspace *workspace, const KilnImage *image, const KilnContext *context, const KilnRunOptions *options, const KilnContainerPlace *place, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Open container->door, once its process can be reached. KILN_ERROR_CANCELLED, those of kiln_door_open(). */
gboolean kiln_container_open_door(KilnContainer *container, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Run to its end with @input and captured output (stdout and stderr as one). After @timeout_ms it is stopped: *timed_out. */
gboolean kiln_container_capture(KilnContainer *container, const char *input, guint timeout_ms, int *exit_status, gboolean *timed_out, GBytes **output, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** runtime [arguments] @verb [@option [@value]] ID [@last]: a short call to the runtime; NULL parts are left out. */
gboolean kiln_container_command(KilnContainer *container, const char *verb, const char *option, const char *last, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** The environment that runtimes are started with. */
const char *const *kiln_runtime_environment(void);
/** A descriptor that reads @input (NULL: nothing) from its beginning; -1 on error. */
int kiln_input_descriptor(const char *input, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** What the runtime wrote to its log @path last, as one line; "" when nothing. New string. */
char *kiln_runtime_complaint(const char *path);
