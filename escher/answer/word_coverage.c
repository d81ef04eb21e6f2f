/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Every word must have been used. Around verb and resource a sentence may say what is true of
 * the resource (its type, account, region, environment, state, engine, a word of its name or
 * tags) and what is empty (articles, prepositions before a used word, politeness). A statement
 * about the resource that is not true is a mismatch and stops everything.
 */

#include "escher/answer/reading.h"

#include <string.h>

#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/find/words.h"
#include "escher/model/environment.h"

/* ---- the target ---- */

static bool same_resources(const struct mention *a, const struct mention *b)
{
    if (a->resource_count != b->resource_count)
        return false;
    for (size_t i = 0; i < a->resource_count; i++)
        if (a->resources[i] != b->resources[i])
            return false;
    return true;
}

static void find_mention(struct reading *reading)
{
    const struct sentence *sentence = reading->sentence;
    for (size_t i = 0; i < sentence->count; i++) {
        if (sentence->tokens[i].kind != TOKEN_RESOURCE)
            continue;
        const struct mention *mention = &sentence->mentions[sentence->tokens[i].mention];
        if (!reading->mention)
            reading->mention = mention;
        else if (same_resources(reading->mention, mention))
            continue;
        reading->mention_kinds++;
    }
    if (reading->mention_kinds > 1)
        reading->mention = NULL;
}

static struct asked_resource *only_picked(struct reading *reading)
{
    struct asked *asked = reading->sentence->asked;
    struct asked_resource *picked = NULL;
    for (size_t i = 0; i < asked->resource_count; i++) {
        if (!asked->resources[i].picked)
            continue;
        reading->several_picked = picked != NULL;
        if (picked)
            return NULL;
        picked = &asked->resources[i];
    }
    return picked;
}

static void find_target(struct reading *reading)
{
    find_mention(reading);
    if (reading->mention && reading->mention->resource_count == 1)
        reading->target = reading->mention->resources[0];
    else if (reading->mention_kinds == 0)
        reading->target = only_picked(reading);
    if (!reading->mention)
        return;
    for (size_t i = 0; i < reading->sentence->count; i++)
        if (reading->sentence->tokens[i].kind == TOKEN_RESOURCE)
            reading_use(reading, i, 1);
}

/* ---- words that describe ---- */

static void mismatch(struct reading *reading, const char *is, struct esc_str said)
{
    if (!reading->mismatch)
        reading->mismatch = esc_arena_printf(reading->arena, "%s %s, not %.*s",
                                             reading->target->name, is, ESC_STR_ARG(said));
}

static void describe(struct reading *reading, size_t at, size_t len)
{
    for (size_t i = at; i < at + len; i++)
        reading->sentence->tokens[i].describes = true;
    reading_use(reading, at, len);
}

static bool is_plural(struct esc_str word)
{
    return word.len > 2 && esc_str_ends_with(word, ESC_STR("s")) &&
           !esc_str_ends_with(word, ESC_STR("ss")) && !esc_str_ends_with(word, ESC_STR("rds")) &&
           !esc_str_ends_with(word, ESC_STR("ebs")) && !esc_str_ends_with(word, ESC_STR("ms")) &&
           !esc_str_ends_with(word, ESC_STR("alias")) && !esc_str_ends_with(word, ESC_STR("dns"));
}

static size_t read_type(struct reading *reading, size_t at)
{
    uint64_t types = 0;
    size_t len = reading_type(reading, at, &types);
    if (len == 0)
        return 0;
    struct esc_str last = reading->sentence->tokens[at + len - 1].lower;
    reading->plural = reading->plural || is_plural(last);
    const struct asked_resource *target = reading->target;
    if (target && target->type && !(types & esc_type_bit(target->type->name)))
        mismatch(reading, esc_arena_printf(reading->arena, "is an %s", target->type->one), last);
    return len;
}

static bool near_word(const struct reading *reading, size_t at, size_t len, const char *word)
{
    const struct sentence *sentence = reading->sentence;
    return (at > 0 && esc_str_is(sentence->tokens[at - 1].lower, word)) ||
           (at + len < sentence->count && esc_str_is(sentence->tokens[at + len].lower, word));
}

