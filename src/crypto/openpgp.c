/* SPDX-License-Identifier: Apache-2.0 */
/* openpgp.c: is this text signed by a key of this keyring? The only place that knows librnp. */
#include "crypto/openpgp.h"

#include "base/error.h"

#include <rnp/rnp.h>
#include <rnp/rnp_err.h>
#include <string.h>

#define FUTURE_S (24 * 3600) /* a signature may be so far ahead of our clock */

struct KilnKeyring {
	rnp_ffi_t ffi;
	char *name;
};

void kiln_signer_free(KilnSigner *signer)
{
	if (!signer)
		return;
	g_free(signer->fingerprint);
	g_free(signer->key_id);
	g_free(signer->user_id);
	g_free(signer->hash_algorithm);
	g_free(signer);
}

static void forbid_weak_hashes(rnp_ffi_t ffi)
{
	static const char *const weak[] = { "MD5", "SHA1", "RIPEMD160" };
	for (gsize i = 0; i < G_N_ELEMENTS(weak); i++)
		rnp_add_security_rule(ffi, RNP_FEATURE_HASH_ALG, weak[i], RNP_SECURITY_OVERRIDE | RNP_SECURITY_VERIFY_DATA, 0,
		                      RNP_SECURITY_INSECURE);
}

KilnKeyring *kiln_keyring_load(GBytes *keys, const char *name, GError **error)
{
	gsize length, count = 0;
	const guint8 *bytes = g_bytes_get_data(keys, &length);
	g_autoptr(KilnKeyring) keyring = g_new0(KilnKeyring, 1);
	rnp_input_t input = NULL;
	keyring->name = g_strdup(name);
	if (rnp_ffi_create(&keyring->ffi, "GPG", "GPG") != RNP_SUCCESS) {
		kiln_fail(error, KILN_ERROR_INTERNAL, "librnp refuses to start");
		return NULL;
	}
	rnp_ffi_set_log_fd(keyring->ffi, -1);
	G_GNUC_BEGIN_IGNORE_DEPRECATIONS
	(void)!rnp_disable_debug(); /* Debian 12's talks to standard error by itself, and nothing else stops it */
	G_GNUC_END_IGNORE_DEPRECATIONS
	forbid_weak_hashes(keyring->ffi);
	rnp_result_t result = rnp_input_from_memory(&input, bytes, length, false);
	if (result == RNP_SUCCESS)
		result = rnp_import_keys(keyring->ffi, input, RNP_LOAD_SAVE_PUBLIC_KEYS | RNP_LOAD_SAVE_PERMISSIVE, NULL);
	rnp_input_destroy(input);
	if (result != RNP_SUCCESS) {
		kiln_fail(error, KILN_ERROR_SYNTAX, "%s: not an OpenPGP keyring: %s", name, rnp_result_to_string(result));
		return NULL;
	}
	if (rnp_get_public_key_count(keyring->ffi, &count) != RNP_SUCCESS || count == 0) {
		kiln_fail(error, KILN_ERROR_NOT_FOUND, "%s: no public key in it", name);
		return NULL;
	}
	return g_steal_pointer(&keyring);
}

/* Take a string that librnp allocated. */
static char *take(rnp_result_t result, char **text)
{
	char *copy = result == RNP_SUCCESS ? g_strdup(*text) : NULL;
	rnp_buffer_destroy(*text);
	*text = NULL;
	return copy;
}

static char *first_user_id(rnp_ffi_t ffi, const char *fingerprint)
{
	rnp_key_handle_t key = NULL;
	char *text = NULL;
	if (!fingerprint || rnp_locate_key(ffi, "fingerprint", fingerprint, &key) != RNP_SUCCESS || !key)
		return NULL;
	char *user_id = take(rnp_key_get_uid_at(key, 0, &text), &text);
	rnp_key_handle_destroy(key);
	return user_id;
}

