/* SPDX-License-Identifier: Apache-2.0 */
/* vex.c: statements, and what they do to findings. */
#include "vuln/vex.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "io/file.h"
#include "vuln/finding_internal.h"
#include "vuln/ignore.h"
#include "vuln/vex_internal.h"

#include <fcntl.h>
#include <string.h>

static const VexFormat *const formats[] = { &vex_openvex, &vex_csaf, &vex_cyclonedx };

static void product_free(gpointer data)
{
	KilnVexProduct *product = data;
	g_free(product->id);
	g_ptr_array_unref(product->subcomponents);
	g_free(product);
}

static void statement_free(gpointer data)
{
	KilnVexStatement *statement = data;
	g_ptr_array_unref(statement->names);
	g_ptr_array_unref(statement->products);
	g_free(statement->justification);
	g_free(statement->statement);
	g_free(statement->origin);
	vex_condition_free(statement->condition);
	g_free(statement->void_because);
	g_free(statement);
}

KilnVex *kiln_vex_new(void)
{
	KilnVex *vex = g_new0(KilnVex, 1);
	vex->statements = g_ptr_array_new_with_free_func(statement_free);
	vex->digests = g_ptr_array_new_with_free_func(g_free);
	return vex;
}

void kiln_vex_free(KilnVex *vex)
{
	if (!vex)
		return;
	g_ptr_array_unref(vex->statements);
	g_ptr_array_unref(vex->digests);
	g_free(vex);
}

KilnVexStatement *vex_add(KilnVex *vex, KilnVexStatus status, char *origin)
{
	KilnVexStatement *statement = g_new0(KilnVexStatement, 1);
	statement->status = status;
	statement->origin = origin;
	statement->names = g_ptr_array_new_with_free_func(g_free);
	statement->products = g_ptr_array_new_with_free_func(product_free);
	g_ptr_array_add(vex->statements, statement);
	return statement;
}

KilnVexProduct *vex_add_product(KilnVexStatement *statement, const char *id)
{
	KilnVexProduct *product = g_new0(KilnVexProduct, 1);
	product->id = g_strdup(id);
	product->subcomponents = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(statement->products, product);
	return product;
}

void vex_add_name(KilnVexStatement *statement, const char *name)
{
	if (name && *name)
		g_ptr_array_add(statement->names, g_strdup(name));
}

static GBytes *read_file(KilnVex *vex, const char *path, guint64 max_bytes, GError **error)
{
	KilnDigest digest;
	char text[KILN_DIGEST_TEXT_MAX];
	GBytes *bytes = kiln_file_read_at(AT_FDCWD, path, max_bytes, error);
	if (bytes) {
		kiln_hash_bytes(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), &digest);
		g_ptr_array_add(vex->digests, g_strdup(kiln_digest_print(&digest, text)));
	}
	return bytes;
}

gboolean kiln_vex_read(KilnVex *vex, const char *path, GError **error)
{
	g_autoptr(GBytes) bytes = read_file(vex, path, KILN_LIMIT_JSON_BYTES, error);
	gsize length;
	const char *text = bytes ? g_bytes_get_data(bytes, &length) : NULL;
	if (!bytes)
		return FALSE;
	g_autoptr(json_t) root = kiln_json_parse(text ? text : "", length, path, error);
	if (!root)
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
		if (formats[i]->recognises(root))
			return formats[i]->read(vex, root, path, error);
	return kiln_fail(error, KILN_ERROR_UNSUPPORTED, "%s: neither OpenVEX nor CSAF with the profile VEX nor CycloneDX with vulnerabilities", path);
}

gboolean kiln_vex_read_ignores(KilnVex *vex, const char *path, GError **error)
{
	if (strcmp(path, "/dev/null") == 0) /* who wants nothing to be ignored */
		return TRUE;
	g_autoptr(GBytes) bytes = read_file(vex, path, KILN_LIMIT_IGNORE_BYTES, error);
	return bytes && vex_read_ignores(vex, (KilnText){ g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes) }, path, error);
}

