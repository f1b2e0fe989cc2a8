/* SPDX-License-Identifier: Apache-2.0 */
/* ar.c: members of an ar container, streamed. */
#include "io/ar.h"
#include "base/error.h"
#include "base/text.h"

#include <string.h>

#define MAGIC "!<arch>\n"
#define MAGIC_BYTES 8
#define SKIP_BYTES (64 * 1024)

/* Common header, all text, padded with blanks. Source: ar(5). */
typedef struct {
	char name[16];
	char mtime[12];
	char uid[6];
	char gid[6];
	char mode[8];
	char size[10];
	char end[2];
} Header;

G_STATIC_ASSERT(sizeof(Header) == 60);

struct KilnAr {
	KilnReader *source; /* borrowed */
	char *archive_name;
	char member_name[sizeof(((Header *)NULL)->name) + 1];
	guint64 left;    /* bytes of the current member that nobody has read */
	gboolean padded; /* the current member has an odd size: one '\n' follows it */
	gboolean ended;
};

KilnAr *kiln_ar_new(KilnReader *source, const char *name, GError **error)
{
	char magic[MAGIC_BYTES];
	if (!kiln_reader_read_exactly(source, magic, sizeof magic, error)) {
		g_prefix_error(error, "%s: no ar archive: ", name);
		return NULL;
	}
	if (memcmp(magic, MAGIC, MAGIC_BYTES) != 0) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: no ar archive: it does not begin with \"!<arch>\"", name);
		return NULL;
	}
	KilnAr *ar = g_new0(KilnAr, 1);
	ar->source = source;
	ar->archive_name = g_strdup(name);
	return ar;
}

static gboolean skip_rest(KilnAr *ar, GError **error)
{
	guint8 buffer[SKIP_BYTES];
	while (ar->left > 0) {
		gsize part = (gsize)MIN(ar->left, (guint64)sizeof buffer);
		if (!kiln_reader_read_exactly(ar->source, buffer, part, error))
			return FALSE;
		ar->left -= part;
	}
	if (!ar->padded)
		return TRUE;
	ar->padded = FALSE;
	/* Some writers leave it away behind the last member. */
	gssize got = kiln_reader_read(ar->source, buffer, 1, error);
	if (got < 0)
		return FALSE;
	return got == 0 || buffer[0] == '\n' || kiln_fail(error, KILN_ERROR_SYNTAX, "the padding behind the member is not a line end");
}

static gboolean parse_header(KilnAr *ar, const Header *header, guint64 *size, GError **error)
{
	if (memcmp(header->end, "`\n", sizeof header->end) != 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "a member header does not end as it must");
	KilnText name = { header->name, sizeof header->name };
	while (name.length > 0 && name.data[name.length - 1] == ' ')
		name.length--;
	/* BSD writes long names as "#1/LENGTH", GNU as "/OFFSET"; its tables are "/" and "//". No .deb has either. */
	if (name.length > 0 && (name.data[0] == '/' || (name.length > 2 && memcmp(name.data, "#1/", 3) == 0)))
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "member \"%.*s\": long names and tables are not supported", (int)name.length, name.data);
	if (name.length > 0 && name.data[name.length - 1] == '/')
		name.length--;
	if (name.length == 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "a member has no name");
	for (gsize i = 0; i < name.length; i++)
		if (!g_ascii_isgraph(name.data[i]))
			return kiln_fail(error, KILN_ERROR_SYNTAX, "a member name holds byte 0x%02x", (guint8)name.data[i]);
	KilnText digits = { header->size, sizeof header->size };
	while (digits.length > 0 && digits.data[digits.length - 1] == ' ')
		digits.length--;
	if (!kiln_text_to_u64(digits, size))
		return kiln_fail(error, KILN_ERROR_SYNTAX, "member \"%.*s\" has no readable size", (int)name.length, name.data);
	memcpy(ar->member_name, name.data, name.length);
	ar->member_name[name.length] = '\0';
	return TRUE;
}

static gboolean step(KilnAr *ar, const char **member_name, guint64 *size_bytes, GError **error)
{
	Header header;
	if (!skip_rest(ar, error))
		return FALSE;
	gssize first = ar->ended ? 0 : kiln_reader_read(ar->source, &header, sizeof header, error);
	if (first < 0)
		return FALSE;
	if (first == 0) {
		ar->ended = TRUE;
		*member_name = NULL;
		*size_bytes = 0;
		return TRUE;
	}
	guint64 size;
	if (!kiln_reader_read_exactly(ar->source, (char *)&header + first, sizeof header - (gsize)first, error) ||
	    !parse_header(ar, &header, &size, error))
		return FALSE;
	ar->left = size;
	ar->padded = size % 2 != 0;
	*member_name = ar->member_name;
	*size_bytes = size;
	return TRUE;
}

gboolean kiln_ar_next(KilnAr *ar, const char **member_name, guint64 *size_bytes, GError **error)
{
	if (step(ar, member_name, size_bytes, error))
		return TRUE;
	g_prefix_error(error, "%s: ar: ", ar->archive_name);
	return FALSE;
}

static gssize member_read(gpointer state, void *buffer, gsize size, GError **error)
{
	KilnAr *ar = state;
	gsize wanted = (gsize)MIN((guint64)size, ar->left);
	if (wanted == 0)
		return 0;
	gssize got = kiln_reader_read(ar->source, buffer, wanted, error);
	if (got > 0)
		ar->left -= (guint64)got;
	if (got == 0) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "ar member %s ends early: %" G_GUINT64_FORMAT " bytes are missing", ar->member_name, ar->left);
		return -1;
	}
	return got;
}

KilnReader *kiln_ar_member_reader(KilnAr *ar)
{
	static const KilnReaderMethods methods = { member_read, NULL };
	return kiln_reader_new_custom(&methods, ar);
}

void kiln_ar_free(KilnAr *ar)
{
	if (!ar)
		return;
	g_free(ar->archive_name);
	g_free(ar);
}
