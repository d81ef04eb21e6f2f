/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/expression.h"

#include "escher/base/alloc.h"
#include "escher/model/environment.h"
#include "escher/playbook/expression_private.h"

enum value_kind {
    VALUE_UNKNOWN,
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_REAL,
    VALUE_TEXT,
    VALUE_JSON, /* an array or object */
};

/* Texts and JSON are borrowed from the tree or the environment. */
struct value {
    enum value_kind kind;
    bool flag;
    int64_t whole;
    double real;
    struct esc_str text;
    const struct esc_json *json;
};

static const struct value unknown = {.kind = VALUE_UNKNOWN};
static const struct value nothing = {.kind = VALUE_NULL};

static struct value evaluate(const struct expression_node *node,
                             const struct esc_json *environment);

static struct value of_truth(enum esc_truth truth)
{
    if (truth == ESC_TRUTH_UNKNOWN)
        return unknown;
    return (struct value){.kind = VALUE_BOOL, .flag = truth == ESC_TRUE};
}

static enum esc_truth truth_of(bool flag)
{
    return flag ? ESC_TRUE : ESC_FALSE;
}

/* What a value says when it stands alone: only yes, no and nothing say anything. */
static enum esc_truth truth_of_value(struct value value)
{
    if (value.kind == VALUE_BOOL)
        return truth_of(value.flag);
    return value.kind == VALUE_NULL ? ESC_FALSE : ESC_TRUTH_UNKNOWN;
}

static struct value of_json(const struct esc_json *json)
{
    if (!json)
        return nothing;
    switch (esc_json_type(json)) {
    case ESC_JSON_NULL:
        return nothing;
    case ESC_JSON_BOOL:
        return (struct value){.kind = VALUE_BOOL, .flag = esc_json_flag(json, "", false)};
    case ESC_JSON_INT:
        return (struct value){.kind = VALUE_INT, .whole = esc_json_num(json, "", 0)};
    case ESC_JSON_REAL:
        return (struct value){.kind = VALUE_REAL, .real = esc_json_dbl(json, "", 0)};
    case ESC_JSON_STRING:
        return (struct value){.kind = VALUE_TEXT, .text = esc_json_value(json)};
    case ESC_JSON_ARRAY:
    case ESC_JSON_OBJECT:
        break;
    }
    return (struct value){.kind = VALUE_JSON, .json = json};
}

static struct value look_up(const struct expression_node *node, const struct esc_json *environment)
{
    ESC_CLEANUP(esc_freep) char *root = esc_str_dup(node->root);
    const struct esc_json *json = esc_json_member(environment, root);
    if (!json)
        return unknown;
    for (size_t i = 0; json && i < node->step_count; i++) {
        const struct expression_step *step = &node->steps[i];
        if (!step->name.ptr) {
            json = step->index < esc_json_len(json) && esc_json_is(json, ESC_JSON_ARRAY)
                       ? esc_json_at(json, step->index)
                       : NULL;
            continue;
        }
        ESC_CLEANUP(esc_freep) char *name = esc_str_dup(step->name);
        json = esc_json_member(json, name);
    }
    return of_json(json);
}

static bool is_number(struct value value)
{
    return value.kind == VALUE_INT || value.kind == VALUE_REAL;
}

static double as_real(struct value value)
{
    return value.kind == VALUE_INT ? (double)value.whole : value.real;
}

static enum esc_truth equal(struct value a, struct value b)
{
    if (a.kind == VALUE_UNKNOWN || b.kind == VALUE_UNKNOWN)
        return ESC_TRUTH_UNKNOWN;
    if (is_number(a) && is_number(b) && a.kind != b.kind)
        return truth_of(as_real(a) == as_real(b));
    if (a.kind != b.kind)
        return ESC_FALSE;
    switch (a.kind) {
    case VALUE_BOOL:
        return truth_of(a.flag == b.flag);
    case VALUE_INT:
        return truth_of(a.whole == b.whole);
    case VALUE_REAL:
        return truth_of(a.real == b.real);
    case VALUE_TEXT:
        return truth_of(esc_str_equal(a.text, b.text));
    case VALUE_JSON:
        return truth_of(esc_json_equal(a.json, b.json));
    case VALUE_NULL:
    case VALUE_UNKNOWN:
        break;
    }
    return ESC_TRUE; /* nothing is nothing */
}

/* a < b, or a <= b. What has no order is unknown. */
static enum esc_truth less(struct value a, struct value b, bool or_equal)
{
    if (a.kind == VALUE_INT && b.kind == VALUE_INT)
        return truth_of(a.whole < b.whole || (or_equal && a.whole == b.whole));
    if (is_number(a) && is_number(b))
        return truth_of(as_real(a) < as_real(b) || (or_equal && as_real(a) == as_real(b)));
    if (a.kind != VALUE_TEXT || b.kind != VALUE_TEXT)
        return ESC_TRUTH_UNKNOWN;
    const int order = esc_str_compare(a.text, b.text);
    return truth_of(order < 0 || (or_equal && order == 0));
}

