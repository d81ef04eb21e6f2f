/* SPDX-License-Identifier: Apache-2.0 */

/* From a question to a plan that waits, and what becomes of the plan. */

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/num.h"
#include "escher/store/blocks_private.h"
#include "escher/work/work_private.h"
#include "tests/work/desk.h"

#define NAMESAKE(region) DESK_ACCOUNT "-" region "-rds_instance-pg-instance-main1"
static const char question[] = "{\"prompt\":\"Stop pg-instance-main1\"," DESK_KEYS "}";
static const char consent[] = "{\"confirm\":\"pg-instance-main1\"," DESK_KEYS "}";

static int setup(void **state)
{
    (void)desk_setup(state); /* it fails by ending the test */
    desk_add_account(*state);
    desk_add_database(*state);
    return 0;
}

static const char *text(const struct esc_json *json, const char *path)
{
    return esc_json_str(json, path, "");
}

/* Asks, expects a plan, and gives "/api/plans/HASH" with @p act behind it; owned by the caller. */
static char *plan_path(struct desk *desk, const char *act)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "POST", "/api/ask", question);
    assert_string_equal("plan", text(body, "kind"));
    assert_string_equal("stale", text(body, "status")); /* exit 6: it waits */
    return esc_sprintf("/api/plans/%s%s", text(body, "plan_hash"), act);
}

static void expect_message(struct desk *desk, enum esc_status status, const char *path,
                           const char *body, const char *part)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer = desk_expect(desk, status, "POST", path, body);
    expect_contains(part, text(answer, "message"));
}

