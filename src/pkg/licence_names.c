/* SPDX-License-Identifier: Apache-2.0 */
/* licence_names.c: licence names of Debian copyright files and the SPDX identifiers that they stand for. */
#include "pkg/licence_names.h"

#include <string.h>

#define NAME_BYTES_MAX 80 /* longer words are no licence name */

/* Names whose SPDX form is the same but for case and trailing ".0". GNU licences are composed below. */
static const char *const same_name[] = {
	"0BSD", "AFL-1.1", "AFL-1.2", "AFL-2.0", "AFL-2.1", "AFL-3.0", "Apache-1.0", "Apache-1.1", "Apache-2.0",
	"APSL-1.0", "APSL-1.1", "APSL-1.2", "APSL-2.0", "Artistic-2.0", "Beerware", "Bitstream-Vera", "BSD-1-Clause",
	"BSD-2-Clause", "BSD-2-Clause-Patent", "BSD-2-Clause-Views", "BSD-3-Clause", "BSD-3-Clause-Clear",
	"BSD-3-Clause-LBNL", "BSD-4-Clause", "BSD-4-Clause-UC", "BSD-Source-Code", "BSL-1.0", "bzip2-1.0.6",
	"CC-BY-1.0", "CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-NC-3.0", "CC-BY-NC-4.0",
	"CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-3.0", "CC-BY-ND-4.0", "CC-BY-SA-1.0", "CC-BY-SA-2.0",
	"CC-BY-SA-2.5", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC0-1.0", "CDDL-1.0", "CDDL-1.1", "CECILL-1.0", "CECILL-2.0",
	"CECILL-2.1", "CECILL-B", "CECILL-C", "CNRI-Python", "CPL-1.0", "curl", "ECL-1.0", "ECL-2.0", "EFL-1.0",
	"EFL-2.0", "EPL-1.0", "EPL-2.0", "EUPL-1.0", "EUPL-1.1", "EUPL-1.2", "FSFAP", "FSFUL", "FSFULLR", "FSFULLRWD",
	"FTL", "HPND", "HPND-sell-variant", "ICU", "IJG", "Info-ZIP", "IPL-1.0", "ISC", "JSON", "Latex2e", "Libpng",
	"libpng-2.0", "libtiff", "Linux-man-pages-copyleft", "LPPL-1.0", "LPPL-1.1", "LPPL-1.2", "LPPL-1.3a",
	"LPPL-1.3c", "MirOS", "MIT-0", "MIT-CMU", "MPL-1.0", "MPL-1.1", "MPL-2.0", "MS-PL", "MS-RL", "MulanPSL-2.0",
	"NCSA", "NTP", "ODbL-1.0", "OFL-1.0", "OFL-1.1", "OLDAP-2.7", "OLDAP-2.8", "OSL-1.0", "OSL-2.0", "OSL-2.1",
	"OSL-3.0", "PHP-3.0", "PHP-3.01", "PostgreSQL", "PSF-2.0", "Python-2.0", "Qhull", "QPL-1.0", "Ruby",
	"SGI-B-1.0", "SGI-B-1.1", "SGI-B-2.0", "SISSL", "Sleepycat", "SMLNJ", "TCL", "TCP-wrappers", "Unicode-3.0",
	"Unicode-DFS-2015", "Unicode-DFS-2016", "Unlicense", "UPL-1.0", "Vim", "W3C", "WTFPL", "Zend-2.0", "Zlib",
	"zlib-acknowledgement", "ZPL-1.1", "ZPL-2.0", "ZPL-2.1",
	NULL,
};

/* copyright-format 1.0, "License short name", where it departs from SPDX; "CC0" has had one version only. */
static const struct {
	const char *debian, *spdx;
} other_name[] = {
	{ "Expat", "MIT" },
	{ "CC0", "CC0-1.0" },
	{ "OpenLDAP-2.8", "OLDAP-2.8" },
	{ "SIL-1.1", "OFL-1.1" },
	{ "Zope-1.1", "ZPL-1.1" },
	{ "Zope-2.0", "ZPL-2.0" },
	{ "Zope-2.1", "ZPL-2.1" },
};

/* @suffix stands between the version and "-only" or "-or-later". */
static const struct {
	const char *debian, *spdx, *suffix;
	const char *versions[4]; /* as SPDX writes them */
} gnu_family[] = {
	{ "GPL", "GPL", "", { "1.0", "2.0", "3.0" } },
	{ "LGPL", "LGPL", "", { "2.0", "2.1", "3.0" } },
	{ "AGPL", "AGPL", "", { "1.0", "3.0" } },
	{ "GFDL", "GFDL", "", { "1.1", "1.2", "1.3" } },
	{ "GFDL-NIV", "GFDL", "-no-invariants", { "1.1", "1.2", "1.3" } },
};

