/* SPDX-License-Identifier: Apache-2.0 */
/* facts_read.c: one pass over a .deb: content to a file, digests, ELF facts, shebangs and named paths into a record. */
#include "build/facts.h"

#include "base/error.h"
#include "base/limits.h"
#include "build/facts_format.h"
#include "build/named.h"
#include "crypto/hash.h"
#include "pkg/deb.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define COPY_BYTES (256 * 1024)

typedef struct {
	int data_fd;
	guint64 data_bytes;
	const char *label;
	GHashTable *control; /* member name -> GBytes */
	GVariantBuilder files;
	guint8 *buffer;
	GByteArray *head; /* start of the current file, up to KILN_NAMED_SCAN_BYTES */
	KilnHash *hash;
	KilnHash *sha1;
	GHashTable *imports; /* those that slicing asks about */
} Reading;

/* Each import that a rule of slicing looks at; see slice_imports.c for what follows from it. */
static const char *const imports_of_interest[] = {
	"iconv_open", "system", "popen", "pam_start", "getaddrinfo", "gethostbyname", "gethostbyname_r", "gethostbyname2_r",
	"getpwnam", "getpwnam_r", "getpwuid", "getpwuid_r", "getgrnam", "getgrnam_r", "getgrgid", "getgrgid_r", "initgroups",
	"getservbyname", "getservbyname_r", "getservbyport", "getservbyport_r", "getprotobyname", "getprotobyname_r", "getprotobynumber", "getrpcbyname", "getrpcbynumber",
	"pthread_cancel", "pthread_exit", "backtrace", "execvp", "execlp", "execve", "execv", "execl", "posix_spawn", "posix_spawnp", "dlopen",
	"wordexp", "setlocale", "newlocale", "bindtextdomain", "localtime", "localtime_r", "tzset", NULL,
};

const char *const *kiln_facts_imports(void)
{
	return imports_of_interest;
}

static gboolean on_control(const char *name, GBytes *content, gpointer user_data, GError **error)
{
	Reading *reading = user_data;
	g_hash_table_replace(reading->control, g_strdup(name), g_bytes_ref(content));
	return TRUE;
}

static gboolean write_all(Reading *reading, const guint8 *bytes, gsize length, GError **error)
{
	while (length) {
		gssize written = pwrite(reading->data_fd, bytes, length, (off_t)reading->data_bytes);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return kiln_fail_errno(error, errno, "%s: cannot unpack into the cache", reading->label);
		bytes += written;
		length -= (gsize)written;
		reading->data_bytes += (guint64)written;
	}
	return TRUE;
}

static gboolean copy_content(Reading *reading, KilnTarReader *content, GError **error)
{
	g_byte_array_set_size(reading->head, 0);
	for (;;) {
		gssize count = kiln_tar_reader_read(content, reading->buffer, COPY_BYTES, error);
		if (count < 0)
			return FALSE;
		if (count == 0)
			return TRUE;
		if (reading->head->len < KILN_NAMED_SCAN_BYTES)
			g_byte_array_append(reading->head, reading->buffer, (guint)MIN((gsize)count, KILN_NAMED_SCAN_BYTES - reading->head->len));
		kiln_hash_update(reading->hash, reading->buffer, (gsize)count);
		kiln_hash_update(reading->sha1, reading->buffer, (gsize)count);
		if (!write_all(reading, reading->buffer, (gsize)count, error))
			return FALSE;
	}
}

static GVariant *bytes_variant(const void *bytes, gsize length)
{
	return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, bytes, length, 1);
}

static GVariant *string_variant(const char *text)
{
	return g_variant_new_bytestring(text ? text : "");
}

static GVariant *strings_variant(char **strings)
{
	static const char *const none[] = { NULL };
	return g_variant_new_bytestring_array(strings ? (const char *const *)strings : none, -1);
}

static GVariant *imports_variant(const Reading *reading, char **imports)
{
	g_autoptr(GPtrArray) kept = g_ptr_array_new();
	for (; imports && *imports; imports++)
		if (g_hash_table_contains(reading->imports, *imports))
			g_ptr_array_add(kept, *imports);
	g_ptr_array_add(kept, NULL);
	return g_variant_new_bytestring_array((const char *const *)kept->pdata, -1);
}

