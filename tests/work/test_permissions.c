/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/catalog/iam_action.h"
#include "escher/playbook/argv.h"
#include "escher/store/document.h"
#include "escher/work/dry_run.h"
#include "escher/work/permission_private.h"
#include "tests/work/desk.h"

static struct esc_error err;

/*
 * A caller with a role and one policy, in the fake cloud of a desk: what a sync makes of it, and
 * what is told of it afterwards.
 */
#define ROLE "arn:aws:iam::" DESK_ACCOUNT ":role/ops/Developer"
#define ALLOW "{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}"

static void put_policy(const struct desk *desk, const char *statements)
{
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("{\"PolicyDocument\": {\"Statement\": [%s]}}", statements);
    desk_cloud_put(desk, "get-role-policy.json", text);
}

/* The fake CLI's words for a failure that is none of permission. */
static void put_failure(const struct desk *desk, const char *verb, const char *code)
{
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("%s.sh", verb);
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf(
        "echo 'An error occurred (%s) when calling the thing operation: no' >&2; exit 254\n", code);
    desk_cloud_put(desk, name, text);
}

static void put_caller(const struct desk *desk)
{
    desk_cloud_put(
        desk, "get-caller-identity.json",
        "{\"UserId\": \"AROA1:i-0123456789abcdef0\", \"Account\": \"" DESK_ACCOUNT "\", \"Arn\":"
        " \"arn:aws:sts::" DESK_ACCOUNT ":assumed-role/Developer/i-0123456789abcdef0\"}");
    desk_cloud_put(desk, "get-role.json", "{\"Role\": {\"Arn\": \"" ROLE "\"}}");
    desk_cloud_put(desk, "list-attached-role-policies.json", "{\"AttachedPolicies\": []}");
    desk_cloud_put(desk, "list-role-policies.json", "{\"PolicyNames\": [\"own\"]}");
    put_policy(desk, ALLOW);
    put_failure(desk, "describe-organization", "AWSOrganizationsNotInUseException");
}

static void join_organisation(const struct desk *desk)
{
    desk_cloud_drop(desk, "describe-organization.sh");
    desk_cloud_put(desk, "describe-organization.json",
                   "{\"Organization\": {\"Id\": \"o-1\", \"MasterAccountId\": \"999999999999\"}}");
}

static void put_estate(const struct desk *desk)
{
    static const char *const empty[][2] = {
        {"describe-db-clusters.json", "{\"DBClusters\": []}"},
        {"describe-db-snapshots.json", "{\"DBSnapshots\": []}"},
        {"describe-db-cluster-snapshots.json", "{\"DBClusterSnapshots\": []}"},
        {"list-buckets.json", "{\"Buckets\": [{\"Name\": \"papers\"}]}"},
        {"get-bucket-location.json", "{\"LocationConstraint\": \"us-west-2\"}"},
        {"get-bucket-versioning.json", "{}"},
        {"get-bucket-tagging.json", "{\"TagSet\": []}"},
        {"get-resources.json", "{\"ResourceTagMappingList\": []}"},
        {"get-bucket-encryption.json", "{}"},
        {"get-public-access-block.json", "{}"},
    };
    for (size_t i = 0; i < ESC_COUNT(empty); i++)
        desk_cloud_put(desk, empty[i][0], empty[i][1]);
    put_failure(desk, "get-bucket-policy", "NoSuchBucketPolicy");
}

static struct desk *desk_of(void **state)
{
    struct desk *desk = *state;
    desk_add_account(desk);
    desk_add_database(desk);
    put_caller(desk);
    put_estate(desk);
    return desk;
}

/* The number of rows it has changed. */
static int64_t sync_service(struct desk *desk, const char *service)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = NULL;
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"service\":\"%s\"," DESK_KEYS "}", service);
    const enum esc_status status = desk_ask(desk, "POST", "/api/sync", body, &answer);
    assert_true(status == ESC_OK || status == ESC_PARTIAL);
    return esc_json_num(answer, "changed", -1);
}

/* "verdict source" and, where there is one, the reason why it is unknown. */
static char *verdict(struct desk *desk, const char *name, const char *action)
{
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"text\":\"%s\",\"action\":\"%s\"}", name, action);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer = desk_expect(desk, ESC_OK, "POST", "/api/can", body);
    const struct esc_json *page = esc_json_get(answer, "actions[0]");
    const char *why = esc_json_str(page, "why", NULL);
    return esc_sprintf("%s%s%s", esc_json_str(page, "verdict", ""), why ? ": " : "",
                       why ? why : "");
}

