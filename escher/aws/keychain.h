/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keys of an account in the keyring that also keeps the store's key: a copy, for whoever wants
 * none in a file. Only long-lived keys; what expires is fetched again from where it comes from.
 *
 * Ownership  the keyring is borrowed and held until @p done; all else is copied.
 * Threads    the loop thread; the keyring is asked in a job.
 */

#include "escher/aws/credentials.h"
#include "escher/crypt/keyring.h"
#include "escher/loop/loop.h"

/** @p err is NULL when it worked, else as those of esc_keyring_put() and esc_keyring_del(). */
typedef void esc_keychain_fn(void *context, const struct esc_error *err);

/** The item of an account in the keyring of @p store; owned by the caller. */
ESC_RETURNS_NONNULL char *esc_keychain_item(const char *store, const char *account_id);
/** @p credentials without a session token. */
void esc_keychain_put(struct esc_loop *loop, struct esc_keyring *keyring, const char *item,
                      const struct esc_credentials *credentials, esc_keychain_fn *done,
                      void *context);
void esc_keychain_remove(struct esc_loop *loop, struct esc_keyring *keyring, const char *item,
                         esc_keychain_fn *done, void *context);
