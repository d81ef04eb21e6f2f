/* SPDX-License-Identifier: Apache-2.0 */

/* The account book, and what a sync of an account may add and take away. */

#include <string.h>
#include <unistd.h>

#include "escher/base/file.h"
#include "escher/base/paths.h"
#include "escher/exec/sweep.h"
#include "escher/store/document.h"
#include "escher/work/meaning_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

#define OTHER_ACCOUNT "987654321098"

static int setup(void **state)
{
    (void)desk_setup(state); /* it fails by ending the test */
    desk_add_account(*state);
    return 0;
}

static const char *text(const struct esc_json *json, const char *path)
{
    return esc_json_str(json, path, "");
}

static void import(struct desk *desk, const char *account, const char *region, const char *type,
                   const char *name)
{
    ESC_CLEANUP(esc_freep)
    char *line = esc_sprintf(
        "{\"id\":\"%s-%s-%s-%s\",\"provider\":\"aws\",\"resource_type\":\"%s\","
        "\"identifier\":\"%s\",\"name\":\"%s\",\"arn\":\"arn:aws:x:%s:%s:%s\","
        "\"account_id\":\"%s\",\"account_name\":\"a\",\"region\":\"%s\",\"tags\":{},"
        "\"metadata\":{},\"constraints\":{},\"relations\":[],"
        "\"last_synced\":\"2026-11-20T07:00:00Z\"}",
        account, region, type, name, type, name, name, region, account, name, account, region);
    ESC_CLEANUP(esc_freep) char *body = desk_lines(line);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/estate/import", body));
}

static bool has(struct desk *desk, const char *name)
{
    ESC_CLEANUP(esc_freep) char *body = esc_sprintf("{\"text\":\"%s\"}", name);
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = NULL;
    return desk_ask(desk, "POST", "/api/show", body, &answer) == ESC_OK;
}

static size_t account_count(struct desk *desk)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "GET", "/api/accounts", NULL);
    return esc_json_len(esc_json_member(body, "accounts"));
}

static struct esc_json *sync_rds(struct desk *desk, enum esc_status expected)
{
    return desk_expect(desk, expected, "POST", "/api/sync", "{\"service\":\"rds\"," DESK_KEYS "}");
}

/* An answer to each call of the scanner: all is seen, and only pg-instance-main1 is there. */
static void show_rds(struct desk *desk)
{
    desk_add_database(desk);
    desk_cloud_put(desk, "describe-db-clusters.json", "{\"DBClusters\":[]}");
    desk_cloud_put(desk, "describe-db-snapshots.json", "{\"DBSnapshots\":[]}");
    desk_cloud_put(desk, "describe-db-cluster-snapshots.json", "{\"DBClusterSnapshots\":[]}");
}

/* Accounts. */

static void an_account_stays_and_is_there_once(void **state)
{
    struct desk *desk = *state;
    desk_add_account(desk);
    desk_restart(desk);
    assert_int_equal(1, account_count(desk));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "GET", "/api/accounts", NULL);
    assert_string_equal("production", text(body, "accounts[0].name"));
    assert_true(esc_json_flag(body, "accounts[0].emulator", false));
}

static void an_emulator_has_a_plain_address_on_this_machine(void **state)
{
    static const char *const bad[] = {"",
                                      "127.0.0.1:5000",
                                      "file:///etc/passwd",
                                      "ftp://h",
                                      "http://user:pass@h",
                                      "http://h?x=1",
                                      "http://h /",
                                      "http://cloud.example:5000",
                                      "https://vpce-1.rds.us-west-2.vpce.amazonaws.com"};
    for (size_t i = 0; i < ESC_COUNT(bad); i++) {
        ESC_CLEANUP(esc_freep)
        char *add = esc_sprintf("{\"id\":\"" OTHER_ACCOUNT "\",\"endpoint_url\":\"%s\"}", bad[i]);
        ESC_CLEANUP(esc_freep) char *discover = esc_sprintf("{\"endpoint_url\":\"%s\"}", bad[i]);
        esc_json_free(desk_expect(*state, ESC_INVALID, "POST", "/api/accounts", add));
        esc_json_free(desk_expect(*state, ESC_INVALID, "POST", "/api/accounts/discover", discover));
    }
    assert_int_equal(1, account_count(*state));
}

