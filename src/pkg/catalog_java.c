/* SPDX-License-Identifier: Apache-2.0 */
/* catalog_java.c: archives of Java, also inside of each other: what Maven wrote into them, else what manifest and file name say.
 *
 * Source: Maven Archiver, "pom.properties"; JAR File Specification, "JAR Manifest"; OSGi Core 8, 3.2.1 (bundle headers).
 */
#include "io/zip_read.h"
#include "pkg/file_cataloger.h"

#include <string.h>

#define NESTED_MAX 8 /* jars in jars */
#define MEMBER_MAX_BYTES (64 * 1024 * 1024) /* an inner archive; growing to that must fit into the memory of a reader */
#define MEMBERS_ALL_MAX_BYTES ((guint64)1 << 30) /* inflated from one file of the image */
#define PROPERTIES_PREFIX "META-INF/maven/"
#define MANIFEST "META-INF/MANIFEST.MF"

static const char *const suffixes[] = { ".jar", ".war", ".ear", ".par", ".sar", ".nar", ".jpi", ".hpi", ".kar", ".rar" };

static gboolean is_archive(const char *path)
{
	for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++)
		if (g_str_has_suffix(path, suffixes[i]))
			return TRUE;
	return FALSE;
}

static gboolean wants(const KilnSeenFile *file)
{
	return is_archive(file->path) && file->head_length >= 4 && memcmp(file->head, "PK\003\004", 4) == 0;
}

/* Text out of one archive. */
typedef struct {
	KilnFileNotes *notes;
	const char *name;  /* of the archive, for evidence: "app.war!/WEB-INF/lib/x.jar" */
	guint depth;
	guint64 *inflated; /* of all archives of this file */
	guint found;       /* packages that Maven names */
	gboolean has_classes;
	char *title, *version, *group;
} Archive;

static gboolean add(Archive *archive, const char *group, KilnText artifact, KilnText version, KilnConfidence confidence, GError **error)
{
	g_autofree char *name = group && *group ? g_strdup_printf("%s:%.*s", group, (int)artifact.length, artifact.data) : kiln_text_dup(artifact);
	KilnInventoryPackage *package = file_notes_add(archive->notes, "maven", kiln_text(name), version, error);
	if (!package)
		return FALSE;
	package->confidence = confidence;
	package->evidence = g_strdup(archive->name);
	file_notes_claim(package, NULL, kiln_text(archive->notes->path));
	return TRUE;
}

static gboolean read_properties(Archive *archive, KilnText text, GError **error)
{
	KilnText group = { 0 }, artifact = { 0 }, version = { 0 };
	while (text.length) {
		KilnText value = kiln_text_strip(kiln_text_cut(&text, '\n')), key = kiln_text_strip(kiln_text_cut(&value, '='));
		value = kiln_text_strip(value);
		if (kiln_text_is(key, "groupId"))
			group = value;
		else if (kiln_text_is(key, "artifactId"))
			artifact = value;
		else if (kiln_text_is(key, "version"))
			version = value;
	}
	if (!group.length || !artifact.length || !version.length || memmem(version.data, version.length, "${", 2)) /* a template that nobody filled in */
		return TRUE;
	g_autofree char *group_text = kiln_text_dup(group);
	archive->found++;
	return add(archive, group_text, artifact, version, KILN_CONFIDENCE_HIGH, error);
}

/* Main attributes; a line that begins with a blank goes on with the one before. */
static void read_manifest(Archive *archive, KilnText text)
{
	g_autoptr(GString) line = g_string_new(NULL);
	const struct {
		const char *key;
		char **value;
	} known[] = { { "Implementation-Version: ", &archive->version }, { "Bundle-Version: ", &archive->version }, { "Implementation-Vendor-Id: ", &archive->group },
		      { "Bundle-SymbolicName: ", &archive->title } };
	while (text.length) {
		KilnText next = kiln_text_cut(&text, '\n');
		if (next.length && next.data[next.length - 1] == '\r')
			next.length--;
		if (!next.length)
			break;
		if (next.data[0] == ' ' && line->len < 65536) {
			g_string_append_len(line, next.data + 1, (gssize)next.length - 1);
		} else {
			g_string_truncate(line, 0);
			g_string_append_len(line, next.data, (gssize)next.length);
		}
		gboolean goes_on = text.length && text.data[0] == ' ';
		for (gsize i = 0; !goes_on && i < G_N_ELEMENTS(known); i++)
			if (g_str_has_prefix(line->str, known[i].key) && !*known[i].value)
				*known[i].value = g_strdup(line->str + strlen(known[i].key));
	}
}

