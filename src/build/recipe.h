/* SPDX-License-Identifier: Apache-2.0 */
/* recipe.h: what a person asks for, after reading and merging; every default is filled in. */
#pragma once
#include "base/digest.h"
#include "source/archive.h"

typedef struct {
	char *key;  /* "packages", "files[2]": as the reason chain and messages name it */
	char *file; /* the recipe file it stands in */
	guint line, column;
} KilnRecipePlace;

typedef struct {
	char *id;         /* of the suite list: "debian/trixie", or a name of an own archive */
	char **mirrors;   /* URIs; NULL: what apt says */
	char **suites;    /* NULL: main, updates and security of the id's release */
	char **components; /* NULL: main */
	char *keyring;    /* path, relative to the recipe; NULL: the distro's */
	char *snapshot;   /* RFC 3339 date; NULL: now. Appended to the mirror as snapshot archives do */
	char *directory;  /* local directory of .deb files, relative to the recipe; else NULL */
	gboolean trusted; /* the directory needs no signatures */
	KilnRecipePlace place;
} KilnRecipeArchive;

typedef struct {
	char *destination; /* absolute path in the image */
	char *source;      /* path beside the recipe (file or directory), or NULL */
	char *content;     /* text in the recipe, or NULL */
	guint mode;        /* 0: 0644, 0755 for what is executable on disk, 0755 for directories */
	char *owner;       /* "user", "user:group", "0:0"; NULL: root:root */
	KilnRecipePlace place;
} KilnRecipeFile;

typedef struct {
	char *path, *target;
	KilnRecipePlace place;
} KilnRecipeLink;

typedef struct {
	char *name;
	guint64 id; /* uid or gid */
	char *group, *home, *shell, *gecos; /* users only; may be NULL */
	char **members;                     /* groups only; may be NULL */
	KilnRecipePlace place;
} KilnRecipeAccount;

typedef struct {
	char *path;
	char *kind;  /* "tmpfs" or "volume" */
	guint mode;  /* 0: 0755 */
	char *owner; /* NULL: the image's user */
	guint64 size_bytes; /* tmpfs limit; 0: default */
	KilnRecipePlace place;
} KilnRecipeWritable;

typedef enum {
	KILN_TEST_RUN,     /* run a command in the image */
	KILN_TEST_PORT,    /* wait until the started image listens */
	KILN_TEST_FETCH,   /* fetch a URL from the started image */
	KILN_TEST_PRESENT, /* file is in the image */
	KILN_TEST_ABSENT,
	KILN_TEST_SIZE,    /* the unpacked image is at most so large */
} KilnTestKind;

typedef struct {
	KilnTestKind kind;
	char *name;         /* shown; a default is made from the rest */
	char **run;         /* RUN: argv */
	char **environment; /* RUN: "KEY=value" */
	char *input;        /* RUN: standard input, may be NULL */
	gboolean beside;    /* RUN: joins the started image's namespaces (a client beside the server) instead of starting alone */
	char *variant;      /* RUN: in this variant's image, joined to the started image's network (a client that the image does not hold) */
	gboolean prepare;   /* RUN: before the image is started, on its volumes; with a variant, in that variant's image */
	guint64 exit_status; /* RUN: expected; default 0 */
	char *output;       /* RUN: regular expression for stdout+stderr; FETCH: for the body; may be NULL */
	guint64 port;       /* PORT */
	char *url;          /* FETCH */
	guint64 status;     /* FETCH: expected HTTP status, default 200 */
	char *path, *absent; /* PRESENT, ABSENT */
	guint64 size_bytes; /* SIZE */
	guint64 timeout_ms; /* RUN, PORT, FETCH: default 10000 */
	KilnRecipePlace place;
} KilnRecipeTest;

typedef struct {
	char **test; /* argv; never NULL after loading */
	guint64 interval_ms, timeout_ms, start_period_ms;
	guint64 retries;
} KilnRecipeHealthcheck;

/** The effective recipe: one variant, all files merged. Vectors are NULL-terminated and never NULL; arrays never NULL. */
typedef struct {
	char *name;      /* "nginx", the variant's is "nginx-debug" */
	char *variant;   /* NULL: the hardened one */
	char *directory; /* that relative paths are relative to */
	char *file;      /* path of the recipe itself */
	char *version;   /* of the image, may be NULL */
	char **platforms; /* "linux/amd64", ...; default: the host's */
	char *archive;   /* "debian/trixie" */
	GPtrArray *archives; /* KilnRecipeArchive: overrides and own ones */
	char **packages; /* requested */
	char **programs; /* narrows requested packages to these programs; empty: all of them */
	char **exclude;
	char **entrypoint, **command;
	char **environment; /* "KEY=value" in order */
	char *user;      /* name or uid[:gid]; default "nonroot" */
	char *working_directory;
	char **ports;    /* "8080/tcp" */
	GPtrArray *writable; /* KilnRecipeWritable */
	char **labels, **annotations; /* key, value, ... sorted by key */
	GPtrArray *files;  /* KilnRecipeFile */
	GPtrArray *links;  /* KilnRecipeLink */
	GPtrArray *users, *groups; /* KilnRecipeAccount */
	char **keep, **drop; /* globs of paths: always kept, always left out */
	char **accept;   /* answers to warnings: "script:PACKAGE", "shell:PROGRAM" */
	gboolean shell;  /* keep a shell */
	char **locales;  /* "C.UTF-8" is always there; "de_DE.UTF-8" ... */
	char *stop_signal;
	KilnRecipeHealthcheck healthcheck; /* test empty: none */
	char *compression; /* "gzip" or "zstd" */
	GPtrArray *tests;  /* KilnRecipeTest */
	GHashTable *places; /* key -> KilnRecipePlace, of every key that was given */
} KilnRecipe;

/**
 * Read @path with everything it names by `from`, merge, select @variant (NULL: the hardened one), fill in defaults.
 *
 * Errors: KILN_ERROR_SYNTAX with file:line:column and the nearest known word; KILN_ERROR_NOT_FOUND a file that `from` names, a variant
 * (with those there are); KILN_ERROR_LIMIT a file, a list or the chain of `from` is too long; KILN_ERROR_DENIED `from` loops.
 */
KilnRecipe *kiln_recipe_load(const char *path, const char *variant, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/**
 * As load, from what kiln_recipe_to_json() wrote, with no file around it: for rebuilding from provenance. `variant` is NULL
 * (the name has it), `directory` is "." and places say @name:1:1; all else is as it was.
 */
KilnRecipe *kiln_recipe_from_json(const char *text, gsize length, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The effective recipe as canonical JSON: parses back to the same with kiln_recipe_from_json(); its digest is the recipe digest. Tests are not part of it when @for_digest. */
GBytes *kiln_recipe_to_json(const KilnRecipe *recipe, gboolean for_digest);
void kiln_recipe_place_clear(KilnRecipePlace *place);
/** Names of the variants that the file and its bases define besides the hardened one, sorted; free with g_strfreev(). */
gboolean kiln_recipe_variants(const char *path, char ***variants, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_recipe_free(KilnRecipe *recipe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnRecipe, kiln_recipe_free)

/** JSON Schema (2020-12) of the recipe format, generated from the same table as the parser. */
GBytes *kiln_recipe_schema(void);
/** Every key with its meaning and an example as Markdown tables, from the same table; new string. */
char *kiln_recipe_reference(void);
