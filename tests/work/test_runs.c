/* SPDX-License-Identifier: Apache-2.0 */

/* A run belongs to nobody who watches it, and no end of a core loses one. */

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/num.h"
#include "escher/base/paths.h"
#include "escher/loop/timer.h"
#include "escher/store/runs.h"
#include "escher/work/run_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

/* The stop waits until the test lets it go on; it tells who it and its helper are. */
static const char slow_stop[] = "echo \"$$\" >\"$here/script\"\n"
                                "echo \"$PPID\" >\"$here/helper\"\n"
                                "while [ ! -f \"$here/go\" ]; do sleep 0.02; done\n"
                                "sed -i s/available/stopped/ \"$here/describe-db-instances.json\"\n"
                                "cat \"$here/describe-db-instances.json\"\nexit 0\n";
static const char change_state[] =
    "sed -i s/available/stopped/ \"$here/describe-db-instances.json\"\n";
static const char consent[] = "{\"confirm\":\"pg-instance-main1\"," DESK_KEYS "}";
static const char consent_in_background[] =
    "{\"confirm\":\"pg-instance-main1\",\"background\":true," DESK_KEYS "}";

/* After a restart a core has only its own environment. */
static void give_keys_to_this_process(void)
{
    assert_int_equal(0, setenv("AWS_ACCESS_KEY_ID", "AK" DESK_ACCOUNT, 1));
    assert_int_equal(0, setenv("AWS_SECRET_ACCESS_KEY", "canary-secret", 1));
}

static int setup(void **state)
{
    give_keys_to_this_process();
    (void)desk_setup(state); /* it fails by ending the test */
    desk_add_account(*state);
    desk_add_database(*state);
    desk_cloud_put(*state, "stop-db-instance.sh", slow_stop);
    return 0;
}

static const char *text(const struct esc_json *json, const char *path)
{
    return esc_json_str(json, path, "");
}

static char *approve_path(struct desk *desk)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "POST", "/api/ask",
                                        "{\"prompt\":\"Stop pg-instance-main1\"," DESK_KEYS "}");
    return esc_sprintf("/api/plans/%s/approve", text(body, "plan_hash"));
}

/* The only run there is; owned by the caller. */
static char *run_path(struct desk *desk, const char *act)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "GET", "/api/runs", NULL);
    assert_int_equal(1, esc_json_len(esc_json_member(body, "runs")));
    return esc_sprintf("/api/runs/%s%s", text(body, "runs[0].run_id"), act);
}

static bool script_waits(void *context)
{
    return desk_cloud_has(context, "helper");
}

static void keep_turning(void *context)
{
    struct desk *desk = context;
    if (!desk_cloud_has(desk, "go"))
        (void)esc_timer_start(desk->loop, 10, keep_turning, desk);
}

/* Approves and comes back while the stop is under way. */
static void begin_run(struct desk *desk)
{
    ESC_CLEANUP(esc_freep) char *path = approve_path(desk);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", path, consent_in_background));
    keep_turning(desk);
    assert_true(esc_loop_run_until(desk->loop, script_waits, desk));
}

static pid_t number_in(const struct desk *desk, const char *name)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(desk->cloud, name);
    struct esc_buf bytes;
    uint64_t number = 0;
    esc_buf_init(&bytes, ESC_MAX_LINE);
    expect_ok(esc_file_read(path, &bytes, &err));
    assert_true(esc_num_u64(esc_str_trim(esc_buf_str(&bytes)), &number));
    esc_buf_done(&bytes);
    return (pid_t)number;
}

static void expect_one_stop(struct desk *desk)
{
    assert_int_equal(1, desk_cloud_calls(desk, "stop-db-instance"));
}

static void who_stops_watching_stops_nothing(void **state)
{
    struct desk *desk = *state;
    struct desk_call first, second;
    begin_run(desk);
    ESC_CLEANUP(esc_freep) char *path = run_path(desk, "/wait");
    desk_start(desk, "POST", path, NULL, &first);
    desk_start(desk, "POST", path, NULL, &second);
    esc_json_free(desk_expect(desk, ESC_OK, "GET", "/api/ping", NULL));
    esc_api_cancel(first.call);
    desk_wait(desk, &first);
    assert_int_equal(ESC_CANCELLED, first.status);
    desk_cloud_put(desk, "go", "");
    desk_wait(desk, &second);
    assert_int_equal(ESC_OK, second.status);
    assert_string_equal("succeeded", text(second.body, "outcome"));
    desk_call_done(&first);
    desk_call_done(&second);
}

