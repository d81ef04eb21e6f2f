/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Is it a command at all? A question is recognised by how it begins, by its question mark unless
 * "can you" made it polite, and everything else by the words that are left when the command has
 * been read: those keep it from being one.
 */

#include "escher/answer/reading.h"

#include "escher/find/words.h"

static bool any(const struct reading *reading, enum word_class class)
{
    for (size_t i = 0; i < reading->sentence->count; i++)
        if (reading_match(reading, i, class, NULL) > 0)
            return true;
    return false;
}

static bool has_word(const struct reading *reading, const char *word)
{
    for (size_t i = 0; i < reading->sentence->count; i++)
        if (esc_str_is(reading->sentence->tokens[i].lower, word))
            return true;
    return false;
}

static bool any_verb(const struct reading *reading)
{
    for (size_t i = 0; i < reading->sentence->count; i++) {
        const struct lexicon_verb *verb = NULL;
        enum verb_form form = FORM_NONE;
        if (lexicon_verb(&reading->words, i, &verb, &form) > 0 && form != FORM_PAST)
            return true;
    }
    return false;
}

static bool word_is(const struct reading *reading, size_t at, const char *word)
{
    return at < reading->sentence->count && esc_str_is(reading->sentence->tokens[at].lower, word);
}

/* "how do I stop", "the command to stop", "how to"; but not "how is X" or "how big". */
static bool is_how(const struct reading *reading)
{
    static const char *const after[] = {"do",     "can", "could", "would",
                                        "should", "to",  "does",  "may"};
    static const char *const nouns[] = {"command",   "commands",     "steps",  "way",
                                        "procedure", "instructions", "syntax", "playbook"};
    for (size_t i = 0; i < reading->sentence->count; i++)
        for (size_t j = 0; word_is(reading, i, "how") && j < ESC_COUNT(after); j++)
            if (word_is(reading, i + 1, after[j]))
                return true;
    for (size_t j = 0; j < ESC_COUNT(nouns); j++)
        if (has_word(reading, nouns[j]))
            return true;
    return false;
}

static bool is_may(const struct reading *reading, size_t from)
{
    bool may = word_is(reading, from, "can") || word_is(reading, from, "could") ||
               word_is(reading, from, "may") || word_is(reading, from, "might") ||
               word_is(reading, from, "am");
    return may || any(reading, WORD_MAY);
}

static enum question with_verb(const struct reading *reading, size_t from)
{
    if (any(reading, WORD_WHAT_IF))
        return QUESTION_WHAT_IF;
    if (is_how(reading))
        return QUESTION_HOW;
    if (word_is(reading, from, "should") || any(reading, WORD_SAFE))
        return QUESTION_SAFE;
    if (has_word(reading, "if") && word_is(reading, from, "what"))
        return QUESTION_WHAT_IF;
    return is_may(reading, from) ? QUESTION_MAY : QUESTION_FACTS;
}

/* A participle somewhere behind a resource: "web-1 restarted". */
static bool has_participle(const struct reading *reading, size_t from)
{
    bool target = false;
    for (size_t i = from; i < reading->sentence->count; i++) {
        const struct lexicon_verb *verb = NULL;
        enum verb_form form = FORM_NONE;
        size_t len = lexicon_verb(&reading->words, i, &verb, &form);
        if (target && len > 0 && (form == FORM_PAST || len > 1))
            return true;
        target = target || reading_is_target(reading, i) ||
                 reading_match(reading, i, WORD_OBJECT, NULL) > 0;
    }
    return false;
}

/* "do a reboot of X", "have X stopped", "get X restarted" begin like questions. */
static bool is_light_command(const struct reading *reading, size_t from)
{
    const struct lexicon_verb *verb = NULL;
    size_t noun = from + 1;
    bool causes = word_is(reading, from, "have") || word_is(reading, from, "get");
    if (causes && has_participle(reading, noun))
        return true;
    const char *light = NULL;
    enum verb_form form = FORM_NONE;
    size_t len = lexicon_light(&reading->words, from, &light, &form);
    if (len == 0 || form != FORM_BASE)
        return false;
    noun = from + len;
    noun += reading_match(reading, noun, WORD_SELF, NULL);
    noun += reading_match(reading, noun, WORD_ARTICLE, NULL);
    noun += reading_match(reading, noun, WORD_SUPPLY, NULL);
    return action_noun(reading, noun, &verb) > 0;
}

enum question mood_question(const struct reading *reading, size_t from)
{
    bool negated = word_is(reading, from, "do") && word_is(reading, from + 1, "not");
    bool begins = reading_match(reading, from, WORD_WH, NULL) > 0 ||
                  reading_match(reading, from, WORD_AUXILIARY, NULL) > 0 ||
                  reading_match(reading, from, WORD_COUNT, NULL) > 0 ||
                  reading_match(reading, from, WORD_WHAT_IF, NULL) > 0;
    size_t read = reading_match(reading, from, WORD_READ, NULL);
    if (negated)
        begins = false;
    if (is_light_command(reading, from))
        return QUESTION_NONE;
    if (reading_match(reading, from, WORD_COUNT, NULL) > 0)
        return QUESTION_COUNT;
    if (begins || any(reading, WORD_WHAT_IF))
        return any_verb(reading) || any(reading, WORD_WHAT_IF) ? with_verb(reading, from)
                                                               : QUESTION_FACTS;
    if (read > 0) {
        if (reading_match(reading, from + read, WORD_COUNT, NULL) > 0)
            return QUESTION_COUNT;
        return is_how(reading) ? QUESTION_HOW : QUESTION_FACTS;
    }
    if (any(reading, WORD_WH) && is_how(reading))
        return QUESTION_HOW;
    if (reading->question_mark && !reading->asked)
        return any_verb(reading) ? QUESTION_WOULD : QUESTION_FACTS;
    return QUESTION_NONE;
}

static bool left(const struct reading *reading, enum word_class class)
{
    return any(reading, class); /* reading_match() sees unused words only */
}

static bool left_kind(const struct reading *reading, enum token_kind kind)
{
    for (size_t i = 0; i < reading->sentence->count; i++)
        if (!reading->sentence->tokens[i].used && reading->sentence->tokens[i].kind == kind)
            return true;
    return false;
}

enum mood mood_of_rest(const struct reading *reading)
{
    if (left(reading, WORD_NOT))
        return MOOD_NEGATED;
    if (left(reading, WORD_IF))
        return MOOD_CONDITIONAL;
    if (left(reading, WORD_TIME) || left_kind(reading, TOKEN_TIME))
        return MOOD_TIMED;
    if (left(reading, WORD_ALL) || reading->plural)
        return MOOD_SET;
    return coverage_leftover(reading) ? MOOD_UNCLEAR : MOOD_COMMAND;
}
