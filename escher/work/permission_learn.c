/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "escher/base/alloc.h"
#include "escher/base/list.h"
#include "escher/find/query.h"
#include "escher/store/document.h"
#include "escher/work/permission_book_private.h"
#include "escher/work/run_private.h"

/*
 * What runs have learned stands above what policies say: the cloud itself has spoken. It is
 * believed for a day and by the same policies; the cloud may have others by then, of the
 * organisation for instance, that nobody here can read.
 *
 * A refusal names an action and often a resource, which need not be those of the step: stopping a
 * function's instance may be refused for a role that is passed on. Both are kept as the message
 * has them, beside the step's own, so that the same step, once it succeeds, forgets it.
 */
enum {
    LEARNED_MS = 24 * 60 * 60 * 1000,
};

/* ---- what was learned ---- */

struct learning {
    struct esc_map *learned;
    const char *digest;
    uint64_t now_ms;
};

static bool add_learned(void *context, const char *key, const struct esc_json *document)
{
    const struct learning *learning = context;
    uint64_t at_ms = 0;
    const bool has_time = esc_time_parse(esc_str_of(esc_json_str(document, "at", "")), &at_ms);
    const bool is_lately = has_time && at_ms <= learning->now_ms && /* else a clock was wrong */
                           learning->now_ms - at_ms < LEARNED_MS;
    if (is_lately && esc_text_equal(esc_json_str(document, "digest", ""), learning->digest))
        esc_map_set(learning->learned, esc_str_of(key), esc_json_copy(document));
    return true;
}

struct esc_map *permission_learned_read(struct esc_workbench *bench, const char *digest)
{
    struct learning learning = {esc_map_new(esc_json_free_item), digest,
                                esc_clock_wall_ms(bench->clock)};
    (void)esc_store_docs(bench->store, WORK_IAM_LEARNED, add_learned, &learning, NULL,
                         NULL); /* a row that does not open teaches nothing */
    return learning.learned;
}

static const struct esc_json *learned_of(const struct esc_map *learned, const char *id,
                                         const char *action)
{
    if (esc_map_count(learned) == 0)
        return NULL;
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%s %s", id, action);
    return esc_map_get(learned, esc_str_of(key));
}

void permission_learned_apply(const struct esc_map *learned, const char *id,
                              const char *const *actions, struct esc_permissions *permissions)
{
    for (size_t i = 0; actions[i]; i++) {
        if (!learned_of(learned, id, actions[i]) ||
            esc_permissions_of(permissions, esc_str_of(actions[i])) == ESC_PERMISSION_DENIED)
            continue;
        esc_permissions_deny(permissions, actions[i]);
        free(permissions->source);
        permissions->source = esc_strdup("learned");
    }
}

void permission_learned_explain(const struct esc_map *learned, const char *id, const char *action,
                                struct esc_json *page)
{
    const struct esc_json *fact = learned_of(learned, id, action);
    if (!fact)
        return;
    struct esc_json *says = esc_json_object();
    esc_json_set_text(says, "at", esc_json_str(fact, "at", ""));
    esc_json_set_text(says, "message", esc_json_str(fact, "message", ""));
    esc_json_set(page, "learned", says);
    if (esc_text_equal(esc_json_str(page, "verdict", ""), "denied"))
        return;
    static const char *const of_policies[] = {"layer", "policy", "statement", "keys", "why"};
    for (size_t i = 0; i < ESC_COUNT(of_policies); i++)
        esc_json_remove(page, of_policies[i]);
    esc_json_set_text(page, "verdict", esc_permission_text(ESC_PERMISSION_DENIED));
    esc_json_set_text(page, "source", "learned");
    esc_json_set_text(page, "sentence", "the cloud has refused it in a run");
}

/* ---- learning ---- */

/* What follows @p words in @p text, as far as @p belongs says. */
static struct esc_str word_after(struct esc_str text, struct esc_str words, bool (*belongs)(char c))
{
    const size_t at = esc_str_find(text, words, 0);
    if (at == SIZE_MAX)
        return (struct esc_str){NULL, 0};
    size_t end = at + words.len;
    while (end < text.len && belongs(text.ptr[end]))
        end++;
    return esc_str_slice(text, at + words.len, end);
}

static bool is_of_action(char c)
{
    return esc_is_alnum(c) || c == ':' || c == '-';
}

