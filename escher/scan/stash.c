/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/stash_private.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/map.h"
#include "escher/catalog/resource_type.h"
#include "escher/scan/pack_private.h"
#include "escher/scan/squeeze_private.h"

/* The first resources of a type as bytes, one behind the other: what others resemble. */
struct sample {
    const char *type; /* static */
    struct esc_buf known;
};

static void free_sample(void *item)
{
    struct sample *sample = item;
    esc_buf_done(&sample->known);
    free(sample);
}

static struct sample *sample_of(struct stash *stash, const char *type)
{
    for (size_t i = 0; i < stash->samples.count; i++) {
        struct sample *sample = stash->samples.items[i];
        if (sample->type == type)
            return sample;
    }
    struct sample *sample = esc_alloc_zero(sizeof *sample);
    sample->type = type;
    esc_buf_init(&sample->known, SCAN_SQUEEZE_KNOWN);
    esc_list_push(&stash->samples, sample);
    return sample;
}

void stash_init(struct stash *stash, size_t most_loose)
{
    ESC_ASSERT(most_loose > 0);
    *stash = (struct stash){.most_loose = most_loose};
    esc_list_init(&stash->samples, free_sample);
    esc_buf_init(&stash->bytes, ESC_MAX_FILE);
}

void stash_done(struct stash *stash)
{
    for (size_t i = 0; i < stash->count; i++)
        stash_drop(stash, i);
    free(stash->items);
    free(stash->loose);
    esc_list_done(&stash->samples);
    esc_buf_done(&stash->bytes);
    *stash = (struct stash){0};
}

/* Squeezing */

static struct esc_str known_of(const struct sample *sample, const struct stash_item *item)
{
    return esc_str_slice(esc_buf_str(&sample->known), 0, item->known_len);
}

static void squeeze(struct stash *stash, struct stash_item *item)
{
    struct sample *sample = sample_of(stash, item->type);
    struct esc_buf small;
    esc_buf_reset(&stash->bytes);
    scan_pack(item->resource, &stash->bytes);
    const struct esc_str bytes = esc_buf_str(&stash->bytes);
    item->known_len = (uint16_t)sample->known.len;
    esc_buf_init(&small, ESC_MAX_FILE);
    scan_squeeze(known_of(sample, item), bytes, &small);
    ESC_ASSERT(stash->bytes.status == ESC_OK && small.status == ESC_OK); /* answers are smaller */
    if (sample->known.len + bytes.len <= SCAN_SQUEEZE_KNOWN)
        esc_buf_add(&sample->known, bytes);
    item->small_len = (uint32_t)small.len;
    item->small = esc_alloc(small.len);
    memcpy(item->small, small.ptr, small.len);
    esc_buf_done(&small);
    esc_resource_free(ESC_STEAL(item->resource));
}

static struct esc_resource *unsqueeze(struct stash *stash, struct stash_item *item)
{
    const struct esc_str small = {item->small, item->small_len};
    esc_buf_reset(&stash->bytes);
    const enum esc_status status =
        scan_unsqueeze(known_of(sample_of(stash, item->type), item), small, &stash->bytes, NULL);
    ESC_ASSERT(status == ESC_OK); /* we have made it */
    free(ESC_STEAL(item->small));
    return scan_unpack(esc_buf_str(&stash->bytes));
}

static void squeeze_all(struct stash *stash)
{
    for (size_t i = 0; i < stash->loose_count; i++) {
        struct stash_item *item = &stash->items[stash->loose[i]];
        item->is_loose = false;
        if (item->resource)
            squeeze(stash, item);
    }
    stash->loose_count = 0;
}

static void squeeze_if_many(struct stash *stash)
{
    if (stash->loose_count >= stash->most_loose && stash->holds == 0)
        squeeze_all(stash);
}

/* Taking and giving */

