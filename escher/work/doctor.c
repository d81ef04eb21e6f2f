/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/crypt/secret.h"
#include "escher/exec/aws_cli.h"
#include "escher/exec/process.h"
#include "escher/launch/core_start.h"
#include "escher/launch/sandbox.h"
#include "escher/store/whole.h"
#include "escher/vec/kernel.h"
#include "escher/work/key_private.h"
#include "escher/work/work_private.h"

/*
 * The doctor: one line for each thing that must work, with its cure.
 *
 *     which AWS CLI ─▶ what is known without asking ─▶ does the window's sandbox work ─▶ answer
 */
enum {
    TRIAL_TIMEOUT_MS = 10'000,
    TRIAL_MOST = 4096,
    STORE_STEP = 1000
};

struct visit {
    struct esc_api_call *call;
    struct esc_json *checks;
    struct esc_sandbox_system system;
    struct esc_store_check *store;
};

static void add_check(struct esc_json *checks, const char *name, bool ok, const char *says,
                      const char *cure)
{
    struct esc_json *check = esc_json_object();
    esc_json_set_text(check, "name", name);
    esc_json_set_bool(check, "ok", ok);
    esc_json_set_text(check, "says", says);
    if (!ok)
        esc_json_set_text(check, "cure", cure);
    esc_json_push(checks, check);
}

static void add_keyring(const struct esc_workbench *bench, struct esc_json *checks)
{
    struct esc_buf says;
    esc_buf_init(&says, 4096);
    esc_keyring_describe(bench->keyring, &says);
    add_check(checks, "key", true, esc_buf_text(&says), "");
    esc_buf_done(&says);
}

static void add_anchor(const struct esc_workbench *bench, struct esc_json *checks)
{
    struct esc_buf says;
    bool is_well = false;
    esc_buf_init(&says, 4096);
    work_anchor_describe(bench, &says, &is_well);
    add_check(checks, "anchor", is_well, esc_buf_text(&says),
              "it comes when the core stops, or after the next run: `escher core stop`");
    esc_buf_done(&says);
}

static void add_ballast(const struct esc_workbench *bench, struct esc_json *checks)
{
    struct esc_buf says;
    bool is_well = false;
    esc_buf_init(&says, 4096);
    work_ballast_describe(bench, &says, &is_well);
    add_check(checks, "disk", is_well, esc_buf_text(&says),
              "free some space on the disk with the data folder");
    esc_buf_done(&says);
}

static void add_recovery(const struct esc_workbench *bench, struct esc_json *checks)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = work_keys_page(bench, NULL);
    const char *since = esc_json_str(page, "recovery_since", NULL);
    ESC_CLEANUP(esc_freep)
    char *says = since ? esc_sprintf("a recovery code since %s", since)
                       : esc_strdup("no recovery code: who loses the keyring loses the store");
    add_check(checks, "recovery", since != NULL, says, "escher key recovery");
}

static void add_accounts(const struct esc_workbench *bench, struct esc_json *checks)
{
    ESC_CLEANUP(esc_freep)
    char *says =
        esc_sprintf("%zu account%s", bench->accounts.count, bench->accounts.count == 1 ? "" : "s");
    add_check(checks, "accounts", bench->accounts.count > 0, says,
              "escher accounts add --discover");
}

static void add_encoder(const struct esc_workbench *bench, struct esc_json *checks)
{
    ESC_CLEANUP(esc_freep)
    char *says = esc_sprintf("%s on %s", esc_encoder_space_id(bench->encoder),
                             esc_encoder_kernel(bench->encoder)->name);
    add_check(checks, "encoder", true, says, "");
}

static void add_backup(struct esc_workbench *bench, struct esc_json *checks)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = work_backup_page(bench);
    const char *warning = esc_json_str(page, "warning", NULL);
    ESC_CLEANUP(esc_freep)
    char *says =
        esc_sprintf("made %s, restored on trial", esc_json_str(page, "age", "a moment ago"));
    add_check(checks, "backup", !warning, warning ? warning : says, "escher backup now");
    const struct esc_json *places = esc_json_member(page, "places");
    for (size_t i = 0; i < esc_json_len(places); i++) {
        const struct esc_json *place = esc_json_at(places, i);
        const bool ok = esc_json_flag(place, "ok", false);
        ESC_CLEANUP(esc_freep)
        char *name = esc_sprintf("backup %s", esc_json_str(place, "name", ""));
        add_check(checks, name, ok, ok ? "has the newest" : esc_json_str(place, "message", ""),
                  "escher backup to, escher backup now");
    }
}

static void add_clock(const struct esc_workbench *bench, struct esc_json *checks)
{
    char now[ESC_TIME_TEXT];
    const uint64_t wall = esc_clock_wall_ms(bench->clock);
    esc_time_format(wall, now);
    add_check(checks, "clock", wall > 1'700'000'000'000, now, "set the clock of this machine");
}

