/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/find/words.h"

#include <string.h>

#include "escher/catalog/resource_type.h"
#include "escher/find/find_private.h"
#include "escher/model/environment.h"

/* ---- cutting ---- */

static bool is_open_or_close(char c)
{
    return c != '\0' && strchr(".,;:!?\"'`()[]{}<>", c) != NULL;
}

size_t esc_words_cut(struct esc_str text, struct esc_word *words, size_t limit)
{
    size_t count = 0, at = 0;
    while (count < limit) {
        while (at < text.len && esc_is_space(text.ptr[at]))
            at++;
        if (at == text.len)
            break;
        size_t start = at;
        while (at < text.len && !esc_is_space(text.ptr[at]))
            at++;
        size_t end = at;
        while (start < end && is_open_or_close(text.ptr[start]))
            start++;
        while (start < end && is_open_or_close(text.ptr[end - 1]))
            end--;
        if (start < end)
            words[count++] = (struct esc_word){esc_str_slice(text, start, end), start, end};
    }
    return count;
}

/* The first @p count words as one text with single spaces; empty when it does not fit. */
static struct esc_str joined(const struct esc_word *words, size_t count, char *out, size_t size)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (len + words[i].text.len + 1 > size)
            return ESC_STR("");
        if (i > 0)
            out[len++] = ' ';
        memcpy(out + len, words[i].text.ptr, words[i].text.len);
        len += words[i].text.len;
    }
    return (struct esc_str){out, len};
}

/* ---- types ---- */

enum {
    MAX_PHRASE_WORDS = 3,
    MAX_PHRASE = 64 /* bytes */
};

static_assert(sizeof(uint64_t) * 8 >= 64);

static uint64_t types_of(struct esc_str phrase)
{
    uint64_t types = 0;
    for (size_t i = 0; i < esc_resource_type_count() && i < 64; i++)
        if (esc_resource_type_has_word(esc_resource_type_at(i), phrase))
            types |= (uint64_t)1 << i;
    if (types & esc_type_bit("ec2_instance") && esc_str_starts_with(phrase, ESC_STR("instance")))
        types |= esc_type_bit("rds_instance"); /* "instance" alone does not say of what */
    return types;
}

size_t esc_words_type(const struct esc_word *words, size_t count, uint64_t *types)
{
    char buffer[MAX_PHRASE];
    for (size_t len = count < MAX_PHRASE_WORDS ? count : MAX_PHRASE_WORDS; len > 0; len--) {
        struct esc_str phrase = joined(words, len, buffer, sizeof buffer);
        uint64_t found = phrase.len > 0 ? types_of(phrase) : 0;
        if (found == 0)
            continue;
        *types = found;
        return len;
    }
    return 0;
}

uint64_t esc_type_bit(const char *resource_type)
{
    for (size_t i = 0; i < esc_resource_type_count() && i < 64; i++)
        if (esc_text_equal(esc_resource_type_at(i)->name, resource_type))
            return (uint64_t)1 << i;
    return 0;
}

/* ---- regions ---- */

struct region {
    const char *code;
    const char *places[4]; /* what people call it, lower case */
};

/* @source AWS General Reference, Regions and Availability Zones */
static const struct region regions[] = {
    {"us-east-1", {"virginia", "n. virginia", "northern virginia"}},
    {"us-east-2", {"ohio"}},
    {"us-west-1", {"california", "n. california", "northern california"}},
    {"us-west-2", {"oregon"}},
    {"ca-central-1", {"montreal", "canada central"}},
    {"ca-west-1", {"calgary"}},
    {"mx-central-1", {"mexico"}},
    {"sa-east-1", {"sao paulo", "são paulo"}},
    {"eu-west-1", {"ireland", "dublin"}},
    {"eu-west-2", {"london"}},
    {"eu-west-3", {"paris"}},
    {"eu-central-1", {"frankfurt"}},
    {"eu-central-2", {"zurich", "zürich"}},
    {"eu-north-1", {"stockholm"}},
    {"eu-south-1", {"milan"}},
    {"eu-south-2", {"spain"}},
    {"af-south-1", {"cape town"}},
    {"il-central-1", {"tel aviv"}},
    {"me-south-1", {"bahrain"}},
    {"me-central-1", {"uae"}},
    {"ap-south-1", {"mumbai"}},
    {"ap-south-2", {"hyderabad"}},
    {"ap-southeast-1", {"singapore"}},
    {"ap-southeast-2", {"sydney"}},
    {"ap-southeast-3", {"jakarta"}},
    {"ap-southeast-4", {"melbourne"}},
    {"ap-southeast-5", {"malaysia", "kuala lumpur"}},
    {"ap-southeast-7", {"thailand", "bangkok"}},
    {"ap-northeast-1", {"tokyo"}},
    {"ap-northeast-2", {"seoul"}},
    {"ap-northeast-3", {"osaka"}},
    {"ap-east-1", {"hong kong"}},
    {"cn-north-1", {"beijing"}},
    {"cn-northwest-1", {"ningxia"}},
    {"us-gov-west-1", {"govcloud west"}},
    {"us-gov-east-1", {"govcloud east"}},
};

