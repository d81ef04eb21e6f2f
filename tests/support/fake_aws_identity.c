/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Who is who: keys, roles, the organisation, the caller's policies, and what Simulate makes of
 * them. Every principal of every account has one managed policy, and one rule of the organisation
 * stands above the second account:
 *
 *     operators   Allow * on *; Deny rds:DeleteDBInstance on *
 *     the rule    nobody terminates instances
 *     each key    what its account allows
 */

#include <stdio.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/clock.h"
#include "escher/model/partition.h"
#include "tests/support/fake_aws_private.h"

enum {
    SESSION_MS = 60 * 60 * 1000
};

/* A thing of no kind, for templates that only say where. */
static struct esc_json *say(struct fake_aws *aws, const struct fake_request *request,
                            const char *template)
{
    const struct fake_thing here = {fake_kind_find("iam_role"), request->account, request->region,
                                    0};
    return fake_make(&aws->world, &here, template);
}

static char *copy_text(const struct fake_request *request, const char *member)
{
    return esc_str_dup(fake_param_text(request, member));
}

static struct esc_json *caller(struct fake_aws *aws, const struct fake_request *request,
                               struct fake_refusal *)
{
    return request->key_id[1] == 'K'
               ? say(aws, request,
                     "{'Arn':'arn:<P>:iam::<A>:user/fake','UserId':'AIDAFAKE','Account':'<A>'}")
               : say(aws, request,
                     "{'Arn':'arn:<P>:sts::<A>:assumed-role/reader/escher-scan',"
                     "'UserId':'AROAFAKE:escher-scan','Account':'<A>'}");
}

/* The account of the role's ARN, whoever asks. */
static struct esc_json *assume(struct fake_aws *aws, const struct fake_request *request,
                               struct fake_refusal *refusal)
{
    ESC_CLEANUP(esc_freep) char *role = copy_text(request, "RoleArn");
    const uint64_t end_ms = esc_clock_wall_ms(aws->options.clock) + SESSION_MS;
    char account[FAKE_ACCOUNT_SIZE] = "", when[ESC_TIME_TEXT];
    const size_t after = strlen(aws->world.partition) + strlen("arn::iam::");
    if (esc_text_equal(esc_partition_of_arn(esc_str_of(role)), aws->world.partition) &&
        strlen(role) > after)
        (void)snprintf(account, sizeof account, "%.12s", role + after);
    if (strlen(account) != 12) {
        (void)fake_refuse(refusal, 400, "ValidationError", "The role's ARN is not valid.");
        return NULL;
    }
    ESC_CLEANUP(esc_freep) char *key_id = esc_sprintf("ASIAFAKE%s", account);
    ESC_CLEANUP(esc_freep) char *secret = fake_aws_secret(key_id);
    ESC_CLEANUP(esc_freep)
    char *token =
        esc_sprintf("fake-%s-%u-%llu", account, ++aws->session_count, (unsigned long long)end_ms);
    struct esc_json *output = esc_json_object();
    esc_time_format(end_ms, when);
    fake_set(output, "Credentials.AccessKeyId", esc_json_text(key_id));
    fake_set(output, "Credentials.SecretAccessKey", esc_json_text(secret));
    fake_set(output, "Credentials.SessionToken", esc_json_text(token));
    fake_set(output, "Credentials.Expiration", esc_json_text(when));
    fake_set(output, "AssumedRoleUser.AssumedRoleId", esc_json_text("AROAFAKE:session"));
    fake_set(output, "AssumedRoleUser.Arn", esc_json_text(role));
    return output;
}

static struct esc_json *regions(struct fake_aws *aws, const struct fake_request *request,
                                struct fake_refusal *)
{
    const bool is_ec2 = strcmp(request->operation->service, "ec2") == 0;
    struct esc_json *output = esc_json_object(), *list = esc_json_array();
    esc_json_set(output, "Regions", list);
    for (size_t i = 0; i < aws->world.region_count; i++) {
        struct esc_json *region = esc_json_object();
        esc_json_set_text(region, "RegionName", aws->world.regions[i]);
        if (is_ec2)
            esc_json_set_text(region, "Endpoint", "ec2.example");
        esc_json_set_text(region, is_ec2 ? "OptInStatus" : "RegionOptStatus",
                          is_ec2 ? "opt-in-not-required" : "ENABLED_BY_DEFAULT");
        esc_json_push(list, region);
    }
    return output;
}