/* The state has not changed yet, so the plan would be the same to the last byte. */
static void what_is_being_done_cannot_be_planned_and_approved_again(void **state)
{
    struct desk *desk = *state;
    begin_run(desk);
    ESC_CLEANUP(esc_freep) char *path = run_path(desk, "");
    ESC_CLEANUP(esc_json_freep) struct esc_json *run = desk_expect(desk, ESC_OK, "GET", path, NULL);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *refusal = desk_expect(desk, ESC_CONFLICT, "POST", "/api/ask",
                                           "{\"prompt\":\"Stop pg-instance-main1\"," DESK_KEYS "}");
    expect_contains(text(run, "run_id"), text(refusal, "message"));
    ESC_CLEANUP(esc_freep) char *plan = esc_sprintf("/api/plans/%s", text(run, "plan_hash"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *kept = desk_expect(desk, ESC_OK, "GET", plan, NULL);
    assert_string_equal("approved", text(kept, "state"));
    desk_cloud_put(desk, "go", "");
    ESC_CLEANUP(esc_freep) char *wait = run_path(desk, "/wait");
    esc_json_free(desk_expect(desk, ESC_OK, "POST", wait, NULL));
    expect_one_stop(desk);
}

static void a_cancelled_run_leaves_no_process_and_asks_the_cloud_what_it_did(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_freep) char *late = esc_sprintf("%s%s", change_state, slow_stop);
    desk_cloud_put(desk, "stop-db-instance.sh", late);
    begin_run(desk);
    const pid_t script = number_in(desk, "script");
    ESC_CLEANUP(esc_freep) char *cancel = run_path(desk, "/cancel");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *run = desk_expect(desk, ESC_CANCELLED, "POST", cancel, NULL);
    assert_string_equal("cancelled", text(run, "outcome"));
    assert_string_equal("succeeded", text(run, "steps[0].state"));
    expect_contains("the cloud says that it was done", text(run, "steps[0].message"));
    assert_int_equal(-1, kill(script, 0));
    esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "POST", cancel, NULL));
    expect_one_stop(desk);
}

/* What is known of the run once a core has come back: nothing was begun again, and it went on to
 * its end by looking. */
static void expect_taken_up(struct desk *desk, const char *stop_state, const char *outcome)
{
    ESC_CLEANUP(esc_freep) char *wait = run_path(desk, "/wait");
    ESC_CLEANUP(esc_json_freep) struct esc_json *run = NULL;
    (void)desk_ask(desk, "POST", wait, NULL, &run); /* the outcome is looked at instead */
    assert_string_equal(stop_state, text(run, "steps[0].state"));
    assert_string_equal(outcome, text(run, "outcome"));
    assert_string_equal(outcome, text(run, "state"));
    const bool good = esc_text_equal(outcome, "succeeded");
    assert_string_equal(good ? "succeeded" : "skipped", text(run, "steps[1].state"));
    assert_int_equal(good ? 1 : 0, esc_json_len(esc_json_member(run, "verification")));
    expect_one_stop(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *audit = desk_expect(desk, ESC_OK, "POST", "/api/audit/verify", NULL);
    assert_int_not_equal(0, esc_json_num(audit, "count", 0));
}

/* The plan and the run each look once before the stop; the third look is the wait's first. */
static void let_the_wait_run_out(void *context)
{
    struct desk *desk = context;
    if (desk_cloud_calls(desk, "describe-db-instances") < 3)
        (void)esc_timer_start(desk->loop, 10, let_the_wait_run_out, desk);
    else
        desk->clock.monotonic_ms += 24 * 60 * 60 * 1000;
}

static void a_wait_that_runs_out_says_what_to_do(void **state)
{
    struct desk *desk = *state;
    desk_cloud_put(desk, "stop-db-instance.sh",
                   "sed -i s/available/stopping/ \"$here/describe-db-instances.json\"\n"
                   "cat \"$here/describe-db-instances.json\"\nexit 0\n");
    desk_cloud_put(desk, "describe-db-instances.sh",
                   "sleep 0.2\n"); /* longer than a turn of ours */
    ESC_CLEANUP(esc_freep) char *path = approve_path(desk);
    let_the_wait_run_out(desk);
    ESC_CLEANUP(esc_json_freep) struct esc_json *run = NULL;
    (void)desk_ask(desk, "POST", path, consent, &run); /* the outcome is looked at instead */
    assert_string_equal("failed", text(run, "outcome"));
    assert_string_equal("succeeded", text(run, "steps[0].state"));
    expect_contains("escher sync", text(run, "message"));
}

static void a_core_that_ends_leaves_its_run_to_the_next(void **state)
{
    struct desk *desk = *state;
    begin_run(desk);
    desk_restart(desk);
    desk_cloud_put(desk, "go", "");
    expect_taken_up(desk, "succeeded", "succeeded");
}

static void a_step_that_ended_between_two_cores_is_known_by_its_record(void **state)
{
    struct desk *desk = *state;
    begin_run(desk);
    const pid_t helper = number_in(desk, "helper");
    desk_close(desk);
    desk_cloud_put(desk, "go", "");
    while (kill(helper, 0) == 0 && waitpid(helper, NULL, WNOHANG) == 0)
        (void)usleep(2000);
    expect_ok(desk_open(desk, false, &err));
    expect_taken_up(desk, "succeeded", "succeeded");
}

static void wait_for_file(const struct desk *desk, const char *name)
{
    while (!desk_cloud_has(desk, name))
        (void)usleep(2000);
}

/* A core in a process of its own, killed while the stop is under way. */
static void live_and_die(struct desk *desk)
{
    ESC_CLEANUP(esc_freep) char *path = approve_path(desk);
    desk_close(desk);
    const pid_t core = fork();
    if (core == 0) {
        struct desk_call call;
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* it never outlives the test */
        if (desk_open(desk, false, &err) != ESC_OK)
            _exit(1);
        desk_start(desk, "POST", path, consent, &call);
        desk_wait(desk, &call);
        _exit(2); /* it should have been killed before */
    }
    wait_for_file(desk, "helper");
    assert_int_equal(0, kill(core, SIGKILL));
    int status = 0;
    assert_int_equal(core, waitpid(core, &status, 0));
    assert_true(WIFSIGNALED(status));
}

static void a_core_that_is_killed_loses_no_run(void **state)
{
    struct desk *desk = *state;
    live_and_die(desk);
    expect_ok(desk_open(desk, false, &err));
    desk_cloud_put(desk, "go", "");
    expect_taken_up(desk, "succeeded", "succeeded");
}

/* What lies in the cloud changes, by nobody's call. */
static void set_cloud_state(struct desk *desk, const char *state)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(desk->cloud, "describe-db-instances.json");
    struct esc_buf bytes, changed;
    esc_buf_init(&bytes, ESC_MAX_FILE);
    esc_buf_init(&changed, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &bytes, &err));
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = NULL;
    expect_ok(esc_json_parse(esc_buf_str(&bytes), NULL, &answer, &err));
    esc_json_set_text(esc_json_get_mutable(answer, "DBInstances[0]"), "DBInstanceStatus", state);
    esc_json_write(answer, ESC_JSON_COMPACT, &changed);
    desk_cloud_put(desk, "describe-db-instances.json", esc_buf_text(&changed));
    esc_buf_done(&bytes);
    esc_buf_done(&changed);
}