static void no_name_stands_in_for_an_account(void **state)
{
    struct desk *desk = *state;
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/accounts",
                              "{\"id\":\"" OTHER_ACCOUNT "\",\"name\":\"" DESK_ACCOUNT "\"}"));
    assert_string_equal("production", work_account_find(desk->bench, DESK_ACCOUNT)->name);
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", "/api/accounts/" DESK_ACCOUNT, NULL));
    assert_null(work_account_find(desk->bench, DESK_ACCOUNT));
    assert_non_null(work_account_find(desk->bench, OTHER_ACCOUNT));
}

static void keys_are_proven_and_never_kept(void **state)
{
    struct desk *desk = *state;
    static const char other[] = "{\"environment\":{\"AWS_ACCESS_KEY_ID\":\"AK" OTHER_ACCOUNT
                                "\",\"AWS_SECRET_ACCESS_KEY\":\"x\"}}";
    static const char path[] = "/api/accounts/production/test";
    esc_json_free(desk_expect(desk, ESC_OK, "POST", path, "{" DESK_KEYS "}"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *foreign = desk_expect(desk, ESC_BLOCKED, "POST", path, other);
    expect_contains(OTHER_ACCOUNT, text(foreign, "message"));
    esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "POST", path, "{\"environment\":{}}"));
    esc_json_free(
        desk_expect(desk, ESC_NOT_FOUND, "POST", "/api/accounts/nobody/test", "{" DESK_KEYS "}"));
}

static bool note_text(void *context, const char *key, const struct esc_json *json)
{
    ESC_CLEANUP(esc_freep) char *printed = esc_json_print(json, ESC_JSON_COMPACT);
    esc_buf_printf(context, "%s %s\n", key, printed);
    return true;
}

static void add_answer(struct desk *desk, const char *path, struct esc_buf *all)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "GET", path, NULL);
    (void)note_text(all, path, body);
}

static void nothing_that_is_stored_holds_a_credential(void **state)
{
    static const char *const collections[] = {"accounts", "coverage", "syncs"};
    static const char *const pages[] = {"/api/accounts", "/api/runs", "/api/chat", "/api/audit",
                                        "/api/status"};
    struct desk *desk = *state;
    struct esc_buf all;
    esc_buf_init(&all, ESC_MAX_FILE);
    show_rds(desk);
    esc_json_free(sync_rds(desk, ESC_OK));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "POST", "/api/ask",
                                        "{\"prompt\":\"Stop pg-instance-main1\"," DESK_KEYS "}");
    ESC_CLEANUP(esc_freep)
    char *plan = esc_sprintf("/api/plans/%s", text(body, "plan_hash"));
    ESC_CLEANUP(esc_freep) char *approve = esc_sprintf("%s/approve", plan);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", approve,
                              "{\"confirm\":\"pg-instance-main1\"," DESK_KEYS "}"));
    for (size_t i = 0; i < ESC_COUNT(collections); i++)
        expect_ok(esc_store_docs(desk->bench->store, collections[i], note_text, &all, NULL, &err));
    for (size_t i = 0; i < ESC_COUNT(pages); i++)
        add_answer(desk, pages[i], &all);
    add_answer(desk, plan, &all);
    expect_contains("pg-instance-main1", esc_buf_text(&all)); /* it is the right pile */
    assert_null(strstr(esc_buf_text(&all), "canary-secret"));
    assert_null(strstr(esc_buf_text(&all), "AK" DESK_ACCOUNT));
    esc_buf_done(&all);
}

static void put_protection(struct desk *desk, const char *place)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *times = esc_json_object();
    expect_ok(esc_store_doc_put(desk->bench->store, "protection", place, times, &err));
}

