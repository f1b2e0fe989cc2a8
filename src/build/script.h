/* SPDX-License-Identifier: Apache-2.0 */
/* script.h: what a maintainer script would do, computed from its text and never run. */
#pragma once
#include <glib.h>

typedef enum {
	KILN_EFFECT_USER,        /* name; number = uid or -1; text = home or NULL; extra = primary group or NULL; path = shell or NULL */
	KILN_EFFECT_GROUP,       /* name; number = gid or -1 */
	KILN_EFFECT_MEMBER,      /* name = user; text = group */
	KILN_EFFECT_ALTERNATIVE, /* path = link; text = target; number = priority; name = group's name; slaves are effects of their own with
	                            the same name and extra = "slave"; extra = "set": an administrator's choice, only name and text */
	KILN_EFFECT_SYMLINK,     /* path; text = target as written */
	KILN_EFFECT_DIRECTORY,   /* path; number = mode or -1; text = owner "user:group" or NULL; an existing directory keeps both unless extra = "adjust" */
	KILN_EFFECT_OWNER,       /* path; text = "user:group", "user", ":group" or NULL; number = mode or -1; name = symbolic mode as chmod takes it ("u+s") or NULL;
	                            extra = "recursive" for -R */
	KILN_EFFECT_COPY,        /* path = destination; text = source; number = mode or -1; extra = "recursive" for -r, "move", "link" (hard link) */
	KILN_EFFECT_DIVERT,      /* path; text = divert-to; extra = "rename", "no-rename" or "remove" */
	KILN_EFFECT_REMOVE,      /* path; extra = "recursive" for -r, "empty" when only an empty file or directory goes */
	KILN_EFFECT_CAPABILITY,  /* path; text = capability set as setcap takes it, "" takes all away */
	KILN_EFFECT_TRIGGER,     /* name, text, extra: what kiln computes itself, see below */
	KILN_EFFECT_CONTENT,     /* path; text = what `echo ... > path` or touch would write; number = mode or -1; extra = "append";
	                            "touch": only when the file does not exist */
} KilnEffectKind;

/*
 * Triggers by name:
 * ldconfig, update-ca-certificates, java-cacerts, pam-auth-update, glib-compile-schemas, gdk-pixbuf-query-loaders: no text
 * sysusers, tmpfiles: text = the names of the package's own files in sysusers.d or tmpfiles.d, separated by blanks
 * php-enable: text = one module or NULL for every module there is, extra = "VERSION SAPI", SAPI may be ALL
 * apache-enable: text = name, extra = "mod", "conf" or "site"
 * lighttpd-enable: text = name
 */

typedef struct {
	KilnEffectKind kind;
	char *path, *name, *text, *extra;
	gint64 number;
	guint line;
	gboolean conditional; /* stands behind a test that the text alone does not decide */
	gboolean is_glob;     /* path is a pattern for fnmatch(3) with FNM_PATHNAME */
} KilnEffect;

typedef enum {
	KILN_SCRIPT_HARMLESS,       /* changes nothing that an image without init, dpkg and debconf has */
	KILN_SCRIPT_UNDERSTOOD,     /* every line that matters became an effect */
	KILN_SCRIPT_NOT_UNDERSTOOD, /* some lines may matter and were not understood: see unknown */
} KilnScriptClass;

typedef struct {
	KilnScriptClass class;
	GPtrArray *effects; /* KilnEffect in order of execution */
	GPtrArray *unknown; /* char *: "postinst:12: text of the line" */
} KilnScript;

typedef enum {
	KILN_PATH_UNKNOWN, /* nobody can tell */
	KILN_PATH_MISSING,
	KILN_PATH_FILE,
	KILN_PATH_PROGRAM, /* regular and executable */
	KILN_PATH_DIRECTORY,
	KILN_PATH_SYMLINK, /* only when not followed */
} KilnPathKind;

/**
 * The system that the script would find: the files of the whole closure and what scripts did before. Every member may be
 * NULL; then tests that depend on it are not decided, both branches are read and their effects marked conditional.
 */
typedef struct {
	KilnPathKind (*look)(const char *path, gboolean follow, gpointer user_data);
	/** Names in a directory, NULL when not known; the caller frees. */
	char **(*list)(const char *directory, gpointer user_data);
	/** The text of a shell library or program that the script uses, NULL when there is none; the caller unrefs. */
	GBytes *(*read)(const char *path, gpointer user_data);
	gboolean (*has_account)(gboolean is_group, const char *name, gpointer user_data);
	const char *templates; /* the package's debconf templates (a control member): their defaults are the answers; may be NULL */
	gsize templates_length;
	gpointer user_data;
} KilnScriptSystem;

/**
 * Read one maintainer script as if called "configure" on a fresh system (postinst) or "install" (preinst).
 *
 * @kind: "preinst" or "postinst"
 * @package: for $DPKG_MAINTSCRIPT_PACKAGE and messages
 * @system: may be NULL
 * Never fails: what cannot be read is not understood. Nothing is run, nothing on this machine is looked at.
 */
KilnScript *kiln_script_read_on(const char *text, gsize length, const char *kind, const char *package, const char *architecture, const KilnScriptSystem *system);
/** kiln_script_read_on() without a system. */
KilnScript *kiln_script_read(const char *text, gsize length, const char *kind, const char *package, const char *architecture);
void kiln_script_free(KilnScript *script);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnScript, kiln_script_free)

/** sysusers.d(5) and tmpfiles.d(5) lines as effects, appended to @effects; unknown lines to @unknown. */
void kiln_script_read_sysusers(const char *text, gsize length, const char *path, GPtrArray *effects, GPtrArray *unknown);
void kiln_script_read_tmpfiles(const char *text, gsize length, const char *path, GPtrArray *effects, GPtrArray *unknown);

/** number is -1, all else empty. */
KilnEffect *kiln_effect_new(KilnEffectKind kind);
void kiln_effect_free(KilnEffect *effect);