static size_t read_account(struct reading *reading, size_t at)
{
    const struct token *token = &reading->sentence->tokens[at];
    const struct asked_resource *target = reading->target;
    bool said = near_word(reading, at, 1, "account");
    if (token->kind == TOKEN_ACCOUNT) {
        if (target && !esc_str_is(token->lower, target->account_id))
            mismatch(reading,
                     esc_arena_printf(reading->arena, "is in account %s", target->account_id),
                     token->text);
        return 1;
    }
    bool in = at > 0 && reading_match(reading, at - 1, WORD_IN, NULL) > 0;
    if (!target || (!said && !in))
        return 0;
    if (esc_str_equal_nocase(token->text, esc_str_of(target->account_name)))
        return 1;
    const char *class = esc_environment_of_word(token->lower);
    if (!said || !class)
        return 0;
    if (!esc_text_equal(class, esc_environment_of_text(esc_str_of(target->account_name))))
        mismatch(reading,
                 esc_arena_printf(reading->arena, "is in the account %s %s", target->account_name,
                                  target->account_id),
                 token->text);
    return 1;
}

static size_t read_environment(struct reading *reading, size_t at)
{
    const struct token *token = &reading->sentence->tokens[at];
    const char *class = token->kind == TOKEN_WORD || token->kind == TOKEN_IDENTIFIER
                            ? esc_environment_of_word(token->lower)
                            : NULL;
    if (!class)
        return 0;
    const struct asked_resource *target = reading->target;
    if (target && !esc_text_equal(class, target->environment))
        mismatch(reading,
                 target->environment
                     ? esc_arena_printf(reading->arena, "is in %s", target->environment)
                     : "has no environment on record",
                 token->text);
    return 1;
}

static size_t read_region(struct reading *reading, size_t at)
{
    struct esc_word words[2];
    size_t count = 0;
    const char *region = NULL;
    for (size_t i = at; i < at + 2 && i < reading->sentence->count; i++) {
        const struct token *token = &reading->sentence->tokens[i];
        if (token->used || (token->kind != TOKEN_WORD && token->kind != TOKEN_REGION))
            break;
        words[count++] = (struct esc_word){token->lower, 0, token->lower.len};
    }
    size_t len = count > 0 ? esc_words_region(words, count, &region) : 0;
    const struct asked_resource *target = reading->target;
    if (len > 0 && target && !esc_text_equal(region, target->region))
        mismatch(reading, esc_arena_printf(reading->arena, "is in %s", target->region),
                 esc_str_of(region));
    return len;
}

static size_t read_state(struct reading *reading, size_t at)
{
    const struct token *token = &reading->sentence->tokens[at];
    const char *const *states = token->kind == TOKEN_WORD ? esc_words_state(token->lower) : NULL;
    if (!states)
        return 0;
    const struct asked_resource *target = reading->target;
    if (target && !esc_state_is_one_of(target->state, states))
        mismatch(reading,
                 target->state ? esc_arena_printf(reading->arena, "is %s", target->state)
                               : "has no state on record",
                 token->text);
    return 1;
}

static size_t read_engine(struct reading *reading, size_t at)
{
    size_t len = reading_match(reading, at, WORD_ENGINE, NULL);
    const struct asked_resource *target = reading->target;
    if (len == 0 || !target)
        return len;
    struct esc_str said = reading->sentence->tokens[at].lower;
    struct esc_str engine = esc_str_of(esc_json_str(target->facts, "engine", ""));
    struct esc_str stem = esc_str_slice(said, 0, said.len < 5 ? said.len : 5);
    bool is_so = esc_str_contains(engine, stem) ||
                 (esc_str_is(said, "pg") && esc_str_contains(engine, ESC_STR("postgres"))) ||
                 (esc_str_is(said, "mssql") && esc_str_contains(engine, ESC_STR("sqlserver"))) ||
                 (esc_str_is(said, "sql") && esc_str_contains(engine, ESC_STR("sqlserver")));
    if (!is_so)
        mismatch(reading,
                 engine.len > 0 ? esc_arena_printf(reading->arena, "runs %s", engine.ptr)
                                : "has no engine on record",
                 reading->sentence->tokens[at].text);
    return len;
}

static size_t read_multi_az(struct reading *reading, size_t at)
{
    const struct token *token = &reading->sentence->tokens[at];
    bool said = esc_str_is(token->lower, "multi-az") || esc_str_is(token->lower, "multiaz");
    if (!said || !reading->target)
        return said;
    if (!esc_json_flag(reading->target->facts, "multi_az", false))
        mismatch(reading, "is in one zone", token->text);
    return 1;
}

/* ---- words of the name or the tags, as adjectives before the resource ---- */

static bool is_piece_of(struct esc_str word, struct esc_str name)
{
    for (size_t from = 0; from < name.len;) {
        size_t to = from;
        while (to < name.len && esc_is_alnum(name.ptr[to]))
            to++;
        if (esc_str_equal_nocase(word, esc_str_slice(name, from, to)))
            return true;
        from = to + 1;
    }
    return false;
}

static bool is_tag_value(struct esc_str word, const struct esc_json *tags)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    while (esc_json_next(tags, &position, &key, &value))
        if (esc_str_equal_nocase(word, esc_json_value(value)))
            return true;
    return false;
}