static void expect_verdict(struct desk *desk, const char *name, const char *action,
                           const char *expected)
{
    ESC_CLEANUP(esc_freep) char *found = verdict(desk, name, action);
    if (strcmp(expected, found) != 0)
        fail_msg("%s of %s: %s instead of %s", action, name, found, expected);
}

#define DATABASE "pg-instance-main1"

/* The member of the row as it is stored. */
static size_t stored_count(struct desk *desk, const char *list)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer =
        desk_expect(desk, ESC_OK, "POST", "/api/show", "{\"text\":\"" DATABASE "\"}");
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("resource.iam.%s", list);
    return esc_json_len(esc_json_get(answer, path));
}

static void a_sync_reads_policies_and_says_what_they_permit(void **state)
{
    struct desk *desk = desk_of(state);
    expect_verdict(desk, DATABASE, "stop", "unknown: `escher sync` reads them");
    put_policy(desk, ALLOW ", {\"Sid\": \"Keep\", \"Effect\": \"Deny\", \"Action\":"
                           " \"rds:Delete*\", \"Resource\": \"*\"}");
    (void)sync_service(desk, "rds");
    expect_verdict(desk, DATABASE, "stop", "allowed");
    expect_verdict(desk, DATABASE, "rds:DeleteDBInstance", "denied");
    assert_int_equal(1, stored_count(desk, "denied_actions"));
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
    struct desk *desk = desk_of(state);
    put_policy(desk, ALLOW ", {\"Effect\": \"Deny\", \"Action\": \"rds:Delete*\", \"Resource\":"
                           " \"*\"}");
    desk_cloud_put(desk, "get-caller-identity.json",
                   "{\"Account\": \"" DESK_ACCOUNT "\", \"Arn\":"
                   " \"arn:aws:sts::" DESK_ACCOUNT ":assumed-role/Developer/vault-17\"}");
    (void)sync_service(desk, "rds");
    expect_verdict(desk, DATABASE, "stop",
                   "unknown: whether the session was narrowed when it was made is told by nobody");
    expect_verdict(desk, DATABASE, "rds:DeleteDBInstance", "denied");
}

static void what_did_not_change_is_not_written_and_counted_once(void **state)
{
    struct desk *desk = desk_of(state);
    (void)sync_service(desk, "rds");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *before = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_int_equal(0, sync_service(desk, "rds"));
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *after = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_int_equal(esc_json_num(before, "permissions.allowed", 0),
                     esc_json_num(after, "permissions.allowed", 1));
    put_policy(desk, "{\"Effect\": \"Allow\", \"Action\": \"rds:*\", \"Resource\": \"*\"}");
    assert_int_equal(0, sync_service(desk, "rds")); /* other words that permit the same */
    put_policy(desk, "{\"Effect\": \"Allow\", \"Action\": \"rds:S*\", \"Resource\": \"*\"}");
    assert_int_equal(1, sync_service(desk, "rds"));
}

static void rows_that_a_sync_did_not_bring_follow_other_policies(void **state)
{
    struct desk *desk = desk_of(state);
    (void)sync_service(desk, "rds");
    assert_int_equal(0, stored_count(desk, "denied_actions"));
    put_policy(desk, ALLOW ", {\"Effect\": \"Deny\", \"Action\": \"rds:*\", \"Resource\": \"*\"}");
    (void)sync_service(desk, "s3");
    assert_int_equal(0, stored_count(desk, "allowed_actions"));
    assert_true(stored_count(desk, "denied_actions") >= 7);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *status = desk_expect(desk, ESC_OK, "GET", "/api/status", NULL);
    assert_true(esc_json_num(status, "permissions.denied", 0) >= 7);
}