static void kill_helper(struct desk *desk)
{
    const pid_t helper = number_in(desk, "helper"), script = number_in(desk, "script");
    assert_int_equal(0, kill(helper, SIGKILL));
    (void)kill(script, SIGKILL); /* its helper may have taken it along */
}

static void a_step_whose_helper_died_too_is_settled_by_the_cloud(void **state)
{
    struct desk *desk = *state;
    live_and_die(desk);
    kill_helper(desk);
    set_cloud_state(desk, "stopped");
    expect_ok(desk_open(desk, false, &err));
    expect_taken_up(desk, "succeeded", "succeeded");
}

/* The database is looked at for the plan, before the stop and after it; then the stop's time is
 * over. */
static void let_time_pass(void *context)
{
    struct desk *desk = context;
    if (desk_cloud_calls(desk, "describe-db-instances") >= 3)
        esc_clock_fixed_advance(&desk->clock, 60'000);
    else
        (void)esc_timer_start(desk->loop, 10, let_time_pass, desk);
}

static void expect_message(struct desk *desk, const char *message)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *runs = desk_expect(desk, ESC_OK, "GET", "/api/runs", NULL);
    assert_string_equal(message, text(runs, "runs[0].message"));
}

static void a_lost_step_that_the_cloud_does_not_know_of_was_not_done(void **state)
{
    struct desk *desk = *state;
    live_and_die(desk);
    kill_helper(desk); /* and the cloud says that all is as before */
    expect_ok(desk_open(desk, false, &err));
    let_time_pass(desk);
    expect_taken_up(desk, "failed", "failed");
    expect_message(desk, "its process was lost; the cloud says that nothing was done; ask again to "
                         "do it");
}

static void what_was_cancelled_on_its_way_may_still_come(void **state)
{
    struct desk *desk = *state;
    begin_run(desk);
    let_time_pass(desk);
    ESC_CLEANUP(esc_freep) char *cancel = run_path(desk, "/cancel");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *run = desk_expect(desk, ESC_CONFLICT, "POST", cancel, NULL);
    assert_string_equal("unknown", text(run, "outcome"));
    expect_message(desk,
                   "it was cancelled on its way; the cloud does not show it, but it may still "
                   "come; look with `escher sync` before you ask again");
}