/* A word with any meaning of its own is never an adjective. */
static bool is_meaningless(const struct reading *reading, size_t at)
{
    const struct lexicon_verb *verb = NULL;
    enum verb_form form = FORM_NONE;
    for (enum word_class class = 0; class < WORD_CLASS_COUNT; class ++)
        if (reading_match(reading, at, class, NULL) > 0)
            return false;
    return lexicon_verb(&reading->words, at, &verb, &form) == 0;
}

/* Only adjectives, types and the like stand between @p at and the resource. */
static bool leads_to_target(const struct reading *reading, size_t at)
{
    for (size_t i = at + 1; i < reading->sentence->count; i++) {
        const struct token *token = &reading->sentence->tokens[i];
        if (token->kind == TOKEN_RESOURCE)
            return true;
        bool named = reading_match(reading, i, WORD_NAMING, NULL) > 0 ||
                     reading_is_mark(reading, i, "\"'`(");
        if (!token->describes && !named && !(token->kind == TOKEN_WORD && !token->used))
            return false;
    }
    return false;
}

static size_t read_adjective(struct reading *reading, size_t at)
{
    const struct token *token = &reading->sentence->tokens[at];
    const struct asked_resource *target = reading->target;
    if (!target || token->kind != TOKEN_WORD)
        return 0;
    bool modifies = esc_str_is(token->lower, "backup") && at + 1 < reading->sentence->count &&
                    reading->sentence->tokens[at + 1].describes; /* "the backup server" */
    if (!modifies && !is_meaningless(reading, at))
        return 0;
    bool is_so = is_piece_of(token->lower, esc_str_of(target->name)) ||
                 is_tag_value(token->lower, esc_json_member(target->facts, "tags"));
    return is_so && leads_to_target(reading, at) ? 1 : 0;
}

/* "tagged env=prod", or the pair alone */
static size_t read_pair(struct reading *reading, size_t at)
{
    const struct token *token = &reading->sentence->tokens[at];
    if (token->kind != TOKEN_PAIR || !reading->target)
        return 0;
    size_t equals = esc_str_find(token->text, ESC_STR("="), 0);
    struct esc_str value = esc_str_slice(token->text, equals + 1, token->text.len);
    char *key = esc_arena_dup(reading->arena, esc_str_slice(token->text, 0, equals));
    const struct esc_json *tag =
        esc_json_member(esc_json_member(reading->target->facts, "tags"), key);
    return tag && esc_str_equal(esc_json_value(tag), value) ? 1 : 0;
}

static void read_descriptions(struct reading *reading)
{
    static size_t (*const readers[])(struct reading *, size_t) = {
        read_account, read_region, read_type, read_environment,
        read_state,   read_engine, read_pair, read_multi_az,
    };
    for (size_t at = 0; at < reading->sentence->count; at++)
        for (size_t i = 0; i < ESC_COUNT(readers) && !reading->sentence->tokens[at].used; i++)
            describe(reading, at, readers[i](reading, at));
    /* From the end, so that an adjective finds what follows it already read. */
    for (size_t at = reading->sentence->count; at-- > 0;)
        if (!reading->sentence->tokens[at].used)
            describe(reading, at, read_adjective(reading, at));
}

/* ---- words that are empty ---- */

static bool is_used(const struct reading *reading, size_t at)
{
    return at < reading->sentence->count && reading->sentence->tokens[at].used;
}

static size_t skip_articles(const struct reading *reading, size_t at)
{
    while (at < reading->sentence->count && (reading_match(reading, at, WORD_ARTICLE, NULL) > 0 ||
                                             reading_is_mark(reading, at, "\"'`([")))
        at++;
    return at;
}

/* Phrases first, as they stand; then single words from the end, so that each finds what follows
 * it already used. */
static void use_before_used(struct reading *reading, enum word_class class, bool after_too)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < reading->sentence->count; i++) {
            size_t at = pass == 0 ? i : reading->sentence->count - 1 - i;
            size_t len = reading_match(reading, at, class, NULL);
            if (len == 0 || (pass == 0 && len < 2))
                continue;
            if (is_used(reading, skip_articles(reading, at + len)) ||
                (after_too && at > 0 && is_used(reading, at - 1)))
                reading_use(reading, at, len);
        }
}

static void use_names_and_places(struct reading *reading)
{
    use_before_used(reading, WORD_NAMING, true);
    for (size_t at = 0; at < reading->sentence->count; at++) {
        size_t len = reading_match(reading, at, WORD_PLACE, NULL);
        bool beside =
            (at > 0 && reading->sentence->tokens[at - 1].describes) ||
            (at + len < reading->sentence->count && reading->sentence->tokens[at + len].describes);
        if (len > 0 && beside)
            reading_use(reading, at, len);
    }
}

