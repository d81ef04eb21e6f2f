/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/plan/judge.h"
#include "escher/plan/response.h"
#include "escher/plan/verify.h"
#include "escher/scan/caller.h"
#include "escher/work/converse_private.h"
#include "escher/work/permission_private.h"
#include "escher/work/run_private.h"

/*
 * One question, from its words to a plan that waits, or to any other answer.
 *
 *     prompt ─▶ mentions ─▶ request ─▶ planner (here or elsewhere) ─▶ answer read strictly
 *                                                                       │ plan     │ all else
 *                     verify ◀──────────────────────────────────────────┘          ▼
 *                        ▼                                                     answered
 *                     captures (live state) ─▶ judge ─▶ nothing to do, blocked ────▲
 *                                                └─▶ plan kept under its hash ─────┘
 *
 * Every step says so with an event `phase`, so that a person sees what is going on.
 */

static void say_phase(const struct ask *ask, int number, const char *text)
{
    struct esc_json *event = work_event_new("phase", NULL);
    struct esc_json *data = esc_json_object();
    esc_json_set_int(data, "number", number);
    esc_json_set_text(data, "text", text);
    esc_json_set(event, "data", data);
    work_event(ask->call, event);
}

/* What is known of the playbook's actions on the target; `pages` and `permit` own the words. What
 * the captures have just read is allowed, whatever the policies say. */
struct known {
    struct esc_known_action items[WORK_KNOWN_ACTIONS];
    size_t count;
    struct esc_json *pages;
    struct work_permit *permit; /* NULL: no policies were read */
    const char *whose;          /* these are, when not those of who has read the captures */
};

static bool was_just_read(const struct esc_json *plan, const char *action)
{
    const struct esc_json *captures = esc_json_get(plan, "captures");
    for (size_t i = 0; i < esc_json_len(captures); i++) {
        const struct esc_json *capture = esc_json_at(captures, i);
        const struct esc_operation *operation = esc_operation_find(
            esc_json_str(capture, "service", ""), esc_json_str(capture, "operation", ""));
        if (operation && esc_text_equal(operation->iam_action, action))
            return true;
    }
    return false;
}

static void add_known(const struct ask *ask, const struct esc_resource *target, const char *action,
                      struct known *known)
{
    struct esc_json *page = work_permit_explain(known->permit, target, action);
    struct esc_known_action *item = &known->items[known->count++];
    esc_json_push(known->pages, page);
    *item = work_known_action(page);
    item->whose = known->whose;
    if (was_just_read(ask->plan, action))
        *item = (struct esc_known_action){.action = action, .known = ESC_PERMISSION_ALLOWED};
}

/* NULL when @p permit is of the caller. A sync of the schedule may have other keys than a person. */
static const char *another_than(const char *caller_arn, const struct work_permit *permit)
{
    const char *whose =
        esc_json_str(work_permit_document(permit), "caller.arn", "an unknown caller");
    return esc_caller_is_same(whose, caller_arn) ? NULL : whose;
}

static void know_actions(const struct ask *ask, const struct esc_resource *target,
                         const char *caller_arn, struct known *known)
{
    const struct esc_workbench *bench = ask->call->bench;
    const struct esc_playbook *playbook =
        esc_shelf_find(bench->shelf, esc_json_str(ask->plan, "playbook.id", ""));
    *known = (struct known){.pages = esc_json_array()};
    known->permit = target ? work_permit_new(ask->call->bench, target->account_id, NULL) : NULL;
    if (!known->permit || !playbook)
        return;
    known->whose = another_than(caller_arn, known->permit);
    for (size_t i = 0; i < playbook->action_count && i < WORK_KNOWN_ACTIONS; i++)
        add_known(ask, target, playbook->actions[i], known);
}

static void known_done(struct known *known)
{
    esc_json_free(known->pages);
    work_permit_free(known->permit);
}

static void observed(void *context, struct esc_json *captures, const struct esc_error *failure)
{
    struct ask *ask = context;
    const char *caller_arn = work_probe_caller(ask->probing);
    ask->probing = NULL;
    if (!captures) {
        ask_fail(ask, failure);
        return;
    }
    struct esc_error err;
    struct esc_verdict verdict;
    esc_verdict_init(&verdict);
    /* Known at the latest now: the captures were read with it. */
    esc_json_set_text(ask->plan, "cli_version", ask->call->bench->aws_version);
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    const enum esc_status known = work_resource(
        ask->call->bench, esc_json_str(ask->plan, "targets[0].id", ""), &resource, &err);
    struct known actions;
    know_actions(ask, resource, caller_arn, &actions);
    const struct esc_known_actions known_actions = {actions.items, actions.count};
    const enum esc_status status =
        known != ESC_OK && known != ESC_NOT_FOUND
            ? known
            : esc_plan_judge(ask->call->bench->shelf, ask->meaning.request, captures,
                             &known_actions, ask->plan, &verdict, &err);
    known_done(&actions);
    esc_json_free(captures);
    if (status == ESC_OK)
        ask_conclude(ask, &verdict);
    else
        ask_fail(ask, &err);
    esc_verdict_done(&verdict);
}

static void make_nonce(const struct esc_workbench *bench, char nonce[ESC_NONCE_SIZE + 1])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t i = 0; i < ESC_NONCE_SIZE; i++)
        nonce[i] = letters[esc_random_below(bench->random, sizeof letters - 1)];
    nonce[ESC_NONCE_SIZE] = '\0';
}