static void what_the_cloud_never_heard_of_has_failed_and_may_be_asked_for_again(void **state)
{
    struct desk *desk = *state;
    desk_cloud_put(desk, "stop-db-instance.sh",
                   "echo 'Connection was closed before we received a valid response from endpoint "
                   "URL: \"http://127.0.0.1:1/\".' >&2\nexit 255\n");
    ESC_CLEANUP(esc_freep) char *first = approve_path(desk);
    let_time_pass(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *run = desk_expect(desk, ESC_CONFLICT, "POST", first, consent);
    assert_string_equal("failed", text(run, "outcome"));
    assert_string_equal("the connection broke; the cloud says that nothing was done; ask again to "
                        "do it",
                        text(run, "message"));
    expect_one_stop(desk);
    ESC_CLEANUP(esc_freep) char *quick = esc_sprintf("%secho '{}'\nexit 0\n", change_state);
    desk_cloud_put(desk, "stop-db-instance.sh", quick);
    ESC_CLEANUP(esc_freep) char *second = approve_path(desk);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", second, consent));
}

static bool is_waiting(void *context)
{
    const struct desk *desk = context;
    const struct work_run *run = desk->bench->runs.count ? desk->bench->runs.items[0] : NULL;
    return run && run->run->steps[1].state == ESC_STEP_WAITING;
}

/* Hours may pass between a stop and its end: no end of a core ends that wait. */
static void a_run_that_waited_when_the_core_ended_goes_on_waiting(void **state)
{
    struct desk *desk = *state;
    desk_cloud_put(desk, "stop-db-instance.sh",
                   "sed -i s/available/stopping/ \"$here/describe-db-instances.json\"\n"
                   "cat \"$here/describe-db-instances.json\"\nexit 0\n");
    ESC_CLEANUP(esc_freep) char *path = approve_path(desk);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", path, consent_in_background));
    assert_true(esc_loop_run_until(desk->loop, is_waiting, desk));
    desk_close(desk);
    set_cloud_state(desk, "stopped");
    expect_ok(desk_open(desk, false, &err));
    expect_taken_up(desk, "succeeded", "succeeded");
}

static void what_a_core_left_undone_is_said_with_the_cure(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_json_freep) struct esc_json *left = esc_json_object();
    esc_json_set_text(left, "outcome", "interrupted");
    expect_ok(
        esc_store_run_put(desk->bench->store, "0f0f0f0f-0000-4000-8000-000000000000", left, &err));
    expect_message(desk,
                   "the core ended before all was done; what is left was not begun: ask again "
                   "for it");
}

static void a_run_that_cannot_be_read_keeps_no_core_from_opening(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_json_freep) struct esc_json *broken = esc_json_object();
    esc_json_set_text(broken, "run", "not one");
    esc_json_set_text(broken, "prompt", "Stop it");
    expect_ok(esc_store_run_put(desk->bench->store, "0f0f0f0f-0000-4000-8000-000000000000", broken,
                                &err));
    desk_restart(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *runs = desk_expect(desk, ESC_OK, "GET", "/api/runs", NULL);
    assert_string_equal("unknown", text(runs, "runs[0].outcome"));
    expect_contains("cannot be read", text(runs, "runs[0].message"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *audit = desk_expect(desk, ESC_OK, "GET", "/api/audit", NULL);
    const size_t count = esc_json_len(esc_json_member(audit, "records"));
    desk_restart(desk); /* said once */
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *later = desk_expect(desk, ESC_OK, "GET", "/api/audit", NULL);
    assert_int_equal(count, esc_json_len(esc_json_member(later, "records")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_stops_watching_stops_nothing),
        TEST(what_is_being_done_cannot_be_planned_and_approved_again),
        TEST(a_cancelled_run_leaves_no_process_and_asks_the_cloud_what_it_did),
        TEST(a_wait_that_runs_out_says_what_to_do),
        TEST(a_core_that_ends_leaves_its_run_to_the_next),
        TEST(a_step_that_ended_between_two_cores_is_known_by_its_record),
        TEST(a_core_that_is_killed_loses_no_run),
        TEST(a_step_whose_helper_died_too_is_settled_by_the_cloud),
        TEST(a_lost_step_that_the_cloud_does_not_know_of_was_not_done),
        TEST(what_was_cancelled_on_its_way_may_still_come),
        TEST(what_the_cloud_never_heard_of_has_failed_and_may_be_asked_for_again),
        TEST(a_run_that_waited_when_the_core_ended_goes_on_waiting),
        TEST(what_a_core_left_undone_is_said_with_the_cure),
        TEST(a_run_that_cannot_be_read_keeps_no_core_from_opening),
    };
    return cmocka_run_group_tests_name("work/runs", tests, NULL, NULL);
}
