/* SPDX-License-Identifier: Apache-2.0 */

/* What the core says of the estate wherever a page shows a part of it. */

#include "escher/store/document.h"
#include "escher/work/work_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

#define ROW(type, id, account, name, region, tags, relations)                                      \
    "{\"id\":\"" account "-" region "-" type "-" id                                                \
    "\",\"provider\":\"aws\",\"resource_type\":\"" type "\",\"identifier\":\"" id                  \
    "\",\"name\":\"" id "\",\"account_id\":\"" account "\",\"account_name\":\"" name               \
    "\",\"region\":\"" region "\",\"arn\":\"arn:aws:x:" region ":" account ":" id                  \
    "\",\"state\":\"available\",\"tags\":" tags                                                    \
    ",\"metadata\":{},\"constraints\":{},\"relations\":" relations                                 \
    ",\"last_synced\":\"2026-11-20T07:00:00Z\"}\n"

#define REPLICA DESK_ACCOUNT "-us-west-2-rds_instance-orders-replica"

static const char lines[] =
    ROW("rds_instance", "orders-db", DESK_ACCOUNT, "main", "us-west-2", "{\"stage\":\"Live\"}",
        "[{\"kind\":\"replicated_to\",\"target\":\"" REPLICA
        "\"},{\"kind\":\"in_vpc\",\"target\":\"elsewhere\"}]")
        ROW("rds_instance", "orders-replica", DESK_ACCOUNT, "main", "us-west-2",
            "{\"env\":\"preprod\"}", "[]")
            ROW("rds_snapshot", "orders-snap", "987654321098", "team-dev", "eu-west-1", "{}", "[]")
                ROW("s3_bucket", "orders-bucket", DESK_ACCOUNT, "main", "us-west-2", "{}", "[]");

static const struct {
    const char *name, *environment;
} known[] = {{"orders-db", "production"},
             {"orders-replica", "staging"},
             {"orders-snap", "development"},
             {"orders-bucket", ""}};

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

static void expect_environment(const struct esc_json *entry, const struct esc_json *resource)
{
    for (size_t i = 0; i < ESC_COUNT(known); i++) {
        if (esc_text_equal(known[i].name, text(resource, "name")))
            assert_string_equal(known[i].environment, text(entry, "environment"));
    }
}

/* Every member of an array; @p path leads from one to its resource. */
static void expect_environments(const struct esc_json *body, const char *array, const char *path)
{
    const struct esc_json *entries = esc_json_get(body, array);
    assert_true(esc_json_len(entries) > 0);
    for (size_t i = 0; i < esc_json_len(entries); i++) {
        const struct esc_json *entry = esc_json_at(entries, i);
        expect_environment(entry, *path ? esc_json_member(entry, path) : entry);
    }
}

