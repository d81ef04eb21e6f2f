/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/playbook.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"

const char *esc_value_type_text(enum esc_value_type type)
{
    static const char *const texts[] = {"identifier", "name", "integer"};
    static_assert(ESC_COUNT(texts) == ESC_VALUE_TYPE_COUNT, "one word per type");
    return texts[type];
}

static const char *const level_texts[] = {"low", "medium", "high"};
static_assert(ESC_COUNT(level_texts) == ESC_LEVEL_COUNT, "one word per level");

const char *esc_risk_level_text(enum esc_risk_level level)
{
    ESC_ASSERT(level < ESC_LEVEL_COUNT);
    return level_texts[level];
}

enum esc_risk_level esc_risk_level_of_text(const char *text)
{
    enum esc_risk_level level = ESC_LEVEL_LOW;
    while (level < ESC_LEVEL_COUNT && !esc_text_equal(level_texts[level], text))
        level++;
    return level;
}

const char *esc_reversible_text(enum esc_reversible reversible)
{
    static const char *const texts[] = {"full", "partial", "none"};
    return texts[reversible];
}

const char *esc_playbook_step_kind_text(enum esc_playbook_step_kind kind)
{
    static const char *const texts[] = {"aws", "wait", "probe", "approve"};
    static_assert(ESC_COUNT(texts) == ESC_PLAYBOOK_STEP_KIND_COUNT, "one word per kind");
    return texts[kind];
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

static void done_probe(struct esc_probe *probe)
{
    esc_json_free(probe->call.params);
    free(probe->select);
    esc_json_free(probe->missing);
}

static void done_outcome(struct esc_outcome *outcome)
{
    done_probe(&outcome->probe);
    esc_expression_free(outcome->expect);
}

static void done_step(struct esc_playbook_step *step)
{
    free(step->id);
    free(step->title);
    free_texts(step->needs, step->need_count);
    esc_json_free(step->call.params);
    done_outcome(&step->outcome);
    esc_json_free(step->undo.params);
    esc_expression_free(step->undo_when);
    esc_expression_free(step->fail_if);
    free(step->message);
}

static void free_facts(struct esc_playbook *playbook)
{
    for (size_t i = 0; i < playbook->parameter_count; i++) {
        struct esc_parameter *parameter = &playbook->parameters[i];
        free(parameter->name);
        free(parameter->from);
        esc_pattern_free(parameter->pattern);
        free(parameter->unit);
        free(parameter->ask);
    }
    for (size_t i = 0; i < playbook->attribute_count; i++) {
        free(playbook->attributes[i].name);
        free(playbook->attributes[i].from);
        esc_json_free(playbook->attributes[i].words);
        free(playbook->attributes[i].otherwise);
    }
    for (size_t i = 0; i < playbook->capture_count; i++) {
        free(playbook->captures[i].name);
        done_probe(&playbook->captures[i].probe);
    }
    free(playbook->parameters);
    free(playbook->attributes);
    free(playbook->captures);
}

static void free_judgement(struct esc_playbook *playbook)
{
    for (size_t i = 0; i < playbook->precondition_count; i++) {
        struct esc_precondition *precondition = &playbook->preconditions[i];
        free(precondition->id);
        esc_expression_free(precondition->expect);
        free(precondition->reason);
        esc_expression_free(precondition->noop_if);
        free(precondition->noop_reason);
    }
    for (size_t i = 0; i < playbook->risk.rule_count; i++) {
        esc_expression_free(playbook->risk.rules[i].when);
        free(playbook->risk.rules[i].reason);
        free(playbook->risk.rules[i].impact);
    }
    for (size_t i = 0; i < playbook->explain_count; i++) {
        esc_expression_free(playbook->explain[i].when);
        free(playbook->explain[i].text);
    }
    free(playbook->preconditions);
    free(playbook->risk.rules);
    free(playbook->risk.impact);
    free(playbook->risk.irreversible_because);
    free(playbook->explain);
}

static void free_steps(struct esc_playbook *playbook)
{
    for (size_t i = 0; i < playbook->step_count; i++)
        done_step(&playbook->steps[i]);
    for (size_t i = 0; i < playbook->verify_count; i++) {
        free(playbook->verify[i].id);
        free(playbook->verify[i].title);
        done_outcome(&playbook->verify[i].outcome);
    }
    free(playbook->steps);
    free(playbook->verify);
}

void esc_playbook_free(struct esc_playbook *playbook)
{
    if (!playbook)
        return;
    free(playbook->id);
    free(playbook->version);
    free(playbook->title);
    free(playbook->verb);
    free(playbook->provider);
    free(playbook->service);
    free_texts(playbook->words, playbook->word_count);
    free_texts(playbook->yes, playbook->yes_count);
    free_texts(playbook->no, playbook->no_count);
    esc_expression_free(playbook->where);
    free(playbook->why);
    free_facts(playbook);
    free_judgement(playbook);
    free_steps(playbook);
    free_texts(playbook->notes, playbook->note_count);
    free_texts(playbook->actions, playbook->action_count);
    esc_json_free(playbook->tests);
    free(playbook);
}

const struct esc_parameter *esc_playbook_parameter(const struct esc_playbook *playbook,
                                                   struct esc_str name)
{
    for (size_t i = 0; i < playbook->parameter_count; i++)
        if (esc_str_is(name, playbook->parameters[i].name))
            return &playbook->parameters[i];
    return NULL;
}

bool esc_playbook_mutates(const struct esc_playbook *playbook)
{
    for (size_t i = 0; i < playbook->step_count; i++)
        if (playbook->steps[i].mutates)
            return true;
    return false;
}

enum esc_operation_risk esc_playbook_class(const struct esc_playbook *playbook)
{
    enum esc_operation_risk highest = ESC_RISK_READ;
    for (size_t i = 0; i < playbook->step_count; i++) {
        const struct esc_operation *operation = playbook->steps[i].call.operation;
        if (operation && operation->risk > highest)
            highest = operation->risk;
    }
    return highest;
}

const struct esc_operation *esc_playbook_operation(const struct esc_playbook *playbook)
{
    const struct esc_operation *first = NULL;
    for (size_t i = 0; i < playbook->step_count; i++) {
        const struct esc_playbook_step *step = &playbook->steps[i];
        if (step->mutates)
            return step->call.operation;
        if (!first)
            first = step->call.operation;
    }
    return first;
}
