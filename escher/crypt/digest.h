/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* SHA-256 and HMAC-SHA-256, and a comparison that takes the same time whatever it finds. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/attr.h"
#include "escher/base/str.h"
#include "escher/crypt/secret.h"

enum {
    ESC_SHA256_SIZE = 32,
    ESC_SHA256_TEXT = 65, /* lower-case hex with its NUL */
    ESC_SHA1_TEXT = 41,
};

void esc_sha256(struct esc_str bytes, uint8_t out[ESC_SHA256_SIZE]);
void esc_sha256_hex(struct esc_str bytes, char out[ESC_SHA256_TEXT]);

/** Names files as other tools name theirs; protects nothing. */
void esc_sha1_hex(struct esc_str bytes, char out[ESC_SHA1_TEXT]);

/** SHA-256 of what comes in pieces: new, add, add, finish. */
struct esc_digest;

ESC_RETURNS_NONNULL struct esc_digest *esc_digest_new(void);
void esc_digest_free(struct esc_digest *digest);
ESC_DEFINE_CLEANUP(struct esc_digest, esc_digest_free)
void esc_digest_add(struct esc_digest *digest, struct esc_str bytes);
/** Adds the length in eight bytes and then the bytes, so that no two lists of pieces run together. */
void esc_digest_add_sized(struct esc_digest *digest, struct esc_str bytes);
/** The digest of all that was added; afterwards the digest is empty again. */
void esc_digest_finish(struct esc_digest *digest, uint8_t out[ESC_SHA256_SIZE]);

/** @p key may have any length. */
void esc_hmac_sha256(struct esc_str key, struct esc_str bytes, uint8_t out[ESC_SHA256_SIZE]);

/** A key made ready once for many short texts: half the work for each. Its own memory is guarded as
 *  a secret's is. One thread at a time makes it; any may use it. */
struct esc_hmac;
ESC_RETURNS_NONNULL struct esc_hmac *esc_hmac_new(const struct esc_secret *key);
void esc_hmac_free(struct esc_hmac *hmac); /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_hmac, esc_hmac_free)
void esc_hmac_of(const struct esc_hmac *hmac, struct esc_str bytes, uint8_t out[ESC_SHA256_SIZE]);

bool esc_equal_constant_time(const void *a, const void *b, size_t len);
/** The same for texts of maybe different length (a token of a request against ours). */
bool esc_str_equal_constant_time(struct esc_str a, struct esc_str b);
