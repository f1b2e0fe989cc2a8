/* SPDX-License-Identifier: Apache-2.0 */
/* script.h: what a maintainer script would do, computed from its text and never run. */
#pragma once
#include <glib.h>

typedef enum {
	KILN_EFFECT_USER,        /* name; number = uid or -1; text = home; extra = group; */
	KILN_EFFECT_GROUP,       /* name; number = gid or -1 */
	KILN_EFFECT_MEMBER,      /* name = user; text = group */
	KILN_EFFECT_ALTERNATIVE, /* path = link; text = target; number = priority; name = group's name; slaves are effects of their own with the same name and extra = "slave" */
	KILN_EFFECT_SYMLINK,     /* path; text = target */
	KILN_EFFECT_DIRECTORY,   /* path; number = mode or -1; text = owner "user:group" or NULL */
	KILN_EFFECT_OWNER,       /* path; text = "user:group"; number = mode or -1 (chown, chmod, dpkg-statoverride); extra "recursive" for -R */
	KILN_EFFECT_COPY,        /* path = destination; text = source (cp, ucf, install -m) */
	KILN_EFFECT_DIVERT,      /* path; text = divert-to */
	KILN_EFFECT_REMOVE,      /* path */
	KILN_EFFECT_CAPABILITY,  /* path; text = capability set as setcap takes it */
	KILN_EFFECT_TRIGGER,     /* name: "ldconfig", "update-ca-certificates", "php-enable" (text = modules): what kiln computes itself */
	KILN_EFFECT_CONTENT,     /* path; text = what `echo ... > path` would write */
} KilnEffectKind;

typedef struct {
	KilnEffectKind kind;
	char *path, *name, *text, *extra;
	gint64 number;
	guint line;
} KilnEffect;

typedef enum {
	KILN_SCRIPT_HARMLESS,       /* changes nothing that an image without init, dpkg and debconf has */
	KILN_SCRIPT_UNDERSTOOD,     /* every line that matters became an effect */
	KILN_SCRIPT_NOT_UNDERSTOOD, /* some lines may matter and were not understood: see unknown */
} KilnScriptClass;

typedef struct {
	KilnScriptClass class;
	GPtrArray *effects; /* KilnEffect in order of the text */
	GPtrArray *unknown; /* char *: "postinst:12: text of the line" */
} KilnScript;

/**
 * Read one maintainer script as if called "configure" on a fresh system (postinst) or "install" (preinst).
 *
 * @kind: "preinst" or "postinst"
 * @package: for $DPKG_MAINTSCRIPT_PACKAGE and messages
 * Never fails: what cannot be read is not understood.
 */
KilnScript *kiln_script_read(const char *text, gsize length, const char *kind, const char *package, const char *architecture);
void kiln_script_free(KilnScript *script);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnScript, kiln_script_free)

/** sysusers.d(5) and tmpfiles.d(5) lines as effects, appended to @effects; unknown lines to @unknown. */
void kiln_script_read_sysusers(const char *text, gsize length, const char *path, GPtrArray *effects, GPtrArray *unknown);
void kiln_script_read_tmpfiles(const char *text, gsize length, const char *path, GPtrArray *effects, GPtrArray *unknown);
KilnEffect *kiln_effect_new(KilnEffectKind kind);
void kiln_effect_free(KilnEffect *effect);