/* What keeps keys from other eyes, as far as this system lets it. */
static void add_memory(struct esc_json *checks)
{
    const struct esc_secret_protection here = esc_secret_protection();
    if (!here.no_core_files || !here.closed)
        add_check(checks, "memory", false, "other programs of yours can read this process",
                  "start `escher core` outside of what forbids setrlimit or prctl");
    else if (!here.locks_pages)
        add_check(checks, "memory", false,
                  "no core files, closed to other programs; but keys may reach the swap space",
                  "raise the limit of locked memory to 8 MiB (`ulimit -l 8192`)");
    else
        add_check(checks, "memory", true,
                  "no core files, closed to other programs, keys on locked pages", "");
}

/* The window. */

static bool is_window_here(void)
{
    static const char *const places[] = {"escher-desktop", "../desktop/escher-desktop", NULL};
    ESC_CLEANUP(esc_freep) char *program = esc_program_beside(places);
    return program;
}

static void end(struct visit *visit)
{
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "checks", visit->checks);
    work_ok(visit->call, body);
    esc_sandbox_system_done(&visit->system);
    free(visit);
}

static void judge(struct visit *visit, bool worked, struct esc_str said)
{
    struct esc_sandbox_verdict verdict;
    esc_sandbox_judge(&visit->system, worked, said, &verdict);
    add_check(visit->checks, "window", verdict.works, verdict.says, verdict.cure);
    end(visit);
}

static void on_trial(void *context, const struct esc_process_result *result)
{
    judge(context, result->ending == ESC_ENDING_EXITED && result->exit_code == 0, result->err);
}

static void try_sandbox(struct visit *visit)
{
    struct esc_command command;
    esc_command_init(&command, visit->system.bubblewrap);
    esc_command_arg(&command, "bwrap");
    for (const char *const *word = esc_sandbox_trial; *word; word++)
        esc_command_arg(&command, *word);
    esc_command_env(&command, "PATH", "/usr/local/bin:/usr/bin:/bin");
    const struct esc_process_options options = {.timeout_ms = TRIAL_TIMEOUT_MS,
                                                .max_output = TRIAL_MOST,
                                                .on_exit = on_trial,
                                                .context = visit};
    struct esc_error err;
    if (esc_process_start(visit->call->bench->loop, &command, &options, NULL, &err) != ESC_OK)
        judge(visit, false, esc_str_of(err.message));
    esc_command_done(&command);
}

static void examine_window(struct visit *visit)
{
    esc_sandbox_look(&visit->system);
    if (!is_window_here()) {
        add_check(visit->checks, "window", true,
                  "escher-desktop is not here; `escher serve` shows the page in a browser", "");
        end(visit);
    } else if (visit->system.bubblewrap) {
        try_sandbox(visit);
    } else {
        judge(visit, false, ESC_STR(""));
    }
}

/* The store as a whole, some rows in each turn of the loop. */
static void examine_store(void *context)
{
    struct visit *visit = context;
    struct esc_workbench *bench = visit->call->bench;
    struct esc_store_check_report report = {0};
    struct esc_error err;
    bool is_done = false;
    if (!visit->store)
        visit->store = esc_store_check_new(bench->store);
    const enum esc_status status =
        esc_store_check_step(visit->store, STORE_STEP, &is_done, &report, &err);
    if (status == ESC_OK && !is_done) {
        esc_loop_post(bench->loop, examine_store, visit);
        return;
    }
    esc_store_check_free(visit->store);
    ESC_CLEANUP(esc_freep)
    char *says = status == ESC_OK ? esc_sprintf("its %llu rows are those that were written last",
                                                (unsigned long long)report.rows)
                                  : esc_strdup(err.message);
    add_check(visit->checks, "store", status == ESC_OK, says,
              "`escher backup restore`, or `escher salvage` for what still opens");
    examine_window(visit);
}

static void examined(void *context, const struct esc_aws_cli *cli, const struct esc_error *err)
{
    struct visit *visit = context;
    struct esc_workbench *bench = visit->call->bench;
    struct esc_json *checks = visit->checks;
    add_keyring(bench, checks);
    add_recovery(bench, checks);
    add_anchor(bench, checks);
    add_ballast(bench, checks);
    ESC_CLEANUP(esc_freep)
    char *says =
        cli ? esc_sprintf("%s, version %s", cli->path, cli->version) : esc_strdup(err->message);
    add_check(checks, "aws cli", cli != NULL, says,
              "install the AWS CLI, or name it in ESCHER_AWS");
    add_accounts(bench, checks);
    add_encoder(bench, checks);
    add_check(checks, "escher-run", access(bench->helper_program, X_OK) == 0, bench->helper_program,
              "install escher-run beside escher");
    ESC_CLEANUP(esc_freep)
    char *shelf =
        esc_sprintf("%zu playbooks, each as it was built in", esc_shelf_count(bench->shelf));
    add_check(checks, "playbooks", true, shelf, "");
    add_backup(bench, checks);
    add_clock(bench, checks);
    add_memory(checks);
    examine_store(visit);
}

void work_doctor(struct esc_api_call *call)
{
    struct visit *visit = esc_alloc_zero(sizeof *visit);
    *visit = (struct visit){.call = call, .checks = esc_json_array()};
    const struct esc_aws_cli_options options = {
        .configured = esc_env("ESCHER_AWS"), .search = esc_env("PATH"), .env = esc_env_all()};
    esc_aws_cli_find(call->bench->loop, &options, examined, visit);
}
