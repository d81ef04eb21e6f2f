/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Every place of the prompt where a name may begin is tried with every length that some name
 * has; the table of exact texts answers each in one look. What is left of the prompt is words.
 */

#include "escher/find/mention.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/limits.h"
#include "escher/base/utf8.h"
#include "escher/find/find_private.h"
#include "escher/model/environment.h"

enum {
    MAX_SPANS = 1024,
    MAX_NEAR = 16, /* words of a prompt that get a "did you mean" */
    DEFAULT_NEAR_HITS = 4
};

/* ---- where a name may begin and end ---- */

/* Punctuation beyond ASCII: quotes, dashes, ideographic full stops, and what cannot be seen. */
static bool is_wide_punctuation(uint32_t c)
{
    return (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x303F) || c == 0xA0 || c == 0xAB ||
           c == 0xBB || c == 0xFEFF || (c >= 0xFF01 && c <= 0xFF0F);
}

static uint32_t code_point_before(struct esc_str text, size_t at)
{
    size_t start = at - 1;
    while (start > 0 && ((unsigned char)text.ptr[start] & 0xC0) == 0x80)
        start--;
    struct esc_str rest = esc_str_slice(text, start, at);
    return esc_utf8_next(&rest);
}

static bool ends_s3_scheme(struct esc_str prompt, size_t at)
{
    return esc_str_ends_with(esc_str_slice(prompt, 0, at), ESC_STR("s3://"));
}

static bool begins_free(struct esc_str prompt, size_t at)
{
    if (at == 0)
        return true;
    char c = prompt.ptr[at - 1];
    if ((unsigned char)c >= 0x80)
        return is_wide_punctuation(code_point_before(prompt, at));
    if (esc_is_alnum(c))
        return false;
    return !strchr("_-.:/@+=~#%*$&\\|^", c) || ends_s3_scheme(prompt, at);
}

/* A full stop or a colon ends a name only where a sentence could go on after it. */
static bool ends_free(struct esc_str prompt, size_t at)
{
    if (at == prompt.len)
        return true;
    struct esc_str rest = esc_str_slice(prompt, at, prompt.len);
    char c = rest.ptr[0];
    if ((unsigned char)c >= 0x80)
        return is_wide_punctuation(esc_utf8_next(&rest));
    if (c == '.' || c == ':')
        return rest.len == 1 || !(esc_is_alnum(rest.ptr[1]) || strchr("_-./:@*", rest.ptr[1]));
    return !esc_is_alnum(c) && !strchr("_-/@+=~#%*$&\\|^", c);
}

bool esc_mention_stands_free(struct esc_str prompt, size_t start, size_t end)
{
    return start < end && end <= prompt.len && begins_free(prompt, start) && ends_free(prompt, end);
}

static bool is_quoted(struct esc_str prompt, size_t start, size_t end)
{
    if (start == 0 || end == prompt.len)
        return false;
    char before = prompt.ptr[start - 1], after = prompt.ptr[end];
    return before == after && (before == '"' || before == '\'' || before == '`');
}

/* ---- exact spans ---- */

struct span {
    size_t start, end;
};

static size_t longest_exact(const struct esc_index *index)
{
    size_t longest = FIND_MAX_EXACT - 1;
    while (longest > 0 && index->lengths[longest] == 0)
        longest--;
    return longest;
}

static size_t find_spans(const struct esc_index *index, struct esc_str prompt, struct span *spans)
{
    size_t count = 0, longest = longest_exact(index);
    for (size_t start = 0; start < prompt.len; start++) {
        if (!begins_free(prompt, start))
            continue;
        size_t most = prompt.len - start < longest ? prompt.len - start : longest;
        for (size_t len = most; len > 0 && count < MAX_SPANS; len--) {
            if (index->lengths[len] == 0 || !ends_free(prompt, start + len))
                continue;
            if (index_exact(index, esc_str_slice(prompt, start, start + len), NULL, 0))
                spans[count++] = (struct span){start, start + len};
        }
    }
    return count;
}

