/* SPDX-License-Identifier: Apache-2.0 */
/* image_archive_fuzz.c: an archive that is taken leaves whole blobs under their digests, and nothing outside the layout. */
#include "crypto/hash.h"
#include "oci/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOBS "layout/blobs/sha256"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Every blob is what its name says; returns how many there are. */
static guint check_blobs(int top_fd)
{
	g_auto(GStrv) names = kiln_directory_list_at(top_fd, BLOBS, NULL);
	guint count = 0;
	for (char **name = names; name && *name; name++, count++) {
		KilnDigest wanted, actual;
		g_autofree char *path = g_strconcat(BLOBS "/", *name, NULL);
		g_autoptr(GBytes) content = kiln_file_read_at(top_fd, path, 1 << 24, NULL);
		if (!content || !kiln_digest_parse_hex(*name, strlen(*name), &wanted, NULL))
			abort();
		kiln_hash_bytes(g_bytes_get_data(content, NULL), g_bytes_get_size(content), &actual);
		if (!kiln_digest_equal(&wanted, &actual))
			abort();
	}
	return count;
}

static void read_into(int top_fd, const char *path)
{
	g_auto(KilnDescriptor) found = { 0 };
	g_autoptr(KilnLayout) layout = kiln_layout_open(top_fd, "layout", TRUE, NULL);
	if (!layout)
		abort();
	gboolean taken = kiln_archive_read(path, NULL, layout, &found, NULL);
	guint blobs = check_blobs(top_fd);
	if (taken && (!blobs || !kiln_layout_has_blob(layout, &found.digest, NULL)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	g_autofree char *top = g_dir_make_tmp("kiln-fuzz-XXXXXX", NULL);
	g_auto(KilnFd) top_fd = top ? open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	g_autofree char *path = g_build_filename(top, "archive", NULL);
	if (top_fd < 0 || !kiln_file_write_at(top_fd, "archive", bytes, length, NULL))
		abort();
	read_into(top_fd, path);
	g_auto(GStrv) left = kiln_directory_list_at(top_fd, ".", NULL);
	if (!left || g_strv_length(left) != 2)
		abort();
	if (!kiln_remove_tree_at(AT_FDCWD, top, NULL))
		abort();
	return 0;
}
