/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/scan/scanner.h"
#include "escher/store/runs.h"
#include "escher/work/run_private.h"

/* Runs as they are stored, shown, watched and cancelled. */

struct esc_json *work_run_document(const struct work_run *run)
{
    struct esc_json *document = esc_json_object();
    esc_json_set(document, "run", esc_run_to_json(run->run));
    esc_json_set_text(document, "plan_hash", run->run->plan_hash);
    esc_json_set_text(document, "prompt", esc_json_str(run->kept, "prompt", ""));
    esc_json_set(document, "targets", esc_json_copy(esc_json_get(run->kept, "plan.targets")));
    esc_json_set(document, "verification", esc_json_copy(run->verification));
    if (run->captures) /* conditions speak of them, in the next life too */
        esc_json_set(document, "captures", esc_json_copy(run->captures));
    char hex[2 * WORK_RUN_KEY_BYTES + 1];
    esc_hex(esc_secret_view(run->key).ptr, WORK_RUN_KEY_BYTES, hex);
    esc_json_set_text(document, "key", hex); /* the row is sealed */
    explicit_bzero(hex, sizeof hex);
    if (run->outcome)
        esc_json_set_text(document, "outcome", run->outcome);
    return document;
}

struct esc_secret *work_run_key(const struct esc_json *document)
{
    unsigned char key[WORK_RUN_KEY_BYTES];
    if (!esc_hex_parse(esc_str_of(esc_json_str(document, "key", "")), key, sizeof key))
        return NULL;
    struct esc_secret *secret = esc_secret_new(key, sizeof key);
    explicit_bzero(key, sizeof key);
    return secret;
}

/* The first thing a person wants to know of a run that did not go well. */
static const char *worst_message(const struct esc_json *run)
{
    const struct esc_json *steps = esc_json_get(run, "steps");
    for (size_t i = 0; i < esc_json_len(steps); i++) {
        const struct esc_json *step = esc_json_at(steps, i);
        const char *state = esc_json_str(step, "state", "");
        if (esc_text_equal(state, "failed") || esc_text_equal(state, "unknown"))
            return esc_json_str(step, "message", "a step failed");
    }
    return NULL;
}

/* Where no step went wrong and yet not all is well; NULL: all is. */
static const char *outcome_message(const char *outcome)
{
    if (esc_text_equal(outcome, "unverified"))
        return "it ran, but the cloud does not confirm the result; look with `escher sync` before "
               "you "
               "ask again";
    if (esc_text_equal(outcome, "interrupted"))
        return "the core ended before all was done; what is left was not begun: ask again for it";
    return NULL;
}

static const char *worst_category(const struct esc_json *run)
{
    const struct esc_json *steps = esc_json_get(run, "steps");
    for (size_t i = 0; i < esc_json_len(steps); i++) {
        const struct esc_json *step = esc_json_at(steps, i);
        if (esc_text_equal(esc_json_str(step, "state", ""), "failed"))
            return esc_json_str(step, "category", NULL);
    }
    return NULL;
}

struct esc_json *work_run_page(const struct esc_json *document)
{
    const struct esc_json *run = esc_json_get(document, "run");
    struct esc_json *page =
        esc_json_is(run, ESC_JSON_OBJECT) ? esc_json_copy(run) : esc_json_object();
    static const char *const members[] = {"plan_hash",    "prompt",  "targets",
                                          "verification", "outcome", "message"};
    for (size_t i = 0; i < ESC_COUNT(members); i++) {
        const struct esc_json *value = esc_json_member(document, members[i]);
        if (value)
            esc_json_set(page, members[i], esc_json_copy(value));
    }
    const char *message = worst_message(page);
    const char *category = worst_category(page);
    if (!message)
        message = outcome_message(esc_json_str(page, "outcome", ""));
    if (message)
        esc_json_set_text(page, "message", message);
    if (category)
        esc_json_set_text(page, "category", category);
    return page;
}

