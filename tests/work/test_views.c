/* SPDX-License-Identifier: Apache-2.0 */

/* Saved views: what may be one, what searching within one finds, and what becomes of one that does
 * not parse or does not open any more. */

#include "escher/store/db_private.h"
#include "escher/store/document.h"
#include "escher/work/work_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

#define DATABASE(name, state, environment)                                                         \
    "{\"id\":\"" DESK_ACCOUNT "-us-west-2-rds_instance-" name                                      \
    "\",\"provider\":\"aws\",\"resource_type\":\"rds_instance\",\"identifier\":\"" name            \
    "\",\"name\":\"" name "\",\"account_id\":\"" DESK_ACCOUNT                                      \
    "\",\"account_name\":\"main\",\"region\":\"us-west-2\",\"arn\":\"arn:aws:rds:us-west-"         \
    "2:" DESK_ACCOUNT ":db:" name "\",\"state\":\"" state "\",\"tags\":{\"env\":\"" environment    \
    "\"},\"metadata\":{},\"constraints\":{},\"relations\":[]"                                      \
    ",\"last_synced\":\"2026-11-20T07:00:00Z\"}\n"

static const char lines[] = DATABASE("orders-db", "available", "production")
    DATABASE("orders-test", "stopped", "dev") DATABASE("reports-db", "stopped", "production");

static int setup(void **state)
{
    (void)desk_setup(state); /* it fails by ending the test */
    ESC_CLEANUP(esc_freep) char *body = desk_lines(lines);
    esc_json_free(desk_expect(*state, ESC_OK, "POST", "/api/estate/import", body));
    return 0;
}

static const char *text(const struct esc_json *json, const char *path)
{
    return esc_json_str(json, path, "(none)");
}

/* The message of a refusal, or the views in their order, apart by commas; owned by the caller. */
static char *said(struct desk *desk, enum esc_status expected, const char *method, const char *path,
                  const char *body)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer = desk_expect(desk, expected, method, path, body);
    if (expected != ESC_OK)
        return esc_strdup(text(answer, "message"));
    const struct esc_json *views = esc_json_member(answer, "views");
    struct esc_buf names;
    esc_buf_init(&names, ESC_MAX_LINE);
    for (size_t i = 0; i < esc_json_len(views); i++)
        esc_buf_printf(&names, "%s%s", i ? "," : "", text(esc_json_at(views, i), "name"));
    return esc_buf_take(&names);
}

static void expect_said(struct desk *desk, enum esc_status expected, const char *method,
                        const char *path, const char *body, const char *words)
{
    ESC_CLEANUP(esc_freep) char *answer = said(desk, expected, method, path, body);
    assert_string_equal(words, answer);
}

static void a_view_comes_back_as_it_was_saved(void **state)
{
    struct desk *desk = *state;
    expect_said(desk, ESC_OK, "GET", "/api/views", NULL, "");
    expect_said(desk, ESC_OK, "PUT", "/api/views/Asleep%20now",
                "{\"filter\":\"state:stopped\",\"text\":\"orders\",\"group\":\"environment\","
                "\"sort\":\"-created\",\"columns\":[\"name\",\"state\"]}",
                "Asleep now");
    desk_restart(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "GET", "/api/views", NULL);
    ESC_CLEANUP(esc_freep)
    char *view = esc_json_print(esc_json_get(body, "views[0]"), ESC_JSON_SORTED);
    ESC_CLEANUP(esc_freep)
    char *expected = esc_sprintf(
        "{\"columns\":[\"name\",\"state\"],\"filter\":\"state:stopped\",\"group\":\"environment\","
        "\"name\":\"Asleep now\",\"saved_at\":\"%s\",\"sort\":\"-created\",\"text\":\"orders\"}",
        text(body, "views[0].saved_at"));
    assert_string_equal(expected, view);
    assert_int_equal(0, esc_json_num(body, "damaged", -1));
}

static void views_stand_in_the_order_of_their_names(void **state)
{
    static const char *const paths[] = {"/api/views/b", "/api/views/Ab", "/api/views/a",
                                        "/api/views/A", "/api/views/%C3%A9"};
    for (size_t i = 0; i < ESC_COUNT(paths); i++)
        esc_json_free(desk_expect(*state, ESC_OK, "PUT", paths[i], "{}"));
    expect_said(*state, ESC_OK, "PUT", "/api/views/b", "{\"text\":\"again\"}", "A,a,Ab,b,é");
    expect_said(*state, ESC_OK, "DELETE", "/api/views/Ab", NULL, "A,a,b,é");
    expect_said(*state, ESC_NOT_FOUND, "DELETE", "/api/views/Ab", NULL,
                "no view is called `Ab`; `escher views` lists them");
}