static void refused_reads_make_it_unknown_and_never_denied(void **state)
{
    static const char *const verbs[] = {"get-role", "list-attached-role-policies",
                                        "list-role-policies", "get-role-policy"};
    struct desk *desk = desk_of(state);
    desk_cloud_drop(desk, "get-caller-identity.json");
    (void)sync_service(desk, "rds");
    expect_verdict(desk, DATABASE, "stop", "unknown: sts:GetCallerIdentity: AccessDenied");
    put_caller(desk);
    for (size_t i = 0; i < ESC_COUNT(verbs); i++) {
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("%s.json", verbs[i]);
        desk_cloud_drop(desk, name);
        (void)sync_service(desk, "rds");
        ESC_CLEANUP(esc_freep) char *found = verdict(desk, DATABASE, "stop");
        assert_true(esc_str_starts_with(esc_str_of(found), ESC_STR("unknown: iam:")));
        assert_int_equal(0, stored_count(desk, "denied_actions"));
        assert_int_equal(0, stored_count(desk, "allowed_actions"));
        put_caller(desk);
    }
}

/* Without an answer to the first question all stays as it was known, and old. */
static void an_account_that_cannot_be_asked_keeps_what_was_known(void **state)
{
    struct desk *desk = desk_of(state);
    (void)sync_service(desk, "rds");
    desk_cloud_drop(desk, "get-caller-identity.json");
    assert_int_equal(0, sync_service(desk, "rds"));
    expect_verdict(desk, DATABASE, "stop", "allowed");
}

static void in_an_organisation_the_simulator_is_asked_once_a_day(void **state)
{
    struct desk *desk = desk_of(state);
    join_organisation(desk);
    desk_cloud_put(
        desk, "simulate-principal-policy.json",
        "{\"EvaluationResults\": ["
        "{\"EvalActionName\": \"rds:StopDBInstance\", \"EvalDecision\": \"implicitDeny\","
        " \"OrganizationsDecisionDetail\": {\"AllowedByOrganizations\": false}},"
        "{\"EvalActionName\": \"rds:StartDBInstance\", \"EvalDecision\": \"allowed\","
        " \"OrganizationsDecisionDetail\": {\"AllowedByOrganizations\": true}}]}");
    (void)sync_service(desk, "rds");
    assert_int_equal(1, desk_cloud_calls(desk, "simulate-principal-policy"));
    expect_verdict(desk, DATABASE, "start", "allowed");
    expect_verdict(desk, DATABASE, "stop", "denied");
    expect_verdict(desk, DATABASE, "reboot",
                   "unknown: the policies of the organisation could not be asked");
    assert_int_equal(1, stored_count(desk, "allowed_actions"));
    (void)sync_service(desk, "rds");
    assert_int_equal(1, desk_cloud_calls(desk, "simulate-principal-policy"));
    esc_clock_fixed_advance(&desk->clock, UINT64_C(25) * 3600 * 1000);
    (void)sync_service(desk, "rds");
    assert_int_equal(2, desk_cloud_calls(desk, "simulate-principal-policy"));
}

/* A policy of the organisation may hang on tags: with others it is asked anew, at once. */
static void a_probe_holds_for_the_tags_it_was_made_with(void **state)
{
    struct desk *desk = desk_of(state);
    join_organisation(desk);
    desk_cloud_put(desk, "simulate-principal-policy.json",
                   "{\"EvaluationResults\": [{\"EvalActionName\": \"rds:StopDBInstance\","
                   " \"OrganizationsDecisionDetail\": {\"AllowedByOrganizations\": true}}]}");
    (void)sync_service(desk, "rds");
    expect_verdict(desk, DATABASE, "stop", "allowed");
    ESC_CLEANUP(esc_json_freep) struct esc_json *probes = NULL;
    expect_ok(esc_store_doc_get(desk->bench->store, WORK_IAM_PROBES, DESK_ACCOUNT, &probes, &err));
    struct esc_json *tags = esc_json_get_mutable(probes, "rds_instance us-west-2.tags");
    assert_non_null(tags);
    esc_json_set_text(tags, "env", "as it was before");
    expect_ok(esc_store_doc_put(desk->bench->store, WORK_IAM_PROBES, DESK_ACCOUNT, probes, &err));
    expect_verdict(desk, DATABASE, "stop",
                   "unknown: the policies of the organisation were asked about other tags");
    (void)sync_service(desk, "rds");
    assert_int_equal(2, desk_cloud_calls(desk, "simulate-principal-policy"));
    expect_verdict(desk, DATABASE, "stop", "allowed");
}

