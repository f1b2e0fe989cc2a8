/* SPDX-License-Identifier: Apache-2.0 */
/* contents.c: which package has a path or a library, from a suite's Contents indexes. Source: Debian RepositoryFormat, "Contents". */
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "io/file.h"
#include "io/reader.h"
#include "source/index_file.h"

#include <string.h>
#include <unistd.h>

#define LINE_BYTES_MAX 65536 /* a longer line is passed over */
#define OWNERS_MAX 64

typedef struct {
	char *name;
	guint rank; /* 0: where the system looks for it */
} Owner;

typedef struct {
	const char *path;     /* without leading slash and "usr/" */
	const char *basename; /* of it */
	gboolean bare;        /* any directory will do */
	GPtrArray *owners;
} Search;

static void owner_free(gpointer data)
{
	Owner *owner = data;
	g_free(owner->name);
	g_free(owner);
}

static KilnText without_usr(KilnText path)
{
	static const char *const prefixes[] = { "./", "/", "usr/" };
	for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++) {
		gsize length = strlen(prefixes[i]);
		if (path.length > length && memcmp(path.data, prefixes[i], length) == 0)
			path = (KilnText){ path.data + length, path.length - length };
	}
	return path;
}

/* A directory that the loader or PATH looks into, "usr/" cut off: lib, lib64, lib/x86_64-linux-gnu, bin, sbin. */
static gboolean is_searched(KilnText directory)
{
	if (kiln_text_is(directory, "lib") || kiln_text_is(directory, "lib64") || kiln_text_is(directory, "bin") || kiln_text_is(directory, "sbin"))
		return TRUE;
	return directory.length > 4 && memcmp(directory.data, "lib/", 4) == 0 && !memchr(directory.data + 4, '/', directory.length - 4) &&
	       g_strstr_len(directory.data, (gssize)directory.length, "-linux-");
}

static gboolean fits(const Search *search, KilnText path, guint *rank)
{
	*rank = 0;
	path = without_usr(path);
	if (!search->bare)
		return kiln_text_is(path, search->path);
	const char *slash = memrchr(path.data, '/', path.length);
	gsize start = slash ? (gsize)(slash + 1 - path.data) : 0;
	if (!kiln_text_is((KilnText){ path.data + start, path.length - start }, search->basename))
		return FALSE;
	*rank = !slash || !is_searched((KilnText){ path.data, start - 1 });
	return TRUE;
}

static void add_owner(Search *search, KilnText owner, guint rank)
{
	const char *slash = owner.length ? memrchr(owner.data, '/', owner.length) : NULL;
	KilnText name = slash ? (KilnText){ slash + 1, (gsize)(owner.data + owner.length - slash - 1) } : owner;
	if (!name.length)
		return;
	for (guint i = 0; i < search->owners->len; i++) {
		Owner *known = search->owners->pdata[i];
		if (kiln_text_is(name, known->name)) {
			known->rank = MIN(known->rank, rank);
			return;
		}
	}
	if (search->owners->len >= OWNERS_MAX)
		return;
	Owner *made = g_new0(Owner, 1);
	*made = (Owner){ kiln_text_dup(name), rank };
	g_ptr_array_add(search->owners, made);
}

/* "path   section/package,section/package": the path may hold blanks, the owners do not. */
static void read_line(Search *search, KilnText line)
{
	guint rank;
	line = kiln_text_strip(line);
	gsize split = line.length;
	while (split && line.data[split - 1] != ' ' && line.data[split - 1] != '\t')
		split--;
	KilnText path = kiln_text_strip((KilnText){ line.data, split }), owners = { line.data + split, line.length - split };
	if (!path.length || !fits(search, path, &rank))
		return;
	while (owners.length)
		add_owner(search, kiln_text_cut(&owners, ','), rank);
}

