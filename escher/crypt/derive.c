/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/derive.h"

#include <string.h>

#include <sodium.h>

#include "escher/base/assert.h"
#include "escher/base/buf.h"
#include "escher/crypt/crypt_private.h"
#include "escher/crypt/digest.h"

static_assert(ESC_ARGON2_SALT == crypto_pwhash_argon2id_SALTBYTES);

enum {
    PASSES_MAX = 16,
    MEMORY_MIN_KIB = 8,
    MEMORY_MAX_KIB = 1024 * 1024,
    PURPOSE_MAX = 1024, /* bytes of purpose and context */
};

void esc_hkdf_sha256(struct esc_str key, struct esc_str salt, struct esc_str info, void *out,
                     size_t len)
{
    ESC_ASSERT(len <= ESC_HKDF_MAX);
    uint8_t extracted[ESC_SHA256_SIZE], block[ESC_SHA256_SIZE];
    esc_hmac_sha256(salt, key, extracted);
    const struct esc_str secret = {(const char *)extracted, sizeof extracted};
    struct esc_buf text; /* previous block, info, counter */
    esc_buf_init(&text, sizeof block + info.len + 1);
    unsigned char *at = out;
    for (unsigned char counter = 1; len; counter++) {
        esc_buf_add(&text, info);
        esc_buf_append(&text, &counter, 1);
        esc_hmac_sha256(secret, esc_buf_str(&text), block);
        size_t part = len < sizeof block ? len : sizeof block;
        memcpy(at, block, part);
        at += part;
        len -= part;
        esc_buf_reset(&text);
        esc_buf_append(&text, block, sizeof block);
    }
    esc_wipe(text.ptr, text.len);
    esc_buf_done(&text);
    esc_wipe(extracted, sizeof extracted);
    esc_wipe(block, sizeof block);
}

struct esc_secret *esc_derive(const struct esc_secret *key, const char *purpose,
                              struct esc_str context, size_t len)
{
    struct esc_buf info;
    esc_buf_init(&info, PURPOSE_MAX);
    esc_buf_add_text(&info, purpose);
    esc_buf_add_char(&info, '\0');
    esc_buf_add(&info, context);
    ESC_ASSERT(info.status == ESC_OK);
    struct esc_secret *derived = secret_blank(len);
    esc_hkdf_sha256(esc_secret_view(key), ESC_STR("escher1"), esc_buf_str(&info),
                    secret_bytes(derived), len);
    esc_buf_done(&info);
    return derived;
}

struct esc_argon2 esc_argon2_default(void)
{
    return (struct esc_argon2){.passes = 3, .memory_kib = 64 * 1024};
}

enum esc_status esc_argon2id(const struct esc_secret *passphrase,
                             const uint8_t salt[ESC_ARGON2_SALT], struct esc_argon2 price,
                             size_t len, struct esc_secret **out, struct esc_error *err)
{
    ESC_ASSERT(len >= 16 && len <= 64);
    if (price.passes < 1 || price.passes > PASSES_MAX || price.memory_kib < MEMORY_MIN_KIB ||
        price.memory_kib > MEMORY_MAX_KIB)
        return esc_fail(err, ESC_INVALID, "%u passes over %u KiB is no price for a passphrase",
                        price.passes, price.memory_kib);
    crypt_ready();
    const struct esc_str text = esc_secret_view(passphrase);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = secret_blank(len);
    if (crypto_pwhash_argon2id(secret_bytes(key), len, text.ptr, text.len, salt, price.passes,
                               (size_t)price.memory_kib * 1024,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
        return esc_fail(err, ESC_LIMIT, "there are no %u KiB of memory to check the passphrase",
                        price.memory_kib);
    *out = ESC_STEAL(key);
    return ESC_OK;
}
