/* SPDX-License-Identifier: Apache-2.0 */

/* The core's socket: what comes over it is as little trusted as any other text. */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "escher/work/door.h"
#include "escher/work/work_private.h"
#include "tests/http/raw.h"
#include "tests/work/desk.h"

static struct esc_error err;
static struct esc_door *door;

static int setup(void **state)
{
    (void)desk_setup(state); /* it fails by ending the test */
    expect_ok(esc_door_open(((struct desk *)*state)->bench, &door, &err));
    return 0;
}

static int teardown(void **state)
{
    esc_door_close(ESC_STEAL(door));
    return desk_teardown(state);
}

static void connect_raw(struct desk *desk, struct raw *raw)
{
    raw_connect_unix(raw, desk->loop, desk->bench->paths.socket);
}

/* Sends a request with this body and gives all that comes back; owned by the caller. */
static char *talk(struct desk *desk, const char *method, const char *path, struct esc_str body)
{
    struct raw raw;
    ESC_CLEANUP(esc_freep)
    char *head = esc_sprintf("%s %s HTTP/1.1\r\nHost: escher\r\nContent-Type: application/json\r\n"
                             "Content-Length: %zu\r\n\r\n",
                             method, path, body.len);
    connect_raw(desk, &raw);
    raw_send(&raw, esc_str_of(head));
    raw_send(&raw, body);
    char *said = esc_strdup(raw_read_all(&raw));
    raw_done(&raw);
    return said;
}

static void expect_said(struct desk *desk, const char *method, const char *path, const char *body,
                        const char *part)
{
    ESC_CLEANUP(esc_freep) char *said = talk(desk, method, path, esc_str_of(body));
    expect_contains(part, said);
}

static void the_socket_is_for_its_owner(void **state)
{
    struct stat about;
    const struct desk *desk = *state;
    assert_int_equal(0, stat(desk->bench->paths.socket, &about));
    assert_int_equal(0600, about.st_mode & 07777);
}

static void there_is_one_core(void **state)
{
    struct esc_door *second = NULL;
    expect_status(ESC_EXISTS, esc_door_open(((struct desk *)*state)->bench, &second, &err));
    assert_null(second);
}

static void an_answer_comes_as_events(void **state)
{
    expect_said(*state, "GET", "/api/status", "", "event: done");
    expect_said(*state, "POST", "/api/show", "{\"text\":\"x\"}", "\"status\":\"not_found\"");
    expect_said(*state, "GET", "/api/nothing", "", "no such route");
    expect_said(*state, "DELETE", "/api/status", "", "no such route");
    expect_said(*state, "GET", "/api/playbooks/%zz", "", "does not decode");
    expect_said(*state, "POST", "/api/show", "[]", "must be an object");
}

static void what_is_no_json_is_refused(void **state)
{
    static const char *const bodies[] = {
        "{",
        "not JSON",
        "{\"text\":\"a\",\"text\":\"b\"}",
        "{\"text\":\"\xFF\xFE\"}",
        "{\"text\":\"\\ud800\"}",
        "{\"text\":1e999}",
        "{} {}",
    };
    for (size_t i = 0; i < ESC_COUNT(bodies); i++)
        expect_said(*state, "POST", "/api/show", bodies[i], "HTTP/1.1 400");
    static const char nul[] = "{\"text\":\"a\0b\"}";
    ESC_CLEANUP(esc_freep)
    char *said = talk(*state, "POST", "/api/show", (struct esc_str){nul, sizeof nul - 1});
    expect_contains("HTTP/1.1 400", said);
}

static void a_body_nested_too_deep_is_refused(void **state)
{
    char body[2 * 100 + 16];
    memset(body, '[', 100);
    memset(body + 100, ']', 100);
    body[200] = '\0';
    expect_said(*state, "POST", "/api/show", body, "nests deeper than 64");
}

static void a_body_over_its_ceiling_is_refused_before_it_is_sent(void **state)
{
    struct raw raw;
    ESC_CLEANUP(esc_freep)
    char *head = esc_sprintf("POST /api/show HTTP/1.1\r\nHost: escher\r\n"
                             "Content-Type: application/json\r\nContent-Length: %lld\r\n\r\n",
                             (long long)ESC_MAX_FILE + 1);
    connect_raw(*state, &raw);
    raw_send(&raw, esc_str_of(head));
    expect_contains("HTTP/1.1 413", raw_read_all(&raw));
    raw_done(&raw);
}

