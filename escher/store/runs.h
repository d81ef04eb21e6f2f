/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Plans by their hash, runs by their id, and the approvals between them.
 *
 *     plan_put ──▶ approval_put ──▶ begin: approval_consume, run_put, audit append: commit
 *                                                                   ──▶ run_put (each change)
 *
 * An approval is used once: consuming it is part of the transaction that records the intent, so
 * either both are on disk or neither is.
 */

#include "escher/store/store.h"

/** Keeps an `escher.plan/1` under its hash; the same hash again replaces it (its state changes). */
enum esc_status esc_store_plan_put(struct esc_store *store, const char *plan_hash,
                                   const struct esc_json *plan, struct esc_error *err);
/** *out is owned by the caller. @errors ESC_NOT_FOUND, ESC_CORRUPT. */
enum esc_status esc_store_plan_get(struct esc_store *store, const char *plan_hash,
                                   struct esc_json **out, struct esc_error *err);
/** Forgets a plan that led to nothing; one that is not there is fine. */
enum esc_status esc_store_plan_delete(struct esc_store *store, const char *plan_hash,
                                      struct esc_error *err);
/** Newest first. */
enum esc_status esc_store_plans(struct esc_store *store, esc_store_each_fn *fn, void *context,
                                struct esc_store_tally *tally, struct esc_error *err);

/** Keeps an `escher.run/1` under its id; again with each change. */
enum esc_status esc_store_run_put(struct esc_store *store, const char *run_id,
                                  const struct esc_json *run, struct esc_error *err);
enum esc_status esc_store_run_get(struct esc_store *store, const char *run_id,
                                  struct esc_json **out, struct esc_error *err);
/** Newest first. */
enum esc_status esc_store_runs(struct esc_store *store, esc_store_each_fn *fn, void *context,
                               struct esc_store_tally *tally, struct esc_error *err);

struct esc_store_approval {
    const char *plan_hash;
    uint64_t approved_at_ms, expires_at_ms;
    const struct esc_json *detail; /* who, how, what was typed; NULL: nothing more */
};
/** Keeps an approval that was given; its id is written to @p id. */
enum esc_status esc_store_approval_put(struct esc_store *store,
                                       const struct esc_store_approval *approval,
                                       char id[ESC_UUID_TEXT], struct esc_error *err);
/**
 * Uses the approval @p id up for @p run_id. Belongs into the transaction of the intent.
 * @p detail (may be NULL) gets what was kept with it, owned by the caller.
 * @errors ESC_NOT_FOUND; ESC_STALE: used before (by which run), expired, given in the future, or
 * given for another plan.
 */
enum esc_status esc_store_approval_consume(struct esc_store *store, const char *id,
                                           const char *plan_hash, const char *run_id,
                                           uint64_t now_ms, struct esc_json **detail,
                                           struct esc_error *err);
