/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/work/meaning_private.h"

/* Many questions at once: the planner's answers alone; nothing is stored, nothing is run. */

static void add_steps(struct esc_json *line, const struct esc_json *response)
{
    struct esc_json *steps = esc_json_array();
    const struct esc_json *script = esc_json_get(response, "script.steps");
    for (size_t i = 0; i < esc_json_len(script); i++) {
        const struct esc_json *step = esc_json_at(script, i);
        struct esc_json *argv = esc_json_array();
        struct esc_str words = esc_str_of(esc_json_str(step, "command", "")), word;
        while (esc_str_next(&words, ' ', &word))
            esc_json_push(argv, esc_json_string(word));
        const struct esc_json *args = esc_json_get(step, "args");
        for (size_t k = 0; k < esc_json_len(args); k++)
            esc_json_push(argv, esc_json_ref(esc_json_at(args, k)));
        esc_json_push(steps, argv);
    }
    esc_json_set(line, "steps", steps);
}

static void add_answer(struct esc_json *page, const struct esc_json *response)
{
    static const char *const members[] = {"kind",   "classification", "playbook", "text",
                                          "reason", "parameters",     "choices",  "filter"};
    for (size_t i = 0; i < ESC_COUNT(members); i++) {
        const struct esc_json *value = esc_json_member(response, members[i]);
        if (value)
            esc_json_set(page, members[i], esc_json_ref(value));
    }
    add_steps(page, response);
}

static enum esc_status answer_line(const struct esc_api_call *call, const struct esc_json *line,
                                   struct esc_json *page, struct esc_error *err)
{
    const struct esc_str prompt = esc_str_of(esc_json_str(line, "prompt", ""));
    struct work_meaning meaning = {0};
    struct esc_buf response;
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    esc_buf_init(&response, ESC_MAX_REQUEST);
    enum esc_status status = work_prompt_check(prompt, err);
    if (status == ESC_OK)
        status = work_meaning_find(call, prompt, esc_json_member(line, "resources"), NULL, &meaning,
                                   err);
    if (status == ESC_OK)
        status = esc_answer(call->bench->planner, meaning.request, &response, err);
    if (status == ESC_OK)
        status = esc_json_parse(esc_buf_str(&response), NULL, &json, err);
    if (status == ESC_OK)
        add_answer(page, json);
    esc_buf_done(&response);
    work_meaning_done(&meaning);
    return status;
}

static void answer_batch_line(struct esc_api_call *call, struct esc_str text, size_t number)
{
    struct esc_error err;
    ESC_CLEANUP(esc_json_freep) struct esc_json *line = NULL;
    struct esc_json *page = esc_json_object();
    enum esc_status status = esc_json_parse(text, NULL, &line, &err);
    const struct esc_json *id = esc_json_member(line, "id");
    esc_json_set(page, "id", id ? esc_json_ref(id) : esc_json_int((int64_t)number));
    if (status == ESC_OK)
        status = answer_line(call, line, page, &err);
    if (status != ESC_OK) {
        esc_json_set_text(page, "kind", "error");
        esc_json_set_text(page, "text", err.message);
    }
    struct esc_json *event = work_event_new("batch.answer", NULL);
    esc_json_set(event, "data", page);
    work_event(call, event);
}

struct batch {
    struct esc_api_call *call;
    struct esc_str rest; /* of the call's argument */
    size_t number;
};

/* One line in each turn of the loop, so that others are served between them. */
static void answer_next(void *context)
{
    struct batch *batch = context;
    struct esc_api_call *call = batch->call;
    struct esc_str line = {0};
    while (!call->cancelled && !esc_str_trim(line).len && esc_str_next(&batch->rest, '\n', &line))
        ;
    if (!call->cancelled && esc_str_trim(line).len) {
        answer_batch_line(call, line, ++batch->number);
        esc_loop_post(call->bench->loop, answer_next, batch);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_int(body, "answered", (int64_t)batch->number);
    free(batch);
    work_done(call, call->cancelled ? ESC_CANCELLED : ESC_OK, body);
}

void work_ask_batch(struct esc_api_call *call)
{
    struct batch *batch = esc_alloc_zero(sizeof *batch);
    batch->call = call;
    batch->rest = esc_json_value(esc_json_member(call->args, "lines"));
    answer_next(batch);
}
