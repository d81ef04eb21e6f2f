/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/catalog/iam_action.h"
#include "escher/model/arn.h"
#include "escher/model/partition.h"
#include "escher/scan/read_policy.h"
#include "escher/work/can_private.h"

/*
 * What the caller may do with one resource, and why: from what the last sync has read, or, for
 * comparison, from AWS's simulator as well.
 */

/* The action a person names: "rds:StopDBInstance", "StopDBInstance", or how one of the resource's
 * actions begins, "stop". */

static const char *name_of(const char *action)
{
    const struct esc_str text = esc_str_of(action);
    const size_t colon = esc_str_find(text, ESC_STR(":"), 0);
    return colon == SIZE_MAX ? action : action + colon + 1;
}

static bool begins_with(const char *name, struct esc_str words)
{
    const struct esc_str text = esc_str_of(name);
    return text.len > words.len && esc_str_equal_nocase(esc_str_slice(text, 0, words.len), words) &&
           !esc_is_lower(text.ptr[words.len]);
}

size_t can_find_actions(const char *const *actions, struct esc_str word, bool begins,
                        struct esc_list *found)
{
    esc_list_clear(found);
    for (size_t i = 0; actions[i]; i++) {
        const char *name = name_of(actions[i]);
        if (begins ? begins_with(name, word)
                   : esc_str_equal_nocase(esc_str_of(name), word) ||
                         esc_str_equal_nocase(esc_str_of(actions[i]), word))
            esc_list_push(found, (void *)(uintptr_t)actions[i]);
    }
    return found->count;
}

static void add_names(struct esc_buf *text, void *const *actions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        esc_buf_printf(text, "%s%s", i ? ", " : "", (const char *)actions[i]);
}

/* "svc:Name" that is none of the resource's: it may be asked all the same. */
static bool is_action(struct esc_str word)
{
    const size_t colon = esc_str_find(word, ESC_STR(":"), 0);
    if (colon == SIZE_MAX || colon == 0 || colon + 1 == word.len || word.len > 128)
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (i != colon && !esc_is_alnum(word.ptr[i]) && word.ptr[i] != '-')
            return false;
    return true;
}

/* One that is none of the resource's own: as the cloud spells it, when it is done to such. */
static enum esc_status name_other(const struct esc_resource *resource, const char *typed,
                                  char **out, struct esc_error *err)
{
    ESC_CLEANUP(esc_freep) char *listed = NULL;
    const struct esc_str word = esc_str_of(typed);
    const enum esc_iam_action_spelling spelling = esc_iam_action_spelling(word, &listed);
    if (spelling == ESC_IAM_ACTION_MISSPELT)
        return esc_fail(err, ESC_INVALID, "%.*s has no action `%.60s`%s%s%s",
                        (int)esc_str_find(word, ESC_STR(":"), 0), typed, name_of(typed),
                        listed ? "; did you mean " : "", listed ? listed : "", listed ? "?" : "");
    const struct esc_iam_action *known = esc_iam_action_find(word);
    const struct esc_iam_place place = {
        .arn = resource->arn ? resource->arn : "",
        .partition = esc_partition_of_region(esc_str_of(esc_permit_region(resource))),
        .region = esc_permit_region(resource),
        .account_id = resource->account_id,
    };
    if (known && !esc_iam_action_is_done_to(known, &place))
        return esc_fail(err, ESC_INVALID, "%s is not done to resources of the type %s", known->name,
                        resource->resource_type);
    *out = listed ? ESC_STEAL(listed) : esc_strdup(typed);
    return ESC_OK;
}

static enum esc_status name_action(const struct can_asking *asking, const char *typed, char **out,
                                   struct esc_error *err)
{
    const char *const *actions = asking->actions;
    struct esc_list found;
    struct esc_buf names;
    enum esc_status status = ESC_OK;
    const struct esc_str word = esc_str_of(typed);
    esc_list_init(&found, NULL);
    esc_buf_init(&names, ESC_MAX_LINE);
    if (can_find_actions(actions, word, false, &found) == 0 && !is_action(word))
        (void)can_find_actions(actions, word, true, &found); /* counted below */
    if (found.count > 1) {
        add_names(&names, found.items, found.count);
        status = esc_fail(err, ESC_AMBIGUOUS, "`%.60s` may be %.150s", typed, esc_buf_text(&names));
    } else if (found.count == 0 && !is_action(word)) {
        status = esc_fail(err, ESC_NOT_FOUND,
                          "`%.60s` is no action of it; without an action `escher can` lists them",
                          typed);
    } else if (found.count == 0) {
        status = name_other(asking->resource, typed, out, err);
    } else {
        *out = esc_strdup(found.items[0]);
    }
    esc_buf_done(&names);
    esc_list_done(&found);
    return status;
}

