/* SPDX-License-Identifier: Apache-2.0 */
/* facts_format.h: the shape in which facts are remembered, for its writer and its reader only. */
#pragma once

/* Byte strings throughout: names in packages need not be UTF-8. An empty one stands for "none". */
#define FACTS_XATTR "(ayay)"
#define FACTS_DLOPEN "(aayayi)"
/* kind, machine, bits, interpreter, soname, needed, search, runpath, dlopen, imports, paths, sonames, position independent, x86 level */
#define FACTS_ELF "(yqyayayaayaayba" FACTS_DLOPEN "aayaayaaybu)"
/* path, type, mode, uid, gid, size, offset, sha256, sha1, link, interpreter, argument, paths, xattrs, elf */
#define FACTS_FILE "(ayyuuuttayayayayayaaya" FACTS_XATTR "a" FACTS_ELF ")"
/* control, preinst, postinst, conffiles, md5sums, bytes of data, files, templates */
#define FACTS_TYPE "(ayayayayayta" FACTS_FILE "ay)"
