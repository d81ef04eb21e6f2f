/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/policy_tree.h"

#include <string.h>

#include "escher/base/alloc.h"
#include "escher/scan/permit.h"
#include "tests/support/test.h"

/* What stands above an account, from a tree as it was read to a verdict. */

#define ALLOW "{'Statement': [{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}"
#define POLICY(id, statements)                                                                     \
    "'" id "': {'label': 'x (" id ")', 'document': {'Statement': [" statements "]}}"
#define DENY(sid, action)                                                                          \
    "{'Sid': '" sid "', 'Effect': 'Deny', 'Action': '" action "', 'Resource': '*'}"
#define POLICIES                                                                                   \
    "'policies': {'p-all': {'label': 'all (p-all)', 'document': " ALLOW                            \
    "}, " POLICY("p-rds", DENY("NoStop", "rds:StopDBInstance")) ", " POLICY(                       \
        "p-own",                                                                                   \
        "{'Effect': 'Allow', 'Action': 'ec2:*', 'Resource': '*'}") ", " POLICY("p-rcp",            \
                                                                               "{'Sid': "          \
                                                                               "'NoSecrets', "     \
                                                                               "'Effect': "        \
                                                                               "'Deny', "          \
                                                                               "'Principal': '*'," \
                                                                               " 'Action': "       \
                                                                               "'secretsmanager:*" \
                                                                               "', 'Resource': "   \
                                                                               "'*'}") ", "        \
                                                                                       "'p-lost':" \
                                                                                       " {'label'" \
                                                                                       ": 'lost "  \
                                                                                       "(p-lost)'" \
                                                                                       "}}"
#define RCP_ALL "'rcp': ['p-all']"

/* Root, a unit and the account with these policies of the first kind. */
#define TREE(root, unit, account)                                                                  \
    "{'targets': {'r-1': {'scp': [" root "], " RCP_ALL "},"                                        \
    " 'ou-1-a': {'parent': 'r-1', 'scp': [" unit "], " RCP_ALL "},"                                \
    " '123456789012': {'parent': 'ou-1-a', 'scp': [" account "], " RCP_ALL "}}, " POLICIES "}"

static struct esc_permit *permit_under(const char *tree_text)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *tree = test_json(tree_text);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *set = test_json(
        "{'account_id': '123456789012', 'read_at': '2026-11-21T08:00:00Z',"
        " 'caller': {'kind': 'user', 'arn': 'arn:aws:iam::123456789012:user/ada', 'name': 'ada',"
        "  'iam_arn': 'arn:aws:iam::123456789012:user/ada'}, 'tags': {},"
        " 'organisation': {'state': 'member', 'id': 'o-1', 'management': '999999999999'},"
        " 'identity': {'policies': [{'label': 'own', 'document': " ALLOW "}]}}");
    esc_policy_tree_apply(tree, "123456789012", esc_json_get_mutable(set, "organisation"));
    return esc_permit_new(set, NULL);
}

static struct esc_resource *resource_of(const char *type, const char *arn)
{
    struct esc_resource *resource = esc_resource_new();
    resource->provider = esc_strdup("aws");
    resource->resource_type = esc_strdup(type);
    resource->identifier = esc_strdup("main");
    resource->name = esc_strdup("main");
    resource->account_id = esc_strdup("123456789012");
    resource->region = esc_strdup("us-west-2");
    resource->id = esc_resource_key(resource->account_id, resource->region, type, "main");
    resource->arn = esc_strdup(arn);
    return resource;
}

static void expect(const char *tree, const struct esc_resource *resource, const char *action,
                   const char *expected)
{
    static const struct esc_permit_policy none = {0};
    ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = permit_under(tree);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = esc_permit_explain(permit, resource, action, &none);
    const char *policy = esc_json_str(page, "policy", NULL);
    const bool is_denied = esc_text_equal(esc_json_str(page, "verdict", ""), "denied");
    ESC_CLEANUP(esc_freep)
    char *found = esc_sprintf("%s%s%s%s%s", esc_json_str(page, "verdict", ""), is_denied ? " " : "",
                              is_denied ? esc_json_str(page, "layer", "") : "",
                              is_denied && policy ? " " : "", is_denied && policy ? policy : "");
    if (strcmp(expected, found) != 0)
        fail_msg("%s\n  %s: %s instead of %s", tree, action, found, expected);
}

