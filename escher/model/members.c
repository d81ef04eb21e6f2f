/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/base/clock.h"
#include "escher/base/limits.h"
#include "escher/base/list.h"
#include "escher/model/model_private.h"

static void *member_of(void *record, const struct model_field *field)
{
    return (char *)record + field->offset;
}

static const void *const_member_of(const void *record, const struct model_field *field)
{
    return (const char *)record + field->offset;
}

bool model_is_one_of(struct esc_str text, const char *const *words)
{
    for (; *words; words++)
        if (esc_str_is(text, *words))
            return true;
    return false;
}

/* Reading */

static enum esc_status expected(const struct model_field *field, const char *what,
                                struct esc_error *err)
{
    return esc_fail(err, ESC_INVALID, "`%s` must be %s", field->name, what);
}

static enum esc_status check_text(const struct model_field *field, const struct esc_json *json,
                                  struct esc_error *err)
{
    const struct esc_str text = esc_json_value(json);
    if (!esc_json_is(json, ESC_JSON_STRING))
        return expected(field, field->kind == MODEL_TEXTS ? "a list of strings" : "a string", err);
    if (text.len > ESC_MAX_NAME)
        return esc_fail(err, ESC_LIMIT, "`%s` is longer than %d bytes", field->name, ESC_MAX_NAME);
    if (field->is_valid ? !field->is_valid(text) : text.len == 0)
        return expected(field, field->expects ? field->expects : "a text that is not empty", err);
    return ESC_OK;
}

static enum esc_status read_text(const struct model_field *field, const struct esc_json *json,
                                 char **out, struct esc_error *err)
{
    const enum esc_status status = check_text(field, json, err);
    if (status == ESC_OK)
        *out = esc_str_dup(esc_json_value(json));
    return status;
}

static enum esc_status read_time(const struct model_field *field, const struct esc_json *json,
                                 uint64_t *out, struct esc_error *err)
{
    if (!esc_json_is(json, ESC_JSON_STRING) || !esc_time_parse(esc_json_value(json), out))
        return expected(field, "a time like 2026-11-21T08:00:00Z", err);
    return ESC_OK;
}

static enum esc_status read_count(const struct model_field *field, const struct esc_json *json,
                                  unsigned *out, struct esc_error *err)
{
    const int64_t value = esc_json_num(json, "", -1);
    if (!esc_json_is(json, ESC_JSON_INT) || value < 1 || value > field->most)
        return esc_fail(err, ESC_INVALID, "`%s` must be a whole number from 1 to %u", field->name,
                        field->most);
    *out = (unsigned)value;
    return ESC_OK;
}

static enum esc_status read_flag(const struct model_field *field, const struct esc_json *json,
                                 bool *out, struct esc_error *err)
{
    if (!esc_json_is(json, ESC_JSON_BOOL))
        return expected(field, "true or false", err);
    *out = esc_json_flag(json, "", false);
    return ESC_OK;
}

static enum esc_status read_texts(const struct model_field *field, const struct esc_json *json,
                                  struct esc_list *out, struct esc_error *err)
{
    if (!esc_json_is(json, ESC_JSON_ARRAY))
        return expected(field, "a list of strings", err);
    for (size_t i = 0; i < esc_json_len(json); i++) {
        const struct esc_json *item = esc_json_at(json, i);
        const enum esc_status status = check_text(field, item, err);
        if (status != ESC_OK)
            return status;
        esc_list_push(out, esc_str_dup(esc_json_value(item)));
    }
    return ESC_OK;
}

static enum esc_status read_object(const struct model_field *field, const struct esc_json *json,
                                   struct esc_json **out, struct esc_error *err)
{
    if (!esc_json_is(json, ESC_JSON_OBJECT))
        return expected(field, "an object", err);
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    while (field->kind == MODEL_TAGS && esc_json_next(json, &position, &key, &value))
        if (!esc_json_is(value, ESC_JSON_STRING))
            return expected(field, "an object of strings", err);
    esc_json_free(*out);
    *out = esc_json_copy(json);
    return ESC_OK;
}

static enum esc_status read_member(const struct model_field *field, const struct esc_json *json,
                                   void *member, struct esc_error *err)
{
    switch (field->kind) {
    case MODEL_TEXT:
        return read_text(field, json, member, err);
    case MODEL_TIME:
        return read_time(field, json, member, err);
    case MODEL_COUNT:
        return read_count(field, json, member, err);
    case MODEL_FLAG:
        return read_flag(field, json, member, err);
    case MODEL_TEXTS:
        return read_texts(field, json, member, err);
    case MODEL_TAGS:
    case MODEL_OBJECT:
        return read_object(field, json, member, err);
    case MODEL_NESTED:
        break;
    }
    const enum esc_status status = field->nested->read(json, member, err);
    return status == ESC_OK ? ESC_OK : esc_wrap(err, status, "%s", field->name);
}

static const struct model_field *field_named(const struct model_shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->field_count; i++)
        if (esc_text_equal(shape->fields[i].name, name))
            return &shape->fields[i];
    return NULL;
}

