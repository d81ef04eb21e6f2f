/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/workbench.h"

#include "escher/aws/resolve.h"
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/crypt/digest.h"
#include "escher/launch/core_start.h"
#include "escher/loop/timer.h"
#include "escher/store/anchor.h"
#include "escher/store/estate.h"
#include "escher/work/backup_place.h"
#include "escher/work/key_private.h"
#include "escher/work/prompt_private.h"
#include "escher/work/schedule_private.h"
#include "escher/work/sync_events_private.h"
#include "escher/work/work_private.h"

static enum esc_status open_vault(const struct esc_workbench_options *options,
                                  struct work_vault *vault, struct esc_error *err)
{
    const struct work_vault_options wanted = {.profile = options->profile,
                                              .clock = options->clock,
                                              .random = options->random,
                                              .keyring = options->keyring,
                                              .keyring_of_caller = options->keyring_of_caller,
                                              .passphrase = options->passphrase,
                                              .new_code = options->new_code,
                                              .create = options->create,
                                              .mixes_passphrase = options->mixes_passphrase};
    return work_vault_open(&wanted, vault, err);
}

/* A keyring that fails at it has kept the key; the anchor comes with the first core. */
static void put_first_anchor(struct work_vault *vault)
{
    struct esc_anchor anchor;
    if (esc_store_anchor_take(vault->store, &anchor, NULL) == ESC_OK)
        (void)esc_anchor_put(vault->keyring, &anchor, NULL); /* as said */
}

enum esc_status esc_workbench_create(const struct esc_workbench_options *options,
                                     struct esc_error *err)
{
    struct work_vault vault;
    struct esc_workbench_options with_create = *options;
    with_create.create = true;
    enum esc_status status = open_vault(&with_create, &vault, err);
    if (status == ESC_OK)
        put_first_anchor(&vault);
    work_vault_close(&vault);
    return status;
}

static enum esc_status open_once(const struct esc_workbench_options *options, bool accepts_older,
                                 struct esc_salvaged *salvaged, struct esc_error *err)
{
    struct work_vault vault;
    const struct work_vault_options wanted = {.profile = options->profile,
                                              .clock = options->clock,
                                              .random = options->random,
                                              .keyring_of_caller = options->keyring_of_caller,
                                              .passphrase = options->passphrase,
                                              .salvaged = salvaged,
                                              .accepts_older = accepts_older};
    enum esc_status status = work_vault_open(&wanted, &vault, err);
    work_vault_close(&vault);
    return status;
}

enum esc_status esc_workbench_salvage(const struct esc_workbench_options *options,
                                      struct esc_salvaged *out, struct esc_error *err)
{
    return open_once(options, false, out, err);
}

enum esc_status esc_workbench_accept(const struct esc_workbench_options *options,
                                     struct esc_error *err)
{
    return open_once(options, true, NULL, err);
}

static enum esc_status open_store(struct esc_workbench *bench,
                                  const struct esc_workbench_options *options,
                                  struct esc_error *err)
{
    enum esc_status status = open_vault(options, &bench->vault, err);
    bench->paths = bench->vault.paths;
    bench->keyring = bench->vault.keyring;
    bench->store = bench->vault.store;
    bench->passphrase = bench->vault.passphrase.secret;
    if (status == ESC_OK)
        work_anchor_start(bench);
    return status;
}

void work_note_unreadable(struct esc_workbench *bench, const struct esc_store_tally *tally)
{
    free(bench->unreadable);
    bench->unreadable =
        tally->corrupt ? esc_sprintf("%zu %s (%s)", tally->corrupt,
                                     tally->corrupt == 1 ? "row" : "rows", tally->first.message)
                       : NULL;
}

static enum esc_status open_encoder(struct esc_workbench *bench, struct esc_error *err)
{
    const char *named = esc_env("ESCHER_WEIGHTS");
    ESC_CLEANUP(esc_freep) char *path = esc_strdup_null(named);
    const enum esc_status status = named ? ESC_OK : esc_paths_share("minilm.escemb", &path, err);
    return status == ESC_OK ? esc_encoder_open(path, &bench->encoder, err) : status;
}

/* Beside this program when installed, in the neighbouring folder of a build tree. */
static enum esc_status find_helper(struct esc_workbench *bench, struct esc_error *err)
{
    static const char *const places[] = {"escher-run", "../run/escher-run",
                                         "../libexec/escher/escher-run", NULL};
    bench->helper_program =
        esc_env("ESCHER_RUN") ? esc_strdup(esc_env("ESCHER_RUN")) : esc_program_beside(places);
    if (bench->helper_program)
        return ESC_OK;
    return esc_fail(err, ESC_NOT_FOUND, "escher-run is not beside this program");
}

