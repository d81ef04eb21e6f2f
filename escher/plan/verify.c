/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/verify.h"

#include "escher/base/alloc.h"
#include "escher/model/arn.h"
#include "escher/plan/draft_private.h"
#include "escher/plan/plan_private.h"
#include "escher/plan/response.h"
#include "escher/plan/shape_private.h"

/* What is being compared; all borrowed but what derive() makes. */
struct claim {
    const struct esc_json *request, *response;
    const struct esc_plan_local *local;
    const struct esc_policy *policy;
    const struct esc_playbook *playbook;
    const struct esc_json *resource;
    struct esc_filled *filled;
};

static enum esc_status find_playbook(struct claim *claim, const struct esc_shelf *shelf,
                                     struct esc_error *err)
{
    const char *id = esc_json_str(claim->response, "playbook.id", "");
    const struct esc_playbook *playbook = esc_shelf_find(shelf, id);
    if (!playbook)
        return esc_fail(err, ESC_BLOCKED,
                        "the planner chose the playbook `%.80s`, which is not ours", id);
    if (!esc_text_equal(playbook->sha256, esc_json_str(claim->response, "playbook.sha256", "")) ||
        !esc_text_equal(playbook->version, esc_json_str(claim->response, "playbook.version", "")))
        return esc_fail(err, ESC_BLOCKED, "the planner's playbook `%s` is not the text of ours",
                        id);
    claim->playbook = playbook;
    return ESC_OK;
}

static bool is_ours(const struct claim *claim, struct esc_str account)
{
    const struct esc_json *accounts =
        claim->local->accounts ? claim->local->accounts
                               : esc_json_get(claim->request, "user_context.aws_accounts");
    for (size_t i = 0; i < esc_json_len(accounts); i++) {
        if (esc_str_equal(esc_json_value(esc_json_at(accounts, i)), account))
            return true;
    }
    return false;
}

/* The one resource of the request that is meant, which the person has named or picked. */
static enum esc_status find_target(struct claim *claim, struct esc_error *err)
{
    const struct esc_json *targets = esc_json_get(claim->response, "targets");
    const struct esc_json *resources = esc_json_get(claim->request, "identified_resources");
    const size_t count = targets ? esc_json_len(targets) : esc_json_len(resources);
    if (count != 1)
        return esc_fail(err, ESC_BLOCKED,
                        "a plan is about one resource, the planner's is about %zu", count);
    const struct esc_json *resource =
        targets ? plan_resource(claim->request, esc_json_str(targets, "[0]", ""))
                : esc_json_at(resources, 0);
    if (!resource)
        return esc_fail(err, ESC_BLOCKED,
                        "the planner names a resource that it was not asked about");
    if (!esc_json_member(resource, "mention") && !esc_json_flag(resource, "picked", false))
        return esc_fail(err, ESC_BLOCKED, "the resource was neither named nor picked");
    const char *account = esc_json_str(resource, "account_id", "");
    if (!is_ours(claim, esc_str_of(account)))
        return esc_fail(err, ESC_BLOCKED,
                        "the account %.40s is none of yours; `escher accounts add` adds one",
                        account);
    claim->resource = resource;
    return ESC_OK;
}

static enum esc_status derive(struct claim *claim, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *facts = NULL;
    enum esc_status status = plan_facts(claim->playbook, claim->request, claim->resource,
                                        esc_json_get(claim->response, "parameters"), &facts, err);
    if (status != ESC_OK)
        return status;
    struct esc_error why;
    if (esc_fill(claim->playbook, facts, &claim->filled, &why) != ESC_OK)
        return esc_fail(err, ESC_BLOCKED, "our playbook makes no plan of this: %s", why.message);
    return ESC_OK;
}

/* Comparing, with the first difference named. */

static enum esc_status differ(struct esc_error *err, const char *what, const struct esc_json *ours,
                              const struct esc_json *theirs)
{
    ESC_CLEANUP(esc_freep)
    char *own = ours ? esc_json_print(ours, ESC_JSON_COMPACT) : esc_strdup("nothing");
    ESC_CLEANUP(esc_freep)
    char *other = theirs ? esc_json_print(theirs, ESC_JSON_COMPACT) : esc_strdup("nothing");
    return esc_fail(err, ESC_BLOCKED, "%s: the planner says %.70s, our playbook says %.70s", what,
                    other, own);
}

