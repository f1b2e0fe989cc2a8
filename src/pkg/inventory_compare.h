/* SPDX-License-Identifier: Apache-2.0 */
/* inventory_compare.h: what one image has that another has not, and what differs. */
#pragma once
#include "pkg/inventory.h"

/** One of the two is NULL for a package that was added or removed; both are there when its version changed. */
typedef struct {
	const KilnInventoryPackage *before, *after;
} KilnPackageChange;

typedef enum {
	KILN_CHANGE_TYPE = 1 << 0,    /* file, directory, link, ...; hard links count as the files they are */
	KILN_CHANGE_CONTENT = 1 << 1, /* of a file; which device it is */
	KILN_CHANGE_TARGET = 1 << 2,  /* of a symbolic link */
	KILN_CHANGE_MODE = 1 << 3,
	KILN_CHANGE_OWNER = 1 << 4,
	KILN_CHANGE_CAPABILITY = 1 << 5, /* it has one, or has none any more */
} KilnFileChangeKind;

typedef struct {
	const KilnInventoryFile *before, *after; /* NULL: added, removed */
	guint what; /* KilnFileChangeKind bits; 0 when one of the two is NULL */
} KilnFileChange;

/** Word of one KilnFileChangeKind bit: "content". Static; NULL past the last (bits from 0 on). */
const char *kiln_file_change_word(guint bit);

/** Arrays of KilnPackageChange sorted by name and architecture, and of KilnFileChange sorted by path. Everything is borrowed. */
void kiln_inventory_compare(const KilnInventory *before, const KilnInventory *after, GArray **packages, GArray **files);
