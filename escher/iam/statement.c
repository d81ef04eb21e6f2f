/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/limits.h"
#include "escher/iam/iam_private.h"

/* Whether one statement speaks of a request, and what it waits for. */

void iam_doubt_key(const struct iam_asking *asking, struct esc_str key)
{
    struct iam_doubts *doubts = asking->doubts;
    if (!doubts || doubts->key_count == ESC_IAM_KEYS)
        return;
    for (size_t i = 0; i < doubts->key_count; i++) {
        if (esc_str_equal_nocase(doubts->keys[i], key))
            return;
    }
    doubts->keys[doubts->key_count++] = key;
}

void iam_doubt_why(const struct iam_asking *asking, const char *why)
{
    if (asking->doubts && !asking->doubts->why)
        asking->doubts->why = why;
}

static bool covers_action(const struct iam_asking *asking, const struct iam_statement *statement)
{
    bool any = false;
    for (size_t i = 0; i < statement->action_count && !any; i++)
        any = iam_pattern_match(asking, &statement->actions[i], asking->action_lower) == IAM_YES;
    return any != statement->not_action;
}

static_assert(ESC_MAX_IAM_STATEMENTS_COUNT <= UINT16_MAX);

static void select_statements(const struct esc_iam_policy *policy, const struct iam_asking *asking,
                              struct iam_selection *selection)
{
    if (!selection->indices)
        selection->indices = esc_alloc_array(policy->statement_count, sizeof *selection->indices);
    memcpy(selection->action, asking->action_lower.ptr, asking->action_lower.len);
    selection->action_len = asking->action_lower.len;
    selection->count = 0;
    for (size_t i = 0; i < policy->statement_count; i++) {
        if (covers_action(asking, &policy->statements[i]))
            selection->indices[selection->count++] = (uint16_t)i;
    }
}

const struct iam_selection *iam_policy_select(const struct esc_iam_policy *policy,
                                              const struct iam_asking *asking)
{
    struct iam_selection *selection = &policy->selections[asking->action_hash % IAM_SELECTIONS];
    const struct esc_str selected = {selection->action, selection->action_len};
    if (selected.len == 0 || !esc_str_equal(selected, asking->action_lower))
        select_statements(policy, asking, selection);
    return selection;
}

/* Of a name that is known in part, a pattern may or may not be meant. */
static enum iam_truth match_partial(const struct iam_asking *asking,
                                    const struct iam_pattern *pattern)
{
    struct iam_expanded expanded;
    enum iam_truth truth = iam_pattern_expand(asking, pattern, &expanded);
    if (truth == IAM_YES) {
        truth = iam_glob_partial(expanded.text, asking->request->resource);
        if (truth == IAM_MAYBE)
            iam_doubt_why(asking, "it depends on a name that is not known yet");
    }
    iam_expanded_done(&expanded);
    return truth;
}

/* What a wildcard takes in beyond its segment it may or may not mean. */
static enum iam_truth match_whole(const struct iam_asking *asking,
                                  const struct iam_pattern *pattern)
{
    const struct esc_str resource = asking->request->resource;
    enum iam_truth truth = iam_pattern_match(asking, pattern, resource);
    if (truth != IAM_YES || !pattern->may_cross)
        return truth;
    struct iam_expanded expanded;
    (void)iam_pattern_expand(asking, pattern, &expanded); /* it has a value: it has matched */
    if (iam_glob_may_cross(expanded.text) && !iam_glob_stays(expanded.text, resource)) {
        iam_doubt_why(asking, "whether a wildcard of a resource takes in a colon is not known");
        truth = IAM_MAYBE;
    }
    iam_expanded_done(&expanded);
    return truth;
}

/* A variable without a value names no resource; whether it excepts one is not documented. */
static enum iam_truth match_resource(const struct iam_asking *asking,
                                     const struct iam_statement *statement,
                                     const struct iam_pattern *pattern)
{
    if (statement->not_resource && pattern->piece_count > 0) {
        struct iam_expanded expanded;
        const enum iam_truth has_value = iam_pattern_expand(asking, pattern, &expanded);
        iam_expanded_done(&expanded);
        if (has_value == IAM_NO) {
            iam_doubt_why(asking, "a variable in NotResource has no value");
            return IAM_MAYBE;
        }
    }
    if (asking->request->resource_is_partial)
        return match_partial(asking, pattern);
    return match_whole(asking, pattern);
}

static enum iam_truth covers_resource(const struct iam_asking *asking,
                                      const struct iam_statement *statement)
{
    if (!statement->has_resource)
        return IAM_YES; /* a trust policy speaks of its own role */
    enum iam_truth any = IAM_NO;
    for (size_t i = 0; i < statement->resource_count && any != IAM_YES; i++)
        any = iam_or(any, match_resource(asking, statement, &statement->resources[i]));
    return statement->not_resource ? iam_not(any) : any;
}

enum iam_truth iam_statement_applies(const struct iam_asking *asking,
                                     const struct iam_statement *statement)
{
    enum iam_truth all = covers_resource(asking, statement);
    for (size_t i = 0; i < statement->test_count && all != IAM_NO; i++)
        all = iam_and(all, iam_test_holds(asking, &statement->tests[i]));
    return all;
}
