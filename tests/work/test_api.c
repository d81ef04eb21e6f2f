/* SPDX-License-Identifier: Apache-2.0 */

/* The table of routes and what stands before it: who is let in with what. */

#include <string.h>

#include "escher/base/num.h"
#include "tests/work/desk.h"

static struct esc_error err;

struct row {
    const char *method, *path, *body;
};

static const char *message_of(const struct esc_json *body)
{
    return esc_json_str(body, "message", "");
}

static void expect_refusal(struct desk *desk, enum esc_status status, const struct row *row,
                           const char *part)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, status, row->method, row->path, row->body);
    expect_contains(part, message_of(body));
    assert_string_equal(esc_status_text(status), esc_json_str(body, "status", ""));
}

static void what_is_no_route_is_not_found(void **state)
{
    static const struct row rows[] = {
        {"GET", "/api/nothing", NULL},
        {"GET", "", NULL},
        {"GET", "/", NULL},
        {"GET", "/api", NULL},
        {"GET", "api/status", NULL},
        {"GET", "/api/status/", NULL},
        {"GET", "//api/status", NULL},
        {"GET", "/api//status", NULL},
        {"GET", "/api/status/x", NULL},
        {"GET", "/api/status?x=1", NULL},
        {"POST", "/api/status", NULL},
        {"get", "/api/status", NULL},
        {"DELETE", "/api/plans", NULL},
        {"GET", "/api/ask", NULL},
        {"PUT", "/api/accounts/a", NULL},
        {"GET", "/api/plans/", NULL},
        {"DELETE", "/api/chat/", NULL},
        {"POST", "/api/plans//approve", "{}"},
        {"POST", "/api/plans/a/b/approve", "{}"},
        {"GET", "/api/%73tatus", NULL},
    };
    for (size_t i = 0; i < ESC_COUNT(rows); i++)
        expect_refusal(*state, ESC_NOT_FOUND, &rows[i], "no such route");
}

static void an_argument_that_the_route_does_not_know_is_refused(void **state)
{
    static const struct row rows[] = {
        {"GET", "/api/status", "{\"surplus\":1}"},
        {"POST", "/api/find", "{\"text\":\"x\",\"surplus\":\"\"}"},
        {"POST", "/api/ask", "{\"prompt\":\"stop x\",\"surplus\":null}"},
        {"POST", "/api/plans/x/approve", "{\"surplus\":true}"},
        {"GET", "/api/runs/x", "{\"surplus\":{}}"},
    };
    for (size_t i = 0; i < ESC_COUNT(rows); i++)
        expect_refusal(*state, ESC_INVALID, &rows[i], "surplus");
}

static void keys_are_taken_only_where_the_cloud_is_reached(void **state)
{
    static const struct row rows[] = {
        {"POST", "/api/find", "{\"text\":\"x\"," DESK_KEYS "}"},
        {"POST", "/api/estate/export", "{" DESK_KEYS "}"},
        {"POST", "/api/ask/batch", "{\"lines\":\"\"," DESK_KEYS "}"},
        {"POST", "/api/runs/x/cancel", "{" DESK_KEYS "}"},
    };
    for (size_t i = 0; i < ESC_COUNT(rows); i++)
        expect_refusal(*state, ESC_INVALID, &rows[i], "environment");
}

/* Else {"account": 7} would be a sync of every account. */
static void an_argument_of_another_type_is_refused_and_not_passed_over(void **state)
{
    static const struct row rows[] = {
        {"POST", "/api/sync", "{\"account\":7}"},
        {"POST", "/api/sync", "{\"service\":[\"rds\"]}"},
        {"POST", "/api/sync", "{\"region\":null}"},
        {"POST", "/api/sync", "{\"environment\":\"AWS_PROFILE=x\"}"},
        {"POST", "/api/ask", "{\"prompt\":[\"stop\"]}"},
        {"POST", "/api/ask", "{\"prompt\":\"stop\",\"resources\":\"an-id\"}"},
        {"POST", "/api/ask", "{\"prompt\":\"stop\",\"resources\":[\"an-id\",7]}"},
        {"POST", "/api/find", "{\"text\":\"x\",\"n\":\"5\"}"},
        {"POST", "/api/find", "{\"text\":\"x\",\"n\":1.5}"},
        {"POST", "/api/accounts", "{\"id\":123456789012}"},
        {"POST", "/api/accounts", "{\"id\":\"123456789012\",\"regions\":\"us-west-2\"}"},
        {"POST", "/api/plans/x/approve", "{\"background\":\"yes\"}"},
        {"POST", "/api/plans/x/approve", "{\"confirm\":{\"name\":\"x\"}}"},
    };
    for (size_t i = 0; i < ESC_COUNT(rows); i++)
        expect_refusal(*state, ESC_INVALID, &rows[i], "must be");
}

