/* SPDX-License-Identifier: Apache-2.0 */

/*
 * usage: make-golden FOLDER
 * Makes a golden store of this version there: once for each format, kept in
 * tests/cases/store/format-N for ever (test_golden.c opens them all).
 */

#include <stdio.h>

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

/* As a kill would leave them: the store is still open. */
static enum esc_status keep(struct history *history, const char *folder, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *content = NULL;
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "content.txt");
    enum esc_status status = esc_file_make_folder(folder, err);
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
