/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/response.h"

#include "escher/base/alloc.h"
#include "escher/base/utf8.h"

/*
 * Shapes as a table: for each member of each object its type, and whether it must be there. A
 * member that is not in the table is refused, whatever it holds.
 */
struct shape;

struct field {
    const char *name; /* NULL ends a table */
    enum esc_json_type type;
    bool required;
    const struct shape *inside; /* of an object, or of each element of an array; NULL: texts */
};

struct shape {
    const struct field *fields;
    bool free; /* an object with members of any name */
};

#define TEXT(name, required)                                                                       \
    {                                                                                              \
        (name), ESC_JSON_STRING, (required), NULL                                                  \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, ESC_JSON_NULL, false, NULL                                                           \
    }

static const struct shape any_members = {NULL, true};

static const struct field classification_fields[] = {TEXT("intent", true),
                                                     {"confidence", ESC_JSON_REAL, true, NULL},
                                                     TEXT("system", true),
                                                     TEXT("service", false),
                                                     TEXT("operation", false),
                                                     TEXT("route", true),
                                                     END};
static const struct shape classification = {classification_fields, false};

static const struct field playbook_fields[] = {TEXT("id", true), TEXT("version", true),
                                               TEXT("sha256", true), END};
static const struct shape playbook = {playbook_fields, false};

static const struct field alternative_fields[] = {
    TEXT("id", true), {"score", ESC_JSON_REAL, true, NULL}, TEXT("title", false), END};
static const struct shape alternative = {alternative_fields, false};

static const struct field parameter_fields[] = {
    TEXT("name", true), {"value", ESC_JSON_NULL, true, NULL}, TEXT("source", true), END};
static const struct shape parameter = {parameter_fields, false};

static const struct field step_fields[] = {TEXT("step_id", true),
                                           TEXT("command", true),
                                           {"args", ESC_JSON_ARRAY, true, NULL},
                                           {"mutates", ESC_JSON_BOOL, true, NULL},
                                           {"timeout_s", ESC_JSON_INT, true, NULL},
                                           END};
static const struct shape step = {step_fields, false};

static const struct field script_fields[] = {{"steps", ESC_JSON_ARRAY, true, &step}, END};
static const struct shape script = {script_fields, false};

static const struct field downtime_fields[] = {
    {"typical_s", ESC_JSON_INT, true, NULL}, {"max_s", ESC_JSON_INT, true, NULL}, END};
static const struct shape downtime = {downtime_fields, false};

static const struct field risk_fields[] = {TEXT("level", true),
                                           {"reasons", ESC_JSON_ARRAY, true, NULL},
                                           TEXT("impact", true),
                                           TEXT("reversible", true),
                                           TEXT("undo", false),
                                           {"downtime", ESC_JSON_OBJECT, false, &downtime},
                                           END};
static const struct shape risk = {risk_fields, false};

#define COMMON                                                                                     \
    {"v", ESC_JSON_INT, true, NULL}, TEXT("kind", true),                                           \
    {                                                                                              \
        "classification", ESC_JSON_OBJECT, true, &classification                                   \
    }

static const struct field plan_fields[] = {COMMON,
                                           {"playbook", ESC_JSON_OBJECT, true, &playbook},
                                           {"alternatives", ESC_JSON_ARRAY, false, &alternative},
                                           {"targets", ESC_JSON_ARRAY, false, NULL},
                                           TEXT("explain_plan", true),
                                           {"parameters", ESC_JSON_ARRAY, true, &parameter},
                                           {"script", ESC_JSON_OBJECT, true, &script},
                                           {"risk_assessment", ESC_JSON_OBJECT, true, &risk},
                                           {"approval_required", ESC_JSON_BOOL, true, NULL},
                                           END};

static const struct field question_fields[] = {
    COMMON,
    TEXT("reason", true),
    TEXT("text", true),
    {"choices", ESC_JSON_ARRAY, false, &any_members},
    {"missing", ESC_JSON_OBJECT, false, &any_members},
    {"unresolved", ESC_JSON_ARRAY, false, NULL},
    {"playbook", ESC_JSON_OBJECT, false, &playbook},
    {"alternatives", ESC_JSON_ARRAY, false, &alternative},
    END};

static const struct field answer_fields[] = {COMMON,
                                             TEXT("text", true),
                                             TEXT("reason", false),
                                             {"facts", ESC_JSON_ARRAY, false, &any_members},
                                             {"playbook", ESC_JSON_OBJECT, false, &playbook},
                                             {"alternatives", ESC_JSON_ARRAY, false, &alternative},
                                             END};

static const struct field query_fields[] = {COMMON,
                                            TEXT("filter", true),
                                            TEXT("verb", true),
                                            {"cap", ESC_JSON_INT, true, NULL},
                                            TEXT("text", false),
                                            END};

static const struct field refusal_fields[] = {COMMON,
                                              TEXT("text", true),
                                              TEXT("reason", false),
                                              {"playbook", ESC_JSON_OBJECT, false, &playbook},
                                              {"alternatives", ESC_JSON_ARRAY, false, &alternative},
                                              END};

