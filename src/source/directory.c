/* SPDX-License-Identifier: Apache-2.0 */
/* directory.c: a local directory of .deb files as a suite: its Packages index is made here, from their control files. */
#include "source/directory.h"

#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "data/deb822.h"
#include "io/file.h"
#include "pkg/deb.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean take_control(const char *name, GBytes *content, gpointer user_data, GError **error)
{
	GBytes **control = user_data;
	if (strcmp(name, "control") == 0 && !*control)
		*control = g_bytes_ref(content);
	return TRUE;
}

static gboolean hash_file(int fd, KilnDigest *digest, guint64 *size_bytes, GError **error)
{
	guint8 buffer[65536];
	g_autoptr(KilnReader) reader = kiln_reader_new_fd(fd);
	g_autoptr(KilnHash) hash = kiln_hash_new();
	*size_bytes = 0;
	for (gssize count = 1; count > 0;) {
		count = kiln_reader_read(reader, buffer, sizeof buffer, error);
		if (count < 0)
			return FALSE;
		kiln_hash_update(hash, buffer, (gsize)count);
		*size_bytes += (guint64)count;
	}
	kiln_hash_finish(hash, digest);
	return TRUE;
}

/* One stanza with what a package file may say of itself, and none of what only an index says. */
static gboolean check_control(GBytes *control, KilnDeb822Stanza *stanza, const char *name, GError **error)
{
	static const char *const needed[] = { "Package", "Version", "Architecture" }, *const refused[] = { "Filename", "Size", "SHA256" };
	gsize length = 0;
	const char *text = control ? g_bytes_get_data(control, &length) : "";
	KilnDeb822 cursor = { text, length, name, 1 };
	gboolean found;
	if (!kiln_deb822_next(&cursor, stanza, &found, error))
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(needed); i++)
		if (!found || !kiln_deb822_get(stanza, needed[i]).length)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "its control file has no %s", needed[i]);
	for (gsize i = 0; i < G_N_ELEMENTS(refused); i++)
		if (kiln_deb822_get(stanza, refused[i]).data)
			return kiln_fail(error, KILN_ERROR_SYNTAX, "its control file has a %s field, which only an index has", refused[i]);
	return TRUE;
}

static gboolean add_package(int directory_fd, const char *name, GString *packages, GError **error)
{
	const KilnDebVisitor visitor = { .control = take_control };
	g_autoptr(GBytes) control = NULL;
	g_autofree KilnDeb822Stanza *stanza = g_new(KilnDeb822Stanza, 1);
	KilnDigest digest;
	guint64 size_bytes;
	struct stat status;
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	g_auto(KilnFd) fd = openat(directory_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) != 0)
		return kiln_fail_errno(error, errno, "cannot be read");
	if (!S_ISREG(status.st_mode) || (guint64)status.st_size > KILN_LIMIT_DEB_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "no regular file, or larger than a package may be");
	if (strpbrk(name, "\n\r\t \\"))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "a package's file name has no blanks");
	if (!hash_file(fd, &digest, &size_bytes, error) || lseek(fd, 0, SEEK_SET) != 0)
		return FALSE;
	g_autoptr(KilnReader) reader = kiln_reader_new_fd(fd);
	if (!kiln_deb_read(reader, name, &visitor, &control, error) || !check_control(control, stanza, name, error))
		return FALSE;
	KilnText whole = kiln_text_strip(stanza->whole);
	g_string_append_len(packages, whole.data, (gssize)whole.length);
	g_string_append_printf(packages, "\nFilename: %s\nSize: %" G_GUINT64_FORMAT "\nSHA256: %s\n\n", name, size_bytes,
	                       kiln_digest_print_hex(&digest, hex));
	return TRUE;
}

static gboolean list_packages(const char *path, GString *packages, GError **error)
{
	g_auto(KilnFd) fd = kiln_directory_open_at(AT_FDCWD, path, error);
	g_auto(GStrv) names = fd < 0 ? NULL : kiln_directory_list_at(fd, ".", error);
	for (char **name = names; name && *name; name++)
		if (g_str_has_suffix(*name, ".deb") && !add_package(fd, *name, packages, error)) {
			g_prefix_error(error, "%s/%s: ", path, *name);
			return FALSE;
		}
	if (names && packages->len == 0)
		return kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: no .deb file in it", path);
	return names != NULL;
}

static void free_file(gpointer data)
{
	KilnIndexFile *file = data;
	g_free(file->component);
	g_free(file->architecture);
	g_free(file);
}

KilnSuiteIndex *directory_index_make(KilnStore *store, const KilnSuite *suite, GError **error)
{
	g_autoptr(GString) packages = g_string_new(NULL);
	g_autofree char *path = g_filename_from_uri(suite->uris[0], NULL, NULL);
	KilnDigest digest;
	if (!path) {
		kiln_fail(error, KILN_ERROR_INTERNAL, "%s: a directory without a path", suite->name);
		return NULL;
	}
	if (!list_packages(path, packages, error) || !kiln_store_put(store, packages->str, packages->len, &digest, error))
		return NULL;
	KilnSuiteIndex *index = g_new0(KilnSuiteIndex, 1);
	KilnIndexFile *file = g_new0(KilnIndexFile, 1);
	index->suite = suite;
	index->inrelease = digest;
	index->codename = g_strdup(suite->name);
	index->signers = g_ptr_array_new();
	index->files = g_ptr_array_new_with_free_func(free_file);
	*file = (KilnIndexFile){ g_strdup("main"), g_strdup("all"), digest, digest, packages->len };
	g_ptr_array_add(index->files, file);
	return index;
}