enum esc_status work_run_outcome(const struct esc_json *page)
{
    static const struct {
        const char *outcome;
        enum esc_status status;
    } table[] = {{"succeeded", ESC_OK}, {"stale", ESC_STALE}, {"cancelled", ESC_CANCELLED}};
    const char *outcome = esc_json_str(page, "outcome", "");
    for (size_t i = 0; i < ESC_COUNT(table); i++) {
        if (esc_text_equal(outcome, table[i].outcome))
            return table[i].status;
    }
    const char *category = esc_json_str(page, "category", "");
    return esc_text_equal(category, "permission") || esc_text_equal(category, "auth")
               ? ESC_DENIED
               : ESC_CONFLICT; /* it ran and failed: exit 1, and the state says how */
}

enum esc_status work_run_store(const struct work_run *run, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *document = work_run_document(run);
    return esc_store_run_put(run->bench->store, run->run->id, document, err);
}

struct work_run *work_run_find(const struct esc_workbench *bench, const char *id)
{
    for (size_t i = 0; i < bench->runs.count; i++) {
        struct work_run *run = bench->runs.items[i];
        if (esc_text_equal(run->run->id, id))
            return run;
    }
    return NULL;
}

struct work_run *work_run_of_plan(const struct esc_workbench *bench, const char *plan_hash)
{
    for (size_t i = 0; i < bench->runs.count; i++) {
        struct work_run *run = bench->runs.items[i];
        if (esc_text_equal(run->run->plan_hash, plan_hash))
            return run;
    }
    return NULL;
}

static void stop_watching(struct esc_api_call *call)
{
    struct work_run *run = call->state;
    (void)esc_list_drop(&run->watchers, call);
    struct esc_error err;
    (void)esc_fail(&err, ESC_CANCELLED, "no longer watching; the run goes on");
    work_fail(call, &err);
}

void work_run_watch(struct work_run *run, struct esc_api_call *call)
{
    call->state = run;
    call->cancel = stop_watching;
    esc_list_push(&run->watchers, call);
}

void work_run_refresh(const struct work_run *run)
{
    const struct esc_json *target = esc_json_get(run->kept, "plan.targets[0]");
    const struct esc_scanner *scanner =
        esc_scanner_of_type(esc_json_str(target, "resource_type", ""));
    if (!scanner || run->bench->syncing)
        return;
    ESC_CLEANUP(esc_json_freep) struct esc_json *args = esc_json_object();
    esc_json_set_text(args, "account", esc_json_str(target, "account_id", ""));
    esc_json_set_text(args, "region", esc_json_str(target, "region", ""));
    esc_json_set_text(args, "service", scanner->name);
    const struct esc_api_request request = {
        .method = "POST", .path = "/api/sync", .body = args, .environment = run->environment};
    work_call_detached(run->bench, &request)->refreshes = true;
}

static bool add_page(void *context, const char *, const struct esc_json *document)
{
    esc_json_push(context, work_run_page(document));
    return true;
}

void work_runs_list(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_json *runs = esc_json_array();
    if (esc_store_runs(call->bench->store, add_page, runs, NULL, &err) != ESC_OK) {
        esc_json_free(runs);
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "runs", runs);
    work_ok(call, body);
}

static enum esc_status stored(struct esc_workbench *bench, const char *run_id,
                              struct esc_json **document, struct esc_error *err)
{
    const enum esc_status status = esc_store_run_get(bench->store, run_id, document, err);
    return status == ESC_NOT_FOUND
               ? esc_fail(err, status, "no run `%s`; `escher runs` lists them", run_id)
               : status;
}

void work_runs_show(struct esc_api_call *call)
{
    struct esc_error err;
    ESC_CLEANUP(esc_json_freep) struct esc_json *document = NULL;
    if (stored(call->bench, call->subject, &document, &err) == ESC_OK)
        work_ok(call, work_run_page(document));
    else
        work_fail(call, &err);
}

void work_runs_wait(struct esc_api_call *call)
{
    struct esc_error err;
    struct work_run *run = work_run_find(call->bench, call->subject);
    ESC_CLEANUP(esc_json_freep) struct esc_json *document = NULL;
    if (run) {
        work_run_watch(run, call);
    } else if (stored(call->bench, call->subject, &document, &err) == ESC_OK) {
        struct esc_json *page = work_run_page(document);
        work_done(call, work_run_outcome(page), page);
    } else {
        work_fail(call, &err);
    }
}