/* Half an answer, answers to other questions, and words where yes and no belong. */
static void a_simulator_that_lies_decides_nothing(void **state)
{
    static const char *const answers[] = {
        "{}",
        "[]",
        "{\"EvaluationResults\": \"all\"}",
        "{\"EvaluationResults\": [7, [], {}]}",
        "{\"EvaluationResults\": [{\"EvalActionName\": \"rds:StopDBInstance\"}]}",
        "{\"EvaluationResults\": [{\"EvalActionName\": \"rds:StopDBInstance\","
        " \"OrganizationsDecisionDetail\": {\"AllowedByOrganizations\": \"true\"}}]}",
        "{\"EvaluationResults\": [{\"EvalActionName\": [\"rds:StopDBInstance\"],"
        " \"OrganizationsDecisionDetail\": {\"AllowedByOrganizations\": true}}]}",
        "{\"EvaluationResults\": [{\"EvalActionName\": \"ec2:StopInstances\","
        " \"OrganizationsDecisionDetail\": {\"AllowedByOrganizations\": true}}]}",
    };
    struct desk *desk = desk_of(state);
    join_organisation(desk);
    for (size_t i = 0; i < ESC_COUNT(answers); i++) {
        desk_cloud_put(desk, "simulate-principal-policy.json", answers[i]);
        esc_clock_fixed_advance(&desk->clock, UINT64_C(25) * 3600 * 1000);
        (void)sync_service(desk, "rds");
        assert_int_equal(i + 1, desk_cloud_calls(desk, "simulate-principal-policy"));
        expect_verdict(desk, DATABASE, "stop",
                       "unknown: the policies of the organisation could not be asked");
    }
}

static void without_the_simulator_an_organisation_leaves_it_unknown(void **state)
{
    struct desk *desk = desk_of(state);
    join_organisation(desk);
    (void)sync_service(desk, "rds");
    expect_verdict(desk, DATABASE, "stop",
                   "unknown: the policies of the organisation could not be asked");
    (void)sync_service(desk, "rds");
    assert_int_equal(1,
                     desk_cloud_calls(desk, "simulate-principal-policy")); /* a day later again */
}

static void deny_deletion_of_the_bucket(const struct desk *desk)
{
    desk_cloud_drop(desk, "get-bucket-policy.sh");
    desk_cloud_put(desk, "get-bucket-policy.json",
                   "{\"Policy\": \"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Deny\\\","
                   " \\\"Principal\\\": \\\"*\\\", \\\"Action\\\": \\\"s3:DeleteBucket\\\","
                   " \\\"Resource\\\": \\\"arn:aws:s3:::papers\\\"}]}\"}");
}

static void the_policy_of_a_bucket_is_read_and_decides(void **state)
{
    struct desk *desk = desk_of(state);
    (void)sync_service(desk, "s3");
    expect_verdict(desk, "papers", "s3:DeleteBucket", "allowed");
    deny_deletion_of_the_bucket(desk);
    (void)sync_service(desk, "s3");
    expect_verdict(desk, "papers", "s3:DeleteBucket", "denied");
    expect_verdict(desk, "papers", "s3:GetObject", "allowed");
    desk_cloud_drop(desk, "get-bucket-policy.json");
    (void)sync_service(desk, "s3");
    expect_verdict(desk, "papers", "s3:DeleteBucket", "unknown: s3:GetBucketPolicy: AccessDenied");
}

/* Its policy may be all that has changed, and was read a moment ago. */
static void an_event_of_a_bucket_has_its_policy_read_again(void **state)
{
    struct desk *desk = desk_of(state);
    (void)sync_service(desk, "s3");
    expect_verdict(desk, "papers", "s3:DeleteBucket", "allowed");
    deny_deletion_of_the_bucket(desk);
    esc_json_free(desk_expect(
        desk, ESC_OK, "PUT", "/api/schedule",
        "{\"queue_url\":\"https://sqs.us-west-2.amazonaws.com/" DESK_ACCOUNT "/escher\","
        "\"queue_account\":\"production\",\"queue_region\":\"us-west-2\",\"emulators\":true}"));
    desk_cloud_put(desk, "receive-message.json",
                   "{\"Messages\":[{\"ReceiptHandle\":\"one\",\"Body\":\"{\\\"source\\\":"
                   "\\\"aws.s3\\\",\\\"detail-type\\\":\\\"AWS API Call via CloudTrail\\\","
                   "\\\"account\\\":\\\"" DESK_ACCOUNT
                   "\\\",\\\"region\\\":\\\"us-west-2\\\"}\"}]}");
    desk_cloud_put(desk, "delete-message-batch.json", "{\"Successful\":[],\"Failed\":[]}");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *taken =
        desk_expect(desk, ESC_OK, "POST", "/api/sync/events", "{" DESK_KEYS "}");
    assert_int_equal(1, esc_json_num(taken, "messages", 0));
    expect_verdict(desk, "papers", "s3:DeleteBucket", "denied");
}

