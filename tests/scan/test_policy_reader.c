/* SPDX-License-Identifier: Apache-2.0 */
#include "escher/scan/policy_reader.h"

#include <stdlib.h>
#include <string.h>

#include "escher/base/alloc.h"
#include "escher/base/map.h"
#include "escher/scan/caller.h"
#include "tests/support/test.h"

/*
 * A cloud with one user, one role and one group, which refuses what it is told to refuse. It
 * answers at the next turn of the loop, the last call first.
 */
static const struct {
    const char *call, *output;
} answers[] = {
    {"GetUser ada",
     "{\"User\": {\"Arn\": \"arn:aws:iam::123456789012:user/ops/ada\", \"Tags\": [{\"Key\":"
     " \"team\", \"Value\": \"core\"}], \"PermissionsBoundary\": {\"PermissionsBoundaryArn\":"
     " \"arn:aws:iam::123456789012:policy/limits\"}}}"},
    {"ListAttachedUserPolicies ada",
     "{\"AttachedPolicies\": [{\"PolicyName\": \"ReadOnlyAccess\", \"PolicyArn\":"
     " \"arn:aws:iam::aws:policy/ReadOnlyAccess\"}]}"},
    {"ListUserPolicies ada", "{\"PolicyNames\": [\"own\"]}"},
    {"GetUserPolicy ada own", "{\"PolicyDocument\": {\"Statement\": [\"own\"]}}"},
    {"ListGroupsForUser ada", "{\"Groups\": [{\"GroupName\": \"ops\"}]}"},
    {"ListAttachedGroupPolicies ops",
     "{\"AttachedPolicies\": [{\"PolicyArn\": \"arn:aws:iam::aws:policy/ReadOnlyAccess\"}]}"},
    {"ListGroupPolicies ops", "{\"PolicyNames\": [\"stops\"]}"},
    {"GetGroupPolicy ops stops", "{\"PolicyDocument\": {\"Statement\": [\"stops\"]}}"},
    {"GetPolicy arn:aws:iam::aws:policy/ReadOnlyAccess",
     "{\"Policy\": {\"DefaultVersionId\": \"v7\"}}"},
    {"GetPolicyVersion arn:aws:iam::aws:policy/ReadOnlyAccess v7",
     "{\"PolicyVersion\": {\"Document\": {\"Statement\": [\"read\"]}}}"},
    {"GetPolicy arn:aws:iam::123456789012:policy/limits",
     "{\"Policy\": {\"DefaultVersionId\": \"v1\"}}"},
    {"GetPolicyVersion arn:aws:iam::123456789012:policy/limits v1",
     "{\"PolicyVersion\": {\"Document\": \"%7B%22Statement%22%3A%5B%22limits%22%5D%7D\"}}"},
    {"GetRole Developer",
     "{\"Role\": {\"Arn\": \"arn:aws:iam::123456789012:role/aws-reserved/Developer\"}}"},
    {"ListAttachedRolePolicies Developer", "{\"AttachedPolicies\": []}"},
    {"ListRolePolicies Developer", "{\"PolicyNames\": [\"own\"]}"},
    {"GetRolePolicy Developer own", "{\"PolicyDocument\": {\"Statement\": [\"own\"]}}"},
    {"DescribeOrganization",
     "{\"Organization\": {\"Id\": \"o-1\", \"MasterAccountId\": \"999999999999\"}}"},
};

struct refusal {
    const char *call; /* beginning of it */
    enum esc_error_category category;
    const char *code;
    unsigned times; /* 0: always */
};

struct cloud {
    struct esc_loop *loop;
    struct esc_clock_fixed clock;
    struct esc_account *account;
    const char *caller;
    const char *features;   /* of the organisation; NULL: not told */
    const char *lie, *lied; /* what it answers to one call instead; NULL */
    struct refusal refusal;
    struct esc_list pending; /* struct pending * */
    unsigned calls, most_pending;
    bool ticking, done;
    unsigned cancel_after;
    struct esc_policy_reader *reader;
    struct esc_json *set;
};

struct pending {
    struct cloud *cloud;
    char *call;
    esc_scan_answer_fn *done;
    void *token;
    bool cancelled;
};

static bool is_refused(struct cloud *cloud, const char *call)
{
    struct refusal *refusal = &cloud->refusal;
    if (!refusal->call || !esc_str_starts_with(esc_str_of(call), esc_str_of(refusal->call)))
        return false;
    if (refusal->times && --refusal->times == 0)
        refusal->call = NULL;
    return true;
}

