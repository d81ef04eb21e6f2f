/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"

/* Each block is as large as all before it together: what needs little takes little, for blocks are
 * zeroed as a whole, and wiped as a whole in programs that hold keys. */
enum {
    FIRST_BLOCK_BYTES = 1024,
    MAX_BLOCK_BYTES = 16 * 1024
};

struct esc_arena_block {
    struct esc_arena_block *older;
    size_t used, size;
    max_align_t data[];
};

void esc_arena_init(struct esc_arena *arena)
{
    *arena = (struct esc_arena){0};
}

void esc_arena_done(struct esc_arena *arena)
{
    struct esc_arena_block *block = arena->newest;
    while (block) {
        struct esc_arena_block *older = block->older;
        free(block);
        block = older;
    }
    *arena = (struct esc_arena){0};
}

static void add_block(struct esc_arena *arena, size_t at_least)
{
    size_t size = arena->newest ? arena->used_bytes : FIRST_BLOCK_BYTES;
    if (size > MAX_BLOCK_BYTES)
        size = MAX_BLOCK_BYTES;
    if (size < FIRST_BLOCK_BYTES)
        size = FIRST_BLOCK_BYTES;
    if (size < at_least)
        size = at_least;
    struct esc_arena_block *block = esc_alloc_zero(sizeof *block + size);
    block->older = arena->newest;
    block->size = size;
    arena->newest = block;
}

void *esc_arena_alloc(struct esc_arena *arena, size_t size_bytes)
{
    ESC_ASSERT(size_bytes <= SIZE_MAX / 2); /* ceilings are far below; rounding must not wrap */
    const size_t rest = size_bytes % sizeof(max_align_t);
    const size_t rounded = rest ? size_bytes + sizeof(max_align_t) - rest : size_bytes;
    if (!arena->newest || arena->newest->size - arena->newest->used < rounded)
        add_block(arena, rounded);
    struct esc_arena_block *block = arena->newest;
    void *memory = (char *)block->data + block->used;
    block->used += rounded;
    arena->used_bytes += rounded;
    return memory;
}

char *esc_arena_dup(struct esc_arena *arena, struct esc_str text)
{
    char *copy = esc_arena_alloc(arena, text.len + 1);
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

char *esc_arena_printf(struct esc_arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = esc_arena_alloc(arena, len < 0 ? 1 : (size_t)len + 1);
    if (len > 0)
        (void)vsnprintf(text, (size_t)len + 1, format, again); /* the size was just measured */
    va_end(again);
    return text;
}
