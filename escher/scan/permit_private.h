/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by permit.c, which asks the policies, permit_page.c, which tells what they said, and
 * permit_keys.c: what the record of a resource knows of a request for it. */

#include "escher/base/list.h"
#include "escher/catalog/iam_action.h"
#include "escher/iam/context_keys.h"
#include "escher/iam/evaluate.h"
#include "escher/model/resource.h"
#include "escher/scan/permit.h"

/* One question to the policies, and what it came to; verdict points into the rest. */
struct permit_answer {
    struct esc_iam_request request;
    struct esc_iam_verdict verdict;
    char *arn;   /* owned */
    char *doubt; /* why it is unknown after all; owned; NULL */
    bool told;   /* the cloud has spoken, by a probe */
};

/** The worst of what a request for @p action asks about, into the empty @p out. */
void permit_decide(struct esc_permit *permit, const struct esc_resource *resource,
                   const char *action, const struct esc_permit_policy *policy,
                   struct permit_answer *out);
void permit_answer_done(struct permit_answer *answer);

/** Of a type and an action: which of the keys a record can know the request carries. */
struct permit_keys {
    unsigned rows;     /* bits of the table in permit_keys.c */
    bool tags;         /* "aws:ResourceTag/" */
    bool service_tags; /* "ec2:ResourceTag/" beside it */
};

/** @p action NULL: not in the table; then all count. */
struct permit_keys permit_keys_of(const char *type, const struct esc_iam_action *action);
/** Says in @p context what the record knows. */
void permit_keys_tell(const struct permit_keys *keys, const struct esc_resource *resource,
                      struct esc_iam_context *context);
/** All keys of services there are, each once: char *, borrowed from the table of actions. */
void permit_keys_list(struct esc_list *out);
/** Says that a request to @p service ("rds") carries no keys of others. */
void permit_keys_rule_out_others(const struct esc_list *keys, struct esc_str service,
                                 struct esc_iam_context *context);
/** Says which keys of its own service a request for @p action does not carry. */
void permit_keys_rule_out(const struct esc_list *keys, const struct esc_iam_action *action,
                          struct esc_iam_context *context);
