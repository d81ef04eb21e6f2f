/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/playbook/pattern.h"
#include "escher/store/runs.h"
#include "escher/work/run_private.h"

/*
 * A run's output as numbered lines, seen through a window: each attempt of each step, its standard
 * output before its standard error. Whatever is counted here is counted over all lines, whether
 * they are in the window or not.
 */
enum {
    MOST_LINES = 2000,   /* of a window */
    MOST_MATCHES = 1000, /* line numbers that are listed; the total is always exact */
};

struct log {
    struct esc_str search;       /* empty: none */
    struct esc_pattern *pattern; /* that it is; NULL: it is looked for as it stands */
    struct esc_buf lower;        /* a line in small letters */
    uint64_t from, count;        /* the window; line numbers start with 1 */
    uint64_t number;             /* of the last line seen */
    uint64_t matches, first_error;
    struct esc_json *lines, *match_lines;
};

static bool tells_an_error(struct esc_str line)
{
    static const char *const words[] = {"error", "denied", "exception", "failed"};
    for (size_t i = 0; i < ESC_COUNT(words); i++)
        if (esc_str_contains_nocase(line, esc_str_of(words[i])))
            return true;
    return false;
}

/* When the byte came; 0: not known. */
static uint64_t time_of(const struct work_stream *stream, uint64_t offset)
{
    size_t from = 0, to = stream->mark_count;
    if (offset >= stream->timed_end)
        return 0;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        if (stream->marks[middle].offset <= offset)
            from = middle + 1;
        else
            to = middle;
    }
    return from ? stream->marks[from - 1].at_ms : 0;
}

/* In any case, as the plain search: pattern and line in small letters. */
static bool matches(struct log *log, struct esc_str line)
{
    if (!log->pattern)
        return log->search.len > 0 && esc_str_contains_nocase(line, log->search);
    esc_buf_reset(&log->lower);
    for (size_t i = 0; i < line.len; i++)
        esc_buf_add_char(&log->lower, esc_to_lower(line.ptr[i]));
    return esc_pattern_matches(log->pattern, esc_buf_str(&log->lower));
}

/* The letter behind a backslash is a name and stays. */
static enum esc_status compile(struct log *log, struct esc_error *err)
{
    struct esc_buf lower;
    esc_buf_init(&lower, ESC_MAX_LINE);
    bool is_name = false;
    for (size_t i = 0; i < log->search.len; i++) {
        const char c = log->search.ptr[i];
        esc_buf_add_char(&lower, is_name ? c : esc_to_lower(c));
        is_name = c == '\\' && !is_name;
    }
    const enum esc_status status = esc_pattern_compile(esc_buf_str(&lower), &log->pattern, err);
    esc_buf_done(&lower);
    return status == ESC_OK ? ESC_OK : esc_wrap(err, status, "search");
}

static void take_line(struct log *log, const struct work_stream *stream, struct esc_str line)
{
    log->number++;
    if (!log->first_error && tells_an_error(line))
        log->first_error = log->number;
    const bool is_match = matches(log, line);
    if (is_match && ++log->matches <= MOST_MATCHES)
        esc_json_push(log->match_lines, esc_json_int((int64_t)log->number));
    if (log->number < log->from || log->number - log->from >= log->count)
        return;
    const uint64_t at_ms = time_of(stream, (uint64_t)(line.ptr - esc_buf_str(&stream->text).ptr));
    struct esc_json *page = esc_json_object();
    esc_json_set_int(page, "n", (int64_t)log->number);
    if (at_ms)
        esc_json_set_int(page, "at_ms", (int64_t)at_ms);
    esc_json_set_text(page, "step", stream->step);
    esc_json_set_text(page, "stream", work_stream_text(stream->stream));
    esc_json_set_str(page, "text", line);
    esc_json_push(log->lines, page);
}

/* The text up to the last line end; what stands unfinished is a line, too. */
static void take_stream(struct log *log, const struct work_stream *stream)
{
    struct esc_str rest = esc_buf_str(&stream->text), line;
    if (rest.len && rest.ptr[rest.len - 1] == '\n')
        rest.len--;
    else if (rest.len == 0)
        return;
    while (esc_str_next(&rest, '\n', &line))
        take_line(log, stream, line);
}

