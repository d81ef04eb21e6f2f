/* SPDX-License-Identifier: Apache-2.0 */

/* Values against the shapes of the model. Names grow on the way down: "Tags[0].Key". */

#include <regex.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/clock.h"
#include "escher/base/limits.h"
#include "escher/base/utf8.h"
#include "escher/catalog/catalog_private.h"

bool catalog_matches(const char *pattern, struct esc_str text)
{
    regex_t expression;
    if (text.len > ESC_MAX_PROMPT || (text.len > 0 && memchr(text.ptr, '\0', text.len)))
        return false; /* no pattern of a cloud takes that much, and none a NUL */
    const int compiled = regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB);
    ESC_ASSERT(compiled == 0); /* patterns are ours; a test compiles each */
    ESC_CLEANUP(esc_freep) char *copy = esc_str_dup(text);
    const bool matches = regexec(&expression, copy, 0, NULL, 0) == 0;
    regfree(&expression);
    return matches;
}

static enum esc_status must_be(const char *name, const char *what, struct esc_error *err)
{
    return esc_fail(err, ESC_INVALID, "`%s` must be %s", name, what);
}

static enum esc_status check_range(const struct esc_shape *shape, const char *name,
                                   const char *what, int64_t value, struct esc_error *err)
{
    if (value < shape->min)
        return esc_fail(err, ESC_INVALID, "`%s` must have %s of at least %lld", name, what,
                        (long long)shape->min);
    if (value > shape->max)
        return esc_fail(err, ESC_INVALID, "`%s` must have %s of at most %lld", name, what,
                        (long long)shape->max);
    return ESC_OK;
}

static bool is_listed(const char *const *values, struct esc_str text)
{
    while (*values && !esc_str_is(text, *values))
        values++;
    return *values;
}

static enum esc_status check_string(const struct esc_shape *shape, const char *name,
                                    const struct esc_json *value, struct esc_error *err)
{
    const struct esc_str text = esc_json_value(value);
    if (!esc_json_is(value, ESC_JSON_STRING))
        return must_be(name, "a string", err);
    if (shape->values && !is_listed(shape->values, text))
        return esc_fail(err, ESC_INVALID, "`%s` must be one of the values of %s", name,
                        shape->name);
    if (shape->pattern && !catalog_matches(shape->pattern, text))
        return esc_fail(err, ESC_INVALID, "`%s` does not look like %s", name, shape->name);
    return check_range(shape, name, "a length", (int64_t)esc_utf8_count(text), err);
}

static enum esc_status check_integer(const struct esc_shape *shape, const char *name,
                                     const struct esc_json *value, struct esc_error *err)
{
    if (!esc_json_is(value, ESC_JSON_INT))
        return must_be(name, "a whole number", err);
    return check_range(shape, name, "a value", esc_json_num(value, "", 0), err);
}

static bool is_number(const struct esc_json *value)
{
    return esc_json_is(value, ESC_JSON_INT) || esc_json_is(value, ESC_JSON_REAL);
}

static enum esc_status check_timestamp(const char *name, const struct esc_json *value,
                                       struct esc_error *err)
{
    uint64_t wall_ms;
    if (is_number(value) || esc_time_parse(esc_json_value(value), &wall_ms))
        return ESC_OK;
    return must_be(name, "a time like 2026-11-21T08:00:00Z", err);
}

static enum esc_status check_list(const struct esc_shape *shape, const char *name,
                                  const struct esc_json *value, struct esc_error *err)
{
    if (!esc_json_is(value, ESC_JSON_ARRAY))
        return must_be(name, "a list", err);
    enum esc_status status =
        check_range(shape, name, "a number of elements", (int64_t)esc_json_len(value), err);
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(value); i++) {
        ESC_CLEANUP(esc_freep) char *inner = esc_sprintf("%s[%zu]", name, i);
        status = esc_shape_check(shape->item, inner, esc_json_at(value, i), err);
    }
    return status;
}

