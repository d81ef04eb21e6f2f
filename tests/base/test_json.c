/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/base/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "escher/base/file.h"
#include "escher/base/id.h"
#include "escher/base/limits.h"
#include "tests/support/test.h"

static struct esc_error err;

/* The parsed text, which must be JSON; owned by the caller. */
static struct esc_json *parsed(const char *text)
{
    struct esc_json *json = NULL;
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &json, &err));
    return json;
}

static void what_is_not_json_is_refused_with_its_place(void **)
{
    static const char *const bad[] = {
        "",      " ",     "{",   "{\"a\":}", "[1,]",   "{\"a\":1,}",     "{'a':1}",
        "{a:1}", "[1 2]", "nul", "True",     "NaN",    "Infinity",       "01",
        "+1",    "1.",    ".5",  "0x1",      "\"\t\"", "\"\\x\"",        "\"\\u12\"",
        "\"",    "[1]x",  "1 2", "// x\n1",  "/**/1",  "\xEF\xBB\xBF{}", "99999999999999999999",
        "1e999",
    };
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        struct esc_json *json = NULL;
        expect_status(ESC_INVALID, esc_json_parse(esc_str_of(bad[i]), NULL, &json, &err));
        assert_null(json);
        expect_contains("JSON line ", err.message);
    }
}

static void a_repeated_key_is_refused(void **)
{
    static const char *const bad[] = {"{\"a\":1,\"a\":1}", "{\"a\":1,\"\\u0061\":2}",
                                      "[{\"b\":{\"\":1,\"\":2}}]"};
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        struct esc_json *json = NULL;
        expect_status(ESC_INVALID, esc_json_parse(esc_str_of(bad[i]), NULL, &json, &err));
    }
}

static void nul_and_broken_text_are_refused(void **)
{
    static const struct {
        const char *text;
        size_t len;
    } bad[] = {
        {"\"a\\u0000b\"", 10},
        {"{\"a\\u0000b\":1}", 14},
        {"\"a\0b\"", 5},
        {"\"\xFF\"", 3},
        {"\"\xC0\x80\"", 4},
        {"\"\xED\xA0\x80\"", 5},
        {"\"\\ud800\"", 8},
        {"\"\\udc00\\ud800\"", 14},
        {"1\0", 2},
        {"{}\0", 3},
        {NULL, 0},
    };
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        struct esc_json *json = NULL;
        const struct esc_str text = {bad[i].text, bad[i].len};
        expect_status(ESC_INVALID, esc_json_parse(text, NULL, &json, &err));
    }
}

/* `depth` times @p open and then as often @p close; owned by the caller. */
static char *nested(size_t depth, const char *open, const char *close)
{
    struct esc_buf buf;
    esc_buf_init(&buf, ESC_MAX_JSON);
    for (size_t i = 0; i < depth; i++)
        esc_buf_add_text(&buf, open);
    esc_buf_add_char(&buf, '1');
    for (size_t i = 0; i < depth; i++)
        esc_buf_add_text(&buf, close);
    return esc_buf_take(&buf);
}

static void depth_ends_at_its_limit(void **)
{
    static const struct {
        size_t depth;
        const char *open, *close;
        enum esc_status expected;
    } cases[] = {
        {64, "[", "]", ESC_OK},
        {65, "[", "]", ESC_LIMIT},
        {64, "{\"a\":", "}", ESC_OK},
        {65, "{\"a\":", "}", ESC_LIMIT},
        {100'000, "[", "]", ESC_LIMIT},
        {100'000, "{\"[\":", "", ESC_LIMIT},
        {32, "[{\"a\":", "}]", ESC_OK},
        {33, "[{\"a\":", "}]", ESC_LIMIT},
        {1, "[\"[[[\\\"[[{{\",", "]", ESC_OK},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep) char *text = nested(cases[i].depth, cases[i].open, cases[i].close);
        ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
        expect_status(cases[i].expected, esc_json_parse(esc_str_of(text), NULL, &json, &err));
    }
}

static void size_ends_at_its_limit(void **)
{
    const struct esc_json_limits limits = {8, 64};
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    expect_ok(esc_json_parse(ESC_STR("\"123456\""), &limits, &json, &err));
    struct esc_json *refused = NULL;
    expect_status(ESC_LIMIT, esc_json_parse(ESC_STR("\"1234567\""), &limits, &refused, &err));
}

static void values_are_asked_by_path(void **)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *root =
        parsed("{\"DBInstances\":[{\"Endpoint\":{\"Port\":5432},\"MultiAZ\":true,"
               "\"a.b\":\"dot\",\"Load\":0.5,\"None\":null}],\"\":\"empty\"}");
    assert_int_equal(5432, esc_json_num(root, "DBInstances[0].Endpoint.Port", -1));
    assert_true(esc_json_flag(root, "DBInstances[0].MultiAZ", false));
    assert_true(esc_json_dbl(root, "DBInstances[0].Load", 0) == 0.5);
    assert_true(esc_json_dbl(root, "DBInstances[0].Endpoint.Port", 0) == 5432);
    const struct esc_json *first = esc_json_get(root, "DBInstances[0]");
    assert_string_equal("dot", esc_json_str(esc_json_member(first, "a.b"), "", "missing"));
    assert_true(esc_json_is(esc_json_get(first, "None"), ESC_JSON_NULL));
    assert_ptr_equal(root, esc_json_get(root, ""));
}

