/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From a backup (store/snapshot.h) back to a store, on the machine it was made on or on an empty
 * one.
 *
 *     KEK: by recovery code, or from the keyring
 *      └─▶ lock ─▶ unseal beside the place ─▶ open, every row, compare ─▶ KEK into the keyring
 *           ─▶ the store that was there is moved aside ─▶ the restored one takes its place
 *
 * Until the keyring nothing but a folder beside the store is written, and a failure leaves that as
 * it was. Killed later, a second restore goes on: no file is ever overwritten or removed, and no
 * item of the keyring replaced.
 *
 * Threads  any; takes its time, so a program with a loop calls it in a job.
 */

#include "escher/store/snapshot.h"

struct esc_restore_options {
    const char *backup;
    const char *path, *lock_path;        /* where the store belongs */
    struct esc_keyring *keyring;         /* has the key, or is to have it; NULL for a drill */
    const char *key_name;                /* of the item to make, where there is none that fits */
    const struct esc_secret *code;       /* the recovery code; NULL: the keyring has the key */
    const struct esc_secret *passphrase; /* its other half, where there is one; NULL: none */
    const struct esc_clock *clock;       /* NULL: the system's */
    const struct esc_random *random;     /* NULL: the system's */
    const struct esc_backup_watch *watch;
};

struct esc_restored {
    struct esc_backup_facts facts;
    char aside[256];      /* name of the file, beside the store, that had its place; "": none */
    char key_name[160];   /* of the item that has the key now */
    bool key_put;         /* it was not in the keyring before */
    bool lost_passphrase; /* the store wanted one with its key, and no longer does */
};

/**
 * @errors ESC_LOCKED: somebody holds the store; keyring locked; wrong passphrase or code.
 * ESC_CORRUPT: the key does not fit, or the backup is damaged. ESC_NOT_FOUND: no such backup, or no
 * recovery code opens it. ESC_INVALID: the code has a typo (named). ESC_CONFLICT: a newer Escher's.
 * ESC_IO: no room.
 */
enum esc_status esc_backup_restore(const struct esc_restore_options *options,
                                   struct esc_restored *out, struct esc_error *err);

/** A restore on trial with nothing but file and code, in @p folder, which is gone afterwards. */
enum esc_status esc_backup_drill(const char *backup, const struct esc_secret *code,
                                 const char *folder, const struct esc_backup_watch *watch,
                                 struct esc_backup_facts *facts, struct esc_error *err);
