/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What needs the rooms (store, search, planner, cloud) in this process. There are two programs of
 * the same verbs: `escher` talks to the core and starts in no time; `escher-core` has the rooms and
 * their libraries too.
 *
 *     escher       rooms_elsewhere.c: becomes escher-core, with the same words
 *     escher-core  rooms_here.c, core_run.c
 */

#include "apps/cli/cli.h"
#include "escher/crypt/keyring.h"
#include "escher/work/api.h"
#include "escher/work/backup_fetch.h"
#include "escher/work/backup_restore.h"
#include "escher/work/key_local.h"

/* How a store is to be made. */
struct cli_creation {
    enum esc_keyring_kind keyring;
    bool mixes_passphrase;
    bool with_code; /* a recovery code opens it too */
};

struct cli_rooms {
    /* The API in this process. @errors of open those of esc_workbench_open() */
    enum esc_status (*open)(struct cli *cli, struct esc_workbench **out, struct esc_error *err);
    struct esc_api_call *(*call)(struct esc_workbench *bench, const struct esc_api_request *request,
                                 const struct esc_api_sink *sink);
    void (*cancel)(struct esc_api_call *call);
    void (*close)(struct esc_workbench *bench);
    /* A new store, empty and closed again; its code, if any, in *code. @errors as of open */
    enum esc_status (*create)(struct cli *cli, const struct cli_creation *creation,
                              struct esc_secret **code, struct esc_error *err);
    /* Changes of the keys that need the store for themselves (work/key_local.h). */
    enum esc_status (*key_restore)(const struct esc_key_task *task, struct esc_error *err);
    enum esc_status (*key_set_passphrase)(const struct esc_key_task *task, struct esc_error *err);
    enum esc_status (*key_migrate)(const struct esc_key_task *task, enum esc_keyring_kind kind,
                                   struct esc_error *err);
    /* Back from a backup (work/backup_restore.h). */
    enum esc_status (*restore)(const struct esc_restore_task *task, struct esc_restored *out,
                               struct esc_error *err);
    enum esc_status (*drill)(const struct esc_restore_task *task, struct esc_backup_facts *facts,
                             struct esc_error *err);
    /* The store as it is, although an older one than the last one seen; closed again. */
    enum esc_status (*accept)(struct cli *cli, struct esc_error *err);
    /* Backups in a bucket, without a store (work/backup_fetch.h). */
    enum esc_status (*fetch_list)(const struct esc_fetch_task *task, struct esc_json **out,
                                  struct esc_error *err);
    enum esc_status (*fetch_backup)(const struct esc_fetch_task *task, const char *folder,
                                    char **path, struct esc_error *err);
    /* What a bucket needs (aws/s3_policy.h). */
    enum esc_status (*backup_policy)(const char *url, const char *region, struct esc_json **out,
                                     struct esc_error *err);
    /* A new store of what still opens of a damaged one. */
    enum esc_status (*salvage)(struct cli *cli, struct esc_salvaged *out, struct esc_error *err);
    /* Whether the text of the file at that path is a playbook. */
    enum esc_status (*lint)(struct esc_str text, const char *path, struct esc_error *err);
    /* The core's whole life; returns the exit code. */
    int (*run_core)(struct cli *cli);
};

/** Static. NULL: @errors ESC_NOT_FOUND: escher-core is not where it belongs. */
const struct cli_rooms *cli_rooms(struct cli *cli, struct esc_error *err);

int cli_run_core(struct cli *cli); /* core_run.c */

/** A bucket as --aws-profile, --role, --region and --emulator reach it; backup_bucket.c. */
struct esc_fetch_task cli_fetch_task(const struct cli *cli, const char *url);
