/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/index_walk_private.h"

#include "escher/base/alloc.h"

enum {
    ROWS_A_TURN = 50,
    PASSED_A_TURN = 2000, /* of which no row is read: a millisecond */
};

static size_t position_of(const struct work_index_walk *walk)
{
    struct esc_card card;
    const bool is_there = walk->last && esc_index_get(walk->bench->index, walk->last, &card);
    return is_there ? card.position + 1 : 0;
}

bool work_index_walk(struct work_index_walk *walk, work_index_walk_fn *fn, void *context)
{
    const struct esc_index *index = walk->bench->index;
    const size_t first = position_of(walk);
    size_t position = first, rows = 0;
    struct esc_arena arena;
    esc_arena_init(&arena);
    const char *id = NULL;
    while (position < esc_index_count(index) && position - first < PASSED_A_TURN &&
           rows < ROWS_A_TURN) {
        const struct esc_card card = esc_index_at(index, position++, &arena);
        id = card.id;
        rows += fn(context, &card);
    }
    if (id) {
        free(walk->last);
        walk->last = esc_strdup(id);
    }
    esc_arena_done(&arena);
    return position < esc_index_count(index);
}

void work_index_walk_done(struct work_index_walk *walk)
{
    free(ESC_STEAL(walk->last));
}
