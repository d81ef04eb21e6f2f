/* SPDX-License-Identifier: Apache-2.0 */

/* Events through the queue of the fake AWS, over our own transport: what leads to a look, what is
 * deleted, what stays, and when there is another round. */

#include <stdlib.h>
#include <string.h>

#include "escher/loop/timer.h"
#include "escher/scan/carry_over.h"
#include "escher/work/sync_events_private.h"
#include "tests/work/cloud_desk.h"

static const char *const accounts[] = {"111111111111", "222222222222", NULL};
static const char *const regions[] = {"us-west-2", "eu-west-1", "me-south-1", NULL};

#define EVENT_OF(source, account, region)                                                          \
    "{\"source\":\"aws." source "\",\"detail-type\":\"x\",\"account\":\"" account                  \
    "\",\"region\":\"" region "\"}"
#define EVENT EVENT_OF("sqs", "111111111111", "us-west-2")

static void set_keys(void)
{
    ESC_CLEANUP(esc_freep) char *key = fake_aws_key(accounts[0]);
    ESC_CLEANUP(esc_freep) char *secret = fake_aws_secret(key);
    assert_int_equal(0, setenv("AWS_ACCESS_KEY_ID", key, 1));
    assert_int_equal(0, setenv("AWS_SECRET_ACCESS_KEY", secret, 1));
    assert_int_equal(0, setenv("ESCHER_TRANSPORT", "native", 1));
    assert_int_equal(0, setenv("ESCHER_AWS", "/nonexistent/aws", 1)); /* nothing here needs one */
}

static void set_queue(struct cloud_desk *at, const char *more)
{
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"queue_url\":\"https://sqs.us-west-2.amazonaws.com/111111111111/"
                             "escher\",\"queue_account\":\"111111111111\",\"queue_region\":"
                             "\"us-west-2\"%s}",
                             more);
    esc_json_free(desk_expect(&at->desk, ESC_OK, "PUT", "/api/schedule", body));
}

static void open_cloud(struct cloud_desk *at)
{
    struct fake_aws_options options = {
        .seed = 3, .size = 40, .accounts = accounts, .regions = regions};
    cloud_desk_open(at, &options);
    set_keys();
    set_queue(at, ",\"emulators\":true");
}

static void close_cloud(struct cloud_desk *at)
{
    cloud_desk_close(at);
    assert_int_equal(0, unsetenv("AWS_ACCESS_KEY_ID"));
    assert_int_equal(0, unsetenv("AWS_SECRET_ACCESS_KEY"));
}

static bool has_looked(void *context)
{
    const struct cloud_desk *at = context;
    return !work_events_is_busy(at->desk.bench);
}

/* One round without anybody who asked. */
static void look(struct cloud_desk *at)
{
    work_events_look(at->desk.bench);
    assert_true(esc_loop_run_until(at->desk.loop, has_looked, at));
}

static uint64_t received(const struct cloud_desk *at)
{
    return fake_aws_calls(at->cloud, "sqs", "ReceiveMessage");
}

static char *schedule_text(struct cloud_desk *at, const char *member)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(&at->desk, ESC_OK, "GET", "/api/schedule", NULL);
    return esc_strdup(esc_json_str(page, member, ""));
}

static void messages_go_once_their_place_was_looked_at(void **)
{
    struct cloud_desk at;
    open_cloud(&at);
    for (int i = 0; i < 34; i++)
        fake_aws_send_message(at.cloud,
                              i % 2 ? EVENT : EVENT_OF("sns", "111111111111", "eu-west-1"));
    look(&at);
    assert_int_equal(0, fake_aws_message_count(at.cloud));
    assert_int_equal(4, received(&at)); /* three times ten, and the rest */
    assert_int_equal(4, fake_aws_calls(at.cloud, "sqs", "DeleteMessageBatch"));
    assert_int_equal(1, fake_aws_calls(at.cloud, "sns", "ListTopics"));
    close_cloud(&at);
}

