/* SPDX-License-Identifier: Apache-2.0 */
/* document.c: life and death of the SBOM value. */
#include "sbom/document.h"

static void file_free(gpointer pointer)
{
	KilnSbomFile *file = pointer;
	g_free(file->path);
	g_free(file->sha1_hex);
	g_free(file);
}

static void package_free(gpointer pointer)
{
	KilnSbomPackage *package = pointer;
	kiln_package_clear(&package->identity);
	kiln_licence_free(package->licence);
	g_free(package->download_location);
	g_free(package->depends);
	g_free(package);
}

KilnSbom *kiln_sbom_new(void)
{
	KilnSbom *sbom = g_new0(KilnSbom, 1);
	sbom->unknowns = g_ptr_array_new_with_free_func(g_free);
	sbom->packages = g_ptr_array_new_with_free_func(package_free);
	sbom->files = g_ptr_array_new_with_free_func(file_free);
	return sbom;
}

KilnSbomPackage *kiln_sbom_package_new(void)
{
	return g_new0(KilnSbomPackage, 1);
}

KilnSbomFile *kiln_sbom_file_new(void)
{
	KilnSbomFile *file = g_new0(KilnSbomFile, 1);
	file->package = -1;
	return file;
}

void kiln_sbom_free(KilnSbom *sbom)
{
	if (!sbom)
		return;
	g_free(sbom->name);
	g_free(sbom->version);
	g_free(sbom->architecture);
	g_free(sbom->tool_version);
	g_ptr_array_unref(sbom->unknowns);
	g_ptr_array_unref(sbom->packages);
	g_ptr_array_unref(sbom->files);
	g_free(sbom);
}
