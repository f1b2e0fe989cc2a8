/* SPDX-License-Identifier: Apache-2.0 */
/* feed_oval.h: OVAL definitions, which are XML and so no row of feeds.h. Internal to this module. */
#pragma once
#include "base/text.h"
#include "vuln/feeds.h"

gboolean feed_oval_recognises(KilnText start);
/** "oval/FILE", after its name without ".xml"; new string. */
char *feed_oval_source_name(const char *path);
/**
 * Read a whole document. What tests nothing that kiln knows is left out and said.
 *
 * Errors: KILN_ERROR_SYNTAX no XML, or damaged; those of the writer.
 * Source: OVAL 5.11 definitions, linux schema (dpkginfo, rpminfo), as Ubuntu, Debian, Red Hat, Oracle and SUSE publish them.
 */
gboolean feed_oval_read(KilnText text, const char *name, const KilnContext *context, KilnDatabaseWriter *writer, GError **error) G_GNUC_WARN_UNUSED_RESULT;
