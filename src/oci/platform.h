/* SPDX-License-Identifier: Apache-2.0 */
/* platform.h: "linux/amd64", and what Debian and ELF call the same thing; one row per architecture. */
#pragma once
#include <glib.h>

typedef struct {
	const char *oci;     /* "linux/amd64" */
	const char *architecture, *variant; /* "arm64", "v8"; variant may be NULL */
	const char *debian;  /* "arm64" */
	const char *triplet; /* "aarch64-linux-gnu" */
	const char *machine; /* uname -m: "aarch64" */
	guint elf_machine;   /* EM_AARCH64 */
	guint class_bits;
} KilnPlatform;

/** Accepts "linux/arm64", "linux/arm64/v8", "arm64", "aarch64", "x86_64". KILN_ERROR_UNSUPPORTED names those that are known. Static. */
const KilnPlatform *kiln_platform_parse(const char *text, GError **error);
/** The machine that kiln runs on. Static. */
const KilnPlatform *kiln_platform_host(void);