static void every_level_must_allow_and_one_denial_is_enough(void **)
{
    static const struct {
        const char *tree, *verdict;
    } cases[] = {
        {TREE("'p-all'", "'p-all'", "'p-all'"), "allowed"},
        {TREE("'p-all', 'p-rds'", "'p-all'", "'p-all'"), "denied scp x (p-rds)"},
        {TREE("'p-all'", "'p-all', 'p-rds'", "'p-all'"), "denied scp x (p-rds)"},
        {TREE("'p-all'", "'p-all'", "'p-all', 'p-rds'"), "denied scp x (p-rds)"},
        {TREE("'p-all'", "'p-own'", "'p-all'"), "denied scp"}, /* a list of what is allowed */
        {TREE("'p-own'", "'p-all'", "'p-all'"), "denied scp"},
        {TREE("'p-all'", "'p-own', 'p-all'", "'p-all'"), "allowed"},
    };
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *database =
        resource_of("rds_instance", "arn:aws:rds:us-west-2:123456789012:db:main");
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        expect(cases[i].tree, database, "rds:StopDBInstance", cases[i].verdict);
}

/* It is as if nobody had read anything: the simulator's word would count. */
static void what_is_not_known_whole_decides_nothing(void **)
{
    static const char *const trees[] = {
        "{}",
        TREE("'p-all'", "'p-all', 'p-lost'", "'p-all'"), /* a policy that was refused */
        TREE("'p-all'", "'p-all'", "'p-all', 'p-nowhere'"),
        TREE("'p-all'", "", "'p-all'"), /* no level of a kind in use is empty */
        "{'targets': {'123456789012': {'parent': 'ou-1-a', 'scp': ['p-all'], " RCP_ALL
        "}}, " POLICIES "}", /* nobody knows what stands above the unit */
        "{'targets': {'r-1': {'scp': ['p-all'], 'refused': ['scp'], " RCP_ALL "},"
        " '123456789012': {'parent': 'r-1', 'scp': ['p-all'], " RCP_ALL "}}, " POLICIES "}",
        "{'targets': {'123456789012': {'parent': '123456789012', 'scp': ['p-all'], " RCP_ALL
        "}}, " POLICIES "}", /* goes round */
    };
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *database =
        resource_of("rds_instance", "arn:aws:rds:us-west-2:123456789012:db:main");
    for (size_t i = 0; i < ESC_COUNT(trees); i++)
        expect(trees[i], database, "rds:StopDBInstance", "unknown");
}

static void a_kind_that_the_organisation_does_not_use_takes_nothing_away(void **)
{
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *database =
        resource_of("rds_instance", "arn:aws:rds:us-west-2:123456789012:db:main");
    expect(TREE("", "", ""), database, "rds:StopDBInstance", "allowed");
}

#define SECRET_TREE(rcp)                                                                           \
    "{'targets': {'r-1': {'scp': ['p-all'], 'rcp': ['p-all'" rcp "]},"                             \
    " '123456789012': {'parent': 'r-1', 'scp': ['p-all'], 'rcp': ['p-all']}}, " POLICIES "}"

static void resource_control_policies_decide_where_they_are_read(void **)
{
    static const char unread[] =
        "{'targets': {'r-1': {'scp': ['p-all'], 'refused': ['rcp']},"
        " '123456789012': {'parent': 'r-1', 'scp': ['p-all']}}, " POLICIES "}";
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *secret =
        resource_of("secret", "arn:aws:secretsmanager:us-west-2:123456789012:secret:main-AbCdEf");
    expect(SECRET_TREE(""), secret, "secretsmanager:DeleteSecret", "allowed");
    expect(SECRET_TREE(", 'p-rcp'"), secret, "secretsmanager:DeleteSecret", "denied rcp x (p-rcp)");
    expect(unread, secret, "secretsmanager:DeleteSecret", "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_level_must_allow_and_one_denial_is_enough),
        cmocka_unit_test(what_is_not_known_whole_decides_nothing),
        cmocka_unit_test(a_kind_that_the_organisation_does_not_use_takes_nothing_away),
        cmocka_unit_test(resource_control_policies_decide_where_they_are_read),
    };
    return cmocka_run_group_tests_name("scan/policy_tree", tests, NULL, NULL);
}
