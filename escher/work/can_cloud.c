/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/scan/caller.h"
#include "escher/work/can_private.h"
#include "escher/work/dry_run.h"
#include "escher/work/permission_probe.h"

/* Asking the cloud what may be done: its simulator, and EC2 by a dry run. */

static void fail(struct can_asking *asking, const struct esc_error *err)
{
    struct esc_api_call *call = asking->call;
    can_free(asking);
    work_fail(call, err);
}

/* NULL: it is gone. Looked up for each call, since it may go between two. */
static const struct esc_account *account_of(const struct can_asking *asking, struct esc_error *err)
{
    const char *id = asking->resource->account_id;
    const struct esc_account *account = work_account_find(asking->call->bench, id);
    if (!account)
        (void)esc_fail(err, ESC_NOT_FOUND, "no account `%s`", id);
    return account;
}

/* Whose policies were read: a member of what is known of the caller. NULL: nothing is. */
static const char *known_caller(const struct can_asking *asking, const char *member)
{
    return esc_json_str(asking->permit ? work_permit_document(asking->permit) : NULL, member, NULL);
}

typedef enum esc_status start_fn(struct can_asking *asking, struct esc_error *err);

static void ask_cloud(struct esc_api_call *call, start_fn *start)
{
    struct esc_error err;
    ESC_CLEANUP(esc_freep) char *id = can_named(call);
    struct can_asking *asking = id ? can_begin(call, id) : NULL;
    if (asking && start(asking, &err) != ESC_OK)
        fail(asking, &err);
}

/* ---- the simulator, beside our own answer ---- */

static void add_simulated(const struct esc_json *output, struct esc_json *body)
{
    struct esc_json *pages = esc_json_get_mutable(body, "actions");
    for (size_t i = 0; i < esc_json_len(pages); i++) {
        ESC_CLEANUP(esc_freep) char *path = esc_sprintf("[%zu]", i);
        struct esc_json *page = esc_json_get_mutable(pages, path);
        struct esc_json *verdict = work_probe_verdict(output, esc_json_str(page, "action", ""));
        const char *ours = esc_json_str(page, "verdict", "");
        const bool agrees = esc_text_equal(ours, esc_json_str(verdict, "verdict", ""));
        const bool decided = esc_text_equal(ours, "allowed") || esc_text_equal(ours, "denied");
        if (verdict && decided)
            esc_json_set_bool(page, "agrees", agrees);
        esc_json_set(page, "simulated", verdict);
    }
}

static void simulated(void *context, const struct work_cloud_result *result,
                      const struct esc_error *failure)
{
    struct can_asking *asking = context;
    struct esc_api_call *call = asking->call;
    struct esc_error err = {0};
    if (!result)
        err = *failure;
    else if (result->category != ESC_CATEGORY_NONE)
        (void)esc_fail(&err, esc_error_category_status(result->category), "the simulator: %s",
                       result->error_message ? result->error_message : "no answer");
    if (err.status != ESC_OK) {
        fail(asking, &err);
        return;
    }
    struct esc_json *body = can_page(asking);
    add_simulated(result->output, body);
    can_free(asking);
    work_ok(call, body);
}

static void cancel(struct esc_api_call *call)
{
    work_cloud_cancel(((struct can_asking *)call->state)->cloud);
}

/* The simulator knows users, groups and roles. @source IAM API, SimulatePrincipalPolicy */
static enum esc_status say_whom(const struct can_asking *asking, struct esc_error *err)
{
    const char *kind = known_caller(asking, "caller.kind");
    if (esc_text_equal(kind, "root"))
        return esc_fail(err, ESC_INVALID,
                        "the simulator knows users and roles, not the root user, who has no "
                        "policies: give the account the keys of a user or a role, and sync");
    if (esc_text_equal(kind, "federated"))
        return esc_fail(err, ESC_INVALID,
                        "the simulator knows users and roles, not federated sessions: give the "
                        "account the keys of a user or a role, and sync");
    if (esc_text_equal(kind, "role"))
        return esc_fail(err, ESC_NOT_FOUND,
                        "whom to ask about is not known: a session does not tell its role's path; "
                        "iam:GetRole does, and `escher sync` asks it");
    return esc_fail(err, ESC_NOT_FOUND,
                    "whom to ask about is not known: `escher sync` reads who is calling, and a "
                    "user's or a role's full name takes iam:GetUser or iam:GetRole");
}

