/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/exec/handover.h"

#include <string.h>

#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;

static void fill(struct esc_handover *handover, struct esc_command *command)
{
    *handover = (struct esc_handover){.folder = esc_strdup("/run/folder"),
                                      .step = esc_strdup("stop"),
                                      .attempt = 3,
                                      .timeout_ms = 60'000,
                                      .grace_ms = 10'000,
                                      .max_output = 1 << 20};
    for (size_t i = 0; i < ESC_FILE_COUNT; i++) {
        char key[ESC_RUN_KEY];
        memset(key, (int)i, sizeof key); /* the first is all zeros: no text */
        handover->keys[i] = esc_secret_new(key, sizeof key);
    }
    struct esc_secret *secret = esc_secret_of_text("hush");
    esc_command_init(command, "/usr/bin/aws");
    esc_command_arg(command, "aws");
    esc_command_arg(command, "");
    esc_command_arg(command, "h\xc3\xa9 \"quoted\"\n");
    esc_command_env(command, "PATH", "/bin");
    esc_command_secret(command, "SECRET", secret);
    esc_command_secret(command, "EMPTY", secret);
    esc_secret_free(secret);
}

static void a_job_comes_back_as_it_was(void **)
{
    struct esc_handover handover, back;
    struct esc_command command, command_back;
    struct esc_buf job;
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secrets = NULL;
    fill(&handover, &command);
    esc_buf_init(&job, ESC_MAX_JSON);
    expect_ok(esc_handover_write(&handover, &command, &job, &secrets, &err));
    assert_null(strstr(esc_buf_text(&job), "hush"));
    expect_ok(esc_handover_read(esc_buf_str(&job), secrets, &back, &command_back, &err));
    assert_string_equal("/run/folder", back.folder);
    assert_string_equal("stop", back.step);
    assert_int_equal(3, back.attempt);
    assert_int_equal(60'000, back.timeout_ms);
    assert_int_equal(10'000, back.grace_ms);
    assert_int_equal(1 << 20, back.max_output);
    for (size_t i = 0; i < ESC_FILE_COUNT; i++)
        assert_true(esc_secret_equal(handover.keys[i], back.keys[i]));
    assert_string_equal("/usr/bin/aws", command_back.path);
    assert_int_equal(3, command_back.argv.count);
    assert_string_equal("", command_back.argv.items[1]);
    assert_string_equal("h\xc3\xa9 \"quoted\"\n", command_back.argv.items[2]);
    assert_string_equal("PATH=/bin", command_back.env.items[0]);
    assert_int_equal(2, command_back.secret.count);
    assert_true(esc_str_is(esc_secret_view(command_back.secret.items[0]), "SECRET=hush"));
    assert_true(esc_str_is(esc_secret_view(command_back.secret.items[1]), "EMPTY=hush"));
    esc_buf_done(&job);
    esc_handover_done(&handover);
    esc_handover_done(&back);
    esc_command_done(&command);
    esc_command_done(&command_back);
}

static void text_that_json_would_repair_is_refused(void **)
{
    struct esc_handover handover;
    struct esc_command command;
    struct esc_buf job;
    struct esc_secret *secrets = NULL;
    fill(&handover, &command);
    esc_command_arg(&command, "\xff");
    esc_buf_init(&job, ESC_MAX_JSON);
    expect_status(ESC_INVALID, esc_handover_write(&handover, &command, &job, &secrets, &err));
    assert_null(secrets);
    esc_buf_done(&job);
    esc_handover_done(&handover);
    esc_command_done(&command);
}

static void a_job_that_is_not_whole_is_refused(void **)
{
    static const char *const jobs[] = {
        "",
        "{}",
        "{\"path\": \"aws\"}",
        "{\"path\": \"/bin/true\"}",
        "{\"path\": \"/bin/true\", \"argv\": [\"true\"], \"folder\": \"/r\", \"step\": \"..\", "
        "\"attempt\": 1}",
        "{\"path\": \"/bin/true\", \"argv\": [\"true\"], \"folder\": \"/r\", \"step\": \"s\"}",
        "{\"path\": \"/bin/true\", \"argv\": [\"true\"], \"folder\": \"/r\", \"step\": \"s\", "
        "\"attempt\": 1, \"fds\": [1]}",
        "{\"path\": \"/bin/true\", \"argv\": [\"true\"], \"folder\": \"/r\", \"step\": \"s\", "
        "\"attempt\": 1, \"fds\": [3, 4, 5, 6, 7]}",
    };
    static const char keys[ESC_FILE_COUNT * ESC_RUN_KEY] = {1};
    ESC_CLEANUP(esc_secret_freep) struct esc_secret *secrets = esc_secret_new(keys, sizeof keys);
    for (size_t i = 0; i < ESC_COUNT(jobs); i++) {
        struct esc_handover handover;
        struct esc_command command;
        expect_status(ESC_INVALID,
                      esc_handover_read(esc_str_of(jobs[i]), secrets, &handover, &command, &err));
        for (size_t fd = 0; fd < command.fd_count; fd++)
            command.fds[fd].from = -1; /* they were never open here */
        esc_handover_done(&handover);
        esc_command_done(&command);
    }
}

static void secrets_that_are_cut_are_refused(void **)
{
    static const char bytes[ESC_FILE_COUNT * ESC_RUN_KEY + 4] = "keys";
    char cut[sizeof bytes];
    memcpy(cut, bytes, sizeof bytes);
    memcpy(cut + sizeof cut - 4, "A=bc", 4); /* its NUL is missing */
    const size_t lens[] = {0, ESC_RUN_KEY, ESC_FILE_COUNT * ESC_RUN_KEY - 1, sizeof cut};
    for (size_t i = 0; i < ESC_COUNT(lens); i++) {
        ESC_CLEANUP(esc_secret_freep) struct esc_secret *secrets = esc_secret_new(cut, lens[i]);
        struct esc_handover handover;
        struct esc_command command;
        const struct esc_str job = ESC_STR("{\"path\": \"/bin/true\", \"argv\": [\"true\"], "
                                           "\"folder\": \"/r\", \"step\": \"s\", \"attempt\": 1}");
        expect_status(ESC_INVALID, esc_handover_read(job, secrets, &handover, &command, &err));
        esc_handover_done(&handover);
        esc_command_done(&command);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_comes_back_as_it_was),
        cmocka_unit_test(text_that_json_would_repair_is_refused),
        cmocka_unit_test(a_job_that_is_not_whole_is_refused),
        cmocka_unit_test(secrets_that_are_cut_are_refused),
    };
    return cmocka_run_group_tests_name("exec/handover", tests, NULL, NULL);
}
