/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/server/planner_pool.h"

#include <unistd.h>

#include "escher/answer/answer.h"
#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/base/limits.h"
#include "escher/crypt/secret.h"
#include "escher/loop/job.h"

enum {
    MAX_PLANNERS = 4, /* as many as the loop has worker threads */
    MAX_WAITING = 64,
    MAX_ANSWER = 1024 * 1024,
};

struct slot {
    struct planner_pool *pool;
    struct esc_encoder *encoder;
    struct esc_planner *planner;
    struct ask *ask; /* NULL: free */
};

struct ask {
    struct ask *next;
    struct planner_pool *pool;
    struct slot *slot;
    enum planner_question question;
    char *body;
    size_t body_len;
    struct esc_buf answer;
    struct esc_error err;
    planner_done_fn *done;
    void *context;
};

struct planner_pool {
    struct esc_loop *loop;
    struct slot slots[MAX_PLANNERS];
    size_t slot_count;
    struct ask *first, **last; /* waiting */
    size_t waiting;
};

static enum esc_status embed(void *context, struct esc_str text, float *out, struct esc_error *err)
{
    return esc_encoder_encode(context, &text, 1, out, err);
}

static void free_slots(struct planner_pool *pool)
{
    for (size_t i = 0; i < pool->slot_count; i++) {
        esc_planner_free(pool->slots[i].planner);
        esc_encoder_free(pool->slots[i].encoder);
    }
}

enum esc_status planner_pool_new(struct esc_loop *loop, const struct esc_shelf *shelf,
                                 const struct esc_encoder *encoder, struct planner_pool **out,
                                 struct esc_error *err)
{
    struct planner_pool *pool = esc_alloc_zero(sizeof *pool);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = processors < 1              ? 1
                    : processors > MAX_PLANNERS ? MAX_PLANNERS
                                                : (size_t)processors;
    enum esc_status status = ESC_OK;
    pool->loop = loop;
    pool->last = &pool->first;
    while (status == ESC_OK && pool->slot_count < wanted) {
        struct slot *slot = &pool->slots[pool->slot_count++];
        slot->pool = pool;
        slot->encoder = esc_encoder_clone(encoder);
        status = esc_planner_new(shelf, embed, slot->encoder, &slot->planner, err);
    }
    if (status == ESC_OK) {
        *out = pool;
        return ESC_OK;
    }
    free_slots(pool);
    free(pool);
    return status;
}

size_t planner_pool_size(const struct planner_pool *pool)
{
    return pool->slot_count;
}

static void finish(struct ask *ask)
{
    if (ask->err.status == ESC_OK)
        ask->done(ask->context, esc_buf_str(&ask->answer), NULL);
    else
        ask->done(ask->context, (struct esc_str){0}, &ask->err);
    if (ask->answer.ptr)
        esc_wipe(ask->answer.ptr, ask->answer.capacity);
    esc_buf_done(&ask->answer);
    esc_wipe(ask->body, ask->body_len);
    free(ask->body);
    free(ask);
}

/* On a worker thread: parses, thinks, writes. */
static void work(void *context)
{
    struct ask *ask = context;
    static const struct esc_json_limits limits = {ESC_MAX_REQUEST, ESC_MAX_JSON_DEPTH};
    const struct esc_str body = {ask->body, ask->body_len};
    ESC_CLEANUP(esc_json_freep) struct esc_json *request = NULL;
    enum esc_status status = esc_json_parse(body, &limits, &request, &ask->err);
    if (status != ESC_OK)
        return;
    const struct esc_planner *planner = ask->slot->planner;
    status = ask->question == PLANNER_PLAN
                 ? esc_answer(planner, request, &ask->answer, &ask->err)
                 : esc_classify(planner, request, &ask->answer, &ask->err);
    if (status == ESC_OK)
        ask->err.status = ESC_OK;
}

static void assign(struct planner_pool *pool);

static void on_worked(void *context, enum esc_status status)
{
    struct ask *ask = context;
    struct planner_pool *pool = ask->pool;
    ask->slot->ask = NULL;
    if (status != ESC_OK)
        (void)esc_fail(&ask->err, status, "the server is going down");
    finish(ask);
    assign(pool);
}

static void assign(struct planner_pool *pool)
{
    for (size_t i = 0; i < pool->slot_count && pool->first; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->ask)
            continue;
        struct ask *ask = pool->first;
        pool->first = ask->next;
        if (!pool->first)
            pool->last = &pool->first;
        pool->waiting--;
        slot->ask = ask;
        ask->slot = slot;
        (void)esc_job_start(pool->loop, work, on_worked, ask); /* ends by itself */
    }
}

static void refuse(void *context)
{
    finish(context);
}

void planner_pool_ask(struct planner_pool *pool, enum planner_question question,
                      struct esc_str body, planner_done_fn *done, void *context)
{
    struct ask *ask = esc_alloc_zero(sizeof *ask);
    ask->pool = pool;
    ask->question = question;
    ask->body = esc_strndup(body.len ? body.ptr : "", body.len);
    ask->body_len = body.len;
    ask->done = done;
    ask->context = context;
    esc_buf_init(&ask->answer, MAX_ANSWER);
    if (pool->waiting == MAX_WAITING) {
        (void)esc_fail(&ask->err, ESC_UNAVAILABLE, "too many requests wait; try again soon");
        esc_loop_post(pool->loop, refuse, ask);
        return;
    }
    *pool->last = ask;
    pool->last = &ask->next;
    pool->waiting++;
    assign(pool);
}

void planner_pool_free(struct planner_pool *pool)
{
    if (!pool)
        return;
    while (pool->first) {
        struct ask *ask = pool->first;
        pool->first = ask->next;
        (void)esc_fail(&ask->err, ESC_CANCELLED, "the server is going down");
        finish(ask);
    }
    for (size_t i = 0; i < pool->slot_count; i++)
        ESC_ASSERT(!pool->slots[i].ask);
    free_slots(pool);
    free(pool);
}