static enum esc_status simulate(struct can_asking *asking, struct esc_error *err)
{
    struct esc_api_call *call = asking->call;
    const struct esc_account *account = account_of(asking, err);
    const char *principal = known_caller(asking, "caller.iam_arn");
    if (!account)
        return err->status;
    if (!principal)
        return say_whom(asking, err);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *params = work_probe_params(principal, asking->resource, can_actions(asking));
    const struct work_cloud_call cloud = {
        .account = account,
        .environment = call->environment,
        .operation = esc_operation_find("iam", "SimulatePrincipalPolicy"),
        .params = params,
        .region = esc_permit_region(asking->resource),
        .session_name = "escher-scan",
    };
    call->state = asking;
    call->cancel = cancel;
    asking->cloud = work_cloud_send(call->bench, &cloud, simulated, asking);
    return ESC_OK;
}

void work_can_simulate(struct esc_api_call *call)
{
    ask_cloud(call, simulate);
}

/*
 * ---- a dry run ----
 *
 * EC2 decides as if it were to do it, and does not. An emulator may not know that and do it: it is
 * first asked to do the same to something that is not there, and only one that says "it would
 * have" even then looks at the flag before anything else.
 *
 *     EC2       ───────────────────────────▶ dry run of the resource ─▶ answer
 *     emulator  ─▶ dry run of nothing ─ "it would have" ─▲   anything else: refused
 */

static void ran_dry(void *context, const struct work_cloud_result *result,
                    const struct esc_error *failure);

static enum esc_status send_dry(struct can_asking *asking, bool proving, struct esc_error *err)
{
    struct esc_api_call *call = asking->call;
    const struct esc_account *account = account_of(asking, err);
    if (!account)
        return err->status;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *params = work_dry_run_params(asking->action, asking->resource, proving);
    if (!params)
        return esc_fail(err, ESC_INVALID, "EC2 has no dry run of %s that its id alone makes up",
                        asking->action);
    ESC_ASSERT(esc_json_flag(params, "DryRun", false)); /* else it would be done */
    const struct work_cloud_call cloud = {
        .account = account,
        .environment = call->environment,
        .operation = work_dry_run_operation(asking->action),
        .params = params,
        .region = asking->resource->region,
        .session_name = "escher-scan",
    };
    asking->proving = proving;
    asking->cloud = work_cloud_send(call->bench, &cloud, ran_dry, asking);
    return ESC_OK;
}

/* What EC2 says is remembered as what it says to a run, when it was said to the same caller. */
static void learn(const struct can_asking *asking, const struct work_cloud_result *result,
                  bool is_allowed)
{
    struct esc_workbench *bench = asking->call->bench;
    const char *id = asking->resource->id;
    const char *known = known_caller(asking, "caller.arn");
    if (!known || !result->caller_arn || !esc_caller_is_same(known, result->caller_arn))
        return;
    if (is_allowed)
        work_permission_forget(bench, id, asking->action);
    else
        work_permission_remember(bench,
                                 &(struct permission_refusal){
                                     .account_id = asking->resource->account_id,
                                     .id = id,
                                     .action = asking->action,
                                     .message = result->error_message ? result->error_message : "",
                                     .step_action = asking->action,
                                     .step_id = id,
                                 });
}

static enum esc_status take_dry(struct can_asking *asking, const struct work_cloud_result *result,
                                struct esc_error *err)
{
    const bool would = esc_text_equal(result->error_code, WORK_DRY_RUN_WOULD);
    const bool refuses = result->category == ESC_CATEGORY_PERMISSION;
    if (asking->proving)
        return would ? send_dry(asking, false, err)
                     : esc_fail(err, ESC_INVALID,
                                "this emulator does not know dry runs and may do it: it was not "
                                "asked");
    if (!would && !refuses)
        return esc_fail(err, esc_error_category_status(result->category), "the dry run: %s",
                        result->error_message ? result->error_message : "no answer");
    learn(asking, result, would);
    struct esc_api_call *call = asking->call;
    struct esc_json *body = can_page(asking);
    work_dry_run_tell(would, result->error_message, esc_json_get_mutable(body, "actions[0]"));
    can_free(asking);
    work_ok(call, body);
    return ESC_OK;
}

static void ran_dry(void *context, const struct work_cloud_result *result,
                    const struct esc_error *failure)
{
    struct can_asking *asking = context;
    struct esc_error err = {0};
    if (!result)
        fail(asking, failure);
    else if (take_dry(asking, result, &err) != ESC_OK)
        fail(asking, &err);
}

static enum esc_status begin_dry(struct can_asking *asking, struct esc_error *err)
{
    struct esc_api_call *call = asking->call;
    if (!asking->action)
        return esc_fail(err, ESC_INVALID, "a dry run takes an action: ec2:StopInstances, say");
    const struct esc_account *account = account_of(asking, err);
    if (!account)
        return err->status;
    call->state = asking;
    call->cancel = cancel;
    return send_dry(asking, account->emulator, err);
}

void work_can_dry_run(struct esc_api_call *call)
{
    ask_cloud(call, begin_dry);
}