static GVariant *elf_variant(const Reading *reading, const KilnElfFacts *elf)
{
	GVariantBuilder notes;
	g_variant_builder_init(&notes, G_VARIANT_TYPE("a" FACTS_DLOPEN));
	for (guint i = 0; elf->dlopen_notes && i < elf->dlopen_notes->len; i++) {
		const KilnElfDlopen *note = elf->dlopen_notes->pdata[i];
		g_variant_builder_add(&notes, "(@aay@ayi)", strings_variant(note->sonames), string_variant(note->feature), note->priority);
	}
	return g_variant_new("(yqy@ay@ay@aay@aayb@a" FACTS_DLOPEN "@aay@aay@aaybu)", (guchar)elf->kind, (guint16)elf->machine,
	                     (guchar)elf->class_bits, string_variant(elf->interpreter), string_variant(elf->soname),
	                     strings_variant(elf->needed), strings_variant(elf->search), elf->search_is_runpath,
	                     g_variant_builder_end(&notes), imports_variant(reading, elf->imports), strings_variant(elf->paths),
	                     strings_variant(elf->sonames), elf->hardening.position_independent, elf->hardening.x86_isa_needed);
}

/* The mapping is of the file just written, so only the pages that libelf touches are ever resident. */
static gboolean add_elf(Reading *reading, guint64 offset, guint64 size, const char *path, GVariantBuilder *elves, GError **error)
{
	guint64 page = (guint64)sysconf(_SC_PAGESIZE), before = offset % page;
	void *mapping = mmap(NULL, size + before, PROT_READ, MAP_SHARED, reading->data_fd, (off_t)(offset - before));
	if (mapping == MAP_FAILED)
		return kiln_fail_errno(error, errno, "%s: %s: cannot map", reading->label, path);
	g_autoptr(GError) local = NULL;
	g_autoptr(KilnElfFacts) elf = kiln_elf_facts_read((guint8 *)mapping + before, size, &local);
	munmap(mapping, size + before);
	/* A damaged ELF is data as far as slicing goes: nothing can be derived from it, and the loader would refuse it. */
	if (elf)
		g_variant_builder_add_value(elves, elf_variant(reading, elf));
	return TRUE;
}

static void add_named_paths(const GByteArray *text, GVariantBuilder *builder)
{
	g_autoptr(GPtrArray) paths = kiln_named_paths(text->data, text->len);
	for (guint i = 0; i < paths->len; i++)
		g_variant_builder_add(builder, "@ay", g_variant_new_bytestring(paths->pdata[i]));
}

typedef struct {
	char *interpreter, *argument;
} Shebang;

static gboolean add_regular(Reading *reading, const KilnTarEntry *entry, KilnTarReader *content, KilnDigest *digest,
                            guint8 sha1[20], GVariantBuilder *paths, GVariantBuilder *elves, Shebang *shebang, GError **error)
{
	guint64 offset = reading->data_bytes;
	if (!copy_content(reading, content, error))
		return FALSE;
	if (reading->data_bytes - offset != entry->size)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: %s: holds %" G_GUINT64_FORMAT " bytes, its header says %" G_GUINT64_FORMAT,
		                 reading->label, entry->path, reading->data_bytes - offset, entry->size);
	kiln_hash_finish(reading->hash, digest);
	kiln_hash_finish_sha1(reading->sha1, sha1);
	if (kiln_elf_is(reading->head->data, reading->head->len))
		return add_elf(reading, offset, entry->size, entry->path, elves, error);
	kiln_named_interpreter(reading->head->data, reading->head->len, &shebang->interpreter, &shebang->argument);
	if (shebang->interpreter || g_str_has_prefix(entry->path, "etc/") ||
	    (g_str_has_prefix(entry->path, "usr/share/doc/") && g_str_has_suffix(entry->path, "/copyright")))
		add_named_paths(reading->head, paths);
	return TRUE;
}

