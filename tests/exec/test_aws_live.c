/* SPDX-License-Identifier: Apache-2.0 */

/* The real AWS CLIs, version 1 and 2, against a cloud of ours on loopback. */

#include <stdio.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/paths.h"
#include "escher/exec/aws_cli.h"
#include "escher/exec/command_aws.h"
#include "escher/exec/engine.h"
#include "tests/exec/programs.h"
#include "tests/support/test.h"

static struct esc_error err;

/* The one loop of this program, the cloud on it, and where it listens. */
static struct esc_loop *loop;
static struct esc_process *cloud;
static bool cloud_is_over;
static struct esc_buf said;
static char *endpoint, *cut_endpoint;
static struct esc_secret *secret;

static char *clis[2];
static size_t cli_count;

static void on_cloud_output(void *context, enum esc_stream stream, struct esc_str bytes)
{
    (void)context;
    if (stream == ESC_STREAM_OUT)
        esc_buf_add(&said, bytes);
}

static void on_cloud_exit(void *context, const struct esc_process_result *result)
{
    (void)context;
    (void)result;
    cloud_is_over = true;
}

static bool has_said_where(void *context)
{
    (void)context;
    return cloud_is_over || esc_str_contains(esc_buf_str(&said), ESC_STR("\n"));
}

static void start_cloud(const char *python, const char *program)
{
    struct esc_command command;
    char parent[16];
    esc_command_init(&command, python);
    esc_command_arg(&command, python);
    esc_command_arg(&command, program);
    (void)snprintf(parent, sizeof parent, "%d", (int)getpid());
    esc_command_arg(&command, parent);
    esc_command_env(&command, "PATH", "/usr/bin:/bin");
    esc_command_env(&command, "AWS_EC2_METADATA_DISABLED", "true");
    const struct esc_process_options options = {.on_output = on_cloud_output,
                                                .on_exit = on_cloud_exit};
    expect_ok(esc_process_start(loop, &command, &options, &cloud, &err));
    esc_command_done(&command);
    assert_true(esc_loop_run_until(loop, has_said_where, NULL));
    assert_false(cloud_is_over);
    struct esc_str rest = esc_str_trim(esc_buf_str(&said)), piece;
    assert_true(esc_str_next(&rest, ' ', &piece));
    endpoint = esc_str_dup(piece);
    cut_endpoint = esc_str_dup(rest);
}

static void find_clis(const char *source)
{
    char *candidates[] = {esc_path_join(source, ".venv/bin/aws"), esc_strdup("/usr/bin/aws")};
    for (size_t i = 0; i < ESC_COUNT(candidates); i++) {
        if (access(candidates[i], X_OK) == 0)
            clis[cli_count++] = candidates[i];
        else
            free(candidates[i]);
    }
}

static int set_up(void **state)
{
    (void)state;
    const char *source = esc_env("ESCHER_SOURCE");
    if (!source)
        return 0; /* each test then skips */
    ESC_CLEANUP(esc_freep) char *python = esc_path_join(source, ".venv/bin/python");
    ESC_CLEANUP(esc_freep) char *program = esc_path_join(source, "tests/exec/small_cloud.py");
    if (access(python, X_OK) != 0)
        return 0;
    find_clis(source);
    expect_ok(esc_loop_new(&loop, &err));
    esc_buf_init(&said, 4096);
    secret = esc_secret_of_text("seed");
    start_cloud(python, program);
    return 0;
}

static bool is_cloud_over(void *context)
{
    (void)context;
    return cloud_is_over;
}

static int tear_down(void **state)
{
    (void)state;
    if (!loop)
        return 0;
    if (!cloud_is_over)
        esc_process_cancel(cloud, 2000);
    assert_true(esc_loop_run_until(loop, is_cloud_over, NULL));
    for (size_t i = 0; i < cli_count; i++)
        free(clis[i]);
    free(endpoint);
    free(cut_endpoint);
    esc_buf_done(&said);
    esc_secret_free(secret);
    esc_loop_free(loop);
    return 0;
}

struct outcome {
    bool over;
    int exit_code;
    enum esc_error_category category;
    char *code, *message;
    struct esc_json *output;
};

static void forget(struct outcome *outcome)
{
    free(outcome->code);
    free(outcome->message);
    esc_json_free(outcome->output);
    *outcome = (struct outcome){0};
}

static void note(void *context, const struct esc_aws_result *result)
{
    struct outcome *outcome = context;
    outcome->over = true;
    outcome->exit_code = result->exit_code;
    outcome->category = result->category;
    outcome->code = esc_strdup_null(result->error_code);
    outcome->message = esc_strdup_null(result->error_message);
    outcome->output = result->output ? esc_json_ref(result->output) : NULL;
}

static bool is_over(void *context)
{
    return ((struct outcome *)context)->over;
}

