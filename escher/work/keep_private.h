/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keeping resources: from a scan or a file into store and index, with their vectors.
 *
 *     add ─▶ queue ─▶ batch of ESC_BATCH_COUNT ─▶ vectors (a job, only for what reads
 *                        ▲                         differently than before) ─▶ one transaction
 *                        └──────────── next ◀──────────────────────────────── ─▶ index
 *     close ─▶ when the queue is empty: done
 *
 * After a failure the rest of the queue is dropped and done tells why; the batches before it stay
 * kept, since each is true by itself.
 */

#include "escher/store/estate.h"
#include "escher/work/work_private.h"

struct work_keeper;
typedef void work_keeper_fn(void *context, enum esc_status status,
                            const struct esc_estate_change *sum, const struct esc_error *err);

struct work_keeper *work_keeper_new(struct esc_workbench *bench, work_keeper_fn *done,
                                    void *context);
void work_keeper_add(struct work_keeper *keeper, struct esc_resource *resource); /* handed over */
/** No more comes; `done` fires once all is kept, never before this call has returned, and the
 *  keeper is gone then. */
void work_keeper_close(struct work_keeper *keeper);
/** Frees a keeper that was given nothing; `done` never fires. */
void work_keeper_discard(struct work_keeper *keeper);
/** Drops what is queued; close must still be called, and done says ESC_CANCELLED. */
void work_keeper_cancel(struct work_keeper *keeper);
/** Whether something could not be kept, so that bringing more is in vain. */
bool work_keeper_has_failed(const struct work_keeper *keeper);
