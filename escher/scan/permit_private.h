/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Shared by permit.c, which asks the policies, permit_crypt.c, which asks those of the keys that data
 * is encrypted under, permit_page.c, which tells what they said, and permit_keys.c: what the record
 * of a resource knows of a request for it. */

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
    char *arn;                     /* owned */
    char *doubt;                   /* why it is unknown after all; owned; NULL */
    bool told;                     /* the cloud has spoken, by a probe */
    const struct esc_json *missed; /* keys that it was not given and some policy asks for; NULL */
    const struct esc_permit_key *key; /* whose policy has decided, under request.action; NULL */
};

/** Why nobody knows, handed over. */
void permit_become_unknown(struct permit_answer *answer, char *why);
/** A conditional verdict hangs on @p key too, borrowed as its others. */
void permit_hang_on(struct esc_iam_verdict *verdict, struct esc_str key);
/** Whether @p a takes more away than @p b. */
bool permit_is_worse(enum esc_iam_decision a, enum esc_iam_decision b);

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

/** What is worked out once for a type and an action; the contexts are filled for each resource: that
 *  of the resource itself, and that of what else the request must name. */
struct permit_plan {
    char *name;
    const struct esc_iam_action *action;
    struct permit_keys keys;
    struct esc_iam_context *base, *own, *other;
};
struct permit_plan *permit_plan_of(struct esc_permit *permit, const char *type, const char *action);
/** Asks about answer->arn by the plan's contexts; @p is_other: it is not the resource itself. */
void permit_ask(struct esc_permit *permit, struct permit_plan *plan,
                const struct esc_resource *resource, const struct esc_permit_policy *policy,
                bool is_other, struct permit_answer *answer);

/** The keys that protect the resource: struct esc_permit_key *, found once until they are
 *  forgotten. */
const struct esc_list *permit_keys_over(struct esc_permit *permit,
                                        const struct esc_resource *resource);
void permit_forget_keys(struct esc_permit *permit);
/** Whether permit_open_key() was called with @p name, since the policy of some key was another. */
bool permit_key_is_open(const struct esc_permit *permit, const char *name);
void permit_open_key(struct esc_permit *permit, const char *name);
/** permit_crypt.c: the key that the resource names itself, whose policy nobody has read. */
void permit_keys_unread(const struct esc_resource *resource, struct esc_list *out);
/** permit_crypt.c: makes @p answer the worse of itself and of what the action needs of the keys. */
void permit_decide_crypt(struct esc_permit *permit, const struct esc_resource *resource,
                         const char *action, struct permit_answer *answer);

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
