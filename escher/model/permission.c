/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/model/permission.h"

#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/model/model_private.h"

/* "service:Action"; wildcards never reach a resource's record. */
static bool is_action(struct esc_str text)
{
    const size_t colon = esc_str_find(text, ESC_STR(":"), 0);
    if (colon == SIZE_MAX || colon == 0 || colon + 1 == text.len)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (i != colon && !esc_is_alnum(text.ptr[i]) && !(i < colon && text.ptr[i] == '-'))
            return false;
    return true;
}

static bool is_source(struct esc_str text)
{
    static const char *const words[] = {"local", "simulate", "dry_run", "learned", NULL};
    return model_is_one_of(text, words);
}

static const char an_action[] = "actions like rds:StopDBInstance";

#define AT(member) offsetof(struct esc_conditional_action, member)
static const struct model_field condition_fields[] = {
    {"action", MODEL_TEXT, AT(action), true, an_action, is_action, NULL, 0},
    {"keys", MODEL_TEXTS, AT(keys), true, NULL, NULL, NULL, 0},
};
#undef AT
static const struct model_shape condition_shape = {"conditional action", condition_fields,
                                                   ESC_COUNT(condition_fields)};

static struct esc_conditional_action *condition_new(void)
{
    struct esc_conditional_action *condition = esc_alloc_zero(sizeof *condition);
    esc_list_init(&condition->keys, free);
    return condition;
}

static void condition_free(void *item)
{
    if (item)
        model_done(&condition_shape, item);
    free(item);
}

static enum esc_status read_conditions(const struct esc_json *json, void *member,
                                       struct esc_error *err)
{
    struct esc_list *conditions = member;
    if (!esc_json_is(json, ESC_JSON_ARRAY))
        return esc_fail(err, ESC_INVALID, "must be a list");
    for (size_t i = 0; i < esc_json_len(json); i++) {
        struct esc_conditional_action *condition = condition_new();
        esc_list_push(conditions, condition);
        const enum esc_status status =
            model_read(&condition_shape, esc_json_at(json, i), condition, err);
        if (status != ESC_OK)
            return status;
    }
    return ESC_OK;
}

static struct esc_json *write_conditions(const void *member)
{
    const struct esc_list *conditions = member;
    struct esc_json *array = conditions->count > 0 ? esc_json_array() : NULL;
    for (size_t i = 0; i < conditions->count; i++)
        esc_json_push(array, model_write(&condition_shape, esc_list_at(conditions, i)));
    return array;
}

static void done_conditions(void *member)
{
    esc_list_done(member);
}

static void copy_conditions(const void *from, void *to)
{
    const struct esc_list *conditions = from;
    for (size_t i = 0; i < conditions->count; i++) {
        struct esc_conditional_action *copy = condition_new();
        model_copy(&condition_shape, esc_list_at(conditions, i), copy);
        esc_list_push(to, copy);
    }
}

static enum esc_status read_context(const struct esc_json *json, void *member,
                                    struct esc_error *err)
{
    return esc_user_context_from_json(json, member, err);
}

static struct esc_json *write_context(const void *member)
{
    const struct esc_user_context *context = *(const struct esc_user_context *const *)member;
    return context ? esc_user_context_to_json(context) : NULL;
}

static void done_context(void *member)
{
    esc_user_context_free(*(struct esc_user_context **)member);
}

static void copy_context(const void *from, void *to)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = write_context(from);
    if (json)
        (void)read_context(json, to, NULL); /* what we wrote ourselves reads back */
}

static const struct model_nested conditions = {read_conditions, write_conditions, done_conditions,
                                               copy_conditions};
static const struct model_nested context = {read_context, write_context, done_context,
                                            copy_context};

