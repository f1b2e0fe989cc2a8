/* SPDX-License-Identifier: Apache-2.0 */
/* solver_pool.c: package indexes as libsolv's pool, parsed once and remembered by digest. */
#include "source/solver_pool.h"

#include "base/error.h"
#include "base/limits.h"
#include "io/file.h"
#include "io/reader.h"
#include "source/package_sizes.h"

#include <errno.h>
#include <fcntl.h>
#include <solv/poolarch.h>
#include <solv/repo_deb.h>
#include <solv/repo_solv.h>
#include <solv/repo_write.h>
#include <solv/solvversion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *cache_path(const KilnIndexFile *file)
{
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	return g_strdup_printf("solv/%s-%s", kiln_digest_print_hex(&file->stored, hex), solv_version);
}

static gboolean load_parsed(KilnStore *store, Repo *repo, const char *path)
{
	g_auto(KilnFd) fd = openat(kiln_store_cache_fd(store), path, O_RDONLY | O_CLOEXEC);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");
	if (!stream)
		return FALSE;
	fd = -1;
	gboolean good = repo_add_solv(repo, stream, 0) == 0;
	fclose(stream);
	if (!good)
		repo_empty(repo, 1);
	return good;
}

static gboolean save_parsed(KilnStore *store, Repo *repo, const char *path, GError **error)
{
	g_auto(KilnFd) directory = kiln_directory_make_at(kiln_store_cache_fd(store), "solv", 0700, error);
	g_autoptr(KilnNewFile) file = directory < 0 ? NULL : kiln_new_file_begin(kiln_store_cache_fd(store), path, error);
	g_auto(KilnFd) copy = file ? dup(kiln_new_file_fd(file)) : -1;
	FILE *stream = copy < 0 ? NULL : fdopen(copy, "w");
	if (!stream)
		return file ? kiln_fail_errno(error, errno, "%s", path) : FALSE;
	copy = -1;
	gboolean good = repo_write(repo, stream) == 0;
	good = fclose(stream) == 0 && good;
	if (!good)
		return kiln_fail(error, KILN_ERROR_IO, "%s: the parsed index cannot be written to the cache", path);
	return kiln_new_file_commit(file, FALSE, error);
}

/* libsolv reads a FILE: the index is inflated into memory that is no part of the heap and goes away at once. */
static FILE *inflate(KilnStore *store, const KilnIndexFile *file, GError **error)
{
	guint8 magic[6] = { 0 }, buffer[65536];
	g_auto(KilnFd) packed = kiln_store_open_input(store, &file->stored, error);
	if (packed < 0)
		return NULL;
	gssize head = pread(packed, magic, sizeof magic, 0);
	g_autoptr(KilnReader) reader = kiln_reader_new_inflate(kiln_reader_new_fd(packed), kiln_compression_detect(magic, (gsize)MAX(head, 0)),
	                                                       KILN_LIMIT_INDEX_BYTES, error);
	FILE *stream = reader ? tmpfile() : NULL;
	if (!stream) {
		if (reader)
			kiln_fail_errno(error, errno, "cannot inflate a package index");
		return NULL;
	}
	for (gssize count = 1; count > 0;) {
		count = kiln_reader_read(reader, buffer, sizeof buffer, error);
		if (count > 0 && fwrite(buffer, 1, (gsize)count, stream) != (gsize)count) {
			kiln_fail_errno(error, errno, "cannot inflate a package index");
			count = -1;
		}
		if (count < 0) {
			fclose(stream);
			return NULL;
		}
	}
	rewind(stream);
	return stream;
}

static gboolean save_sizes(KilnStore *store, GBytes *sizes, const char *path, GError **error)
{
	g_auto(KilnFd) directory = kiln_directory_make_at(kiln_store_cache_fd(store), "solv", 0700, error);
	g_autoptr(KilnNewFile) file = directory < 0 ? NULL : kiln_new_file_begin(kiln_store_cache_fd(store), path, error);
	return file && kiln_new_file_write(file, g_bytes_get_data(sizes, NULL), g_bytes_get_size(sizes), error) &&
	       kiln_new_file_commit(file, FALSE, error);
}

