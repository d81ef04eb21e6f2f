/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which collections a store has. A row opens only with its collection's name, and a row's tag does
 * not tell it. Those of this program are a table in collections.c; others are noted when their
 * first row is written, as rows of the collection "collections". Whoever has to open every row (a
 * backup's restore test, a rotation of keys) asks here.
 */

#include "escher/store/rows_private.h"

/** Called when a collection's first key seals for the first time, inside the transaction. */
enum esc_status collections_note(struct esc_store *store, const char *collection,
                                 struct esc_error *err);

/* The names of all collections there are, by the tags of their rows. */
struct collection_names;
enum esc_status collections_names_load(struct esc_store *store, struct collection_names **out,
                                       struct esc_error *err);
void collections_names_free(struct collection_names *names);
/** Borrowed; NULL: nobody knows it. */
const char *collections_name(const struct collection_names *names, struct esc_str tag);

/** A row with the name of its collection. */
typedef enum esc_status collections_row_fn(void *context, const char *collection,
                                           const struct row *row, bool *stop,
                                           struct esc_error *err);
/** Opens every row there is, in the order of n. A row that does not open, or is of a collection
 *  that nobody knows, is counted in @p tally, which may not be NULL, and passed over. @p fn may be
 *  NULL. */
enum esc_status collections_open_all(struct esc_store *store, collections_row_fn *fn, void *context,
                                     struct esc_store_tally *tally, struct esc_error *err);