static bool is_wanted(const struct esc_api_call *call, const struct work_stream *stream)
{
    const char *step = work_text(call, "step");
    const int64_t attempt = esc_json_num(esc_json_member(call->args, "attempt"), "", 0);
    return (!step || esc_text_equal(step, stream->step)) &&
           (!attempt || attempt == stream->attempt);
}

static uint64_t count_lines(const struct esc_api_call *call, const struct esc_list *streams)
{
    uint64_t count = 0;
    for (size_t i = 0; i < streams->count; i++) {
        const struct work_stream *stream = streams->items[i];
        const struct esc_str text = esc_buf_str(&stream->text);
        if (!is_wanted(call, stream))
            continue;
        for (size_t at = 0; at < text.len; at++)
            count += text.ptr[at] == '\n';
        count += text.len && text.ptr[text.len - 1] != '\n';
    }
    return count;
}

static uint64_t argument(const struct esc_api_call *call, const char *name, uint64_t otherwise)
{
    const int64_t given = esc_json_num(esc_json_member(call->args, name), "", -1);
    return given < 0 ? otherwise : (uint64_t)given;
}

static void choose_window(const struct esc_api_call *call, const struct esc_list *streams,
                          struct log *log)
{
    log->from = argument(call, "from_line", 1);
    log->count = argument(call, "count", 500);
    if (log->from == 0)
        log->from = 1;
    if (log->count > MOST_LINES)
        log->count = MOST_LINES;
    if (!esc_json_flag(esc_json_member(call->args, "tail"), "", false))
        return;
    const uint64_t total = count_lines(call, streams);
    log->from = total > log->count ? total - log->count + 1 : 1;
}

/* Takes the lines of all streams that are wanted; false: the run is still saying something. */
static bool take_streams(const struct esc_api_call *call, const struct esc_list *streams,
                         struct log *log)
{
    bool finished = true;
    for (size_t i = 0; i < streams->count; i++) {
        const struct work_stream *stream = streams->items[i];
        finished = finished && stream->finished;
        if (is_wanted(call, stream))
            take_stream(log, stream);
    }
    return finished;
}

static struct esc_json *log_page(const struct log *log)
{
    struct esc_json *body = esc_json_object();
    esc_json_set_int(body, "total_lines", (int64_t)log->number);
    esc_json_set_int(body, "from_line", (int64_t)log->from);
    esc_json_set(body, "lines", log->lines);
    if (log->first_error)
        esc_json_set_int(body, "first_error", (int64_t)log->first_error);
    if (log->search.len == 0) {
        esc_json_free(log->match_lines);
        return body;
    }
    struct esc_json *matches = esc_json_object();
    esc_json_set_int(matches, "total", (int64_t)log->matches);
    esc_json_set(matches, "lines", log->match_lines);
    esc_json_set(body, "matches", matches);
    return body;
}

void work_runs_log(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_list streams;
    struct log log = {.search = esc_str_of(work_text(call, "search"))};
    const bool is_regex = esc_json_flag(esc_json_member(call->args, "regex"), "", false);
    enum esc_status status = work_run_streams(call->bench, call->subject, &streams, &err);
    if (status == ESC_OK && is_regex && log.search.len)
        status = compile(&log, &err);
    if (status != ESC_OK) {
        esc_list_done(&streams);
        work_fail(call, &err);
        return;
    }
    esc_buf_init(&log.lower, ESC_MAX_LOG_STREAM);
    log.lines = esc_json_array();
    log.match_lines = esc_json_array();
    choose_window(call, &streams, &log);
    const bool finished = take_streams(call, &streams, &log);
    esc_buf_done(&log.lower);
    esc_pattern_free(log.pattern);
    esc_list_done(&streams);
    struct esc_json *body = log_page(&log);
    esc_json_set_bool(body, "finished", finished && !work_run_find(call->bench, call->subject));
    work_ok(call, body);
}
