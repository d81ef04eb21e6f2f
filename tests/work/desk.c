/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/work/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "escher/base/file.h"
#include "escher/base/paths.h"
#include "tests/embed/small_model.h"
#include "tests/work/programs.h"

static struct esc_error err;

static const uint64_t now_ms = UINT64_C(1795248000000); /* 2026-11-21T08:00:00Z */

/* The fake AWS CLI; %s is the folder of its answers. */
static const char aws_script[] =
    "#!/bin/sh\n"
    "here='%s'\n"
    "[ \"$1\" = --version ] && { echo 'aws-cli/2.31.0 Python/3.13.4 Linux/6'; exit 0; }\n"
    "printf '%%s %%s %%s\\n' \"$1\" \"$2\" \"$(cat /dev/fd/3)\" >>\"$here/calls\"\n"
    "[ -f \"$here/$2.sh\" ] && . \"$here/$2.sh\"\n"
    "[ -f \"$here/$2.json\" ] && { cat \"$here/$2.json\"; exit 0; }\n"
    "echo \"An error occurred (AccessDenied) when calling the $2 operation: not allowed\" >&2\n"
    "exit 254\n";

static char *cloud_path(const struct desk *desk, const char *name)
{
    return esc_path_join(desk->cloud, name);
}

void desk_cloud_put(const struct desk *desk, const char *name, const char *text)
{
    ESC_CLEANUP(esc_freep) char *path = cloud_path(desk, name);
    expect_ok(esc_file_replace(path, esc_str_of(text), 0600, &err));
}

void desk_cloud_drop(const struct desk *desk, const char *name)
{
    ESC_CLEANUP(esc_freep) char *path = cloud_path(desk, name);
    expect_ok(esc_file_remove(path, &err));
}

bool desk_cloud_has(const struct desk *desk, const char *name)
{
    ESC_CLEANUP(esc_freep) char *path = cloud_path(desk, name);
    return esc_file_exists(path);
}

size_t desk_cloud_calls(const struct desk *desk, const char *verb)
{
    ESC_CLEANUP(esc_freep) char *path = cloud_path(desk, "calls");
    ESC_CLEANUP(esc_freep) char *wanted = esc_sprintf(" %s ", verb);
    struct esc_buf calls;
    size_t count = 0;
    esc_buf_init(&calls, ESC_MAX_FILE);
    if (esc_file_read(path, &calls, NULL) == ESC_OK) {
        struct esc_str rest = esc_buf_str(&calls), line;
        while (esc_str_next(&rest, '\n', &line))
            count += esc_str_contains(line, esc_str_of(wanted));
    }
    esc_buf_done(&calls);
    return count;
}

static void set_variable(const char *name, const char *value)
{
    assert_int_equal(0, setenv(name, value, 1));
}

/* Made once for all desks of a program. */
static void set_weights(void)
{
    static bool made;
    if (made)
        return;
    ESC_CLEANUP(esc_freep) char *weights = small_model_weights();
    set_variable("ESCHER_WEIGHTS", weights);
    made = true;
}

static void put_aws(const struct desk *desk)
{
    ESC_CLEANUP(esc_freep) char *path = cloud_path(desk, "aws");
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf(aws_script, desk->cloud);
    expect_ok(esc_file_replace(path, esc_str_of(text), 0700, &err));
    set_variable("ESCHER_AWS", path);
    set_variable("ESCHER_TRANSPORT", "cli"); /* the fake cloud is one */
}

void desk_init(struct desk *desk)
{
    *desk = (struct desk){.home = test_folder(), .cloud = test_folder()};
    set_variable("ESCHER_HOME", desk->home);
    set_weights();
    set_variable("ESCHER_RUN", ESCHER_RUN);
    set_variable("ESCHER_SHARE", esc_env("ESCHER_SOURCE"));
    put_aws(desk);
    desk->keyring = esc_keyring_memory_new(NULL);
    esc_clock_fixed_init(&desk->clock, now_ms);
    esc_random_seeded_init(&desk->random, 7);
}

/* On the port of the first time, which the account remembers. */
static void open_sts(struct desk *desk)
{
    ESC_CLEANUP(esc_freep) char *address = esc_sprintf("127.0.0.1:%u", desk->sts_port);
    const struct esc_http_listener_options options = {
        .address = address, .handler = fake_serve, .context = &desk->sts};
    desk->sts = (struct fake_sts){0};
    expect_ok(esc_http_listener_open(desk->loop, &options, &desk->sts.listener, &err));
    desk->sts_port = esc_http_listener_port(desk->sts.listener);
}

enum esc_status desk_open(struct desk *desk, bool create, struct esc_error *failure)
{
    expect_ok(esc_loop_new(&desk->loop, &err));
    open_sts(desk);
    const struct esc_workbench_options options = {.loop = desk->loop,
                                                  .clock = &desk->clock.clock,
                                                  .random = &desk->random.random,
                                                  .keyring_of_caller = desk->keyring,
                                                  .create = create};
    return esc_workbench_open(&options, &desk->bench, failure);
}

void desk_close(struct desk *desk)
{
    esc_workbench_close(ESC_STEAL(desk->bench));
    esc_http_listener_close(ESC_STEAL(desk->sts.listener));
    esc_loop_free(ESC_STEAL(desk->loop));
}

void desk_restart(struct desk *desk)
{
    desk_close(desk);
    expect_ok(desk_open(desk, false, &err));
}

