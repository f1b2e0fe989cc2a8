/* SPDX-License-Identifier: Apache-2.0 */
/* http.h: one GET over a connection that is already open, for fetch tests. Source: RFC 9110, RFC 9112. */
#pragma once
#include <gio/gio.h>

typedef struct {
	guint port;
	char *authority; /* as the Host field says it */
	char *target;    /* "/path?query" */
} KilnTestUrl;

/**
 * "http://localhost:8080/status". The host must be localhost, 127.0.0.1 or [::1]: it is the started image.
 * Errors: KILN_ERROR_SYNTAX; KILN_ERROR_UNSUPPORTED another scheme or host.
 */
gboolean kiln_test_url_parse(const char *text, KilnTestUrl *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_test_url_clear(KilnTestUrl *url);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KilnTestUrl, kiln_test_url_clear)

/** An answer while its bytes come in; hostile input. */
typedef struct KilnHttpAnswer KilnHttpAnswer;

KilnHttpAnswer *kiln_http_answer_new(void);
/** More bytes; @length 0 is the end of the connection. Errors: KILN_ERROR_SYNTAX, KILN_ERROR_LIMIT. */
gboolean kiln_http_answer_feed(KilnHttpAnswer *answer, const void *bytes, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean kiln_http_answer_complete(const KilnHttpAnswer *answer);
guint kiln_http_answer_status(const KilnHttpAnswer *answer);
/** Borrowed; not NUL-terminated. */
const GByteArray *kiln_http_answer_body(const KilnHttpAnswer *answer);
void kiln_http_answer_free(KilnHttpAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnHttpAnswer, kiln_http_answer_free)

/** GET @url over the connected, non-blocking socket @fd (borrowed). Errors: as feed, KILN_ERROR_NETWORK, KILN_ERROR_CANCELLED. */
KilnHttpAnswer *kiln_http_get(int fd, const KilnTestUrl *url, guint timeout_ms, GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;
