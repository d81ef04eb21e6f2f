/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/draft_private.h"

#include "escher/base/alloc.h"
#include "escher/plan/plan_private.h"
#include "escher/playbook/argv.h"

static void set_copy(struct esc_json *to, const char *name, const struct esc_json *value)
{
    if (value)
        esc_json_set(to, name, esc_json_copy(value));
}

static void add_call(const struct esc_filled *filled, const struct esc_filled_call *call,
                     struct esc_json *out)
{
    esc_json_set_text(out, "service", call->operation->service);
    esc_json_set_text(out, "operation", call->operation->operation);
    esc_json_set(out, "params", esc_json_copy(call->params));
    esc_json_set_text(out, "region", filled->region);
    esc_json_set_text(out, "account", filled->account_id);
}

static struct esc_json *probe_page(const struct esc_filled *filled, const struct esc_probe *probe,
                                   const struct esc_filled_call *call)
{
    struct esc_json *page = esc_json_object();
    add_call(filled, call, page);
    esc_json_set_text(page, "select", probe->select);
    set_copy(page, "missing", probe->missing);
    return page;
}

/* Whoever has no name is called by its identifier. */
static const char *name_of(const struct esc_filled *filled)
{
    const char *name = esc_json_str(filled->facts, "resource.name", "");
    return *name ? name : esc_json_str(filled->facts, "resource.identifier", "");
}

static struct esc_json *target_page(const struct esc_filled *filled)
{
    static const char *const members[] = {"id",         "arn",        "resource_type",
                                          "identifier", "account_id", "account_name",
                                          "region",     "environment"};
    struct esc_json *target = esc_json_object();
    const struct esc_json *resource = esc_json_member(filled->facts, "resource");
    for (size_t i = 0; i < ESC_COUNT(members); i++) {
        const struct esc_json *value = esc_json_member(resource, members[i]);
        if (esc_json_is(value, ESC_JSON_STRING)) /* null is as good as absent */
            set_copy(target, members[i], value);
    }
    esc_json_set_text(target, "name", name_of(filled));
    return target;
}

static void add_command(const struct esc_filled *filled, const struct esc_filled_call *call,
                        struct esc_json *page)
{
    ESC_CLEANUP(esc_freep) char *command = esc_argv_command(call->operation);
    esc_json_set_text(page, "command", command);
    esc_json_set(page, "args", esc_argv_args(call->operation, call->params, filled->region));
}

static void add_aws(const struct esc_filled *filled, const struct esc_filled_step *step,
                    struct esc_json *page)
{
    add_call(filled, &step->call, page);
    add_command(filled, &step->call, page);
    if (step->probe.operation) {
        struct esc_json *done_when = probe_page(filled, &step->step->outcome.probe, &step->probe);
        esc_json_set_text(done_when, "expect", esc_expression_text(step->step->outcome.expect));
        esc_json_set(page, "done_when", done_when);
    }
}

static void add_outcome(const struct esc_filled *filled, const struct esc_filled_step *step,
                        struct esc_json *page)
{
    const bool waits = step->step->kind == ESC_PLAYBOOK_WAIT;
    esc_json_set(page, "probe", probe_page(filled, &step->step->outcome.probe, &step->probe));
    esc_json_set_text(page, waits ? "until" : "expect",
                      esc_expression_text(step->step->outcome.expect));
    if (step->step->fail_if)
        esc_json_set_text(page, "fail_if", esc_expression_text(step->step->fail_if));
    if (waits)
        esc_json_set_int(page, "every_s", (int64_t)(step->step->every_ms / 1000));
}

static struct esc_json *step_page(const struct esc_filled *filled,
                                  const struct esc_filled_step *step)
{
    const struct esc_playbook_step *own = step->step;
    struct esc_json *page = esc_json_object();
    esc_json_set_text(page, "step_id", own->id);
    esc_json_set_text(page, "kind", esc_playbook_step_kind_text(own->kind));
    esc_json_set_text(page, "title", step->title);
    esc_json_set_bool(page, "mutates", own->mutates);
    esc_json_set_bool(page, "idempotent", own->idempotency == ESC_IDEMPOTENT_NATURAL);
    esc_json_set_int(page, "timeout_s", (int64_t)(own->timeout_ms / 1000));
    struct esc_json *needs = esc_json_array();
    for (size_t i = 0; i < own->need_count; i++)
        esc_json_push_text(needs, own->needs[i]);
    esc_json_set(page, "needs", needs);
    if (own->kind == ESC_PLAYBOOK_AWS) {
        esc_json_set(page, "retry", esc_retry_policy_to_json(&own->retry));
        add_aws(filled, step, page);
    } else if (own->kind == ESC_PLAYBOOK_APPROVE) {
        esc_json_set_text(page, "message", step->message);
    } else {
        add_outcome(filled, step, page);
    }
    return page;
}

