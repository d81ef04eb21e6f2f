/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"
#include "escher/plan/approval.h"
#include "escher/plan/judge.h"
#include "escher/plan/response.h"
#include "escher/plan/verify.h"
#include "escher/request/ask.h"
#include "escher/scan/caller.h"
#include "escher/store/conversation.h"
#include "escher/store/runs.h"
#include "escher/work/meaning_private.h"
#include "escher/work/permission_private.h"
#include "escher/work/run_private.h"

enum {
    MOST_HITS = 200,     /* of an answer */
    MOST_CARD_HITS = 20, /* of what is kept of it */
    MOST_NEAR = 5,       /* choices for a word that names nothing */
};

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
struct ask {
    struct esc_api_call *call;
    struct esc_str prompt;
    struct work_meaning meaning;
    struct esc_json *response; /* what the planner said, read strictly */
    struct esc_json *plan;
    struct esc_ask *asking;
    struct work_probe *probing;
    char *conversation;            /* NULL: none */
    char answer_id[ESC_UUID_TEXT]; /* of the message that the answer becomes */
    bool emulator;
};

static void ask_free(struct ask *ask)
{
    work_meaning_done(&ask->meaning);
    esc_json_free(ask->response);
    esc_json_free(ask->plan);
    free(ask->conversation);
    free(ask);
}

static void say_phase(const struct ask *ask, int number, const char *text)
{
    struct esc_json *event = work_event_new("phase", NULL);
    struct esc_json *data = esc_json_object();
    esc_json_set_int(data, "number", number);
    esc_json_set_text(data, "text", text);
    esc_json_set(event, "data", data);
    work_event(ask->call, event);
}

/* Conversations. */

static bool push_turn(void *context, const struct esc_chat_message *message)
{
    struct esc_json *turn = esc_json_object();
    esc_json_set_text(turn, "role", message->role);
    esc_json_set_text(turn, "text", message->text);
    esc_json_push(context, turn);
    return true;
}

static struct esc_json *history_of(const struct ask *ask)
{
    struct esc_json *turns = esc_json_array();
    if (ask->conversation)
        (void)esc_store_messages(ask->call->bench->store, ask->conversation, push_turn, turns, NULL,
                                 NULL); /* a new one has none */
    return turns;
}

static enum esc_status open_conversation(struct ask *ask, struct esc_error *err)
{
    const char *wanted = work_text(ask->call, "conversation");
    if (wanted && !esc_text_equal(wanted, "new")) {
        ask->conversation = esc_strdup(wanted);
        return ESC_OK;
    }
    char id[ESC_UUID_TEXT];
    ESC_CLEANUP(esc_freep) char *title = esc_str_dup(esc_utf8_cut(ask->prompt, 80));
    const enum esc_status status =
        esc_store_conversation_new(ask->call->bench->store, "local", title, id, err);
    if (status == ESC_OK)
        ask->conversation = esc_strdup(id);
    return status;
}

/* What is shown again when somebody comes back: the answer, with as many rows as a card has. */
static struct esc_json *card_of(const struct esc_json *body)
{
    struct esc_json *card = esc_json_copy(body);
    const struct esc_json *hits = esc_json_member(body, "hits");
    if (!hits)
        return card;
    struct esc_json *first = esc_json_array();
    for (size_t i = 0; i < esc_json_len(hits) && i < MOST_CARD_HITS; i++)
        esc_json_push(first, esc_json_copy(esc_json_at(hits, i)));
    esc_json_set(card, "hits", first);
    return card;
}

/* @p body: the answer, or NULL for a question. */
static enum esc_status add_message(const struct ask *ask, const char *role, const char *text,
                                   const struct esc_json *body, struct esc_error *err)
{
    struct esc_workbench *bench = ask->call->bench;
    struct esc_chat_message *message = esc_chat_message_new();
    char id[ESC_UUID_TEXT];
    esc_uuid_format(esc_uuid_v4(bench->random), id);
    message->id = esc_strdup(body ? ask->answer_id : id);
    message->conversation = esc_strdup(ask->conversation);
    message->role = esc_strdup(role);
    message->text = esc_strdup(text);
    message->at_ms = esc_clock_wall_ms(bench->clock);
    if (body) {
        message->plan_hash = esc_strdup_null(esc_json_str(body, "plan_hash", NULL));
        message->card = card_of(body);
    }
    const enum esc_status status = esc_store_message_add(bench->store, message, err);
    esc_chat_message_free(message);
    return status;
}

/* Answering. */

static void fail(struct ask *ask, const struct esc_error *err)
{
    struct esc_api_call *call = ask->call;
    ask_free(ask);
    work_fail(call, err);
}

