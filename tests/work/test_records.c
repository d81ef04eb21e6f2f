/* SPDX-License-Identifier: Apache-2.0 */

/* What goes in and comes out as records: the estate as a file, the audit trail, conversations. */

#include <string.h>

#include "escher/base/file.h"
#include "escher/base/paths.h"
#include "escher/store/audit.h"
#include "escher/store/conversation.h"
#include "escher/store/db_private.h"
#include "escher/store/runs.h"
#include "escher/work/work_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

static const char *text(const struct esc_json *json, const char *path)
{
    return esc_json_str(json, path, "");
}

/* The export as the lines of a file, for an import; owned by the caller. */
static char *export_lines(struct desk *desk)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "POST", "/api/estate/export", NULL);
    const struct esc_json *resources = esc_json_member(body, "resources");
    struct esc_buf lines;
    esc_buf_init(&lines, ESC_MAX_FILE);
    for (size_t i = 0; i < esc_json_len(resources); i++) {
        ESC_CLEANUP(esc_freep)
        char *line = esc_json_print(esc_json_at(resources, i), ESC_JSON_SORTED);
        esc_buf_printf(&lines, "%s\n", line);
    }
    return esc_buf_take(&lines);
}

static struct esc_json *import(struct desk *desk, enum esc_status expected, const char *lines)
{
    ESC_CLEANUP(esc_freep) char *body = desk_lines(lines);
    return desk_expect(desk, expected, "POST", "/api/estate/import", body);
}

static void hostile_names_go_in_and_come_out_as_they_are(void **)
{
    struct desk first, second;
    ESC_CLEANUP(esc_freep) char *hostile = test_source("demo/hostile.jsonl");
    desk_init(&first);
    expect_ok(desk_open(&first, true, &err));
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = import(&first, ESC_OK, hostile);
    assert_true(esc_json_num(body, "imported", 0) > 5);
    ESC_CLEANUP(esc_freep) char *out = export_lines(&first);
    desk_restart(&first);
    ESC_CLEANUP(esc_freep) char *later = export_lines(&first); /* from the sealed rows */
    assert_string_equal(out, later);
    expect_contains("\\u001b[2J", out);
    desk_done(&first);
    desk_init(&second);
    expect_ok(desk_open(&second, true, &err));
    esc_json_free(import(&second, ESC_OK, out));
    ESC_CLEANUP(esc_freep) char *again = export_lines(&second);
    assert_string_equal(out, again);
    desk_done(&second);
}

static void an_import_again_changes_nothing(void **state)
{
    desk_add_database(*state);
    ESC_CLEANUP(esc_freep) char *lines = export_lines(*state);
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = import(*state, ESC_OK, lines);
    assert_int_equal(1, esc_json_num(body, "imported", 0));
    assert_int_equal(0, esc_json_num(body, "added", -1));
    assert_int_equal(0, esc_json_num(body, "changed", -1));
}

static void one_bad_line_keeps_all_out_and_is_named(void **state)
{
    struct desk *desk = *state;
    desk_add_database(desk);
    ESC_CLEANUP(esc_freep) char *good = export_lines(desk);
    ESC_CLEANUP(esc_freep) char *other = esc_strdup(good);
    memcpy(strstr(other, "main1\""), "main9\"", 6);
    static const char *const bad[] = {
        "not JSON",
        "[]",
        "{}",
        "{\"id\":\"x\"}",
        "{\"id\":\"a\",\"id\":\"b\"}",
        "{\"id\":\"\\ud800\"}",
    };
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        ESC_CLEANUP(esc_freep) char *lines = esc_sprintf("\n%s%s\n", other, bad[i]);
        ESC_CLEANUP(esc_json_freep) struct esc_json *body = import(desk, ESC_INVALID, lines);
        expect_contains("line 3", text(body, "message"));
    }
    ESC_CLEANUP(esc_freep) char *after = export_lines(desk);
    assert_string_equal(good, after);
}

