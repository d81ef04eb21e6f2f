/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/crypt/digest.h"

#include <string.h>

#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/num.h"

/*
 * SHA-256 is OpenSSL's, which uses the processor's instructions for it; HMAC is libsodium's,
 * which needs no heap and is several times quicker on the short texts that are indexed.
 */

struct esc_digest {
    EVP_MD_CTX *context;
};

/* Looked up once: OpenSSL's search for it costs more than the digest of a short text. */
static EVP_MD *found_sha256;

static void find_sha256(void)
{
    found_sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

static const EVP_MD *sha256(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    ESC_ASSERT(pthread_once(&once, find_sha256) == 0);
    ESC_ASSERT(found_sha256);
    return found_sha256;
}

struct esc_digest *esc_digest_new(void)
{
    struct esc_digest *digest = esc_alloc(sizeof *digest);
    digest->context = EVP_MD_CTX_new();
    ESC_ASSERT(digest->context);
    ESC_ASSERT(EVP_DigestInit_ex(digest->context, sha256(), NULL) == 1);
    return digest;
}

void esc_digest_free(struct esc_digest *digest)
{
    if (digest)
        EVP_MD_CTX_free(digest->context);
    free(digest);
}

void esc_digest_add(struct esc_digest *digest, struct esc_str bytes)
{
    ESC_ASSERT(EVP_DigestUpdate(digest->context, bytes.ptr, bytes.len) == 1);
}

void esc_digest_add_sized(struct esc_digest *digest, struct esc_str bytes)
{
    char len[8];
    esc_store_u64(len, bytes.len);
    esc_digest_add(digest, (struct esc_str){len, sizeof len});
    esc_digest_add(digest, bytes);
}

void esc_digest_finish(struct esc_digest *digest, uint8_t out[ESC_SHA256_SIZE])
{
    ESC_ASSERT(EVP_DigestFinal_ex(digest->context, out, NULL) == 1);
    ESC_ASSERT(EVP_DigestInit_ex(digest->context, sha256(), NULL) == 1);
}

void esc_sha256(struct esc_str bytes, uint8_t out[ESC_SHA256_SIZE])
{
    ESC_ASSERT(EVP_Digest(bytes.ptr, bytes.len, out, NULL, sha256(), NULL) == 1);
}

void esc_sha256_hex(struct esc_str bytes, char out[ESC_SHA256_TEXT])
{
    uint8_t digest[ESC_SHA256_SIZE];
    esc_sha256(bytes, digest);
    esc_hex(digest, sizeof digest, out);
}

void esc_sha1_hex(struct esc_str bytes, char out[ESC_SHA1_TEXT])
{
    uint8_t digest[ESC_SHA1_TEXT / 2];
    ESC_ASSERT(EVP_Digest(bytes.ptr, bytes.len, digest, NULL, EVP_sha1(), NULL) == 1);
    esc_hex(digest, sizeof digest, out);
}

void esc_hmac_sha256(struct esc_str key, struct esc_str bytes, uint8_t out[ESC_SHA256_SIZE])
{
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.ptr, key.len);
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)bytes.ptr, bytes.len);
    (void)crypto_auth_hmacsha256_final(&state, out); /* none of the three can fail */
    sodium_memzero(&state, sizeof state);
}

struct esc_hmac {
    struct esc_secret *state; /* of libsodium, after the key */
};

struct esc_hmac *esc_hmac_new(const struct esc_secret *key)
{
    struct esc_hmac *hmac = esc_alloc(sizeof *hmac);
    const struct esc_str bytes = esc_secret_view(key);
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, (const unsigned char *)bytes.ptr, bytes.len);
    hmac->state = esc_secret_new(&state, sizeof state);
    sodium_memzero(&state, sizeof state);
    return hmac;
}

void esc_hmac_free(struct esc_hmac *hmac)
{
    if (hmac)
        esc_secret_free(hmac->state);
    free(hmac);
}

void esc_hmac_of(const struct esc_hmac *hmac, struct esc_str bytes, uint8_t out[ESC_SHA256_SIZE])
{
    crypto_auth_hmacsha256_state state;
    memcpy(&state, esc_secret_view(hmac->state).ptr, sizeof state);
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)bytes.ptr, bytes.len);
    (void)crypto_auth_hmacsha256_final(&state, out); /* neither can fail */
    sodium_memzero(&state, sizeof state);
}

bool esc_equal_constant_time(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

bool esc_str_equal_constant_time(struct esc_str a, struct esc_str b)
{
    return a.len == b.len && esc_equal_constant_time(a.ptr, b.ptr, a.len);
}
