/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A desk whose caller has a role with one policy in the fake cloud: what a sync makes of it, and
 * what is told of it afterwards. Each test has a desk of desk_setup() in its state.
 */

#include "tests/work/desk.h"

#define ROLE "arn:aws:iam::" DESK_ACCOUNT ":role/ops/Developer"
#define ALLOW "{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}"
#define DATABASE "pg-instance-main1"

/** The desk with an account, a database, a bucket `papers` and the caller, who may do all. */
struct desk *caller_desk(void **state);

/** The caller and its role as they are at first, in no organisation. */
void caller_put(const struct desk *desk);
/** The role's policy has these statements. */
void caller_put_policy(const struct desk *desk, const char *statements);
/** The fake CLI's words for a failure that is none of permission. */
void caller_put_failure(const struct desk *desk, const char *verb, const char *code);
/** The account is a member of an organisation, whose policies nobody here can read. */
void caller_join_organisation(const struct desk *desk);

/** A sync of one service; the number of rows it has changed. */
int64_t caller_sync(struct desk *desk, const char *service);
/** What is told: the verdict and, where there is one, ": " and why it is unknown. Owned. */
char *caller_verdict(struct desk *desk, const char *name, const char *action);
void caller_expect(struct desk *desk, const char *name, const char *action, const char *expected);
/** How many are in a list, e.g. `denied_actions`, of the database's row as it is stored. */
size_t caller_stored_count(struct desk *desk, const char *list);
