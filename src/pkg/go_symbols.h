/* SPDX-License-Identifier: Apache-2.0 */
/* go_symbols.h: which functions a Go program has, from the table that its runtime prints stack traces with; stripping leaves that in.
 *
 * The linker leaves out what nothing calls, and the table has inlined functions too: what is not in it cannot run. Names are kept as hashes of 32 bits; two names of one hash
 * make an absent function look present, never the contrary.
 * Source: Go's runtime/symtab.go and internal/abi, "pcHeader"; debug/gosym.
 */
#pragma once
#include "base/text.h"

/** The table's names, each ended by NUL, borrowed from @file. FALSE: there is none, or of a version that kiln does not know. */
gboolean go_symbols_find(KilnText file, KilnText *names);
/** Sorted guint32 of those names in @names that are of the module @module ("stdlib": of the standard library). */
GArray *go_symbols_of_module(KilnText names, const char *module);
/** The hash of a function as advisories write it: "golang.org/x/net/http2.Server.ServeConn". */
guint32 go_symbols_hash(KilnText name);
/** Those of both; @into grows. */
void go_symbols_merge(GArray *into, const GArray *from);
gboolean go_symbols_has(const GArray *symbols, guint32 hash);