void stash_give_back(struct stash *stash, size_t at, struct esc_resource *resource)
{
    struct stash_item *item = &stash->items[at];
    ESC_ASSERT(at < stash->count && item->type && !item->resource && !item->small);
    item->resource = resource;
    if (item->is_loose)
        return;
    if (stash->loose_count == stash->loose_capacity) {
        stash->loose_capacity = 2 * stash->loose_capacity + stash->most_loose;
        stash->loose = esc_realloc_array(stash->loose, stash->loose_capacity, sizeof *stash->loose);
    }
    item->is_loose = true;
    stash->loose[stash->loose_count++] = at;
    squeeze_if_many(stash);
}

void stash_hold(struct stash *stash)
{
    stash->holds++;
}

void stash_unhold(struct stash *stash)
{
    ESC_ASSERT(stash->holds > 0);
    stash->holds--;
    squeeze_if_many(stash);
}

void stash_put(struct stash *stash, struct esc_resource *resource)
{
    const struct esc_resource_type *type = esc_resource_type_find(resource->resource_type);
    ESC_ASSERT(type);
    if (stash->count == stash->capacity) {
        stash->capacity = 2 * stash->capacity + 16;
        stash->items = esc_realloc_array(stash->items, stash->capacity, sizeof *stash->items);
    }
    stash->items[stash->count++] =
        (struct stash_item){.type = type->name,
                            .listed = (uint16_t)esc_json_len(resource->metadata),
                            .mark = esc_map_hash(esc_str_of(resource->id))};
    stash->left++;
    stash_give_back(stash, stash->count - 1, resource);
}

struct esc_resource *stash_take(struct stash *stash, size_t at)
{
    ESC_ASSERT(at < stash->count);
    struct stash_item *item = &stash->items[at];
    ESC_ASSERT(item->resource || item->small);
    return item->resource ? ESC_STEAL(item->resource) : unsqueeze(stash, item);
}

void stash_drop(struct stash *stash, size_t at)
{
    struct stash_item *item = &stash->items[at];
    stash->left -= item->type != NULL;
    item->type = NULL;
    esc_resource_free(ESC_STEAL(item->resource));
    free(ESC_STEAL(item->small));
}

const char *stash_type(const struct stash *stash, size_t at)
{
    return stash->items[at].type;
}

size_t stash_listed(const struct stash *stash, size_t at)
{
    return stash->items[at].listed;
}

/* Doubles */

struct put {
    uint64_t mark;
    size_t at;
};

static int by_mark(const void *a, const void *b)
{
    const struct put *x = a, *y = b;
    if (x->mark != y->mark)
        return x->mark < y->mark ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static bool is_same(struct stash *stash, size_t at, const char *id)
{
    struct esc_resource *resource = stash_take(stash, at);
    const bool same = esc_text_equal(resource->id, id);
    stash_give_back(stash, at, resource);
    return same;
}

/* Of equal marks, the last is the last that was put. */
static void drop_before(struct stash *stash, const struct put *puts, size_t count,
                        void (*dropped)(void *context, const char *type), void *context)
{
    struct esc_resource *last = stash_take(stash, puts[count - 1].at);
    for (size_t i = 0; i + 1 < count; i++) {
        if (!is_same(stash, puts[i].at, last->id))
            continue;
        dropped(context, stash_type(stash, puts[i].at));
        stash_drop(stash, puts[i].at);
    }
    stash_give_back(stash, puts[count - 1].at, last);
}

void stash_drop_doubles(struct stash *stash, void (*dropped)(void *context, const char *type),
                        void *context)
{
    if (stash->left == 0)
        return;
    ESC_CLEANUP(esc_freep) struct put *puts = esc_alloc_array(stash->left, sizeof *puts);
    size_t count = 0;
    for (size_t i = 0; i < stash->count; i++)
        if (stash->items[i].type)
            puts[count++] = (struct put){stash->items[i].mark, i};
    qsort(puts, count, sizeof *puts, by_mark);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && puts[to].mark == puts[from].mark;)
            to++;
        if (to - from > 1)
            drop_before(stash, puts + from, to - from, dropped, context);
    }
}