static bool is_kept(const struct desk *desk, const char *collection, const char *key)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *kept = NULL;
    return esc_store_doc_get(desk->bench->store, collection, key, &kept, &err) == ESC_OK;
}

static char *bucket_of(const struct desk *desk)
{
    struct esc_arena arena;
    char *id = NULL;
    esc_arena_init(&arena);
    for (size_t i = 0; i < esc_index_count(desk->bench->index); i++) {
        const struct esc_card card = esc_index_at(desk->bench->index, i, &arena);
        if (esc_text_equal(card.resource_type, "s3_bucket"))
            id = esc_strdup(card.id);
    }
    esc_arena_done(&arena);
    assert_non_null(id);
    return id;
}

/* Another bucket of that name has a policy of its own, and an account that is added again others. */
static void what_is_gone_leaves_no_policy_behind(void **state)
{
    struct desk *desk = desk_of(state);
    (void)sync_service(desk, "s3");
    ESC_CLEANUP(esc_freep) char *id = bucket_of(desk);
    assert_true(is_kept(desk, WORK_IAM_RESOURCE, id));
    desk_cloud_put(desk, "list-buckets.json", "{\"Buckets\": []}");
    (void)sync_service(desk, "s3");
    assert_false(is_kept(desk, WORK_IAM_RESOURCE, id));
    assert_true(is_kept(desk, WORK_IAM_POLICIES, DESK_ACCOUNT));
    esc_json_free(desk_expect(desk, ESC_OK, "DELETE", "/api/accounts/production", NULL));
    assert_false(is_kept(desk, WORK_IAM_POLICIES, DESK_ACCOUNT));
    assert_false(is_kept(desk, WORK_IAM_TALLY, DESK_ACCOUNT));
}

/* What will pass says nothing against what was read before. */
static void a_failure_that_will_pass_keeps_the_policy_that_was_read(void **state)
{
    struct desk *desk = desk_of(state);
    (void)sync_service(desk, "s3");
    put_failure(desk, "get-bucket-policy", "InternalError");
    (void)sync_service(desk, "s3");
    expect_verdict(desk, "papers", "s3:DeleteBucket", "allowed");
}

#define QUEUE "arn:aws:sqs:us-west-2:" DESK_ACCOUNT ":orders"

static void put_queue(const struct desk *desk, const char *attributes)
{
    ESC_CLEANUP(esc_freep) char *text = esc_sprintf("{\"Attributes\": {%s}}", attributes);
    desk_cloud_put(desk, "list-queues.json", "{\"QueueUrls\": [\"https://sqs/1/orders\"]}");
    desk_cloud_put(desk, "get-queue-attributes.json", text);
}

static void the_policy_of_a_queue_denies_and_allows(void **state)
{
    struct desk *desk = desk_of(state);
    put_queue(desk, "\"QueueArn\": \"" QUEUE "\"");
    (void)sync_service(desk, "sqs");
    expect_verdict(desk, "orders", "sqs:PurgeQueue", "allowed");
    put_queue(desk, "\"Policy\": \"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Deny\\\","
                    " \\\"Principal\\\": \\\"*\\\", \\\"Action\\\": \\\"sqs:PurgeQueue\\\","
                    " \\\"Resource\\\": \\\"" QUEUE "\\\"}]}\"");
    (void)sync_service(desk, "sqs");
    expect_verdict(desk, "orders", "sqs:PurgeQueue", "denied");
    put_policy(desk, "{\"Effect\": \"Allow\", \"Action\": \"ec2:*\", \"Resource\": \"*\"}");
    put_queue(desk,
              "\"Policy\": \"{\\\"Statement\\\": [{\\\"Effect\\\": \\\"Allow\\\","
              " \\\"Principal\\\": {\\\"AWS\\\": \\\"" ROLE "\\\"},"
              " \\\"Action\\\": \\\"sqs:SendMessage\\\", \\\"Resource\\\": \\\"" QUEUE "\\\"}]}\"");
    (void)sync_service(desk, "sqs");
    expect_verdict(desk, "orders", "sqs:SendMessage", "allowed");
    expect_verdict(desk, "orders", "sqs:PurgeQueue", "denied");
}