static void an_account_that_is_removed_takes_its_estate_and_coverage_along(void **state)
{
    struct desk *desk = *state;
    struct esc_buf left;
    show_rds(desk);
    put_protection(desk, DESK_ACCOUNT " us-west-2");
    put_protection(desk, OTHER_ACCOUNT " us-west-2");
    put_protection(desk, DESK_ACCOUNT " eu-west-1");
    import(desk, OTHER_ACCOUNT, "us-west-2", "rds_instance", "other-db");
    esc_json_free(sync_rds(desk, ESC_OK));
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", "/api/accounts/production", NULL));
    for (int turn = 0; turn < 2; turn++) {
        ESC_CLEANUP(esc_json_freep)
        struct esc_json *status = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
        assert_int_equal(0, esc_json_len(esc_json_member(status, "cells")));
        assert_int_equal(1, esc_json_num(status, "resources", 0));
        assert_true(has(desk, "other-db"));
        assert_int_equal(0, account_count(desk));
        desk_restart(desk);
    }
    esc_buf_init(&left, ESC_MAX_LINE);
    expect_ok(esc_store_docs(desk->bench->store, "protection", note_text, &left, NULL, &err));
    assert_string_equal(OTHER_ACCOUNT " us-west-2 {}\n", esc_buf_text(&left));
    esc_buf_done(&left);
    esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "DELETE", "/api/accounts/production", NULL));
}

static void no_account_is_removed_under_a_sync(void **state)
{
    struct desk *desk = *state;
    struct desk_call sync;
    show_rds(desk);
    desk_start(desk, "POST", "/api/sync", "{\"service\":\"rds\"," DESK_KEYS "}", &sync);
    esc_json_free(desk_expect(desk, ESC_OK, "GET", "/api/ping", NULL)); /* it has begun */
    esc_json_free(desk_expect(desk, ESC_CONFLICT, "DELETE", "/api/accounts/production", NULL));
    desk_wait(desk, &sync);
    assert_int_equal(ESC_OK, sync.status);
    desk_call_done(&sync);
    assert_true(has(desk, "pg-instance-main1"));
}

static void discovery_says_what_it_found_and_what_not(void **state)
{
    struct desk *desk = *state;
    desk_cloud_put(desk, "config",
                   "[profile first]\naws_access_key_id = AK111111111111\n"
                   "aws_secret_access_key = s\nregion = eu-west-1\n"
                   "[profile second]\nrole_arn = arn:aws:iam::222222222222:role/Reader\n"
                   "source_profile = first\nregion = us-east-1\n"
                   "[profile third]\nsso_start_url = https://x.example\nsso_region = us-east-1\n"
                   "sso_account_id = 333333333333\nsso_role_name = Reader\n");
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"endpoint_url\":\"http://127.0.0.1:%u\",\"environment\":"
                             "{\"AWS_CONFIG_FILE\":\"%s/config\","
                             "\"AWS_SHARED_CREDENTIALS_FILE\":\"/dev/null\"}}",
                             desk->sts_port, desk->cloud);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer = desk_expect(desk, ESC_OK, "POST", "/api/accounts/discover", body);
    assert_int_equal(2, esc_json_len(esc_json_member(answer, "found")));
    assert_string_equal("222222222222", text(answer, "found[0].id"));
    assert_string_equal("111111111111", text(answer, "found[1].id"));
    assert_int_equal(1, esc_json_len(esc_json_member(answer, "skipped")));
    assert_string_equal("third", text(answer, "skipped[0].profile"));
    expect_contains("a token of AWS SSO is never shown to an emulator",
                    text(answer, "skipped[0].why"));
    assert_int_equal(3, account_count(desk));
}

#define DEVICE "arn:aws:iam::" DESK_ACCOUNT ":mfa/me"

static void on_page_answer(void *context, enum esc_status status, struct esc_json *body)
{
    struct desk_call *into = context;
    into->is_done = true;
    into->answers++;
    into->status = status;
    into->body = body;
}

static void on_page_event(void *, const struct esc_json *)
{
    fail_msg("a page that wants a document hears of no event");
}

static const char *key_variable(void *, const char *name)
{
    return esc_text_equal(name, "AWS_ACCESS_KEY_ID")       ? "AK" DESK_ACCOUNT
           : esc_text_equal(name, "AWS_SECRET_ACCESS_KEY") ? "canary-secret"
                                                           : NULL;
}

