/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is known of a partition's regions without asking. */

#include <stdbool.h>

#include "escher/base/str.h"
#include "escher/model/account.h"

/** Regions that every account of that partition has, for those that may not list theirs; ends with
 *  NULL, static. */
const char *const *scan_usual_regions(const struct esc_account *account);
/** Lower-case letters, digits and dashes, one at least, fewer than 32 in all. */
bool scan_is_region(struct esc_str text);