static void call_with(const char *cli, const struct esc_operation *operation,
                      const struct esc_json *params, const char *where, struct outcome *outcome)
{
    const struct esc_aws_command aws = {
        .aws_path = cli,
        .operation = operation,
        .params = params,
        .region = "us-west-2",
        .endpoint_url = where,
        .access_key_id = "seed",
        .secret_access_key = secret,
        .timeout_ms = 600 * 1000,
    };
    forget(outcome);
    expect_ok(esc_aws_command_start(loop, &aws, note, outcome, NULL, &err));
    assert_true(esc_loop_run_until(loop, is_over, outcome));
}

static void call(const char *cli, const char *operation, const char *identifier, const char *where,
                 struct outcome *outcome)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = esc_json_object();
    if (identifier)
        esc_json_set_text(params, "DBInstanceIdentifier", identifier);
    call_with(cli, esc_operation_find("rds", operation), params, where, outcome);
}

/* EC2 repeats in its answer the names it was given. */
static void stop_instances(const char *cli, const char *const *hostile, size_t count,
                           struct outcome *outcome)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = esc_json_object();
    struct esc_json *names = esc_json_array();
    for (size_t i = 0; i < count; i++)
        esc_json_push_text(names, hostile[i]);
    esc_json_set(params, "InstanceIds", names);
    call_with(cli, esc_operation_find("ec2", "StopInstances"), params, endpoint, outcome);
}

static void need_cloud(void)
{
    if (!loop || cli_count == 0)
        skip();
}

static void both_clis_describe_and_stop(void **)
{
    need_cloud();
    const char *const names[] = {"pg-instance-main1", "pg-instance-main2"};
    struct outcome outcome = {0};
    for (size_t i = 0; i < cli_count; i++) {
        call(clis[i], "DescribeDBInstances", NULL, endpoint, &outcome);
        assert_int_equal(ESC_CATEGORY_NONE, outcome.category);
        assert_int_equal(2, esc_json_len(esc_json_get(outcome.output, "DBInstances")));
        call(clis[i], "StopDBInstance", names[i], endpoint, &outcome);
        assert_int_equal(ESC_CATEGORY_NONE, outcome.category);
        assert_string_equal(names[i],
                            esc_json_str(outcome.output, "DBInstance.DBInstanceIdentifier", ""));
        call(clis[i], "DescribeDBInstances", names[i], endpoint, &outcome);
        assert_string_equal("stopped",
                            esc_json_str(outcome.output, "DBInstances[0].DBInstanceStatus", ""));
    }
    forget(&outcome);
}

static void hostile_names_reach_the_cloud_as_they_are(void **)
{
    need_cloud();
    struct outcome outcome = {0};
    ESC_CLEANUP(esc_freep) char *url = esc_sprintf("%s/moto-api/data.json", endpoint);
    const char *const names[] = {"file:///etc/passwd", "--profile x", url};
    for (size_t i = 0; i < cli_count; i++) {
        stop_instances(clis[i], names, ESC_COUNT(names), &outcome);
        assert_int_equal(ESC_CATEGORY_NOT_FOUND, outcome.category);
        assert_string_equal("InvalidInstanceID.NotFound", outcome.code);
        for (size_t name = 0; name < ESC_COUNT(names); name++)
            expect_contains(names[name], outcome.message);
    }
    forget(&outcome);
}

static void a_cloud_that_is_not_there_is_a_network_failure(void **)
{
    need_cloud();
    struct outcome outcome = {0};
    for (size_t i = 0; i < cli_count; i++) {
        call(clis[i], "DescribeDBInstances", NULL, "http://127.0.0.1:1", &outcome);
        assert_int_equal(ESC_CATEGORY_NETWORK, outcome.category);
        assert_null(outcome.code);
        expect_contains("Could not connect", outcome.message);
        call(clis[i], "StopDBInstance", "pg-instance-main1", cut_endpoint, &outcome);
        assert_int_equal(ESC_CATEGORY_NETWORK, outcome.category);
        expect_contains("Connection was closed", outcome.message);
    }
    forget(&outcome);
}

/* One run of one step that stops a database, through the helper and the engine. */
struct run_scene {
    const char *cli, *identifier, *where;
    struct esc_run *run;
    bool over, settled;
    struct esc_buf seen;
};

static void before(void *context, struct esc_turn *turn)
{
    const struct run_scene *scene = context;
    ESC_CLEANUP(esc_json_freep) struct esc_json *params = esc_json_object();
    struct esc_command command;
    esc_json_set_text(params, "DBInstanceIdentifier", scene->identifier);
    const struct esc_aws_command aws = {
        .aws_path = scene->cli,
        .operation = esc_operation_find("rds", "StopDBInstance"),
        .params = params,
        .region = "us-west-2",
        .endpoint_url = scene->where,
        .access_key_id = "seed",
        .secret_access_key = secret,
    };
    expect_ok(esc_aws_command_prepare(&aws, &command, &err));
    esc_turn_go(turn, &command);
}

static void perform(void *context, struct esc_turn *turn)
{
    (void)context;
    esc_turn_end(turn, ESC_STEP_FAILED, ESC_CATEGORY_UNKNOWN, NULL);
}

static void settle(void *context, struct esc_turn *turn)
{
    struct run_scene *scene = context;
    scene->settled = true;
    esc_turn_end(turn, ESC_STEP_FAILED, ESC_CATEGORY_NETWORK, "not started");
}

