/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A few planners at work beside the loop, one per processor, each on one request at a time:
 *
 *     planner_pool_ask ──▶ waits ──▶ a free planner, on a worker thread ──▶ done, on the loop
 *                            └ too many wait: done(ESC_UNAVAILABLE)
 *
 * Request and answer are wiped when done has been called: nothing of them stays.
 *
 * Threads  the loop thread only; what the workers do is inside.
 */

#include "escher/base/error.h"
#include "escher/base/str.h"
#include "escher/embed/encoder.h"
#include "escher/loop/loop.h"
#include "escher/playbook/shelf.h"

struct planner_pool;

enum planner_question {
    PLANNER_PLAN,
    PLANNER_CLASSIFY,
};
/** @p answer is borrowed, JSON; empty when @p err is set. */
typedef void planner_done_fn(void *context, struct esc_str answer, const struct esc_error *err);

/** @p shelf and @p encoder are borrowed for the pool's life. @errors what esc_planner_new says. */
enum esc_status planner_pool_new(struct esc_loop *loop, const struct esc_shelf *shelf,
                                 const struct esc_encoder *encoder, struct planner_pool **out,
                                 struct esc_error *err);
/** Those who wait are told ESC_CANCELLED; those at work must be done: free the loop before. */
void planner_pool_free(struct planner_pool *pool);
size_t planner_pool_size(const struct planner_pool *pool);

/** @p body is copied. @p done fires once, later. @errors (of done) ESC_INVALID, ESC_LIMIT: no
 *  request; ESC_UNAVAILABLE: too busy; what esc_answer says. */
void planner_pool_ask(struct planner_pool *pool, enum planner_question question,
                      struct esc_str body, planner_done_fn *done, void *context);
