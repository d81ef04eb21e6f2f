/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A token by which one side says "nobody wants this any more" and many listen. Once requested it
 * stays requested. Shared: everyone who keeps it holds a reference. Loop thread only.
 */

#include <stdbool.h>

#include "escher/loop/loop.h"

struct esc_cancel;
struct esc_cancel_hook;
typedef void esc_cancel_fn(void *context);

/** A token with one reference, the caller's. @p loop must outlive it. */
ESC_RETURNS_NONNULL struct esc_cancel *esc_cancel_new(struct esc_loop *loop);
struct esc_cancel *esc_cancel_ref(struct esc_cancel *cancel); /* the same token; NULL gives NULL */
void esc_cancel_unref(struct esc_cancel *cancel);             /* NULL does nothing */
ESC_DEFINE_CLEANUP(struct esc_cancel, esc_cancel_unref)

/** Calls every hook in the next turn, in the order in which they were set. Twice is like once. */
void esc_cancel_request(struct esc_cancel *cancel);
bool esc_cancel_is_requested(const struct esc_cancel *cancel); /* NULL: never */

/**
 * Calls @p fn once after a request, in the next turn if that has been made already. The hook
 * holds a reference to the token until it has fired or is forgotten.
 */
ESC_RETURNS_NONNULL struct esc_cancel_hook *esc_cancel_on_request(struct esc_cancel *cancel,
                                                                  esc_cancel_fn *fn, void *context);
/** Its function never fires. Only while it has not fired; NULL does nothing. */
void esc_cancel_forget(struct esc_cancel_hook *hook);
