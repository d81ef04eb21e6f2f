/* SPDX-License-Identifier: Apache-2.0 */

/* Calls in a playbook: argument lists as a person would type them, read into parameters. */

#include "escher/base/alloc.h"
#include "escher/playbook/format_private.h"
#include "escher/playbook/template_private.h"

static enum esc_status check_texts(const struct reader *reader, const char *path,
                                   const struct esc_json *value);

static enum esc_status check_members(const struct reader *reader, const char *path,
                                     const struct esc_json *object)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *member;
    while (esc_json_next(object, &position, &key, &member)) {
        ESC_CLEANUP(esc_freep) char *inner = format_path(path, key);
        if (template_has_reference(esc_str_of(key)))
            return format_fail(reader, inner, "a name cannot hold a reference");
        const enum esc_status status = check_texts(reader, inner, member);
        if (status != ESC_OK)
            return status;
    }
    return ESC_OK;
}

/* Every text inside a value is a template, names are not. */
static enum esc_status check_texts(const struct reader *reader, const char *path,
                                   const struct esc_json *value)
{
    enum esc_status status = ESC_OK;
    if (esc_json_is(value, ESC_JSON_STRING) &&
        template_check(esc_json_value(value), reader->err) != ESC_OK)
        return format_fail_here(reader, path);
    if (esc_json_is(value, ESC_JSON_OBJECT))
        return check_members(reader, path, value);
    for (size_t i = 0; i < esc_json_len(value) && status == ESC_OK; i++) {
        ESC_CLEANUP(esc_freep) char *inner = format_path_at(path, i);
        status = check_texts(reader, inner, esc_json_at(value, i));
    }
    return status;
}

static bool is_structured(const struct esc_shape *shape)
{
    return shape->type == ESC_SHAPE_LIST || shape->type == ESC_SHAPE_MAP ||
           shape->type == ESC_SHAPE_STRUCTURE;
}

/* The value that stands behind `option` at `*index`; *index moves past it. */
static enum esc_status read_value(const struct reader *reader, const char *path,
                                  const struct esc_json *argv,
                                  const struct esc_operation_option *option, size_t *index,
                                  struct esc_json *params)
{
    const struct esc_json *value = *index < esc_json_len(argv) ? esc_json_at(argv, *index) : NULL;
    ESC_CLEANUP(esc_freep) char *inner = format_path_at(path, *index);
    if (!value)
        return format_fail(reader, path, "the value of %s is missing", option->option);
    const bool has_parts =
        esc_json_is(value, ESC_JSON_ARRAY) || esc_json_is(value, ESC_JSON_OBJECT);
    if (is_structured(option->shape) != has_parts)
        return format_fail(reader, inner, "the value of %s must be %s", option->option,
                           has_parts ? "one text or number" : "a list or mapping");
    if (esc_json_is(value, ESC_JSON_NULL))
        return format_fail(reader, inner, "the value of %s is missing", option->option);
    const enum esc_status status = check_texts(reader, inner, value);
    if (status == ESC_OK)
        esc_json_set(params, option->member, esc_json_copy(value));
    (*index)++;
    return status;
}

static enum esc_status read_option(const struct reader *reader, const char *path,
                                   const struct esc_json *argv,
                                   const struct esc_operation *operation, size_t *index,
                                   struct esc_json *params)
{
    ESC_CLEANUP(esc_freep) char *inner = format_path_at(path, *index);
    const char *text = esc_json_str(esc_json_at(argv, *index), "", "");
    const struct esc_operation_option *option = esc_operation_option(operation, text);
    const bool is_option = esc_str_starts_with(esc_str_of(text), ESC_STR("--"));
    if (!option || !is_option)
        return format_fail(reader, inner, "`aws %s %s` has no option `%.60s`",
                           operation->cli_service, operation->cli_verb, text);
    if (esc_json_member(params, option->member))
        return format_fail(reader, inner, "%s stands here twice", option->option);
    (*index)++;
    if (option->shape->type != ESC_SHAPE_BOOLEAN)
        return read_value(reader, path, argv, option, index, params);
    esc_json_set_bool(params, option->member, esc_text_equal(text, option->option));
    return ESC_OK;
}

