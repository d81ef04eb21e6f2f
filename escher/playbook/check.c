/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a playbook must have beyond its form, so that it may be run for somebody: known sources
 * and strict patterns for every value, an end that can be seen and a way back for every change,
 * exactly the permissions it needs, texts and conditions that only speak of what there is.
 */

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/playbook/format_private.h"
#include "escher/playbook/quantity.h"
#include "escher/playbook/template_private.h"
#include "escher/playbook/value.h"

enum {
    TESTS_LEAST = 3,
    SENTENCES_LEAST = 3,
};

/* Names that mean something of their own in templates and conditions. */
static const char *const reserved[] = {"resource",  "context", "prompt", "after",
                                       "parameter", "unknown", "utc",    "run4"};

static bool looks_like(const char *text, const char *pattern_text)
{
    ESC_CLEANUP(esc_pattern_freep) struct esc_pattern *pattern = NULL;
    return esc_pattern_compile(esc_str_of(pattern_text), &pattern, NULL) == ESC_OK &&
           esc_pattern_matches(pattern, esc_str_of(text));
}

static enum esc_status check_name(const struct reader *reader, const char *path, const char *name)
{
    if (!looks_like(name, "^[a-z][a-z0-9_]{0,31}$"))
        return format_fail(reader, path, "`%.40s` is no name", name);
    for (size_t i = 0; i < ESC_COUNT(reserved); i++)
        if (esc_text_equal(name, reserved[i]))
            return format_fail(reader, path, "`%s` has a meaning of its own", name);
    return ESC_OK;
}

static bool is_capture(const struct esc_playbook *playbook, struct esc_str name)
{
    for (size_t i = 0; i < playbook->capture_count; i++)
        if (esc_str_is(name, playbook->captures[i].name))
            return true;
    return false;
}

static bool is_attribute(const struct esc_playbook *playbook, struct esc_str name)
{
    for (size_t i = 0; i < playbook->attribute_count; i++)
        if (esc_str_is(name, playbook->attributes[i].name))
            return true;
    return false;
}

/* Which roots a place may speak of, besides resource. */
enum {
    SEES_CAPTURES = 1 << 0,
    SEES_AFTER = 1 << 1,
    SEES_VALUES = 1 << 2,     /* parameters by name */
    SEES_ATTRIBUTES = 1 << 3, /* in texts for people */
    SEES_TIME = 1 << 4,       /* {utc:...} and {run4} */
    SEES_RESOURCE = 1 << 5,
    SEES_PARAMETERS = 1 << 6, /* as members of `parameter`, in conditions */
};

struct scope {
    const struct esc_playbook *playbook;
    unsigned sees;
    size_t parameter_count; /* only the first so many */
    char bad[64];           /* the first reference that is not allowed */
};

static bool is_root_visible(const struct scope *scope, struct esc_str root)
{
    if (esc_str_is(root, "resource"))
        return scope->sees & SEES_RESOURCE;
    if (esc_str_is(root, "after"))
        return scope->sees & SEES_AFTER;
    if (esc_str_is(root, "parameter"))
        return scope->sees & SEES_PARAMETERS;
    return (scope->sees & SEES_CAPTURES) && is_capture(scope->playbook, root);
}

static bool is_parameter(const struct scope *scope, struct esc_str name)
{
    for (size_t i = 0; i < scope->parameter_count; i++)
        if (esc_str_is(name, scope->playbook->parameters[i].name))
            return true;
    return false;
}

static bool is_visible(const struct scope *scope, struct esc_str reference)
{
    const struct esc_str root = template_root(reference);
    if (template_is_late(reference))
        return scope->sees & SEES_TIME;
    if (root.len > 0)
        return is_root_visible(scope, root);
    return ((scope->sees & SEES_VALUES) && is_parameter(scope, reference)) ||
           ((scope->sees & SEES_ATTRIBUTES) && is_attribute(scope->playbook, reference));
}

static bool look_at_reference(void *context, struct esc_str reference)
{
    struct scope *scope = context;
    if (is_visible(scope, reference))
        return true;
    const struct esc_str cut = esc_str_slice(reference, 0, sizeof scope->bad - 1);
    memcpy(scope->bad, cut.ptr, cut.len);
    return false;
}