#define AT(member) offsetof(struct esc_permissions, member)
static const struct model_field fields[] = {
    {"allowed_actions", MODEL_TEXTS, AT(allowed_actions), true, an_action, is_action, NULL, 0},
    {"denied_actions", MODEL_TEXTS, AT(denied_actions), true, an_action, is_action, NULL, 0},
    {"conditional_actions", MODEL_NESTED, AT(conditional_actions), false, NULL, NULL, &conditions,
     0},
    {"source", MODEL_TEXT, AT(source), true, "local, simulate, dry_run or learned", is_source, NULL,
     0},
    {"checked_at", MODEL_TIME, AT(checked_at_ms), false, NULL, NULL, NULL, 0},
    {"user_context", MODEL_NESTED, AT(user_context), false, NULL, NULL, &context, 0},
};
#undef AT
static const struct model_shape shape = {"permissions", fields, ESC_COUNT(fields)};

struct esc_permissions *esc_permissions_new(void)
{
    struct esc_permissions *permissions = esc_alloc_zero(sizeof *permissions);
    esc_list_init(&permissions->allowed_actions, free);
    esc_list_init(&permissions->denied_actions, free);
    esc_list_init(&permissions->conditional_actions, condition_free);
    return permissions;
}

void esc_permissions_free(struct esc_permissions *permissions)
{
    if (permissions)
        model_done(&shape, permissions);
    free(permissions);
}

static bool lists(const struct esc_list *actions, struct esc_str action)
{
    for (size_t i = 0; i < actions->count; i++)
        if (esc_str_equal_nocase(action, esc_str_of(esc_list_at(actions, i))))
            return true;
    return false;
}

static struct esc_conditional_action *condition_of(const struct esc_permissions *permissions,
                                                   struct esc_str action)
{
    const struct esc_list *all = &permissions->conditional_actions;
    for (size_t i = 0; i < all->count; i++) {
        struct esc_conditional_action *condition = esc_list_at(all, i);
        if (esc_str_equal_nocase(action, esc_str_of(condition->action)))
            return condition;
    }
    return NULL;
}

enum esc_permission esc_permissions_of(const struct esc_permissions *permissions,
                                       struct esc_str action)
{
    if (!permissions)
        return ESC_PERMISSION_UNKNOWN;
    if (lists(&permissions->denied_actions, action))
        return ESC_PERMISSION_DENIED;
    if (condition_of(permissions, action))
        return ESC_PERMISSION_CONDITIONAL;
    return lists(&permissions->allowed_actions, action) ? ESC_PERMISSION_ALLOWED
                                                        : ESC_PERMISSION_UNKNOWN;
}

void esc_permissions_add_condition(struct esc_permissions *permissions, const char *action,
                                   const char *key)
{
    struct esc_conditional_action *condition = condition_of(permissions, esc_str_of(action));
    if (!condition) {
        condition = condition_new();
        condition->action = esc_strdup(action);
        esc_list_push(&permissions->conditional_actions, condition);
    }
    if (!lists(&condition->keys, esc_str_of(key)))
        esc_list_push(&condition->keys, esc_strdup(key));
}

static void drop_text(struct esc_list *texts, struct esc_str text)
{
    for (size_t i = texts->count; i > 0; i--)
        if (esc_str_equal_nocase(text, esc_str_of(esc_list_at(texts, i - 1))))
            free(esc_list_remove(texts, i - 1));
}

void esc_permissions_deny(struct esc_permissions *permissions, const char *action)
{
    const struct esc_str text = esc_str_of(action);
    struct esc_conditional_action *condition;
    drop_text(&permissions->allowed_actions, text);
    while ((condition = condition_of(permissions, text))) {
        (void)esc_list_drop(&permissions->conditional_actions, condition); /* it is there */
        condition_free(condition);
    }
    if (!lists(&permissions->denied_actions, text))
        esc_list_push(&permissions->denied_actions, esc_strdup(action));
}

enum esc_status esc_permissions_from_json(const struct esc_json *json, struct esc_permissions **out,
                                          struct esc_error *err)
{
    ESC_CLEANUP(esc_permissions_freep) struct esc_permissions *permissions = esc_permissions_new();
    const enum esc_status status = model_read(&shape, json, permissions, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(permissions);
    return status;
}

struct esc_json *esc_permissions_to_json(const struct esc_permissions *permissions)
{
    return model_write(&shape, permissions);
}