static gboolean load_index(KilnStore *store, Repo *repo, const KilnIndexFile *file, GBytes **sizes, GError **error)
{
	g_autofree char *path = cache_path(file), *sizes_path = g_strconcat(path, ".records", NULL);
	*sizes = kiln_file_map_at(kiln_store_cache_fd(store), sizes_path, KILN_LIMIT_INDEX_BYTES, NULL);
	if (*sizes && load_parsed(store, repo, path))
		return TRUE;
	g_clear_pointer(sizes, g_bytes_unref);
	FILE *stream = inflate(store, file, error);
	if (!stream)
		return FALSE;
	*sizes = package_sizes_read(stream);
	if (!save_sizes(store, *sizes, sizes_path, error)) {
		fclose(stream);
		return FALSE;
	}
	gboolean good = repo_add_debpackages(repo, stream, 0) == 0;
	fclose(stream);
	if (!good)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s/%s: not a Packages index: %s", file->component, file->architecture, pool_errstr(repo->pool));
	repo_internalize(repo);
	return save_parsed(store, repo, path, error);
}

void solver_pool_free(SolverPool *pool)
{
	if (!pool)
		return;
	for (guint i = 0; i < pool->repositories->len; i++)
		g_clear_pointer(&g_array_index(pool->repositories, SolverRepository, i).sizes, g_bytes_unref);
	g_array_unref(pool->repositories);
	queue_free(&pool->favours);
	pool_free(pool->pool);
	g_free(pool);
}

static gboolean add_repository(KilnStore *store, SolverPool *pool, const KilnSuite *suite, const KilnIndexFile *file, guint number, GError **error)
{
	SolverRepository made = { number, g_intern_string(file->component), NULL };
	Repo *repo = repo_create(pool->pool, suite->name);
	repo->appdata = GUINT_TO_POINTER(pool->repositories->len + 1);
	gboolean good = load_index(store, repo, file, &made.sizes, error);
	if (!good)
		g_prefix_error(error, "%s: ", suite->name);
	g_array_append_val(pool->repositories, made);
	return good;
}

static gboolean is_for(const KilnIndexFile *file, const char *architecture)
{
	return strcmp(file->architecture, architecture) == 0 || strcmp(file->architecture, "all") == 0;
}

SolverPool *solver_pool_load(KilnStore *store, KilnSuiteIndex *const *suites, gsize suite_count, const char *architecture, GError **error)
{
	SolverPool *pool = g_new0(SolverPool, 1);
	pool->pool = pool_create();
	pool->repositories = g_array_new(FALSE, TRUE, sizeof(SolverRepository));
	queue_init(&pool->favours);
	pool_setdisttype(pool->pool, DISTTYPE_DEB);
	pool_setarch(pool->pool, architecture);
	for (gsize i = 0; i < suite_count; i++)
		for (guint j = 0; j < suites[i]->files->len; j++) {
			const KilnIndexFile *file = suites[i]->files->pdata[j];
			if (is_for(file, architecture) && !add_repository(store, pool, suites[i]->suite, file, (guint)i, error)) {
				solver_pool_free(pool);
				return NULL;
			}
		}
	pool_addfileprovides(pool->pool);
	pool_createwhatprovides(pool->pool);
	return pool;
}

char *solver_pool_key(KilnSuiteIndex *const *suites, gsize suite_count, const char *architecture)
{
	GString *key = g_string_new(architecture);
	char hex[KILN_DIGEST_HEX_LENGTH + 1];
	for (gsize i = 0; i < suite_count; i++) {
		g_string_append_printf(key, "\n%s", suites[i]->suite->name);
		for (guint j = 0; j < suites[i]->files->len; j++) {
			const KilnIndexFile *file = suites[i]->files->pdata[j];
			if (is_for(file, architecture))
				g_string_append_printf(key, " %s %s", file->component, kiln_digest_print_hex(&file->stored, hex));
		}
	}
	return g_string_free(key, FALSE);
}