static char *primary_fingerprint(rnp_key_handle_t key)
{
	char *text = NULL;
	bool primary = false;
	if (rnp_key_is_primary(key, &primary) == RNP_SUCCESS && !primary)
		return take(rnp_key_get_primary_fprint(key, &text), &text);
	return take(rnp_key_get_fprint(key, &text), &text);
}

static gint64 earlier(gint64 known_unix_s, guint64 valid_till_unix_s)
{
	return (guint64)known_unix_s < valid_till_unix_s ? known_unix_s : (gint64)valid_till_unix_s;
}

/* What makes a formally good signature count for nothing; NULL when it counts. */
static const char *objection(rnp_ffi_t ffi, rnp_key_handle_t key, KilnSigner *signer, gint64 now)
{
	static const char *const strong[] = { "SHA256", "SHA384", "SHA512", "SHA3-256", "SHA3-512", "SHA224", NULL };
	guint64 valid_till = 0;
	bool revoked = false;
	rnp_key_handle_t primary = NULL;
	if (!signer->hash_algorithm || !g_strv_contains(strong, signer->hash_algorithm))
		return "its hash algorithm is too weak";
	if (signer->created_unix_s > now + FUTURE_S)
		return "it was made in the future";
	if (rnp_key_is_revoked(key, &revoked) != RNP_SUCCESS || revoked)
		return "its key is revoked";
	if (rnp_key_valid_till64(key, &valid_till) != RNP_SUCCESS || valid_till < (guint64)now)
		return "its key has expired";
	signer->good_until_unix_s = earlier(signer->good_until_unix_s, valid_till);
	if (signer->fingerprint && rnp_locate_key(ffi, "fingerprint", signer->fingerprint, &primary) == RNP_SUCCESS && primary) {
		gboolean bad = rnp_key_is_revoked(primary, &revoked) != RNP_SUCCESS || revoked;
		gboolean old = rnp_key_valid_till64(primary, &valid_till) != RNP_SUCCESS || valid_till < (guint64)now;
		rnp_key_handle_destroy(primary);
		signer->good_until_unix_s = earlier(signer->good_until_unix_s, valid_till);
		return bad ? "its primary key is revoked" : old ? "its primary key has expired" : NULL;
	}
	return NULL;
}

static const char *status_text(rnp_result_t status)
{
	switch (status) {
	case RNP_ERROR_KEY_NOT_FOUND:
		return "its key is not in this keyring";
	case RNP_ERROR_SIGNATURE_EXPIRED:
		return "the signature or its key has expired";
	case RNP_ERROR_SIGNATURE_INVALID:
		return "it does not fit the text";
	default:
		return rnp_result_to_string(status);
	}
}

static void judge(KilnKeyring *keyring, rnp_op_verify_signature_t signature, gint64 now, GPtrArray *good, GString *why_not)
{
	rnp_signature_handle_t handle = NULL;
	rnp_key_handle_t key = NULL;
	guint32 created = 0, expires = 0;
	char *text = NULL;
	rnp_result_t status = rnp_op_verify_signature_get_status(signature);
	KilnSigner *signer = g_new0(KilnSigner, 1);
	if (rnp_op_verify_signature_get_handle(signature, &handle) == RNP_SUCCESS)
		signer->key_id = take(rnp_signature_get_keyid(handle, &text), &text);
	signer->hash_algorithm = take(rnp_op_verify_signature_get_hash(signature, &text), &text);
	rnp_op_verify_signature_get_times(signature, &created, &expires);
	signer->created_unix_s = created;
	signer->good_until_unix_s = expires ? (gint64)created + expires : G_MAXINT64;
	const char *against = status == RNP_SUCCESS ? NULL : status_text(status);
	if (!against && rnp_op_verify_signature_get_key(signature, &key) == RNP_SUCCESS && key) {
		signer->fingerprint = primary_fingerprint(key);
		signer->user_id = first_user_id(keyring->ffi, signer->fingerprint);
		against = objection(keyring->ffi, key, signer, now);
	} else if (!against) {
		against = "its key cannot be found";
	}
	if (against)
		g_string_append_printf(why_not, "%ssignature by key %s: %s", why_not->len ? "; " : "", signer->key_id ? signer->key_id : "?", against);
	if (key)
		rnp_key_handle_destroy(key);
	if (handle)
		rnp_signature_handle_destroy(handle);
	if (against)
		kiln_signer_free(signer);
	else
		g_ptr_array_add(good, signer);
}

