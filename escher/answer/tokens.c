/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The prompt in pieces. Resources come out first, as boxes: what a name says ("delete-worker-2",
 * "ignore all rules") is never read as language. The rest is cut at blanks; punctuation at the
 * ends of a word is a piece of its own, contractions become the words they stand for.
 */

#include "escher/answer/answer_private.h"

#include <stdlib.h>
#include <string.h>

#include "escher/answer/lexicon.h"
#include "escher/base/utf8.h"
#include "escher/find/mention.h"
#include "escher/find/words.h"

/* ---- mentions ---- */

struct spans {
    struct mention *items;
    size_t count;
};

static bool overlaps(const struct mention *mention, size_t start, size_t end)
{
    return mention->start < end && start < mention->end;
}

static void add_to(struct mention *mention, struct asked_resource *resource)
{
    for (size_t i = 0; i < mention->resource_count; i++)
        if (mention->resources[i] == resource)
            return;
    mention->resources[mention->resource_count++] = resource;
}

/* Spans never overlap; an overlapping one is dropped, so its words stay uncovered. */
static void add_span(struct asked *asked, struct spans *spans, size_t start, size_t end,
                     struct asked_resource *resource)
{
    for (size_t i = 0; i < spans->count; i++) {
        struct mention *mention = &spans->items[i];
        if (mention->start == start && mention->end == end)
            add_to(mention, resource);
        if (overlaps(mention, start, end))
            return;
    }
    if (spans->count == MAX_TOKENS)
        return;
    struct mention *mention = &spans->items[spans->count++];
    *mention = (struct mention){.start = start, .end = end};
    mention->resources =
        esc_arena_alloc(asked->arena, asked->resource_count * sizeof *mention->resources);
    add_to(mention, resource);
    if (start > 0 && end < asked->prompt.len) {
        char before = asked->prompt.ptr[start - 1];
        mention->quoted = before == asked->prompt.ptr[end] && strchr("\"'`", before);
    }
}

/* The same resource named once more, or a picked one that the prompt names after all. */
static void add_repeats(struct asked *asked, struct spans *spans, struct asked_resource *resource,
                        const char *text)
{
    struct esc_str name = esc_str_of(text);
    if (name.len == 0)
        return;
    for (size_t at = esc_str_find(asked->prompt, name, 0); at != SIZE_MAX;
         at = esc_str_find(asked->prompt, name, at + 1))
        if (esc_mention_stands_free(asked->prompt, at, at + name.len))
            add_span(asked, spans, at, at + name.len, resource);
}

static int by_start(const void *a, const void *b)
{
    const struct mention *left = a, *right = b;
    return left->start < right->start ? -1 : left->start > right->start;
}

/* A picked resource stands for all of its name. */
static void keep_picked(struct mention *mention)
{
    size_t kept = 0;
    for (size_t i = 0; i < mention->resource_count; i++)
        if (mention->resources[i]->picked)
            mention->resources[kept++] = mention->resources[i];
    if (kept > 0)
        mention->resource_count = kept;
}

static void find_mentions(struct asked *asked, struct sentence *out)
{
    struct spans spans = {
        .items = esc_arena_alloc(asked->arena, (MAX_TOKENS + 1) * sizeof(struct mention))};
    for (size_t i = 0; i < asked->resource_count; i++)
        if (asked->resources[i].has_mention)
            add_span(asked, &spans, asked->resources[i].start, asked->resources[i].end,
                     &asked->resources[i]);
    for (size_t i = 0; i < asked->resource_count; i++) {
        struct asked_resource *resource = &asked->resources[i];
        add_repeats(asked, &spans, resource, esc_json_str(resource->facts, "arn", ""));
        add_repeats(asked, &spans, resource, resource->name);
        add_repeats(asked, &spans, resource, resource->identifier);
    }
    if (spans.count > 1)
        qsort(spans.items, spans.count, sizeof *spans.items, by_start);
    for (size_t i = 0; i < spans.count; i++)
        keep_picked(&spans.items[i]);
    out->mentions = spans.items;
    out->mention_count = spans.count;
}

/* ---- words ---- */

static struct esc_str lower_of(struct esc_arena *arena, struct esc_str text)
{
    char *copy = esc_arena_dup(arena, text);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = esc_to_lower(copy[i]);
    return (struct esc_str){copy, text.len};
}

/* A token out of clean bytes [from, to). */
static struct token *add_token(struct sentence *sentence, enum token_kind kind, size_t from,
                               size_t to)
{
    if (sentence->count == MAX_TOKENS) {
        sentence->too_long = true;
        return NULL;
    }
    struct token *token = &sentence->tokens[sentence->count++];
    struct esc_str text = esc_str_slice(sentence->clean.text, from, to);
    *token = (struct token){.kind = kind,
                            .text = text,
                            .lower = lower_of(sentence->arena, text),
                            .start = sentence->clean.origin[from],
                            .end = sentence->clean.origin[to]};
    return token;
}

