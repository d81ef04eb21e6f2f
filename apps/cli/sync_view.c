/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/sync_view.h"

#include <stdio.h>
#include <unistd.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"

void sync_view_init(struct sync_view *view)
{
    *view = (struct sync_view){.missing = esc_json_array()};
}

static void write_line(struct sync_view *view, struct esc_buf *line)
{
    (void)view;
    (void)esc_file_write_fd(STDERR_FILENO, esc_buf_str(line), NULL); /* only progress */
    esc_buf_done(line);
}

/* A line of its own, in place of the one that changes. */
static void begin_line(struct sync_view *view, struct esc_buf *line)
{
    esc_buf_init(line, ESC_MAX_LINE);
    if (view->open)
        esc_buf_add_text(line, "\r\033[K");
    view->open = false;
}

static void show_missing(const struct cli *cli, struct sync_view *view)
{
    for (size_t i = 0; i < esc_json_len(view->missing); i++) {
        const struct esc_json *cell = esc_json_at(view->missing, i);
        struct esc_buf line;
        begin_line(view, &line);
        ESC_CLEANUP(esc_freep)
        char *text =
            esc_sprintf("    %-9s %s %s  %s", esc_json_str(cell, "state", ""),
                        esc_json_str(cell, "service", ""), esc_json_str(cell, "operation", ""),
                        *esc_json_str(cell, "code", "") ? esc_json_str(cell, "code", "")
                                                        : esc_json_str(cell, "message", ""));
        cli_add(cli, &line, CLI_PLAIN, text);
        esc_buf_add_char(&line, '\n');
        write_line(view, &line);
    }
}

/* The place is done: its cells come together. */
static void end_place(const struct cli *cli, struct sync_view *view)
{
    if (!view->account)
        return;
    struct esc_buf line;
    const bool whole = view->seen == view->cells;
    begin_line(view, &line);
    ESC_CLEANUP(esc_freep) char *place = esc_sprintf("%s · %s", view->account, view->region);
    cli_add(cli, &line, whole ? CLI_GOOD : CLI_WARN, whole ? "● " : "⊘ ");
    cli_add(cli, &line, CLI_PLAIN, place);
    esc_buf_printf(&line, "  %lld %s, %zu of %zu %s seen\n", (long long)view->resources,
                   view->resources == 1 ? "resource" : "resources", view->seen, view->cells,
                   view->cells == 1 ? "cell" : "cells");
    write_line(view, &line);
    if (cli->interactive)
        show_missing(cli, view);
    free(ESC_STEAL(view->account));
    free(ESC_STEAL(view->region));
    esc_json_free(view->missing);
    *view = (struct sync_view){.missing = esc_json_array()};
}

static void take_cell(const struct cli *cli, struct sync_view *view, const struct esc_json *cell)
{
    const char *account = esc_json_str(cell, "account_name", "");
    const char *region = esc_json_str(cell, "region", "");
    if (esc_json_flag(cell, "all_regions", false))
        region = "all regions";
    if (view->account &&
        (!esc_text_equal(view->account, account) || !esc_text_equal(view->region, region)))
        end_place(cli, view);
    if (!view->account) {
        view->account = esc_strdup(account);
        view->region = esc_strdup(region);
    }
    view->cells++;
    if (esc_text_equal(esc_json_str(cell, "state", ""), "ok"))
        view->seen++;
    else
        esc_json_push(view->missing, esc_json_copy(cell));
    if (*esc_json_str(cell, "resource_type", ""))
        view->resources += esc_json_num(cell, "resources", 0);
}

