/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What has changed about a resource from one look to the next, field by field.
 *
 * Pure. Fields are named by their path in `escher.resource/1` ("state", "tags.owner",
 * "constraints.can_stop"); relations of a kind are one field. What says when and by whom it was
 * seen, permissions, hashes and reasons are no change.
 */

#include "escher/model/resource.h"

enum {
    ESC_DIFF_FIELDS = 64, /* that are told; the last says how many more there are */
    ESC_DIFF_VALUE = 256  /* bytes of a value */
};

/** An array of {"field", "from", "to"}, values as text, in the order of the names; "from" is
 *  absent for what is new, "to" for what is gone. Empty: nothing has changed. Owned. */
ESC_RETURNS_NONNULL struct esc_json *esc_resource_diff(const struct esc_resource *before,
                                                       const struct esc_resource *after);
