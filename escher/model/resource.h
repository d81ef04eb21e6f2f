/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A resource of the estate, `escher.resource/1`: what a scan saw of one thing in the cloud.
 *
 * Every string in it comes from outside and is data: it is shown escaped and never acted on.
 * Its id is the key string {account}-{region}-{resource_type}-{identifier}, so the same thing
 * seen twice is the same row.
 *
 * Ownership  new/free/copy; all members belong to the resource, JSON members one reference each.
 * Threads    any one at a time.
 * Units      wall-clock milliseconds since 1970 (RFC 3339 in the JSON).
 */

#include <stddef.h>
#include <stdint.h>

#include "escher/base/error.h"
#include "escher/base/json.h"
#include "escher/model/constraint.h"
#include "escher/model/permission.h"

struct esc_relation {
    char *kind;   /* "in_vpc": a name of model/relation_kind.h */
    char *target; /* resource id */
};

struct esc_resource {
    char *id;
    char *provider;      /* "aws" */
    char *resource_type; /* "rds_instance": a name of the catalog */
    char *identifier, *arn;
    char *name; /* falls back to the identifier */
    char *account_id, *account_name, *region;
    char *state;                         /* NULL when the type has none */
    uint64_t created_at_ms;              /* 0 unknown */
    struct esc_json *tags;               /* object of strings, never NULL */
    struct esc_json *metadata;           /* object, never NULL */
    struct esc_permissions *permissions; /* "iam"; NULL when nothing is known */
    struct esc_constraints constraints;
    struct esc_relation *relations; /* NULL when there are none */
    size_t relation_count;
    uint64_t last_synced_ms;            /* 0 unknown */
    char *seen_in;                      /* sync id, or NULL */
    char *content_hash, *embedded_hash; /* "sha256:..." or NULL */
};

/** Empty: tags and metadata are empty objects, every string is NULL. */
ESC_RETURNS_NONNULL struct esc_resource *esc_resource_new(void);
void esc_resource_free(struct esc_resource *resource);
ESC_DEFINE_CLEANUP(struct esc_resource, esc_resource_free)
/** The same, for a list or map that owns its values: an esc_free_fn. */
void esc_resource_free_item(void *resource);
ESC_RETURNS_NONNULL struct esc_resource *esc_resource_copy(const struct esc_resource *resource);
/** All that is in it as a new one; what is left is empty and only to be freed. */
ESC_RETURNS_NONNULL struct esc_resource *esc_resource_take(struct esc_resource *resource);

/**
 * Reads an `escher.resource/1` document, strictly: unknown members are refused, and the id must
 * be the key of its parts. *out is owned by the caller.
 * @errors ESC_INVALID naming the member; ESC_LIMIT over ESC_MAX_RESOURCE or ESC_MAX_NAME.
 */
enum esc_status esc_resource_from_json(const struct esc_json *json, struct esc_resource **out,
                                       struct esc_error *err);
struct esc_json *esc_resource_to_json(const struct esc_resource *resource);

/** The id, owned by the caller. */
ESC_RETURNS_NONNULL char *esc_resource_key(const char *account_id, const char *region,
                                           const char *resource_type, const char *identifier);
/** The tag's value, its key compared exactly; NULL when absent. Borrowed. */
const char *esc_resource_tag(const struct esc_resource *resource, const char *key);
/** Adds a relation; the same kind and target twice are one. Both copied. */
void esc_resource_relate(struct esc_resource *resource, const char *kind, const char *target);
/** Takes a relation away; none of that kind and target is no mistake. */
void esc_resource_unrelate(struct esc_resource *resource, const char *kind, const char *target);
/** The environment class (model/environment.h) by its tags, else by its account's name; NULL
 *  when neither tells. Static text. */
const char *esc_environment_of_resource(const struct esc_resource *resource);
