/* SPDX-License-Identifier: Apache-2.0 */
/* ar.h: the Unix ar container of .deb files, streamed. Source: deb(5), and ar(5) of BSD for the common header. */
#pragma once
#include "io/reader.h"

typedef struct KilnAr KilnAr;

/** Reads and checks the global magic. @source is borrowed. Errors: KILN_ERROR_SYNTAX. */
KilnAr *kiln_ar_new(KilnReader *source, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Step to the next member, skipping what is left of this one. *member_name is borrowed until the next call, NULL at the end. */
gboolean kiln_ar_next(KilnAr *ar, const char **member_name, guint64 *size_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** A reader of the current member's content, to be freed by the caller before the next step; it cannot read past the member. */
KilnReader *kiln_ar_member_reader(KilnAr *ar);
void kiln_ar_free(KilnAr *ar);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnAr, kiln_ar_free)
