/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What the answer is. The order of the checks is the order of their weight: what keeps a command
 * from being one comes before everything that would make it work. Only the last line of the last
 * check makes a plan.
 */

#include "escher/answer/planner_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"

void outcome_say(struct outcome *out, enum outcome_kind kind, const char *reason, const char *text)
{
    out->kind = kind;
    out->reason = reason;
    out->text = text;
}

static void ask(struct outcome *out, const char *reason, const char *text)
{
    outcome_say(out, OUTCOME_QUESTION, reason, text);
}

void outcome_done(struct outcome *outcome)
{
    esc_filled_free(outcome->filled);
    esc_json_free(outcome->facts);
    outcome->filled = NULL;
    outcome->facts = NULL;
}

enum esc_status outcome_fill(struct outcome *out, const struct esc_json *values,
                             struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *facts = esc_json_object();
    const struct esc_json *context = out->reading->sentence->asked->context;
    esc_json_set(facts, "resource", esc_json_ref(out->reading->target->facts));
    esc_json_set(facts, "context", context ? esc_json_ref(context) : esc_json_object());
    esc_json_set(facts, "prompt", esc_json_ref(values));
    return esc_fill(out->shelved->playbook, facts, &out->filled, err);
}

/* ---- what keeps a sentence from being a command ---- */

static const char *subject(const struct reading *reading)
{
    return reading->target ? reading->target->name : "anything";
}

/* It begins with the negation: "don't", "never", "please do not". */
static bool is_prohibition(const struct reading *reading)
{
    size_t at = 0;
    while (at < reading->sentence->count && reading->sentence->tokens[at].used)
        if (reading->sentence->tokens[at++].kind == TOKEN_RESOURCE)
            return false; /* a statement about it */
    bool helper = reading_match(reading, at, WORD_AUXILIARY, NULL) == 1;
    return reading_match(reading, at + helper, WORD_NOT, NULL) > 0;
}

/* The negation stands behind the verb: "stop web-1, not web-2". */
static bool negates_a_part(const struct reading *reading)
{
    for (size_t i = 0; reading->action_count > 0 && i < reading->sentence->count; i++)
        if (reading_match(reading, i, WORD_NOT, NULL) > 0)
            return i > reading->actions[0].at;
    return false;
}

static bool refuse_mood(const struct esc_planner *planner, struct reading *reading,
                        struct outcome *out)
{
    struct esc_arena *arena = reading->arena;
    (void)planner;
    switch (reading->mood) {
    case MOOD_NEGATED:
        if (!is_prohibition(reading) || negates_a_part(reading))
            ask(out, "negated",
                "Something is to be left out, and it is not clear what. Please say only what is "
                "to be done.");
        else
            outcome_say(out, OUTCOME_ANSWER, NULL,
                        esc_arena_printf(arena,
                                         "Understood as not to touch %s: nothing is planned.",
                                         subject(reading)));
        return true;
    case MOOD_CONDITIONAL:
        ask(out, "conditional",
            "Conditions cannot be part of a request yet. Ask again without one when it is time.");
        return true;
    case MOOD_TIMED:
        ask(out, "timed",
            "A request is planned for now only: times and schedules are not understood yet. Ask "
            "again without the time when it is to be done.");
        return true;
    case MOOD_SET:
        ask(out, "set_not_supported",
            "One resource at a time is supported now. Name the one you mean.");
        return true;
    default:
        return false;
    }
}

static const char *offers_text(const struct esc_planner *planner, const struct reading *reading)
{
    const struct esc_resource_type *type = reading->target ? reading->target->type : NULL;
    const char *offers = intent_offers(planner, type, reading->arena);
    if (!type)
        return esc_arena_printf(reading->arena, "What there is: %s.", offers);
    return *offers
               ? esc_arena_printf(reading->arena, "With an %s these can be done: %s.", type->one,
                                  offers)
               : esc_arena_printf(reading->arena, "Nothing can be done with an %s yet.", type->one);
}

static void ask_which(struct reading *reading, struct outcome *out)
{
    out->choices = reading->mention->resources;
    out->choice_count = reading->mention->resource_count;
    ask(out, "ambiguous",
        esc_arena_printf(reading->arena, "%zu resources are called that. Which one is meant?",
                         out->choice_count));
}

/* Of those with the name, the ones that the action can be done with. One of several is asked for,
 * too: that others cannot be stopped does not make it the one that was meant. */
static void ask_which_fits(const struct esc_planner *planner, struct reading *reading,
                           struct outcome *out)
{
    const size_t named = reading->mention->resource_count;
    struct asked_resource **fitting = esc_arena_alloc(reading->arena, named * sizeof *fitting);
    size_t count = 0;
    for (size_t i = 0; i < named; i++) {
        if (intent_fits(planner, reading, reading->mention->resources[i]->type))
            fitting[count++] = reading->mention->resources[i];
    }
    if (count == 0 || count == named) {
        ask_which(reading, out);
        return;
    }
    out->choices = fitting;
    out->choice_count = count;
    ask(out, "ambiguous",
        count == 1
            ? esc_arena_printf(reading->arena,
                               "%zu resources are called that, and this can be done with one of "
                               "them. Is it meant?",
                               named)
            : esc_arena_printf(reading->arena,
                               "%zu resources are called that, and this can be done with %zu of "
                               "them. Which one is meant?",
                               named, count));
}