/* What is not there any more in a passing way keeps its message. */
static void a_message_stays_while_its_place_cannot_be_seen_for_now(void **)
{
    static const struct {
        struct fake_fault fault;
        size_t left;
    } cases[] = {
        {{.kind = FAKE_FAULT_BROKEN, .service = "sqs", .operation = "ListQueues"}, 1},
        {{.kind = FAKE_FAULT_EXPIRED, .service = "sqs", .operation = "ListQueues"}, 1},
        {{.kind = FAKE_FAULT_TRUNCATED, .service = "sqs", .operation = "GetQueueAttributes"}, 1},
        {{.kind = FAKE_FAULT_DENIED, .service = "sqs", .operation = "ListQueues"}, 0},
        {{.kind = FAKE_FAULT_SCP, .service = "sqs", .operation = "ListQueues"}, 0},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct cloud_desk at;
        open_cloud(&at);
        fake_aws_send_message(at.cloud, EVENT);
        fake_aws_fault(at.cloud, &cases[i].fault);
        look(&at);
        if (fake_aws_message_count(at.cloud) != cases[i].left)
            fail_msg("%s: %zu left", fake_fault_text(cases[i].fault.kind),
                     fake_aws_message_count(at.cloud));
        fake_aws_heal(at.cloud);
        look(&at); /* it is hidden */
        assert_int_equal(cases[i].left, fake_aws_message_count(at.cloud));
        at.desk.clock.wall_ms += 121'000;
        look(&at);
        assert_int_equal(0, fake_aws_message_count(at.cloud));
        close_cloud(&at);
    }
}

static void an_event_of_a_global_service_is_ours_whatever_its_region(void **)
{
    struct cloud_desk at;
    open_cloud(&at);
    fake_aws_send_message(at.cloud, EVENT_OF("iam", "111111111111", "us-east-1"));
    fake_aws_send_message(at.cloud, EVENT_OF("rds", "111111111111", "us-east-1")); /* none of its */
    look(&at);
    assert_int_equal(1, fake_aws_calls(at.cloud, "iam", "ListUsers"));
    assert_int_equal(0, fake_aws_calls(at.cloud, "rds", NULL));
    assert_int_equal(0, fake_aws_message_count(at.cloud));
    close_cloud(&at);
}

/* Asking an account without regions which it has costs a call. */
static void only_the_accounts_that_events_name_are_asked(void **)
{
    static const char *const none[] = {NULL};
    struct cloud_desk at;
    open_cloud(&at);
    cloud_desk_add(&at.desk, fake_aws_url(at.cloud), accounts[1], none);
    fake_aws_send_message(at.cloud, EVENT);
    look(&at);
    assert_int_equal(0, fake_aws_calls(at.cloud, "ec2", "DescribeRegions"));
    assert_int_equal(0, fake_aws_message_count(at.cloud));
    close_cloud(&at);
}

static void a_place_whose_account_does_not_even_name_its_regions_was_not_seen(void **)
{
    static const char *const none[] = {NULL};
    struct cloud_desk at;
    open_cloud(&at);
    cloud_desk_add(&at.desk, fake_aws_url(at.cloud), accounts[0], none);
    fake_aws_send_message(at.cloud, EVENT_OF("sqs", "111111111111", "me-south-1"));
    fake_aws_fault(at.cloud, &(struct fake_fault){.kind = FAKE_FAULT_EXPIRED, .service = "ec2"});
    fake_aws_fault(at.cloud,
                   &(struct fake_fault){.kind = FAKE_FAULT_EXPIRED, .service = "account"});
    look(&at);
    assert_int_equal(1, fake_aws_message_count(at.cloud));
    fake_aws_heal(at.cloud);
    at.desk.clock.wall_ms += 121'000;
    look(&at);
    assert_int_equal(0, fake_aws_message_count(at.cloud));
    close_cloud(&at);
}

/* An account without regions may be said to have had events anywhere. */
static void what_is_too_much_for_a_round_comes_again(void **)
{
    static const char *const none[] = {NULL};
    struct cloud_desk at;
    open_cloud(&at);
    cloud_desk_add(&at.desk, fake_aws_url(at.cloud), accounts[0], none);
    for (int i = 0; i < 90; i++) {
        ESC_CLEANUP(esc_freep)
        char *event = esc_sprintf("{\"source\":\"aws.ec2\",\"detail-type\":\"x\",\"account\":"
                                  "\"111111111111\",\"region\":\"made-up-%d\"}",
                                  i);
        fake_aws_send_message(at.cloud, event);
    }
    look(&at);
    const size_t left = fake_aws_message_count(at.cloud);
    assert_true(left > 0 && left < 90);
    for (int i = 0; i < 5; i++) {
        at.desk.clock.wall_ms += 121'000;
        look(&at);
    }
    assert_int_equal(0, fake_aws_message_count(at.cloud));
    close_cloud(&at);
}

