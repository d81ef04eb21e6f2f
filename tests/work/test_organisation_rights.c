/* SPDX-License-Identifier: Apache-2.0 */

/*
 * An organisation whose management account reads what stands above its accounts: what may be done
 * in a member is decided by that, with the statement; where it may not be read, all is as before.
 */

#include <stdlib.h>
#include <string.h>

#include "escher/store/document.h"
#include "escher/work/permission_private.h"
#include "tests/work/cloud_desk.h"

#define MANAGEMENT "111111111111"
#define MEMBER "222222222222"
#define DELEGATE "333333333333"
static const char *const accounts[] = {MANAGEMENT, MEMBER, NULL};
static const char *const three_accounts[] = {MANAGEMENT, MEMBER, DELEGATE, NULL};
static const char *const regions[] = {"us-west-2", NULL};

static struct esc_error err;

static struct esc_json *ask(struct cloud_desk *at, const char *path, const char *more)
{
    ESC_CLEANUP(esc_freep) char *keys = cloud_desk_keys(MANAGEMENT, "us-west-2");
    ESC_CLEANUP(esc_freep) char *body = esc_sprintf("{%s,%s}", more, keys);
    return desk_expect(&at->desk, ESC_OK, "POST", path, body);
}

/* Both accounts, the member by a role of the management account. */
static int open_cloud(void **state)
{
    struct cloud_desk *at = esc_alloc_zero(sizeof *at);
    struct fake_aws_options options = {
        .seed = 9, .size = 120, .accounts = accounts, .regions = regions};
    cloud_desk_open(at, &options);
    assert_int_equal(0, setenv("ESCHER_TRANSPORT", "native", 1));
    ESC_CLEANUP(esc_freep)
    char *more =
        esc_sprintf("\"id\":\"" MEMBER "\",\"name\":\"member\",\"regions\":[\"us-west-2\"],"
                    "\"role_arn\":\"arn:aws:iam::" MEMBER ":role/reader\","
                    "\"endpoint_url\":\"%s\"",
                    fake_aws_url(at->cloud));
    esc_json_free(ask(at, "/api/accounts", more));
    *state = at;
    return 0;
}

static void sync_service(struct cloud_desk *at, const char *service)
{
    ESC_CLEANUP(esc_freep) char *more = esc_sprintf("\"service\":\"%s\"", service);
    esc_json_free(ask(at, "/api/sync", more));
}

/* What is told of an action on the first instance of the member. */
static struct esc_json *told(struct cloud_desk *at, const char *action)
{
    ESC_CLEANUP(esc_freep)
    char *id = fake_aws_id(at->cloud, "ec2_instance", MEMBER, "us-west-2", 0);
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"text\":\"%s\",\"action\":\"%s\"}", id, action);
    ESC_CLEANUP(esc_json_freep)
    struct esc_json *page = desk_expect(&at->desk, ESC_OK, "POST", "/api/can", body);
    const struct esc_json *one = esc_json_get(page, "actions[0]");
    assert_non_null(one);
    return esc_json_copy(one);
}

static void expect_told(struct cloud_desk *at, const char *action, const char *verdict)
{
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = told(at, action);
    if (!esc_text_equal(esc_json_str(page, "verdict", ""), verdict)) {
        ESC_CLEANUP(esc_freep) char *text = esc_json_print(page, ESC_JSON_COMPACT);
        fail_msg("%s is not %s: %s", action, verdict, text);
    }
}

static void in_a_member_account_the_organisations_statement_decides(void **state)
{
    struct cloud_desk *at = *state;
    sync_service(at, "ec2");
    expect_told(at, "ec2:StopInstances", "allowed");
    ESC_CLEANUP(esc_json_freep) struct esc_json *page = told(at, "ec2:TerminateInstances");
    assert_string_equal("denied", esc_json_str(page, "verdict", ""));
    assert_string_equal("scp", esc_json_str(page, "layer", ""));
    assert_string_equal("keep-running (p-fakerule)", esc_json_str(page, "policy", ""));
    assert_string_equal("KeepRunning", esc_json_str(page, "statement.sid", ""));
    assert_int_equal(0, fake_aws_calls(at->cloud, "iam", "SimulatePrincipalPolicy"));
    assert_int_equal(3,
                     fake_aws_calls(at->cloud, "organizations", "DescribePolicy")); /* each once */
}

/* The management account is asked about its members and nobody else, whoever the book has besides. */
static void ids_of_other_accounts_are_not_told(void **state)
{
    struct cloud_desk *at = *state;
    ESC_CLEANUP(esc_freep)
    char *more = esc_sprintf("\"id\":\"333333333333\",\"name\":\"foreign\",\"regions\":"
                             "[\"us-west-2\"],\"endpoint_url\":\"%s\"",
                             fake_aws_url(at->cloud));
    esc_json_free(ask(at, "/api/accounts", more));
    esc_json_free(
        ask(at, "/api/sync", "\"service\":\"ec2\",\"accounts\":[\"" MANAGEMENT "\",\"member\"]"));
    expect_told(at, "ec2:StopInstances", "allowed");
    /* of the member and of its unit; the root has nothing above it */
    assert_int_equal(2, fake_aws_calls(at->cloud, "organizations", "ListParents"));
}

