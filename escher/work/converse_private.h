/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One question on its way to an answer; converse.c draws the way. */

#include "escher/request/ask.h"
#include "escher/work/meaning_private.h"

struct esc_verdict;

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

/* Its messages: converse_message.c */

enum esc_status ask_open_conversation(struct ask *ask, struct esc_error *err);

/** What was said before. @owns a new array */
struct esc_json *ask_history(const struct ask *ask);

/** @p body: the answer, or NULL for a question. */
enum esc_status ask_add_message(const struct ask *ask, const char *role, const char *text,
                                const struct esc_json *body, struct esc_error *err);

/* Its end, after which the ask is gone: converse_message.c */

void ask_fail(struct ask *ask, const struct esc_error *err);

/** @owns @p body */
void ask_finish(struct ask *ask, enum esc_status outcome, struct esc_json *body);

void ask_answer(struct ask *ask, enum esc_status outcome, const char *kind, const char *text);

/** A reason in its sentence. */
void ask_answer_sentence(struct ask *ask, enum esc_status outcome, const char *kind,
                         const char *begin, const char *reason);

/* Answers that need the estate; each ends the ask: converse_answer.c */

void ask_answer_question(struct ask *ask);

/** A filter over the estate, which only we have: it is run here, and its rows are the answer. */
void ask_answer_query(struct ask *ask);

/** Whether the person was asked which one is meant: a name stands for all that are called so; where
 * rows of the estate cannot be read, another one may be among them. */
bool ask_which(struct ask *ask);

/* The plan: converse_plan.c */

/** Keeps the plan and offers it, or says why there is none; ends the ask. */
void ask_conclude(struct ask *ask, const struct esc_verdict *verdict);
