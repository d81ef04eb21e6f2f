/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/rooms.h"
#include "escher/aws/s3_policy.h"
#include "escher/base/alloc.h"
#include "escher/playbook/playbook.h"
#include "escher/store/recovery.h"
#include "escher/work/workbench.h"

static enum esc_status open_bench(struct cli *cli, struct esc_workbench **out,
                                  struct esc_error *err)
{
    const struct esc_workbench_options options = {
        .loop = cli->loop, .profile = cli->paths.profile, .passphrase = cli->passphrase};
    return esc_workbench_open(&options, out, err);
}

static enum esc_status create(struct cli *cli, const struct cli_creation *creation,
                              struct esc_secret **code, struct esc_error *err)
{
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *fresh =
        creation->with_code ? esc_recovery_code_new(esc_random_system()) : NULL;
    const struct esc_workbench_options options = {.loop = cli->loop,
                                                  .profile = cli->paths.profile,
                                                  .keyring = creation->keyring,
                                                  .passphrase = cli->passphrase,
                                                  .mixes_passphrase = creation->mixes_passphrase,
                                                  .new_code = fresh};
    const enum esc_status status = esc_workbench_create(&options, err);
    if (status == ESC_OK)
        *code = ESC_STEAL(fresh);
    return status;
}

static enum esc_status accept(struct cli *cli, struct esc_error *err)
{
    const struct esc_workbench_options options = {
        .loop = cli->loop, .profile = cli->paths.profile, .passphrase = cli->passphrase};
    return esc_workbench_accept(&options, err);
}

static enum esc_status backup_policy(const char *url, const char *region, struct esc_json **out,
                                     struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *bucket = NULL;
    ESC_CLEANUP(esc_freep) char *prefix = NULL;
    const enum esc_status status = esc_s3_read_url(esc_str_of(url), &bucket, &prefix, err);
    if (status == ESC_OK)
        *out = esc_s3_backup_policy(bucket, prefix, region);
    return status;
}

static enum esc_status salvage(struct cli *cli, struct esc_salvaged *out, struct esc_error *err)
{
    const struct esc_workbench_options options = {
        .loop = cli->loop, .profile = cli->paths.profile, .passphrase = cli->passphrase};
    return esc_workbench_salvage(&options, out, err);
}

static enum esc_status lint(struct esc_str text, const char *path, struct esc_error *err)
{
    ESC_CLEANUP(esc_playbook_freep) struct esc_playbook *playbook = NULL;
    return esc_playbook_load(text, path, &playbook, err);
}

const struct cli_rooms *cli_rooms(struct cli *, struct esc_error *)
{
    static const struct cli_rooms here = {
        .open = open_bench,
        .call = esc_api_call,
        .cancel = esc_api_cancel,
        .close = esc_workbench_close,
        .create = create,
        .accept = accept,
        .salvage = salvage,
        .key_restore = esc_key_restore,
        .key_set_passphrase = esc_key_set_passphrase,
        .key_migrate = esc_key_migrate,
        .restore = esc_restore_run,
        .drill = esc_restore_drill,
        .fetch_list = esc_fetch_list,
        .fetch_backup = esc_fetch_backup,
        .backup_policy = backup_policy,
        .lint = lint,
        .run_core = cli_run_core,
    };
    return &here;
}
