/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The scanners, one row each: what it is called, which types it finds and which operations it
 * calls. A new service is a new row, made in its own file.
 *
 * Ownership  everything is static and const.
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/base/error.h"
#include "escher/base/str.h"

struct esc_scanner {
    const char *name;    /* "ec2", "ebs", "rds", "s3", "lambda", "vpc", "elb", "tags" */
    const char *service; /* of the catalog */
    bool global;         /* asked once per account, and covers all regions */
    bool needs_tags;     /* its answers carry no tags: "tags" is asked too */
    /* The scanner that lists what this one asks details of: asked too. NULL: none. */
    const char *needs;
    bool is_restless; /* what it lists changes by itself: incremental syncs ask it too */
    const struct scan_step *steps;
    size_t step_count;
};

size_t esc_scanner_count(void);
const struct esc_scanner *esc_scanner_at(size_t index);
/** By name; NULL when there is none. */
const struct esc_scanner *esc_scanner_find(struct esc_str name);

/**
 * The scanner of a service that a person has named.
 * @errors ESC_INVALID: there is none; the message names those there are.
 */
enum esc_status esc_scanner_named(const char *name, const struct esc_scanner **out,
                                  struct esc_error *err);

/** The operation that one of its cells is of; NULL: it has no more than @p index. */
const char *esc_scanner_operation(const struct esc_scanner *scanner, size_t index);

/** The one that has a cell of that operation; NULL when none does. */
const struct esc_scanner *esc_scanner_of_operation(const char *service, const char *operation);

/** The one that lists resources of that type; NULL when none does. */
const struct esc_scanner *esc_scanner_of_type(const char *resource_type);
