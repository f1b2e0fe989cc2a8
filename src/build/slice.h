/* SPDX-License-Identifier: Apache-2.0 */
/* slice.h: which files of a closure an application needs, each with its reason. */
#pragma once
#include "build/closure.h"

/** Something a person should know or answer. */
typedef struct {
	char *id;     /* "shell:/usr/bin/memcached", "script:nginx": what the recipe's `accept` names */
	char *text;   /* one sentence; what it quotes stands on lines of its own below it */
	char *answer; /* the key that answers it: "accept: [shell:/usr/bin/memcached]"; may be NULL */
	gboolean note; /* worth knowing, but no warning */
} KilnNotice;

/** A need on a mandatory edge that nothing in the closure meets. */
typedef struct {
	const KilnNode *from; /* who needs it; NULL: the recipe itself */
	char *need;           /* soname or path */
	char *detail;         /* sentence: what it is needed for */
	gboolean not_packaged; /* no package would help */
} KilnMissing;

typedef struct {
	GPtrArray *notices; /* KilnNotice, sorted by id */
	GPtrArray *missing; /* KilnMissing */
} KilnSliceResult;

/** An empty array of KilnNotice. */
GPtrArray *kiln_notices_new(void);
void kiln_notice_add(GPtrArray *notices, const char *id, const char *answer, gboolean note, const char *format, ...) G_GNUC_PRINTF(5, 6);

/**
 * Mark nodes of @closure as kept (with edge) or left out (with rule), after the recipe's own files were added to it.
 * Rules: docs/architecture.md "Slicing". Deterministic: depends on closure and recipe only.
 *
 * Errors: KILN_ERROR_UNSATISFIABLE mandatory needs that nothing meets; result->missing then tells each. @result is filled in both cases.
 */
gboolean kiln_slice(KilnClosure *closure, const KilnRecipe *recipe, KilnSliceResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_slice_result_clear(KilnSliceResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnSliceResult, kiln_slice_result_clear)

/** TRUE for the files among which the recipe's `programs` chooses. */
gboolean kiln_node_is_program(const KilnNode *node);

/** TRUE when @path matches the glob @pattern of keep or drop: * within a component, ** across. Both without leading slash. */
gboolean kiln_glob_matches(const char *pattern, const char *path);
