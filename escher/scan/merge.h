/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What only follows from several answers together: tags of the tagging service, whether a volume
 * has snapshots, who uses a security group, what lives in a network. A "no" is said only where
 * all that could say "yes" was seen completely.
 *
 * Pure. Ownership  everything is borrowed; resources are changed in place.
 */

#include <stdbool.h>

#include "escher/base/list.h"
#include "escher/base/map.h"
#include "escher/model/resource.h"

struct esc_merge {
    struct esc_list *resources; /* of one account and region */
    const struct esc_map *tags; /* ARN → struct esc_json *, or NULL */
    /** Whether the scan has seen all resources of @p type here. */
    bool (*is_complete)(void *context, const char *type);
    void *context;
};

void esc_merge(const struct esc_merge *merge);
