/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/map.h"
#include "escher/crypt/keyring.h"

struct memory {
    struct esc_keyring_memory *told; /* what the test says; borrowed, or NULL */
    struct esc_map *items;           /* struct esc_secret */
};

static enum esc_status refuse(enum esc_status status, struct esc_error *err)
{
    if (status == ESC_OK)
        return ESC_OK;
    return esc_fail(err, status, "the keychain in memory is told to say %s",
                    esc_status_text(status));
}

static enum esc_status memory_probe(void *context, struct esc_error *err)
{
    struct memory *memory = context;
    return memory->told ? refuse(memory->told->probe, err) : ESC_OK;
}

static enum esc_status memory_get(void *context, const char *item, struct esc_secret **out,
                                  struct esc_error *err)
{
    struct memory *memory = context;
    if (memory->told) {
        memory->told->gets++;
        if (memory->told->get != ESC_OK)
            return refuse(memory->told->get, err);
    }
    const struct esc_secret *secret = esc_map_get(memory->items, esc_str_of(item));
    if (!secret)
        return esc_fail(err, ESC_NOT_FOUND, "no key `%s` in memory", item);
    *out = esc_secret_copy(secret);
    return ESC_OK;
}

static enum esc_status memory_put(void *context, const char *item, const struct esc_secret *secret,
                                  struct esc_error *err)
{
    struct memory *memory = context;
    if (memory->told) {
        memory->told->puts++;
        if (memory->told->put != ESC_OK || memory->told->forgets)
            return refuse(memory->told->put, err);
    }
    esc_map_set(memory->items, esc_str_of(item), esc_secret_copy(secret));
    return ESC_OK;
}

static enum esc_status memory_del(void *context, const char *item, struct esc_error *err)
{
    struct memory *memory = context;
    if (memory->told) {
        memory->told->dels++;
        if (memory->told->del != ESC_OK)
            return refuse(memory->told->del, err);
    }
    esc_secret_free(esc_map_remove(memory->items, esc_str_of(item)));
    return ESC_OK;
}

static void memory_describe(void *, struct esc_buf *out)
{
    esc_buf_add_text(out, "this process's memory");
}

static void free_secret(void *secret)
{
    esc_secret_free(secret);
}

static void memory_free(void *context)
{
    struct memory *memory = context;
    esc_map_free(memory->items);
    free(memory);
}

struct esc_keyring *esc_keyring_memory_new(struct esc_keyring_memory *told)
{
    static const struct esc_keyring_table table = {
        "memory", memory_probe, memory_get, memory_put, memory_del, memory_describe,
    };
    struct memory *memory = esc_alloc(sizeof *memory);
    *memory = (struct memory){told, esc_map_new(free_secret)};
    return esc_keyring_new(&table, memory, memory_free);
}
