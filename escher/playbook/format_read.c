/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/format_private.h"

#include <stdarg.h>
#include <stdio.h>

#include "escher/base/alloc.h"
#include "escher/playbook/template_private.h"
#include "escher/playbook/value.h"

char *format_path(const char *path, const char *key)
{
    return *path ? esc_sprintf("%s.%s", path, key) : esc_strdup(key);
}

char *format_path_at(const char *path, size_t index)
{
    return esc_sprintf("%s[%zu]", path, index);
}

enum esc_status format_fail(const struct reader *reader, const char *path, const char *format, ...)
{
    char message[ESC_ERROR_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments); /* cut when longer */
    va_end(arguments);
    return esc_yaml_fail(reader->yaml, path, reader->err, "%s", message);
}

enum esc_status format_fail_here(const struct reader *reader, const char *path)
{
    if (!reader->err)
        return ESC_INVALID;
    const struct esc_error inner = *reader->err;
    return format_fail(reader, path, "%s", inner.message);
}

enum esc_status format_need(const struct reader *reader, const char *path,
                            const struct esc_json *value, enum esc_json_type type)
{
    if (esc_json_is(value, type) && value)
        return ESC_OK;
    return format_fail(reader, path, "`%s` must be %s", path,
                       type == ESC_JSON_ARRAY ? "a list" : "a mapping");
}

static enum esc_status read_choice(const struct reader *reader, const char *path,
                                   struct esc_str text, const char *const *words, unsigned *out)
{
    for (unsigned i = 0; words[i]; i++) {
        if (!esc_str_is(text, words[i]))
            continue;
        *out = i;
        return ESC_OK;
    }
    return format_fail(reader, path, "`%.*s` is none of the words for `%s`",
                       ESC_STR_ARG(esc_str_slice(text, 0, 40)), path);
}

/* A field whose value is text in YAML. */
static enum esc_status read_from_text(const struct reader *reader, const char *path,
                                      const struct field *field, struct esc_str text, void *target)
{
    enum esc_status status = ESC_OK;
    switch (field->kind) {
    case FIELD_TEMPLATE:
        status = template_check(text, reader->err);
        [[fallthrough]];
    case FIELD_TEXT:
        if (status == ESC_OK)
            *(char **)target = esc_str_dup(text);
        break;
    case FIELD_EXPRESSION:
        status = esc_expression_parse(text, target, reader->err);
        break;
    case FIELD_PATTERN:
        status = esc_pattern_compile(text, target, reader->err);
        break;
    case FIELD_DURATION:
        if (!esc_duration_parse(text, target))
            return format_fail(reader, path, "`%s` must be a time like 60s, 5m or 2h", path);
        break;
    case FIELD_CHOICE:
        return read_choice(reader, path, text, field->words, target);
    case FIELD_NUMBER:
    case FIELD_FLAG:
    case FIELD_OTHER:
        break;
    }
    return status == ESC_OK ? ESC_OK : format_fail_here(reader, path);
}

static enum esc_status read_field(const struct reader *reader, const char *path,
                                  const struct field *field, const struct esc_json *value,
                                  void *target)
{
    if (field->kind == FIELD_OTHER)
        return ESC_OK;
    if (field->kind == FIELD_NUMBER) {
        if (!esc_json_is(value, ESC_JSON_INT))
            return format_fail(reader, path, "`%s` must be a whole number", path);
        *(int64_t *)target = esc_json_num(value, "", 0);
        return ESC_OK;
    }
    if (field->kind == FIELD_FLAG) {
        if (!esc_json_is(value, ESC_JSON_BOOL))
            return format_fail(reader, path, "`%s` must be true or false", path);
        *(bool *)target = esc_json_flag(value, "", false);
        return ESC_OK;
    }
    if (!esc_json_is(value, ESC_JSON_STRING))
        return format_fail(reader, path, "`%s` must be text", path);
    return read_from_text(reader, path, field, esc_json_value(value), target);
}

static const struct field *find_field(const struct field *fields, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (esc_text_equal(fields[i].key, key))
            return &fields[i];
    return NULL;
}

enum esc_status format_fields(const struct reader *reader, const char *path,
                              const struct esc_json *object, const struct field *fields,
                              size_t field_count, void *base)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    enum esc_status status = format_need(reader, path, object, ESC_JSON_OBJECT);
    while (status == ESC_OK && esc_json_next(object, &position, &key, &value)) {
        ESC_CLEANUP(esc_freep) char *inner = format_path(path, key);
        const struct field *field = find_field(fields, field_count, key);
        if (!field)
            return format_fail(reader, inner, "there is no key `%.60s` here", key);
        status = read_field(reader, inner, field, value, (char *)base + field->offset);
    }
    for (size_t i = 0; status == ESC_OK && i < field_count; i++)
        if (fields[i].required && !esc_json_member(object, fields[i].key))
            return format_fail(reader, path, "the key `%s` is missing", fields[i].key);
    return status;
}

enum esc_status format_texts(const struct reader *reader, const char *path,
                             const struct esc_json *array, char ***out, size_t *count)
{
    if (!array)
        return ESC_OK;
    const enum esc_status status = format_need(reader, path, array, ESC_JSON_ARRAY);
    if (status != ESC_OK)
        return status;
    *out = esc_alloc_array(esc_json_len(array) + 1, sizeof **out);
    for (size_t i = 0; i < esc_json_len(array); i++) {
        const struct esc_json *text = esc_json_at(array, i);
        ESC_CLEANUP(esc_freep) char *inner = format_path_at(path, i);
        if (!esc_json_is(text, ESC_JSON_STRING) || esc_json_value(text).len == 0)
            return format_fail(reader, inner, "`%s` must be text", inner);
        (*out)[(*count)++] = esc_str_dup(esc_json_value(text));
    }
    return ESC_OK;
}