static enum esc_status check_text(const struct reader *reader, const char *path, const char *text,
                                  unsigned sees)
{
    struct scope scope = {.playbook = reader->playbook,
                          .sees = sees,
                          .parameter_count = reader->playbook->parameter_count};
    if (text)
        template_each(esc_str_of(text), look_at_reference, &scope);
    if (scope.bad[0])
        return format_fail(reader, path, "{%s} is not known here", scope.bad);
    return ESC_OK;
}

/* Texts for people may speak of everything that is known before the run. */
static enum esc_status check_words(const struct reader *reader, const char *path, const char *text)
{
    return check_text(reader, path, text,
                      SEES_RESOURCE | SEES_CAPTURES | SEES_VALUES | SEES_ATTRIBUTES);
}

static enum esc_status check_expression(const struct reader *reader, const char *path,
                                        const struct esc_expression *expression, unsigned sees)
{
    const struct scope scope = {.playbook = reader->playbook, .sees = sees};
    struct esc_list paths;
    enum esc_status status = ESC_OK;
    esc_list_init(&paths, NULL);
    if (expression)
        esc_expression_paths(expression, &paths);
    for (size_t i = 0; i < paths.count && status == ESC_OK; i++) {
        const struct esc_str reference = esc_str_of(paths.items[i]);
        const struct esc_str root = template_root(reference);
        if (!is_root_visible(&scope, root.len > 0 ? root : reference))
            status = format_fail(reader, path, "`%.60s` is not known here", reference.ptr);
        else if (root.len == 0 && is_capture(reader->playbook, reference))
            status = format_fail(reader, path, "say which member of `%s`", reference.ptr);
    }
    esc_list_done(&paths);
    return status;
}

static enum esc_status check_top(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    if (!looks_like(playbook->id, "^[a-z][a-z0-9_]{0,63}$"))
        return format_fail(reader, "id", "`%.60s` is no id", playbook->id);
    if (!looks_like(playbook->version, "^\\d{1,4}\\.\\d{1,4}\\.\\d{1,4}$"))
        return format_fail(reader, "version", "a version looks like 1.0.0");
    if (!looks_like(playbook->verb, "^[a-z][a-z_]{0,31}$"))
        return format_fail(reader, "verb", "`%.40s` is no verb", playbook->verb);
    if (playbook->yes_count < SENTENCES_LEAST || playbook->no_count == 0)
        return format_fail(reader, "intents", "there must be %d sentences in `yes`, one in `no`",
                           SENTENCES_LEAST);
    if (!playbook->where != !playbook->why)
        return format_fail(reader, "applies_to", "`where` and `why` go together");
    const enum esc_status status =
        check_expression(reader, "applies_to.where", playbook->where, SEES_RESOURCE);
    return status == ESC_OK ? check_text(reader, "applies_to.why", playbook->why, SEES_RESOURCE)
                            : status;
}

static enum esc_status check_integer(const struct reader *reader, const char *path,
                                     const struct esc_parameter *parameter)
{
    if (parameter->pattern)
        return format_fail(reader, path, "a number has `min` and `max`, no pattern");
    if (parameter->min < 0 || parameter->max < 1 || parameter->min > parameter->max)
        return format_fail(reader, path, "`min` and `max` must be in order and not negative");
    if (!esc_quantity_is_unit(parameter->unit))
        return format_fail(reader, path, "`%.20s` is no unit", parameter->unit);
    return ESC_OK;
}

static enum esc_status check_pattern(const struct reader *reader, const char *path,
                                     const struct esc_parameter *parameter)
{
    if (!parameter->pattern)
        return format_fail(reader, path, "the key `pattern` is missing");
    if (!esc_pattern_is_anchored(parameter->pattern))
        return format_fail(reader, path, "the pattern must begin with ^ and end with $");
    if (esc_pattern_admits_first(parameter->pattern, '-'))
        return format_fail(reader, path, "the pattern admits a leading '-'");
    if (parameter->min || parameter->max || *parameter->unit)
        return format_fail(reader, path, "`min`, `max` and `unit` are for numbers");
    return ESC_OK;
}

