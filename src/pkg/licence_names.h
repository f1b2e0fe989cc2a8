/* SPDX-License-Identifier: Apache-2.0 */
/* licence_names.h: one licence name of a Debian copyright file → SPDX identifier. Tables only, no text is judged here. */
#pragma once
#include <glib.h>

/**
 * The SPDX identifier that @name stands for, new string, or NULL when the name alone does not say it.
 *
 * Understood: names of copyright-format 1.0 with a version ("GPL-2+", "Artistic-2", "Expat"), SPDX identifiers in any case,
 * "GPLv3+". A family without its version ("GPL", "Apache") is NULL, and so is "MIT", of which there are several texts.
 */
char *kiln_licence_name_to_spdx(const char *name);

/** @words: "Libtool exception" or "LLVM-exception". The SPDX exception, borrowed and static, or NULL when several texts have that name. */
const char *kiln_licence_exception_to_spdx(const char *words);

/** NULL-terminated identifiers of the tables, for checking them against the published list. */
const char *const *kiln_licence_known_ids(void);
const char *const *kiln_licence_known_exceptions(void);