static void finish(struct ask *ask, enum esc_status outcome, struct esc_json *body)
{
    struct esc_api_call *call = ask->call;
    struct esc_error err;
    const char *text = esc_json_str(body, "text", esc_json_str(body, "plan.explain_plan", ""));
    esc_json_set_text(body, "status", esc_status_text(outcome));
    esc_json_set_text(body, "conversation", ask->conversation);
    const enum esc_status status = add_message(ask, "assistant", text, body, &err);
    if (ask->response)
        esc_json_set(body, "response", esc_json_ref(ask->response));
    ask_free(ask);
    if (status == ESC_OK) {
        work_ok(call, body);
    } else {
        esc_json_free(body);
        work_fail(call, &err);
    }
}

static void answer(struct ask *ask, enum esc_status outcome, const char *kind, const char *text)
{
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "kind", kind);
    esc_json_set_text(body, "text", text);
    finish(ask, outcome, body);
}

/* A reason in its sentence. */
static void answer_sentence(struct ask *ask, enum esc_status outcome, const char *kind,
                            const char *begin, const char *reason)
{
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("%s: %s.", begin, reason);
    answer(ask, outcome, kind, text);
}

/* Choices of a question: those the planner named by id, with what the estate knows of them. */
static struct esc_json *named_choices(const struct ask *ask)
{
    struct esc_json *choices = esc_json_array();
    const struct esc_json *named = esc_json_get(ask->response, "choices");
    for (size_t i = 0; i < esc_json_len(named); i++) {
        const char *id = esc_json_str(esc_json_at(named, i), "id", "");
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
        if (work_resource(ask->call->bench, id, &resource, NULL) != ESC_OK)
            continue;
        struct esc_json *choice = esc_json_object();
        esc_json_set_text(choice, "id", id);
        work_set_resource(choice, resource);
        esc_json_push(choices, choice);
    }
    return choices;
}

/* Words that name nothing, with what is near them; *close: whether a spelling explains one.
 * @p fitting: only what the prompt's action can be done with at all. */
static struct esc_json *near_hits(const struct ask *ask, bool fitting, bool *close)
{
    struct esc_json *choices = esc_json_array();
    *close = false;
    for (size_t i = 0; i < esc_json_len(ask->meaning.near); i++) {
        const struct esc_json *hits = esc_json_get(esc_json_at(ask->meaning.near, i), "hits");
        for (size_t k = 0, taken = 0; k < esc_json_len(hits) && taken < MOST_NEAR; k++) {
            const struct esc_json *hit = esc_json_at(hits, k);
            if (fitting && !esc_answer_fits(ask->call->bench->planner, ask->prompt,
                                            esc_json_str(hit, "resource.resource_type", "")))
                continue;
            struct esc_json *choice = esc_json_copy(hit);
            *close = *close || esc_json_flag(choice, "close", false);
            esc_json_set_text(choice, "id", esc_json_str(choice, "resource.id", ""));
            esc_json_push(choices, choice);
            taken++;
        }
    }
    return choices;
}

/* "Stop orders-dn" means no snapshot, unless only a snapshot is called nearly so. */
static struct esc_json *near_choices(const struct ask *ask, bool *close)
{
    bool close_fitting, close_any;
    struct esc_json *fitting = near_hits(ask, true, &close_fitting);
    struct esc_json *any = near_hits(ask, false, &close_any);
    const bool enough = esc_json_len(fitting) > 0 && (close_fitting || !close_any);
    *close = enough ? close_fitting : close_any;
    esc_json_free(enough ? any : fitting);
    return enough ? fitting : any;
}

static const char *first_near_word(const struct ask *ask)
{
    return esc_json_str(esc_json_at(ask->meaning.near, 0), "word", NULL);
}

/* "Did you mean", when a word looks like a name and is none; "nothing is called", when none is
 * close to it. */
static void answer_near(struct ask *ask)
{
    bool close;
    struct esc_json *choices = near_choices(ask, &close);
    struct esc_json *body = esc_json_object();
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_LINE);
    esc_buf_printf(&text, "Nothing is called `%s`. ", first_near_word(ask));
    esc_buf_add_text(&text, close                   ? "Did you mean one of these?"
                            : esc_json_len(choices) ? "The closest by meaning:"
                                                    : "Nothing in the estate is close to it.");
    if (ask->call->bench->unreadable)
        esc_buf_printf(&text, " The estate is damaged; `escher sync` reads it again: %s.",
                       ask->call->bench->unreadable);
    esc_json_set_text(body, "kind", "question");
    esc_json_set_text(body, "reason", "unknown_resource");
    esc_json_set_str(body, "text", esc_buf_str(&text));
    esc_json_set(body, "choices", choices);
    esc_buf_done(&text);
    finish(ask, close ? ESC_AMBIGUOUS : ESC_NOT_FOUND, body);
}