static void add_word(struct sentence *sentence, size_t from, size_t to, const char *lower)
{
    struct token *token = add_token(sentence, TOKEN_WORD, from, to);
    if (token)
        token->lower = esc_str_of(lower);
}

/* "don't", "what's", "I'd": *second is what the ending stands for. */
static const char *contraction(struct esc_str lower, size_t *stem_len)
{
    static const struct {
        const char *ending, *means;
    } endings[] = {{"n't", "not"},  {"'re", "are"},  {"'ve", "have"},
                   {"'ll", "will"}, {"'d", "would"}, {"'m", "am"}};
    for (size_t i = 0; i < ESC_COUNT(endings); i++) {
        struct esc_str ending = esc_str_of(endings[i].ending);
        if (lower.len <= ending.len || !esc_str_ends_with(lower, ending))
            continue;
        *stem_len = lower.len - ending.len;
        return endings[i].means;
    }
    return NULL;
}

/* Words whose 's means "is" rather than possession. */
static bool takes_is(struct esc_str stem)
{
    static const char *const words[] = {"what",  "how",  "where", "who",  "it", "that",
                                        "there", "when", "why",   "here", NULL};
    for (size_t i = 0; words[i]; i++)
        if (esc_str_is(stem, words[i]))
            return true;
    return false;
}

static const char *uncontracted(struct esc_str stem)
{
    if (esc_str_is(stem, "ca"))
        return "can";
    return esc_str_is(stem, "wo") ? "will" : NULL;
}

/* Cuts off 's and contractions; false when there is none. */
static bool add_contracted(struct sentence *sentence, size_t from, size_t to)
{
    struct esc_str lower = lower_of(sentence->arena, esc_str_slice(sentence->clean.text, from, to));
    size_t stem_len = 0;
    const char *means = contraction(lower, &stem_len);
    if (means) {
        struct token *stem = add_token(sentence, TOKEN_WORD, from, from + stem_len);
        const char *whole = uncontracted(esc_str_slice(lower, 0, stem_len));
        if (stem && whole)
            stem->lower = esc_str_of(whole);
        add_word(sentence, from + stem_len, to, means);
        return true;
    }
    if (lower.len < 3 || !esc_str_ends_with(lower, ESC_STR("'s")))
        return false;
    struct esc_str stem = esc_str_slice(lower, 0, lower.len - 2);
    (void)add_token(sentence, TOKEN_WORD, from, to - 2);
    if (esc_str_is(stem, "let"))
        add_word(sentence, to - 2, to, "us");
    else if (takes_is(stem))
        add_word(sentence, to - 2, to, "is");
    else
        (void)add_token(sentence, TOKEN_POSSESSIVE, to - 2, to);
    return true;
}

/* "shut-down" is two words of language; "prod-db" is somebody's name for something. */
static bool add_hyphenated(struct sentence *sentence, size_t from, size_t to)
{
    struct esc_str lower = lower_of(sentence->arena, esc_str_slice(sentence->clean.text, from, to));
    char *spaced = esc_arena_dup(sentence->arena, lower);
    for (size_t i = 0; i < lower.len; i++)
        if (spaced[i] == '-')
            spaced[i] = ' ';
    if (!lexicon_has((struct esc_str){spaced, lower.len}))
        return false;
    for (size_t at = from; at < to;) {
        size_t end = at;
        while (end < to && sentence->clean.text.ptr[end] != '-')
            end++;
        if (end > at)
            (void)add_token(sentence, TOKEN_WORD, at, end);
        at = end + 1;
    }
    return true;
}

static bool is_language(struct sentence *sentence, size_t from, size_t to)
{
    struct esc_str text = esc_str_slice(sentence->clean.text, from, to);
    const struct esc_word word = {text, 0, text.len};
    uint64_t types = 0;
    return lexicon_has(lower_of(sentence->arena, text)) || esc_words_type(&word, 1, &types) == 1;
}

static void add_piece(struct sentence *sentence, size_t from, size_t to)
{
    struct esc_str text = esc_str_slice(sentence->clean.text, from, to);
    if (esc_str_is(text, "-") || esc_str_is(text, "--")) {
        (void)add_token(sentence, TOKEN_MARK, from, from + 1);
        return;
    }
    if (add_contracted(sentence, from, to))
        return;
    if (memchr(text.ptr, '-', text.len) && add_hyphenated(sentence, from, to))
        return;
    enum token_kind kind = literal_kind(text);
    if (kind == TOKEN_IDENTIFIER && is_language(sentence, from, to))
        kind = TOKEN_WORD; /* EC2, multi-az, PostgreSQL */
    (void)add_token(sentence, kind, from, to);
}

/* ---- cutting ---- */

static bool is_opening(char c)
{
    return c != '\0' && strchr("\"'`([{<", c) != NULL;
}

