/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The door of the planner, and what to do with names that are words.
 *
 * A resource may be called "stop" or "everything". Where such a name stands bare in the prompt it
 * may be the name or the word, so every combination is thought through. A plan whose target is
 * such a bare word is not made: it becomes a question with that resource as the choice. Quotes,
 * "the instance called stop", or a pick make it a name.
 */

#include "escher/answer/answer.h"

#include <string.h>

#include "escher/answer/planner_private.h"
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/find/words.h"
#include "escher/model/environment.h"

enum {
    MAX_WORDLIKE = 4, /* names of one prompt that are words; more are read as words */
    MAX_WAYS = 1 << MAX_WORDLIKE
};

/* ---- the planner ---- */

struct esc_planner *esc_planner_new_cold(const struct esc_shelf *shelf, esc_embed_fn *embed,
                                         void *embed_context)
{
    struct esc_planner *planner = esc_alloc_zero(sizeof *planner);
    esc_arena_init(&planner->arena);
    planner->embed = embed;
    planner->embed_context = embed_context;
    planner->shelved =
        esc_arena_alloc(&planner->arena, (esc_shelf_count(shelf) + 1) * sizeof *planner->shelved);
    for (size_t i = 0; i < esc_shelf_count(shelf); i++) {
        struct shelved *shelved = &planner->shelved[planner->count++];
        shelved->playbook = esc_shelf_at(shelf, i);
        intent_prepare(planner, shelved);
        retrieve_prepare_words(planner, shelved);
    }
    if (planner->count > 0)
        planner->mean_words /= (double)planner->count;
    return planner;
}

bool esc_planner_warm(struct esc_planner *planner)
{
    for (size_t i = 0; planner->embed && i < planner->count; i++) {
        struct shelved *shelved = &planner->shelved[i];
        if (!shelved->vector)
            return retrieve_prepare_vector(planner, shelved, NULL) == ESC_OK;
    }
    return false;
}

enum esc_status esc_planner_new(const struct esc_shelf *shelf, esc_embed_fn *embed,
                                void *embed_context, struct esc_planner **out,
                                struct esc_error *err)
{
    ESC_CLEANUP(esc_planner_freep)
    struct esc_planner *planner = esc_planner_new_cold(shelf, embed, embed_context);
    enum esc_status status = embed ? retrieve_prepare_vectors(planner, err) : ESC_OK;
    if (status == ESC_OK)
        *out = ESC_STEAL(planner);
    return status;
}

static void shelved_done(struct shelved *shelved)
{
    esc_list_done(&shelved->words);
    free(shelved->vector);
}

void esc_planner_free(struct esc_planner *planner)
{
    if (!planner)
        return;
    for (size_t i = 0; i < planner->count; i++)
        shelved_done(&planner->shelved[i]);
    esc_arena_done(&planner->arena);
    free(planner);
}

/* ---- names that are words ---- */

/* A bare name that the lexicon knows, or that is a number: "stop", "all", "production", "512". */
static bool is_wordlike(const struct asked *asked, const struct mention *mention)
{
    if (mention->quoted || mention->resources[0]->picked)
        return false;
    struct esc_str text = esc_str_slice(asked->prompt, mention->start, mention->end);
    char *lower = esc_arena_dup(asked->arena, text);
    for (size_t i = 0; i < text.len; i++)
        lower[i] = esc_to_lower(lower[i]);
    struct asked alone = {.arena = asked->arena, .prompt = {lower, text.len}};
    struct sentence sentence;
    sentence_cut(&alone, 0, &sentence);
    for (size_t i = 0; i < sentence.count; i++) {
        const struct token *token = &sentence.tokens[i];
        const struct esc_word word = {token->lower, 0, token->lower.len};
        struct reading reading;
        const struct lexicon_verb *verb = NULL;
        enum verb_form form = FORM_NONE;
        uint64_t types = 0;
        reading_init(&sentence, &reading);
        bool known = token->kind == TOKEN_NUMBER || token->kind == TOKEN_QUANTITY ||
                     token->kind == TOKEN_TIME || token->kind == TOKEN_REGION ||
                     lexicon_has(token->lower) || esc_environment_of_word(token->lower) ||
                     esc_words_type(&word, 1, &types) > 0 || esc_words_state(token->lower) ||
                     lexicon_verb(&reading.words, i, &verb, &form) > 0;
        if (!known)
            return false;
    }
    return sentence.count > 0;
}

/* "the instance called stop": a type or a naming word beside it says that it is a name. */
static bool is_introduced(const struct reading *reading)
{
    const struct sentence *sentence = reading->sentence;
    for (size_t i = 0; i < sentence->count; i++) {
        if (sentence->tokens[i].kind != TOKEN_RESOURCE)
            continue;
        bool before = i > 0 && (sentence->tokens[i - 1].describes ||
                                lexicon_match(&reading->words, i - 1, WORD_NAMING, NULL) == 1);
        bool after = i + 1 < sentence->count && sentence->tokens[i + 1].describes;
        if (before || after)
            return true;
    }
    return false;
}

struct ways {
    struct outcome items[MAX_WAYS];
    size_t count;
    uint64_t wordlike; /* bit i: mention i is a word */
};

static uint64_t wordlike_mentions(struct asked *asked)
{
    struct sentence sentence;
    uint64_t bits = 0;
    size_t count = 0;
    sentence_cut(asked, 0, &sentence);
    for (size_t i = 0; i < sentence.mention_count && i < 64; i++)
        if (is_wordlike(asked, &sentence.mentions[i]) && count++ < MAX_WORDLIKE)
            bits |= (uint64_t)1 << i;
    return bits;
}

