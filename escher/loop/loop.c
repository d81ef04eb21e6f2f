/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/loop/loop.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/loop/loop_private.h"

static void wake_up(uv_async_t *)
{
    /* turn() looks at the queues by itself; this only ends the sleep. */
}

enum esc_status esc_loop_new(struct esc_loop **out, struct esc_error *err)
{
    struct esc_loop *loop = esc_alloc_zero(sizeof *loop);
    int failed = uv_loop_init(&loop->uv);
    if (failed) {
        free(loop);
        return esc_fail(err, ESC_IO, "event loop: %s", uv_strerror(failed));
    }
    failed = uv_async_init(&loop->uv, &loop->wake, wake_up);
    if (failed) {
        ESC_ASSERT(uv_loop_close(&loop->uv) == 0);
        free(loop);
        return esc_fail(err, ESC_IO, "event loop: %s", uv_strerror(failed));
    }
    uv_unref((uv_handle_t *)&loop->wake);
    ESC_ASSERT(uv_mutex_init(&loop->lock) == 0);
    loop->open.next = loop->open.previous = &loop->open;
    *out = loop;
    return ESC_OK;
}

void loop_add(struct esc_loop *loop, struct loop_item *item, void (*end)(struct loop_item *item))
{
    item->end = end;
    item->next = &loop->open;
    item->previous = loop->open.previous;
    item->previous->next = item->next->previous = item;
}

void loop_remove(struct loop_item *item)
{
    if (!item->next)
        return;
    item->next->previous = item->previous;
    item->previous->next = item->next;
    item->next = item->previous = NULL;
}

static void append(struct loop_queue *queue, struct loop_queue *more)
{
    if (!more->first)
        return;
    if (queue->last)
        queue->last->next = more->first;
    else
        queue->first = more->first;
    queue->last = more->last;
    *more = (struct loop_queue){0};
}

static void take_foreign(struct esc_loop *loop)
{
    uv_mutex_lock(&loop->lock);
    append(&loop->posts, &loop->foreign);
    uv_mutex_unlock(&loop->lock);
}

/* Runs what is posted now; what those functions post waits for the next turn. */
static void run_posts(struct esc_loop *loop)
{
    struct loop_post *post = loop->posts.first;
    loop->posts = (struct loop_queue){0};
    while (post) {
        struct loop_post this = *post;
        free(post);
        this.fn(this.context);
        post = this.next;
    }
}

/* One turn; false when nothing is left that could ever call back. */
static bool turn(struct esc_loop *loop, bool may_wait)
{
    take_foreign(loop);
    int alive = uv_run(&loop->uv, loop->posts.first || !may_wait ? UV_RUN_NOWAIT : UV_RUN_ONCE);
    take_foreign(loop);
    bool posted = loop->posts.first != NULL;
    run_posts(loop);
    return alive || posted;
}

static void end_all(struct esc_loop *loop)
{
    while (loop->open.next != &loop->open) {
        struct loop_item *item = loop->open.next;
        loop_remove(item);
        item->end(item);
    }
}

void esc_loop_free(struct esc_loop *loop)
{
    if (!loop)
        return;
    ESC_ASSERT(!loop->turning);
    do {
        end_all(loop); /* again after each turn: a last callback may start something */
    } while (turn(loop, true) || loop->open.next != &loop->open);
    uv_close((uv_handle_t *)&loop->wake, NULL);
    (void)uv_run(&loop->uv, UV_RUN_NOWAIT); /* only to finish that close */
    ESC_ASSERT(uv_loop_close(&loop->uv) == 0);
    uv_mutex_destroy(&loop->lock);
    free(loop);
}

enum esc_status esc_loop_run(struct esc_loop *loop, struct esc_error *)
{
    ESC_ASSERT(!loop->turning);
    loop->turning = true;
    while (!loop->stopping && turn(loop, true))
        ;
    loop->stopping = loop->turning = false;
    return ESC_OK;
}

void esc_loop_stop(struct esc_loop *loop)
{
    loop->stopping = true;
}

bool esc_loop_run_until(struct esc_loop *loop, bool (*done)(void *context), void *context)
{
    ESC_ASSERT(!loop->turning);
    loop->turning = true;
    bool alive = true, reached = done(context);
    while (!reached && alive) {
        alive = turn(loop, true);
        reached = done(context);
    }
    loop->turning = false;
    return reached;
}

int esc_loop_fd(const struct esc_loop *loop)
{
    return uv_backend_fd(&loop->uv);
}

int esc_loop_wait_ms(struct esc_loop *loop)
{
    take_foreign(loop);
    uv_update_time(&loop->uv); /* it was the last turn's */
    if (loop->posts.first)
        return 0;
    return uv_loop_alive(&loop->uv) ? uv_backend_timeout(&loop->uv) : -1; /* else it says 0 */
}

void esc_loop_turn(struct esc_loop *loop)
{
    ESC_ASSERT(!loop->turning);
    loop->turning = true;
    (void)turn(loop, false); /* what is alive now may be started by the other loop later */
    loop->turning = false;
}

static struct loop_queue one_post(void (*fn)(void *context), void *context)
{
    struct loop_post *post = esc_alloc_zero(sizeof *post);
    post->fn = fn;
    post->context = context;
    return (struct loop_queue){post, post};
}

void esc_loop_post(struct esc_loop *loop, void (*fn)(void *context), void *context)
{
    struct loop_queue post = one_post(fn, context);
    append(&loop->posts, &post);
}

void esc_loop_post_threadsafe(struct esc_loop *loop, void (*fn)(void *context), void *context)
{
    struct loop_queue post = one_post(fn, context);
    uv_mutex_lock(&loop->lock);
    append(&loop->foreign, &post);
    (void)uv_async_send(&loop->wake); /* fails only on a closed handle, which free rules out */
    uv_mutex_unlock(&loop->lock);
}