static void answer_question(struct ask *ask)
{
    const char *reason = esc_json_str(ask->response, "reason", "");
    if (esc_text_equal(reason, "missing_resource") && esc_json_len(ask->meaning.near)) {
        answer_near(ask);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "kind", "question");
    esc_json_set_text(body, "reason", reason);
    esc_json_set_text(body, "text", esc_json_str(ask->response, "text", ""));
    esc_json_set(body, "choices", named_choices(ask));
    finish(ask, ESC_AMBIGUOUS, body);
}

/* A filter over the estate, which only we have: it is run here, and its rows are the answer. */
static void answer_query(struct ask *ask)
{
    struct esc_workbench *bench = ask->call->bench;
    const struct esc_find_query query = {
        .filter = esc_str_of(esc_json_str(ask->response, "filter", "")), .limit = MOST_HITS};
    struct esc_find_result result;
    struct esc_error err;
    if (esc_find(bench->index, &query, &result, &err) != ESC_OK) {
        fail(ask, &err);
        return;
    }
    struct esc_json *hits = esc_json_array();
    for (size_t i = 0; i < result.count; i++) {
        struct esc_json *hit = esc_json_object();
        work_set_card(bench, hit, &result.hits[i].card);
        esc_json_push(hits, hit);
    }
    struct esc_json *body = esc_json_object();
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("%zu in the estate.", result.total);
    esc_json_set_text(body, "kind", "query");
    esc_json_set_text(body, "text", text);
    esc_json_set_text(body, "filter", esc_json_str(ask->response, "filter", ""));
    esc_json_set_int(body, "total", (int64_t)result.total);
    esc_json_set(body, "hits", hits);
    esc_find_result_done(&result);
    finish(ask, ESC_OK, body);
}

/* Phases 3 and 4: the plan. */

static bool stop_at_once(void *, const struct esc_chat_message *)
{
    return false;
}

/* Whether a run went by it before; then it stays on record, whoever asks for it again. */
static bool has_run(const struct ask *ask, const char *hash)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *kept = NULL;
    return esc_store_plan_get(ask->call->bench->store, hash, &kept, NULL) == ESC_OK &&
           (esc_json_str(kept, "run", NULL) || esc_json_flag(kept, "ran", false));
}

/* What is kept under the hash: all that the approval and the run need. As long as a run goes by it,
 * it is that run's: put there anew it could be approved a second time. */
static enum esc_status keep_plan(const struct ask *ask, const char *hash, struct esc_error *err)
{
    struct esc_workbench *bench = ask->call->bench;
    const struct work_run *run = work_run_of_plan(bench, hash);
    if (run)
        return esc_fail(err, ESC_CONFLICT,
                        "this is being done already; `escher runs wait %s` waits for its end",
                        run->run->id);
    const enum esc_status there =
        esc_store_messages(bench->store, ask->conversation, stop_at_once, NULL, NULL, err);
    if (there != ESC_OK) /* deleted meanwhile: nothing of it is kept */
        return there;
    struct esc_json *kept = esc_json_object();
    if (has_run(ask, hash))
        esc_json_set_bool(kept, "ran", true);
    esc_json_set_text(kept, "state", "awaiting_approval");
    esc_json_set_text(kept, "prompt", esc_json_str(ask->meaning.request, "prompt", ""));
    esc_json_set_int(kept, "planned_at_ms", (int64_t)esc_clock_wall_ms(bench->clock));
    esc_json_set_text(kept, "conversation", ask->conversation);
    esc_json_set_text(kept, "message", ask->answer_id);
    esc_json_set(kept, "plan", esc_json_ref(ask->plan));
    esc_json_set(kept, "request", esc_json_ref(ask->meaning.request));
    const enum esc_status status = esc_store_plan_put(bench->store, hash, kept, err);
    esc_json_free(kept);
    return status;
}