void work_runs_cancel(struct esc_api_call *call)
{
    struct esc_error err;
    struct work_run *run = work_run_find(call->bench, call->subject);
    if (!run || !run->engine) {
        (void)esc_fail(&err, run ? ESC_CONFLICT : ESC_NOT_FOUND,
                       run ? "run %s has ended already; the cloud is just asked for the result"
                           : "run %s is not under way; `escher runs` lists what was run",
                       call->subject);
        work_fail(call, &err);
        return;
    }
    esc_engine_cancel(run->engine);
    work_run_watch(run, call);
}

/* Everything an attempt has said, read from its sealed frames. */

const char *work_stream_text(enum esc_stream stream)
{
    return stream == ESC_STREAM_OUT ? "stdout" : "stderr";
}

static void free_stream(void *item)
{
    struct work_stream *stream = item;
    esc_buf_done(&stream->text);
    free(stream->marks);
    free(stream->step);
    free(stream);
}

static void add_stream(const struct esc_attempt *place, const struct esc_secret *key,
                       enum esc_stream which, struct esc_list *streams)
{
    struct work_stream *stream = esc_alloc_zero(sizeof *stream);
    stream->step = esc_strdup(place->step);
    stream->attempt = place->attempt;
    stream->stream = which;
    esc_buf_init(&stream->text, ESC_MAX_LOG_STREAM);
    const enum esc_status status =
        esc_attempt_read_output(place, key, which, 0, &stream->text, &stream->finished, NULL);
    if (status != ESC_OK && stream->text.len == 0) {
        free_stream(stream);
        return;
    }
    (void)esc_attempt_read_times(place, key, which, &stream->marks, &stream->mark_count,
                                 &stream->timed_end, NULL); /* lines without a time, then */
    esc_list_push(streams, stream);
}

static void add_step_streams(const char *folder, const struct esc_json *step,
                             const struct esc_secret *key, struct esc_list *streams)
{
    const int64_t attempts = esc_json_num(step, "attempt", 0);
    for (unsigned attempt = 1; attempt <= attempts; attempt++) {
        const struct esc_attempt place = {folder, esc_json_str(step, "step_id", ""), attempt};
        add_stream(&place, key, ESC_STREAM_OUT, streams);
        add_stream(&place, key, ESC_STREAM_ERR, streams);
    }
}

enum esc_status work_run_streams(struct esc_workbench *bench, const char *run_id,
                                 struct esc_list *out, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *document = NULL;
    esc_list_init(out, free_stream);
    const enum esc_status status = stored(bench, run_id, &document, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *key = work_run_key(document);
    if (!key)
        return esc_fail(err, ESC_CORRUPT, "run %s has lost the key of its output", run_id);
    ESC_CLEANUP(esc_freep) char *folder = esc_path_join(bench->paths.runs, run_id);
    const struct esc_json *steps = esc_json_get(document, "run.steps");
    for (size_t i = 0; i < esc_json_len(steps); i++)
        add_step_streams(folder, esc_json_at(steps, i), key, out);
    return ESC_OK;
}

static struct esc_json *stream_page(const struct work_stream *stream)
{
    struct esc_json *page = esc_json_object();
    esc_json_set_text(page, "step", stream->step);
    esc_json_set_int(page, "attempt", stream->attempt);
    esc_json_set_text(page, "stream", work_stream_text(stream->stream));
    esc_json_set_bool(page, "finished", stream->finished);
    esc_json_set_str(page, "text", esc_buf_str(&stream->text));
    return page;
}

void work_runs_logs(struct esc_api_call *call)
{
    struct esc_error err;
    struct esc_list streams;
    const enum esc_status status = work_run_streams(call->bench, call->subject, &streams, &err);
    struct esc_json *pages = esc_json_array();
    for (size_t i = 0; i < streams.count; i++)
        esc_json_push(pages, stream_page(streams.items[i]));
    esc_list_done(&streams);
    if (status != ESC_OK) {
        esc_json_free(pages);
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "id", call->subject);
    esc_json_set(body, "streams", pages);
    work_ok(call, body);
}
