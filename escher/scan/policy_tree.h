/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The policies of an organisation: what stands above its accounts, as its management account reads
 * it (policy_reader.h with `members`), or a member that it has delegated that to. Nobody else may.
 *
 *     root r-1 ──▶ unit ou-1 ──▶ unit ou-2 ──▶ account      each has its service control policies,
 *      scp rcp      scp rcp       scp rcp       scp rcp      and its resource control policies
 *
 * The document:
 *
 *     {"read_at", "calls",
 *      "targets": {ID: {"parent"?: ID, "scp"?: [POLICY ID], "rcp"?: the same, "refused"?: [kind]}},
 *      "policies": {ID: {"label": "NAME (ID)", "document"?}},
 *      "refused": [{"action", "code", "message"}]}
 *
 * What was refused is missing there, and an account below it is as if nobody had read anything.
 *
 * Pure. Threads any one at a time.
 * @source AWS Organizations User Guide, "SCP evaluation" and "RCP evaluation"
 */

#include "escher/base/json.h"

/**
 * Adds to an account's "organisation" (policy_reader.h) what stands above it, from the root down:
 * {"scp"?: [{"target", "policies": [{"label", "document"}]}], "rcp"?: the same}. A kind that is not
 * known whole is left out; an empty list: the organisation does not use that kind.
 */
void esc_policy_tree_apply(const struct esc_json *tree, const char *account_id,
                           struct esc_json *organisation);
