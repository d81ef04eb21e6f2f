/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/work/page_session.h"

#include <string.h>

#include "escher/base/buf.h"

#include "tests/support/test.h"

static struct esc_error err;

struct gatehouse {
    struct esc_clock_fixed clock;
    struct esc_random_seeded random;
    struct esc_page_sessions *sessions;
};

static int setup(void **state)
{
    struct gatehouse *house = esc_alloc_zero(sizeof *house);
    esc_clock_fixed_init(&house->clock, 1'000'000);
    esc_random_seeded_init(&house->random, 7);
    house->sessions = esc_page_sessions_new(&house->clock.clock, &house->random.random);
    *state = house;
    return 0;
}

static int teardown(void **state)
{
    struct gatehouse *house = *state;
    esc_page_sessions_free(house->sessions);
    free(house);
    return 0;
}

static bool is_known(const struct gatehouse *house, const char *format, const char *cookie)
{
    ESC_CLEANUP(esc_freep) char *field = NULL;
    const struct esc_str pattern = esc_str_of(format);
    const size_t hole = esc_str_find(pattern, ESC_STR("%"), 0);
    struct esc_buf text;
    esc_buf_init(&text, 4096);
    esc_buf_add(&text, esc_str_slice(pattern, 0, hole));
    if (hole != SIZE_MAX) {
        esc_buf_add_text(&text, cookie);
        esc_buf_add(&text, esc_str_slice(pattern, hole + 1, pattern.len));
    }
    field = esc_buf_take(&text);
    esc_buf_done(&text);
    return esc_page_sessions_know(house->sessions, "escher-1", esc_str_of(field));
}

static void a_code_opens_once(void **state)
{
    struct gatehouse *house = *state;
    char code[ESC_PAGE_SECRET_TEXT], cookie[ESC_PAGE_SECRET_TEXT], second[ESC_PAGE_SECRET_TEXT];
    esc_page_sessions_code(house->sessions, code);
    assert_int_equal(64, strlen(code));
    expect_ok(esc_page_sessions_enter(house->sessions, esc_str_of(code), cookie, &err));
    assert_true(is_known(house, "escher-1=%", cookie));
    expect_status(ESC_DENIED,
                  esc_page_sessions_enter(house->sessions, esc_str_of(code), second, &err));
    assert_string_not_equal(code, cookie);
}

static void a_code_lives_a_minute(void **state)
{
    struct gatehouse *house = *state;
    char code[ESC_PAGE_SECRET_TEXT], cookie[ESC_PAGE_SECRET_TEXT];
    esc_page_sessions_code(house->sessions, code);
    esc_clock_fixed_advance(&house->clock, ESC_PAGE_CODE_TTL_MS - 1);
    expect_ok(esc_page_sessions_enter(house->sessions, esc_str_of(code), cookie, &err));
    esc_page_sessions_code(house->sessions, code);
    esc_clock_fixed_advance(&house->clock, ESC_PAGE_CODE_TTL_MS);
    expect_status(ESC_DENIED,
                  esc_page_sessions_enter(house->sessions, esc_str_of(code), cookie, &err));
    expect_contains("escher serve", err.message);
}

static void a_new_code_is_the_end_of_the_old_one(void **state)
{
    struct gatehouse *house = *state;
    char first[ESC_PAGE_SECRET_TEXT], second[ESC_PAGE_SECRET_TEXT], cookie[ESC_PAGE_SECRET_TEXT];
    esc_page_sessions_code(house->sessions, first);
    esc_page_sessions_code(house->sessions, second);
    expect_status(ESC_DENIED,
                  esc_page_sessions_enter(house->sessions, esc_str_of(first), cookie, &err));
    expect_ok(esc_page_sessions_enter(house->sessions, esc_str_of(second), cookie, &err));
}

static void nothing_and_almost_the_code_do_not_open(void **state)
{
    struct gatehouse *house = *state;
    char code[ESC_PAGE_SECRET_TEXT], cookie[ESC_PAGE_SECRET_TEXT];
    expect_status(ESC_DENIED, esc_page_sessions_enter(house->sessions, ESC_STR(""), cookie, &err));
    esc_page_sessions_code(house->sessions, code);
    expect_status(ESC_DENIED, esc_page_sessions_enter(house->sessions, ESC_STR(""), cookie, &err));
    expect_status(ESC_DENIED, esc_page_sessions_enter(house->sessions, (struct esc_str){code, 63},
                                                      cookie, &err));
    code[63] ^= 1;
    expect_status(ESC_DENIED,
                  esc_page_sessions_enter(house->sessions, esc_str_of(code), cookie, &err));
}

static void a_cookie_is_known_by_its_name_and_its_whole_value(void **state)
{
    struct gatehouse *house = *state;
    char code[ESC_PAGE_SECRET_TEXT], cookie[ESC_PAGE_SECRET_TEXT];
    esc_page_sessions_code(house->sessions, code);
    expect_ok(esc_page_sessions_enter(house->sessions, esc_str_of(code), cookie, &err));
    assert_true(is_known(house, "a=b; escher-1=%; c=d", cookie));
    assert_true(is_known(house, "escher-1=wrong; escher-1=%", cookie));
    static const char *const others[] = {
        "",           "escher-1=",   "escher-2=%", "escher-1=%0", "escher-1= %",
        "Escher-1=%", "xescher-1=%", "escher-1",   ";;;",         "escher-1=\"%\""};
    for (size_t i = 0; i < ESC_COUNT(others); i++)
        assert_false(is_known(house, others[i], cookie));
}

static void the_oldest_session_gives_way(void **state)
{
    struct gatehouse *house = *state;
    char code[ESC_PAGE_SECRET_TEXT], cookies[ESC_PAGE_MAX_SESSIONS + 1][ESC_PAGE_SECRET_TEXT];
    for (size_t i = 0; i <= ESC_PAGE_MAX_SESSIONS; i++) {
        esc_page_sessions_code(house->sessions, code);
        expect_ok(esc_page_sessions_enter(house->sessions, esc_str_of(code), cookies[i], &err));
    }
    assert_false(is_known(house, "escher-1=%", cookies[0]));
    for (size_t i = 1; i <= ESC_PAGE_MAX_SESSIONS; i++)
        assert_true(is_known(house, "escher-1=%", cookies[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_code_opens_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_code_lives_a_minute, setup, teardown),
        cmocka_unit_test_setup_teardown(a_new_code_is_the_end_of_the_old_one, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_and_almost_the_code_do_not_open, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cookie_is_known_by_its_name_and_its_whole_value, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_oldest_session_gives_way, setup, teardown),
    };
    return cmocka_run_group_tests_name("work/page_session", tests, NULL, NULL);
}
