/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What scans have seen and what they have not, from cells (docs/formats/answers.schema.json). */

#include "apps/cli/cli.h"

/** What could not be seen: a paragraph for each operation and reason, with its cure. */
void cli_add_missing(const struct cli *cli, struct esc_buf *out, const struct esc_json *cells);
/** How much of each account and region was seen, and when. */
void cli_add_places(const struct cli *cli, struct esc_buf *out, const struct esc_json *cells);
/** How many of each kind there are, apart from those that nobody could look for. */
void cli_add_kinds(const struct cli *cli, struct esc_buf *out, const struct esc_json *cells);