/* Pages. */

static struct esc_json *never_read(const char *action)
{
    struct esc_json *page = esc_json_object();
    esc_json_set_text(page, "action", action);
    esc_json_set_text(page, "verdict", esc_permission_text(ESC_PERMISSION_UNKNOWN));
    esc_json_set_bool(page, "explicit", false);
    esc_json_set_text(page, "source", "local");
    esc_json_set_text(page, "sentence", "the policies of this account have not been read");
    esc_json_set_text(page, "why", "`escher sync` reads them");
    return page;
}

void can_free(struct can_asking *asking)
{
    esc_resource_free(asking->resource);
    work_permit_free(asking->permit);
    free((void *)(uintptr_t)asking->actions);
    free(asking->action);
    free(asking);
}

const char *const *can_actions(const struct can_asking *asking)
{
    return asking->action ? asking->asked : asking->actions;
}

static void add_source(const struct can_asking *asking, struct esc_json *body)
{
    const struct esc_json *document = work_permit_document(asking->permit);
    const char *at = esc_json_str(document, "read_at", "");
    esc_json_set_text(body, "principal", esc_json_str(document, "caller.arn", ""));
    esc_json_set_text(body, "organisation", esc_json_str(document, "organisation.state", "unread"));
    esc_json_set_text(body, "read_at", at);
    work_add_age(asking->call->bench, body, at);
}

struct esc_json *can_page(const struct can_asking *asking)
{
    struct esc_json *body = esc_json_object(), *pages = esc_json_array();
    const char *const *actions = can_actions(asking);
    work_set_resource(body, asking->resource);
    for (size_t i = 0; actions[i]; i++)
        esc_json_push(pages, asking->permit
                                 ? work_permit_explain(asking->permit, asking->resource, actions[i])
                                 : never_read(actions[i]));
    if (asking->permit)
        add_source(asking, body);
    esc_json_set(body, "actions", pages);
    return body;
}

static enum esc_status open_asking(struct can_asking *asking, const char *id, struct esc_error *err)
{
    struct esc_workbench *bench = asking->call->bench;
    const char *typed = work_text(asking->call, "action");
    enum esc_status status = work_resource(bench, id, &asking->resource, err);
    if (status != ESC_OK)
        return status;
    asking->permit = work_permit_new(bench, asking->resource->account_id, NULL);
    asking->actions = work_actions_of(bench, asking->resource->resource_type);
    if (typed)
        status = name_action(asking, typed, &asking->action, err);
    asking->asked[0] = asking->action;
    return status;
}

struct can_asking *can_begin(struct esc_api_call *call, const char *id)
{
    struct esc_error err;
    struct can_asking *asking = esc_alloc_zero(sizeof *asking);
    asking->call = call;
    if (open_asking(asking, id, &err) == ESC_OK)
        return asking;
    can_free(asking);
    work_fail(call, &err);
    return NULL;
}

static void answer(struct can_asking *asking)
{
    struct esc_api_call *call = asking->call;
    struct esc_json *body = can_page(asking);
    can_free(asking);
    work_ok(call, body);
}

void work_can(struct esc_api_call *call)
{
    ESC_CLEANUP(esc_freep) char *id = can_named(call);
    struct can_asking *asking = id ? can_begin(call, id) : NULL;
    if (asking)
        answer(asking);
}

void work_permissions_show(struct esc_api_call *call)
{
    struct can_asking *asking = can_begin(call, call->subject);
    if (asking)
        answer(asking);
}

/* The policy a scan needs. */

void work_accounts_policy(struct esc_api_call *call)
{
    const char *service = work_text(call, "service");
    const char *const services[] = {service, NULL};
    const bool organization = esc_json_flag(call->args, "organization", false);
    struct esc_json *documents = NULL;
    struct esc_error err;
    if (esc_read_policies(service ? services : NULL,
                          organization ? ESC_READ_ORGANIZATION : ESC_READ_PERMISSIONS,
                          ESC_MANAGED_POLICY_CHARS, &documents, &err) != ESC_OK) {
        work_fail(call, &err);
        return;
    }
    struct esc_json *body = esc_json_object();
    esc_json_set(body, "policies", documents);
    work_ok(call, body);
}
