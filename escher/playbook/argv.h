/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The familiar command line of a call, for showing: options in the order of the parameters,
 * booleans as flags (--x, --no-x; --x=false where the CLI has no word for "no"), lists and
 * structures as one element of compact JSON, the region last. What runs gets the same parameters as
 * JSON (exec/command_aws.h), never this text.
 */

#include "escher/base/buf.h"
#include "escher/base/json.h"
#include "escher/catalog/operation.h"

/** "aws rds stop-db-instance", owned by the caller. */
ESC_RETURNS_NONNULL char *esc_argv_command(const struct esc_operation *operation);
/** ["--db-instance-identifier", "pg-main", "--region", "us-west-2"], owned by the caller.
 *  @p region NULL: left out. */
struct esc_json *esc_argv_args(const struct esc_operation *operation, const struct esc_json *params,
                               const char *region);
/** Command and arguments as one line, quoted where a shell would need it. */
void esc_argv_line(const struct esc_operation *operation, const struct esc_json *params,
                   const char *region, struct esc_buf *out);
