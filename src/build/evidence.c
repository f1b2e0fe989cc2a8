/* SPDX-License-Identifier: Apache-2.0 */
/* evidence.c: documents about an image, attached to it when it is built. */
#include "build/evidence.h"

#include "attest/statement.h"
#include "base/limits.h"
#include "build/effects.h"
#include "crypto/hash.h"
#include "data/deb822.h"
#include "kiln_config.h"
#include "sbom/format.h"
#include "source/archive.h"

#include <string.h>

static KilnLicence *licence_of(const KilnTree *tree, const KilnClosurePackage *package)
{
	g_autofree char *path = g_strdup_printf("/usr/share/doc/%s/copyright", package->lock->name);
	const KilnNode *node = kiln_closure_resolve(tree->closure, path, NULL);
	g_autoptr(GBytes) bytes = node ? kiln_node_read(tree->closure, node, KILN_LIMIT_STANZA_BYTES, NULL) : NULL;
	gsize length;
	const char *text = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	return text ? kiln_licence_from_debian_copyright(text, length, package->lock->name) : NULL;
}

static void fill_control(KilnPackage *identity, const KilnFacts *facts)
{
	KilnDeb822 cursor = { facts->control, strlen(facts->control), identity->name, 1 };
	g_autofree KilnDeb822Stanza *stanza = g_new(KilnDeb822Stanza, 1);
	gboolean found;
	if (!kiln_deb822_next(&cursor, stanza, &found, NULL) || !found)
		return;
	KilnText description = kiln_deb822_get(stanza, "Description"), summary = kiln_text_cut(&description, '\n');
	identity->maintainer = kiln_deb822_dup(stanza, "Maintainer");
	identity->homepage = kiln_deb822_dup(stanza, "Homepage");
	identity->summary = summary.data ? kiln_text_dup(summary) : NULL;
}

/* Each by the archive it is from: whose packages an archive of the recipe's own has, nobody said. */
static void fill_distribution(KilnPackage *identity, const KilnLock *lock, const KilnLockPackage *locked)
{
	const KilnLockSuite *suite = lock->suites->pdata[locked->suite];
	const KilnArchiveRelease *release = kiln_archive_release(suite->archive);
	if (!release)
		return;
	identity->distro = g_strdup(release->distro);
	identity->distro_version = g_strdup(release->version ? release->version : release->release);
}

/* Packages with at least one file in the image; *index maps closure to SBOM numbers, -1 for those without. */
static void add_packages(const KilnEvidence *evidence, KilnSbom *sbom, gint *index)
{
	const KilnTree *tree = evidence->tree;
	gsize count = tree->closure->package_count;
	g_autofree KilnPackageFiles *files = kiln_closure_count_files(tree->closure);
	for (gsize i = 0; i < count; i++) {
		const KilnClosurePackage *from = &tree->closure->packages[i];
		index[i] = files[i].kept ? (gint)sbom->packages->len : -1;
		if (!files[i].kept)
			continue;
		KilnSbomPackage *package = kiln_sbom_package_new();
		KilnPackage *identity = &package->identity;
		identity->type = g_strdup("deb");
		fill_distribution(identity, evidence->lock, from->lock);
		identity->name = g_strdup(from->lock->name);
		identity->version = g_strdup(from->lock->version);
		identity->architecture = g_strdup(from->lock->architecture);
		identity->source_name = g_strdup(from->lock->source_name);
		identity->source_version = g_strdup(from->lock->source_version);
		identity->has_digest = TRUE;
		identity->digest = from->lock->digest;
		fill_control(identity, from->facts);
		package->licence = licence_of(tree, from);
		package->download_location = g_strdup(from->lock->filename);
		package->partial = files[i].kept < files[i].all;
		g_ptr_array_add(sbom->packages, package);
	}
	for (gsize i = 0; i < count; i++) {
		if (index[i] < 0)
			continue;
		KilnSbomPackage *package = sbom->packages->pdata[index[i]];
		const KilnClosurePackage *from = &tree->closure->packages[i];
		package->depends = g_new0(guint, from->depend_count + 1);
		for (gsize j = 0; j < from->depend_count; j++)
			if (index[from->depends[j]] >= 0)
				package->depends[package->depend_count++] = (guint)index[from->depends[j]];
	}
}