static bool is_called(const struct region *region, struct esc_str phrase)
{
    if (esc_str_equal_nocase(phrase, esc_str_of(region->code)))
        return true;
    for (size_t i = 0; i < ESC_COUNT(region->places) && region->places[i]; i++)
        if (esc_str_equal_nocase(phrase, esc_str_of(region->places[i])))
            return true;
    return false;
}

size_t esc_words_region(const struct esc_word *words, size_t count, const char **region)
{
    char buffer[MAX_PHRASE];
    for (size_t len = count < 2 ? count : 2; len > 0; len--) {
        struct esc_str phrase = joined(words, len, buffer, sizeof buffer);
        for (size_t i = 0; i < ESC_COUNT(regions); i++) {
            if (!is_called(&regions[i], phrase))
                continue;
            *region = regions[i].code;
            return len;
        }
    }
    return 0;
}

/* ---- states ---- */

struct state_word {
    const char *word;
    const char *states[4]; /* ends with NULL */
};

static const struct state_word state_words[] = {
    {"running", {"running", "available", "active"}},
    {"active", {"running", "available", "active"}},
    {"started", {"running", "available", "active"}},
    {"online", {"running", "available", "active"}},
    {"available", {"available"}},
    {"stopped", {"stopped"}},
    {"offline", {"stopped"}},
    {"halted", {"stopped"}},
    {"stopping", {"stopping"}},
    {"starting", {"starting", "pending"}},
    {"pending", {"pending"}},
    {"rebooting", {"rebooting"}},
    {"terminated", {"terminated"}},
    {"terminating", {"shutting-down"}},
    {"deleting", {"deleting"}},
    {"creating", {"creating"}},
    {"modifying", {"modifying"}},
    {"failed", {"failed", "error"}},
    {"in-use", {"in-use"}},
    {"attached", {"in-use", "attached"}},
    {"unattached", {"available"}},
    {"detached", {"available", "detached"}},
};

const char *const *esc_words_state(struct esc_str word)
{
    for (size_t i = 0; i < ESC_COUNT(state_words); i++)
        if (esc_str_equal_nocase(word, esc_str_of(state_words[i].word)))
            return state_words[i].states;
    return NULL;
}

bool esc_state_is_one_of(const char *state, const char *const *states)
{
    return state && is_one_of(esc_str_of(state), states);
}

/* ---- features of a text ---- */

/* Words of a search that say nothing about the resource. */
static const char *const fillers[] = {
    "a",        "all",       "an",       "and",    "any",     "are",         "at",    "by",
    "called",   "every",     "find",     "for",    "from",    "get",         "in",    "is",
    "it",       "its",       "list",     "some",   "me",      "my",          "named", "of",
    "on",       "our",       "show",     "that",   "the",     "this",        "to",    "which",
    "with",     "account",   "accounts", "region", "regions", "environment", "env",   "state",
    "resource", "resources", "search",   "where",  "what",    NULL,
};

bool is_one_of(struct esc_str word, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        if (esc_str_equal_nocase(word, esc_str_of(words[i])))
            return true;
    return false;
}

bool is_filler(struct esc_str word)
{
    return is_one_of(word, fillers);
}

struct reading {
    const struct esc_index *index;
    const struct esc_word *words;
    size_t count;
    uint64_t skip;
    struct esc_features *out;
};

static bool names_account(const struct reading *reading, size_t at, size_t len)
{
    struct esc_str first = reading->words[at].text;
    size_t before = at, after = at + len;
    if (esc_str_equal_nocase(first, ESC_STR("account")))
        return false;
    if (after < reading->count &&
        esc_str_equal_nocase(reading->words[after].text, ESC_STR("account")))
        return true;
    return before > 0 && esc_str_equal_nocase(reading->words[before - 1].text, ESC_STR("account"));
}

/* The account with this id or name. Where the sentence says "account", the one account of that
 * environment class will do: "the prod account". */
static const struct account_row *account_called(const struct reading *reading,
                                                struct esc_str phrase, bool said_account)
{
    const struct esc_list *accounts = &reading->index->accounts;
    const struct account_row *of_class = NULL;
    const char *class = said_account ? esc_environment_of_word(phrase) : NULL;
    for (size_t i = 0; i < accounts->count; i++) {
        const struct account_row *account = accounts->items[i];
        if (esc_str_equal(phrase, esc_str_of(account->id)) ||
            esc_str_equal_nocase(phrase, esc_str_of(account->name)))
            return account;
        if (!class || !esc_text_equal(esc_environment_of_text(esc_str_of(account->name)), class))
            continue;
        if (of_class)
            class = NULL; /* several: not said which */
        of_class = account;
    }
    return class ? of_class : NULL;
}

