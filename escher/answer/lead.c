/* SPDX-License-Identifier: Apache-2.0 */

/*
 * How a request begins. "Please", "can you", "I want you to" carry no content; a place or the
 * resource itself may stand in front of the verb ("in production, stop orders-db"). Any other
 * word before the verb makes the sentence something else than a command.
 */

#include "escher/answer/reading.h"

#include "escher/find/words.h"
#include "escher/model/environment.h"

size_t lead_skip(struct reading *reading)
{
    size_t at = 0;
    while (at < reading->sentence->count) {
        size_t len = reading_is_mark(reading, at, ",.!:;-\"'`([") ? 1 : 0;
        if (len == 0)
            len = reading_match(reading, at, WORD_ASK, NULL);
        bool ask = len > 0 && !reading_is_mark(reading, at, ",.!:;-\"'`([");
        if (len == 0)
            len = reading_match(reading, at, WORD_POLITE, NULL);
        if (len == 0)
            break;
        reading->asked = reading->asked || ask;
        reading_use(reading, at, len);
        at += len;
    }
    return at;
}

/* Words that may stand in front of the verb, as places and names do: how many from @p at. */
static size_t place_len(const struct reading *reading, size_t at)
{
    static const enum word_class classes[] = {WORD_NAMING, WORD_IN,      WORD_OF,
                                              WORD_PLACE,  WORD_ARTICLE, WORD_POLITE};
    const struct token *token = &reading->sentence->tokens[at];
    const char *region = NULL;
    uint64_t types = 0;
    if (token->kind == TOKEN_ACCOUNT || token->kind == TOKEN_REGION ||
        token->kind == TOKEN_POSSESSIVE)
        return 1;
    size_t len = reading_type(reading, at, &types);
    for (size_t i = 0; len == 0 && i < ESC_COUNT(classes); i++)
        len = reading_match(reading, at, classes[i], NULL);
    if (len == 0 && token->kind == TOKEN_WORD) {
        const struct esc_word word = {token->lower, 0, token->lower.len};
        len = esc_environment_of_word(token->lower) || esc_words_region(&word, 1, &region) == 1;
    }
    return len;
}

static bool verb_stands_at(const struct reading *reading, size_t at)
{
    const char *light = NULL;
    enum verb_form form = FORM_NONE;
    if (lexicon_begins_verb(&reading->words, at))
        return true;
    return lexicon_light(&reading->words, at, &light, &form) > 0 && form == FORM_BASE;
}

/* Only politeness and marks follow from @p at. */
static bool nothing_follows(const struct reading *reading, size_t at)
{
    while (at < reading->sentence->count) {
        size_t len = reading->sentence->tokens[at].kind == TOKEN_MARK
                         ? 1
                         : reading_match(reading, at, WORD_POLITE, NULL);
        if (len == 0)
            return false;
        at += len;
    }
    return true;
}

static size_t verb_len(const struct reading *reading, size_t at)
{
    const struct lexicon_verb *verb = NULL;
    enum verb_form form = FORM_NONE;
    return lexicon_verb(&reading->words, at, &verb, &form);
}

size_t lead_find_verb(const struct reading *reading, size_t from)
{
    bool bare = false;    /* a name without a preposition and without a comma: "web-1 stop" */
    bool expects = false; /* an article or preposition wants a noun, not a verb */
    for (size_t at = from; at < reading->sentence->count;) {
        const struct token *token = &reading->sentence->tokens[at];
        if (!expects && verb_stands_at(reading, at)) {
            size_t len = verb_len(reading, at);
            return bare && !nothing_follows(reading, at + (len > 0 ? len : 1)) ? SIZE_MAX : at;
        }
        if (token->kind == TOKEN_MARK) {
            bare = bare && !reading_is_mark(reading, at, ",:;-.");
            at++;
            continue;
        }
        if (reading_is_target(reading, at)) {
            bare = !expects;
            expects = false;
            at++;
            continue;
        }
        size_t len = place_len(reading, at);
        if (len == 0)
            return SIZE_MAX;
        expects = reading_match(reading, at, WORD_ARTICLE, NULL) > 0 ||
                  reading_match(reading, at, WORD_IN, NULL) > 0 ||
                  reading_match(reading, at, WORD_OF, NULL) > 0;
        at += len;
    }
    return SIZE_MAX;
}