void desk_done(struct desk *desk)
{
    desk_close(desk);
    esc_keyring_free(desk->keyring);
    free(desk->home);
    free(desk->cloud);
}

int desk_setup(void **state)
{
    struct desk *desk = esc_alloc_zero(sizeof *desk);
    desk_init(desk);
    expect_ok(desk_open(desk, true, &err));
    *state = desk;
    return 0;
}

int desk_setup_account(void **state)
{
    (void)desk_setup(state); /* it fails by ending the test */
    desk_add_account(*state);
    return 0;
}

int desk_teardown(void **state)
{
    desk_done(*state);
    free(*state);
    return 0;
}

/* Calls. */

static void free_event(void *event)
{
    esc_json_free(event);
}

static void on_event(void *context, const struct esc_json *event)
{
    struct desk_call *call = context;
    call->answers += call->is_done ? 1 : 0; /* an event after the answer counts as another */
    esc_list_push(&call->events, esc_json_copy(event));
}

static void on_done(void *context, enum esc_status status, struct esc_json *body)
{
    struct desk_call *call = context;
    call->answers++;
    esc_json_free(call->body);
    call->is_done = true;
    call->status = status;
    call->body = body;
    call->call = NULL;
}

void desk_start(struct desk *desk, const char *method, const char *path, const char *body,
                struct desk_call *into)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    *into = (struct desk_call){0};
    esc_list_init(&into->events, free_event);
    if (body)
        expect_ok(esc_json_parse(esc_str_of(body), NULL, &json, &err));
    const struct esc_api_request request = {.method = method, .path = path, .body = json};
    const struct esc_api_sink sink = {on_event, on_done, into};
    into->call = esc_api_call(desk->bench, &request, &sink);
}

static bool has_answer(void *context)
{
    return ((struct desk_call *)context)->is_done;
}

void desk_wait(struct desk *desk, struct desk_call *call)
{
    assert_true(esc_loop_run_until(desk->loop, has_answer, call));
}

void desk_call_done(struct desk_call *call)
{
    assert_int_equal(1, call->answers);
    esc_json_free(call->body);
    esc_list_done(&call->events);
}

enum esc_status desk_ask(struct desk *desk, const char *method, const char *path, const char *body,
                         struct esc_json **answer)
{
    struct desk_call call;
    desk_start(desk, method, path, body, &call);
    desk_wait(desk, &call);
    const enum esc_status status = call.status;
    if (answer)
        *answer = ESC_STEAL(call.body);
    desk_call_done(&call);
    return status;
}

struct esc_json *desk_expect(struct desk *desk, enum esc_status expected, const char *method,
                             const char *path, const char *body)
{
    struct esc_json *answer = NULL;
    const enum esc_status status = desk_ask(desk, method, path, body, &answer);
    if (status != expected) {
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(answer, ESC_JSON_COMPACT);
        print_error("%s %s: %s instead of %s: %.2000s\n", method, path, esc_status_text(status),
                    esc_status_text(expected), text);
        fail();
    }
    return answer;
}

/* What stands on the desk. */

void desk_add_account(struct desk *desk)
{
    ESC_CLEANUP(esc_freep)
    char *body =
        esc_sprintf("{\"id\":\"" DESK_ACCOUNT "\",\"name\":\"production\",\"regions\":"
                    "[\"us-west-2\"],\"endpoint_url\":\"http://127.0.0.1:%u\"," DESK_KEYS "}",
                    desk->sts_port);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/accounts", body));
}

char *desk_lines(const char *lines)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = esc_json_object();
    esc_json_set_text(body, "lines", lines);
    return esc_json_print(body, ESC_JSON_COMPACT);
}

void desk_add_database(struct desk *desk)
{
    ESC_CLEANUP(esc_freep)
    char *body = desk_lines(
        "{\"id\":\"" DESK_DATABASE "\",\"provider\":\"aws\",\"resource_type\":\"rds_instance\","
        "\"identifier\":\"pg-instance-main1\",\"name\":\"pg-instance-main1\","
        "\"arn\":\"arn:aws:rds:us-west-2:" DESK_ACCOUNT ":db:pg-instance-main1\","
        "\"account_id\":\"" DESK_ACCOUNT "\",\"account_name\":\"production\","
        "\"region\":\"us-west-2\",\"state\":\"available\","
        "\"tags\":{\"environment\":\"production\",\"app\":\"main\"},"
        "\"metadata\":{\"engine\":\"postgres\",\"engine_version\":\"14.7\",\"multi_az\":true},"
        "\"constraints\":{},\"relations\":[],\"last_synced\":\"2026-11-21T07:00:00Z\"}");
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/estate/import", body));
    desk_cloud_put(desk, "describe-db-instances.json",
                   "{\"DBInstances\":[{\"DBInstanceIdentifier\":\"pg-instance-main1\","
                   "\"Engine\":\"postgres\",\"EngineVersion\":\"14.7\",\"MultiAZ\":true,"
                   "\"DBInstanceStatus\":\"available\",\"DeletionProtection\":true,"
                   "\"ReadReplicaDBInstanceIdentifiers\":[],\"TagList\":[{\"Key\":\"environment\","
                   "\"Value\":\"production\"},{\"Key\":\"app\",\"Value\":\"main\"}]}]}\n");
    desk_cloud_put(desk, "stop-db-instance.sh",
                   "sed -i s/available/stopped/ \"$here/describe-db-instances.json\"\n"
                   "cat \"$here/describe-db-instances.json\"\nexit 0\n");
}
