/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The generated tables; that of operations is sorted by service and operation. */

#include <stddef.h>

#include "escher/catalog/iam_action.h"
#include "escher/catalog/operation.h"

extern const struct esc_operation catalog_operations[];
extern const size_t catalog_operation_count;

/** The generated table of IAM actions, sorted by name without case. */
extern const struct esc_iam_action catalog_iam_actions[];
extern const size_t catalog_iam_action_count;

/** All actions of the services of that table, by name: sorted without case, the last is NULL. */
struct catalog_iam_service {
    const char *name;         /* "rds" */
    const char *const *names; /* "AddRoleToDBCluster" */
};
extern const struct catalog_iam_service catalog_iam_services[];
extern const size_t catalog_iam_service_count;

/** Whether the whole @p text matches @p pattern, a POSIX extended expression of our tables. */
bool catalog_matches(const char *pattern, struct esc_str text);