static int longer_first(const void *a, const void *b)
{
    const struct span *left = a, *right = b;
    size_t left_len = left->end - left->start, right_len = right->end - right->start;
    if (left_len != right_len)
        return left_len > right_len ? -1 : 1;
    return left->start < right->start ? -1 : left->start > right->start;
}

static int earlier_first(const void *a, const void *b)
{
    const struct span *left = a, *right = b;
    return left->start < right->start ? -1 : left->start > right->start;
}

/* Keeps the longest, then the next that overlaps none of the kept ones, and so on. */
static size_t keep_longest(struct span *spans, size_t count)
{
    size_t kept = 0;
    if (count > 1)
        qsort(spans, count, sizeof *spans, longer_first);
    for (size_t i = 0; i < count; i++) {
        bool overlaps = false;
        for (size_t j = 0; j < kept && !overlaps; j++)
            overlaps = spans[i].start < spans[j].end && spans[j].start < spans[i].end;
        if (!overlaps)
            spans[kept++] = spans[i];
    }
    if (kept > 1)
        qsort(spans, kept, sizeof *spans, earlier_first);
    return kept;
}

/* ---- narrowing ---- */

struct sentence {
    const struct esc_index *index;
    struct esc_str prompt;
    struct esc_word words[ESC_WORDS_MAX];
    size_t word_count;
    uint64_t named; /* bit i: word i lies in an exact span */
    struct esc_mentions *out;
};

static void mark_named(struct sentence *sentence, const struct span *spans, size_t count)
{
    for (size_t i = 0; i < sentence->word_count; i++)
        for (size_t j = 0; j < count; j++)
            if (sentence->words[i].start < spans[j].end && spans[j].start < sentence->words[i].end)
                sentence->named |= (uint64_t)1 << i;
}

/* "snapshot orders-db" is a command, "the snapshot orders-db" is not. */
static const char *const also_verbs[] = {"snapshot", "backup", "image", "host", NULL};
static const char *const links[] = {"the", "named", "called", "a", "my", "our", NULL};

/* The type words that end right before word @p at, "the database called orders-db". */
static uint64_t type_before(const struct sentence *sentence, size_t at)
{
    while (at > 0 && is_one_of(sentence->words[at - 1].text, links) &&
           !(sentence->named >> (at - 1) & 1))
        at--;
    for (size_t len = at < 3 ? at : 3; len > 0; len--) {
        uint64_t types = 0;
        size_t from = at - len;
        if (sentence->named >> from & 1 ||
            esc_words_type(sentence->words + from, len, &types) != len)
            continue;
        bool verb =
            len == 1 && is_one_of(sentence->words[from].text, also_verbs) &&
            (from == 0 || !esc_str_equal_nocase(sentence->words[from - 1].text, ESC_STR("the")));
        return verb ? 0 : types;
    }
    return 0;
}

/* The type words that begin right after the mention: "the orders-db database". */
static uint64_t type_after(const struct sentence *sentence, size_t at)
{
    uint64_t types = 0;
    if (at < sentence->word_count && !(sentence->named >> at & 1))
        (void)esc_words_type(sentence->words + at, sentence->word_count - at, &types);
    return types;
}

static size_t first_word_of(const struct sentence *sentence, const struct span *span)
{
    size_t first = 0;
    while (first < sentence->word_count && sentence->words[first].end <= span->start)
        first++;
    return first;
}

/* "the stopped orders-db", "the stopped database orders-db"; not "is orders-db stopped". */
static const char *const *states_before(const struct sentence *sentence, const struct span *span)
{
    size_t first = first_word_of(sentence, span);
    for (size_t back = 1; back <= 3 && back <= first; back++) {
        const char *const *states = esc_words_state(sentence->words[first - back].text);
        if (states)
            return states;
    }
    return NULL;
}

