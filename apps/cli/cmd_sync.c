/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cli.h"
#include "apps/cli/ledger.h"
#include "apps/cli/sync_view.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/loop/timer.h"

enum {
    WATCH_MS = 15 * 60'000,
};

static void print_coverage(const struct cli *cli, const struct esc_json *body)
{
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    cli_add_missing(cli, &out, esc_json_get(body, "cells"));
    sync_view_result(body, &out);
    cli_out(&out);
    esc_buf_done(&out);
}

/* All values of an option that may be given several times; "a,b" are two. */
static void add_names(const struct cli *cli, struct esc_json *request, const char *option,
                      const char *member)
{
    struct esc_json *names = esc_json_array();
    for (size_t i = 0; cli_value_at(&cli->arguments, option, i); i++) {
        struct esc_str rest = esc_str_of(cli_value_at(&cli->arguments, option, i)), name;
        while (esc_str_next(&rest, ',', &name))
            esc_json_push(names, esc_json_string(name));
    }
    if (esc_json_len(names))
        esc_json_set(request, member, names);
    else
        esc_json_free(names);
}

static struct esc_json *make_request(const struct cli *cli)
{
    struct esc_json *request = esc_json_object();
    esc_json_set(request, "environment", cli_environment());
    if (cli_has(&cli->arguments, "events"))
        return request;
    add_names(cli, request, "account", "accounts");
    add_names(cli, request, "region", "regions");
    add_names(cli, request, "service", "services");
    if (cli_value(&cli->arguments, "transport"))
        esc_json_set_text(request, "transport", cli_value(&cli->arguments, "transport"));
    if (cli_has(&cli->arguments, "incremental"))
        esc_json_set_text(request, "kind", "incremental");
    else if (cli_has(&cli->arguments, "full"))
        esc_json_set_text(request, "kind", "full");
    return request;
}

static void print_events(const struct cli *, const struct esc_json *body, struct esc_buf *out)
{
    const size_t cells = esc_json_len(esc_json_get(body, "cells"));
    const long long messages = (long long)esc_json_num(body, "messages", 0);
    const long long outdated = (long long)esc_json_num(body, "outdated", 0);
    esc_buf_printf(out, "%lld %s, %lld none of ours", messages,
                   messages == 1 ? "message" : "messages",
                   (long long)esc_json_num(body, "ignored", 0));
    if (outdated)
        esc_buf_printf(out, ", %lld older than the last look", outdated);
    esc_buf_printf(out, "; looked again at %zu %s\n", cells,
                   cells == 1 ? "service of a place" : "services of places");
}

static int sync_once(struct cli *cli, struct esc_json *request)
{
    struct sync_view view;
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    sync_view_init(&view);
    const enum esc_status status =
        cli_call(cli, "POST", "/api/sync", request, sync_view_event, &view, &body);
    sync_view_done(cli, &view);
    if (status != ESC_OK && status != ESC_PARTIAL)
        return cli_fail_body(cli, status, body);
    if (cli->json)
        cli_print_json(body);
    else
        print_coverage(cli, body);
    return esc_status_exit_code(status);
}

static void note_time(void *context)
{
    *(bool *)context = true;
}

static bool is_time(void *context)
{
    return *(const bool *)context;
}

/* Until it is stopped: Ctrl-C ends the program, or the sync that is under way. */
static int watch(struct cli *cli, int code)
{
    while (code == 0 || code == esc_status_exit_code(ESC_PARTIAL)) {
        bool over = false;
        cli_note(cli, "what changes by itself is asked again in %d min; Ctrl-C ends it",
                 WATCH_MS / 60'000);
        (void)esc_timer_start(cli->loop, WATCH_MS, note_time, &over);
        (void)esc_loop_run_until(cli->loop, is_time, &over); /* the timer keeps it alive */
        struct esc_json *request = make_request(cli);
        esc_json_set_text(request, "kind", "incremental");
        code = sync_once(cli, request);
    }
    return code;
}

int cmd_sync(struct cli *cli)
{
    if (cli_has(&cli->arguments, "full") && cli_has(&cli->arguments, "incremental"))
        return cli_fail(cli, ESC_INVALID, "a sync is either full or incremental");
    if (cli_has(&cli->arguments, "events")) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
        const enum esc_status status =
            cli_call(cli, "POST", "/api/sync/events", make_request(cli), NULL, NULL, &body);
        return cli_answer(cli, status, body, print_events);
    }
    const int code = sync_once(cli, make_request(cli));
    return cli_has(&cli->arguments, "watch") ? watch(cli, code) : code;
}