static void the_policy_of_a_function_is_asked_for_where_nothing_else_allows(void **state)
{
    struct desk *desk = desk_of(state);
    desk_cloud_put(desk, "list-functions.json",
                   "{\"Functions\": [{\"FunctionName\": \"resize\", \"FunctionArn\":"
                   " \"arn:aws:lambda:us-west-2:" DESK_ACCOUNT ":function:resize\"}]}");
    desk_cloud_put(desk, "list-layers.json", "{\"Layers\": []}");
    desk_cloud_put(desk, "list-aliases.json", "{\"Aliases\": []}");
    put_failure(desk, "get-policy", "ResourceNotFoundException");
    (void)sync_service(desk, "lambda");
    expect_verdict(desk, "resize", "lambda:InvokeFunction", "allowed");
    assert_int_equal(0, desk_cloud_calls(desk, "get-policy"));
    put_policy(desk, "{\"Effect\": \"Allow\", \"Action\": \"ec2:*\", \"Resource\": \"*\"}");
    (void)sync_service(desk, "lambda");
    expect_verdict(desk, "resize", "lambda:InvokeFunction", "denied");
    assert_int_equal(1, desk_cloud_calls(desk, "get-policy"));
    desk_cloud_drop(desk, "get-policy.sh");
    (void)sync_service(desk, "lambda");
    expect_verdict(desk, "resize", "lambda:InvokeFunction",
                   "unknown: lambda:GetPolicy: AccessDenied");
}

static void an_action_is_named_as_a_person_would(void **state)
{
    struct desk *desk = desk_of(state);
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

/* The clock was a year ahead while this was read. */
static void what_was_read_at_a_time_to_come_is_read_again(void **state)
{
    static const uint64_t year_ms = UINT64_C(365) * 24 * 3600 * 1000;
    struct desk *desk = desk_of(state);
    join_organisation(desk);
    desk_cloud_put(desk, "simulate-principal-policy.json", "{\"EvaluationResults\": []}");
    (void)sync_service(desk, "rds");
    (void)sync_service(desk, "rds");
    assert_int_equal(1, desk_cloud_calls(desk, "simulate-principal-policy"));
    desk->clock.wall_ms -= year_ms;
    (void)sync_service(desk, "rds");
    assert_int_equal(2, desk_cloud_calls(desk, "simulate-principal-policy"));
}

static void what_a_run_learned_at_a_time_to_come_is_not_believed(void **state)
{
    struct desk *desk = desk_of(state);
    char digest[ESC_SHA256_TEXT], at[ESC_TIME_TEXT];
    ESC_CLEANUP(esc_json_freep) struct esc_json *policies = NULL;
    (void)sync_service(desk, "rds");
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
        expect_verdict(desk, DATABASE, "stop", cases[i].expected);
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
    struct desk *desk = desk_of(state);
    (void)sync_service(desk, "rds");
    learn(desk, DATABASE, "failed",
          REFUSED "iam:PassRole on resource: " ROLE_ON " because no policy allows it");
    expect_verdict(desk, DATABASE, "stop", "allowed");
    assert_int_equal(0, learned_count(desk, DESK_DATABASE " iam:PassRole"));
    assert_int_equal(1, learned_count(desk, pass));
    learn(desk, DATABASE, "succeeded", "");
    assert_int_equal(0, learned_count(desk, pass));
    learn(desk, DATABASE, "failed",
          REFUSED "rds:StopDBInstance on resource: arn:aws:rds:us-west-2:" DESK_ACCOUNT
                  ":db:" DATABASE);
    expect_verdict(desk, DATABASE, "stop", "denied");
    learn(desk, "another", "succeeded", ""); /* that another may be stopped teaches nothing here */
    expect_verdict(desk, DATABASE, "stop", "denied");
    learn(desk, DATABASE, "succeeded", "");
    expect_verdict(desk, DATABASE, "stop", "allowed");
}

static void a_refusal_that_names_nothing_is_that_of_the_step_s_own_target(void **state)
{
    struct desk *desk = desk_of(state);
    (void)sync_service(desk, "rds");
    learn(desk, "made-by-this-run", "failed", REFUSED "rds:StopDBInstance");
    expect_verdict(desk, DATABASE, "stop", "allowed");
    learn(desk, DATABASE, "failed", "You are not authorized to perform this operation.");
    expect_verdict(desk, DATABASE, "stop", "denied");
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
    struct desk *desk = desk_of(state);
    put_policy(desk, ALLOW ", {\"Effect\": \"Deny\", \"Action\":"
                           " \"rds:Stop*\", \"Resource\": \"*\"}");
    (void)sync_service(desk, "rds");
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        ESC_CLEANUP(esc_json_freep) struct esc_json *answer = ask_to_stop_as(desk, cases[i].arn);
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(answer, ESC_JSON_COMPACT);
        assert_string_equal(cases[i].kind, esc_json_str(answer, "kind", ""));
        expect_contains(cases[i].words, text);
    }
}

