/* SPDX-License-Identifier: Apache-2.0 */
/* inventory.h: what is in an image: files, packages, the distribution. The image is read once; whatever asks what is inside reads this. */
#pragma once
#include "oci/layer_facts.h"
#include "pkg/licence.h"
#include "pkg/package.h"

/** What is remarkable about a file, whoever owns it. One bit each. */
typedef enum {
	KILN_TRAIT_ELF = 1 << 0,
	KILN_TRAIT_SCRIPT = 1 << 1,          /* executable and starting with "#!" */
	KILN_TRAIT_SETUID = 1 << 2,          /* a regular file that is setuid or setgid */
	KILN_TRAIT_CAPABILITY = 1 << 3,
	KILN_TRAIT_WORLD_WRITABLE = 1 << 4,  /* files, and directories without the sticky bit */
	KILN_TRAIT_DEVICE = 1 << 5,
	KILN_TRAIT_SHELL = 1 << 6,           /* by name, in a program directory, also through a symlink that leads to something */
	KILN_TRAIT_PACKAGE_MANAGER = 1 << 7, /* the same */
	KILN_TRAIT_INTERPRETER = 1 << 8,     /* the same; what is no shell */
	KILN_TRAIT_CHANGED = 1 << 9,         /* its package shipped it otherwise; only known of a thorough inventory */
	KILN_TRAIT_CONFIGURED = 1 << 10,     /* the same, of what the package calls configuration */
} KilnTrait;

typedef struct {
	KilnTrait trait;
	const char *id;   /* stable, for machines: "world-writable" */
	const char *one, *many; /* for people: "file that everybody may write", "files ..." */
	gboolean is_ordinary; /* every image has some: worth counting, not listing */
} KilnTraitRow;
/** All traits in the order in which they are shown, ended by one with a NULL id. Static. */
const KilnTraitRow *kiln_traits(void);

typedef struct {
	const KilnImageFile *file;
	gint package; /* index into packages; -1: none claims it (directories never are) */
	guint traits;
} KilnInventoryFile;

/** How sure it is that a package is what it is said to be. */
typedef enum {
	KILN_CONFIDENCE_LOW,    /* guessed, by a name or a text in a program */
	KILN_CONFIDENCE_MEDIUM, /* worked out from several hints */
	KILN_CONFIDENCE_HIGH,   /* its own metadata say so */
} KilnConfidence;

typedef struct {
	KilnPackage identity;    /* name as its ecosystem writes it: "@scope/name", "group:artifact", "vendor/name", "golang.org/x/net" */
	char *database;          /* path of the file that says that it is there: "var/lib/dpkg/status" */
	const char *cataloger;   /* static: "dpkg", "python" */
	char *evidence;          /* what in that file, where it is not plain: "build information of Go"; may be NULL */
	KilnConfidence confidence;
	gboolean of_distribution; /* a package database of the image has it, not a file that speaks for itself */
	gboolean declared;       /* a lock file or the like asks for it; it need not be there */
	GPtrArray *claims;       /* char *: paths of what is its own; with "/" at the end all below that directory; may be NULL */
	GArray *symbols;         /* guint32, sorted: functions of it that are in the programs that have it, see go_symbols.h; NULL: that is not known */
	gboolean partial;        /* files that it has are not in the image */
	char *licence;           /* as the database names it; NULL: it does not */
	KilnLicence *terms;      /* of that, or of the package's copyright file; NULL: nobody says */
	gint brought_by;         /* index of the distribution's package whose files have it (python3-six has six): that one's vendor answers for it; or -1 */
	guint files;             /* in the image and claimed by it, without directories */
	guint64 bytes;           /* content of these */
	guint64 installed_bytes; /* what it says that it takes when whole; 0: it does not say */
} KilnInventoryPackage;

typedef struct {
	char *id, *version_id, *pretty_name; /* of os-release(5); each may be NULL */
} KilnDistribution;

/** Something about a file that is no trait, and no package. */
typedef struct {
	const char *kind; /* static: "unreadable": what it holds cannot be told; "secret" */
	char *path, *what;
} KilnInventoryRemark;

typedef struct {
	GPtrArray *files;           /* KilnImageFile sorted by path */
	KilnInventoryFile *entries; /* one for each of these, in their order */
	GPtrArray *packages;        /* KilnInventoryPackage sorted by name, architecture, version */
	GPtrArray *remarks;         /* KilnInventoryRemark sorted by path */
	GPtrArray *databases;       /* const char *: kinds of package databases found, "dpkg"; none: what is installed cannot be told */
	KilnDistribution distribution;
	guint64 bytes;              /* content of all regular files, hard links once */
	guint file_count;           /* without directories */
} KilnInventory;

/** What catalogers want of a layer that is read; see kiln_layer_facts_read(). A thorough one can also tell which files have changed, and takes longer. Static. */
extern const KilnLayerReading kiln_inventory_reading, kiln_inventory_reading_thorough;

/**
 * What layers with these facts, read by kiln_inventory_reading or the thorough one, hold together.
 *
 * Errors: those of kiln_layer_facts_apply(); KILN_ERROR_SYNTAX a damaged package database, with its path.
 * Source: deb-control(5), dpkg's info directory, distroless' status.d; apk's installed database; os-release(5).
 */
KilnInventory *kiln_inventory_from_facts(GBytes *const *facts, guint count, gboolean is_thorough, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Read @image in this process, remember nothing. Errors: those of kiln_image_open_layer(), kiln_layer_facts_read() and kiln_inventory_from_facts(). */
KilnInventory *kiln_inventory_read(const KilnImage *image, const KilnContext *context, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/** All of it as bytes, content of files aside; and back: KILN_ERROR_SYNTAX when they are damaged. */
GBytes *kiln_inventory_pack(const KilnInventory *inventory);
/** The same, piece by piece. Errors: those of @write. */
gboolean kiln_inventory_write(const KilnInventory *inventory, KilnFactsWrite write, gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;
KilnInventory *kiln_inventory_unpack(GBytes *packed, GError **error) G_GNUC_WARN_UNUSED_RESULT;

KilnInventory *kiln_inventory_new(void);
/** @kind is static, @what is taken. */
void kiln_inventory_remark(KilnInventory *inventory, const char *kind, const char *path, char *what);
void kiln_inventory_free(KilnInventory *inventory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnInventory, kiln_inventory_free)

void kiln_inventory_package_free(KilnInventoryPackage *package);

/**
 * Whether what is installed can be told: there is a package database, or packages that files speak of own every program and library.
 * Else packages may be missing from the list, and an empty one means nothing.
 */
gboolean kiln_inventory_is_known(const KilnInventory *inventory);
/** "low", "medium" or "high". Static. */
const char *kiln_confidence_name(KilnConfidence confidence);
/** The entry of exactly @path, or NULL. */
KilnInventoryFile *kiln_inventory_find(const KilnInventory *inventory, const char *path);
/** Say that @package owns @path, where no one does yet; nothing when it is a directory or not there. */
void kiln_inventory_claim(KilnInventory *inventory, const char *path, gint package);
/** Index of the distribution's package of that name (@architecture NULL: any), or -1. */
gint kiln_inventory_package(const KilnInventory *inventory, const char *name, const char *architecture);
