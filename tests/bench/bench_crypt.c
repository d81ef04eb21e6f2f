/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>
#include <string.h>

#include "escher/base/limits.h"
#include "escher/crypt/seal.h"
#include "tests/bench/bench.h"

/*
 * Sealing and opening rows as the store does it, beside libsodium's AES-256-GCM doing the same:
 * a key made ready once, a random nonce for each row, the same additional data.
 */

enum {
    MOST_BYTES = 64 * 1024
};

#define AAD "escher/1/cloud_estate/row-0123456789abcdef/epoch-1"

static const uint64_t long_enough_ns = UINT64_C(400'000'000);
static const struct esc_str aad = {AAD, sizeof AAD - 1};

struct box {
    struct esc_sealer *sealer;
    crypto_aead_aes256gcm_state sodium;
    struct esc_str plain;
    struct esc_buf sealed, opened;
    unsigned char sodium_sealed[MOST_BYTES + 64], sodium_opened[MOST_BYTES + 64];
    unsigned char nonce[crypto_aead_aes256gcm_NPUBBYTES];
    unsigned long long sodium_len;
};

static void seal(struct box *box)
{
    esc_buf_reset(&box->sealed);
    esc_sealer_seal(box->sealer, esc_random_system(), aad, box->plain, &box->sealed);
}

static void open_sealed(struct box *box)
{
    struct esc_error err;
    esc_buf_reset(&box->opened);
    bench_need(esc_sealer_unseal(box->sealer, aad, esc_buf_str(&box->sealed), &box->opened, &err),
               &err);
}

static void sodium_seal(struct box *box)
{
    randombytes_buf(box->nonce, sizeof box->nonce);
    (void)crypto_aead_aes256gcm_encrypt_afternm(
        box->sodium_sealed, &box->sodium_len, (const unsigned char *)box->plain.ptr, box->plain.len,
        (const unsigned char *)aad.ptr, aad.len, NULL, box->nonce, &box->sodium);
}

static void sodium_open(struct box *box)
{
    unsigned long long len;
    if (crypto_aead_aes256gcm_decrypt_afternm(box->sodium_opened, &len, NULL, box->sodium_sealed,
                                              box->sodium_len, (const unsigned char *)aad.ptr,
                                              aad.len, box->nonce, &box->sodium) != 0)
        abort();
}

/* The best of five rounds, in megabytes of plain text a second. */
static void measure(struct box *box, const char *name, size_t bytes, void (*work)(struct box *))
{
    double best = 0;
    size_t count = 0;
    for (int round = 0; round < 5; round++) {
        const uint64_t began = bench_now_ns();
        uint64_t now = began;
        for (count = 0; now - began < long_enough_ns / 5; count++) {
            for (int i = 0; i < 16; i++)
                work(box);
            now = bench_now_ns();
        }
        const double rate = (double)(count * 16 * bytes) * 1e3 / (double)(now - began);
        best = rate > best ? rate : best;
    }
    ESC_CLEANUP(esc_freep) char *full = esc_sprintf("%s %zu", name, bytes);
    bench_say(full, "MB/s", best, count * 16 * 5);
}

int main(void)
{
    static const size_t sizes[] = {1024, MOST_BYTES};
    static unsigned char plain[MOST_BYTES], key[ESC_SEAL_KEY];
    static struct box box;
    if (sodium_init() < 0 || !crypto_aead_aes256gcm_is_available())
        return 1;
    randombytes_buf(plain, sizeof plain);
    randombytes_buf(key, sizeof key);
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secret = esc_secret_new(key, sizeof key);
    box.sealer = esc_sealer_new(secret);
    crypto_aead_aes256gcm_beforenm(&box.sodium, key);
    esc_buf_init(&box.sealed, ESC_MAX_FILE);
    esc_buf_init(&box.opened, ESC_MAX_FILE);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        box.plain = (struct esc_str){(const char *)plain, sizes[i]};
        measure(&box, "seal", sizes[i], seal);
        measure(&box, "open", sizes[i], open_sealed);
        measure(&box, "sodium seal", sizes[i], sodium_seal);
        measure(&box, "sodium open", sizes[i], sodium_open);
    }
    esc_sealer_free(box.sealer);
    esc_buf_done(&box.sealed);
    esc_buf_done(&box.opened);
    return 0;
}
