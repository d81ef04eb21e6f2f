/* SPDX-License-Identifier: Apache-2.0 */

/* The response as JSON, its members always in the same order (docs/internals/answer.md). */

#include "escher/answer/planner_private.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/playbook/assess.h"

enum {
    MAX_ALTERNATIVES = 3,
    MAX_QUERY = 200 /* rows that a query may show */
};

static const double least_score = 0.3; /* of an alternative worth showing */

static const char *const kinds[] = {
    [OUTCOME_PLAN] = "plan",   [OUTCOME_QUESTION] = "question", [OUTCOME_ANSWER] = "answer",
    [OUTCOME_QUERY] = "query", [OUTCOME_REFUSAL] = "refusal",
};

/* ---- classification ---- */

static const char *route_of(const struct outcome *outcome)
{
    static const char *const routes[] = {
        [OUTCOME_PLAN] = "aws_operations", [OUTCOME_QUESTION] = "clarification",
        [OUTCOME_ANSWER] = "information",  [OUTCOME_QUERY] = "estate",
        [OUTCOME_REFUSAL] = "none",
    };
    return routes[outcome->kind];
}

static const struct esc_resource_type *type_of(const struct outcome *outcome)
{
    if (outcome->shelved)
        return outcome->shelved->playbook->type;
    const struct reading *reading = outcome->reading;
    return reading && reading->target ? reading->target->type : NULL;
}

static char *intent_text(const struct outcome *outcome)
{
    const struct esc_resource_type *type = type_of(outcome);
    const char *signature = outcome->reading ? intent_signature(outcome->reading) : NULL;
    if (outcome->kind == OUTCOME_QUERY)
        return esc_sprintf("%s estate", outcome->verb);
    if (!signature)
        signature = outcome->kind == OUTCOME_ANSWER && type ? "show" : "unknown";
    return esc_sprintf("%s%s%s", signature, type ? " " : "", type ? type->name : "");
}

/* How sure: the grammar leaves no gaps in a plan, so only the less common words cost a little. */
static double confidence_of(const struct outcome *outcome)
{
    const struct reading *reading = outcome->reading;
    if (!reading)
        return 0;
    double confidence = 0.99;
    const char *signature = intent_signature(reading);
    if (reading->action.said && signature && strcmp(reading->action.said, signature) != 0)
        confidence -= 0.02;
    if (!reading->mention && reading->target)
        confidence -= 0.02; /* picked, not named */
    switch (outcome->kind) {
    case OUTCOME_PLAN:
        return confidence;
    case OUTCOME_ANSWER:
    case OUTCOME_QUERY:
        return 0.9;
    case OUTCOME_REFUSAL:
        return 0.8;
    case OUTCOME_QUESTION:
        break;
    }
    return outcome->shelved ? 0.6 : signature ? 0.4 : 0.1;
}

struct esc_json *compose_classification(const struct outcome *outcome)
{
    struct esc_json *json = esc_json_object();
    const struct esc_resource_type *type = type_of(outcome);
    const struct esc_operation *operation =
        outcome->shelved ? esc_playbook_operation(outcome->shelved->playbook) : NULL;
    ESC_CLEANUP(esc_freep) char *intent = intent_text(outcome);
    esc_json_set_text(json, "intent", intent);
    esc_json_set(json, "confidence", esc_json_real(confidence_of(outcome)));
    esc_json_set_text(json, "system", "aws");
    esc_json_set_text(json, "service", operation ? operation->service : type ? type->service : "");
    esc_json_set_text(json, "operation", operation ? operation->operation : "");
    esc_json_set_text(json, "route", route_of(outcome));
    return json;
}

/* ---- parts ---- */

static struct esc_json *alternatives(const struct esc_planner *planner,
                                     const struct outcome *outcome)
{
    struct esc_json *list = esc_json_array();
    if (!outcome->reading)
        return list;
    const struct retrieved *all = retrieve(planner, outcome->reading);
    const struct esc_resource_type *type = type_of(outcome);
    for (size_t i = 0; i < planner->count && esc_json_len(list) < MAX_ALTERNATIVES; i++) {
        const struct esc_playbook *playbook = all[i].shelved->playbook;
        if (all[i].shelved == outcome->shelved || all[i].score < least_score ||
            (type && playbook->type != type))
            continue;
        struct esc_json *one = esc_json_object();
        esc_json_set_text(one, "id", playbook->id);
        esc_json_set_text(one, "title", playbook->title);
        esc_json_set(one, "score", esc_json_real(all[i].score));
        esc_json_push(list, one);
    }
    return list;
}

