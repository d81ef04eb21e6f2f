/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/answer/reading.h"

#include <string.h>

#include "escher/find/words.h"

static struct esc_str word_of(const void *context, size_t index)
{
    const struct sentence *sentence = context;
    if (index >= sentence->count || sentence->tokens[index].kind != TOKEN_WORD)
        return ESC_STR("");
    return sentence->tokens[index].lower;
}

void reading_init(struct sentence *sentence, struct reading *out)
{
    *out = (struct reading){.sentence = sentence, .arena = sentence->arena};
    out->words = (struct lexicon_words){word_of, sentence};
    for (size_t i = 0; i < sentence->count; i++)
        out->question_mark = out->question_mark || reading_is_mark(out, i, "?");
}

size_t reading_match(const struct reading *reading, size_t at, enum word_class class,
                     unsigned *value)
{
    size_t len = lexicon_match(&reading->words, at, class, value);
    for (size_t i = at; i < at + len; i++)
        if (reading->sentence->tokens[i].used)
            return 0;
    return len;
}

void reading_use(struct reading *reading, size_t at, size_t count)
{
    for (size_t i = at; i < at + count && i < reading->sentence->count; i++)
        reading->sentence->tokens[i].used = true;
}

bool reading_is_mark(const struct reading *reading, size_t at, const char *marks)
{
    if (at >= reading->sentence->count || reading->sentence->tokens[at].kind != TOKEN_MARK)
        return false;
    struct esc_str text = reading->sentence->tokens[at].text;
    return text.len == 1 && text.ptr[0] != '\0' && strchr(marks, text.ptr[0]) != NULL;
}

bool reading_is_target(const struct reading *reading, size_t at)
{
    return at < reading->sentence->count && (reading->sentence->tokens[at].kind == TOKEN_RESOURCE ||
                                             esc_str_is(reading->sentence->tokens[at].lower, "it"));
}

size_t reading_type(const struct reading *reading, size_t at, uint64_t *types)
{
    struct esc_word words[3];
    size_t count = 0;
    while (count < ESC_COUNT(words) && at + count < reading->sentence->count) {
        const struct token *token = &reading->sentence->tokens[at + count];
        if (token->kind != TOKEN_WORD || token->used)
            break;
        words[count++] = (struct esc_word){token->lower, 0, token->lower.len};
    }
    return esc_words_type(words, count, types);
}

/* "I want a snapshot of X", "a restart of X please" */
static bool read_noun(struct reading *reading, size_t from, struct action *out)
{
    const struct lexicon_verb *verb = NULL;
    size_t at = from;
    at += reading_match(reading, at, WORD_ARTICLE, NULL);
    at += reading_match(reading, at, WORD_SUPPLY, NULL);
    size_t len = action_noun(reading, at, &verb);
    if (len == 0 || reading_match(reading, at + len, WORD_OF, NULL) == 0)
        return false;
    *out = (struct action){.verb = verb->verb, .said = verb->phrase, .at = at};
    reading_use(reading, from, at + len - from);
    return true;
}

static void read_command(struct reading *reading, size_t from)
{
    struct action action;
    size_t verb = SIZE_MAX;
    size_t first = reading_match(reading, from, WORD_FIRST, NULL);
    from += first; /* "first snapshot X, then stop it" */
    bool found = action_read_causative(reading, from, &action);
    if (!found)
        verb = lead_find_verb(reading, from);
    if (!found && verb != SIZE_MAX)
        found = action_read(reading, verb, FORM_BASE, &action);
    if (!found && reading->asked) /* "would you mind stopping X" */
        found = action_read(reading, from, FORM_ING, &action);
    if (!found)
        found = read_noun(reading, from, &action);
    if (!found) { /* "before stopping X, take a snapshot" */
        clauses_read(reading);
        return;
    }
    reading->actions[reading->action_count++] = action;
    clauses_read(reading);
    if (reading->action_count > 1)
        reading_use(reading, from - first, first);
}

/* A question may have its verb anywhere and in any form. */
static void read_any_verb(struct reading *reading, size_t from)
{
    static const enum verb_form forms[] = {FORM_BASE, FORM_ING, FORM_PAST, FORM_THIRD};
    for (size_t i = 0; i < ESC_COUNT(forms); i++)
        for (size_t at = from; at < reading->sentence->count; at++) {
            struct action action;
            if (reading->sentence->tokens[at].used || !action_read(reading, at, forms[i], &action))
                continue;
            reading->actions[reading->action_count++] = action;
            clauses_read(reading);
            return;
        }
}

static bool is_chat(const struct reading *reading)
{
    size_t words = 0;
    for (size_t at = 0; at < reading->sentence->count;) {
        size_t len = reading->sentence->tokens[at].kind == TOKEN_MARK ? 1 : 0;
        if (len == 0)
            len = reading_match(reading, at, WORD_CHAT, NULL);
        if (len == 0)
            len = reading_match(reading, at, WORD_POLITE, NULL);
        if (len == 0)
            return false;
        words += reading->sentence->tokens[at].kind != TOKEN_MARK;
        at += len;
    }
    return words > 0;
}

void reading_make(struct sentence *sentence, struct reading *out)
{
    reading_init(sentence, out);
    if (is_chat(out)) {
        out->mood = MOOD_CHAT;
        return;
    }
    size_t from = lead_skip(out);
    out->question = mood_question(out, from);
    if (out->question == QUESTION_NONE)
        read_command(out, from);
    else if (out->question != QUESTION_COUNT)
        read_any_verb(out, from);
    for (size_t i = 0; i < out->action_count; i++)
        action_read_object(out, &out->actions[i]);
    clauses_join(out);
    coverage_read(out);
    out->mood = out->question == QUESTION_NONE ? MOOD_COMMAND : MOOD_QUESTION;
}
