/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/permission_probe.h"

#include "escher/base/alloc.h"
#include "escher/scan/permit.h"

static void add_key(struct esc_json *entries, const char *key, const char *value)
{
    if (!value || !*value)
        return;
    struct esc_json *entry = esc_json_object(), *values = esc_json_array();
    esc_json_push_text(values, value);
    esc_json_set_text(entry, "ContextKeyName", key);
    esc_json_set(entry, "ContextKeyValues", values);
    esc_json_set_text(entry, "ContextKeyType", "string");
    esc_json_push(entries, entry);
}

/* A key that the simulator is not given is missing there, and it does not say which of them the
 * organisation's policies ask for: so it gets what is known. */
static struct esc_json *context_entries(const char *principal, const struct esc_resource *resource)
{
    struct esc_json *entries = esc_json_array();
    ESC_CLEANUP(esc_freep) char *owner = esc_str_dup(esc_permit_owner(resource));
    void *position = NULL;
    const char *name;
    const struct esc_json *value;
    add_key(entries, "aws:RequestedRegion", esc_permit_region(resource));
    add_key(entries, "aws:PrincipalArn", principal);
    add_key(entries, "aws:PrincipalAccount", resource->account_id);
    add_key(entries, "aws:ResourceAccount", owner);
    while (esc_json_next(resource->tags, &position, &name, &value)) {
        ESC_CLEANUP(esc_freep) char *key = esc_sprintf("aws:ResourceTag/%s", name);
        add_key(entries, key, esc_json_str(value, "", ""));
    }
    return entries;
}

struct esc_json *work_probe_params(const char *principal, const struct esc_resource *resource,
                                   const char *const *actions)
{
    struct esc_json *params = esc_json_object(), *names = esc_json_array();
    struct esc_json *arns = esc_json_array();
    for (size_t i = 0; actions[i]; i++)
        esc_json_push_text(names, actions[i]);
    esc_json_push_text(arns, resource->arn);
    esc_json_set_text(params, "PolicySourceArn", principal);
    esc_json_set(params, "ActionNames", names);
    esc_json_set(params, "ResourceArns", arns);
    esc_json_set(params, "ContextEntries", context_entries(principal, resource));
    return params;
}

struct esc_json *work_probe_new(const struct esc_resource *sample, uint64_t at_ms)
{
    struct esc_json *probe = esc_json_object();
    esc_json_set_time(probe, "at", at_ms);
    esc_json_set_text(probe, "sample", sample->id);
    esc_json_set_text(probe, "name", sample->name);
    esc_json_set(probe, "tags", esc_json_copy(sample->tags));
    esc_json_set(probe, "allows", esc_json_object());
    esc_json_set(probe, "missing", esc_json_object());
    return probe;
}

static bool has_text(const struct esc_json *list, const char *text)
{
    for (size_t i = 0; i < esc_json_len(list); i++)
        if (esc_text_equal(esc_json_str(esc_json_at(list, i), "", ""), text))
            return true;
    return false;
}

/* Keys that policies of the call speak of and that it was not given, of any resource it was asked
 * about. */
static void add_missing(struct esc_json *probe, const char *action, const struct esc_json *result)
{
    const struct esc_json *of_one = esc_json_get(result, "ResourceSpecificResults[0]");
    const struct esc_json *lists[] = {esc_json_member(result, "MissingContextValues"),
                                      esc_json_member(of_one, "MissingContextValues")};
    struct esc_json *keys = esc_json_array();
    for (size_t i = 0; i < ESC_COUNT(lists); i++)
        for (size_t j = 0; j < esc_json_len(lists[i]); j++) {
            const char *key = esc_json_str(esc_json_at(lists[i], j), "", NULL);
            if (key && !has_text(keys, key))
                esc_json_push_text(keys, key);
        }
    if (esc_json_len(keys))
        esc_json_set(esc_json_get_mutable(probe, "missing"), action, esc_json_ref(keys));
    esc_json_free(keys);
}

void work_probe_add(struct esc_json *probe, const struct esc_json *output)
{
    const struct esc_json *results = esc_json_get(output, "EvaluationResults");
    struct esc_json *allows = esc_json_get_mutable(probe, "allows");
    for (size_t i = 0; i < esc_json_len(results); i++) {
        const struct esc_json *result = esc_json_at(results, i);
        const struct esc_json *verdict =
            esc_json_get(result, "OrganizationsDecisionDetail.AllowedByOrganizations");
        const char *action = esc_json_str(result, "EvalActionName", NULL);
        if (!action || !esc_json_is(verdict, ESC_JSON_BOOL))
            continue;
        esc_json_set_bool(allows, action, esc_json_flag(verdict, "", false));
        add_missing(probe, action, result);
    }
}

static struct esc_json *copy_texts(const struct esc_json *list, const char *member)
{
    struct esc_json *texts = esc_json_array();
    for (size_t i = 0; i < esc_json_len(list); i++)
        esc_json_push_text(texts, esc_json_str(esc_json_at(list, i), member, ""));
    return texts;
}

static struct esc_json *verdict_of(const struct esc_json *result)
{
    static const struct {
        const char *decision, *verdict, *sentence;
        bool is_explicit;
    } decisions[] = {
        {"allowed", "allowed", "the simulator allows it", false},
        {"explicitDeny", "denied", "the simulator finds a statement that denies it", true},
        {"implicitDeny", "denied", "the simulator finds nothing that allows it", false},
    };
    const char *decision = esc_json_str(result, "EvalDecision", "");
    const struct esc_json *organisation =
        esc_json_get(result, "OrganizationsDecisionDetail.AllowedByOrganizations");
    const struct esc_json *missing = esc_json_member(result, "MissingContextValues");
    const struct esc_json *matched = esc_json_member(result, "MatchedStatements");
    struct esc_json *page = NULL;
    for (size_t i = 0; i < ESC_COUNT(decisions); i++) {
        if (!esc_text_equal(decision, decisions[i].decision))
            continue;
        page = esc_json_object();
        esc_json_set_text(page, "verdict", decisions[i].verdict);
        esc_json_set_bool(page, "explicit", decisions[i].is_explicit);
        esc_json_set_text(page, "sentence", decisions[i].sentence);
    }
    if (page && organisation)
        esc_json_set(page, "organisation", esc_json_ref(organisation));
    if (page && esc_json_len(missing))
        esc_json_set(page, "keys", copy_texts(missing, ""));
    if (page && esc_json_len(matched))
        esc_json_set(page, "policies", copy_texts(matched, "SourcePolicyId"));
    return page;
}

struct esc_json *work_probe_verdict(const struct esc_json *output, const char *action)
{
    const struct esc_json *results = esc_json_get(output, "EvaluationResults");
    for (size_t i = 0; i < esc_json_len(results); i++) {
        const struct esc_json *result = esc_json_at(results, i);
        if (esc_str_equal_nocase(esc_str_of(esc_json_str(result, "EvalActionName", "")),
                                 esc_str_of(action)))
            return verdict_of(result);
    }
    return NULL;
}