static char *output_of(const struct cloud *cloud, const char *call)
{
    if (esc_text_equal(call, "GetCallerIdentity"))
        return esc_sprintf("{\"Arn\": \"%s\", \"UserId\": \"AID1\"}", cloud->caller);
    if (esc_text_equal(call, cloud->lie))
        return esc_strdup(cloud->lied);
    if (cloud->features && esc_text_equal(call, "DescribeOrganization"))
        return esc_sprintf("{\"Organization\": {\"MasterAccountId\": \"999999999999\","
                           " \"FeatureSet\": \"%s\"}}",
                           cloud->features);
    if (esc_str_contains(esc_str_of(call), ESC_STR("AWSReservedSSO_")))
        return esc_strdup("{}");
    for (size_t i = 0; i < ESC_COUNT(answers); i++)
        if (esc_text_equal(call, answers[i].call))
            return esc_strdup(answers[i].output);
    fail_msg("nobody answers %s", call);
    return NULL;
}

static void give(struct pending *pending)
{
    struct cloud *cloud = pending->cloud;
    struct esc_error err;
    struct esc_scan_answer answer = {0};
    ESC_CLEANUP(esc_json_freep) struct esc_json *output = NULL;
    const enum esc_error_category category = cloud->refusal.category;
    const char *code = cloud->refusal.code;
    if (pending->cancelled) {
        answer.category = ESC_CATEGORY_CANCELLED;
    } else if (is_refused(cloud, pending->call)) {
        answer.category = category;
        answer.code = code;
        answer.message = "no";
    } else {
        ESC_CLEANUP(esc_freep) char *text = output_of(cloud, pending->call);
        expect_ok(esc_json_parse(esc_str_of(text), NULL, &output, &err));
        answer.output = output;
    }
    pending->done(pending->token, &answer);
    free(pending->call);
    free(pending);
}

static void tick(void *context)
{
    struct cloud *cloud = context;
    cloud->ticking = false;
    while (cloud->pending.count)
        give(esc_list_remove(&cloud->pending, cloud->pending.count - 1));
}

static void *make_call(void *context, const struct esc_scan_call *call, esc_scan_answer_fn *done,
                       void *token)
{
    struct cloud *cloud = context;
    struct pending *pending = esc_alloc_zero(sizeof *pending);
    struct esc_buf text;
    void *position = NULL;
    const char *key;
    const struct esc_json *value;
    esc_buf_init(&text, 4096);
    esc_buf_add_text(&text, call->operation->operation);
    while (esc_json_next(call->params, &position, &key, &value))
        esc_buf_printf(&text, " %s", esc_json_str(value, "", ""));
    *pending = (struct pending){cloud, esc_buf_take(&text), done, token, false};
    esc_list_push(&cloud->pending, pending);
    cloud->calls++;
    if (cloud->pending.count > cloud->most_pending)
        cloud->most_pending = (unsigned)cloud->pending.count;
    if (!cloud->ticking)
        esc_loop_post(cloud->loop, tick, cloud);
    cloud->ticking = true;
    if (cloud->calls == cloud->cancel_after)
        esc_policy_reader_cancel(cloud->reader);
    return pending;
}

static void cancel_call(void *, void *handle)
{
    ((struct pending *)handle)->cancelled = true;
}

static void take_set(void *context, struct esc_json *set)
{
    struct cloud *cloud = context;
    cloud->set = set;
    cloud->done = true;
}

static bool is_done(void *context)
{
    return ((struct cloud *)context)->done;
}

#define THE_USER "arn:aws:iam::123456789012:user/ops/ada"
#define THE_ROLE "arn:aws:sts::123456789012:assumed-role/Developer/ada"

static void begin(struct cloud *cloud, const char *caller)
{
    struct esc_error err;
    *cloud = (struct cloud){.caller = caller};
    expect_ok(esc_loop_new(&cloud->loop, &err));
    esc_clock_fixed_init(&cloud->clock, 1'795'000'000'000);
    cloud->account = esc_account_new();
    cloud->account->id = esc_strdup("123456789012");
    cloud->account->name = esc_strdup("production");
}

/* What the reader makes of the cloud, also in cloud->set. */
static const struct esc_json *read_all(struct cloud *cloud)
{
    const struct esc_policy_reader_options options = {
        .account = cloud->account,
        .region = "us-east-1",
        .workers = 3,
        .max_attempts = 3,
        .clock = &cloud->clock.clock,
        .call = make_call,
        .cancel_call = cancel_call,
        .done = take_set,
        .context = cloud,
    };
    cloud->reader = esc_policy_reader_start(cloud->loop, &options);
    assert_true(esc_loop_run_until(cloud->loop, is_done, cloud));
    return cloud->set;
}

