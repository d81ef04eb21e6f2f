/* SPDX-License-Identifier: Apache-2.0 */
#include "apps/cli/cards.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

static void expect_look(const char *look, const char *state)
{
    const struct cli cli = {0};
    struct esc_buf out;
    esc_buf_init(&out, ESC_MAX_LINE);
    cli_add_state(&cli, &out, state);
    assert_string_equal(look, esc_buf_text(&out));
    esc_buf_done(&out);
}

static void a_state_looks_the_same_in_capitals(void **)
{
    expect_look("● available", "available");
    expect_look("● active", "active");
    expect_look("● ACTIVE", "ACTIVE"); /* EKS, ECS, DynamoDB */
    expect_look("● Active", "Active");
    expect_look("● OK", "OK"); /* alarms */
    expect_look("▲ ALARM", "ALARM");
    expect_look("○ INACTIVE", "INACTIVE");
}

static void another_word_is_on_its_way_and_none_is_a_dash(void **)
{
    expect_look("◐ modifying", "modifying");
    expect_look("◐ CREATING", "CREATING");
    expect_look("–", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_looks_the_same_in_capitals),
        cmocka_unit_test(another_word_is_on_its_way_and_none_is_a_dash),
    };
    return cmocka_run_group_tests_name("apps/state_look", tests, NULL, NULL);
}
