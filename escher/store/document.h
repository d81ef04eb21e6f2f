/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sealed JSON documents by collection and key, for all that needs no row format of its own:
 * accounts, coverage of scans, settings, summaries of syncs.
 *
 * A collection is a word of lower-case letters and underscores, made by its first document. On
 * disk neither its name nor the keys can be read.
 */

#include "escher/store/store.h"

/** Replaces an earlier document. @errors ESC_INVALID: no such word; ESC_LIMIT; ESC_IO. */
enum esc_status esc_store_doc_put(struct esc_store *store, const char *collection, const char *key,
                                  const struct esc_json *json, struct esc_error *err);
/** *out is owned by the caller. @errors ESC_NOT_FOUND, ESC_CORRUPT. */
enum esc_status esc_store_doc_get(struct esc_store *store, const char *collection, const char *key,
                                  struct esc_json **out, struct esc_error *err);
/** Deleting what is not there is fine. */
enum esc_status esc_store_doc_del(struct esc_store *store, const char *collection, const char *key,
                                  struct esc_error *err);
/** In the order of first putting. @p tally may be NULL. */
enum esc_status esc_store_docs(struct esc_store *store, const char *collection,
                               esc_store_each_fn *fn, void *context, struct esc_store_tally *tally,
                               struct esc_error *err);
