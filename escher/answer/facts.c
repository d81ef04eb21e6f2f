/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Answers that change nothing: what is known of a resource, how a thing is done, whether it may
 * be done, what would happen. They are made of the request's facts and the playbook's words; an
 * answer never holds a script, and says how to ask for one.
 */

#include "escher/answer/planner_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/buf.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"
#include "escher/playbook/argv.h"
#include "escher/playbook/assess.h"

/* ---- facts of a resource ---- */

struct fact {
    enum aspect aspect;
    const char *name, *path;
};

static const struct fact known_facts[] = {
    {ASPECT_TYPE, "type", "resource_type"},
    {ASPECT_STATE, "state", "current_state"},
    {ASPECT_REGION, "region", "region"},
    {ASPECT_ACCOUNT, "account", "account_name"},
    {ASPECT_ACCOUNT, "account id", "account_id"},
    {ASPECT_ENVIRONMENT, "environment", "environment"},
    {ASPECT_ID, "identifier", "identifier"},
    {ASPECT_ARN, "ARN", "arn"},
    {ASPECT_ENGINE, "engine", "engine"},
    {ASPECT_VERSION, "engine version", "engine_version"},
    {ASPECT_VERSION, "runtime", "runtime"},
    {ASPECT_SIZE, "instance class", "instance_class"},
    {ASPECT_SIZE, "instance type", "instance_type"},
    {ASPECT_SIZE, "size in GiB", "size_gb"},
    {ASPECT_MEMORY, "memory in MB", "memory_mb"},
    {ASPECT_BACKUPS, "backups", "constraints.has_backups"},
    {ASPECT_NONE, "Multi-AZ", "multi_az"},
};

static void add_value(struct esc_buf *out, const struct esc_json *value)
{
    if (esc_json_is(value, ESC_JSON_BOOL))
        esc_buf_add_text(out, esc_json_flag(value, "", false) ? "yes" : "no");
    else if (esc_json_is(value, ESC_JSON_STRING))
        esc_utf8_append_display(out, esc_json_value(value), false);
    else
        esc_json_write(value, ESC_JSON_COMPACT, out);
}

static void add_fact(struct outcome *out, struct esc_buf *text, const char *name,
                     const struct esc_json *value)
{
    struct esc_buf shown;
    esc_buf_init(&shown, ESC_MAX_RESOURCE);
    add_value(&shown, value);
    struct esc_json *fact = esc_json_object();
    esc_json_set_text(fact, "name", name);
    esc_json_set_str(fact, "value", esc_buf_str(&shown));
    esc_json_push(out->facts, fact);
    esc_buf_printf(text, "%s %s %s", esc_json_len(out->facts) > 1 ? "," : ":", name,
                   esc_buf_text(&shown));
    esc_buf_done(&shown);
}

static void add_tags(struct outcome *out, struct esc_buf *text, const struct esc_json *tags)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    while (esc_json_next(tags, &position, &key, &value)) {
        char *name = esc_sprintf("tag %s", key);
        add_fact(out, text, name, value);
        free(name);
    }
}

static void add_permissions(struct outcome *out, struct esc_buf *text,
                            const struct esc_json *permissions)
{
    for (size_t i = 0; i < esc_json_len(permissions); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *yes = esc_json_text("allowed");
        add_fact(out, text, esc_json_str(esc_json_at(permissions, i), "", ""), yes);
    }
}

/* The aspects the sentence names, as bits; every one when it names none. */
static unsigned asked_aspects(const struct reading *reading)
{
    unsigned aspects = 0, value = 0;
    const struct lexicon_words *words = &reading->words;
    for (size_t i = 0; i < reading->sentence->count; i++)
        if (lexicon_match(words, i, WORD_ASPECT, &value) > 0)
            aspects |= 1u << value;
    unsigned all = 1u << ASPECT_ALL;
    return aspects == 0 || aspects & all ? ~0u : aspects;
}

static size_t write_facts(const struct reading *reading, unsigned aspects, struct outcome *out,
                          struct esc_buf *text)
{
    const struct esc_json *facts = reading->target->facts;
    for (size_t i = 0; i < ESC_COUNT(known_facts); i++) {
        const struct esc_json *value = esc_json_get(facts, known_facts[i].path);
        bool empty = !value || esc_json_is(value, ESC_JSON_NULL);
        if (!empty && aspects >> known_facts[i].aspect & 1)
            add_fact(out, text, known_facts[i].name, value);
    }
    if (aspects >> ASPECT_TAGS & 1)
        add_tags(out, text, esc_json_member(facts, "tags"));
    if (aspects >> ASPECT_PERMISSIONS & 1 && aspects != ~0u)
        add_permissions(out, text, esc_json_member(facts, "available_permissions"));
    return esc_json_len(out->facts);
}

static void answer_facts(const struct reading *reading, struct outcome *out)
{
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_RESOURCE);
    out->facts = esc_json_array();
    esc_utf8_append_display(&text, esc_str_of(reading->target->name), false);
    if (write_facts(reading, asked_aspects(reading), out, &text) == 0) {
        esc_buf_add_text(&text, ": that is not on record. What is known");
        (void)write_facts(reading, ~0u, out, &text);
    }
    esc_buf_add_char(&text, '.');
    outcome_say(out, OUTCOME_ANSWER, NULL, esc_arena_dup(reading->arena, esc_buf_str(&text)));
    esc_buf_done(&text);
}

/* ---- an action that is asked about ---- */