static void end(struct cloud *cloud)
{
    esc_json_free(cloud->set);
    esc_account_free(cloud->account);
    esc_list_done(&cloud->pending);
    esc_loop_free(cloud->loop);
}

/* The labels of a layer's policies, one a line. */
static char *labels(const struct esc_json *set, const char *layer)
{
    struct esc_buf text;
    const struct esc_json *policies = esc_json_get(esc_json_member(set, layer), "policies");
    esc_buf_init(&text, 4096);
    for (size_t i = 0; i < esc_json_len(policies); i++)
        esc_buf_printf(&text, "%s%s", i ? "; " : "",
                       esc_json_str(esc_json_at(policies, i), "label", ""));
    return esc_buf_take(&text);
}

static void an_arn_tells_who_is_calling(void **)
{
    static const struct {
        const char *arn, *kind, *name, *session;
    } cases[] = {
        {"arn:aws:iam::123456789012:user/ada", "user", "ada", NULL},
        {"arn:aws:iam::123456789012:user/a/b/ada", "user", "ada", NULL},
        {"arn:aws-cn:sts::123456789012:assumed-role/Dev/ada", "role", "Dev", "ada"},
        {"arn:aws:iam::123456789012:root", "root", NULL, NULL},
        {"arn:aws:sts::123456789012:federated-user/ada", "federated", "ada", NULL},
        {"arn:aws:sts::123456789012:assumed-role/Dev", "unknown", NULL, NULL},
        {"arn:aws:sts::123456789012:assumed-role//x", "unknown", NULL, NULL},
        {"arn:aws:iam::12345:user/ada", "unknown", NULL, NULL},
        {"arn:aws:s3:::user", "unknown", NULL, NULL},
        {"ada", "unknown", NULL, NULL},
        {NULL, "unknown", NULL, NULL},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct esc_caller_arn caller;
        const bool known = esc_caller_arn_read(cases[i].arn, &caller);
        assert_string_equal(cases[i].kind, esc_caller_kind_text(caller.kind));
        assert_int_equal(known, caller.kind != ESC_CALLER_UNKNOWN);
        assert_true(esc_text_equal(cases[i].name, caller.name));
        assert_true(esc_text_equal(cases[i].session, caller.session));
        esc_caller_arn_done(&caller);
    }
}

static void a_user_has_own_attached_and_group_policies_and_a_boundary(void **)
{
    struct cloud cloud;
    begin(&cloud, THE_USER);
    const struct esc_json *set = read_all(&cloud);
    ESC_CLEANUP(esc_freep) char *identity = labels(set, "identity");
    ESC_CLEANUP(esc_freep) char *boundary = labels(set, "boundary");
    assert_true(esc_str_starts_with(esc_str_of(identity), ESC_STR("ReadOnlyAccess, attached to ")));
    assert_true(esc_str_ends_with(esc_str_of(identity),
                                  ESC_STR("; own, of the user ada; stops, of the group ops")));
    assert_string_equal("limits, the boundary of ada", boundary);
    assert_null(esc_json_get(set, "identity.unread"));
    assert_string_equal("core", esc_json_str(set, "tags.team", ""));
    assert_string_equal(THE_USER, esc_json_str(set, "caller.iam_arn", ""));
    assert_string_equal("member", esc_json_str(set, "organisation.state", ""));
    assert_int_equal(14, cloud.calls); /* the policy that is attached twice is read once */
    assert_int_equal(14, esc_json_num(set, "calls", 0));
    assert_true(cloud.most_pending <= 3);
    end(&cloud);
}

static void a_role_gets_its_path_from_get_role(void **)
{
    struct cloud cloud;
    begin(&cloud, THE_ROLE);
    const struct esc_json *set = read_all(&cloud);
    ESC_CLEANUP(esc_freep) char *identity = labels(set, "identity");
    assert_string_equal("own, of the role Developer", identity);
    assert_string_equal("arn:aws:iam::123456789012:role/aws-reserved/Developer",
                        esc_json_str(set, "caller.iam_arn", ""));
    assert_string_equal("ada", esc_json_str(set, "caller.session", ""));
    assert_null(esc_json_member(set, "boundary"));
    assert_int_equal(6, cloud.calls);
    end(&cloud);
}

