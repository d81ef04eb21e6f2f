/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/varint.h"

#include "tests/support/test.h"

static void numbers_take_as_few_bytes_as_they_need(void **)
{
    static const struct {
        uint64_t number;
        size_t len;
    } cases[] = {{0, 1}, {127, 1}, {128, 2}, {16'383, 2}, {16'384, 3}, {UINT64_MAX, 10}};
    struct esc_buf out;
    uint64_t number;
    esc_buf_init(&out, 100);
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        esc_buf_reset(&out);
        esc_varint_add(&out, cases[i].number);
        assert_int_equal(cases[i].len, out.len);
        for (size_t len = 0; len < out.len; len++) {
            struct esc_str cut = {out.ptr, len};
            assert_false(esc_varint_take(&cut, &number));
        }
        struct esc_str rest = esc_buf_str(&out);
        assert_true(esc_varint_take(&rest, &number));
        assert_true(cases[i].number == number);
        assert_int_equal(0, rest.len);
    }
    esc_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_take_as_few_bytes_as_they_need),
    };
    return cmocka_run_group_tests_name("base/varint", tests, NULL, NULL);
}
