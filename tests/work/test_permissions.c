/* SPDX-License-Identifier: Apache-2.0 */

/* What the caller's policies permit: read by a sync, told of a row, believed by a plan. */

#include <string.h>

#include "escher/store/document.h"
#include "escher/work/permission_private.h"
#include "tests/work/caller_desk.h"

static struct esc_error err;

static void a_sync_reads_policies_and_says_what_they_permit(void **state)
{
    struct desk *desk = caller_desk(state);
    caller_expect(desk, DATABASE, "stop", "unknown: `escher sync` reads them");
    caller_put_policy(desk, ALLOW ", {\"Sid\": \"Keep\", \"Effect\": \"Deny\", \"Action\":"
                                  " \"rds:Delete*\", \"Resource\": \"*\"}");
    (void)caller_sync(desk, "rds");
    caller_expect(desk, DATABASE, "stop", "allowed");
    caller_expect(desk, DATABASE, "rds:DeleteDBInstance", "denied");
    assert_int_equal(1, caller_stored_count(desk, "denied_actions"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer =
        desk_expect(desk, ESC_OK, "GET", "/api/permissions/" DESK_DATABASE, NULL);
    assert_string_equal("arn:aws:sts::" DESK_ACCOUNT ":assumed-role/Developer/i-0123456789abcdef0",
                        esc_json_str(answer, "principal", ""));
    assert_string_equal("none", esc_json_str(answer, "organisation", ""));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *status = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_int_equal(1, esc_json_num(status, "permissions.denied", 0));
    assert_int_equal(0, esc_json_num(status, "permissions.unknown", -1));
    assert_true(esc_json_num(status, "permissions.allowed", 0) >= 7);
}

/* Whoever made the session may have narrowed it, and nobody tells. */
static void a_session_that_others_have_made_may_be_narrower_than_its_role(void **state)
{
    struct desk *desk = caller_desk(state);
    caller_put_policy(desk,
                      ALLOW ", {\"Effect\": \"Deny\", \"Action\": \"rds:Delete*\", \"Resource\":"
                            " \"*\"}");
    desk_cloud_put(desk, "get-caller-identity.json",
                   "{\"Account\": \"" DESK_ACCOUNT "\", \"Arn\":"
                   " \"arn:aws:sts::" DESK_ACCOUNT ":assumed-role/Developer/vault-17\"}");
    (void)caller_sync(desk, "rds");
    caller_expect(desk, DATABASE, "stop",
                  "unknown: whether the session was narrowed when it was made is told by nobody");
    caller_expect(desk, DATABASE, "rds:DeleteDBInstance", "denied");
}

static void what_did_not_change_is_not_written_and_counted_once(void **state)
{
    struct desk *desk = caller_desk(state);
    (void)caller_sync(desk, "rds");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *before = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_int_equal(0, caller_sync(desk, "rds"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *after = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_int_equal(esc_json_num(before, "permissions.allowed", 0),
                     esc_json_num(after, "permissions.allowed", 1));
    caller_put_policy(desk, "{\"Effect\": \"Allow\", \"Action\": \"rds:*\", \"Resource\": \"*\"}");
    assert_int_equal(0, caller_sync(desk, "rds")); /* other words that permit the same */
    caller_put_policy(desk, "{\"Effect\": \"Allow\", \"Action\": \"rds:S*\", \"Resource\": \"*\"}");
    assert_int_equal(1, caller_sync(desk, "rds"));
}

static void rows_that_a_sync_did_not_bring_follow_other_policies(void **state)
{
    struct desk *desk = caller_desk(state);
    (void)caller_sync(desk, "rds");
    assert_int_equal(0, caller_stored_count(desk, "denied_actions"));
    caller_put_policy(desk,
                      ALLOW ", {\"Effect\": \"Deny\", \"Action\": \"rds:*\", \"Resource\": \"*\"}");
    (void)caller_sync(desk, "s3");
    assert_int_equal(0, caller_stored_count(desk, "allowed_actions"));
    assert_true(caller_stored_count(desk, "denied_actions") >= 7);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *status = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_true(esc_json_num(status, "permissions.denied", 0) >= 7);
}

static void refused_reads_make_it_unknown_and_never_denied(void **state)
{
    static const char *const verbs[] = {"get-role", "list-attached-role-policies",
                                        "list-role-policies", "get-role-policy"};
    struct desk *desk = caller_desk(state);
    desk_cloud_drop(desk, "get-caller-identity.json");
    (void)caller_sync(desk, "rds");
    caller_expect(desk, DATABASE, "stop", "unknown: sts:GetCallerIdentity: AccessDenied");
    caller_put(desk);
    for (size_t i = 0; i < ESC_COUNT(verbs); i++) {
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("%s.json", verbs[i]);
        desk_cloud_drop(desk, name);
        (void)caller_sync(desk, "rds");
        ESC_CLEANUP(esc_freep) char *found = caller_verdict(desk, DATABASE, "stop");
        assert_true(esc_str_starts_with(esc_str_of(found), ESC_STR("unknown: iam:")));
        assert_int_equal(0, caller_stored_count(desk, "denied_actions"));
        assert_int_equal(0, caller_stored_count(desk, "allowed_actions"));
        caller_put(desk);
    }
}

/* Without an answer to the first question all stays as it was known, and old. */
static void an_account_that_cannot_be_asked_keeps_what_was_known(void **state)
{
    struct desk *desk = caller_desk(state);
    (void)caller_sync(desk, "rds");
    desk_cloud_drop(desk, "get-caller-identity.json");
    assert_int_equal(0, caller_sync(desk, "rds"));
    caller_expect(desk, DATABASE, "stop", "allowed");
}

static void an_action_is_named_as_a_person_would(void **state)
{
    struct desk *desk = caller_desk(state);
    static const struct {
        const char *action;
        enum esc_status status;
    } cases[] = {
        {"stop", ESC_OK},
        {"Stopdbinstance", ESC_OK},
        {"RDS:stopDBinstance", ESC_OK},
        {"rds:AddRoleToDBInstance", ESC_OK},
        {"nosuch:Thing", ESC_OK},
        {"rds:StopDBInstnce", ESC_INVALID},
        {"ec2:RunInstances", ESC_INVALID}, /* it is not done to a database */
        {"st", ESC_NOT_FOUND},
        {"fly", ESC_NOT_FOUND},
        {"describe", ESC_AMBIGUOUS},
        {"a b:c", ESC_NOT_FOUND},
        {":", ESC_NOT_FOUND},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_freep)
        char *body = esc_sprintf("{\"text\":\"" DATABASE "\",\"action\":\"%s\"}", cases[i].action);
        esc_json_free(desk_expect(desk, cases[i].status, "POST", "/api/can", body));
    }
}

static void what_a_run_learned_at_a_time_to_come_is_not_believed(void **state)
{
    struct desk *desk = caller_desk(state);
    char digest[ESC_SHA256_TEXT], at[ESC_TIME_TEXT];
    ESC_CLEANUP(esc_json_freep) struct esc_json *policies = NULL;
    (void)caller_sync(desk, "rds");
    expect_ok(
        esc_store_doc_get(desk->bench->store, WORK_IAM_POLICIES, DESK_ACCOUNT, &policies, &err));
    esc_policy_set_digest(policies, digest);
    static const struct {
        int64_t ahead_ms;
        const char *expected;
    } cases[] = {{-1000, "denied"}, {0, "denied"}, {1000, "allowed"}};
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *learned = esc_json_object();
        esc_time_format((uint64_t)((int64_t)desk->clock.wall_ms + cases[i].ahead_ms), at);
        esc_json_set_text(learned, "at", at);
        esc_json_set_text(learned, "digest", digest);
        expect_ok(esc_store_doc_put(desk->bench->store, WORK_IAM_LEARNED,
                                    DESK_DATABASE " rds:StopDBInstance", learned, &err));
        caller_expect(desk, DATABASE, "stop", cases[i].expected);
    }
}

/* What a run of one step, rds:StopDBInstance on `identifier`, has taught. */
static void learn(struct desk *desk, const char *identifier, const char *state, const char *message)
{
    ESC_CLEANUP(esc_freep)
    char *plan_text = esc_sprintf(
        "{\"targets\": [{\"id\": \"" DESK_DATABASE "\", \"identifier\": \"" DATABASE "\", \"arn\":"
        " \"arn:aws:rds:us-west-2:" DESK_ACCOUNT ":db:" DATABASE "\"}], \"steps\": [{\"step_id\":"
        " \"stop\", \"mutates\": true, \"service\": \"rds\", \"operation\": \"StopDBInstance\","
        " \"account\": \"" DESK_ACCOUNT "\", \"params\": {\"DBInstanceIdentifier\": \"%s\"}}]}",
        identifier);
    ESC_CLEANUP(esc_freep)
    char *run_text = esc_sprintf("{\"steps\": [{\"step_id\": \"stop\", \"state\": \"%s\","
                                 " \"category\": \"permission\", \"message\": \"%s\"}]}",
                                 state, message);
    ESC_CLEANUP(esc_json_freep) struct esc_json *plan = NULL, *run = NULL;
    expect_ok(esc_json_parse(esc_str_of(plan_text), NULL, &plan, &err));
    expect_ok(esc_json_parse(esc_str_of(run_text), NULL, &run, &err));
    work_permission_learn(desk->bench, plan, run);
}

#define REFUSED "User: x is not authorized to perform: "
#define ROLE_ON "arn:aws:iam::" DESK_ACCOUNT ":role/monitor"

static size_t learned_count(struct desk *desk, const char *key)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *fact = NULL;
    return esc_store_doc_get(desk->bench->store, WORK_IAM_LEARNED, key, &fact, NULL) == ESC_OK;
}

static void a_refusal_teaches_what_its_message_names_and_the_step_s_success_forgets_it(void **state)
{
    static const char *const pass = ROLE_ON " iam:PassRole";
    struct desk *desk = caller_desk(state);
    (void)caller_sync(desk, "rds");
    learn(desk, DATABASE, "failed",
          REFUSED "iam:PassRole on resource: " ROLE_ON " because no policy allows it");
    caller_expect(desk, DATABASE, "stop", "allowed");
    assert_int_equal(0, learned_count(desk, DESK_DATABASE " iam:PassRole"));
    assert_int_equal(1, learned_count(desk, pass));
    learn(desk, DATABASE, "succeeded", "");
    assert_int_equal(0, learned_count(desk, pass));
    learn(desk, DATABASE, "failed",
          REFUSED "rds:StopDBInstance on resource: arn:aws:rds:us-west-2:" DESK_ACCOUNT
                  ":db:" DATABASE);
    caller_expect(desk, DATABASE, "stop", "denied");
    learn(desk, "another", "succeeded", ""); /* that another may be stopped teaches nothing here */
    caller_expect(desk, DATABASE, "stop", "denied");
    learn(desk, DATABASE, "succeeded", "");
    caller_expect(desk, DATABASE, "stop", "allowed");
}

static void a_refusal_that_names_nothing_is_that_of_the_step_s_own_target(void **state)
{
    struct desk *desk = caller_desk(state);
    (void)caller_sync(desk, "rds");
    learn(desk, "made-by-this-run", "failed", REFUSED "rds:StopDBInstance");
    caller_expect(desk, DATABASE, "stop", "allowed");
    learn(desk, DATABASE, "failed", "You are not authorized to perform this operation.");
    caller_expect(desk, DATABASE, "stop", "denied");
}

static void what_was_refused_to_one_session_or_network_is_not_refused_to_the_next(void **state)
{
    static const char *const reasons[] = {
        "because no session policy allows the rds:StopDBInstance action",
        "with an explicit deny in a session policy",
        "because no VPC endpoint policy allows the rds:StopDBInstance action",
    };
    struct desk *desk = caller_desk(state);
    (void)caller_sync(desk, "rds");
    for (size_t i = 0; i < ESC_COUNT(reasons); i++) {
        ESC_CLEANUP(esc_freep)
        char *message = esc_sprintf(REFUSED "rds:StopDBInstance on resource: arn:aws:rds:"
                                            "us-west-2:" DESK_ACCOUNT ":db:" DATABASE " %s",
                                    reasons[i]);
        learn(desk, DATABASE, "failed", message);
        caller_expect(desk, DATABASE, "stop", "allowed");
    }
}

static void what_is_learned_stands_in_the_place_of_what_was_conditional(void **state)
{
    struct desk *desk = caller_desk(state);
    caller_put_policy(desk, "{\"Effect\": \"Allow\", \"Action\": \"rds:*\", \"Resource\": \"*\","
                            " \"Condition\": {\"Bool\":"
                            " {\"aws:MultiFactorAuthPresent\": \"true\"}}}");
    (void)caller_sync(desk, "rds");
    const size_t before = caller_stored_count(desk, "conditional_actions");
    assert_true(before > 0);
    learn(desk, DATABASE, "failed", REFUSED "rds:StopDBInstance");
    (void)caller_sync(desk, "rds");
    assert_int_equal(before - 1, caller_stored_count(desk, "conditional_actions"));
    assert_int_equal(1, caller_stored_count(desk, "denied_actions"));
}

/* The plan is made by whoever's keys STS calls those of `arn`. */
static struct esc_json *ask_to_stop_as(struct desk *desk, const char *arn)
{
    desk_restart(desk); /* nobody remembers whose the keys were */
    desk->sts.arn = arn;
    return desk_expect(desk, ESC_OK, "POST", "/api/ask",
                       "{\"prompt\":\"Stop " DATABASE "\"," DESK_KEYS "}");
}

static void a_deny_blocks_a_plan_of_the_one_whose_policies_say_so(void **state)
{
    static const struct {
        const char *arn, *kind, *words;
    } cases[] = {
        {"arn:aws:sts::" DESK_ACCOUNT ":assumed-role/Developer/i-0123456789abcdef0", "refusal",
         "you are known not to be allowed rds:StopDBInstance"},
        {"arn:aws:sts::" DESK_ACCOUNT ":assumed-role/Developer/escher-probe", "refusal",
         "you are known not to be allowed rds:StopDBInstance"},
        {"arn:aws:sts::" DESK_ACCOUNT ":assumed-role/Administrator/ada", "plan",
         "those of arn:aws:sts::" DESK_ACCOUNT ":assumed-role/Developer/i-0123456789abcdef0,"},
        {"arn:aws:iam::" DESK_ACCOUNT ":user/Developer", "plan",
         "those of arn:aws:sts::" DESK_ACCOUNT ":assumed-role/Developer/i-0123456789abcdef0,"},
    };
    struct desk *desk = caller_desk(state);
    caller_put_policy(desk, ALLOW ", {\"Effect\": \"Deny\", \"Action\":"
                                  " \"rds:Stop*\", \"Resource\": \"*\"}");
    (void)caller_sync(desk, "rds");
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *answer = ask_to_stop_as(desk, cases[i].arn);
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(answer, ESC_JSON_COMPACT);
        assert_string_equal(cases[i].kind, esc_json_str(answer, "kind", ""));
        expect_contains(cases[i].words, text);
    }
}

