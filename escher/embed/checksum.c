/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/embed/checksum.h"

#include "escher/base/num.h"

static const uint64_t prime1 = 0x9E3779B185EBCA87, prime2 = 0xC2B2AE3D27D4EB4F,
                      prime3 = 0x165667B19E3779F9, prime4 = 0x85EBCA77C2B2AE63,
                      prime5 = 0x27D4EB2F165667C5;

static uint64_t rotate(uint64_t value, unsigned by)
{
    return value << by | value >> (64 - by);
}

static uint64_t mix(uint64_t lane, uint64_t input)
{
    return rotate(lane + input * prime2, 31) * prime1;
}

/* Four lanes over blocks of 32 bytes, taken off the front of *rest. */
static uint64_t hash_blocks(struct esc_str *rest)
{
    uint64_t lanes[4] = {prime1 + prime2, prime2, 0, -prime1};
    for (; rest->len >= 32; rest->ptr += 32, rest->len -= 32)
        for (unsigned i = 0; i < 4; i++)
            lanes[i] = mix(lanes[i], esc_load_u64(rest->ptr + 8 * i));
    uint64_t hash =
        rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
    for (unsigned i = 0; i < 4; i++)
        hash = (hash ^ mix(0, lanes[i])) * prime1 + prime4;
    return hash;
}

static uint64_t hash_rest(uint64_t hash, struct esc_str rest)
{
    for (; rest.len >= 8; rest.ptr += 8, rest.len -= 8)
        hash = rotate(hash ^ mix(0, esc_load_u64(rest.ptr)), 27) * prime1 + prime4;
    for (; rest.len >= 4; rest.ptr += 4, rest.len -= 4)
        hash = rotate(hash ^ esc_load_u32(rest.ptr) * prime1, 23) * prime2 + prime3;
    for (; rest.len > 0; rest.ptr++, rest.len--)
        hash = rotate(hash ^ (unsigned char)*rest.ptr * prime5, 11) * prime1;
    return hash;
}

uint64_t esc_xxh64(struct esc_str bytes)
{
    struct esc_str rest = bytes;
    uint64_t hash = bytes.len >= 32 ? hash_blocks(&rest) : prime5;
    hash = hash_rest(hash + bytes.len, rest);
    hash = (hash ^ hash >> 33) * prime2;
    hash = (hash ^ hash >> 29) * prime3;
    return hash ^ hash >> 32;
}