static enum esc_status check_members(const struct model_shape *shape, const struct esc_json *json,
                                     struct esc_error *err)
{
    if (!esc_json_is(json, ESC_JSON_OBJECT))
        return esc_fail(err, ESC_INVALID, "%s must be an object", shape->title);
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    while (esc_json_next(json, &position, &key, &value))
        if (!field_named(shape, key))
            return esc_fail(err, ESC_INVALID, "%s has no member `%s`", shape->title, key);
    return ESC_OK;
}

enum esc_status model_read(const struct model_shape *shape, const struct esc_json *json,
                           void *record, struct esc_error *err)
{
    enum esc_status status = check_members(shape, json, err);
    for (size_t i = 0; status == ESC_OK && i < shape->field_count; i++) {
        const struct model_field *field = &shape->fields[i];
        const struct esc_json *value = esc_json_member(json, field->name);
        if (value)
            status = read_member(field, value, member_of(record, field), err);
        else if (field->required)
            status = esc_fail(err, ESC_INVALID, "%s needs `%s`", shape->title, field->name);
    }
    return status;
}

/* Writing */

static struct esc_json *copy_object(const struct esc_json *object)
{
    return object ? esc_json_copy(object) : NULL;
}

static struct esc_json *write_time(uint64_t wall_ms)
{
    char text[ESC_TIME_TEXT];
    if (wall_ms == 0)
        return NULL;
    esc_time_format(wall_ms, text);
    return esc_json_text(text);
}

static struct esc_json *write_texts(const struct esc_list *texts)
{
    struct esc_json *array = texts->count > 0 ? esc_json_array() : NULL;
    for (size_t i = 0; i < texts->count; i++)
        esc_json_push_text(array, esc_list_at(texts, i));
    return array;
}

static struct esc_json *write_member(const struct model_field *field, const void *member)
{
    switch (field->kind) {
    case MODEL_TEXT: {
        const char *text = *(const char *const *)member;
        return text ? esc_json_text(text) : NULL;
    }
    case MODEL_TIME:
        return write_time(*(const uint64_t *)member);
    case MODEL_COUNT: {
        const unsigned count = *(const unsigned *)member;
        return count ? esc_json_int(count) : NULL;
    }
    case MODEL_FLAG:
        return *(const bool *)member ? esc_json_bool(true) : NULL;
    case MODEL_TEXTS:
        return write_texts(member);
    case MODEL_TAGS:
    case MODEL_OBJECT:
        return copy_object(*(const struct esc_json *const *)member);
    case MODEL_NESTED:
        break;
    }
    return field->nested->write(member);
}

struct esc_json *model_write(const struct model_shape *shape, const void *record)
{
    struct esc_json *object = esc_json_object();
    for (size_t i = 0; i < shape->field_count; i++) {
        const struct model_field *field = &shape->fields[i];
        struct esc_json *value = write_member(field, const_member_of(record, field));
        if (!value && field->required && field->kind == MODEL_TEXTS)
            value = esc_json_array();
        esc_json_set(object, field->name, value);
    }
    return object;
}

/* Memory */

void model_done(const struct model_shape *shape, void *record)
{
    for (size_t i = 0; i < shape->field_count; i++) {
        const struct model_field *field = &shape->fields[i];
        void *member = member_of(record, field);
        if (field->kind == MODEL_TEXT)
            free(*(char **)member);
        else if (field->kind == MODEL_TEXTS)
            esc_list_done(member);
        else if (field->kind == MODEL_TAGS || field->kind == MODEL_OBJECT)
            esc_json_free(*(struct esc_json **)member);
        else if (field->kind == MODEL_NESTED)
            field->nested->done(member);
    }
}

static void copy_texts(const struct esc_list *from, struct esc_list *to)
{
    for (size_t i = 0; i < from->count; i++)
        esc_list_push(to, esc_strdup(esc_list_at(from, i)));
}

static void copy_member(const struct model_field *field, const void *from, void *to)
{
    switch (field->kind) {
    case MODEL_TEXT:
        *(char **)to = esc_strdup_null(*(const char *const *)from);
        break;
    case MODEL_TIME:
        *(uint64_t *)to = *(const uint64_t *)from;
        break;
    case MODEL_COUNT:
        *(unsigned *)to = *(const unsigned *)from;
        break;
    case MODEL_FLAG:
        *(bool *)to = *(const bool *)from;
        break;
    case MODEL_TEXTS:
        copy_texts(from, to);
        break;
    case MODEL_TAGS:
    case MODEL_OBJECT:
        esc_json_free(*(struct esc_json **)to);
        *(struct esc_json **)to = copy_object(*(const struct esc_json *const *)from);
        break;
    case MODEL_NESTED:
        field->nested->copy(from, to);
        break;
    }
}

void model_copy(const struct model_shape *shape, const void *from, void *to)
{
    for (size_t i = 0; i < shape->field_count; i++) {
        const struct model_field *field = &shape->fields[i];
        copy_member(field, const_member_of(from, field), member_of(to, field));
    }
}