static char *hex_of(const guint8 *bytes, gsize length)
{
	GString *text = g_string_sized_new(2 * length);
	for (gsize i = 0; i < length; i++)
		g_string_append_printf(text, "%02x", bytes[i]);
	return g_string_free(text, FALSE);
}

static KilnSbom *make_sbom(const KilnEvidence *evidence)
{
	const KilnTree *tree = evidence->tree;
	KilnSbom *sbom = kiln_sbom_new();
	g_autofree gint *index = g_new0(gint, tree->closure->package_count + 1);
	sbom->name = g_strdup(evidence->recipe->name);
	sbom->version = g_strdup(evidence->recipe->version);
	sbom->subject = evidence->subject->digest;
	sbom->architecture = g_strdup(tree->closure->platform->architecture);
	sbom->created_unix_s = evidence->created_unix_s;
	sbom->tool_version = g_strdup(KILN_VERSION);
	sbom->built = TRUE;
	add_packages(evidence, sbom, index);
	for (guint i = 0; i < tree->entries->len; i++) {
		const KilnTreeEntry *entry = tree->entries->pdata[i];
		if (entry->type != KILN_FILE_REGULAR)
			continue;
		KilnSbomFile *file = kiln_sbom_file_new();
		file->path = g_strconcat("/", entry->path, NULL);
		file->digest = entry->digest;
		file->sha1_hex = entry->has_sha1 ? hex_of(entry->sha1, sizeof entry->sha1) : NULL;
		if (!entry->has_sha1 && entry->bytes)
			file->sha1_hex = kiln_hash_hex("sha1", g_bytes_get_data(entry->bytes, NULL), g_bytes_get_size(entry->bytes), NULL);
		file->size_bytes = entry->size;
		file->package = entry->package >= 0 ? index[entry->package] : -1;
		g_ptr_array_add(sbom->files, file);
	}
	return sbom;
}

static gboolean attach(KilnLayout *layout, const KilnDescriptor *subject, const char *artifact_type, const char *predicate_type, GBytes *bytes, GError **error)
{
	g_auto(KilnDescriptor) made = { 0 };
	char *annotations[] = { (char *)KILN_PREDICATE_TYPE_ANNOTATION, (char *)predicate_type, NULL };
	return kiln_layout_attach(layout, subject, artifact_type, artifact_type, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes),
	                          predicate_type ? annotations : NULL, &made, error);
}

static gboolean attach_sboms(const KilnEvidence *evidence, KilnLayout *layout, GError **error)
{
	static const char *const formats[] = { "spdx-json", "cyclonedx-json" };
	g_autoptr(KilnSbom) sbom = make_sbom(evidence);
	for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
		const KilnSbomFormat *format = kiln_sbom_format(formats[i]);
		g_autoptr(GBytes) bytes = format->write(sbom);
		if (!attach(layout, evidence->subject, format->media_type, NULL, bytes, error))
			return FALSE;
	}
	return TRUE;
}

gboolean kiln_evidence_attach(const KilnEvidence *evidence, KilnLayout *layout, GError **error)
{
	g_autoptr(json_t) predicate = kiln_provenance_predicate(evidence), reasons = kiln_reasons_document(evidence);
	g_autoptr(GBytes) statement = kiln_statement_print(evidence->recipe->name, &evidence->subject->digest, KILN_PREDICATE_PROVENANCE, predicate);
	g_autoptr(GBytes) why = kiln_json_compact(reasons);
	const KilnDigest *image = &evidence->subject->digest;
	/* Lines and tests of a recipe change while the image stays the same: only the newest reasons and provenance are right. */
	return attach_sboms(evidence, layout, error) &&
	       kiln_layout_detach(layout, image, KILN_MEDIA_IN_TOTO, KILN_PREDICATE_TYPE_ANNOTATION, KILN_PREDICATE_PROVENANCE, error) &&
	       attach(layout, evidence->subject, KILN_MEDIA_IN_TOTO, KILN_PREDICATE_PROVENANCE, statement, error) &&
	       kiln_layout_detach(layout, image, KILN_MEDIA_REASONS, NULL, NULL, error) &&
	       attach(layout, evidence->subject, KILN_MEDIA_REASONS, NULL, why, error);
}