/* The member alone: its management account is not called for it. */
static void what_was_read_holds_for_a_day_without_the_management_account(void **state)
{
    struct cloud_desk *at = *state;
    sync_service(at, "ec2");
    const uint64_t calls = fake_aws_calls(at->cloud, "organizations", "ListPoliciesForTarget");
    esc_json_free(ask(at, "/api/sync", "\"service\":\"ec2\",\"account\":\"member\""));
    expect_told(at, "ec2:StopInstances", "allowed");
    assert_int_equal(calls, fake_aws_calls(at->cloud, "organizations", "ListPoliciesForTarget"));
    esc_clock_fixed_advance(&at->desk.clock, UINT64_C(25) * 3600 * 1000);
    esc_json_free(ask(at, "/api/sync", "\"service\":\"ec2\",\"account\":\"member\""));
    ESC_CLEANUP(esc_json_freep) struct esc_json *document = NULL;
    expect_ok(esc_store_doc_get(at->desk.bench->store, WORK_IAM_POLICIES, MEMBER, &document, &err));
    assert_null(esc_json_get(document, "organisation.scp"));
}

static struct esc_json *policies_of_the_member(struct cloud_desk *at)
{
    struct esc_json *document = NULL;
    expect_ok(esc_store_doc_get(at->desk.bench->store, WORK_IAM_POLICIES, MEMBER, &document, &err));
    return document;
}

#define INCREMENTAL "\"kind\":\"incremental\""

static void pass_hours(struct cloud_desk *at, uint64_t hours)
{
    esc_clock_fixed_advance(&at->desk.clock, hours * 3600 * 1000);
}

/* A member's own policies are read twenty hours after the tree, and are young when that is not. */
static void the_tree_grows_old_by_itself_wherever_it_was_put(void **state)
{
    struct cloud_desk *at = *state;
    sync_service(at, "ec2");
    pass_hours(at, 20);
    esc_json_free(ask(at, "/api/sync", "\"service\":\"ec2\",\"account\":\"member\""));
    expect_told(at, "ec2:TerminateInstances", "denied");
    pass_hours(at, 5);
    esc_json_free(ask(at, "/api/sync", INCREMENTAL ",\"account\":\"member\""));
    ESC_CLEANUP(esc_json_freep) struct esc_json *document = policies_of_the_member(at);
    assert_null(esc_json_get(document, "organisation.scp"));
    assert_null(esc_json_member(document, "organisation_read_at"));
}

/* By then its own policies are young as well: a small sync reads what stands above its members, and
 * nothing else of permissions; each member has it at once. */
static void an_old_tree_is_read_again_by_any_sync_of_its_management_account(void **state)
{
    struct cloud_desk *at = *state;
    sync_service(at, "ec2");
    pass_hours(at, 20);
    sync_service(at, "ec2");
    const uint64_t roles = fake_aws_calls(at->cloud, "iam", "GetRole");
    ESC_CLEANUP(esc_json_freep) struct esc_json *before = policies_of_the_member(at);
    pass_hours(at, 5);
    esc_json_free(ask(at, "/api/sync", INCREMENTAL));
    ESC_CLEANUP(esc_json_freep) struct esc_json *after = policies_of_the_member(at);
    assert_string_not_equal(esc_json_str(before, "organisation_read_at", ""),
                            esc_json_str(after, "organisation_read_at", ""));
    assert_string_equal(esc_json_str(before, "read_at", ""), esc_json_str(after, "read_at", ""));
    assert_int_equal(roles, fake_aws_calls(at->cloud, "iam", "GetRole"));
    expect_told(at, "ec2:TerminateInstances", "denied");
}

/* It is asked of the simulator then, and no sync fails for it. */
static void who_may_not_read_them_leaves_it_as_it_was(void **state)
{
    static const char *const operations[] = {"ListParents", "ListPoliciesForTarget",
                                             "DescribePolicy"};
    struct cloud_desk *at = *state;
    for (size_t i = 0; i < ESC_COUNT(operations); i++) {
        fake_aws_fault(at->cloud, &(struct fake_fault){.kind = FAKE_FAULT_DENIED,
                                                       .service = "organizations",
                                                       .operation = operations[i]});
        sync_service(at, "ec2");
        ESC_CLEANUP(esc_json_freep) struct esc_json *document = NULL;
        expect_ok(
            esc_store_doc_get(at->desk.bench->store, WORK_IAM_POLICIES, MEMBER, &document, &err));
        assert_string_equal("member", esc_json_str(document, "organisation.state", ""));
        assert_null(esc_json_get(document, "organisation.scp"));
        assert_true(fake_aws_calls(at->cloud, "iam", "SimulatePrincipalPolicy") > 0);
        fake_aws_heal(at->cloud);
        expect_ok(
            esc_store_doc_del(at->desk.bench->store, WORK_IAM_ORGANISATION, MANAGEMENT, &err));
    }
}

