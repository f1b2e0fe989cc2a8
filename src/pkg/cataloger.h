/* SPDX-License-Identifier: Apache-2.0 */
/* cataloger.h: one kind of package database: which files it wants to see, and what packages they speak of. For the files of pkg only. */
#pragma once
#include "base/text.h"
#include "oci/image_lookup.h"
#include "pkg/inventory.h"

typedef struct {
	const char *name; /* "dpkg" */
	gboolean (*wants)(const char *path);
	/** Look through inventory->files for what wants() chose; add packages. *found: whether there is such a database, even an empty one. */
	gboolean (*read)(KilnInventory *inventory, gboolean *found, GError **error);
	/** Once packages are in their final order: claim their files. NULL: read() left them in the packages' claims. */
	gboolean (*claim)(KilnInventory *inventory, const KilnImageLookup *lookup, GError **error);
	/** The same of what only a thorough reading needs; NULL: nothing. */
	gboolean (*wants_thorough)(const char *path);
	/** Once files are claimed, and of thorough readings only: compare them with what was shipped, by cataloger_check(). NULL: the database does not say. */
	gboolean (*check)(KilnInventory *inventory, const KilnImageLookup *lookup, GError **error);
} KilnCataloger;

/** What a database says of a file's content. */
typedef enum {
	CATALOGER_MD5,
	CATALOGER_SHA1,
	CATALOGER_SHA256,
} CatalogerSum;

extern const KilnCataloger kiln_cataloger_apk, kiln_cataloger_chisel, kiln_cataloger_dpkg, kiln_cataloger_pacman, kiln_cataloger_rpm;

/** Add an empty package; borrowed. */
KilnInventoryPackage *cataloger_add_package(KilnInventory *inventory, const char *type, const char *database);
/** Make one of what several files say of one package, and leave out what is only declared where it is installed as well. */
void inventory_merge_noted(KilnInventory *inventory);
/** Let packages that files speak of own what they claim and nobody owns yet; what the distribution brought is marked. */
void inventory_claim_noted(KilnInventory *inventory, const KilnImageLookup *lookup);
/** Let @package own what is at @path, its parents followed through links, unless that is a directory. FALSE when nothing is there. */
gboolean cataloger_claim(KilnInventory *inventory, const KilnImageLookup *lookup, const char *path, gint package);
/** Mark the regular file at @path when its content has not that @sum (of the kind's size). Nothing where it is not there. */
void cataloger_check(KilnInventory *inventory, const KilnImageLookup *lookup, const char *path, CatalogerSum kind, const guint8 *sum, gboolean is_configuration);
/** The same with @hex, which is ignored when it is no such sum. */
void cataloger_check_hex(KilnInventory *inventory, const KilnImageLookup *lookup, const char *path, CatalogerSum kind, KilnText hex, gboolean is_configuration);
