/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/exec/aws_cli.h"
#include "escher/store/document.h"
#include "escher/vec/kernel.h"
#include "escher/work/work_private.h"

/* What is known, how old it is, and what works here. */

void work_ping(struct esc_api_call *call)
{
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "status", "ok");
    work_ok(call, body);
}

void work_add_age(const struct esc_workbench *bench, struct esc_json *page, const char *at)
{
    uint64_t at_ms;
    char age[ESC_TIME_TEXT];
    if (!at || !esc_time_parse(esc_str_of(at), &at_ms))
        return;
    esc_time_age(at_ms, esc_clock_wall_ms(bench->clock), age);
    esc_json_set_text(page, "age", age);
}

struct cells {
    const struct esc_workbench *bench;
    struct esc_json *pages;
};

static bool add_cell(void *context, const char *, const struct esc_json *cell)
{
    const struct cells *cells = context;
    struct esc_json *page = esc_json_copy(cell);
    work_add_age(cells->bench, page, esc_json_str(cell, "at", NULL));
    esc_json_push(cells->pages, page);
    return true;
}

void work_add_last_sync(const struct esc_workbench *bench, struct esc_json *body)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *last = NULL;
    if (esc_store_doc_get(bench->store, "syncs", "last", &last, NULL) != ESC_OK)
        return; /* never synced */
    work_add_age(bench, last, esc_json_str(last, "at", NULL));
    esc_json_set_text(body, "last_sync_age", esc_json_str(last, "age", "unknown"));
    esc_json_set(body, "last_sync", ESC_STEAL(last));
}

void work_status(struct esc_api_call *call)
{
    struct esc_workbench *bench = call->bench;
    struct esc_error err;
    const struct cells cells = {bench, esc_json_array()};
    if (esc_store_docs(bench->store, "coverage", add_cell, (void *)(uintptr_t)&cells, NULL, &err) !=
        ESC_OK) {
        esc_json_free(cells.pages);
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "profile", bench->paths.profile);
    esc_json_set_int(body, "resources", (int64_t)esc_index_count(bench->index));
    esc_json_set_int(body, "accounts", (int64_t)bench->accounts.count);
    esc_json_set_int(body, "runs_under_way", (int64_t)bench->runs.count);
    esc_json_set_bool(body, "syncing", bench->syncing);
    struct esc_buf key;
    esc_buf_init(&key, 4096);
    esc_buf_add_text(&key, "open, kept in ");
    esc_keyring_describe(bench->keyring, &key);
    esc_json_set_str(body, "key", esc_buf_str(&key));
    esc_buf_done(&key);
    if (bench->unreadable)
        esc_json_set_text(body, "unreadable", bench->unreadable);
    work_add_last_sync(bench, body);
    esc_json_set(body, "cells", cells.pages);
    work_ok(call, body);
}

/* The doctor: one line for each thing that must work, with its cure. */

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

static void add_clock(const struct esc_workbench *bench, struct esc_json *checks)
{
    char now[ESC_TIME_TEXT];
    const uint64_t wall = esc_clock_wall_ms(bench->clock);
    esc_time_format(wall, now);
    add_check(checks, "clock", wall > 1'700'000'000'000, now, "set the clock of this machine");
}

static void examined(void *context, const struct esc_aws_cli *cli, const struct esc_error *err)
{
    struct esc_api_call *call = context;
    const struct esc_workbench *bench = call->bench;
    struct esc_json *checks = esc_json_array();
    add_keyring(bench, checks);
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
    add_clock(bench, checks);
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "checks", checks);
    work_ok(call, body);
}

void work_doctor(struct esc_api_call *call)
{
    const struct esc_aws_cli_options options = {
        .configured = esc_env("ESCHER_AWS"), .search = esc_env("PATH"), .env = esc_env_all()};
    esc_aws_cli_find(call->bench->loop, &options, examined, call);
}