static enum esc_status open_rooms(struct esc_workbench *bench, struct esc_error *err)
{
    enum esc_status status = open_encoder(bench, err);
    if (status == ESC_OK)
        status = esc_shelf_open(NULL, &bench->shelf, err);
    if (status == ESC_OK)
        work_planner_open(bench);
    if (status == ESC_OK)
        status = find_helper(bench, err);
    const struct esc_aws_options aws = {.clock = bench->clock,
                                        .keyring = bench->keyring,
                                        .ask = work_prompt_ask,
                                        .ask_context = bench};
    if (status == ESC_OK)
        status = esc_aws_new(bench->loop, &aws, &bench->aws, err);
    if (status == ESC_OK)
        status = esc_http_client_new(bench->loop, NULL, &bench->http, err);
    if (status == ESC_OK)
        status = work_accounts_load(bench, err);
    return status == ESC_OK ? work_index_fill(bench, err) : status;
}

enum esc_status esc_workbench_open(const struct esc_workbench_options *options,
                                   struct esc_workbench **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_workbench_closep) struct esc_workbench *bench = esc_alloc_zero(sizeof *bench);
    bench->loop = options->loop;
    bench->clock = options->clock ? options->clock : esc_clock_system();
    bench->random = options->random ? options->random : esc_random_system();
    bench->feed = esc_feed_new(bench->random);
    bench->places = work_backup_places;
    bench->embed_resource = work_embed_resource;
    bench->started_at_ms = esc_clock_wall_ms(bench->clock);
    enum esc_status status = open_store(bench, options, err);
    if (status == ESC_OK)
        status = open_rooms(bench, err);
    if (status == ESC_OK)
        status = work_runs_take_up(bench, err);
    if (status != ESC_OK)
        return status;
    if (options->schedule) {
        work_backup_schedule(bench);
        work_chat_schedule(bench);
        work_schedule_start(bench);
        work_embed_start(bench);
    }
    work_keys_take_up(bench);
    *out = ESC_STEAL(bench);
    return ESC_OK;
}

static bool is_quiet(void *context)
{
    const struct esc_workbench *bench = context;
    return bench->calls.count == 0 && bench->runs.count == 0 && work_keys_are_quiet(bench) &&
           !work_schedule_is_busy(bench) && !work_events_is_busy(bench) &&
           !work_embed_is_busy(bench) && !esc_keyring_is_held(bench->keyring);
}

static bool is_written_down(void *context)
{
    return !esc_credentials_are_renewing(((const struct esc_workbench *)context)->aws);
}

/* Everything under way is told to end, and the loop turns until it has: callbacks of jobs,
 * processes and connections still point into the workbench. */
static void wind_down(struct esc_workbench *bench)
{
    esc_timer_stop(&bench->backup_timer);
    esc_timer_stop(&bench->chat_timer);
    bench->leaving = true;
    work_schedule_rest(bench);
    work_embed_rest(bench);
    for (size_t i = bench->calls.count; i > 0; i--) /* each may be answered at once */
        esc_api_cancel(bench->calls.items[i - 1]);
    work_events_leave(bench);
    work_runs_leave(bench);
    work_keys_leave(bench);
    (void)esc_loop_run_until(bench->loop, is_written_down, bench); /* false: nothing is */
    esc_aws_free(ESC_STEAL(bench->aws)); /* whoever waits for keys or a planner hears of it */
    esc_http_client_free(ESC_STEAL(bench->http));
    const bool quiet = esc_loop_run_until(bench->loop, is_quiet, bench);
    ESC_ASSERT(quiet); /* else a call or run was never ended, and its memory is still used */
}

void esc_workbench_close(struct esc_workbench *bench)
{
    if (!bench)
        return;
    wind_down(bench);
    esc_timer_stop(&bench->warming);
    work_schedule_stop(bench);
    work_events_stop(bench);
    work_embed_stop(bench);
    work_index_check_end(bench);
    work_index_keep_now(bench);
    work_anchor_close(bench);
    esc_list_done(&bench->calls);
    esc_list_done(&bench->prompts);
    esc_list_done(&bench->runs);
    esc_list_done(&bench->waiting_sync);
    esc_list_done(&bench->accounts);
    esc_feed_free(bench->feed);
    esc_planner_free(bench->planner);
    esc_shelf_free(bench->shelf);
    esc_encoder_free(bench->encoder);
    esc_index_free(bench->index);
    esc_list_done(&bench->waiting_keys);
    work_vault_close(&bench->vault);
    free(bench->aws_path);
    free(bench->aws_version);
    free(bench->expired_key);
    free(bench->helper_program);
    free(bench->unreadable);
    free(bench);
}