static void a_name_over_its_ceiling_keeps_all_out(void **state)
{
    struct desk *desk = *state;
    desk_add_database(desk);
    ESC_CLEANUP(esc_freep) char *good = export_lines(desk);
    ESC_CLEANUP(esc_freep) char *long_name = esc_alloc(ESC_MAX_NAME + 2);
    memset(long_name, 'n', ESC_MAX_NAME + 1);
    long_name[ESC_MAX_NAME + 1] = '\0';
    char *at = strstr(good, "\"name\":\"pg-instance-main1\"");
    assert_non_null(at);
    ESC_CLEANUP(esc_freep)
    char *lines = esc_sprintf("%.*s\"name\":\"%s\"%s", (int)(at - good), good, long_name,
                              at + strlen("\"name\":\"pg-instance-main1\""));
    ESC_CLEANUP(esc_freep) char *body = desk_lines(lines);
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = NULL;
    const enum esc_status status = desk_ask(desk, "POST", "/api/estate/import", body, &answer);
    assert_true(status == ESC_LIMIT || status == ESC_INVALID);
    ESC_CLEANUP(esc_freep) char *after = export_lines(desk);
    assert_string_equal(good, after);
}

static void a_hostile_name_is_found_and_feeds_no_plan(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_freep) char *hostile = test_source("demo/hostile.jsonl");
    esc_json_free(import(desk, ESC_OK, hostile));
    static const char *const prompts[] = {"Stop --profile x", "Stop $(reboot)",
                                          "Stop file:///etc/passwd", "Stop \\u001b[2J",
                                          "Stop ; rm -rf /"};
    for (size_t i = 0; i < ESC_COUNT(prompts); i++) {
        ESC_CLEANUP(esc_freep)
        char *body = esc_sprintf("{\"prompt\":\"%s\"," DESK_KEYS "}", prompts[i]);
        ESC_CLEANUP(esc_json_freep) struct esc_json *answer = NULL;
        (void)desk_ask(desk, "POST", "/api/ask", body, &answer); /* whatever it is, no plan */
        assert_string_not_equal("plan", text(answer, "kind"));
    }
    assert_false(desk_cloud_has(desk, "calls"));
}

/* Fifty servers of one name, as an auto scaling group has them. */
static char *fifty_servers(struct esc_buf *ids)
{
    struct esc_buf lines;
    esc_buf_init(&lines, ESC_MAX_FILE);
    for (int i = 0; i < 50; i++) {
        esc_buf_printf(ids, "%s\"" DESK_ACCOUNT "-us-west-2-ec2_instance-i-%017d\"", i ? "," : "",
                       i);
        esc_buf_printf(&lines,
                       "{\"id\":\"" DESK_ACCOUNT "-us-west-2-ec2_instance-i-%017d\","
                       "\"provider\":\"aws\",\"resource_type\":\"ec2_instance\","
                       "\"identifier\":\"i-%017d\",\"name\":\"web-server\",\"arn\":"
                       "\"arn:aws:ec2:us-west-2:" DESK_ACCOUNT ":instance/i-%017d\","
                       "\"account_id\":\"" DESK_ACCOUNT "\",\"account_name\":\"production\","
                       "\"region\":\"us-west-2\",\"state\":\"running\",\"tags\":{},"
                       "\"metadata\":{},\"constraints\":{},\"relations\":[],"
                       "\"last_synced\":\"2026-11-20T07:00:00Z\"}\n",
                       i, i, i);
    }
    return esc_buf_take(&lines);
}