static void the_simulator_is_asked_for_comparison_alone(void **state)
{
    static const char *const body = "{\"text\":\"" DATABASE "\",\"action\":\"stop\"," DESK_KEYS "}";
    struct desk *desk = desk_of(state);
    esc_json_free(desk_expect(desk, ESC_NOT_FOUND, "POST", "/api/can/simulate", body));
    (void)sync_service(desk, "rds");
    esc_json_free(desk_expect(desk, ESC_DENIED, "POST", "/api/can/simulate", body));
    desk_cloud_put(desk, "simulate-principal-policy.json",
                   "{\"EvaluationResults\": [{\"EvalActionName\": \"rds:StopDBInstance\","
                   " \"EvalDecision\": \"explicitDeny\", \"MatchedStatements\":"
                   " [{\"SourcePolicyId\": \"own\"}]}]}");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer = desk_expect(desk, ESC_OK, "POST", "/api/can/simulate", body);
    const struct esc_json *page = esc_json_get(answer, "actions[0]");
    assert_string_equal("allowed", esc_json_str(page, "verdict", ""));
    assert_string_equal("denied", esc_json_str(page, "simulated.verdict", ""));
    assert_string_equal("own", esc_json_str(page, "simulated.policies[0]", ""));
    assert_false(esc_json_flag(page, "agrees", true));
    expect_verdict(desk, DATABASE, "stop", "allowed"); /* nothing of it is kept */
}

static struct esc_resource *resource_of(const char *type, const char *identifier)
{
    struct esc_resource *resource = esc_resource_new();
    resource->resource_type = esc_strdup(type);
    resource->identifier = esc_strdup(identifier);
    return resource;
}

/* Without the flag it would be done. */
static void each_dry_run_has_its_flag_in_the_command(void **)
{
    static const char *const types[] = {"ec2_instance", "ebs_volume", "ebs_snapshot",  "ami",
                                        "vpc",          "subnet",     "security_group"};
    size_t count = 0;
    for (size_t i = 0; i < esc_iam_action_count() * ESC_COUNT(types); i++) {
        const char *action = esc_iam_action_at(i / ESC_COUNT(types))->name;
        ESC_CLEANUP(esc_resource_freep)
        struct esc_resource *resource = resource_of(types[i % ESC_COUNT(types)], "x-1");
        for (int of_nothing = 0; of_nothing < 2; of_nothing++) {
            ESC_CLEANUP(esc_json_freep)
            struct esc_json *params = work_dry_run_params(action, resource, of_nothing);
            if (!params)
                continue;
            ESC_CLEANUP(esc_json_freep)
            struct esc_json *args =
                esc_argv_args(work_dry_run_operation(action), params, "us-west-2");
            ESC_CLEANUP(esc_freep) char *text = esc_json_print(args, ESC_JSON_COMPACT);
            expect_contains("\"--dry-run\"", text);
            expect_contains(of_nothing ? "x-00000000000000000" : "x-1", text);
            count++;
        }
    }
    assert_int_equal(28, count);
}

