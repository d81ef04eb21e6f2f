/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/catalog/iam_action.h"
#include "escher/catalog/resource_type.h"
#include "escher/work/can_private.h"

/*
 * An action alone, "stop" or "ec2:StopInstances", where a resource was wanted: which ones it may
 * be asked about.
 */

enum {
    MOST_SHOWN = 10,
    MOST_TYPES_NAMED = 4
};

static bool fits(const char *const *actions, struct esc_str word)
{
    struct esc_list found;
    esc_list_init(&found, NULL);
    const bool fits = can_find_actions(actions, word, false, &found) > 0 ||
                      can_find_actions(actions, word, true, &found) > 0;
    esc_list_done(&found);
    return fits;
}

/* Those with such an action; borrowed. */
static void find_types(const struct esc_workbench *bench, struct esc_str word,
                       struct esc_list *types)
{
    for (size_t i = 0; i < esc_resource_type_count(); i++) {
        const struct esc_resource_type *type = esc_resource_type_at(i);
        const char *const *actions = work_actions_of(bench, type->name);
        if (fits(actions, word))
            esc_list_push(types, (void *)(uintptr_t)type);
        free((void *)(uintptr_t)actions);
    }
}

static void add_names(struct esc_buf *text, const struct esc_list *types)
{
    for (size_t i = 0; i < types->count && i < MOST_TYPES_NAMED; i++) {
        const struct esc_resource_type *type = esc_list_at(types, i);
        esc_buf_printf(text, "%s%s", i ? ", " : "", type->name);
    }
    if (types->count > MOST_TYPES_NAMED)
        esc_buf_printf(text, " and %zu more types", types->count - MOST_TYPES_NAMED);
}

static enum esc_status find_rows(struct esc_api_call *call, const struct esc_list *types,
                                 struct esc_find_result *out, struct esc_error *err)
{
    struct esc_buf filter;
    esc_buf_init(&filter, ESC_MAX_LINE);
    for (size_t i = 0; i < types->count; i++) {
        const struct esc_resource_type *type = esc_list_at(types, i);
        esc_buf_printf(&filter, "%stype:%s", i ? " OR " : "", type->name);
    }
    const struct esc_find_query query = {.filter = esc_buf_str(&filter), .limit = MOST_SHOWN};
    const enum esc_status status = esc_find(call->bench->index, &query, out, err);
    esc_buf_done(&filter);
    return status;
}

static void answer(struct esc_api_call *call, const struct esc_list *types,
                   const struct esc_find_result *result)
{
    struct esc_error err;
    struct esc_buf rest;
    const char *word = work_text(call, "text");
    const enum esc_status status = result->count ? ESC_AMBIGUOUS : ESC_INVALID;
    esc_buf_init(&rest, ESC_MAX_LINE);
    esc_buf_add_text(&rest, types->count ? "; it is done to " : "");
    add_names(&rest, types);
    if (types->count)
        esc_buf_printf(&rest, ": %zu in the estate", result->total);
    (void)esc_fail(&err, status, "`%.60s` needs a resource: `escher can %.60s NAME`%s", word, word,
                   esc_buf_text(&rest));
    struct esc_json *body = work_failure(&err), *choices = esc_json_array();
    for (size_t i = 0; i < result->count; i++)
        esc_json_push(choices, work_hit(call->bench, &result->hits[i]));
    esc_json_set(body, "choices", choices);
    esc_buf_done(&rest);
    work_done(call, status, body);
}

static bool take_for_action(struct esc_api_call *call)
{
    struct esc_list types;
    struct esc_find_result result = {0};
    struct esc_error err;
    const struct esc_str word = esc_str_of(work_text(call, "text"));
    esc_list_init(&types, NULL);
    find_types(call->bench, word, &types);
    ESC_CLEANUP(esc_freep) char *listed = NULL;
    const bool is_action =
        types.count > 0 || esc_iam_action_spelling(word, &listed) == ESC_IAM_ACTION_LISTED;
    if (types.count && find_rows(call, &types, &result, &err) != ESC_OK)
        work_fail(call, &err);
    else if (is_action)
        answer(call, &types, &result);
    esc_find_result_done(&result);
    esc_list_done(&types);
    return is_action;
}

char *can_named(struct esc_api_call *call)
{
    return work_named_or(call, work_text(call, "action") ? NULL : take_for_action);
}