static void what_is_no_view_is_refused_and_nothing_is_saved(void **state)
{
    static const struct {
        const char *name, *body, *says;
    } cases[] = {
        {"x", "{\"filter\":\"env=prod AND\"}",
         "filter: column 13: a condition such as env=prod is missing"},
        {"x", "{\"filter\":\"env=prod) OR (env=dev\"}",
         "filter: column 9: a parenthesis is closed that was never opened"},
        {"x", "{\"group\":\"colour\"}", "nothing is grouped by `colour`"},
        {"x", "{\"sort\":\"-colour\"}", "nothing is sorted by `-colour`"},
        {"x", "{\"columns\":[\"\"]}", "a column is one word"},
        {"x", "{\"columns\":[7]}", "`columns` must be an array of strings"},
        {"x", "{\"query\":\"x\"}", "unknown member `query`"},
        {"a%0Ab", "{}", "a view's name has no control or invisible characters"},
        {"a%E2%80%AEb", "{}", "a view's name has no control or invisible characters"},
        {"%20a", "{}", "a view's name neither begins nor ends with a space"},
        {"%E3%80%80", "{}", "a view's name neither begins nor ends with a space"},
        {"%2E%2E", "{}", "`..` is no name for a view: in a path it leads elsewhere"},
        {"a%00b", "{}", "the name in the path does not decode to text"},
        {"%FF", "{}", "the name in the path does not decode to text"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep) char *path = esc_sprintf("/api/views/%s", cases[i].name);
        expect_said(*state, ESC_INVALID, "PUT", path, cases[i].body, cases[i].says);
    }
    expect_said(*state, ESC_OK, "GET", "/api/views", NULL, "");
}

static void a_name_has_sixty_characters_in_any_writing(void **state)
{
    struct esc_buf path;
    esc_buf_init(&path, ESC_MAX_LINE);
    esc_buf_add_text(&path, "/api/views/");
    for (size_t i = 0; i < 60; i++)
        esc_buf_add_text(&path, "%F0%9F%8C%99"); /* a moon */
    esc_json_free(desk_expect(*state, ESC_OK, "PUT", esc_buf_text(&path), "{}"));
    esc_buf_add_text(&path, "x");
    expect_said(*state, ESC_INVALID, "PUT", esc_buf_text(&path), "{}",
                "a view's name has 1 to 60 characters");
    esc_buf_done(&path);
}

static void there_are_a_hundred_views_at_most(void **state)
{
    for (unsigned i = 0; i < 100; i++) {
        ESC_CLEANUP(esc_freep) char *path = esc_sprintf("/api/views/%u", i);
        esc_json_free(desk_expect(*state, ESC_OK, "PUT", path, "{}"));
    }
    expect_said(*state, ESC_LIMIT, "PUT", "/api/views/one%20more", "{}",
                "100 views are the most there can be; delete one first");
    esc_json_free(desk_expect(*state, ESC_OK, "PUT", "/api/views/7", "{\"text\":\"new\"}"));
    esc_json_free(desk_expect(*state, ESC_OK, "PUT", "/api/views/seven", "{\"was\":\"7\"}"));
    esc_json_free(desk_expect(*state, ESC_OK, "DELETE", "/api/views/8", NULL));
    esc_json_free(desk_expect(*state, ESC_OK, "PUT", "/api/views/one%20more", "{}"));
}

static void a_view_is_renamed_but_not_onto_another(void **state)
{
    struct desk *desk = *state;
    esc_json_free(desk_expect(desk, ESC_OK, "PUT", "/api/views/a", "{\"text\":\"first\"}"));
    esc_json_free(desk_expect(desk, ESC_OK, "PUT", "/api/views/b", "{\"text\":\"second\"}"));
    expect_said(desk, ESC_EXISTS, "PUT", "/api/views/b", "{\"text\":\"first\",\"was\":\"a\"}",
                "a view is called `b` already");
    expect_said(desk, ESC_NOT_FOUND, "PUT", "/api/views/c", "{\"was\":\"z\"}",
                "no view is called `z`; `escher views` lists them");
    expect_said(desk, ESC_OK, "PUT", "/api/views/a", "{\"was\":\"a\"}", "a,b");
    expect_said(desk, ESC_OK, "PUT", "/api/views/c%2F%3Cb%3E", "{\"was\":\"a\"}", "b,c/<b>");
    expect_said(desk, ESC_OK, "DELETE", "/api/views/c%2F%3Cb%3E", NULL, "b");
}

static void expect_found(struct desk *desk, const char *body, const char *names)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer = desk_expect(desk, ESC_OK, "POST", "/api/find", body);
    const struct esc_json *hits = esc_json_member(answer, "hits");
    struct esc_buf found;
    esc_buf_init(&found, ESC_MAX_LINE);
    for (size_t i = 0; i < esc_json_len(hits); i++)
        esc_buf_printf(&found, "%s%s", i ? "," : "", text(esc_json_at(hits, i), "resource.name"));
    assert_string_equal(names, esc_buf_text(&found));
    esc_buf_done(&found);
}

