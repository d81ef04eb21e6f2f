/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/scan/permit_case.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/catalog/resource_type.h"

/* What a reader brings of a user with one policy, and with `more` members. */
struct esc_json *permit_case_user(const char *statements, const char *more)
{
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf(
        "{'account_id': '123456789012', 'read_at': '2026-11-21T08:00:00Z',"
        " 'caller': {'kind': 'user', 'arn': 'arn:aws:iam::123456789012:user/ada', 'name': 'ada',"
        "  'user_id': 'AID1', 'iam_arn': 'arn:aws:iam::123456789012:user/ada'},"
        " 'tags': {'team': 'core'}, 'organisation': {'state': 'none'},"
        " 'identity': {'policies': [{'label': 'own, of the user ada', 'document':"
        "  {'Version': '2012-10-17', 'Statement': [%s]}}]}%s%s}",
        statements, more ? ", " : "", more ? more : "");
    return test_json(text);
}

struct esc_resource *permit_case_resource(const char *type, const char *identifier,
                                          const char *tags, const char *metadata)
{
    struct esc_resource *resource = esc_resource_new();
    resource->provider = esc_strdup("aws");
    resource->resource_type = esc_strdup(type);
    resource->identifier = esc_strdup(identifier);
    resource->name = esc_strdup(identifier);
    resource->account_id = esc_strdup("123456789012");
    resource->account_name = esc_strdup("production");
    resource->region = esc_strdup("us-west-2");
    resource->id = esc_resource_key(resource->account_id, resource->region, type, identifier);
    resource->arn = esc_resource_type_arn(esc_resource_type_find(type), resource->region,
                                          resource->account_id, identifier);
    esc_json_free(resource->tags);
    resource->tags = test_json(tags);
    esc_json_free(resource->metadata);
    resource->metadata = test_json(metadata);
    return resource;
}

struct esc_resource *permit_case_database(void)
{
    return permit_case_resource("rds_instance", "main", "{'env': 'production'}",
                                "{'engine': 'postgres', 'multi_az': true, 'storage_gb': 100,"
                                " 'iops': 3000}");
}

/* The verdict on one action as "verdict" or, where keys or a reason stand behind it, "verdict: it". */
char *permit_case_verdict(struct esc_permit *permit, const struct esc_resource *resource,
                          const char *action, const struct esc_permit_policy *policy)
{
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = esc_permit_explain(permit, resource, action, policy);
    const char *verdict = esc_json_str(page, "verdict", "");
    const char *why = esc_json_str(page, "why", NULL);
    const char *key = esc_json_str(page, "keys[0]", NULL);
    if (esc_json_flag(page, "explicit", false))
        return esc_sprintf("%s by `%s`", verdict, esc_json_str(page, "statement.sid", ""));
    return why   ? esc_sprintf("%s: %s", verdict, why)
           : key ? esc_sprintf("%s: %s", verdict, key)
                 : esc_strdup(verdict);
}

void permit_case_check(const struct permit_case *one, const struct esc_resource *resource,
                       const struct esc_permit_policy *policy)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *set = permit_case_user(one->statements, one->more);
    ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, NULL);
    ESC_CLEANUP(esc_freep)
    char *verdict = permit_case_verdict(permit, resource, one->action, policy);
    if (strcmp(one->verdict, verdict) != 0)
        fail_msg("%s\n  %s\n  instead of: %s\n  is: %s", one->statements, one->action, one->verdict,
                 verdict);
}