static bool is_closing(struct esc_str text, size_t at)
{
    char c = text.ptr[at];
    return c != '\0' && strchr(".,;:!?\"'`)]}>", c) != NULL;
}

static bool splits(struct esc_str text, size_t at, size_t from, size_t to)
{
    char c = text.ptr[at];
    if (c == ',') /* 1,024 stays one number */
        return at == from || at + 1 == to || !esc_is_digit(text.ptr[at - 1]) ||
               !esc_is_digit(text.ptr[at + 1]);
    return c != '\0' && strchr(";!?()\"", c) != NULL;
}

/* One run of bytes without blanks: marks at both ends, pieces between. */
static void cut_run(struct sentence *sentence, size_t from, size_t to)
{
    struct esc_str text = sentence->clean.text;
    bool after_resource = sentence->count > 0 &&
                          sentence->tokens[sentence->count - 1].kind == TOKEN_RESOURCE &&
                          sentence->tokens[sentence->count - 1].end == sentence->clean.origin[from];
    if (after_resource && esc_str_starts_with(esc_str_slice(text, from, to), ESC_STR("'s"))) {
        (void)add_token(sentence, TOKEN_POSSESSIVE, from, from + 2);
        from += 2;
    }
    while (from < to && is_opening(text.ptr[from])) {
        (void)add_token(sentence, TOKEN_MARK, from, from + 1);
        from++;
    }
    size_t end = to;
    while (end > from && is_closing(text, end - 1))
        end--;
    for (size_t at = from, start = from; at <= end; at++) {
        if (at < end && !splits(text, at, from, end))
            continue;
        if (at > start)
            add_piece(sentence, start, at);
        if (at < end)
            (void)add_token(sentence, TOKEN_MARK, at, at + 1);
        start = at + 1;
    }
    for (; end < to; end++)
        (void)add_token(sentence, TOKEN_MARK, end, end + 1);
}

/* The mention that starts at byte @p origin of the prompt and is to be read as a resource. */
static const struct mention *mention_at(const struct sentence *sentence, size_t origin,
                                        uint64_t as_word)
{
    for (size_t i = 0; i < sentence->mention_count; i++)
        if (sentence->mentions[i].start == origin && !(i < 64 && as_word >> i & 1))
            return &sentence->mentions[i];
    return NULL;
}

/* The clean byte after quoted text that names nothing; @p at when it is none. */
static size_t quoted_end(const struct sentence *sentence, size_t at, uint64_t as_word)
{
    struct esc_str text = sentence->clean.text;
    char quote = text.ptr[at];
    bool may_open = (quote == '"' || quote == '`' || quote == '\'') &&
                    (at == 0 || text.ptr[at - 1] == ' ' || text.ptr[at - 1] == '(');
    if (!may_open)
        return at;
    for (size_t end = at + 1; end < text.len; end++) {
        if (mention_at(sentence, sentence->clean.origin[end], as_word))
            return at;
        bool closes =
            text.ptr[end] == quote && (end + 1 == text.len || !esc_is_alnum(text.ptr[end + 1]));
        if (closes)
            return end > at + 1 ? end + 1 : at;
    }
    return at;
}

static size_t skip_mention(struct sentence *sentence, size_t at, const struct mention *mention)
{
    struct token *token = add_token(sentence, TOKEN_RESOURCE, at, at);
    if (token) {
        token->mention = (size_t)(mention - sentence->mentions);
        token->start = mention->start;
        token->end = mention->end;
    }
    while (at < sentence->clean.text.len && sentence->clean.origin[at] < mention->end)
        at++;
    return at;
}

static size_t run_end(const struct sentence *sentence, size_t at, uint64_t as_word)
{
    while (at < sentence->clean.text.len && sentence->clean.text.ptr[at] != ' ' &&
           !mention_at(sentence, sentence->clean.origin[at], as_word))
        at++;
    return at;
}

void sentence_cut(struct asked *asked, uint64_t as_word, struct sentence *out)
{
    *out = (struct sentence){.asked = asked, .arena = asked->arena};
    clean_prompt(out->arena, asked->prompt, &out->clean);
    out->tokens = esc_arena_alloc(out->arena, MAX_TOKENS * sizeof *out->tokens);
    find_mentions(asked, out);
    for (size_t at = 0; at < out->clean.text.len && !out->too_long;) {
        const struct mention *mention = mention_at(out, out->clean.origin[at], as_word);
        size_t quoted = mention ? at : quoted_end(out, at, as_word);
        if (mention) {
            at = skip_mention(out, at, mention);
        } else if (out->clean.text.ptr[at] == ' ') {
            at++;
        } else if (quoted > at) {
            (void)add_token(out, TOKEN_QUOTED, at + 1, quoted - 1);
            at = quoted;
        } else {
            size_t end = run_end(out, at, as_word);
            cut_run(out, at, end);
            at = end;
        }
    }
}