/* Where each type of value may come from. */
static enum esc_status check_source(const struct reader *reader, const char *path, size_t index)
{
    const struct esc_parameter *parameter = &reader->playbook->parameters[index];
    const struct esc_str from = esc_str_of(parameter->from);
    const struct esc_str prefix = ESC_STR("template:");
    if (!parameter->ask != !esc_str_starts_with(from, ESC_STR("prompt.")))
        return format_fail(reader, path, "`ask` goes with a value from the prompt");
    switch (parameter->type) {
    case ESC_VALUE_IDENTIFIER:
        if (looks_like(parameter->from, "^resource(\\.[a-z_]+)+$"))
            return ESC_OK;
        return format_fail(reader, path, "an identifier comes from the resource");
    case ESC_VALUE_INTEGER:
        if (looks_like(parameter->from, "^(prompt|resource)\\.[a-z_]+$"))
            return ESC_OK;
        return format_fail(reader, path, "a number comes from the prompt or the resource");
    case ESC_VALUE_NAME:
    case ESC_VALUE_TYPE_COUNT:
        break;
    }
    struct scope scope = {
        .playbook = reader->playbook, .sees = SEES_VALUES | SEES_TIME, .parameter_count = index};
    if (!esc_str_starts_with(from, prefix))
        return format_fail(reader, path, "a name comes from a template");
    const struct esc_str text = esc_str_slice(from, prefix.len, from.len);
    if (template_check(text, reader->err) != ESC_OK)
        return format_fail_here(reader, path);
    template_each(text, look_at_reference, &scope);
    if (scope.bad[0])
        return format_fail(reader, path, "{%s} is not known here", scope.bad);
    return ESC_OK;
}

static enum esc_status check_parameters(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < playbook->parameter_count && status == ESC_OK; i++) {
        const struct esc_parameter *parameter = &playbook->parameters[i];
        ESC_CLEANUP(esc_freep) char *path = format_path("parameters", parameter->name);
        status = check_name(reader, path, parameter->name);
        if (status == ESC_OK)
            status = parameter->type == ESC_VALUE_INTEGER ? check_integer(reader, path, parameter)
                                                          : check_pattern(reader, path, parameter);
        if (status == ESC_OK)
            status = check_source(reader, path, i);
    }
    return status;
}

static enum esc_status check_attributes(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < playbook->attribute_count && status == ESC_OK; i++) {
        const struct esc_attribute *attribute = &playbook->attributes[i];
        ESC_CLEANUP(esc_freep) char *path = format_path("attributes", attribute->name);
        const struct scope scope = {.playbook = playbook, .sees = SEES_RESOURCE | SEES_CAPTURES};
        status = check_name(reader, path, attribute->name);
        if (status == ESC_OK && esc_playbook_parameter(playbook, esc_str_of(attribute->name)))
            status = format_fail(reader, path, "a parameter has that name");
        else if (status == ESC_OK &&
                 !is_root_visible(&scope, template_root(esc_str_of(attribute->from))))
            status = format_fail(reader, path, "`%.60s` is not known here", attribute->from);
    }
    return status;
}

/* Whether @p text may become a number: a reference to a number, or to something read later. */
static bool is_number_reference(const struct reader *reader, struct esc_str text)
{
    const struct esc_str reference = template_only_reference(text);
    const struct esc_parameter *parameter = esc_playbook_parameter(reader->playbook, reference);
    return template_root(reference).len > 0 || (parameter && parameter->type == ESC_VALUE_INTEGER);
}

static enum esc_status check_texts_inside(const struct reader *reader, const char *path,
                                          const struct esc_json *value, unsigned sees)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *member;
    enum esc_status status = ESC_OK;
    if (esc_json_is(value, ESC_JSON_STRING))
        return check_text(reader, path, esc_json_str(value, "", ""), sees);
    while (status == ESC_OK && esc_json_next(value, &position, &key, &member))
        status = check_texts_inside(reader, path, member, sees);
    for (size_t i = 0;
         esc_json_is(value, ESC_JSON_ARRAY) && i < esc_json_len(value) && status == ESC_OK; i++)
        status = check_texts_inside(reader, path, esc_json_at(value, i), sees);
    return status;
}

