/* SPDX-License-Identifier: Apache-2.0 */

/* Who makes a read, where several have a say. */

#include <stdlib.h>

#include "escher/work/work_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

static void say(const char *variable)
{
    assert_int_equal(0, variable ? setenv("ESCHER_TRANSPORT", variable, 1)
                                 : unsetenv("ESCHER_TRANSPORT"));
}

static void put_setting(struct desk *desk, const char *settings)
{
    esc_json_free(desk_expect(desk, ESC_OK, "PUT", "/api/settings", settings));
}

static void words_are_native_and_cli(void **)
{
    enum work_transport found = WORK_TRANSPORT_CLI;
    expect_ok(work_transport_of_text(NULL, &found, &err));
    assert_int_equal(WORK_TRANSPORT_USUAL, found);
    expect_ok(work_transport_of_text("native", &found, &err));
    assert_int_equal(WORK_TRANSPORT_NATIVE, found);
    expect_ok(work_transport_of_text("cli", &found, &err));
    assert_int_equal(WORK_TRANSPORT_CLI, found);
    expect_status(ESC_INVALID, work_transport_of_text("CLI", &found, &err));
    assert_int_equal(WORK_TRANSPORT_CLI, found);
}

static void the_usual_is_native_unless_a_setting_or_the_environment_says_other(void **state)
{
    struct desk *desk = *state;
    say(NULL);
    assert_int_equal(WORK_TRANSPORT_NATIVE, work_transport_usual(desk->bench));
    put_setting(desk, "{\"settings\":{\"transport\":\"cli\"}}");
    assert_int_equal(WORK_TRANSPORT_CLI, work_transport_usual(desk->bench));
    say("native");
    assert_int_equal(WORK_TRANSPORT_NATIVE, work_transport_usual(desk->bench));
    put_setting(desk, "{\"settings\":{\"transport\":7}}");
    say("pigeon"); /* neither is a word: the usual */
    assert_int_equal(WORK_TRANSPORT_NATIVE, work_transport_usual(desk->bench));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_native_and_cli),
        cmocka_unit_test_setup_teardown(
            the_usual_is_native_unless_a_setting_or_the_environment_says_other, desk_setup,
            desk_teardown),
    };
    return cmocka_run_group_tests_name("work/transport", tests, NULL, NULL);
}
