/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/store/history_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/store/audit.h"
#include "escher/store/conversation.h"
#include "escher/store/document.h"
#include "escher/store/estate.h"
#include "escher/store/runs.h"

/*
 * Kinds of steps. Each has two functions: one tells the model what the step would leave behind,
 * the other takes it. Both get the same numbers, which mean something to that kind only.
 */

/* The id that the store will draw next. */
static void next_id(const struct history *history, char id[ESC_UUID_TEXT])
{
    struct esc_random_seeded copy;
    esc_random_seeded_init(&copy, 0);
    copy.state = history->random.state;
    esc_uuid_format(esc_uuid_v4(&copy.random), id);
}

/* Some text, up to two pages long, different for each step. */
static char *long_text(const struct step *step)
{
    struct esc_buf text;
    const unsigned len = step->b % 8 ? step->b % 300 : step->b % 14000;
    esc_buf_init(&text, ESC_MAX_FILE);
    esc_buf_printf(&text, "%u", step->c);
    while (text.len < len)
        esc_buf_printf(&text, " %u", step->c ^ (unsigned)text.len);
    return esc_buf_take(&text);
}

static struct esc_json *object_of(const char *key, const char *text)
{
    struct esc_json *json = esc_json_object();
    esc_json_set_text(json, key, text);
    return json;
}

static void expect_document(const struct history *, const struct step *step, struct esc_list *lines)
{
    ESC_CLEANUP(esc_freep) char *text = long_text(step);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = object_of("text", text);
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("doc.settings/k%u", step->a % 6);
    set_json(lines, name, json);
}

static enum esc_status put_document(struct history *history, const struct step *step,
                                    struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *text = long_text(step);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = object_of("text", text);
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("k%u", step->a % 6);
    return esc_store_doc_put(history->store, "settings", key, json, err);
}

static void expect_no_document(const struct history *, const struct step *step,
                               struct esc_list *lines)
{
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("doc.settings/k%u", step->a % 6);
    set_line(lines, name, NULL);
}

static enum esc_status drop_document(struct history *history, const struct step *step,
                                     struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("k%u", step->a % 6);
    return esc_store_doc_del(history->store, "settings", key, err);
}

/* The estate: up to three of eight resources, each in one of four states, with or without vector */

static const char *const resource_states[] = {"up", "down", "starting", "available"};

enum {
    BATCH = 3
};

static size_t batch_size(const struct step *step)
{
    return 1 + step->a % BATCH;
}

static unsigned resource_number(const struct step *step, size_t index)
{
    return (step->b + 3 * (unsigned)index) % 8;
}

static const char *resource_state(const struct step *step, size_t index)
{
    return resource_states[(step->c >> (2 * index)) % ESC_COUNT(resource_states)];
}

static float vector_of(const struct step *step, size_t index)
{
    return step->c & (64u << index) ? (float)(1 + (step->c + index) % 1000) : 0;
}

static void expect_resources(const struct history *, const struct step *step,
                             struct esc_list *lines)
{
    for (size_t i = 0; i < batch_size(step); i++) {
        ESC_CLEANUP(esc_freep) char *id = esc_sprintf("r%u", resource_number(step, i));
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("estate/%s", id);
        ESC_CLEANUP(esc_freep)
        char *value = resource_value(id, resource_state(step, i), vector_of(step, i));
        ESC_CLEANUP(esc_freep) char *start = esc_sprintf("%s %s ", id, resource_state(step, i));
        const char *before = line_value(lines, name);
        /* without a vector and in the same state it is not written, and keeps the one it has */
        if (vector_of(step, i) != 0 || !before || strncmp(before, start, strlen(start)) != 0)
            set_line(lines, name, value);
    }
}

static struct esc_resource *resource_of(const char *name, const char *state)
{
    struct esc_resource *resource = esc_resource_new();
    resource->id = esc_resource_key("123456789012", "us-west-2", "rds_instance", name);
    resource->provider = esc_strdup("aws");
    resource->resource_type = esc_strdup("rds_instance");
    resource->identifier = esc_strdup(name);
    resource->name = esc_strdup(name);
    resource->account_name = esc_strdup("production");
    resource->arn = esc_sprintf("arn:aws:rds:us-west-2:123456789012:db:%s", name);
    resource->account_id = esc_strdup("123456789012");
    resource->region = esc_strdup("us-west-2");
    resource->state = esc_strdup(state);
    resource->content_hash = esc_sprintf("sha256:%064zx", strlen(state));
    resource->last_synced_ms = HISTORY_NOW_MS;
    return resource;
}