static bool is_of_arn(char c)
{
    return c > ' ' && c < 127 && c != '"' && c != '\'' && c != ',';
}

/* "... is not authorized to perform: rds:StopDBInstance on resource: ARN because ..." */
static struct esc_str refused_action(const char *message)
{
    const struct esc_str action =
        word_after(esc_str_of(message), ESC_STR("to perform: "), is_of_action);
    return esc_str_contains(action, ESC_STR(":")) ? action : (struct esc_str){NULL, 0};
}

static const char *step_action(const struct esc_json *step)
{
    const struct esc_operation *operation =
        esc_operation_find(esc_json_str(step, "service", ""), esc_json_str(step, "operation", ""));
    return operation ? operation->iam_action : NULL;
}

/* Whether the ARN is that resource, or something in it. */
static bool is_in(struct esc_str arn, const char *resource_arn)
{
    const struct esc_str of = esc_str_of(resource_arn);
    return of.len > 0 && esc_str_starts_with(arn, of) &&
           (arn.len == of.len || arn.ptr[of.len] == '/' || arn.ptr[of.len] == ':');
}

/* The resource of the estate that the ARN names; its own words when there is none. */
static char *known_as(const struct esc_workbench *bench, struct esc_str arn)
{
    const struct esc_find_query query = {.text = arn, .limit = 2};
    struct esc_find_result result;
    if (esc_find(bench->index, &query, &result, NULL) != ESC_OK)
        return esc_str_dup(arn);
    const bool is_one = result.count > 0 && result.hits[0].tier <= ESC_TIER_EXACT_NAME &&
                        (result.count == 1 || result.hits[1].tier > ESC_TIER_EXACT_NAME);
    char *id = is_one ? esc_strdup(result.hits[0].card.id) : esc_str_dup(arn);
    esc_find_result_done(&result);
    return id;
}

static bool names(const struct esc_json *params, const char *text)
{
    void *position = NULL;
    const char *name;
    const struct esc_json *value;
    if (esc_text_equal(esc_json_str(params, "", ""), text))
        return true;
    for (size_t i = 0; i < esc_json_len(params); i++)
        if (names(esc_json_at(params, i), text))
            return true;
    while (esc_json_next(params, &position, &name, &value))
        if (names(value, text))
            return true;
    return false;
}

/* The target of the plan that the step is about; NULL: none, as for a snapshot that it has made. */
static const struct esc_json *step_target(const struct esc_json *plan, const struct esc_json *step)
{
    const struct esc_json *targets = esc_json_member(plan, "targets");
    for (size_t i = 0; i < esc_json_len(targets); i++) {
        const struct esc_json *target = esc_json_at(targets, i);
        const char *arn = esc_json_str(target, "arn", NULL);
        if (names(esc_json_member(step, "params"), esc_json_str(target, "identifier", "")) ||
            (arn && names(esc_json_member(step, "params"), arn)))
            return target;
    }
    return NULL;
}

/* What was refused: a resource id, or an ARN the estate does not know. NULL: nobody can tell. */
static char *refused_resource(const struct esc_workbench *bench, const struct esc_json *plan,
                              const struct esc_json *step, const char *message)
{
    const struct esc_json *targets = esc_json_member(plan, "targets");
    const struct esc_json *own = step_target(plan, step);
    const struct esc_str arn = word_after(esc_str_of(message), ESC_STR("on resource: "), is_of_arn);
    if (!esc_str_starts_with(arn, ESC_STR("arn:")))
        return own ? esc_strdup(esc_json_str(own, "id", "")) : NULL;
    for (size_t i = 0; i < esc_json_len(targets); i++)
        if (is_in(arn, esc_json_str(esc_json_at(targets, i), "arn", "")))
            return esc_strdup(esc_json_str(esc_json_at(targets, i), "id", ""));
    return known_as(bench, arn);
}

/* A session that was narrowed, and the network it came through, are not those of the next call.
 * @source IAM User Guide, "Troubleshoot access denied error messages" */
static bool is_of_the_call(const char *message)
{
    return esc_str_contains(esc_str_of(message), ESC_STR("session policy")) ||
           esc_str_contains(esc_str_of(message), ESC_STR("VPC endpoint policy"));
}

