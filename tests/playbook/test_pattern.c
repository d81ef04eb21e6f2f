/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/playbook/pattern.h"

#include <string.h>

#include "tests/support/test.h"

static struct esc_error err;

static struct esc_pattern *compiled(const char *text)
{
    struct esc_pattern *pattern = NULL;
    expect_ok(esc_pattern_compile(esc_str_of(text), &pattern, &err));
    return pattern;
}

static bool matches(const char *pattern_text, const char *text)
{
    ESC_CLEANUP(esc_pattern_freep) struct esc_pattern *pattern = compiled(pattern_text);
    return esc_pattern_matches(pattern, esc_str_of(text));
}

static void a_pattern_matches_what_it_says(void **)
{
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"abc", "xabcx", true},
        {"^abc", "xabc", false},
        {"abc$", "abcx", false},
        {"^abc$", "abc", true},
        {"", "", true},
        {"^$", "", true},
        {"^$", "a", false},
        {"^(failed|incompatible)", "incompatible-network", true},
        {"^(failed|incompatible)", "not-failed", false},
        {"^aurora", "aurora-mysql", true},
        {"^a|b$", "xb", true},
        {"^a|b$", "ba", false},
        {"^a*b+c?$", "aabbc", true},
        {"^a*b+c?$", "aac", false},
        {"^[a-c]{2,3}$", "abc", true},
        {"^[a-c]{2,3}$", "abca", false},
        {"^[a-c]{2,}$", "abcabc", true},
        {"^[a-c]{2}$", "a", false},
        {"^[^/]+$", "a/b", false},
        {"^[]x-]+$", "]-x", true},
        {"^a\\.b$", "axb", false},
        {"^a.b$", "axb", true},
        {"^\\d+\\w$", "12_", true},
        {"^(a*)*$", "aaaa", true},
        {"^((a|b)c)+$", "acbc", true},
        {"^i-([0-9a-f]{8}|[0-9a-f]{17})$", "i-0123456789abcdef0", true},
        {"^i-([0-9a-f]{8}|[0-9a-f]{17})$", "i-0123456789abcdef", false},
        {"a^b", "a^b", false},
        {"(){1000}", "x", true},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        if (matches(cases[i].pattern, cases[i].text) != cases[i].matches)
            fail_msg("`%s` on `%s`", cases[i].pattern, cases[i].text);
}

static void a_dollar_does_not_forgive_a_line_break(void **)
{
    assert_false(matches("^abc$", "abc\n"));
}

static void time_grows_with_the_text_and_not_with_its_content(void **)
{
    /* Backtracking would need some 2^40 steps. */
    assert_false(
        matches("^(a?){40}a{40}b$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    assert_false(matches("^(a*)*(a*)*(a*)*b$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static void what_is_no_pattern_is_refused_with_its_place(void **)
{
    static const char *const bad[] = {"(",   ")",     "a)",      "[a",      "*",
                                      "a|*", "a{",    "a{2,1}",  "a{1001}", "\\",
                                      "\\q", "[b-a]", "[a-\\d]", "a{x}",    "(a"};
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        struct esc_pattern *pattern = NULL;
        if (esc_pattern_compile(esc_str_of(bad[i]), &pattern, &err) != ESC_INVALID)
            fail_msg("`%s` was taken", bad[i]);
        expect_contains("byte", err.message);
    }
}

static void a_pattern_has_a_largest_size(void **)
{
    struct esc_pattern *pattern = NULL;
    expect_status(ESC_LIMIT, esc_pattern_compile(ESC_STR("(a{1000}){1000}"), &pattern, &err));
    expect_status(ESC_LIMIT,
                  esc_pattern_compile(ESC_STR("((((a?){99}){99}){99}){99}"), &pattern, &err));
    char text[ESC_PATTERN_BYTES + 1];
    memset(text, 'a', sizeof text);
    expect_status(ESC_LIMIT,
                  esc_pattern_compile((struct esc_str){text, sizeof text}, &pattern, &err));
    assert_null(pattern);
}

static void groups_end_somewhere(void **)
{
    struct esc_pattern *pattern = NULL;
    expect_status(ESC_INVALID, esc_pattern_compile(ESC_STR("((((((((((((((((((a))))))))))))))))))"),
                                                   &pattern, &err));
    expect_contains("too deep", err.message);
}

static void a_pattern_tells_how_its_texts_may_begin(void **)
{
    static const struct {
        const char *pattern;
        bool admits;
    } cases[] = {
        {"^[A-Za-z][A-Za-z0-9-]*$", false},
        {"^[A-Za-z0-9-]+$", true},
        {"^(a|-b)$", true},
        {"^-$", true},
        {"^a?-", true},
        {"^.*$", true},
        {"^[^-].*$", false},
        {"^(-[^\\d\\w]$|a)$", true},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_pattern_freep) struct esc_pattern *pattern = compiled(cases[i].pattern);
        if (esc_pattern_admits_first(pattern, '-') != cases[i].admits)
            fail_msg("`%s`", cases[i].pattern);
    }
}

static void a_pattern_tells_whether_it_is_for_whole_texts(void **)
{
    static const struct {
        const char *pattern;
        bool anchored;
    } cases[] = {
        {"^abc$", true}, {"^(a|b)$", true}, {"(^a$|^b$)", true}, {"^a|b$", false},
        {"abc$", false}, {"^abc", false},   {"^a*", false},      {"(^a|b)$", false},
        {"^$", true},    {"", false},       {"^(a$|b)", false},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_pattern_freep) struct esc_pattern *pattern = compiled(cases[i].pattern);
        if (esc_pattern_is_anchored(pattern) != cases[i].anchored)
            fail_msg("`%s`", cases[i].pattern);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_matches_what_it_says),
        cmocka_unit_test(a_dollar_does_not_forgive_a_line_break),
        cmocka_unit_test(time_grows_with_the_text_and_not_with_its_content),
        cmocka_unit_test(what_is_no_pattern_is_refused_with_its_place),
        cmocka_unit_test(a_pattern_has_a_largest_size),
        cmocka_unit_test(groups_end_somewhere),
        cmocka_unit_test(a_pattern_tells_how_its_texts_may_begin),
        cmocka_unit_test(a_pattern_tells_whether_it_is_for_whole_texts),
    };
    return cmocka_run_group_tests_name("playbook/pattern", tests, NULL, NULL);
}