static void a_part_of_what_is_meant_never_passes_for_all_of_it(void **state)
{
    struct esc_buf ids;
    esc_buf_init(&ids, ESC_MAX_FILE);
    ESC_CLEANUP(esc_freep) char *lines = fifty_servers(&ids);
    esc_json_free(import(*state, ESC_OK, lines));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *named = desk_expect(*state, ESC_AMBIGUOUS, "POST", "/api/ask",
                                         "{\"prompt\":\"Stop web-server\"," DESK_KEYS "}");
    expect_contains("--resource", text(named, "message"));
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"prompt\":\"Stop them\",\"resources\":[%s]}", esc_buf_text(&ids));
    esc_json_free(desk_expect(*state, ESC_LIMIT, "POST", "/api/ask", body));
    esc_buf_done(&ids);
}

/* The audit trail. */

static void append(struct desk *desk, const char *kind)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *event = esc_json_object();
    esc_json_set_text(event, "kind", kind);
    esc_json_set_text(event, "text", "\x1B[31mred");
    expect_ok(esc_store_audit_append(desk->bench->store, event, NULL, &err));
}

static void a_whole_trail_is_said_to_be_whole(void **state)
{
    struct desk *desk = *state;
    append(desk, "one");
    append(desk, "two");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "POST", "/api/audit/verify", NULL);
    const int64_t count = esc_json_num(body, "count", 0);
    assert_true(count >= 2);
    assert_int_equal(64, strlen(text(body, "head")));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *list = desk_expect(desk, ESC_OK, "GET", "/api/audit", NULL);
    assert_int_equal(count, esc_json_len(esc_json_member(list, "records")));
    assert_int_equal(0, esc_json_num(list, "damaged", -1));
}

/* A row of the trail with byte @p at of what is sealed changed; owned by the caller. */
static char *changed_byte(const char *at)
{
    return esc_sprintf("UPDATE rows SET sealed = CAST(substr(sealed, 1, %s - 1) || "
                       "CASE substr(sealed, %s, 1) WHEN x'00' THEN x'01' ELSE x'00' END || "
                       "substr(sealed, %s + 1) AS BLOB) WHERE n = (SELECT max(n) - 1 FROM rows)",
                       at, at, at);
}

/* Does it to the file of a desk at rest whose newest rows are the records 2 and 3, before them the
 * record 1 and the head. The anchor stands at 3. */
static void change_trail(struct desk *desk, const char *sql)
{
    struct db *db = NULL;
    desk_init(desk);
    expect_ok(desk_open(desk, true, &err));
    append(desk, "one");
    append(desk, "two");
    append(desk, "three");
    ESC_CLEANUP(esc_freep) char *path = esc_strdup(desk->bench->paths.store);
    desk_close(desk);
    expect_ok(db_open(path, DB_OPEN, &db, &err));
    expect_ok(db_run(db, sql, &err));
    db_close(db);
}

static void expect_found(const char *sql, int64_t first_bad)
{
    struct desk desk;
    change_trail(&desk, sql);
    expect_ok(desk_open(&desk, false, &err));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(&desk, ESC_CORRUPT, "POST", "/api/audit/verify", NULL);
    assert_int_equal(first_bad, esc_json_num(body, "first_bad", 0));
    assert_string_not_equal("", text(body, "message"));
    desk_done(&desk);
}

/* Every byte and record in turn is tried in tests/store; here, that it reaches who asked. */
static void what_was_done_to_the_trail_is_said_with_its_number(void **)
{
    static const char *const bytes[] = {"1", "length(sealed) / 2", "length(sealed)"};
    for (size_t i = 0; i < ESC_COUNT(bytes); i++) {
        ESC_CLEANUP(esc_freep) char *sql = changed_byte(bytes[i]);
        expect_found(sql, 2);
    }
    expect_found("UPDATE rows SET sealed = (SELECT sealed FROM rows ORDER BY n DESC LIMIT 1) "
                 "WHERE n = (SELECT n FROM rows ORDER BY n DESC LIMIT 1 OFFSET 3)",
                 1);
}

