/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/buf.h"

#include <string.h>

#include "tests/support/test.h"

static struct esc_error err;

static void a_new_buf_is_empty_text(void **)
{
    struct esc_buf buf;
    esc_buf_init(&buf, 10);
    assert_string_equal("", esc_buf_text(&buf));
    assert_int_equal(0, esc_buf_str(&buf).len);
    expect_ok(esc_buf_status(&buf, "it", &err));
    ESC_CLEANUP(esc_freep) char *taken = esc_buf_take(&buf);
    assert_string_equal("", taken);
}

static void appends_add_up(void **)
{
    struct esc_buf buf;
    esc_buf_init(&buf, 1000);
    esc_buf_add(&buf, ESC_STR("a"));
    esc_buf_add_text(&buf, "b");
    esc_buf_add_char(&buf, 'c');
    esc_buf_printf(&buf, "%d%s", 12, "d");
    esc_buf_append(&buf, "\0e", 2);
    esc_buf_append(&buf, NULL, 0);
    assert_int_equal(8, buf.len);
    assert_memory_equal("abc12d\0e", esc_buf_text(&buf), 9);
    esc_buf_done(&buf);
    esc_buf_done(&buf);
}

static void a_full_buf_holds_exactly_its_ceiling(void **)
{
    struct esc_buf buf;
    esc_buf_init(&buf, 4);
    esc_buf_add_text(&buf, "1234");
    expect_ok(esc_buf_status(&buf, "it", &err));
    esc_buf_add_char(&buf, '5');
    expect_status(ESC_LIMIT, esc_buf_status(&buf, "the answer", &err));
    assert_string_equal("the answer is larger than 4 bytes", err.message);
    assert_string_equal("1234", esc_buf_text(&buf));
    esc_buf_done(&buf);
}

static void after_a_failure_nothing_is_added(void **)
{
    struct esc_buf buf;
    esc_buf_init(&buf, 4);
    esc_buf_printf(&buf, "%s", "12345");
    esc_buf_add_text(&buf, "x");
    esc_buf_printf(&buf, "y");
    assert_int_equal(0, buf.len);
    assert_int_equal(ESC_LIMIT, buf.status);
    esc_buf_reset(&buf);
    esc_buf_add_text(&buf, "ok");
    assert_string_equal("ok", esc_buf_text(&buf));
    assert_int_equal(ESC_OK, buf.status);
    esc_buf_done(&buf);
}

static void a_length_near_the_end_of_numbers_is_refused(void **)
{
    struct esc_buf buf;
    esc_buf_init(&buf, 16);
    esc_buf_add_char(&buf, 'a');
    esc_buf_append(&buf, "", SIZE_MAX); /* nothing is read: it cannot fit */
    assert_int_equal(ESC_LIMIT, buf.status);
    assert_int_equal(1, buf.len);
    esc_buf_done(&buf);
}

static void consuming_takes_from_the_front(void **)
{
    struct esc_buf buf;
    esc_buf_init(&buf, 16);
    esc_buf_consume(&buf, 3);
    esc_buf_add_text(&buf, "abcdef");
    esc_buf_consume(&buf, 0);
    esc_buf_consume(&buf, 4);
    assert_string_equal("ef", esc_buf_text(&buf));
    esc_buf_consume(&buf, 99);
    assert_string_equal("", esc_buf_text(&buf));
    esc_buf_add_text(&buf, "0123456789abcdef");
    expect_ok(esc_buf_status(&buf, "it", &err));
    esc_buf_done(&buf);
}

static void what_is_taken_is_no_longer_inside(void **)
{
    struct esc_buf buf;
    esc_buf_init(&buf, 16);
    esc_buf_add_text(&buf, "mine");
    ESC_CLEANUP(esc_freep) char *taken = esc_buf_take(&buf);
    assert_string_equal("mine", taken);
    assert_int_equal(0, buf.len);
    esc_buf_add_text(&buf, "next");
    assert_string_equal("next", esc_buf_text(&buf));
    assert_string_equal("mine", taken);
    esc_buf_done(&buf);
}

static void growing_byte_by_byte_loses_nothing(void **)
{
    enum {
        MANY = 10'000
    };
    struct esc_buf buf;
    esc_buf_init(&buf, MANY);
    for (int i = 0; i < MANY; i++)
        esc_buf_add_char(&buf, (char)('a' + i % 26));
    assert_int_equal(MANY, strlen(esc_buf_text(&buf)));
    for (int i = 0; i < MANY; i++)
        assert_int_equal('a' + i % 26, buf.ptr[i]);
    esc_buf_done(&buf);
}

static void a_wiped_buf_grows_like_any_other_and_stays_one(void **)
{
    enum {
        MANY = 5000
    };
    struct esc_buf buf;
    esc_buf_init_wiped(&buf, MANY);
    for (int i = 0; i < MANY; i++)
        esc_buf_printf(&buf, "%c", 'a' + i % 26);
    for (int i = 0; i < MANY; i++)
        assert_int_equal('a' + i % 26, buf.ptr[i]);
    esc_buf_add_char(&buf, 'x');
    expect_status(ESC_LIMIT, esc_buf_status(&buf, "the secret", &err));
    esc_buf_done(&buf);
    assert_true(buf.is_wiped);
    assert_string_equal("", esc_buf_text(&buf));
    esc_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_buf_is_empty_text),
        cmocka_unit_test(appends_add_up),
        cmocka_unit_test(a_full_buf_holds_exactly_its_ceiling),
        cmocka_unit_test(after_a_failure_nothing_is_added),
        cmocka_unit_test(a_length_near_the_end_of_numbers_is_refused),
        cmocka_unit_test(consuming_takes_from_the_front),
        cmocka_unit_test(what_is_taken_is_no_longer_inside),
        cmocka_unit_test(growing_byte_by_byte_loses_nothing),
        cmocka_unit_test(a_wiped_buf_grows_like_any_other_and_stays_one),
    };
    return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
