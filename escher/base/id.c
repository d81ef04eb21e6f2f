/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/id.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "escher/base/assert.h"
#include "escher/base/num.h"

static void fill_from_kernel(void *, void *bytes, size_t len)
{
    unsigned char *at = bytes;
    while (len) {
        const ssize_t got = getrandom(at, len, 0);
        ESC_ASSERT(got >= 0 || errno == EINTR);
        if (got > 0) {
            at += got;
            len -= (size_t)got;
        }
    }
}

const struct esc_random *esc_random_system(void)
{
    static const struct esc_random random = {fill_from_kernel, NULL};
    return &random;
}

void esc_random_fill(const struct esc_random *random, void *bytes, size_t len)
{
    random->fill(random->context, bytes, len);
}

uint64_t esc_random_below(const struct esc_random *random, uint64_t bound)
{
    ESC_ASSERT(bound > 0);
    const uint64_t rest = UINT64_MAX % bound; /* values above UINT64_MAX - rest would favour some */
    uint64_t value;
    do
        esc_random_fill(random, &value, sizeof value);
    while (value > UINT64_MAX - rest - 1 && rest + 1 != bound);
    return value % bound;
}

static void fill_seeded(void *context, void *bytes, size_t len)
{
    struct esc_random_seeded *seeded = context;
    unsigned char *at = bytes;
    for (size_t i = 0; i < len; i++) {
        seeded->state += 0x9e3779b97f4a7c15u;
        uint64_t z = seeded->state;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        at[i] = (unsigned char)(z >> 56);
    }
}

void esc_random_seeded_init(struct esc_random_seeded *seeded, uint64_t seed)
{
    *seeded = (struct esc_random_seeded){.random = {fill_seeded, seeded}, .state = seed};
}

static struct esc_uuid with_version(struct esc_uuid uuid, unsigned version)
{
    uuid.bytes[6] = (uint8_t)((uuid.bytes[6] & 0x0F) | version << 4);
    uuid.bytes[8] = (uint8_t)((uuid.bytes[8] & 0x3F) | 0x80);
    return uuid;
}

struct esc_uuid esc_uuid_v4(const struct esc_random *random)
{
    struct esc_uuid uuid;
    esc_random_fill(random, uuid.bytes, sizeof uuid.bytes);
    return with_version(uuid, 4);
}

/*
 * SHA-1 (FIPS 180-4, 6.1) because UUIDv5 is defined by it; nothing secret depends on it, and
 * base may not use OpenSSL.
 */
struct sha1 {
    uint32_t h[5];
    uint64_t len;
    uint8_t block[64];
};

static uint32_t rotate(uint32_t value, int by)
{
    return value << by | value >> (32 - by);
}

static void sha1_block(struct sha1 *sha)
{
    uint32_t w[80];
    for (int i = 0; i < 16; i++)
        w[i] = __builtin_bswap32(esc_load_u32(sha->block + 4 * i));
    for (int i = 16; i < 80; i++)
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = sha->h[0], b = sha->h[1], c = sha->h[2], d = sha->h[3], e = sha->h[4];
    for (int i = 0; i < 80; i++) {
        static const uint32_t k[] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
        const uint32_t choose = (b & c) | (~b & d), parity = b ^ c ^ d;
        const uint32_t majority = (b & c) | (b & d) | (c & d);
        const uint32_t f = i < 20 ? choose : i < 40 ? parity : i < 60 ? majority : parity;
        const uint32_t next = rotate(a, 5) + f + e + k[i / 20] + w[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    sha->h[0] += a;
    sha->h[1] += b;
    sha->h[2] += c;
    sha->h[3] += d;
    sha->h[4] += e;
}

static void sha1_add(struct sha1 *sha, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < len; i++) {
        sha->block[sha->len++ % 64] = at[i];
        if (sha->len % 64 == 0)
            sha1_block(sha);
    }
}

static void sha1_end(struct sha1 *sha, uint8_t out[20])
{
    const uint64_t bits = sha->len * 8;
    sha1_add(sha, "\x80", 1);
    while (sha->len % 64 != 56)
        sha1_add(sha, "", 1);
    for (int i = 7; i >= 0; i--) {
        const uint8_t byte = (uint8_t)(bits >> (8 * i));
        sha1_add(sha, &byte, 1);
    }
    for (int i = 0; i < 5; i++)
        esc_store_u32(out + 4 * i, __builtin_bswap32(sha->h[i]));
}

struct esc_uuid esc_uuid_v5(struct esc_uuid name_space, struct esc_str name)
{
    struct sha1 sha = {{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}, 0, {0}};
    uint8_t hash[20];
    sha1_add(&sha, name_space.bytes, sizeof name_space.bytes);
    sha1_add(&sha, name.ptr, name.len);
    sha1_end(&sha, hash);
    struct esc_uuid uuid;
    memcpy(uuid.bytes, hash, sizeof uuid.bytes);
    return with_version(uuid, 5);
}

void esc_uuid_format(struct esc_uuid uuid, char out[ESC_UUID_TEXT])
{
    size_t at = 0;
    for (size_t i = 0; i < sizeof uuid.bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[at++] = '-';
        esc_hex(&uuid.bytes[i], 1, out + at);
        at += 2;
    }
}

bool esc_uuid_parse(struct esc_str text, struct esc_uuid *out)
{
    struct esc_uuid uuid;
    if (text.len != ESC_UUID_TEXT - 1)
        return false;
    size_t at = 0;
    for (size_t i = 0; i < sizeof uuid.bytes; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && text.ptr[at++] != '-')
            return false;
        if (!esc_hex_parse(esc_str_slice(text, at, at + 2), &uuid.bytes[i], 1))
            return false;
        at += 2;
    }
    *out = uuid;
    return true;
}

bool esc_uuid_equal(struct esc_uuid a, struct esc_uuid b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}
