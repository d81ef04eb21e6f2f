/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/loop/job.h"

#include "escher/base/alloc.h"
#include "escher/base/assert.h"
#include "escher/loop/loop_private.h"

struct esc_job {
    struct loop_item item;
    uv_work_t request;
    bool cancelled;
    esc_job_work_fn *work;
    esc_job_done_fn *done;
    void *context;
};

static void on_worker(uv_work_t *request)
{
    struct esc_job *job = request->data;
    job->work(job->context);
}

static void on_done(uv_work_t *request, int status)
{
    struct esc_job *job = request->data;
    loop_remove(&job->item);
    job->done(job->context, job->cancelled || status != 0 ? ESC_CANCELLED : ESC_OK);
    free(job);
}

static void end_job(struct loop_item *item)
{
    esc_job_cancel((struct esc_job *)item);
}

struct esc_job *esc_job_start(struct esc_loop *loop, esc_job_work_fn *work, esc_job_done_fn *done,
                              void *context)
{
    struct esc_job *job = esc_alloc_zero(sizeof *job);
    job->request.data = job;
    job->work = work;
    job->done = done;
    job->context = context;
    ESC_ASSERT(uv_queue_work(&loop->uv, &job->request, on_worker, on_done) == 0);
    loop_add(loop, &job->item, end_job);
    return job;
}

void esc_job_cancel(struct esc_job *job)
{
    if (!job)
        return;
    job->cancelled = true;
    (void)uv_cancel((uv_req_t *)&job->request); /* refused once it has begun: on_done tells */
}
