/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/policy_reader.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/loop/timer.h"
#include "escher/scan/policy_reader_private.h"

static void pump(void *context);

static void task_free(void *item)
{
    struct policy_task *task = item;
    free(task->name);
    free(task->detail);
    free(task->label);
    free(task);
}

struct policy_task *policy_ask(struct esc_policy_reader *reader, const struct policy_step *step,
                               enum policy_layer layer, const char *name, const char *detail)
{
    struct policy_task *task = esc_alloc_zero(sizeof *task);
    task->reader = reader;
    task->step = step;
    task->layer = layer;
    task->name = esc_strdup_null(name);
    task->detail = esc_strdup_null(detail);
    esc_list_push(&reader->waiting, task);
    return task;
}

void policy_mark_unread(struct esc_policy_reader *reader, enum policy_layer layer, const char *why)
{
    if (layer != POLICY_ORGANISATION) {
        if (!reader->unread[layer])
            reader->unread[layer] = esc_strdup(why);
        return;
    }
    struct esc_json *organisation = esc_json_object();
    esc_json_set_text(organisation, "state", "unread");
    esc_json_set_text(organisation, "why", why);
    esc_json_set(reader->set, "organisation", organisation);
}

/* sts:GetCallerIdentity needs no permission, and is named all the same. */
const char *const esc_policy_reader_actions[] = {
    "iam:GetGroupPolicy",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:GetUser",
    "iam:GetUserPolicy",
    "iam:ListAttachedGroupPolicies",
    "iam:ListAttachedRolePolicies",
    "iam:ListAttachedUserPolicies",
    "iam:ListGroupPolicies",
    "iam:ListGroupsForUser",
    "iam:ListRolePolicies",
    "iam:ListUserPolicies",
    "iam:SimulatePrincipalPolicy",
    "organizations:DescribeOrganization",
    "sts:GetCallerIdentity",
    NULL,
};

const char *const esc_policy_tree_actions[] = {
    "organizations:DescribePolicy",
    "organizations:ListParents",
    "organizations:ListPoliciesForTarget",
    NULL,
};

/* Failures. */

static void note_refusal(const struct policy_task *task, const struct esc_scan_answer *answer)
{
    struct esc_json *refusal = esc_json_object();
    esc_json_set_text(refusal, "action", task->step->action);
    esc_json_set_text(refusal, "code", answer->code ? answer->code : "");
    esc_json_set_text(refusal, "message", answer->message ? answer->message : "");
    esc_json_push(esc_json_get_mutable(task->reader->set, "refused"), refusal);
}

static void take_failure(struct policy_task *task, const struct esc_scan_answer *answer)
{
    struct esc_policy_reader *reader = task->reader;
    if (reader->options.members) {
        note_refusal(task, answer);
        policy_tree_fail(task);
        return;
    }
    if (task->step == &policy_try_organisation)
        return;
    if (task->layer == POLICY_ORGANISATION && policy_take_no_organisation(reader, answer->code))
        return;
    note_refusal(task, answer);
    ESC_CLEANUP(esc_freep)
    char *why = esc_sprintf("%s: %s", task->step->action,
                            answer->code && *answer->code ? answer->code : "no answer");
    policy_mark_unread(reader, task->layer, why);
    if (task->step == &policy_get_identity) {
        policy_mark_unread(reader, POLICY_BOUNDARY, why);
        policy_mark_unread(reader, POLICY_ORGANISATION, why);
    }
}

/* Calls. */

static void wait_is_over(void *context)
{
    struct policy_task *task = context;
    struct esc_policy_reader *reader = task->reader;
    task->timer = NULL;
    (void)esc_list_drop(&reader->active, task);
    esc_list_push(&reader->waiting, task);
    pump(reader);
}

static bool may_retry(const struct policy_task *task, const struct esc_scan_answer *answer)
{
    return !task->reader->cancelled && !answer->final &&
           esc_error_category_may_retry(answer->category) &&
           task->attempt < task->reader->options.max_attempts;
}

static void on_answer(void *token, const struct esc_scan_answer *answer)
{
    struct policy_task *task = token;
    struct esc_policy_reader *reader = task->reader;
    if (answer->more) { /* each page speaks for itself, and the last one ends the task */
        if (!reader->cancelled)
            task->step->take(task, answer->output);
        return;
    }
    task->handle = NULL;
    if (may_retry(task, answer)) {
        const uint64_t wait_ms =
            esc_backoff_ms(&reader->options.backoff, task->attempt - 1, reader->options.random);
        task->timer = esc_timer_start(reader->loop, wait_ms, wait_is_over, task);
        return;
    }
    (void)esc_list_drop(&reader->active, task);
    if (reader->cancelled)
        ; /* nobody wants it any more */
    else if (answer->category == ESC_CATEGORY_NONE)
        task->step->take(task, answer->output);
    else
        take_failure(task, answer);
    task_free(task);
    pump(reader);
}

static struct esc_json *params_of(const struct policy_task *task)
{
    struct esc_json *params = esc_json_object();
    if (task->step->name_member)
        esc_json_set_text(params, task->step->name_member, task->name);
    if (task->step->detail_member)
        esc_json_set_text(params, task->step->detail_member, task->detail);
    return params;
}

