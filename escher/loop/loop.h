/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The event loop: one per program, turned by one thread, which owns everything started on it.
 *
 *     turn:  expired timers ─▶ ready descriptors, ended jobs, signals ─▶ what was posted before
 *
 * A callback never fires before the call that started it has returned, and always on the thread
 * that turns the loop. Timers, watches and jobs keep the loop alive; signal handlers, finalizers
 * and posts from other threads do not.
 *
 * Ownership  what is started here belongs to the loop: one-shot things (timers, jobs, posts) free
 *            themselves after their callback, watches and signal handlers when they are closed,
 *            finalizers when they are dropped.
 *            esc_loop_free() closes whatever is still open.
 * Threads    the loop thread only, except esc_loop_post_threadsafe().
 */

#include <stdbool.h>
#include <stdint.h>

#include "escher/base/error.h"

struct esc_loop;

/** @errors ESC_IO: no descriptors left. */
enum esc_status esc_loop_new(struct esc_loop **out, struct esc_error *err);
/**
 * Ends everything on the loop: timers and watches never fire again, jobs end with ESC_CANCELLED
 * (one that already works is waited for), posts run a last time. Call it outside of callbacks.
 * NULL does nothing.
 */
void esc_loop_free(struct esc_loop *loop);
ESC_DEFINE_CLEANUP(struct esc_loop, esc_loop_free)

/** Turns until esc_loop_stop() or until nothing is alive. @errors ESC_IO: polling failed. */
enum esc_status esc_loop_run(struct esc_loop *loop, struct esc_error *err);
/** Ends the esc_loop_run() under way after the present turn, or the next one at once. */
void esc_loop_stop(struct esc_loop *loop);
/**
 * Turns until @p done says true; false when before that nothing was left alive that could make it
 * so. For tests and for a program that waits for one thing. Not from inside a callback.
 */
bool esc_loop_run_until(struct esc_loop *loop, bool (*done)(void *context), void *context);

/*
 * Turning inside another loop, such as GLib's, on the thread that runs that one: it waits until
 * esc_loop_fd() is readable or esc_loop_wait_ms() has passed, and then calls esc_loop_turn().
 */
int esc_loop_fd(const struct esc_loop *loop);
/** 0: turn at once; -1: only the descriptor tells. */
int esc_loop_wait_ms(struct esc_loop *loop);
/** One turn that does not wait. Not from inside a callback. */
void esc_loop_turn(struct esc_loop *loop);

/** Runs @p fn in the next turn. */
void esc_loop_post(struct esc_loop *loop, void (*fn)(void *context), void *context);
/** The same from any thread. The loop must live until @p fn has run. */
void esc_loop_post_threadsafe(struct esc_loop *loop, void (*fn)(void *context), void *context);

/* Ending, with the loop, what lives beside it (a process). */
struct esc_finalizer;
typedef void esc_finalizer_fn(void *context);

/**
 * Calls @p fn once, in esc_loop_free(): after that of everything that was started earlier, while
 * what was started later is still open and may be stopped as ever. The finalizer is gone by then.
 */
ESC_RETURNS_NONNULL struct esc_finalizer *esc_loop_at_end(struct esc_loop *loop,
                                                          esc_finalizer_fn *fn, void *context);
/** Its function never fires. Only while it has not fired; NULL does nothing. */
void esc_finalizer_drop(struct esc_finalizer *finalizer);

/* Watching a descriptor. */
enum {
    ESC_READABLE = 1,
    ESC_WRITABLE = 2,
};
struct esc_watch;
typedef void esc_watch_fn(void *context, unsigned events);

/**
 * Calls @p fn whenever @p fd is ready for one of @p events, again and again until it is closed or
 * no longer ready. An error or hang-up counts as ready for all that was asked, so that the next
 * read or write tells. The descriptor stays the caller's and must stay open until the watch is
 * closed; one descriptor has one watch.
 * NULL when it cannot be waited for: a regular file is always ready.
 */
struct esc_watch *esc_loop_watch(struct esc_loop *loop, int fd, unsigned events, esc_watch_fn *fn,
                                 void *context);
/** From now on @p events; 0 pauses, and a paused watch does not keep the loop alive. */
void esc_watch_change(struct esc_watch *watch, unsigned events);
/** @p fn never fires again, also when called from within it. NULL does nothing. */
void esc_watch_close(struct esc_watch *watch);

/* Handling a signal. */
struct esc_signal;
typedef void esc_signal_fn(void *context, int number);

/** Calls @p fn on the loop each time signal @p number arrives. @errors ESC_INVALID: no signal. */
enum esc_status esc_loop_on_signal(struct esc_loop *loop, int number, esc_signal_fn *fn,
                                   void *context, struct esc_signal **out, struct esc_error *err);
void esc_signal_close(struct esc_signal *handler); /* NULL does nothing */
