/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/work/caller_desk.h"

#include <string.h>

void caller_put_policy(const struct desk *desk, const char *statements)
{
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("{\"PolicyDocument\": {\"Statement\": [%s]}}", statements);
    desk_cloud_put(desk, "get-role-policy.json", text);
}

void caller_put_failure(const struct desk *desk, const char *verb, const char *code)
{
    ESC_CLEANUP(esc_freep) char *name = esc_sprintf("%s.sh", verb);
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf(
        "echo 'An error occurred (%s) when calling the thing operation: no' >&2; exit 254\n", code);
    desk_cloud_put(desk, name, text);
}

void caller_put(const struct desk *desk)
{
    desk_cloud_put(
        desk, "get-caller-identity.json",
        "{\"UserId\": \"AROA1:i-0123456789abcdef0\", \"Account\": \"" DESK_ACCOUNT "\", \"Arn\":"
        " \"arn:aws:sts::" DESK_ACCOUNT ":assumed-role/Developer/i-0123456789abcdef0\"}");
    desk_cloud_put(desk, "get-role.json", "{\"Role\": {\"Arn\": \"" ROLE "\"}}");
    desk_cloud_put(desk, "list-attached-role-policies.json", "{\"AttachedPolicies\": []}");
    desk_cloud_put(desk, "list-role-policies.json", "{\"PolicyNames\": [\"own\"]}");
    caller_put_policy(desk, ALLOW);
    caller_put_failure(desk, "describe-organization", "AWSOrganizationsNotInUseException");
}

void caller_join_organisation(const struct desk *desk)
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
    caller_put_failure(desk, "get-bucket-policy", "NoSuchBucketPolicy");
}

struct desk *caller_desk(void **state)
{
    struct desk *desk = *state;
    desk_add_account(desk);
    desk_add_database(desk);
    caller_put(desk);
    put_estate(desk);
    return desk;
}

int64_t caller_sync(struct desk *desk, const char *service)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *answer = NULL;
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"service\":\"%s\"," DESK_KEYS "}", service);
    const enum esc_status status = desk_ask(desk, "POST", "/api/sync", body, &answer);
    assert_true(status == ESC_OK || status == ESC_PARTIAL);
    return esc_json_num(answer, "changed", -1);
}

char *caller_verdict(struct desk *desk, const char *name, const char *action)
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

void caller_expect(struct desk *desk, const char *name, const char *action, const char *expected)
{
    ESC_CLEANUP(esc_freep) char *found = caller_verdict(desk, name, action);
    if (strcmp(expected, found) != 0)
        fail_msg("%s of %s: %s instead of %s", action, name, found, expected);
}

size_t caller_stored_count(struct desk *desk, const char *list)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *answer =
        desk_expect(desk, ESC_OK, "POST", "/api/show", "{\"text\":\"" DATABASE "\"}");
    ESC_CLEANUP(esc_freep) char *path = esc_sprintf("resource.iam.%s", list);
    return esc_json_len(esc_json_get(answer, path));
}
