/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Keys out of keys (HKDF-SHA-256, RFC 5869) and out of passphrases (Argon2id, RFC 9106). */

#include <stdint.h>

#include "escher/base/error.h"
#include "escher/crypt/secret.h"

enum {
    ESC_HKDF_MAX = 255 * 32, /* bytes one derivation can give */
    ESC_ARGON2_SALT = 16,
};

/** @p len of at most ESC_HKDF_MAX (asserted) bytes into @p out; salt and info may be empty. */
void esc_hkdf_sha256(struct esc_str key, struct esc_str salt, struct esc_str info, void *out,
                     size_t len);
/** A key of @p len bytes derived from @p key for one purpose, owned by the caller. */
ESC_RETURNS_NONNULL struct esc_secret *esc_derive(const struct esc_secret *key, const char *purpose,
                                                  struct esc_str context, size_t len);

/** The price of one guess; stored beside what it protects, so that it can rise later. */
struct esc_argon2 {
    uint32_t passes;     /* 1 .. 16 */
    uint32_t memory_kib; /* 8 .. 1 GiB */
};

/** 3 passes over 64 MiB: about a quarter to a full second of one core. */
struct esc_argon2 esc_argon2_default(void);
/**
 * A key of @p len bytes (16 to 64, asserted) from a passphrase; takes its time on purpose, so a
 * program with a loop runs it as a job.
 * @errors ESC_INVALID: the price is out of its range; ESC_LIMIT: the memory is not there.
 */
enum esc_status esc_argon2id(const struct esc_secret *passphrase,
                             const uint8_t salt[ESC_ARGON2_SALT], struct esc_argon2 price,
                             size_t len, struct esc_secret **out, struct esc_error *err);
