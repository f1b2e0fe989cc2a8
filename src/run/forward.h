/* SPDX-License-Identifier: Apache-2.0 */
/* forward.h: TCP ports of the host's loopback that lead into a container's network. */
#pragma once
#include "run/door.h"
#include "run/pump.h"

typedef struct {
	guint host_port; /* 0: the kernel picks one */
	guint port;
} KilnPublished;

/** "8080:80", or "80" for "80:80". Errors: KILN_ERROR_SYNTAX. */
gboolean kiln_published_parse(const char *text, KilnPublished *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * Listen on 127.0.0.1:host_port in the caller's network and hand every connection on through @door, moved by @pump; both must
 * outlive each other's use: free the pump first. *host_port becomes the port that is really listened on.
 *
 * Errors: KILN_ERROR_EXISTS the port is taken, KILN_ERROR_DENIED a port that only root may take.
 */
gboolean kiln_forward_start(const KilnPublished *published, KilnDoor *door, KilnPump *pump, guint *host_port, GError **error) G_GNUC_WARN_UNUSED_RESULT;
