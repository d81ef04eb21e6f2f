/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is derived from a KEK, which itself is forgotten once the store is open: what wraps keys, and
 * what keys outside of the store come from.
 */

#include "escher/store/keys_private.h"

struct wrapper {
    struct esc_uuid uuid; /* of the store */
    int64_t kek;          /* the KEK's number */
    struct esc_secret *wrap;
    struct esc_secret *outside; /* NULL when only the first is known */
};
ESC_RETURNS_NONNULL struct wrapper *wrapper_new(const struct esc_secret *kek, int64_t number,
                                                struct esc_uuid uuid);
void wrapper_free(struct wrapper *wrapper);
ESC_DEFINE_CLEANUP(struct wrapper, wrapper_free)

/* What a wrapped key is for: it opens for nothing else. */
struct purpose {
    struct tag tag;
    struct blind owner;
    int64_t epoch;
};
/** Appends the wrapped key to @p out. */
void wrapper_wrap(const struct wrapper *wrapper, const struct purpose *purpose,
                  const struct esc_secret *key, const struct esc_random *random,
                  struct esc_buf *out);
/** @errors ESC_CORRUPT. */
enum esc_status wrapper_unwrap(const struct wrapper *wrapper, const struct purpose *purpose,
                               struct esc_str wrapped, struct esc_secret **out,
                               struct esc_error *err);

/** Wraps every key of the table anew, from one KEK to another, inside a transaction. Those that do
 *  not open stay as they are: what they sealed was lost before. */
enum esc_status wrapper_change_all(struct db *db, const struct wrapper *from,
                                   const struct wrapper *to, const struct esc_random *random,
                                   size_t *damaged, struct esc_error *err);
