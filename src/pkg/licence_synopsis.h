/* SPDX-License-Identifier: Apache-2.0 */
/* licence_synopsis.h: the first line of a License field as terms and how they are joined. Source: copyright-format 1.0, "License specification". */
#pragma once
#include <glib.h>

#define KILN_LICENCE_TERMS_MAX 64 /* of one synopsis */

/** How a term is joined to the one before it. An operator after a comma binds weaker than all without; `and` binds closer than `or`. */
typedef enum {
	KILN_LICENCE_FIRST,
	KILN_LICENCE_AND,
	KILN_LICENCE_OR,
	KILN_LICENCE_COMMA_AND,
	KILN_LICENCE_COMMA_OR,
} KilnLicenceJoin;

typedef struct {
	KilnLicenceJoin join;
	char *name;      /* "GPL-2+" */
	char *exception; /* "OpenSSL exception", or NULL */
	char *whole;     /* "GPL-2+ with OpenSSL exception" */
} KilnLicenceTerm;

/** KilnLicenceTerm in order, at least one; NULL when @synopsis is prose or does not follow the grammar. */
GPtrArray *kiln_licence_synopsis_parse(const char *synopsis);

/** The SPDX form of one term, new string. */
typedef char *(*KilnLicenceResolve)(const KilnLicenceTerm *term, gpointer user_data);

/** Append what must all hold, each as one SPDX operand (in parentheses when it needs them), to @operands. */
void kiln_licence_terms_print(const GPtrArray *terms, KilnLicenceResolve resolve, gpointer user_data, GPtrArray *operands);
