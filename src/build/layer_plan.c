/* SPDX-License-Identifier: Apache-2.0 */
/* layer_plan.c: which file goes into which layer: what many images have in common lies below what changes often. */
#include "build/layer_internal.h"

#include <string.h>

enum {
	LAYER_C_LIBRARY, LAYER_RUNTIME, LAYER_CXX, LAYER_CRYPTO, LAYER_CERTIFICATES, LAYER_REGIONS, LAYER_DEPENDENCIES, LAYER_APPLICATION,
	LAYER_CONFIGURATION, LAYER_OWN,
};

static const char *const titles[KILN_LAYER_COUNT] = {
	"C library", "runtime libraries", "C++ library", "cryptography", "certificates", "time zones, locales and character sets",
	"dependencies", "application packages", "configuration", "own files",
};

/* The first row that matches decides. Stars as in kiln_glob_matches(); path NULL: every file of the package. */
typedef struct {
	guint layer;
	const char *package, *path;
} Row;

/* The lower a layer, the more it must be the same in every image: what an image may have or not goes one up. */
static const Row rows[] = {
	{ LAYER_CONFIGURATION, "base-files", "usr/share/common-licenses/**" },
	{ LAYER_C_LIBRARY, "base-files", NULL },
	{ LAYER_C_LIBRARY, "libc-bin", "etc/**" },
	{ LAYER_C_LIBRARY, "libc-bin", "usr/lib/locale/C.utf8/**" },
	{ LAYER_C_LIBRARY, "libc-bin", "usr/share/**" },
	{ LAYER_C_LIBRARY, "libc6", "**/ld-*" },
	{ LAYER_C_LIBRARY, "libc6", "**/libc.so.*" },
	{ LAYER_C_LIBRARY, "libc6", "etc/**" },
	{ LAYER_C_LIBRARY, "libc6", "usr/share/**" },
	{ LAYER_REGIONS, "libc6", "usr/lib/*/gconv/**" },
	{ LAYER_RUNTIME, "libc6", NULL },
	{ LAYER_RUNTIME, "libgcc-s1", NULL },
	{ LAYER_RUNTIME, "libatomic1", NULL },
	{ LAYER_RUNTIME, "gcc-*-base", NULL },
	{ LAYER_CXX, "libstdc++6", NULL },
	{ LAYER_CRYPTO, "libssl3*", NULL },
	{ LAYER_CRYPTO, "openssl-provider-*", NULL },
	{ LAYER_CRYPTO, "zlib1g", NULL },
	{ LAYER_CRYPTO, "libzstd1", NULL },
	{ LAYER_CERTIFICATES, "ca-certificates", NULL },
	{ LAYER_REGIONS, "tzdata*", NULL },
	{ LAYER_REGIONS, "locales*", NULL },
	{ LAYER_CONFIGURATION, "netbase", NULL },
	{ LAYER_CONFIGURATION, "openssl", "etc/**" },
	{ LAYER_CONFIGURATION, "openssl", "usr/lib/ssl/**" },
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
		return LAYER_CERTIFICATES;
	if (entry->package < 0)
		return LAYER_CONFIGURATION;
	const KilnClosurePackage *package = &tree->closure->packages[entry->package];
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (kiln_glob_matches(rows[i].package, package->lock->name) && (!rows[i].path || kiln_glob_matches(rows[i].path, entry->path)))
			return rows[i].layer;
	return package->requested ? LAYER_APPLICATION : LAYER_DEPENDENCIES;
}