/* Refusals */

static void a_delete_that_is_refused_stops_the_rounds_and_is_never_repeated(void **)
{
    static const enum fake_fault_kind kinds[] = {FAKE_FAULT_DENIED, FAKE_FAULT_RESET,
                                                 FAKE_FAULT_BROKEN, FAKE_FAULT_UNANSWERED};
    for (size_t i = 0; i < ESC_COUNT(kinds); i++) {
        struct cloud_desk at;
        open_cloud(&at);
        fake_aws_send_message(at.cloud, EVENT);
        fake_aws_fault(at.cloud,
                       &(struct fake_fault){.kind = kinds[i], .operation = "DeleteMessageBatch"});
        if (kinds[i] == FAKE_FAULT_UNANSWERED) { /* it takes half a minute: it is begun, and left */
            work_events_look(at.desk.bench);
            while (fake_aws_calls(at.cloud, "sqs", "DeleteMessageBatch") == 0)
                esc_loop_turn(at.desk.loop);
            close_cloud(&at);
            continue;
        }
        look(&at);
        assert_int_equal(1, fake_aws_calls(at.cloud, "sqs", "DeleteMessageBatch"));
        ESC_CLEANUP(esc_freep) char *problem = schedule_text(&at, "queue_problem");
        ESC_CLEANUP(esc_freep) char *trouble = schedule_text(&at, "queue_trouble");
        const bool for_good = kinds[i] == FAKE_FAULT_DENIED;
        expect_contains(for_good ? "the queue deletes nothing" : "", problem);
        expect_contains(for_good ? "" : "the queue deletes nothing", trouble);
        assert_true(for_good == (*problem != '\0'));
        at.desk.clock.wall_ms += 121'000;
        fake_aws_heal(at.cloud);
        look(&at); /* after a refusal it waits for the person */
        assert_int_equal(for_good ? 1 : 2, received(&at));
        assert_int_equal(for_good ? 1 : 0, fake_aws_message_count(at.cloud));
        set_queue(&at, "");
        look(&at);
        assert_int_equal(0, fake_aws_message_count(at.cloud));
        close_cloud(&at);
    }
}

static void what_passes_by_itself_is_told_and_tried_again(void **)
{
    struct cloud_desk at;
    open_cloud(&at);
    fake_aws_fault(at.cloud, &(struct fake_fault){.kind = FAKE_FAULT_THROTTLED,
                                                  .operation = "ReceiveMessage"});
    look(&at);
    assert_int_equal(1, received(&at));
    ESC_CLEANUP(esc_freep) char *trouble = schedule_text(&at, "queue_trouble");
    expect_contains("the queue gives nothing", trouble);
    fake_aws_heal(at.cloud);
    look(&at);
    ESC_CLEANUP(esc_freep) char *after = schedule_text(&at, "queue_trouble");
    assert_string_equal("", after);
    close_cloud(&at);
}

/* Hostile messages */

static void a_message_that_is_no_event_is_left_with_all_others(void **)
{
    ESC_CLEANUP(esc_freep) char *large = esc_alloc_zero(256 * 1024 + 1);
    ESC_CLEANUP(esc_freep) char *deep = esc_alloc_zero(64 * 1024 + 1);
    memset(large, 'x', 256 * 1024);
    memset(deep, '[', 64 * 1024);
    const char *const bodies[] = {large,
                                  deep,
                                  "",
                                  "null",
                                  "{}",
                                  "{\"account\":[[{}]]}",
                                  "{\"source\":\"aws.rds\",\"detail-type\":\"x\",\"account\":\"1\","
                                  "\"region\":\"us-west-2\"}"};
    for (size_t i = 0; i < ESC_COUNT(bodies); i++) {
        struct cloud_desk at;
        open_cloud(&at);
        fake_aws_send_message(at.cloud, EVENT);
        fake_aws_send_message(at.cloud, bodies[i]);
        look(&at);
        ESC_CLEANUP(esc_freep) char *problem = schedule_text(&at, "queue_problem");
        expect_contains("no event of EventBridge", problem);
        assert_int_equal(2, fake_aws_message_count(at.cloud));
        assert_int_equal(1, received(&at));
        close_cloud(&at);
    }
}