static uint64_t types_beside(const struct sentence *sentence, const struct span *span)
{
    size_t first = first_word_of(sentence, span), after = first;
    while (after < sentence->word_count && sentence->words[after].start < span->end)
        after++;
    uint64_t types = type_before(sentence, first);
    return types ? types : type_after(sentence, after);
}

static int by_id(const void *a, const void *b, void *context)
{
    const struct esc_index *index = context;
    return row_compare(index, row_in(index, *(const uint32_t *)a),
                       row_in(index, *(const uint32_t *)b));
}

/* Keeps those that hold the features, unless none does. */
static size_t narrow(const struct esc_features *features, const struct esc_index *index,
                     uint32_t *slots, size_t count)
{
    size_t holding = 0;
    for (size_t i = 0; i < count; i++)
        holding += features_hold_row(features, index, row_in(index, slots[i]));
    if (holding == 0 || holding == count)
        return count;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (features_hold_row(features, index, row_in(index, slots[i])))
            slots[kept++] = slots[i];
    return kept;
}

static void write_exact(const struct sentence *sentence, const struct span *span,
                        struct esc_mention *out)
{
    const struct esc_index *index = sentence->index;
    struct esc_arena *arena = &sentence->out->arena;
    const struct esc_str text = esc_str_slice(sentence->prompt, span->start, span->end);
    const size_t named = index_exact(index, text, NULL, 0);
    uint32_t *slots = esc_arena_alloc(arena, named * sizeof *slots);
    (void)index_exact(index, text, slots, named);
    qsort_r(slots, named, sizeof *slots, by_id, (void *)(uintptr_t)index);
    struct esc_features features = sentence->out->features;
    features.types = types_beside(sentence, span);
    features.states = states_before(sentence, span);
    const size_t count = features.contradictory ? named : narrow(&features, index, slots, named);
    struct esc_card *cards = esc_arena_alloc(arena, count * sizeof *cards);
    for (size_t i = 0; i < count; i++)
        card_of(index, slots[i], arena, &cards[i]);
    *out = (struct esc_mention){
        .start = span->start,
        .end = span->end,
        .quoted = is_quoted(sentence->prompt, span->start, span->end),
        .cards = cards,
        .named_count = named,
        .card_count = count,
    };
}

static void find_exact(struct sentence *sentence)
{
    struct esc_mentions *out = sentence->out;
    struct span *spans = esc_arena_alloc(&out->arena, MAX_SPANS * sizeof *spans);
    size_t count = find_spans(sentence->index, sentence->prompt, spans);
    count = keep_longest(spans, count);
    mark_named(sentence, spans, count);
    features_read(sentence->index, sentence->words, sentence->word_count, sentence->named,
                  &out->features);
    out->exact = esc_arena_alloc(&out->arena, (count + 1) * sizeof *out->exact);
    for (size_t i = 0; i < count; i++)
        write_exact(sentence, &spans[i], &out->exact[out->exact_count++]);
}

/* ---- near ones ---- */

static bool is_identifier_like(struct esc_str word)
{
    bool letter = false, digit = false, joint = false, camel = false;
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        letter = letter || esc_is_alpha(c);
        digit = digit || esc_is_digit(c);
        joint = joint || (i > 0 && i + 1 < word.len && c != '\'' && strchr("-_.:/@", c));
        camel = camel || (i > 0 && esc_is_upper(c) && esc_is_lower(word.ptr[i - 1]));
    }
    bool measure = word.len > 0 && esc_is_digit(word.ptr[0]) && !joint; /* 512MB, 10m */
    return letter && !measure && (digit || joint || camel);
}

