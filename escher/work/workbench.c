/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/workbench.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/crypt/digest.h"
#include "escher/launch/core_start.h"
#include "escher/loop/timer.h"
#include "escher/store/estate.h"
#include "escher/work/work_private.h"

/* Brings the passphrase that was given at the start; nobody is asked from in here. */
static enum esc_status bring_passphrase(void *context, bool, struct esc_secret **out,
                                        struct esc_error *err)
{
    const struct esc_workbench *bench = context;
    if (!bench->passphrase)
        return esc_fail(
            err, ESC_LOCKED,
            "the store needs its passphrase: --passphrase-fd N, or ESCHER_PASSPHRASE_FD");
    const struct esc_str bytes = esc_secret_view(bench->passphrase);
    *out = esc_secret_new(bytes.ptr, bytes.len);
    return ESC_OK;
}

static struct esc_keyring *file_keyring(struct esc_workbench *bench)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(bench->paths.data, "key.slot");
    const struct esc_keyring_file_options options = {
        .path = path, .passphrase = bring_passphrase, .context = bench, .random = bench->random};
    return esc_keyring_file_new(&options);
}

/* A store stays with the kind that it was made with. */
static void choose_keyring(struct esc_workbench *bench, const struct esc_workbench_options *options,
                           const struct esc_store_peek *made)
{
    const bool file =
        made ? esc_text_equal(made->keyring, "file") : options->keyring == ESC_KEYRING_FILE;
    if (!options->keyring_of_caller)
        bench->own_keyring = file ? file_keyring(bench) : esc_keyring_libsecret_new(0);
    bench->keyring = bench->own_keyring ? bench->own_keyring : options->keyring_of_caller;
}

/* Two homes may have a profile of the same name; their keys must not be one. */
static char *new_key_name(const struct esc_paths *paths)
{
    char hex[65];
    esc_sha256_hex(esc_str_of(paths->data), hex);
    return esc_sprintf("%s %.16s", paths->profile, hex);
}

static enum esc_status open_store(struct esc_workbench *bench,
                                  const struct esc_workbench_options *options,
                                  struct esc_error *err)
{
    struct esc_store_peek peek;
    const bool exists = esc_file_exists(bench->paths.store);
    if (exists && options->create)
        return esc_fail(err, ESC_EXISTS, "there is a store already: %s", bench->paths.store);
    if (!exists && !options->create)
        return esc_fail(err, ESC_NOT_FOUND, "there is no store yet; `escher init` makes one");
    enum esc_status status = exists ? esc_store_peek(bench->paths.store, &peek, err)
                                    : esc_file_make_folder(bench->paths.data, err);
    if (status != ESC_OK)
        return status;
    choose_keyring(bench, options, exists ? &peek : NULL);
    ESC_CLEANUP(esc_freep)
    char *key_name = exists ? esc_strdup(peek.key_name) : new_key_name(&bench->paths);
    ESC_CLEANUP(esc_freep) char *ballast = esc_path_join(bench->paths.data, "store.ballast");
    const struct esc_store_options store = {.path = bench->paths.store,
                                            .lock_path = bench->paths.lock,
                                            .key_name = key_name,
                                            .keyring = bench->keyring,
                                            .clock = bench->clock,
                                            .random = bench->random,
                                            .create = options->create,
                                            .anchor = true,
                                            .ballast_path = ballast};
    status = esc_store_open(&store, &bench->store, err);
    if (status == ESC_OK)
        work_anchor_start(bench);
    return status;
}

static void note_unreadable(struct esc_workbench *bench, const struct esc_store_tally *tally)
{
    free(bench->unreadable);
    bench->unreadable =
        tally->corrupt ? esc_sprintf("%zu %s (%s)", tally->corrupt,
                                     tally->corrupt == 1 ? "row" : "rows", tally->first.message)
                       : NULL;
}

