/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/plan/judge.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/plan/draft_private.h"
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
    if (!playbook || !esc_text_equal(playbook->sha256, esc_json_str(plan, "playbook.sha256", "")))
        return esc_fail(err, ESC_INVALID, "the plan's playbook `%.80s` is not ours", id);
    if (!resource)
        return esc_fail(err, ESC_INVALID, "the plan's target is not of the request");
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

static void block_denied(const struct esc_known_action *denied, struct esc_verdict *verdict)
{
    verdict->kind = ESC_VERDICT_BLOCKED;
    verdict->decided_by = esc_strdup("permission");
    verdict->reason =
        denied->because
            ? esc_sprintf("you are known not to be allowed %s: %s", denied->action, denied->because)
            : esc_sprintf("you are known not to be allowed %s", denied->action);
}

static void warn(const char *words, struct esc_buf *actions, struct esc_verdict *verdict)
{
    if (actions->len == 0)
        return;
    ESC_CLEANUP(esc_freep) char *warning = esc_sprintf("%s: %s", words, esc_buf_text(actions));
    esc_json_push_text(verdict->warnings, warning);
}

static void add_action(struct esc_buf *actions, const struct esc_known_action *known)
{
    esc_buf_printf(actions, "%s%s", actions->len > 0 ? ", " : "", known->action);
    if (known->because)
        esc_buf_printf(actions, " (%s)", known->because);
}

static struct esc_known_action known_action(const struct esc_known_actions *known,
                                            const char *action)
{
    for (size_t i = 0; i < known->count; i++)
        if (esc_str_equal_nocase(esc_str_of(known->items[i].action), esc_str_of(action)))
            return known->items[i];
    return (struct esc_known_action){.action = action};
}

/* The playbook's actions by what is known of them, for one warning each. */
struct by_knowledge {
    struct esc_buf unallowed, conditional, unknown, of_another;
    const char *whose; /* the other one; NULL: there is none */
    bool any_known;
};

/* By the policies of somebody else, which say nothing certain of who will do this. */
static void sort_in_of_another(struct by_knowledge *sorted, const struct esc_known_action *known)
{
    const struct esc_known_action unknown = {.action = known->action};
    sorted->whose = known->whose;
    if (known->known == ESC_PERMISSION_DENIED)
        add_action(&sorted->of_another, known);
    else
        add_action(&sorted->unknown, &unknown);
}

static void sort_in(struct by_knowledge *sorted, const struct esc_known_action *known,
                    struct esc_verdict *verdict)
{
    sorted->any_known = sorted->any_known || known->known != ESC_PERMISSION_UNKNOWN;
    if (known->whose && known->known != ESC_PERMISSION_UNKNOWN) {
        sort_in_of_another(sorted, known);
        return;
    }
    switch (known->known) {
    case ESC_PERMISSION_DENIED:
        if (known->is_explicit)
            block_denied(known, verdict);
        else
            add_action(&sorted->unallowed, known);
        break;
    case ESC_PERMISSION_CONDITIONAL:
        add_action(&sorted->conditional, known);
        break;
    case ESC_PERMISSION_UNKNOWN:
        add_action(&sorted->unknown, known);
        break;
    case ESC_PERMISSION_ALLOWED:
        break;
    }
}

static void say_what_another_may(struct by_knowledge *sorted, struct esc_verdict *verdict)
{
    ESC_CLEANUP(esc_freep)
    char *words =
        esc_sprintf("the policies that were read are those of %s, who may be another than "
                    "you, and is not allowed",
                    sorted->whose);
    warn(words, &sorted->of_another, verdict);
}

/* Where nothing at all is known, as in an account whose policies nobody read, every plan would
 * carry a warning: it is a note then. */
static void say_what_is_known(struct by_knowledge *sorted, struct esc_json *plan,
                              struct esc_verdict *verdict)
{
    warn("no policy allows you this, so the cloud will probably refuse", &sorted->unallowed,
         verdict);
    warn("you may be allowed this only under conditions", &sorted->conditional, verdict);
    if (sorted->whose)
        say_what_another_may(sorted, verdict);
    if (sorted->any_known)
        warn("whether you are allowed this is not known beforehand", &sorted->unknown, verdict);
    else if (sorted->unknown.len)
        esc_json_push_text(esc_json_get_mutable(plan, "notes"),
                           "Whether you are allowed is not known here; the cloud decides.");
}

