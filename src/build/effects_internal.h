/* SPDX-License-Identifier: Apache-2.0 */
/* effects_internal.h: what the files that apply effects share. Nodes of the recipe are never touched. */
#pragma once
#include "build/effects.h"

/** @path without leading slash, /usr merged, /var/run as /run; NULL when it leaves the root, names it, or is a link that kiln makes itself. */
char *effects_path(const char *path);
/** The node at @path, made when it is not there. NULL when @path is none for an image or belongs to the recipe. */
KilnNode *effects_make_node(KilnClosure *closure, const char *path, int package, KilnFileType type, gboolean *existed);
/** A link that takes the place of nothing: what exists stays. */
void effects_make_link(KilnClosure *closure, const char *path, const char *target, int package);
/** A file with the text @text (@length bytes) takes the place of what was there. */
void effects_make_text(KilnClosure *closure, const char *path, const char *text, gsize length, int package);
/** The text of the regular file that @path leads to. *text is NULL when there is none. */
gboolean effects_read_text(const KilnClosure *closure, const char *path, char **text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Files: links, directories, owners, copies, texts, removals and capabilities. @before: the script runs before its package is unpacked. */
gboolean effects_apply_files(KilnClosure *closure, const KilnEffect *effect, int package, gboolean before, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** @mode after chmod(1)'s symbolic @change ("u+s,go-w", "a=rX"); -1: not understood. Source: POSIX.1-2017, chmod, "EXTENDED DESCRIPTION". */
gint effects_change_mode(guint mode, const char *change, gboolean is_directory);
void effects_apply_alternatives(KilnClosure *closure);
/** Triggers, after the files of all packages. */
gboolean effects_apply_triggers(KilnClosure *closure, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean effects_apply_pam(KilnClosure *closure, int package, GError **error) G_GNUC_WARN_UNUSED_RESULT;
