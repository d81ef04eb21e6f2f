/* SPDX-License-Identifier: Apache-2.0 */

/*
 * One action, said in one of four ways:
 *
 *     stop X · shut X down          a verb, its particle beside it or behind the object
 *     take a snapshot of X          a light verb and a noun
 *     give X a restart              the same, the resource between
 *     I want X stopped              causative (action_read_causative)
 */

#include "escher/answer/reading.h"

#include <string.h>

static bool is_unused(const struct reading *reading, size_t at, size_t count)
{
    for (size_t i = at; i < at + count; i++)
        if (i >= reading->sentence->count || reading->sentence->tokens[i].used)
            return false;
    return true;
}

static size_t skip_small(const struct reading *reading, size_t at)
{
    for (;;) {
        size_t len = reading_match(reading, at, WORD_ARTICLE, NULL);
        if (len == 0)
            len = reading_match(reading, at, WORD_SUPPLY, NULL);
        if (len == 0)
            return at;
        at += len;
    }
}

size_t action_noun(const struct reading *reading, size_t at, const struct lexicon_verb **verb)
{
    enum verb_form form = FORM_NONE;
    size_t len = lexicon_verb(&reading->words, at, verb, &form);
    return len > 0 && (*verb)->is_noun && form == FORM_BASE && is_unused(reading, at, len) ? len
                                                                                           : 0;
}

/* After the noun nothing may follow that makes it part of another one: "the backup server". */
static bool noun_ends(const struct reading *reading, size_t at)
{
    static const enum word_class classes[] = {WORD_OF,     WORD_AND,   WORD_THEN, WORD_BEFORE,
                                              WORD_POLITE, WORD_FIRST, WORD_AFTER};
    if (at >= reading->sentence->count || reading_is_target(reading, at) ||
        reading->sentence->tokens[at].kind == TOKEN_MARK)
        return true;
    for (size_t i = 0; i < ESC_COUNT(classes); i++)
        if (reading_match(reading, at, classes[i], NULL) > 0)
            return true;
    return false;
}

/* "start", "run" and the like are verbs of their own: "start backup X" starts X. */
static bool needs_preposition(const char *light)
{
    static const char *const verbs[] = {"start", "run", "launch", "begin", "execute", "trigger"};
    for (size_t i = 0; i < ESC_COUNT(verbs); i++)
        if (strcmp(light, verbs[i]) == 0)
            return true;
    return false;
}

static bool read_light(struct reading *reading, size_t at, enum verb_form form, struct action *out)
{
    const char *light = NULL;
    const struct lexicon_verb *verb = NULL;
    enum verb_form is = FORM_NONE;
    size_t len = lexicon_light(&reading->words, at, &light, &is);
    if (len == 0 || is != form || !is_unused(reading, at, len))
        return false;
    size_t me = reading_match(reading, at + len, WORD_SELF, NULL); /* "get me a snapshot" */
    size_t noun_at = skip_small(reading, at + len + me);
    size_t noun = action_noun(reading, noun_at, &verb);
    size_t end = noun_at + noun;
    if (noun == 0 || !noun_ends(reading, end))
        return false;
    if (needs_preposition(light) && reading_is_target(reading, end))
        return false;
    *out = (struct action){.verb = verb->verb, .said = verb->phrase, .at = at};
    reading_use(reading, at, end - at);
    return true;
}

static bool read_give(struct reading *reading, size_t at, enum verb_form form, struct action *out)
{
    const char *light = NULL;
    const struct lexicon_verb *verb = NULL;
    enum verb_form is = FORM_NONE;
    size_t len = lexicon_light(&reading->words, at, &light, &is);
    if (len == 0 || is != form || strcmp(light, "give") != 0)
        return false;
    size_t target = skip_small(reading, at + len);
    if (!reading_is_target(reading, target))
        return false;
    size_t noun_at = skip_small(reading, target + 1);
    size_t noun = action_noun(reading, noun_at, &verb);
    if (noun == 0 || !noun_ends(reading, noun_at + noun))
        return false;
    *out = (struct action){.verb = verb->verb, .said = verb->phrase, .at = at};
    reading_use(reading, at, len);
    reading_use(reading, target + 1, noun_at + noun - target - 1);
    return true;
}

/* The particle of a split verb behind its object: its place, or SIZE_MAX. */
static size_t find_particle(const struct reading *reading, size_t at, enum verb_form form,
                            const struct lexicon_verb **verb, size_t *len)
{
    bool object = false;
    for (size_t i = at + 1; i < reading->sentence->count; i++) {
        enum verb_form is = FORM_NONE;
        if (reading_is_mark(reading, i, ",.;:!?") || reading_match(reading, i, WORD_AND, NULL) ||
            reading_match(reading, i, WORD_THEN, NULL))
            return SIZE_MAX;
        const struct lexicon_verb *found =
            object ? lexicon_split_verb(&reading->words, at, i, &is, len) : NULL;
        if (found && is == form && is_unused(reading, i, *len)) {
            *verb = found;
            return i;
        }
        object = object || reading_is_target(reading, i) ||
                 reading_match(reading, i, WORD_OBJECT, NULL) > 0;
    }
    return SIZE_MAX;
}

