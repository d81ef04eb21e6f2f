/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Things that die together: many small allocations, one esc_arena_done(). Not thread-safe. */

#include <stddef.h>

#include "escher/base/attr.h"
#include "escher/base/str.h"

struct esc_arena {
    struct esc_arena_block *newest; /* NULL until first use */
    size_t used_bytes;              /* handed out so far, alignment included */
};

void esc_arena_init(struct esc_arena *arena);
void esc_arena_done(struct esc_arena *arena); /* twice is fine */

/** Zeroed, aligned for any type; lives until esc_arena_done. */
ESC_RETURNS_NONNULL void *esc_arena_alloc(struct esc_arena *arena, size_t size_bytes);
ESC_RETURNS_NONNULL char *esc_arena_dup(struct esc_arena *arena, struct esc_str text);
ESC_RETURNS_NONNULL char *esc_arena_printf(struct esc_arena *arena, const char *format, ...)
    ESC_PRINTF(2, 3);
