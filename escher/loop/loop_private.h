/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of this room share: the loop itself and the list of what is open on it. */

#include <uv.h>

#include "escher/loop/loop.h"

struct loop_post {
    struct loop_post *next;
    void (*fn)(void *context);
    void *context;
};

struct loop_queue {
    struct loop_post *first, *last;
};

/* Anything open on the loop; embedded first in timers, watches, jobs and signal handlers. */
struct loop_item {
    struct loop_item *next, *previous;
    void (*end)(struct loop_item *item); /* closes or cancels it; called once, by esc_loop_free */
};

struct esc_loop {
    uv_loop_t uv;
    uv_async_t wake; /* makes a sleeping loop look at `foreign` */
    uv_mutex_t lock; /* of `foreign`, the only thing other threads touch */
    struct loop_queue foreign;
    struct loop_queue posts;
    struct loop_item open; /* head of a ring */
    bool turning, stopping;
};

void loop_add(struct esc_loop *loop, struct loop_item *item, void (*end)(struct loop_item *item));
void loop_remove(struct loop_item *item); /* twice is fine */
