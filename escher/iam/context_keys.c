/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/iam/context_keys.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/iam/iam_private.h"

/*
 * Entries in order, and a table of slots over them: a key stands in the first free slot from its
 * hash on. A resource has fifty tags at most, so nobody gains by making hashes collide.
 */

struct entry {
    struct iam_key key;
    enum esc_iam_knowledge knowledge;
    struct esc_str *values;
    size_t value_count;
    bool is_family;
};

struct esc_iam_context {
    const struct esc_iam_context *base;
    enum esc_iam_knowledge others;
    struct entry *entries;
    size_t count, capacity;
    uint32_t *slots;        /* index + 1 of an entry; 0 is free; twice as many as capacity */
    struct esc_arena arena; /* the texts */
};

struct iam_key iam_key_of(struct esc_str name)
{
    uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)esc_to_lower(name.ptr[i])) * 0x100000001b3;
    return (struct iam_key){name, hash};
}

struct esc_iam_context *esc_iam_context_new(enum esc_iam_knowledge others)
{
    struct esc_iam_context *context = esc_alloc_zero(sizeof *context);
    context->others = others == ESC_IAM_ABSENT ? ESC_IAM_ABSENT : ESC_IAM_UNKNOWN;
    esc_arena_init(&context->arena);
    return context;
}

struct esc_iam_context *esc_iam_context_child(const struct esc_iam_context *base)
{
    struct esc_iam_context *context = esc_iam_context_new(ESC_IAM_UNKNOWN);
    context->base = base;
    return context;
}

void esc_iam_context_free(struct esc_iam_context *context)
{
    if (!context)
        return;
    esc_arena_done(&context->arena);
    free(context->entries);
    free(context->slots);
    free(context);
}

void esc_iam_context_clear(struct esc_iam_context *context)
{
    if (context->count > 0)
        memset(context->slots, 0, 2 * context->capacity * sizeof *context->slots);
    context->count = 0;
    esc_arena_done(&context->arena);
}

static bool is_entry_of(const struct entry *entry, const struct iam_key *key, bool is_family)
{
    return entry->key.hash == key->hash && entry->is_family == is_family &&
           (esc_str_equal(entry->key.name, key->name) ||
            esc_str_equal_nocase(entry->key.name, key->name));
}

/* The slot of the key, or the free one where it would stand. */
static uint32_t *slot_of(const struct esc_iam_context *context, const struct iam_key *key,
                         bool is_family)
{
    const size_t mask = 2 * context->capacity - 1;
    size_t at = (size_t)(key->hash ^ key->hash >> 32) & mask;
    while (context->slots[at] &&
           !is_entry_of(&context->entries[context->slots[at] - 1], key, is_family))
        at = (at + 1) & mask;
    return &context->slots[at];
}

static const struct entry *find_entry(const struct esc_iam_context *context,
                                      const struct iam_key *key, bool is_family)
{
    if (context->count == 0)
        return NULL;
    const uint32_t slot = *slot_of(context, key, is_family);
    return slot ? &context->entries[slot - 1] : NULL;
}

static void grow(struct esc_iam_context *context)
{
    context->capacity = context->capacity ? context->capacity * 2 : 16; /* a power of two */
    context->entries =
        esc_realloc_array(context->entries, context->capacity, sizeof *context->entries);
    free(context->slots);
    context->slots = esc_alloc_array(2 * context->capacity, sizeof *context->slots);
    for (size_t i = 0; i < context->count; i++) {
        const struct entry *entry = &context->entries[i];
        *slot_of(context, &entry->key, entry->is_family) = (uint32_t)i + 1;
    }
}

static bool names_family(struct esc_str name)
{
    return esc_str_ends_with(name, ESC_STR("/"));
}

/* The place of @p name, which is emptied when something was said of it before. */
static struct entry *place_of(struct esc_iam_context *context, struct esc_str name)
{
    struct iam_key key = iam_key_of(name);
    const bool is_family = names_family(name);
    if (context->count == context->capacity)
        grow(context);
    uint32_t *slot = slot_of(context, &key, is_family);
    if (!*slot)
        *slot = (uint32_t)++context->count;
    key.name.ptr = esc_arena_dup(&context->arena, name);
    context->entries[*slot - 1] = (struct entry){.key = key, .is_family = is_family};
    return &context->entries[*slot - 1];
}

void esc_iam_context_set_all(struct esc_iam_context *context, struct esc_str key,
                             const struct esc_str *values, size_t count)
{
    struct entry *entry = place_of(context, key);
    entry->knowledge = count > 0 ? ESC_IAM_KNOWN : ESC_IAM_ABSENT;
    entry->values = esc_arena_alloc(&context->arena, (count + 1) * sizeof *entry->values);
    entry->value_count = count;
    for (size_t i = 0; i < count; i++)
        entry->values[i] =
            (struct esc_str){esc_arena_dup(&context->arena, values[i]), values[i].len};
}

void esc_iam_context_set(struct esc_iam_context *context, struct esc_str key, struct esc_str value)
{
    esc_iam_context_set_all(context, key, &value, 1);
}

void esc_iam_context_set_absent(struct esc_iam_context *context, struct esc_str key_or_family)
{
    place_of(context, key_or_family)->knowledge = ESC_IAM_ABSENT;
}

void esc_iam_context_set_unknown(struct esc_iam_context *context, struct esc_str key_or_family)
{
    place_of(context, key_or_family)->knowledge = ESC_IAM_UNKNOWN;
}

/* "aws:ResourceTag/" of "aws:ResourceTag/Owner"; false when the name has no family. */
static bool family_of(struct esc_str name, struct iam_key *out)
{
    const size_t slash = esc_str_find(name, ESC_STR("/"), 0);
    if (slash == SIZE_MAX)
        return false;
    *out = iam_key_of(esc_str_slice(name, 0, slash + 1));
    return true;
}

static const struct entry *find_up(const struct esc_iam_context *context, const struct iam_key *key,
                                   bool is_family, enum esc_iam_knowledge *others)
{
    for (; context; context = context->base) {
        const struct entry *entry = find_entry(context, key, is_family);
        if (entry)
            return entry;
        *others = context->others; /* the root's stays */
    }
    return NULL;
}

enum esc_iam_knowledge iam_context_find(const struct esc_iam_context *context,
                                        const struct iam_key *key, const struct esc_str **values,
                                        size_t *count)
{
    enum esc_iam_knowledge others = ESC_IAM_UNKNOWN;
    struct iam_key family;
    const struct entry *entry = find_up(context, key, false, &others);
    if (!entry && family_of(key->name, &family))
        entry = find_up(context, &family, true, &others);
    if (!entry)
        return others;
    *values = entry->values;
    *count = entry->value_count;
    return entry->knowledge;
}

enum esc_iam_knowledge esc_iam_context_get(const struct esc_iam_context *context,
                                           struct esc_str key, const struct esc_str **values,
                                           size_t *count)
{
    const struct iam_key hashed = iam_key_of(key);
    return iam_context_find(context, &hashed, values, count);
}
