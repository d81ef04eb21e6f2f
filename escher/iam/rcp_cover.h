/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which actions resource control policies speak of at all. The list grows with the cloud.
 *
 * Ownership  nothing.
 * Threads    any.
 * @source AWS Organizations User Guide, "List of AWS services that support RCPs" and "Resources and
 *         entities not restricted by RCPs", as of autumn 2026
 */

#include <stdbool.h>

#include "escher/base/str.h"

/** "s3:GetObject", any case. */
bool esc_iam_rcp_covers(struct esc_str action);