static void what_is_missing_or_of_another_type_yields_the_default(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *root = parsed("{\"a\":[1,\"x\"],\"n\":null}");
    static const char *const paths[] = {"b", "a[2]", "a[99999999999]", "a.b", "a[1].c",
                                        "n", "n.x",  "a[0][0]"};
    for (size_t i = 0; i < ESC_COUNT(paths); i++) {
        assert_string_equal("none", esc_json_str(root, paths[i], "none"));
        assert_int_equal(7, esc_json_num(root, paths[i], 7));
        assert_true(esc_json_flag(root, paths[i], true));
        assert_true(esc_json_dbl(root, paths[i], 1.5) == 1.5);
    }
    assert_int_equal(7, esc_json_num(root, "a[1]", 7)); /* "x" is no number */
    assert_string_equal("none", esc_json_str(root, "a[0]", "none"));
    assert_string_equal("none", esc_json_str(NULL, "a", "none"));
    assert_int_equal(0, esc_json_len(NULL));
    assert_null(esc_json_at(NULL, 0));
    assert_int_equal(0, esc_json_value(NULL).len);
    assert_false(esc_json_is(NULL, ESC_JSON_NULL));
}

static void a_need_that_is_not_met_names_its_path(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *root = parsed("{\"a\":{\"b\":1},\"r\":1.5}");
    const char *text = "untouched";
    int64_t number = 42;
    const struct esc_json *found = NULL;
    expect_status(ESC_INVALID, esc_json_need_str(root, "a.c", &text, &err));
    assert_string_equal("`a.c` is missing", err.message);
    expect_status(ESC_INVALID, esc_json_need_str(root, "a.b", &text, &err));
    assert_string_equal("`a.b` must be a string", err.message);
    expect_status(ESC_INVALID, esc_json_need_num(root, "r", &number, &err));
    assert_string_equal("`r` must be a whole number", err.message);
    expect_status(ESC_INVALID, esc_json_need(root, "a.b", ESC_JSON_ARRAY, &found, &err));
    assert_string_equal("untouched", text);
    assert_int_equal(42, number);
    expect_ok(esc_json_need_num(root, "a.b", &number, &err));
    assert_int_equal(1, number);
    expect_ok(esc_json_need(root, "a", ESC_JSON_OBJECT, &found, &err));
    assert_int_equal(1, esc_json_len(found));
}

static void an_unknown_member_is_named(void **)
{
    static const char *const allowed[] = {"a", "b", NULL};
    ESC_CLEANUP(esc_json_freep) struct esc_json *good = parsed("{\"b\":1,\"a\":1}");
    ESC_CLEANUP(esc_json_freep) struct esc_json *bad = parsed("{\"a\":1,\"B\":1}");
    ESC_CLEANUP(esc_json_freep) struct esc_json *none = parsed("{}");
    expect_ok(esc_json_only(good, allowed, &err));
    expect_ok(esc_json_only(none, allowed, &err));
    expect_status(ESC_INVALID, esc_json_only(bad, allowed, &err));
    assert_string_equal("unknown member `B`", err.message);
}

static void values_are_built_and_written(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *root = esc_json_object();
    struct esc_json *list = esc_json_array();
    esc_json_push_text(list, "x");
    esc_json_push_text(list, NULL);
    esc_json_push(list, NULL); /* nothing is pushed */
    esc_json_push(list, esc_json_real(0.5));
    esc_json_replace(list, 0, esc_json_int(-3));
    esc_json_set(root, "list", list);
    esc_json_set_text(root, "text", "a\"b\\c\n\t\x01/");
    esc_json_set_str(root, "str", ESC_STR("x\0y\xFF"));
    esc_json_set_bool(root, "flag", false);
    esc_json_set_int(root, "gone", 1);
    esc_json_remove(root, "gone");
    esc_json_remove(root, "never there");
    esc_json_set(root, "unset", NULL);
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(root, ESC_JSON_COMPACT);
    assert_string_equal("{\"list\":[-3,null,0.5],\"text\":\"a\\\"b\\\\c\\n\\t\\u0001/\","
                        "\"str\":\"x\xEF\xBF\xBDy\xEF\xBF\xBD\",\"flag\":false}",
                        text);
}