static bool has_reference(const struct esc_json *value)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *member;
    if (esc_json_is(value, ESC_JSON_STRING))
        return template_has_reference(esc_json_value(value));
    while (esc_json_next(value, &position, &key, &member))
        if (has_reference(member))
            return true;
    for (size_t i = 0; esc_json_is(value, ESC_JSON_ARRAY) && i < esc_json_len(value); i++)
        if (has_reference(esc_json_at(value, i)))
            return true;
    return false;
}

static enum esc_status check_call_value(const struct reader *reader, const char *path,
                                        const struct esc_operation_option *option,
                                        const struct esc_json *value)
{
    if (!has_reference(value)) {
        if (esc_value_check(option->option, value, reader->err) != ESC_OK ||
            esc_shape_check(option->shape, option->member, value, reader->err) != ESC_OK)
            return format_fail_here(reader, path);
        return ESC_OK;
    }
    const bool is_number =
        option->shape->type == ESC_SHAPE_INTEGER || option->shape->type == ESC_SHAPE_NUMBER;
    if (is_number && !is_number_reference(reader, esc_json_value(value)))
        return format_fail(reader, path, "%s takes a number", option->option);
    return ESC_OK;
}

/* A call: its references and its fixed values. */
static enum esc_status check_call(const struct reader *reader, const char *path,
                                  const struct esc_call_template *call, unsigned sees)
{
    void *position = NULL;
    const char *member;
    const struct esc_json *value;
    enum esc_status status = ESC_OK;
    while (status == ESC_OK && esc_json_next(call->params, &position, &member, &value)) {
        const struct esc_operation_option *option = esc_operation_option(call->operation, member);
        status = check_texts_inside(reader, path, value, sees);
        if (status == ESC_OK)
            status = check_call_value(reader, path, option, value);
    }
    return status;
}

/* The same for a call of the plan itself, which needs its permission named. */
static enum esc_status check_own_call(const struct reader *reader, const char *path,
                                      const struct esc_call_template *call)
{
    const struct esc_playbook *playbook = reader->playbook;
    if (!call->operation)
        return ESC_OK;
    for (size_t i = 0; i < playbook->action_count; i++)
        if (esc_text_equal(playbook->actions[i], call->operation->iam_action))
            return check_call(reader, path, call, SEES_VALUES);
    return format_fail(reader, path, "requires.iam lacks %s", call->operation->iam_action);
}

static enum esc_status check_probe(const struct reader *reader, const char *path,
                                   const struct esc_probe *probe)
{
    if (probe->call.operation && probe->call.operation->mutates)
        return format_fail(reader, path, "a probe must not change anything");
    return check_own_call(reader, path, &probe->call);
}

static enum esc_status check_captures(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < playbook->capture_count && status == ESC_OK; i++) {
        ESC_CLEANUP(esc_freep) char *path = format_path("capture", playbook->captures[i].name);
        status = check_name(reader, path, playbook->captures[i].name);
        if (status == ESC_OK)
            status = check_probe(reader, path, &playbook->captures[i].probe);
    }
    if (status == ESC_OK && playbook->capture_count == 0 && esc_playbook_mutates(playbook))
        return format_fail(reader, "capture", "a change needs a look at the live state before it");
    return status;
}

static enum esc_status check_preconditions(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < playbook->precondition_count && status == ESC_OK; i++) {
        const struct esc_precondition *row = &playbook->preconditions[i];
        ESC_CLEANUP(esc_freep) char *path = format_path_at("preconditions", i);
        const unsigned sees = SEES_RESOURCE | SEES_CAPTURES | SEES_PARAMETERS;
        status = check_expression(reader, path, row->expect, sees);
        if (status == ESC_OK)
            status = check_expression(reader, path, row->noop_if, sees);
        if (status == ESC_OK)
            status = check_words(reader, path, row->reason);
        if (status == ESC_OK)
            status = check_words(reader, path, row->noop_reason);
        for (size_t j = 0; j < i && status == ESC_OK; j++)
            if (esc_text_equal(playbook->preconditions[j].id, row->id))
                status = format_fail(reader, path, "the id `%s` is taken", row->id);
    }
    return status;
}

