/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/judge.h"

#include "escher/base/alloc.h"
#include "escher/plan/plan_private.h"
#include "escher/plan/verify.h"

enum esc_status esc_plan_probe_value(const struct esc_json *probe, const struct esc_json *output,
                                     const char *error_code, struct esc_json **out,
                                     struct esc_error *err)
{
    const struct esc_json *missing = esc_json_get(probe, "missing");
    for (size_t i = 0; error_code && i < esc_json_len(missing); i++) {
        if (esc_text_equal(esc_json_str(esc_json_at(missing, i), "", ""), error_code)) {
            *out = esc_json_object();
            return ESC_OK;
        }
    }
    if (error_code)
        return esc_fail(err, ESC_NOT_FOUND, "%s: %.80s", esc_json_str(probe, "operation", "probe"),
                        error_code);
    const char *select = esc_json_str(probe, "select", "");
    if (!output && !*select) { /* the CLI writes nothing for an answer without members */
        *out = esc_json_object();
        return ESC_OK;
    }
    const struct esc_json *value = esc_json_get(output, select);
    if (!value)
        return esc_fail(err, ESC_NOT_FOUND, "%s: the cloud does not know it any more",
                        esc_json_str(probe, "operation", "probe"));
    *out = esc_json_copy(value);
    return ESC_OK;
}

/* Adds each capture the playbook has to the facts. */
static enum esc_status add_captures(const struct esc_playbook *playbook,
                                    const struct esc_json *captures, struct esc_json *facts,
                                    struct esc_error *err)
{
    for (size_t i = 0; i < playbook->capture_count; i++) {
        const char *name = playbook->captures[i].name;
        const struct esc_json *capture = esc_json_member(captures, name);
        if (!capture)
            return esc_fail(err, ESC_INVALID, "the capture `%s` is missing", name);
        esc_json_set(facts, name, esc_json_ref(capture));
    }
    return ESC_OK;
}

/* Our own playbook filled once more, with what the cloud said, and with the time and nonce the
 * plan was bound with. */
static enum esc_status refill(const struct esc_shelf *shelf, const struct esc_json *request,
                              const struct esc_json *plan, const struct esc_json *captures,
                              struct esc_filled **out, struct esc_error *err)
{
    const char *id = esc_json_str(plan, "playbook.id", "");
    const struct esc_playbook *playbook = esc_shelf_find(shelf, id);
    const struct esc_json *resource =
        plan_resource(request, esc_json_str(plan, "targets[0].id", ""));
    if (!playbook || !resource)
        return esc_fail(err, ESC_INVALID, "the plan does not fit the shelf or the request");
    ESC_CLEANUP(esc_json_freep) struct esc_json *facts = NULL;
    ESC_CLEANUP(esc_filled_freep) struct esc_filled *filled = NULL;
    enum esc_status status =
        plan_facts(playbook, request, resource, esc_json_get(plan, "parameters"), &facts, err);
    if (status == ESC_OK)
        status = add_captures(playbook, captures, facts, err);
    if (status == ESC_OK)
        status = esc_fill(playbook, facts, &filled, err);
    const char *nonce = esc_json_str(plan, "bound.nonce", NULL);
    if (status == ESC_OK && nonce)
        status = esc_fill_bind(filled, (uint64_t)esc_json_num(plan, "bound.at_ms", 0), nonce, err);
    if (status == ESC_OK)
        *out = ESC_STEAL(filled);
    return status;
}

/* The first action of the playbook that is known to be denied, or NULL. */
static const char *denied_action(const struct esc_playbook *playbook,
                                 const struct esc_permissions *permissions)
{
    for (size_t i = 0; i < playbook->action_count; i++) {
        if (esc_permissions_of(permissions, esc_str_of(playbook->actions[i])) ==
            ESC_PERMISSION_DENIED)
            return playbook->actions[i];
    }
    return NULL;
}

static void block_denied(const char *action, struct esc_verdict *verdict)
{
    verdict->kind = ESC_VERDICT_BLOCKED;
    free(verdict->decided_by);
    free(verdict->reason);
    verdict->decided_by = esc_strdup("permission");
    verdict->reason = esc_sprintf("you are known not to be allowed %s", action);
}

