/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/yaml.h"

#include <string.h>

#include "escher/base/file.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;

static void expect_json(const char *expected, const char *text)
{
    ESC_CLEANUP(esc_yaml_freep) struct esc_yaml *yaml = NULL;
    expect_ok(esc_yaml_parse(esc_str_of(text), "file", &yaml, &err));
    ESC_CLEANUP(esc_freep) char *json = esc_json_print(esc_yaml_root(yaml), ESC_JSON_COMPACT);
    assert_string_equal(expected, json);
}

static void expect_refusal(const char *message, struct esc_str text)
{
    struct esc_yaml *yaml = NULL;
    expect_status(ESC_INVALID, esc_yaml_parse(text, "file", &yaml, &err));
    assert_null(yaml);
    expect_contains(message, err.message);
}

static void maps_lists_and_blocks_become_json(void **)
{
    expect_json("{\"a\":1,\"b\":[\"x\",{\"c\":\"d\"}]}", "a: 1\nb:\n  - x\n  - c: d\n");
    expect_json("{\"a\":[1,2],\"b\":{\"c\":\"d\"}}", "{a: [1, 2], b: {c: d}}");
    expect_json("{\"a\":\"one\\ntwo\\n\",\"b\":\"one two\"}",
                "a: |\n  one\n  two\nb: >-\n  one\n  two");
    expect_json("\"just text\"", "just text");
    expect_json("{\"a\":1}", "# comment\n---\na: 1 # more\n...\n");
}

static void plain_words_follow_json_and_nothing_more(void **)
{
    static const struct {
        const char *scalar, *json;
    } cases[] = {
        {"true", "true"},
        {"false", "false"},
        {"null", "null"},
        {"~", "null"},
        {"", "null"},
        {"12", "12"},
        {"-3", "-3"},
        {"0", "0"},
        {"1.5", "1.5"},
        {"1e3", "1000.0"},
        {"yes", "\"yes\""},
        {"no", "\"no\""},
        {"on", "\"on\""},
        {"True", "\"True\""},
        {"NULL", "\"NULL\""},
        {"007", "\"007\""},
        {"-01", "\"-01\""},
        {"0x1F", "\"0x1F\""},
        {"0o7", "\"0o7\""},
        {"1_000", "\"1_000\""},
        {"+1", "\"+1\""},
        {".5", "\".5\""},
        {".inf", "\".inf\""},
        {"12:30", "\"12:30\""},
        {"2026-11-21", "\"2026-11-21\""},
        {"'12'", "\"12\""},
        {"\"true\"", "\"true\""},
        {"123456789012", "123456789012"},
        {"99999999999999999999", "\"99999999999999999999\""}, /* digits are not lost */
        {"<<", "\"<<\""},
        {"1e999", "\"1e999\""},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep) char *text = esc_sprintf("a: %s\n", cases[i].scalar);
        ESC_CLEANUP(esc_freep) char *json = esc_sprintf("{\"a\":%s}", cases[i].json);
        expect_json(json, text);
    }
}

static void what_makes_one_text_mean_another_is_refused(void **)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"a: &x 1\nb: *x", "anchors and aliases are not allowed"},
        {"a: *x", "anchors and aliases are not allowed"},
        {"&x a: 1", "a key must be plain text"},
        {"a: &x 1\n*x : 2", "anchors and aliases are not allowed"},
        {"*x : 2", "a key must be plain text"},
        {"a: !!str 1", "tags are not allowed"},
        {"a: !ruby/object 1", "tags are not allowed"},
        {"!!int 1: a", "a key must be plain text"},
        {"? [a]\n: b", "a key must be plain text"},
        {"a: 1\na: 2", "the same key stands here twice"},
        {"a: 1\n'a': 2", "the same key stands here twice"},
        {"{a: 1, \"\\x61\": 2}", "the same key stands here twice"},
        {"a: 1\n---\nb: 2", "more than one document"},
        {"a: 1\n]", "file:2:1: "},
        {"a: 1\n---\n[", "file:4:1: "},
        {"a: \"\\0\"", "a NUL character is not allowed"},
        {"\"a\\0\": 1", "a NUL character is not allowed"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        expect_refusal(cases[i].message, esc_str_of(cases[i].text));
}

