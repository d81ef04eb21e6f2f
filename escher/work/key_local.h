/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Changes of the keys for which nobody else may hold the store, because they take secrets that a
 * core is not told, or because no core can open it: they take its lock and wait for all they do.
 *
 * Threads    one, without a loop that turns meanwhile: a program that does nothing else.
 */

#include <stdint.h>

#include "escher/work/workbench.h"

/** How far sealing anew has come; may be NULL. */
typedef void esc_key_progress_fn(void *context, uint64_t sealed, uint64_t rows);

struct esc_key_task {
    const char *profile;                     /* NULL: "default" */
    const struct esc_clock *clock;           /* NULL: the system's */
    const struct esc_random *random;         /* NULL: the system's */
    struct esc_keyring *keyring_of_caller;   /* as in esc_workbench_options */
    const struct esc_secret *passphrase;     /* that opens it now; NULL: none */
    const struct esc_secret *new_passphrase; /* that opens it then; NULL: none */
    const struct esc_secret *code;           /* restore: the recovery code */
    struct esc_argon2 price;                 /* of new slots; zero: esc_argon2_default() */
    esc_key_progress_fn *on_progress;
    void *context;
};

/** The key goes back into the keyring, by the recovery code, under a name of its own: what is there
 *  stays. @errors ESC_EXISTS: the key is there and fits; ESC_LOCKED; ESC_INVALID: a typo. */
enum esc_status esc_key_restore(const struct esc_key_task *task, struct esc_error *err);
/** New keys, with task->new_passphrase mixed in, or with none. @errors ESC_INVALID: the key is in a
 *  file, which has a passphrase of its own; those of esc_key_change_work(). */
enum esc_status esc_key_set_passphrase(const struct esc_key_task *task, struct esc_error *err);
/** The same key, in a keyring of another kind. A file is opened by task->new_passphrase; to the
 *  desktop's keychain that one is mixed in. @errors ESC_EXISTS: it is there; ESC_INVALID. */
enum esc_status esc_key_migrate(const struct esc_key_task *task, enum esc_keyring_kind kind,
                                struct esc_error *err);