static void judge_permissions(const struct esc_playbook *playbook,
                              const struct esc_known_actions *known, struct esc_json *plan,
                              struct esc_verdict *verdict)
{
    struct by_knowledge sorted = {.any_known = false};
    esc_buf_init(&sorted.unallowed, ESC_MAX_LINE);
    esc_buf_init(&sorted.conditional, ESC_MAX_LINE);
    esc_buf_init(&sorted.unknown, ESC_MAX_LINE);
    esc_buf_init(&sorted.of_another, ESC_MAX_LINE);
    for (size_t i = 0; verdict->kind == ESC_VERDICT_OK && i < playbook->action_count; i++) {
        const struct esc_known_action action = known_action(known, playbook->actions[i]);
        sort_in(&sorted, &action, verdict);
    }
    if (verdict->kind == ESC_VERDICT_OK)
        say_what_is_known(&sorted, plan, verdict);
    esc_buf_done(&sorted.unallowed);
    esc_buf_done(&sorted.conditional);
    esc_buf_done(&sorted.unknown);
    esc_buf_done(&sorted.of_another);
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

/* What the draft says of approval, with what the live state adds, and never for longer. */
static struct esc_json *approval_of(const struct esc_json *plan, const struct esc_json *derived)
{
    struct esc_json *approval = esc_json_copy(esc_json_member(derived, "approval"));
    const int64_t ttl_s = esc_json_num(plan, "approval.ttl_s", 0);
    if (ttl_s < esc_json_num(approval, "ttl_s", 0))
        esc_json_set_int(approval, "ttl_s", ttl_s);
    return approval;
}

/* Texts may hold live values, so they are written again; the calls must be what they were. */
static enum esc_status derive_again(const struct esc_filled *filled, struct esc_json *plan,
                                    struct esc_error *err)
{
    static const char *const members[] = {"steps", "verification", "notes"};
    const struct esc_policy usual = esc_policy_default();
    const struct plan_draft draft = {.filled = filled,
                                     .policy = &usual,
                                     .planner_level = esc_json_str(plan, "planner_level", "")};
    ESC_CLEANUP(esc_json_freep) struct esc_json *derived = plan_draft_to_json(&draft);
    if (!esc_json_equal(esc_json_member(plan, "captures"), esc_json_member(derived, "captures")))
        return esc_fail(err, ESC_INVALID, "the plan's captures are not those of its playbook");
    for (size_t i = 0; i < ESC_COUNT(members); i++)
        esc_json_set(plan, members[i], esc_json_ref(esc_json_member(derived, members[i])));
    esc_json_set(plan, "approval", approval_of(plan, derived));
    return ESC_OK;
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
    struct esc_json *observed = esc_observed(filled);
    plan_live_observe(filled, observed);
    esc_json_set(plan, "observed", observed);
    const char *state = plan_live_state(filled);
    if (state)
        esc_json_set_text(esc_json_get_mutable(plan, "targets[0]"), "observed_state", state);
}

enum esc_status esc_plan_judge(const struct esc_shelf *shelf, const struct esc_json *request,
                               const struct esc_json *captures,
                               const struct esc_known_actions *known, struct esc_json *plan,
                               struct esc_verdict *verdict, struct esc_error *err)
{
    ESC_CLEANUP(esc_filled_freep) struct esc_filled *filled = NULL;
    enum esc_status status = esc_plan_check(plan, err);
    if (status == ESC_OK)
        status = refill(shelf, request, plan, captures, &filled, err);
    if (status == ESC_OK)
        status = derive_again(filled, plan, err);
    if (status != ESC_OK)
        return status;
    esc_preconditions_judge(filled, true, verdict);
    if (verdict->kind == ESC_VERDICT_OK)
        judge_permissions(filled->playbook, known, plan, verdict);
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
    const char *dot = strchr(path, '.'); /* behind the name of the capture */
    struct esc_buf was, is;
    esc_buf_init(&was, 4096);
    esc_buf_init(&is, 4096);
    value_text(then, &was);
    value_text(now, &is);
    const enum esc_status status = esc_fail(
        err, ESC_STALE,
        "the live state has changed: %s was %.60s and is now %.60s; ask again for a new plan",
        dot ? dot + 1 : path, esc_buf_text(&was), esc_buf_text(&is));
    esc_buf_done(&was);
    esc_buf_done(&is);
    return status;
}

/* What cannot be read again may be anything. */
static enum esc_status need_captures(const struct esc_json *plan, const struct esc_json *captures,
                                     struct esc_error *err)
{
    const struct esc_json *wanted = esc_json_get(plan, "captures");
    for (size_t i = 0; i < esc_json_len(wanted); i++) {
        const char *name = esc_json_str(esc_json_at(wanted, i), "name", "");
        if (!esc_json_member(captures, name))
            return esc_fail(err, ESC_STALE, "`%s` could not be read again", name);
    }
    return ESC_OK;
}

enum esc_status esc_plan_drift(const struct esc_json *plan, const struct esc_json *captures,
                               struct esc_error *err)
{
    const struct esc_json *observed = esc_json_get(plan, "observed");
    void *position = NULL;
    const char *path;
    const struct esc_json *then;
    enum esc_status status = need_captures(plan, captures, err);
    if (status != ESC_OK)
        return status;
    if (!observed)
        return esc_fail(err, ESC_INVALID, "the plan has not met the live state yet");
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
