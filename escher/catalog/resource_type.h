/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The kinds of things in an estate, one row each: what people call it, how its identifier and
 * its ARN look, which request member names it, and which actions matter for it. A type is a row
 * here, never an `if` elsewhere.
 *
 * Ownership  everything is static and const unless said otherwise.
 * Threads    any.
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/base/attr.h"
#include "escher/base/str.h"

struct esc_resource_type {
    const char *name;           /* "rds_instance" */
    const char *service;        /* of botocore and IAM: "rds", "ec2", "elasticloadbalancing" */
    const char *one;            /* for people: "RDS database instance" */
    const char *many;           /* "RDS database instances" */
    const char *const *words;   /* what people say, singular, lower case; ends with NULL */
    const char *request_key;    /* member that names it in a planner request */
    const char *id_prefix;      /* "i-" when the cloud makes the ids, else NULL */
    const char *id_pattern;     /* POSIX extended, for the whole identifier */
    const char *arn_template;   /* with {partition} {region} {account} {identifier}; NULL when the
                                   ARN holds more than these and only the cloud can tell it */
    const char *const *actions; /* IAM actions relevant for one resource; ends with NULL */
};

const struct esc_resource_type *esc_resource_type_find(const char *name); /* NULL unknown */
const struct esc_resource_type *esc_resource_type_at(size_t index);
size_t esc_resource_type_count(void);

/** Whether @p word (any case, singular or plural) is one that people use for the type. The type's
 *  own name counts too, with '_' or ' '. Several types may share a word: "database". */
bool esc_resource_type_has_word(const struct esc_resource_type *type, struct esc_str word);
/** Whether @p text looks like an identifier of the type. */
bool esc_resource_type_is_identifier(const struct esc_resource_type *type, struct esc_str text);
/** The ARN of a resource, owned by the caller; NULL when the type has no template. */
char *esc_resource_type_arn(const struct esc_resource_type *type, const char *region,
                            const char *account_id, const char *identifier);
