/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What stands beside the policies in the book of an account: those of keys, what runs have learned,
 * and how many answers there are of each kind. */

#include "escher/base/map.h"
#include "escher/work/permission_private.h"

/* permission_crypt.c: the keys that data is encrypted under, by what is kept of them. */
struct permission_keys;
/** @p principal: the ARN of the user or role, may be NULL; copied. */
ESC_RETURNS_NONNULL struct permission_keys *permission_keys_new(struct esc_workbench *bench,
                                                                const char *account_id,
                                                                const char *principal,
                                                                bool is_emulated);
void permission_keys_free(struct permission_keys *keys);
/** An esc_permit_keys_fn: @p context is the keys. */
void permission_keys_find(void *context, const struct esc_resource *resource, struct esc_list *out);
/** What is kept of it is read again when it is wanted. */
void permission_keys_forget(struct permission_keys *keys, const char *arn);
/** Under which a key's page is kept; owned by the caller. */
ESC_RETURNS_NONNULL char *permission_key_name(const char *account_id, const char *arn);
/** The keys and aliases of which an account has a page: char *, into @p arns, which owns them, also
 *  after an error. @errors ESC_IO */
enum esc_status permission_keys_kept(struct esc_store *store, const char *account_id,
                                     struct esc_list *arns, struct esc_error *err);
/** Adds what is kept of all of them, but for when it was read. */
void permission_keys_mark(struct esc_store *store, const char *account_id,
                          struct esc_digest *digest);
/** Forgets all that is kept of an account. @errors ESC_IO */
enum esc_status permission_keys_forget_account(struct esc_store *store, const char *account_id,
                                               struct esc_error *err);

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