static enum esc_truth either(enum esc_truth a, enum esc_truth b)
{
    if (a == ESC_TRUE || b == ESC_TRUE)
        return ESC_TRUE;
    return a == ESC_FALSE && b == ESC_FALSE ? ESC_FALSE : ESC_TRUTH_UNKNOWN;
}

static enum esc_truth opposite(enum esc_truth a)
{
    if (a == ESC_TRUTH_UNKNOWN)
        return a;
    return a == ESC_TRUE ? ESC_FALSE : ESC_TRUE;
}

static enum esc_truth is_in(const struct expression_node *node, const struct esc_json *environment)
{
    const struct value wanted = evaluate(node->parts[0], environment);
    enum esc_truth found = ESC_FALSE;
    for (size_t i = 1; i < node->part_count; i++)
        found = either(found, equal(wanted, evaluate(node->parts[i], environment)));
    return found;
}

static enum esc_truth does_match(const struct expression_node *node, struct value value)
{
    if (value.kind == VALUE_NULL)
        return ESC_FALSE;
    if (value.kind != VALUE_TEXT)
        return ESC_TRUTH_UNKNOWN;
    return truth_of(esc_pattern_matches(node->pattern, value.text));
}

static struct value length(struct value value)
{
    if (value.kind == VALUE_UNKNOWN || value.kind == VALUE_BOOL || is_number(value))
        return unknown;
    size_t len = 0;
    if (value.kind == VALUE_TEXT)
        len = value.text.len;
    else if (value.kind == VALUE_JSON)
        len = esc_json_len(value.json);
    return (struct value){.kind = VALUE_INT, .whole = (int64_t)len};
}

static enum esc_truth contains_element(const struct esc_json *array, struct value part)
{
    enum esc_truth found = ESC_FALSE;
    for (size_t i = 0; i < esc_json_len(array); i++)
        found = either(found, equal(part, of_json(esc_json_at(array, i))));
    return found;
}

static enum esc_truth contains(struct value value, struct value part)
{
    if (value.kind == VALUE_UNKNOWN || part.kind == VALUE_UNKNOWN)
        return ESC_TRUTH_UNKNOWN;
    if (value.kind == VALUE_NULL)
        return ESC_FALSE;
    if (value.kind == VALUE_JSON && esc_json_is(value.json, ESC_JSON_ARRAY))
        return contains_element(value.json, part);
    if (part.kind != VALUE_TEXT || (value.kind != VALUE_TEXT && value.kind != VALUE_JSON))
        return ESC_TRUTH_UNKNOWN;
    if (value.kind == VALUE_TEXT)
        return truth_of(esc_str_contains(value.text, part.text));
    ESC_CLEANUP(esc_freep) char *name = esc_str_dup(part.text);
    return truth_of(esc_json_member(value.json, name) != NULL);
}

static struct value first_known(const struct expression_node *node,
                                const struct esc_json *environment)
{
    struct value last = nothing;
    for (size_t i = 0; i < node->part_count; i++) {
        const struct value value = evaluate(node->parts[i], environment);
        if (value.kind == VALUE_UNKNOWN)
            last = unknown; /* maybe this one would have been the value */
        else if (value.kind != VALUE_NULL)
            return value;
    }
    return last;
}

/* Tags as an object, from either form; owned by the caller. */
static struct esc_json *tags_of(const struct esc_json *json)
{
    if (esc_json_is(json, ESC_JSON_OBJECT))
        return esc_json_ref(json);
    struct esc_json *tags = esc_json_object();
    for (size_t i = 0; i < esc_json_len(json); i++) {
        const struct esc_json *row = esc_json_at(json, i);
        const struct esc_json *value = esc_json_member(row, "Value");
        if (esc_json_is(value, ESC_JSON_STRING))
            esc_json_set_key(tags, esc_json_value(esc_json_member(row, "Key")),
                             esc_json_ref(value));
    }
    return tags;
}

static struct value environment_of(struct value tags)
{
    if (tags.kind != VALUE_JSON)
        return tags.kind == VALUE_NULL ? nothing : unknown;
    ESC_CLEANUP(esc_json_freep) struct esc_json *object = tags_of(tags.json);
    const char *word = esc_environment_of_tags(object); /* static text */
    return word ? (struct value){.kind = VALUE_TEXT, .text = esc_str_of(word)} : nothing;
}

