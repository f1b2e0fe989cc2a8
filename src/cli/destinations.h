/* SPDX-License-Identifier: Apache-2.0 */
/* destinations.h: where --output says that an image goes, for one image at a time. */
#pragma once
#include "io/private_directory.h"
#include "oci/layout.h"
#include "oci/reference.h"

/** The places of one image, and the layout that it is built in: the first of them that is one, else a private one. */
typedef struct {
	GPtrArray *references;         /* KilnReference with path, name and tag filled in */
	KilnPrivateDirectory *private; /* NULL: a place is the home */
	KilnLayout *home;              /* NULL before kiln_destinations_open() */
	char *home_name;               /* of the image in home */
	guint home_index;              /* which reference is the home; G_MAXUINT: none */
} KilnDestinations;

/**
 * @outputs: as given, NULL-terminated; none: the store
 * @name: of the recipe, put where an output says "{name}", and where no tag or name is given
 * @several: more than one image is built in this run: outputs must keep them apart, and layouts give each its name as tag
 * @platforms: how many it is built for
 *
 * Errors: KILN_ERROR_SYNTAX, KILN_ERROR_UNSUPPORTED a place that cannot be written, or not with so many images or platforms (says what can).
 */
KilnDestinations *kiln_destinations_new(const char *const *outputs, const char *name, gboolean several, guint platforms, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void kiln_destinations_free(KilnDestinations *destinations);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnDestinations, kiln_destinations_free)

/** Open the home, and make the directories that files go into. @images_path: the store's layout; @cache_fd: directory for a private one. */
gboolean kiln_destinations_open(KilnDestinations *destinations, const char *images_path, int cache_fd, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Bring @top with its evidence from the home to every other place. */
gboolean kiln_destinations_deliver(KilnDestinations *destinations, const char *images_path, const KilnDescriptor *top, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** How a person would write the place @index; new string. */
char *kiln_destinations_print(const KilnDestinations *destinations, guint index);
