/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Time is passed in, so tests hold it still. Wall time: milliseconds since 1970 UTC. Monotonic:
 * milliseconds since some start that does not jump (CLOCK_BOOTTIME: sleep counts).
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/str.h"

struct esc_clock {
    uint64_t (*wall_ms)(void *context);
    uint64_t (*monotonic_ms)(void *context);
    void *context;
};

const struct esc_clock *esc_clock_system(void);
uint64_t esc_clock_wall_ms(const struct esc_clock *clock);
uint64_t esc_clock_monotonic_ms(const struct esc_clock *clock);

/** A clock that stands still until moved; for tests. */
struct esc_clock_fixed {
    struct esc_clock clock;
    uint64_t wall_ms, monotonic_ms;
};
void esc_clock_fixed_init(struct esc_clock_fixed *fixed, uint64_t wall_ms);
void esc_clock_fixed_advance(struct esc_clock_fixed *fixed, uint64_t by_ms);

enum {
    ESC_TIME_TEXT = 32
};
/** RFC 3339 in UTC, "2026-11-21T08:00:00Z"; milliseconds are written when not zero. */
void esc_time_format(uint64_t wall_ms, char out[ESC_TIME_TEXT]);
/** "20261121T080000Z" (SigV4). */
void esc_time_format_basic(uint64_t wall_ms, char out[ESC_TIME_TEXT]);
/** Reads RFC 3339 with Z or an offset, fraction optional. False when it is none. */
bool esc_time_parse(struct esc_str text, uint64_t *wall_ms);
/** strftime with the fields of UTC: %Y %m %d %H %M %S %%; anything else is refused (false). */
bool esc_time_pattern(uint64_t wall_ms, struct esc_str pattern, char *out, size_t out_size);
/** How old, for people: "just now", "12 s ago", "4 min ago", "3 h ago", "2 days ago". */
void esc_time_age(uint64_t then_ms, uint64_t now_ms, char out[ESC_TIME_TEXT]);