static struct value tag_of(struct value tags, struct value key)
{
    if (tags.kind == VALUE_NULL)
        return nothing;
    if (tags.kind != VALUE_JSON || key.kind != VALUE_TEXT)
        return unknown;
    for (size_t i = 0; i < esc_json_len(tags.json) && esc_json_is(tags.json, ESC_JSON_ARRAY); i++) {
        const struct esc_json *row = esc_json_at(tags.json, i);
        if (esc_str_equal(esc_json_value(esc_json_member(row, "Key")), key.text))
            return of_json(esc_json_member(row, "Value"));
    }
    ESC_CLEANUP(esc_freep) char *name = esc_str_dup(key.text);
    return of_json(esc_json_member(tags.json, name));
}

static struct value literal(const struct expression_node *node)
{
    switch (node->kind) {
    case EXPRESSION_UNKNOWN:
        return unknown;
    case EXPRESSION_BOOL:
        return (struct value){.kind = VALUE_BOOL, .flag = node->flag};
    case EXPRESSION_INT:
        return (struct value){.kind = VALUE_INT, .whole = node->whole};
    case EXPRESSION_REAL:
        return (struct value){.kind = VALUE_REAL, .real = node->real};
    case EXPRESSION_TEXT:
        return (struct value){.kind = VALUE_TEXT, .text = esc_str_of(node->text)};
    default:
        return nothing;
    }
}

static struct value evaluate(const struct expression_node *node, const struct esc_json *environment)
{
    struct value a = nothing, b = nothing;
    if (node->part_count > 0 && node->kind != EXPRESSION_IN && node->kind != EXPRESSION_KNOWN)
        a = evaluate(node->parts[0], environment);
    if (node->part_count == 2 && node->kind != EXPRESSION_IN && node->kind != EXPRESSION_KNOWN)
        b = evaluate(node->parts[1], environment);
    switch (node->kind) {
    case EXPRESSION_PATH:
        return look_up(node, environment);
    case EXPRESSION_NOT:
        return of_truth(opposite(truth_of_value(a)));
    case EXPRESSION_AND:
        return of_truth(opposite(either(opposite(truth_of_value(a)), opposite(truth_of_value(b)))));
    case EXPRESSION_OR:
        return of_truth(either(truth_of_value(a), truth_of_value(b)));
    case EXPRESSION_EQUAL:
        return of_truth(equal(a, b));
    case EXPRESSION_LESS:
        return of_truth(less(a, b, false));
    case EXPRESSION_LESS_EQUAL:
        return of_truth(less(a, b, true));
    case EXPRESSION_IN:
        return of_truth(is_in(node, environment));
    case EXPRESSION_MATCH:
        return of_truth(does_match(node, a));
    case EXPRESSION_LEN:
        return length(a);
    case EXPRESSION_CONTAINS:
        return of_truth(contains(a, b));
    case EXPRESSION_KNOWN:
        return first_known(node, environment);
    case EXPRESSION_ENVIRONMENT:
        return environment_of(a);
    case EXPRESSION_TAG:
        return tag_of(a, b);
    default:
        return literal(node);
    }
}

static void free_pattern(void *pattern)
{
    esc_pattern_free(pattern);
}

enum esc_status esc_expression_parse(struct esc_str text, struct esc_expression **out,
                                     struct esc_error *err)
{
    ESC_CLEANUP(esc_expression_freep)
    struct esc_expression *expression = esc_alloc_zero(sizeof *expression);
    expression->text = esc_str_dup(text);
    esc_arena_init(&expression->arena);
    esc_list_init(&expression->patterns, free_pattern);
    esc_list_init(&expression->paths, NULL);
    const enum esc_status status = expression_parse(expression, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(expression);
    return status;
}

void esc_expression_free(struct esc_expression *expression)
{
    if (!expression)
        return;
    esc_list_done(&expression->patterns);
    esc_list_done(&expression->paths);
    esc_arena_done(&expression->arena);
    free(expression->text);
    free(expression);
}

enum esc_truth esc_expression_judge(const struct esc_expression *expression,
                                    const struct esc_json *environment)
{
    return truth_of_value(evaluate(expression->root, environment));
}

enum esc_status esc_expression_judge_text(struct esc_str text, const struct esc_json *environment,
                                          enum esc_truth *out, struct esc_error *err)
{
    ESC_CLEANUP(esc_expression_freep) struct esc_expression *expression = NULL;
    const enum esc_status status = esc_expression_parse(text, &expression, err);
    if (status == ESC_OK)
        *out = esc_expression_judge(expression, environment);
    return status;
}

const char *esc_expression_text(const struct esc_expression *expression)
{
    return expression->text;
}

void esc_expression_paths(const struct esc_expression *expression, struct esc_list *paths)
{
    for (size_t i = 0; i < expression->paths.count; i++)
        esc_list_push(paths, expression->paths.items[i]);
}
