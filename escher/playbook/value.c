/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/value.h"

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/base/num.h"
#include "escher/base/utf8.h"

/* What a program after us could read as "take the value from elsewhere". */
static const char *const loaders[] = {"file://", "fileb://", "http://", "https://", "@"};

enum esc_status esc_value_check_text(const char *name, struct esc_str text, struct esc_error *err)
{
    if (!esc_utf8_is_valid(text) || esc_utf8_has_unsafe(text))
        return esc_fail(err, ESC_INVALID, "the value of `%s` holds control or invisible characters",
                        name);
    const struct esc_str begin = esc_str_trim(text); /* some loaders skip white space */
    if (esc_str_starts_with(begin, ESC_STR("-")))
        return esc_fail(err, ESC_INVALID, "the value of `%s` begins with '-' like an option", name);
    for (size_t i = 0; i < ESC_COUNT(loaders); i++)
        if (esc_str_starts_with_nocase(begin, esc_str_of(loaders[i])))
            return esc_fail(err, ESC_INVALID, "the value of `%s` begins with %s", name, loaders[i]);
    return ESC_OK;
}

static enum esc_status check_object(const char *name, const struct esc_json *object, unsigned depth,
                                    struct esc_error *err);

static enum esc_status check(const char *name, const struct esc_json *value, unsigned depth,
                             struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    if (depth > ESC_MAX_JSON_DEPTH)
        return esc_fail(err, ESC_INVALID, "the value of `%s` is nested too deep", name);
    switch (esc_json_type(value)) {
    case ESC_JSON_STRING:
        return esc_value_check_text(name, esc_json_value(value), err);
    case ESC_JSON_INT:
    case ESC_JSON_REAL:
        if (esc_json_dbl(value, "", (double)esc_json_num(value, "", 0)) < 0)
            return esc_fail(err, ESC_INVALID, "the value of `%s` is negative", name);
        return ESC_OK;
    case ESC_JSON_ARRAY:
        for (size_t i = 0; status == ESC_OK && i < esc_json_len(value); i++)
            status = check(name, esc_json_at(value, i), depth + 1, err);
        return status;
    case ESC_JSON_OBJECT:
        return check_object(name, value, depth, err);
    case ESC_JSON_NULL:
    case ESC_JSON_BOOL:
        break;
    }
    return ESC_OK;
}

static enum esc_status check_object(const char *name, const struct esc_json *object, unsigned depth,
                                    struct esc_error *err)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *member;
    while (esc_json_next(object, &position, &key, &member)) {
        enum esc_status status = esc_value_check_text(name, esc_str_of(key), err);
        if (status == ESC_OK)
            status = check(name, member, depth + 1, err);
        if (status != ESC_OK)
            return status;
    }
    return ESC_OK;
}

enum esc_status esc_value_check(const char *name, const struct esc_json *value,
                                struct esc_error *err)
{
    return check(name, value, 0, err);
}

bool esc_duration_parse(struct esc_str text, uint64_t *ms)
{
    static const struct {
        char unit;
        uint64_t ms;
    } units[] = {{'s', 1000}, {'m', 60'000}, {'h', 3'600'000}, {'d', 86'400'000}};
    uint64_t count;
    if (text.len < 2 || !esc_num_u64(esc_str_slice(text, 0, text.len - 1), &count) || count > 9999)
        return false;
    for (size_t i = 0; i < ESC_COUNT(units); i++) {
        if (text.ptr[text.len - 1] != units[i].unit)
            continue;
        *ms = count * units[i].ms;
        return true;
    }
    return false;
}