static enum esc_status journal(void *context, const struct esc_run *run,
                               const struct esc_step *step, struct esc_error *error)
{
    (void)context;
    (void)run;
    (void)step;
    (void)error;
    return ESC_OK;
}

static void on_run_output(void *context, const struct esc_step *step, enum esc_stream stream,
                          uint64_t offset, struct esc_str bytes)
{
    struct run_scene *scene = context;
    (void)step;
    (void)stream;
    assert_int_equal(offset, scene->seen.len);
    esc_buf_add(&scene->seen, bytes);
}

static void on_run_ended(void *context, struct esc_run *run)
{
    (void)run;
    ((struct run_scene *)context)->over = true;
}

static bool is_run_over(void *context)
{
    return ((struct run_scene *)context)->over;
}

static void run_stop(struct run_scene *scene)
{
    ESC_CLEANUP(esc_freep) char *folder = test_folder();
    ESC_CLEANUP(esc_secret_freep)
    struct esc_secret *key = esc_secret_new("a key of thirty-two bytes length", ESC_RUN_KEY);
    const struct esc_step_options stop = {
        .id = "stop", .kind = ESC_STEP_AWS, .mutates = true, .timeout_ms = 600 * 1000};
    scene->run = esc_run_new("run", NULL, ESC_STRATEGY_SERIAL, 1, 1);
    esc_buf_init(&scene->seen, 64 * 1024);
    expect_ok(esc_run_add_step(scene->run, &stop, &err));
    const struct esc_engine_options options = {
        .run = scene->run,
        .hooks = {.context = scene,
                  .before = before,
                  .perform = perform,
                  .settle = settle,
                  .intent = journal,
                  .result = journal,
                  .output = on_run_output,
                  .ended = on_run_ended},
        .folder = folder,
        .helper_program = ESCHER_RUN,
        .run_key = key,
    };
    expect_ok(esc_engine_start(loop, &options, NULL, &err));
    assert_true(esc_loop_run_until(loop, is_run_over, scene));
}

static void forget_run(struct run_scene *scene)
{
    esc_run_free(scene->run);
    esc_buf_done(&scene->seen);
}

static void a_run_is_judged_by_what_the_cloud_says(void **)
{
    need_cloud();
    for (size_t i = 0; i < cli_count; i++) { /* stopped before, so the cloud refuses */
        struct run_scene scene = {clis[i], "pg-instance-main1", endpoint, .run = NULL};
        run_stop(&scene);
        assert_int_equal(ESC_STEP_FAILED, scene.run->steps[0].state);
        assert_int_equal(ESC_CATEGORY_CONFLICT_STATE, scene.run->steps[0].category);
        assert_string_equal("InvalidDBInstanceState", scene.run->steps[0].error_code);
        expect_contains("An error occurred (InvalidDBInstanceState)", esc_buf_text(&scene.seen));
        assert_false(scene.settled);
        forget_run(&scene);
    }
}

static void a_cut_connection_is_settled(void **)
{
    need_cloud();
    struct run_scene scene = {clis[0], "pg-instance-main1", cut_endpoint, .run = NULL};
    run_stop(&scene);
    assert_true(scene.settled);
    assert_int_equal(ESC_STEP_FAILED, scene.run->steps[0].state);
    assert_true(scene.run->steps[0].reconciled);
    assert_string_equal("not started", scene.run->steps[0].message);
    forget_run(&scene);
}

static void no_home_is_made(void **)
{
    need_cloud();
    assert_false(esc_file_exists("/nonexistent"));
}

struct found {
    bool over;
    char *path, *version;
};

static void note_cli(void *context, const struct esc_aws_cli *cli, const struct esc_error *failure)
{
    struct found *found = context;
    found->over = true;
    assert_null(failure);
    found->path = esc_strdup(cli->path);
    found->version = esc_strdup(cli->version);
}

static bool is_found(void *context)
{
    return ((struct found *)context)->over;
}

static void both_clis_tell_their_version(void **)
{
    need_cloud();
    for (size_t i = 0; i < cli_count; i++) {
        struct found found = {0};
        esc_aws_cli_find(loop, &(struct esc_aws_cli_options){.configured = clis[i]}, note_cli,
                         &found);
        assert_true(esc_loop_run_until(loop, is_found, &found));
        assert_true(found.version[0] == '1' || found.version[0] == '2');
        free(found.path);
        free(found.version);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_clis_describe_and_stop),
        cmocka_unit_test(hostile_names_reach_the_cloud_as_they_are),
        cmocka_unit_test(a_cloud_that_is_not_there_is_a_network_failure),
        cmocka_unit_test(a_run_is_judged_by_what_the_cloud_says),
        cmocka_unit_test(a_cut_connection_is_settled),
        cmocka_unit_test(no_home_is_made),
        cmocka_unit_test(both_clis_tell_their_version),
    };
    return cmocka_run_group_tests_name("exec/aws_live", tests, set_up, tear_down);
}
