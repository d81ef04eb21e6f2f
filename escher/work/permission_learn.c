/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/store/document.h"
#include "escher/work/permission_private.h"
#include "escher/work/run_private.h"

/* The action that a refusal names: "... is not authorized to perform: rds:StopDBInstance on
 * resource: ..."; else the step's own. Owned by the caller; NULL when neither is known. */
static char *action_of(const struct esc_json *step, const char *message)
{
    const struct esc_str text = esc_str_of(message), words = ESC_STR("to perform: ");
    const size_t at = esc_str_find(text, words, 0);
    if (at != SIZE_MAX) {
        size_t end = at + words.len;
        while (end < text.len &&
               (esc_is_alnum(text.ptr[end]) || text.ptr[end] == ':' || text.ptr[end] == '-'))
            end++;
        const struct esc_str action = esc_str_slice(text, at + words.len, end);
        if (esc_str_contains(action, ESC_STR(":")))
            return esc_str_dup(action);
    }
    const struct esc_operation *operation =
        esc_operation_find(esc_json_str(step, "service", ""), esc_json_str(step, "operation", ""));
    return operation ? esc_strdup(operation->iam_action) : NULL;
}

static void remember(struct esc_workbench *bench, const struct esc_json *step, const char *id,
                     const char *message)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *policies = NULL, *learned = esc_json_object();
    ESC_CLEANUP(esc_freep) char *action = action_of(step, message);
    char now[ESC_TIME_TEXT], digest[ESC_SHA256_TEXT];
    if (!action || esc_store_doc_get(bench->store, WORK_IAM_POLICIES,
                                     esc_json_str(step, "account", ""), &policies, NULL) != ESC_OK)
        return; /* nothing is said of permissions here that it could contradict */
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%s %s", id, action);
    esc_time_format(esc_clock_wall_ms(bench->clock), now);
    esc_policy_set_digest(policies, digest);
    esc_json_set_text(learned, "at", now);
    esc_json_set_text(learned, "id", id);
    esc_json_set_text(learned, "action", action);
    esc_json_set_text(learned, "message", message);
    esc_json_set_text(learned, "digest", digest);
    (void)esc_store_doc_put(bench->store, WORK_IAM_LEARNED, key, learned,
                            NULL); /* then it is not known, as before */
}

static void forget(struct esc_workbench *bench, const struct esc_json *step, const char *id)
{
    ESC_CLEANUP(esc_freep) char *action = action_of(step, "");
    ESC_CLEANUP(esc_freep) char *key = action ? esc_sprintf("%s %s", id, action) : NULL;
    if (key)
        (void)esc_store_doc_del(bench->store, WORK_IAM_LEARNED, key,
                                NULL); /* it is believed for a day at most */
}

void work_permission_learn(struct esc_workbench *bench, const struct esc_json *plan,
                           const struct esc_json *run)
{
    const char *id = esc_json_str(plan, "targets[0].id", "");
    const struct esc_json *steps = esc_json_member(run, "steps");
    for (size_t i = 0; i < esc_json_len(steps); i++) {
        const struct esc_json *ended = esc_json_at(steps, i);
        const struct esc_json *step = work_plan_step(plan, esc_json_str(ended, "step_id", ""));
        const char *state = esc_json_str(ended, "state", "");
        if (!step || !esc_json_flag(step, "mutates", false))
            continue;
        if (esc_text_equal(state, "failed") &&
            esc_text_equal(esc_json_str(ended, "category", ""), "permission"))
            remember(bench, step, id, esc_json_str(ended, "message", ""));
        else if (esc_text_equal(state, "succeeded"))
            forget(bench, step, id);
    }
}
