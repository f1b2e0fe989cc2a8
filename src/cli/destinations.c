/* SPDX-License-Identifier: Apache-2.0 */
/* destinations.c: where --output says that an image goes: layouts, archives, the store. */
#include "cli/destinations.h"

#include "base/error.h"
#include "oci/archive.h"

#include <fcntl.h>
#include <string.h>

#define PLACEHOLDER "{name}"

static void reference_free(gpointer data)
{
	kiln_reference_clear(data);
	g_free(data);
}

static char *with_name(const char *output, const char *name)
{
	g_auto(GStrv) parts = g_strsplit(output, PLACEHOLDER, -1);
	return g_strjoinv(name, parts);
}

static gboolean refuse_registry(const KilnReference *reference, const char *output, GError **error)
{
	g_autofree char *address = kiln_reference_print(reference);
	return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "--output %s: kiln does not push to registries; write oci:DIRECTORY:TAG and push that, as with: "
	                 "skopeo copy --all oci:DIRECTORY:TAG %s", output, address);
}

/* What is written to one file can hold one image, and Docker's format one platform of it. */
static gboolean check_archive(const KilnReference *reference, const char *output, gboolean several, guint platforms, GError **error)
{
	if (several && !strstr(output, PLACEHOLDER))
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "--output %s: one file for several images; put " PLACEHOLDER " into its name, as in oci-archive:out/" PLACEHOLDER ".tar", output);
	if (reference->transport == KILN_TRANSPORT_DOCKER_ARCHIVE && platforms > 1)
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "--output %s: a docker-archive holds one platform, and this is built for %u; choose one (--platform linux/amd64), or "
		                 "write oci-archive:%s, which holds all", output, platforms, reference->path);
	return TRUE;
}

static gboolean fill_in(KilnReference *reference, const char *output, const char *name, gboolean several, guint platforms, GError **error)
{
	if (reference->has_digest)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "--output %s: a digest is what comes out, not where it goes", output);
	switch (reference->transport) {
	case KILN_TRANSPORT_OCI_LAYOUT:
		if (!reference->tag)
			reference->tag = g_strdup(several ? name : "latest");
		else if (several && !strstr(output, PLACEHOLDER))
			return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "--output %s: one tag for several images; leave it out, and each gets its name", output);
		return TRUE;
	case KILN_TRANSPORT_OCI_ARCHIVE:
		if (!reference->tag)
			reference->tag = g_strdup("latest");
		return check_archive(reference, output, several, platforms, error);
	case KILN_TRANSPORT_DOCKER_ARCHIVE:
		if (!reference->tag)
			reference->tag = g_strconcat(name, ":latest", NULL);
		else if (!strchr(reference->tag, ':')) {
			char *tagged = g_strconcat(reference->tag, ":latest", NULL);
			g_free(reference->tag);
			reference->tag = tagged;
		}
		return check_archive(reference, output, several, platforms, error);
	case KILN_TRANSPORT_STORE:
		if (several && !strstr(output, PLACEHOLDER))
			return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "--output %s: one name for several images; leave --output out, and each gets its own", output);
		if (!reference->tag)
			reference->tag = g_strdup("latest");
		return TRUE;
	case KILN_TRANSPORT_REGISTRY:
		return refuse_registry(reference, output, error);
	default:
		return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "--output %s: an image can be written to oci:DIRECTORY[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE[:NAME], or "
		                 "to the store as NAME[:TAG]", output);
	}
}

KilnDestinations *kiln_destinations_new(const char *const *outputs, const char *name, gboolean several, guint platforms, GError **error)
{
	static const char *const store[] = { PLACEHOLDER, NULL };
	g_autoptr(KilnDestinations) destinations = g_new0(KilnDestinations, 1);
	destinations->references = g_ptr_array_new_with_free_func(reference_free);
	destinations->home_index = G_MAXUINT;
	for (const char *const *output = outputs[0] ? outputs : store; *output; output++) {
		g_autofree char *text = with_name(*output, name);
		KilnReference *reference = g_new0(KilnReference, 1);
		g_ptr_array_add(destinations->references, reference);
		if (!kiln_reference_parse(text, reference, error)) {
			g_prefix_error(error, "--output %s: ", *output);
			return NULL;
		}
		if (!fill_in(reference, *output, name, several, platforms, error))
			return NULL;
	}
	return g_steal_pointer(&destinations);
}

void kiln_destinations_free(KilnDestinations *destinations)
{
	if (!destinations)
		return;
	kiln_layout_close(destinations->home);
	kiln_private_directory_free(destinations->private);
	g_ptr_array_unref(destinations->references);
	g_free(destinations->home_name);
	g_free(destinations);
}

static char *name_in_layout(const KilnReference *reference)
{
	return reference->transport == KILN_TRANSPORT_STORE ? g_strdup_printf("%s:%s", reference->name, reference->tag) : g_strdup(reference->tag);
}

static gboolean is_layout(const KilnReference *reference)
{
	return reference->transport == KILN_TRANSPORT_STORE || reference->transport == KILN_TRANSPORT_OCI_LAYOUT;
}

static gboolean make_parent(const char *path, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(path);
	g_auto(KilnFd) fd = kiln_directory_make_at(AT_FDCWD, directory, 0755, error);
	return fd >= 0;
}

gboolean kiln_destinations_open(KilnDestinations *destinations, const char *images_path, int cache_fd, GError **error)
{
	for (guint i = 0; i < destinations->references->len; i++) {
		const KilnReference *reference = destinations->references->pdata[i];
		if (!is_layout(reference)) {
			if (!make_parent(reference->path, error))
				return FALSE;
			continue;
		}
		if (destinations->home)
			continue;
		destinations->home_index = i;
		destinations->home_name = name_in_layout(reference);
		destinations->home = kiln_layout_open(AT_FDCWD, reference->path ? reference->path : images_path, TRUE, error);
		if (!destinations->home)
			return FALSE;
	}
	if (destinations->home)
		return TRUE;
	destinations->home_name = g_strdup("latest");
	destinations->private = kiln_private_directory_new(cache_fd, error);
	destinations->home = destinations->private ? kiln_layout_open(destinations->private->fd, ".", TRUE, error) : NULL;
	return destinations->home != NULL;
}

static gboolean deliver_one(const KilnDestinations *destinations, const KilnReference *reference, const char *images_path, const KilnDescriptor *top, GError **error)
{
	if (reference->transport == KILN_TRANSPORT_OCI_ARCHIVE)
		return kiln_oci_archive_write(destinations->home, top, reference->tag, reference->path, error);
	if (reference->transport == KILN_TRANSPORT_DOCKER_ARCHIVE)
		return kiln_docker_archive_write(destinations->home, top, reference->tag, reference->path, error);
	g_autofree char *name = name_in_layout(reference);
	g_autoptr(KilnLayout) layout = kiln_layout_open(AT_FDCWD, reference->path ? reference->path : images_path, TRUE, error);
	return layout && kiln_layout_copy(destinations->home, top, layout, name, error);
}

gboolean kiln_destinations_deliver(KilnDestinations *destinations, const char *images_path, const KilnDescriptor *top, GError **error)
{
	for (guint i = 0; i < destinations->references->len; i++)
		if (i != destinations->home_index && !deliver_one(destinations, destinations->references->pdata[i], images_path, top, error))
			return FALSE;
	return TRUE;
}

char *kiln_destinations_print(const KilnDestinations *destinations, guint index)
{
	return kiln_reference_print(destinations->references->pdata[index]);
}
