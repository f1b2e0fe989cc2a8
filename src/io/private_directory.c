/* SPDX-License-Identifier: Apache-2.0 */
/* private_directory.c: a directory of this process alone, held by a lock on itself. */
#include "io/private_directory.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#define PARENT "private"
#define LOCK_FILE ".lock" /* held while directories are made and swept: a new one is never seen without its own lock */
#define NAME_DIGITS 16

/* Those that nobody holds were left by killed processes. What cannot be removed now is tried again by the next. */
static void sweep(int parent_fd)
{
	g_auto(GStrv) names = kiln_directory_list_at(parent_fd, ".", NULL);
	for (char **name = names; name && *name; name++) {
		if (strlen(*name) != NAME_DIGITS)
			continue;
		g_auto(KilnFd) fd = openat(parent_fd, *name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		g_autoptr(GError) ignored = NULL;
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && !kiln_remove_tree_at(parent_fd, *name, &ignored))
			continue;
	}
}

KilnPrivateDirectory *kiln_private_directory_new(int dir_fd, GError **error)
{
	guint64 number;
	g_autoptr(KilnPrivateDirectory) directory = g_new0(KilnPrivateDirectory, 1);
	directory->fd = -1;
	directory->parent_fd = kiln_directory_make_at(dir_fd, PARENT, 0700, error);
	g_auto(KilnFd) lock = directory->parent_fd < 0 ? -1 : kiln_file_lock_at(directory->parent_fd, LOCK_FILE, error);
	if (lock < 0)
		return NULL;
	sweep(directory->parent_fd);
	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		number = ((guint64)g_random_int() << 32) | g_random_int();
	g_autofree char *name = g_strdup_printf("%016" G_GINT64_MODIFIER "x", number);
	directory->fd = kiln_directory_make_at(directory->parent_fd, name, 0700, error);
	if (directory->fd < 0)
		return NULL;
	directory->name = g_strconcat(PARENT "/", name, NULL);
	if (flock(directory->fd, LOCK_EX | LOCK_NB) != 0) {
		kiln_fail_errno(error, errno, "cannot lock %s", directory->name);
		return NULL;
	}
	return g_steal_pointer(&directory);
}

void kiln_private_directory_free(KilnPrivateDirectory *directory)
{
	g_autoptr(GError) ignored = NULL;
	if (!directory)
		return;
	/* What stays, the next one that is made here sweeps. */
	if (directory->name && !kiln_remove_tree_at(directory->parent_fd, directory->name + strlen(PARENT "/"), &ignored))
		g_debug("%s: %s", directory->name, ignored->message);
	kiln_fd_close(&directory->fd);
	kiln_fd_close(&directory->parent_fd);
	g_free(directory->name);
	g_free(directory);
}