static void set_account(struct esc_features *out, const struct account_row *account)
{
    struct esc_str id = esc_str_of(account->id);
    if (out->account.len > 0 && !esc_str_equal(out->account, id))
        out->contradictory = true;
    out->account = id;
}

static size_t read_account(const struct reading *reading, size_t at)
{
    char buffer[MAX_PHRASE];
    size_t rest = reading->count - at;
    for (size_t len = rest < MAX_PHRASE_WORDS ? rest : MAX_PHRASE_WORDS; len > 0; len--) {
        struct esc_str phrase = joined(reading->words + at, len, buffer, sizeof buffer);
        bool said = names_account(reading, at, len);
        if (phrase.len == 0 || (!said && esc_environment_of_word(phrase)))
            continue; /* "production" alone is the environment */
        const struct account_row *account = account_called(reading, phrase, said);
        if (!account)
            continue;
        set_account(reading->out, account);
        return len;
    }
    return 0;
}

static size_t read_environment(const struct reading *reading, size_t at)
{
    const char *class = esc_environment_of_word(reading->words[at].text);
    if (!class)
        return 0;
    if (reading->out->environment && !esc_text_equal(reading->out->environment, class))
        reading->out->contradictory = true;
    reading->out->environment = class;
    return 1;
}

static size_t read_region(const struct reading *reading, size_t at)
{
    const char *region = NULL;
    size_t len = esc_words_region(reading->words + at, reading->count - at, &region);
    if (len == 0)
        return 0;
    if (reading->out->region && reading->out->region != region)
        reading->out->contradictory = true;
    reading->out->region = region;
    return len;
}

static size_t read_type(const struct reading *reading, size_t at)
{
    uint64_t types = 0;
    size_t len = esc_words_type(reading->words + at, reading->count - at, &types);
    if (len == 0)
        return 0;
    uint64_t both =
        reading->out->types & types; /* "rds database" narrows; "buckets and volumes" adds */
    reading->out->types = both ? both : reading->out->types | types;
    return len;
}

static size_t read_state(const struct reading *reading, size_t at)
{
    const char *const *states = esc_words_state(reading->words[at].text);
    if (states)
        reading->out->states = states;
    return states ? 1 : 0;
}

static size_t read_one(const struct reading *reading, size_t at)
{
    static size_t (*const readers[])(const struct reading *, size_t) = {
        read_account, read_environment, read_region, read_type, read_state,
    };
    for (size_t i = 0; i < ESC_COUNT(readers); i++) {
        size_t len = readers[i](reading, at);
        if (len > 0)
            return len;
    }
    return is_filler(reading->words[at].text) ? 1 : 0;
}

void features_read(const struct esc_index *index, const struct esc_word *words, size_t count,
                   uint64_t skip, struct esc_features *out)
{
    *out = (struct esc_features){0};
    struct reading reading = {index, words, count < ESC_WORDS_MAX ? count : ESC_WORDS_MAX, skip,
                              out};
    for (size_t at = 0; at < reading.count;) {
        size_t len = skip >> at & 1 ? 0 : read_one(&reading, at);
        for (size_t i = 0; i < len; i++)
            out->used |= (uint64_t)1 << (at + i);
        at += len > 0 ? len : 1;
    }
}

bool features_any(const struct esc_features *features)
{
    return features->types || features->environment || features->region || features->states ||
           features->account.len > 0;
}

/* What features are compared with. */
struct facts {
    uint64_t type;
    const char *environment, *region, *state, *account_id;
};

static bool holds(const struct esc_features *features, const struct facts *facts)
{
    if (features->types && !(features->types & facts->type))
        return false;
    if (features->environment && !esc_text_equal(features->environment, facts->environment))
        return false;
    if (features->region && !esc_text_equal(features->region, facts->region))
        return false;
    if (features->states && !esc_state_is_one_of(facts->state, features->states))
        return false;
    return features->account.len == 0 ||
           esc_str_equal(features->account, esc_str_of(facts->account_id));
}

bool features_hold_row(const struct esc_features *features, const struct esc_index *index,
                       const struct row *row)
{
    const struct place *place = place_of(index, row);
    return holds(features, &(struct facts){place->type, row_environment(row), place->region,
                                           row_state(index, row), place->account_id});
}

bool esc_features_hold(const struct esc_features *features, const struct esc_resource *resource)
{
    return holds(features, &(struct facts){esc_type_bit(resource->resource_type),
                                           esc_environment_of_resource(resource), resource->region,
                                           resource->state, resource->account_id});
}
