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
 * A page hears of no question in the middle of a call: the call fails and says which device is
 * wanted, and the page brings the code along when it tests the account (`mfa_code`). The session
 * that this opens is there for all that follows.
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

struct reply {
    esc_aws_answer_fn *answer;
    void *context;
    struct esc_secret *code; /* NULL: there is none */
    struct esc_error err;    /* why */
};

static struct esc_error none_given(void)
{
    struct esc_error err;
    (void)esc_fail(&err, ESC_LOCKED, "an MFA code is needed, and none was given");
    return err;
}

static void reply_now(void *context)
{
    struct reply reply = *(struct reply *)context;
    free(context);
    reply.answer(reply.context, reply.code, reply.code ? NULL : &reply.err);
}

/* Later: whoever hears of it may end the very call that is being cancelled. */
static void reply_later(struct esc_workbench *bench, const struct reply *given)
{
    struct reply *reply = esc_alloc_zero(sizeof *reply);
    *reply = *given;
    esc_loop_post(bench->loop, reply_now, reply);
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

/* What a page's call has brought, once; else it learns what to bring where. */
static void ask_page(struct esc_api_call *call, const struct esc_aws_question *question,
                     struct reply *reply)
{
    const char *code = work_text(call, "mfa_code"), *device = work_text(call, "device");
    const bool is_meant = code && (!device || esc_text_equal(device, question->device));
    if (is_meant && call->questions++ == 0) {
        reply->code = esc_secret_of_text(code);
        return;
    }
    free(call->wanted_device);
    call->wanted_device = esc_strdup(question->device);
    if (is_meant)
        (void)esc_fail(&reply->err, ESC_LOCKED,
                       "the MFA code was not taken; each counts once, so wait for the next");
    else
        (void)esc_fail(&reply->err, ESC_LOCKED,
                       "an MFA code is needed: test the account in the settings, or run `escher "
                       "accounts test %s` at a terminal; it counts for twelve hours",
                       question->account ? question->account : "ACCOUNT");
}

void work_prompt_ask(void *context, const struct esc_aws_question *question,
                     esc_aws_answer_fn *answer, void *answer_context)
{
    struct esc_workbench *bench = context;
    struct esc_api_call *call = caller_of(bench, question->asker);
    struct reply reply = {.answer = answer, .context = answer_context, .err = none_given()};
    const bool may_ask =
        call && !call->cancelled && !call->declined && call->questions < MAX_QUESTIONS;
    if (may_ask && call->page)
        ask_page(call, question, &reply);
    else if (!call)
        (void)esc_fail(&reply.err, ESC_LOCKED,
                       "an MFA code is needed and nobody is there to ask any more; run `escher "
                       "accounts test %s` at a terminal, it counts for twelve hours",
                       question->account ? question->account : "ACCOUNT");
    if (!may_ask || call->page) {
        reply_later(bench, &reply);
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
        const struct reply reply = {
            .answer = prompt->answer, .context = prompt->context, .err = none_given()};
        reply_later(call->bench, &reply);
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
        const struct esc_error none = none_given();
        prompt->answer(prompt->context, NULL, &none);
    }
    work_ok(call, esc_json_object());
}