static struct esc_json *playbook_of(const struct outcome *outcome)
{
    const struct esc_playbook *playbook = outcome->shelved->playbook;
    struct esc_json *json = esc_json_object();
    esc_json_set_text(json, "id", playbook->id);
    esc_json_set_text(json, "version", playbook->version);
    esc_json_set_text(json, "sha256", playbook->sha256);
    return json;
}

static void add_plan(struct esc_json *json, const struct esc_planner *planner,
                     const struct outcome *outcome)
{
    const struct esc_filled *filled = outcome->filled;
    struct esc_json *script = esc_json_object();
    struct esc_json *targets = esc_json_array();
    ESC_CLEANUP(esc_freep) char *explained = esc_explain(filled);
    esc_json_push_text(targets, outcome->reading->target->id);
    esc_json_set(script, "steps", esc_fill_script(filled));
    esc_json_set(json, "playbook", playbook_of(outcome));
    esc_json_set(json, "targets", targets);
    esc_json_set(json, "alternatives", alternatives(planner, outcome));
    esc_json_set_text(json, "explain_plan", explained);
    esc_json_set(json, "script", script);
    esc_json_set(json, "parameters", esc_json_copy(filled->parameters));
    esc_json_set(json, "risk_assessment", esc_assess(filled));
    esc_json_set_bool(json, "approval_required", esc_playbook_mutates(filled->playbook));
}

static struct esc_json *choices_of(const struct outcome *outcome)
{
    struct esc_json *list = esc_json_array();
    for (size_t i = 0; i < outcome->choice_count; i++) {
        struct esc_json *choice = esc_json_object();
        esc_json_set_text(choice, "id", outcome->choices[i]->id);
        esc_json_set_text(choice, "label",
                          resource_label(outcome->choices[i], outcome->reading->arena));
        esc_json_push(list, choice);
    }
    return list;
}

static struct esc_json *unresolved(const struct outcome *outcome)
{
    struct esc_json *list = esc_json_array();
    for (size_t i = 0; outcome->reading && i < outcome->reading->unknown_count; i++)
        esc_json_push_text(list, outcome->reading->unknown[i]);
    return list;
}

static struct esc_json *missing_of(const struct esc_parameter *parameter)
{
    struct esc_json *json = esc_json_object();
    esc_json_set_text(json, "name", parameter->name);
    esc_json_set_text(json, "type", esc_value_type_text(parameter->type));
    if (parameter->type == ESC_VALUE_INTEGER) {
        esc_json_set_text(json, "unit", parameter->unit);
        esc_json_set_int(json, "min", parameter->min);
        esc_json_set_int(json, "max", parameter->max);
    }
    return json;
}

static void add_question(struct esc_json *json, const struct esc_planner *planner,
                         const struct outcome *outcome)
{
    esc_json_set_text(json, "reason", outcome->reason);
    esc_json_set_text(json, "text", outcome->text);
    esc_json_set(json, "choices", choices_of(outcome));
    esc_json_set(json, "unresolved", unresolved(outcome));
    if (outcome->missing)
        esc_json_set(json, "missing", missing_of(outcome->missing));
    if (outcome->shelved)
        esc_json_set(json, "playbook", playbook_of(outcome));
    esc_json_set(json, "alternatives", alternatives(planner, outcome));
}

struct esc_json *compose(const struct esc_planner *planner, const struct outcome *outcome)
{
    struct esc_json *json = esc_json_object();
    esc_json_set_int(json, "v", 1);
    esc_json_set_text(json, "kind", kinds[outcome->kind]);
    esc_json_set(json, "classification", compose_classification(outcome));
    switch (outcome->kind) {
    case OUTCOME_PLAN:
        add_plan(json, planner, outcome);
        break;
    case OUTCOME_QUESTION:
        add_question(json, planner, outcome);
        break;
    case OUTCOME_ANSWER:
        esc_json_set_text(json, "text", outcome->text);
        esc_json_set(json, "facts",
                     outcome->facts ? esc_json_ref(outcome->facts) : esc_json_array());
        if (outcome->shelved)
            esc_json_set(json, "playbook", playbook_of(outcome));
        break;
    case OUTCOME_QUERY:
        esc_json_set_text(json, "text", outcome->text);
        esc_json_set_text(json, "filter", outcome->filter);
        esc_json_set_text(json, "verb", outcome->verb);
        esc_json_set_int(json, "cap", MAX_QUERY);
        break;
    case OUTCOME_REFUSAL:
        esc_json_set_text(json, "reason", outcome->reason);
        esc_json_set_text(json, "text", outcome->text);
        esc_json_set(json, "alternatives", alternatives(planner, outcome));
        break;
    }
    return json;
}
