/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One question: which rows may take part (filters), which of them the text spells or describes
 * (names, features), which are near in meaning (vectors), in what order (rank).
 *
 *     text ──▶ as one name: exact, prefix, token, substring, typo
 *          ──▶ word by word: features are set aside, every other word must be spelt by the row
 *          ──▶ vectors, where the spelling leaves something to say
 */

#include "escher/find/query.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/find/find_private.h"
#include "escher/model/environment.h"

enum {
    DEFAULT_LIMIT = 20,
    MAX_SPELT_WORDS = 12, /* of a long text; more words are left to the vectors */
    ENOUGH_SEMANTIC = 50
};

static const float LEAST_COSINE = 0.25f;

struct search {
    const struct esc_index *index;
    const struct esc_find_query *query;
    struct esc_find_result *out;
    struct esc_str text;
    struct text_query whole;
    struct esc_word words[ESC_WORDS_MAX];
    size_t word_count;
    struct text_query *spelt; /* the words that are no features */
    size_t spelt_count;
    uint64_t *allowed;
    struct candidates found;
};

static void *search_alloc(struct search *search, size_t count, size_t size_bytes)
{
    return esc_arena_alloc(&search->out->arena, (count + 1) * size_bytes);
}

/* ---- which rows take part ---- */

static void keep_matching(struct search *search, const struct esc_filter *filter)
{
    for (size_t i = 0; i < search->index->count; i++)
        if (bit_is_set(search->allowed, i) &&
            !filter_matches_row(filter, search->index, row_at(search->index, i)))
            search->allowed[i / 64] &= ~((uint64_t)1 << (i % 64));
}

static enum esc_status keep_expression(struct search *search, struct esc_str expression,
                                       struct esc_error *err)
{
    ESC_CLEANUP(esc_filter_freep) struct esc_filter *filter = NULL;
    if (esc_str_trim(expression).len == 0)
        return ESC_OK;
    enum esc_status status = esc_filter_parse(expression, &filter, err);
    if (status != ESC_OK)
        return esc_wrap(err, status, "filter");
    keep_matching(search, filter);
    return ESC_OK;
}

static enum esc_status keep_field(struct search *search, const char *field, const char *value,
                                  struct esc_error *err)
{
    ESC_CLEANUP(esc_filter_freep) struct esc_filter *filter = NULL;
    if (!value)
        return ESC_OK;
    enum esc_status status = filter_of_field(field, value, &filter, err);
    if (status == ESC_OK)
        keep_matching(search, filter);
    return status;
}

static void allow_all(struct search *search)
{
    search->allowed = search_alloc(search, search->index->count / 64 + 1, sizeof(uint64_t));
    for (size_t i = 0; i < search->index->count; i++)
        bit_set(search->allowed, i);
}

static enum esc_status choose_rows(struct search *search, struct esc_error *err)
{
    const struct esc_find_query *query = search->query;
    allow_all(search);
    enum esc_status status = keep_field(search, "type", query->type, err);
    if (status == ESC_OK)
        status = keep_field(search, "account", query->account, err);
    if (status == ESC_OK)
        status = keep_field(search, "region", query->region, err);
    if (status == ESC_OK)
        status = keep_expression(search, query->filter, err);
    if (status == ESC_OK)
        status = keep_expression(search, query->within, err);
    return status;
}

static enum esc_status read_filter(struct search *search, struct esc_error *err)
{
    if (!esc_filter_is_meant(search->text) || index_exact(search->index, search->text, NULL, 0))
        return ESC_OK;
    enum esc_status status = keep_expression(search, search->text, err);
    if (status != ESC_OK)
        return status;
    search->out->text_was_filter = true;
    search->text = ESC_STR("");
    return ESC_OK;
}

/* The words of a view come before those that were typed. */
static void join_words(struct search *search)
{
    const struct esc_str words = search->query->words, text = search->text;
    if (!words.len || !text.len) {
        search->text = words.len ? words : text;
        return;
    }
    char *joined = search_alloc(search, words.len + 1 + text.len, 1);
    memcpy(joined, words.ptr, words.len);
    joined[words.len] = ' ';
    memcpy(joined + words.len + 1, text.ptr, text.len);
    search->text = (struct esc_str){joined, words.len + 1 + text.len};
}

/* ---- what the words say ---- */