static void each_refused_read_costs_its_own_layer(void **)
{
    static const struct {
        const char *caller, *call, *identity, *boundary, *organisation;
    } cases[] = {
        {THE_USER, "GetCallerIdentity", "sts:GetCallerIdentity: AccessDenied",
         "sts:GetCallerIdentity: AccessDenied", "sts:GetCallerIdentity: AccessDenied"},
        {THE_USER, "GetUser ", NULL, "iam:GetUser: AccessDenied", NULL},
        {THE_USER, "ListAttachedUserPolicies", "iam:ListAttachedUserPolicies: AccessDenied", NULL,
         NULL},
        {THE_USER, "ListUserPolicies", "iam:ListUserPolicies: AccessDenied", NULL, NULL},
        {THE_USER, "GetUserPolicy", "iam:GetUserPolicy: AccessDenied", NULL, NULL},
        {THE_USER, "ListGroupsForUser", "iam:ListGroupsForUser: AccessDenied", NULL, NULL},
        {THE_USER, "ListAttachedGroupPolicies", "iam:ListAttachedGroupPolicies: AccessDenied", NULL,
         NULL},
        {THE_USER, "ListGroupPolicies", "iam:ListGroupPolicies: AccessDenied", NULL, NULL},
        {THE_USER, "GetGroupPolicy", "iam:GetGroupPolicy: AccessDenied", NULL, NULL},
        {THE_USER, "GetPolicy arn:aws:iam::aws:", "iam:GetPolicy: AccessDenied", NULL, NULL},
        {THE_USER, "GetPolicyVersion arn:aws:iam::aws:", "iam:GetPolicyVersion: AccessDenied", NULL,
         NULL},
        {THE_USER, "GetPolicy arn:aws:iam::1", NULL, "iam:GetPolicy: AccessDenied", NULL},
        {THE_USER, "GetPolicyVersion arn:aws:iam::1", NULL, "iam:GetPolicyVersion: AccessDenied",
         NULL},
        {THE_USER, "DescribeOrganization", NULL, NULL,
         "organizations:DescribeOrganization: AccessDenied"},
        {THE_ROLE, "GetRole ", NULL, "iam:GetRole: AccessDenied", NULL},
        {THE_ROLE, "ListAttachedRolePolicies", "iam:ListAttachedRolePolicies: AccessDenied", NULL,
         NULL},
        {THE_ROLE, "ListRolePolicies", "iam:ListRolePolicies: AccessDenied", NULL, NULL},
        {THE_ROLE, "GetRolePolicy", "iam:GetRolePolicy: AccessDenied", NULL, NULL},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct cloud cloud;
        begin(&cloud, cases[i].caller);
        cloud.refusal = (struct refusal){cases[i].call, ESC_CATEGORY_PERMISSION, "AccessDenied", 0};
        const struct esc_json *set = read_all(&cloud);
        const char *identity = esc_json_str(set, "identity.unread", NULL);
        const char *boundary = esc_json_str(set, "boundary.unread", NULL);
        const char *organisation = esc_json_str(set, "organisation.why", NULL);
        if (!esc_text_equal(cases[i].identity, identity) ||
            !esc_text_equal(cases[i].boundary, boundary) ||
            !esc_text_equal(cases[i].organisation, organisation))
            fail_msg("%s: %s | %s | %s", cases[i].call, identity, boundary, organisation);
        assert_true(esc_json_len(esc_json_member(set, "refused")) >= 1);
        end(&cloud);
    }
}

static void without_an_organisation_no_policy_of_one_applies(void **)
{
    struct cloud cloud;
    begin(&cloud, THE_ROLE);
    cloud.refusal = (struct refusal){"DescribeOrganization", ESC_CATEGORY_UNKNOWN,
                                     "AWSOrganizationsNotInUseException", 0};
    const struct esc_json *set = read_all(&cloud);
    assert_string_equal("none", esc_json_str(set, "organisation.state", ""));
    assert_int_equal(0, esc_json_len(esc_json_member(set, "refused")));
    end(&cloud);
}

static void an_organisation_that_only_shares_a_bill_has_no_policies(void **)
{
    struct cloud cloud;
    begin(&cloud, THE_ROLE);
    cloud.features = "CONSOLIDATED_BILLING";
    const struct esc_json *set = read_all(&cloud);
    assert_string_equal("billing", esc_json_str(set, "organisation.state", ""));
    end(&cloud);
}

