/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The enriched request: what the person said, together with everything the estate knows about
 * what they meant, in the shape the planner takes (docs/formats/planner-request.schema.json).
 * Mode "full": it holds names, ids and tags, so it goes only to a planner in this process, or to
 * one the person has explicitly allowed to see them.
 */

#include <stdbool.h>
#include <stddef.h>

#include "escher/base/json.h"
#include "escher/model/resource.h"

/** One resource of the request; all borrowed. */
struct esc_request_resource {
    const struct esc_resource *resource;
    bool picked;                       /* chosen by its id */
    size_t mention_start, mention_end; /* bytes of the prompt; both 0: not named in it */
};

/** Everything is borrowed. */
struct esc_request {
    struct esc_str prompt;
    const struct esc_request_resource *resources;
    size_t resource_count;
    const char *user_id;         /* never NULL */
    const char *default_region;  /* NULL when there is none */
    uint64_t session_expires_ms; /* of the keys that lead to the resources, the first of them; 0:
                                    never, or not known */
    const char *const *account_ids;
    size_t account_count;
    const struct esc_json *history; /* array of {role, text}, or NULL */
};

/** The request document, owned by the caller. */
struct esc_json *esc_request_to_json(const struct esc_request *request);

/**
 * What playbook expressions see as `resource`: the facts of one resource, with its scalar
 * metadata beside its own fields and its environment class. Owned by the caller.
 */
struct esc_json *esc_request_facts(const struct esc_resource *resource);
