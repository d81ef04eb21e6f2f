/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the planner knows of its shelf, and the way from a reading to an answer.
 *
 *     reading ──intent──▶ playbook ──slots──▶ values ──fill──▶ outcome ──compose──▶ JSON
 */

#include "escher/answer/reading.h"
#include "escher/playbook/fill.h"

/* ---- the shelf, prepared ---- */

/** One way of asking for a playbook, out of its `verb` and `words`. */
struct way {
    const char *signature; /* "stop", "set memory", "stop with snapshot" */
    const char *rest;      /* words that no rule explains: "from deletion"; NULL: none */
};

struct shelved {
    const struct esc_playbook *playbook;
    struct way *ways;
    size_t way_count;
    struct esc_list words; /* char *, of all its texts, with repeats */
    float *vector;         /* NULL without an encoder, or until it is made */
};

struct esc_planner {
    struct esc_arena arena;
    struct shelved *shelved; /* by id of the playbook */
    size_t count;
    double mean_words; /* of a playbook's text */
    esc_embed_fn *embed;
    void *embed_context;
};

/** What the action is called, whatever words were used: "stop" for "shut down". NULL: no action. */
const char *intent_signature(const struct reading *reading);
/** Makes the ways of @p shelved. */
void intent_prepare(struct esc_planner *planner, struct shelved *shelved);
/**
 * The playbook that does the reading's action on its target's type, or NULL. Words that the
 * playbook itself lists are used up.
 */
const struct shelved *intent_find(const struct esc_planner *planner, struct reading *reading);
/** Whether some playbook does the reading's action on @p type; true when no action is asked for. */
bool intent_fits(const struct esc_planner *planner, const struct reading *reading,
                 const struct esc_resource_type *type);
/** Whether some playbook does the action on another type. */
bool intent_is_known(const struct esc_planner *planner, const struct reading *reading);
/** "start, stop or reboot": what can be done with the type; "" when nothing. NULL type: any. */
const char *intent_offers(const struct esc_planner *planner, const struct esc_resource_type *type,
                          struct esc_arena *arena);

/* ---- retrieve.c ---- */

struct retrieved {
    const struct shelved *shelved;
    double score; /* 0 to 1 */
};

void retrieve_prepare_words(struct esc_planner *planner, struct shelved *shelved);
enum esc_status retrieve_prepare_vector(const struct esc_planner *planner, struct shelved *shelved,
                                        struct esc_error *err);
/** Makes those that are missing. */
enum esc_status retrieve_prepare_vectors(const struct esc_planner *planner, struct esc_error *err);
/** All playbooks, best first, for the reading with its names masked. In the reading's arena. */
struct retrieved *retrieve(const struct esc_planner *planner, const struct reading *reading);

/* ---- slots.c ---- */

struct slots {
    struct esc_json *values; /* {"memory_mb": 512}; owned by the outcome */
    const char *problem;     /* why a value cannot be meant; NULL */
};

/** Takes the values that @p playbook asks the person for out of the sentence. */
void slots_read(const struct esc_playbook *playbook, struct reading *reading, struct slots *out);

/** Whether the sentence holds an amount, unit and all, for a value of @p playbook. */
bool slots_have_unit(const struct esc_playbook *playbook, const struct reading *reading);

/* ---- the outcome ---- */

enum outcome_kind {
    OUTCOME_PLAN,
    OUTCOME_QUESTION,
    OUTCOME_ANSWER,
    OUTCOME_QUERY,
    OUTCOME_REFUSAL,
};

struct outcome {
    enum outcome_kind kind;
    const struct reading *reading; /* NULL: the prompt was not read */
    const char *reason;            /* of a question or refusal: "coverage" */
    const char *text;
    const struct shelved *shelved; /* the playbook it is about, or NULL */
    struct esc_filled *filled;     /* of a plan, and of what an answer shows; owned */
    struct asked_resource *const *choices;
    size_t choice_count;
    const struct esc_parameter *missing; /* of a question for a value */
    const char *filter, *verb;           /* of a query */
    struct esc_json *facts;              /* of an answer: [{"name", "value"}]; owned */
};

/** Thinks the whole way for one reading of the prompt. */
void decide(const struct esc_planner *planner, struct sentence *sentence, struct outcome *out);
void outcome_done(struct outcome *outcome);

/** A question or refusal with a text. */
void outcome_say(struct outcome *out, enum outcome_kind kind, const char *reason, const char *text);
/** Fills the playbook for the reading's target. @errors as esc_fill(). */
enum esc_status outcome_fill(struct outcome *out, const struct esc_json *values,
                             struct esc_error *err);

/* ---- facts.c, estate_query.c, compose.c ---- */

/** Answers a question about the target, or about an action on it. */
void facts_answer(const struct esc_planner *planner, struct reading *reading, struct outcome *out);
/** A list or count over the estate; false when the words give no filter. */
bool estate_query(struct reading *reading, struct outcome *out);

struct esc_json *compose(const struct esc_planner *planner, const struct outcome *outcome);
struct esc_json *compose_classification(const struct outcome *outcome);
