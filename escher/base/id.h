/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Randomness that is passed in, and UUIDs (RFC 9562): v4 at random, v5 from a name. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "escher/base/str.h"

struct esc_random {
    void (*fill)(void *context, void *bytes, size_t len);
    void *context;
};
const struct esc_random *esc_random_system(void); /* getrandom(2); ends the process on failure */
void esc_random_fill(const struct esc_random *random, void *bytes, size_t len);
/** Uniform in [0, bound), bound > 0. */
uint64_t esc_random_below(const struct esc_random *random, uint64_t bound);

/** A repeatable stream for tests (splitmix64). */
struct esc_random_seeded {
    struct esc_random random;
    uint64_t state;
};
void esc_random_seeded_init(struct esc_random_seeded *seeded, uint64_t seed);

enum {
    ESC_UUID_TEXT = 37
};
struct esc_uuid {
    uint8_t bytes[16];
};
struct esc_uuid esc_uuid_v4(const struct esc_random *random);
struct esc_uuid esc_uuid_v5(struct esc_uuid name_space, struct esc_str name);
void esc_uuid_format(struct esc_uuid uuid, char out[ESC_UUID_TEXT]); /* lower case */
bool esc_uuid_parse(struct esc_str text, struct esc_uuid *out);
bool esc_uuid_equal(struct esc_uuid a, struct esc_uuid b);