/* The anchor, which was put when the desk was closed, knows what was there. */
static void a_trail_that_was_cut_off_is_not_opened(void **)
{
    struct desk desk;
    change_trail(&desk, "DELETE FROM rows WHERE n = (SELECT max(n) FROM rows)");
    expect_status(ESC_CORRUPT, desk_open(&desk, false, &err));
    expect_contains("audit record 3 is not in it", err.message);
    desk_done(&desk);
}

/* Conversations. */

static void a_conversation_is_kept_shown_and_deleted(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *first =
        desk_expect(desk, ESC_OK, "POST", "/api/ask", "{\"prompt\":\"how do I stop a database?\"}");
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"prompt\":\"and then?\",\"conversation\":\"%s\"}",
                             text(first, "conversation"));
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/ask", body));
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("/api/chat/%s", text(first, "conversation"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *chat = desk_expect(desk, ESC_OK, "GET", path, NULL);
    assert_int_equal(4, esc_json_len(esc_json_member(chat, "messages")));
    assert_string_equal("user", text(chat, "messages[0].role"));
    assert_string_equal("and then?", text(chat, "messages[2].text"));
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", path, NULL));
    esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "GET", path, NULL));
    esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "DELETE", path, NULL));
}

/* A conversation that begins with that; its id. */
static char *begin_conversation(struct desk *desk, const char *prompt)
{
    ESC_CLEANUP(esc_freep) char *body = esc_sprintf("{\"prompt\":\"%s\"," DESK_KEYS "}", prompt);
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = NULL;
    (void)desk_ask(desk, "POST", "/api/ask", body, &answer); /* any answer will do */
    return esc_strdup(text(answer, "conversation"));
}

/* The titles of what the query lists, each with a space behind. */
static void expect_listed(struct desk *desk, const char *query, const char *expected)
{
    struct esc_buf found;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "POST", "/api/chat/query", query);
    const struct esc_json *list = esc_json_member(body, "conversations");
    esc_buf_init(&found, ESC_MAX_LINE);
    for (size_t i = 0; i < esc_json_len(list); i++)
        esc_buf_printf(&found, "%s ", text(esc_json_at(list, i), "title"));
    assert_string_equal(expected, esc_buf_text(&found));
    esc_buf_done(&found);
}

static void conversations_are_listed_newest_first_and_by_user_and_time(void **state)
{
    struct desk *desk = *state;
    const uint64_t day_ms = 86'400'000;
    ESC_CLEANUP(esc_freep) char *first = begin_conversation(desk, "one");
    esc_clock_fixed_advance(&desk->clock, day_ms); /* the 22nd */
    free(begin_conversation(desk, "two"));
    esc_clock_fixed_advance(&desk->clock, day_ms);
    free(begin_conversation(desk, "three"));
    expect_listed(desk, "{}", "three two one ");
    expect_listed(desk, "{\"user\":\"local\"}", "three two one ");
    expect_listed(desk, "{\"user\":\"jane\"}", "");
    expect_listed(desk, "{\"since\":\"2026-11-22\"}", "three two ");
    expect_listed(desk, "{\"before\":\"2026-11-22\"}", "one ");
    expect_listed(desk, "{\"since\":\"2026-11-22T08:00:00Z\",\"before\":\"1h\"}", "two ");
    expect_listed(desk, "{\"since\":\"1d\"}", "three two ");
    expect_listed(desk, "{\"before\":\"99999w\"}", "");
    expect_listed(desk, "{\"before\":\"1970-01-01\"}", "");
    ESC_CLEANUP(esc_freep)
    char *again = esc_sprintf("{\"prompt\":\"more\",\"conversation\":\"%s\"," DESK_KEYS "}", first);
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = NULL;
    (void)desk_ask(desk, "POST", "/api/ask", again, &answer); /* what it says does not matter */
    expect_listed(desk, "{}", "one three two ");
    static const char *const wrong[] = {"yesterday", "", "3", "d", "3y", "-1d", "2026-13-01"};
    for (size_t i = 0; i < ESC_COUNT(wrong); i++) {
        ESC_CLEANUP(esc_freep) char *query = esc_sprintf("{\"since\":\"%s\"}", wrong[i]);
        esc_json_free(desk_expect(desk, ESC_INVALID, "POST", "/api/chat/query", query));
    }
}