/* That nothing stands in an answer is not that there is nothing. */
static void an_answer_that_says_nothing_leaves_its_layer_unread(void **)
{
    static const struct {
        const char *call, *output, *layer, *why;
    } cases[] = {
        {"GetUser ada", "{}", "boundary", "iam:GetUser gave no such one"},
        {"GetUser ada", "{\"User\": []}", "boundary", "iam:GetUser gave no such one"},
        {"GetUser ada",
         "{\"User\": {\"Arn\": \"arn:aws:iam::123456789012:user/ada\","
         " \"PermissionsBoundary\": {\"PermissionsBoundaryType\": \"Policy\"}}}",
         "boundary", "iam:GetUser gave no name of a boundary"},
        {"ListUserPolicies ada", "{}", "identity", "iam:ListUserPolicies gave no list"},
        {"ListUserPolicies ada", "{\"PolicyNames\": \"own\"}", "identity",
         "iam:ListUserPolicies gave no list"},
        {"ListUserPolicies ada", "{\"PolicyNames\": [7]}", "identity",
         "iam:ListUserPolicies gave no name of a policy"},
        {"ListAttachedUserPolicies ada", "[]", "identity",
         "iam:ListAttachedUserPolicies gave no list"},
        {"ListAttachedUserPolicies ada", "{\"AttachedPolicies\": [{}]}", "identity",
         "iam:ListAttachedUserPolicies gave no name of a policy"},
        {"ListGroupsForUser ada", "{\"Groups\": {}}", "identity",
         "iam:ListGroupsForUser gave no list"},
        {"ListGroupsForUser ada", "{\"Groups\": [[]]}", "identity",
         "iam:ListGroupsForUser gave no name of a group"},
        {"GetUserPolicy ada own", "{}", "identity", "iam:GetUserPolicy gave no document"},
        {"GetPolicy arn:aws:iam::aws:policy/ReadOnlyAccess", "{}", "identity",
         "a policy has no default version"},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct cloud cloud;
        begin(&cloud, THE_USER);
        cloud.lie = cases[i].call;
        cloud.lied = cases[i].output;
        const struct esc_json *layer = esc_json_member(read_all(&cloud), cases[i].layer);
        assert_string_equal(cases[i].why, esc_json_str(layer, "unread", "it was read"));
        end(&cloud);
    }
}

