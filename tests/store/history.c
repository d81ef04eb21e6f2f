/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/store/history_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/file.h"
#include "tests/support/test.h"

/* Moments */

void mark(struct history *history)
{
    struct moment *moment = esc_alloc(sizeof *moment);
    *moment = history->now;
    vfs_sim_mark(history->sim, history->moments.count);
    esc_list_push(&history->moments, moment);
}

/* The keyring */

static enum esc_status chest_probe(void *, struct esc_error *)
{
    return ESC_OK;
}

static enum esc_status chest_get(void *context, const char *item, struct esc_secret **out,
                                 struct esc_error *err)
{
    const struct chest *chest = context;
    if (!chest->key)
        return esc_fail(err, ESC_NOT_FOUND, "no key `%s`", item);
    *out = esc_secret_copy(chest->key);
    return ESC_OK;
}

static enum esc_status chest_put(void *context, const char *, const struct esc_secret *secret,
                                 struct esc_error *)
{
    struct chest *chest = context;
    esc_secret_free(chest->key);
    chest->key = esc_secret_copy(secret);
    if (chest->history) {
        chest->history->now.has_key = true;
        mark(chest->history);
    }
    return ESC_OK;
}

static enum esc_status chest_del(void *context, const char *, struct esc_error *)
{
    struct chest *chest = context;
    esc_secret_free(ESC_STEAL(chest->key));
    return ESC_OK;
}

static void chest_describe(void *, struct esc_buf *out)
{
    esc_buf_add_text(out, "the chest");
}

static const struct esc_keyring_table chest_table = {.name = "chest",
                                                     .probe = chest_probe,
                                                     .get = chest_get,
                                                     .put = chest_put,
                                                     .del = chest_del,
                                                     .describe = chest_describe};

/* The whole */

static struct esc_store_options options_at(const char *path, const char *lock,
                                           struct esc_keyring *keyring,
                                           const struct esc_clock *clock,
                                           const struct esc_random *random)
{
    return (struct esc_store_options){.path = path,
                                      .lock_path = lock,
                                      .key_name = "default",
                                      .keyring = keyring,
                                      .clock = clock,
                                      .random = random,
                                      .create = true,
                                      .seal_budget = 7};
}

static void set_pragma(struct history *history, const char *sql)
{
    ESC_ASSERT(db_run(history->store->db, sql, NULL) == ESC_OK);
}

enum esc_status history_open(struct history *history, struct esc_error *err)
{
    const struct esc_store_options options =
        options_at(history->path, history->lock, history->keyring, &history->clock.clock,
                   &history->random.random);
    enum esc_status status = esc_store_open(&options, &history->store, err);
    if (status != ESC_OK)
        return status;
    if (history->options.checkpoint_pages) {
        ESC_CLEANUP(esc_freep)
        char *sql =
            esc_sprintf("PRAGMA wal_autocheckpoint = %d", history->options.checkpoint_pages);
        (void)db_run(history->store->db, sql, NULL); /* when it fails, it is done later */
    }
    if (history->options.is_careless)
        set_pragma(history, "PRAGMA synchronous = OFF");
    if (!history->now.is_made) {
        memcpy(history->id, esc_store_id(history->store), ESC_UUID_TEXT);
        history->now.is_made = true;
        mark(history);
    }
    return ESC_OK;
}

void history_close(struct history *history)
{
    esc_store_close(history->store);
    history->store = NULL;
    history->scan_is_open = false; /* what it saw is forgotten */
}

struct history *history_new(const struct history_options *options)
{
    struct history *history = esc_alloc_zero(sizeof *history);
    history->options = *options;
    history->folder = test_folder();
    history->path = esc_path_join(history->folder, "store.db");
    history->lock = esc_path_join(history->folder, "store.lock");
    history->chest.history = history;
    history->keyring = esc_keyring_new(&chest_table, &history->chest, NULL);
    esc_clock_fixed_init(&history->clock, HISTORY_NOW_MS);
    esc_random_seeded_init(&history->random, options->seed);
    esc_random_seeded_init(&history->dice, ~options->seed);
    esc_list_init(&history->lines, free);
    esc_list_init(&history->states, free);
    esc_list_init(&history->moments, free);
    esc_list_push(&history->states, esc_strdup(""));
    history->now.doing = "make the store";
    history->sim = vfs_sim_new(history->folder, options->device, options->seed);
    mark(history);
    return history;
}

void history_free(struct history *history)
{
    if (!history)
        return;
    history_close(history);
    vfs_sim_free(history->sim);
    esc_keyring_free(history->keyring);
    esc_secret_free(history->chest.key);
    esc_list_done(&history->lines);
    esc_list_done(&history->states);
    esc_list_done(&history->moments);
    (void)esc_file_remove(history->folder, NULL); /* what stays is removed at exit */
    free(history->folder);
    free(history->path);
    free(history->lock);
    free(history);
}

struct vfs_sim *history_sim(struct history *history)
{
    return history->sim;
}

struct esc_store *history_store(const struct history *history)
{
    return history->store;
}

const char *history_doing(const struct history *history)
{
    return history->now.doing;
}

const struct moment *history_moment(const struct history *history, uint64_t at)
{
    return esc_list_at(&history->moments, (size_t)at);
}

const char *history_state(const struct history *history, size_t state)
{
    return esc_list_at(&history->states, state);
}

size_t history_acknowledged(const struct history *history)
{
    return history->now.from;
}

const char *history_id(const struct history *history)
{
    return history->id;
}

/* Opening images */

struct reopened {
    struct chest chest;
    struct esc_keyring *keyring;
    struct esc_clock_fixed clock;
    struct esc_random_seeded random;
    char *path, *lock;
    struct esc_store *store;
};

void history_shut(struct reopened *reopened)
{
    if (!reopened)
        return;
    esc_store_close(reopened->store);
    esc_keyring_free(reopened->keyring);
    esc_secret_free(reopened->chest.key);
    free(reopened->path);
    free(reopened->lock);
    free(reopened);
}

enum esc_status history_reopen(const struct history *history, const char *folder, bool has_key,
                               struct reopened **out, struct esc_error *err)
{
    struct reopened *reopened = esc_alloc_zero(sizeof *reopened);
    reopened->path = esc_path_join(folder, "store.db");
    reopened->lock = esc_path_join(folder, "store.lock");
    reopened->chest.key = has_key ? esc_secret_copy(history->chest.key) : NULL;
    reopened->keyring = esc_keyring_new(&chest_table, &reopened->chest, NULL);
    esc_clock_fixed_init(&reopened->clock, HISTORY_NOW_MS);
    esc_random_seeded_init(&reopened->random, history->options.seed + 1);
    const struct esc_store_options options =
        options_at(reopened->path, reopened->lock, reopened->keyring, &reopened->clock.clock,
                   &reopened->random.random);
    enum esc_status status = esc_store_open(&options, &reopened->store, err);
    if (status == ESC_OK)
        *out = reopened;
    else
        history_shut(reopened);
    return status;
}

struct esc_store *reopened_store(const struct reopened *reopened)
{
    return reopened->store;
}