/* Floods */

/* A third as fast: a round may take half a minute, and the next is still too early. */
static uint64_t slow_monotonic(void *)
{
    return esc_clock_monotonic_ms(esc_clock_system()) / 3;
}

static void a_flood_is_one_round_with_one_look(void **)
{
    const unsigned count = test_rounds(1) > 1 ? 9'000 : 1'000; /* more in a long test */
    struct cloud_desk at;
    open_cloud(&at);
    work_schedule_start(at.desk.bench);
    at.desk.clock.clock.monotonic_ms = slow_monotonic;
    work_schedule_rest(at.desk.bench); /* no look but ours, however long this takes */
    fake_aws_send_messages(at.cloud, EVENT, count);
    look(&at);
    assert_int_equal(0, fake_aws_message_count(at.cloud));
    assert_int_equal(1, fake_aws_calls(at.cloud, "sqs", "ListQueues"));
    assert_int_equal(count / 10, fake_aws_calls(at.cloud, "sqs", "DeleteMessageBatch"));
    work_events_look(at.desk.bench); /* it is too early for another */
    assert_false(work_events_is_busy(at.desk.bench));
    assert_non_null(at.desk.bench->events->pause);
    close_cloud(&at);
}

/* What was looked at, and when, with events of before and after. */

enum {
    MINUTE_MS = 60'000
};

static void see_place(struct cloud_desk *at, const char *cells)
{
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("\"transport\":\"native\",\"cells\":[%s],", cells);
    enum esc_status status;
    esc_json_free(cloud_desk_sync(&at->desk, accounts[0], body, &status));
}

static uint64_t looks(const struct cloud_desk *at)
{
    return fake_aws_calls(at->cloud, "sqs", "ListQueues");
}

#define PLACE "\"111111111111 us-west-2 sqs\""

static void what_the_queue_had_well_before_a_whole_look_needs_none(void **)
{
    static const int64_t skews_ms[] = {0, 60 * MINUTE_MS, -60 * MINUTE_MS};
    for (size_t i = 0; i < ESC_COUNT(skews_ms); i++) {
        struct fake_aws_options options = {.seed = 3,
                                           .size = 40,
                                           .accounts = accounts,
                                           .regions = regions,
                                           .skew_ms = skews_ms[i]};
        struct cloud_desk at;
        cloud_desk_open(&at, &options);
        set_keys();
        set_queue(&at, ",\"emulators\":true");
        fake_aws_send_messages(at.cloud, EVENT, 250);
        at.desk.clock.wall_ms += 16 * MINUTE_MS;
        see_place(&at, PLACE);
        assert_int_equal(1, looks(&at));
        look(&at);
        assert_int_equal(1, looks(&at));
        assert_int_equal(0, fake_aws_message_count(at.cloud));

        fake_aws_send_message(at.cloud, EVENT); /* since then */
        at.desk.clock.wall_ms += MINUTE_MS;
        look(&at);
        assert_int_equal(2, looks(&at));

        fake_aws_send_message(at.cloud, EVENT); /* not long before */
        at.desk.clock.wall_ms += 14 * MINUTE_MS;
        see_place(&at, PLACE);
        look(&at);
        assert_int_equal(4, looks(&at));
        assert_int_equal(0, fake_aws_message_count(at.cloud));
        close_cloud(&at);
    }
}

#define POLICY_EVENT                                                                               \
    "{\"source\":\"aws.sqs\",\"detail-type\":\"x\",\"account\":\"111111111111\",\"region\":"       \
    "\"us-west-2\",\"detail\":{\"eventName\":\"AddPermission\"}}"

