/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The way back from a backup, on the machine it was made on or on an empty one. Nobody else may
 * hold the store, and there need not be one, so this asks no core.
 *
 * Threads    one, without a loop that turns meanwhile: a program that does nothing else.
 */

#include "escher/store/restore.h"
#include "escher/work/workbench.h"

struct esc_restore_task {
    const char *profile;             /* NULL: "default" */
    const char *backup;              /* a path, a name in the folder of backups or a part of one
                                        that no other has; NULL: the newest there */
    const struct esc_clock *clock;   /* NULL: the system's */
    const struct esc_random *random; /* NULL: the system's */
    enum esc_keyring_kind keyring;   /* where there is no store that tells: FILE, or AUTO for the
                                        kind that the backup was made with */
    struct esc_keyring *keyring_of_caller; /* as in esc_workbench_options */
    const struct esc_secret *passphrase;   /* of a file keyring, or the key's other half */
    const struct esc_secret *code;         /* the recovery code; NULL: the keyring has the key */
    const struct esc_backup_watch *watch;  /* NULL: nobody looks */
};

/** The backup that the task names; owned by the caller. @errors ESC_NOT_FOUND; ESC_AMBIGUOUS. */
enum esc_status esc_restore_find(const struct esc_restore_task *task, char **out,
                                 struct esc_error *err);
/** @errors as esc_backup_restore(), and as esc_restore_find(). */
enum esc_status esc_restore_run(const struct esc_restore_task *task, struct esc_restored *out,
                                struct esc_error *err);
/** With file and code alone, into a folder that is gone afterwards. @errors likewise. */
enum esc_status esc_restore_drill(const struct esc_restore_task *task,
                                  struct esc_backup_facts *facts, struct esc_error *err);