static const char *constraint_text(const struct reading *reading, const char *signature)
{
    char path[64];
    const struct esc_json *facts = reading->target->facts;
    bool simple = strcmp(signature, "stop") == 0 || strcmp(signature, "start") == 0;
    if (!simple)
        return "";
    char *name = esc_arena_printf(reading->arena, "constraints.can_%s", signature);
    if (strlen(name) >= sizeof path || !esc_json_is(esc_json_get(facts, name), ESC_JSON_BOOL))
        return "";
    if (esc_json_flag(facts, name, true))
        return " The estate knows nothing that stands against it.";
    const struct esc_json *reasons = esc_json_get(facts, "constraints.reasons");
    for (size_t i = 0; i < esc_json_len(reasons); i++) {
        const struct esc_json *reason = esc_json_at(reasons, i);
        if (strcmp(esc_json_str(reason, "constraint", ""), name + strlen("constraints.")) == 0)
            return esc_arena_printf(reading->arena, " It stands against it: %s.",
                                    esc_json_str(reason, "because", ""));
    }
    return " The estate says that it cannot be done now.";
}

static const char *permission_text(const struct outcome *out)
{
    const struct reading *reading = out->reading;
    const struct esc_json *allowed =
        esc_json_member(reading->target->facts, "available_permissions");
    const char *action = esc_playbook_operation(out->shelved->playbook)->iam_action;
    for (size_t i = 0; i < esc_json_len(allowed); i++)
        if (esc_str_is(esc_json_value(esc_json_at(allowed, i)), action))
            return esc_arena_printf(reading->arena, " You are allowed %s.", action);
    return esc_arena_printf(reading->arena, " Whether you are allowed %s is not on record.",
                            action);
}

static void add_commands(const struct outcome *out, struct esc_buf *text)
{
    for (size_t i = 0; i < out->filled->playbook->step_count; i++) {
        const struct esc_filled_call *call = &out->filled->steps[i].call;
        if (!call->operation)
            continue;
        esc_buf_add_text(text, " `");
        esc_argv_line(call->operation, call->params, out->filled->region, text);
        esc_buf_add_char(text, '`');
    }
}

static void add_risk(const struct outcome *out, struct esc_buf *text)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *risk = esc_assess(out->filled);
    esc_buf_printf(text, " Risk: %s", esc_json_str(risk, "level", "unknown"));
    const struct esc_json *reasons = esc_json_get(risk, "reasons");
    for (size_t i = 0; i < esc_json_len(reasons); i++)
        esc_buf_printf(text, "%s%s", i > 0 ? ", " : " (",
                       esc_json_str(esc_json_at(reasons, i), "", ""));
    esc_buf_printf(text, "%s. %s.", esc_json_len(reasons) > 0 ? ")" : "",
                   esc_json_str(risk, "impact", "The impact is not known"));
    const char *undo = esc_json_str(risk, "undo", NULL);
    if (undo)
        esc_buf_printf(text, " It is undone by `%s`.", undo);
}

static void write_about_action(const struct outcome *out, struct esc_buf *text)
{
    const struct reading *reading = out->reading;
    const char *signature = intent_signature(reading);
    ESC_CLEANUP(esc_freep) char *explained = esc_explain(out->filled);
    switch (reading->question) {
    case QUESTION_MAY:
        esc_buf_printf(text, "%s: there is a playbook for that.%s%s", out->shelved->playbook->title,
                       constraint_text(reading, signature), permission_text(out));
        break;
    case QUESTION_SAFE:
    case QUESTION_WHAT_IF:
        esc_buf_add_text(text, "Nothing is planned. If it were done:");
        add_risk(out, text);
        esc_buf_add_text(text, constraint_text(reading, signature));
        break;
    default:
        esc_buf_printf(text, "%s:", out->shelved->playbook->title);
        add_commands(out, text);
        esc_buf_printf(text, ". The plan would say: \"%s\"", explained);
        break;
    }
    esc_buf_printf(text, " To ask for it, say \"%s ", signature);
    esc_utf8_append_display(text, esc_str_of(reading->target->name), false);
    esc_buf_add_text(text, "\".");
}

static void answer_about_action(const struct esc_planner *planner, struct reading *reading,
                                struct outcome *out)
{
    struct slots slots;
    struct esc_error err;
    out->shelved = intent_find(planner, reading);
    if (!out->shelved) {
        const char *offers = intent_offers(planner, reading->target->type, reading->arena);
        outcome_say(out, OUTCOME_ANSWER, NULL,
                    esc_arena_printf(
                        reading->arena, "There is no playbook that would do that with %s.%s%s%s",
                        resource_label(reading->target, reading->arena),
                        *offers ? " What there is: " : "", offers, *offers ? "." : ""));
        return;
    }
    slots_read(out->shelved->playbook, reading, &slots);
    enum esc_status status = outcome_fill(out, slots.values, &err);
    esc_json_free(slots.values);
    if (status != ESC_OK) {
        outcome_say(
            out, OUTCOME_ANSWER, NULL,
            esc_arena_printf(reading->arena, "%s: %s", out->shelved->playbook->title, err.message));
        return;
    }
    struct esc_buf text;
    esc_buf_init(&text, ESC_MAX_RESOURCE);
    write_about_action(out, &text);
    outcome_say(out, OUTCOME_ANSWER, NULL, esc_arena_dup(reading->arena, esc_buf_str(&text)));
    esc_buf_done(&text);
}

void facts_answer(const struct esc_planner *planner, struct reading *reading, struct outcome *out)
{
    bool about_action = reading->action.verb != VERB_NONE && reading->question != QUESTION_FACTS &&
                        reading->question != QUESTION_NONE;
    if (about_action)
        answer_about_action(planner, reading, out);
    else
        answer_facts(reading, out);
}
