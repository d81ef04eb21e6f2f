/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The least policy that a scan needs, from the tables of scanners and operations: reads only, each
 * action by its name.
 *
 * Pure. Ownership  results are owned by the caller.
 */

#include "escher/base/error.h"
#include "escher/base/json.h"

enum {
    ESC_MANAGED_POLICY_CHARS = 6144, /* of a managed policy, not counting white space */
};

enum esc_read_extent {
    ESC_READ_ESTATE,       /* what there is */
    ESC_READ_PERMISSIONS,  /* and what the caller may do with it */
    ESC_READ_ORGANIZATION, /* and, in a management account or a delegated administrator's, what
                              decides in the members */
};

/**
 * Policy documents for scanners by name (ends with NULL; NULL: all), an array: one document, or as
 * many as it takes for each to stay under @p limit characters.
 * @errors ESC_INVALID: no service is called so.
 */
enum esc_status esc_read_policies(const char *const *services, enum esc_read_extent extent,
                                  size_t limit, struct esc_json **out, struct esc_error *err);
