/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/utf8.h"
#include "escher/store/conversation.h"
#include "escher/work/converse_private.h"

/* What was said, and how a question ends: its answer is the conversation's next message. */

enum {
    MOST_CARD_HITS = 20, /* of what is kept of an answer */
};

static bool push_turn(void *context, const struct esc_chat_message *message)
{
    struct esc_json *turn = esc_json_object();
    esc_json_set_text(turn, "role", message->role);
    esc_json_set_text(turn, "text", message->text);
    esc_json_push(context, turn);
    return true;
}

struct esc_json *ask_history(const struct ask *ask)
{
    struct esc_json *turns = esc_json_array();
    if (ask->conversation)
        (void)esc_store_messages(ask->call->bench->store, ask->conversation, push_turn, turns, NULL,
                                 NULL); /* a new one has none */
    return turns;
}

enum esc_status ask_open_conversation(struct ask *ask, struct esc_error *err)
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
enum esc_status ask_add_message(const struct ask *ask, const char *role, const char *text,
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

static void ask_free(struct ask *ask)
{
    work_meaning_done(&ask->meaning);
    esc_json_free(ask->response);
    esc_json_free(ask->plan);
    free(ask->conversation);
    free(ask);
}

void ask_fail(struct ask *ask, const struct esc_error *err)
{
    struct esc_api_call *call = ask->call;
    ask_free(ask);
    work_fail(call, err);
}

void ask_finish(struct ask *ask, enum esc_status outcome, struct esc_json *body)
{
    struct esc_api_call *call = ask->call;
    struct esc_error err;
    const char *text = esc_json_str(body, "text", esc_json_str(body, "plan.explain_plan", ""));
    esc_json_set_text(body, "status", esc_status_text(outcome));
    esc_json_set_text(body, "conversation", ask->conversation);
    const enum esc_status status = ask_add_message(ask, "assistant", text, body, &err);
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

void ask_answer(struct ask *ask, enum esc_status outcome, const char *kind, const char *text)
{
    struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "kind", kind);
    esc_json_set_text(body, "text", text);
    ask_finish(ask, outcome, body);
}

/* A reason in its sentence. */
void ask_answer_sentence(struct ask *ask, enum esc_status outcome, const char *kind,
                         const char *begin, const char *reason)
{
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("%s: %s.", begin, reason);
    ask_answer(ask, outcome, kind, text);
}