static enum esc_status compare_args(const char *step_id, const struct esc_json *ours,
                                    const struct esc_json *theirs, struct esc_error *err)
{
    const size_t most =
        esc_json_len(ours) > esc_json_len(theirs) ? esc_json_len(ours) : esc_json_len(theirs);
    for (size_t i = 0; i < most; i++) {
        const struct esc_json *own = esc_json_at(ours, i), *other = esc_json_at(theirs, i);
        if (!own || !other || !esc_json_equal(own, other)) {
            ESC_CLEANUP(esc_freep)
            char *what = esc_sprintf("step %.40s, argument %zu", step_id, i + 1);
            return differ(err, what, own, other);
        }
    }
    return ESC_OK;
}

static enum esc_status compare_step(const struct esc_json *ours, const struct esc_json *theirs,
                                    struct esc_error *err)
{
    static const char *const members[] = {"step_id", "command", "mutates", "timeout_s"};
    const char *step_id = esc_json_str(ours, "step_id", "");
    for (size_t i = 0; i < ESC_COUNT(members); i++) {
        const struct esc_json *own = esc_json_member(ours, members[i]);
        const struct esc_json *other = esc_json_member(theirs, members[i]);
        if (!esc_json_equal(own, other)) {
            ESC_CLEANUP(esc_freep) char *what = esc_sprintf("step %.40s, %s", step_id, members[i]);
            return differ(err, what, own, other);
        }
    }
    return compare_args(step_id, esc_json_get(ours, "args"), esc_json_get(theirs, "args"), err);
}

static enum esc_status compare_script(const struct claim *claim, struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *ours = esc_fill_script(claim->filled);
    const struct esc_json *theirs = esc_json_get(claim->response, "script.steps");
    if (esc_json_len(ours) != esc_json_len(theirs))
        return esc_fail(err, ESC_BLOCKED, "the planner's script has %zu steps, our playbook's %zu",
                        esc_json_len(theirs), esc_json_len(ours));
    enum esc_status status = ESC_OK;
    for (size_t i = 0; status == ESC_OK && i < esc_json_len(ours); i++)
        status = compare_step(esc_json_at(ours, i), esc_json_at(theirs, i), err);
    return status;
}

/* What the planner says it does must be what the playbook does. */
static enum esc_status compare_operation(const struct claim *claim, struct esc_error *err)
{
    const struct esc_operation *ours = esc_playbook_operation(claim->playbook);
    const char *service = esc_json_str(claim->response, "classification.service", ours->service);
    const char *name = esc_json_str(claim->response, "classification.operation", ours->operation);
    if (!esc_text_equal(service, ours->service) || !esc_text_equal(name, ours->operation))
        return esc_fail(err, ESC_BLOCKED,
                        "the planner speaks of %.40s %.60s, our playbook is about %s %s", service,
                        name, ours->service, ours->operation);
    return ESC_OK;
}

static enum esc_status compare(const struct claim *claim, struct esc_error *err)
{
    enum esc_status status = compare_operation(claim, err);
    if (status == ESC_OK)
        status = compare_script(claim, err);
    if (status != ESC_OK)
        return status;
    const struct esc_json *theirs = esc_json_get(claim->response, "parameters");
    if (!esc_json_equal(claim->filled->parameters, theirs))
        return differ(err, "parameters", claim->filled->parameters, theirs);
    if (esc_json_flag(claim->response, "approval_required", false) !=
        esc_playbook_mutates(claim->playbook))
        return esc_fail(err, ESC_BLOCKED, "the planner is wrong about whether approval is needed");
    return ESC_OK;
}

/* Each call of the filled playbook that will be run, the undo left out; NULL after the last. */
static const struct esc_filled_call *call_at(const struct esc_filled *filled, size_t index)
{
    const struct esc_playbook *playbook = filled->playbook;
    if (index < playbook->step_count)
        return &filled->steps[index].call;
    index -= playbook->step_count;
    if (index < playbook->step_count)
        return &filled->steps[index].probe;
    index -= playbook->step_count;
    if (index < playbook->capture_count)
        return &filled->captures[index];
    index -= playbook->capture_count;
    return index < playbook->verify_count ? &filled->verify[index] : NULL;
}

/* Nobody else's account may stand in a call, alone or in an ARN. */
static enum esc_status check_owner(const struct claim *claim, const struct esc_json *value,
                                   struct esc_error *err)
{
    void *position = NULL;
    const char *key;
    const struct esc_json *member;
    struct esc_arn arn = {.account = plan_is_account(value) ? esc_json_value(value) : ESC_STR("")};
    (void)esc_arn_parse(esc_json_value(value), &arn); /* most values are none */
    if (arn.account.len > 0 && !esc_str_is(arn.account, "aws") && !is_ours(claim, arn.account))
        return esc_fail(err, ESC_BLOCKED, "a step names the account %.*s, which is none of yours",
                        arn.account.len < 40 ? (int)arn.account.len : 40, arn.account.ptr);
    enum esc_status status = ESC_OK;
    while (status == ESC_OK && esc_json_next(value, &position, &key, &member))
        status = check_owner(claim, member, err);
    for (size_t i = 0;
         status == ESC_OK && esc_json_is(value, ESC_JSON_ARRAY) && i < esc_json_len(value); i++)
        status = check_owner(claim, esc_json_at(value, i), err);
    return status;
}

