/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Policies of a user, a resource, and the verdict that follows: cases of tests about permit.h. */

#include "escher/scan/permit.h"
#include "tests/support/test.h"

#define ALLOW_ALL "{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}"

/** What a reader brings of a user with one policy, and with @p more members (or NULL); owned. */
struct esc_json *permit_case_user(const char *statements, const char *more);
/** In account 123456789012 and us-west-2; owned. */
struct esc_resource *permit_case_resource(const char *type, const char *identifier,
                                          const char *tags, const char *metadata);
/** `main`, of production; owned. */
struct esc_resource *permit_case_database(void);
/** On one action, as "verdict" or, where keys or a reason stand behind it, "verdict: it"; owned. */
char *permit_case_verdict(struct esc_permit *permit, const struct esc_resource *resource,
                          const char *action, const struct esc_permit_policy *policy);

struct permit_case {
    const char *statements, *more, *action, *verdict;
};
/** Fails the test unless the verdict is the case's. */
void permit_case_check(const struct permit_case *one, const struct esc_resource *resource,
                       const struct esc_permit_policy *policy);
