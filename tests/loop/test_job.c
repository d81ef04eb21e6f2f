/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/loop/job.h"

#include <pthread.h>
#include <semaphore.h>

#include "tests/support/test.h"

static struct esc_error err;

static int set_up(void **state)
{
    struct esc_loop *loop = NULL;
    expect_ok(esc_loop_new(&loop, &err));
    *state = loop;
    return 0;
}

static int tear_down(void **state)
{
    esc_loop_free(*state);
    return 0;
}

struct sum {
    int from, to, result, done_calls;
    enum esc_status status;
    pthread_t worker;
    sem_t begun, may_end;
};

static void sum_up(void *context)
{
    struct sum *sum = context;
    sum->worker = pthread_self();
    for (int i = sum->from; i <= sum->to; i++)
        sum->result += i;
}

static void note_done(void *context, enum esc_status status)
{
    struct sum *sum = context;
    sum->status = status;
    sum->done_calls++;
}

static void the_work_happens_elsewhere_and_its_result_comes_back(void **state)
{
    struct sum sum = {.from = 1, .to = 100, .status = ESC_IO};
    (void)esc_job_start(*state, sum_up, note_done, &sum);
    expect_ok(esc_loop_run(*state, &err));
    assert_int_equal(5050, sum.result);
    assert_int_equal(1, sum.done_calls);
    assert_int_equal(ESC_OK, sum.status);
    assert_false(pthread_equal(pthread_self(), sum.worker));
}

static void hold(void *context)
{
    struct sum *sum = context;
    (void)sem_post(&sum->begun); /* cannot overflow here */
    while (sem_wait(&sum->may_end) != 0)
        ;
    sum->result = 1;
}

static void let_go(void *context)
{
    (void)sem_post(context); /* cannot overflow here */
}

static void a_job_cancelled_at_work_is_let_to_its_end(void **state)
{
    struct sum sum = {0};
    assert_int_equal(0, sem_init(&sum.begun, 0, 0));
    assert_int_equal(0, sem_init(&sum.may_end, 0, 0));
    struct esc_job *job = esc_job_start(*state, hold, note_done, &sum);
    while (sem_wait(&sum.begun) != 0)
        ;
    esc_job_cancel(job);
    esc_job_cancel(job);
    esc_loop_post(*state, let_go, &sum.may_end);
    expect_ok(esc_loop_run(*state, &err));
    assert_int_equal(1, sum.result);
    assert_int_equal(1, sum.done_calls);
    assert_int_equal(ESC_CANCELLED, sum.status);
}

/* With every worker held, a further job cannot begin, so cancelling it must keep it unbegun. */
static void a_job_cancelled_before_it_begins_is_not_begun(void **state)
{
    struct sum holds[4] = {0}, late = {.from = 1, .to = 1};
    for (size_t i = 0; i < ESC_COUNT(holds); i++) {
        assert_int_equal(0, sem_init(&holds[i].begun, 0, 0));
        assert_int_equal(0, sem_init(&holds[i].may_end, 0, 0));
        (void)esc_job_start(*state, hold, note_done, &holds[i]);
    }
    for (size_t i = 0; i < ESC_COUNT(holds); i++)
        while (sem_wait(&holds[i].begun) != 0)
            ;
    esc_job_cancel(esc_job_start(*state, sum_up, note_done, &late));
    for (size_t i = 0; i < ESC_COUNT(holds); i++)
        let_go(&holds[i].may_end);
    expect_ok(esc_loop_run(*state, &err));
    assert_int_equal(1, late.done_calls);
    assert_int_equal(ESC_CANCELLED, late.status);
    assert_int_equal(0, late.result);
}

static void free_it(void *context, enum esc_status status)
{
    assert_int_equal(ESC_CANCELLED, status);
    free(context);
}

static void freeing_the_loop_gives_every_context_back(void **)
{
    struct esc_loop *loop = NULL;
    expect_ok(esc_loop_new(&loop, &err));
    for (int i = 0; i < 20; i++)
        (void)esc_job_start(loop, sum_up, free_it, esc_alloc_zero(sizeof(struct sum)));
    esc_loop_free(loop); /* the leak checker sees to the rest */
}

#define WITH_LOOP(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    if (setenv("UV_THREADPOOL_SIZE", "4", 1) != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        WITH_LOOP(the_work_happens_elsewhere_and_its_result_comes_back),
        WITH_LOOP(a_job_cancelled_at_work_is_let_to_its_end),
        WITH_LOOP(a_job_cancelled_before_it_begins_is_not_begun),
        cmocka_unit_test(freeing_the_loop_gives_every_context_back),
    };
    return cmocka_run_group_tests_name("loop/job", tests, NULL, NULL);
}
