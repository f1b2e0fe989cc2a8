/* SPDX-License-Identifier: Apache-2.0 */
/* program.c: the kiln that is running, as a thing with a digest. */
#include "cli/program.h"

#include "crypto/hash.h"
#include "io/file.h"

#include <fcntl.h>

gboolean kiln_program_digest(KilnDigest *out)
{
	guint64 size;
	g_auto(KilnFd) fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	return fd >= 0 && kiln_hash_fd(fd, out, &size, NULL);
}