static size_t plan_count(struct desk *desk,
                         bool (*count)(void *, const char *, const struct esc_json *))
{
    size_t found = 0;
    expect_ok(esc_store_plans(desk->bench->store, count, &found, NULL, &err));
    return found;
}

static bool count_plan(void *context, const char *, const struct esc_json *)
{
    (*(size_t *)context)++;
    return true;
}

static void what_nobody_ran_is_forgotten_with_its_conversation(void **state)
{
    struct desk *desk = *state;
    desk_add_account(desk);
    desk_add_database(desk);
    ESC_CLEANUP(esc_freep) char *ran = begin_conversation(desk, "Stop pg-instance-main1");
    ESC_CLEANUP(esc_freep) char *idle = begin_conversation(desk, "Reboot pg-instance-main1");
    assert_int_equal(2, plan_count(desk, count_plan));
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("/api/chat/%s", ran);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *chat = desk_expect(desk, ESC_OK, "GET", path, NULL);
    ESC_CLEANUP(esc_freep)
    char *approve = esc_sprintf("/api/plans/%s/approve", text(chat, "messages[1].plan_hash"));
    ESC_CLEANUP(esc_json_freep) struct esc_json *run = NULL;
    (void)desk_ask(desk, "POST", approve, "{\"confirm\":\"pg-instance-main1\"," DESK_KEYS "}",
                   &run);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *shown = desk_expect(desk, ESC_OK, "GET", path, NULL);
    assert_string_equal(text(run, "run_id"), text(shown, "messages[1].run_id"));
    assert_string_equal(text(run, "outcome"), text(shown, "messages[1].run_outcome"));
    assert_string_not_equal("", text(shown, "messages[1].run_outcome"));
    ESC_CLEANUP(esc_freep) char *other = esc_sprintf("/api/chat/%s", idle);
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", other, NULL));
    assert_int_equal(1, plan_count(desk, count_plan));
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", path, NULL));
    assert_int_equal(1, plan_count(desk, count_plan)); /* it was run: on record */
}

/* The plan is kept once, under its hash; the run stands where it was approved last. */
static void a_run_stands_with_the_turn_it_came_from(void **state)
{
    struct desk *desk = *state;
    desk_add_account(desk);
    desk_add_database(desk);
    ESC_CLEANUP(esc_freep) char *first = begin_conversation(desk, "Stop pg-instance-main1");
    ESC_CLEANUP(esc_freep) char *second = begin_conversation(desk, "Stop pg-instance-main1");
    assert_int_equal(1, plan_count(desk, count_plan));
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("/api/chat/%s", first);
    ESC_CLEANUP(esc_freep) char *other = esc_sprintf("/api/chat/%s", second);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *chat = desk_expect(desk, ESC_OK, "GET", path, NULL);
    ESC_CLEANUP(esc_freep)
    char *approve = esc_sprintf("/api/plans/%s/approve", text(chat, "messages[1].plan_hash"));
    ESC_CLEANUP(esc_json_freep) struct esc_json *run = NULL;
    (void)desk_ask(desk, "POST", approve, "{\"confirm\":\"pg-instance-main1\"," DESK_KEYS "}",
                   &run); /* that it was begun is enough */
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *before = desk_expect(desk, ESC_OK, "GET", path, NULL);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *after = desk_expect(desk, ESC_OK, "GET", other, NULL);
    assert_string_equal("", text(before, "messages[1].run_id"));
    assert_string_not_equal("", text(after, "messages[1].run_id"));
    assert_string_equal(text(run, "run_id"), text(after, "messages[1].run_id"));
}