static void what_is_not_yaml_is_refused_with_its_place(void **)
{
    expect_refusal("file:2:1: ", ESC_STR("a: [1"));
    expect_refusal("file:1:5: ", ESC_STR("a: b: c"));
    expect_refusal("file:2:1: ", ESC_STR("a:\n\tb: 1"));
    expect_refusal("file: not YAML", ESC_STR(""));
    expect_refusal("file: not YAML", ESC_STR("# only a comment"));
    expect_refusal("file: not UTF-8", ESC_STR("a: \xFF"));
    expect_refusal("file: not UTF-8", ESC_STR("\xFF\xFE"
                                              "a\0:\0"));
    expect_refusal("file: a NUL character", ESC_STR("a: \0b"));
    expect_refusal("file: not YAML", ((struct esc_str){NULL, 0}));
}

static char *repeated(const char *piece, size_t count, const char *end)
{
    ESC_CLEANUP(esc_freep) char *pieces = test_repeated(piece, count);
    return esc_sprintf("%s%s", pieces, end);
}

static void depth_ends_at_its_limit(void **)
{
    static const size_t depths[] = {66, 1000, 500'000};
    ESC_CLEANUP(esc_freep) char *good = repeated("- ", 60, "a");
    ESC_CLEANUP(esc_yaml_freep) struct esc_yaml *yaml = NULL;
    expect_ok(esc_yaml_parse(esc_str_of(good), "file", &yaml, &err));
    for (size_t i = 0; i < ESC_COUNT(depths); i++) {
        ESC_CLEANUP(esc_freep) char *list = repeated("- ", depths[i], "a");
        ESC_CLEANUP(esc_freep) char *flow = repeated("[", depths[i], "");
        expect_refusal("file:1:", esc_str_of(list));
        expect_refusal("file:1:", esc_str_of(flow));
    }
}

static void size_ends_at_its_limit(void **)
{
    ESC_CLEANUP(esc_freep) char *large = repeated("#", ESC_MAX_YAML + 1, "");
    struct esc_yaml *yaml = NULL;
    expect_status(ESC_LIMIT, esc_yaml_parse(esc_str_of(large), "file", &yaml, &err));
}

/* These took minutes or gigabytes before: keys compared pairwise, paths copied for each place. */
static void many_keys_and_long_keys_stay_cheap(void **)
{
    struct esc_buf keys;
    esc_buf_init(&keys, ESC_MAX_YAML);
    for (size_t i = 0; i < 80'000; i++)
        esc_buf_printf(&keys, "k%zu: 1\n", i);
    ESC_CLEANUP(esc_yaml_freep) struct esc_yaml *many = NULL;
    expect_ok(esc_yaml_parse(esc_buf_str(&keys), "file", &many, &err));
    assert_int_equal(80'000, esc_json_len(esc_yaml_root(many)));
    esc_buf_done(&keys);
    ESC_CLEANUP(esc_freep) char *key = repeated("k", 400'000, "");
    ESC_CLEANUP(esc_freep) char *items = repeated("1,", 200'000, "1");
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("? %s\n: [%s]\n", key, items);
    ESC_CLEANUP(esc_yaml_freep) struct esc_yaml *large = NULL;
    expect_ok(esc_yaml_parse(esc_str_of(text), "file", &large, &err));
}

static void a_failure_names_the_place_of_its_path(void **)
{
    static const struct {
        const char *path, *message;
    } cases[] = {
        {"steps[1].aws", "book.yaml:4:5: no such service"},
        {"steps[1].aws.deeper", "book.yaml:4:5: no such service"},
        {"steps[1].gone", "book.yaml:4:5: no such service"},
        {"id", "book.yaml:1:1: no such service"},
        {"gone", "book.yaml:1:1: no such service"},
        {"", "book.yaml:1:1: no such service"},
    };
    ESC_CLEANUP(esc_yaml_freep) struct esc_yaml *yaml = NULL;
    expect_ok(esc_yaml_parse(ESC_STR("id: x\nsteps:\n  - aws: a\n  - aws: b\n"), "book.yaml", &yaml,
                             &err));
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        expect_status(ESC_INVALID,
                      esc_yaml_fail(yaml, cases[i].path, &err, "no such %s", "service"));
        assert_string_equal(cases[i].message, err.message);
    }
}

/* What of the public suite we refuse although it is YAML: the decorations of yaml.h. */
static bool may_be_refused(const char *message)
{
    static const char *const reasons[] = {"anchors and aliases", "tags are not allowed",
                                          "a key must be plain", "more than one document",
                                          "stands here twice",   "not YAML"};
    for (size_t i = 0; i < ESC_COUNT(reasons); i++) {
        if (strstr(message, reasons[i]))
            return true;
    }
    return false;
}

/* Counts of the suite's cases: what happened to those it calls wrong, and to the others. */
struct counts {
    size_t wrong_refused, wrong_accepted, right_accepted, right_refused, surprising;
};

static void check_case(const char *folder, struct counts *counts)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, "in.yaml");
    ESC_CLEANUP(esc_freep) char *error = esc_path_join(folder, "error");
    struct esc_buf file;
    esc_buf_init(&file, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &file, &err));
    ESC_CLEANUP(esc_yaml_freep) struct esc_yaml *yaml = NULL;
    const bool accepted = esc_yaml_parse(esc_buf_str(&file), "case", &yaml, &err) == ESC_OK;
    if (esc_file_exists(error)) {
        counts->wrong_refused += !accepted;
        counts->wrong_accepted += accepted;
        if (accepted)
            print_message("# accepted though wrong: %s\n", folder);
    } else {
        counts->right_accepted += accepted;
        counts->right_refused += !accepted;
        counts->surprising += !accepted && !may_be_refused(err.message);
        if (!accepted && !may_be_refused(err.message))
            print_message("# refused: %s: %s\n", folder, err.message);
    }
    esc_buf_done(&file);
}

static void check_folder(const char *folder, struct counts *counts)
{
    struct esc_list names;
    esc_list_init(&names, free);
    if (esc_file_list(folder, &names, &err) != ESC_OK)
        names.count = 0; /* a file beside the cases */
    for (size_t i = 0; i < names.count; i++) {
        ESC_CLEANUP(esc_freep) char *inside = esc_path_join(folder, names.items[i]);
        ESC_CLEANUP(esc_freep) char *input = esc_path_join(inside, "in.yaml");
        if (esc_file_exists(input))
            check_case(inside, counts);
        else
            check_folder(inside, counts); /* 2 or 3 letters deep: 3RLN/01 */
    }
    esc_list_done(&names);
}

static void the_public_suite_is_read_or_refused_for_a_reason(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = test_data("yaml-test-suite");
    struct counts counts = {0};
    check_folder(folder, &counts);
    assert_int_equal(94, counts.wrong_refused);
    assert_int_equal(0, counts.wrong_accepted);
    assert_int_equal(308, counts.right_accepted + counts.right_refused);
    assert_true(counts.right_accepted > 200);
    assert_int_equal(0, counts.surprising);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_lists_and_blocks_become_json),
        cmocka_unit_test(plain_words_follow_json_and_nothing_more),
        cmocka_unit_test(what_makes_one_text_mean_another_is_refused),
        cmocka_unit_test(what_is_not_yaml_is_refused_with_its_place),
        cmocka_unit_test(depth_ends_at_its_limit),
        cmocka_unit_test(size_ends_at_its_limit),
        cmocka_unit_test(many_keys_and_long_keys_stay_cheap),
        cmocka_unit_test(a_failure_names_the_place_of_its_path),
        cmocka_unit_test(the_public_suite_is_read_or_refused_for_a_reason),
    };
    return cmocka_run_group_tests_name("base/yaml", tests, NULL, NULL);
}
