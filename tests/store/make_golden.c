/* SPDX-License-Identifier: Apache-2.0 */

/*
 * usage: make-golden FOLDER
 * Makes a golden store of this version there: once for each format, kept in
 * tests/cases/store/format-N for ever (test_golden.c opens them all).
 */

#include <stdio.h>

#include "escher/store/key_change.h"
#include "escher/store/recovery.h"
#include "escher/store/snapshot.h"
#include "tests/store/golden.h"
#include "tests/store/history_private.h"

enum {
    STEPS = 40,
};

static enum esc_status live(struct history *history, struct esc_error *err)
{
    static const char *const at_least[] = {"start a conversation", "add a message", "approve"};
    enum esc_status status = history_open(history, err);
    for (int i = 0; i < STEPS && status == ESC_OK; i++) {
        status = history_step(history, err);
        if (i == STEPS / 2 && status == ESC_OK) {
            history_close(history); /* the first half goes to the file, the second to its log */
            status = history_open(history, err);
        }
    }
    for (size_t i = 0; i < ESC_COUNT(at_least) && status == ESC_OK; i++)
        status = history_take(history, at_least[i], err);
    return status;
}

/* A recovery code, written beside the store. */
static enum esc_status add_code(struct history *history, const char *folder, struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *code = esc_recovery_code_new(&history->random.random);
    ESC_CLEANUP(esc_key_change_freep) struct esc_key_change *change = NULL;
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "code.txt");
    const struct esc_key_change_options options = {
        .kind = ESC_KEY_CODE, .from = history->keyring, .new_code = code, .price = golden_price};
    enum esc_status status = esc_key_change_begin(history->store, &options, &change, err);
    if (status == ESC_OK)
        status = esc_key_change_work(change, err);
    if (status == ESC_OK)
        status = esc_key_change_commit(change, err);
    return status == ESC_OK ? esc_file_replace(path, esc_secret_view(code), 0644, err) : status;
}

static enum esc_status back_up(struct history *history, const char *folder, struct esc_error *err)
{
    bool done = false;
    struct esc_backup_facts facts;
    struct esc_buf bytes;
    ESC_CLEANUP(esc_snapshot_freep) struct esc_snapshot *snapshot = NULL;
    ESC_CLEANUP(esc_freep) char *room = esc_path_join(history->folder, "snapshot");
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "store.escb");
    esc_buf_init(&bytes, ESC_MAX_FILE);
    enum esc_status status = esc_snapshot_begin(history->store, room, "golden", &snapshot, err);
    while (status == ESC_OK && !done)
        status = esc_snapshot_step(snapshot, 1000, &done, err);
    if (status == ESC_OK)
        status = esc_snapshot_finish(snapshot, NULL, &facts, err);
    if (status == ESC_OK)
        status = esc_file_read(esc_snapshot_path(snapshot), &bytes, err);
    if (status == ESC_OK)
        status = esc_file_replace(path, esc_buf_str(&bytes), 0644, err);
    esc_buf_done(&bytes);
    return status;
}

/* As a kill would leave them: the store is still open. */
static enum esc_status keep(struct history *history, const char *folder, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *content = NULL;
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "content.txt");
    enum esc_status status = esc_file_make_folder(folder, err);
    if (status == ESC_OK)
        status = add_code(history, folder, err);
    if (status == ESC_OK)
        status = back_up(history, folder, err);
    for (size_t i = 0; i < ESC_COUNT(golden_files) && status == ESC_OK; i++)
        status = golden_copy(history->folder, folder, golden_files[i], err);
    if (status == ESC_OK)
        status = history_read(history->store, &content, err);
    return status == ESC_OK ? esc_file_replace(path, esc_str_of(content), 0644, err) : status;
}

int main(int argc, char **argv)
{
    struct esc_error err;
    const struct history_options options = {.seed = 20261121, .device = {.sector = 4096}};
    if (argc != 2) {
        (void)fputs("usage: make-golden FOLDER\n", stderr);
        return 2;
    }
    struct history *history = history_new(&options);
    esc_keyring_free(history->keyring);
    history->keyring = golden_keyring(history->folder, &history->random.random);
    enum esc_status status = live(history, &err);
    if (status == ESC_OK)
        status = keep(history, argv[1], &err);
    if (status != ESC_OK)
        (void)fprintf(stderr, "make-golden: %s\n", err.message);
    history_free(history);
    return status == ESC_OK ? 0 : 1;
}
