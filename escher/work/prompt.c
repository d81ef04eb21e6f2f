/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/work/prompt_private.h"

/*
 * What only a person knows. A resolution of credentials asks whoever made the call it is for; the
 * question is an event for that caller alone, under a number nobody else knows, and the answer a
 * call of its own:
 *
 *     ask ──"prompt" to the caller──▶ POST /api/prompts/NUMBER ──▶ answer
 *      │                     └ the call is over, or cancelled ───▶ no answer
 *      └ no such caller, or one that was asked enough ───────────▶ no answer
 *
 * An answer is text in memory that is wiped when it is freed; it is in no event and no log.
 */

enum {
    MAX_QUESTIONS = 9, /* of one call */
};

struct work_prompt {
    struct esc_api_call *call;
    char id[ESC_UUID_TEXT];
    esc_aws_answer_fn *answer;
    void *context;
};

struct refusal {
    esc_aws_answer_fn *answer;
    void *context;
};

static void refuse(esc_aws_answer_fn *answer, void *context)
{
    struct esc_error err;
    (void)esc_fail(&err, ESC_LOCKED, "an MFA code is needed, and none was given");
    answer(context, NULL, &err);
}

static void refuse_now(void *context)
{
    const struct refusal refusal = *(struct refusal *)context;
    free(context);
    refuse(refusal.answer, refusal.context);
}

/* Later: whoever hears of it may end the very call that is being cancelled. */
static void refuse_later(struct esc_workbench *bench, esc_aws_answer_fn *answer, void *context)
{
    struct refusal *refusal = esc_alloc_zero(sizeof *refusal);
    *refusal = (struct refusal){answer, context};
    esc_loop_post(bench->loop, refuse_now, refusal);
}

static struct esc_api_call *caller_of(const struct esc_workbench *bench, const char *asker)
{
    for (size_t i = 0; i < bench->calls.count; i++) {
        struct esc_api_call *call = bench->calls.items[i];
        if (call->environment->asker && esc_text_equal(call->environment->asker, asker))
            return call;
    }
    return NULL;
}

static void tell(struct work_prompt *prompt, const struct esc_aws_question *question)
{
    struct esc_json *event = work_event_new("prompt", prompt->id);
    struct esc_json *data = esc_json_object();
    esc_json_set_text(data, "wants", "mfa_code");
    esc_json_set_text(data, "device", question->device);
    if (question->account)
        esc_json_set_text(data, "account", question->account);
    esc_json_set_bool(data, "again", question->is_again);
    esc_json_set(event, "data", data);
    work_tell(prompt->call, event);
}

void work_prompt_ask(void *context, const struct esc_aws_question *question,
                     esc_aws_answer_fn *answer, void *answer_context)
{
    struct esc_workbench *bench = context;
    struct esc_api_call *call = caller_of(bench, question->asker);
    if (!call || call->cancelled || call->declined || call->questions == MAX_QUESTIONS) {
        refuse_later(bench, answer, answer_context);
        return;
    }
    struct work_prompt *prompt = esc_alloc_zero(sizeof *prompt);
    *prompt = (struct work_prompt){.call = call, .answer = answer, .context = answer_context};
    esc_uuid_format(esc_uuid_v4(bench->random), prompt->id);
    call->questions++;
    esc_list_push(&bench->prompts, prompt);
    tell(prompt, question);
}

void work_prompts_end(struct esc_api_call *call)
{
    struct esc_list *prompts = &call->bench->prompts;
    call->declined = true; /* whoever asks because of that is not answered either */
    for (size_t i = prompts->count; i-- > 0;) {
        struct work_prompt *prompt = prompts->items[i];
        if (prompt->call != call)
            continue;
        (void)esc_list_remove(prompts, i); /* it is in hand */
        refuse_later(call->bench, prompt->answer, prompt->context);
        free(prompt);
    }
}

static struct work_prompt *take(struct esc_workbench *bench, const char *id)
{
    for (size_t i = 0; i < bench->prompts.count; i++) {
        struct work_prompt *prompt = bench->prompts.items[i];
        if (esc_text_equal(prompt->id, id))
            return esc_list_remove(&bench->prompts, i);
    }
    return NULL;
}

void work_prompts_answer(struct esc_api_call *call)
{
    ESC_CLEANUP(esc_freep) struct work_prompt *prompt = take(call->bench, call->subject);
    const char *text = work_text(call, "answer");
    struct esc_error err;
    if (!prompt) {
        (void)esc_fail(&err, ESC_NOT_FOUND, "nobody asks that, or not any more");
        work_fail(call, &err);
        return;
    }
    if (text && *text) {
        prompt->answer(prompt->context, esc_secret_of_text(text), NULL);
    } else {
        prompt->call->declined = true;
        refuse(prompt->answer, prompt->context);
    }
    work_ok(call, esc_json_object());
}
