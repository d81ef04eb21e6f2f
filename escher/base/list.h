/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A growing array of pointers. With a free function it owns what is in it, without it borrows. */

#include <stdbool.h>
#include <stddef.h>

#include "escher/base/attr.h"

typedef void esc_free_fn(void *item);

struct esc_list {
    void **items; /* items[0 .. count) */
    size_t count, capacity;
    esc_free_fn *free_item; /* NULL: borrowed */
};

void esc_list_init(struct esc_list *list, esc_free_fn *free_item);
void esc_list_done(struct esc_list *list); /* twice is fine */
void esc_list_clear(struct esc_list *list);
void esc_list_push(struct esc_list *list, void *item);
void *esc_list_at(const struct esc_list *list, size_t index); /* index < count, asserted */
/** Takes the item out (ownership goes to the caller), closing the gap. */
void *esc_list_remove(struct esc_list *list, size_t index);
/** Takes the item out wherever it stands, the first time it does, and tells whether it was there. */
bool esc_list_drop(struct esc_list *list, const void *item);
/** Stable sort; @p compare as for qsort but on the items themselves. */
void esc_list_sort(struct esc_list *list, int (*compare)(const void *a, const void *b));