/* "lib/commons-lang3-3.12.0.jar": name before, version from the first digit behind a "-". */
static void split_name(const char *name, KilnText *artifact, KilnText *version)
{
	const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name, *dot = strrchr(base, '.');
	gsize length = dot ? (gsize)(dot - base) : strlen(base), cut = 0;
	while (cut + 1 < length && !(base[cut] == '-' && g_ascii_isdigit(base[cut + 1])))
		cut++;
	gboolean has_version = cut + 1 < length;
	*artifact = (KilnText){ base, has_version ? cut : length };
	*version = has_version ? (KilnText){ base + cut + 1, length - cut - 1 } : (KilnText){ 0 };
}

/* "org.apache.commons.lang3" and artifact "commons-lang3" do not say the group for certain; "org.example.lib" and "lib" do. */
static char *group_of(const Archive *archive, KilnText artifact)
{
	if (archive->group && strchr(archive->group, '.'))
		return g_strdup(archive->group);
	g_autofree char *symbolic = archive->title ? g_strndup(archive->title, strcspn(archive->title, ";")) : NULL, *tail = g_strdup_printf(".%.*s", (int)artifact.length, artifact.data);
	if (symbolic && g_str_has_suffix(symbolic, tail))
		return g_strndup(symbolic, strlen(symbolic) - strlen(tail));
	return NULL;
}

static gboolean guess(Archive *archive, GError **error)
{
	KilnText artifact, version;
	split_name(archive->name, &artifact, &version);
	if (!version.length && archive->version)
		version = kiln_text(archive->version);
	if (!artifact.length || !version.length) {
		file_notes_remark(archive->notes, "unreadable", g_strdup_printf("java: %s says neither by Maven's metadata nor by its name which release it is", archive->name));
		return TRUE;
	}
	g_autofree char *group = group_of(archive, artifact);
	if (!group)
		file_notes_remark(archive->notes, "unreadable",
		                  g_strdup_printf("java: %s does not say its Maven group: advisories about %.*s cannot be looked up", archive->name, (int)artifact.length, artifact.data));
	return add(archive, group, artifact, version, group ? KILN_CONFIDENCE_MEDIUM : KILN_CONFIDENCE_LOW, error);
}

static gboolean read_archive(KilnFileNotes *notes, KilnText zip, const char *name, guint depth, guint64 *inflated, GError **error);

/* Classes are not inflated; that there are some says that it is a library. */
static gboolean want(const char *name, gpointer user_data)
{
	Archive *archive = user_data;
	archive->has_classes |= g_str_has_suffix(name, ".class");
	return is_archive(name) || strcmp(name, MANIFEST) == 0 || (g_str_has_prefix(name, PROPERTIES_PREFIX) && g_str_has_suffix(name, "/pom.properties"));
}

/* Goes down to NESTED_MAX archives inside of each other, no further. */
static gboolean visit(const char *name, const void *bytes, gsize length, gpointer user_data, GError **error)
{
	Archive *archive = user_data;
	KilnText content = { bytes, length };
	*archive->inflated += length;
	if (*archive->inflated > MEMBERS_ALL_MAX_BYTES)
		return kiln_fail(error, KILN_ERROR_LIMIT, "its archives inflate to more than %u MiB", (guint)(MEMBERS_ALL_MAX_BYTES >> 20));
	if (g_str_has_prefix(name, PROPERTIES_PREFIX) && g_str_has_suffix(name, "/pom.properties"))
		return read_properties(archive, content, error);
	if (strcmp(name, MANIFEST) == 0)
		read_manifest(archive, content);
	if (!is_archive(name) || length < 4 || memcmp(bytes, "PK\003\004", 4) != 0)
		return TRUE;
	if (archive->depth >= NESTED_MAX)
		return kiln_fail(error, KILN_ERROR_LIMIT, "archives inside of archives, deeper than %d", NESTED_MAX);
	g_autofree char *below = g_strdup_printf("%s!/%s", archive->name, name);
	return read_archive(archive->notes, content, below, archive->depth + 1, archive->inflated, error);
}

static gboolean read_archive(KilnFileNotes *notes, KilnText zip, const char *name, guint depth, guint64 *inflated, GError **error)
{
	Archive archive = { .notes = notes, .name = name, .depth = depth, .inflated = inflated };
	const char *slash = strrchr(name, '/');
	gboolean ok = kiln_zip_read_bytes(zip, slash ? slash + 1 : name, MEMBER_MAX_BYTES, want, visit, &archive, error);
	if (ok && !archive.found && archive.has_classes && g_str_has_suffix(name, ".jar"))
		ok = guess(&archive, error);
	g_free(archive.title);
	g_free(archive.version);
	g_free(archive.group);
	return ok;
}

static gboolean read_file(KilnFileNotes *notes, KilnText content, GError **error)
{
	guint64 inflated = 0;
	const char *slash = strrchr(notes->path, '/');
	return read_archive(notes, content, slash ? slash + 1 : notes->path, 1, &inflated, error);
}

const KilnFileCataloger kiln_cataloger_java = { "java", wants, read_file };
