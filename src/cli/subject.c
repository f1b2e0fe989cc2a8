/* SPDX-License-Identifier: Apache-2.0 */
/* subject.c: open an image or an SBOM. */
#include "cli/subject.h"

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/file.h"
#include "sbom/read.h"

#include <fcntl.h>

static gboolean open_sbom(KilnSubject *subject, const char *path, GError **error)
{
	static const KilnDigest none;
	g_autoptr(GBytes) bytes = kiln_file_read_at(AT_FDCWD, path, KILN_LIMIT_JSON_BYTES, error);
	gsize length = 0;
	const void *text = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	subject->sbom = bytes ? kiln_sbom_read(text, length, path, error) : NULL;
	if (!subject->sbom)
		return FALSE;
	subject->inventory = kiln_sbom_to_inventory(subject->sbom);
	subject->digest = subject->sbom->subject;
	if (kiln_digest_equal(&subject->digest, &none))
		kiln_hash_bytes(text, length, &subject->digest);
	return TRUE;
}

static gboolean open_image(KilnSubject *subject, KilnInvocation *invocation, const char *reference, GError **error)
{
	subject->image = kiln_open_image(invocation, reference, error);
	if (!subject->image || !kiln_read_inventory(invocation, subject->image, FALSE, &subject->inventory, &subject->reasons, error))
		return FALSE;
	subject->digest = subject->image->descriptor.digest;
	return TRUE;
}

KilnSubject *kiln_subject_open(KilnInvocation *invocation, const char *reference, GError **error)
{
	g_autoptr(KilnSubject) subject = g_new0(KilnSubject, 1);
	g_auto(KilnReference) parsed = { 0 };
	if (!kiln_reference_parse(reference, &parsed, error))
		return NULL;
	gboolean ok = parsed.transport == KILN_TRANSPORT_SBOM ? open_sbom(subject, parsed.path, error) : open_image(subject, invocation, reference, error);
	return ok ? g_steal_pointer(&subject) : NULL;
}

const char *kiln_subject_architecture(const KilnSubject *subject)
{
	return subject->image ? subject->image->config->architecture : subject->sbom ? subject->sbom->architecture : NULL;
}

gint64 kiln_subject_created(const KilnSubject *subject)
{
	gint64 unix_s = 0;
	if (!subject->image)
		return subject->sbom ? subject->sbom->created_unix_s : 0;
	const char *created = subject->image->config->created;
	return created && kiln_time_parse(created, &unix_s, NULL) ? unix_s : 0;
}

void kiln_subject_free(KilnSubject *subject)
{
	if (!subject)
		return;
	kiln_inventory_free(subject->inventory);
	kiln_reasons_free(subject->reasons);
	kiln_sbom_free(subject->sbom);
	kiln_image_close(subject->image);
	g_free(subject);
}