static void the_environment_is_said_in_one_way_everywhere(void **state)
{
    static const struct {
        const char *path, *body, *array, *resource;
    } calls[] = {
        {"/api/find", "{\"text\":\"orders\"}", "hits", "resource"},
        {"/api/complete", "{\"prefix\":\"orders\"}", "resources", ""},
        {"/api/estate/query", "{}", "rows", ""},
        {"/api/resolve", "{\"prompt\":\"show orders-db\"}", "mentions[0].resources", ""},
        {"/api/resolve", "{\"prompt\":\"show orders-dbx\"}", "near[0].resources", ""},
        {"/api/ask", "{\"prompt\":\"List all databases\"}", "hits", "resource"},
    };
    for (size_t i = 0; i < ESC_COUNT(calls); i++) {
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *body = desk_expect(*state, ESC_OK, "POST", calls[i].path, calls[i].body);
        expect_environments(body, calls[i].array, calls[i].resource);
    }
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *shown =
        desk_expect(*state, ESC_OK, "POST", "/api/show", "{\"text\":\"orders-db\"}");
    expect_environment(shown, esc_json_member(shown, "resource"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *near = desk_expect(*state, ESC_OK, "POST", "/api/ask",
                                        "{\"prompt\":\"Stop orders-dbx\"," DESK_KEYS "}");
    expect_environments(near, "choices", "resource");
}

static void a_relation_tells_who_is_at_the_other_side(void **state)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *shown =
        desk_expect(*state, ESC_OK, "POST", "/api/show", "{\"text\":\"orders-db\"}");
    assert_string_equal(REPLICA, text(shown, "relations[0].target"));
    assert_string_equal("rds_instance", text(shown, "relations[0].resource.resource_type"));
    assert_string_equal("available", text(shown, "relations[0].resource.state"));
    assert_string_equal("main", text(shown, "relations[0].resource.account_name"));
    assert_string_equal("us-west-2", text(shown, "relations[0].resource.region"));
    assert_string_equal("staging", text(shown, "relations[0].resource.environment"));
    assert_string_equal("elsewhere", text(shown, "relations[1].target"));
    assert_null(esc_json_get(shown, "relations[1].resource")); /* not in the estate */
}

/* A call that was denied: of a type, or for details of a service (no type). */
static void add_gap(struct desk *desk, const char *account, const char *region, const char *service,
                    const char *type)
{
    ESC_CLEANUP(esc_freep) char *key = esc_sprintf("%s-%s-%s", account, region, service);
    ESC_CLEANUP(esc_json_freep) struct esc_json *cell = esc_json_object();
    esc_json_set_text(cell, "account_id", account);
    esc_json_set_text(cell, "account_name", esc_text_equal(account, DESK_ACCOUNT) ? "main" : "dev");
    esc_json_set_text(cell, "region", region);
    esc_json_set_bool(cell, "all_regions", esc_text_equal(service, "s3"));
    esc_json_set_text(cell, "service", service);
    if (type)
        esc_json_set_text(cell, "resource_type", type);
    esc_json_set_text(cell, "state", "denied");
    expect_ok(esc_store_doc_put(desk->bench->store, "coverage", key, cell, &err));
}

static void what_was_not_seen_is_told_where_it_is_asked_for(void **state)
{
    static const struct {
        const char *filter;
        const char *services; /* of the gaps, in the order they were added */
    } cases[] = {
        {"", "rds lambda s3 ec2"},
        {"type:rds_instance", "rds"},
        {"account:dev", "ec2"},
        {"account:main AND region:eu-west-1", "s3"},
        {"type:ec2_instance", "ec2"},
        {"type:s3_bucket OR type:ec2_instance", "s3 ec2"},
        {"NOT account:main", "ec2"},
        {"name:orders-db", "rds lambda s3 ec2"},
        {"env=prod AND region:us-west-2", "rds lambda s3"},
    };
    add_gap(*state, DESK_ACCOUNT, "us-west-2", "rds", "rds_instance");
    add_gap(*state, DESK_ACCOUNT, "us-west-2", "lambda", "lambda_function");
    add_gap(*state, DESK_ACCOUNT, "us-west-2", "s3", "s3_bucket");
    add_gap(*state, "987654321098", "us-east-1", "ec2", NULL);
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep) char *body = esc_sprintf("{\"filter\":\"%s\"}", cases[i].filter);
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *page = desk_expect(*state, ESC_OK, "POST", "/api/estate/query", body);
        const struct esc_json *gaps = esc_json_member(page, "gaps");
        struct esc_buf services;
        esc_buf_init(&services, ESC_MAX_LINE);
        for (size_t k = 0; k < esc_json_len(gaps); k++)
            esc_buf_printf(&services, "%s%s", k ? " " : "", text(esc_json_at(gaps, k), "service"));
        assert_string_equal(cases[i].services, esc_buf_text(&services));
        esc_buf_done(&services);
    }
}