void work_permission_remember(struct esc_workbench *bench, const struct permission_refusal *refusal)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *policies = NULL, *fact = esc_json_object();
    char digest[ESC_SHA256_TEXT];
    if (is_of_the_call(refusal->message))
        return;
    if (esc_store_doc_get(bench->store, WORK_IAM_POLICIES, refusal->account_id, &policies, NULL) !=
        ESC_OK)
        return; /* nothing is said of permissions here that it could contradict */
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%s %s", refusal->id, refusal->action);
    esc_policy_set_digest(policies, digest);
    esc_json_set_time(fact, "at", esc_clock_wall_ms(bench->clock));
    esc_json_set_text(fact, "id", refusal->id);
    esc_json_set_text(fact, "action", refusal->action);
    esc_json_set_text(fact, "message", refusal->message);
    esc_json_set_text(fact, "digest", digest);
    esc_json_set_text(fact, "step_action", refusal->step_action);
    esc_json_set_text(fact, "step_id", refusal->step_id);
    (void)esc_store_doc_put(bench->store, WORK_IAM_LEARNED, key, fact,
                            NULL); /* then it is not known, as before */
}

static void remember(struct esc_workbench *bench, const struct esc_json *plan,
                     const struct esc_json *step, const char *message)
{
    const struct esc_str named = refused_action(message);
    const char *own_action = step_action(step);
    const struct esc_json *own = step_target(plan, step);
    ESC_CLEANUP(esc_freep)
    char *action = named.len ? esc_str_dup(named) : esc_strdup_null(own_action);
    ESC_CLEANUP(esc_freep) char *id = refused_resource(bench, plan, step, message);
    if (action && id)
        work_permission_remember(bench, &(struct permission_refusal){
                                            .account_id = esc_json_str(step, "account", ""),
                                            .id = id,
                                            .action = action,
                                            .message = message,
                                            .step_action = own_action ? own_action : "",
                                            .step_id = esc_json_str(own, "id", ""),
                                        });
}

/* What an action on a resource has taught, and all that once stood in its way. */
struct forgetting {
    const char *id, *action;
    struct esc_list keys; /* char * */
};

static bool find_taught(void *context, const char *key, const struct esc_json *fact)
{
    struct forgetting *forgetting = context;
    const bool is_itself = esc_text_equal(esc_json_str(fact, "id", ""), forgetting->id) &&
                           esc_text_equal(esc_json_str(fact, "action", ""), forgetting->action);
    const bool stood_in_its_way =
        esc_text_equal(esc_json_str(fact, "step_id", ""), forgetting->id) &&
        esc_text_equal(esc_json_str(fact, "step_action", ""), forgetting->action);
    if (is_itself || stood_in_its_way)
        esc_list_push(&forgetting->keys, esc_strdup(key));
    return true;
}

void work_permission_forget(struct esc_workbench *bench, const char *id, const char *action)
{
    struct forgetting forgetting = {.id = id, .action = action};
    esc_list_init(&forgetting.keys, free);
    (void)esc_store_docs(bench->store, WORK_IAM_LEARNED, find_taught, &forgetting, NULL,
                         NULL); /* it is believed for a day at most */
    for (size_t i = 0; i < forgetting.keys.count; i++)
        (void)esc_store_doc_del(bench->store, WORK_IAM_LEARNED, esc_list_at(&forgetting.keys, i),
                                NULL);
    esc_list_done(&forgetting.keys);
}

static void forget(struct esc_workbench *bench, const struct esc_json *plan,
                   const struct esc_json *step)
{
    const char *action = step_action(step);
    const struct esc_json *target = step_target(plan, step);
    if (action && target)
        work_permission_forget(bench, esc_json_str(target, "id", ""), action);
}

void work_permission_learn(struct esc_workbench *bench, const struct esc_json *plan,
                           const struct esc_json *run)
{
    const struct esc_json *steps = esc_json_member(run, "steps");
    for (size_t i = 0; i < esc_json_len(steps); i++) {
        const struct esc_json *ended = esc_json_at(steps, i);
        const struct esc_json *step = work_plan_step(plan, esc_json_str(ended, "step_id", ""));
        const char *state = esc_json_str(ended, "state", "");
        if (!step || !esc_json_flag(step, "mutates", false))
            continue;
        if (esc_text_equal(state, "failed") &&
            esc_text_equal(esc_json_str(ended, "category", ""), "permission"))
            remember(bench, plan, step, esc_json_str(ended, "message", ""));
        else if (esc_text_equal(state, "succeeded"))
            forget(bench, plan, step);
    }
}