static struct esc_json *captures_page(const struct esc_filled *filled)
{
    const struct esc_playbook *playbook = filled->playbook;
    struct esc_json *captures = esc_json_array();
    for (size_t i = 0; i < playbook->capture_count; i++) {
        struct esc_json *page =
            probe_page(filled, &playbook->captures[i].probe, &filled->captures[i]);
        esc_json_set_text(page, "name", playbook->captures[i].name);
        esc_json_push(captures, page);
    }
    return captures;
}

static struct esc_json *verification_page(const struct esc_filled *filled)
{
    const struct esc_playbook *playbook = filled->playbook;
    struct esc_json *verification = esc_json_array();
    for (size_t i = 0; i < playbook->verify_count; i++) {
        const struct esc_verification *own = &playbook->verify[i];
        struct esc_json *page = probe_page(filled, &own->outcome.probe, &filled->verify[i]);
        esc_json_set_text(page, "id", own->id);
        ESC_CLEANUP(esc_freep) char *title = esc_fill_text(filled, own->title);
        esc_json_set_text(page, "title", title);
        esc_json_set_text(page, "expect", esc_expression_text(own->outcome.expect));
        esc_json_set_int(page, "timeout_s", (int64_t)(own->timeout_ms / 1000));
        esc_json_push(verification, page);
    }
    return verification;
}

static bool destroys(const struct esc_playbook *playbook)
{
    for (size_t i = 0; i < playbook->step_count; i++) {
        const struct esc_operation *operation = playbook->steps[i].call.operation;
        if (operation && operation->risk == ESC_RISK_DESTROY)
            return true;
    }
    return false;
}

static const char *typed_because(const struct plan_draft *draft)
{
    const struct esc_playbook *playbook = draft->filled->playbook;
    if (!esc_playbook_mutates(playbook))
        return NULL;
    if (draft->policy->type_name_destructive && destroys(playbook))
        return "destructive";
    const bool production =
        plan_live_is_production(draft->filled) ||
        esc_text_equal(esc_json_str(draft->filled->facts, "resource.environment", ""),
                       "production");
    return draft->policy->type_name_production && production ? "production" : NULL;
}

static struct esc_json *approval_page(const struct plan_draft *draft)
{
    const struct esc_playbook *playbook = draft->filled->playbook;
    const struct esc_policy *policy = draft->policy;
    const char *because = typed_because(draft);
    struct esc_json *page = esc_json_object();
    esc_json_set_bool(page, "required", esc_playbook_mutates(playbook));
    if (because) {
        esc_json_set_text(page, "typed", name_of(draft->filled));
        esc_json_set_text(page, "typed_because", because);
    }
    const uint64_t ttl_ms =
        destroys(playbook) ? policy->approval_ttl_destructive_ms : policy->approval_ttl_ms;
    esc_json_set_int(page, "ttl_s", (int64_t)(ttl_ms / 1000));
    return page;
}

static struct esc_json *note_of(const struct esc_filled *filled, const char *text)
{
    ESC_CLEANUP(esc_freep) char *note = esc_fill_text(filled, text);
    return esc_json_text(note);
}

static struct esc_json *playbook_page(const struct esc_playbook *playbook)
{
    struct esc_json *page = esc_json_object();
    esc_json_set_text(page, "id", playbook->id);
    esc_json_set_text(page, "version", playbook->version);
    esc_json_set_text(page, "sha256", playbook->sha256);
    return page;
}

struct esc_json *plan_draft_to_json(const struct plan_draft *draft)
{
    const struct esc_filled *filled = draft->filled;
    struct esc_json *plan = esc_json_object();
    esc_json_set_int(plan, "v", 1);
    struct esc_json *targets = esc_json_array();
    esc_json_push(targets, target_page(filled));
    esc_json_set(plan, "targets", targets);
    esc_json_set(plan, "playbook", playbook_page(filled->playbook));
    esc_json_set(plan, "parameters", esc_json_copy(filled->parameters));
    if (draft->nonce) {
        struct esc_json *bound = esc_json_object();
        esc_json_set_int(bound, "at_ms", (int64_t)draft->bound_at_ms);
        esc_json_set_text(bound, "nonce", draft->nonce);
        esc_json_set(plan, "bound", bound);
    }
    esc_json_set(plan, "captures", captures_page(filled));
    struct esc_json *steps = esc_json_array();
    for (size_t i = 0; i < filled->playbook->step_count; i++)
        esc_json_push(steps, step_page(filled, &filled->steps[i]));
    esc_json_set(plan, "steps", steps);
    esc_json_set(plan, "verification", verification_page(filled));
    esc_json_set_text(plan, "planner_level", draft->planner_level);
    esc_json_set(plan, "approval", approval_page(draft));
    struct esc_json *notes = esc_json_array();
    for (size_t i = 0; i < filled->playbook->note_count; i++)
        esc_json_push(notes, note_of(filled, filled->playbook->notes[i]));
    esc_json_set(plan, "notes", notes);
    if (draft->cli_version)
        esc_json_set_text(plan, "cli_version", draft->cli_version);
    return plan;
}
