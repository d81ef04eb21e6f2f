/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a golden store (tests/cases/store) is opened with. It is one that a version of Escher made
 * and was killed in: store.db, its log store.db-wal, the keyring key.slot, and in content.txt what
 * it held, as history_read() writes it.
 */

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/crypt/keyring.h"

static const struct esc_argon2 golden_price = {.passes = 1, .memory_kib = 64}; /* of no moment */
static const char *const golden_files[] = {"store.db", "store.db-wal", "key.slot"};

static inline enum esc_status golden_passphrase(void *, bool, struct esc_secret **out,
                                                struct esc_error *)
{
    *out = esc_secret_of_text("open for everybody");
    return ESC_OK;
}

/** The keyring in @p folder; freed by the caller. */
static inline struct esc_keyring *golden_keyring(const char *folder,
                                                 const struct esc_random *random)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "key.slot");
    const struct esc_keyring_file_options options = {
        .path = path, .passphrase = golden_passphrase, .price = golden_price, .random = random};
    return esc_keyring_file_new(&options);
}

static inline enum esc_status golden_copy(const char *from, const char *to, const char *name,
                                          struct esc_error *err)
{
    struct esc_buf bytes;
    ESC_CLEANUP(esc_freep) char *source = esc_path_join(from, name);
    ESC_CLEANUP(esc_freep) char *target = esc_path_join(to, name);
    esc_buf_init(&bytes, ESC_MAX_FILE);
    enum esc_status status = esc_file_read(source, &bytes, err);
    if (status == ESC_OK)
        status = esc_file_replace(target, esc_buf_str(&bytes), 0644, err);
    esc_buf_done(&bytes);
    return status;
}
