/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/template_private.h"

#include "tests/support/test.h"

static struct esc_error err;

static bool name_or_nothing(const void *context, struct esc_str reference, struct esc_buf *out)
{
    const char *known = context;
    if (!esc_str_is(reference, known))
        return false;
    esc_buf_add_text(out, "{value}"); /* looks like a reference itself */
    return true;
}

static void what_is_put_in_is_not_read_again(void **)
{
    struct esc_buf out;
    esc_buf_init(&out, 1000);
    assert_true(template_render(ESC_STR("a{db}b{db}"), name_or_nothing, "db", &out));
    assert_string_equal("a{value}b{value}", esc_buf_text(&out));
    esc_buf_done(&out);
}

static void what_is_not_known_stands_as_it_is(void **)
{
    struct esc_buf out;
    esc_buf_init(&out, 1000);
    assert_false(template_render(ESC_STR("{x.y[0]} {db} {run4}"), name_or_nothing, "db", &out));
    assert_string_equal("{x.y[0]} {value} {run4}", esc_buf_text(&out));
    esc_buf_done(&out);
}

static void braces_come_in_pairs_around_references(void **)
{
    static const char *const good[] = {
        "", "abc", "{a}", "{a.b[0].c}", "{a.b|false}", "{run4}", "{utc:%Y-%m}", "{a}{b}"};
    static const char *const bad[] = {"{",     "}",   "{}",       "{a",   "a}",     "{{a}}",
                                      "{a b}", "{1}", "{utc:%n}", "{a'}", "{a{b}}", "{-a}"};
    for (size_t i = 0; i < ESC_COUNT(good); i++)
        expect_ok(template_check(esc_str_of(good[i]), &err));
    for (size_t i = 0; i < ESC_COUNT(bad); i++)
        if (template_check(esc_str_of(bad[i]), &err) != ESC_INVALID)
            fail_msg("`%s` was taken", bad[i]);
}

static void a_reference_alone_is_recognised(void **)
{
    assert_true(esc_str_is(template_only_reference(ESC_STR("{a.b}")), "a.b"));
    assert_int_equal(0, template_only_reference(ESC_STR("{a}{b}")).len);
    assert_int_equal(0, template_only_reference(ESC_STR("x{a}")).len);
    assert_int_equal(0, template_only_reference(ESC_STR("{}")).len);
    assert_true(esc_str_is(template_root(ESC_STR("before.A[1].B")), "before"));
    assert_true(esc_str_is(template_root(ESC_STR("before[1]")), "before"));
    assert_int_equal(0, template_root(ESC_STR("db")).len);
}

static void time_and_nonce_have_their_own_words(void **)
{
    struct esc_buf out;
    esc_buf_init(&out, 1000);
    assert_true(
        template_late_value(ESC_STR("utc:%Y%m%dT%H"), UINT64_C(1795248000000), "ab12", &out));
    assert_true(template_late_value(ESC_STR("run4"), 0, "ab12", &out));
    assert_false(template_late_value(ESC_STR("db"), 0, "ab12", &out));
    assert_string_equal("20261121T08ab12", esc_buf_text(&out));
    assert_true(template_is_late(ESC_STR("run4")) && template_is_late(ESC_STR("utc:%Y")));
    assert_false(template_is_late(ESC_STR("utc")));
    esc_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_in_is_not_read_again),
        cmocka_unit_test(what_is_not_known_stands_as_it_is),
        cmocka_unit_test(braces_come_in_pairs_around_references),
        cmocka_unit_test(a_reference_alone_is_recognised),
        cmocka_unit_test(time_and_nonce_have_their_own_words),
    };
    return cmocka_run_group_tests_name("playbook/template", tests, NULL, NULL);
}
