/* SPDX-License-Identifier: Apache-2.0 */

/*
 * "Which databases in staging are stopped?" The planner has no estate, so the answer is a filter
 * (find/filter.h) that the client runs. Words become terms; a content word that is nothing else
 * is part of a name ("the orders databases").
 */

#include "escher/answer/planner_private.h"

#include <string.h>

#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/find/words.h"
#include "escher/model/environment.h"

enum {
    MAX_TERMS = 16
};

struct term {
    const char *field; /* with its operator: "region:" */
    struct esc_str value;
    bool not ;
};

struct terms {
    const struct reading *reading;
    struct term items[MAX_TERMS];
    size_t count;
    uint64_t types;
    bool unclear; /* a word that no term can be made of */
};

static void add_term(struct terms *terms, bool not, const char *field, struct esc_str value)
{
    if (terms->count < MAX_TERMS)
        terms->items[terms->count++] = (struct term){field, value, not };
    else
        terms->unclear = true;
}

/* "not", "that are not", "except" before the word at @p at. */
static bool is_negated(const struct reading *reading, size_t at)
{
    while (at > 0 && (lexicon_match(&reading->words, at - 1, WORD_ARTICLE, NULL) == 1 ||
                      lexicon_match(&reading->words, at - 1, WORD_IN, NULL) == 1 ||
                      lexicon_match(&reading->words, at - 1, WORD_AUXILIARY, NULL) == 1))
        at--;
    return at > 0 && lexicon_match(&reading->words, at - 1, WORD_NOT, NULL) == 1;
}

static const struct token *token_at(const struct terms *terms, size_t at)
{
    static const struct token none = {.kind = TOKEN_MARK};
    return at < terms->reading->sentence->count ? &terms->reading->sentence->tokens[at] : &none;
}

static size_t words_from(const struct terms *terms, size_t at, struct esc_word *words, size_t most)
{
    size_t count = 0;
    while (count < most && (token_at(terms, at + count)->kind == TOKEN_WORD ||
                            token_at(terms, at + count)->kind == TOKEN_REGION)) {
        struct esc_str lower = token_at(terms, at + count)->lower;
        words[count++] = (struct esc_word){lower, 0, lower.len};
    }
    return count;
}

static size_t read_account(struct terms *terms, size_t at)
{
    const struct token *token = token_at(terms, at);
    bool said = esc_str_is(token_at(terms, at + 1)->lower, "account") ||
                (at > 0 && esc_str_is(token_at(terms, at - 1)->lower, "account"));
    bool name = token->kind == TOKEN_WORD || token->kind == TOKEN_IDENTIFIER;
    if (esc_str_is(token->lower, "account") || esc_str_is(token->lower, "accounts") ||
        lexicon_match(&terms->reading->words, at, WORD_ARTICLE, NULL) > 0 ||
        lexicon_match(&terms->reading->words, at, WORD_WH, NULL) > 0 ||
        lexicon_match(&terms->reading->words, at, WORD_IN, NULL) > 0)
        return 0;
    if (token->kind != TOKEN_ACCOUNT && !(said && name))
        return 0;
    add_term(terms, is_negated(terms->reading, at), "account:", token->text);
    return 1;
}

static size_t read_environment(struct terms *terms, size_t at)
{
    const char *class = esc_environment_of_word(token_at(terms, at)->lower);
    if (!class)
        return 0;
    add_term(terms, is_negated(terms->reading, at), "env=", esc_str_of(class));
    return 1;
}

static size_t read_region(struct terms *terms, size_t at)
{
    struct esc_word words[2];
    const char *region = NULL;
    size_t count = words_from(terms, at, words, ESC_COUNT(words));
    size_t len = count > 0 ? esc_words_region(words, count, &region) : 0;
    if (len > 0)
        add_term(terms, is_negated(terms->reading, at), "region:", esc_str_of(region));
    return len;
}

static size_t read_type(struct terms *terms, size_t at)
{
    struct esc_word words[3];
    uint64_t types = 0;
    size_t count = words_from(terms, at, words, ESC_COUNT(words));
    size_t len = esc_words_type(words, count, &types);
    bool instances = len == 1 && esc_str_starts_with(words[0].text, ESC_STR("instance"));
    if (instances && types & esc_type_bit("ec2_instance") && !(terms->types & types))
        types = esc_type_bit("ec2_instance"); /* "instances" alone are servers */
    if (len > 0)
        terms->types = terms->types & types ? terms->types & types : terms->types | types;
    return len;
}

static size_t read_state(struct terms *terms, size_t at)
{
    const struct token *token = token_at(terms, at);
    if (token->kind != TOKEN_WORD || !esc_words_state(token->lower))
        return 0;
    add_term(terms, is_negated(terms->reading, at), "state:", token->lower);
    return 1;
}

static size_t read_pair(struct terms *terms, size_t at)
{
    const struct token *token = token_at(terms, at);
    if (token->kind != TOKEN_PAIR)
        return 0;
    size_t equals = esc_str_find(token->text, ESC_STR("="), 0);
    const char *key =
        esc_arena_printf(terms->reading->arena, "%.*s=", (int)equals, token->text.ptr);
    add_term(terms, is_negated(terms->reading, at), key,
             esc_str_slice(token->text, equals + 1, token->text.len));
    return 1;
}

static size_t read_resource(struct terms *terms, size_t at)
{
    const struct token *token = token_at(terms, at);
    if (token->kind != TOKEN_RESOURCE || !is_negated(terms->reading, at))
        return 0;
    const struct mention *mention = &terms->reading->sentence->mentions[token->mention];
    add_term(terms, true, "name=", esc_str_of(mention->resources[0]->name));
    return 1;
}