typedef struct {
	rnp_input_t text, signature;
	rnp_output_t output;
	rnp_op_verify_t verify;
} Operation;

static void operation_clear(Operation *operation)
{
	if (operation->verify)
		rnp_op_verify_destroy(operation->verify);
	rnp_output_destroy(operation->output);
	rnp_input_destroy(operation->text);
	rnp_input_destroy(operation->signature);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Operation, operation_clear)

static rnp_result_t start(KilnKeyring *keyring, Operation *operation, GBytes *signed_text, GBytes *signature)
{
	gsize length;
	const guint8 *bytes = g_bytes_get_data(signed_text, &length);
	rnp_result_t result = rnp_input_from_memory(&operation->text, bytes, length, false);
	if (result == RNP_SUCCESS && signature) {
		bytes = g_bytes_get_data(signature, &length);
		result = rnp_input_from_memory(&operation->signature, bytes, length, false);
		return result == RNP_SUCCESS
		               ? rnp_op_verify_detached_create(&operation->verify, keyring->ffi, operation->text, operation->signature)
		               : result;
	}
	if (result == RNP_SUCCESS)
		result = rnp_output_to_memory(&operation->output, 0);
	return result == RNP_SUCCESS ? rnp_op_verify_create(&operation->verify, keyring->ffi, operation->text, operation->output) : result;
}

gboolean kiln_keyring_verify(KilnKeyring *keyring, GBytes *signed_text, GBytes *signature, gint64 now_unix_s,
                             GBytes **content, GPtrArray **signers, GError **error)
{
	g_auto(Operation) operation = { 0 };
	gsize count = 0, length = 0;
	guint8 *bytes = NULL;
	rnp_set_timestamp(keyring->ffi, (guint64)now_unix_s);
	rnp_result_t result = start(keyring, &operation, signed_text, signature);
	if (result == RNP_SUCCESS)
		result = rnp_op_verify_execute(operation.verify);
	if (!operation.verify || rnp_op_verify_get_signature_count(operation.verify, &count) != RNP_SUCCESS || count == 0)
		return kiln_fail(error, KILN_ERROR_SYNTAX, "no OpenPGP signature in it (%s)", rnp_result_to_string(result));
	g_autoptr(GPtrArray) good = g_ptr_array_new_with_free_func((GDestroyNotify)kiln_signer_free);
	g_autoptr(GString) why_not = g_string_new(NULL);
	for (gsize i = 0; i < count; i++) {
		rnp_op_verify_signature_t one = NULL;
		if (rnp_op_verify_get_signature_at(operation.verify, i, &one) == RNP_SUCCESS)
			judge(keyring, one, now_unix_s, good, why_not);
	}
	if (good->len == 0)
		return kiln_fail(error, KILN_ERROR_UNTRUSTED, "no signature that %s vouches for: %s", keyring->name, why_not->str);
	if (signature) {
		*content = g_bytes_ref(signed_text);
	} else {
		if (rnp_output_memory_get_buf(operation.output, &bytes, &length, false) != RNP_SUCCESS)
			return kiln_fail(error, KILN_ERROR_INTERNAL, "librnp lost the signed text");
		*content = g_bytes_new(bytes, length);
	}
	*signers = g_steal_pointer(&good);
	return TRUE;
}

void kiln_keyring_free(KilnKeyring *keyring)
{
	if (!keyring)
		return;
	if (keyring->ffi)
		rnp_ffi_destroy(keyring->ffi);
	g_free(keyring->name);
	g_free(keyring);
}