static bool pass_over(void *, const struct esc_resource *, const float *)
{
    return true;
}

void work_count_unreadable(struct esc_workbench *bench)
{
    struct esc_store_tally tally = {0};
    if (esc_store_estate_each(bench->store, pass_over, NULL, &tally, NULL) == ESC_OK)
        note_unreadable(bench, &tally);
}

static bool index_one(void *context, const struct esc_resource *resource, const float *vector)
{
    esc_index_put(context, resource, vector);
    return true;
}

static enum esc_status fill_index(struct esc_workbench *bench, struct esc_error *err)
{
    struct esc_store_tally tally = {0};
    bench->index = esc_index_new();
    const enum esc_status status =
        esc_store_estate_each(bench->store, index_one, bench->index, &tally, err);
    if (status == ESC_OK)
        note_unreadable(bench, &tally);
    return status;
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
        status = esc_planner_new(bench->shelf, work_embed, bench, &bench->planner, err);
    if (status == ESC_OK)
        status = find_helper(bench, err);
    const struct esc_aws_options aws = {.clock = bench->clock};
    if (status == ESC_OK)
        status = esc_aws_new(bench->loop, &aws, &bench->aws, err);
    if (status == ESC_OK)
        status = esc_http_client_new(bench->loop, NULL, &bench->http, err);
    if (status == ESC_OK)
        status = work_accounts_load(bench, err);
    return status == ESC_OK ? fill_index(bench, err) : status;
}

enum esc_status esc_workbench_open(const struct esc_workbench_options *options,
                                   struct esc_workbench **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_workbench_closep) struct esc_workbench *bench = esc_alloc_zero(sizeof *bench);
    bench->loop = options->loop;
    bench->clock = options->clock ? options->clock : esc_clock_system();
    bench->random = options->random ? options->random : esc_random_system();
    bench->feed = esc_feed_new(bench->random);
    bench->started_at_ms = esc_clock_wall_ms(bench->clock);
    if (options->passphrase) {
        const struct esc_str bytes = esc_secret_view(options->passphrase);
        bench->passphrase = esc_secret_new(bytes.ptr, bytes.len);
    }
    enum esc_status status = esc_paths_init(&bench->paths, options->profile, err);
    if (status == ESC_OK)
        status = open_store(bench, options, err);
    if (status == ESC_OK)
        status = open_rooms(bench, err);
    if (status == ESC_OK)
        status = work_runs_take_up(bench, err);
    if (status == ESC_OK && options->schedule)
        work_backup_schedule(bench);
    if (status == ESC_OK)
        *out = ESC_STEAL(bench);
    return status;
}

static bool is_quiet(void *context)
{
    const struct esc_workbench *bench = context;
    return bench->calls.count == 0 && bench->runs.count == 0;
}

/* Everything under way is told to end, and the loop turns until it has: callbacks of jobs,
 * processes and connections still point into the workbench. */
static void wind_down(struct esc_workbench *bench)
{
    esc_timer_stop(&bench->backup_timer);
    for (size_t i = bench->calls.count; i > 0; i--) /* each may be answered at once */
        esc_api_cancel(bench->calls.items[i - 1]);
    work_runs_leave(bench);
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
    work_anchor_close(bench);
    esc_list_done(&bench->calls);
    esc_list_done(&bench->runs);
    esc_list_done(&bench->waiting_sync);
    esc_list_done(&bench->accounts);
    esc_feed_free(bench->feed);
    esc_planner_free(bench->planner);
    esc_shelf_free(bench->shelf);
    esc_encoder_free(bench->encoder);
    esc_index_free(bench->index);
    esc_store_close(bench->store);
    esc_keyring_free(bench->own_keyring);
    esc_secret_free(bench->passphrase);
    esc_paths_done(&bench->paths);
    free(bench->aws_path);
    free(bench->aws_version);
    free(bench->helper_program);
    free(bench->unreadable);
    free(bench);
}
