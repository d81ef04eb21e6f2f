/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/plan/plan_private.h"
#include "escher/playbook/quantity.h"

const struct esc_json *plan_resource(const struct esc_json *request, const char *id)
{
    const struct esc_json *resources = esc_json_get(request, "identified_resources");
    for (size_t i = 0; *id && i < esc_json_len(resources); i++) {
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

/* What may be looked for in the prompt, and what of it is the resource's name and no value. */
struct search {
    struct esc_str prompt;
    size_t name_start, name_end;
};

static bool is_of_name(const struct search *search, size_t start, size_t end)
{
    return start < search->name_end && end > search->name_start;
}

static bool is_inside_word(char c)
{
    return esc_is_alnum(c) || c == '_' || c == '-' || (unsigned char)c >= 0x80;
}

/* A text stands there as words of its own, not as a part of one. */
static bool has_text(const struct search *search, struct esc_str text)
{
    const struct esc_str prompt = search->prompt;
    for (size_t at = 0; text.len && (at = esc_str_find(prompt, text, at)) != SIZE_MAX; at++) {
        const size_t end = at + text.len;
        const bool begins = at == 0 || !is_inside_word(prompt.ptr[at - 1]);
        const bool ends = end == prompt.len || !is_inside_word(prompt.ptr[end]);
        if (begins && ends && !is_of_name(search, at, end))
            return true;
    }
    return false;
}

/* A number stands there as the person wrote it, in any unit of its kind. */
static bool has_number(const struct search *search, int64_t number, const char *unit)
{
    struct esc_quantity found = {0};
    for (size_t at = 0; esc_quantity_next(search->prompt, at, unit, &found); at = found.end) {
        if (found.value == number && !is_of_name(search, found.start, found.end))
            return true;
    }
    return false;
}

static bool stands_in_prompt(const struct esc_parameter *parameter, const struct esc_json *value,
                             const struct search *search)
{
    if (parameter->type != ESC_VALUE_INTEGER)
        return has_text(search, esc_json_value(value));
    return esc_json_is(value, ESC_JSON_INT) &&
           has_number(search, esc_json_num(value, "", 0), parameter->unit);
}

static enum esc_status add_prompt_value(const struct esc_parameter *parameter,
                                        const struct esc_json *parameters,
                                        const struct search *search, struct esc_json *values,
                                        struct esc_error *err)
{
    const struct esc_str from = esc_str_of(parameter->from);
    const struct esc_str start = ESC_STR("prompt.");
    if (!esc_str_starts_with(from, start))
        return ESC_OK;
    const struct esc_json *value = value_of(parameters, parameter->name);
    if (!value)
        return ESC_OK; /* esc_fill() says that it is missing */
    if (!stands_in_prompt(parameter, value, search))
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
    const struct search search = {
        .prompt = esc_json_value(esc_json_get(request, "prompt")),
        .name_start = (size_t)esc_json_num(resource, "mention.start", 0),
        .name_end = (size_t)esc_json_num(resource, "mention.end", 0),
    };
    for (size_t i = 0; i < playbook->parameter_count; i++) {
        const enum esc_status status =
            add_prompt_value(&playbook->parameters[i], parameters, &search, values, err);
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