static void a_look_that_was_not_whole_or_elsewhere_makes_no_event_old(void **)
{
    static const struct {
        const char *seen;
        struct fake_fault fault;
        const char *event; /* NULL: EVENT */
    } cases[] = {
        {"\"111111111111 eu-west-1 sqs\"", {.kind = FAKE_FAULT_BROKEN, .service = "none"}, NULL},
        {"\"111111111111 us-west-2 sns\"", {.kind = FAKE_FAULT_BROKEN, .service = "none"}, NULL},
        {PLACE, {.kind = FAKE_FAULT_BROKEN, .service = "none"}, POLICY_EVENT},
        {PLACE, {.kind = FAKE_FAULT_DENIED, .operation = "ListQueues"}, NULL},
        {PLACE, {.kind = FAKE_FAULT_BROKEN, .operation = "GetQueueAttributes"}, NULL},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct cloud_desk at;
        open_cloud(&at);
        fake_aws_send_message(at.cloud, cases[i].event ? cases[i].event : EVENT);
        at.desk.clock.wall_ms += 16 * MINUTE_MS;
        fake_aws_fault(at.cloud, &cases[i].fault);
        see_place(&at, cases[i].seen);
        fake_aws_heal(at.cloud);
        const uint64_t before = looks(&at);
        look(&at);
        assert_int_equal(before + 1, looks(&at));
        assert_int_equal(0, fake_aws_message_count(at.cloud));
        close_cloud(&at);
    }
}

/* Tags come from another service, for those that are looked at with them: asking it again for
 * somebody else gives these none. */
static void a_look_without_its_tags_makes_no_event_old(void **)
{
    struct cloud_desk at;
    open_cloud(&at);
    fake_aws_send_message(at.cloud, EVENT);
    at.desk.clock.wall_ms += 16 * MINUTE_MS;
    fake_aws_fault(at.cloud,
                   &(struct fake_fault){.kind = FAKE_FAULT_DENIED, .operation = "GetResources"});
    see_place(&at, PLACE);
    fake_aws_heal(at.cloud);
    see_place(&at, "\"111111111111 us-west-2 sns\"");
    const uint64_t before = looks(&at);
    look(&at);
    assert_int_equal(before + 1, looks(&at));
    assert_int_equal(0, fake_aws_message_count(at.cloud));
    close_cloud(&at);
}

/* A look that failed takes nothing from the whole one before it. */
static void what_was_seen_whole_stays_so_after_a_look_that_failed(void **)
{
    struct cloud_desk at;
    open_cloud(&at);
    fake_aws_send_message(at.cloud, EVENT);
    at.desk.clock.wall_ms += 16 * MINUTE_MS;
    see_place(&at, PLACE);
    fake_aws_fault(at.cloud,
                   &(struct fake_fault){.kind = FAKE_FAULT_DENIED, .operation = "ListQueues"});
    see_place(&at, PLACE);
    const uint64_t before = looks(&at);
    look(&at);
    assert_int_equal(before, looks(&at));
    assert_int_equal(0, fake_aws_message_count(at.cloud));
    close_cloud(&at);
}

static void somebody_elses_message_in_a_flood_is_left_and_stops_it(void **)
{
    struct cloud_desk at;
    open_cloud(&at);
    fake_aws_send_messages(at.cloud, EVENT_OF("sqs", "999999999999", "us-west-2"), 300);
    fake_aws_send_message(at.cloud, "{\"order\":4711}");
    fake_aws_send_messages(at.cloud, EVENT_OF("sqs", "999999999999", "us-west-2"), 3000);
    look(&at);
    ESC_CLEANUP(esc_freep) char *problem = schedule_text(&at, "queue_problem");
    expect_contains("nothing more was deleted", problem);
    assert_true(fake_aws_message_count(at.cloud) > 2000);
    look(&at);
    assert_true(fake_aws_message_count(at.cloud) > 2000);
    close_cloud(&at);
}

/* What is done with each message, cut at every call to the queue in turn: a core that dies leaves
 * what it had not seen, and taking it twice changes nothing. */

struct cut {
    unsigned at, calls; /* the call before whose answer the core dies; those so far */
};

static void count_call(void *context, const struct fake_aws_call *call)
{
    struct cut *cut = context;
    cut->calls += strcmp(call->operation, "ReceiveMessage") == 0 ||
                  strcmp(call->operation, "DeleteMessageBatch") == 0;
}

static void open_again(struct cloud_desk *at)
{
    const struct esc_workbench_options options = {.loop = at->desk.loop,
                                                  .clock = &at->desk.clock.clock,
                                                  .random = &at->desk.random.random,
                                                  .keyring_of_caller = at->desk.keyring};
    struct esc_error err;
    expect_ok(esc_workbench_open(&options, &at->desk.bench, &err));
}