static void put_instance(const struct desk *desk)
{
    desk_cloud_put(desk, "describe-instances.json",
                   "{\"Reservations\": [{\"Instances\": [{\"InstanceId\":"
                   " \"i-0123456789abcdef0\", \"State\": {\"Name\": \"running\"}}]}]}");
    desk_cloud_put(desk, "describe-images.json", "{\"Images\": []}");
    desk_cloud_put(desk, "describe-addresses.json", "{\"Addresses\": []}");
}

static void ec2_decides_by_a_dry_run_and_an_emulator_that_knows_none_is_not_asked(void **state)
{
    static const char *const body =
        "{\"text\":\"i-0123456789abcdef0\",\"action\":\"ec2:StopInstances\"," DESK_KEYS "}";
    struct desk *desk = desk_of(state);
    put_instance(desk);
    (void)sync_service(desk, "ec2");
    desk_cloud_put(desk, "stop-instances.json", "{\"StoppingInstances\": []}");
    esc_json_free(desk_expect(desk, ESC_INVALID, "POST", "/api/can/dry-run", body));
    assert_int_equal(1, desk_cloud_calls(desk, "stop-instances"));
    desk_cloud_drop(desk, "stop-instances.json");
    put_failure(desk, "stop-instances", "DryRunOperation");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *would = desk_expect(desk, ESC_OK, "POST", "/api/can/dry-run", body);
    assert_string_equal("allowed", esc_json_str(would, "actions[0].verdict", ""));
    assert_string_equal("dry_run", esc_json_str(would, "actions[0].source", ""));
    assert_int_equal(3, desk_cloud_calls(desk, "stop-instances"));
    desk_cloud_put(desk, "stop-instances.sh",
                   "last=$(tail -n 1 \"$here/calls\")\n"
                   "case \"$last\" in *DryRun*true*) ;; *) echo '{}'; exit 0;; esac\n"
                   "case \"$last\" in *i-00000000000000000*) code=DryRunOperation;;"
                   " *) code=UnauthorizedOperation;; esac\n"
                   "echo \"An error occurred ($code) when calling the thing operation: no\" >&2\n"
                   "exit 254\n");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *refused = desk_expect(desk, ESC_OK, "POST", "/api/can/dry-run", body);
    assert_string_equal("denied", esc_json_str(refused, "actions[0].verdict", ""));
    put_failure(desk, "stop-instances", "DryRunOperation");
    esc_json_free(desk_expect(desk, ESC_INVALID, "POST", "/api/can/dry-run",
                              "{\"text\":\"i-0123456789abcdef0\",\"action\":"
                              "\"ec2:ModifyInstanceAttribute\"," DESK_KEYS "}"));
}

static void a_sync_can_be_cancelled_while_policies_are_read(void **state)
{
    struct desk *desk = desk_of(state);
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
        TEST(in_an_organisation_the_simulator_is_asked_once_a_day),
        TEST(a_probe_holds_for_the_tags_it_was_made_with),
        TEST(a_simulator_that_lies_decides_nothing),
        TEST(without_the_simulator_an_organisation_leaves_it_unknown),
        TEST(the_policy_of_a_bucket_is_read_and_decides),
        TEST(an_event_of_a_bucket_has_its_policy_read_again),
        TEST(a_failure_that_will_pass_keeps_the_policy_that_was_read),
        TEST(what_is_gone_leaves_no_policy_behind),
        TEST(the_policy_of_a_queue_denies_and_allows),
        TEST(the_policy_of_a_function_is_asked_for_where_nothing_else_allows),
        TEST(an_action_is_named_as_a_person_would),
        TEST(a_refusal_teaches_what_its_message_names_and_the_step_s_success_forgets_it),
        TEST(a_refusal_that_names_nothing_is_that_of_the_step_s_own_target),
        TEST(what_was_read_at_a_time_to_come_is_read_again),
        TEST(what_a_run_learned_at_a_time_to_come_is_not_believed),
        TEST(a_deny_blocks_a_plan_of_the_one_whose_policies_say_so),
        TEST(the_simulator_is_asked_for_comparison_alone),
        cmocka_unit_test(each_dry_run_has_its_flag_in_the_command),
        TEST(ec2_decides_by_a_dry_run_and_an_emulator_that_knows_none_is_not_asked),
        TEST(a_sync_can_be_cancelled_while_policies_are_read),
    };
    return cmocka_run_group_tests_name("work/permissions", tests, NULL, NULL);
}