static struct esc_json *accounts(struct fake_aws *aws, const struct fake_request *,
                                 struct fake_refusal *)
{
    struct esc_json *output = esc_json_object(), *list = esc_json_array();
    esc_json_set(output, "Accounts", list);
    for (size_t i = 0; i < aws->world.account_count; i++) {
        const char *id = aws->world.accounts[i];
        struct esc_json *account = esc_json_object();
        ESC_CLEANUP(esc_freep) char *name = esc_sprintf("account-%zu", i);
        ESC_CLEANUP(esc_freep) char *mail = esc_sprintf("%s@fake.example", name);
        ESC_CLEANUP(esc_freep)
        char *arn = esc_sprintf("arn:%s:organizations::%s:account/o-fake/%s", aws->world.partition,
                                aws->world.accounts[0], id);
        esc_json_set_text(account, "Id", id);
        esc_json_set_text(account, "Arn", arn);
        esc_json_set_text(account, "Name", name);
        esc_json_set_text(account, "Email", mail);
        esc_json_set_text(account, "Status", "ACTIVE");
        esc_json_push(list, account);
    }
    return output;
}

static struct esc_json *organisation(struct fake_aws *aws, const struct fake_request *request,
                                     struct fake_refusal *)
{
    struct esc_json *output =
        say(aws, request,
            "{'Organization':{'Id':'o-fake','Arn':'arn:<P>:organizations::<A>:organization/o-fake',"
            "'FeatureSet':'ALL'}}");
    fake_set(output, "Organization.MasterAccountId", esc_json_text(aws->world.accounts[0]));
    return output;
}

/* The management account stands below the root, the others in one unit. The rule is attached to the
 * second account alone. */

static bool may_read(const struct fake_aws *aws, const struct fake_request *request,
                     struct fake_refusal *refusal)
{
    if (strcmp(request->account, aws->world.accounts[0]) == 0 ||
        esc_text_equal(request->account, aws->options.delegate))
        return true;
    return fake_refuse(refusal, 400, "AccessDeniedException",
                       "You don't have permissions to access this resource.");
}

static struct esc_json *parents(struct fake_aws *aws, const struct fake_request *request,
                                struct fake_refusal *refusal)
{
    const struct esc_str child = fake_param_text(request, "ChildId");
    if (!may_read(aws, request, refusal))
        return NULL;
    const bool is_below_root =
        esc_str_starts_with(child, ESC_STR("ou-")) || esc_str_is(child, aws->world.accounts[0]);
    return say(aws, request,
               is_below_root ? "{'Parents':[{'Id':'r-fake','Type':'ROOT'}]}"
                             : "{'Parents':[{'Id':'ou-fake-0000aaaa',"
                               "'Type':'ORGANIZATIONAL_UNIT'}]}");
}

static struct esc_json *policies_above(struct fake_aws *aws, const struct fake_request *request,
                                       struct fake_refusal *refusal)
{
    static const char full[] = "{'Policies':[{'Id':'p-FullAWSAccess','Name':'FullAWSAccess'}]}";
    static const char ruled[] = "{'Policies':[{'Id':'p-FullAWSAccess','Name':'FullAWSAccess'},"
                                "{'Id':'p-fakerule','Name':'keep-running'}]}";
    static const char resources[] =
        "{'Policies':[{'Id':'p-RCPFullAWSAccess','Name':'RCPFullAWSAccess'}]}";
    const bool is_second = aws->world.account_count > 1 &&
                           esc_str_is(fake_param_text(request, "TargetId"), aws->world.accounts[1]);
    if (!may_read(aws, request, refusal))
        return NULL;
    if (esc_str_is(fake_param_text(request, "Filter"), "RESOURCE_CONTROL_POLICY"))
        return say(aws, request, resources);
    return say(aws, request, is_second ? ruled : full);
}

static struct esc_json *policy_above(struct fake_aws *aws, const struct fake_request *request,
                                     struct fake_refusal *refusal)
{
    const struct esc_str id = fake_param_text(request, "PolicyId");
    if (!may_read(aws, request, refusal))
        return NULL;
    struct esc_json *output = esc_json_object();
    fake_set(output, "Policy.PolicySummary.Id", esc_json_string(id));
    fake_set(output, "Policy.Content",
             esc_json_text(esc_str_is(id, "p-fakerule")
                               ? "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":"
                                 "\"KeepRunning\",\"Effect\":\"Deny\",\"Action\":"
                                 "\"ec2:TerminateInstances\",\"Resource\":\"*\"}]}"
                               : "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":"
                                 "\"Allow\",\"Principal\":\"*\",\"Action\":\"*\","
                                 "\"Resource\":\"*\"}]}"));
    if (!esc_str_starts_with(id, ESC_STR("p-RCP")) && !esc_str_is(id, "p-fakerule"))
        fake_set(output, "Policy.Content",
                 esc_json_text("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":"
                               "\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"));
    return output;
}

