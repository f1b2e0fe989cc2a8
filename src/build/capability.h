/* SPDX-License-Identifier: Apache-2.0 */
/* capability.h: a file's capabilities as text and as the kernel keeps them. */
#pragma once
#include <glib.h>

#define KILN_CAPABILITY_XATTR "security.capability"
#define KILN_CAPABILITY_BYTES 20 /* struct vfs_cap_data, revision 2 */

/**
 * "cap_net_raw+ep" as the value of the attribute security.capability.
 *
 * @text: clauses as setcap(8) takes them: "cap_a,cap_b=ep cap_c+i", "all=p"
 * @value: written on success only
 * Errors: KILN_ERROR_SYNTAX; KILN_ERROR_UNSUPPORTED an effective set that is neither empty nor all of the file's, which no file can have.
 * Sources: cap_from_text(3), capabilities(7), linux/capability.h.
 */
gboolean kiln_capability_encode(const char *text, guint8 value[KILN_CAPABILITY_BYTES], GError **error) G_GNUC_WARN_UNUSED_RESULT;