/* A book of two members, which the second's keys reach both. */
static struct cloud_desk *open_members(const char *delegate)
{
    struct cloud_desk *at = esc_alloc_zero(sizeof *at);
    struct fake_aws_options options = {.seed = 9,
                                       .size = 120,
                                       .accounts = three_accounts,
                                       .regions = regions,
                                       .delegate = delegate};
    cloud_desk_open(at, &options);
    assert_int_equal(0, setenv("ESCHER_TRANSPORT", "native", 1));
    esc_json_free(desk_expect(&at->desk, ESC_OK, "DELETE", "/api/accounts/" MANAGEMENT, NULL));
    cloud_desk_add(&at->desk, fake_aws_url(at->cloud), DELEGATE, regions);
    ESC_CLEANUP(esc_freep)
    char *body = esc_sprintf("{\"id\":\"" MEMBER "\",\"name\":\"member\",\"regions\":"
                             "[\"us-west-2\"],\"role_arn\":\"arn:aws:iam::" MEMBER
                             ":role/reader\",\"endpoint_url\":\"%s\"}",
                             fake_aws_url(at->cloud));
    esc_json_free(desk_expect(&at->desk, ESC_OK, "POST", "/api/accounts", body));
    return at;
}

static int open_delegated(void **state)
{
    *state = open_members(DELEGATE);
    return 0;
}

static int open_undelegated(void **state)
{
    *state = open_members(NULL);
    return 0;
}

static void sync_members(struct cloud_desk *at)
{
    enum esc_status status = ESC_OK;
    esc_json_free(cloud_desk_sync(&at->desk, DELEGATE, "\"service\":\"ec2\",", &status));
    assert_int_equal(ESC_OK, status);
}

static void without_the_management_account_a_member_it_has_delegated_to_is_asked(void **state)
{
    struct cloud_desk *at = *state;
    sync_members(at);
    expect_told(at, "ec2:StopInstances", "allowed");
    expect_told(at, "ec2:TerminateInstances", "denied");
    assert_int_equal(0, fake_aws_calls(at->cloud, "iam", "SimulatePrincipalPolicy"));
    const uint64_t calls = fake_aws_calls(at->cloud, "organizations", "ListPoliciesForTarget");
    esc_clock_fixed_advance(&at->desk.clock, UINT64_C(1) * 3600 * 1000);
    enum esc_status status = ESC_OK;
    esc_json_free(cloud_desk_sync(&at->desk, DELEGATE, INCREMENTAL ",", &status));
    assert_int_equal(calls, fake_aws_calls(at->cloud, "organizations", "ListPoliciesForTarget"));
}

/* Each member is asked one thing, and that it may not is no failure of its own. */
static void members_that_were_delegated_nothing_stay_with_the_simulator(void **state)
{
    struct cloud_desk *at = *state;
    sync_members(at);
    assert_true(fake_aws_calls(at->cloud, "iam", "SimulatePrincipalPolicy") > 0);
    assert_int_equal(2, fake_aws_calls(at->cloud, "organizations", "ListParents"));
    assert_int_equal(0, fake_aws_calls(at->cloud, "organizations", "ListPoliciesForTarget"));
    ESC_CLEANUP(esc_json_freep) struct esc_json *document = policies_of_the_member(at);
    assert_string_equal("member", esc_json_str(document, "organisation.state", ""));
    assert_int_equal(0, esc_json_len(esc_json_member(document, "refused")));
}

#define WITH_CLOUD(test) cmocka_unit_test_setup_teardown(test, open_cloud, cloud_desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CLOUD(in_a_member_account_the_organisations_statement_decides),
        WITH_CLOUD(ids_of_other_accounts_are_not_told),
        WITH_CLOUD(what_was_read_holds_for_a_day_without_the_management_account),
        WITH_CLOUD(the_tree_grows_old_by_itself_wherever_it_was_put),
        WITH_CLOUD(an_old_tree_is_read_again_by_any_sync_of_its_management_account),
        WITH_CLOUD(who_may_not_read_them_leaves_it_as_it_was),
        cmocka_unit_test_setup_teardown(
            without_the_management_account_a_member_it_has_delegated_to_is_asked, open_delegated,
            cloud_desk_teardown),
        cmocka_unit_test_setup_teardown(members_that_were_delegated_nothing_stay_with_the_simulator,
                                        open_undelegated, cloud_desk_teardown),
    };
    return cmocka_run_group_tests_name("work/organisation_rights", tests, NULL, NULL);
}