static bool look_until_cut(struct cloud_desk *at, const struct cut *cut)
{
    work_events_look(at->desk.bench);
    while (work_events_is_busy(at->desk.bench) && cut->calls < cut->at)
        esc_loop_turn(at->desk.loop);
    return work_events_is_busy(at->desk.bench);
}

static void a_flood_that_is_cut_anywhere_loses_nothing(void **)
{
    const unsigned step = test_rounds(1) > 1 ? 1 : 7;
    bool was_cut = true;
    for (unsigned i = 1; was_cut; i += step) {
        struct cloud_desk at;
        struct cut cut = {.at = i};
        open_cloud(&at);
        fake_aws_send_messages(at.cloud, EVENT, 130);
        at.desk.clock.wall_ms += 16 * MINUTE_MS;
        see_place(&at, PLACE);
        fake_aws_send_messages(at.cloud, EVENT_OF("sns", "111111111111", "eu-west-1"), 130);
        fake_aws_send_messages(at.cloud, EVENT, 5);
        fake_aws_on_call(at.cloud, count_call, &cut);
        was_cut = look_until_cut(&at, &cut);
        esc_workbench_close(ESC_STEAL(at.desk.bench));
        if (fake_aws_calls(at.cloud, "sns", "ListTopics") == 0)
            assert_true(fake_aws_message_count(at.cloud) >= 135);
        open_again(&at);
        at.desk.clock.wall_ms += 121'000;
        look(&at);
        assert_int_equal(0, fake_aws_message_count(at.cloud));
        assert_in_range(looks(&at), 2, 3);
        assert_in_range(fake_aws_calls(at.cloud, "sns", "ListTopics"), 1, 2);
        close_cloud(&at);
    }
}

/* The standing round: neither the queue nor a deadline of ours ends its wait here, so a test that
 * waited for either would not come to its end. */

static void open_waiting(struct cloud_desk *at)
{
    struct fake_aws_options options = {
        .seed = 3, .size = 40, .accounts = accounts, .regions = regions, .queue_waits = true};
    cloud_desk_open(at, &options);
    set_keys();
    set_queue(at, ",\"emulators\":true");
    at->desk.bench->events->timeout_ms = UINT64_C(24) * 3600 * 1000;
    work_events_look(at->desk.bench);
    while (received(at) == 0)
        esc_loop_turn(at->desk.loop);
}

static void a_core_that_ends_does_not_wait_for_messages(void **)
{
    struct cloud_desk at;
    open_waiting(&at);
    assert_true(work_events_is_busy(at.desk.bench));
    esc_workbench_close(ESC_STEAL(at.desk.bench));
    close_cloud(&at);
}

static void a_persons_round_takes_the_place_of_one_that_waits(void **)
{
    struct cloud_desk at;
    open_waiting(&at);
    fake_aws_send_message(at.cloud, EVENT);
    ESC_CLEANUP(esc_freep) char *key = fake_aws_key(accounts[0]);
    ESC_CLEANUP(esc_freep) char *secret = fake_aws_secret(key);
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"environment\":{\"AWS_ACCESS_KEY_ID\":\"%s\","
                             "\"AWS_SECRET_ACCESS_KEY\":\"%s\"}}",
                             key, secret);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer = desk_expect(&at.desk, ESC_OK, "POST", "/api/sync/events", body);
    assert_int_equal(1, esc_json_num(answer, "messages", 0));
    assert_int_equal(0, fake_aws_message_count(at.cloud));
    close_cloud(&at);
}

static void another_queue_ends_the_wait_at_the_first(void **)
{
    struct cloud_desk at;
    open_waiting(&at);
    esc_json_free(desk_expect(&at.desk, ESC_OK, "PUT", "/api/schedule", "{\"queue_url\":\"\"}"));
    assert_true(esc_loop_run_until(at.desk.loop, has_looked, &at));
    work_events_look(at.desk.bench);
    assert_false(work_events_is_busy(at.desk.bench));
    close_cloud(&at);
}

static void the_queue_of_an_emulator_is_read_only_when_the_schedule_takes_those(void **)
{
    struct cloud_desk at;
    open_cloud(&at);
    set_queue(&at, ",\"emulators\":false");
    work_events_look(at.desk.bench);
    assert_false(work_events_is_busy(at.desk.bench));
    close_cloud(&at);
}

