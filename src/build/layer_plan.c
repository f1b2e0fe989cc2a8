/* SPDX-License-Identifier: Apache-2.0 */
/* layer_plan.c: which file goes into which layer: what many images have in common lies below what changes often. */
#include "build/layer_internal.h"

#include <string.h>

/* Packages of one layer; a trailing * matches any rest. */
typedef struct {
	guint layer;
	const char *package;
} Row;

enum { LAYER_C_LIBRARY, LAYER_RUNTIME, LAYER_CRYPTO, LAYER_DATA, LAYER_DEPENDENCIES, LAYER_APPLICATION, LAYER_CONFIGURATION, LAYER_OWN };

static const char *const titles[KILN_LAYER_COUNT] = { "C library", "compiler runtime", "cryptography", "certificates and time zones",
	                                              "dependencies", "application packages", "configuration", "own files" };

static const Row rows[] = {
	{ LAYER_C_LIBRARY, "libc6" }, { LAYER_C_LIBRARY, "libc-bin" }, { LAYER_C_LIBRARY, "base-files" }, { LAYER_C_LIBRARY, "netbase" },
	{ LAYER_RUNTIME, "libgcc-s1" }, { LAYER_RUNTIME, "libstdc++6" }, { LAYER_RUNTIME, "gcc-*-base" },
	{ LAYER_CRYPTO, "libssl3*" }, { LAYER_CRYPTO, "openssl-provider-*" }, { LAYER_CRYPTO, "openssl" }, { LAYER_CRYPTO, "zlib1g" }, { LAYER_CRYPTO, "libzstd1" },
	{ LAYER_DATA, "ca-certificates" }, { LAYER_DATA, "tzdata*" }, { LAYER_DATA, "media-types" },
};

const char *layer_title(guint layer)
{
	return titles[layer];
}

guint kiln_layer_of(const KilnTree *tree, const KilnTreeEntry *entry)
{
	if (entry->package == KILN_PACKAGE_RECIPE)
		return LAYER_OWN;
	if (g_str_has_prefix(entry->path, "etc/ssl/certs/"))
		return LAYER_DATA;
	if (entry->package < 0)
		return LAYER_CONFIGURATION;
	const KilnClosurePackage *package = &tree->closure->packages[entry->package];
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (kiln_glob_matches(rows[i].package, package->lock->name))
			return rows[i].layer;
	return package->requested ? LAYER_APPLICATION : LAYER_DEPENDENCIES;
}
