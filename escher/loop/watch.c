/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/loop/loop.h"
#include "escher/loop/loop_private.h"

struct esc_watch {
    struct loop_item item;
    uv_poll_t poll;
    unsigned events;
    esc_watch_fn *fn;
    void *context;
};

static void on_ready(uv_poll_t *poll, int status, int ready);

static void restart(struct esc_watch *watch)
{
    int wanted = ((watch->events & ESC_READABLE) ? UV_READABLE : 0) |
                 ((watch->events & ESC_WRITABLE) ? UV_WRITABLE : 0);
    if (wanted)
        ESC_ASSERT(uv_poll_start(&watch->poll, wanted, on_ready) == 0);
    else
        ESC_ASSERT(uv_poll_stop(&watch->poll) == 0);
}

static void on_ready(uv_poll_t *poll, int status, int ready)
{
    struct esc_watch *watch = poll->data;
    unsigned events =
        ((ready & UV_READABLE) ? ESC_READABLE : 0u) | ((ready & UV_WRITABLE) ? ESC_WRITABLE : 0u);
    if (status < 0) {
        restart(watch); /* libuv stops at POLLERR; the owner may need more than one look */
        events = watch->events;
    }
    watch->fn(watch->context, events);
}

static void on_watch_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void end_watch(struct loop_item *item)
{
    struct esc_watch *watch = (struct esc_watch *)item;
    uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
}

struct esc_watch *esc_loop_watch(struct esc_loop *loop, int fd, unsigned events, esc_watch_fn *fn,
                                 void *context)
{
    struct esc_watch *watch = esc_alloc_zero(sizeof *watch);
    if (uv_poll_init(&loop->uv, &watch->poll, fd) != 0) {
        free(watch);
        return NULL;
    }
    watch->poll.data = watch;
    watch->fn = fn;
    watch->context = context;
    loop_add(loop, &watch->item, end_watch);
    esc_watch_change(watch, events);
    return watch;
}

void esc_watch_change(struct esc_watch *watch, unsigned events)
{
    watch->events = events;
    restart(watch);
}

void esc_watch_close(struct esc_watch *watch)
{
    if (!watch)
        return;
    loop_remove(&watch->item);
    end_watch(&watch->item);
}

struct esc_signal {
    struct loop_item item;
    uv_signal_t handle;
    esc_signal_fn *fn;
    void *context;
};

static void on_arrival(uv_signal_t *handle, int number)
{
    struct esc_signal *handler = handle->data;
    handler->fn(handler->context, number);
}

static void on_signal_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void end_signal(struct loop_item *item)
{
    struct esc_signal *handler = (struct esc_signal *)item;
    uv_close((uv_handle_t *)&handler->handle, on_signal_closed);
}

enum esc_status esc_loop_on_signal(struct esc_loop *loop, int number, esc_signal_fn *fn,
                                   void *context, struct esc_signal **out, struct esc_error *err)
{
    struct esc_signal *handler = esc_alloc_zero(sizeof *handler);
    ESC_ASSERT(uv_signal_init(&loop->uv, &handler->handle) == 0);
    handler->handle.data = handler;
    handler->fn = fn;
    handler->context = context;
    int failed = uv_signal_start(&handler->handle, on_arrival, number);
    if (failed) {
        end_signal(&handler->item);
        return esc_fail(err, ESC_INVALID, "signal %d: %s", number, uv_strerror(failed));
    }
    uv_unref((uv_handle_t *)&handler->handle);
    loop_add(loop, &handler->item, end_signal);
    *out = handler;
    return ESC_OK;
}

void esc_signal_close(struct esc_signal *handler)
{
    if (!handler)
        return;
    loop_remove(&handler->item);
    end_signal(&handler->item);
}
