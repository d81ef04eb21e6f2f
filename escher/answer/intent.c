/* SPDX-License-Identifier: Apache-2.0 */

/*
 * From what was said to a playbook. Verb and object make a signature, one for all ways of saying
 * it; the ways a playbook lists are read by the same grammar, so a new playbook extends what is
 * understood without a line of code. What the lexicon calls vague ("recycle") means whatever the
 * playbooks of that type say it means, and nothing where none says so.
 */

#include "escher/answer/planner_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"

/* ---- signatures ---- */

static const char *plain_signature(const struct action *action)
{
    switch (action->verb) {
    case VERB_STOP:
    case VERB_OFF:
        return "stop";
    case VERB_START:
    case VERB_ON:
        return "start";
    case VERB_REBOOT:
        return "reboot";
    case VERB_SNAPSHOT:
        return "snapshot";
    default:
        return action->said;
    }
}

enum switch_to {
    SWITCH_NONE,
    SWITCH_ON,
    SWITCH_OFF,
    SWITCH_SET,
};

static enum switch_to switch_of(const struct action *action)
{
    if (action->off)
        return SWITCH_OFF;
    switch (action->verb) {
    case VERB_ON:
    case VERB_START:
    case VERB_ENABLE:
    case VERB_CREATE:
    case VERB_ALLOW:
        return SWITCH_ON;
    case VERB_OFF:
    case VERB_STOP:
    case VERB_DISABLE:
    case VERB_DELETE:
    case VERB_BLOCK:
        return SWITCH_OFF;
    case VERB_SET:
    case VERB_MAKE:
    case VERB_GIVE:
    case VERB_RAISE:
    case VERB_LOWER:
    case VERB_RESIZE:
        return action->on ? SWITCH_ON : SWITCH_SET;
    default:
        return SWITCH_NONE;
    }
}

static const char *part_signature(const struct action *action, struct esc_arena *arena)
{
    enum switch_to to = switch_of(action);
    switch (action->object) {
    case OBJECT_VERSIONING:
        if (to == SWITCH_NONE || to == SWITCH_SET)
            break;
        return to == SWITCH_ON ? "enable versioning" : "disable versioning";
    case OBJECT_PUBLIC_ACCESS:
        if (to == SWITCH_NONE || to == SWITCH_SET)
            break;
        return to == SWITCH_ON ? "allow public access" : "block public access";
    case OBJECT_ACCESS_BLOCK:
        if (to == SWITCH_NONE || action->verb == VERB_BLOCK || action->verb == VERB_ALLOW)
            break;
        return to == SWITCH_OFF ? "allow public access" : "block public access";
    case OBJECT_PRIVATE:
    case OBJECT_PUBLIC:
        if (action->verb != VERB_MAKE && action->verb != VERB_SET)
            break;
        return action->object == OBJECT_PRIVATE ? "block public access" : "allow public access";
    case OBJECT_MEMORY:
        if (to == SWITCH_SET)
            return "set memory";
        break;
    default:
        if (to == SWITCH_ON || to == SWITCH_OFF || to == SWITCH_SET)
            return esc_arena_printf(arena, "%s %s",
                                    to == SWITCH_ON    ? "enable"
                                    : to == SWITCH_OFF ? "disable"
                                                       : "set",
                                    action->part);
    }
    return esc_arena_printf(arena, "%s %s", action->said, action->part);
}

const char *intent_signature(const struct reading *reading)
{
    const struct action *action = &reading->action;
    if (action->verb == VERB_NONE)
        return NULL;
    if (action->object != OBJECT_NONE)
        return part_signature(action, reading->arena);
    const char *plain = plain_signature(action);
    return reading->with_snapshot ? esc_arena_printf(reading->arena, "%s with snapshot", plain)
                                  : plain;
}

/* ---- the ways of a playbook ---- */

/* Reading a phrase takes 20 KB; only what it comes to stays. */
static void add_way(struct esc_planner *planner, struct shelved *shelved, const char *phrase)
{
    struct esc_arena arena;
    struct asked asked = {.arena = &arena, .prompt = esc_str_of(phrase)};
    struct sentence sentence;
    struct reading reading;
    esc_arena_init(&arena);
    sentence_cut(&asked, 0, &sentence);
    reading_make(&sentence, &reading);
    const char *signature = intent_signature(&reading);
    const char *rest = coverage_leftover(&reading);
    if (signature)
        shelved->ways[shelved->way_count++] =
            (struct way){esc_arena_dup(&planner->arena, esc_str_of(signature)),
                         rest ? esc_arena_dup(&planner->arena, esc_str_of(rest)) : NULL};
    esc_arena_done(&arena);
}

