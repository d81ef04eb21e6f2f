/* SPDX-License-Identifier: Apache-2.0 */

/* Parameters, attributes and calls: known sources, strict patterns, values that fit. */

#include "escher/base/alloc.h"
#include "escher/playbook/check_private.h"
#include "escher/playbook/quantity.h"
#include "escher/playbook/template_private.h"
#include "escher/playbook/value.h"

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
        if (check_looks_like(parameter->from, "^resource(\\.[a-z_]+)+$"))
            return ESC_OK;
        return format_fail(reader, path, "an identifier comes from the resource");
    case ESC_VALUE_INTEGER:
        if (check_looks_like(parameter->from, "^(prompt|resource)\\.[a-z_]+$"))
            return ESC_OK;
        return format_fail(reader, path, "a number comes from the prompt or the resource");
    case ESC_VALUE_NAME:
    case ESC_VALUE_TYPE_COUNT:
        break;
    }
    if (!esc_str_starts_with(from, prefix))
        return format_fail(reader, path, "a name comes from a template");
    const struct esc_str text = esc_str_slice(from, prefix.len, from.len);
    if (template_check(text, reader->err) != ESC_OK)
        return format_fail_here(reader, path);
    return check_references(reader, path, text, SEES_VALUES | SEES_TIME, index);
}

enum esc_status check_parameters(const struct reader *reader)
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

enum esc_status check_attributes(const struct reader *reader)
{
    const struct esc_playbook *playbook = reader->playbook;
    enum esc_status status = ESC_OK;
    for (size_t i = 0; i < playbook->attribute_count && status == ESC_OK; i++) {
        const struct esc_attribute *attribute = &playbook->attributes[i];
        ESC_CLEANUP(esc_freep) char *path = format_path("attributes", attribute->name);
        status = check_name(reader, path, attribute->name);
        if (status == ESC_OK && esc_playbook_parameter(playbook, esc_str_of(attribute->name)))
            status = format_fail(reader, path, "a parameter has that name");
        else if (status == ESC_OK &&
                 !check_is_visible_root(reader, template_root(esc_str_of(attribute->from)),
                                        SEES_RESOURCE | SEES_CAPTURES))
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
        return check_references(reader, path, esc_json_value(value), sees,
                                reader->playbook->parameter_count);
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
enum esc_status check_call(const struct reader *reader, const char *path,
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
enum esc_status check_own_call(const struct reader *reader, const char *path,
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

enum esc_status check_probe(const struct reader *reader, const char *path,
                            const struct esc_probe *probe)
{
    if (probe->call.operation && probe->call.operation->mutates)
        return format_fail(reader, path, "a probe must not change anything");
    return check_own_call(reader, path, &probe->call);
}
