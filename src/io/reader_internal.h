/* SPDX-License-Identifier: Apache-2.0 */
/* reader_internal.h: the shape of a reader, for the files of this module that make one. */
#pragma once
#include "io/reader.h"

struct KilnReader {
	gssize (*read)(KilnReader *reader, void *buffer, gsize size, GError **error);
	void (*close)(KilnReader *reader); /* may be NULL */
	int fd;
	guint64 offset, left;
	GBytes *bytes;
	gpointer state; /* of the kind of reader */
};