static enum esc_status check_risk(const struct reader *reader)
{
    const struct esc_risk *risk = &reader->playbook->risk;
    enum esc_status status = check_words(reader, "risk.impact", risk->impact);
    if (status == ESC_OK &&
        (risk->reversible == ESC_REVERSIBLE_FULL) != (risk->irreversible_because == NULL))
        return format_fail(reader, "risk", "`because` says why it is not fully reversible");
    for (size_t i = 0; i < risk->rule_count && status == ESC_OK; i++) {
        ESC_CLEANUP(esc_freep) char *path = format_path_at("risk.rules", i);
        status = check_expression(reader, path, risk->rules[i].when,
                                  SEES_RESOURCE | SEES_CAPTURES | SEES_PARAMETERS);
        if (status == ESC_OK)
            status = check_words(reader, path, risk->rules[i].reason);
        if (status == ESC_OK)
            status = check_words(reader, path, risk->rules[i].impact);
    }
    return status;
}

static enum esc_status check_explain(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = ESC_OK;
    if (playbook->explain_count == 0)
        return format_fail(reader, "explain", "there must be a sentence");
    for (size_t i = 0; i < playbook->explain_count && status == ESC_OK; i++) {
        ESC_CLEANUP(esc_freep) char *path = format_path_at("explain", i);
        status = check_expression(reader, path, playbook->explain[i].when,
                                  SEES_RESOURCE | SEES_CAPTURES | SEES_PARAMETERS);
        if (status == ESC_OK)
            status = check_words(reader, path, playbook->explain[i].text);
    }
    return status;
}

static bool is_step_before(const struct esc_playbook *playbook, size_t index, const char *id)
{
    for (size_t i = 0; i < index; i++)
        if (esc_text_equal(playbook->steps[i].id, id))
            return true;
    return false;
}

static enum esc_status check_order(const struct reader *reader, const char *path, size_t index)
{
    const struct esc_playbook *playbook = reader->playbook;
    const struct esc_playbook_step *step = &playbook->steps[index];
    if (!looks_like(step->id, "^[a-z][a-z0-9_]{0,31}$"))
        return format_fail(reader, path, "`%.40s` is no id", step->id);
    if (is_step_before(playbook, index, step->id))
        return format_fail(reader, path, "the id `%s` is taken", step->id);
    for (size_t i = 0; i < step->need_count; i++)
        if (!is_step_before(playbook, index, step->needs[i]))
            return format_fail(reader, path, "there is no step `%.40s` before this one",
                               step->needs[i]);
    return ESC_OK;
}

static enum esc_status check_change(const struct reader *reader, const char *path,
                                    const struct esc_playbook_step *step)
{
    const struct esc_risk *risk = &reader->playbook->risk;
    if (step->kind != ESC_PLAYBOOK_AWS)
        return ESC_OK;
    if (step->mutates != step->call.operation->mutates)
        return format_fail(reader, path, "`mutates` must be %s for %s",
                           step->call.operation->mutates ? "true" : "false",
                           step->call.operation->operation);
    if (!step->mutates)
        return ESC_OK;
    if (!step->outcome.expect)
        return format_fail(reader, path, "a step that changes something needs `done_when`");
    if (!step->has_undo && risk->reversible != ESC_REVERSIBLE_NONE)
        return format_fail(reader, path,
                           "a step that changes something needs `undo`, or `reversible: none`");
    return ESC_OK;
}

static enum esc_status check_step(const struct reader *reader, const char *path,
                                  const struct esc_playbook_step *step)
{
    const unsigned sees = SEES_PARAMETERS | SEES_CAPTURES | SEES_AFTER;
    enum esc_status status = check_change(reader, path, step);
    if (status == ESC_OK)
        status = check_words(reader, path, step->title);
    if (status == ESC_OK)
        status = check_words(reader, path, step->message);
    if (status == ESC_OK)
        status = check_own_call(reader, path, &step->call);
    if (status == ESC_OK)
        status = check_probe(reader, path, &step->outcome.probe);
    if (status == ESC_OK)
        status = check_call(reader, path, &step->undo, SEES_VALUES | SEES_CAPTURES | SEES_AFTER);
    if (status == ESC_OK)
        status = check_expression(reader, path, step->outcome.expect, sees);
    if (status == ESC_OK)
        status = check_expression(reader, path, step->fail_if, sees);
    if (status == ESC_OK)
        status = check_expression(reader, path, step->undo_when, sees);
    if (status == ESC_OK && step->kind == ESC_PLAYBOOK_WAIT &&
        (step->every_ms == 0 || step->timeout_ms < step->every_ms))
        return format_fail(reader, path, "`every` and `timeout` must be in order");
    return status;
}

