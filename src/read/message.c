/* SPDX-License-Identifier: Apache-2.0 */
/* message.c: requests and answers as bytes. */
#include "read/message.h"

#include "base/error.h"
#include "data/pack.h"

#define SUCCESS 0
#define FAILURE 1

GBytes *reader_request_pack(const ReaderRequest *request)
{
	GByteArray *out = g_byte_array_new();
	kiln_pack_number(out, request->memory_bytes);
	kiln_pack_number(out, request->cpu_s);
	kiln_pack_number(out, request->require_sandbox);
	kiln_pack_number(out, request->inputs);
	kiln_pack_number(out, request->is_layer);
	kiln_pack_number(out, request->is_thorough);
	if (request->is_layer) {
		kiln_pack_text(out, request->descriptor.media_type);
		kiln_pack_number(out, request->descriptor.size_bytes);
		kiln_pack_digest(out, &request->descriptor.digest);
		kiln_pack_number(out, request->has_diff_id);
		kiln_pack_digest(out, &request->diff_id);
	}
	return g_byte_array_free_to_bytes(out);
}

gboolean reader_request_unpack(const void *bytes, gsize length, ReaderRequest *request)
{
	KilnUnpack unpack = kiln_unpack(bytes, length);
	*request = (ReaderRequest){ .memory_bytes = kiln_unpack_number(&unpack) };
	request->cpu_s = (guint)kiln_unpack_number_to(&unpack, G_MAXUINT);
	request->require_sandbox = kiln_unpack_number_to(&unpack, 1) == 1;
	request->inputs = (guint)kiln_unpack_number_to(&unpack, 1024);
	request->is_layer = kiln_unpack_number_to(&unpack, 1) == 1;
	request->is_thorough = kiln_unpack_number_to(&unpack, 1) == 1;
	if (request->is_layer) {
		request->descriptor.media_type = kiln_unpack_name(&unpack);
		request->descriptor.size_bytes = kiln_unpack_number(&unpack);
		kiln_unpack_digest(&unpack, &request->descriptor.digest);
		request->has_diff_id = kiln_unpack_number_to(&unpack, 1) == 1;
		kiln_unpack_digest(&unpack, &request->diff_id);
	}
	return kiln_unpack_is_whole(&unpack);
}

GBytes *reader_answer_pack(guint missing, const GError *error)
{
	GByteArray *out = g_byte_array_new();
	kiln_pack_number(out, missing);
	kiln_pack_number(out, error ? FAILURE : SUCCESS);
	kiln_pack_number(out, error && error->domain == KILN_ERROR ? (guint64)error->code : KILN_ERROR_INTERNAL);
	kiln_pack_text(out, error ? error->message : NULL);
	return g_byte_array_free_to_bytes(out);
}

gboolean reader_answer_unpack(const void *bytes, gsize length, guint *missing, GError **error)
{
	KilnUnpack unpack = kiln_unpack(bytes, length);
	*missing = (guint)kiln_unpack_number_to(&unpack, G_MAXUINT);
	gboolean failed = kiln_unpack_number_to(&unpack, FAILURE) == FAILURE;
	KilnError code = (KilnError)kiln_unpack_number_to(&unpack, KILN_ERROR_INTERNAL);
	g_autofree char *text = kiln_unpack_text(&unpack);
	if (!kiln_unpack_is_whole(&unpack) || (failed && !text))
		return FALSE;
	g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;
	return !failed || kiln_fail(error, code, "%s", valid);
}
