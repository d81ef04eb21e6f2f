/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/shape_private.h"

#include "escher/base/alloc.h"

const struct plan_shape plan_any_members = {NULL};

static const struct plan_field playbook_fields[] = {
    PLAN_TEXT("id"),
    PLAN_TEXT("version"),
    PLAN_THAT("sha256", ESC_JSON_STRING, plan_is_digest),
    PLAN_END,
};
const struct plan_shape plan_playbook_shape = {playbook_fields};

static const struct plan_field parameter_fields[] = {
    PLAN_TEXT("name"),
    PLAN_THAT("value", ESC_JSON_NULL, NULL),
    PLAN_TEXT("source"),
    PLAN_END,
};
const struct plan_shape plan_parameter_shape = {parameter_fields};

static const struct plan_field downtime_fields[] = {
    PLAN_COUNT("typical_s"),
    PLAN_COUNT("max_s"),
    PLAN_END,
};
static const struct plan_shape downtime = {downtime_fields};

static const char *const levels[] = {"low", "medium", "high", NULL};
static const char *const ways_back[] = {"full", "partial", "none", NULL};
static const struct plan_field risk_fields[] = {
    PLAN_WORD("level", levels),
    PLAN_LIST("reasons", true, NULL),
    PLAN_TEXT("impact"),
    PLAN_WORD("reversible", ways_back),
    PLAN_MAY_TEXT("undo"),
    PLAN_OBJECT("downtime", false, &downtime),
    PLAN_END,
};
const struct plan_shape plan_risk_shape = {risk_fields};

bool plan_is_count(const struct esc_json *value)
{
    return esc_json_num(value, "", -1) >= 0;
}

bool plan_is_digest(const struct esc_json *value)
{
    const struct esc_str text = esc_json_value(value);
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        if (!esc_is_digit(c) && (c < 'a' || c > 'f'))
            return false;
    }
    return text.len == 64;
}

bool plan_is_account(const struct esc_json *value)
{
    const struct esc_str text = esc_json_value(value);
    for (size_t i = 0; i < text.len; i++) {
        if (!esc_is_digit(text.ptr[i]))
            return false;
    }
    return text.len == 12;
}

/* A whole number is a real one, too. */
static bool has_type(const struct esc_json *value, enum esc_json_type type)
{
    const enum esc_json_type actual = esc_json_type(value);
    if (type == ESC_JSON_NULL)
        return actual == ESC_JSON_STRING || actual == ESC_JSON_INT || actual == ESC_JSON_BOOL;
    return actual == type || (type == ESC_JSON_REAL && actual == ESC_JSON_INT);
}

static bool is_allowed(const struct plan_field *field, const struct esc_json *value)
{
    const char *const *word = field->words;
    while (word && *word && !esc_str_is(esc_json_value(value), *word))
        word++;
    if (word && !*word)
        return false;
    return !field->allows || field->allows(value);
}

static enum esc_status check_elements(const struct plan_reader *reader,
                                      const struct plan_field *field, const struct esc_json *array,
                                      const char *path, struct esc_error *err)
{
    const enum esc_json_type type = field->inside ? ESC_JSON_OBJECT : ESC_JSON_STRING;
    enum esc_status status = ESC_OK;
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(array); i++) {
        const struct esc_json *element = esc_json_at(array, i);
        ESC_CLEANUP(esc_freep) char *place = esc_sprintf("%.100s[%zu]", path, i);
        if (!esc_json_is(element, type))
            status = esc_fail(err, reader->status, "in %s `%s` is not %s", reader->whose, place,
                              esc_json_type_text(type));
        else if (field->inside)
            status = plan_shape_check(reader, field->inside, element, place, err);
    }
    return status;
}

static enum esc_status check_field(const struct plan_reader *reader, const struct plan_field *field,
                                   const struct esc_json *object, const char *path,
                                   struct esc_error *err)
{
    const struct esc_json *value = esc_json_member(object, field->name);
    ESC_CLEANUP(esc_freep)
    char *place = esc_sprintf("%.100s%s%s", path, *path ? "." : "", field->name);
    if (!value && field->required)
        return esc_fail(err, reader->status, "%s lacks `%s`", reader->whose, place);
    if (!value)
        return ESC_OK;
    if (!has_type(value, field->type))
        return esc_fail(err, reader->status, "in %s `%s` is not %s", reader->whose, place,
                        field->type == ESC_JSON_NULL ? "a plain value"
                                                     : esc_json_type_text(field->type));
    if (!is_allowed(field, value))
        return esc_fail(err, reader->status, "in %s `%s` is not one of the values it may have",
                        reader->whose, place);
    if (field->type == ESC_JSON_ARRAY)
        return check_elements(reader, field, value, place, err);
    if (field->type == ESC_JSON_OBJECT && field->inside)
        return plan_shape_check(reader, field->inside, value, place, err);
    return ESC_OK;
}

static bool is_known(const struct plan_shape *shape, const char *name)
{
    for (const struct plan_field *field = shape->fields; field->name; field++) {
        if (esc_text_equal(field->name, name))
            return true;
    }
    return false;
}

enum esc_status plan_shape_check(const struct plan_reader *reader, const struct plan_shape *shape,
                                 const struct esc_json *object, const char *path,
                                 struct esc_error *err)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    if (!shape->fields)
        return ESC_OK;
    while (esc_json_next(object, &position, &key, &value)) {
        if (!is_known(shape, key))
            return esc_fail(err, reader->status, "%s has the unknown member `%s%s%.60s`",
                            reader->whose, path, *path ? "." : "", key);
    }
    enum esc_status status = ESC_OK;
    for (const struct plan_field *field = shape->fields; status == ESC_OK && field->name; field++)
        status = check_field(reader, field, object, path, err);
    return status;
}