static void a_body_that_is_no_object_is_refused(void **state)
{
    static const char *const bodies[] = {"[]", "\"text\"", "7", "null", "true"};
    for (size_t i = 0; i < ESC_COUNT(bodies); i++) {
        const struct row row = {"POST", "/api/show", bodies[i]};
        expect_refusal(*state, ESC_INVALID, &row, "must be an object");
    }
}

static void what_must_be_there_is_asked_for(void **state)
{
    static const struct row rows[] = {
        {"POST", "/api/ask", NULL},
        {"POST", "/api/ask", "{\"prompt\":\"\"}"},
        {"POST", "/api/ask", "{\"prompt\":\" \\t\\n \"}"},
        {"POST", "/api/show", "{}"},
        {"POST", "/api/show", "{\"text\":\"\"}"},
        {"POST", "/api/accounts", "{}"},
        {"POST", "/api/accounts", "{\"id\":\"12345678901\"}"},
        {"POST", "/api/accounts", "{\"id\":\"12345678901x\"}"},
    };
    for (size_t i = 0; i < ESC_COUNT(rows); i++)
        expect_refusal(*state, ESC_INVALID, &rows[i], "");
}

static const char *first_must(const struct esc_json *route)
{
    const struct esc_json *takes = esc_json_member(route, "takes");
    for (size_t i = 0; i < esc_json_len(takes); i++) {
        if (esc_json_flag(esc_json_at(takes, i), "must", false))
            return esc_json_str(esc_json_at(takes, i), "name", NULL);
    }
    return NULL;
}

static void what_the_table_calls_a_must_is_one(void **state)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *table = esc_api_describe();
    const struct esc_json *routes = esc_json_member(table, "routes");
    size_t tried = 0;
    for (size_t i = 0; i < esc_json_len(routes); i++) {
        const struct esc_json *route = esc_json_at(routes, i);
        const struct row row = {esc_json_str(route, "method", ""), esc_json_str(route, "path", ""),
                                "{}"};
        if (esc_json_flag(route, "door", false) || !first_must(route))
            continue;
        ESC_CLEANUP(esc_freep) char *part = esc_sprintf("`%s` is missing", first_must(route));
        expect_refusal(*state, ESC_INVALID, &row, part);
        tried++;
    }
    assert_true(tried >= 5);
}

static void what_a_door_answers_is_no_route_of_the_dispatcher(void **state)
{
    static const struct row rows[] = {
        {"POST", "/api/session", "{\"code\":\"x\"}"},
        {"GET", "/api/events", NULL},
        {"POST", "/api/stop", NULL},
    };
    for (size_t i = 0; i < ESC_COUNT(rows); i++)
        expect_refusal(*state, ESC_NOT_FOUND, &rows[i], "no such route");
}

static void a_name_in_the_path_is_decoded_or_refused(void **state)
{
    static const struct {
        const char *path;
        enum esc_status status;
        const char *part;
    } rows[] = {
        {"/api/playbooks/my%20own%2fbook", ESC_NOT_FOUND, "`my own/book`"},
        {"/api/playbooks/%C3%BC", ESC_NOT_FOUND, "`\xC3\xBC`"},
        {"/api/playbooks/%2e%2e", ESC_NOT_FOUND, "`..`"},
        {"/api/playbooks/%zz", ESC_INVALID, "decode"},
        {"/api/playbooks/50%", ESC_INVALID, "decode"},
        {"/api/playbooks/a%00b", ESC_INVALID, "decode"},
        {"/api/playbooks/%FF%FE", ESC_INVALID, "decode"},
        {"/api/playbooks/%ED%A0%80", ESC_INVALID, "decode"},
    };
    for (size_t i = 0; i < ESC_COUNT(rows); i++) {
        const struct row row = {"GET", rows[i].path, NULL};
        expect_refusal(*state, rows[i].status, &row, rows[i].part);
    }
}

/* A text of @p count times @p piece; owned by the caller. */
static void a_name_of_64_kilobytes_is_one_that_nothing_has(void **state)
{
    static const char *const pieces[] = {"a", "\xF0\x9F\x90\x98", "\x1B[31m", "`", "%s%n"};
    static const char *const places[] = {"playbooks", "plans", "runs", "chat"};
    for (size_t i = 0; i < ESC_COUNT(pieces); i++) {
        ESC_CLEANUP(esc_freep)
        char *name = test_repeated(pieces[i], ESC_MAX_NAME / strlen(pieces[i]));
        ESC_CLEANUP(esc_freep) char *segment = esc_percent_encode(esc_str_of(name));
        for (size_t k = 0; k < ESC_COUNT(places); k++) {
            ESC_CLEANUP(esc_freep) char *path = esc_sprintf("/api/%s/%s", places[k], segment);
            ESC_CLEANUP(esc_json_freep) struct esc_json *body = NULL;
            const enum esc_status status = desk_ask(*state, "GET", path, NULL, &body);
            assert_true(status == ESC_NOT_FOUND || status == ESC_OK); /* chat: no messages */
            assert_true(strlen(message_of(body)) < ESC_ERROR_MESSAGE_SIZE);
        }
    }
}

