/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/error.h"

#include <string.h>

#include "escher/base/utf8.h"
#include "tests/support/test.h"

static struct esc_error err;

static void failing_fills_the_error_and_returns_its_status(void **)
{
    assert_int_equal(ESC_NOT_FOUND, esc_fail(&err, ESC_NOT_FOUND, "no playbook `%s`", "stop"));
    assert_int_equal(ESC_NOT_FOUND, err.status);
    assert_string_equal("no playbook `stop`", err.message);
}

static void wrapping_puts_the_place_before_the_message(void **)
{
    (void)esc_fail(&err, ESC_DENIED, "denied"); /* looked at below */
    (void)esc_wrap(&err, ESC_DENIED, "DescribeInstances");
    assert_int_equal(ESC_DENIED, esc_wrap(&err, ESC_DENIED, "scan %s", "eu-west-1"));
    assert_string_equal("scan eu-west-1: DescribeInstances: denied", err.message);
}

static void nobody_has_to_listen(void **)
{
    assert_int_equal(ESC_IO, esc_fail(NULL, ESC_IO, "%s", "x"));
    assert_int_equal(ESC_IO, esc_wrap(NULL, ESC_IO, "%s", "x"));
}

/* `count` times "é", which is two bytes; owned by the caller. */
static char *accents(size_t count)
{
    char *text = esc_alloc_zero(2 * count + 1);
    for (size_t i = 0; i < count; i++)
        memcpy(text + 2 * i, "é", 2);
    return text;
}

static void a_long_message_is_cut_between_characters(void **)
{
    for (size_t shift = 0; shift < 2; shift++) {
        for (size_t count = 120; count < 300; count++) {
            ESC_CLEANUP(esc_freep) char *text = accents(count);
            (void)esc_fail(&err, ESC_IO, "%s%s", shift ? "a" : "", text);
            assert_true(esc_utf8_is_valid(esc_str_of(err.message)));
            (void)esc_wrap(&err, ESC_IO, "%s%s", shift ? "a" : "", text);
            assert_true(esc_utf8_is_valid(esc_str_of(err.message)));
            assert_true(strlen(err.message) < ESC_ERROR_MESSAGE_SIZE);
        }
    }
}

static void a_message_is_one_line_whatever_is_put_into_it(void **)
{
    (void)esc_fail(&err, ESC_INVALID, "no `%s`",
                   "a\nb\033[31m\xE2\x80\xAE"
                   "c\xFF");
    assert_string_equal("no `a\\u{a}b\\u{1b}[31m\\u{202e}c\\x{ff}`", err.message);
    (void)esc_wrap(&err, ESC_INVALID, "in `%s`", "\r");
    assert_string_equal("in `\\u{d}`: no `a\\u{a}b\\u{1b}[31m\\u{202e}c\\x{ff}`", err.message);
}

static void every_status_has_its_own_word(void **)
{
    for (enum esc_status status = ESC_OK; status < ESC_STATUS_COUNT; status++) {
        assert_int_equal(status, esc_status_of_text(esc_status_text(status)));
        assert_true(*esc_status_category(status) && *esc_status_meaning(status));
        assert_in_range(esc_status_http(status), 200, 599);
        assert_in_range(esc_status_exit_code(status), 0, 130);
    }
    assert_int_equal(ESC_STATUS_COUNT, esc_status_of_text("OK"));
    assert_int_equal(ESC_STATUS_COUNT, esc_status_of_text(""));
    assert_int_equal(ESC_STATUS_COUNT, esc_status_of_text(NULL));
}

static void only_ok_ends_with_zero(void **)
{
    for (enum esc_status status = ESC_OK; status < ESC_STATUS_COUNT; status++)
        assert_int_equal(status == ESC_OK, esc_status_exit_code(status) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failing_fills_the_error_and_returns_its_status),
        cmocka_unit_test(wrapping_puts_the_place_before_the_message),
        cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
        cmocka_unit_test(a_message_is_one_line_whatever_is_put_into_it),
        cmocka_unit_test(every_status_has_its_own_word),
        cmocka_unit_test(only_ok_ends_with_zero),
    };
    return cmocka_run_group_tests_name("base/error", tests, NULL, NULL);
}
