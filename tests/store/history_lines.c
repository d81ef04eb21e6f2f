/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/store/history_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/store/audit.h"
#include "escher/store/conversation.h"
#include "escher/store/documents_private.h"
#include "escher/store/estate.h"

static size_t find_line(const struct esc_list *lines, const char *name)
{
    const size_t len = strlen(name);
    size_t i = 0;
    for (; i < lines->count; i++) {
        const char *line = lines->items[i];
        if (strncmp(line, name, len) == 0 && line[len] == '\t')
            break;
    }
    return i;
}

const char *line_value(const struct esc_list *lines, const char *name)
{
    const size_t index = find_line(lines, name);
    return index < lines->count ? strchr(lines->items[index], '\t') + 1 : NULL;
}

void set_line(struct esc_list *lines, const char *name, const char *value)
{
    const size_t index = find_line(lines, name);
    char *line = value ? esc_sprintf("%s\t%s", name, value) : NULL;
    if (index < lines->count)
        free(esc_list_remove(lines, index));
    if (line)
        esc_list_push(lines, line);
}

size_t count_lines(const struct esc_list *lines, const char *start)
{
    size_t count = 0;
    for (size_t i = 0; i < lines->count; i++)
        count += strncmp(lines->items[i], start, strlen(start)) == 0;
    return count;
}

char *line_at(const struct esc_list *lines, const char *start, size_t index)
{
    for (size_t i = 0; i < lines->count; i++) {
        const char *line = lines->items[i];
        if (strncmp(line, start, strlen(start)) == 0 && index-- == 0)
            return esc_strndup(line + strlen(start),
                               (size_t)(strchr(line, '\t') - line) - strlen(start));
    }
    return NULL;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(a, b);
}

char *join_lines(struct esc_list *lines)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_FILE);
    esc_list_sort(lines, compare_lines);
    for (size_t i = 0; i < lines->count; i++) {
        esc_buf_add_text(&text, lines->items[i]);
        esc_buf_add_char(&text, '\n');
    }
    ESC_ASSERT(text.status == ESC_OK);
    return esc_buf_take(&text);
}

void set_json(struct esc_list *lines, const char *name, const struct esc_json *json)
{
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_SORTED);
    set_line(lines, name, text);
}

char *resource_value(const char *name, const char *state, float vector)
{
    return esc_sprintf("%s %s %.0f", name, state, (double)vector);
}

/* Reading a whole store */

static bool read_document(void *context, const char *key, const struct esc_json *json)
{
    void **pair = context; /* the lines, the collection */
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("%s/%s", (const char *)pair[1], key);
    set_json(pair[0], name, json);
    return true;
}

static bool read_resource(void *context, const struct esc_resource *resource, const float *vector)
{
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("estate/%s", resource->name);
    ESC_CLEANUP(esc_freep)
    char *value = resource_value(resource->identifier, resource->state, vector ? vector[383] : 0);
    set_line(context, name, value);
    return true;
}

static bool read_conversation(void *context, const struct esc_conversation *conversation)
{
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("conversation/%s", conversation->id);
    ESC_CLEANUP(esc_freep)
    char *value = esc_sprintf("%s %zu", conversation->title, conversation->message_count);
    set_line(context, name, value);
    return true;
}

static bool read_message(void *context, const struct esc_chat_message *message)
{
    ESC_CLEANUP(esc_freep) char *start = esc_sprintf("message/%s/", message->conversation);
    ESC_CLEANUP(esc_freep)
    char *name = esc_sprintf("%s%04zu", start, count_lines(context, start) + 1);
    set_line(context, name, message->text);
    return true;
}

static bool read_record(void *context, const struct esc_audit_record *record)
{
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("audit/%04u", (unsigned)record->seq);
    set_json(context, name, record->event);
    return true;
}

static enum esc_status whole(enum esc_status status, const struct esc_store_tally *tally,
                             struct esc_error *err)
{
    return status == ESC_OK && tally->corrupt
               ? esc_fail(err, ESC_CORRUPT, "%zu rows do not open: %s", tally->corrupt,
                          tally->first.message)
               : status;
}

static enum esc_status read_documents(struct esc_store *store, struct esc_list *lines,
                                      struct esc_error *err)
{
    static const char *const collections[] = {"doc.settings", "plans", "runs", "approvals",
                                              "cells"};
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < ESC_COUNT(collections) && status == ESC_OK; i++) {
        struct esc_store_tally tally = {0};
        ESC_CLEANUP(esc_freep) char *collection = esc_strdup(collections[i]);
        void *pair[] = {lines, collection};
        const struct walk walk = {.collection = collection};
        status = whole(document_walk(store, &walk, read_document, pair, &tally, err), &tally, err);
    }
    return status;
}

static enum esc_status read_messages(struct esc_store *store, struct esc_list *lines,
                                     struct esc_error *err)
{
    struct esc_store_tally tally = {0};
    enum esc_status status = whole(
        esc_store_conversations(store, NULL, read_conversation, lines, &tally, err), &tally, err);
    const size_t count = count_lines(lines, "conversation/");
    for (size_t i = 0; i < count && status == ESC_OK; i++) {
        ESC_CLEANUP(esc_freep) char *id = line_at(lines, "conversation/", i);
        status =
            whole(esc_store_messages(store, id, read_message, lines, &tally, err), &tally, err);
    }
    return status;
}

static enum esc_status read_note(struct esc_store *store, struct esc_list *lines,
                                 struct esc_error *err)
{
    ESC_CLEANUP(db_releasep) struct db_statement *select = NULL;
    bool is_row = false;
    enum esc_status status =
        db_prepare(store->db, "SELECT value FROM header WHERE name = 'note'", &select, err);
    if (status == ESC_OK)
        status = db_step(select, &is_row, err);
    if (status == ESC_OK && is_row) {
        ESC_CLEANUP(esc_freep) char *value = esc_str_dup(db_bytes(select, 0));
        set_line(lines, "note", value);
    }
    return status;
}

enum esc_status history_read(struct esc_store *store, char **out, struct esc_error *err)
{
    struct esc_list lines;
    struct esc_store_tally tally = {0};
    esc_list_init(&lines, free);
    enum esc_status status = read_documents(store, &lines, err);
    if (status == ESC_OK)
        status =
            whole(esc_store_estate_each(store, read_resource, &lines, &tally, err), &tally, err);
    if (status == ESC_OK)
        status = history_check_blocks(store, err);
    if (status == ESC_OK)
        status = read_messages(store, &lines, err);
    if (status == ESC_OK)
        status =
            whole(esc_store_audit_each(store, 1, read_record, &lines, &tally, err), &tally, err);
    if (status == ESC_OK)
        status = esc_store_audit_verify(store, NULL, err);
    if (status == ESC_OK)
        status = read_note(store, &lines, err);
    if (status == ESC_OK)
        *out = join_lines(&lines);
    esc_list_done(&lines);
    return status;
}