static void read_words(struct search *search)
{
    search->word_count = esc_words_cut(search->text, search->words, ESC_WORDS_MAX);
    features_read(search->index, search->words, search->word_count, 0, &search->out->features);
    if (search->out->features.contradictory)
        search->out->features = (struct esc_features){0};
    search->spelt = search_alloc(search, MAX_SPELT_WORDS, sizeof *search->spelt);
    for (size_t i = 0; i < search->word_count && search->spelt_count < MAX_SPELT_WORDS; i++)
        if (!(search->out->features.used >> i & 1))
            text_query_init(&search->spelt[search->spelt_count++], &search->out->arena,
                            search->words[i].text);
}

/* The loosest match among the words that must be spelt; every one must be. */
static struct match match_words(const struct search *search, const struct row *row,
                                struct candidate *candidate)
{
    struct match all = {.tier = ESC_TIER_FEATURE, .score = 1, .field = "words"};
    for (size_t i = 0; i < search->spelt_count; i++) {
        struct match one = names_match(search->index, &search->spelt[i], row);
        if (one.tier == ESC_TIER_COUNT)
            continue;
        candidate->words++;
        if (one.tier < ESC_TIER_TOKEN)
            one.tier = ESC_TIER_TOKEN; /* one word of several is a part at best */
        if (all.tier == ESC_TIER_FEATURE || one.tier > all.tier)
            all.tier = one.tier;
        all.score *= 0.5 + one.score / 2;
    }
    candidate->words_of = search->spelt_count;
    if (candidate->words < search->spelt_count)
        return (struct match){.tier = ESC_TIER_COUNT};
    return all;
}

static bool is_better(struct match a, struct match b)
{
    return a.tier < b.tier || (a.tier == b.tier && a.score > b.score);
}

static struct candidate look_at(const struct search *search, size_t at)
{
    const struct row *row = row_at(search->index, at);
    const struct esc_features *features = &search->out->features;
    struct candidate candidate = {.row = at, .cosine = -2};
    candidate.features = features_any(features) && features_hold_row(features, search->index, row);
    candidate.match = names_match(search->index, &search->whole, row);
    if (search->spelt_count == 0 && !candidate.features)
        return candidate; /* nothing but fillers, or features that do not hold */
    if (search->spelt_count == search->word_count && search->word_count == 1)
        return candidate; /* the one word is the whole text */
    struct match words = match_words(search, row, &candidate);
    if (!candidate.features && features_any(features))
        return candidate;
    if (is_better(words, candidate.match))
        candidate.match = words;
    return candidate;
}

/* ---- near in meaning ---- */

/* An exact or begun name says it all; one word that some name holds does, too. */
static bool wants_vectors(const struct search *search)
{
    if (!search->query->embed || search->text.len == 0)
        return false;
    bool spelt = false;
    for (size_t i = 0; i < search->found.count; i++) {
        enum esc_find_tier tier = search->found.items[i].match.tier;
        if (tier < ESC_TIER_TOKEN)
            return false;
        spelt = spelt || tier < ESC_TIER_FEATURE;
    }
    return search->word_count > 1 || !spelt;
}

/* The question in the words the rows were embedded with: environment class first. */
static void question_text(const struct search *search, struct esc_buf *out)
{
    const struct esc_features *features = &search->out->features;
    if (features->environment)
        esc_buf_printf(out, "%s. ", features->environment);
    bool first = true;
    for (size_t i = 0; i < search->word_count; i++) {
        if (esc_environment_of_word(search->words[i].text))
            continue;
        if (!first)
            esc_buf_add_char(out, ' ');
        esc_buf_add(out, search->words[i].text);
        first = false;
    }
}

static bool embed_question(const struct search *search, float *vector)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_PROMPT * 2);
    question_text(search, &text);
    enum esc_status status =
        search->query->embed(search->query->embed_context, esc_buf_str(&text), vector, NULL);
    esc_buf_done(&text);
    return status == ESC_OK; /* without vectors the words still answer */
}

static void add_cosines(struct search *search)
{
    float vector[ESC_FIND_DIMENSIONS];
    if (!wants_vectors(search) || !embed_question(search, vector))
        return;
    search->out->semantic = true;
    float *cosines = search_alloc(search, search->index->count, sizeof *cosines);
    local_scores(search->index, vector, search->allowed, cosines);
    for (size_t i = 0; i < search->found.count; i++)
        search->found.items[i].cosine = cosines[search->found.items[i].row];
}

