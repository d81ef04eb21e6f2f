/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "apps/cli/cli.h"
#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"

/* What the progress line last said. */
struct shown {
    char place[128];
    bool open; /* the line has no end yet */
};

/* At a terminal one line that changes; elsewhere a line for each place when it is begun. */
static void show_place(struct cli *cli, const struct esc_json *data, struct shown *shown)
{
    char place[128];
    (void)snprintf(place, sizeof place, "%s · %s", esc_json_str(data, "account_name", ""),
                   esc_json_str(data, "region", "")); /* cut when longer */
    if (cli->quiet)
        return;
    if (cli->interactive) {
        struct esc_buf line;
        esc_buf_init(&line, ESC_MAX_LINE);
        esc_buf_add_text(&line, "\r\033[K");
        cli_add(cli, &line, CLI_PLAIN, place);
        esc_buf_add_text(&line, " · ");
        cli_add(cli, &line, CLI_PLAIN, esc_json_str(data, "service", ""));
        esc_buf_printf(&line, " · %lld of ~%lld calls, %lld resources",
                       (long long)esc_json_num(data, "done", 0),
                       (long long)esc_json_num(data, "known", 0),
                       (long long)esc_json_num(data, "resources", 0));
        (void)esc_file_write_fd(STDERR_FILENO, esc_buf_str(&line), NULL); /* only progress */
        esc_buf_done(&line);
        shown->open = true;
    } else if (!esc_text_equal(place, shown->place)) {
        cli_note(cli, "%s · %lld of ~%lld calls", place, (long long)esc_json_num(data, "done", 0),
                 (long long)esc_json_num(data, "known", 0));
        memcpy(shown->place, place, sizeof place);
    }
}

static void show_progress(struct cli *cli, const struct esc_json *event, void *context)
{
    if (cli->json)
        cli_print_json(event);
    else if (esc_text_equal(esc_json_str(event, "kind", ""), "sync.progress"))
        show_place(cli, esc_json_get(event, "data"), context);
}

static void print_missing(const struct cli *cli, const struct esc_json *cells, struct esc_buf *out)
{
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        const char *state = esc_json_str(cell, "state", "");
        if (esc_text_equal(state, "ok"))
            continue;
        ESC_CLEANUP(esc_freep)
        char *place =
            esc_sprintf("%s · %s · %s %s: ", esc_json_str(cell, "account_name", ""),
                        esc_json_str(cell, "region", ""), esc_json_str(cell, "service", ""),
                        esc_json_str(cell, "operation", ""));
        cli_add(cli, out, CLI_WARN, "⊘ ");
        cli_add(cli, out, CLI_PLAIN, place);
        cli_add(cli, out, CLI_WARN, state);
        esc_buf_add_text(out, "  ");
        cli_add(cli, out, CLI_DIM, esc_json_str(cell, "message", ""));
        esc_buf_add_char(out, '\n');
    }
}

static void print_coverage(const struct cli *cli, const struct esc_json *body)
{
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_FILE);
    print_missing(cli, esc_json_get(body, "cells"), &out);
    esc_buf_printf(
        &out,
        "%lld resources; %lld new, %lld changed, %lld gone; %lld of %lld cells seen; "
        "%lld calls in %.1f s\n",
        (long long)esc_json_num(body, "resources", 0), (long long)esc_json_num(body, "added", 0),
        (long long)esc_json_num(body, "changed", 0), (long long)esc_json_num(body, "removed", 0),
        (long long)esc_json_num(body, "cells_ok", 0),
        (long long)esc_json_len(esc_json_get(body, "cells")),
        (long long)esc_json_num(body, "calls", 0), (double)esc_json_num(body, "took_ms", 0) / 1000);
    cli_out(&out);
    esc_buf_done(&out);
}

int cmd_sync(struct cli *cli)
{
    struct esc_json *request = esc_json_object();
    esc_json_set(request, "environment", cli_environment());
    static const char *const options[] = {"account", "region", "service", "transport"};
    for (size_t i = 0; i < ESC_COUNT(options); i++) {
        if (cli_value(&cli->arguments, options[i]))
            esc_json_set_text(request, options[i], cli_value(&cli->arguments, options[i]));
    }
    struct shown shown = {.open = false};
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
    const enum esc_status status =
        cli_call(cli, "POST", "/api/sync", request, show_progress, &shown, &body);
    if (shown.open)
        cli_note(cli, "%s", "");
    if (status != ESC_OK && status != ESC_PARTIAL)
        return cli_fail_body(cli, status, body);
    if (cli->json)
        cli_print_json(body);
    else
        print_coverage(cli, body);
    return esc_status_exit_code(status);
}
