/* SPDX-License-Identifier: Apache-2.0 */

/* Events in a queue: where they lead, when they come again, and what stops them. */

#include "escher/work/sync_events_private.h"
#include "tests/work/sync_desk.h"

static struct esc_json *take_events(struct desk *desk, enum esc_status expected)
{
    return desk_expect(desk, expected, "POST", "/api/sync/events", "{" DESK_KEYS "}");
}

static void set_queue(struct desk *desk)
{
    set_schedule(desk, "{\"queue_url\":\"https://sqs.us-west-2.amazonaws.com/" DESK_ACCOUNT
                       "/escher\",\"queue_account\":\"production\",\"queue_region\":\"us-west-2\","
                       "\"emulators\":true}");
    desk_cloud_put(desk, "delete-message-batch.json", "{\"Successful\":[],\"Failed\":[]}");
}

#define EVENT(receipt, account, region)                                                            \
    "{\"ReceiptHandle\":\"" receipt "\",\"Body\":\"{\\\"source\\\":\\\"aws.rds\\\","               \
    "\\\"detail-type\\\":\\\"x\\\",\\\"account\\\":\\\"" account "\\\",\\\"region\\\":\\\"" region \
    "\\\"}\"}"

static void an_event_leads_to_a_look_and_goes_once_what_was_seen_is_stored(void **state)
{
    struct desk *desk = *state;
    set_queue(desk);
    desk_cloud_put(desk, "receive-message.json",
                   "{\"Messages\":[" EVENT("one", DESK_ACCOUNT, "us-west-2") "," EVENT(
                       "two", DESK_ACCOUNT, "us-west-2") "]}");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = take_events(desk, ESC_OK);
    assert_int_equal(2, esc_json_num(body, "messages", 0));
    assert_int_equal(1, esc_json_len(esc_json_member(body, "cells")));
    assert_int_equal(1, desk_cloud_calls(desk, "describe-db-instances"));
    assert_int_equal(0, desk_cloud_calls(desk, "describe-instances"));
    assert_int_equal(1, desk_cloud_calls(desk, "delete-message-batch"));
}

static void an_event_of_what_is_not_ours_leads_nowhere_and_does_not_come_again(void **state)
{
    struct desk *desk = *state;
    set_queue(desk);
    desk_cloud_put(desk, "receive-message.json",
                   "{\"Messages\":[" EVENT("one", "999999999999", "us-west-2") "," EVENT(
                       "two", DESK_ACCOUNT, "moon-base-1") "]}");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = take_events(desk, ESC_OK);
    assert_int_equal(2, esc_json_num(body, "ignored", 0));
    assert_int_equal(0, desk_cloud_calls(desk, "describe-db-instances"));
    assert_int_equal(1, desk_cloud_calls(desk, "delete-message-batch"));
}

#define ORDER "{\"ReceiptHandle\":\"three\",\"Body\":\"{\\\"order\\\":4711}\"}"

static bool has_looked(void *context)
{
    const struct desk *desk = context;
    return !work_events_is_busy(desk->bench);
}

/* One round without anybody who asked. */
static void look_by_itself(struct desk *desk)
{
    with_keys(true);
    work_events_look(desk->bench);
    assert_true(esc_loop_run_until(desk->loop, has_looked, desk));
    with_keys(false);
}

static char *problem_of(struct desk *desk)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(desk, ESC_OK, "GET", "/api/schedule", NULL);
    return esc_strdup(esc_json_str(page, "queue_problem", ""));
}

static void a_queue_with_what_is_no_event_is_left_alone(void **state)
{
    struct desk *desk = *state;
    set_queue(desk);
    desk_cloud_put(desk, "receive-message.json",
                   "{\"Messages\":[" EVENT("one", DESK_ACCOUNT, "us-west-2") "," EVENT(
                       "two", "999999999999", "us-west-2") "," ORDER "]}");
    look_by_itself(desk);
    assert_int_equal(1, desk_cloud_calls(desk, "receive-message"));
    assert_int_equal(0, desk_cloud_calls(desk, "delete-message-batch"));
    ESC_CLEANUP(esc_freep) char *problem = problem_of(desk);
    expect_contains("no event of EventBridge", problem);
    desk_restart(desk);
    look_by_itself(desk); /* it waits for the person, by whom it is asked still */
    assert_int_equal(1, desk_cloud_calls(desk, "receive-message"));
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = take_events(desk, ESC_CONFLICT);
    expect_contains("no event of EventBridge", text(body, "message"));
    assert_int_equal(2, desk_cloud_calls(desk, "receive-message"));
    assert_int_equal(0, desk_cloud_calls(desk, "delete-message-batch"));
    set_queue(desk);
    look_by_itself(desk);
    assert_int_equal(3, desk_cloud_calls(desk, "receive-message"));
    assert_int_equal(0, desk_cloud_calls(desk, "delete-message-batch"));
}

