/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Which playbooks come close: by words (BM25 over title, verbs, example sentences and what people
 * call the type) and by meaning (the same texts as a vector). It never decides a plan; it orders
 * the alternatives that are shown beside one and the suggestions of a question.
 *
 * @source Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009
 */

#include "escher/answer/planner_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"

/* ---- the playbooks' texts ---- */

static void add_words(struct esc_list *words, const char *text)
{
    struct esc_str rest = esc_str_of(text);
    for (size_t at = 0; at < rest.len;) {
        while (at < rest.len && !esc_is_alnum(rest.ptr[at]))
            at++;
        size_t end = at;
        while (end < rest.len && esc_is_alnum(rest.ptr[end]))
            end++;
        if (end > at) {
            char *word = esc_str_dup(esc_str_slice(rest, at, end));
            for (char *c = word; *c; c++)
                *c = esc_to_lower(*c);
            esc_list_push(words, word);
        }
        at = end;
    }
}

void retrieve_prepare_words(struct esc_planner *planner, struct shelved *shelved)
{
    const struct esc_playbook *playbook = shelved->playbook;
    esc_list_init(&shelved->words, free);
    add_words(&shelved->words, playbook->title);
    add_words(&shelved->words, playbook->verb);
    add_words(&shelved->words, playbook->type->one);
    for (size_t i = 0; playbook->type->words[i]; i++)
        add_words(&shelved->words, playbook->type->words[i]);
    for (size_t i = 0; i < playbook->word_count; i++)
        add_words(&shelved->words, playbook->words[i]);
    for (size_t i = 0; i < playbook->yes_count; i++)
        add_words(&shelved->words, playbook->yes[i]);
    planner->mean_words += (double)shelved->words.count;
}

enum esc_status retrieve_prepare_vector(const struct esc_planner *planner, struct shelved *shelved,
                                        struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) float *vector = esc_alloc_array(ESC_FIND_DIMENSIONS, sizeof *vector);
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_YAML);
    esc_buf_printf(&text, "%s. ", shelved->playbook->title);
    for (size_t i = 0; i < shelved->playbook->yes_count; i++)
        esc_buf_printf(&text, "%s. ", shelved->playbook->yes[i]);
    enum esc_status status =
        planner->embed(planner->embed_context, esc_buf_str(&text), vector, err);
    esc_buf_done(&text);
    if (status != ESC_OK)
        return esc_wrap(err, status, "embed %s", shelved->playbook->id);
    shelved->vector = ESC_STEAL(vector);
    return ESC_OK;
}

enum esc_status retrieve_prepare_vectors(const struct esc_planner *planner, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < planner->count && status == ESC_OK; i++)
        if (!planner->shelved[i].vector)
            status = retrieve_prepare_vector(planner, &planner->shelved[i], err);
    return status;
}

/* ---- the question ---- */

/* The prompt with names masked: a name is no evidence for a verb. */
static const char *masked(const struct reading *reading)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_PROMPT * 8);
    const struct sentence *sentence = reading->sentence;
    for (size_t i = 0; i < sentence->count; i++) {
        const struct token *token = &sentence->tokens[i];
        const char *gap = text.len > 0 ? " " : "";
        if (token->kind == TOKEN_WORD || token->kind == TOKEN_NUMBER ||
            token->kind == TOKEN_QUANTITY)
            esc_buf_printf(&text, "%s%.*s", gap, ESC_STR_ARG(token->lower));
        else if (token->kind == TOKEN_RESOURCE && reading->target && reading->target->type)
            esc_buf_printf(&text, "%s%s", gap, reading->target->type->one);
    }
    const char *copy = esc_arena_dup(reading->arena, esc_buf_str(&text));
    esc_buf_done(&text);
    return copy;
}

static size_t count_of(const struct esc_list *words, const char *word)
{
    size_t count = 0;
    for (size_t i = 0; i < words->count; i++)
        count += strcmp(words->items[i], word) == 0;
    return count;
}

static double idf(const struct esc_planner *planner, const char *word)
{
    size_t holding = 0;
    for (size_t i = 0; i < planner->count; i++)
        holding += count_of(&planner->shelved[i].words, word) > 0;
    double all = (double)planner->count, with = (double)holding;
    return log(1 + (all - with + 0.5) / (with + 0.5));
}

static double bm25(const struct esc_planner *planner, const struct shelved *shelved,
                   const struct esc_list *question)
{
    const double k = 1.2, b = 0.5;
    double score = 0;
    for (size_t i = 0; i < question->count; i++) {
        double times = (double)count_of(&shelved->words, question->items[i]);
        double length = (double)shelved->words.count / planner->mean_words;
        if (times > 0)
            score += idf(planner, question->items[i]) * times * (k + 1) /
                     (times + k * (1 - b + b * length));
    }
    return score / (score + 2); /* to 0..1 */
}

static double cosine(const float *a, const float *b)
{
    double sum = 0;
    for (size_t i = 0; i < ESC_FIND_DIMENSIONS; i++)
        sum += (double)a[i] * (double)b[i];
    return sum > 0 ? sum : 0;
}

static int better_first(const void *a, const void *b)
{
    const struct retrieved *left = a, *right = b;
    if (left->score != right->score)
        return left->score > right->score ? -1 : 1;
    return strcmp(left->shelved->playbook->id, right->shelved->playbook->id);
}

struct retrieved *retrieve(const struct esc_planner *planner, const struct reading *reading)
{
    const char *text = masked(reading);
    float vector[ESC_FIND_DIMENSIONS];
    bool meaning = planner->embed && retrieve_prepare_vectors(planner, NULL) == ESC_OK &&
                   planner->embed(planner->embed_context, esc_str_of(text), vector, NULL) == ESC_OK;
    struct esc_list question;
    esc_list_init(&question, free);
    add_words(&question, text);
    struct retrieved *all = esc_arena_alloc(reading->arena, (planner->count + 1) * sizeof *all);
    for (size_t i = 0; i < planner->count; i++) {
        const struct shelved *shelved = &planner->shelved[i];
        double words = bm25(planner, shelved, &question);
        double score = meaning ? 0.5 * words + 0.5 * cosine(vector, shelved->vector) : words;
        /* Rounded first, so that the last bits of another CPU's floats cannot change an order. */
        all[i] = (struct retrieved){shelved, round(score * 100) / 100};
    }
    esc_list_done(&question);
    if (planner->count > 1)
        qsort(all, planner->count, sizeof *all, better_first);
    return all;
}
