/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Conversations and their messages, in the collection chat_history. Each conversation has a data
 * key of its own; deleting it destroys that key, so that no copy of its rows can be opened any
 * more (backups keep the wrapped key until they expire).
 *
 * Ownership  what goes in is borrowed, what comes out is borrowed during a walk.
 * Units      wall-clock milliseconds.
 */

#include "escher/model/chat.h"
#include "escher/store/store.h"

struct esc_conversation {
    const char *id;      /* UUIDv4 */
    const char *user_id; /* whose it is */
    const char *title;   /* NULL when it has none */
    uint64_t created_ms, updated_ms;
    size_t message_count;
};

/** Starts a conversation; @p title may be NULL. */
enum esc_status esc_store_conversation_new(struct esc_store *store, const char *user_id,
                                           const char *title, char id[ESC_UUID_TEXT],
                                           struct esc_error *err);
/** Sets the title. @errors ESC_NOT_FOUND. */
enum esc_status esc_store_conversation_rename(struct esc_store *store, const char *id,
                                              const char *title, struct esc_error *err);
/**
 * Adds a message at the end of its conversation.
 * @errors ESC_NOT_FOUND: no such conversation; ESC_EXISTS: a message with that id is there.
 */
enum esc_status esc_store_message_add(struct esc_store *store,
                                      const struct esc_chat_message *message,
                                      struct esc_error *err);

typedef bool esc_conversation_each_fn(void *context, const struct esc_conversation *conversation);
typedef bool esc_message_each_fn(void *context, const struct esc_chat_message *message);

/** Which conversations a walk is about. */
struct esc_conversation_filter {
    const char *user_id;         /* NULL: of everybody */
    uint64_t from_ms, before_ms; /* by last change; before 0: no end */
};
/** In the order they were started. @p filter and @p tally may be NULL. */
enum esc_status esc_store_conversations(struct esc_store *store,
                                        const struct esc_conversation_filter *filter,
                                        esc_conversation_each_fn *fn, void *context,
                                        struct esc_store_tally *tally, struct esc_error *err);
/** The messages of one conversation in the order they were added. @errors ESC_NOT_FOUND. */
enum esc_status esc_store_messages(struct esc_store *store, const char *conversation,
                                   esc_message_each_fn *fn, void *context,
                                   struct esc_store_tally *tally, struct esc_error *err);
/**
 * Keeps with the turn that @p message answered which run it led to, instead of an earlier one.
 * @errors ESC_NOT_FOUND: no such conversation (nothing is written then).
 */
enum esc_status esc_store_turn_run_put(struct esc_store *store, const char *conversation,
                                       const char *message, const char *run_id,
                                       struct esc_error *err);
/** *out is owned by the caller. @errors ESC_NOT_FOUND: it led to none. */
enum esc_status esc_store_turn_run_get(struct esc_store *store, const char *conversation,
                                       const char *message, char **out, struct esc_error *err);
/** Deletes a conversation with its messages, what they led to, and its key.
 *  @errors ESC_NOT_FOUND. */
enum esc_status esc_store_conversation_delete(struct esc_store *store, const char *id,
                                              struct esc_error *err);