static enum esc_status put_batch(struct history *history, const struct step *step, const char *sync,
                                 struct esc_error *err)
{
    struct esc_resource *resources[BATCH];
    const struct esc_resource *batch[BATCH];
    float floats[BATCH][ESC_STORE_DIMENSIONS] = {0};
    const float *vectors[BATCH] = {0};
    for (size_t i = 0; i < batch_size(step); i++) {
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("r%u", resource_number(step, i));
        resources[i] = resource_of(name, resource_state(step, i));
        resources[i]->seen_in = esc_strdup_null(sync);
        floats[i][ESC_STORE_DIMENSIONS - 1] = vector_of(step, i);
        vectors[i] = vector_of(step, i) != 0 ? floats[i] : NULL;
        batch[i] = resources[i];
    }
    enum esc_status status =
        esc_store_estate_put(history->store, batch, vectors, batch_size(step), NULL, err);
    for (size_t i = 0; i < batch_size(step); i++)
        esc_resource_free(resources[i]);
    return status;
}

static enum esc_status put_resources(struct history *history, const struct step *step,
                                     struct esc_error *err)
{
    return put_batch(history, step, NULL, err);
}

static void expect_no_resource(const struct history *, const struct step *step,
                               struct esc_list *lines)
{
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("estate/r%u", step->a % 8);
    set_line(lines, name, NULL);
}

static enum esc_status drop_resource(struct history *history, const struct step *step,
                                     struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("r%u", step->a % 8);
    ESC_CLEANUP(esc_freep)
    char *id = esc_resource_key("123456789012", "us-west-2", "rds_instance", name);
    return esc_store_estate_remove(history->store, id, err);
}

/* A scan: its batch is one step, closing its cell the next. */

/* Each scan has its own: one that failed has seen what the next one need not see. */
static char *scan_name(const struct step *step)
{
    return esc_sprintf("scan %u", step->c);
}

static enum esc_status scan_resources(struct history *history, const struct step *step,
                                      struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *sync = scan_name(step);
    enum esc_status status = put_batch(history, step, sync, err);
    history->scan_is_open = status == ESC_OK;
    return status;
}

static bool was_in_batch(const struct step *step, const char *resource)
{
    bool was = false;
    for (size_t i = 0; i < batch_size(step); i++)
        was |= resource[0] == 'r' && (unsigned)(resource[1] - '0') == resource_number(step, i);
    return was;
}

static void expect_closed_cell(const struct history *, const struct step *step,
                               struct esc_list *lines)
{
    ESC_CLEANUP(esc_freep) char *sync = scan_name(step);
    ESC_CLEANUP(esc_json_freep) struct esc_json *record = object_of("sync", sync);
    esc_json_set_int(record, "at_ms", HISTORY_NOW_MS);
    for (size_t i = count_lines(lines, "estate/"); i-- > 0;) {
        ESC_CLEANUP(esc_freep) char *resource = line_at(lines, "estate/", i);
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("estate/%s", resource);
        if (!was_in_batch(step, resource))
            set_line(lines, name, NULL);
    }
    set_json(lines, "cells/123456789012/us-west-2/rds_instance", record);
}

static enum esc_status close_cell(struct history *history, const struct step *step,
                                  struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *sync = scan_name(step);
    const struct esc_estate_cell cell = {.account_id = "123456789012",
                                         .region = "us-west-2",
                                         .resource_type = "rds_instance",
                                         .sync_id = sync,
                                         .at_ms = HISTORY_NOW_MS,
                                         .complete = true};
    enum esc_status status = esc_store_cell_done(history->store, &cell, NULL, err);
    history->scan_is_open = status != ESC_OK; /* then it is tried again */
    return status;
}

/* Plans, approvals, runs with their record in the audit trail */