static struct esc_json *attached(struct fake_aws *aws, const struct fake_request *request,
                                 struct fake_refusal *)
{
    return say(aws, request,
               "{'AttachedPolicies':[{'PolicyName':'operators',"
               "'PolicyArn':'arn:<P>:iam::<A>:policy/operators'}],'IsTruncated':false}");
}

static struct esc_json *no_policies(struct fake_aws *aws, const struct fake_request *request,
                                    struct fake_refusal *)
{
    return say(aws, request, "{'PolicyNames':[],'IsTruncated':false}");
}

static struct esc_json *no_groups(struct fake_aws *aws, const struct fake_request *request,
                                  struct fake_refusal *)
{
    return say(aws, request, "{'Groups':[],'IsTruncated':false}");
}

static struct esc_json *policy(struct fake_aws *aws, const struct fake_request *request,
                               struct fake_refusal *)
{
    return say(aws, request,
               "{'Policy':{'PolicyName':'operators','PolicyId':'ANPAFAKE','Path':'/',"
               "'Arn':'arn:<P>:iam::<A>:policy/operators','DefaultVersionId':'v1',"
               "'AttachmentCount':1,'IsAttachable':true}}");
}

static struct esc_json *policy_version(struct fake_aws *aws, const struct fake_request *request,
                                       struct fake_refusal *)
{
    return say(aws, request,
               "{'PolicyVersion':{'VersionId':'v1','IsDefaultVersion':true,'Document':"
               "{'Version':'2012-10-17','Statement':[{'Sid':'Everything','Effect':'Allow',"
               "'Action':'*','Resource':'*'},{'Sid':'KeepDatabases','Effect':'Deny',"
               "'Action':'rds:DeleteDBInstance','Resource':'*'}]}}}");
}

/* Principals of any name are there: whoever asks is one of them. */
static struct esc_json *principal(struct fake_aws *aws, const struct fake_request *request,
                                  struct fake_refusal *)
{
    const bool is_role = strcmp(request->operation->operation, "GetRole") == 0;
    ESC_CLEANUP(esc_freep) char *name = copy_text(request, is_role ? "RoleName" : "UserName");
    struct esc_json *output = say(aws, request, "{}");
    const char *kind = is_role ? "Role" : "User";
    ESC_CLEANUP(esc_freep)
    char *arn = esc_sprintf("arn:%s:iam::%s:%s/%s", aws->world.partition, request->account,
                            is_role ? "role" : "user", *name ? name : "fake");
    struct esc_json *about = esc_json_object();
    esc_json_set_text(about, "Path", "/");
    esc_json_set_text(about, is_role ? "RoleName" : "UserName", *name ? name : "fake");
    esc_json_set_text(about, is_role ? "RoleId" : "UserId", is_role ? "AROAFAKE" : "AIDAFAKE");
    esc_json_set_text(about, "Arn", arn);
    esc_json_set_text(about, "CreateDate", "2026-01-01T00:00:00+00:00");
    esc_json_set(output, kind, about);
    return output;
}

/* Keys: each there is, and hands what it allows to its account. */

static struct esc_json *key_policy(struct fake_aws *aws, const struct fake_request *request,
                                   struct fake_refusal *)
{
    ESC_CLEANUP(esc_freep)
    char *text = esc_sprintf("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                             "\"Principal\":{\"AWS\":\"arn:%s:iam::%s:root\"},"
                             "\"Action\":\"kms:*\",\"Resource\":\"*\"}]}",
                             aws->world.partition, request->account);
    struct esc_json *output = esc_json_object();
    esc_json_set_text(output, "PolicyName", "default");
    esc_json_set_text(output, "Policy", text);
    return output;
}

static struct esc_json *key_metadata(struct fake_aws *aws, const struct fake_request *request,
                                     struct fake_refusal *)
{
    struct esc_json *output = say(aws, request, "{'KeyMetadata':{'KeyManager':'CUSTOMER'}}");
    ESC_CLEANUP(esc_freep) char *key = copy_text(request, "KeyId");
    fake_set(output, "KeyMetadata.KeyId", esc_json_text(key));
    fake_set(output, "KeyMetadata.Arn", esc_json_text(key));
    return output;
}

static struct esc_json *no_grants(struct fake_aws *aws, const struct fake_request *request,
                                  struct fake_refusal *)
{
    return say(aws, request, "{'Grants':[],'Truncated':false}");
}