static enum esc_status check_map(const struct esc_shape *shape, const char *name,
                                 const struct esc_json *value, struct esc_error *err)
{
    if (!esc_json_is(value, ESC_JSON_OBJECT))
        return must_be(name, "an object", err);
    enum esc_status status = ESC_OK;
    void *position = NULL;
    const char *key;
    const struct esc_json *item;
    while (status == ESC_OK && esc_json_next(value, &position, &key, &item)) {
        ESC_CLEANUP(esc_freep) char *inner = esc_sprintf("%s.%s", name, key);
        status = esc_shape_check(shape->item, inner, item, err);
    }
    return status;
}

static const struct esc_member *member_named(const struct esc_shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->member_count; i++)
        if (esc_text_equal(shape->members[i].name, name))
            return &shape->members[i];
    return NULL;
}

static enum esc_status check_required(const struct esc_shape *shape, const char *name,
                                      const struct esc_json *value, struct esc_error *err)
{
    for (size_t i = 0; i < shape->member_count; i++)
        if (shape->members[i].required && !esc_json_member(value, shape->members[i].name))
            return esc_fail(err, ESC_INVALID, "`%s` needs `%s`", name, shape->members[i].name);
    return ESC_OK;
}

static enum esc_status check_structure(const struct esc_shape *shape, const char *name,
                                       const struct esc_json *value, struct esc_error *err)
{
    if (!esc_json_is(value, ESC_JSON_OBJECT))
        return must_be(name, "an object", err);
    enum esc_status status = check_required(shape, name, value, err);
    void *position = NULL;
    const char *key;
    const struct esc_json *inner_value;
    while (status == ESC_OK && esc_json_next(value, &position, &key, &inner_value)) {
        const struct esc_member *member = member_named(shape, key);
        if (!member)
            return esc_fail(err, ESC_INVALID, "`%s` has no member `%s`", name, key);
        ESC_CLEANUP(esc_freep) char *inner = esc_sprintf("%s.%s", name, key);
        status = esc_shape_check(member->shape, inner, inner_value, err);
    }
    return status;
}

enum esc_status esc_shape_check(const struct esc_shape *shape, const char *name,
                                const struct esc_json *value, struct esc_error *err)
{
    switch (shape->type) {
    case ESC_SHAPE_STRING:
        return check_string(shape, name, value, err);
    case ESC_SHAPE_INTEGER:
        return check_integer(shape, name, value, err);
    case ESC_SHAPE_NUMBER:
        return is_number(value) ? ESC_OK : must_be(name, "a number", err);
    case ESC_SHAPE_BOOLEAN:
        return esc_json_is(value, ESC_JSON_BOOL) ? ESC_OK : must_be(name, "true or false", err);
    case ESC_SHAPE_TIMESTAMP:
        return check_timestamp(name, value, err);
    case ESC_SHAPE_BLOB:
        return esc_json_is(value, ESC_JSON_STRING) ? ESC_OK : must_be(name, "a string", err);
    case ESC_SHAPE_LIST:
        return check_list(shape, name, value, err);
    case ESC_SHAPE_MAP:
        return check_map(shape, name, value, err);
    case ESC_SHAPE_STRUCTURE:
        break;
    }
    return check_structure(shape, name, value, err);
}

/* The member only: an option's other names would let "--db-instance-identifier" pass as one. */
static const struct esc_operation_option *member_option(const struct esc_operation *operation,
                                                        const char *member)
{
    for (size_t i = 0; i < operation->option_count; i++)
        if (esc_text_equal(operation->options[i].member, member))
            return &operation->options[i];
    return NULL;
}

enum esc_status esc_operation_check(const struct esc_operation *operation,
                                    const struct esc_json *params, struct esc_error *err)
{
    if (!esc_json_is(params, ESC_JSON_OBJECT))
        return must_be(operation->operation, "called with an object", err);
    for (size_t i = 0; i < operation->option_count; i++)
        if (operation->options[i].required &&
            !esc_json_member(params, operation->options[i].member))
            return esc_fail(err, ESC_INVALID, "%s needs `%s`", operation->operation,
                            operation->options[i].member);
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    enum esc_status status = ESC_OK;
    while (status == ESC_OK && esc_json_next(params, &position, &key, &value)) {
        const struct esc_operation_option *option = member_option(operation, key);
        if (!option)
            return esc_fail(err, ESC_INVALID, "%s has no member `%s`", operation->operation, key);
        status = esc_shape_check(option->shape, key, value, err);
    }
    return status;
}
