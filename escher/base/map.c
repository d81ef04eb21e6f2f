/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/map.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/id.h"

/*
 * Entries stand in an array in order of insertion; `slots` is an open-addressed table of their
 * positions + 1 (0: free). A removed entry stays as a hole (key NULL) until the next rebuild.
 */
struct entry {
    char *key;
    size_t key_len;
    uint64_t hash;
    void *value;
};

struct esc_map {
    struct entry *entries;
    size_t used, capacity; /* entries with holes */
    size_t count;          /* without holes */
    uint32_t *slots;
    size_t slot_count; /* a power of two, at least twice the capacity */
    uint64_t seed;
    esc_free_fn *free_value;
};

static uint64_t process_seed(void)
{
    static _Atomic uint64_t shared; /* two threads may both set it: each map keeps its own copy */
    uint64_t seed = atomic_load(&shared);
    if (seed == 0) {
        esc_random_fill(esc_random_system(), &seed, sizeof seed);
        seed |= 1;
        atomic_store(&shared, seed);
    }
    return seed;
}

/* FNV-1a over the seed and the bytes, with a final mix (splitmix64). */
static uint64_t hash_of(uint64_t seed, struct esc_str key)
{
    uint64_t hash = 0xcbf29ce484222325u ^ seed;
    for (size_t i = 0; i < key.len; i++) {
        hash ^= (unsigned char)key.ptr[i];
        hash *= 0x100000001b3u;
    }
    hash ^= hash >> 30;
    hash *= 0xbf58476d1ce4e5b9u;
    hash ^= hash >> 27;
    hash *= 0x94d049bb133111ebu;
    return hash ^ hash >> 31;
}

uint64_t esc_map_hash(struct esc_str key)
{
    return hash_of(process_seed(), key);
}

struct esc_map *esc_map_new(esc_free_fn *free_value)
{
    struct esc_map *map = esc_alloc_zero(sizeof *map);
    map->seed = process_seed();
    map->free_value = free_value;
    return map;
}

void esc_map_free(struct esc_map *map)
{
    if (!map)
        return;
    for (size_t i = 0; i < map->used; i++) {
        if (map->entries[i].key && map->free_value)
            map->free_value(map->entries[i].value);
        free(map->entries[i].key);
    }
    free(map->entries);
    free(map->slots);
    free(map);
}

static bool is_at(const struct entry *entry, uint64_t hash, struct esc_str key)
{
    return entry->key && entry->hash == hash &&
           esc_str_equal((struct esc_str){entry->key, entry->key_len}, key);
}

/* The slot that holds the key, or the free slot where it would go. */
static size_t slot_of(const struct esc_map *map, uint64_t hash, struct esc_str key)
{
    size_t slot = hash & (map->slot_count - 1);
    while (map->slots[slot] && !is_at(&map->entries[map->slots[slot] - 1], hash, key))
        slot = (slot + 1) & (map->slot_count - 1);
    return slot;
}

static struct entry *find(const struct esc_map *map, struct esc_str key)
{
    if (map->count == 0)
        return NULL;
    const uint32_t position = map->slots[slot_of(map, hash_of(map->seed, key), key)];
    return position ? &map->entries[position - 1] : NULL;
}

/* Drops the holes and makes room for twice as many entries. */
static void rebuild(struct esc_map *map)
{
    size_t kept = 0;
    for (size_t i = 0; i < map->used; i++) {
        if (map->entries[i].key)
            map->entries[kept++] = map->entries[i];
    }
    map->used = kept;
    map->capacity = kept < 8 ? 16 : kept * 2;
    map->entries = esc_realloc_array(map->entries, map->capacity, sizeof *map->entries);
    map->slot_count = 32;
    while (map->slot_count < map->capacity * 2)
        map->slot_count *= 2;
    free(map->slots);
    map->slots = esc_alloc_array(map->slot_count, sizeof *map->slots);
    for (size_t i = 0; i < kept; i++) {
        const struct entry *entry = &map->entries[i];
        const struct esc_str key = {entry->key, entry->key_len};
        map->slots[slot_of(map, entry->hash, key)] = (uint32_t)(i + 1);
    }
}

void esc_map_set(struct esc_map *map, struct esc_str key, void *value)
{
    struct entry *entry = find(map, key);
    if (entry) {
        if (map->free_value && entry->value != value)
            map->free_value(entry->value);
        entry->value = value;
        return;
    }
    if (map->used == map->capacity)
        rebuild(map);
    const uint64_t hash = hash_of(map->seed, key);
    map->entries[map->used] =
        (struct entry){.key = esc_str_dup(key), .key_len = key.len, .hash = hash, .value = value};
    map->slots[slot_of(map, hash, key)] = (uint32_t)++map->used;
    map->count++;
}

void *esc_map_get(const struct esc_map *map, struct esc_str key)
{
    const struct entry *entry = find(map, key);
    return entry ? entry->value : NULL;
}

bool esc_map_has(const struct esc_map *map, struct esc_str key)
{
    return find(map, key) != NULL;
}

void *esc_map_remove(struct esc_map *map, struct esc_str key)
{
    struct entry *entry = find(map, key);
    if (!entry)
        return NULL;
    void *value = entry->value;
    free(entry->key);
    *entry = (struct entry){0};
    map->count--;
    return value;
}

size_t esc_map_count(const struct esc_map *map)
{
    return map->count;
}

bool esc_map_next(const struct esc_map *map, size_t *position, struct esc_str *key, void **value)
{
    while (*position < map->used && !map->entries[*position].key)
        ++*position;
    if (*position == map->used)
        return false;
    const struct entry *entry = &map->entries[(*position)++];
    if (key)
        *key = (struct esc_str){entry->key, entry->key_len};
    if (value)
        *value = entry->value;
    return true;
}