static void rows_of_a_group_stand_together_and_the_groups_say_where(void **state)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page =
        desk_expect(*state, ESC_OK, "POST", "/api/estate/query",
                    "{\"group\":\"environment\",\"sort\":\"-name\",\"offset\":1,\"limit\":2}");
    static const struct {
        const char *value;
        int count, offset;
    } groups[] = {{"development", 1, 0}, {"production", 1, 1}, {"staging", 1, 2}, {"", 1, 3}};
    assert_int_equal(ESC_COUNT(groups), esc_json_len(esc_json_member(page, "groups")));
    for (size_t i = 0; i < ESC_COUNT(groups); i++) {
        const struct esc_json *group = esc_json_at(esc_json_member(page, "groups"), i);
        assert_string_equal(groups[i].value, text(group, "value"));
        assert_int_equal(groups[i].count, esc_json_num(group, "count", 0));
        assert_int_equal(groups[i].offset, esc_json_num(group, "offset", -1));
    }
    assert_string_equal("orders-db", text(page, "rows[0].name"));
    assert_string_equal("orders-replica", text(page, "rows[1].name"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *accounts = desk_expect(*state, ESC_OK, "POST", "/api/estate/query",
                                            "{\"group\":\"account\",\"sort\":\"-name\"}");
    assert_string_equal("main", text(accounts, "groups[0].label"));
    assert_int_equal(3, esc_json_num(accounts, "groups[0].count", 0));
    assert_string_equal("orders-replica", text(accounts, "rows[0].name"));
    assert_string_equal("orders-bucket", text(accounts, "rows[2].name"));
    assert_int_equal(3, esc_json_num(accounts, "groups[1].offset", 0));
    assert_string_equal("orders-snap", text(accounts, "rows[3].name"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *refused =
        desk_expect(*state, ESC_INVALID, "POST", "/api/estate/query", "{\"group\":\"colour\"}");
    expect_contains("colour", text(refused, "message"));
}

static void a_plan_that_waits_says_until_when(void **state)
{
    struct desk *desk = *state;
    desk_add_account(desk);
    desk_add_database(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *plan = desk_expect(desk, ESC_OK, "POST", "/api/ask",
                                        "{\"prompt\":\"Stop pg-instance-main1\"," DESK_KEYS "}");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *home = desk_expect(desk, ESC_OK, "GET", "/api/home", NULL);
    assert_string_equal(text(plan, "plan_hash"), text(home, "waiting[0].plan_hash"));
    assert_string_equal(text(plan, "expires_at"), text(home, "waiting[0].expires_at"));
    desk->clock.wall_ms += 16 * 60 * 1000;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *later = desk_expect(desk, ESC_OK, "GET", "/api/home", NULL);
    assert_int_equal(0, esc_json_len(esc_json_member(later, "waiting")));
}

/* Several share a name, and only some of them can be stopped. */
static const char namesakes[] =
    ROW("rds_snapshot", "twin-db1", DESK_ACCOUNT, "main", "us-west-2", "{}", "[]")
        ROW("s3_bucket", "twin-db1", DESK_ACCOUNT, "main", "us-west-2", "{}", "[]")
            ROW("rds_instance", "twin-db1", DESK_ACCOUNT, "main", "us-west-2", "{}", "[]")
                ROW("s3_bucket", "pair-db1", DESK_ACCOUNT, "main", "us-west-2", "{}", "[]")
                    ROW("rds_snapshot", "pair-db1", DESK_ACCOUNT, "main", "us-west-2", "{}", "[]");

static void what_cannot_be_stopped_is_no_choice_for_stopping(void **state)
{
    static const struct {
        const char *prompt, *types; /* of the choices */
    } cases[] = {
        {"Stop twin-db1", "rds_instance"},
        {"Stop pair-db1", "rds_snapshot s3_bucket"}, /* nothing fits: all of them */
        {"Stop twni-db1", "rds_instance"},
        {"Stop orders-snp", "rds_snapshot"}, /* the only one that is spelt nearly so */
        {"What is twin-db1?", "rds_instance rds_snapshot s3_bucket"},
    };
    ESC_CLEANUP(esc_freep) char *body = desk_lines(namesakes);
    esc_json_free(desk_expect(*state, ESC_OK, "POST", "/api/estate/import", body));
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep)
        char *ask = esc_sprintf("{\"prompt\":\"%s\"," DESK_KEYS "}", cases[i].prompt);
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *answer = desk_expect(*state, ESC_OK, "POST", "/api/ask", ask);
        assert_string_equal("question", text(answer, "kind"));
        const struct esc_json *choices = esc_json_member(answer, "choices");
        struct esc_buf types;
        esc_buf_init(&types, ESC_MAX_LINE);
        for (size_t k = 0; k < esc_json_len(choices); k++)
            esc_buf_printf(&types, "%s%s", k ? " " : "",
                           text(esc_json_at(choices, k), "resource.resource_type"));
        assert_string_equal(cases[i].types, esc_buf_text(&types));
        esc_buf_done(&types);
    }
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *chips =
        desk_expect(*state, ESC_OK, "POST", "/api/resolve", "{\"prompt\":\"Stop twin-db1\"}");
    assert_int_equal(1, esc_json_len(esc_json_get(chips, "mentions[0].resources")));
    assert_int_equal(3, esc_json_num(chips, "mentions[0].count", 0)); /* still a choice */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_environment_is_said_in_one_way_everywhere),
        TEST(a_relation_tells_who_is_at_the_other_side),
        TEST(what_was_not_seen_is_told_where_it_is_asked_for),
        TEST(rows_of_a_group_stand_together_and_the_groups_say_where),
        TEST(a_plan_that_waits_says_until_when),
        TEST(what_cannot_be_stopped_is_no_choice_for_stopping),
    };
    return cmocka_run_group_tests_name("work/pages", tests, NULL, NULL);
}
