/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/seal.h"

#include <limits.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/crypt/crypt_private.h"

/*
 * One OpenSSL context for each direction keeps the expanded key; a row sets only its nonce.
 * Text passes through a small piece of stack, so that no second copy of it stays on the heap.
 */

enum {
    PIECE = 4096
};

struct esc_sealer {
    EVP_CIPHER_CTX *seal, *unseal;
};

static EVP_CIPHER_CTX *cipher_new(const struct esc_secret *key, int encrypt)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    ESC_ASSERT(context);
    const unsigned char *bytes = (const unsigned char *)esc_secret_view(key).ptr;
    ESC_ASSERT(EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, bytes, NULL, encrypt) == 1);
    return context;
}

struct esc_sealer *esc_sealer_new(const struct esc_secret *key)
{
    ESC_ASSERT(esc_secret_len(key) == ESC_SEAL_KEY);
    struct esc_sealer *sealer = esc_alloc(sizeof *sealer);
    sealer->seal = cipher_new(key, 1);
    sealer->unseal = cipher_new(key, 0);
    return sealer;
}

void esc_sealer_free(struct esc_sealer *sealer)
{
    if (!sealer)
        return;
    EVP_CIPHER_CTX_free(sealer->seal); /* wipes */
    EVP_CIPHER_CTX_free(sealer->unseal);
    free(sealer);
}

static void start(EVP_CIPHER_CTX *context, const void *nonce, struct esc_str aad)
{
    ESC_ASSERT(aad.len <= INT_MAX);
    int written;
    ESC_ASSERT(EVP_CipherInit_ex(context, NULL, NULL, NULL, nonce, -1) == 1);
    if (aad.len)
        ESC_ASSERT(EVP_CipherUpdate(context, NULL, &written, (const unsigned char *)aad.ptr,
                                    (int)aad.len) == 1);
}

/* Sends @p in through the cipher to the end of @p out. */
static void convert(EVP_CIPHER_CTX *context, struct esc_str in, struct esc_buf *out)
{
    unsigned char piece[PIECE];
    while (in.len) {
        size_t len = in.len < PIECE ? in.len : PIECE;
        int written;
        ESC_ASSERT(EVP_CipherUpdate(context, piece, &written, (const unsigned char *)in.ptr,
                                    (int)len) == 1);
        esc_buf_append(out, piece, (size_t)written);
        in = esc_str_slice(in, len, in.len);
    }
    esc_wipe(piece, sizeof piece);
}

void esc_sealer_seal(struct esc_sealer *sealer, const struct esc_random *random, struct esc_str aad,
                     struct esc_str plain, struct esc_buf *out)
{
    unsigned char nonce[ESC_SEAL_NONCE], tag[ESC_SEAL_TAG];
    int written;
    esc_random_fill(random, nonce, sizeof nonce);
    esc_buf_append(out, nonce, sizeof nonce);
    start(sealer->seal, nonce, aad);
    convert(sealer->seal, plain, out);
    ESC_ASSERT(EVP_CipherFinal_ex(sealer->seal, tag, &written) == 1);
    ESC_ASSERT(EVP_CIPHER_CTX_ctrl(sealer->seal, EVP_CTRL_AEAD_GET_TAG, sizeof tag, tag) == 1);
    esc_buf_append(out, tag, sizeof tag);
}

/* Checks the tag after the ciphertext went through. */
static bool is_authentic(EVP_CIPHER_CTX *context, struct esc_str tag)
{
    unsigned char copy[ESC_SEAL_TAG], rest[ESC_SEAL_TAG];
    int written;
    for (size_t i = 0; i < sizeof copy; i++)
        copy[i] = (unsigned char)tag.ptr[i];
    ESC_ASSERT(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof copy, copy) == 1);
    return EVP_CipherFinal_ex(context, rest, &written) == 1;
}

static enum esc_status not_ours(struct esc_error *err)
{
    return esc_fail(err, ESC_CORRUPT, "sealed bytes are damaged, or sealed for another place");
}

enum esc_status esc_sealer_unseal(struct esc_sealer *sealer, struct esc_str aad,
                                  struct esc_str sealed, struct esc_buf *out, struct esc_error *err)
{
    if (sealed.len < ESC_SEAL_OVERHEAD)
        return esc_fail(err, ESC_CORRUPT, "sealed bytes are cut short");
    size_t before = out->len, tag_at = sealed.len - ESC_SEAL_TAG;
    start(sealer->unseal, sealed.ptr, aad);
    convert(sealer->unseal, esc_str_slice(sealed, ESC_SEAL_NONCE, tag_at), out);
    if (is_authentic(sealer->unseal, esc_str_slice(sealed, tag_at, sealed.len)))
        return esc_buf_status(out, "unsealed text", err);
    if (out->len > before) {
        esc_wipe(out->ptr + before, out->len - before);
        out->len = before;
    }
    return not_ours(err);
}

void esc_seal(const struct esc_secret *key, const struct esc_random *random, struct esc_str aad,
              struct esc_str plain, struct esc_buf *out)
{
    ESC_CLEANUP(esc_sealer_freep) struct esc_sealer *sealer = esc_sealer_new(key);
    esc_sealer_seal(sealer, random, aad, plain, out);
}

enum esc_status esc_unseal(const struct esc_secret *key, struct esc_str aad, struct esc_str sealed,
                           struct esc_buf *out, struct esc_error *err)
{
    ESC_CLEANUP(esc_sealer_freep) struct esc_sealer *sealer = esc_sealer_new(key);
    return esc_sealer_unseal(sealer, aad, sealed, out, err);
}

enum esc_status esc_unseal_secret(const struct esc_secret *key, struct esc_str aad,
                                  struct esc_str sealed, struct esc_secret **out,
                                  struct esc_error *err)
{
    if (sealed.len < ESC_SEAL_OVERHEAD || sealed.len > INT_MAX)
        return esc_fail(err, ESC_CORRUPT, "sealed bytes are cut short");
    struct esc_str text = esc_str_slice(sealed, ESC_SEAL_NONCE, sealed.len - ESC_SEAL_TAG);
    ESC_CLEANUP(esc_sealer_freep) struct esc_sealer *sealer = esc_sealer_new(key);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *plain = secret_blank(text.len);
    int written = 0;
    start(sealer->unseal, sealed.ptr, aad);
    if (text.len)
        ESC_ASSERT(EVP_CipherUpdate(sealer->unseal, secret_bytes(plain), &written,
                                    (const unsigned char *)text.ptr, (int)text.len) == 1);
    if (!is_authentic(sealer->unseal, esc_str_slice(sealed, sealed.len - ESC_SEAL_TAG, sealed.len)))
        return not_ours(err);
    *out = ESC_STEAL(plain);
    return ESC_OK;
}