/* Rows that nothing spelt: near in meaning, or with some of the words. When features were named
 * and any row has them, the others are out. */
static void drop_far(struct search *search)
{
    bool any_feature = false;
    for (size_t i = 0; i < search->found.count; i++)
        any_feature = any_feature || search->found.items[i].features;
    size_t kept = 0;
    for (size_t i = 0; i < search->found.count; i++) {
        struct candidate candidate = search->found.items[i];
        if (candidate.match.tier == ESC_TIER_COUNT) {
            bool near = candidate.cosine >= LEAST_COSINE || candidate.words > 0;
            if (!near || (any_feature && !candidate.features))
                continue;
            candidate.match = (struct match){.tier = ESC_TIER_SEMANTIC, .field = "meaning"};
        }
        search->found.items[kept++] = candidate;
    }
    search->found.count = kept;
}

/* ---- the answer ---- */

static void look_at_all(struct search *search)
{
    search->found.items = search_alloc(search, search->index->count, sizeof(struct candidate));
    for (size_t i = 0; i < search->index->count; i++) {
        if (!bit_is_set(search->allowed, i))
            continue;
        struct candidate candidate = {
            .row = i, .match = {ESC_TIER_FEATURE, 1, "filter"}, .cosine = -2};
        search->found.items[search->found.count++] =
            search->text.len > 0 ? look_at(search, i) : candidate;
    }
}

static void write_hits(struct search *search)
{
    struct esc_find_result *out = search->out;
    size_t limit = search->query->limit ? search->query->limit : DEFAULT_LIMIT;
    size_t semantic = 0;
    out->hits = search_alloc(search, search->found.count, sizeof *out->hits);
    for (size_t i = 0; i < search->found.count; i++) {
        const struct candidate *candidate = &search->found.items[i];
        if (candidate->match.tier != ESC_TIER_SEMANTIC)
            out->total++;
        else if (++semantic > ENOUGH_SEMANTIC)
            break;
        if (out->count == limit)
            continue;
        const bool bare = search->query->bare;
        struct esc_find_hit *hit = &out->hits[out->count++];
        *hit = (struct esc_find_hit){
            .card = esc_index_at(search->index, candidate->row, bare ? NULL : &out->arena),
            .tier = candidate->match.tier,
            .score = candidate->match.score,
            .why = bare ? NULL : rank_reason(candidate, &out->features, &out->arena)};
    }
}

static void answer(struct search *search)
{
    if (search->text.len > 0) {
        text_query_init(&search->whole, &search->out->arena, search->text);
        read_words(search);
    }
    look_at_all(search);
    add_cosines(search);
    drop_far(search);
    rank_candidates(search->index, &search->found);
    write_hits(search);
}

static void begin(struct search *search, const struct esc_index *index,
                  const struct esc_find_query *query, struct esc_find_result *out)
{
    *out = (struct esc_find_result){0};
    esc_arena_init(&out->arena);
    *search = (struct search){.index = index, .query = query, .out = out};
    search->text = esc_str_slice(esc_str_trim(query->text), 0, ESC_MAX_PROMPT);
}

void find_words(const struct esc_index *index, const struct esc_find_query *query,
                struct esc_find_result *out)
{
    struct search search;
    begin(&search, index, query, out);
    allow_all(&search);
    answer(&search);
}

enum esc_status esc_find(const struct esc_index *index, const struct esc_find_query *query,
                         struct esc_find_result *out, struct esc_error *err)
{
    struct esc_find_result result;
    struct search search;
    begin(&search, index, query, &result);
    enum esc_status status = choose_rows(&search, err);
    if (status == ESC_OK)
        status = read_filter(&search, err);
    if (status != ESC_OK) {
        esc_find_result_done(&result);
        return status;
    }
    join_words(&search);
    answer(&search);
    *out = result;
    return ESC_OK;
}

void esc_find_result_done(struct esc_find_result *result)
{
    esc_arena_done(&result->arena);
    *result = (struct esc_find_result){0};
}

const char *esc_find_tier_text(enum esc_find_tier tier)
{
#define TIER_TEXT(name, text) [ESC_TIER_##name] = (text),
    static const char *const texts[] = {ESC_FIND_TIER_LIST(TIER_TEXT)};
#undef TIER_TEXT
    return tier < ESC_TIER_COUNT ? texts[tier] : "none";
}