static enum esc_status check_steps(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < playbook->step_count && status == ESC_OK; i++) {
        ESC_CLEANUP(esc_freep) char *path = format_path_at("steps", i);
        status = check_order(reader, path, i);
        if (status == ESC_OK)
            status = check_step(reader, path, &playbook->steps[i]);
    }
    return status;
}

static enum esc_status check_verify(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = ESC_OK;
    if (playbook->verify_count == 0 && esc_playbook_mutates(playbook))
        return format_fail(reader, "verify", "a change must be verified");
    for (size_t i = 0; i < playbook->verify_count && status == ESC_OK; i++) {
        const struct esc_verification *row = &playbook->verify[i];
        ESC_CLEANUP(esc_freep) char *path = format_path_at("verify", i);
        status = check_probe(reader, path, &row->outcome.probe);
        if (status == ESC_OK)
            status = check_expression(reader, path, row->outcome.expect,
                                      SEES_PARAMETERS | SEES_CAPTURES | SEES_AFTER);
        if (status == ESC_OK)
            status = check_words(reader, path, row->title);
    }
    return status;
}

static bool is_used(const struct esc_call_template *call, const char *action)
{
    return call->operation && esc_text_equal(call->operation->iam_action, action);
}

static bool is_action_used(const struct esc_playbook *playbook, const char *action)
{
    for (size_t i = 0; i < playbook->capture_count; i++)
        if (is_used(&playbook->captures[i].probe.call, action))
            return true;
    for (size_t i = 0; i < playbook->step_count; i++)
        if (is_used(&playbook->steps[i].call, action) ||
            is_used(&playbook->steps[i].outcome.probe.call, action))
            return true;
    for (size_t i = 0; i < playbook->verify_count; i++)
        if (is_used(&playbook->verify[i].outcome.probe.call, action))
            return true;
    return false;
}

static enum esc_status check_actions(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    for (size_t i = 0; i < playbook->action_count; i++) {
        ESC_CLEANUP(esc_freep) char *path = format_path_at("requires.iam", i);
        if (!is_action_used(playbook, playbook->actions[i]))
            return format_fail(reader, path, "nothing here needs %.60s", playbook->actions[i]);
    }
    return ESC_OK;
}

static enum esc_status check_tests(const struct reader *reader)
{
    const struct esc_json *tests = reader->playbook->tests;
    if (!esc_json_is(tests, ESC_JSON_ARRAY) || esc_json_len(tests) < TESTS_LEAST)
        return format_fail(reader, "tests", "there must be at least %d tests", TESTS_LEAST);
    for (size_t i = 0; i < esc_json_len(tests); i++) {
        static const char *const members[] = {"given", "prompt", "expect", NULL};
        const struct esc_json *test = esc_json_at(tests, i);
        ESC_CLEANUP(esc_freep) char *path = format_path_at("tests", i);
        if (esc_json_only(test, members, reader->err) != ESC_OK)
            return format_fail_here(reader, path);
        if (!esc_json_str(test, "given", NULL) ||
            !esc_json_is(esc_json_member(test, "expect"), ESC_JSON_OBJECT))
            return format_fail(reader, path, "a test has `given` and `expect`");
    }
    return ESC_OK;
}

enum esc_status playbook_check(const struct reader *reader)
{
    typedef enum esc_status check_fn(const struct reader *reader);
    static check_fn *const checks[] = {
        check_top,           check_parameters, check_attributes, check_captures,
        check_preconditions, check_risk,       check_explain,    check_steps,
        check_verify,        check_actions,    check_tests,
    };
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < ESC_COUNT(checks) && status == ESC_OK; i++)
        status = checks[i](reader);
    return status;
}
