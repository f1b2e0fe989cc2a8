/* SPDX-License-Identifier: Apache-2.0 */
/* scan_images.h: several images are read and matched at once, each by one thread with a connection of its own to the database. */
#pragma once
#include "cli/scanning.h"

/** What was read of one image. */
typedef struct {
	KilnSubject *subject;
	KilnScanResult *result;
} KilnScannedImage;

void kiln_scanned_image_clear(KilnScannedImage *scanned);

/**
 * Scan invocation->arguments, as many at once as the context has jobs; no statement is applied yet. KilnScannedImage in the order of the arguments.
 *
 * @database: used for the first thread's share
 * Errors: those of kiln_subject_open() and kiln_match(), of the first image in that order that has one.
 */
GArray *kiln_scan_images(KilnInvocation *invocation, KilnDatabase *database, const GPtrArray *imports, GError **error) G_GNUC_WARN_UNUSED_RESULT;
