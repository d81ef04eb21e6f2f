/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/store/conversation.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/store/rows_private.h"

/*
 * Three collections under one key: "conversations" has a row for each conversation, id | JSON,
 * "chat_history" the messages, id | JSON | number, and "turn_runs" what they led to, id of the
 * message | id of the run. The number tells the order that rows were added in, so that moved rows
 * are noticed.
 */

#define CONVERSATIONS "conversations"
#define MESSAGES "chat_history"
#define TURN_RUNS "turn_runs"

static struct place conversation_place(const char *id)
{
    return (struct place){
        .collection = CONVERSATIONS, .id = esc_str_of(id), .owner = esc_str_of(id)};
}

static struct place message_place(const struct esc_chat_message *message)
{
    return (struct place){.collection = MESSAGES,
                          .id = esc_str_of(message->id),
                          .parent = esc_str_of(message->conversation),
                          .owner = esc_str_of(message->conversation)};
}

/* The conversation's own row */

static enum esc_status put_head(struct esc_store *store, const char *id,
                                const struct esc_json *head, struct esc_error *err)
{
    const struct place place = conversation_place(id);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(head, ESC_JSON_COMPACT);
    const struct esc_str part = esc_str_of(text);
    return row_put(store, &place, &part, 1, err);
}

static enum esc_status read_head(const struct row *row, struct esc_json **out,
                                 struct esc_error *err)
{
    if (row->part_count != 2)
        return esc_fail(err, ESC_CORRUPT, "a conversation has other parts than ours");
    enum esc_status status = esc_json_parse(row->parts[1], NULL, out, err);
    return status == ESC_OK ? ESC_OK : esc_wrap(err, ESC_CORRUPT, "conversation");
}

static enum esc_status get_head(struct esc_store *store, const char *id, struct esc_json **out,
                                struct esc_error *err)
{
    struct row row;
    const struct place place = conversation_place(id);
    row_init(&row);
    enum esc_status status = row_get(store, &place, &row, err);
    if (status == ESC_NOT_FOUND)
        status = esc_fail(err, ESC_NOT_FOUND, "no conversation `%s`", id);
    if (status == ESC_OK)
        status = read_head(&row, out, err);
    row_done(&row);
    return status;
}

enum esc_status esc_store_conversation_new(struct esc_store *store, const char *user_id,
                                           const char *title, char id[ESC_UUID_TEXT],
                                           struct esc_error *err)
{
    char new_id[ESC_UUID_TEXT];
    struct write write;
    const int64_t now_ms = (int64_t)esc_clock_wall_ms(store->clock);
    esc_uuid_format(esc_uuid_v4(store->random), new_id);
    ESC_CLEANUP(esc_json_freep) struct esc_json *head = esc_json_object();
    esc_json_set_text(head, "user_id", user_id);
    if (title)
        esc_json_set_text(head, "title", title);
    esc_json_set_int(head, "created_ms", now_ms);
    esc_json_set_int(head, "updated_ms", now_ms);
    esc_json_set_int(head, "messages", 0);
    enum esc_status status = write_begin(store, &write, err);
    if (status == ESC_OK)
        status = write_end(&write, put_head(store, new_id, head, err), err);
    if (status == ESC_OK)
        memcpy(id, new_id, sizeof new_id);
    return status;
}

enum esc_status esc_store_conversation_rename(struct esc_store *store, const char *id,
                                              const char *title, struct esc_error *err)
{
    struct write write;
    ESC_CLEANUP(esc_json_freep) struct esc_json *head = NULL;
    enum esc_status status = write_begin(store, &write, err);
    if (status != ESC_OK)
        return status;
    status = get_head(store, id, &head, err);
    if (status == ESC_OK) {
        esc_json_set_text(head, "title", title);
        status = put_head(store, id, head, err);
    }
    return write_end(&write, status, err);
}

/* Messages */