static void a_path_of_64_kilobytes_is_refused(void **state)
{
    ESC_CLEANUP(esc_freep) char *path = esc_alloc(ESC_MAX_NAME + 1);
    memset(path, 'a', ESC_MAX_NAME);
    path[ESC_MAX_NAME] = '\0';
    memcpy(path, "/api/runs/", 10);
    expect_said(*state, "GET", path, "", "HTTP/1.1 4");
}

static void what_a_page_could_send_is_refused(void **state)
{
    static const char *const heads[] = {
        "GET /api/status HTTP/1.1\r\nHost: escher\r\nOrigin: https://evil.example\r\n\r\n",
        "GET /api/status HTTP/1.1\r\n\r\n",
        "GET http://evil.example/api/status HTTP/1.1\r\nHost: escher\r\n\r\n",
        "POST /api/stop HTTP/1.1\r\nHost: escher\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
        "POST /api/stop HTTP/1.1\r\nHost: escher\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    };
    for (size_t i = 0; i < ESC_COUNT(heads); i++) {
        struct raw raw;
        connect_raw(*state, &raw);
        raw_send(&raw, esc_str_of(heads[i]));
        assert_null(strstr(raw_read_all(&raw), "HTTP/1.1 200"));
        raw_done(&raw);
    }
    assert_false(esc_door_wants_stop(door));
}

static void stop_is_asked_for_by_post_alone(void **state)
{
    expect_said(*state, "GET", "/api/stop", "", "no such route");
    assert_false(esc_door_wants_stop(door));
    expect_said(*state, "POST", "/api/stop", "", "HTTP/1.1 200");
    assert_true(esc_door_wants_stop(door));
}

static bool has_no_call(void *context)
{
    return ((const struct desk *)context)->bench->calls.count == 0;
}

static bool asks_the_cloud(void *context)
{
    return desk_cloud_has(context, "calls");
}

static void turn_on(void *context)
{
    struct desk *desk = context;
    if (!desk_cloud_has(desk, "calls"))
        esc_loop_post(desk->loop, turn_on, desk);
}

static void send_slow_ask(struct desk *desk, struct raw *raw)
{
    static const char body[] = "{\"prompt\":\"Stop pg-instance-main1\"," DESK_KEYS "}";
    desk_add_account(desk);
    desk_add_database(desk);
    desk_cloud_drop(desk, "calls");
    desk_cloud_put(desk, "describe-db-instances.sh", "sleep 600\n");
    ESC_CLEANUP(esc_freep)
    char *request = esc_sprintf("POST /api/ask HTTP/1.1\r\nHost: escher\r\n"
                                "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                                sizeof body - 1, body);
    connect_raw(desk, raw);
    raw_send(raw, esc_str_of(request));
    turn_on(desk);
    assert_true(esc_loop_run_until(desk->loop, asks_the_cloud, desk));
    assert_int_equal(1, desk->bench->calls.count);
}

static void a_caller_that_goes_away_cancels_its_call(void **state)
{
    struct raw raw;
    send_slow_ask(*state, &raw);
    raw_done(&raw);
    assert_true(esc_loop_run_until(((struct desk *)*state)->loop, has_no_call, *state));
}

static void closing_door_and_core_leaves_nothing_behind(void **state)
{
    struct raw raw;
    struct desk *desk = *state;
    send_slow_ask(desk, &raw);
    esc_door_close(ESC_STEAL(door));
    esc_workbench_close(ESC_STEAL(desk->bench));
    raw_done(&raw);
}

/* They share one door; the last closes it. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_socket_is_for_its_owner),
        cmocka_unit_test(there_is_one_core),
        cmocka_unit_test(an_answer_comes_as_events),
        cmocka_unit_test(what_is_no_json_is_refused),
        cmocka_unit_test(a_body_nested_too_deep_is_refused),
        cmocka_unit_test(a_body_over_its_ceiling_is_refused_before_it_is_sent),
        cmocka_unit_test(a_path_of_64_kilobytes_is_refused),
        cmocka_unit_test(what_a_page_could_send_is_refused),
        cmocka_unit_test(stop_is_asked_for_by_post_alone),
        cmocka_unit_test(a_caller_that_goes_away_cancels_its_call),
        cmocka_unit_test(closing_door_and_core_leaves_nothing_behind),
    };
    return cmocka_run_group_tests_name("work/door", tests, setup, teardown);
}