static gboolean on_entry(const KilnTarEntry *entry, KilnTarReader *content, gpointer user_data, GError **error)
{
	Reading *reading = user_data;
	KilnDigest digest = { 0 };
	guint8 sha1[20] = { 0 };
	g_auto(GVariantBuilder) paths, elves, xattrs;
	Shebang shebang = { NULL, NULL };
	guint64 offset = reading->data_bytes;
	if (entry->path[0] == '\0')
		return TRUE; /* "./": the root itself */
	g_variant_builder_init(&paths, G_VARIANT_TYPE("aay"));
	g_variant_builder_init(&elves, G_VARIANT_TYPE("a" FACTS_ELF));
	g_variant_builder_init(&xattrs, G_VARIANT_TYPE("a" FACTS_XATTR));
	if (entry->type == KILN_FILE_REGULAR &&
	    !add_regular(reading, entry, content, &digest, sha1, &paths, &elves, &shebang, error))
		return FALSE;
	for (gsize i = 0; i < entry->xattr_count; i++)
		g_variant_builder_add(&xattrs, "(@ay@ay)", string_variant(entry->xattrs[i].name),
		                      bytes_variant(entry->xattrs[i].value, entry->xattrs[i].length));
	g_variant_builder_add(&reading->files, "(@ayyuuutt@ay@ay@ay@ay@ay@aay@a" FACTS_XATTR "@a" FACTS_ELF ")",
	                      string_variant(entry->path), (guchar)entry->type, entry->mode, (guint)entry->uid, (guint)entry->gid,
	                      entry->type == KILN_FILE_REGULAR ? entry->size : 0, offset, bytes_variant(digest.sha256, 32),
	                      bytes_variant(sha1, 20), string_variant(entry->link_target), string_variant(shebang.interpreter),
	                      string_variant(shebang.argument), g_variant_builder_end(&paths), g_variant_builder_end(&xattrs),
	                      g_variant_builder_end(&elves));
	g_free(shebang.interpreter);
	g_free(shebang.argument);
	return TRUE;
}

static GVariant *control_variant(Reading *reading, const char *name)
{
	GBytes *content = g_hash_table_lookup(reading->control, name);
	gsize length = 0;
	const char *bytes = content ? g_bytes_get_data(content, &length) : NULL;
	g_autofree char *text = g_strndup(bytes ? bytes : "", length);
	return string_variant(text);
}

/* A package that cannot be read is its archive's fault, not that of who wants it: say what they can do. */
static void add_remedy(GError **error)
{
	static const KilnError faults[] = { KILN_ERROR_SYNTAX, KILN_ERROR_UNSUPPORTED, KILN_ERROR_DENIED, KILN_ERROR_LIMIT };
	for (gsize i = 0; error && i < G_N_ELEMENTS(faults); i++)
		if (g_error_matches(*error, KILN_ERROR, (int)faults[i])) {
			char *text = g_strconcat((*error)->message, "; name the package under \"exclude\", or take it from another archive", NULL);
			g_free((*error)->message);
			(*error)->message = text;
		}
}

GVariant *kiln_facts_read_deb(int deb_fd, guint64 deb_bytes, int data_fd, const char *label, GError **error)
{
	static const KilnDebVisitor visitor = { on_control, on_entry };
	g_autoptr(GHashTable) control = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
	g_autoptr(GHashTable) imports = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GByteArray) head = g_byte_array_new();
	g_autoptr(KilnHash) hash = kiln_hash_new();
	g_autoptr(KilnHash) sha1 = kiln_hash_new_sha1();
	g_autofree guint8 *buffer = g_malloc(COPY_BYTES);
	Reading reading = { .data_fd = data_fd, .label = label, .control = control, .head = head, .hash = hash, .buffer = buffer,
		            .imports = imports, .sha1 = sha1 };
	for (const char *const *name = imports_of_interest; *name; name++)
		g_hash_table_add(imports, (gpointer)*name);
	g_variant_builder_init(&reading.files, G_VARIANT_TYPE("a" FACTS_FILE));

	g_autoptr(KilnReader) source = kiln_reader_new_range(deb_fd, 0, deb_bytes);
	gboolean good = kiln_deb_read(source, label, &visitor, &reading, error);
	if (!good) {
		add_remedy(error);
		g_variant_builder_clear(&reading.files);
		return NULL;
	}
	return g_variant_ref_sink(g_variant_new("(@ay@ay@ay@ay@ayt@a" FACTS_FILE "@ay)", control_variant(&reading, "control"),
	                                        control_variant(&reading, "preinst"), control_variant(&reading, "postinst"),
	                                        control_variant(&reading, "conffiles"), control_variant(&reading, "md5sums"),
	                                        reading.data_bytes, g_variant_builder_end(&reading.files), control_variant(&reading, "templates")));
}
