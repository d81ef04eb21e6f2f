/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Documents in any collection: those of document.h and the named ones of runs.h. */

#include "escher/store/rows_private.h"

/** A transaction of its own, or part of the open one. */
enum esc_status document_put(struct esc_store *store, const char *collection, const char *key,
                             const struct esc_json *json, struct esc_error *err);
enum esc_status document_get(struct esc_store *store, const char *collection, const char *key,
                             struct esc_json **out, struct esc_error *err);
/** Deleting what is not there is fine. */
enum esc_status document_del(struct esc_store *store, const char *collection, const char *key,
                             struct esc_error *err);
enum esc_status document_walk(struct esc_store *store, const struct walk *walk,
                              esc_store_each_fn *fn, void *context, struct esc_store_tally *tally,
                              struct esc_error *err);
