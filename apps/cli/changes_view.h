/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What syncs have found changed, for people. */

#include "apps/cli/cli.h"

/** A line for each change and one for each of its fields; @p named: of which resource, too. */
void cli_add_changes(const struct cli *cli, struct esc_buf *out, const struct esc_json *changes,
                     bool named);
