/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "escher/iam/iam_private.h"

#include "tests/support/test.h"

static uint64_t state;

static unsigned draw(unsigned below)
{
    state = state * 6364136223846793005 + 1442695040888963407;
    return (unsigned)(state >> 33) % below;
}

/* The definition, word for word; slow. */
static bool fits(const char *glob, const char *text)
{
    if (*glob == '*')
        return fits(glob + 1, text) || (*text && fits(glob, text + 1));
    if (!*glob || !*text)
        return !*glob && !*text;
    return (*glob == '?' || *glob == *text) && fits(glob + 1, text + 1);
}

static void random_text(char *out, unsigned max, const char *letters)
{
    unsigned len = draw(max + 1);
    for (unsigned i = 0; i < len; i++)
        out[i] = letters[draw((unsigned)strlen(letters))];
    out[len] = '\0';
}

static void globs_fit_what_their_definition_says(void **)
{
    struct esc_arena arena;
    esc_arena_init(&arena);
    const struct iam_asking nobody = {0};
    unsigned matched = 0, total = 0;
    state = test_seed(3);
    for (int round = test_rounds(60'000); round > 0; round--) {
        char glob[12], text[16];
        random_text(glob, sizeof glob - 1, "aab**?");
        random_text(text, sizeof text - 1, "aaab");
        struct iam_pattern pattern;
        iam_pattern_compile(&arena, esc_str_of(glob), IAM_WILDCARDS, &pattern);
        const bool expected = fits(glob, text);
        if (expected != iam_glob(pattern.text, esc_str_of(text)))
            fail_msg("iam_glob: `%s` and `%s`", glob, text);
        if (expected != (iam_pattern_match(&nobody, &pattern, esc_str_of(text)) == IAM_YES))
            fail_msg("iam_pattern_match: `%s` and `%s`", glob, text);
        matched += expected;
        total++;
        if (round % 1000 == 0) {
            esc_arena_done(&arena);
            esc_arena_init(&arena);
        }
    }
    esc_arena_done(&arena);
    assert_true(matched > total / 10 && matched < total / 2);
}

/* The definition for ARNs: a `?` takes in no colon, and a `*` only where it ends a segment. */
static bool stays(const char *glob, const char *text)
{
    const char *behind = glob + strspn(glob, "*");
    const bool may_cross = !*behind || *behind == ':';
    if (*glob == '*')
        return stays(glob + 1, text) ||
               (*text && (may_cross || *text != ':') && stays(glob, text + 1));
    if (!*glob || !*text)
        return !*glob && !*text;
    return (*glob == '?' ? *text != ':' : *glob == *text) && stays(glob + 1, text + 1);
}

static void wildcards_within_a_segment_stay_there(void **)
{
    struct esc_arena arena;
    esc_arena_init(&arena);
    unsigned crossed = 0, stayed = 0;
    state = test_seed(5);
    for (int round = test_rounds(20'000); round > 0; round--) {
        char glob[10], text[12];
        random_text(glob, sizeof glob - 1, "ab:**?");
        random_text(text, sizeof text - 1, "aab:");
        struct iam_pattern pattern;
        iam_pattern_compile(&arena, esc_str_of(glob), IAM_WILDCARDS, &pattern);
        const bool fits_whole = fits(glob, text), expected = stays(glob, text);
        if (expected != iam_glob_stays(pattern.text, esc_str_of(text)))
            fail_msg("iam_glob_stays: `%s` and `%s`", glob, text);
        if (fits_whole && !expected && !iam_glob_may_cross(pattern.text))
            fail_msg("iam_glob_may_cross: `%s` and `%s`", glob, text);
        crossed += fits_whole && !expected;
        stayed += expected;
    }
    esc_arena_done(&arena);
    assert_true(crossed > 100 && stayed > 100);
}

/* Every text of up to four letters in place of each star, held against the answer. */
static void a_partial_name_is_decided_only_when_every_name_is(void **)
{
    static const char *const parts[] = {"", "a", "b", "aa", "ab", "ba", "bb", "aba", "aabb"};
    struct esc_arena arena;
    esc_arena_init(&arena);
    unsigned counts[3] = {0};
    state = test_seed(5);
    for (int round = test_rounds(8'000); round > 0; round--) {
        char glob[8], partial[6];
        random_text(glob, sizeof glob - 1, "ab*?");
        random_text(partial, sizeof partial - 1, "ab*");
        struct iam_pattern pattern;
        iam_pattern_compile(&arena, esc_str_of(glob), IAM_WILDCARDS, &pattern);
        const enum iam_truth truth = iam_glob_partial(pattern.text, esc_str_of(partial));
        counts[truth]++;
        for (int i = 0; i < 12 && truth != IAM_MAYBE; i++) {
            char name[40] = "";
            for (const char *c = partial; *c; c++) {
                const char letter[] = {*c, '\0'};
                (void)strncat(name, *c == '*' ? parts[draw(ESC_COUNT(parts))] : letter, 8);
            }
            if (fits(glob, name) != (truth == IAM_YES))
                fail_msg("`%s` and some `%s`: not so of `%s`", glob, partial, name);
        }
    }
    esc_arena_done(&arena);
    for (int i = 0; i < 3; i++)
        assert_true(counts[i] > 400);
}

static void a_hostile_glob_takes_no_longer_than_length_by_length(void **)
{
    enum {
        LEN = 20'000
    };
    struct esc_arena arena;
    struct iam_pattern pattern;
    esc_arena_init(&arena);
    char *glob = esc_arena_alloc(&arena, LEN + 1), *text = esc_arena_alloc(&arena, LEN + 1);
    for (int i = 0; i < LEN; i++)
        glob[i] = i % 2 ? '*' : i == LEN - 2 ? 'b' : 'a';
    memset(text, 'a', LEN);
    iam_pattern_compile(&arena, esc_str_of(glob), IAM_WILDCARDS, &pattern);
    assert_false(iam_glob(pattern.text, esc_str_of(text))); /* backtracking would never come back */
    text[LEN - 1] = 'b';
    assert_true(iam_glob(pattern.text, esc_str_of(text)));
    esc_arena_done(&arena);
}

static void bytes_that_are_no_text_never_become_wildcards(void **)
{
    static const char *const hostile[] = {"\xff", "\xfe", "a\xff", "\xff\xff"};
    struct esc_arena arena;
    struct iam_pattern pattern;
    esc_arena_init(&arena);
    iam_pattern_compile(&arena, ESC_STR("home/${aws:username}/x"), IAM_WILDCARDS | IAM_VARIABLES,
                        &pattern);
    for (size_t i = 0; i < ESC_COUNT(hostile); i++) {
        ESC_CLEANUP(esc_iam_context_freep)
        struct esc_iam_context *context = esc_iam_context_new(ESC_IAM_ABSENT);
        esc_iam_context_set(context, ESC_STR("aws:username"), esc_str_of(hostile[i]));
        const struct iam_asking asking = {.context = context};
        assert_int_equal(IAM_NO, iam_pattern_match(&asking, &pattern, ESC_STR("home/ab/x")));
        assert_int_equal(IAM_NO, iam_pattern_match(&asking, &pattern, ESC_STR("home/a/x")));
    }
    esc_arena_done(&arena);
}

static void what_a_context_says_closest_counts(void **)
{
    const struct esc_str *values = NULL;
    size_t count = 0;
    ESC_CLEANUP(esc_iam_context_freep)
    struct esc_iam_context *base = esc_iam_context_new(ESC_IAM_UNKNOWN);
    ESC_CLEANUP(esc_iam_context_freep)
    struct esc_iam_context *child = esc_iam_context_child(base);
    const struct esc_str team = ESC_STR("aws:ResourceTag/team");
    assert_int_equal(ESC_IAM_UNKNOWN, esc_iam_context_get(child, team, &values, &count));
    esc_iam_context_set_absent(base, ESC_STR("aws:ResourceTag/"));
    assert_int_equal(ESC_IAM_ABSENT, esc_iam_context_get(child, team, &values, &count));
    esc_iam_context_set(base, ESC_STR("AWS:resourcetag/TEAM"), ESC_STR("orders"));
    assert_int_equal(ESC_IAM_KNOWN, esc_iam_context_get(child, team, &values, &count));
    esc_iam_context_set_unknown(child, ESC_STR("aws:ResourceTag/"));
    assert_int_equal(ESC_IAM_KNOWN, esc_iam_context_get(child, team, &values, &count));
    assert_int_equal(ESC_IAM_UNKNOWN,
                     esc_iam_context_get(child, ESC_STR("aws:ResourceTag/x"), &values, &count));
    esc_iam_context_set(child, team, ESC_STR("billing"));
    assert_int_equal(ESC_IAM_KNOWN, esc_iam_context_get(child, team, &values, &count));
    assert_true(count == 1 && esc_str_is(values[0], "billing"));
    esc_iam_context_set_all(child, team, NULL, 0);
    assert_int_equal(ESC_IAM_ABSENT, esc_iam_context_get(child, team, &values, &count));
    esc_iam_context_clear(child);
    assert_int_equal(ESC_IAM_KNOWN, esc_iam_context_get(child, team, &values, &count));
    assert_true(esc_str_is(values[0], "orders"));
}

static void an_absent_world_knows_what_it_was_told(void **)
{
    const struct esc_str *values = NULL;
    size_t count = 0;
    ESC_CLEANUP(esc_iam_context_freep)
    struct esc_iam_context *base = esc_iam_context_new(ESC_IAM_ABSENT);
    ESC_CLEANUP(esc_iam_context_freep)
    struct esc_iam_context *child = esc_iam_context_child(base);
    assert_int_equal(ESC_IAM_ABSENT,
                     esc_iam_context_get(child, ESC_STR("aws:SourceIp"), &values, &count));
    for (int i = 0; i < 100; i++) {
        ESC_CLEANUP(esc_freep) char *key = esc_sprintf("s3:key%d", i);
        esc_iam_context_set(child, esc_str_of(key), esc_str_of(key));
    }
    assert_int_equal(ESC_IAM_KNOWN,
                     esc_iam_context_get(child, ESC_STR("S3:KEY99"), &values, &count));
    assert_true(esc_str_is(values[0], "s3:key99"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(globs_fit_what_their_definition_says),
        cmocka_unit_test(wildcards_within_a_segment_stay_there),
        cmocka_unit_test(a_partial_name_is_decided_only_when_every_name_is),
        cmocka_unit_test(a_hostile_glob_takes_no_longer_than_length_by_length),
        cmocka_unit_test(bytes_that_are_no_text_never_become_wildcards),
        cmocka_unit_test(what_a_context_says_closest_counts),
        cmocka_unit_test(an_absent_world_knows_what_it_was_told),
    };
    return cmocka_run_group_tests_name("iam/match", tests, NULL, NULL);
}