static void a_round_that_goes_well_lets_the_queue_be_read_again(void **state)
{
    struct desk *desk = *state;
    set_queue(desk);
    desk_cloud_put(desk, "receive-message.json", "{\"Messages\":[" ORDER "]}");
    esc_json_free(take_events(desk, ESC_CONFLICT));
    desk_cloud_put(desk, "receive-message.json", "{\"Messages\":[]}");
    esc_json_free(take_events(desk, ESC_OK));
    ESC_CLEANUP(esc_freep) char *problem = problem_of(desk);
    assert_string_equal("", problem);
    look_by_itself(desk);
    assert_int_equal(3, desk_cloud_calls(desk, "receive-message"));
}

static void an_event_whose_place_could_not_be_seen_comes_again(void **state)
{
    struct desk *desk = *state;
    set_queue(desk);
    desk_cloud_put(desk, "describe-db-clusters.json", "no JSON");
    desk_cloud_put(desk, "receive-message.json",
                   "{\"Messages\":[" EVENT("one", DESK_ACCOUNT, "us-west-2") "]}");
    esc_json_free(take_events(desk, ESC_OK));
    assert_int_equal(0, desk_cloud_calls(desk, "delete-message-batch"));
}

static void without_a_queue_there_are_no_events(void **state)
{
    struct desk *desk = *state;
    esc_json_free(take_events(desk, ESC_NOT_FOUND));
    set_queue(desk);
    struct esc_json *body = NULL;
    assert_int_not_equal(ESC_OK, desk_ask(desk, "POST", "/api/sync/events", "{" DESK_KEYS "}",
                                          &body)); /* reading it is denied */
    expect_contains("the queue", text(body, "message"));
    esc_json_free(body);
}

static void ask_for_events(struct desk *desk, struct desk_call *call)
{
    set_queue(desk);
    desk_start(desk, "POST", "/api/sync/events", "{" DESK_KEYS "}", call);
}

static void expect_cancelled(struct desk_call *call)
{
    assert_true(call->is_done);
    assert_int_equal(ESC_CANCELLED, call->status);
    desk_call_done(call);
}

static void a_core_that_ends_before_the_queue_is_asked_does_not_ask_it(void **state)
{
    struct desk *desk = *state;
    struct desk_call call;
    ask_for_events(desk, &call);
    esc_json_free(desk_expect(desk, ESC_OK, "GET", "/api/ping", NULL)); /* it has begun */
    desk_restart(desk);
    expect_cancelled(&call);
    assert_int_equal(0, desk_cloud_calls(desk, "receive-message"));
}

static void a_core_that_ends_does_not_wait_for_the_queue(void **state)
{
    struct desk *desk = *state;
    struct desk_call call;
    desk_cloud_put(desk, "receive-message.sh",
                   ">\"$here/begun\"\nsleep 3600\n>\"$here/answered\"\n");
    ask_for_events(desk, &call);
    while (!desk_cloud_has(desk, "begun"))
        esc_json_free(desk_expect(desk, ESC_OK, "GET", "/api/ping", NULL));
    desk_restart(desk);
    expect_cancelled(&call);
    assert_false(desk_cloud_has(desk, "answered"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_leads_to_a_look_and_goes_once_what_was_seen_is_stored),
        TEST(an_event_of_what_is_not_ours_leads_nowhere_and_does_not_come_again),
        TEST(a_queue_with_what_is_no_event_is_left_alone),
        TEST(a_round_that_goes_well_lets_the_queue_be_read_again),
        TEST(an_event_whose_place_could_not_be_seen_comes_again),
        TEST(without_a_queue_there_are_no_events),
        TEST(a_core_that_ends_before_the_queue_is_asked_does_not_ask_it),
        TEST(a_core_that_ends_does_not_wait_for_the_queue),
    };
    return cmocka_run_group_tests_name("work/sync_queue", tests, NULL, NULL);
}
