/* SPDX-License-Identifier: Apache-2.0 */

/* What an action needs of the key that data is encrypted under. */

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/catalog/resource_type.h"
#include "escher/scan/key_use.h"
#include "tests/scan/permit_case.h"

#define KEY "arn:aws:kms:us-west-2:123456789012:key/1"
#define FOREIGN "arn:aws:kms:us-west-2:999999999999:key/1"
#define ROOT "arn:aws:iam::123456789012:root"
#define ALLOW_EC2 "{'Effect': 'Allow', 'Action': ['ec2:*', 'sqs:*', 'rds:*'], 'Resource': '*'}"
#define DELEGATE                                                                                   \
    "{'Effect': 'Allow', 'Principal': {'AWS': '" ROOT "'}, 'Action': 'kms:*', 'Resource': '*'}"

static struct esc_error err;

/* What the callback of a case gives. */
struct shelf {
    const char *arn; /* NULL: whether there is a key is not known */
    const struct esc_iam_policy *policy;
    const char *unread, *grants;
};

static void give_key(void *context, const struct esc_resource *, struct esc_list *out)
{
    const struct shelf *shelf = context;
    struct esc_permit_key *key = esc_alloc_zero(sizeof *key);
    key->arn = esc_strdup_null(shelf->arn);
    key->of = esc_strdup("vol-1");
    key->policy = (struct esc_permit_policy){shelf->policy, shelf->unread};
    key->grants = shelf->grants;
    esc_list_push(out, key);
}

struct crypt_case {
    const char *statements, *more; /* of the caller */
    const char *key, *policy, *unread, *grants;
    const char *type, *action, *verdict;
};

static void check(const struct crypt_case *one)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *set = permit_case_user(one->statements, NULL);
    ESC_CLEANUP(esc_json_freep) struct esc_json *more = one->more ? test_json(one->more) : NULL;
    ESC_CLEANUP(esc_iam_policy_freep) struct esc_iam_policy *policy = NULL;
    void *position = NULL;
    const char *name;
    const struct esc_json *value;
    while (more && esc_json_next(more, &position, &name, &value))
        esc_json_set(set, name, esc_json_ref(value));
    if (one->policy) {
        ESC_CLEANUP(esc_freep) char *text = esc_sprintf("{'Statement': [%s]}", one->policy);
        ESC_CLEANUP(esc_json_freep) struct esc_json *document = test_json(text);
        expect_ok(esc_iam_policy_read(document, "the key's own", &policy, &err));
    }
    struct shelf shelf = {one->key, policy, one->unread, one->grants};
    ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, NULL);
    esc_permit_set_keys(permit, give_key, &shelf);
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *resource = permit_case_resource(one->type, "i-1", "{}", "{}");
    ESC_CLEANUP(esc_freep)
    char *verdict = permit_case_verdict(permit, resource, one->action, NULL);
    if (strcmp(one->verdict, verdict) != 0)
        fail_msg("%s\n  key: %s\n  %s\n  instead of: %s\n  is: %s", one->statements,
                 one->policy ? one->policy : "", one->action, one->verdict, verdict);
}

#define START "ec2_instance", "ec2:StartInstances"
#define NEEDS "unknown: it needs kms:CreateGrant on " KEY ", the key of vol-1: "