/* Between receiving and deleting */

static void on_delete(void *context, const struct fake_aws_call *call)
{
    *(bool *)context |= strcmp(call->operation, "DeleteMessageBatch") == 0;
}

static void a_core_that_dies_before_it_deletes_is_given_the_messages_again(void **)
{
    struct cloud_desk at;
    bool deletes = false;
    open_cloud(&at);
    fake_aws_send_message(at.cloud, EVENT);
    fake_aws_fault(at.cloud, &(struct fake_fault){.kind = FAKE_FAULT_SILENT,
                                                  .operation = "DeleteMessageBatch"});
    fake_aws_on_call(at.cloud, on_delete, &deletes);
    work_events_look(at.desk.bench);
    while (!deletes)
        esc_loop_turn(at.desk.loop);
    esc_workbench_close(ESC_STEAL(at.desk.bench));
    assert_int_equal(1, fake_aws_message_count(at.cloud));
    fake_aws_heal(at.cloud);
    open_again(&at);
    at.desk.clock.wall_ms += 121'000;
    look(&at);
    assert_int_equal(0, fake_aws_message_count(at.cloud));
    assert_int_equal(2, fake_aws_calls(at.cloud, "sqs", "ListQueues"));
    close_cloud(&at);
}

/* An instance's protection, of more than a sync asks for */

static void open_many(struct cloud_desk *at)
{
    static const char *const one_region[] = {"us-west-2", NULL};
    struct fake_aws_options options = {
        .seed = 3, .size = 1700, .accounts = accounts, .regions = one_region};
    cloud_desk_open(at, &options);
    set_keys();
    set_queue(at, ",\"emulators\":true");
}

/* What is told about the protection of an instance, "" when nothing is; owned. */
static char *protection_of(struct cloud_desk *at, const char *id)
{
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("{\"text\":\"%s\"}", id);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *shown = desk_expect(&at->desk, ESC_OK, "POST", "/api/show", text);
    const struct esc_json *reasons = esc_json_get(shown, "resource.constraints.reasons");
    for (size_t i = 0; i < esc_json_len(reasons); i++) {
        const struct esc_json *reason = esc_json_at(reasons, i);
        if (esc_text_equal(esc_json_str(reason, "field", ""), ESC_SCAN_PROTECTION_FIELD))
            return esc_strdup(esc_json_str(reason, "because", ""));
    }
    return esc_strdup("");
}

/* The ids of the instances that were told about, in the order of the estate. */
static void find_told(struct cloud_desk *at, struct esc_list *ids)
{
    struct esc_workbench *bench = at->desk.bench;
    struct esc_arena arena;
    struct esc_error err;
    esc_arena_init(&arena);
    esc_list_init(ids, free);
    for (size_t i = 0; i < esc_index_count(bench->index); i++) {
        const struct esc_card card = esc_index_at(bench->index, i, &arena);
        ESC_CLEANUP(esc_resource_freep) struct esc_resource *resource = NULL;
        expect_ok(work_resource(bench, card.id, &resource, &err));
        if (esc_carry_was_asked(resource))
            esc_list_push(ids, esc_strdup(card.id));
    }
    esc_arena_done(&arena);
}

static void send_change_of(struct cloud_desk *at, const char *id)
{
    ESC_CLEANUP(esc_freep)
    char *event = esc_sprintf(
        "{\"source\":\"aws.ec2\",\"account\":\"111111111111\",\"region\":\"us-west-2\","
        "\"detail-type\":\"AWS API Call via CloudTrail\",\"detail\":{\"eventSource\":"
        "\"ec2.amazonaws.com\",\"eventName\":\"ModifyInstanceAttribute\",\"requestParameters\":"
        "{\"instanceId\":\"%s\",\"disableApiTermination\":{\"value\":true}}}}",
        strstr(id, "i-"));
    fake_aws_send_message(at->cloud, event);
}

