/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/plan/plan_private.h"
#include "escher/playbook/quantity.h"

const struct esc_json *plan_resource(const struct esc_json *request, const char *id)
{
    const struct esc_json *resources = esc_json_get(request, "identified_resources");
    for (size_t i = 0; i < esc_json_len(resources); i++) {
        const struct esc_json *resource = esc_json_at(resources, i);
        if (esc_text_equal(esc_json_str(resource, "id", ""), id))
            return resource;
    }
    return NULL;
}

static const struct esc_json *value_of(const struct esc_json *parameters, const char *name)
{
    for (size_t i = 0; i < esc_json_len(parameters); i++) {
        const struct esc_json *parameter = esc_json_at(parameters, i);
        if (esc_text_equal(esc_json_str(parameter, "name", ""), name))
            return esc_json_member(parameter, "value");
    }
    return NULL;
}

/* A number as the person wrote it, in any unit of its kind; a text as one piece of the prompt. */
static bool stands_in_prompt(const struct esc_parameter *parameter, const struct esc_json *value,
                             struct esc_str prompt)
{
    if (parameter->type != ESC_VALUE_INTEGER)
        return esc_json_is(value, ESC_JSON_STRING) &&
               esc_str_contains(prompt, esc_json_value(value));
    struct esc_quantity quantity = {0};
    for (size_t at = 0;
         esc_quantity_next(prompt, at, parameter->unit ? parameter->unit : "", &quantity);
         at = quantity.end) {
        if (esc_json_is(value, ESC_JSON_INT) && quantity.value == esc_json_num(value, "", -1))
            return true;
    }
    return false;
}

static enum esc_status add_prompt_value(const struct esc_parameter *parameter,
                                        const struct esc_json *parameters, struct esc_str prompt,
                                        struct esc_json *values, struct esc_error *err)
{
    const struct esc_str from = esc_str_of(parameter->from);
    const struct esc_str start = ESC_STR("prompt.");
    if (!esc_str_starts_with(from, start))
        return ESC_OK;
    const struct esc_json *value = value_of(parameters, parameter->name);
    if (!value)
        return ESC_OK; /* esc_fill() says that it is missing */
    if (!stands_in_prompt(parameter, value, prompt))
        return esc_fail(err, ESC_BLOCKED,
                        "the planner's value for `%s` does not stand in the prompt",
                        parameter->name);
    esc_json_set_key(values, esc_str_slice(from, start.len, from.len), esc_json_ref(value));
    return ESC_OK;
}

enum esc_status plan_facts(const struct esc_playbook *playbook, const struct esc_json *request,
                           const struct esc_json *resource, const struct esc_json *parameters,
                           struct esc_json **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *values = esc_json_object();
    const struct esc_str prompt = esc_json_value(esc_json_get(request, "prompt"));
    for (size_t i = 0; i < playbook->parameter_count; i++) {
        const enum esc_status status =
            add_prompt_value(&playbook->parameters[i], parameters, prompt, values, err);
        if (status != ESC_OK)
            return status;
    }
    struct esc_json *facts = esc_json_object();
    esc_json_set(facts, "resource", esc_json_ref(resource));
    const struct esc_json *context = esc_json_get(request, "user_context");
    esc_json_set(facts, "context", context ? esc_json_ref(context) : esc_json_object());
    esc_json_set(facts, "prompt", ESC_STEAL(values));
    *out = facts;
    return ESC_OK;
}