static gboolean names_finding(const KilnVexStatement *statement, const KilnFinding *finding)
{
	for (guint i = 0; i < statement->names->len; i++)
		if (kiln_finding_is_named(finding, statement->names->pdata[i]))
			return TRUE;
	return FALSE;
}

static gboolean product_holds(const KilnVexProduct *product, const KilnVexSubject *subject, const KilnPackage *package)
{
	if (vex_product_is_package(product->id, package))
		return TRUE;
	if (!vex_product_is_image(product->id, subject))
		return FALSE;
	for (guint i = 0; i < product->subcomponents->len; i++)
		if (vex_product_is_package(product->subcomponents->pdata[i], package))
			return TRUE;
	return product->subcomponents->len == 0;
}

static gboolean speaks_of(const KilnVexStatement *statement, const KilnVexSubject *subject, const KilnFinding *finding)
{
	const KilnPackage *package = &((const KilnInventoryPackage *)subject->inventory->packages->pdata[finding->package])->identity;
	const VexCondition *condition = statement->condition;
	if (statement->void_because || !(names_finding(statement, finding) || (condition && condition->any_vulnerability)))
		return FALSE;
	if (condition && !vex_condition_holds(condition, subject, finding))
		return FALSE;
	for (guint i = 0; i < statement->products->len; i++)
		if (product_holds(statement->products->pdata[i], subject, package))
			return TRUE;
	return statement->products->len == 0 && statement->status == KILN_VEX_IGNORED;
}

static gboolean has_expired(const KilnVexStatement *statement, gint64 now_unix_s)
{
	return statement->expires_unix_s && statement->expires_unix_s <= now_unix_s;
}

static KilnVexStatement *decide(const KilnVex *vex, const KilnVexSubject *subject, const KilnFinding *finding)
{
	KilnVexStatement *decisive = NULL;
	for (guint i = 0; i < vex->statements->len; i++) {
		KilnVexStatement *statement = vex->statements->pdata[i];
		if (has_expired(statement, subject->now_unix_s) || !speaks_of(statement, subject, finding))
			continue;
		statement->matched++;
		if (!decisive || statement->unix_s >= decisive->unix_s)
			decisive = statement;
	}
	return decisive;
}

static char *reason_of(const KilnVexStatement *statement)
{
	static const char *const words[] = { [KILN_VEX_NOT_AFFECTED] = "not affected", [KILN_VEX_FIXED] = "fixed", [KILN_VEX_IGNORED] = "ignored" };
	GString *reason = g_string_new(words[statement->status]);
	if (statement->justification)
		g_string_append_printf(reason, " (%s)", statement->justification);
	if (statement->statement && *statement->statement)
		g_string_append_printf(reason, ": %s", statement->statement);
	return g_string_free(reason, FALSE);
}

void kiln_vex_apply(KilnVex *vex, const KilnVexSubject *subject, KilnScanResult *result)
{
	for (guint i = 0; i < result->findings->len;) {
		KilnFinding *finding = result->findings->pdata[i];
		KilnVexStatement *statement = decide(vex, subject, finding);
		if (statement)
			statement->touched++;
		if (!statement || statement->status == KILN_VEX_AFFECTED || statement->status == KILN_VEX_UNDER_INVESTIGATION) {
			i++;
			continue;
		}
		finding->suppressed_by = g_strdup(statement->origin);
		finding->suppressed_because = reason_of(statement);
		g_ptr_array_add(result->suppressed, g_ptr_array_steal_index(result->findings, i));
	}
}

void kiln_vex_tell(const KilnVex *vex, const KilnContext *context, gint64 now_unix_s)
{
	for (guint i = 0; i < vex->statements->len; i++) {
		const KilnVexStatement *statement = vex->statements->pdata[i];
		const char *name = statement->names->len ? statement->names->pdata[0] : "whatever is in that package";
		if (statement->touched)
			continue;
		kiln_context_notice(context, "%s: %s: decides nothing: %s", statement->origin, name,
		                    statement->void_because            ? statement->void_because
		                    : has_expired(statement, now_unix_s) ? "it has expired"
		                    : statement->matched               ? "a newer statement says something else"
		                                                       : "no finding of that name in what it names as its product");
	}
}