static void verify(struct ask *ask, struct esc_str response)
{
    struct esc_workbench *bench = ask->call->bench;
    struct esc_error err;
    char nonce[ESC_NONCE_SIZE + 1];
    make_nonce(bench, nonce);
    const struct esc_plan_local local = {.now_ms = esc_clock_wall_ms(bench->clock), .nonce = nonce};
    if (esc_plan_verify(bench->shelf, ask->meaning.request, response, &local, &ask->plan, &err) !=
        ESC_OK) {
        ask_fail(ask, &err);
        return;
    }
    if (ask_which(ask))
        return;
    ask->emulator = work_plan_is_emulated(bench, ask->plan);
    say_phase(ask, 4, "reading the live state");
    ask->probing = work_captures_start(bench, ask->plan, ask->call->environment, observed, ask);
}

static void take_response(struct ask *ask, struct esc_str response)
{
    struct esc_error err;
    enum esc_response_kind kind;
    if (esc_response_read(response, &kind, &ask->response, &err) != ESC_OK) {
        ask_fail(ask, &err);
        return;
    }
    switch (kind) {
    case ESC_RESPONSE_PLAN:
        verify(ask, response);
        break;
    case ESC_RESPONSE_QUESTION:
        ask_answer_question(ask);
        break;
    case ESC_RESPONSE_QUERY:
        ask_answer_query(ask);
        break;
    case ESC_RESPONSE_REFUSAL:
        ask_answer(ask, ESC_BLOCKED, "refusal", esc_json_str(ask->response, "text", ""));
        break;
    case ESC_RESPONSE_ANSWER:
    case ESC_RESPONSE_KIND_COUNT:
    default:
        ask_answer(ask, ESC_OK, "answer", esc_json_str(ask->response, "text", ""));
        break;
    }
}

static void asked(void *context, struct esc_str response, const struct esc_error *err)
{
    struct ask *ask = context;
    ask->asking = NULL;
    if (err)
        ask_fail(ask, err);
    else
        take_response(ask, response);
}

static void ask_here(struct ask *ask)
{
    struct esc_error err;
    struct esc_buf response;
    esc_buf_init(&response, ESC_MAX_REQUEST);
    if (esc_answer(ask->call->bench->planner, ask->meaning.request, &response, &err) == ESC_OK)
        take_response(ask, esc_buf_str(&response));
    else
        ask_fail(ask, &err);
    esc_buf_done(&response);
}

static void ask_planner(struct ask *ask)
{
    const char *planner = work_text(ask->call, "planner");
    say_phase(ask, 3, planner ? "asking the planner" : "planning");
    if (!planner) {
        ask_here(ask);
        return;
    }
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(ask->meaning.request, ESC_JSON_COMPACT);
    const struct esc_http_way way = esc_aws_environment_way(ask->call->environment);
    const struct esc_ask_post post = {planner, esc_str_of(work_text(ask->call, "planner_token")),
                                      esc_str_of(text), &way};
    ask->asking = esc_ask_send(ask->call->bench->http, &post, asked, ask);
}

static void cancel_ask(struct esc_api_call *call)
{
    struct ask *ask = call->state;
    if (ask->asking)
        esc_ask_cancel(ask->asking);
    work_probe_cancel(ask->probing);
}

/* Until names can be masked, a planner elsewhere sees them: only on the person's own word. */
static enum esc_status check_mode(const struct ask *ask, struct esc_error *err)
{
    const char *mode = work_text(ask->call, "mode");
    const char *planner = work_text(ask->call, "planner");
    const char *token = work_text(ask->call, "planner_token");
    const bool full = esc_text_equal(mode, "full");
    if (mode && !full && !esc_text_equal(mode, "local"))
        return esc_fail(err, ESC_INVALID, "--mode takes local or full");
    if (!planner)
        return ESC_OK;
    if (!full)
        return esc_fail(err, ESC_INVALID,
                        "a planner elsewhere gets names and tags: say so with --mode full");
    if (!esc_ask_may_go_to(planner))
        return esc_fail(err, ESC_INVALID,
                        "a planner is reached by https, or by http on this machine");
    if (!esc_ask_stays_here(planner) && (!token || !*token))
        return esc_fail(err, ESC_INVALID,
                        "a planner on another machine is asked with its token alone: "
                        "--planner-token-file FILE");
    return ESC_OK;
}

static enum esc_status find_meaning(struct ask *ask, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *history = ask_history(ask);
    return work_meaning_find(ask->call, ask->prompt, esc_json_member(ask->call->args, "resources"),
                             history, &ask->meaning, err);
}

static enum esc_status prepare(struct ask *ask, struct esc_error *err)
{
    ask->prompt = esc_str_of(work_text(ask->call, "prompt"));
    enum esc_status status = work_prompt_check(ask->prompt, err);
    if (status == ESC_OK)
        status = check_mode(ask, err);
    if (status == ESC_OK)
        status = ask_open_conversation(ask, err);
    say_phase(ask, 1, "finding what is meant");
    if (status == ESC_OK)
        status = find_meaning(ask, err);
    if (status == ESC_OK) /* after the history was read, so that it is not its own past */
        status = ask_add_message(ask, "user", work_text(ask->call, "prompt"), NULL, err);
    return status;
}

void work_ask(struct esc_api_call *call)
{
    struct ask *ask = esc_alloc_zero(sizeof *ask);
    struct esc_error err;
    ask->call = call;
    esc_uuid_format(esc_uuid_v4(call->bench->random), ask->answer_id);
    call->state = ask;
    call->cancel = cancel_ask;
    if (prepare(ask, &err) != ESC_OK) {
        ask_fail(ask, &err);
        return;
    }
    say_phase(ask, 2, "building the request");
    ask_planner(ask);
}