static void people_get_lines_and_hashes_get_order(void **)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *root = parsed("{\"b\":{},\"a\":[1,{\"d\":[],\"c\":null}],\"B\":true}");
    ESC_CLEANUP(esc_freep) char *sorted = esc_json_print(root, ESC_JSON_SORTED);
    assert_string_equal("{\"B\":true,\"a\":[1,{\"c\":null,\"d\":[]}],\"b\":{}}", sorted);
    ESC_CLEANUP(esc_freep) char *pretty = esc_json_print(root, ESC_JSON_PRETTY);
    assert_string_equal("{\n  \"b\": {},\n  \"a\": [\n    1,\n    {\n      \"d\": [],\n"
                        "      \"c\": null\n    }\n  ],\n  \"B\": true\n}",
                        pretty);
}

static void numbers_are_written_short_and_come_back_exactly(void **)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.99, "0.99"},
        {0.1, "0.1"},
        {1, "1.0"},
        {-0.0, "-0.0"},
        {1e21, "1e+21"},
        {1e-7, "1e-07"},
        {1.0 / 3, "0.3333333333333333"},
        {5e-324, "4.94065645841247e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {NAN, "null"},
        {INFINITY, "null"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *json = esc_json_real(cases[i].value);
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_COMPACT);
        assert_string_equal(cases[i].text, text);
        ESC_CLEANUP(esc_json_freep) struct esc_json *back = parsed(text);
        assert_true(!isfinite(cases[i].value) || esc_json_dbl(back, "", 42) == cases[i].value);
    }
}

static void whole_numbers_keep_all_their_digits(void **)
{
    static const char *const texts[] = {"9223372036854775807", "-9223372036854775808", "0"};
    for (size_t i = 0; i < ESC_COUNT(texts); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *json = parsed(texts[i]);
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_COMPACT);
        assert_string_equal(texts[i], text);
    }
}

static void writing_stops_at_the_ceiling(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = parsed("[1,2,3]");
    struct esc_buf buf;
    esc_buf_init(&buf, 6);
    esc_json_write(json, ESC_JSON_COMPACT, &buf);
    expect_status(ESC_LIMIT, esc_buf_status(&buf, "it", &err));
    esc_buf_done(&buf);
}

static void a_copy_is_independent_and_a_reference_is_not(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *root = parsed("{\"a\":{\"b\":1}}");
    ESC_CLEANUP(esc_json_freep) struct esc_json *copy = esc_json_copy(root);
    ESC_CLEANUP(esc_json_freep) struct esc_json *same = esc_json_ref(root);
    assert_true(esc_json_equal(root, copy));
    esc_json_set_int(esc_json_get_mutable(root, "a"), "b", 2);
    assert_false(esc_json_equal(root, copy));
    assert_int_equal(2, esc_json_num(same, "a.b", 0));
    assert_int_equal(1, esc_json_num(copy, "a.b", 0));
    assert_false(esc_json_equal(root, NULL));
    esc_json_free(NULL);
}

static struct esc_json *random_value(struct esc_random_seeded *seeded, unsigned depth)
{
    static const char *const texts[] = {"", "a", "\"\\/", "é😀", "\b\f\n\r\t\v\x1f\x7f", "0"};
    const struct esc_random *random = &seeded->random;
    uint64_t bits;
    double real;
    esc_random_fill(random, &bits, sizeof bits);
    memcpy(&real, &bits, sizeof real);
    struct esc_json *value;
    switch (esc_random_below(random, depth ? 8 : 6)) {
    case 0:
        return esc_json_null();
    case 1:
        return esc_json_bool(bits & 1);
    case 2:
        return esc_json_int((int64_t)bits);
    case 3:
        return esc_json_real(real);
    case 4:
    case 5:
        return esc_json_text(texts[bits % ESC_COUNT(texts)]);
    case 6:
        value = esc_json_array();
        for (uint64_t i = bits % 5; i; i--)
            esc_json_push(value, random_value(seeded, depth - 1));
        return value;
    default:
        value = esc_json_object();
        for (uint64_t i = bits % 5; i; i--)
            esc_json_set(value, texts[i], random_value(seeded, depth - 1));
        return value;
    }
}