static enum esc_status put_message(struct esc_store *store, const struct esc_chat_message *message,
                                   int64_t number, struct esc_error *err)
{
    const struct place place = message_place(message);
    bool is_there = false;
    enum esc_status status = row_exists(store, &place, &is_there, err);
    if (status != ESC_OK)
        return status;
    if (is_there)
        return esc_fail(err, ESC_EXISTS, "the message %s is there already", message->id);
    char bytes[8];
    esc_store_u64(bytes, (uint64_t)number);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_chat_message_to_json(message);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_COMPACT);
    const struct esc_str parts[] = {esc_str_of(text), {bytes, sizeof bytes}};
    return row_put(store, &place, parts, ESC_COUNT(parts), err);
}

static enum esc_status add_message(struct esc_store *store, const struct esc_chat_message *message,
                                   struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *head = NULL;
    enum esc_status status = get_head(store, message->conversation, &head, err);
    if (status != ESC_OK)
        return status;
    const int64_t number = esc_json_num(head, "messages", 0) + 1;
    status = put_message(store, message, number, err);
    if (status != ESC_OK)
        return status;
    esc_json_set_int(head, "messages", number);
    esc_json_set_int(head, "updated_ms", (int64_t)message->at_ms);
    return put_head(store, message->conversation, head, err);
}

enum esc_status esc_store_message_add(struct esc_store *store,
                                      const struct esc_chat_message *message, struct esc_error *err)
{
    struct write write;
    enum esc_status status = write_begin(store, &write, err);
    if (status != ESC_OK)
        return status;
    return write_end(&write, add_message(store, message, err), err);
}

struct messages {
    esc_message_each_fn *fn;
    void *context;
    uint64_t last; /* number of the one before */
};

static enum esc_status each_message(void *context, const struct row *row, bool *stop,
                                    struct esc_error *err)
{
    struct messages *messages = context;
    if (row->part_count != 3 || row->parts[2].len != 8)
        return esc_fail(err, ESC_CORRUPT, "a message has other parts than ours");
    uint64_t number = esc_load_u64(row->parts[2].ptr);
    if (number <= messages->last)
        return esc_fail(err, ESC_CORRUPT, "message %llu does not follow message %llu",
                        (unsigned long long)number, (unsigned long long)messages->last);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    ESC_CLEANUP(esc_chat_message_freep) struct esc_chat_message *message = NULL;
    enum esc_status status = esc_json_parse(row->parts[1], NULL, &json, err);
    if (status == ESC_OK)
        status = esc_chat_message_from_json(json, &message, err);
    if (status != ESC_OK)
        return esc_wrap(err, ESC_CORRUPT, "message");
    messages->last = number;
    *stop = !messages->fn(messages->context, message);
    return ESC_OK;
}

enum esc_status esc_store_messages(struct esc_store *store, const char *conversation,
                                   esc_message_each_fn *fn, void *context,
                                   struct esc_store_tally *tally, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *head = NULL;
    struct messages messages = {fn, context, 0};
    const struct walk walk = {.collection = MESSAGES, .parent = esc_str_of(conversation)};
    enum esc_status status = get_head(store, conversation, &head, err);
    return status == ESC_OK ? rows_walk(store, &walk, each_message, &messages, tally, err) : status;
}

/* What a turn led to */

static struct place turn_place(const char *conversation, const char *message)
{
    return (struct place){.collection = TURN_RUNS,
                          .id = esc_str_of(message),
                          .parent = esc_str_of(conversation),
                          .owner = esc_str_of(conversation)};
}

enum esc_status esc_store_turn_run_put(struct esc_store *store, const char *conversation,
                                       const char *message, const char *run_id,
                                       struct esc_error *err)
{
    struct write write;
    ESC_CLEANUP(esc_json_freep) struct esc_json *head = NULL;
    const struct place place = turn_place(conversation, message);
    const struct esc_str part = esc_str_of(run_id);
    enum esc_status status = get_head(store, conversation, &head, err);
    if (status == ESC_OK)
        status = write_begin(store, &write, err);
    return status == ESC_OK ? write_end(&write, row_put(store, &place, &part, 1, err), err)
                            : status;
}