static void a_policy_of_megabytes_is_not_kept(void **)
{
    struct cloud cloud;
    struct esc_buf text;
    esc_buf_init(&text, 16 * 1024 * 1024);
    esc_buf_add_text(&text, "{\"PolicyDocument\": {\"Statement\": [\"");
    for (size_t i = 0; i < 6 * 1024; i++)
        esc_buf_printf(&text, "%01023d ", 7);
    esc_buf_add_text(&text, "\"]}}");
    begin(&cloud, THE_USER);
    cloud.lie = "GetUserPolicy ada own";
    cloud.lied = esc_buf_text(&text);
    const struct esc_json *set = read_all(&cloud);
    ESC_CLEANUP(esc_freep) char *kept = esc_json_print(set, ESC_JSON_COMPACT);
    assert_string_equal("iam:GetUserPolicy gave no document of a size that a policy may have",
                        esc_json_str(set, "identity.unread", ""));
    assert_true(strlen(kept) < 10'000);
    end(&cloud);
    esc_buf_done(&text);
}

/* Whoever makes a session may narrow it: only of those that we, AWS SSO and machines have made is it
 * known that nobody did. */
static void a_session_of_unknown_making_leaves_its_layer_open(void **)
{
    static const struct {
        const char *role, *session;
        bool is_whole, by_keys;
    } cases[] = {
        {"Developer", "ada", false, false},
        {"Developer", "escher-scan", true, false},
        {"Developer", "escher-scan", false, true}, /* whoever gave the keys has made it */
        {"Developer", "i-0123456789abcdef0", true, false},
        {"Developer", "i-01234567", true, false},
        {"Developer", "i-am-ada", false, false},
        {"AWSReservedSSO_Developer_0123456789abcdef", "ada@example.com", true, false},
    };
    for (size_t i = 0; i < ESC_COUNT(cases); i++) {
        struct cloud cloud;
        ESC_CLEANUP(esc_freep)
        char *arn = esc_sprintf("arn:aws:sts::123456789012:assumed-role/%s/%s", cases[i].role,
                                cases[i].session);
        begin(&cloud, arn);
        cloud.account->profile = cases[i].by_keys ? NULL : esc_strdup("work");
        const struct esc_json *set = read_all(&cloud);
        assert_int_equal(cases[i].is_whole, esc_json_member(set, "session") == NULL);
        end(&cloud);
    }
}

static void what_is_throttled_is_asked_again(void **)
{
    struct cloud cloud;
    begin(&cloud, THE_ROLE);
    cloud.refusal = (struct refusal){"GetRolePolicy", ESC_CATEGORY_THROTTLE, "Throttling", 2};
    const struct esc_json *set = read_all(&cloud);
    assert_null(esc_json_get(set, "identity.unread"));
    assert_int_equal(8, cloud.calls);
    end(&cloud);
    begin(&cloud, THE_ROLE);
    cloud.refusal = (struct refusal){"GetRolePolicy", ESC_CATEGORY_THROTTLE, "Throttling", 0};
    set = read_all(&cloud);
    assert_string_equal("iam:GetRolePolicy: Throttling", esc_json_str(set, "identity.unread", ""));
    end(&cloud);
}

static void root_may_all_that_the_organisation_leaves(void **)
{
    struct cloud cloud;
    begin(&cloud, "arn:aws:iam::123456789012:root");
    const struct esc_json *set = read_all(&cloud);
    ESC_CLEANUP(esc_freep) char *identity = labels(set, "identity");
    assert_string_equal("the rights of the root user", identity);
    assert_int_equal(2, cloud.calls);
    end(&cloud);
}

static void of_a_federated_session_nothing_can_be_read(void **)
{
    struct cloud cloud;
    begin(&cloud, "arn:aws:sts::123456789012:federated-user/ada");
    const struct esc_json *set = read_all(&cloud);
    assert_non_null(esc_json_get(set, "identity.unread"));
    assert_non_null(esc_json_get(set, "boundary.unread"));
    assert_non_null(esc_json_get(set, "session.unread"));
    end(&cloud);
}

static void keys_of_another_account_tell_nothing(void **)
{
    struct cloud cloud;
    begin(&cloud, "arn:aws:iam::999999999999:user/ada");
    const struct esc_json *set = read_all(&cloud);
    assert_string_equal("unknown", esc_json_str(set, "caller.kind", ""));
    assert_string_equal("who is calling could not be told",
                        esc_json_str(set, "identity.unread", ""));
    assert_int_equal(2, cloud.calls);
    end(&cloud);
}

static void it_can_be_cancelled_after_each_call(void **)
{
    for (unsigned after = 1; after <= 14; after++) {
        struct cloud cloud;
        begin(&cloud, THE_USER);
        cloud.cancel_after = after;
        assert_null(read_all(&cloud));
        assert_true(cloud.calls <= after + 2);
        end(&cloud);
    }
}

static void equal_policies_make_equal_documents_whatever_comes_first(void **)
{
    struct cloud one, other;
    begin(&one, THE_USER);
    begin(&other, THE_USER);
    other.refusal = (struct refusal){"GetUserPolicy", ESC_CATEGORY_THROTTLE, "Throttling", 1};
    const struct esc_json *first = read_all(&one), *second = read_all(&other);
    assert_true(
        esc_json_equal(esc_json_member(first, "boundary"), esc_json_member(second, "boundary")));
    assert_int_equal(esc_json_len(esc_json_get(first, "identity.policies")),
                     esc_json_len(esc_json_get(second, "identity.policies")));
    end(&one);
    end(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arn_tells_who_is_calling),
        cmocka_unit_test(a_user_has_own_attached_and_group_policies_and_a_boundary),
        cmocka_unit_test(a_role_gets_its_path_from_get_role),
        cmocka_unit_test(each_refused_read_costs_its_own_layer),
        cmocka_unit_test(without_an_organisation_no_policy_of_one_applies),
        cmocka_unit_test(what_is_throttled_is_asked_again),
        cmocka_unit_test(an_answer_that_says_nothing_leaves_its_layer_unread),
        cmocka_unit_test(a_policy_of_megabytes_is_not_kept),
        cmocka_unit_test(an_organisation_that_only_shares_a_bill_has_no_policies),
        cmocka_unit_test(a_session_of_unknown_making_leaves_its_layer_open),
        cmocka_unit_test(root_may_all_that_the_organisation_leaves),
        cmocka_unit_test(of_a_federated_session_nothing_can_be_read),
        cmocka_unit_test(keys_of_another_account_tell_nothing),
        cmocka_unit_test(it_can_be_cancelled_after_each_call),
        cmocka_unit_test(equal_policies_make_equal_documents_whatever_comes_first),
    };
    return cmocka_run_group_tests_name("scan/policy_reader", tests, NULL, NULL);
}