static void a_sync_can_be_cancelled_while_policies_are_read(void **state)
{
    struct desk *desk = caller_desk(state);
    struct desk_call sync;
    desk_cloud_put(desk, "get-role.sh", "sleep 3600\n");
    desk_start(desk, "POST", "/api/sync", "{\"service\":\"rds\"," DESK_KEYS "}", &sync);
    while (desk_cloud_calls(desk, "get-role") == 0)
        esc_json_free(desk_expect(desk, ESC_OK, "GET", "/api/ping", NULL));
    esc_api_cancel(sync.call);
    desk_wait(desk, &sync);
    assert_int_equal(ESC_CANCELLED, sync.status);
    desk_call_done(&sync);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sync_reads_policies_and_says_what_they_permit),
        TEST(a_session_that_others_have_made_may_be_narrower_than_its_role),
        TEST(what_did_not_change_is_not_written_and_counted_once),
        TEST(rows_that_a_sync_did_not_bring_follow_other_policies),
        TEST(refused_reads_make_it_unknown_and_never_denied),
        TEST(an_account_that_cannot_be_asked_keeps_what_was_known),
        TEST(an_action_is_named_as_a_person_would),
        TEST(a_refusal_teaches_what_its_message_names_and_the_step_s_success_forgets_it),
        TEST(a_refusal_that_names_nothing_is_that_of_the_step_s_own_target),
        TEST(what_is_learned_stands_in_the_place_of_what_was_conditional),
        TEST(what_was_refused_to_one_session_or_network_is_not_refused_to_the_next),
        TEST(what_a_run_learned_at_a_time_to_come_is_not_believed),
        TEST(a_deny_blocks_a_plan_of_the_one_whose_policies_say_so),
        TEST(a_sync_can_be_cancelled_while_policies_are_read),
    };
    return cmocka_run_group_tests_name("work/permissions", tests, NULL, NULL);
}