/* What a page has asked; it sends no variables, its door has some. */
static struct esc_json *ask_as_page(struct desk *desk, enum esc_status expected, const char *path,
                                    const char *body)
{
    struct desk_call call = {0};
    ESC_CLEANUP(esc_json_freep) struct esc_json *args = NULL;
    expect_ok(esc_json_parse(esc_str_of(body), NULL, &args, &err));
    ESC_CLEANUP(esc_aws_environment_freep)
    struct esc_aws_environment *environment = esc_aws_environment_new(key_variable, NULL);
    const struct esc_api_request request = {
        .method = "POST", .path = path, .body = args, .page = true, .environment = environment};
    const struct esc_api_sink sink = {on_page_event, on_page_answer, &call};
    call.call = esc_api_call(desk->bench, &request, &sink);
    desk_wait(desk, &call);
    assert_int_equal(expected, call.status);
    assert_int_equal(1, call.answers);
    return call.body;
}

static void add_role_with_device(struct desk *desk)
{
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"id\":\"" OTHER_ACCOUNT
                             "\",\"name\":\"guarded\",\"role_arn\":\"arn:aws:iam::" OTHER_ACCOUNT
                             ":role/R\",\"mfa_serial\":\"" DEVICE
                             "\",\"endpoint_url\":\"http://127.0.0.1:%u\"}",
                             desk->sts_port);
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/accounts", body));
    desk->sts.code = "123456";
}

/* Whose permissions a record holds, and until when that session lasts. */
static void expect_session_shown(struct desk *desk, const char *end)
{
    ESC_CLEANUP(esc_freep)
    char *body =
        desk_lines("{\"id\":\"" OTHER_ACCOUNT "-us-west-2-rds_instance-seen\",\"provider\":\"aws\","
                   "\"resource_type\":\"rds_instance\",\"identifier\":\"seen\",\"name\":\"seen\","
                   "\"arn\":\"arn:aws:rds:us-west-2:" OTHER_ACCOUNT
                   ":db:seen\",\"account_name\":\"guarded\",\"account_id\":\"" OTHER_ACCOUNT
                   "\",\"region\":\"us-west-2\",\"tags\":{},\"metadata\":{},"
                   "\"iam\":{\"allowed_actions\":[],\"denied_actions\":[],\"source\":\"local\","
                   "\"user_context\":{\"username\":\"R\"}},\"constraints\":{},\"relations\":[],"
                   "\"last_synced\":\"2026-11-20T07:00:00Z\"}");
    esc_json_free(desk_expect(desk, ESC_OK, "POST", "/api/estate/import", body));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *shown = desk_expect(desk, ESC_OK, "POST", "/api/show", "{\"text\":\"seen\"}");
    assert_string_equal("R", text(shown, "resource.iam.user_context.username"));
    assert_string_equal(end, text(shown, "resource.iam.user_context.session_expires"));
}

static const char *no_variable(void *, const char *)
{
    return NULL;
}

/* A planner may warn that a session ends before the work is done. */
static void expect_session_in_request(struct desk *desk, const char *end)
{
    ESC_CLEANUP(esc_aws_environment_freep)
    struct esc_aws_environment *environment = esc_aws_environment_new(no_variable, NULL);
    const struct esc_api_call call = {.bench = desk->bench, .environment = environment};
    struct work_meaning meaning = {0};
    expect_ok(work_meaning_find(&call, ESC_STR("stop seen"), NULL, NULL, &meaning, &err));
    assert_int_equal(1, esc_json_len(esc_json_member(meaning.request, "identified_resources")));
    assert_string_equal(end, text(meaning.request, "user_context.session_expires"));
    work_meaning_done(&meaning);
    expect_ok(work_meaning_find(&call, ESC_STR("stop everything"), NULL, NULL, &meaning, &err));
    assert_null(esc_json_get(meaning.request, "user_context.session_expires"));
    work_meaning_done(&meaning);
}