enum esc_status esc_store_turn_run_get(struct esc_store *store, const char *conversation,
                                       const char *message, char **out, struct esc_error *err)
{
    struct row row;
    const struct place place = turn_place(conversation, message);
    row_init(&row);
    enum esc_status status = row_get(store, &place, &row, err);
    if (status == ESC_OK && row.part_count != 2)
        status = esc_fail(err, ESC_CORRUPT, "what a turn led to has other parts than ours");
    if (status == ESC_OK)
        *out = esc_str_dup(row.parts[1]);
    row_done(&row);
    return status;
}

/* All conversations */

struct conversations {
    const struct esc_conversation_filter *filter;
    esc_conversation_each_fn *fn;
    void *context;
};

static bool is_wanted(const struct esc_conversation *conversation,
                      const struct esc_conversation_filter *filter)
{
    if (!filter)
        return true;
    if (filter->user_id && !esc_text_equal(filter->user_id, conversation->user_id))
        return false;
    return conversation->updated_ms >= filter->from_ms &&
           (!filter->before_ms || conversation->updated_ms < filter->before_ms);
}

static enum esc_status each_conversation(void *context, const struct row *row, bool *stop,
                                         struct esc_error *err)
{
    const struct conversations *walk = context;
    ESC_CLEANUP(esc_json_freep) struct esc_json *head = NULL;
    enum esc_status status = read_head(row, &head, err);
    if (status != ESC_OK)
        return status;
    ESC_CLEANUP(esc_freep) char *id = esc_str_dup(row->parts[0]);
    const struct esc_conversation conversation = {
        .id = id,
        .user_id = esc_json_str(head, "user_id", ""),
        .title = esc_json_str(head, "title", NULL),
        .created_ms = (uint64_t)esc_json_num(head, "created_ms", 0),
        .updated_ms = (uint64_t)esc_json_num(head, "updated_ms", 0),
        .message_count = (size_t)esc_json_num(head, "messages", 0),
    };
    if (is_wanted(&conversation, walk->filter))
        *stop = !walk->fn(walk->context, &conversation);
    return ESC_OK;
}

enum esc_status esc_store_conversations(struct esc_store *store,
                                        const struct esc_conversation_filter *filter,
                                        esc_conversation_each_fn *fn, void *context,
                                        struct esc_store_tally *tally, struct esc_error *err)
{
    struct conversations conversations = {filter, fn, context};
    const struct walk walk = {.collection = CONVERSATIONS};
    return rows_walk(store, &walk, each_conversation, &conversations, tally, err);
}

/* Deleting: rows and key in one transaction; after it the log is emptied, too. */

static enum esc_status delete_all(struct esc_store *store, const char *id, struct esc_error *err)
{
    const struct place place = conversation_place(id);
    const struct blind owner = keys_blind(store->keys, "owner", MESSAGES, place.owner);
    bool is_there = false;
    enum esc_status status = row_exists(store, &place, &is_there, err);
    if (status == ESC_OK && !is_there)
        return esc_fail(err, ESC_NOT_FOUND, "no conversation `%s`", id);
    if (status == ESC_OK)
        status = rows_delete_children(store, MESSAGES, place.id, err);
    if (status == ESC_OK)
        status = rows_delete_children(store, TURN_RUNS, place.id, err);
    if (status == ESC_OK)
        status = row_delete(store, &place, err);
    return status == ESC_OK ? keys_destroy(store->keys, &owner, err) : status;
}

enum esc_status esc_store_conversation_delete(struct esc_store *store, const char *id,
                                              struct esc_error *err)
{
    struct write write;
    enum esc_status status = write_begin(store, &write, err);
    if (status != ESC_OK)
        return status;
    store->may_spend = true; /* what makes room must not want for it */
    status = delete_all(store, id, err);
    store->wants_scrub |= status == ESC_OK;
    return write_end(&write, status, err);
}