static void expect_nothing_was_done(struct desk *desk)
{
    assert_int_equal(0, desk_cloud_calls(desk, "stop-db-instance"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *runs = desk_expect(desk, ESC_OK, "GET", "/api/runs", NULL);
    assert_int_equal(0, esc_json_len(esc_json_member(runs, "runs")));
}

static void a_question_leads_to_a_plan_that_waits_and_nothing_else(void **state)
{
    ESC_CLEANUP(esc_freep) char *path = plan_path(*state, "");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *kept = desk_expect(*state, ESC_OK, "GET", path, NULL);
    assert_string_equal("awaiting_approval", text(kept, "state"));
    assert_string_equal("Stop pg-instance-main1", text(kept, "prompt"));
    assert_null(esc_json_member(kept, "request"));
    expect_nothing_was_done(*state);
}

static void an_approved_plan_runs_and_the_result_is_verified(void **state)
{
    ESC_CLEANUP(esc_freep) char *path = plan_path(*state, "/approve");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *run = desk_expect(*state, ESC_OK, "POST", path, consent);
    assert_string_equal("succeeded", text(run, "outcome"));
    assert_true(esc_json_flag(run, "verification[0].ok", false));
    assert_int_equal(1, desk_cloud_calls(*state, "stop-db-instance"));
}

/* The one message of the assistant in the conversation; owned by the caller. */
static struct esc_json *answered(struct desk *desk, const char *conversation)
{
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("/api/chat/%s", conversation);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *chat = desk_expect(desk, ESC_OK, "GET", path, NULL);
    assert_string_equal("assistant", text(chat, "messages[1].role"));
    return esc_json_copy(esc_json_get(chat, "messages[1]"));
}

static void what_was_shown_is_there_when_somebody_comes_back(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "POST", "/api/ask", question);
    esc_json_remove(body, "response"); /* what the planner said is not shown */
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *before = answered(desk, text(body, "conversation"));
    assert_true(esc_json_equal(body, esc_json_member(before, "card")));
    assert_null(esc_json_member(before, "run_id"));
    desk_restart(desk);
    ESC_CLEANUP(esc_freep)
    char *path = esc_sprintf("/api/plans/%s/approve", text(body, "plan_hash"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *run = desk_expect(desk, ESC_OK, "POST", path, consent);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *after = answered(desk, text(body, "conversation"));
    assert_true(esc_json_equal(body, esc_json_member(after, "card")));
    assert_string_equal(text(run, "run_id"), text(after, "run_id"));
}

static void the_log_says_when_lines_came_and_is_searched_by_pattern(void **state)
{
    const uint64_t began_ms = esc_clock_wall_ms(esc_clock_system()); /* of the helper, too */
    ESC_CLEANUP(esc_freep) char *path = plan_path(*state, "/approve");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *run = desk_expect(*state, ESC_OK, "POST", path, consent);
    ESC_CLEANUP(esc_freep) char *log_path = esc_sprintf("/api/runs/%s/log", text(run, "run_id"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *log = desk_expect(*state, ESC_OK, "POST", log_path, NULL);
    const struct esc_json *lines = esc_json_member(log, "lines");
    assert_true(esc_json_len(lines) > 0);
    for (size_t i = 0; i < esc_json_len(lines); i++)
        assert_true((uint64_t)esc_json_num(esc_json_at(lines, i), "at_ms", 0) >= began_ms);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *plain =
        desk_expect(*state, ESC_OK, "POST", log_path, "{\"search\":\"engine\\\\w+\"}");
    assert_int_equal(0, esc_json_num(plain, "matches.total", -1));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *regex = desk_expect(*state, ESC_OK, "POST", log_path,
                                         "{\"search\":\"engine\\\\w+\",\"regex\":true}");
    assert_int_equal(1, esc_json_num(regex, "matches.total", -1));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *refused =
        desk_expect(*state, ESC_INVALID, "POST", log_path, "{\"search\":\"a(\",\"regex\":true}");
    expect_contains("byte 3", text(refused, "message"));
}

static void two_approvals_at_once_are_one_run(void **state)
{
    struct desk_call first, second;
    ESC_CLEANUP(esc_freep) char *path = plan_path(*state, "/approve");
    desk_start(*state, "POST", path, consent, &first);
    desk_start(*state, "POST", path, consent, &second);
    desk_wait(*state, &second);
    assert_int_equal(ESC_STALE, second.status);
    expect_contains("approved", text(second.body, "message"));
    desk_wait(*state, &first);
    assert_int_equal(ESC_OK, first.status);
    desk_call_done(&first);
    desk_call_done(&second);
    expect_message(*state, ESC_STALE, path, consent, "was approved and run");
    assert_int_equal(1, desk_cloud_calls(*state, "stop-db-instance"));
}

static void an_approval_that_does_not_fit_changes_nothing(void **state)
{
    static const struct {
        const char *body;
        enum esc_status status;
    } rows[] = {
        {"{" DESK_KEYS "}", ESC_STALE},
        {"{\"confirm\":\"\"," DESK_KEYS "}", ESC_STALE},
        {"{\"confirm\":\"pg-instance-main2\"," DESK_KEYS "}", ESC_STALE},
        {"{\"confirm\":\"PG-INSTANCE-MAIN1\"," DESK_KEYS "}", ESC_STALE},
        {"{\"confirm\":\"pg-instance-main1 \"," DESK_KEYS "}", ESC_STALE},
        {"{\"confirm\":\"yes\"," DESK_KEYS "}", ESC_STALE},
        {"{\"confirm\":7," DESK_KEYS "}", ESC_INVALID},
    };
    ESC_CLEANUP(esc_freep) char *path = plan_path(*state, "/approve");
    for (size_t i = 0; i < ESC_COUNT(rows); i++) {
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *body = desk_expect(*state, rows[i].status, "POST", path, rows[i].body);
        assert_true(strlen(text(body, "message")) > 0);
    }
    expect_nothing_was_done(*state);
    esc_json_free(desk_expect(*state, ESC_OK, "POST", path, consent)); /* the right one still may */
}

static void no_other_hash_approves(void **state)
{
    ESC_CLEANUP(esc_freep) char *path = plan_path(*state, "/approve");
    char *digit = path + strlen("/api/plans/");
    const char kept = *digit;
    *digit = kept == '0' ? '1' : '0';
    expect_message(*state, ESC_NOT_FOUND, path, consent, "no plan has the hash");
    *digit = kept;
    static const char *const others[] = {"/api/plans/x/approve", "/api/plans/%2e%2e/approve"};
    for (size_t i = 0; i < ESC_COUNT(others); i++)
        expect_message(*state, ESC_NOT_FOUND, others[i], consent, "no plan has the hash");
    expect_nothing_was_done(*state);
}

static void a_plan_waits_fifteen_minutes(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_freep) char *path = plan_path(desk, "/approve");
    esc_clock_fixed_advance(&desk->clock, 15 * 60 * 1000 + 1);
    expect_message(desk, ESC_STALE, path, consent, "");
    expect_nothing_was_done(desk);
}

static void a_plan_may_be_approved_until_then(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_freep) char *path = plan_path(desk, "/approve");
    esc_clock_fixed_advance(&desk->clock, 15 * 60 * 1000 - 1);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", path, consent));
}

static void a_plan_waits_through_a_restart(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_freep) char *path = plan_path(desk, "");
    desk_restart(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *kept = desk_expect(desk, ESC_OK, "GET", path, NULL);
    assert_string_equal("awaiting_approval", text(kept, "state"));
}

static void asking_again_gives_another_life_to_the_same_plan(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_freep) char *first = plan_path(desk, "/approve");
    esc_clock_fixed_advance(&desk->clock, 15 * 60 * 1000 + 1);
    ESC_CLEANUP(esc_freep) char *second = plan_path(desk, "/approve");
    assert_string_equal(first, second); /* nothing of the plan has changed */
    esc_json_free(desk_expect(desk, ESC_OK, "POST", second, consent));
}

static void a_discarded_plan_is_never_approved(void **state)
{
    ESC_CLEANUP(esc_freep) char *discard = plan_path(*state, "/discard");
    ESC_CLEANUP(esc_freep) char *approve = plan_path(*state, "/approve");
    esc_json_free(desk_expect(*state, ESC_OK, "POST", discard, NULL));
    expect_message(*state, ESC_STALE, approve, consent, "was discarded");
    expect_message(*state, ESC_CONFLICT, discard, NULL, "was discarded");
    expect_nothing_was_done(*state);
}

static void a_target_that_changed_after_the_plan_is_not_touched(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_freep) char *path = plan_path(desk, "/approve");
    desk_cloud_put(desk, "describe-db-instances.json",
                   "{\"DBInstances\":[{\"DBInstanceIdentifier\":\"pg-instance-main1\","
                   "\"Engine\":\"postgres\",\"EngineVersion\":\"14.7\",\"MultiAZ\":true,"
                   "\"DBInstanceStatus\":\"available\",\"DeletionProtection\":false,"
                   "\"ReadReplicaDBInstanceIdentifiers\":[\"a-replica\"],\"TagList\":[]}]}");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *run = desk_expect(desk, ESC_STALE, "POST", path, consent);
    assert_string_equal("stale", text(run, "outcome"));
    assert_int_equal(0, desk_cloud_calls(desk, "stop-db-instance"));
}

/* A change that may be tried again, for it does nothing twice. */
static void a_target_that_changed_between_two_attempts_is_not_touched(void **state)
{
    struct desk *desk = *state;
    desk_cloud_put(desk, "describe-db-instances.json",
                   "{\"DBInstances\":[{\"DBInstanceIdentifier\":\"pg-instance-main1\","
                   "\"Engine\":\"postgres\",\"DBInstanceStatus\":\"available\","
                   "\"DeletionProtection\":false,\"TagList\":[]}]}");
    desk_cloud_put(desk, "modify-db-instance.sh",
                   "sed -i s/available/backing-up/ \"$here/describe-db-instances.json\"\n"
                   "echo 'An error occurred (Throttling) when calling the ModifyDBInstance"
                   " operation: Rate exceeded' >&2\nexit 254\n");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(
        desk, ESC_OK, "POST", "/api/ask",
        "{\"prompt\":\"turn on deletion protection of pg-instance-main1\"," DESK_KEYS "}");
    ESC_CLEANUP(esc_freep)
    char *path = esc_sprintf("/api/plans/%s/approve", text(body, "plan_hash"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *run = desk_expect(desk, ESC_STALE, "POST", path, consent);
    assert_string_equal("stale", text(run, "outcome"));
    assert_int_equal(1, desk_cloud_calls(desk, "modify-db-instance"));
}

static void a_target_that_is_there_already_needs_no_plan(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_freep) char *path = plan_path(desk, "/approve");
    esc_json_free(desk_expect(desk, ESC_OK, "POST", path, consent));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "POST", "/api/ask", question);
    assert_string_equal("answer", text(body, "kind"));
    assert_string_equal("ok", text(body, "status"));
    expect_contains("already stopped", text(body, "text"));
}

/* One more that is called as the desk's database is, elsewhere. */
static void import_namesake(struct desk *desk, const char *region)
{
    ESC_CLEANUP(esc_freep)
    char *line = esc_sprintf(
        "{\"id\":\"" NAMESAKE(
            "%s") "\",\"provider\":\"aws\",\"resource_type\":\"rds_instance\","
                  "\"identifier\":\"pg-instance-main1\",\"name\":\"pg-instance-main1\","
                  "\"arn\":\"arn:aws:rds:%s:" DESK_ACCOUNT ":db:pg-instance-main1\","
                  "\"account_id\":\"" DESK_ACCOUNT "\",\"account_name\":\"production\","
                  "\"region\":\"%s\",\"state\":\"available\",\"tags\":{},\"metadata\":{},"
                  "\"constraints\":{},\"relations\":[],\"last_synced\":\"2026-11-21T07:00:00Z\"}",
        region, region, region);
    ESC_CLEANUP(esc_freep) char *body = desk_lines(line);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/estate/import", body));
}

/* Nothing of the resource can be read but that its row is there. What is kept of its block stays,
 * as it does when a disk forgets. */
static void damage(struct desk *desk, const char *id)
{
    struct esc_error err;
    char hex[2 * BLIND_SIZE + 1];
    struct esc_store *store = desk->bench->store;
    const struct blind blind = keys_blind(store->keys, "id", "cloud_estate", esc_str_of(id));
    esc_hex(blind.bytes, BLIND_SIZE, hex);
    ESC_CLEANUP(esc_freep)
    char *sql =
        esc_sprintf("UPDATE rows SET sealed = zeroblob(length(sealed)) WHERE id = x'%s'", hex);
    expect_ok(esc_store_begin(store, &err));
    expect_ok(db_run(store->db, sql, &err));
    expect_ok(esc_store_commit(store, &err));
}

/* A core that writes keeps the index of it as soon as nothing else is to be done. */
static void keep_index(struct desk *desk)
{
    work_index_keep_now(desk->bench);
    desk_restart(desk); /* every block is one that was kept, so no row is opened */
    assert_null(desk->bench->keeping);
}

/* Nothing is kept, so the start opens every row. */
static void forget_index(struct desk *desk)
{
    struct esc_error err;
    struct esc_store *store = desk->bench->store;
    ESC_CLEANUP(esc_freep) int64_t *blocks = NULL;
    size_t count = 0;
    expect_ok(esc_store_blocks(store, &blocks, &count, &err));
    expect_ok(esc_store_begin(store, &err));
    for (size_t i = 0; i < count; i++)
        blocks_touch(store, blocks[i] * ESC_BLOCK_ROWS, false);
    expect_ok(esc_store_commit(store, &err));
}

/* The question that is left when one of the two rows of the name cannot be read. */
static void expect_asked_which(struct desk *desk)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "POST", "/api/ask", question);
    assert_string_equal("ambiguous", text(body, "status"));
    assert_int_equal(1, esc_json_len(esc_json_member(body, "choices")));
    assert_string_equal(DESK_DATABASE, text(body, "choices[0].id"));
    expect_contains("1 row ", text(body, "text"));
    expect_contains("`escher sync`", text(body, "text"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *plan = desk_expect(desk, ESC_OK, "POST", "/api/ask",
                                        "{\"prompt\":\"Stop pg-instance-main1\",\"resources\":"
                                        "[\"" DESK_DATABASE "\"]," DESK_KEYS "}");
    assert_string_equal("plan", text(plan, "kind"));
}

/* Nobody knows what the damaged row is called. */
static void a_name_that_a_damaged_row_may_have_too_is_asked_about(void **state)
{
    struct desk *desk = *state;
    import_namesake(desk, "eu-west-1");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *both = desk_expect(desk, ESC_OK, "POST", "/api/ask", question);
    assert_int_equal(2, esc_json_len(esc_json_member(both, "choices")));
    damage(desk, NAMESAKE("eu-west-1"));
    forget_index(desk);
    desk_restart(desk);
    assert_non_null(desk->bench->unreadable);
    expect_asked_which(desk);
}

/* The index was kept when the row was whole, so the name is known. */
static void a_name_that_a_damaged_row_has_too_is_asked_about(void **state)
{
    struct desk *desk = *state;
    import_namesake(desk, "eu-west-1");
    keep_index(desk);
    damage(desk, NAMESAKE("eu-west-1"));
    desk_restart(desk);
    assert_null(desk->bench->unreadable);
    expect_asked_which(desk);
}

static void of_a_name_that_several_have_the_damaged_one_is_told_and_no_choice(void **state)
{
    struct desk *desk = *state;
    import_namesake(desk, "eu-west-1");
    import_namesake(desk, "eu-west-3");
    keep_index(desk);
    damage(desk, NAMESAKE("eu-west-1"));
    desk_restart(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "POST", "/api/ask", question);
    assert_string_equal("ambiguous", text(body, "status"));
    assert_int_equal(2, esc_json_len(esc_json_member(body, "choices")));
    assert_string_equal(NAMESAKE("eu-west-3"), text(body, "choices[0].id"));
    assert_string_equal(DESK_DATABASE, text(body, "choices[1].id"));
    expect_contains("1 row ", text(body, "text"));
}

static void a_name_that_damaged_rows_alone_have_is_no_question(void **state)
{
    struct desk *desk = *state;
    keep_index(desk);
    damage(desk, DESK_DATABASE);
    desk_restart(desk);
    expect_message(desk, ESC_CORRUPT, "/api/ask", question, "`escher sync`");
    expect_nothing_was_done(desk);
}

static void keys_of_another_account_are_refused(void **state)
{
    static const char other[] =
        "{\"prompt\":\"Stop pg-instance-main1\",\"environment\":{\"AWS_ACCESS_KEY_ID\":"
        "\"AK999999999999\",\"AWS_SECRET_ACCESS_KEY\":\"x\"}}";
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(*state, ESC_BLOCKED, "POST", "/api/ask", other);
    expect_contains("999999999999", text(body, "message"));
    expect_contains(DESK_ACCOUNT, text(body, "message"));
    assert_int_equal(0, desk_cloud_calls(*state, "describe-db-instances"));
}

static void a_planner_elsewhere_needs_the_persons_word(void **state)
{
    static const struct {
        const char *more, *part;
    } rows[] = {
        {"\"planner\":\"https://planner.example\"", "--mode full"},
        {"\"planner\":\"https://planner.example\",\"mode\":\"local\"", "--mode full"},
        {"\"planner\":\"https://planner.example\",\"mode\":\"placeholder\"", "--mode"},
        {"\"planner\":\"http://planner.example\",\"mode\":\"full\"", "https"},
        {"\"planner\":\"http://127.0.0.1:80@planner.example\",\"mode\":\"full\"", "https"},
        {"\"planner\":\"http://localhost:80@planner.example/\",\"mode\":\"full\"", "https"},
        {"\"planner\":\"http://localhost.planner.example\",\"mode\":\"full\"", "https"},
        {"\"planner\":\"https://user@planner.example\",\"mode\":\"full\"", "https"},
        {"\"planner\":\"file:///etc/passwd\",\"mode\":\"full\"", "https"},
        {"\"planner\":\"\",\"mode\":\"full\"", "https"},
        {"\"planner\":\"https://planner.example\",\"mode\":\"full\"", "token"},
        {"\"planner\":\"https://planner.example\",\"mode\":\"full\",\"planner_token\":\"\"",
         "token"},
    };
    for (size_t i = 0; i < ESC_COUNT(rows); i++) {
        ESC_CLEANUP(esc_freep)
        char *body = esc_sprintf("{\"prompt\":\"Stop pg-instance-main1\",%s}", rows[i].more);
        expect_message(*state, ESC_INVALID, "/api/ask", body, rows[i].part);
    }
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *chats = desk_expect(*state, ESC_OK, "GET", "/api/chat", NULL);
    assert_int_equal(0, esc_json_len(esc_json_member(chats, "conversations")));
}

static void a_demo_approval_is_for_emulators_only(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_freep) char *path = plan_path(desk, "/approve");
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/accounts",
                              "{\"id\":\"" DESK_ACCOUNT "\",\"name\":\"production\"}"));
    expect_message(desk, ESC_BLOCKED, path,
                   "{\"by\":\"yes-demo\",\"confirm\":\"pg-instance-main1\"," DESK_KEYS "}",
                   "emulator");
    expect_nothing_was_done(desk);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_question_leads_to_a_plan_that_waits_and_nothing_else),
        TEST(an_approved_plan_runs_and_the_result_is_verified),
        TEST(what_was_shown_is_there_when_somebody_comes_back),
        TEST(the_log_says_when_lines_came_and_is_searched_by_pattern),
        TEST(two_approvals_at_once_are_one_run),
        TEST(an_approval_that_does_not_fit_changes_nothing),
        TEST(no_other_hash_approves),
        TEST(a_plan_waits_fifteen_minutes),
        TEST(a_plan_may_be_approved_until_then),
        TEST(a_plan_waits_through_a_restart),
        TEST(asking_again_gives_another_life_to_the_same_plan),
        TEST(a_discarded_plan_is_never_approved),
        TEST(a_target_that_changed_after_the_plan_is_not_touched),
        TEST(a_target_that_changed_between_two_attempts_is_not_touched),
        TEST(a_target_that_is_there_already_needs_no_plan),
        TEST(a_name_that_a_damaged_row_may_have_too_is_asked_about),
        TEST(a_name_that_a_damaged_row_has_too_is_asked_about),
        TEST(of_a_name_that_several_have_the_damaged_one_is_told_and_no_choice),
        TEST(a_name_that_damaged_rows_alone_have_is_no_question),
        TEST(keys_of_another_account_are_refused),
        TEST(a_planner_elsewhere_needs_the_persons_word),
        TEST(a_demo_approval_is_for_emulators_only),
    };
    return cmocka_run_group_tests_name("work/plan", tests, NULL, NULL);
}
