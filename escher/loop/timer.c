/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/loop/timer.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/loop/loop_private.h"

struct esc_timer {
    struct loop_item item;
    uv_timer_t handle;
    esc_timer_fn *fn;
    void *context;
};

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void end_timer(struct loop_item *item)
{
    struct esc_timer *timer = (struct esc_timer *)item;
    uv_close((uv_handle_t *)&timer->handle, on_closed);
}

static void on_expired(uv_timer_t *handle)
{
    struct esc_timer *timer = handle->data;
    loop_remove(&timer->item);
    end_timer(&timer->item); /* the memory stays until the end of this turn */
    timer->fn(timer->context);
}

struct esc_timer *esc_timer_start(struct esc_loop *loop, uint64_t delay_ms, esc_timer_fn *fn,
                                  void *context)
{
    struct esc_timer *timer = esc_alloc_zero(sizeof *timer);
    ESC_ASSERT(uv_timer_init(&loop->uv, &timer->handle) == 0);
    timer->handle.data = timer;
    timer->fn = fn;
    timer->context = context;
    uv_update_time(&loop->uv); /* count from now, not from the last look at the clock */
    ESC_ASSERT(uv_timer_start(&timer->handle, on_expired, delay_ms, 0) == 0);
    loop_add(loop, &timer->item, end_timer);
    return timer;
}

void esc_timer_cancel(struct esc_timer *timer)
{
    if (!timer)
        return;
    loop_remove(&timer->item);
    end_timer(&timer->item);
}

void esc_timer_stop(struct esc_timer **timer)
{
    esc_timer_cancel(*timer);
    *timer = NULL;
}