static bool is_scheme(const struct reading *reading, size_t at)
{
    return esc_str_is(reading->sentence->tokens[at].lower, "s3://") &&
           at + 1 < reading->sentence->count &&
           reading->sentence->tokens[at + 1].kind == TOKEN_RESOURCE;
}

static void use_small_words(struct reading *reading)
{
    use_before_used(reading, WORD_IN, false); /* "that is" before "that" */
    for (size_t at = 0; at < reading->sentence->count; at++) {
        const struct token *token = &reading->sentence->tokens[at];
        size_t len = reading_match(reading, at, WORD_POLITE, NULL);
        if (len == 0 && (reading->target || reading->mention))
            len = reading_match(reading, at, WORD_IT, NULL);
        if (len == 0 && token->kind == TOKEN_POSSESSIVE && is_used(reading, at - 1))
            len = 1;
        if (len == 0 &&
            (is_scheme(reading, at) || reading_is_mark(reading, at, ".,;:!-\"'`()[]{}<>")))
            len = 1;
        reading_use(reading, at, len);
    }
    use_before_used(reading, WORD_IN, false);
    use_before_used(reading, WORD_OF, false);
    for (size_t at = 0; at < reading->sentence->count; at++)
        reading_use(reading, at, reading_match(reading, at, WORD_ARTICLE, NULL));
}

/* "stop X, would you?" */
static void use_tail(struct reading *reading)
{
    for (size_t at = 0; at < reading->sentence->count; at++) {
        size_t len = reading_match(reading, at, WORD_ASK, NULL);
        bool you = len == 2 && esc_str_is(reading->sentence->tokens[at + 1].lower, "you");
        size_t rest = at + len;
        while (rest < reading->sentence->count &&
               (reading->sentence->tokens[rest].kind == TOKEN_MARK ||
                reading->sentence->tokens[rest].used))
            rest++;
        if (!you || rest < reading->sentence->count)
            continue;
        reading_use(reading, at, len);
        reading->asked = true;
    }
}

/* ---- what is left ---- */

static void add_unknown(struct reading *reading, const char *text)
{
    if (reading->unknown_count < ESC_COUNT(reading->unknown))
        reading->unknown[reading->unknown_count++] = text;
}

/* A content word: nothing the lexicon gives a meaning to. */
static bool is_content(const struct reading *reading, size_t at)
{
    const struct token *token = &reading->sentence->tokens[at];
    if (token->kind != TOKEN_WORD)
        return false;
    return token->describes || (!token->used && is_meaningless(reading, at));
}

static void find_unknown(struct reading *reading)
{
    const struct sentence *sentence = reading->sentence;
    for (size_t i = 0; i < sentence->count; i++) {
        const struct token *token = &sentence->tokens[i];
        if (!token->used && (token->kind == TOKEN_IDENTIFIER || token->kind == TOKEN_QUOTED))
            add_unknown(reading, esc_arena_dup(reading->arena, token->text));
    }
    if (reading->unknown_count > 0 || reading->mention_kinds > 0 || reading->target)
        return;
    struct esc_buf phrase;
    esc_buf_init(&phrase, ESC_MAX_PROMPT * 2);
    for (size_t i = 0; i < sentence->count; i++)
        if (is_content(reading, i))
            esc_buf_printf(&phrase, "%s%.*s", phrase.len > 0 ? " " : "",
                           ESC_STR_ARG(sentence->tokens[i].text));
    if (phrase.len > 0)
        add_unknown(reading, esc_arena_dup(reading->arena, esc_buf_str(&phrase)));
    esc_buf_done(&phrase);
}

void coverage_read(struct reading *reading)
{
    find_target(reading);
    read_descriptions(reading);
    use_tail(reading);
    use_names_and_places(reading);
    use_small_words(reading);
    find_unknown(reading);
}

const char *coverage_leftover(const struct reading *reading)
{
    const struct sentence *sentence = reading->sentence;
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_PROMPT * 4);
    bool running = false;
    for (size_t i = 0; i < sentence->count; i++) {
        const struct token *token = &sentence->tokens[i];
        bool left = !token->used && token->kind != TOKEN_RESOURCE && token->kind != TOKEN_MARK;
        if (left)
            esc_buf_printf(&text, "%s%.*s",
                           running        ? " "
                           : text.len > 0 ? ", "
                                          : "",
                           ESC_STR_ARG(token->text));
        running = left;
    }
    const char *leftover = text.len > 0 ? esc_arena_dup(reading->arena, esc_buf_str(&text)) : NULL;
    esc_buf_done(&text);
    return leftover;
}
