/* SPDX-License-Identifier: Apache-2.0 */
/* recipe_spec.h: the recipe format as tables: parsing, JSON, schema and documentation all read these. */
#pragma once
#include "build/recipe.h"
#include "data/json.h"
#include "data/yaml.h"

typedef enum {
	SPEC_STRING,
	SPEC_BOOLEAN,
	SPEC_STRINGS,     /* list; a base's items come first */
	SPEC_COMMAND,     /* list that replaces a base's: argv */
	SPEC_PAIRS,       /* mapping to key, value, ... sorted by key */
	SPEC_ENVIRONMENT, /* mapping to "KEY=value" */
	SPEC_MODE,        /* octal: "0755" */
	SPEC_NUMBER,
	SPEC_SIZE,        /* bytes, or "64 MiB" */
	SPEC_DURATION,    /* ms: "500ms", "10s", "2m" */
	SPEC_PATH,        /* beside the recipe */
	SPEC_ITEMS,       /* list of mappings */
	SPEC_STRUCT,      /* one mapping */
} SpecKind;

typedef struct SpecType SpecType;

typedef struct {
	const char *key;
	SpecKind kind;
	gsize offset;          /* of the member in the struct */
	const char *help;      /* one line */
	const char *example;   /* YAML of the value; may be NULL */
	const char *const *words; /* the only values; may be NULL */
	const SpecType *type;  /* of ITEMS and STRUCT */
	/* Beyond its kind; @text is a scalar of the value. NULL text: what is wrong, new string; NULL: good. */
	char *(*check)(const char *text);
	gboolean may_be_empty;    /* STRING: "" is a value */
	guint64 minimum, maximum; /* NUMBER, SIZE, DURATION; maximum 0: none */
	const char *const *with;  /* only beside one of these keys; NULL-terminated; may be NULL */
} Spec;

/** A kind of mapping. */
struct SpecType {
	const char *name;
	gsize size;
	const Spec *specs;        /* ends with a NULL key */
	gsize place_offset;       /* of its KilnRecipePlace; 0: none */
	const char *scalar_key;   /* a plain word stands for this key; may be NULL */
	const char *map_key, *map_value; /* a mapping of these is understood too: {"/a": "/b"}; may be NULL */
	const char *const *needs; /* keys that must be given; NULL-terminated; may be NULL */
	const char *const *one_of; /* exactly one of these; may be NULL */
	const char *identity;     /* key by which an item replaces a base's; twice in one file is an error; NULL: items only append */
};

extern const SpecType recipe_type;

/** Where parsing stands: the file, and what relative paths in it are prefixed with. */
typedef struct {
	const KilnYaml *yaml;
	const char *prefix; /* "" or "../base/" */
} SpecSource;

/** Read @mapping into @object on top of what is there. Keys in @ignore (NULL-terminated) are left alone. */
gboolean spec_read(const SpecSource *source, const SpecType *type, const KilnYamlNode *mapping, const char *const *ignore,
                   gpointer object, GHashTable *places, GError **error);
/** The row of @key, or NULL. */
const Spec *spec_find(const SpecType *type, const char *key);
/** The object as JSON; empty members are left out. */
json_t *spec_write(const SpecType *type, gconstpointer object);
void spec_free_members(const SpecType *type, gpointer object);
/** Check what keys must fit each other and fill in every default. In recipe_finish.c. */
gboolean recipe_finish(KilnRecipe *recipe, GError **error);
