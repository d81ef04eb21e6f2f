/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Dry runs of EC2: the operation with `DryRun`, which decides and does nothing.
 *
 * Pure. Ownership  results are owned by the caller.
 * @source Amazon EC2 API Reference, common query parameters: DryRun
 */

#include "escher/catalog/operation.h"
#include "escher/model/resource.h"

/** The code of the failure that means: it would have been done. */
#define WORK_DRY_RUN_WOULD "DryRunOperation"

/** The operation of that action, when a dry run of it is made up of the resource's id; NULL. */
const struct esc_operation *work_dry_run_operation(const char *action);
/** Its input, always with the flag; @p of_nothing names a resource that is not there. NULL: the
 *  action is not done so to that type. */
struct esc_json *work_dry_run_params(const char *action, const struct esc_resource *resource,
                                     bool of_nothing);
/** Says on the page of one action (scan/permit.h) what EC2 has said: "source" is "dry_run". */
void work_dry_run_tell(bool is_allowed, const char *message, struct esc_json *page);
