/* SPDX-License-Identifier: Apache-2.0 */
/* deb.h: read a .deb once, streamed: control members first, then every file. Source: deb(5). */
#pragma once
#include "io/tar.h"

/** Either function may be NULL: then that part is checked only. */
typedef struct {
	/** A member of control.tar: "control", "postinst", "conffiles", "md5sums", ... */
	gboolean (*control)(const char *name, GBytes *content, gpointer user_data, GError **error);
	/** An entry of data.tar in its order; content of regular files is read from @content before returning (or left). */
	gboolean (*entry)(const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error);
} KilnDebVisitor;

/**
 * @source: the .deb; borrowed
 * @name: for messages, "nginx_1.26.3-3_amd64.deb"
 *
 * Errors: KILN_ERROR_SYNTAX bad ar, member order, magic "2.0" missing, truncated, a path that occurs twice;
 * KILN_ERROR_UNSUPPORTED other format version or compression; KILN_ERROR_DENIED an absolute path or one with "..", a path through a symlink of
 * the same archive, a device node or named pipe, a hard link whose target is no earlier file; KILN_ERROR_LIMIT.
 * Any error of a visitor ends the reading and is returned. The visitor sees entries before the end of the archive is known
 * to be sound: what it made of them counts only when this returns TRUE.
 */
gboolean kiln_deb_read(KilnReader *source, const char *name, const KilnDebVisitor *visitor, gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