static bool permits(const struct esc_policy *policy, const struct esc_operation *operation)
{
    if (operation->risk <= policy->max_class)
        return true;
    return operation->risk == ESC_RISK_PRIVILEGE && policy->privilege_from_playbook &&
           policy->max_class >= ESC_RISK_WRITE;
}

static enum esc_status check_call(const struct claim *claim, const struct esc_filled_call *call,
                                  struct esc_error *err)
{
    if (!call->operation)
        return ESC_OK;
    if (call->open)
        return esc_fail(err, ESC_BLOCKED, "a value of %s is not known", call->operation->operation);
    if (!permits(claim->policy, call->operation))
        return esc_fail(err, ESC_BLOCKED, "the policy allows no operation of the class %s",
                        esc_operation_risk_text(call->operation->risk));
    return check_owner(claim, call->params, err);
}

static enum esc_status check_policy(const struct claim *claim, struct esc_error *err)
{
    if (claim->playbook->step_count > claim->policy->max_steps || claim->policy->max_targets < 1)
        return esc_fail(err, ESC_BLOCKED, "the policy allows %u steps and %u targets",
                        claim->policy->max_steps, claim->policy->max_targets);
    enum esc_status status = ESC_OK;
    const struct esc_filled_call *call;
    for (size_t i = 0; status == ESC_OK && (call = call_at(claim->filled, i)) != NULL; i++)
        status = check_call(claim, call, err);
    return status;
}

static enum esc_status bind(const struct claim *claim, struct esc_error *err)
{
    if (claim->filled->bound)
        return ESC_OK;
    if (!claim->local->nonce)
        return esc_fail(err, ESC_INVALID, "a name needs a nonce, and there is none");
    return esc_fill_bind(claim->filled, claim->local->now_ms, claim->local->nonce, err);
}

static enum esc_status write_draft(const struct claim *claim, bool was_bound,
                                   struct esc_json **plan, struct esc_error *err)
{
    const struct plan_draft draft = {
        .filled = claim->filled,
        .policy = claim->policy,
        .planner_level = esc_json_str(claim->response, "risk_assessment.level", "high"),
        .cli_version = claim->local->cli_version,
        .bound_at_ms = was_bound ? claim->local->now_ms : 0,
        .nonce = was_bound ? claim->local->nonce : NULL};
    ESC_CLEANUP(esc_json_freep) struct esc_json *written = plan_draft_to_json(&draft);
    const enum esc_status status = esc_plan_check(written, err);
    if (status == ESC_OK)
        *plan = ESC_STEAL(written);
    return status;
}

static enum esc_status judge_claim(struct claim *claim, const struct esc_shelf *shelf,
                                   struct esc_json **plan, struct esc_error *err)
{
    enum esc_status status = find_playbook(claim, shelf, err);
    if (status == ESC_OK)
        status = find_target(claim, err);
    if (status == ESC_OK)
        status = derive(claim, err);
    if (status == ESC_OK)
        status = compare(claim, err);
    const bool needs_binding = status == ESC_OK && !claim->filled->bound;
    if (status == ESC_OK)
        status = bind(claim, err);
    if (status == ESC_OK)
        status = check_policy(claim, err);
    return status == ESC_OK ? write_draft(claim, needs_binding, plan, err) : status;
}

enum esc_status esc_plan_verify(const struct esc_shelf *shelf, const struct esc_json *request,
                                struct esc_str response, const struct esc_plan_local *local,
                                struct esc_json **plan, struct esc_error *err)
{
    const struct esc_policy usual = esc_policy_default();
    enum esc_response_kind kind;
    ESC_CLEANUP(esc_json_freep) struct esc_json *read = NULL;
    enum esc_status status = esc_response_read(response, &kind, &read, err);
    if (status != ESC_OK)
        return status;
    if (kind != ESC_RESPONSE_PLAN)
        return esc_fail(err, ESC_BLOCKED, "the planner's answer is no plan but a %s",
                        esc_response_kind_text(kind));
    struct claim claim = {.request = request,
                          .response = read,
                          .local = local,
                          .policy = local->policy ? local->policy : &usual};
    status = judge_claim(&claim, shelf, plan, err);
    esc_filled_free(claim.filled);
    return status;
}
