/* SPDX-License-Identifier: Apache-2.0 */
/* facts.h: everything that slicing needs to know of one .deb, read once and remembered by its digest. */
#pragma once
#include "base/context.h"
#include "elf/facts.h"
#include "io/tar.h"
#include "source/store.h"

#define KILN_FACTS_VERSION 4 /* raise when what is recorded changes: the cache starts anew */

/** One entry of data.tar. Strings are borrowed from the facts. */
typedef struct {
	const char *path; /* as the package ships it, normalised: "usr/sbin/nginx" */
	KilnFileType type;
	guint mode; /* 07777 */
	guint uid, gid;
	guint64 size;
	guint64 offset;    /* of the content in the unpacked data */
	KilnDigest digest; /* regular files */
	guint8 sha1[20];   /* SPDX 2.3 wants it */
	const char *link_target; /* or NULL */
	const char *interpreter; /* "#!" line's program, or NULL */
	const char *interpreter_argument; /* first word after it, or NULL; of env the program that it starts: "env -S python3 -u" gives "python3" */
	const char **named_paths; /* absolute paths named in a script, a configuration or a copyright file; never NULL */
	const KilnXattr *xattrs;
	gsize xattr_count;
	const KilnElfFacts *elf; /* or NULL; strings borrowed */
} KilnFactsFile;

typedef struct KilnFacts {
	KilnDigest digest;   /* of the .deb */
	const char *control; /* text of the control file */
	const char *preinst, *postinst, *conffiles, *md5sums, *templates; /* texts, or NULL */
	KilnFactsFile *files; /* in the order of the archive */
	gsize file_count;
	guint64 data_bytes;
	int data_fd; /* the unpacked content, read with pread at KilnFactsFile.offset */
	GVariant *stored;
	GPtrArray *allocations;
} KilnFacts;

/**
 * The facts of the package file @deb, which must be in the store: from the cache, or by reading it now. Thread-safe.
 *
 * @label: "nginx 1.26.3-3", for messages
 * Errors: those of kiln_deb_read(), KILN_ERROR_NOT_FOUND not in the store, KILN_ERROR_IO.
 */
KilnFacts *kiln_facts_obtain(KilnStore *store, const KilnDigest *deb, const char *label, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** Read the .deb @deb_fd once: content goes to @data_fd, the rest is returned. For kiln_facts_obtain() and tests. */
GVariant *kiln_facts_read_deb(int deb_fd, guint64 deb_bytes, int data_fd, const char *label, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** What the ELF imports that slicing asks about are called; NULL-terminated, static. */
const char *const *kiln_facts_imports(void);

void kiln_facts_free(KilnFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnFacts, kiln_facts_free)