/* Words of a question that ask for nothing: how many, 0 when the word is something else. */
static size_t read_nothing(const struct terms *terms, size_t at)
{
    static const enum word_class classes[] = {WORD_COUNT,   WORD_READ,  WORD_POLITE, WORD_ASK,
                                              WORD_ARTICLE, WORD_IN,    WORD_OF,     WORD_WH,
                                              WORD_ALL,     WORD_PLACE, WORD_NAMING, WORD_AUXILIARY,
                                              WORD_SELF,    WORD_AND,   WORD_NOT,    WORD_YOU};
    static const char *const others[] = {"there",     "that",  "tagged",    "with",    "tag",
                                         "currently", "exist", "resources", "existing"};
    if (token_at(terms, at)->kind == TOKEN_MARK || token_at(terms, at)->kind == TOKEN_POSSESSIVE)
        return 1;
    for (size_t i = 0; i < ESC_COUNT(others); i++)
        if (esc_str_is(token_at(terms, at)->lower, others[i]))
            return 1;
    for (size_t i = 0; i < ESC_COUNT(classes); i++) {
        size_t len = lexicon_match(&terms->reading->words, at, classes[i], NULL);
        if (len > 0)
            return len;
    }
    return 0;
}

static size_t read_name(struct terms *terms, size_t at)
{
    const struct token *token = token_at(terms, at);
    const struct lexicon_verb *verb = NULL;
    enum verb_form form = FORM_NONE;
    for (enum word_class class = 0; class < WORD_CLASS_COUNT; class ++)
        if (lexicon_match(&terms->reading->words, at, class, NULL) > 0)
            return 0;
    bool is_verb = lexicon_verb(&terms->reading->words, at, &verb, &form) > 0;
    if ((token->kind != TOKEN_WORD && token->kind != TOKEN_IDENTIFIER) || is_verb)
        return 0;
    add_term(terms, is_negated(terms->reading, at), "name~", token->text);
    return 1;
}

static void read_all(struct terms *terms)
{
    static size_t (*const readers[])(struct terms *, size_t) = {
        read_account, read_region, read_type,    read_environment,
        read_state,   read_pair,   read_resource};
    for (size_t at = 0; at < terms->reading->sentence->count;) {
        size_t len = 0;
        for (size_t i = 0; len == 0 && i < ESC_COUNT(readers); i++)
            len = readers[i](terms, at);
        if (len == 0)
            len = read_nothing(terms, at);
        if (len == 0)
            len = read_name(terms, at);
        terms->unclear = terms->unclear || len == 0;
        at += len > 0 ? len : 1;
    }
}

static void write_term(const struct term *term, struct esc_buf *out)
{
    esc_buf_printf(out, "%s%s\"", term->not ? "NOT " : "", term->field);
    for (size_t i = 0; i < term->value.len; i++) {
        if (term->value.ptr[i] == '"' || term->value.ptr[i] == '\\')
            esc_buf_add_char(out, '\\');
        esc_buf_add_char(out, term->value.ptr[i]);
    }
    esc_buf_add_char(out, '"');
}

/* Two regions are either of them; whatever is excluded is excluded at once. */
static bool is_alternative(const struct term *a, const struct term *b)
{
    return !a->not &&!b->not &&strcmp(a->field, b->field) == 0;
}

static void write_group(const struct terms *terms, size_t first, struct esc_buf *out)
{
    size_t size = 0;
    for (size_t i = first; i < terms->count; i++)
        size += i == first || is_alternative(&terms->items[first], &terms->items[i]);
    esc_buf_add_text(out, out->len > 0 ? " AND " : "");
    esc_buf_add_text(out, size > 1 ? "(" : "");
    for (size_t i = first; i < terms->count; i++) {
        if (i > first && !is_alternative(&terms->items[first], &terms->items[i]))
            continue;
        esc_buf_add_text(out, i > first ? " OR " : "");
        write_term(&terms->items[i], out);
    }
    esc_buf_add_text(out, size > 1 ? ")" : "");
}

static void write_terms(const struct terms *terms, struct esc_buf *out)
{
    for (size_t i = 0; i < terms->count; i++) {
        bool written = false;
        for (size_t j = 0; j < i && !written; j++)
            written = is_alternative(&terms->items[j], &terms->items[i]);
        if (!written)
            write_group(terms, i, out);
    }
}

static void add_types(struct terms *terms)
{
    for (size_t i = 0; i < esc_resource_type_count() && i < 64; i++)
        if (terms->types >> i & 1)
            add_term(terms, false, "type:", esc_str_of(esc_resource_type_at(i)->name));
}

bool estate_query(struct reading *reading, struct outcome *out)
{
    struct terms found = {.reading = reading}, *terms = &found;
    struct terms ordered = {.reading = reading};
    struct esc_buf filter;
    esc_buf_init(&filter, ESC_MAX_PROMPT);
    read_all(terms);
    ordered.types = terms->types;
    add_types(&ordered); /* the type in front reads best */
    for (size_t i = 0; i < terms->count; i++)
        add_term(&ordered, terms->items[i].not, terms->items[i].field, terms->items[i].value);
    write_terms(&ordered, &filter);
    bool clear =
        !terms->unclear && !ordered.unclear && filter.status == ESC_OK && ordered.count > 0;
    if (clear) {
        out->filter = esc_arena_dup(reading->arena, esc_buf_str(&filter));
        out->verb = reading->question == QUESTION_COUNT ? "count" : "list";
        outcome_say(out, OUTCOME_QUERY, NULL,
                    esc_arena_printf(reading->arena, "%s of the estate: %s",
                                     reading->question == QUESTION_COUNT ? "Count" : "List",
                                     out->filter));
    }
    esc_buf_done(&filter);
    return clear;
}