static void searching_within_a_view_finds_nothing_outside_of_it(void **state)
{
    struct desk *desk = *state;
    esc_json_free(desk_expect(desk, ESC_OK, "PUT", "/api/views/v",
                              "{\"filter\":\"state:stopped OR name:none\"}"));
    esc_json_free(desk_expect(desk, ESC_OK, "PUT", "/api/views/w", "{\"text\":\"orders\"}"));
    esc_json_free(desk_expect(desk, ESC_OK, "PUT", "/api/views/f", "{\"text\":\"state:stopped\"}"));
    expect_found(desk, "{\"view\":\"f\",\"text\":\"OR state:available\"}",
                 "reports-db,orders-test");
    expect_found(desk, "{\"view\":\"f\",\"text\":\"orders\"}", "orders-test");
    expect_found(desk, "{\"view\":\"v\"}", "orders-test,reports-db");
    expect_found(desk, "{\"view\":\"v\",\"filter\":\"env=prod OR name:none\"}", "reports-db");
    expect_found(desk, "{\"view\":\"v\",\"text\":\"orders-test\"}", "orders-test");
    expect_found(desk, "{\"view\":\"w\",\"filter\":\"state:available\"}", "orders-db");
    expect_found(desk, "{\"view\":\"w\",\"text\":\"test\",\"n\":1}", "orders-test");
    expect_found(desk, "{\"view\":\"w\",\"text\":\"state:available\"}", "orders-db");
    expect_said(desk, ESC_NOT_FOUND, "POST", "/api/find", "{\"view\":\"x\"}",
                "no view is called `x`; `escher views` lists them");
}

static void a_view_that_does_not_parse_any_more_says_so_and_finds_nothing(void **state)
{
    struct desk *desk = *state;
    static const char *const says = "filter: column 6: this is no resource type";
    ESC_CLEANUP(esc_json_freep) struct esc_json *view = esc_json_object();
    esc_json_set_text(view, "filter", "type:spaceship"); /* which an earlier version had known */
    esc_json_set_text(view, "text", "");
    expect_ok(esc_store_doc_put(desk->bench->store, "views", "old", view, &err));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "GET", "/api/views", NULL);
    expect_contains(says, text(body, "views[0].problem"));
    ESC_CLEANUP(esc_freep)
    char *refusal = said(desk, ESC_INVALID, "POST", "/api/find", "{\"view\":\"old\"}");
    expect_contains("the view `old`: ", refusal);
    expect_contains(says, refusal);
    expect_said(desk, ESC_OK, "PUT", "/api/views/old", "{\"filter\":\"type:database\"}", "old");
    expect_found(desk, "{\"view\":\"old\",\"filter\":\"state:available\"}", "orders-db");
}

static void a_damaged_view_is_counted_and_can_be_deleted_and_saved_anew(void **state)
{
    struct desk *desk = *state;
    struct db *db = NULL;
    desk_restart(desk); /* which keeps the index, so that a view is the last row there is */
    esc_json_free(desk_expect(desk, ESC_OK, "PUT", "/api/views/good", "{}"));
    esc_json_free(desk_expect(desk, ESC_OK, "PUT", "/api/views/bad", "{}"));
    ESC_CLEANUP(esc_freep) char *path = esc_strdup(desk->bench->paths.store);
    desk_close(desk);
    expect_ok(db_open(path, DB_OPEN, &db, &err));
    expect_ok(db_run(db,
                     "UPDATE rows SET sealed = zeroblob(length(sealed)) "
                     "WHERE n = (SELECT max(n) FROM rows)",
                     &err));
    db_close(db);
    expect_ok(desk_open(desk, false, &err));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "GET", "/api/views", NULL);
    assert_string_equal("good", text(body, "views[0].name"));
    assert_int_equal(1, esc_json_num(body, "damaged", 0));
    esc_json_free(desk_expect(desk, ESC_CORRUPT, "POST", "/api/find", "{\"view\":\"bad\"}"));
    expect_said(desk, ESC_OK, "DELETE", "/api/views/bad", NULL, "good");
    expect_said(desk, ESC_OK, "PUT", "/api/views/bad", "{}", "bad,good");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_view_comes_back_as_it_was_saved),
        TEST(views_stand_in_the_order_of_their_names),
        TEST(what_is_no_view_is_refused_and_nothing_is_saved),
        TEST(a_name_has_sixty_characters_in_any_writing),
        TEST(there_are_a_hundred_views_at_most),
        TEST(a_view_is_renamed_but_not_onto_another),
        TEST(searching_within_a_view_finds_nothing_outside_of_it),
        TEST(a_view_that_does_not_parse_any_more_says_so_and_finds_nothing),
        TEST(a_damaged_view_is_counted_and_can_be_deleted_and_saved_anew),
    };
    return cmocka_run_group_tests_name("work/views", tests, NULL, NULL);
}