/* More than fifty others have never been asked, so it would not be its turn for long. */
static void an_instance_whose_protection_was_changed_is_asked_before_all_others(void **)
{
    struct cloud_desk at;
    struct esc_list told;
    enum esc_status status;
    open_many(&at);
    esc_json_free(
        cloud_desk_sync(&at.desk, accounts[0],
                        "\"transport\":\"native\",\"cells\":[\"111111111111 us-west-2 ec2\","
                        "\"111111111111 us-west-2 protection\"],",
                        &status));
    assert_int_equal(ESC_OK, status);
    find_told(&at, &told);
    assert_in_range(told.count, 40, 50);
    assert_true(fake_aws_count(at.cloud, "ec2_instance", accounts[0], NULL) > 105);
    const char *changed = told.items[told.count - 1], *other = told.items[told.count - 2];
    at.desk.clock.wall_ms += 3 * 3'600'000;

    fake_aws_fault(at.cloud, &(struct fake_fault){.kind = FAKE_FAULT_DENIED,
                                                  .operation = "DescribeInstanceAttribute"});
    send_change_of(&at, changed);
    look(&at);
    fake_aws_heal(at.cloud);
    ESC_CLEANUP(esc_freep) char *doubted = protection_of(&at, changed);
    ESC_CLEANUP(esc_freep) char *kept = protection_of(&at, other);
    assert_string_equal("", doubted);
    expect_contains("(asked 3 h ago)", kept);

    send_change_of(&at, changed);
    look(&at);
    ESC_CLEANUP(esc_freep) char *fresh = protection_of(&at, changed);
    expect_contains("termination protection is o", fresh);
    assert_null(strstr(fresh, "asked"));
    assert_int_equal(0, fake_aws_message_count(at.cloud));
    esc_list_done(&told);
    close_cloud(&at);
}

/* Another sync */

static void a_sync_that_is_under_way_is_waited_for(void **)
{
    struct cloud_desk at;
    struct desk_call sync;
    open_cloud(&at);
    fake_aws_send_message(at.cloud, EVENT);
    desk_start(&at.desk, "POST", "/api/sync", "{\"service\":\"ec2\"}", &sync);
    work_events_look(at.desk.bench);
    assert_true(esc_loop_run_until(at.desk.loop, has_looked, &at));
    assert_true(sync.is_done);
    assert_int_not_equal(ESC_CANCELLED, sync.status);
    assert_int_equal(0, fake_aws_message_count(at.cloud));
    desk_call_done(&sync);
    close_cloud(&at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_go_once_their_place_was_looked_at),
        cmocka_unit_test(a_message_stays_while_its_place_cannot_be_seen_for_now),
        cmocka_unit_test(an_event_of_a_global_service_is_ours_whatever_its_region),
        cmocka_unit_test(only_the_accounts_that_events_name_are_asked),
        cmocka_unit_test(a_place_whose_account_does_not_even_name_its_regions_was_not_seen),
        cmocka_unit_test(what_is_too_much_for_a_round_comes_again),
        cmocka_unit_test(a_delete_that_is_refused_stops_the_rounds_and_is_never_repeated),
        cmocka_unit_test(what_passes_by_itself_is_told_and_tried_again),
        cmocka_unit_test(a_message_that_is_no_event_is_left_with_all_others),
        cmocka_unit_test(a_flood_is_one_round_with_one_look),
        cmocka_unit_test(what_the_queue_had_well_before_a_whole_look_needs_none),
        cmocka_unit_test(a_look_that_was_not_whole_or_elsewhere_makes_no_event_old),
        cmocka_unit_test(a_look_without_its_tags_makes_no_event_old),
        cmocka_unit_test(what_was_seen_whole_stays_so_after_a_look_that_failed),
        cmocka_unit_test(somebody_elses_message_in_a_flood_is_left_and_stops_it),
        cmocka_unit_test(a_flood_that_is_cut_anywhere_loses_nothing),
        cmocka_unit_test(a_core_that_ends_does_not_wait_for_messages),
        cmocka_unit_test(a_persons_round_takes_the_place_of_one_that_waits),
        cmocka_unit_test(another_queue_ends_the_wait_at_the_first),
        cmocka_unit_test(the_queue_of_an_emulator_is_read_only_when_the_schedule_takes_those),
        cmocka_unit_test(an_instance_whose_protection_was_changed_is_asked_before_all_others),
        cmocka_unit_test(a_core_that_dies_before_it_deletes_is_given_the_messages_again),
        cmocka_unit_test(a_sync_that_is_under_way_is_waited_for),
    };
    return cmocka_run_group_tests_name("work/sync_events", tests, NULL, NULL);
}
