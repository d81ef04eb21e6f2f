/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The store as a library: a sealed notebook in one file.
 *
 *     cc -std=c11 notebook.c $(pkg-config --cflags --libs --static escher-store) -o notebook
 *     ./notebook FOLDER put KEY TEXT 3< passphrase
 *     ./notebook FOLDER list         3< passphrase
 *
 * The key is in FOLDER/key.slot under the passphrase that is read from descriptor 3. What list
 * prints was opened row by row; a row that somebody changed on disk is counted and passed over.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/store/document.h"

static enum esc_status read_passphrase(void *context, bool fresh, struct esc_secret **out,
                                       struct esc_error *err)
{
    (void)context, (void)fresh; /* nobody is asked, so nobody is asked twice */
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_LINE);
    enum esc_status status = esc_file_read_fd(3, &text, err);
    if (status == ESC_OK)
        *out = esc_secret_new(text.ptr, esc_str_trim(esc_buf_str(&text)).len);
    if (text.len)
        esc_wipe(text.ptr, text.len);
    esc_buf_done(&text);
    return status;
}

static bool print_note(void *context, const char *key, const struct esc_json *note)
{
    (void)context;
    (void)printf("%s: %s\n", key, esc_json_str(note, "text", ""));
    return true;
}

static enum esc_status use(struct esc_store *store, int argc, char **argv, struct esc_error *err)
{
    struct esc_store_tally tally = {0};
    if (argc == 5 && strcmp(argv[2], "put") == 0) {
        struct esc_json *note = esc_json_object();
        esc_json_set_text(note, "text", argv[4]);
        enum esc_status status = esc_store_doc_put(store, "notes", argv[3], note, err);
        esc_json_free(note);
        return status;
    }
    enum esc_status status = esc_store_docs(store, "notes", print_note, NULL, &tally, err);
    if (status == ESC_OK && tally.corrupt)
        return esc_fail(err, ESC_CORRUPT, "%zu notes are damaged: %s", tally.corrupt,
                        tally.first.message);
    return status;
}

static enum esc_status run(int argc, char **argv, struct esc_error *err)
{
    struct esc_store *store = NULL;
    char *path = esc_path_join(argv[1], "store.db"), *lock = esc_path_join(argv[1], "store.lock");
    char *slot = esc_path_join(argv[1], "key.slot");
    const struct esc_keyring_file_options where = {.path = slot, .passphrase = read_passphrase};
    struct esc_keyring *keyring = esc_keyring_file_new(&where);
    const struct esc_store_options options = {.path = path,
                                              .lock_path = lock,
                                              .key_name = "notebook",
                                              .keyring = keyring,
                                              .create = true};
    enum esc_status status = esc_store_open(&options, &store, err);
    if (status == ESC_OK)
        status = use(store, argc, argv, err);
    esc_store_close(store);
    esc_keyring_free(keyring);
    free(slot);
    free(lock);
    free(path);
    return status;
}

int main(int argc, char **argv)
{
    struct esc_error err;
    if (argc != 3 && argc != 5) {
        (void)fputs("usage: notebook FOLDER put KEY TEXT | list\n", stderr);
        return 2;
    }
    enum esc_status status = esc_secret_harden_process(&err); /* no core files, no onlookers */
    if (status == ESC_OK)
        status = run(argc, argv, &err);
    if (status != ESC_OK)
        (void)fprintf(stderr, "notebook: %s\n", err.message);
    return esc_status_exit_code(status);
}
