/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Looks at the cloud on behalf of a plan: one probe of it, or all its captures in turn. A probe
 * is an object of the plan with service, operation, params, region, account, select and missing.
 */

#include "escher/work/work_private.h"

struct work_probe;
/** @p value is handed over, NULL on failure. */
typedef void work_probe_fn(void *context, struct esc_json *value, const struct esc_error *err);

/** Reads one probe. Gone after @p done; cancelling still calls it. */
struct work_probe *work_probe_start(struct esc_workbench *bench, const struct esc_json *probe,
                                    const struct esc_aws_environment *environment,
                                    work_probe_fn *done, void *context);
/** Reads all captures of @p plan; the value is an object with each by its name. */
struct work_probe *work_captures_start(struct esc_workbench *bench, const struct esc_json *plan,
                                       const struct esc_aws_environment *environment,
                                       work_probe_fn *done, void *context);
/** Whose keys have read the captures, as GetCallerIdentity says; NULL: not known, or several.
 *  Borrowed; only while @p done is called. */
const char *work_probe_caller(const struct work_probe *probe);
void work_probe_cancel(struct work_probe *probe);
