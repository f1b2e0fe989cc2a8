/* SPDX-License-Identifier: Apache-2.0 */
/* identity.h: who the process is, inside and outside, when there is a user namespace; and work done in such a namespace. */
#pragma once
#include "run/host.h"
#include "run/user.h"

typedef struct {
	KilnIdRange ranges[KILN_ID_RANGES_MAX];
	gsize range_count;     /* 0: no user namespace, ids are the host's */
	gboolean has_owners;   /* files can have the owners that the image gives them */
	guint uid, gid;        /* of the process, inside */
} KilnIdentity;

/**
 * As root there is no user namespace. Rootless with subordinate ids, newuidmap and newgidmap: the caller is root inside and the
 * rest of the ids follow. Without them one id is all there is: crun makes it the image's user; runc needs an id 0 and gets it,
 * which a notice says.
 */
void kiln_identity_choose(const KilnHost *host, const KilnSubordinateIds *subordinate, const KilnImageUser *user, const KilnContext *context, KilnIdentity *out);

/** TRUE when rootless containers can have more ids than one. */
gboolean kiln_identity_can_map(const KilnSubordinateIds *subordinate);

/** TRUE when @uid and @gid mean something inside. */
gboolean kiln_identity_has(const KilnIdentity *identity, guint uid, guint gid);

typedef gboolean (*KilnNamespaceWork)(gpointer user_data, GError **error);

/**
 * Call @work as root of a user namespace with these ids, in a child process, when has_owners needs one; else call it directly.
 * In the child neither the caller's threads nor what @work changes in memory exist: only files and the error come back.
 */
gboolean kiln_identity_do(const KilnIdentity *identity, GCancellable *cancellable, KilnNamespaceWork work, gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
