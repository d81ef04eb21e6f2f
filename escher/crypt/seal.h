/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sealing: AES-256-GCM with a random nonce and additional authenticated data (AAD). A sealed
 * text is `nonce (12) | ciphertext | tag (16)` and opens only under the same key and AAD.
 *
 * A key may seal 2^30 times (ESC_SEAL_BUDGET): then two nonces are equal with a probability of
 * at most 2^-37. Who owns a key counts; here nothing is counted.
 *
 * Ownership  a sealer copies its key.
 * Threads    one thread at a time per sealer; the one-shot functions from any thread.
 * @source NIST SP 800-38D, 8.2.2 and 8.3.
 */

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/base/id.h"
#include "escher/crypt/secret.h"

enum {
    ESC_SEAL_KEY = 32,
    ESC_SEAL_NONCE = 12,
    ESC_SEAL_TAG = 16,
    ESC_SEAL_OVERHEAD = ESC_SEAL_NONCE + ESC_SEAL_TAG,
    ESC_SEAL_BUDGET = 1 << 30, /* seals under one key */
};

/** A key made ready once for many rows. */
struct esc_sealer;

/** @p key has ESC_SEAL_KEY bytes (asserted). */
ESC_RETURNS_NONNULL struct esc_sealer *esc_sealer_new(const struct esc_secret *key);
void esc_sealer_free(struct esc_sealer *sealer);
ESC_DEFINE_CLEANUP(struct esc_sealer, esc_sealer_free)

/** Appends the sealed text to @p out, which remembers ESC_LIMIT when it is full. */
void esc_sealer_seal(struct esc_sealer *sealer, const struct esc_random *random, struct esc_str aad,
                     struct esc_str plain, struct esc_buf *out);
/**
 * Appends the plain text to @p out; on failure nothing stays in it.
 * @errors ESC_CORRUPT: not sealed under this key and AAD, or changed since; ESC_LIMIT.
 */
enum esc_status esc_sealer_unseal(struct esc_sealer *sealer, struct esc_str aad,
                                  struct esc_str sealed, struct esc_buf *out,
                                  struct esc_error *err);

/* The same for a single text. */
void esc_seal(const struct esc_secret *key, const struct esc_random *random, struct esc_str aad,
              struct esc_str plain, struct esc_buf *out);
enum esc_status esc_unseal(const struct esc_secret *key, struct esc_str aad, struct esc_str sealed,
                           struct esc_buf *out, struct esc_error *err);
/** Opens a sealed key or passphrase without a copy on the heap. */
enum esc_status esc_unseal_secret(const struct esc_secret *key, struct esc_str aad,
                                  struct esc_str sealed, struct esc_secret **out,
                                  struct esc_error *err);
