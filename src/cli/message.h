/* SPDX-License-Identifier: Apache-2.0 */
/* message.h: what kiln says on stderr: errors, notes, hints. */
#pragma once
#include "cli/command.h"

/** "error: ..." with its kind when @verbose; the text is made printable. */
void kiln_message_error(const GError *error, gboolean colour, gboolean verbose);
/** "note: ...". */
void kiln_message_note(const char *text, gboolean colour);
/** Whether the terminal on @fd may be coloured: it is one, it is not "dumb", NO_COLOR is not set. */
gboolean kiln_message_colour(int fd);