static bool read_verb(struct reading *reading, size_t at, enum verb_form form, struct action *out)
{
    const struct lexicon_verb *verb = NULL, *split = NULL;
    enum verb_form is = FORM_NONE;
    size_t particle_len = 0;
    size_t len = lexicon_verb(&reading->words, at, &verb, &is);
    if (len > 0 && (is != form || !is_unused(reading, at, len)))
        len = 0;
    size_t particle = len < 2 ? find_particle(reading, at, form, &split, &particle_len) : SIZE_MAX;
    if (len == 0 && particle == SIZE_MAX)
        return false;
    if (particle != SIZE_MAX) {
        verb = split;
        len = 1;
        reading_use(reading, particle, particle_len);
    }
    reading_use(reading, at, len);
    *out = (struct action){.verb = verb->verb, .said = verb->phrase, .at = at};
    return true;
}

bool action_read(struct reading *reading, size_t at, enum verb_form form, struct action *out)
{
    if (at >= reading->sentence->count)
        return false;
    return read_light(reading, at, form, out) || read_give(reading, at, form, out) ||
           read_verb(reading, at, form, out);
}

/* ---- causatives ---- */

static bool word_at(const struct reading *reading, size_t at, const char *word)
{
    return at < reading->sentence->count && !reading->sentence->tokens[at].used &&
           esc_str_is(reading->sentence->tokens[at].lower, word);
}

/* The participle of a verb at @p at: "stopped", "turned on", "shut down". */
static size_t participle(const struct reading *reading, size_t at, const struct lexicon_verb **verb)
{
    enum verb_form form = FORM_NONE;
    size_t len = lexicon_verb(&reading->words, at, verb, &form);
    if (len == 0 || !is_unused(reading, at, len))
        return 0;
    struct esc_str word = reading->sentence->tokens[at].lower;
    bool same_as_base = esc_str_is(word, "shut") || esc_str_is(word, "set");
    return form == FORM_PAST || (form == FORM_BASE && same_as_base) ? len : 0;
}

static size_t noun_phrase_len(const struct reading *reading, size_t at)
{
    uint64_t types = 0;
    if (reading_is_target(reading, at))
        return 1;
    size_t len = reading_match(reading, at, WORD_OBJECT, NULL);
    if (len == 0)
        len = reading_match(reading, at, WORD_ARTICLE, NULL);
    if (len == 0)
        len = reading_match(reading, at, WORD_OF, NULL);
    return len > 0 ? len : reading_type(reading, at, &types);
}

bool action_read_causative(struct reading *reading, size_t at, struct action *out)
{
    const struct lexicon_verb *verb = NULL;
    size_t start = at;
    bool causes = word_at(reading, at, "get") || word_at(reading, at, "have");
    at += causes ? 1 : 0;
    if (!causes && !reading->asked)
        return false;
    bool noun = false;
    for (size_t len = 1; len > 0; at += len) {
        bool infinitive = word_at(reading, at, "to") && word_at(reading, at + 1, "be");
        len = infinitive ? 0 : noun_phrase_len(reading, at);
        noun = noun || (len > 0 && (reading_is_target(reading, at) ||
                                    reading_match(reading, at, WORD_OBJECT, NULL) > 0));
    }
    size_t to_be = word_at(reading, at, "to") && word_at(reading, at + 1, "be") ? 2 : 0;
    size_t len = noun ? participle(reading, at + to_be, &verb) : 0;
    if (len == 0)
        return false;
    *out = (struct action){.verb = verb->verb, .said = verb->phrase, .at = start};
    reading_use(reading, start, causes ? 1 : 0);
    reading_use(reading, at, to_be + len);
    return true;
}

/* ---- objects ---- */

static void read_on_off(struct reading *reading, struct action *action)
{
    for (size_t i = action->at; i < reading->sentence->count; i++) {
        bool on = reading_match(reading, i, WORD_ON, NULL) > 0;
        bool off = reading_match(reading, i, WORD_OFF, NULL) > 0;
        bool before_name = on && reading_match(reading, i, WORD_OF, NULL) > 0 &&
                           (reading_is_target(reading, i + 1) ||
                            reading_match(reading, i + 1, WORD_ARTICLE, NULL) > 0);
        if ((!on && !off) || before_name)
            continue;
        action->on = on;
        action->off = off;
        reading_use(reading, i, 1);
        if (i > 0 && reading_match(reading, i - 1, WORD_TO, NULL) == 1)
            reading_use(reading, i - 1, 1);
        return;
    }
}

static const char *words_text(const struct reading *reading, size_t at, size_t count)
{
    const char *text = "";
    for (size_t i = at; i < at + count; i++)
        text = esc_arena_printf(reading->arena, "%s%s%.*s", text, i > at ? " " : "",
                                ESC_STR_ARG(reading->sentence->tokens[i].lower));
    return text;
}

void action_read_object(struct reading *reading, struct action *action)
{
    unsigned value = OBJECT_NONE;
    if (action->verb == VERB_REBOOT || action->verb == VERB_SNAPSHOT)
        return;
    for (size_t i = 0; i < reading->sentence->count && action->object == OBJECT_NONE; i++) {
        size_t len = reading_match(reading, i, WORD_OBJECT, &value);
        if (len == 0)
            continue;
        action->object = (enum object)value;
        action->part = words_text(reading, i, len);
        reading_use(reading, i, len);
        if (i > 0 && reading_match(reading, i - 1, WORD_TO, NULL) == 1 &&
            (action->object == OBJECT_PRIVATE || action->object == OBJECT_PUBLIC))
            reading_use(reading, i - 1, 1); /* "set it to private" */
    }
    if (action->object != OBJECT_NONE && action->object != OBJECT_MEMORY)
        read_on_off(reading, action);
}
