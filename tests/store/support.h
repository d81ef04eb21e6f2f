/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A store in a folder of its own, with a keyring in memory that outlives it, a clock that stands
 * and a repeatable source of randomness; and resources to put into it.
 */

#include <stdio.h>
#include <string.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/store/estate.h"
#include "escher/store/store.h"
#include "tests/support/test.h"

static struct esc_error err;

struct box {
    char *folder, *path, *lock;
    struct esc_keyring_memory told; /* how the keyring behaves, and what it was asked */
    struct esc_keyring *keyring;
    struct esc_clock_fixed clock;
    struct esc_store_options options;
    struct esc_store *store;
};

enum {
    NOW_MS = 1795000
};

static inline void box_init(struct box *box)
{
    *box = (struct box){.folder = test_folder()};
    box->path = esc_path_join(box->folder, "store.db");
    box->lock = esc_path_join(box->folder, "store.lock");
    box->keyring = esc_keyring_memory_new(&box->told);
    esc_clock_fixed_init(&box->clock, NOW_MS);
    box->options = (struct esc_store_options){.path = box->path,
                                              .lock_path = box->lock,
                                              .key_name = "default",
                                              .keyring = box->keyring,
                                              .clock = &box->clock.clock,
                                              .create = true};
}

static inline enum esc_status box_try(struct box *box)
{
    return esc_store_open(&box->options, &box->store, &err);
}

static inline void box_shut(struct box *box)
{
    esc_store_close(box->store);
    box->store = NULL;
}

static inline void box_reopen(struct box *box)
{
    box_shut(box);
    expect_ok(box_try(box));
}

static inline void box_open(struct box *box)
{
    box_init(box);
    expect_ok(box_try(box));
}

static inline void box_done(struct box *box)
{
    box_shut(box);
    esc_keyring_free(box->keyring);
    free(box->folder);
    free(box->path);
    free(box->lock);
}

/* The bytes of a file beside the store ("", "-wal" ...), or what "absent" reads like. */
static inline struct esc_buf file_bytes(const struct box *box, const char *end)
{
    struct esc_buf bytes;
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("%s%s", box->path, end);
    esc_buf_init(&bytes, ESC_MAX_FILE);
    if (!esc_file_exists(path))
        esc_buf_add_text(&bytes, "(absent)");
    else
        expect_ok(esc_file_read(path, &bytes, &err));
    return bytes;
}

/* What all files of the store were at some time. */
struct picture {
    struct esc_buf files[5];
};
static const char *const picture_ends[] = {"", "-wal", "-shm", "-journal", ".new"};

static inline struct picture picture_take(const struct box *box)
{
    struct picture picture;
    for (size_t i = 0; i < ESC_COUNT(picture_ends); i++)
        picture.files[i] = file_bytes(box, picture_ends[i]);
    return picture;
}

static inline void picture_done(struct picture *picture)
{
    for (size_t i = 0; i < ESC_COUNT(picture_ends); i++)
        esc_buf_done(&picture->files[i]);
}

/* The files are what they were, byte for byte. */
static inline void expect_unchanged(const struct box *box, const struct picture *before)
{
    struct picture now = picture_take(box);
    for (size_t i = 0; i < ESC_COUNT(picture_ends); i++)
        assert_true(esc_str_equal(esc_buf_str(&before->files[i]), esc_buf_str(&now.files[i])));
    picture_done(&now);
}

/* A database instance called @p name, with a content hash that depends on name and state. */
static inline struct esc_resource *resource_of(const char *name, const char *state)
{
    struct esc_resource *resource = esc_resource_new();
    resource->id = esc_resource_key("123456789012", "us-west-2", "rds_instance", name);
    resource->provider = esc_strdup("aws");
    resource->resource_type = esc_strdup("rds_instance");
    resource->identifier = esc_strdup(name);
    resource->arn = esc_sprintf("arn:aws:rds:us-west-2:123456789012:db:%s", name);
    resource->name = esc_strdup(name);
    resource->account_id = esc_strdup("123456789012");
    resource->account_name = esc_strdup("production");
    resource->region = esc_strdup("us-west-2");
    resource->state = esc_strdup(state);
    esc_json_set_text(resource->tags, "environment", "production");
    esc_json_set_text(resource->metadata, "engine", "postgres");
    resource->content_hash = esc_sprintf("sha256:%064zx", strlen(name) * 1000 + strlen(state));
    return resource;
}

/* Puts one resource seen by @p sync (NULL: outside of a scan). */
static inline struct esc_estate_change put_resource(struct box *box, const char *name,
                                                    const char *state, const char *sync)
{
    struct esc_estate_change change = {0};
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = resource_of(name, state);
    resource->seen_in = esc_strdup_null(sync);
    resource->last_synced_ms = esc_clock_wall_ms(&box->clock.clock);
    const struct esc_resource *const batch[] = {resource};
    expect_ok(esc_store_estate_put(box->store, batch, NULL, 1, &change, &err));
    return change;
}

static inline struct esc_resource *get_resource(struct box *box, const char *name)
{
    struct esc_resource *resource = NULL;
    ESC_CLEANUP(esc_freep)
    char *id = esc_resource_key("123456789012", "us-west-2", "rds_instance", name);
    expect_ok(esc_store_estate_get(box->store, id, &resource, NULL, NULL, &err));
    return resource;
}

static inline size_t count_resources(struct box *box)
{
    size_t count = 0;
    expect_ok(esc_store_estate_count(box->store, &count, &err));
    return count;
}
