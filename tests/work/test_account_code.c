/* SPDX-License-Identifier: Apache-2.0 */

/* An account behind an MFA device, as a page has it tested: whose code it is, and until when. */

#include <string.h>

#include "escher/work/meaning_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

#define OTHER_ACCOUNT "987654321098"

static const char *text(const struct esc_json *json, const char *path)
{
    return esc_json_str(json, path, "");
}

#define DEVICE "arn:aws:iam::" DESK_ACCOUNT ":mfa/me"

static void on_page_answer(void *context, enum esc_status status, struct esc_json *body)
{
    struct desk_call *into = context;
    into->is_done = true;
    into->answers++;
    into->status = status;
    into->body = body;
}

static void on_page_event(void *, const struct esc_json *)
{
    fail_msg("a page that wants a document hears of no event");
}

static const char *key_variable(void *, const char *name)
{
    return esc_text_equal(name, "AWS_ACCESS_KEY_ID")       ? "AK" DESK_ACCOUNT
           : esc_text_equal(name, "AWS_SECRET_ACCESS_KEY") ? "canary-secret"
                                                           : NULL;
}

/* What a page has asked; it sends no variables, its door has some. */
static struct esc_json *ask_as_page(struct desk *desk, enum esc_status expected, const char *path,
                                    const char *body)
{
    struct desk_call call = {0};
    ESC_CLEANUP(esc_json_freep) struct esc_json *args = NULL;
    expect_ok(esc_json_parse(esc_str_of(body), NULL, &args, &err));
    ESC_CLEANUP(esc_aws_environment_freep)
    struct esc_aws_environment *environment = esc_aws_environment_new(key_variable, NULL);
    const struct esc_api_request request = {
        .method = "POST", .path = path, .body = args, .page = true, .environment = environment};
    const struct esc_api_sink sink = {on_page_event, on_page_answer, &call};
    call.call = esc_api_call(desk->bench, &request, &sink);
    desk_wait(desk, &call);
    assert_int_equal(expected, call.status);
    assert_int_equal(1, call.answers);
    return call.body;
}

static void add_role_with_device(struct desk *desk)
{
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"id\":\"" OTHER_ACCOUNT
                             "\",\"name\":\"guarded\",\"role_arn\":\"arn:aws:iam::" OTHER_ACCOUNT
                             ":role/R\",\"mfa_serial\":\"" DEVICE
                             "\",\"endpoint_url\":\"http://127.0.0.1:%u\"}",
                             desk->sts_port);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/accounts", body));
    desk->sts.code = "123456";
}

/* Whose permissions a record holds, and until when that session lasts. */
static void expect_session_shown(struct desk *desk, const char *end)
{
    ESC_CLEANUP(esc_freep)
    char *body =
        desk_lines("{\"id\":\"" OTHER_ACCOUNT "-us-west-2-rds_instance-seen\",\"provider\":\"aws\","
                   "\"resource_type\":\"rds_instance\",\"identifier\":\"seen\",\"name\":\"seen\","
                   "\"arn\":\"arn:aws:rds:us-west-2:" OTHER_ACCOUNT
                   ":db:seen\",\"account_name\":\"guarded\",\"account_id\":\"" OTHER_ACCOUNT
                   "\",\"region\":\"us-west-2\",\"tags\":{},\"metadata\":{},"
                   "\"iam\":{\"allowed_actions\":[],\"denied_actions\":[],\"source\":\"local\","
                   "\"user_context\":{\"username\":\"R\"}},\"constraints\":{},\"relations\":[],"
                   "\"last_synced\":\"2026-11-20T07:00:00Z\"}");
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/estate/import", body));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *shown = desk_expect(desk, ESC_OK, "POST", "/api/show", "{\"text\":\"seen\"}");
    assert_string_equal("R", text(shown, "resource.iam.user_context.username"));
    assert_string_equal(end, text(shown, "resource.iam.user_context.session_expires"));
}

static const char *no_variable(void *, const char *)
{
    return NULL;
}

/* A planner may warn that a session ends before the work is done. */
static void expect_session_in_request(struct desk *desk, const char *end)
{
    ESC_CLEANUP(esc_aws_environment_freep)
    struct esc_aws_environment *environment = esc_aws_environment_new(no_variable, NULL);
    const struct esc_api_call call = {.bench = desk->bench, .environment = environment};
    struct work_meaning meaning = {0};
    expect_ok(work_meaning_find(&call, ESC_STR("stop seen"), NULL, NULL, &meaning, &err));
    assert_int_equal(1, esc_json_len(esc_json_member(meaning.request, "identified_resources")));
    assert_string_equal(end, text(meaning.request, "user_context.session_expires"));
    work_meaning_done(&meaning);
    expect_ok(work_meaning_find(&call, ESC_STR("stop everything"), NULL, NULL, &meaning, &err));
    assert_null(esc_json_get(meaning.request, "user_context.session_expires"));
    work_meaning_done(&meaning);
}

static void a_page_brings_the_code_along_and_nobody_else_sees_it(void **state)
{
    static const char path[] = "/api/accounts/guarded/test";
    struct desk *desk = *state;
    char end[ESC_TIME_TEXT];
    add_role_with_device(desk);
    esc_time_format(desk->clock.wall_ms + 12 * 60 * 1000, end);
    desk->sts.expiration = end;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *first = ask_as_page(desk, ESC_LOCKED, path, "{}");
    assert_string_equal("mfa_code", text(first, "wants"));
    assert_string_equal(DEVICE, text(first, "device"));
    expect_contains("test the account in the settings", text(first, "message"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *wrong = ask_as_page(desk, ESC_LOCKED, path, "{\"mfa_code\":\"654321\"}");
    assert_string_equal("mfa_code", text(wrong, "wants"));
    expect_contains("the MFA code was not taken", text(wrong, "message"));
    assert_int_equal(1, desk->sts.codes);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *odd = ask_as_page(desk, ESC_LOCKED, path, "{\"mfa_code\":\"12 456\"}");
    assert_int_equal(1, desk->sts.codes); /* no code at all: it is not sent */
    assert_null(strstr(text(odd, "message"), "12 456"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *other = ask_as_page(
        desk, ESC_LOCKED, path, "{\"mfa_code\":\"123456\",\"device\":\"arn:aws:iam::1:mfa/you\"}");
    assert_string_equal(DEVICE, text(other, "device")); /* it is told which one is wanted */
    assert_int_equal(1, desk->sts.codes);
    esc_json_free(
        ask_as_page(desk, ESC_OK, path, "{\"mfa_code\":\"123456\",\"device\":\"" DEVICE "\"}"));
    esc_json_free(ask_as_page(desk, ESC_OK, path, "{}")); /* the session counts on */
    assert_int_equal(2, desk->sts.codes);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *status = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_int_equal(1, esc_json_len(esc_json_get(status, "logins_ending")));
    assert_string_equal("guarded: the login ends in 12 min; a new MFA code is asked for then",
                        text(status, "logins_ending[0].says"));
    expect_session_shown(desk, end);
    expect_session_in_request(desk, end);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *door = ask_as_page(desk, ESC_DENIED, "/api/prompts/x", "{\"answer\":\"1\"}");
    expect_contains("not open to a page", text(door, "message"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup_account, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_page_brings_the_code_along_and_nobody_else_sees_it),
    };
    return cmocka_run_group_tests_name("work/account_code", tests, NULL, NULL);
}