static void add_rest(struct esc_buf *line, const struct esc_json *data)
{
    const int64_t rest_ms = esc_json_num(data, "rest_ms", 0);
    const int64_t took_ms = esc_json_num(data, "took_ms", 0);
    const int64_t done = esc_json_num(data, "done", 0);
    if (took_ms > 1000)
        esc_buf_printf(line, ", %.0f a second", (double)done * 1000 / (double)took_ms);
    if (rest_ms >= 120'000)
        esc_buf_printf(line, ", about %lld min left", (long long)(rest_ms / 60'000));
    else if (rest_ms >= 2000)
        esc_buf_printf(line, ", about %lld s left", (long long)(rest_ms / 1000));
}

/* What would begin another line could not be taken back. */
static struct esc_str first_columns(struct esc_str text, size_t columns)
{
    size_t size = text.len;
    while (esc_utf8_columns(text) > columns)
        text = esc_utf8_cut(text, --size);
    return text;
}

static void show_progress(const struct cli *cli, struct sync_view *view,
                          const struct esc_json *data)
{
    struct esc_buf line, how_far;
    begin_line(view, &line);
    esc_buf_init(&how_far, ESC_MAX_LINE);
    esc_buf_printf(&how_far, "  %lld", (long long)esc_json_num(data, "done", 0));
    if (esc_json_member(data, "rest_ms")) /* else it is the first of its kind */
        esc_buf_printf(&how_far, " of ~%lld", (long long)esc_json_num(data, "known", 0));
    esc_buf_add_text(&how_far, " calls");
    add_rest(&how_far, data);
    ESC_CLEANUP(esc_freep)
    char *place = esc_sprintf(" · %s · %s", esc_json_str(data, "account_name", ""),
                              esc_json_str(data, "region", ""));
    const size_t room = cli->width - 1; /* a full line would wrap */
    const struct esc_str far = first_columns(esc_buf_str(&how_far), room);
    const size_t left = room - esc_utf8_columns(far);
    esc_buf_add(&line, far);
    ESC_CLEANUP(esc_freep) char *shown = esc_str_dup(first_columns(esc_str_of(place), left));
    cli_add(cli, &line, CLI_DIM, shown);
    esc_buf_done(&how_far);
    write_line(view, &line);
    view->open = true;
}

void sync_view_event(struct cli *cli, const struct esc_json *event, void *context)
{
    struct sync_view *view = context;
    const char *kind = esc_json_str(event, "kind", "");
    const struct esc_json *data = esc_json_get(event, "data");
    if (cli->json) {
        cli_print_json(event);
        return;
    }
    if (cli->quiet)
        return;
    if (esc_text_equal(kind, "sync.cell")) {
        take_cell(cli, view, data);
    } else {
        end_place(cli, view);
        if (esc_text_equal(kind, "sync.progress") && cli->interactive)
            show_progress(cli, view, data);
    }
}

void sync_view_done(const struct cli *cli, struct sync_view *view)
{
    end_place(cli, view);
    if (view->open) {
        struct esc_buf line;
        begin_line(view, &line);
        write_line(view, &line);
    }
    esc_json_free(view->missing);
    free(view->account);
    free(view->region);
}

void sync_view_result(const struct esc_json *body, struct esc_buf *out)
{
    const long long resumed = esc_json_num(body, "places_resumed", 0);
    const long long wordless = esc_json_num(body, "wordless", 0);
    const long long resources = esc_json_num(body, "resources", 0);
    if (resumed)
        esc_buf_printf(out, "it went on with one that was cut off: %lld %s done already\n", resumed,
                       resumed == 1 ? "place was" : "places were");
    if (wordless)
        esc_buf_printf(out, "%lld %s found by words alone for now, by meaning soon\n", wordless,
                       wordless == 1 ? "resource is" : "resources are");
    esc_buf_printf(
        out,
        "%lld %s; %lld new, %lld changed, %lld gone; %lld of %lld cells seen; %lld calls in %.1f "
        "s\n",
        resources, resources == 1 ? "resource" : "resources",
        (long long)esc_json_num(body, "added", 0), (long long)esc_json_num(body, "changed", 0),
        (long long)esc_json_num(body, "removed", 0), (long long)esc_json_num(body, "cells_ok", 0),
        (long long)esc_json_len(esc_json_get(body, "cells")),
        (long long)esc_json_num(body, "calls", 0), (double)esc_json_num(body, "took_ms", 0) / 1000);
}