static enum esc_status need_required(const struct reader *reader, const char *path,
                                     const struct esc_call_template *call)
{
    const struct esc_operation *operation = call->operation;
    for (size_t i = 0; i < operation->option_count; i++)
        if (operation->options[i].required &&
            !esc_json_member(call->params, operation->options[i].member))
            return format_fail(reader, path, "`aws %s %s` needs %s", operation->cli_service,
                               operation->cli_verb, operation->options[i].option);
    return ESC_OK;
}

enum esc_status format_call(const struct reader *reader, const char *path,
                            const struct esc_json *argv, struct esc_call_template *out)
{
    enum esc_status status = format_need(reader, path, argv, ESC_JSON_ARRAY);
    if (status != ESC_OK)
        return status;
    const char *service = esc_json_str(argv, "[0]", ""), *verb = esc_json_str(argv, "[1]", "");
    const struct esc_operation *operation = esc_operation_find(service, verb);
    /* The names of the command line only: one way to write a call. */
    if (!operation || !esc_text_equal(operation->cli_service, service) ||
        !esc_text_equal(operation->cli_verb, verb))
        return format_fail(reader, path, "`aws %.40s %.60s` is no known operation", service, verb);
    if (!operation->json_input)
        return format_fail(reader, path, "`aws %s %s` cannot be called with JSON alone", service,
                           verb);
    out->operation = operation;
    out->params = esc_json_object();
    for (size_t index = 2; status == ESC_OK && index < esc_json_len(argv);)
        status = read_option(reader, path, argv, operation, &index, out->params);
    return status == ESC_OK ? need_required(reader, path, out) : status;
}

/* The capture of that name, its probe copied. */
static enum esc_status copy_capture(const struct reader *reader, const char *path, const char *name,
                                    struct esc_probe *out)
{
    const struct esc_playbook *playbook = reader->playbook;
    for (size_t i = 0; i < playbook->capture_count; i++) {
        const struct esc_probe *probe = &playbook->captures[i].probe;
        if (!esc_text_equal(playbook->captures[i].name, name))
            continue;
        out->call.operation = probe->call.operation;
        out->call.params = esc_json_copy(probe->call.params);
        out->select = esc_strdup(probe->select);
        out->missing = esc_json_copy(probe->missing);
        return ESC_OK;
    }
    return format_fail(reader, path, "there is no capture `%.60s`", name);
}

static enum esc_status read_missing(const struct reader *reader, const char *path,
                                    const struct esc_json *codes, struct esc_probe *out)
{
    char **texts = NULL;
    size_t count = 0;
    const enum esc_status status = format_texts(reader, path, codes, &texts, &count);
    out->missing = esc_json_array();
    for (size_t i = 0; i < count; i++) {
        esc_json_push_text(out->missing, texts[i]);
        free(texts[i]);
    }
    free(texts);
    return status;
}

enum esc_status format_probe(const struct reader *reader, const char *path,
                             const struct esc_json *object, struct esc_probe *out)
{
    const struct esc_json *probe = esc_json_member(object, "probe");
    ESC_CLEANUP(esc_freep) char *inner = format_path(path, "probe");
    if (esc_json_is(probe, ESC_JSON_STRING)) {
        if (esc_json_member(object, "select") || esc_json_member(object, "missing"))
            return format_fail(reader, path, "`select` and `missing` come from the capture");
        return copy_capture(reader, inner, esc_json_str(probe, "", ""), out);
    }
    enum esc_status status = format_call(reader, inner, probe, &out->call);
    if (status != ESC_OK)
        return status;
    const struct esc_json *select = esc_json_member(object, "select");
    if (select && !esc_json_is(select, ESC_JSON_STRING))
        return format_fail(reader, path, "`select` must be text");
    out->select = esc_strdup(esc_json_str(select, "", ""));
    ESC_CLEANUP(esc_freep) char *codes = format_path(path, "missing");
    return read_missing(reader, codes, esc_json_member(object, "missing"), out);
}
