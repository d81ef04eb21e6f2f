/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Amazon resource names: `arn:partition:service:region:account:resource`. */

#include <stdbool.h>

#include "escher/base/str.h"

struct esc_arn {
    struct esc_str partition, service, region, account, resource; /* region, account may be empty */
};

/** Cuts @p text into its parts (borrowed from it). False when it is none; the resource part may
 *  hold further colons and must not be empty. */
bool esc_arn_parse(struct esc_str text, struct esc_arn *out);
/** "instance" of "instance/i-1" and "db" of "db:main"; empty for a bare "my-bucket". */
struct esc_str esc_arn_kind(const struct esc_arn *arn);
/** What follows the kind: "i-1", "main", "my-bucket". */
struct esc_str esc_arn_name(const struct esc_arn *arn);
/** What follows the last slash of a path or an ARN: "ada" of "user/ops/ada"; all of it without. */
struct esc_str esc_arn_last(struct esc_str path);
