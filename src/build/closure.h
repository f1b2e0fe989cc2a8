/* SPDX-License-Identifier: Apache-2.0 */
/* closure.h: all packages of one platform's lock as one file tree, with what their scripts would add: what slicing chooses from. */
#pragma once
#include "build/facts.h"
#include "build/lock.h"
#include "build/recipe.h"
#include "build/script.h"
#include "oci/platform.h"

#define KILN_PACKAGE_RECIPE (-1)   /* the recipe's own files */
#define KILN_PACKAGE_COMPUTED (-2) /* what kiln computes: passwd, ld.so.cache, ... */

typedef enum {
	KILN_CONTENT_DATA,    /* neither of the below, and every link and directory */
	KILN_CONTENT_ELF,
	KILN_CONTENT_SCRIPT,  /* executable and starting with "#!" */
} KilnContent;

typedef struct KilnNode KilnNode;

/** Why a node is kept: one edge to what needed it. */
typedef struct {
	const char *rule;      /* id of a row in build/reason.h; NULL: not kept */
	const KilnNode *from;  /* the file that needs it, or NULL */
	const char *detail;    /* soname, import, recipe key, ...; interned in the closure; may be NULL */
} KilnEdge;

struct KilnNode {
	const char *path; /* as it will be in the image, /usr merged: "usr/lib/x86_64-linux-gnu/libc.so.6" */
	int package;      /* index into KilnClosure.packages, or KILN_PACKAGE_* */
	KilnFileType type; /* hard links are resolved: REGULAR with the content of their target */
	KilnContent content;
	guint mode;
	guint64 uid, gid;
	const char *owner; /* "user:group" by name from a script or the recipe, resolved late; or NULL */
	guint64 size;
	const char *link_target;     /* symlinks */
	const KilnFactsFile *file;   /* content and ELF facts; NULL for links, directories and made bytes */
	int source;                  /* index of the package whose unpacked data hold the content of @file: a copy may be of another's */
	GBytes *bytes;               /* made content (copies of kiln's own); owned by the closure; or NULL */
	KilnDigest digest;           /* of a regular file's content */
	const char *made_by;         /* "postinst": not shipped but made by this script of its package; or NULL */
	const char *capability;      /* what a script's setcap gives it: "cap_net_raw+ep"; or NULL */
	gboolean removed;            /* a script removes it: only the recipe's keep brings it back */
	gboolean kept, mandatory, queued;
	KilnEdge edge;
	const char *left_out; /* id of the rule that left it out, once slicing is done */
	const char *left_out_detail;
};

typedef struct {
	const KilnLockPackage *lock;
	KilnFacts *facts;
	KilnScript *scripts[2]; /* preinst, postinst; NULL when the package has none */
	GPtrArray *effects;     /* KilnEffect of both, and of its sysusers.d and tmpfiles.d; borrowed from scripts or extra_effects */
	GPtrArray *extra_effects;
	GPtrArray *unknown;     /* char *: lines that were not understood */
	GPtrArray *nodes;       /* KilnNode it owns, in archive order */
	guint *depends;
	gsize depend_count;
	char **replaces;        /* names */
	gboolean requested, active, whole;
	gboolean has_loader_library, has_program;
	guint modules; /* of which interpreters it holds modules: a bit for each row of slice_packages.c */
} KilnClosurePackage;

typedef struct {
	const KilnPlatform *platform;
	KilnClosurePackage *packages;
	gsize package_count;
	GHashTable *nodes;    /* path -> KilnNode */
	GHashTable *children; /* directory path -> GPtrArray of KilnNode directly in it */
	GStringChunk *strings;
	GPtrArray *all;       /* every KilnNode, owned */
} KilnClosure;

/**
 * Read facts of all packages (in parallel), lay their trees over each other and apply diversions.
 *
 * Errors: those of kiln_facts_obtain(); KILN_ERROR_UNSATISFIABLE two packages own one path and neither replaces the other.
 */
KilnClosure *kiln_closure_load(KilnStore *store, const KilnContext *context, const KilnLockPlatform *lock,
                               const KilnPlatform *platform, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_closure_free(KilnClosure *closure);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnClosure, kiln_closure_free)

/** The node at exactly @path, or NULL. */
KilnNode *kiln_closure_get(const KilnClosure *closure, const char *path);
/**
 * Follow @path ("/usr/bin/php" or "usr/bin/php") through links, also those of directories, inside the image.
 *
 * @last_link: becomes the node that @path itself names (a link, or the result); may be NULL
 */
KilnNode *kiln_closure_resolve(const KilnClosure *closure, const char *path, KilnNode **last_link);
/**
 * Read preinst and postinst of @package into its scripts, effects and unknown, instead of what was read before. Before the trees
 * are laid over each other only what needs no look at them is decided: diversions.
 */
void kiln_closure_read_scripts(KilnClosure *closure, KilnClosurePackage *package);
/** Nodes directly in a directory (borrowed, unsorted), or NULL. */
const GPtrArray *kiln_closure_children(const KilnClosure *closure, const char *directory);
/** Add a node that no archive ships; an existing one at @path is returned instead, with *existed TRUE. */
KilnNode *kiln_closure_add(KilnClosure *closure, const char *path, int package, KilnFileType type, gboolean *existed);
/** Take @node out of the tree, as a script's rm does; it stays in @all, marked as removed. */
void kiln_closure_remove(KilnClosure *closure, KilnNode *node);
const char *kiln_closure_intern(KilnClosure *closure, const char *text);
/** "lib/x" as "usr/lib/x" for the directories that Debian merged into /usr, "var/run/x" as "run/x". New string. */
char *kiln_merged_path(const char *path);
/** Index of the package of that name, or -1. */
int kiln_closure_package(const KilnClosure *closure, const char *name);

/** Files and links that a package ships, without directories and what its scripts make. None kept: it is not in the image; some: partly. */
typedef struct {
	guint kept, all;
} KilnPackageFiles;

/** For each package of @closure, once slicing is done; new array. */
KilnPackageFiles *kiln_closure_count_files(const KilnClosure *closure);
