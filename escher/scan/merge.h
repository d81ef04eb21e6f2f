/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What only follows from several answers together: tags of the tagging service, whether a volume
 * has snapshots, who uses a security group, what lives in a network. A "no" is said only where
 * all that could say "yes" was seen completely.
 *
 *     new ─▶ note (each resource) ─▶ settle ─▶ conclude (each of them again) ─▶ free
 *
 * Between noting and concluding no resource need be there: what others have to know of it is kept
 * as a few facts. What comes out does not depend on the order of noting.
 *
 * Pure. Ownership  everything is borrowed; resources are changed in place by conclude alone.
 */

#include <stdbool.h>

#include "escher/base/list.h"
#include "escher/base/map.h"
#include "escher/model/resource.h"

struct esc_merge {
    struct esc_list *resources; /* of one account and region; for esc_merge() alone */
    const struct esc_map *tags; /* ARN → struct esc_json *, or NULL */
    /** Whether the scan has seen all resources of @p type here. */
    bool (*is_complete)(void *context, const char *type);
    void *context;
};

struct esc_merger;

/** @p merge is borrowed until it is freed. */
ESC_RETURNS_NONNULL struct esc_merger *esc_merger_new(const struct esc_merge *merge);
void esc_merger_free(struct esc_merger *merger);
ESC_DEFINE_CLEANUP(struct esc_merger, esc_merger_free)
/** Takes the facts of a resource, to which the caller gives a number. Of an id that comes twice, the
 *  first counts. */
void esc_merger_note(struct esc_merger *merger, const struct esc_resource *resource, size_t number);
/** All are noted. From here on is_complete is asked. */
void esc_merger_settle(struct esc_merger *merger);
size_t esc_merger_count(const struct esc_merger *merger);
/** Settled: the number of the one that is the @p index-th in the order of ids. */
size_t esc_merger_nth(const struct esc_merger *merger, size_t index);
/** What follows from the others for one that was noted. */
void esc_merger_conclude(const struct esc_merger *merger, struct esc_resource *resource);

/** All at once. */
void esc_merge(const struct esc_merge *merge);