static enum esc_status offer(struct ask *ask, const struct esc_verdict *verdict,
                             struct esc_json **body, struct esc_error *err)
{
    char hash[ESC_PLAN_HASH_TEXT];
    struct esc_approval_demand demand;
    esc_json_set(ask->plan, "warnings", esc_json_ref(verdict->warnings));
    enum esc_status status = esc_plan_hash(ask->plan, NULL, hash, err);
    if (status == ESC_OK)
        status = esc_approval_demand_of(ask->plan, &demand, err);
    if (status == ESC_OK)
        status = keep_plan(ask, hash, err);
    if (status != ESC_OK)
        return status;
    *body = esc_json_object();
    esc_json_set_text(*body, "kind", "plan");
    esc_json_set_text(*body, "plan_hash", hash);
    esc_json_set_bool(*body, "emulator", ask->emulator);
    if (demand.typed) {
        esc_json_set_text(*body, "confirm", demand.typed);
        esc_json_set_text(*body, "confirm_because", demand.typed_because);
    }
    esc_json_set_time(*body, "expires_at",
                      esc_clock_wall_ms(ask->call->bench->clock) + demand.ttl_ms);
    esc_json_set(*body, "plan", esc_json_ref(ask->plan));
    return ESC_OK;
}

static void conclude(struct ask *ask, const struct esc_verdict *verdict)
{
    struct esc_error err;
    struct esc_json *body = NULL;
    if (verdict->kind == ESC_VERDICT_NOOP) {
        answer_sentence(ask, ESC_OK, "answer", "Nothing to do", verdict->reason);
    } else if (verdict->kind == ESC_VERDICT_BLOCKED) {
        answer_sentence(ask, ESC_BLOCKED, "refusal", "Not possible", verdict->reason);
    } else if (offer(ask, verdict, &body, &err) == ESC_OK) {
        finish(ask, ESC_STALE, body);
    } else {
        fail(ask, &err);
    }
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
        fail(ask, failure);
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
        conclude(ask, &verdict);
    else
        fail(ask, &err);
    esc_verdict_done(&verdict);
}

static void make_nonce(const struct esc_workbench *bench, char nonce[ESC_NONCE_SIZE + 1])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t i = 0; i < ESC_NONCE_SIZE; i++)
        nonce[i] = letters[esc_random_below(bench->random, sizeof letters - 1)];
    nonce[ESC_NONCE_SIZE] = '\0';
}

/* A name stands for all that are called so. Where rows of the estate cannot be read, another one
 * may be among them: then the person picks. */
static bool asks_which(struct ask *ask)
{
    const struct esc_workbench *bench = ask->call->bench;
    const struct esc_json *target =
        bench->unreadable ? work_meaning_named_only(ask->meaning.request, ask->plan) : NULL;
    ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
    if (!target ||
        work_resource(ask->call->bench, esc_json_str(target, "id", ""), &resource, NULL) != ESC_OK)
        return false;
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("Is this the one you mean? Another may be called so: the estate is "
                             "damaged, %s. `escher sync` reads it again.",
                             bench->unreadable);
    struct esc_json *body = esc_json_object(), *choices = esc_json_array();
    struct esc_json *choice = esc_json_object();
    esc_json_set_text(choice, "id", resource->id);
    work_set_resource(choice, resource);
    esc_json_push(choices, choice);
    esc_json_set_text(body, "kind", "question");
    esc_json_set_text(body, "reason", "ambiguous");
    esc_json_set_text(body, "text", text);
    esc_json_set(body, "choices", choices);
    finish(ask, ESC_AMBIGUOUS, body);
    return true;
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
        fail(ask, &err);
        return;
    }
    if (asks_which(ask))
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
        fail(ask, &err);
        return;
    }
    switch (kind) {
    case ESC_RESPONSE_PLAN:
        verify(ask, response);
        break;
    case ESC_RESPONSE_QUESTION:
        answer_question(ask);
        break;
    case ESC_RESPONSE_QUERY:
        answer_query(ask);
        break;
    case ESC_RESPONSE_REFUSAL:
        answer(ask, ESC_BLOCKED, "refusal", esc_json_str(ask->response, "text", ""));
        break;
    case ESC_RESPONSE_ANSWER:
    case ESC_RESPONSE_KIND_COUNT:
    default:
        answer(ask, ESC_OK, "answer", esc_json_str(ask->response, "text", ""));
        break;
    }
}

static void asked(void *context, struct esc_str response, const struct esc_error *err)
{
    struct ask *ask = context;
    ask->asking = NULL;
    if (err)
        fail(ask, err);
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
        fail(ask, &err);
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
    ESC_CLEANUP(esc_json_freep) struct esc_json *history = history_of(ask);
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
        status = open_conversation(ask, err);
    say_phase(ask, 1, "finding what is meant");
    if (status == ESC_OK)
        status = find_meaning(ask, err);
    if (status == ESC_OK) /* after the history was read, so that it is not its own past */
        status = add_message(ask, "user", work_text(ask->call, "prompt"), NULL, err);
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
        fail(ask, &err);
        return;
    }
    say_phase(ask, 2, "building the request");
    ask_planner(ask);
}