static void what_was_written_reads_back_equal(void **)
{
    struct esc_random_seeded seeded;
    esc_random_seeded_init(&seeded, test_seed(20));
    for (int i = 0; i < test_rounds(3000); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *value = random_value(&seeded, 5);
        const enum esc_json_style style = (enum esc_json_style)(i % 3);
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(value, style);
        ESC_CLEANUP(esc_json_freep) struct esc_json *back = parsed(text);
        if (!esc_json_equal(value, back))
            fail_msg("does not read back: %s", text);
        ESC_CLEANUP(esc_freep) char *again = esc_json_print(back, style);
        assert_string_equal(text, again);
    }
}

/* Valid JSON of the suite that we refuse all the same: json.h says which and why. */
static bool is_refused_by_design(const char *name)
{
    static const char *const names[] = {
        "y_object_duplicated_key.json",           /* a key twice */
        "y_object_duplicated_key_and_value.json", /* a key twice */
        "y_object_escaped_null_in_key.json",      /* U+0000 */
        "y_string_null_escape.json",              /* U+0000 */
    };
    for (size_t i = 0; i < ESC_COUNT(names); i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

/* y_ must be accepted, n_ refused, i_ may be either; whatever is accepted reads back equal. */
static void check_suite_file(const char *folder, const char *name)
{
    ESC_CLEANUP(esc_freep) char *path = esc_path_join(folder, name);
    struct esc_buf file;
    esc_buf_init(&file, ESC_MAX_FILE);
    expect_ok(esc_file_read(path, &file, &err));
    ESC_CLEANUP(esc_json_freep) struct esc_json *json = NULL;
    const enum esc_status status = esc_json_parse(esc_buf_str(&file), NULL, &json, &err);
    const bool expected = name[0] == 'y' && !is_refused_by_design(name);
    if (name[0] != 'i' && expected != (status == ESC_OK))
        fail_msg("%s: %s", name, status == ESC_OK ? "accepted" : err.message);
    if (status == ESC_OK) {
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(json, ESC_JSON_PRETTY);
        ESC_CLEANUP(esc_json_freep) struct esc_json *back = parsed(text);
        assert_true(esc_json_equal(json, back));
    }
    esc_buf_done(&file);
}

static void the_public_suite_is_judged_as_it_says(void **)
{
    ESC_CLEANUP(esc_freep) char *folder = test_data("json-test-suite");
    struct esc_list names;
    esc_list_init(&names, free);
    expect_ok(esc_file_list(folder, &names, &err));
    size_t count = 0;
    for (size_t i = 0; i < names.count; i++) {
        if (!esc_str_ends_with(esc_str_of(names.items[i]), ESC_STR(".json")))
            continue;
        check_suite_file(folder, names.items[i]);
        count++;
    }
    assert_int_equal(318, count);
    esc_list_done(&names);
}

static void what_is_shown_steers_no_terminal_and_is_the_same_value(void **)
{
    static const char text[] = "{\"k\\u202e\":\"a\\u001b[2J\\u007f\\u009b31m \\u2066 \\u200b "
                               "\\udb40\\udc41 \\u00fc \\ud83d\\ude00\"}";
    ESC_CLEANUP(esc_json_freep) struct esc_json *value = NULL, *again = NULL;
    expect_ok(esc_json_parse(esc_str_of(text), NULL, &value, &err));
    ESC_CLEANUP(esc_freep) char *shown = esc_json_print(value, ESC_JSON_SHOWN);
    assert_string_equal("{\"k\\u202e\":\"a\\u001b[2J\\u007f\\u009b31m \\u2066 \\u200b "
                        "\\udb40\\udc41 \xC3\xBC \xF0\x9F\x98\x80\"}",
                        shown);
    expect_ok(esc_json_parse(esc_str_of(shown), NULL, &again, &err));
    assert_true(esc_json_equal(value, again));
}

static void wiping_spares_what_somebody_else_still_has(void **)
{
    struct esc_json *json = NULL;
    expect_ok(esc_json_parse(ESC_STR("{\"a\":[\"secret\",{\"b\":\"kept\"}],\"c\":\"old\"}"), NULL,
                             &json, &err));
    struct esc_json *kept = esc_json_ref(esc_json_get(json, "a[1]"));
    struct esc_json *old = esc_json_ref(esc_json_member(json, "c"));
    esc_json_set_secret(json, "c", "new");
    esc_json_set_secret(json, "d", "first");
    assert_string_equal("new", esc_json_str(json, "c", ""));
    assert_string_equal("first", esc_json_str(json, "d", ""));
    esc_json_wipe_free(json);
    assert_string_equal("kept", esc_json_str(kept, "b", ""));
    assert_string_equal("old", esc_json_str(old, "", ""));
    esc_json_wipe_free(kept);
    esc_json_wipe_free(old);
    esc_json_wipe_free(NULL);
}

static void objects_of_any_size_are_written_in_order(void **)
{
    for (int count = 0; count < 60; count++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *object = esc_json_object();
        struct esc_buf plain, sorted;
        esc_buf_init(&plain, 4096);
        esc_buf_init(&sorted, 4096);
        for (int i = 0; i < count; i++) {
            char key[8];
            (void)snprintf(key, sizeof key, "k%02d", count - 1 - i);
            esc_json_set_key(object, (struct esc_str){key, 3}, esc_json_int(i));
            esc_buf_printf(&plain, "%s\"k%02d\":%d", i ? "," : "", count - 1 - i, i);
            esc_buf_printf(&sorted, "%s\"k%02d\":%d", i ? "," : "", i, count - 1 - i);
        }
        ESC_CLEANUP(esc_freep) char *as_made = esc_json_print(object, ESC_JSON_COMPACT);
        ESC_CLEANUP(esc_freep) char *in_order = esc_json_print(object, ESC_JSON_SORTED);
        assert_memory_equal(esc_buf_text(&plain), as_made + 1, plain.len);
        assert_int_equal(plain.len + 2, strlen(as_made));
        assert_memory_equal(esc_buf_text(&sorted), in_order + 1, sorted.len);
        esc_buf_done(&plain);
        esc_buf_done(&sorted);
    }
}

static void members_behind_the_first_ones_are_put_in_order(void **)
{
    static const struct {
        size_t kept;
        const char *text;
    } cases[] = {
        {0, "{\"a\":3,\"b\":{\"y\":1,\"x\":2},\"c\":1}"},
        {1, "{\"c\":1,\"a\":3,\"b\":{\"y\":1,\"x\":2}}"},
        {2, "{\"c\":1,\"b\":{\"y\":1,\"x\":2},\"a\":3}"},
        {9, "{\"c\":1,\"b\":{\"y\":1,\"x\":2},\"a\":3}"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *object = parsed("{\"c\":1,\"b\":{\"y\":1,\"x\":2},\"a\":3}");
        esc_json_sort_members(object, cases[i].kept);
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(object, ESC_JSON_COMPACT);
        assert_string_equal(cases[i].text, text);
    }
}

static void a_member_is_found_by_a_part_of_a_text(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *object = esc_json_object();
    esc_json_set_key(object, esc_str_slice(esc_str_of("State.Name"), 0, 5), esc_json_object());
    esc_json_set_key(object, (struct esc_str){NULL, 0}, esc_json_int(1));
    esc_json_set_text(esc_json_get_mutable(object, "State"), "Name", "running");
    assert_string_equal("running", esc_json_str(object, "State.Name", ""));
    assert_int_equal(1, esc_json_num(esc_json_member(object, ""), "", 0));
    assert_null(esc_json_get(object, "State.Nam"));
    assert_null(esc_json_get(object, "Stat"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_of_any_size_are_written_in_order),
        cmocka_unit_test(members_behind_the_first_ones_are_put_in_order),
        cmocka_unit_test(a_member_is_found_by_a_part_of_a_text),
        cmocka_unit_test(what_is_shown_steers_no_terminal_and_is_the_same_value),
        cmocka_unit_test(what_is_not_json_is_refused_with_its_place),
        cmocka_unit_test(a_repeated_key_is_refused),
        cmocka_unit_test(wiping_spares_what_somebody_else_still_has),
        cmocka_unit_test(nul_and_broken_text_are_refused),
        cmocka_unit_test(depth_ends_at_its_limit),
        cmocka_unit_test(size_ends_at_its_limit),
        cmocka_unit_test(values_are_asked_by_path),
        cmocka_unit_test(what_is_missing_or_of_another_type_yields_the_default),
        cmocka_unit_test(a_need_that_is_not_met_names_its_path),
        cmocka_unit_test(an_unknown_member_is_named),
        cmocka_unit_test(values_are_built_and_written),
        cmocka_unit_test(people_get_lines_and_hashes_get_order),
        cmocka_unit_test(numbers_are_written_short_and_come_back_exactly),
        cmocka_unit_test(whole_numbers_keep_all_their_digits),
        cmocka_unit_test(writing_stops_at_the_ceiling),
        cmocka_unit_test(a_copy_is_independent_and_a_reference_is_not),
        cmocka_unit_test(what_was_written_reads_back_equal),
        cmocka_unit_test(the_public_suite_is_judged_as_it_says),
    };
    return cmocka_run_group_tests_name("base/json", tests, NULL, NULL);
}
