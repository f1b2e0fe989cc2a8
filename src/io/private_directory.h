/* SPDX-License-Identifier: Apache-2.0 */
/* private_directory.h: a directory of this process alone, for what is needed during one run; gone when it is let go. */
#pragma once
#include "io/file.h"

typedef struct {
	int fd;     /* of the directory; borrowed */
	char *name; /* relative to the directory that it was made in, "private/0123456789abcdef" */
	int parent_fd;
} KilnPrivateDirectory;

/**
 * Make an empty directory, mode 0700, below "private" in @dir_fd, and remove those that killed processes left there.
 * Nobody takes it for such a one as long as this process lives.
 */
KilnPrivateDirectory *kiln_private_directory_new(int dir_fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Remove it with all that is in it. */
void kiln_private_directory_free(KilnPrivateDirectory *directory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnPrivateDirectory, kiln_private_directory_free)