/* Simulate */

static struct esc_json *evaluate(struct fake_aws *aws, const struct fake_request *request,
                                 struct esc_str action, struct esc_str resource)
{
    struct esc_json *result = esc_json_object();
    const bool is_kept = esc_str_equal_nocase(action, ESC_STR("rds:DeleteDBInstance"));
    const bool is_ruled = aws->world.account_count > 1 &&
                          strcmp(request->account, aws->world.accounts[1]) == 0 &&
                          esc_str_equal_nocase(action, ESC_STR("ec2:TerminateInstances"));
    esc_json_set_str(result, "EvalActionName", action);
    esc_json_set_str(result, "EvalResourceName", resource.len ? resource : ESC_STR("*"));
    esc_json_set_text(result, "EvalDecision", is_kept || is_ruled ? "explicitDeny" : "allowed");
    esc_json_set(result, "MissingContextValues", esc_json_array());
    struct esc_json *statements = esc_json_array(), *statement = esc_json_object();
    esc_json_set_text(statement, "SourcePolicyId", "operators");
    esc_json_set_text(statement, "SourcePolicyType", "IAM Policy");
    esc_json_push(statements, statement);
    esc_json_set(result, "MatchedStatements", statements);
    fake_set(result, "OrganizationsDecisionDetail.AllowedByOrganizations",
             esc_json_bool(!is_ruled));
    return result;
}

static struct esc_json *simulate(struct fake_aws *aws, const struct fake_request *request,
                                 struct fake_refusal *refusal)
{
    const size_t actions = fake_param_count(request, "ActionNames");
    const size_t given = fake_param_count(request, "ResourceArns");
    const size_t resources = given ? given : 1;
    size_t size = 0;
    if (esc_str_contains(fake_param_text(request, "PolicySourceArn"), ESC_STR(":sts:"))) {
        (void)fake_refuse(refusal, 400, "InvalidInput",
                          "Invalid Entity Arn: it does not clearly define entity type and name.");
        return NULL;
    }
    if (!fake_page_size(aws, request, &size, refusal))
        return NULL;
    struct esc_json *output = esc_json_object(), *results = esc_json_array();
    size_t at = request->offset;
    for (; at < actions * resources && at - request->offset < size; at++)
        esc_json_push(results,
                      evaluate(aws, request, fake_param_at(request, "ActionNames", at / resources),
                               fake_param_at(request, "ResourceArns", at % resources)));
    esc_json_set(output, "EvaluationResults", results);
    esc_json_set_bool(output, "IsTruncated", at < actions * resources);
    if (at < actions * resources) {
        char token[FAKE_PAGE_TOKEN_SIZE];
        fake_page_token(request, at, request->page + 1, token);
        esc_json_set_text(output, "Marker", token);
    }
    return output;
}

typedef struct esc_json *answer_fn(struct fake_aws *aws, const struct fake_request *request,
                                   struct fake_refusal *refusal);

static const struct {
    const char *service, *operation;
    answer_fn *answer;
} answers[] = {
    {"sts", "GetCallerIdentity", caller},
    {"sts", "AssumeRole", assume},
    {"ec2", "DescribeRegions", regions},
    {"account", "ListRegions", regions},
    {"organizations", "ListAccounts", accounts},
    {"organizations", "DescribeOrganization", organisation},
    {"organizations", "ListParents", parents},
    {"organizations", "ListPoliciesForTarget", policies_above},
    {"organizations", "DescribePolicy", policy_above},
    {"iam", "ListAttachedRolePolicies", attached},
    {"iam", "ListAttachedUserPolicies", attached},
    {"iam", "ListRolePolicies", no_policies},
    {"iam", "ListUserPolicies", no_policies},
    {"iam", "ListGroupsForUser", no_groups},
    {"iam", "GetPolicy", policy},
    {"iam", "GetPolicyVersion", policy_version},
    {"iam", "GetRole", principal},
    {"iam", "GetUser", principal},
    {"iam", "SimulatePrincipalPolicy", simulate},
    {"kms", "DescribeKey", key_metadata},
    {"kms", "GetKeyPolicy", key_policy},
    {"kms", "ListGrants", no_grants},
};

struct esc_json *fake_answer_identity(struct fake_aws *aws, const struct fake_request *request,
                                      struct fake_refusal *refusal)
{
    for (size_t i = 0; i < ESC_COUNT(answers); i++)
        if (strcmp(answers[i].service, request->operation->service) == 0 &&
            strcmp(answers[i].operation, request->operation->operation) == 0)
            return answers[i].answer(aws, request, refusal);
    return NULL;
}