static void a_question_has_a_ceiling(void **state)
{
    static const char *const pieces[] = {"stop ", "pg-instance-main1 ", "\xF0\x9F\x90\x98"};
    for (size_t i = 0; i < ESC_COUNT(pieces); i++) {
        ESC_CLEANUP(esc_freep)
        char *prompt = test_repeated(pieces[i], ESC_MAX_NAME / strlen(pieces[i]));
        ESC_CLEANUP(esc_freep) char *body = esc_sprintf("{\"prompt\":\"%s\"}", prompt);
        const struct row row = {"POST", "/api/ask", body};
        expect_refusal(*state, ESC_LIMIT, &row, "longer than");
    }
}

static void a_call_cancelled_before_it_began_does_nothing(void **state)
{
    struct desk_call call;
    desk_start(*state, "POST", "/api/ask", "{\"prompt\":\"stop x\"}", &call);
    esc_api_cancel(call.call);
    esc_api_cancel(call.call);
    desk_wait(*state, &call);
    assert_int_equal(ESC_CANCELLED, call.status);
    assert_int_equal(0, call.events.count);
    desk_call_done(&call);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *chats = desk_expect(*state, ESC_OK, "GET", "/api/chat", NULL);
    assert_int_equal(0, esc_json_len(esc_json_member(chats, "conversations")));
}

static void no_call_is_answered_before_the_one_who_made_it_goes_on(void **state)
{
    static const struct row rows[] = {{"GET", "/api/ping", NULL}, {"GET", "/nowhere", NULL}};
    for (size_t i = 0; i < ESC_COUNT(rows); i++) {
        struct desk_call call;
        desk_start(*state, rows[i].method, rows[i].path, rows[i].body, &call);
        assert_false(call.is_done);
        desk_wait(*state, &call);
        desk_call_done(&call);
    }
}

/* The script of the AWS CLI waits here; closing ends it. */
static void closing_answers_what_is_under_way_once(void **state)
{
    struct desk *desk = *state;
    struct desk_call sync, ask, test, second;
    desk_add_account(desk);
    desk_add_database(desk);
    desk_cloud_put(desk, "describe-db-instances.sh", "sleep 600\n");
    desk_start(desk, "POST", "/api/sync", "{\"service\":\"rds\"," DESK_KEYS "}", &sync);
    desk_start(desk, "POST", "/api/sync", "{\"service\":\"rds\"," DESK_KEYS "}", &second);
    desk_start(desk, "POST", "/api/ask", "{\"prompt\":\"Stop pg-instance-main1\"," DESK_KEYS "}",
               &ask);
    desk_start(desk, "POST", "/api/accounts/production/test", "{" DESK_KEYS "}", &test);
    desk_wait(desk, &second);
    assert_int_equal(ESC_CONFLICT, second.status);
    desk_close(desk);
    assert_int_equal(ESC_CANCELLED, sync.status);
    assert_int_equal(ESC_CANCELLED, ask.status);
    assert_true(test.is_done);
    desk_call_done(&sync);
    desk_call_done(&second);
    desk_call_done(&ask);
    desk_call_done(&test);
    expect_ok(desk_open(desk, false, &err));
}

/* Most only ask, and share one desk. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_route_is_not_found),
        cmocka_unit_test(an_argument_that_the_route_does_not_know_is_refused),
        cmocka_unit_test(keys_are_taken_only_where_the_cloud_is_reached),
        cmocka_unit_test(an_argument_of_another_type_is_refused_and_not_passed_over),
        cmocka_unit_test(a_body_that_is_no_object_is_refused),
        cmocka_unit_test(what_must_be_there_is_asked_for),
        cmocka_unit_test(what_the_table_calls_a_must_is_one),
        cmocka_unit_test(what_a_door_answers_is_no_route_of_the_dispatcher),
        cmocka_unit_test(a_name_in_the_path_is_decoded_or_refused),
        cmocka_unit_test(a_name_of_64_kilobytes_is_one_that_nothing_has),
        cmocka_unit_test(a_question_has_a_ceiling),
        cmocka_unit_test(a_call_cancelled_before_it_began_does_nothing),
        cmocka_unit_test(no_call_is_answered_before_the_one_who_made_it_goes_on),
        cmocka_unit_test(closing_answers_what_is_under_way_once),
    };
    return cmocka_run_group_tests_name("work/api", tests, desk_setup, desk_teardown);
}
