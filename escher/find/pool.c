/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Texts by number, each kept once, with a count of who uses it. The last user takes it along, so
 * that tags which say something else every day do not pile up.
 */

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/find/find_private.h"

enum {
    LEAST_BUCKETS = 64
};

uint32_t text_hash(uint32_t hash, struct esc_str text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 16777619u; /* FNV-1a */
    return hash;
}

void pool_init(struct pool *pool, esc_free_fn *free_extra)
{
    *pool = (struct pool){.free_extra = free_extra};
}

static void free_item(const struct pool *pool, struct pooled *item)
{
    if (item && item->extra && pool->free_extra)
        pool->free_extra(item->extra);
    free(item);
}

void pool_done(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->count; i++)
        free_item(pool, pool->items[i]);
    free(pool->items);
    free(pool->buckets);
    free(pool->free_numbers);
    *pool = (struct pool){0};
}

static uint32_t *bucket_of(const struct pool *pool, uint32_t hash)
{
    return &pool->buckets[(hash ^ hash >> 15) & (pool->bucket_count - 1)];
}

static void grow_buckets(struct pool *pool)
{
    pool->bucket_count = pool->bucket_count ? pool->bucket_count * 2 : LEAST_BUCKETS;
    free(pool->buckets);
    pool->buckets = esc_alloc_array(pool->bucket_count, sizeof *pool->buckets);
    memset(pool->buckets, 0xFF, pool->bucket_count * sizeof *pool->buckets);
    for (uint32_t i = 0; i < pool->count; i++) {
        if (!pool->items[i])
            continue;
        uint32_t *bucket = bucket_of(pool, pool->items[i]->hash);
        pool->items[i]->next = *bucket;
        *bucket = i;
    }
}

static uint32_t new_number(struct pool *pool)
{
    if (pool->free_count)
        return pool->free_numbers[--pool->free_count];
    if (pool->count == pool->capacity) {
        pool->capacity = pool->capacity ? pool->capacity * 2 : LEAST_BUCKETS;
        pool->items = esc_realloc_array(pool->items, pool->capacity, sizeof(struct pooled *));
    }
    return pool->count++;
}

static uint32_t add(struct pool *pool, uint32_t hash, struct esc_str bytes)
{
    if (pool->count - pool->free_count >= pool->bucket_count)
        grow_buckets(pool);
    struct pooled *item = esc_alloc(sizeof *item + bytes.len + 1);
    *item = (struct pooled){.refs = 1, .hash = hash, .len = (uint32_t)bytes.len};
    if (bytes.len)
        memcpy(item->bytes, bytes.ptr, bytes.len);
    item->bytes[bytes.len] = '\0';
    const uint32_t number = new_number(pool);
    uint32_t *bucket = bucket_of(pool, hash);
    item->next = *bucket;
    *bucket = number;
    pool->items[number] = item;
    return number;
}

uint32_t pool_take(struct pool *pool, struct esc_str bytes)
{
    const uint32_t hash = text_hash(TEXT_HASH, bytes);
    uint32_t number = pool->bucket_count ? *bucket_of(pool, hash) : POOL_NONE;
    for (; number != POOL_NONE; number = pool->items[number]->next) {
        struct pooled *item = pool->items[number];
        if (item->hash != hash || item->len != bytes.len ||
            (bytes.len && memcmp(item->bytes, bytes.ptr, bytes.len) != 0))
            continue;
        item->refs++;
        return number;
    }
    return add(pool, hash, bytes);
}

static void set_free(struct pool *pool, uint32_t number)
{
    if (pool->free_count == pool->free_capacity) {
        pool->free_capacity = pool->free_capacity ? pool->free_capacity * 2 : LEAST_BUCKETS;
        pool->free_numbers =
            esc_realloc_array(pool->free_numbers, pool->free_capacity, sizeof(uint32_t));
    }
    pool->free_numbers[pool->free_count++] = number;
    pool->items[number] = NULL;
}

void pool_drop(struct pool *pool, uint32_t number)
{
    if (number == POOL_NONE)
        return;
    struct pooled *item = pool->items[number];
    ESC_ASSERT(item && item->refs > 0);
    if (--item->refs > 0)
        return;
    uint32_t *link = bucket_of(pool, item->hash);
    while (*link != number)
        link = &pool->items[*link]->next;
    *link = item->next;
    set_free(pool, number);
    free_item(pool, item);
}
