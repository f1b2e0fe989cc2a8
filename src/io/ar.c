/* SPDX-License-Identifier: Apache-2.0 */
/* ar.c: the Unix ar container of .deb files, streamed. */
#include "io/ar.h"

#include "base/error.h"
#include "base/text.h"
#include "io/reader_internal.h"

#include <string.h>

#define MAGIC "!<arch>\n"
#define HEADER_BYTES 60
#define NAME_BYTES 16

struct KilnAr {
	KilnReader *source;
	char *name;
	char member[NAME_BYTES + 1];
	guint64 left;     /* of the current member */
	gboolean padding; /* one byte follows it */
};

KilnAr *kiln_ar_new(KilnReader *source, const char *name, GError **error)
{
	char magic[sizeof MAGIC - 1];
	g_autoptr(KilnAr) ar = g_new0(KilnAr, 1);
	ar->source = source;
	ar->name = g_strdup(name);
	if (!kiln_reader_read_exactly(source, magic, sizeof magic, error)) {
		g_prefix_error(error, "%s: not an ar archive: ", name);
		return NULL;
	}
	if (memcmp(magic, MAGIC, sizeof magic) != 0) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: not an ar archive: it does not start with \"!<arch>\"", name);
		return NULL;
	}
	return g_steal_pointer(&ar);
}

static gboolean skip(KilnAr *ar, GError **error)
{
	guint8 buffer[16384];
	while (ar->left) {
		gsize part = MIN(ar->left, sizeof buffer);
		if (!kiln_reader_read_exactly(ar->source, buffer, part, error))
			return FALSE;
		ar->left -= part;
	}
	/* The byte after the last member of odd length is often not written. */
	if (ar->padding && kiln_reader_read(ar->source, buffer, 1, error) < 0)
		return FALSE;
	ar->padding = FALSE;
	return TRUE;
}

static gboolean parse_header(KilnAr *ar, const char header[HEADER_BYTES], GError **error)
{
	KilnText name = { header, NAME_BYTES };
	KilnText size = kiln_text_strip((KilnText){ header + 48, 10 });
	while (name.length && name.data[name.length - 1] == ' ')
		name.length--;
	if (name.length > 1 && name.data[name.length - 1] == '/')
		name.length--;
	if (memcmp(header + 58, "`\n", 2) != 0 || name.length == 0 || memchr(name.data, '\0', name.length) ||
	    !kiln_text_to_u64(size, &ar->left))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "%s: damaged ar member header", ar->name);
	memcpy(ar->member, name.data, name.length);
	ar->member[name.length] = '\0';
	ar->padding = ar->left % 2;
	return TRUE;
}

gboolean kiln_ar_next(KilnAr *ar, const char **member_name, guint64 *size_bytes, GError **error)
{
	char header[HEADER_BYTES];
	if (!skip(ar, error)) {
		g_prefix_error(error, "%s: member \"%s\": ", ar->name, ar->member);
		return FALSE;
	}
	gssize first = kiln_reader_read(ar->source, header, 1, error);
	if (first < 0)
		return FALSE;
	if (first == 0) {
		*member_name = NULL;
		*size_bytes = 0;
		return TRUE;
	}
	if (!kiln_reader_read_exactly(ar->source, header + 1, sizeof header - 1, error)) {
		g_prefix_error(error, "%s: ar member header ", ar->name);
		return FALSE;
	}
	if (!parse_header(ar, header, error))
		return FALSE;
	*member_name = ar->member;
	*size_bytes = ar->left;
	return TRUE;
}

static gssize read_member(KilnReader *reader, void *buffer, gsize size, GError **error)
{
	KilnAr *ar = reader->state;
	if (ar->left == 0)
		return 0;
	gssize count = kiln_reader_read(ar->source, buffer, MIN(size, ar->left), error);
	if (count == 0) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: member \"%s\" ends early: %" G_GUINT64_FORMAT " bytes are missing", ar->name, ar->member, ar->left);
		return -1;
	}
	if (count > 0)
		ar->left -= (guint64)count;
	return count;
}

KilnReader *kiln_ar_member_reader(KilnAr *ar)
{
	KilnReader *reader = g_new0(KilnReader, 1);
	*reader = (KilnReader){ .read = read_member, .fd = -1, .state = ar };
	return reader;
}

void kiln_ar_free(KilnAr *ar)
{
	if (!ar)
		return;
	g_free(ar->name);
	g_free(ar);
}