static const struct {
    const char *text;
    struct shape shape;
} kinds[] = {
    [ESC_RESPONSE_PLAN] = {"plan", {plan_fields, false}},
    [ESC_RESPONSE_QUESTION] = {"question", {question_fields, false}},
    [ESC_RESPONSE_ANSWER] = {"answer", {answer_fields, false}},
    [ESC_RESPONSE_QUERY] = {"query", {query_fields, false}},
    [ESC_RESPONSE_REFUSAL] = {"refusal", {refusal_fields, false}},
};
static_assert(ESC_COUNT(kinds) == ESC_RESPONSE_KIND_COUNT, "a shape for every kind");

const char *esc_response_kind_text(enum esc_response_kind kind)
{
    return kinds[kind].text;
}

/* NULL in a table stands for a scalar of any type; a whole number is a real one, too. */
static bool has_type(const struct esc_json *value, enum esc_json_type type)
{
    const enum esc_json_type actual = esc_json_type(value);
    if (type == ESC_JSON_NULL)
        return actual == ESC_JSON_STRING || actual == ESC_JSON_INT || actual == ESC_JSON_BOOL;
    return actual == type || (type == ESC_JSON_REAL && actual == ESC_JSON_INT);
}

static enum esc_status check_object(const struct shape *shape, const struct esc_json *object,
                                    const char *path, struct esc_error *err);

static enum esc_status check_elements(const struct field *field, const struct esc_json *array,
                                      const char *path, struct esc_error *err)
{
    enum esc_status status = ESC_OK;
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(array); i++) {
        const struct esc_json *element = esc_json_at(array, i);
        ESC_CLEANUP(esc_freep) char *place = esc_sprintf("%.100s[%zu]", path, i);
        if (!field->inside && !esc_json_is(element, ESC_JSON_STRING))
            status = esc_fail(err, ESC_BLOCKED, "the planner's `%s` must be a string", place);
        else if (field->inside && !esc_json_is(element, ESC_JSON_OBJECT))
            status = esc_fail(err, ESC_BLOCKED, "the planner's `%s` must be an object", place);
        else if (field->inside)
            status = check_object(field->inside, element, place, err);
    }
    return status;
}

static enum esc_status check_field(const struct field *field, const struct esc_json *object,
                                   const char *path, struct esc_error *err)
{
    const struct esc_json *value = esc_json_member(object, field->name);
    ESC_CLEANUP(esc_freep)
    char *place = esc_sprintf("%.100s%s%s", path, *path ? "." : "", field->name);
    if (!value && field->required)
        return esc_fail(err, ESC_BLOCKED, "the planner's answer lacks `%s`", place);
    if (!value)
        return ESC_OK;
    if (!has_type(value, field->type))
        return esc_fail(err, ESC_BLOCKED, "the planner's `%s` is not %s", place,
                        esc_json_type_text(field->type));
    if (field->type == ESC_JSON_ARRAY)
        return check_elements(field, value, place, err);
    if (field->type == ESC_JSON_OBJECT && field->inside)
        return check_object(field->inside, value, place, err);
    return ESC_OK;
}

static bool is_known(const struct shape *shape, const char *name)
{
    for (const struct field *field = shape->fields; field->name; field++) {
        if (esc_text_equal(field->name, name))
            return true;
    }
    return false;
}

static enum esc_status check_object(const struct shape *shape, const struct esc_json *object,
                                    const char *path, struct esc_error *err)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    if (shape->free)
        return ESC_OK;
    while (esc_json_next(object, &position, &key, &value)) {
        if (!is_known(shape, key))
            return esc_fail(err, ESC_BLOCKED,
                            "the planner's answer has the unknown member `%s%s%.60s`", path,
                            *path ? "." : "", key);
    }
    enum esc_status status = ESC_OK;
    for (const struct field *field = shape->fields; status == ESC_OK && field->name; field++)
        status = check_field(field, object, path, err);
    return status;
}

static enum esc_response_kind kind_of(const struct esc_json *json)
{
    const char *text = esc_json_str(esc_json_member(json, "kind"), "", "");
    unsigned kind = 0;
    while (kind < ESC_RESPONSE_KIND_COUNT && !esc_text_equal(kinds[kind].text, text))
        kind++;
    return (enum esc_response_kind)kind;
}

enum esc_status esc_response_read(struct esc_str bytes, enum esc_response_kind *kind,
                                  struct esc_json **out, struct esc_error *err)
{
    static const struct esc_json_limits limits = {ESC_RESPONSE_BYTES, ESC_RESPONSE_DEPTH};
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    struct esc_error why;
    if (!esc_utf8_is_valid(bytes) || esc_json_parse(bytes, &limits, &json, &why) != ESC_OK)
        return esc_fail(err, ESC_BLOCKED, "the planner's answer cannot be read: %s",
                        esc_utf8_is_valid(bytes) ? why.message : "not UTF-8");
    if (!esc_json_is(json, ESC_JSON_OBJECT))
        return esc_fail(err, ESC_BLOCKED, "the planner's answer is no object");
    if (esc_json_num(json, "v", 0) != 1)
        return esc_fail(err, ESC_BLOCKED, "the planner speaks another version");
    const enum esc_response_kind found = kind_of(json);
    if (found == ESC_RESPONSE_KIND_COUNT)
        return esc_fail(err, ESC_BLOCKED, "the planner's answer is of no known kind");
    const enum esc_status status = check_object(&kinds[found].shape, json, "", err);
    if (status != ESC_OK)
        return status;
    *kind = found;
    *out = ESC_STEAL(json);
    return ESC_OK;
}