/* The planner may see more danger than we do, never less. */
static void keep_higher_level(const struct esc_json *plan, struct esc_json *risk)
{
    const char *theirs = esc_json_str(plan, "planner_level", "low");
    const enum esc_risk_level level = esc_risk_level_of_text(theirs);
    if (level != ESC_LEVEL_COUNT &&
        level > esc_risk_level_of_text(esc_json_str(risk, "level", "high")))
        esc_json_set_text(risk, "level", theirs);
}

static const char *const state_fields[] = {"before.DBInstanceStatus", "before.Status",
                                           "before.State.Name", "before.State"};

static void set_observed_state(struct esc_json *plan, const struct esc_json *facts)
{
    struct esc_json *target = esc_json_get_mutable(plan, "targets[0]");
    for (size_t i = 0; i < ESC_COUNT(state_fields); i++) {
        const char *state = esc_json_str(facts, state_fields[i], NULL);
        if (state) {
            esc_json_set_text(target, "observed_state", state);
            return;
        }
    }
}

static void complete(const struct esc_filled *filled, const struct esc_verdict *verdict,
                     struct esc_json *plan)
{
    struct esc_json *risk = esc_assess(filled);
    keep_higher_level(plan, risk);
    esc_json_set(plan, "risk_assessment", risk);
    ESC_CLEANUP(esc_freep) char *explanation = esc_explain(filled);
    esc_json_set_text(plan, "explain_plan", explanation);
    esc_json_set(plan, "warnings", esc_json_copy(verdict->warnings));
    esc_json_set(plan, "observed", esc_observed(filled));
    set_observed_state(plan, filled->facts);
}

enum esc_status esc_plan_judge(const struct esc_shelf *shelf, const struct esc_json *request,
                               const struct esc_json *captures,
                               const struct esc_permissions *permissions, struct esc_json *plan,
                               struct esc_verdict *verdict, struct esc_error *err)
{
    ESC_CLEANUP(esc_filled_freep) struct esc_filled *filled = NULL;
    enum esc_status status = esc_plan_check(plan, err);
    if (status == ESC_OK)
        status = refill(shelf, request, plan, captures, &filled, err);
    if (status != ESC_OK)
        return status;
    esc_preconditions_judge(filled, true, verdict);
    const char *denied = denied_action(filled->playbook, permissions);
    if (verdict->kind == ESC_VERDICT_OK && denied)
        block_denied(denied, verdict);
    complete(filled, verdict, plan);
    return ESC_OK;
}

static void value_text(const struct esc_json *value, struct esc_buf *out)
{
    if (esc_json_is(value, ESC_JSON_STRING))
        esc_buf_add(out, esc_json_value(value));
    else if (value && !esc_json_is(value, ESC_JSON_NULL))
        esc_json_write(value, ESC_JSON_COMPACT, out);
    else
        esc_buf_add_text(out, "absent");
}

static enum esc_status drifted(const char *path, const struct esc_json *then,
                               const struct esc_json *now, struct esc_error *err)
{
    struct esc_buf was, is;
    esc_buf_init(&was, 4096);
    esc_buf_init(&is, 4096);
    value_text(then, &was);
    value_text(now, &is);
    const enum esc_status status =
        esc_fail(err, ESC_STALE, "%s was %.60s and is now %.60s; ask again for a new plan", path,
                 esc_buf_text(&was), esc_buf_text(&is));
    esc_buf_done(&was);
    esc_buf_done(&is);
    return status;
}

enum esc_status esc_plan_drift(const struct esc_json *plan, const struct esc_json *captures,
                               struct esc_error *err)
{
    const struct esc_json *observed = esc_json_get(plan, "observed");
    void *position = NULL;
    const char *path;
    const struct esc_json *then;
    while (esc_json_next(observed, &position, &path, &then)) {
        const struct esc_json *now = esc_json_get(captures, path);
        const bool absent = esc_json_is(then, ESC_JSON_NULL);
        const bool absent_now = !now || esc_json_is(now, ESC_JSON_NULL);
        if (absent != absent_now || (!absent && !esc_json_equal(then, now)))
            return drifted(path, then, now, err);
    }
    return ESC_OK;
}

enum esc_status esc_plan_condition(const char *condition, const struct esc_json *after,
                                   const struct esc_json *captures, enum esc_truth *out,
                                   struct esc_error *err)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *roots = captures ? esc_json_copy(captures) : esc_json_object();
    if (after)
        esc_json_set(roots, "after", esc_json_ref(after));
    return esc_expression_judge_text(esc_str_of(condition), roots, out, err);
}
