/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sealing for somebody who is not there: with the public half anyone seals, only the seed opens.
 * A recovery code is such a seed: a new key can be sealed for it while the code lies in a drawer.
 *
 * libsodium's sealed boxes: X25519 with a key of its own for each box, XSalsa20-Poly1305. Who
 * sealed a box is not told by it.
 *
 * Threads    any.
 * @source libsodium, "Sealed boxes".
 */

#include <stdint.h>

#include "escher/base/buf.h"
#include "escher/base/error.h"
#include "escher/crypt/secret.h"

enum {
    ESC_BOX_SEED = 32,
    ESC_BOX_PUBLIC = 32,
    ESC_BOX_OVERHEAD = 48,
};

/** The public half of @p seed, which has ESC_BOX_SEED bytes (asserted). */
void esc_box_public(const struct esc_secret *seed, uint8_t out[ESC_BOX_PUBLIC]);
/** Appends the sealed bytes to @p out. @errors ESC_INVALID: not a public half. */
enum esc_status esc_box_seal(const uint8_t public_half[ESC_BOX_PUBLIC],
                             const struct esc_secret *secret, struct esc_buf *out,
                             struct esc_error *err);
/** @errors ESC_CORRUPT: not sealed for @p seed, or changed since. */
enum esc_status esc_box_open(const struct esc_secret *seed, struct esc_str sealed,
                             struct esc_secret **out, struct esc_error *err);
