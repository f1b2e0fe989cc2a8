/* SPDX-License-Identifier: Apache-2.0 */
/* accounts.h: users and groups of the image: who exists, by which number, and the two files that say so. */
#pragma once
#include "build/closure.h"

#define KILN_NONROOT_ID 65532

typedef struct KilnAccounts KilnAccounts;

/**
 * Collect root, nobody, nonroot, the accounts that scripts of used packages make, and the recipe's. Numbers that a
 * script leaves open are derived from the name, so that they are the same in every image.
 *
 * Errors: KILN_ERROR_SYNTAX two accounts of one name or number in the recipe.
 */
KilnAccounts *kiln_accounts_new(const KilnClosure *closure, const KilnRecipe *recipe, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** "user[:group]" by name or number. A known but unused account of the distribution (www-data) joins the image. Errors: KILN_ERROR_NOT_FOUND with the nearest. */
gboolean kiln_accounts_resolve(KilnAccounts *accounts, const char *owner, guint64 *uid, guint64 *gid, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/** Texts of /etc/passwd and /etc/group, sorted by number. New strings. */
/** TRUE when the user of number @uid is listed as a member of the group of number @gid. */
gboolean kiln_accounts_is_member(const KilnAccounts *accounts, guint64 uid, guint64 gid);
char *kiln_accounts_passwd(const KilnAccounts *accounts);
char *kiln_accounts_group(const KilnAccounts *accounts);
void kiln_accounts_free(KilnAccounts *accounts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KilnAccounts, kiln_accounts_free)
