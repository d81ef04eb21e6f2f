/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/sealed_box.h"

#include <sodium.h>

#include "escher/base/assert.h"
#include "escher/crypt/crypt_private.h"

static_assert(ESC_BOX_SEED == crypto_box_SEEDBYTES);
static_assert(ESC_BOX_PUBLIC == crypto_box_PUBLICKEYBYTES);
static_assert(ESC_BOX_OVERHEAD == crypto_box_SEALBYTES);

enum {
    PLAIN_MAX = 4096
};

/* The private half, owned by the caller; the public one goes to @p out. */
static struct esc_secret *halves(const struct esc_secret *seed, uint8_t out[ESC_BOX_PUBLIC])
{
    ESC_ASSERT(esc_secret_len(seed) == ESC_BOX_SEED);
    struct esc_secret *private_half = secret_blank(crypto_box_SECRETKEYBYTES);
    ESC_ASSERT(crypto_box_seed_keypair(out, secret_bytes(private_half),
                                       (const unsigned char *)esc_secret_view(seed).ptr) == 0);
    return private_half;
}

void esc_box_public(const struct esc_secret *seed, uint8_t out[ESC_BOX_PUBLIC])
{
    esc_secret_free(halves(seed, out));
}

enum esc_status esc_box_seal(const uint8_t public_half[ESC_BOX_PUBLIC],
                             const struct esc_secret *secret, struct esc_buf *out,
                             struct esc_error *err)
{
    unsigned char sealed[PLAIN_MAX + ESC_BOX_OVERHEAD];
    const struct esc_str plain = esc_secret_view(secret);
    ESC_ASSERT(plain.len <= PLAIN_MAX);
    crypt_ready();
    if (crypto_box_seal(sealed, (const unsigned char *)plain.ptr, plain.len, public_half) != 0)
        return esc_fail(err, ESC_INVALID, "nothing can be sealed for such a key");
    esc_buf_append(out, sealed, plain.len + ESC_BOX_OVERHEAD);
    return esc_buf_status(out, "sealed box", err);
}

enum esc_status esc_box_open(const struct esc_secret *seed, struct esc_str sealed,
                             struct esc_secret **out, struct esc_error *err)
{
    uint8_t public_half[ESC_BOX_PUBLIC];
    if (sealed.len < ESC_BOX_OVERHEAD || sealed.len > PLAIN_MAX + ESC_BOX_OVERHEAD)
        return esc_fail(err, ESC_CORRUPT, "a sealed box has another size");
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *private_half = halves(seed, public_half);
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *plain = secret_blank(sealed.len - ESC_BOX_OVERHEAD);
    if (crypto_box_seal_open(secret_bytes(plain), (const unsigned char *)sealed.ptr, sealed.len,
                             public_half,
                             (const unsigned char *)esc_secret_view(private_half).ptr) != 0)
        return esc_fail(err, ESC_CORRUPT, "a sealed box is damaged, or sealed for another");
    *out = ESC_STEAL(plain);
    return ESC_OK;
}
