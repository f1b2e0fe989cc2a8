/* SPDX-License-Identifier: Apache-2.0 */
/* platform.c: one row per architecture, and the ways in which people write it. */
#include "oci/platform.h"

#include "base/error.h"
#include "base/text.h"

#include <elf.h>

/* Sources: image-spec 1.1 image-index.md "Platform Variants"; dpkg's cputable and tupletable; elf.h; uname(2). */
static const KilnPlatform platforms[] = {
	{ "linux/amd64", "amd64", NULL, "amd64", "x86_64-linux-gnu", "x86_64", EM_X86_64, 64 },
	{ "linux/arm64", "arm64", "v8", "arm64", "aarch64-linux-gnu", "aarch64", EM_AARCH64, 64 },
	{ "linux/arm/v7", "arm", "v7", "armhf", "arm-linux-gnueabihf", "armv7l", EM_ARM, 32 },
	{ "linux/arm/v5", "arm", "v5", "armel", "arm-linux-gnueabi", "armv5tel", EM_ARM, 32 },
	{ "linux/386", "386", NULL, "i386", "i386-linux-gnu", "i686", EM_386, 32 },
	{ "linux/ppc64le", "ppc64le", NULL, "ppc64el", "powerpc64le-linux-gnu", "ppc64le", EM_PPC64, 64 },
	{ "linux/s390x", "s390x", NULL, "s390x", "s390x-linux-gnu", "s390x", EM_S390, 64 },
	{ "linux/riscv64", "riscv64", NULL, "riscv64", "riscv64-linux-gnu", "riscv64", EM_RISCV, 64 },
	{ "linux/mips64le", "mips64le", NULL, "mips64el", "mips64el-linux-gnuabi64", "mips64", EM_MIPS, 64 },
};

/* "arm" alone is the first row with that architecture: v7, as everybody reads it. */
static gboolean is_row(const KilnPlatform *platform, const char *text)
{
	static const char system[] = "linux/";
	const char *rest = strncmp(text, system, strlen(system)) == 0 ? text + strlen(system) : text;
	g_autofree char *full = platform->variant ? g_strconcat(platform->architecture, "/", platform->variant, NULL) : NULL;
	return strcmp(rest, platform->architecture) == 0 || g_strcmp0(rest, full) == 0 || strcmp(rest, platform->debian) == 0 ||
	       strcmp(rest, platform->machine) == 0;
}

const KilnPlatform *kiln_platform_parse(const char *text, GError **error)
{
	const char *known[G_N_ELEMENTS(platforms) + 1] = { NULL };
	for (gsize i = 0; i < G_N_ELEMENTS(platforms); i++) {
		if (is_row(&platforms[i], text))
			return &platforms[i];
		known[i] = platforms[i].oci;
	}
	g_autofree char *list = g_strjoinv(", ", (char **)known);
	const char *nearest = kiln_text_nearest(text, known);
	if (nearest)
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "platform \"%.60s\" is not known; did you mean \"%s\"? (known: %s)", text, nearest, list);
	else
		kiln_fail(error, KILN_ERROR_UNSUPPORTED, "platform \"%.60s\" is not known (known: %s)", text, list);
	return NULL;
}

/* What the compiler built for, not uname(2): a 32 bit kiln on a 64 bit kernel must not claim the kernel's. */
static const char host_architecture[] =
#if defined(__x86_64__)
	"amd64";
#elif defined(__aarch64__)
	"arm64";
#elif defined(__arm__) && defined(__ARM_PCS_VFP)
	"arm/v7";
#elif defined(__arm__)
	"arm/v5";
#elif defined(__i386__)
	"386";
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
	"ppc64le";
#elif defined(__s390x__)
	"s390x";
#elif defined(__riscv) && __riscv_xlen == 64
	"riscv64";
#elif defined(__mips64) && defined(__MIPSEL__)
	"mips64le";
#else
#error "add a row for this architecture to the table above"
#endif

const KilnPlatform *kiln_platform_host(void)
{
	const KilnPlatform *host = kiln_platform_parse(host_architecture, NULL);
	g_assert(host != NULL);
	return host;
}
