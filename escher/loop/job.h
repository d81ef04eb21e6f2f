/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Blocking work on a worker thread, its end on the loop.
 *
 *     start ──▶ waits for a worker ──▶ work(context) on the worker ──▶ done(context, ESC_OK)
 *                    │cancel                  │cancel
 *                    └────────────────────────┴──────────▶ done(context, ESC_CANCELLED)
 *
 * The context goes in as a value and comes back as one: between start and done it belongs to the
 * worker and nobody else touches it. A cancelled job that has not begun is not begun; one that
 * has is let to its end before done is called, so the context is free to go in both cases.
 */

#include "escher/loop/loop.h"

struct esc_job;
typedef void esc_job_work_fn(void *context);
typedef void esc_job_done_fn(void *context, enum esc_status ok_or_cancelled);

/** The job is gone once @p done has been called. */
ESC_RETURNS_NONNULL struct esc_job *esc_job_start(struct esc_loop *loop, esc_job_work_fn *work,
                                                  esc_job_done_fn *done, void *context);
/** Asks a job that is not done to end; @p done still comes, later. NULL does nothing. */
void esc_job_cancel(struct esc_job *job);