/* The target of a plan is a bare word of the language. */
static bool is_bare_target(const struct outcome *outcome, uint64_t wordlike)
{
    const struct reading *reading = outcome->reading;
    if (outcome->kind != OUTCOME_PLAN || !reading->mention || is_introduced(reading))
        return false;
    for (size_t i = 0; i < reading->sentence->mention_count && i < 64; i++)
        if (&reading->sentence->mentions[i] == reading->mention)
            return wordlike >> i & 1;
    return false;
}

static void ask_whether_name(struct outcome *outcome)
{
    const struct reading *reading = outcome->reading;
    outcome_done(outcome);
    outcome->shelved = NULL;
    outcome->choices = reading->mention->resources;
    outcome->choice_count = reading->mention->resource_count;
    outcome_say(outcome, OUTCOME_QUESTION, "ambiguous",
                "That is a word and also the name of a resource. Is the resource meant?");
}

/* All subsets of the wordlike mentions, from all as words to all as names. */
static void think_all(const struct esc_planner *planner, struct asked *asked, struct ways *ways)
{
    uint64_t subset = ways->wordlike;
    for (;;) {
        struct sentence *sentence = esc_arena_alloc(asked->arena, sizeof *sentence);
        struct outcome *outcome = &ways->items[ways->count++];
        sentence_cut(asked, subset, sentence);
        decide(planner, sentence, outcome);
        if (is_bare_target(outcome, ways->wordlike & ~subset))
            ask_whether_name(outcome);
        if (subset == 0)
            return;
        subset = (subset - 1) & ways->wordlike;
    }
}

static bool same_plan(const struct outcome *a, const struct outcome *b)
{
    return a->shelved == b->shelved && a->reading->target == b->reading->target;
}

/* The one plan there is; else, where the words alone lack a resource, the question that offers
 * one; else what the words alone say. */
static const struct outcome *choose(const struct ways *ways)
{
    const struct outcome *plan = NULL, *offer = NULL;
    for (size_t i = 0; i < ways->count; i++) {
        const struct outcome *one = &ways->items[i];
        if (one->kind == OUTCOME_PLAN && plan && !same_plan(plan, one))
            return &ways->items[0];
        if (one->kind == OUTCOME_PLAN && !plan)
            plan = one;
        if (one->choice_count > 0 && !offer)
            offer = one;
    }
    if (plan)
        return plan;
    const char *reason = ways->items[0].reason;
    bool lacks =
        ways->items[0].kind == OUTCOME_QUESTION &&
        (strcmp(reason, "missing_resource") == 0 || strcmp(reason, "not_understood") == 0 ||
         strcmp(reason, "set_not_supported") == 0);
    return lacks && offer ? offer : &ways->items[0];
}

/* ---- the answer ---- */

typedef struct esc_json *compose_fn(const struct esc_planner *, const struct outcome *);

static struct esc_json *only_classification(const struct esc_planner *,
                                            const struct outcome *outcome)
{
    return compose_classification(outcome);
}

static void think(const struct esc_planner *planner, struct asked *asked, compose_fn *fn,
                  struct esc_buf *response)
{
    struct ways *ways = esc_arena_alloc(asked->arena, sizeof *ways);
    if (asked->prompt.len > ESC_MAX_PROMPT) {
        ways->count = 1;
        outcome_say(&ways->items[0], OUTCOME_QUESTION, "not_understood",
                    "This is too long to be one request.");
    } else {
        ways->wordlike = wordlike_mentions(asked);
        think_all(planner, asked, ways);
    }
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = fn(planner, choose(ways));
    esc_json_write(json, ESC_JSON_COMPACT, response);
    for (size_t i = 0; i < ways->count; i++)
        outcome_done(&ways->items[i]);
}

static enum esc_status respond(const struct esc_planner *planner, const struct esc_json *request,
                               compose_fn *fn, struct esc_buf *response, struct esc_error *err)
{
    struct esc_arena arena;
    struct esc_list owned;
    struct asked asked;
    esc_arena_init(&arena);
    esc_list_init(&owned, esc_json_free_item);
    enum esc_status status = asked_read(request, &arena, &owned, &asked, err);
    if (status == ESC_OK) {
        think(planner, &asked, fn, response);
        status = esc_buf_status(response, "the planner's answer", err);
    }
    esc_list_done(&owned);
    esc_arena_done(&arena);
    return status;
}

enum esc_status esc_answer(const struct esc_planner *planner, const struct esc_json *request,
                           struct esc_buf *response, struct esc_error *err)
{
    return respond(planner, request, compose, response, err);
}

enum esc_status esc_classify(const struct esc_planner *planner, const struct esc_json *request,
                             struct esc_buf *response, struct esc_error *err)
{
    return respond(planner, request, only_classification, response, err);
}

bool esc_answer_fits(const struct esc_planner *planner, struct esc_str prompt,
                     const char *resource_type)
{
    struct esc_arena arena;
    if (prompt.len > ESC_MAX_PROMPT)
        return true;
    esc_arena_init(&arena);
    struct asked asked = {.arena = &arena, .prompt = prompt};
    struct sentence *sentence = esc_arena_alloc(&arena, sizeof *sentence);
    struct reading *reading = esc_arena_alloc(&arena, sizeof *reading);
    sentence_cut(&asked, 0, sentence);
    reading_make(sentence, reading);
    const struct esc_resource_type *type = esc_resource_type_find(resource_type);
    const bool fits = reading->question != QUESTION_NONE || intent_fits(planner, reading, type);
    esc_arena_done(&arena);
    return fits;
}