static void add_near(struct sentence *sentence, size_t start, size_t end,
                     const struct esc_mention_options *options)
{
    struct esc_mentions *out = sentence->out;
    if (out->near_count == MAX_NEAR)
        return;
    struct esc_near_mention *near = &out->near[out->near_count++];
    *near =
        (struct esc_near_mention){start, end, esc_str_slice(sentence->prompt, start, end), NULL, 0};
    struct esc_find_result found;
    esc_find_near(sentence->index, near->text, options, &found);
    near->hits = esc_arena_alloc(&out->arena, (found.count + 1) * sizeof *near->hits);
    for (size_t i = 0; i < found.count; i++) {
        near->hits[i] = found.hits[i];
        near->hits[i].why = esc_arena_dup(&out->arena, esc_str_of(found.hits[i].why));
        near->hits[i].card.id = esc_arena_dup(&out->arena, esc_str_of(found.hits[i].card.id));
    }
    near->hit_count = found.count;
    esc_find_result_done(&found);
}

/* The end of a quoted text that starts at @p at with its quote; 0 when it is none. An apostrophe
 * inside a word is no quote. */
static size_t quoted_end(struct esc_str prompt, size_t at)
{
    char quote = prompt.ptr[at];
    if ((quote != '"' && quote != '`' && quote != '\'') || !begins_free(prompt, at))
        return 0;
    for (size_t end = at + 1; end < prompt.len; end++)
        if (prompt.ptr[end] == quote && ends_free(prompt, end + 1))
            return end > at + 1 ? end : 0;
    return 0;
}

static bool holds_exact(const struct esc_mentions *mentions, size_t start, size_t end)
{
    for (size_t i = 0; i < mentions->exact_count; i++)
        if (mentions->exact[i].start < end && start < mentions->exact[i].end)
            return true;
    return false;
}

static bool holds_near(const struct esc_mentions *mentions, size_t start, size_t end)
{
    for (size_t i = 0; i < mentions->near_count; i++)
        if (mentions->near[i].start < end && start < mentions->near[i].end)
            return true;
    return false;
}

static void find_near_ones(struct sentence *sentence, const struct esc_mention_options *options)
{
    struct esc_mentions *out = sentence->out;
    out->near = esc_arena_alloc(&out->arena, MAX_NEAR * sizeof *out->near);
    for (size_t at = 0; at < sentence->prompt.len; at++) {
        size_t end = quoted_end(sentence->prompt, at);
        if (end == 0)
            continue;
        if (!holds_exact(out, at, end))
            add_near(sentence, at + 1, end, options);
        at = end;
    }
    for (size_t i = 0; i < sentence->word_count; i++) {
        const struct esc_word *word = &sentence->words[i];
        bool is_language = (sentence->named | out->features.used) >> i & 1;
        if (!is_language && is_identifier_like(word->text) &&
            !holds_near(out, word->start, word->end))
            add_near(sentence, word->start, word->end, options);
    }
}

/* ---- the answer ---- */

void esc_find_mentions(const struct esc_index *index, struct esc_str prompt,
                       const struct esc_mention_options *options, struct esc_mentions *out)
{
    *out = (struct esc_mentions){0};
    esc_arena_init(&out->arena);
    struct sentence sentence = {
        .index = index,
        .prompt = esc_str_slice(prompt, 0, ESC_MAX_PROMPT),
        .out = out,
    };
    sentence.word_count = esc_words_cut(sentence.prompt, sentence.words, ESC_WORDS_MAX);
    find_exact(&sentence);
    find_near_ones(&sentence, options);
}

void esc_mentions_done(struct esc_mentions *mentions)
{
    esc_arena_done(&mentions->arena);
    *mentions = (struct esc_mentions){0};
}

void esc_find_near(const struct esc_index *index, struct esc_str word,
                   const struct esc_mention_options *options, struct esc_find_result *out)
{
    struct esc_find_query query = {
        .text = word,
        .limit = options && options->near_limit ? options->near_limit : DEFAULT_NEAR_HITS,
        .embed = options ? options->embed : NULL,
        .embed_context = options ? options->embed_context : NULL,
    };
    find_words(index, &query, out);
}