static void ask_resource(struct reading *reading, struct outcome *out)
{
    if (reading->unknown_count > 0)
        ask(out, "missing_resource",
            esc_arena_printf(reading->arena,
                             "No resource is called `%s`. Name it exactly, or pick one.",
                             reading->unknown[0]));
    else
        ask(out, "missing_resource", "Which resource is meant? Name it exactly, or pick one.");
}

/* ---- a command ---- */

/* Verbs that say nothing without a part or setting: "enable", "make". */
static bool needs_a_part(const struct action *action)
{
    switch (action->verb) {
    case VERB_ENABLE:
    case VERB_DISABLE:
    case VERB_BLOCK:
    case VERB_ALLOW:
    case VERB_MAKE:
    case VERB_SET:
    case VERB_RAISE:
    case VERB_LOWER:
    case VERB_GIVE:
    case VERB_KEEP:
        return action->object == OBJECT_NONE;
    default:
        return false;
    }
}

static void refuse_action(const struct esc_planner *planner, struct reading *reading,
                          struct outcome *out)
{
    const char *signature = intent_signature(reading);
    const char *offers = offers_text(planner, reading);
    const char *type = reading->target->type ? reading->target->type->one : "resource";
    if (needs_a_part(&reading->action))
        ask(out, "not_understood",
            esc_arena_printf(reading->arena, "`%s` what? %s", reading->action.said, offers));
    else if (reading->action.verb == VERB_VAGUE)
        ask(out, "not_understood",
            esc_arena_printf(reading->arena, "`%s` may mean several things. %s",
                             reading->action.said, offers));
    else if (intent_is_known(planner, reading))
        outcome_say(out, OUTCOME_REFUSAL, "does_not_fit",
                    esc_arena_printf(reading->arena, "`%s` is nothing that an %s can do. %s",
                                     signature, type, offers));
    else
        outcome_say(out, OUTCOME_REFUSAL, "no_playbook",
                    esc_arena_printf(reading->arena, "There is no playbook for `%s` yet. %s",
                                     signature, offers));
}

static void ask_leftover(struct reading *reading, struct outcome *out, const char *leftover)
{
    ask(out, "coverage",
        esc_arena_printf(reading->arena,
                         "These words were not understood and may matter: %s. Please say it "
                         "without them, or in other words.",
                         leftover));
}

static void fill_plan(struct reading *reading, const struct slots *slots, struct outcome *out)
{
    struct esc_error err;
    out->missing = NULL;
    enum esc_status status = outcome_fill(out, slots->values, &err);
    switch (status) {
    case ESC_OK:
        out->kind = OUTCOME_PLAN;
        break;
    case ESC_AMBIGUOUS: {
        ESC_CLEANUP(esc_json_freep) struct esc_json *facts = esc_json_object();
        esc_json_set(facts, "resource", esc_json_ref(reading->target->facts));
        esc_json_set(facts, "prompt", esc_json_ref(slots->values));
        out->missing = esc_fill_missing(out->shelved->playbook, facts);
        ask(out, "missing_value", esc_arena_printf(reading->arena, "%s", err.message));
        break;
    }
    case ESC_BLOCKED:
        outcome_say(out, OUTCOME_REFUSAL, "does_not_fit",
                    esc_arena_printf(reading->arena, "%s", err.message));
        break;
    default:
        ask(out, "invalid_value", esc_arena_printf(reading->arena, "%s", err.message));
        break;
    }
}

/* A value is missing: that question comes first, "give it more memory" or not. */
static bool lacks_value(const struct reading *reading, const struct slots *slots,
                        const struct outcome *out)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *facts = esc_json_object();
    esc_json_set(facts, "resource", esc_json_ref(reading->target->facts));
    esc_json_set(facts, "prompt", esc_json_ref(slots->values));
    return esc_fill_missing(out->shelved->playbook, facts) != NULL;
}

static void plan(const struct esc_planner *planner, struct reading *reading, struct outcome *out)
{
    struct slots slots;
    out->shelved = intent_find(planner, reading);
    if (!out->shelved) {
        reading->mood = mood_of_rest(reading);
        if (!refuse_mood(planner, reading, out))
            refuse_action(planner, reading, out);
        return;
    }
    slots_read(out->shelved->playbook, reading, &slots);
    reading->mood = mood_of_rest(reading);
    const char *leftover = coverage_leftover(reading);
    bool misplaced = reading->without_snapshot && reading->action.verb != VERB_STOP;
    if (refuse_mood(planner, reading, out))
        out->shelved = NULL;
    else if (leftover && !lacks_value(reading, &slots, out))
        ask_leftover(reading, out, leftover);
    else if (misplaced)
        ask_leftover(reading, out, "without a snapshot");
    else if (reading->mismatch)
        ask(out, "mismatch",
            esc_arena_printf(reading->arena, "%s. Is it the one you mean?", reading->mismatch));
    else if (slots.problem)
        ask(out, "invalid_value", slots.problem);
    else
        fill_plan(reading, &slots, out);
    esc_json_free(slots.values);
}