static void expect_approval(const struct history *history, const struct step *step,
                            struct esc_list *lines)
{
    char id[ESC_UUID_TEXT];
    next_id(history, id);
    ESC_CLEANUP(esc_freep) char *plan = esc_sprintf("plan-%u", step->c % 100000);
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("approvals/%s", id);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = object_of("plan_hash", plan);
    esc_json_set_int(json, "approved_at_ms", HISTORY_NOW_MS);
    esc_json_set_int(json, "expires_at_ms", HISTORY_NOW_MS + 900'000);
    set_json(lines, name, json);
}

static enum esc_status approve(struct history *history, const struct step *step,
                               struct esc_error *err)
{
    char id[ESC_UUID_TEXT];
    ESC_CLEANUP(esc_freep) char *plan = esc_sprintf("plan-%u", step->c % 100000);
    const struct esc_store_approval approval = {plan, HISTORY_NOW_MS, HISTORY_NOW_MS + 900'000,
                                                NULL};
    return esc_store_approval_put(history->store, &approval, id, err);
}

/* An approval that no run has used; owned by the caller, NULL when there is none. */
static char *unused_approval(const struct esc_list *lines)
{
    for (size_t i = count_lines(lines, "approvals/"); i-- > 0;) {
        ESC_CLEANUP(esc_freep) char *id = line_at(lines, "approvals/", i);
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("approvals/%s", id);
        if (!strstr(line_value(lines, name), "used_by"))
            return ESC_STEAL(id);
    }
    return NULL;
}

static struct esc_json *approval_json(const struct esc_list *lines, const char *id)
{
    struct esc_json *json = NULL;
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("approvals/%s", id);
    ESC_ASSERT(esc_json_parse(esc_str_of(line_value(lines, name)), NULL, &json, NULL) == ESC_OK);
    return json;
}

static struct esc_json *event_of(const struct step *step)
{
    ESC_CLEANUP(esc_freep) char *run = esc_sprintf("run-%u", step->c);
    return object_of("run", run);
}

static void expect_intent(const struct history *, const struct step *step, struct esc_list *lines)
{
    ESC_CLEANUP(esc_freep) char *id = unused_approval(lines);
    ESC_CLEANUP(esc_freep) char *run = esc_sprintf("run-%u", step->c);
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("approvals/%s", id);
    ESC_CLEANUP(esc_freep) char *run_name = esc_sprintf("runs/%s", run);
    ESC_CLEANUP(esc_freep)
    char *record = esc_sprintf("audit/%04zu", count_lines(lines, "audit/") + 1);
    ESC_CLEANUP(esc_json_freep) struct esc_json *approval = approval_json(lines, id);
    ESC_CLEANUP(esc_json_freep) struct esc_json *queued = object_of("state", "queued");
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = event_of(step);
    esc_json_set_text(approval, "used_by", run);
    esc_json_set_int(approval, "used_at_ms", HISTORY_NOW_MS);
    set_json(lines, name, approval);
    set_json(lines, run_name, queued);
    set_json(lines, record, event);
}

static enum esc_status intend(struct history *history, const struct step *step,
                              struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *id = unused_approval(&history->lines);
    ESC_CLEANUP(esc_freep) char *run = esc_sprintf("run-%u", step->c);
    ESC_CLEANUP(esc_json_freep) struct esc_json *approval = approval_json(&history->lines, id);
    ESC_CLEANUP(esc_json_freep) struct esc_json *queued = object_of("state", "queued");
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = event_of(step);
    enum esc_status status = esc_store_begin(history->store, err);
    if (status != ESC_OK)
        return status;
    status =
        esc_store_approval_consume(history->store, id, esc_json_str(approval, "plan_hash", NULL),
                                   run, HISTORY_NOW_MS, NULL, err);
    if (status == ESC_OK)
        status = esc_store_run_put(history->store, run, queued, err);
    if (status == ESC_OK)
        status = esc_store_audit_append(history->store, event, NULL, err);
    if (status == ESC_OK)
        return esc_store_commit(history->store, err);
    esc_store_rollback(history->store);
    return status;
}

static void expect_result(const struct history *, const struct step *step, struct esc_list *lines)
{
    ESC_CLEANUP(esc_freep)
    char *id = line_at(lines, "runs/", step->a % count_lines(lines, "runs/"));
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("runs/%s", id);
    ESC_CLEANUP(esc_freep) char *text = long_text(step);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = object_of("output", text);
    set_json(lines, name, json);
}

static enum esc_status put_result(struct history *history, const struct step *step,
                                  struct esc_error *err)
{
    const struct esc_list *lines = &history->lines;
    ESC_CLEANUP(esc_freep)
    char *id = line_at(lines, "runs/", step->a % count_lines(lines, "runs/"));
    ESC_CLEANUP(esc_freep) char *text = long_text(step);
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = object_of("output", text);
    return esc_store_run_put(history->store, id, json, err);
}

/* Conversations */

static char *conversation_at(const struct esc_list *lines, const struct step *step)
{
    return line_at(lines, "conversation/", step->a % count_lines(lines, "conversation/"));
}

static void expect_conversation(const struct history *history, const struct step *step,
                                struct esc_list *lines)
{
    char id[ESC_UUID_TEXT];
    next_id(history, id);
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("conversation/%s", id);
    ESC_CLEANUP(esc_freep) char *value = esc_sprintf("title-%u 0", step->b);
    set_line(lines, name, value);
}

static enum esc_status start_conversation(struct history *history, const struct step *step,
                                          struct esc_error *err)
{
    char id[ESC_UUID_TEXT];
    ESC_CLEANUP(esc_freep) char *title = esc_sprintf("title-%u", step->b);
    return esc_store_conversation_new(history->store, "me", title, id, err);
}

static void expect_message(const struct history *, const struct step *step, struct esc_list *lines)
{
    ESC_CLEANUP(esc_freep) char *id = conversation_at(lines, step);
    ESC_CLEANUP(esc_freep) char *start = esc_sprintf("message/%s/", id);
    const size_t number = count_lines(lines, start) + 1;
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("%s%04zu", start, number);
    ESC_CLEANUP(esc_freep) char *head = esc_sprintf("conversation/%s", id);
    const char *before = line_value(lines, head);
    ESC_CLEANUP(esc_freep)
    char *value = esc_sprintf("%.*s %zu", (int)strcspn(before, " "), before, number);
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("message %u", step->c);
    set_line(lines, name, text);
    set_line(lines, head, value);
}

static enum esc_status add_message(struct history *history, const struct step *step,
                                   struct esc_error *err)
{
    ESC_CLEANUP(esc_chat_message_freep) struct esc_chat_message *message = esc_chat_message_new();
    message->id = esc_sprintf("%08x-%04x-4000-8000-000000000000", step->c, step->b & 0xFFFF);
    message->conversation = conversation_at(&history->lines, step);
    message->role = esc_strdup("user");
    message->text = esc_sprintf("message %u", step->c);
    message->at_ms = HISTORY_NOW_MS;
    return esc_store_message_add(history->store, message, err);
}

static void expect_no_conversation(const struct history *, const struct step *step,
                                   struct esc_list *lines)
{
    ESC_CLEANUP(esc_freep) char *id = conversation_at(lines, step);
    ESC_CLEANUP(esc_freep) char *start = esc_sprintf("message/%s/", id);
    ESC_CLEANUP(esc_freep) char *head = esc_sprintf("conversation/%s", id);
    for (size_t i = count_lines(lines, start); i-- > 0;) {
        ESC_CLEANUP(esc_freep) char *number = line_at(lines, start, i);
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("%s%s", start, number);
        set_line(lines, name, NULL);
    }
    set_line(lines, head, NULL);
}

static enum esc_status delete_conversation(struct history *history, const struct step *step,
                                           struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *id = conversation_at(&history->lines, step);
    return esc_store_conversation_delete(history->store, id, err);
}

/* The header, and what leaves nothing behind */

static void expect_note(const struct history *, const struct step *step, struct esc_list *lines)
{
    ESC_CLEANUP(esc_freep) char *value = esc_sprintf("%u", step->c);
    set_line(lines, "note", value);
}

static enum esc_status write_note(struct history *history, const struct step *step,
                                  struct esc_error *err)
{
    ESC_CLEANUP(esc_freep)
    char *sql = esc_sprintf("INSERT OR REPLACE INTO header (name, value)"
                            " VALUES ('note', CAST('%u' AS BLOB))",
                            step->c);
    enum esc_status status = esc_store_begin(history->store, err);
    if (status != ESC_OK)
        return status;
    status = db_run(history->store->db, sql, err);
    if (status == ESC_OK)
        return esc_store_commit(history->store, err);
    esc_store_rollback(history->store);
    return status;
}

static void expect_nothing(const struct history *, const struct step *, struct esc_list *)
{
}

static enum esc_status think_better_of_it(struct history *history, const struct step *step,
                                          struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = event_of(step);
    enum esc_status status = esc_store_begin(history->store, err);
    if (status == ESC_OK)
        status = put_document(history, step, err);
    if (status == ESC_OK)
        status = esc_store_audit_append(history->store, event, NULL, err);
    esc_store_rollback(history->store);
    return status;
}

static enum esc_status read_all(struct history *history, const struct step *, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *found = NULL;
    return history_read(history->store, &found, err);
}

static enum esc_status open_again(struct history *history, const struct step *,
                                  struct esc_error *err)
{
    history_close(history);
    return history_open(history, err);
}

static enum esc_status keep_blocks(struct history *history, const struct step *,
                                   struct esc_error *err)
{
    return history_keep_blocks(history->store, err);
}

struct kind {
    const char *name;
    unsigned weight;
    const char *needs; /* a line that begins like this */
    void (*expect)(const struct history *, const struct step *, struct esc_list *);
    enum esc_status (*run)(struct history *, const struct step *, struct esc_error *);
};

enum {
    CLOSE_CELL, /* what follows a scan's batch */
    APPROVE,    /* what stands in for a step whose needs are not there */
    INTEND,
};

static const struct kind kinds[] = {
    [CLOSE_CELL] = {"close a cell", 0, NULL, expect_closed_cell, close_cell},
    [APPROVE] = {"approve", 2, NULL, expect_approval, approve},
    [INTEND] = {"intend", 4, "approvals/", expect_intent, intend},
    {"put a document", 4, NULL, expect_document, put_document},
    {"drop a document", 1, NULL, expect_no_document, drop_document},
    {"put resources", 4, NULL, expect_resources, put_resources},
    {"drop a resource", 2, NULL, expect_no_resource, drop_resource},
    {"scan", 2, NULL, expect_resources, scan_resources},
    {"put a result", 2, "runs/", expect_result, put_result},
    {"start a conversation", 2, NULL, expect_conversation, start_conversation},
    {"add a message", 3, "conversation/", expect_message, add_message},
    {"delete a conversation", 1, "conversation/", expect_no_conversation, delete_conversation},
    {"write a note", 1, NULL, expect_note, write_note},
    {"think better of it", 1, NULL, expect_nothing, think_better_of_it},
    {"read it all", 1, NULL, expect_nothing, read_all},
    {"keep an index", 3, NULL, expect_nothing, keep_blocks},
    {"open again", 2, NULL, expect_nothing, open_again},
};

static bool is_possible(const struct history *history, const struct kind *kind)
{
    if (kind == &kinds[INTEND]) {
        ESC_CLEANUP(esc_freep) char *id = unused_approval(&history->lines);
        return id != NULL;
    }
    return !kind->needs || count_lines(&history->lines, kind->needs) > 0;
}

static size_t choose_kind(struct history *history)
{
    uint64_t total = 0, at;
    for (size_t i = 0; i < ESC_COUNT(kinds); i++)
        total += kinds[i].weight;
    at = esc_random_below(&history->dice.random, total);
    size_t kind = 0;
    while (at >= kinds[kind].weight)
        at -= kinds[kind++].weight;
    return is_possible(history, &kinds[kind]) ? kind : APPROVE;
}

static void copy_lines(const struct esc_list *from, struct esc_list *to)
{
    esc_list_init(to, free);
    for (size_t i = 0; i < from->count; i++)
        esc_list_push(to, esc_strdup(from->items[i]));
}

enum esc_status history_repeat(struct history *history, struct esc_error *err)
{
    const struct kind *kind = &kinds[history->step.kind];
    struct esc_list after;
    if (history->step.kind == CLOSE_CELL && !history->scan_is_open)
        return ESC_OK; /* the store was closed since, so it is no longer known what was seen */
    copy_lines(&history->lines, &after);
    kind->expect(history, &history->step, &after);
    esc_list_push(&history->states, join_lines(&after));
    history->now.to = history->states.count - 1;
    mark(history);
    enum esc_status status = kind->run(history, &history->step, err);
    if (status == ESC_OK) {
        history->now.from = history->now.to;
        esc_list_done(&history->lines);
        history->lines = after;
        mark(history);
    } else {
        esc_list_done(&after);
    }
    return status;
}

static enum esc_status take_step(struct history *history, size_t kind, struct esc_error *err)
{
    const struct esc_random *dice = &history->dice.random;
    if (kind != CLOSE_CELL) { /* which is about the batch before it */
        history->step.a = (unsigned)esc_random_below(dice, 1 << 20);
        history->step.b = (unsigned)esc_random_below(dice, 1 << 30);
        history->step.c = (unsigned)esc_random_below(dice, 1 << 30);
    }
    history->step.kind = kind;
    history->now.step = ++history->step_count;
    history->now.doing = kinds[kind].name;
    return history_repeat(history, err);
}

enum esc_status history_step(struct history *history, struct esc_error *err)
{
    return take_step(history, history->scan_is_open ? CLOSE_CELL : choose_kind(history), err);
}

enum esc_status history_take(struct history *history, const char *kind, struct esc_error *err)
{
    size_t index = 0;
    while (strcmp(kinds[index].name, kind) != 0)
        ESC_ASSERT(++index < ESC_COUNT(kinds));
    ESC_ASSERT(is_possible(history, &kinds[index]));
    return take_step(history, index, err);
}