/* Only exceptions of which one text is published under that name: "Bison" or "OpenSSL" alone do not say which. */
static const struct {
	const char *words, *spdx;
} exception[] = {
	{ "Classpath", "Classpath-exception-2.0" },
	{ "Font", "Font-exception-2.0" },
	{ "GCC-Runtime-3.1", "GCC-exception-3.1" },
	{ "Libtool", "Libtool-exception" },
	{ "Linux-syscall-note", "Linux-syscall-note" },
	{ "LLVM", "LLVM-exception" },
};

static const char *const known_exceptions[] = {
	"Autoconf-exception-2.0", "Autoconf-exception-3.0", "Autoconf-exception-generic", "Autoconf-exception-generic-3.0",
	"Autoconf-exception-macro", "Bison-exception-1.24", "Bison-exception-2.2",
	"Classpath-exception-2.0", "Font-exception-2.0", "GCC-exception-2.0", "GCC-exception-3.1", "Libtool-exception",
	"Linux-syscall-note", "LLVM-exception", "OCaml-LGPL-linking-exception", "Qt-GPL-exception-1.0", "Qt-LGPL-exception-1.1",
	"Swift-exception", "Texinfo-exception", "u-boot-exception-2.0", "WxWindows-exception-3.1", NULL,
};

const char *const *kiln_licence_known_ids(void)
{
	return same_name;
}

const char *const *kiln_licence_known_exceptions(void)
{
	return known_exceptions;
}

/* Length of @name without trailing ".0" components: copyright-format 1.0 holds "2.0.0", "2.0" and "2" for equal. */
static gsize significant_length(const char *name, gsize length)
{
	while (length > 2 && name[length - 1] == '0' && name[length - 2] == '.' && g_ascii_isdigit(name[length - 3]))
		length -= 2;
	return length;
}

static gboolean same_licence(const char *a, gsize a_length, const char *b)
{
	gsize b_length = significant_length(b, strlen(b));
	a_length = significant_length(a, a_length);
	return a_length == b_length && g_ascii_strncasecmp(a, b, a_length) == 0;
}

/* "GPL-2", "GPL2", "GPLv2": what follows the family's name; NULL when @name is another family. */
static const char *version_after(const char *name, const char *family)
{
	gsize length = strlen(family);
	if (g_ascii_strncasecmp(name, family, length) != 0)
		return NULL;
	const char *version = name + length;
	if (*version == '-')
		version++;
	if (*version == 'v' || *version == 'V')
		version++;
	return g_ascii_isdigit(*version) ? version : NULL;
}

static gboolean cut_suffix(const char *text, gsize *length, const char *suffix)
{
	gsize suffix_length = strlen(suffix);
	if (*length < suffix_length || g_ascii_strncasecmp(text + *length - suffix_length, suffix, suffix_length) != 0)
		return FALSE;
	*length -= suffix_length;
	return TRUE;
}

static char *gnu_to_spdx(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(gnu_family); i++) {
		const char *version = version_after(name, gnu_family[i].debian);
		if (!version)
			continue;
		gsize length = strlen(version);
		gboolean later = cut_suffix(version, &length, "+") || cut_suffix(version, &length, "-or-later");
		if (!later)
			cut_suffix(version, &length, "-only");
		for (const char *const *known = gnu_family[i].versions; *known; known++)
			if (same_licence(version, length, *known))
				return g_strconcat(gnu_family[i].spdx, "-", *known, gnu_family[i].suffix, later ? "-or-later" : "-only", NULL);
	}
	return NULL;
}

char *kiln_licence_name_to_spdx(const char *name)
{
	gsize length = strlen(name);
	if (length == 0 || length > NAME_BYTES_MAX)
		return NULL;
	char *gnu = gnu_to_spdx(name);
	if (gnu)
		return gnu;
	gboolean later = cut_suffix(name, &length, "+");
	const char *found = NULL;
	for (const char *const *known = same_name; *known && !found; known++)
		if (same_licence(name, length, *known))
			found = *known;
	for (gsize i = 0; i < G_N_ELEMENTS(other_name) && !found; i++)
		if (same_licence(name, length, other_name[i].debian))
			found = other_name[i].spdx;
	return found ? g_strconcat(found, later ? "+" : NULL, NULL) : NULL;
}

const char *kiln_licence_exception_to_spdx(const char *words)
{
	gsize length = strlen(words);
	for (const char *const *known = known_exceptions; *known; known++)
		if (g_ascii_strcasecmp(words, *known) == 0)
			return *known;
	if (!cut_suffix(words, &length, " exception"))
		return NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(exception); i++)
		if (strlen(exception[i].words) == length && g_ascii_strncasecmp(words, exception[i].words, length) == 0)
			return exception[i].spdx;
	return NULL;
}
