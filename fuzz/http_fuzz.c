/* SPDX-License-Identifier: Apache-2.0 */
/* http_fuzz.c: answers of a started image: what they mean does not depend on the pieces in which they come. */
#include "run/http.h"

#include <stdlib.h>
#include <string.h>

#define INPUT_MAX 4096 /* below every limit of the reader, which may strike earlier for larger pieces */

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length);

/* FALSE when it was refused. */
static gboolean read_in_pieces(KilnHttpAnswer *answer, const guint8 *bytes, gsize length, gsize piece)
{
	g_autoptr(GError) error = NULL;
	for (gsize done = 0; done < length; done += piece)
		if (!kiln_http_answer_feed(answer, bytes + done, MIN(piece, length - done), &error))
			return FALSE;
	return kiln_http_answer_feed(answer, NULL, 0, &error);
}

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize length)
{
	g_autoptr(KilnHttpAnswer) whole = kiln_http_answer_new(), single = kiln_http_answer_new();
	if (length > INPUT_MAX)
		return 0;
	gboolean taken = read_in_pieces(whole, bytes, length, MAX(length, 1));
	if (read_in_pieces(single, bytes, length, 1) != taken)
		abort();
	if (!taken)
		return 0;
	const GByteArray *first = kiln_http_answer_body(whole), *second = kiln_http_answer_body(single);
	if (!kiln_http_answer_complete(whole) || kiln_http_answer_status(whole) != kiln_http_answer_status(single) || kiln_http_answer_status(whole) > 999 ||
	    first->len > length || first->len != second->len || (first->len && memcmp(first->data, second->data, first->len) != 0))
		abort();
	return 0;
}
