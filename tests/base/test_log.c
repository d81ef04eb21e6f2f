/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/log.h"

#include <string.h>
#include <unistd.h>

#include "escher/base/buf.h"
#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;
static int saved_stderr, pipe_in;

/* stderr goes into a pipe until logged() looks at it: lines are far shorter than a pipe holds. */
static int catch_stderr(void **)
{
    int ends[2];
    saved_stderr = dup(STDERR_FILENO);
    if (saved_stderr < 0 || pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0)
        return -1;
    (void)close(ends[1]); /* stderr is its only other name */
    pipe_in = ends[0];
    esc_log_set_level(ESC_DEBUG);
    return 0;
}

static char *logged(void)
{
    (void)dup2(saved_stderr, STDERR_FILENO); /* closes the last writing end */
    struct esc_buf buf;
    esc_buf_init(&buf, ESC_MAX_LINE);
    expect_ok(esc_file_read_fd(pipe_in, &buf, &err));
    return esc_buf_take(&buf);
}

static int give_stderr_back(void **)
{
    (void)dup2(saved_stderr, STDERR_FILENO);
    (void)close(saved_stderr);
    (void)close(pipe_in);
    return 0;
}

static void a_line_has_time_level_message_and_fields(void **)
{
    esc_log(ESC_INFO, "scan done", F("region", "eu-west-1"), F_N("calls", 12), F_MS("took", -3));
    ESC_CLEANUP(esc_freep) char *line = logged();
    assert_int_equal('Z', line[strcspn(line, " ") - 1]);
    assert_string_equal(" info scan done region=eu-west-1 calls=12 took=-3ms\n",
                        line + strcspn(line, " "));
}

static void a_line_without_fields_is_a_line(void **)
{
    esc_log(ESC_WARN, "careful");
    ESC_CLEANUP(esc_freep) char *line = logged();
    assert_string_equal(" warn careful\n", line + strcspn(line, " "));
}

static void values_from_outside_forge_neither_lines_nor_fields(void **)
{
    esc_log(ESC_ERROR, "a\nb", F("name", "x\n2026 error forged"), F("tag", "a\" level=error b"),
            F("plain", "a=b"), F("none", ""), F("back", "c:\\d \\"));
    ESC_CLEANUP(esc_freep) char *line = logged();
    assert_string_equal(" error a\\u{a}b name=\"x\\u{a}2026 error forged\""
                        " tag=\"a\\\" level=error b\" plain=\"a=b\" none=\"\""
                        " back=\"c:\\\\d \\\\\"\n",
                        line + strcspn(line, " "));
}

static void lines_above_the_level_are_dropped(void **)
{
    esc_log_set_level(ESC_WARN);
    esc_log(ESC_INFO, "quiet");
    esc_log(ESC_WARN, "heard");
    ESC_CLEANUP(esc_freep) char *line = logged();
    assert_null(strstr(line, "quiet"));
    expect_contains("heard", line);
}

static void a_line_too_long_still_ends(void **)
{
    ESC_CLEANUP(esc_freep) char *large = esc_alloc_zero(10'001);
    memset(large, 'x', 10'000);
    esc_log(ESC_WARN, "large", F("value", large), F("after", "y"));
    ESC_CLEANUP(esc_freep) char *line = logged();
    const size_t len = strlen(line);
    assert_true(len < 5000);
    assert_int_equal('\n', line[len - 1]);
    expect_contains(" warn large", line);
}

#define with_stderr_caught(test)                                                                   \
    cmocka_unit_test_setup_teardown(test, catch_stderr, give_stderr_back)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_stderr_caught(a_line_has_time_level_message_and_fields),
        with_stderr_caught(a_line_without_fields_is_a_line),
        with_stderr_caught(values_from_outside_forge_neither_lines_nor_fields),
        with_stderr_caught(lines_above_the_level_are_dropped),
        with_stderr_caught(a_line_too_long_still_ends),
    };
    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
