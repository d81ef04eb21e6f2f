/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/list.h"

#include <stdbool.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"

void esc_list_init(struct esc_list *list, esc_free_fn *free_item)
{
    *list = (struct esc_list){.free_item = free_item};
}

void esc_list_clear(struct esc_list *list)
{
    for (size_t i = 0; list->free_item && i < list->count; i++)
        list->free_item(list->items[i]);
    list->count = 0;
}

void esc_list_done(struct esc_list *list)
{
    esc_list_clear(list);
    free(list->items);
    *list = (struct esc_list){.free_item = list->free_item};
}

void esc_list_push(struct esc_list *list, void *item)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 8;
        list->items = esc_realloc_array(list->items, list->capacity, sizeof *list->items);
    }
    list->items[list->count++] = item;
}

void *esc_list_at(const struct esc_list *list, size_t index)
{
    ESC_ASSERT(index < list->count);
    return list->items[index];
}

void *esc_list_remove(struct esc_list *list, size_t index)
{
    void *item = esc_list_at(list, index);
    memmove(list->items + index, list->items + index + 1,
            (list->count - index - 1) * sizeof *list->items);
    list->count--;
    return item;
}

bool esc_list_drop(struct esc_list *list, const void *item)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == item) {
            (void)esc_list_remove(list, i); /* the caller has it */
            return true;
        }
    }
    return false;
}

typedef int compare_fn(const void *a, const void *b);

static void merge(void **from, void **to, size_t left, size_t middle, size_t right,
                  compare_fn *compare)
{
    size_t a = left, b = middle;
    for (size_t i = left; i < right; i++) {
        const bool take_a = a < middle && (b >= right || compare(from[a], from[b]) <= 0);
        to[i] = from[take_a ? a++ : b++];
    }
}

/* Bottom-up merge sort: libc's qsort promises no stability. */
void esc_list_sort(struct esc_list *list, compare_fn *compare)
{
    void **from = list->items;
    void **spare = esc_alloc_array(list->count, sizeof *spare);
    void **to = spare;
    for (size_t width = 1; width < list->count; width *= 2) {
        for (size_t left = 0; left < list->count; left += 2 * width) {
            const size_t middle = left + width < list->count ? left + width : list->count;
            const size_t right = left + 2 * width < list->count ? left + 2 * width : list->count;
            merge(from, to, left, middle, right, compare);
        }
        void **swap = from;
        from = to;
        to = swap;
    }
    if (from != list->items && list->count)
        memcpy(list->items, from, list->count * sizeof *from);
    free(spare);
}