void intent_prepare(struct esc_planner *planner, struct shelved *shelved)
{
    const struct esc_playbook *playbook = shelved->playbook;
    shelved->ways =
        esc_arena_alloc(&planner->arena, (playbook->word_count + 1) * sizeof *shelved->ways);
    for (size_t i = 0; i < playbook->word_count; i++)
        add_way(planner, shelved, playbook->words[i]);
    if (playbook->word_count > 0)
        return;
    char *verb = esc_arena_dup(&planner->arena, esc_str_of(playbook->verb));
    for (char *c = verb; *c; c++)
        if (*c == '_')
            *c = ' ';
    add_way(planner, shelved, verb);
}

/* ---- finding ---- */

static bool has_way(const struct shelved *shelved, const char *signature, const char *rest)
{
    for (size_t i = 0; i < shelved->way_count; i++)
        if (strcmp(shelved->ways[i].signature, signature) == 0 &&
            esc_text_equal(shelved->ways[i].rest, rest))
            return true;
    return false;
}

static const struct shelved *find_way(const struct esc_planner *planner, const char *signature,
                                      const char *rest, const struct esc_resource_type *type)
{
    for (size_t i = 0; i < planner->count; i++)
        if ((!type || planner->shelved[i].playbook->type == type) &&
            has_way(&planner->shelved[i], signature, rest))
            return &planner->shelved[i];
    return NULL;
}

static void use_leftover(struct reading *reading)
{
    for (size_t i = 0; i < reading->sentence->count; i++)
        if (reading->sentence->tokens[i].kind == TOKEN_WORD)
            reading_use(reading, i, 1);
}

static bool takes_amount(const struct action *action)
{
    switch (action->verb) {
    case VERB_SET:
    case VERB_RAISE:
    case VERB_LOWER:
    case VERB_GIVE:
    case VERB_RESIZE:
        return action->object == OBJECT_NONE;
    default:
        return false;
    }
}

/* "Set resize-images to 512 MB": the unit says of what, when only one playbook takes it. */
static const struct shelved *find_by_unit(const struct esc_planner *planner,
                                          const struct reading *reading)
{
    const struct shelved *found = NULL;
    for (size_t i = 0; takes_amount(&reading->action) && i < planner->count; i++) {
        const struct shelved *shelved = &planner->shelved[i];
        if (shelved->playbook->type != reading->target->type ||
            !slots_have_unit(shelved->playbook, reading))
            continue;
        if (found)
            return NULL;
        found = shelved;
    }
    return found;
}

const struct shelved *intent_find(const struct esc_planner *planner, struct reading *reading)
{
    const char *signature = intent_signature(reading);
    if (!signature || !reading->target || !reading->target->type)
        return NULL;
    const char *rest = coverage_leftover(reading);
    const struct shelved *found =
        rest ? find_way(planner, signature, rest, reading->target->type) : NULL;
    if (found)
        use_leftover(reading); /* the playbook's own words: "from deletion" */
    if (!found)
        found = find_way(planner, signature, NULL, reading->target->type);
    return found ? found : find_by_unit(planner, reading);
}

bool intent_fits(const struct esc_planner *planner, const struct reading *reading,
                 const struct esc_resource_type *type)
{
    const char *signature = intent_signature(reading);
    return !signature || (type && find_way(planner, signature, NULL, type));
}

bool intent_is_known(const struct esc_planner *planner, const struct reading *reading)
{
    const char *signature = intent_signature(reading);
    return signature && find_way(planner, signature, NULL, NULL) != NULL;
}

const char *intent_offers(const struct esc_planner *planner, const struct esc_resource_type *type,
                          struct esc_arena *arena)
{
    const char *offers = "";
    size_t count = 0;
    for (size_t i = 0; i < planner->count; i++) {
        const struct shelved *shelved = &planner->shelved[i];
        if ((type && shelved->playbook->type != type) || shelved->way_count == 0)
            continue;
        const char *signature = shelved->ways[0].signature;
        bool listed = false;
        for (size_t j = 0; j < i && !listed; j++)
            listed = (!type || planner->shelved[j].playbook->type == type) &&
                     planner->shelved[j].way_count > 0 &&
                     strcmp(planner->shelved[j].ways[0].signature, signature) == 0;
        if (!listed)
            offers = esc_arena_printf(arena, "%s%s%s", offers, count++ > 0 ? ", " : "", signature);
    }
    return offers;
}
