/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What stands beside the policies in the book of an account: what runs have learned, and how many
 * answers there are of each kind. */

#include "escher/base/map.h"
#include "escher/work/permission_private.h"

/* permission_learn.c */
/** What was learned by policies of @p digest, and lately: "ID ACTION" → struct esc_json *. Owned by
 *  the caller. */
ESC_RETURNS_NONNULL struct esc_map *permission_learned_read(struct esc_workbench *bench,
                                                            const char *digest);
/** What was refused is denied. @p actions ends with NULL. */
void permission_learned_apply(const struct esc_map *learned, const char *id,
                              const char *const *actions, struct esc_permissions *permissions);
/** The same for the page of one action, which then says so. */
void permission_learned_explain(const struct esc_map *learned, const char *id, const char *action,
                                struct esc_json *page);

/* permission_count.c: counts by type and region, so that what a narrow sync does not see stays
 * counted. */
struct permission_tally;
/** @p stored is handed over; may be NULL. */
ESC_RETURNS_NONNULL struct permission_tally *permission_tally_new(struct esc_json *stored);
void permission_tally_free(struct permission_tally *tally);
/** The first of its type and region in a sync begins the count anew. */
void permission_tally_begin(struct permission_tally *tally, const struct esc_resource *resource);
/** Adds the resource's answers for @p actions (ends with NULL), or takes them away: @p sign. */
void permission_tally_add(struct permission_tally *tally, const struct esc_resource *resource,
                          const char *const *actions, int sign);
/** Types and regions of which the estate has nothing any more count no longer. */
void permission_tally_forget(struct permission_tally *tally, const struct esc_index *index,
                             const char *account_id);
const struct esc_json *permission_tally_json(const struct permission_tally *tally); /* borrowed */
