/* SPDX-License-Identifier: Apache-2.0 */
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
    return iam_pattern_match(asking, pattern, asking->request->resource);
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
    if (!covers_action(asking, statement))
        return IAM_NO;
    enum iam_truth all = covers_resource(asking, statement);
    for (size_t i = 0; i < statement->test_count && all != IAM_NO; i++)
        all = iam_and(all, iam_test_holds(asking, &statement->tests[i]));
    return all;
}
