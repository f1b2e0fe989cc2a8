/* SPDX-License-Identifier: Apache-2.0 */
/* inspection.h: everything that `kiln inspect` tells of an image, gathered before any of it is shown. */
#pragma once
#include "build/reasons.h"
#include "cli/command.h"
#include "data/json.h"
#include "oci/image.h"
#include "pkg/inventory.h"

typedef struct {
	char *title;     /* of kiln, or the command that made it; NULL: the history does not tell */
	const KilnDescriptor *descriptor;
	guint files;     /* that are still seen from it, without directories */
	guint64 bytes;   /* of these */
} KilnInspectedLayer;

typedef struct {
	const KilnDescriptor *descriptor;
	const char *kind; /* "SPDX SBOM"; the artifact type where there is no word for it */
} KilnInspectedEvidence;

typedef struct {
	KilnImage *image;
	KilnInventory *inventory;
	GArray *layers;         /* KilnInspectedLayer from the bottom */
	guint64 compressed_bytes;
	char *ends;             /* when its distribution's release ends, "2028-06-30"; NULL: there is no database, or it does not know */
	char **platforms;       /* "linux/amd64"; of the index, or the image's own */
	GPtrArray *writable;    /* KilnWritablePath, or NULL with writable_error */
	char *writable_error;
	GPtrArray *attached;    /* KilnDescriptor, of manifest and index */
	GArray *evidence;       /* KilnInspectedEvidence over these */
	KilnReasons *reasons;   /* NULL: none are attached; the rest is then empty */
	GPtrArray *unreachable; /* KilnReason of programs that only the request for their package keeps */
	guint64 unreachable_bytes; /* of these and what only they need */
	GPtrArray *callers;     /* KilnReason of programs that can call a shell */
} KilnInspection;

/** Open and read @reference. Errors: those of kiln_image_open() and kiln_reader_inventory(). */
KilnInspection *kiln_inspection_new(KilnInvocation *invocation, const char *reference, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_inspection_free(KilnInspection *inspection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnInspection, kiln_inspection_free)

/** Open the image that an argument names, for --platform. */
KilnImage *kiln_open_image(KilnInvocation *invocation, const char *reference, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Its inventory, read in a sandbox as options say, or remembered; @is_thorough: also which files differ from their packages'. Errors: those of kiln_reader_inventory(). */
KilnInventory *kiln_read_image(KilnInvocation *invocation, const KilnImage *image, gboolean is_thorough, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The same, with what its reasons know about owners; *reasons becomes NULL when none are attached. */
gboolean kiln_read_inventory(KilnInvocation *invocation, const KilnImage *image, gboolean is_thorough, KilnInventory **inventory, KilnReasons **reasons,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** The two options of every command that reads images. */
#define KILN_READER_OPTIONS                                                                                                              \
	{ .name = "require-sandbox", .kind = KILN_OPTION_FLAG, .help = "refuse where part of the sandbox is missing" }, \
	{ .name = "reader-memory", .kind = KILN_OPTION_SIZE, .value = "SIZE", .help = "memory of each process that reads, 256M" }

/** The document of --format json; new reference. Shape: docs/formats/inspect.md. */
json_t *kiln_inspection_to_json(const KilnInspection *inspection);
/** Parts of it that other commands show as well; new references. */
json_t *kiln_config_to_json(const KilnImageConfig *config);
json_t *kiln_package_to_json(const KilnInventoryPackage *package);
void kiln_inspection_print(const KilnInspection *inspection, const KilnInvocation *invocation);

/** Packages by bytes, largest first; a new array of borrowed KilnInventoryPackage. */
GPtrArray *kiln_packages_by_size(const KilnInventory *inventory);
/** Count and bytes of the files with @trait, and of those whom no package claims. */
void kiln_count_trait(const KilnInventory *inventory, guint trait, guint *files, guint64 *bytes);
void kiln_count_unowned(const KilnInventory *inventory, guint *files, guint64 *bytes, guint *programs);