/* Whole lines of @buffer are read; what is left of the last moves to the front. Returns its length. */
static gsize read_lines(Search *search, char *buffer, gsize length)
{
	KilnText rest = { buffer, length };
	const char *last = memrchr(buffer, '\n', length);
	if (!last)
		return length < LINE_BYTES_MAX ? length : 0;
	rest.length = (gsize)(last + 1 - buffer);
	while (rest.length) {
		KilnText line = kiln_text_cut(&rest, '\n');
		if (line.length)
			read_line(search, line);
	}
	gsize left = length - (gsize)(last + 1 - buffer);
	memmove(buffer, last + 1, left);
	return left;
}

static gboolean scan(KilnStore *store, const KilnReleaseFile *file, Search *search, GError **error)
{
	guint8 magic[6] = { 0 };
	g_autofree char *buffer = g_malloc(2 * LINE_BYTES_MAX);
	g_auto(KilnFd) fd = kiln_store_open_input(store, &file->digest, error);
	if (fd < 0)
		return FALSE;
	gssize head = pread(fd, magic, sizeof magic, 0);
	g_autoptr(KilnReader) reader = kiln_reader_new_inflate(kiln_reader_new_fd(fd), kiln_compression_detect(magic, (gsize)MAX(head, 0)),
	                                                       KILN_LIMIT_INDEX_BYTES, error);
	gsize held = 0;
	for (gssize count = 1; reader && count > 0;) {
		count = kiln_reader_read(reader, buffer + held, LINE_BYTES_MAX, error);
		if (count < 0)
			break;
		held = read_lines(search, buffer, held + (gsize)count);
		if (count == 0) {
			if (held)
				read_line(search, (KilnText){ buffer, held });
			return TRUE;
		}
	}
	g_prefix_error(error, "%s: ", file->path);
	return FALSE;
}

static gboolean scan_if_named(KilnStore *store, const KilnContext *context, const KilnSuite *suite, const KilnRelease *release,
                              const char *path, Search *search, GError **error)
{
	g_autoptr(GError) local = NULL;
	const KilnReleaseFile *file;
	if (index_file_fetch(store, context, suite, release, path, &file, &local))
		return scan(store, file, search, error);
	g_autofree char *packed = g_strconcat(path, ".gz", NULL);
	if (!kiln_release_find(release, path) && !kiln_release_find(release, packed))
		return TRUE; /* this suite has no such index */
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

static gint by_rank(gconstpointer a, gconstpointer b)
{
	const Owner *first = *(Owner *const *)a, *second = *(Owner *const *)b;
	return first->rank != second->rank ? (first->rank < second->rank ? -1 : 1) : strcmp(first->name, second->name);
}

gboolean kiln_suite_index_owner(KilnStore *store, const KilnContext *context, const KilnSuiteIndex *index,
                                const char *architecture, const char *path, char ***packages, GError **error)
{
	g_autoptr(GPtrArray) owners = g_ptr_array_new_with_free_func(owner_free);
	g_auto(TrustedRelease) trusted = { 0 };
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	g_autofree char *whole = g_strdup_printf("Contents-%s", architecture);
	if (!index->suite->flat_directory) {
		if (!trusted_release_load(store, context, index, &trusted, error))
			return FALSE;
		g_autofree char *plain = kiln_text_dup(without_usr(kiln_text(path)));
		const char *slash = strrchr(plain, '/');
		Search search = { plain, slash ? slash + 1 : plain, strchr(path, '/') == NULL, owners };
		for (char **component = index->suite->components; *component; component++) {
			g_autofree char *own = g_strdup_printf("%s/Contents-%s", *component, architecture), *all = g_strdup_printf("%s/Contents-all", *component);
			if (!scan_if_named(store, context, index->suite, trusted.release, own, &search, error) ||
			    !scan_if_named(store, context, index->suite, trusted.release, all, &search, error))
				return FALSE;
		}
		if (!scan_if_named(store, context, index->suite, trusted.release, whole, &search, error))
			return FALSE;
	}
	g_ptr_array_sort(owners, by_rank);
	for (guint i = 0; i < owners->len; i++)
		g_strv_builder_add(names, ((Owner *)owners->pdata[i])->name);
	*packages = g_strv_builder_end(names);
	return TRUE;
}