static void a_page_brings_the_code_along_and_nobody_else_sees_it(void **state)
{
    static const char path[] = "/api/accounts/guarded/test";
    struct desk *desk = *state;
    char end[ESC_TIME_TEXT];
    add_role_with_device(desk);
    esc_time_format(desk->clock.wall_ms + 12 * 60 * 1000, end);
    desk->sts.expiration = end;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *first = ask_as_page(desk, ESC_LOCKED, path, "{}");
    assert_string_equal("mfa_code", text(first, "wants"));
    assert_string_equal(DEVICE, text(first, "device"));
    expect_contains("test the account in the settings", text(first, "message"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *wrong = ask_as_page(desk, ESC_LOCKED, path, "{\"mfa_code\":\"654321\"}");
    assert_string_equal("mfa_code", text(wrong, "wants"));
    expect_contains("the MFA code was not taken", text(wrong, "message"));
    assert_int_equal(1, desk->sts.codes);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *odd = ask_as_page(desk, ESC_LOCKED, path, "{\"mfa_code\":\"12 456\"}");
    assert_int_equal(1, desk->sts.codes); /* no code at all: it is not sent */
    assert_null(strstr(text(odd, "message"), "12 456"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *other = ask_as_page(
        desk, ESC_LOCKED, path, "{\"mfa_code\":\"123456\",\"device\":\"arn:aws:iam::1:mfa/you\"}");
    assert_string_equal(DEVICE, text(other, "device")); /* it is told which one is wanted */
    assert_int_equal(1, desk->sts.codes);
    esc_json_free(
        ask_as_page(desk, ESC_OK, path, "{\"mfa_code\":\"123456\",\"device\":\"" DEVICE "\"}"));
    esc_json_free(ask_as_page(desk, ESC_OK, path, "{}")); /* the session counts on */
    assert_int_equal(2, desk->sts.codes);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *status = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_int_equal(1, esc_json_len(esc_json_get(status, "logins_ending")));
    assert_string_equal("guarded: the login ends in 12 min; a new MFA code is asked for then",
                        text(status, "logins_ending[0].says"));
    expect_session_shown(desk, end);
    expect_session_in_request(desk, end);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *door = ask_as_page(desk, ESC_DENIED, "/api/prompts/x", "{\"answer\":\"1\"}");
    expect_contains("not open to a page", text(door, "message"));
}

#define MEMBER(id, name) "{\"Id\":\"" id "\",\"Name\":\"" name "\",\"Status\":\"ACTIVE\"}"

static struct esc_json *add_organization(struct desk *desk, const char *members)
{
    ESC_CLEANUP(esc_freep) char *answer = esc_sprintf("{\"Accounts\":[%s]}", members);
    ESC_CLEANUP(esc_freep)
    char *body =
        esc_sprintf("{\"endpoint_url\":\"http://127.0.0.1:%u\",\"role\":\"Reader\"," DESK_KEYS "}",
                    desk->sts_port);
    desk_cloud_put(desk, "list-accounts.json", answer);
    return desk_expect(desk, ESC_OK, "POST", "/api/accounts/organization", body);
}

static const char *name_of(struct desk *desk, const char *id)
{
    return work_account_find(desk->bench, id)->name;
}

/* Each account's people choose its name. */
static void an_organisations_account_takes_nobodys_name_or_place(void **state)
{
    struct desk *desk = *state;
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *first = add_organization(
        desk,
        MEMBER(DESK_ACCOUNT, "mine") "," MEMBER("111111111111", "Production") "," MEMBER(
            "222222222222",
            "333333333333") "," MEMBER("333333333333",
                                       "a\\u202eb") "," MEMBER("444444444444",
                                                               "data") ","
                                                                       "{\"Id\":\"555555555555\","
                                                                       "\"Name\":\"x\",\"State\":"
                                                                       "\"SUSPENDED\"}");
    assert_int_equal(4, esc_json_len(esc_json_member(first, "found")));
    assert_string_equal(DESK_ACCOUNT, text(first, "skipped[0].account_id"));
    expect_contains("reached in another way", text(first, "skipped[0].why"));
    assert_string_equal("555555555555", text(first, "skipped[1].account_id"));
    assert_string_equal("is not active", text(first, "skipped[1].why"));
    assert_string_equal("production", name_of(desk, DESK_ACCOUNT)); /* as it was */
    assert_null(work_account_find(desk->bench, DESK_ACCOUNT)->role_arn);
    assert_string_equal("Production-111111111111", name_of(desk, "111111111111"));
    assert_string_equal("222222222222", name_of(desk, "222222222222"));
    assert_string_equal("333333333333", name_of(desk, "333333333333"));
    assert_string_equal("data", name_of(desk, "444444444444"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *second = add_organization(desk, MEMBER("444444444444", "production"));
    assert_int_equal(1, esc_json_len(esc_json_member(second, "found")));
    assert_string_equal("data", name_of(desk, "444444444444")); /* nobody is renamed under way */
}

/* Syncs. */

/* What demo/control.py leaves behind, for a process and the desk's own STS. */
static void put_demo(struct desk *desk, pid_t pid, uint64_t started)
{
    ESC_CLEANUP(esc_freep) char *folder = esc_path_join(desk->home, "demo-small");
    ESC_CLEANUP(esc_freep) char *state_path = esc_path_join(folder, "state.json");
    ESC_CLEANUP(esc_freep) char *config_path = esc_path_join(folder, "config");
    ESC_CLEANUP(esc_freep)
    char *state =
        esc_sprintf("{\"pid\":%d,\"started\":%llu,\"ready\":true,\"world\":\"small\","
                    "\"endpoint\":\"http://127.0.0.1:%u\",\"accounts\":[{\"id\":\"111111111111\","
                    "\"profile\":\"shop\",\"regions\":[\"eu-west-1\",\"eu-west-3\"]}]}",
                    (int)pid, (unsigned long long)started, desk->sts_port);
    expect_ok(esc_file_make_folder(folder, &err));
    expect_ok(esc_file_replace(state_path, esc_str_of(state), 0600, &err));
    expect_ok(esc_file_replace(config_path,
                               ESC_STR("[profile shop]\naws_access_key_id = AK111111111111\n"
                                       "aws_secret_access_key = s\nregion = eu-west-1\n"),
                               0600, &err));
}

/* No variable leads there: the environment of this call has neither keys nor files. */
static const char use_demo[] = "{\"demo\":true,\"environment\":{\"AWS_CONFIG_FILE\":"
                               "\"/dev/null\",\"AWS_SHARED_CREDENTIALS_FILE\":\"/dev/null\"}}";

static void a_demo_cloud_that_runs_is_found_and_taken_in_without_any_variable(void **state)
{
    struct desk *desk = *state;
    struct esc_brood_member self;
    assert_true(esc_brood_identify(getpid(), &self));
    put_demo(desk, getpid(), self.start + 1); /* another process had this id once */
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *before = desk_expect(desk, ESC_OK, "GET", "/api/home", NULL);
    assert_null(esc_json_member(before, "demo_cloud"));
    esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "POST", "/api/accounts/discover", use_demo));
    put_demo(desk, getpid(), self.start);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *home = desk_expect(desk, ESC_OK, "GET", "/api/home", NULL);
    assert_int_equal(1, esc_json_num(home, "demo_cloud.accounts", 0));
    assert_string_equal("small", text(home, "demo_cloud.world"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *found = desk_expect(desk, ESC_OK, "POST", "/api/accounts/discover", use_demo);
    assert_string_equal("111111111111", text(found, "found[0].id"));
    assert_string_equal("eu-west-3", text(found, "found[0].regions[1]"));
    assert_true(esc_json_flag(found, "found[0].emulator", false));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *after = desk_expect(desk, ESC_OK, "GET", "/api/home", NULL);
    assert_null(esc_json_member(after, "demo_cloud"));
    desk_restart(desk); /* the account remembers where its profile is */
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *tested = desk_expect(desk, ESC_OK, "POST", "/api/accounts/111111111111/test",
                                          "{\"environment\":{\"AWS_CONFIG_FILE\":\"/dev/null\","
                                          "\"AWS_SHARED_CREDENTIALS_FILE\":\"/dev/null\"}}");
    expect_contains("valid", text(tested, "result"));
}

static void a_whole_look_removes_what_it_did_not_see_and_nothing_else(void **state)
{
    struct desk *desk = *state;
    show_rds(desk);
    import(desk, DESK_ACCOUNT, "us-west-2", "rds_instance", "gone-db");
    import(desk, DESK_ACCOUNT, "eu-west-1", "rds_instance", "elsewhere-db");
    import(desk, OTHER_ACCOUNT, "us-west-2", "rds_instance", "other-db");
    import(desk, DESK_ACCOUNT, "us-west-2", "ec2_instance", "i-0123456789abcdef0");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_rds(desk, ESC_OK);
    assert_int_equal(1, esc_json_num(body, "removed", 0));
    assert_int_equal(4, esc_json_num(body, "cells_ok", 0));
    for (int turn = 0; turn < 2; turn++) {
        assert_false(has(desk, "gone-db"));
        assert_true(has(desk, "pg-instance-main1"));
        assert_true(has(desk, "elsewhere-db"));
        assert_true(has(desk, "other-db"));
        assert_true(has(desk, "i-0123456789abcdef0"));
        desk_restart(desk);
    }
}

static void one_cell_that_fails_costs_no_other_and_removes_nothing(void **state)
{
    struct desk *desk = *state;
    show_rds(desk);
    desk_cloud_drop(desk, "describe-db-clusters.json"); /* denied */
    desk_cloud_put(desk, "describe-db-snapshots.json", "not JSON at all");
    import(desk, DESK_ACCOUNT, "us-west-2", "rds_cluster", "kept-cluster");
    import(desk, DESK_ACCOUNT, "us-west-2", "rds_snapshot", "kept-snapshot");
    import(desk, DESK_ACCOUNT, "us-west-2", "rds_instance", "gone-db");
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_rds(desk, ESC_PARTIAL);
    assert_int_equal(2, esc_json_num(body, "cells_ok", 0));
    assert_true(has(desk, "kept-cluster"));
    assert_true(has(desk, "kept-snapshot"));
    assert_true(has(desk, "pg-instance-main1"));
    assert_false(has(desk, "gone-db"));
    const struct esc_json *cells = esc_json_member(body, "cells");
    for (size_t i = 0; i < esc_json_len(cells); i++) {
        const struct esc_json *cell = esc_json_at(cells, i);
        const bool well = esc_text_equal(text(cell, "state"), "ok");
        assert_true(well == (*text(cell, "message") == '\0'));
    }
}

static void with_keys_of_another_account_nothing_is_asked_and_nothing_lost(void **state)
{
    struct desk *desk = *state;
    show_rds(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body =
        desk_expect(desk, ESC_PARTIAL, "POST", "/api/sync",
                    "{\"service\":\"rds\",\"environment\":{\"AWS_ACCESS_KEY_ID\":\"AK" OTHER_ACCOUNT
                    "\",\"AWS_SECRET_ACCESS_KEY\":\"x\"}}");
    assert_int_equal(0, esc_json_num(body, "cells_ok", -1));
    assert_int_equal(0, desk_cloud_calls(desk, "describe-db-instances"));
    assert_true(has(desk, "pg-instance-main1"));
    for (size_t i = 0; i < 4; i++) {
        const struct esc_json *cell = esc_json_at(esc_json_member(body, "cells"), i);
        assert_string_not_equal("", text(cell, "message"));
        assert_string_equal("2026-11-21T08:00:00Z", text(cell, "at"));
    }
}

static void a_cancelled_sync_removes_nothing(void **state)
{
    struct desk *desk = *state;
    struct desk_call sync;
    show_rds(desk);
    import(desk, DESK_ACCOUNT, "us-west-2", "rds_instance", "unseen-db");
    desk_cloud_put(desk, "describe-db-clusters.sh", "sleep 600\n");
    desk_start(desk, "POST", "/api/sync", "{\"service\":\"rds\"," DESK_KEYS "}", &sync);
    esc_json_free(desk_expect(desk, ESC_OK, "GET", "/api/ping", NULL)); /* it has begun */
    esc_api_cancel(sync.call);
    desk_wait(desk, &sync);
    assert_int_equal(ESC_CANCELLED, sync.status);
    desk_call_done(&sync);
    assert_true(has(desk, "unseen-db"));
    desk_cloud_drop(desk, "describe-db-clusters.sh");
    esc_json_free(sync_rds(desk, ESC_OK)); /* and the next one may begin */
}

static void a_sync_waits_for_the_small_one_after_a_run(void **state)
{
    struct desk *desk = *state;
    struct desk_call first, second, third;
    show_rds(desk);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *body = desk_expect(desk, ESC_OK, "POST", "/api/ask",
                                        "{\"prompt\":\"Stop pg-instance-main1\"," DESK_KEYS "}");
    ESC_CLEANUP(esc_freep)
    char *path = esc_sprintf("/api/plans/%s/approve", text(body, "plan_hash"));
    esc_json_free(desk_expect(desk, ESC_OK, "POST", path,
                              "{\"confirm\":\"pg-instance-main1\"," DESK_KEYS "}"));
    static const char rds[] = "{\"service\":\"rds\"," DESK_KEYS "}";
    desk_start(desk, "POST", "/api/sync", rds, &first);
    desk_start(desk, "POST", "/api/sync", rds, &second);
    desk_start(desk, "POST", "/api/sync", rds, &third);
    esc_json_free(desk_expect(desk, ESC_OK, "GET", "/api/ping", NULL)); /* all three wait */
    esc_api_cancel(third.call);
    desk_wait(desk, &first);
    desk_wait(desk, &second);
    assert_int_equal(ESC_OK, first.status);
    assert_int_equal(ESC_CONFLICT, second.status);
    assert_int_equal(ESC_CANCELLED, third.status);
    desk_call_done(&first);
    desk_call_done(&second);
    desk_call_done(&third);
}

static void a_sync_of_nobody_says_so(void **state)
{
    static const char *const bodies[] = {
        "{\"account\":\"nobody\"," DESK_KEYS "}",
        "{\"account\":\"111111111111\"," DESK_KEYS "}",
    };
    struct desk *desk = *state;
    for (size_t i = 0; i < ESC_COUNT(bodies); i++)
        esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "POST", "/api/sync", bodies[i]));
    esc_json_free(desk_expect(desk, ESC_INVALID, "POST", "/api/sync",
                              "{\"service\":\"nothing\"," DESK_KEYS "}"));
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", "/api/accounts/production", NULL));
    ESC_CLEANUP(esc_json_freep) struct esc_json *body = sync_rds(desk, ESC_NOT_FOUND);
    expect_contains("accounts add", text(body, "message"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_account_stays_and_is_there_once),
        TEST(an_emulator_has_a_plain_address_on_this_machine),
        TEST(no_name_stands_in_for_an_account),
        TEST(keys_are_proven_and_never_kept),
        TEST(nothing_that_is_stored_holds_a_credential),
        TEST(an_account_that_is_removed_takes_its_estate_and_coverage_along),
        TEST(no_account_is_removed_under_a_sync),
        TEST(discovery_says_what_it_found_and_what_not),
        TEST(an_organisations_account_takes_nobodys_name_or_place),
        TEST(a_page_brings_the_code_along_and_nobody_else_sees_it),
        TEST(a_demo_cloud_that_runs_is_found_and_taken_in_without_any_variable),
        TEST(a_whole_look_removes_what_it_did_not_see_and_nothing_else),
        TEST(one_cell_that_fails_costs_no_other_and_removes_nothing),
        TEST(with_keys_of_another_account_nothing_is_asked_and_nothing_lost),
        TEST(a_cancelled_sync_removes_nothing),
        TEST(a_sync_waits_for_the_small_one_after_a_run),
        TEST(a_sync_of_nobody_says_so),
    };
    return cmocka_run_group_tests_name("work/accounts", tests, NULL, NULL);
}
