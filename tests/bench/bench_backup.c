/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/paths.h"
#include "escher/store/document.h"
#include "escher/store/restore.h"
#include "escher/store/store.h"
#include "tests/bench/bench.h"

/*
 * A backup of a store of about 100 MB, from the first page to the end of its restore test, and the
 * restore of it; and how long one step keeps the loop.
 */

enum {
    ROWS = 95'000, /* of 1 KiB */
    STEP_PAGES = 64,
    ROUNDS = 3,
};

static struct esc_error err;

struct bench {
    char *folder, *store_path, *lock_path, *work, *backup, *to_path, *to_lock;
    struct esc_keyring *keyring;
    struct esc_store *store;
};

static struct esc_store *open_at(const struct bench *bench, const char *path, const char *lock)
{
    struct esc_store *store = NULL;
    const struct esc_store_options options = {.path = path,
                                              .lock_path = lock,
                                              .key_name = "bench",
                                              .keyring = bench->keyring,
                                              .create = true};
    bench_need(esc_store_open(&options, &store, &err), &err);
    return store;
}

static void fill(struct esc_store *store)
{
    char text[900];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_text(text);
    for (int i = 0; i < ROWS; i++) {
        ESC_CLEANUP(esc_freep) char *key = esc_sprintf("row-%d", i);
        if (i % 1000 == 0)
            bench_need(esc_store_begin(store, &err), &err);
        bench_need(esc_store_doc_put(store, "settings", key, json, &err), &err);
        if (i % 1000 == 999 || i + 1 == ROWS)
            bench_need(esc_store_commit(store, &err), &err);
    }
}

static void back_up(struct bench *bench, struct bench_samples *speed, struct bench_samples *steps)
{
    struct esc_snapshot *snapshot = NULL;
    struct esc_backup_facts facts;
    bool done = false;
    const uint64_t began = bench_now_ns();
    bench_need(esc_snapshot_begin(bench->store, bench->work, "bench", &snapshot, &err), &err);
    while (!done) {
        const uint64_t before = bench_now_ns();
        bench_need(esc_snapshot_step(snapshot, STEP_PAGES, &done, &err), &err);
        bench_add(steps, (double)(bench_now_ns() - before) / 1e6);
    }
    bench_need(esc_snapshot_finish(snapshot, NULL, &facts, &err), &err);
    const double seconds = (double)(bench_now_ns() - began) / 1e9;
    bench_add(speed, (double)facts.plain_size / 1e6 / seconds);
    if (rename(esc_snapshot_path(snapshot), bench->backup) != 0)
        exit(1);
    esc_snapshot_free(snapshot);
}

static void restore(struct bench *bench, struct bench_samples *seconds)
{
    struct esc_restored restored;
    const struct esc_restore_options options = {.backup = bench->backup,
                                                .path = bench->to_path,
                                                .lock_path = bench->to_lock,
                                                .keyring = bench->keyring,
                                                .key_name = "bench"};
    bench_need(esc_file_remove(bench->to_path, &err), &err);
    const uint64_t began = bench_now_ns();
    bench_need(esc_backup_restore(&options, &restored, &err), &err);
    const double took = (double)(bench_now_ns() - began) / 1e9;
    bench_add(seconds, took * 100e6 / (double)restored.facts.plain_size);
}

int main(void)
{
    char template[] = "/tmp/escher-bench-XXXXXX";
    struct bench bench = {.folder = mkdtemp(template)};
    struct bench_samples speed = {0}, steps = {0}, seconds = {0};
    if (!bench.folder)
        return 1;
    bench.store_path = esc_path_join(bench.folder, "store.db");
    bench.lock_path = esc_path_join(bench.folder, "store.lock");
    bench.work = esc_path_join(bench.folder, "work");
    bench.backup = esc_path_join(bench.folder, "one.escb");
    bench.to_path = esc_path_join(bench.folder, "restored.db");
    bench.to_lock = esc_path_join(bench.folder, "restored.lock");
    bench.keyring = esc_keyring_memory_new(NULL);
    bench.store = open_at(&bench, bench.store_path, bench.lock_path);
    fill(bench.store);
    for (int i = 0; i < ROUNDS; i++) {
        back_up(&bench, &speed, &steps);
        restore(&bench, &seconds);
    }
    esc_store_close(bench.store);
    bench_say("backup of 100 MB, tried", "MB/s", bench_quantile(&speed, 0.5), speed.count);
    bench_say("a step of a backup, p99", "ms", bench_quantile(&steps, 0.99), steps.count);
    bench_say("restore of 100 MB", "s", bench_quantile(&seconds, 0.5), seconds.count);
    esc_keyring_free(bench.keyring);
    (void)esc_file_remove(bench.folder, NULL); /* a temporary one */
    return 0;
}
