/* SPDX-License-Identifier: Apache-2.0 */
/* scratch_layout.c: private layouts that nothing outlives: each is locked by its process, and what nobody holds is removed. */
#include "oci/scratch_layout.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "image-"
#define LOCK_FILE "lock"
#define PRIVATE_MODE 0700

static gboolean lock_directory(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* What cannot be removed, perhaps because it is somebody else's, stays for the next who may. */
static void try_remove(int parent_fd, const char *name)
{
	g_autoptr(GError) ignored = NULL;
	if (!kiln_remove_tree_at(parent_fd, name, &ignored))
		g_clear_error(&ignored);
}

static void prune(int parent_fd)
{
	g_auto(GStrv) names = kiln_directory_list_at(parent_fd, ".", NULL);
	for (char **name = names; name && *name; name++) {
		g_auto(KilnFd) fd = g_str_has_prefix(*name, PREFIX) ? openat(parent_fd, *name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
		if (fd >= 0 && lock_directory(fd))
			try_remove(parent_fd, *name);
	}
}

/* With the parent locked, so that nobody takes the new directory for a stale one before its own lock is held. */
static gboolean make_directory(KilnScratchLayout *scratch, const char *parent, GError **error)
{
	g_auto(KilnFd) lock = kiln_file_lock_at(scratch->parent_fd, LOCK_FILE, error);
	if (lock < 0)
		return FALSE;
	prune(scratch->parent_fd);
	for (guint number = 0; !scratch->name; number++) {
		g_autofree char *name = g_strdup_printf(PREFIX "%d-%u", (int)getpid(), number);
		if (mkdirat(scratch->parent_fd, name, PRIVATE_MODE) == 0)
			scratch->name = g_steal_pointer(&name);
		else if (errno != EEXIST)
			return kiln_fail_errno(error, errno, "cannot make a directory in %s", parent);
	}
	scratch->directory_fd = kiln_directory_open_at(scratch->parent_fd, scratch->name, error);
	return scratch->directory_fd >= 0 &&
	       (lock_directory(scratch->directory_fd) || kiln_fail_errno(error, errno, "cannot lock %s/%s", parent, scratch->name));
}

KilnScratchLayout *kiln_scratch_layout_new(const char *parent, GError **error)
{
	g_autoptr(KilnScratchLayout) scratch = g_new0(KilnScratchLayout, 1);
	scratch->directory_fd = -1;
	scratch->parent_fd = kiln_directory_make_at(AT_FDCWD, parent, 0755, error);
	if (scratch->parent_fd < 0 || !make_directory(scratch, parent, error))
		return NULL;
	scratch->layout = kiln_layout_open(scratch->directory_fd, ".", TRUE, error);
	return scratch->layout ? g_steal_pointer(&scratch) : NULL;
}

void kiln_scratch_layout_free(KilnScratchLayout *scratch)
{
	if (!scratch)
		return;
	kiln_layout_close(scratch->layout);
	if (scratch->name)
		try_remove(scratch->parent_fd, scratch->name);
	kiln_fd_close(&scratch->directory_fd);
	kiln_fd_close(&scratch->parent_fd);
	g_free(scratch->name);
	g_free(scratch);
}
