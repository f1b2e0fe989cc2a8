/* SPDX-License-Identifier: Apache-2.0 */
/* user.h: the User of an image configuration as numbers, looked up in the image's own etc/passwd and etc/group. */
#pragma once
#include <gio/gio.h>

typedef struct {
	guint uid, gid;
	guint *groups; /* supplementary, sorted, without gid */
	gsize group_count;
	char *home;    /* NULL: the image has no entry for the user */
} KilnImageUser;

/**
 * @user: "", "uid", "uid:gid", "name", "name:group" or a mixture; NULL is ""
 * @root_fd: the unpacked image; its files are hostile and bounded
 *
 * Errors: KILN_ERROR_NOT_FOUND a name that the image does not know, KILN_ERROR_SYNTAX a number out of range.
 * Source: OCI image-spec 1.1, config.md, "User".
 */
gboolean kiln_image_user_resolve(const char *user, int root_fd, KilnImageUser *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_image_user_clear(KilnImageUser *user);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnImageUser, kiln_image_user_clear)