static void start(struct esc_policy_reader *reader, struct policy_task *task)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = params_of(task);
    const struct esc_scan_call call = {
        .account = reader->options.account,
        .region = reader->options.region,
        .operation = esc_operation_find(task->step->service, task->step->operation),
        .params = params,
    };
    ESC_ASSERT(call.operation); /* the table of operations has what we read */
    task->attempt++;
    reader->calls++;
    esc_list_push(&reader->active, task);
    task->handle = reader->options.call(reader->options.context, &call, on_answer, task);
}

/* The end. */

static int by_label(const void *a, const void *b)
{
    return strcmp(esc_json_str(a, "label", ""), esc_json_str(b, "label", ""));
}

/* Sorted, so that equal policies make equal documents, whatever was answered first. */
static struct esc_json *layer_of(struct esc_policy_reader *reader, enum policy_layer layer)
{
    struct esc_json *json = esc_json_object(), *policies = esc_json_array();
    esc_list_sort(&reader->policies[layer], by_label);
    for (size_t i = 0; i < reader->policies[layer].count; i++)
        esc_json_push(policies, esc_json_ref(esc_list_at(&reader->policies[layer], i)));
    esc_json_set(json, "policies", policies);
    if (reader->unread[layer])
        esc_json_set_text(json, "unread", reader->unread[layer]);
    return json;
}

static struct esc_json *conclude(struct esc_policy_reader *reader)
{
    esc_json_set_time(reader->set, "read_at", esc_clock_wall_ms(reader->options.clock));
    esc_json_set_int(reader->set, "calls", reader->calls);
    if (reader->options.members)
        return ESC_STEAL(reader->set);
    esc_json_set(reader->set, "identity", layer_of(reader, POLICY_IDENTITY));
    if (reader->policies[POLICY_BOUNDARY].count || reader->unread[POLICY_BOUNDARY])
        esc_json_set(reader->set, "boundary", layer_of(reader, POLICY_BOUNDARY));
    return ESC_STEAL(reader->set);
}

static void finish(struct esc_policy_reader *reader)
{
    const struct esc_policy_reader_options options = reader->options;
    struct esc_json *set = reader->cancelled ? NULL : conclude(reader);
    for (size_t i = 0; i < POLICY_ORGANISATION; i++) {
        esc_list_done(&reader->policies[i]);
        free(reader->unread[i]);
    }
    esc_list_done(&reader->waiting);
    esc_list_done(&reader->active);
    esc_map_free(reader->asked);
    esc_json_free(reader->set);
    esc_caller_arn_done(&reader->caller);
    free(reader);
    options.done(options.context, set);
}

/* Starts what may start; ends the reader after the last task. */
static void pump(void *context)
{
    struct esc_policy_reader *reader = context;
    while (!reader->cancelled && reader->waiting.count &&
           reader->active.count < reader->options.workers)
        start(reader, esc_list_remove(&reader->waiting, 0));
    if (!reader->posted && reader->active.count == 0)
        finish(reader);
}

static void pump_posted(void *context)
{
    struct esc_policy_reader *reader = context;
    reader->posted = false;
    pump(reader);
}

static void pump_later(struct esc_policy_reader *reader)
{
    if (!reader->posted)
        esc_loop_post(reader->loop, pump_posted, reader);
    reader->posted = true;
}

static void begin_caller(struct esc_policy_reader *reader)
{
    const struct esc_account *account = reader->options.account;
    struct esc_json *caller = esc_json_object();
    esc_json_set_text(reader->set, "account_id", account->id);
    if (account->emulator)
        esc_json_set_bool(reader->set, "emulator", true);
    esc_json_set_text(caller, "kind", "unknown");
    esc_json_set(reader->set, "caller", caller);
    policy_ask(reader, &policy_get_identity, POLICY_IDENTITY, NULL, NULL);
}

struct esc_policy_reader *esc_policy_reader_start(struct esc_loop *loop,
                                                  const struct esc_policy_reader_options *options)
{
    ESC_ASSERT(options->workers > 0 && options->max_attempts > 0 && options->account);
    struct esc_policy_reader *reader = esc_alloc_zero(sizeof *reader);
    reader->loop = loop;
    reader->options = *options;
    reader->asked = esc_map_new(NULL);
    reader->set = esc_json_object();
    esc_list_init(&reader->waiting, task_free);
    esc_list_init(&reader->active, NULL);
    for (size_t i = 0; i < POLICY_ORGANISATION; i++)
        esc_list_init(&reader->policies[i], esc_json_free_item);
    esc_json_set(reader->set, "refused", esc_json_array());
    if (options->members)
        policy_tree_begin(reader);
    else
        begin_caller(reader);
    pump_later(reader);
    return reader;
}

void esc_policy_reader_cancel(struct esc_policy_reader *reader)
{
    reader->cancelled = true;
    for (size_t i = reader->active.count; i > 0; i--) {
        struct policy_task *task = esc_list_at(&reader->active, i - 1);
        if (task->timer) {
            esc_timer_stop(&task->timer);
            (void)esc_list_drop(&reader->active, task);
            task_free(task);
        } else if (task->handle && reader->options.cancel_call) {
            reader->options.cancel_call(reader->options.context, task->handle);
        }
    }
    pump_later(reader);
}