static void keep_days(struct desk *desk, enum esc_status expected, int days)
{
    ESC_CLEANUP(esc_freep) char *body = esc_sprintf("{\"days\":%d}", days);
    esc_json_free(desk_expect(desk, expected, "PUT", "/api/chat/retention", body));
}

static void look_once(struct desk *desk)
{
    assert_false(work_chat_look(desk->bench));
}

static void many_conversations_go_in_portions(void **state)
{
    struct desk *desk = *state;
    char id[ESC_UUID_TEXT];
    for (int i = 0; i < 50; i++)
        expect_ok(esc_store_conversation_new(desk->bench->store, "local", "old", id, &err));
    keep_days(desk, ESC_OK, 30);
    esc_clock_fixed_advance(&desk->clock, 40 * UINT64_C(86'400'000));
    look_once(desk); /* in doubt */
    esc_clock_fixed_advance(&desk->clock, UINT64_C(3'600'000));
    free(begin_conversation(desk, "new"));
    assert_true(work_chat_look(desk->bench));
    assert_true(work_chat_look(desk->bench));
    look_once(desk);
    expect_listed(desk, "{}", "new ");
}

/* So many days of a machine that is used for an hour on each; what is old goes on the way. */
static void live(struct desk *desk, int days)
{
    const uint64_t hour_ms = 3'600'000;
    for (int i = 0; i < days; i++) {
        (void)work_chat_look(desk->bench); /* whether there is more does not matter */
        esc_clock_fixed_advance(&desk->clock, hour_ms);
        (void)work_chat_look(desk->bench);
        esc_clock_fixed_advance(&desk->clock, 23 * hour_ms);
    }
}