static void decide_command(const struct esc_planner *planner, struct reading *reading,
                           struct outcome *out)
{
    reading->mood = mood_of_rest(reading);
    bool several = reading->mention_kinds > 1 || reading->several_picked;
    bool excludes = reading->mood == MOOD_NEGATED && negates_a_part(reading) && several;
    if (!excludes && (reading->mood == MOOD_NEGATED || reading->mood == MOOD_CONDITIONAL))
        (void)refuse_mood(planner, reading, out);
    else if (several || reading->mood == MOOD_SET) {
        reading->mood = MOOD_SET;
        (void)refuse_mood(planner, reading, out);
    } else if (reading->several_actions)
        ask(out, "several_actions",
            "Several things are asked for at once. Please ask for one after the other.");
    else if (reading->mention && !reading->target)
        ask_which_fits(planner, reading, out);
    else if (!reading->target && reading->mood == MOOD_TIMED)
        (void)refuse_mood(planner, reading, out);
    else if (!reading->target)
        ask_resource(reading, out);
    else
        plan(planner, reading, out);
}

/* ---- everything else ---- */

static void not_understood(const struct esc_planner *planner, struct reading *reading,
                           struct outcome *out)
{
    ask(out, "not_understood",
        esc_arena_printf(reading->arena,
                         "This was not understood. Say what is to be done and with which "
                         "resource, as in \"stop\" and its name. %s",
                         offers_text(planner, reading)));
}

static void decide_question(const struct esc_planner *planner, struct reading *reading,
                            struct outcome *out)
{
    bool about_action = reading->action.verb != VERB_NONE && reading->question != QUESTION_FACTS &&
                        reading->question != QUESTION_COUNT;
    bool excludes = reading->plural || mood_of_rest(reading) == MOOD_NEGATED;
    if (reading->target && !about_action && excludes && estate_query(reading, out))
        return; /* "all instances except web-1" */
    if (reading->target)
        facts_answer(planner, reading, out);
    else if (reading->mention)
        ask_which(reading, out);
    else if (about_action && reading->question == QUESTION_HOW)
        outcome_say(
            out, OUTCOME_ANSWER, NULL,
            esc_arena_printf(reading->arena,
                             "Say \"%s\" and the exact name of the resource; you get a "
                             "plan with the commands, and nothing runs before you "
                             "approve it.",
                             intent_signature(reading) ? intent_signature(reading) : "stop"));
    else if (!about_action && estate_query(reading, out))
        return;
    else if (reading->unknown_count > 0)
        ask_resource(reading, out);
    else
        not_understood(planner, reading, out);
}

/* "web-1 status", "tags of web-1" */
static void use_aspects(struct reading *reading)
{
    for (size_t at = 0; reading->target && at < reading->sentence->count; at++) {
        size_t len = reading_match(reading, at, WORD_ASPECT, NULL);
        reading_use(reading, at, len);
        if (len > 0)
            reading_use(reading, at + len, reading_match(reading, at + len, WORD_OF, NULL));
    }
}

/* No verb: a name alone asks what it is, a description alone asks for all that fit. */
static void decide_fragment(const struct esc_planner *planner, struct reading *reading,
                            struct outcome *out)
{
    use_aspects(reading);
    reading->mood = mood_of_rest(reading);
    const char *leftover = coverage_leftover(reading);
    if (reading->mood == MOOD_NEGATED && is_prohibition(reading))
        (void)refuse_mood(planner, reading, out);
    else if (reading->target && !leftover)
        facts_answer(planner, reading, out);
    else if (reading->mention && !reading->target && !leftover)
        ask_which(reading, out);
    else if (reading->mention_kinds == 0 && !reading->target && estate_query(reading, out))
        return;
    else if (reading->unknown_count > 0 && !reading->target && reading->mention_kinds == 0 &&
             reading->sentence->count <= 3)
        ask_resource(reading, out);
    else
        not_understood(planner, reading, out);
}

void decide(const struct esc_planner *planner, struct sentence *sentence, struct outcome *out)
{
    struct reading *reading = esc_arena_alloc(sentence->arena, sizeof *reading);
    *out = (struct outcome){.reading = reading};
    reading_make(sentence, reading);
    if (sentence->count == 0)
        ask(out, "not_understood", "Say what is to be done, and with which resource.");
    else if (sentence->too_long)
        ask(out, "not_understood", "This is too long to be one request.");
    else if (reading->mood == MOOD_CHAT)
        outcome_say(out, OUTCOME_ANSWER, NULL,
                    "Say what is to be done, and with which resource. A plan is approved by its "
                    "own button or command, never by a word here.");
    else if (reading->question != QUESTION_NONE)
        decide_question(planner, reading, out);
    else if (reading->action_count > 0)
        decide_command(planner, reading, out);
    else
        decide_fragment(planner, reading, out);
}
