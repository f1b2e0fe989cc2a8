/* SPDX-License-Identifier: Apache-2.0 */
/* forward.h: TCP ports of the host's loopback that lead into a container's network. */
#pragma once
#include "run/door.h"
#include "run/pump.h"

typedef struct {
	guint host_port; /* 0: the kernel picks one */
	guint port;
	int listener;    /* -1: it is not listened on, or somebody else has it */
} KilnPublished;

/**
 * "8080:80", or "80" for "80:80"; as elsewhere "127.0.0.1:8080:80" and a "/tcp" at the end are understood.
 * Errors: KILN_ERROR_SYNTAX; KILN_ERROR_UNSUPPORTED another address or protocol.
 */
gboolean kiln_published_parse(const char *text, KilnPublished *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Listen on 127.0.0.1:host_port in the caller's network; connections wait until they are served. *host_port becomes the port that
 * is really listened on. The caller closes the descriptor; -1 on error.
 *
 * Errors: KILN_ERROR_EXISTS the port is taken, KILN_ERROR_DENIED a port that only root may take.
 */
int kiln_forward_listen(const KilnPublished *published, guint *host_port, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Hand every connection of @listener (taken) on to @port through @door, moved by @pump; free the pump before the door. */
void kiln_forward_serve(int listener, guint port, KilnDoor *door, KilnPump *pump);
