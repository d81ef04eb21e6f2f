/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Backups of stores that are written to all the while, by random histories with transactions of
 * every kind. Each is restored by the code that restores, opened by the code that opens, and must
 * hold, line by line, what the store held when the copy was done.
 */

#include <stdio.h>
#include <string.h>

#include "escher/base/file.h"
#include "escher/store/snapshot_private.h"
#include "tests/store/history.h"
#include "tests/support/test.h"

static struct esc_error err;

enum {
    BACKUPS = 20,
    BEFORE = 80, /* steps before the backup begins */
};

static const char *const kinds[] = {
    "put a document",  "put resources", "scan",    "start a conversation", "put a document",
    "drop a document", "put resources", "approve", "drop a resource",      "write a note",
};

static void write_something(struct history *history, struct esc_random_seeded *random)
{
    const size_t kind = esc_random_below(&random->random, ESC_COUNT(kinds));
    expect_ok(history_take(history, kinds[kind], &err));
}

/* Copies a page at a time and writes in between. Returns how many writes there were. */
static size_t copy_under_load(struct history *history, struct esc_random_seeded *random,
                              struct esc_snapshot *snapshot)
{
    bool done = false;
    size_t writes = 0;
    while (!done) {
        expect_ok(esc_snapshot_step(snapshot, 1, &done, &err));
        for (uint64_t i = esc_random_below(&random->random, 4); !done && i > 0; i--) {
            write_something(history, random);
            writes++;
        }
        if (!done && esc_random_below(&random->random, 40) == 0)
            expect_ok(history_take(history, "think better of it", &err)); /* begins anew */
    }
    return writes;
}

/* What the file at @p path holds when it is opened as the store. */
static char *read_restored(const struct history *history, const struct esc_backup_opener *opener,
                           const char *path, const char *folder)
{
    struct esc_backup_facts facts;
    struct reopened *reopened = NULL;
    ESC_CLEANUP(esc_json_freep) struct esc_json *manifest = NULL;
    ESC_CLEANUP(esc_freep) char *plain = esc_path_join(folder, "store.db");
    char *text = NULL;
    expect_ok(esc_file_make_folder(folder, &err));
    expect_ok(backup_unseal(path, opener, plain, &manifest, &facts, NULL, &err));
    expect_ok(history_reopen(history, folder, true, &reopened, &err));
    expect_ok(history_read(reopened_store(reopened), &text, &err));
    history_shut(reopened);
    return text;
}

static size_t back_up_once(uint64_t seed)
{
    const struct history_options options = {.seed = seed, .device = {true, 512}};
    struct history *history = history_new(&options);
    struct esc_random_seeded random;
    struct esc_backup_facts facts;
    struct esc_snapshot *snapshot = NULL;
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_freep) char *work = esc_path_join(folder, "work");
    ESC_CLEANUP(esc_freep) char *restored = esc_path_join(folder, "restored");
    ESC_CLEANUP(esc_freep) char *held = NULL;
    esc_random_seeded_init(&random, seed);
    expect_ok(history_open(history, &err));
    for (int i = 0; i < BEFORE; i++)
        write_something(history, &random);
    expect_ok(esc_snapshot_begin(history_store(history), work, "test", &snapshot, &err));
    const size_t writes = copy_under_load(history, &random, snapshot);
    expect_ok(history_read(history_store(history), &held, &err));
    ESC_CLEANUP(esc_backup_opener_freep) struct esc_backup_opener *opener = NULL;
    expect_ok(esc_backup_opener_of_store(history_store(history), &opener, &err));
    write_something(history, &random); /* too late for this backup */
    expect_ok(esc_snapshot_finish(snapshot, NULL, &facts, &err));
    ESC_CLEANUP(esc_freep)
    char *found = read_restored(history, opener, esc_snapshot_path(snapshot), restored);
    assert_string_equal(held, found);
    esc_snapshot_free(snapshot);
    assert_false(esc_file_exists(work));
    history_close(history);
    history_free(history);
    return writes;
}

static void a_backup_under_load_is_the_store_at_one_moment(void **)
{
    const uint64_t seed = test_seed(4100);
    size_t writes = 0;
    for (int i = 0; i < test_rounds(BACKUPS); i++)
        writes += back_up_once(seed + (uint64_t)i);
    assert_true(writes > (size_t)test_rounds(BACKUPS) * 10); /* there was a load */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backup_under_load_is_the_store_at_one_moment),
    };
    return cmocka_run_group_tests_name("store/backup_load", tests, NULL, NULL);
}