static void starting_an_instance_needs_the_grant_of_its_key(void **)
{
    static const struct crypt_case cases[] = {
        {ALLOW_ALL, NULL, KEY, DELEGATE, NULL, NULL, START, "allowed"},
        {ALLOW_EC2, NULL, KEY, DELEGATE, NULL, NULL, START, "denied"},
        {ALLOW_EC2, NULL, KEY, DELEGATE, NULL, NULL, "ec2_instance", "ec2:StopInstances",
         "allowed"},
        {ALLOW_EC2, NULL, KEY,
         "{'Effect': 'Allow', 'Principal': {'AWS': 'arn:aws:iam::123456789012:user/ada'},"
         " 'Action': 'kms:CreateGrant', 'Resource': '*',"
         " 'Condition': {'Bool': {'kms:GrantIsForAWSResource': 'true'}}}",
         NULL, NULL, START, "allowed"},
        {ALLOW_ALL, NULL, KEY,
         "{'Effect': 'Allow', 'Principal': {'AWS': 'arn:aws:iam::123456789012:role/Admin'},"
         " 'Action': 'kms:*', 'Resource': '*'}",
         NULL, NULL, START, "denied"},
        {ALLOW_ALL, NULL, KEY,
         DELEGATE ", {'Sid': 'NotEc2', 'Effect': 'Deny', 'Principal': '*', 'Action': 'kms:*',"
                  " 'Resource': '*', 'Condition': {'StringEquals': {'kms:ViaService':"
                  " 'ec2.us-west-2.amazonaws.com'}}}",
         NULL, NULL, START, "denied by `NotEc2`"},
        {ALLOW_ALL, NULL, KEY,
         DELEGATE ", {'Effect': 'Deny', 'Principal': '*', 'Action': 'kms:*', 'Resource': '*',"
                  " 'Condition': {'StringEquals': {'kms:ViaService':"
                  " 'rds.us-west-2.amazonaws.com'}}}",
         NULL, NULL, START, "allowed"},
        {ALLOW_ALL ", {'Sid': 'NoKeys', 'Effect': 'Deny', 'Action': 'kms:*', 'Resource': '*'}",
         NULL, KEY, NULL, "kms:GetKeyPolicy: AccessDeniedException", NULL, START,
         "denied by `NoKeys`"},
        {ALLOW_ALL, NULL, KEY, NULL, "kms:GetKeyPolicy: AccessDeniedException", NULL, START,
         NEEDS "kms:GetKeyPolicy: AccessDeniedException"},
        {ALLOW_EC2, NULL, KEY, NULL, "kms:GetKeyPolicy: AccessDeniedException", NULL, START,
         NEEDS "kms:GetKeyPolicy: AccessDeniedException"},
        {ALLOW_EC2, NULL, KEY, DELEGATE, NULL, "there may be a grant", START,
         NEEDS "there may be a grant"},
        {ALLOW_ALL, NULL, KEY, DELEGATE, NULL, "there may be a grant", START, "allowed"},
        {ALLOW_ALL, NULL, NULL, NULL, "vol-1 is not in the estate", NULL, START,
         "unknown: vol-1 is not in the estate"},
        {ALLOW_ALL, NULL, "../../etc", NULL, "nobody has read its policy", NULL, START,
         "unknown: it needs kms:CreateGrant on ../../etc, the key of vol-1: nobody has read its "
         "policy"},
        {ALLOW_ALL, NULL, FOREIGN, NULL, "nobody has read its policy", NULL, START,
         "unknown: it needs kms:CreateGrant on " FOREIGN
         ", the key of vol-1: nobody has read its policy"},
        {ALLOW_EC2, NULL, FOREIGN, NULL, "nobody has read its policy", NULL, START,
         "unknown: it needs kms:CreateGrant on " FOREIGN
         ", the key of vol-1: nobody has read its policy"},
        {ALLOW_ALL, NULL, KEY,
         "{'Effect': 'Allow', 'Principal': {'AWS': '" ROOT "'}, 'Action': 'kms:*',"
         " 'Resource': '*', 'Condition': {'Bool': {'aws:MultiFactorAuthPresent': 'true'}}}",
         NULL, NULL, START, "conditional: aws:MultiFactorAuthPresent"},
        {ALLOW_ALL, "{'organisation': {'state': 'member'}}", KEY, DELEGATE, NULL, NULL, START,
         "unknown: the policies of the organisation could not be asked"},
        {"{'Sid': 'No', 'Effect': 'Deny', 'Action': 'ec2:*', 'Resource': '*'}", NULL, KEY, NULL,
         "unread", NULL, START, "denied by `No`"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        check(&cases[i]);
}

/* Nobody says whether RDS asks again when it starts what it has a grant for. */
static void what_may_be_needed_makes_no_denial(void **)
{
    static const struct crypt_case cases[] = {
        {ALLOW_ALL, NULL, KEY, DELEGATE, NULL, NULL, "rds_instance", "rds:StartDBInstance",
         "allowed"},
        {ALLOW_EC2, NULL, KEY, DELEGATE, NULL, NULL, "rds_instance", "rds:StartDBInstance",
         "unknown: it may need kms:CreateGrant on " KEY
         ", the key of vol-1: no identity policy allows kms:CreateGrant"},
        {ALLOW_EC2 ", {'Sid': 'NoKeys', 'Effect': 'Deny', 'Action': 'kms:*', 'Resource': '*'}",
         NULL, KEY, DELEGATE, NULL, NULL, "rds_instance", "rds:StartDBInstance",
         "unknown: it may need kms:CreateGrant on " KEY
         ", the key of vol-1: statement `NoKeys` of `own, of the user ada` (identity policy) "
         "denies "
         "kms:CreateGrant"},
        {ALLOW_EC2, NULL, KEY, DELEGATE, NULL, NULL, "rds_instance", "rds:StopDBInstance",
         "allowed"},
        {ALLOW_EC2, NULL, KEY, DELEGATE, NULL, NULL, "rds_snapshot",
         "rds:RestoreDBInstanceFromDBSnapshot", "denied"},
        /* only kms:CreateGrant says that the grant is for a service; the others have no such key */
        {ALLOW_EC2 ", {'Effect': 'Allow', 'Action': 'kms:*', 'Resource': '*',"
                   " 'Condition': {'Bool': {'kms:GrantIsForAWSResource': 'true'}}}",
         NULL, KEY, DELEGATE, NULL, NULL, "rds_snapshot", "rds:RestoreDBInstanceFromDBSnapshot",
         "denied"},
        {ALLOW_ALL
         ", {'Sid': 'NoGrants', 'Effect': 'Deny', 'Action': ['kms:Describe*'],"
         " 'Resource': '*', 'Condition': {'Bool': {'kms:GrantIsForAWSResource': 'true'}}}",
         NULL, KEY, DELEGATE, NULL, NULL, "rds_snapshot", "rds:RestoreDBInstanceFromDBSnapshot",
         "allowed"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++)
        check(&cases[i]);
}

static void the_page_names_the_key_and_what_is_needed(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *set = permit_case_user(ALLOW_EC2, NULL);
    ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, NULL);
    struct shelf shelf = {.arn = KEY, .unread = NULL};
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *document = test_json("{'Statement': [" DELEGATE "]}");
    ESC_CLEANUP(esc_iam_policy_freep) struct esc_iam_policy *policy = NULL;
    expect_ok(esc_iam_policy_read(document, "the key's own", &policy, &err));
    shelf.policy = policy;
    esc_permit_set_keys(permit, give_key, &shelf);
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *instance = permit_case_resource("ec2_instance", "i-1", "{}", "{}");
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = esc_permit_explain(permit, instance, "ec2:StartInstances", NULL);
    assert_string_equal("ec2:StartInstances", esc_json_str(page, "action", ""));
    assert_string_equal("denied", esc_json_str(page, "verdict", ""));
    assert_string_equal("no identity policy allows kms:CreateGrant on " KEY ", the key of vol-1",
                        esc_json_str(page, "sentence", ""));
    assert_string_equal(KEY, esc_json_str(page, "asked", ""));
    assert_string_equal("kms:CreateGrant", esc_json_str(page, "needs.action", ""));
    assert_string_equal(KEY, esc_json_str(page, "needs.key", ""));
    assert_string_equal("vol-1", esc_json_str(page, "needs.of", ""));
}

/* Without anybody who knows keys the one that a resource names is not taken for none. */
static void a_key_that_nobody_has_read_allows_nothing(void **)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *set = permit_case_user(ALLOW_ALL, NULL);
    ESC_CLEANUP(esc_permit_freep) struct esc_permit *permit = esc_permit_new(set, NULL);
    ESC_CLEANUP(esc_resource_freep)
    struct esc_resource *queue =
        permit_case_resource("sqs_queue", "orders", "{}", "{'kms_key_id': '" KEY "'}");
    const struct esc_permit_policy none = {0};
    ESC_CLEANUP(esc_freep)
    char *verdict = permit_case_verdict(permit, queue, "sqs:SendMessage", &none);
    assert_string_equal("unknown: it needs kms:GenerateDataKey on " KEY
                        ", the key of orders: nobody has read its policy",
                        verdict);
}

/* Each row is of an action that its type has, or a playbook uses; keys are asked with real names. */
static void the_table_speaks_of_actions_there_are(void **)
{
    for (size_t i = 0; i < esc_resource_type_count(); i++) {
        const struct esc_resource_type *type = esc_resource_type_at(i);
        for (size_t j = 0; type->actions[j]; j++) {
            const struct esc_key_use *use = esc_key_use_find(type->name, type->actions[j]);
            assert_true(!use || esc_key_use_is_of(type->name));
            assert_true(!use || use->needed[0]);
        }
    }
    assert_null(esc_key_use_find("ec2_instance", "ec2:StopInstances"));
    assert_string_equal("has_volume", esc_key_use_relation("ec2_instance"));
    assert_null(esc_key_use_relation("sqs_queue"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starting_an_instance_needs_the_grant_of_its_key),
        cmocka_unit_test(what_may_be_needed_makes_no_denial),
        cmocka_unit_test(the_page_names_the_key_and_what_is_needed),
        cmocka_unit_test(a_key_that_nobody_has_read_allows_nothing),
        cmocka_unit_test(the_table_speaks_of_actions_there_are),
    };
    return cmocka_run_group_tests_name("scan/permit_crypt", tests, NULL, NULL);
}
