/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether the file holds what was written to it: no row more, none less, each in the version that
 * was written last. Rows that were damaged are found by whoever reads them; this finds those that
 * are whole and should not be there, and those that should be there and are not.
 *
 *     new ──▶ step, step ... until done ──▶ free       writing may go on between two steps
 */

#include "escher/store/store.h"

struct esc_store_check;

struct esc_store_check_report {
    uint64_t rows, expected; /* of all tables */
};

ESC_RETURNS_NONNULL struct esc_store_check *esc_store_check_new(struct esc_store *store);
void esc_store_check_free(struct esc_store_check *check); /* before the store is closed */
ESC_DEFINE_CLEANUP(struct esc_store_check, esc_store_check_free)

/**
 * Looks at up to @p rows more, outside of a transaction; *is_done when these were the last.
 * @p report (may be NULL) is filled in then.
 * @errors ESC_CORRUPT: the file cannot be read, or it holds something else; then it is over too.
 */
enum esc_status esc_store_check_step(struct esc_store_check *check, size_t rows, bool *is_done,
                                     struct esc_store_check_report *report, struct esc_error *err);

/** All of it at once, and whether tables and indexes agree. */
enum esc_status esc_store_check(struct esc_store *store, struct esc_store_check_report *report,
                                struct esc_error *err);

/** One more with each commit that changed something. */
uint64_t esc_store_sequence(const struct esc_store *store);
