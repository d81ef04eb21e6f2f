/* SPDX-License-Identifier: Apache-2.0 */

/*
 * More than one action in a sentence. "Stop X and take a snapshot" is one playbook, where the
 * snapshot comes first or along; every other pair is several requests, and those are asked for
 * one at a time.
 */

#include "escher/answer/reading.h"

static void push(struct reading *reading, struct action action, enum order order)
{
    action.order = order;
    if (reading->action_count < MAX_ACTIONS)
        reading->actions[reading->action_count++] = action;
    else
        reading->several_actions = true;
}

static size_t skip_class(const struct reading *reading, size_t at, enum word_class class)
{
    size_t len = reading_match(reading, at, class, NULL);
    return at + len;
}

/* "and", ", then", "; afterwards": how many tokens, and what they say of the order. */
static size_t connector(const struct reading *reading, size_t at, enum order *order)
{
    size_t end = at;
    *order = ORDER_ALONG;
    for (;;) {
        size_t len = reading_is_mark(reading, end, ",;.!") ? 1 : 0;
        size_t then = reading_match(reading, end, WORD_THEN, NULL);
        if (len == 0 && then == 0)
            len = reading_match(reading, end, WORD_AND, NULL);
        if (then > 0)
            *order = ORDER_AFTER;
        if (len + then == 0)
            return end - at;
        end += len + then;
    }
}

static bool read_joined(struct reading *reading, size_t at)
{
    enum order order = ORDER_ALONG;
    struct action action;
    size_t len = connector(reading, at, &order);
    if (len == 0)
        return false;
    size_t verb = skip_class(reading, at + len, WORD_POLITE);
    size_t first = reading_match(reading, verb, WORD_FIRST, NULL);
    if (!action_read(reading, verb + first, FORM_BASE, &action))
        return false;
    reading_use(reading, at, verb + first - at);
    push(reading, action, first > 0 ? ORDER_BEFORE : order);
    return true;
}

/* "before stopping it", "after you have taken a snapshot" without the tense: ING or a subject. */
static bool read_relative(struct reading *reading, size_t at, enum word_class class,
                          enum order order)
{
    struct action action;
    const struct lexicon_verb *noun = NULL;
    size_t len = reading_match(reading, at, class, NULL);
    if (len == 0)
        return false;
    size_t verb = at + len;
    size_t subject = reading_match(reading, verb, WORD_YOU, NULL);
    if (subject == 0)
        subject = reading_match(reading, verb, WORD_SELF, NULL);
    enum verb_form form = subject > 0 ? FORM_BASE : FORM_ING;
    bool found = action_read(reading, verb + subject, form, &action);
    if (!found && class == WORD_AFTER) {
        size_t noun_at = skip_class(reading, verb, WORD_ARTICLE);
        size_t noun_len = action_noun(reading, noun_at, &noun);
        if (noun_len > 0) {
            action = (struct action){.verb = noun->verb, .said = noun->phrase, .at = noun_at};
            reading_use(reading, verb, noun_at + noun_len - verb);
            found = true;
        }
    }
    if (!found)
        return false;
    reading_use(reading, at, len + subject);
    push(reading, action, order);
    return true;
}

/* "with a snapshot", "without any backup". */
static bool read_with(struct reading *reading, size_t at, enum word_class class)
{
    const struct lexicon_verb *noun = NULL;
    size_t len = reading_match(reading, at, class, NULL);
    if (len == 0)
        return false;
    size_t noun_at = at + len;
    for (size_t small = 1; small > 0; noun_at += small) {
        small = reading_match(reading, noun_at, WORD_ARTICLE, NULL);
        if (small == 0)
            small = reading_match(reading, noun_at, WORD_SUPPLY, NULL);
        if (small == 0 && class == WORD_WITHOUT && noun_at < reading->sentence->count &&
            esc_str_is(reading->sentence->tokens[noun_at].lower, "any"))
            small = 1;
    }
    size_t noun_len = action_noun(reading, noun_at, &noun);
    if (noun_len == 0 || noun->verb != VERB_SNAPSHOT)
        return false;
    if (class == WORD_WITHOUT)
        reading->without_snapshot = true;
    else
        push(reading, (struct action){.verb = noun->verb, .said = noun->phrase, .at = noun_at},
             ORDER_ALONG);
    reading_use(reading, at, noun_at + noun_len - at);
    return true;
}

/* "stop it and take a snapshot first" */
static void read_first(struct reading *reading)
{
    for (size_t at = 0; reading->action_count > 1 && at < reading->sentence->count; at++) {
        size_t len = reading_match(reading, at, WORD_FIRST, NULL);
        struct action *last = &reading->actions[reading->action_count - 1];
        if (len == 0 || at < last->at)
            continue;
        last->order = ORDER_BEFORE;
        reading_use(reading, at, len);
    }
}

void clauses_read(struct reading *reading)
{
    for (size_t at = 0; at < reading->sentence->count; at++) {
        if (reading->sentence->tokens[at].used)
            continue;
        (void)(read_joined(reading, at) || read_with(reading, at, WORD_WITHOUT) ||
               read_with(reading, at, WORD_WITH) ||
               read_relative(reading, at, WORD_BEFORE, ORDER_AFTER) ||
               read_relative(reading, at, WORD_AFTER, ORDER_BEFORE));
    }
    read_first(reading);
}

static bool is_stop_with_snapshot(const struct reading *reading)
{
    const struct action *first = &reading->actions[0], *second = &reading->actions[1];
    if (reading->action_count != 2)
        return false;
    if (first->verb == VERB_STOP && second->verb == VERB_SNAPSHOT)
        return second->order != ORDER_AFTER;
    return first->verb == VERB_SNAPSHOT && second->verb == VERB_STOP &&
           second->order != ORDER_BEFORE;
}

void clauses_join(struct reading *reading)
{
    if (reading->action_count == 0 || reading->several_actions)
        return;
    reading->action = reading->actions[0];
    bool same = true;
    for (size_t i = 1; i < reading->action_count; i++)
        same = same && reading->actions[i].verb == reading->actions[0].verb &&
               reading->actions[i].object == reading->actions[0].object;
    if (same)
        return;
    reading->with_snapshot = is_stop_with_snapshot(reading) && !reading->without_snapshot;
    reading->several_actions = !reading->with_snapshot;
    if (!reading->with_snapshot)
        reading->action.verb = VERB_NONE;
    else if (reading->action.verb != VERB_STOP)
        reading->action = reading->actions[1];
}
