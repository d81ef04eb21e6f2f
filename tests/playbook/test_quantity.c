/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/quantity.h"

#include "tests/support/test.h"

enum {
    NONE = -1,
};

static void an_amount_is_read_in_the_unit_asked_for(void **)
{
    static const struct {
        const char *text, *unit;
        int64_t value;
    } cases[] = {
        {"set memory of f to 512", "MB", 512},
        {"set memory of f to 512 MB", "MB", 512},
        {"set memory of f to 512MB.", "MB", 512},
        {"give f 1 GB of memory", "MB", 1024},
        {"give f 1.5gb", "MB", 1536},
        {"give f 2 gigabytes", "MB", 2048},
        {"4 GB", "GB", 4},
        {"2048 MB", "GB", 2},
        {"1000 MB", "GB", NONE},
        {"0.0001 GB", "MB", NONE},
        {"timeout 90 s", "s", 90},
        {"timeout 1.5 minutes", "s", 90},
        {"timeout 15min!", "s", 900},
        {"timeout (30)", "s", 30},
        {"timeout 30, please", "s", 30},
        {"5 retries", "", 5},
        {"5 MB", "", NONE},
        {"90 s", "MB", NONE},
        {"512 MB", "s", NONE},
        {"web-1", "MB", NONE},
        {"pg-instance-main1", "MB", NONE},
        {"version 15.2.1", "MB", NONE},
        {"10.20.0.1", "MB", NONE},
        {"2xlarge", "MB", NONE},
        {"1,024", "MB", NONE},
        {"123456789012", "MB", NONE},
        {"i-0123", "MB", NONE},
        {"v2 and 512 MB", "MB", 512},
        {"90 s and 512 MB", "MB", 512},
        {"", "MB", NONE},
        {"12:30", "MB", NONE},
        {"512 mbox", "MB", 512},
        {"99999999999999999999", "", NONE},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_quantity found = {.value = NONE};
        const bool any = esc_quantity_next(esc_str_of(cases[i].text), 0, cases[i].unit, &found);
        if (any != (cases[i].value != NONE) || found.value != cases[i].value)
            fail_msg("`%s` in %s is %d", cases[i].text, cases[i].unit, (int)found.value);
    }
}

static void the_place_of_an_amount_includes_its_unit(void **)
{
    struct esc_quantity found;
    assert_true(esc_quantity_next(ESC_STR("to 1 GB now"), 0, "MB", &found));
    assert_int_equal(3, found.start);
    assert_int_equal(7, found.end);
    assert_true(found.has_unit);
    assert_true(esc_quantity_next(ESC_STR("to 5 now"), 0, "MB", &found));
    assert_int_equal(4, found.end);
    assert_false(found.has_unit);
}

static void amounts_are_found_one_after_the_other(void **)
{
    struct esc_quantity found;
    const struct esc_str text = ESC_STR("from 128 to 256 MB");
    assert_true(esc_quantity_next(text, 0, "MB", &found));
    assert_int_equal(128, found.value);
    assert_true(esc_quantity_next(text, found.end, "MB", &found));
    assert_int_equal(256, found.value);
    assert_false(esc_quantity_next(text, found.end, "MB", &found));
}

static void only_some_units_can_be_asked_for(void **)
{
    assert_true(esc_quantity_is_unit("MB"));
    assert_true(esc_quantity_is_unit(""));
    assert_false(esc_quantity_is_unit("furlong"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_amount_is_read_in_the_unit_asked_for),
        cmocka_unit_test(the_place_of_an_amount_includes_its_unit),
        cmocka_unit_test(amounts_are_found_one_after_the_other),
        cmocka_unit_test(only_some_units_can_be_asked_for),
    };
    return cmocka_run_group_tests_name("playbook/quantity", tests, NULL, NULL);
}
