/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * IAM actions, as the cloud checks them: which resources a request for an action is about, and
 * which condition keys it may carry. A key of the action's own service that is not listed is never
 * there, so a condition on it is decided.
 *
 * iam_action_table.c is written by tools/iam-actions-generate.
 *
 * Ownership  everything is static and const.
 * Threads    any.
 * @source Service Authorization Reference, "Actions defined by ..." of each service
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/base/list.h"
#include "escher/base/str.h"

struct esc_iam_resource {
    const char
        *arn;      /* "arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}"; "*": any */
    bool required; /* each request for the action is about one of these */
};

struct esc_iam_action {
    const char *name;                         /* "rds:StopDBInstance" */
    const struct esc_iam_resource *resources; /* ends with a NULL arn; none: only "*" */
    const char *const *keys; /* without what stands for a tag's key: "ec2:ResourceTag/";
                                                 ends with NULL */
};

/** Without case; NULL when it is not in the table. */
const struct esc_iam_action *esc_iam_action_find(struct esc_str name);
const struct esc_iam_action *esc_iam_action_at(size_t index); /* sorted by name, without case */
size_t esc_iam_action_count(void);

/** Where an action happens. */
struct esc_iam_place {
    const char *arn; /* of the resource it is done to */
    const char *partition, *region, *account_id;
};
enum esc_iam_action_spelling {
    ESC_IAM_ACTION_LISTED,   /* the cloud has it */
    ESC_IAM_ACTION_MISSPELT, /* its service is known and has none of that name */
    ESC_IAM_ACTION_FOREIGN,  /* nothing is known of its service here */
};
/**
 * What the cloud's list says of "rds:stopdbinstance", without case. @p out is owned by the caller:
 * as the list has it, the nearest one of the service, or NULL.
 */
enum esc_iam_action_spelling esc_iam_action_spelling(struct esc_str name, char **out);

/** Whether the action can be done to the resource at @p place, or to what is in it; also when it
 *  knows no single resource. */
bool esc_iam_action_is_done_to(const struct esc_iam_action *action,
                               const struct esc_iam_place *place);

/** Whether a request for the action may carry @p key (any case): always, for a global key. */
bool esc_iam_action_has_key(const struct esc_iam_action *action, struct esc_str key);

/**
 * What a request for @p action (NULL: not in the table) on one resource asks about, the resource
 * or what is in it first: char *, into @p out, which owns with free. ARNs of other resources that
 * the request must name too follow, with "*" for what is not known of them.
 */
void esc_iam_action_resources(const struct esc_iam_action *action,
                              const struct esc_iam_place *place, struct esc_list *out);
