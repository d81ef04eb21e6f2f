/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What no cloud says, and an answer may hold all the same: a sync takes in what can be kept, names
 * a cell that is not whole, and does so again with the same result; a restart finds it; and what
 * goes, goes.
 */

#include <string.h>

#include "escher/base/limits.h"
#include "escher/store/estate.h"
#include "escher/work/work_private.h"
#include "tests/work/sync_desk.h"

static struct esc_error err;

/* Adds a database to the list; borrowed. */
static struct esc_json *add_database(struct esc_json *list, const char *identifier)
{
    struct esc_json *json = esc_json_object();
    esc_json_set_text(json, "DBInstanceIdentifier", identifier);
    esc_json_set_text(json, "DBInstanceStatus", "available");
    esc_json_set_text(json, "Engine", "postgres");
    esc_json_push(list, json);
    return json;
}

static void put_databases(const struct desk *desk, struct esc_json *list)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = esc_json_object();
    esc_json_set(answer, "DBInstances", esc_json_ref(list));
    ESC_CLEANUP(esc_freep) char *text = esc_json_print(answer, ESC_JSON_COMPACT);
    desk_cloud_put(desk, "describe-db-instances.json", text);
}

static size_t row_count(const struct desk *desk)
{
    size_t count = 0;
    expect_ok(esc_store_estate_count(desk->bench->store, &count, &err));
    assert_int_equal(count, esc_index_count(desk->bench->index));
    return count;
}

/* What all that looks at rows is asked about one of them: each answers, whatever it says. */
static void ask_about(struct desk *desk, const char *identifier)
{
    static const char *const paths[] = {"/api/show", "/api/can", "/api/impact", "/api/find"};
    ESC_CLEANUP(esc_json_freep) struct esc_json *ask = esc_json_object();
    esc_json_set_text(ask, "text", identifier);
    ESC_CLEANUP(esc_freep) char *body = esc_json_print(ask, ESC_JSON_COMPACT);
    for (size_t i = 0; i < ESC_COUNT(paths); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *answer = NULL;
        (void)desk_ask(desk, "POST", paths[i], body, &answer);
        assert_non_null(answer);
    }
}

static void look_at_all(struct desk *desk, const struct esc_json *list)
{
    for (size_t i = 0; i < esc_json_len(list); i++)
        ask_about(desk, esc_json_str(esc_json_at(list, i), "DBInstanceIdentifier", ""));
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/changes", "{}"));
    esc_json_free(desk_expect(desk, ESC_OK, "GET", "/api/status", NULL));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *rows = desk_expect(desk, ESC_OK, "POST", "/api/estate/export", "{}");
    assert_int_equal(row_count(desk), esc_json_len(esc_json_member(rows, "resources")));
}

/* A look at none, after which @p rows were there. */
static void empty(struct desk *desk, size_t rows)
{
    desk_cloud_put(desk, "describe-db-instances.json", "{\"DBInstances\":[]}");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_with(desk, ESC_OK, RDS);
    assert_int_equal(0, row_count(desk));
    assert_int_equal(rows, esc_json_num(body, "removed", 0));
}

/* A sync that makes @p rows of them. Takes the list over. */
static void take_in(struct desk *desk, struct esc_json *list, enum esc_status status, size_t rows)
{
    empty(desk, 1);
    put_databases(desk, list);
    ESC_CLEANUP(esc_json_freep) struct esc_json *first = sync_with(desk, status, RDS);
    assert_int_equal(rows, row_count(desk));
    look_at_all(desk, list);
    ESC_CLEANUP(esc_json_freep) struct esc_json *second = sync_with(desk, status, RDS);
    assert_int_equal(0, esc_json_num(second, "changed", -1));
    assert_int_equal(0, esc_json_num(second, "added", -1));
    assert_int_equal(0, esc_json_num(second, "removed", -1));
    desk_restart(desk);
    assert_int_equal(rows, row_count(desk));
    assert_null(desk->bench->unreadable);
    empty(desk, rows);
    esc_json_free(list);
}

static void names_that_nobody_would_choose_are_names(void **state)
{
    static const char *const names[] = {
        "-rf",
        "../../etc/passwd",
        "$(id)",
        "a b",
        " ",
        "\n",
        "a\x1b[31mb",
        "\xe2\x80\xae\x67\x6e\x70", /* written from the right to the left */
        "a\xef\xbb\xbf",
        "'; DROP TABLE rows; --",
        "%s%n",
        "all",
        "arn:aws:rds:us-west-2:123456789012:db:other",
        DESK_ACCOUNT "-us-west-2-rds_instance-x",
    };
    struct esc_json *list = esc_json_array();
    for (size_t i = 0; i < ESC_COUNT(names); i++)
        (void)add_database(list, names[i]);
    take_in(*state, list, ESC_OK, ESC_COUNT(names));
}

/* Of one that is too long the cell says that something is missing. */
static void long_names_are_names_as_long_as_they_can_be_kept(void **state)
{
    static const size_t lengths[] = {255, 2048, 20'000, ESC_MAX_NAME, ESC_MAX_NAME + 1};
    struct esc_json *list = esc_json_array();
    for (size_t i = 0; i < ESC_COUNT(lengths); i++) {
        ESC_CLEANUP(esc_freep) char *name = test_repeated("x", lengths[i]);
        (void)add_database(list, name);
    }
    take_in(*state, list, ESC_PARTIAL, 3);
}

static void tags_without_end_cost_the_tags(void **state)
{
    static const struct {
        size_t count, len;
    } cases[] = {{50, 256}, {1, 100'000}, {1, 400'000}, {5000, 10}, {70'000, 1}, {10, 1'000'000}};
    struct esc_json *list = esc_json_array();
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("tagged-%zu", i);
        ESC_CLEANUP(esc_freep) char *value = test_repeated("v", cases[i].len);
        struct esc_json *tags = esc_json_array();
        for (size_t j = 0; j < cases[i].count; j++) {
            ESC_CLEANUP(esc_freep) char *key = esc_sprintf("key-%zu", j);
            struct esc_json *tag = esc_json_object();
            esc_json_set_text(tag, "Key", key);
            esc_json_set_text(tag, "Value", value);
            esc_json_push(tags, tag);
        }
        esc_json_set(add_database(list, name), "TagList", tags);
    }
    take_in(*state, list, ESC_PARTIAL, ESC_COUNT(cases));
}

/* No text of ours may hold it, so the answer is none; what was there stays. */
static void a_name_with_a_nul_is_no_answer(void **state)
{
    struct desk *desk = *state;
    desk_cloud_put(desk, "describe-db-instances.json",
                   "{\"DBInstances\":[{\"DBInstanceIdentifier\":\"a\\u0000b\"}]}");
    esc_json_free(sync_with(desk, ESC_PARTIAL, RDS));
    assert_int_equal(1, row_count(desk));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_that_nobody_would_choose_are_names),
        TEST(long_names_are_names_as_long_as_they_can_be_kept),
        TEST(tags_without_end_cost_the_tags),
        TEST(a_name_with_a_nul_is_no_answer),
    };
    return cmocka_run_group_tests_name("work/sync_strange", tests, NULL, NULL);
}