static void conversations_go_once_their_days_are_over(void **state)
{
    struct desk *desk = *state;
    free(begin_conversation(desk, "one"));
    live(desk, 20);
    free(begin_conversation(desk, "two"));
    live(desk, 20);
    expect_listed(desk, "{}", "two one "); /* for ever, unless somebody says so */
    keep_days(desk, ESC_INVALID, -1);
    keep_days(desk, ESC_INVALID, 40'000);
    keep_days(desk, ESC_OK, 30);
    look_once(desk);
    expect_listed(desk, "{}", "two one "); /* a day to think better of it */
    esc_clock_fixed_advance(&desk->clock, 24 * UINT64_C(3'600'000));
    desk_restart(desk);
    look_once(desk);
    expect_listed(desk, "{}", "two ");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *list = desk_expect(desk, ESC_OK, "GET", "/api/chat", NULL);
    assert_int_equal(30, esc_json_num(list, "retention_days", 0));
    keep_days(desk, ESC_OK, 0);
    live(desk, 40);
    expect_listed(desk, "{}", "two ");
}

static void a_clock_that_jumps_deletes_nothing(void **state)
{
    struct desk *desk = *state;
    const uint64_t hour_ms = 3'600'000, day_ms = 24 * hour_ms, year_ms = 365 * day_ms;
    free(begin_conversation(desk, "one"));
    keep_days(desk, ESC_OK, 7);
    desk->clock.wall_ms += year_ms; /* before the first look */
    look_once(desk);
    expect_listed(desk, "{}", "one ");
    desk->clock.wall_ms -= year_ms;
    live(desk, 3);
    static const uint64_t jumps_d[] = {2, 60, 365, 3650};
    for (size_t i = 0; i < ESC_COUNT(jumps_d); i++) {
        desk->clock.wall_ms += jumps_d[i] * day_ms;
        look_once(desk);
        look_once(desk); /* right after the doubtful one */
        esc_clock_fixed_advance(&desk->clock, 60'000);
        desk_restart(desk);
        look_once(desk); /* and the first of the next start */
        expect_listed(desk, "{}", "one ");
        desk->clock.wall_ms -= jumps_d[i] * day_ms;
        look_once(desk); /* it is right again, and nothing was lost */
        expect_listed(desk, "{}", "one ");
        desk->clock.wall_ms -= 2 * hour_ms;
        look_once(desk);
        look_once(desk);
        expect_listed(desk, "{}", "one ");
        desk->clock.wall_ms += 2 * hour_ms;
    }
    desk->clock.wall_ms += year_ms; /* a machine that was off for a year */
    look_once(desk);
    esc_clock_fixed_advance(&desk->clock, hour_ms - 1);
    look_once(desk);
    expect_listed(desk, "{}", "one ");
    esc_clock_fixed_advance(&desk->clock, 1);
    look_once(desk);
    expect_listed(desk, "{}", "");
}

/* The same plan again, in a conversation that goes: the run of before keeps its plan. */
static void a_plan_that_was_run_stays_on_record(void **state)
{
    struct desk *desk = *state;
    desk_add_account(desk);
    desk_add_database(desk);
    ESC_CLEANUP(esc_freep) char *id = begin_conversation(desk, "Stop pg-instance-main1");
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("/api/chat/%s", id);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *chat = desk_expect(desk, ESC_OK, "GET", path, NULL);
    const char *hash = text(chat, "messages[1].plan_hash");
    ESC_CLEANUP(esc_json_freep) struct esc_json *kept = NULL;
    expect_ok(esc_store_plan_get(desk->bench->store, hash, &kept, &err));
    esc_json_set_text(kept, "run", "one that is over");
    expect_ok(esc_store_plan_put(desk->bench->store, hash, kept, &err));
    ESC_CLEANUP(esc_freep) char *again = begin_conversation(desk, "Stop pg-instance-main1");
    ESC_CLEANUP(esc_freep) char *other = esc_sprintf("/api/chat/%s", again);
    ESC_CLEANUP(esc_json_freep) struct esc_json *anew = NULL;
    expect_ok(esc_store_plan_get(desk->bench->store, hash, &anew, &err));
    assert_null(esc_json_str(anew, "run", NULL));
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", other, NULL));
    assert_int_equal(1, plan_count(desk, count_plan));
}

static void an_answer_to_a_conversation_that_is_gone_keeps_nothing(void **state)
{
    struct desk *desk = *state;
    struct desk_call call;
    desk_add_account(desk);
    desk_add_database(desk);
    ESC_CLEANUP(esc_freep) char *id = begin_conversation(desk, "how do I stop a database?");
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf(
        "{\"prompt\":\"Stop pg-instance-main1\",\"conversation\":\"%s\"," DESK_KEYS "}", id);
    desk_start(desk, "POST", "/api/ask", body, &call);
    for (int i = 0; i < 3 && !call.is_done; i++)
        esc_loop_turn(desk->loop); /* the live state is being read */
    assert_false(call.is_done);
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("/api/chat/%s", id);
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", path, NULL));
    desk_wait(desk, &call);
    assert_int_equal(ESC_NOT_FOUND, call.status);
    assert_int_equal(0, plan_count(desk, count_plan));
    desk_call_done(&call);
}

static void of_a_long_answer_its_first_rows_and_its_count_are_kept(void **state)
{
    struct esc_buf ids;
    esc_buf_init(&ids, ESC_MAX_FILE);
    ESC_CLEANUP(esc_freep) char *lines = fifty_servers(&ids);
    esc_buf_done(&ids);
    esc_json_free(import(*state, ESC_OK, lines));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body =
        desk_expect(*state, ESC_OK, "POST", "/api/ask", "{\"prompt\":\"List all instances\"}");
    assert_string_equal("query", text(body, "kind"));
    assert_int_equal(50, esc_json_len(esc_json_member(body, "hits")));
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("/api/chat/%s", text(body, "conversation"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *chat = desk_expect(*state, ESC_OK, "GET", path, NULL);
    assert_int_equal(20, esc_json_len(esc_json_get(chat, "messages[1].card.hits")));
    assert_int_equal(50, esc_json_num(chat, "messages[1].card.total", 0));
    assert_string_equal(text(body, "filter"), text(chat, "messages[1].card.filter"));
}

static void a_question_goes_into_no_conversation_that_is_not_there(void **state)
{
    static const char *const names[] = {"0f0f0f0f-0000-4000-8000-000000000000", "x", ""};
    for (size_t i = 0; i < ESC_COUNT(names); i++) {
        ESC_CLEANUP(esc_freep)
        char *body = esc_sprintf("{\"prompt\":\"stop it\",\"conversation\":\"%s\"}", names[i]);
        esc_json_free(desk_expect(*state, ESC_NOT_FOUND, "POST", "/api/ask", body));
    }
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *chats = desk_expect(*state, ESC_OK, "GET", "/api/chat", NULL);
    assert_int_equal(0, esc_json_len(esc_json_member(chats, "conversations")));
}

static void a_batch_answers_each_line_and_stores_nothing(void **state)
{
    struct desk *desk = *state;
    struct desk_call call;
    desk_add_database(desk);
    ESC_CLEANUP(esc_freep)
    char *body = desk_lines("{\"id\":\"a\",\"prompt\":\"Stop pg-instance-main1\"}\n\n"
                            "not JSON\n"
                            "{\"id\":\"c\",\"prompt\":\"\"}\n"
                            "{\"id\":\"d\",\"prompt\":\"Stop it\",\"resources\":[\"nothing\"]}");
    desk_start(desk, "POST", "/api/ask/batch", body, &call);
    desk_wait(desk, &call);
    assert_int_equal(4, esc_json_num(call.body, "answered", 0));
    static const char *const kinds[] = {"plan", "error", "error", "error"};
    assert_int_equal(4, call.events.count);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(kinds[i], text(esc_list_at(&call.events, i), "data.kind"));
    assert_string_equal("stop-db-instance", text(esc_list_at(&call.events, 0), "data.steps[0][2]"));
    desk_call_done(&call);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *chats = desk_expect(desk, ESC_OK, "GET", "/api/chat", NULL);
    assert_int_equal(0, esc_json_len(esc_json_member(chats, "conversations")));
    assert_false(desk_cloud_has(desk, "calls"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(conversations_are_listed_newest_first_and_by_user_and_time),
        TEST(what_nobody_ran_is_forgotten_with_its_conversation),
        TEST(a_run_stands_with_the_turn_it_came_from),
        TEST(conversations_go_once_their_days_are_over),
        TEST(many_conversations_go_in_portions),
        TEST(a_plan_that_was_run_stays_on_record),
        TEST(an_answer_to_a_conversation_that_is_gone_keeps_nothing),
        TEST(a_clock_that_jumps_deletes_nothing),
        cmocka_unit_test(hostile_names_go_in_and_come_out_as_they_are),
        TEST(an_import_again_changes_nothing),
        TEST(one_bad_line_keeps_all_out_and_is_named),
        TEST(a_name_over_its_ceiling_keeps_all_out),
        TEST(a_hostile_name_is_found_and_feeds_no_plan),
        TEST(a_part_of_what_is_meant_never_passes_for_all_of_it),
        TEST(a_whole_trail_is_said_to_be_whole),
        cmocka_unit_test(what_was_done_to_the_trail_is_said_with_its_number),
        cmocka_unit_test(a_trail_that_was_cut_off_is_not_opened),
        TEST(a_conversation_is_kept_shown_and_deleted),
        TEST(of_a_long_answer_its_first_rows_and_its_count_are_kept),
        TEST(a_question_goes_into_no_conversation_that_is_not_there),
        TEST(a_batch_answers_each_line_and_stores_nothing),
    };
    return cmocka_run_group_tests_name("work/records", tests, NULL, NULL);
}
